"""The middleware on real servers, over real sockets, with a real client."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest

from tests.servers.parts import GOOD, GOOD_XML, LIMIT, PATH, SMALL, customer, echo, expected, fixture_requests
from tests.servers.running import HOST, PATIENCE, gunicorn, hypercorn_h11, uvicorn_bounded, uvicorn_h11, uvicorn_httptools
from validator import Caller, Request
from validator.asgi import Message, Middleware, Receive, Scope, Send
from validator.model.request import JSON, XML

CALLER = Caller.customer("1001")
BIG: Final = GOOD + b" " * (LIMIT + 1 - len(GOOD))
HEAD: Final = f"POST {PATH} HTTP/1.1\r\nHost: {HOST}\r\nX-Customer-Id: 1001\r\n".encode()


class Counting:
    """``echo``, and how often it was called with a body that ended."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count requests."""
        self.calls += scope["type"] == "http"
        await echo(scope, receive, send)


APP = Counting()
ASGI: Final[dict[str, Callable[[Any], AbstractContextManager[int]]]] = {
    "uvicorn-h11": uvicorn_h11,
    "uvicorn-httptools": uvicorn_httptools,
    "uvicorn-bounded": uvicorn_bounded,
    "hypercorn": hypercorn_h11,
}


@contextmanager
def served(name: str) -> Iterator[int]:
    """Run a server with ``echo`` behind the middleware, and give its port."""
    if name == "gunicorn":
        with gunicorn("tests.servers.wsgi_application", "--worker-class", "gthread", "--threads", "4") as (port, _):
            yield port
    else:
        with ASGI[name](Middleware(APP, SMALL, customer)) as port:
            yield port


@pytest.fixture(scope="module", params=[*ASGI, "gunicorn"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """Return the name and the port of a running server."""
    with served(request.param) as port:
        yield request.param, port


@pytest.fixture
def port(server: tuple[str, int]) -> int:
    """Return the port alone."""
    return server[1]


@pytest.fixture
def client(port: int) -> Iterator[httpx.Client]:
    """Return a client that keeps its connection."""
    with httpx.Client(base_url=f"http://{HOST}:{port}", headers={"X-Customer-Id": "1001"}, timeout=PATIENCE) as client:
        yield client


def answer(response: httpx.Response) -> tuple[int, str, bytes]:
    """Return status, Content-Type and body."""
    return response.status_code, response.headers.get("Content-Type", ""), response.content


def library(content: bytes, media: str = JSON, accept: str = "*/*") -> tuple[int, str, bytes]:
    """Return what the library answers a request of customer 1001 with."""
    return expected(Request("2001", "", [("Content-Type", media), ("Accept", accept)], content, CALLER), SMALL)


def exchange(port: int, sent: bytes, *, goes_away: bool = False) -> bytes:
    """Send bytes, and return all that comes back until the server closes; goes_away: say that no more will come."""
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        if goes_away:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(1 << 16):
            received += chunk
    return received


@pytest.mark.parametrize(
    ("content", "media"), [(GOOD, JSON), (GOOD_XML, XML), (b"{}", JSON), (b"<activity><x/></activity>", XML), (b"", JSON)]
)
@pytest.mark.parametrize("accept", [JSON, XML])
def test_answers_are_the_librarys(client: httpx.Client, content: bytes, media: str, accept: str) -> None:
    """With a length, and in chunks."""
    headers = {"Content-Type": media, "Accept": accept}
    assert answer(client.post(PATH, content=content, headers=headers)) == library(content, media, accept)
    chunks = (bytes([byte]) for byte in content)
    assert answer(client.post(PATH, content=chunks, headers=headers)) == library(content, media, accept)


def test_every_fixture_that_a_client_can_send(client: httpx.Client) -> None:
    """Each code comes over the wire as the library words it, and each near miss passes."""
    tried = 0
    for name, request, limit in fixture_requests():
        headers = [(key.lower(), value) for key, value in request.headers]
        plain = all(value.isascii() and value.isprintable() and value == value.strip() for _, value in headers)
        repeated = len({key for key, _ in headers}) < len(headers) or ("content-type", "") in headers
        if limit is None and plain and not repeated and request.ids is not None and request.ids.isalnum():
            caller = request.caller
            named = "" if caller is None else (caller.id or caller.kind)
            sent = {"Accept": "*/*", **dict(request.headers), "X-Customer-Id": named}
            url = f"{PATH.replace('2001', request.ids)}?{request.query}"
            asked = replace(request, headers=list(sent.items()))
            response = client.post(url, content=request.body or b"", headers=sent)
            assert answer(response) == expected(asked, SMALL), name
            tried += 1
    assert tried > 450


def test_a_body_of_the_limit_and_one_more(client: httpx.Client) -> None:
    """With a length, and in chunks."""
    assert answer(client.post(PATH, content=BIG[:-1])) == library(BIG[:-1])
    assert answer(client.post(PATH, content=BIG)) == library(BIG)
    assert answer(client.post(PATH, content=iter([BIG[:100], BIG[100:]]))) == library(BIG)
    assert answer(client.post(PATH, content=GOOD)) == library(GOOD)


def test_other_methods_and_routes_pass(client: httpx.Client) -> None:
    """The application answers without a report; HEAD has no body, and the connection goes on."""
    assert client.get(PATH).content.endswith(b" None")
    head = client.head(PATH)
    assert (head.status_code, head.content) == (201, b"")
    assert client.post("/other", content=b"{}").content.endswith(b" None")
    assert answer(client.post(PATH, content=b"{}")) == library(b"{}")


def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    """Good and bad ones on one connection, all sent before the first answer."""
    contents = [GOOD, b"{}", b"[", GOOD + b"\n", b"{}"]
    requests = [HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(content), content) for content in contents[:-1]]
    chunked = HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    received = exchange(port, b"".join(requests) + chunked)
    at = 0
    for content in contents:
        status, _, told = library(content)
        at = received.index(b"HTTP/1.1 %d " % status, at)
        at = received.index(told, at) + len(told)
    assert received.count(b"HTTP/1.1 ") == len(contents)


def test_expect_100_continue(server: tuple[str, int]) -> None:
    """A client that waits is told to go on, unless it is refused before its body."""
    name, port = server
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(GOOD))
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 100 ")
        connection.sendall(GOOD)
        assert b"HTTP/1.1 201 " in connection.recv(1 << 16)
    if not name.startswith("uvicorn"):
        return  # the others say 100 before anybody is asked
    refused = exchange(port, HEAD.replace(b"1001", b"") + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(GOOD))
    assert refused.startswith(b"HTTP/1.1 401 ")
    assert b"401-101" in refused


