"""One request, one report: every front end turns the same octets into the same text (contract, section 1, "Octets and text").

The requests of all fixtures, and requests with odd octets in each part of their head, go through every front end in process.
"""

import asyncio
import io
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_to_bytes

import pytest

from tests.gateways.exchange import OPERATION, cases
from tests.gateways.exchange import engine as make_engine
from tests.servers import parts
from validator import Caller, Report, Request, asgi, wsgi
from validator.enforcement import REPORT_KEY
from validator.engine import BODY_LIMIT, Engine
from validator.head.octets import decode_fields, decode_target
from validator.inputs import har_file, http_file
from validator.model.common_codes import INTERNAL_ERROR
from validator.model.report import Skip
from validator.output.report_json import serialize_report
from validator.sidecar.app import Sidecar, SidecarSettings

BEFORE: Final = b"/activities/"
AFTER: Final = b"/email-response"
CALLER: Final = Caller.customer("1001")
WHITE_SPACE: Final = frozenset(b" \t\r\n\x0b\x0c")
HTTP_FILE_SYNTAX: Final = re.compile(rb"\{\{|^[ \t\r]*(?:#|//)|^[<>]+!?\s|\A[ \t\r]*\n|\n[ \t\r]*\Z", re.MULTILINE)


class Wire(NamedTuple):
    """A request as octets. ids: its segment of the path, percent-encoded."""

    name: str
    ids: bytes = b"2001"
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-type", b"application/json"),)
    body: bytes | None = parts.GOOD
    caller: Caller | None = CALLER
    limit: int = BODY_LIMIT

    @property
    def target(self) -> bytes:
        """The path and the query."""
        return BEFORE + self.ids + AFTER + (b"?" + self.query if self.query else b"")

    @property
    def engine(self) -> Engine:
        """The engine with the body limit."""
        return make_engine(self.limit)

    def request(self, **members: Any) -> Request:
        """Return the request as a user of the library makes it of the octets."""
        ids = decode_target(unquote_to_bytes(self.ids))
        request = Request(ids, decode_target(self.query), decode_fields(self.headers), self.body, self.caller)
        return request._replace(**members)

    def joined_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Return the headers as WSGI servers do: repeated ones joined, an empty Content-Type absent."""
        joined: dict[bytes, bytes] = {}
        for name, value in self.headers:
            joined[name] = joined[name] + b"," + value if name in joined else value
        return tuple((name, value) for name, value in joined.items() if value or name != b"content-type")


# In UTF-8, in ISO-8859-1, percent-encoded, malformed, and characters that some code takes for white space or an end.
ODD: Final = (
    *("é".encode(), b"\xe9", b"%C3%A9", b"%c3%a9", b"%E9", b"\xc3%A9", b"%C3\xa9", "日本".encode(), b"%E6%97%A5", "😀".encode()),
    *(b"\xff\xfe", b"\xf0\x9f\x98", b"\xc0\xaf", b"\xed\xa0\x80", b"%ED%A0%80", b"%FF", b"%zz", b"%", "\ufffd".encode()),
    *(b"\x00", b"%00", b"\x01", b"\x1b", b"\x7f", b"\t", b"\x0b", b"\x0c", b"\x1c", b"\x1f", b" ", b"\r", b"+"),
    *(b"\x85", "\x85".encode(), b"\xa0", "\xa0".encode(), "\u2028".encode(), "\u3000".encode(), "\ufeff".encode()),
    *("\u017f".encode(), "\u212a".encode(), "\u0130".encode(), "\u0661".encode(), "\uff11".encode(), b"'", b'"', b"\\"),
)
QUERIES: Final = (b"$", b"$=1", b"a$b=1&a%C3%A9b", b"customer=$", b"customer=1001$", b"customer$=1001")
HEADERS: Final = (
    *(
        (b"accept", value)
        for value in (b'application/json;title="$"', b"$", b"application/json$", b"$application/xml", b"*;q=.$")
    ),
    *((b"accept-language", value) for value in (b"$", b"en$", b"$en", b"en;q=1$")),
    *((b"content-type", value) for value in (b'application/json; title="$"', b"application/json$", b"$", b"a/b;charset=$")),
    *((b"content-encoding", value) for value in (b"$", b"identity$")),
    (b"x-other", b"a$b"),
)


def make_odd_requests() -> Iterator[Wire]:
    """Yield requests with odd octets in the path, the query and the headers."""
    for octets in ODD:
        yield Wire(f"path {octets!r}", ids=b"2001" + octets)
        for query in QUERIES:
            yield Wire(f"query {query!r} {octets!r}", query=query.replace(b"$", octets))
        for name, value in HEADERS:
            headers = ((name, value.replace(b"$", octets)),)
            yield Wire(f"{name!r} {value!r} {octets!r}", headers=headers)
            yield Wire(f"{name!r} {value!r} {octets!r} and a query", query=b"x", headers=(*headers, (b"accept", b"*")))


def read_fixtures() -> Iterator[Wire]:
    """Yield the requests of all fixtures."""
    for case in cases():
        path, _, query = case.target.encode().partition(b"?")
        headers = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in case.request.headers)
        ids = path.removeprefix(BEFORE).removesuffix(AFTER)
        yield Wire(case.name, ids, query, headers, case.request.body, case.request.caller, case.limit)


WIRES: Final = (*read_fixtures(), *make_odd_requests())


def through_bytes(wire: Wire) -> Report:
    """Pass the headers to the library as bytes, as an ASGI scope holds them."""
    return wire.engine.validate(wire.request(headers=wire.headers))


def make_scope(wire: Wire, prefix: bytes = b"", *headers: tuple[bytes, bytes]) -> asgi.Scope:
    """Return the scope of a request. Servers decode the path."""
    raw = prefix + BEFORE + wire.ids + AFTER
    scope = parts.http(decode_target(unquote_to_bytes(raw)))
    return {**scope, "raw_path": raw, "query_string": wire.query, "headers": [*wire.headers, *headers]}


def through_asgi(wire: Wire) -> Report:
    """Pass the request through the ASGI middleware."""
    reports: list[Report] = []

    async def application(scope: asgi.Scope, _receive: asgi.Receive, _send: asgi.Send) -> None:
        await asyncio.sleep(0)
        reports.append(scope[REPORT_KEY])

    app = asgi.Middleware(application, wire.engine, lambda _scope: wire.caller, observe=True)
    parts.ask(app, make_scope(wire), parts.body(wire.body or b""))
    return reports[0]


def through_wsgi(wire: Wire) -> Report:
    """Pass the request through the WSGI middleware, which gets octets as characters."""
    names = {b"content-type": "CONTENT_TYPE"}
    variables = {
        names.get(name, f"HTTP_{name.decode().upper().replace('-', '_')}"): value.decode("latin-1")
        for name, value in wire.joined_headers()
    }
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": unquote_to_bytes(BEFORE + wire.ids + AFTER).decode("latin-1"),
        "QUERY_STRING": wire.query.decode("latin-1"),
        "CONTENT_LENGTH": str(len(wire.body or b"")),
        "wsgi.input": io.BytesIO(wire.body or b""),
        **variables,
    }
    reports: list[Report] = []

    def application(environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        reports.append(environ[REPORT_KEY])
        return []

    wsgi.Middleware(application, wire.engine, lambda _environ: wire.caller, observe=True)(environ, lambda *_arguments: None)
    return reports[0]


class Recorder:
    """An engine that stores its last report."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.report: Report | None = None

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the engine."""
        return getattr(self.engine, name)

    def validate_head(self, request: Request) -> Report | None:
        """Store the report of a refusal."""
        self.report = self.engine.validate_head(request)
        return self.report

    async def validate_async(self, request: Request) -> Report:
        """Store the report."""
        self.report = await self.engine.validate_async(request)
        return self.report


async def is_ready() -> bool:
    """Report readiness."""
    return True


async def close() -> None:
    """Close nothing."""


SETTINGS: Final = SidecarSettings("X-Customer-Id", observe=False, headers_merged=False, concurrency=9, seconds=60.0)
SIDECARS: Final[dict[int, tuple[Recorder, Sidecar]]] = {}


def get_sidecar(wire: Wire) -> tuple[Recorder, Sidecar]:
    """Return the sidecar with the body limit of a request, and its engine."""
    if wire.limit not in SIDECARS:
        recorder: Any = Recorder(wire.engine)
        SIDECARS[wire.limit] = (recorder, Sidecar([recorder], SETTINGS, is_ready, close))
    return SIDECARS[wire.limit]


def through_check(wire: Wire) -> Report:
    """Pass the request through ``/check`` of the sidecar, and compare its answer."""
    recorder, app = get_sidecar(wire)
    caller = wire.caller
    headers = [] if caller is None else [(b"x-customer-id", (caller.id or caller.kind).encode())]
    answer = parts.answer(parts.ask(app, make_scope(wire, b"/check", *headers), parts.body(wire.body or b"")))
    assert recorder.report is not None
    response = recorder.report.response()
    assert answer[::2] == ((200, b"") if response is None else (response.status, response.body))
    return recorder.report


def through_reports(wire: Wire) -> dict[str, Any]:
    """Describe the request to ``/reports`` of the sidecar."""
    request, caller = wire.request(), wire.caller
    description: dict[str, Any] = {"ids": request.ids, "query": request.query, "headers": list(request.headers)}
    description |= {} if wire.body is None else {"bodyBase64": b64encode(wire.body).decode()}
    description["caller"] = caller and (caller.id or caller.kind)
    scope = parts.http(f"/reports/{OPERATION}")
    status, _, content = parts.answer(parts.ask(get_sidecar(wire)[1], scope, parts.body(json.dumps(description).encode())))
    assert status == 200
    report: dict[str, Any] = json.loads(content)
    return report


def through_http_file(wire: Wire) -> Report | None:
    """Read the request from an HTTP file, unless it has forms of its own for a part of it.

    White space ends a target, a fragment is not sent, and LF ends a header. A body has no blank lines around it, and no
    comments, files and variables in it.
    """
    body = wire.body or b""
    if WHITE_SPACE.union(b"#").intersection(wire.target) or any(b"\n" in value for _, value in wire.headers):
        return None
    if HTTP_FILE_SYNTAX.search(b"".join([wire.target, *(value for _, value in wire.headers)])) or HTTP_FILE_SYNTAX.search(body):
        return None
    lines = [b"POST " + wire.target + b" HTTP/1.1", *(name + b": " + value for name, value in wire.headers)]
    data = b"\r\n".join(lines) + (b"" if wire.body is None else b"\r\n\r\n" + body + b"\r\n")
    ((sample,), _, _) = http_file.read(data, wire.engine.endpoint)
    return wire.engine.validate(sample.request._replace(caller=wire.caller))


def through_har_file(wire: Wire) -> Report | None:
    """Read the request from an HTTP archive, whose texts are UTF-8."""
    try:
        target = wire.target.decode()
        headers = [{"name": name.decode(), "value": value.decode()} for name, value in wire.headers]
    except UnicodeDecodeError:
        return None
    body = {} if wire.body is None else {"postData": {"text": b64encode(wire.body).decode(), "encoding": "base64"}}
    size = {"bodySize": len(wire.body or b"")}
    request = {"method": "POST", "url": f"https://example.com{target}", "headers": headers, **size, **body}
    data = json.dumps({"log": {"entries": [{"request": request}]}}, ensure_ascii="é" in target).encode()
    ((sample,), _, _) = har_file.read(data, wire.engine.endpoint)
    return wire.engine.validate(sample.request._replace(caller=wire.caller))


def serialize(report: Report) -> dict[str, Any]:
    """Return a whole report with the answer."""
    response = report.response()
    document: dict[str, Any] = json.loads(json.dumps(serialize_report(report)))
    return document | {"answer": None if response is None else [response.status, *response.headers, response.body]}


@pytest.mark.parametrize(
    "pass_through",
    [through_bytes, through_asgi, through_check, through_http_file, through_har_file],
    ids=lambda one: one.__name__,
)
def test_report_is_that_of_the_library(pass_through: Callable[[Wire], Report | None]) -> None:
    """For each request that the front end can carry."""
    differences = []
    count = 0
    for wire in WIRES:
        report = pass_through(wire)
        if report is not None:
            count += 1
            if serialize(report) != serialize(wire.engine.validate(wire.request())):
                differences.append(wire.name)
    assert differences == []
    assert count > len(WIRES) / 2


def test_described_request_has_the_report_of_the_library() -> None:
    """The description holds the text of the library's request."""
    for wire in WIRES:
        expected = serialize_report(wire.engine.validate(wire.request()))
        assert through_reports(wire) == json.loads(json.dumps(expected)), wire.name


