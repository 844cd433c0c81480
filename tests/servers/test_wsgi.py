"""The WSGI middleware, call by call."""

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.paths import RATE_ACTIVITY
from tests.servers.parts import (
    ENGINE,
    GOOD,
    LIMIT,
    OPERATION,
    PATH,
    SMALL,
    TENANT,
    customer_of,
    echo_of,
    expected,
    fixture_requests,
)
from validator import Caller, Report, Request, load
from validator.directories import Cached, TimeLimited
from validator.enforcement import ObserveSetting, Verdict
from validator.model.request import JSON, XML
from validator.wsgi import Middleware

APP = Middleware(echo_of, ENGINE, customer_of)
SMALL_APP = Middleware(echo_of, SMALL, customer_of)
TERMINATED: dict[str, Any] = {"wsgi.input_terminated": True}
BIG = GOOD + b" " * (LIMIT + 1 - len(GOOD))


class Stream(io.RawIOBase):
    """An input in pieces that counts its reads. error: raised at its end."""

    def __init__(self, *pieces: bytes, error: Exception | None = None) -> None:
        self.pieces = list(pieces)
        self.error = error
        self.reads = 0

    def read(self, size: int = -1) -> bytes:
        """Return a piece, or the first bytes of it."""
        assert size >= 0, "an unbounded read could wait forever"
        self.reads += 1
        if not self.pieces:
            if self.error is not None:
                raise self.error
            return b""
        piece = self.pieces.pop(0)
        if len(piece) > size:
            self.pieces.insert(0, piece[size:])
        return piece[:size]


def environ(stream: Any = b"", path: str = PATH, **members: Any) -> dict[str, Any]:
    """Return the environ of a request by customer 1001. stream: the body, or an input without a length."""
    content = {"CONTENT_LENGTH": str(len(stream)), "wsgi.input": io.BytesIO(stream)} if isinstance(stream, bytes) else {}
    return {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", "HTTP_X_CUSTOMER_ID": "1001",
        "wsgi.input": stream, **content, **members,
    }  # fmt: skip


def ask(app: Any, environ: dict[str, Any]) -> tuple[int, str, bytes]:
    """Return status, Content-Type and body of an answer."""
    starts: list[tuple[str, list[tuple[str, str]]]] = []
    chunks = list(app(environ, lambda status, headers: starts.append((status, headers))))
    ((status, headers),) = starts
    content = b"".join(chunks)
    assert dict(headers)["Content-Length"] == str(len(content))
    return int(status.split(" ", 1)[0]), dict(headers).get("Content-Type", ""), content


def by_customer(content: bytes | None, **members: Any) -> Request:
    """Return a request by customer 1001."""
    return Request("2001", "", (), content, Caller.customer("1001"))._replace(**members)


class Recording:
    """An application that records its environ and what it reads. sizes: of its reads; None: all."""

    def __init__(self, sizes: Iterable[int | None] = (None,)) -> None:
        self.environ: dict[str, Any] | None = None
        self.read: list[bytes] = []
        self.sizes = sizes

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """Record the environ, and read."""
        self.environ = environ
        self.read = [environ["wsgi.input"].read(*([] if size is None else [size])) for size in self.sizes]
        start_response("201 Created", [("Content-Length", "0")])
        return []


def test_accepted_request_reaches_the_application() -> None:
    """With its body and the report, which layers outside see too."""
    given = environ(GOOD)
    before = dict(given)
    assert ask(APP, given) == expected(by_customer(GOOD))
    changed = {name for name in given if given[name] != before.get(name)}
    assert changed == {"validator.report", "wsgi.input", "wsgi.input_terminated"}
    app = Recording()
    ask(Middleware(app, ENGINE, customer_of), environ(GOOD))
    assert app.read == [GOOD]
    assert app.environ is not None
    assert app.environ["validator.report"].accepted


