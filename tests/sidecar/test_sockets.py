"""The middleware on real servers, over sockets, with a real client."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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
    """``echo`` with a counter of requests."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request and answer it."""
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
    """Run a server with ``echo`` behind the middleware, and yield its port."""
    if name == "gunicorn":
        with gunicorn("tests.servers.wsgi_application", "--worker-class", "gthread", "--threads", "4") as (port, _):
            yield port
    else:
        with ASGI[name](Middleware(APP, SMALL, customer)) as port:
            yield port


@pytest.fixture(scope="module", params=[*ASGI, "gunicorn"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """Run each server; return its name and port."""
    with served(request.param) as port:
        yield request.param, port


@pytest.fixture
def port(server: tuple[str, int]) -> int:
    """Return the port of the server."""
    return server[1]


@pytest.fixture
def client(port: int) -> Iterator[httpx.Client]:
    """Return a client with a persistent connection."""
    with httpx.Client(base_url=f"http://{HOST}:{port}", headers={"X-Customer-Id": "1001"}, timeout=PATIENCE) as client:
        yield client


def answer(response: httpx.Response) -> tuple[int, str, bytes]:
    """Return status, Content-Type and body."""
    return response.status_code, response.headers.get("Content-Type", ""), response.content


def expected_answer(content: bytes, media: str = JSON, accept: str = "*/*") -> tuple[int, str, bytes]:
    """Return the library's answer to a request of customer 1001."""
    return expected(Request("2001", "", [("Content-Type", media), ("Accept", accept)], content, CALLER), SMALL)


def exchange(port: int, data: bytes, *, disconnects: bool = False) -> bytes:
    """Send data, and return everything received until the server closes. disconnects: shut down the sending side."""
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        connection.sendall(data)
        if disconnects:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(1 << 16):
            received += chunk
    return received


@pytest.mark.parametrize(
    ("content", "media"), [(GOOD, JSON), (GOOD_XML, XML), (b"{}", JSON), (b"<activity><x/></activity>", XML), (b"", JSON)]
)
@pytest.mark.parametrize("accept", [JSON, XML])
def test_answer_is_that_of_the_library(client: httpx.Client, content: bytes, media: str, accept: str) -> None:
    """For bodies with a length and for chunked ones."""
    headers = {"Content-Type": media, "Accept": accept}
    assert answer(client.post(PATH, content=content, headers=headers)) == expected_answer(content, media, accept)
    chunks = (bytes([byte]) for byte in content)
    assert answer(client.post(PATH, content=chunks, headers=headers)) == expected_answer(content, media, accept)


def test_fixtures_are_answered_like_the_library(client: httpx.Client) -> None:
    """All fixtures that a client can send: refusals byte for byte, and each near miss passes."""
    count = 0
    for name, request, limit in fixture_requests():
        headers = [(key.lower(), value) for key, value in request.headers]
        plain = all(value.isascii() and value.isprintable() and value == value.strip() for _, value in headers)
        repeated = len({key for key, _ in headers}) < len(headers) or ("content-type", "") in headers
        if limit is None and plain and not repeated and request.ids is not None and request.ids.isalnum():
            caller = request.caller
            caller_header = "" if caller is None else (caller.id or caller.kind)
            headers_sent = {"Accept": "*/*", **dict(request.headers), "X-Customer-Id": caller_header}
            url = f"{client.base_url}{PATH.replace('2001', request.ids)}?{request.query}"
            result = expected(request._replace(headers=list(headers_sent.items())), SMALL)
            # A server may close the connection after an answer that came before the body; the next request needs a new one.
            post = httpx.post if result[0] in {401, 403, 406} else client.post
            assert answer(post(url, content=request.body or b"", headers=headers_sent, timeout=PATIENCE)) == result, name
            count += 1
    assert count > 450


def test_body_limit(client: httpx.Client) -> None:
    """A body of the limit passes, one more byte is refused; with a length and chunked."""
    assert answer(client.post(PATH, content=BIG[:-1])) == expected_answer(BIG[:-1])
    assert answer(client.post(PATH, content=BIG)) == expected_answer(BIG)
    assert answer(client.post(PATH, content=iter([BIG[:100], BIG[100:]]))) == expected_answer(BIG)
    assert answer(client.post(PATH, content=GOOD)) == expected_answer(GOOD)


def test_other_methods_and_routes_pass(client: httpx.Client) -> None:
    """The application answers without a report. HEAD has no body, and the connection stays usable."""
    assert client.get(PATH).content.endswith(b" None")
    head = client.head(PATH)
    assert (head.status_code, head.content) == (201, b"")
    assert client.post("/other", content=b"{}").content.endswith(b" None")
    assert answer(client.post(PATH, content=b"{}")) == expected_answer(b"{}")


def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    """Accepted and refused ones on one connection, all sent before the first answer."""
    contents = [GOOD, b"{}", b"[", GOOD + b"\n", b"{}"]
    requests = [HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(content), content) for content in contents[:-1]]
    chunked = HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    received = exchange(port, b"".join(requests) + chunked)
    at = 0
    for content in contents:
        status, _, text = expected_answer(content)
        at = received.index(b"HTTP/1.1 %d " % status, at)
        at = received.index(text, at) + len(text)
    assert received.count(b"HTTP/1.1 ") == len(contents)


def test_expect_100_continue(server: tuple[str, int]) -> None:
    """A waiting client gets 100, unless its request is refused before the body."""
    name, port = server
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(GOOD))
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 100 ")
        connection.sendall(GOOD)
        assert b"HTTP/1.1 201 " in connection.recv(1 << 16)
    if not name.startswith("uvicorn"):
        return  # the others send 100 before they call the application
    refused = exchange(port, HEAD.replace(b"1001", b"") + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(GOOD))
    assert refused.startswith(b"HTTP/1.1 401 ")
    assert b"401-101" in refused