MERGED: Final = Skip(
    "400-710",
    "content-type-unsupported",
    "a repeated Content-Type cannot be detected: repeated headers may have been joined on the way",
)


def test_report_of_wsgi_is_that_of_the_library() -> None:
    """WSGI has one value for each header and no difference between an empty and an absent Content-Type (PEP 3333)."""
    for wire in WIRES:
        headers = decode_fields(wire.joined_headers())
        report = through_wsgi(wire)
        assert serialize(report) == serialize(wire.engine.validate(wire.request(headers=headers, headers_merged=True))), wire.name
        if headers == wire.request().headers:
            skipped = tuple(skip for skip in report.skipped if skip != MERGED)
            assert serialize(report._replace(skipped=skipped)) == serialize(wire.engine.validate(wire.request())), wire.name


def summarize(report: Report) -> list[tuple[str, str]]:
    """Return the codes and messages of the failures."""
    return [(failure.code, failure.message) for failure in report.failures]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("café=1".encode(), "'café'"),
        (b"caf%C3%A9=1&caf%c3%a9=2&caf\xc3\xa9", "'café'"),
        (b"caf\xe9=1", "'caf\ufffd'"),
        (b"caf%E9=1", "'caf\ufffd'"),
        (b"\xc3%A9", "'\ufffd\ufffd'"),
        ("日本&\xa0&\u3000".encode(), "'日本', '\xa0', '\u3000'"),
        (b"\xf0\x9f\x98&\xed\xa0\x80", "'\ufffd', '\ufffd\ufffd\ufffd'"),
    ],
)
def test_query_is_utf_8(query: bytes, names: str) -> None:
    """Malformed sequences become U+FFFD, raw and percent-encoded ones."""
    wire = Wire("", query=query)
    assert summarize(through_asgi(wire)) == [("400-101", f"Unsupported query parameter(s) supplied: {names}.")]


