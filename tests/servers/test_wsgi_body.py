"""Bodies in WSGI: how their end is known, and that an observing middleware changes nothing that the application receives."""

import io
from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.servers.parts import ENGINE, GOOD, LIMIT, SMALL, customer_of, echo_of, expected
from tests.servers.test_wsgi import Stream, ask, by_customer, environ
from validator import Report
from validator.wsgi import Middleware

CHUNKED: Final[dict[str, Any]] = {"HTTP_TRANSFER_ENCODING": "chunked"}
ENDED: Final[dict[str, Any]] = {"wsgi.input_terminated": True}
BIG: Final = GOOD + b" " * LIMIT
LINES: Final = b'{"a":\n1}\n\n' + b"x" * LIMIT + b"\nend"


@pytest.mark.parametrize(
    "members",
    [
        CHUNKED,
        {"HTTP_TRANSFER_ENCODING": "gzip, chunked"},
        CHUNKED | {"wsgi.input_terminated": False},
        CHUNKED | {"CONTENT_LENGTH": ""},
        {"SERVER_PROTOCOL": "HTTP/2"},
        {"SERVER_PROTOCOL": "HTTP/3.0"},
    ],
)
def test_body_whose_end_is_unknown_is_an_error_of_the_server(members: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """It is not read, which could wait forever, and it is not absent: the log says what to change."""
    stream = Stream(GOOD)
    status, _, content = ask(Middleware(echo_of, ENGINE, customer_of), environ(stream, **members))
    assert (status, content[:19], stream.reads) == (500, b'{"code": "500-100",', 0)
    assert "use a server that sets wsgi.input_terminated, or a buffering gateway" in caplog.text
    assert ask(Middleware(echo_of, ENGINE, customer_of), environ(stream, **members, HTTP_X_CUSTOMER_ID=""))[0] == 401


@pytest.mark.parametrize(
    ("stream", "members"),
    [
        (Stream(GOOD[:3], GOOD[3:]), CHUNKED | ENDED),
        (Stream(GOOD), CHUNKED | ENDED | {"CONTENT_LENGTH": "3"}),  # chunked takes precedence (RFC 9112, 6.3)
        (Stream(GOOD), CHUNKED | {"CONTENT_LENGTH": str(len(GOOD))}),  # a gateway has decoded it
        (Stream(GOOD), {"SERVER_PROTOCOL": "HTTP/2"} | ENDED),
        (io.BytesIO(GOOD), CHUNKED),  # in memory: it ends where it ends
        (io.BytesIO(GOOD), {"SERVER_PROTOCOL": "HTTP/2"}),
        (Stream(GOOD), {"HTTP_TRANSFER_ENCODING": "identity", "CONTENT_LENGTH": str(len(GOOD))}),
    ],
)
def test_body_whose_end_is_known_is_read(stream: Any, members: dict[str, Any]) -> None:
    """The application gets it with its length, as frameworks need it."""
    given = environ(stream, **members)
    assert ask(Middleware(echo_of, ENGINE, customer_of), given) == expected(by_customer(GOOD))
    assert (given["CONTENT_LENGTH"], given["wsgi.input_terminated"]) == (str(len(GOOD)), True)


@pytest.mark.parametrize("members", [{}, {"HTTP_TRANSFER_ENCODING": "identity"}, {"SERVER_PROTOCOL": "HTTP/1.1"}])
def test_request_without_framing_has_no_body(members: dict[str, Any]) -> None:
    """In HTTP/1.1 (RFC 9112, 6.3)."""
    stream = Stream(GOOD)
    assert ask(Middleware(echo_of, ENGINE, customer_of), environ(stream, **members)) == expected(by_customer(None))
    assert stream.reads == 0


Read = Callable[[Any], list[bytes]]
READS: Final[dict[str, Read]] = {
    "all": lambda stream: [stream.read()],
    "None": lambda stream: [stream.read(None)],
    "pieces": lambda stream: [stream.read(size) for size in (0, 3, 7, LIMIT, 2 * LIMIT, 5)],
    "lines": lambda stream: [stream.readline() for _ in range(6)],
    "short lines": lambda stream: [stream.readline(size) for size in (2, 100, 4, LIMIT - 9, 50, -1, None, 9)],
    "all lines": lambda stream: stream.readlines(),
    "some lines": lambda stream: [*stream.readlines(5), *stream.readlines(None), *stream.readlines(0)],
    "iteration": list,
}


class Wire:
    """A server's input around a body, which has nothing but the methods of PEP 3333."""

    def __init__(self, content: bytes) -> None:
        source = io.BytesIO(content)
        self.read, self.readline, self.readlines = source.read, source.readline, source.readlines
        self.__source = source

    def __iter__(self) -> Any:
        return iter(self.__source)


class Recording:
    """An application that records its environ, and what it reads."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.results: list[bytes] = []
        self.environ: dict[str, Any] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """Record the environ as it is, then read."""
        self.environ = dict(environ)
        self.results = self.read(environ["wsgi.input"])
        start_response("201 Created", [("Content-Length", "0")])
        return []


@pytest.mark.parametrize(
    "content", [b"", b"{}", GOOD, BIG, LINES, b"\n" * (LIMIT + 5)], ids=["empty", "bad", "good", "big", "lines", "LF"]
)
@pytest.mark.parametrize(
    "members",
    [{"CONTENT_LENGTH": None}, ENDED, CHUNKED | ENDED, CHUNKED, {}, {"HTTP_X_CUSTOMER_ID": ""}, {"HTTP_X_CUSTOMER_ID": "broken"}],
    ids=["length", "ended", "chunked", "chunked without end", "no framing", "no caller", "error"],
)
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_observing_changes_nothing_that_the_application_receives(content: bytes, members: dict[str, Any], read: Read) -> None:
    """Whatever the body and its framing are, the environ and the results of all reads are those without the middleware."""
    if "CONTENT_LENGTH" in members:
        members = {"CONTENT_LENGTH": str(len(content))}
    bare, observed = Recording(read), Recording(read)
    ask(bare, environ(Wire(content), **members))
    ask(Middleware(observed, SMALL, customer_of, observe=True), environ(Wire(content), **members))
    assert observed.results == bare.results
    report: Report = observed.environ.pop("validator.report")
    assert report.operation == "create-email-response"
    del observed.environ["wsgi.input"], bare.environ["wsgi.input"]
    assert observed.environ == bare.environ


@pytest.mark.parametrize("content", [GOOD, b"{}", BIG, b""])
@pytest.mark.parametrize("members", [{"CONTENT_LENGTH": None}, ENDED, CHUNKED | ENDED, CHUNKED])
def test_layers_around_each_other_validate_alike(content: bytes, members: dict[str, Any]) -> None:
    """An observing one outside, and one that refuses inside, also where the body is too large for the first."""
    if "CONTENT_LENGTH" in members:
        members = {"CONTENT_LENGTH": str(len(content))}
    inner = Middleware(echo_of, SMALL, customer_of)
    for outer in (Middleware(inner, SMALL, customer_of, observe=True), Middleware(inner, SMALL, customer_of)):
        assert ask(outer, environ(Wire(content), **members)) == ask(inner, environ(Wire(content), **members))


def test_no_more_is_read_than_the_application_requests() -> None:
    """A client may wait for an answer before it sends the rest."""
    stream = Stream(BIG, b"now", b"later")
    application = Recording(lambda stream: [stream.read(len(BIG)), stream.read(2)])
    ask(Middleware(application, SMALL, customer_of, observe=True), environ(stream, **ENDED))
    assert (application.results, stream.pieces) == ([BIG, b"no"], [b"w", b"later"])


def test_input_that_was_replaced_can_be_closed() -> None:
    """Frameworks close it; the server's own stays open."""
    stream = Stream(BIG, b"later")
    given = environ(stream, **ENDED)
    ask(Middleware(Recording(lambda stream: [stream.close()]), SMALL, customer_of, observe=True), given)
    assert not stream.closed
    assert given["wsgi.input"].read(1) == BIG[:1]