def test_report_of_an_earlier_layer_does_not_outlive_a_refusal() -> None:
    """A layer outside must not take it for that of a request that has passed."""
    given = environ(b"{}") | {"validator.report": ENGINE.validate(by_customer(GOOD))}
    assert ask(APP, given)[0] == 400
    assert "validator.report" not in given


def test_status_without_a_phrase_is_sent() -> None:
    """An operation may have statuses that HTTP does not define; a status line has a phrase."""
    lines: list[str] = []
    engine = load("rate-activity", home=RATE_ACTIVITY)
    middleware = Middleware(echo_of, engine, customer_of)
    report = replace_status(engine.validate(Request("2001", "", (), b"{}", Caller.customer("1001"))), "460-801")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(engine), "validate", lambda *_: report)
        path = engine.endpoint.path.replace("{ids}", "2001")
        list(
            middleware(environ(b"{}", path, REQUEST_METHOD=engine.endpoint.method), lambda status, _headers: lines.append(status))
        )
    assert lines == ["460 Refused"]


def replace_status(report: Report, code: str) -> Report:
    """Return a report whose failures have another code."""
    return report._replace(failures=tuple(failure._replace(code=code) for failure in report.failures))


def test_body_without_length_is_read_to_its_end() -> None:
    """If the server marks the end of its input; the application then gets the length."""
    stream = Stream(GOOD[:7], GOOD[7:])
    assert ask(APP, environ(stream, **TERMINATED)) == expected(by_customer(GOOD))
    app = Recording()
    stream = Stream(GOOD[:7], GOOD[7:])
    ask(Middleware(app, ENGINE, customer_of), environ(stream, **TERMINATED))
    assert app.environ is not None
    assert (app.environ["CONTENT_LENGTH"], app.environ["wsgi.input_terminated"], app.read) == (str(len(GOOD)), True, [GOOD])


@pytest.mark.parametrize("length", ["", "x", "-5"])
def test_body_without_length_and_end_is_not_read(length: str) -> None:
    """Reading it could wait forever."""
    stream = Stream(GOOD)
    assert ask(APP, environ(stream, CONTENT_LENGTH=length)) == expected(by_customer(None))
    assert stream.reads == 0


def test_no_more_than_the_body_is_read() -> None:
    """The next request follows it."""
    stream = Stream(GOOD + b"POST /next")
    assert ask(APP, environ(stream, CONTENT_LENGTH=str(len(GOOD)))) == expected(by_customer(GOOD))
    assert stream.pieces == [b"POST /next"]


def test_body_limit() -> None:
    """A body that declares a larger size is not read at all; one without a size is read up to the limit."""
    assert ask(SMALL_APP, environ(BIG[:-1]))[0] == 201
    refused = expected(by_customer(BIG), SMALL)
    assert refused[2].startswith(b'{"code": "400-713"')
    stream = Stream(BIG)
    assert ask(SMALL_APP, environ(stream, CONTENT_LENGTH=str(len(BIG)))) == refused
    assert stream.reads == 0
    stream = Stream(BIG, b"more")
    assert ask(SMALL_APP, environ(stream, **TERMINATED)) == refused
    assert stream.pieces == [b"more"]


@pytest.mark.parametrize("stream", [Stream(GOOD[:9]), Stream(GOOD[:9], error=OSError()), Stream(GOOD, error=ValueError())])
def test_incomplete_body_counts_as_absent(stream: Stream) -> None:
    """Whatever can be read of it, even if all codes of an absent body are observed."""
    given = environ(stream, CONTENT_LENGTH=str(len(GOOD) + 1))
    assert ask(Middleware(echo_of, ENGINE, customer_of, observe={"400-264"}), given) == expected(by_customer(None))