@pytest.mark.parametrize("value", ['application/json; title="日本"', 'application/json; title="\xe9"', "application/json"])
def test_octets_beyond_ascii_are_legal_in_a_quoted_string(value: str) -> None:
    """Whatever they mean: they are opaque (RFC 9110, 5.5 and 5.6.4)."""
    for octets in (value.encode(), value.encode("latin-1", "ignore")):
        headers = ((b"content-type", octets), (b"accept", octets))
        assert summarize(through_asgi(Wire("", headers=headers))) == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Content-Type", 'application/json; title="\u0100"', "400-710"),
        ("Content-Type", "application/json; title=\u65e5", "400-710"),
        ("Content-Type", "\udcff", "400-710"),
        ("Content-Encoding", "\u0130dentity", "400-712"),
        ("Accept", 'application/json; title="\u0100"', "406-101"),
        ("Accept", "*/*, \U0001f600", "406-101"),
        ("Accept", "\u2028", "406-101"),
        ("Accept-Language", "en, \u212ao", "406-100"),
        ("Accept-Language", "\u3000", "406-100"),
        ("X-Other", "\u65e5", None),
    ],
)
def test_header_with_a_character_that_is_not_an_octet_is_malformed(name: str, value: str, code: str | None) -> None:
    """The request cannot have come from octets."""
    report = Wire("").engine.validate(Wire("").request(headers=[(name, value)]))
    assert [failure.code for failure in report.failures] == ([] if code is None else [code])