def test_half_a_body_never_reaches_the_application(server: tuple[str, int]) -> None:
    """The client goes away; the next one is served."""
    name, port = server
    before = APP.calls
    with_length = b"Content-Length: %d\r\n\r\n%b" % (len(GOOD) + 1, GOOD)
    chunked = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(GOOD), GOOD)
    for framing in (with_length, chunked):
        received = exchange(port, HEAD + framing, goes_away=True)
        assert b"HTTP/1.1 201 " not in received
    with httpx.Client(base_url=f"http://{HOST}:{port}", headers={"X-Customer-Id": "1001"}, timeout=PATIENCE) as client:
        assert answer(client.post(PATH, content=GOOD)) == library(GOOD)
    if name != "gunicorn":
        assert APP.calls == before + 1


def test_a_stream_without_end_is_refused_and_not_read_on(port: int) -> None:
    """What the client can send before it hears of it is what the buffers between hold, not what it wants to send."""
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    sent = 0
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            while sent < 1 << 30:
                connection.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
    assert sent < 1 << 26


@pytest.mark.parametrize("name", ASGI)
def test_what_passes_untouched_keeps_its_backpressure(name: str) -> None:
    """A body that is only observed is not read faster than the application takes it."""
    taken: list[int] = []

    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await echo(scope, receive, send)
            return
        message: Message = await receive()
        taken.append(len(message["body"]))
        while (await receive())["type"] != "http.disconnect" and len(taken) < 3:
            taken.append(0)

    with (
        ASGI[name](Middleware(never, SMALL, customer, observe=True)) as port,
        socket.create_connection((HOST, port), timeout=1) as connection,
    ):
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % (1 << 30))
        sent = 0
        try:
            while sent < 1 << 30:
                sent += connection.send(b" " * (1 << 16))
        except OSError:  # it takes no more
            pass
    assert sent < 1 << 27