@pytest.mark.parametrize(("name", "request_", "limit"), fixture_requests())
def test_fixture_is_answered_like_the_library(name: str, request_: Request, limit: int | None) -> None:
    """Repeated headers are joined first, as WSGI servers do."""
    assert name
    engine = load(OPERATION, TENANT, body_limit=ENGINE.body_limit if limit is None else limit, lazy=True)
    keys = {"content-type": "CONTENT_TYPE"}
    headers: dict[str, str] = {}
    for key, value in request_.headers:
        text = value.encode("latin-1", "replace").decode("latin-1")
        headers[key.lower()] = f"{headers[key.lower()]},{text}" if key.lower() in headers else text
    variables = {keys.get(key, f"HTTP_{key.upper().replace('-', '_')}"): value for key, value in headers.items()}
    octets = PATH.replace("2001", request_.ids or "").encode().decode("latin-1")
    app = Middleware(echo_of, engine, lambda _environ: request_.caller)
    environ_ = environ(request_.body or b"", octets, QUERY_STRING=request_.query, **variables)
    if headers.get("content-type") == "":
        del headers["content-type"]  # PEP 3333: empty or absent
    request = request_._replace(headers=list(headers.items()), ids=request_.ids or "")
    assert ask(app, environ_) == expected(request, engine)


@pytest.mark.parametrize(
    "members", [{"path": "/other"}, {"REQUEST_METHOD": "GET"}, {"REQUEST_METHOD": "HEAD"}, {"REQUEST_METHOD": "OPTIONS"}]
)
def test_request_to_no_operation_passes_unchanged(members: dict[str, Any]) -> None:
    """The application is called with the same two arguments, and its result is returned."""
    given, result, calls = environ(**members), object(), []

    def app(environ: Any, start_response: Any) -> Any:
        calls.append((environ, start_response))
        return result

    def start_response(*_: Any) -> None:
        """Do nothing."""

    assert Middleware(app, ENGINE, customer_of)(given, start_response) is result
    assert calls[0][0] is given
    assert calls[0][1] is start_response


@pytest.mark.parametrize(
    ("template", "script", "path"),
    [(None, "/api", PATH), ("/api/activities/{ids}/email-response", "/api", PATH), ("/v2/{ids}", "", "/v2/2001")],
)
def test_template_with_and_without_the_root(template: str | None, script: str, path: str) -> None:
    """SCRIPT_NAME is where the application is mounted."""
    app = Middleware(echo_of, ENGINE, customer_of, template)
    assert ask(app, environ(b"{}", path, SCRIPT_NAME=script))[0] == 400


@pytest.mark.parametrize(("observe", "passes"), [(True, True), ({"400-720"}, True), ({"400-721"}, False), (False, False)])
def test_request_with_observed_failures_passes_with_its_report(observe: ObserveSetting, *, passes: bool) -> None:
    """The application can read the failures that would have refused it."""
    verdicts: list[Verdict] = []
    app = Recording()
    status = ask(Middleware(app, ENGINE, customer_of, observe=observe, on_verdict=verdicts.append), environ(b"{}"))[0]
    assert (status, app.read) == ((201, [b"{}"]) if passes else (400, []))
    if app.environ is not None:
        report: Report = app.environ["validator.report"]
        assert report == ENGINE.validate(by_customer(b"{}"))
    ((operation, verdict, code, stage, seconds, skipped),) = verdicts
    assert (operation, verdict, code, stage, skipped) == (
        OPERATION,
        "observed" if passes else "refused",
        "400-720",
        "structure",
        (),
    )
    assert 0 < seconds < 60


@pytest.mark.parametrize("sizes", [(LIMIT + 9,), (7, LIMIT, 9), (LIMIT + 100,), (5,) * 3])
def test_oversized_body_streams_through_if_all_is_observed(sizes: tuple[int, ...]) -> None:
    """The part that was read comes first, then the rest."""
    app = Recording(sizes)
    stream = Stream(BIG[:9], BIG[9:], b"the rest")
    ask(Middleware(app, SMALL, customer_of, observe=True), environ(stream, **TERMINATED))
    assert b"".join(app.read) == (BIG + b"the rest")[: sum(sizes)]
    assert app.environ is not None
    assert app.environ["validator.report"].failures[0].code == "400-713"