WRONG_HEADERS: Final[tuple[Any, ...]] = (
    *(None, 1, True, "ab", "Accept", b"ab", ["ab"], [b"ab"], {"Accept": "*/*"}, {"ab": "cd"}, {b"ab": b"cd"}),
    *([1], [None], [()], [("Accept",)], [("Accept", "*/*", "")], [{"Accept", "*/*"}], [{"Accept": 1, "b": 2}]),
    *([("Accept", None)], [("Accept", 1)], [(None, "*/*")], [(1, 2)], [("Accept", bytearray(b"*"))], [(b"Accept", ["*"])]),
    *([("Host", None)], [("Accept", "*/*"), ("Host", 1)], [(("Accept", "*/*"), ("Accept", "*/*"))], range(3)),
)


@pytest.mark.parametrize("headers", WRONG_HEADERS, ids=range(len(WRONG_HEADERS)))
def test_headers_of_another_type_are_an_internal_error(headers: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Refused with 500-100, with one log record that names the field; never ignored."""
    wire = Wire("")
    report = wire.engine.validate(wire.request(headers=headers))
    assert summarize(report) == [("500-100", INTERNAL_ERROR.failure().message)]
    (record,) = caplog.records
    assert "Request.headers must be (name, value) pairs of str or bytes" in record.getMessage()
    head = wire.engine.validate_head(wire.request(headers=headers))
    assert head is not None
    assert summarize(head) == summarize(report)


@pytest.mark.parametrize(
    "pair", [("Accept", "?"), (b"Accept", b"?"), ("accept", b"?"), (b"ACCEPT", "?"), [b"accept", b"?"], ["Accept", "?"]]
)
def test_header_is_a_pair_of_text_or_bytes(pair: Any) -> None:
    """In any combination, also as the list that some ASGI servers make."""
    report = Wire("").engine.validate(Wire("").request(headers=[pair]))
    assert [failure.code for failure in report.failures] == ["406-101"]


def test_described_header_with_a_character_that_is_not_an_octet_is_malformed() -> None:
    """A description holds the text of a request, in which each character of a header stands for an octet."""
    wire = Wire("")
    description = {"ids": "2001", "caller": "1001", "headers": [["Accept", 'application/json; title="\u65e5"']], "body": "{}"}
    scope = parts.http(f"/reports/{OPERATION}")
    content = parts.answer(parts.ask(get_sidecar(wire)[1], scope, parts.body(json.dumps(description).encode())))[2]
    expected = wire.engine.validate(wire.request(headers=description["headers"], body=b"{}"))
    assert json.loads(content) == json.loads(json.dumps(serialize_report(expected)))
    assert [failure.code for failure in expected.failures] == ["406-101"]
