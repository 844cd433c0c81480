"""``python -m tests.benchmarks``: complete validation against the floor, in one run, in interleaved turns.

The floor is the time to parse the body without validating it: ``orjson.loads``, or lxml with the same hardening as ours.
jsonschema and xmlschema are measured alone, on the structure of the body only. Complete validation covers headers, query,
body, all rules and reference data. The refusal has three failures, and its error body is rendered. Figures are lower quartiles.
Besides the compact bodies there are the forms that serialisers write, and a directory that is asked by keys.
"""

import json
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import orjson
import xmlschema
from jsonschema import Draft202012Validator
from lxml import etree

from tests.bodies import Members, to_xml
from validator import Caller, Engine, Request, Snapshot, load
from validator.model.directory import Facts, Keys
from validator.operation.home import shipped_fixtures, shipped_schemas

FOLDER: Final = shipped_schemas() / "create-email-response"
ROUNDS: Final = 41
TURN: Final = 0.004  # seconds: approximate duration of one measurement in a round
WRAPPERS: Final = {"attachments", "customAttributes"}
TARGETS: Final = {("JSON", "small"): 6, ("JSON", "large"): 2.1, ("XML", "small"): 5, ("XML", "large"): 1.7}
REFUSAL_TARGETS: Final = {"JSON": 13, "XML": 9}
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


def make_large_body() -> dict[str, Any]:
    """Return the small request with 64 KB of HTML and 50 attachments."""
    body: dict[str, Any] = json.loads(json.dumps(SMALL))
    paragraph = '<p class="answer">Dear customer, thank you for your mail &amp; your patience: we look into it today.</p>\n'
    body["payload"]["email"]["content"]["html"] = (paragraph * 1000)[: 64 * 1024]
    body["attachments"]["attachment"] = [{"altId": f"a-{n}", "inline": True, "contentId": f"image-{n}"} for n in range(50)]
    return body


def make_invalid_body() -> dict[str, Any]:
    """Return the small request with three failures of structure."""
    body: dict[str, Any] = json.loads(json.dumps(SMALL))
    body["type"]["value"] = "mail"
    body["foo"] = "x"
    body["issueType"]["id"] = "x"
    return body


def to_members(value: Any) -> Any:
    """Convert a tree to the pairs that the XML writer expects."""
    if isinstance(value, dict):
        return Members([(name, to_members(item)) for name, item in value.items()])
    return [to_members(item) for item in value] if isinstance(value, list) else value


def encode_json(body: dict[str, Any]) -> bytes:
    """Return the body as compact JSON."""
    return json.dumps(body, separators=(",", ":")).encode()


def encode_xml(body: dict[str, Any]) -> bytes:
    """Return the body as XML."""
    return to_xml(to_members(body))


def make_request(body: bytes, media: str) -> Request:
    """Return a request of a customer who acts for another."""
    return Request("2002", "customer=1002", (*HEADERS, ("Content-Type", media)), body, Caller.customer("1001"))


def validation(engine: Engine, request: Request) -> Callable[[], object]:
    """Return a function that validates the request. Raises SystemExit when the request is refused."""
    report = engine.validate(request)
    if not report.accepted:
        raise SystemExit(f"the benchmark's request is refused: {report.failures}")
    return lambda: engine.validate(request)


def refusal(engine: Engine, request: Request) -> Callable[[], object]:
    """Return a function that refuses the request and renders the answer. Raises SystemExit unless it has three failures."""
    if len(engine.validate(request).failures) != 3:
        raise SystemExit("the benchmark's request does not have three failures")
    return lambda: engine.validate(request).response()


