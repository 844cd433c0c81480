"""``python -m tests.benchmarks``: our whole verdict against the floor, in one run, with interleaved medians.

The floor is what reading the body costs without judging it: ``orjson.loads``, and lxml's parse with the same hardening as
ours. jsonschema and xmlschema are measured alone, on the body's structure only. Our verdict is the whole one: headers,
query, body, 21 rules and reference data. The refusal is one with three faults and its rendered error body.
"""

import json
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
import xmlschema
from jsonschema import Draft202012Validator
from lxml import etree

from tests.bodies import Members, to_xml
from validator import Caller, Engine, Request, Snapshot, load
from validator.operation.home import shipped_fixtures, shipped_schemas

FOLDER: Final = shipped_schemas() / "create-email-response"
ROUNDS: Final = 41
TURN: Final = 0.004  # seconds that one measure of a round lasts, about
WRAPPERS: Final = {"attachments", "customAttributes"}
TO_REACH: Final = {("JSON", "small"): 8, ("JSON", "large"): 2.5, ("XML", "small"): 6, ("XML", "large"): 2}
REFUSAL: Final = 30
HEADERS: Final = (
    ("Host", "api.business.com"),
    ("User-Agent", "client/1.0"),
    ("Accept", "application/json"),
    ("Accept-Language", "en-US,en;q=0.9"),
    ("Content-Length", "0"),
)

SMALL: Final[dict[str, Any]] = {
    "type": {"value": "email", "subtype": {"value": "general"}},
    "subject": "Issue with mobile phone",
    "payload": {
        "email": {
            "content": {
                "text": "This is the issue",
                "html": "<HTML><HEAD><TITLE></TITLE></HEAD><BODY><P>This is it <BR> <IMG SRC='cid:logo'></P></BODY></HTML>",
            },
            "emailAddresses": {"receiver": "support@business.com", "replyTo": "jhenry@customer.com"},
            "messageCenter": {"id": "3001"},
        }
    },
    "issueType": {"id": "4001"},
    "attachments": {"attachment": [{"altId": "a-1", "inline": True, "contentId": "logo"}]},
    "customAttributes": {"customAttribute": [{"name": "priority", "value": "high"}]},
}


def large() -> dict[str, Any]:
    """Return the small request with 64 KB of HTML and 50 attachments."""
    body: dict[str, Any] = json.loads(json.dumps(SMALL))
    paragraph = '<p class="answer">Dear customer, thank you for your mail &amp; your patience: we look into it today.</p>\n'
    body["payload"]["email"]["content"]["html"] = (paragraph * 1000)[: 64 * 1024]
    body["attachments"]["attachment"] = [{"altId": f"a-{n}", "inline": True, "contentId": f"image-{n}"} for n in range(50)]
    return body


def wrong() -> dict[str, Any]:
    """Return the small request with three faults of structure."""
    body: dict[str, Any] = json.loads(json.dumps(SMALL))
    body["type"]["value"] = "mail"
    body["foo"] = "x"
    body["issueType"]["id"] = "x"
    return body


def members(value: Any) -> Any:
    """Return a tree as the pairs that the XML writer takes."""
    if isinstance(value, dict):
        return Members([(name, members(item)) for name, item in value.items()])
    return [members(item) for item in value] if isinstance(value, list) else value


def as_json(body: dict[str, Any]) -> bytes:
    """Return the body as compact JSON."""
    return json.dumps(body, separators=(",", ":")).encode()


def as_xml(body: dict[str, Any]) -> bytes:
    """Return the body as XML."""
    return to_xml(members(body))


def request(body: bytes, media: str) -> Request:
    """Return the whole request, by a customer who acts for another."""
    return Request("2002", "customer=1002", (*HEADERS, ("Content-Type", media)), body, Caller.customer("1001"))


def verdict(engine: Engine, asked: Request) -> Callable[[], object]:
    """Return what gives the whole verdict; it is checked once."""
    report = engine.validate(asked)
    if not report.accepted:
        raise SystemExit(f"the benchmark's request is refused: {report.failures}")
    return lambda: engine.validate(asked)


def refusal(engine: Engine, asked: Request) -> Callable[[], object]:
    """Return what refuses a request with three faults and renders the answer; it is checked once."""
    if len(engine.validate(asked).failures) != 3:
        raise SystemExit("the benchmark's request has not three faults")
    return lambda: engine.validate(asked).response()


def json_measures(engine: Engine, body: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """Return what is measured of a JSON request, by name."""
    said, schema = as_json(body), json.loads((FOLDER / "request.schema.json").read_bytes())
    tree, validator = json.loads(said), Draft202012Validator(schema)
    bad = as_json(wrong())
    return {
        "floor: orjson.loads": lambda: orjson.loads(said),
        "jsonschema alone": lambda: validator.is_valid(tree),
        "our whole verdict": verdict(engine, request(said, "application/json")),
        "floor of the refused": lambda: orjson.loads(bad),
        "refusal with answer": refusal(engine, request(bad, "application/json")),
    }


def xml_measures(engine: Engine, body: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """Return what is measured of an XML request, by name."""
    said, bad = as_xml(body), as_xml(wrong())
    validator = xmlschema.XMLSchema(FOLDER / "request.xsd")
    text = said.decode()
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True,
        remove_comments=True,
    )  # fmt: skip
    return {
        "floor: lxml parse": lambda: etree.fromstring(said, parser),
        "xmlschema alone": lambda: validator.is_valid(text),
        "our whole verdict": verdict(engine, request(said, "application/xml")),
        "floor of the refused": lambda: etree.fromstring(bad, parser),
        "refusal with answer": refusal(engine, request(bad, "application/xml")),
    }


def interleaved(measures: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each measure; they take turns, so that all see the same machine."""
    counts = {name: max(1, int(TURN / max(_seconds(run, 3), 1e-7))) for name, run in measures.items()}
    turns: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(ROUNDS):
        for name, run in measures.items():
            turns[name].append(_seconds(run, counts[name]))
    return {name: statistics.median(times) for name, times in turns.items()}


def _seconds(run: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - start) / count


def main() -> None:
    """Print a table for each format and size."""
    engine = load("create-email-response", Snapshot.from_file(shipped_fixtures() / "directory.json"))
    for media, make, write in (("JSON", json_measures, as_json), ("XML", xml_measures, as_xml)):
        for size, body in (("small", SMALL), ("large", large())):
            times = interleaved(make(engine, body))
            names = list(times)
            print(f"\n{media} {size}, {len(write(body))} bytes")
            for name, floor in zip(names, (0, 0, 0, 3, 3), strict=True):
                ratio = times[name] / times[names[floor]]
                goal = {names[2]: TO_REACH[media, size], names[4]: REFUSAL}.get(name)
                print(f"  {name:24} {times[name] * 1e6:10.2f} us {ratio:9.2f} x floor" + f"   to reach: {goal}" * bool(goal))


if __name__ == "__main__":
    main()