def test_unread_body_streams_through_if_all_is_observed() -> None:
    """The application gets the input of the server."""
    app = Recording([1000])
    stream = io.BytesIO(GOOD)
    given = environ(stream, CONTENT_LENGTH=str(len(GOOD)), HTTP_X_CUSTOMER_ID="")
    ask(Middleware(app, ENGINE, customer_of, observe=True), given)
    assert app.environ is not None
    assert app.environ["wsgi.input"] is stream
    assert app.environ["validator.report"].failures[0].code == "401-101"
    large = Stream(BIG)
    ask(Middleware(app, SMALL, customer_of, observe=True), environ(large, CONTENT_LENGTH=str(len(BIG))))
    assert app.read == [BIG[:1000]]
    assert large.reads == 1


def test_incomplete_body_reaches_the_application_if_all_is_observed() -> None:
    """It can read the part that has arrived."""
    app = Recording((100,))
    ask(Middleware(app, ENGINE, customer_of, observe=True), environ(Stream(GOOD[:9]), CONTENT_LENGTH="50"))
    assert app.read == [GOOD[:9]]


def test_body_of_unauthenticated_request_is_not_read() -> None:
    """The answer is 401."""
    stream = Stream(GOOD)
    assert ask(APP, environ(stream, CONTENT_LENGTH=str(len(GOOD)), HTTP_X_CUSTOMER_ID=""))[0] == 401
    assert stream.reads == 0


@pytest.mark.parametrize("wrong", ["1001", 7])
def test_invalid_caller_is_answered_with_500(wrong: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A value that is not a caller, or a function that raises, does not let the request through."""
    assert ask(Middleware(echo_of, ENGINE, lambda _environ: wrong), environ(GOOD))[:2] == (500, JSON)
    assert ask(APP, environ(GOOD, HTTP_X_CUSTOMER_ID="broken", HTTP_ACCEPT=XML))[:2] == (500, XML)
    assert "s3cret" not in caplog.text


def test_repeated_content_type_is_reported_as_skipped() -> None:
    """WSGI joins the values. An empty Content-Type means an absent one, which is not skipped."""
    app = Recording()
    middleware = Middleware(app, ENGINE, customer_of)
    ask(middleware, environ(GOOD, CONTENT_TYPE=JSON))
    assert app.environ is not None
    assert [skip.code for skip in app.environ["validator.report"].skipped] == ["400-710"]
    ask(middleware, environ(GOOD, CONTENT_TYPE=""))
    assert app.environ["validator.report"].skipped == ()
    assert ask(middleware, environ(GOOD, CONTENT_TYPE=f"{JSON},{JSON}"))[0] == 400


def test_threads_are_independent() -> None:
    """Each request of eight threads gets its own answer, also while the directory waits for other keys."""
    app = Middleware(echo_of, load(OPERATION, Cached(TimeLimited(TENANT, 30))), customer_of)
    attribute = b', "customAttributes": {"customAttribute": [{"name": "n%d", "value": "x"}]}'
    bodies = [GOOD[:-1] + (attribute % number if number % 2 else b" " * number) + b"}" for number in range(1000)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda content: ask(app, environ(content)), bodies))
    assert answers == [expected(by_customer(content)) for content in bodies]


def test_octets_of_paths_and_queries_are_preserved() -> None:
    """Values that are not UTF-8 are refused with their codes, without an exception."""
    given = environ(GOOD, "/activities/\xff\xe4/email-response", QUERY_STRING="\xff=1", HTTP_ACCEPT="application/json")
    content = ask(APP, given)[2].decode()
    assert [code for code in ("400-108", "400-101") if code in content] == ["400-108", "400-101"]