def json_measures(engine: Engine, body: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """Return the functions to measure for a JSON request, by name."""
    good, schema = encode_json(body), json.loads((FOLDER / "request.schema.json").read_bytes())
    tree, validator = json.loads(good), Draft202012Validator(schema)
    bad = encode_json(make_invalid_body())
    return {
        "floor: orjson.loads": lambda: orjson.loads(good),
        "jsonschema alone": lambda: validator.is_valid(tree),
        "complete validation": validation(engine, make_request(good, "application/json")),
        "floor of the refusal": lambda: orjson.loads(bad),
        "refusal with answer": refusal(engine, make_request(bad, "application/json")),
    }


def xml_measures(engine: Engine, body: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """Return the functions to measure for an XML request, by name."""
    good, bad = encode_xml(body), encode_xml(make_invalid_body())
    validator = xmlschema.XMLSchema(FOLDER / "request.xsd")
    text = good.decode()
    return {
        "floor: lxml parse": parse_lxml(good),
        "xmlschema alone": lambda: validator.is_valid(text),
        "complete validation": validation(engine, make_request(good, "application/xml")),
        "floor of the refusal": parse_lxml(bad),
        "refusal with answer": refusal(engine, make_request(bad, "application/xml")),
    }


def measure_interleaved(measures: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the lower quartile of the seconds of each function. They alternate, so that all run under the same load."""
    counts = {name: max(1, int(TURN / max(_time(run, 3), 1e-7))) for name, run in measures.items()}
    turns: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(ROUNDS):
        for name, run in measures.items():
            turns[name].append(_time(run, counts[name]))
    return {name: statistics.quantiles(times, n=4)[0] for name, times in turns.items()}


def _time(run: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - start) / count


def parse_lxml(body: bytes) -> Callable[[], object]:
    """Return the floor of an XML body."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True,
        remove_comments=True,
    )  # fmt: skip
    return lambda: etree.fromstring(body, parser)


def list_forms() -> dict[str, tuple[bytes, str, float]]:
    """Return other forms of bodies by name: the body, its media type and the goal."""
    compact, small = encode_json(SMALL), encode_xml(SMALL)
    texts = {"markup": "<p>&amp;</p>" * 6000, "prose": "Dear customer, thank you for your patience. " * 1600}
    bodies = {name: json.loads(json.dumps(SMALL)) for name in texts}
    for name, text in texts.items():
        bodies[name]["payload"]["email"]["content"]["html"] = text[: 64 * 1024]
    return {
        "JSON small, spaces": (json.dumps(SMALL).encode(), "application/json", 9),
        "JSON small, indented": (json.dumps(SMALL, indent=2).encode(), "application/json", 9),
        "JSON small, escapes": (compact.replace(b"<", b"\\u003c").replace(b">", b"\\u003e"), "application/json", 9),
        "XML small, indented": (small.replace(b"><", b">\n  <"), "application/xml", 5),
        "XML, 64 KB of markup": (encode_xml(bodies["markup"]), "application/xml", 1.1),
        "XML, 64 KB of prose": (encode_xml(bodies["prose"]), "application/xml", 4),
    }


class Keyed:
    """A directory that is asked by keys: its facts are checked for each request."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Hold the facts of a snapshot."""
        self._facts = Facts(*snapshot.facts)

    def fetch(self, _keys: Keys) -> Facts:
        """Return the facts."""
        return self._facts


def print_forms(engine: Engine) -> None:
    """Print the other forms of bodies."""
    print()
    for name, (body, media, goal) in list_forms().items():
        floor = parse_lxml(body) if media.endswith("xml") else partial(orjson.loads, body)
        times = measure_interleaved({"floor": floor, "verdict": validation(engine, make_request(body, media))})
        ratio = times["verdict"] / times["floor"]
        print(f"{name:24} {times['verdict'] * 1e6:10.2f} us {ratio:9.2f} x floor   target: {goal}")


def print_keyed(engine: Engine, snapshot: Snapshot) -> None:
    """Print the time with a directory that is asked by keys, against a snapshot."""
    request = make_request(encode_json(SMALL), "application/json")
    keyed = load("create-email-response", Keyed(snapshot))
    times = measure_interleaved({"snapshot": validation(engine, request), "keyed": validation(keyed, request)})
    print(f"{'JSON small, asked by keys':24} {times['keyed'] / times['snapshot']:9.2f} x the snapshot's time   target: 1.2")


def main() -> None:
    """Print a table for each format and size, then the other forms and the other kind of directory."""
    snapshot = Snapshot.from_file(shipped_fixtures() / "directory.json")
    engine = load("create-email-response", snapshot)
    for media, make, write in (("JSON", json_measures, encode_json), ("XML", xml_measures, encode_xml)):
        for size, body in (("small", SMALL), ("large", make_large_body())):
            times = measure_interleaved(make(engine, body))
            names = list(times)
            print(f"\n{media} {size}, {len(write(body))} bytes")
            for name, floor in zip(names, (0, 0, 0, 3, 3), strict=True):
                ratio = times[name] / times[names[floor]]
                goal = {names[2]: TARGETS[media, size], names[4]: REFUSAL_TARGETS[media]}.get(name)
                print(f"  {name:24} {times[name] * 1e6:10.2f} us {ratio:9.2f} x floor" + f"   target: {goal}" * bool(goal))
    print_forms(engine)
    print_keyed(engine, snapshot)


if __name__ == "__main__":
    main()