def test_incomplete_body_never_reaches_the_application(server: tuple[str, int]) -> None:
    """The client disconnects; the next one is served."""
    name, port = server
    before = APP.calls
    with_length = b"Content-Length: %d\r\n\r\n%b" % (len(GOOD) + 1, GOOD)
    chunked = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(GOOD), GOOD)
    for framing in (with_length, chunked):
        received = exchange(port, HEAD + framing, disconnects=True)
        assert b"HTTP/1.1 201 " not in received
    with httpx.Client(base_url=f"http://{HOST}:{port}", headers={"X-Customer-Id": "1001"}, timeout=PATIENCE) as client:
        assert answer(client.post(PATH, content=GOOD)) == expected_answer(GOOD)
    if name != "gunicorn":
        assert APP.calls == before + 1


def test_endless_body_is_refused_and_not_read(port: int) -> None:
    """The client can send only as much as the buffers on the way hold."""
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    size = 0
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            while size < 1 << 30:
                connection.sendall(chunk)
                size += len(chunk)
        except OSError:
            pass
    assert size < 1 << 26


@pytest.mark.parametrize("name", ASGI)
def test_observed_bodies_have_backpressure(name: str) -> None:
    """A body that passes in any case is not read faster than the application reads it."""
    sizes: list[int] = []

    async def read_slowly(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await echo(scope, receive, send)
            return
        message: Message = await receive()
        sizes.append(len(message["body"]))
        while (await receive())["type"] != "http.disconnect" and len(sizes) < 3:
            sizes.append(0)

    with (
        ASGI[name](Middleware(read_slowly, SMALL, customer, observe=True)) as port,
        socket.create_connection((HOST, port), timeout=1) as connection,
    ):
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % (1 << 30))
        size = 0
        try:
            while size < 1 << 30:
                size += connection.send(b" " * (1 << 16))
        except OSError:  # the buffers are full
            pass
    assert size < 1 << 27
