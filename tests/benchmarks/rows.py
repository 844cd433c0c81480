"""The requests of the benchmarks, fixed and fresh, and the functions that are measured on them.

A fresh request differs from all others in its subject, its text, the mailbox and domain of its address, its request ID, trace and
user agent. The values of Accept-Language are those of a few clients, except in the row where no two requests have the same.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from typing import Any, Final, NamedTuple

import orjson
from lxml import etree

from tests.benchmarks import bodies
from tests.benchmarks.bodies import SMALL, encode_json, encode_xml
from tests.benchmarks.timing import Turn, repeat, repeat_fresh
from validator import Caller, Engine, Report, Request
from validator.model.request import JSON, XML, Media

CALLER: Final = Caller.customer("1001")
LANGUAGES: Final = ("en-US,en;q=0.9", "en", "de-DE,de;q=0.9,en;q=0.8", "fr-FR, fr;q=0.8", "ja-JP", "*", "es-ES,es;q=0.9", "nl-NL")
_numbers: Final = count(1)


class Row(NamedTuple):
    """A kind of request. write: returns the body of a tree. failures: of the request. unique_language: in fresh requests."""

    name: str
    media: Media
    tree: dict[str, Any]
    write: Callable[[dict[str, Any]], bytes]
    failures: int = 0
    unique_language: bool = False


def _with_spaces(tree: dict[str, Any]) -> bytes:
    return json.dumps(tree).encode()


def _indented(tree: dict[str, Any]) -> bytes:
    return json.dumps(tree, indent=2).encode()


def _escaped(tree: dict[str, Any]) -> bytes:
    """Return JSON in the form of Go's serialiser."""
    return encode_json(tree).replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")


def _indented_xml(tree: dict[str, Any]) -> bytes:
    return encode_xml(tree).replace(b"><", b">\n  <")


_LARGE: Final = bodies.make_large_body()
_INVALID: Final = bodies.make_invalid_body()
ROWS: Final = (
    Row("JSON small", JSON, SMALL, encode_json),
    Row("JSON small, spaces", JSON, SMALL, _with_spaces),
    Row("JSON small, indented", JSON, SMALL, _indented),
    Row("JSON small, escapes", JSON, SMALL, _escaped),
    Row("JSON small, Accept-Language unique", JSON, SMALL, encode_json, unique_language=True),
    Row("JSON large", JSON, _LARGE, encode_json),
    Row("JSON refusal", JSON, _INVALID, encode_json, failures=3),
    Row("XML small", XML, SMALL, encode_xml),
    Row("XML small, indented", XML, SMALL, _indented_xml),
    Row("XML large", XML, _LARGE, encode_xml),
    Row("XML, 64 KB of markup", XML, bodies.make_text_body("<p>&amp;</p>"), encode_xml),
    Row("XML, 64 KB of prose", XML, bodies.make_text_body("Dear customer, thank you for your patience. "), encode_xml),
    Row("XML refusal", XML, _INVALID, encode_xml, failures=3),
)


def make_request(body: bytes, media: Media, language: str = LANGUAGES[0], agent: str = "client/1.0") -> Request:
    """Return a request of a customer who acts for another."""
    headers = (
        ("Host", "api.business.com"),
        ("User-Agent", agent),
        ("Accept", "application/json"),
        ("Accept-Language", language),
        ("Content-Length", str(len(body))),
        ("Content-Type", media),
    )
    return Request("2002", "customer=1002", headers, body, CALLER)


def make_fresh_requests(row: Row, number: int) -> list[Request]:
    """Return a number of requests that were never made before."""
    return list(islice(_generate_requests(row), number))


def _generate_requests(row: Row) -> Iterator[Request]:
    for number in _numbers:
        language = (
            f"en;q=0.{100 + number % 900}, de-{number % 9999:04}" if row.unique_language else LANGUAGES[number % len(LANGUAGES)]
        )
        request = make_request(row.write(_vary(row.tree, number)), row.media, language, f"client/{number}")
        trace = (("X-Request-ID", str(uuid.uuid4())), ("traceparent", f"00-{uuid.uuid4().hex}-{number:016x}-01"))
        yield request.__class__(request.ids, request.query, (*request.headers, *trace), request.body, request.caller)


def _vary(tree: dict[str, Any], number: int) -> dict[str, Any]:
    email = tree["payload"]["email"]
    content = {name: f"{text}{number}" for name, text in email["content"].items()}
    addresses = email["emailAddresses"] | {"replyTo": f"customer.{number}@shop{number}.com"}
    payload = {"email": email | {"content": content, "emailAddresses": addresses}}
    return tree | {"subject": f"{tree['subject']} {number}", "payload": payload}


def parse_lxml(body: bytes) -> Callable[[], object]:
    """Return the floor of an XML body: lxml with the hardening of ours."""
    return partial(make_lxml_parse(), body)


def make_lxml_parse() -> Callable[[bytes], etree._Element]:
    """Return a function that parses XML with lxml."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True,
        remove_comments=True,
    )  # fmt: skip
    return lambda body: etree.fromstring(body, parser)


def check_report(report: Report, failures: int) -> None:
    """Raise SystemExit unless a request is accepted, or has this number of failures."""
    if report.accepted != (not failures) or len(report.failures) != failures:
        raise SystemExit(f"expected {failures} failures of the benchmark's request, got {report.failures}")


def validation(engine: Engine, request: Request) -> Callable[[], object]:
    """Return a function that validates the request. Raises SystemExit when the request is refused."""
    check_report(engine.validate(request), 0)
    return partial(engine.validate, request)


def make_turns(row: Row, engine: Engine) -> dict[str, Turn]:
    """Return the turns of a row: the floor and complete validation, of the fixed request and of fresh ones.

    A refusal includes its answer. Raises SystemExit when a request is not validated as the row says.
    """
    request = make_request(row.write(row.tree), row.media)
    assert request.body is not None
    parse: Callable[[bytes], object] = orjson.loads if row.media == JSON else make_lxml_parse()
    validate: Callable[[Request], object] = engine.validate
    if row.failures:
        validate = partial(_refuse, engine)
    for one in (request, *make_fresh_requests(row, 20)):
        check_report(engine.validate(one), row.failures)
    return {
        "floor": repeat(partial(parse, request.body)),
        "ours": repeat(partial(validate, request)),
        "fresh floor": repeat_fresh(partial(_make_fresh_bodies, row), parse),
        "fresh": repeat_fresh(partial(make_fresh_requests, row), validate),
    }


def _refuse(engine: Engine, request: Request) -> object:
    return engine.validate(request).response()


def _make_fresh_bodies(row: Row, number: int) -> Sequence[bytes]:
    return [request.body or b"" for request in make_fresh_requests(row, number)]
