"""Limits on connections: their number, how long they may wait, and file descriptors that run out."""

import asyncio
import errno
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any, Final

import pytest

from tests.servers.parts import ENGINE, GOOD, PATH, customer, echo
from tests.servers.running import HOST, PATIENCE, uvicorn_bounded
from tests.sidecar.processes import CHECK, post, process
from validator import rare_log
from validator.asgi import Message, Middleware, Receive, Scope, Send
from validator.sidecar.connections import ConnectionLimits, Connections, fit_descriptors, make_error_handler

SHORT: Final = 0.2  # seconds
HEAD: Final = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nX-Customer-Id: 1001\r\n".encode()
LENGTH: Final = b"Content-Length: %d\r\n\r\n"


class Client:
    """A connection that notes in which order it was closed."""

    def __init__(self, name: str, closed: list[str]) -> None:
        self.name, self.closed = name, closed

    def abort(self) -> None:
        """Note it."""
        self.closed.append(self.name)


def test_longest_waiting_connection_is_closed_first() -> None:
    """Of those without a head, then of those between two requests; with requests in progress on all others, the new one."""
    closed: list[str] = []
    connections = Connections(ConnectionLimits(maximum=4))
    clients = {name: Client(name, closed) for name in ("idle", "later", "silent", "busy", "1", "2", "3", "4", "5")}
    for name in ("idle", "later", "silent", "busy"):
        connections.add(clients[name])
    for name in ("later", "idle"):
        connections.start_request(clients[name])
    for name in ("idle", "later"):
        connections.end_request(clients[name])
    connections.start_request(clients["busy"])
    for name in ("1", "2"):
        connections.add(clients[name])
        connections.start_request(clients[name])
    assert (closed, connections.count) == (["silent", "idle"], 4)
    connections.add(clients["3"])
    connections.start_request(clients["3"])
    connections.add(clients["4"])
    assert (closed, connections.count) == (["silent", "idle", "later", "4"], 4)
    connections.remove(clients["busy"])
    connections.add(clients["5"])
    assert (closed, connections.count) == (["silent", "idle", "later", "4"], 4)


@contextmanager
def descriptors(soft: int, hard: int) -> Iterator[list[tuple[int, int]]]:
    """Pretend other limits on file descriptors, and yield the limits that are set."""
    calls: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resource, "getrlimit", lambda _kind: (soft, hard))
        patch.setattr(resource, "setrlimit", lambda _kind, limits: calls.append(limits))
        yield calls


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "calls"),
    [
        (1088, 4096, 1024, []),
        (1087, 4096, 1024, [(1088, 4096)]),
        (256, -1, 1024, [(1088, -1)]),
        (-1, -1, 1024, []),
        (256, 1000, 936, [(1000, 1000)]),
        (40, 40, 8, [(40, 40)]),
    ],
)
def test_connections_fit_the_descriptors(
    soft: int, hard: int, connections: int, calls: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The soft limit is raised as far as needed; if the hard one is too low, there are fewer connections and a warning."""
    with descriptors(soft, hard) as changes:
        assert (fit_descriptors(1024), changes) == (connections, calls)
    warning = f"only {hard} file descriptors: at most {connections} connections in place of 1024; raise the limit (ulimit -n)"
    assert caplog.messages == ([] if connections == 1024 else [warning])


def test_exhausted_descriptors_are_logged_once(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other errors of the event loop are logged as usual."""
    monkeypatch.setattr(rare_log, "INTERVAL", 60.0)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(make_error_handler())
    for error in (OSError(errno.EMFILE, "a"), OSError(errno.ENFILE, "b"), OSError(errno.EPERM, "c"), None):
        loop.call_exception_handler({"message": "accept", "exception": error, "socket": 1})
    loop.call_exception_handler({"message": "file", "exception": OSError(errno.EMFILE, "d")})
    loop.close()
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 4
    assert caplog.messages[0] == "no connections accepted for lack of file descriptors or memory: 1 times"
    assert [message.split("\n")[0] for message in caplog.messages[1:]] == ["accept", "accept", "file"]


def receive_all(connection: socket.socket) -> tuple[bytes, float]:
    """Return everything that is received until the server closes, and how long that takes in seconds."""
    start, received = time.monotonic(), b""
    try:
        while chunk := connection.recv(1 << 16):
            received += chunk
    except ConnectionResetError:
        pass
    return received, time.monotonic() - start


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Run a server whose clients have little time."""
    limits = ConnectionLimits(head_seconds=SHORT, idle_seconds=3 * SHORT)
    with uvicorn_bounded(Middleware(echo, ENGINE, customer), Connections(limits)) as port:
        yield port


@pytest.mark.parametrize(
    ("pieces", "status", "waits"),
    [
        ([], b"", 1),
        ([b"POST"], b"", 1),
        ([b"\r\n"] * 5, b"", 1),
        ([HEAD[:9], HEAD[9:20], HEAD[20:25]], b"", 1),
        ([HEAD + LENGTH % len(GOOD) + GOOD], b"201", 3),
        ([HEAD + LENGTH % len(GOOD) + GOOD[:9], GOOD[9:]], b"201", 3),
        ([HEAD + LENGTH % len(GOOD) + GOOD, b"\r\n", b"POST /"], b"201", 1),
        ([HEAD.replace(b"1001", b"") + LENGTH % 9], b"401", 1),
        ([HEAD.replace(b"1001", b"") + LENGTH % 9, b"123456", b"789"], b"401", 3),
        ([HEAD.replace(b"1001", b"") + LENGTH % 9, b"123456789" + HEAD + LENGTH % len(GOOD) + GOOD], b"401", 3),
    ],
)
def test_time_of_waiting_clients_is_limited(port: int, pieces: list[bytes], status: bytes, waits: int) -> None:
    """For a head, and for the rest of a body that was not needed: one time span; between two requests: another one."""
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        for piece in pieces:
            time.sleep(SHORT / 10)
            connection.sendall(piece)
        received, seconds = receive_all(connection)
    assert received[9:12] == status
    assert received.count(b"HTTP/1.1 201") == sum(GOOD[9:] in piece for piece in pieces)
    assert SHORT * (waits - 0.9) < seconds < SHORT * (waits + 1.5)


def test_client_that_does_not_receive_its_answer_is_disconnected() -> None:
    """Although its request has ended. One that receives slowly is not disconnected."""

    async def send_much(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await echo(scope, receive, send)
            return
        start: Message = {"type": "http.response.start", "status": 200, "headers": []}
        await send(start)
        for _ in range(64):
            await send({"type": "http.response.body", "body": b"a" * (1 << 18), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    connections = Connections(ConnectionLimits(head_seconds=SHORT))
    with uvicorn_bounded(send_much, connections) as port, ExitStack() as stack:
        deaf, slow = (stack.enter_context(socket.create_connection((HOST, port), timeout=PATIENCE)) for _ in range(2))
        for one in (deaf, slow):
            one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        size = 0
        while chunk := slow.recv(1 << 17):
            size += len(chunk)
            time.sleep(SHORT / 100)
        assert size > 64 << 18
        while connections.count:
            time.sleep(0.01)


def test_unauthenticated_requests_hold_no_places() -> None:
    """Each is answered from its head, however little of its body has arrived; an authenticated request is served meanwhile."""
    anonymous = f"POST {CHECK} HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{{".encode()
    with process("--concurrency", "8", "--connections", "64") as (_, port), ExitStack() as stack:
        for _ in range(16):
            connection = stack.enter_context(socket.create_connection((HOST, port), timeout=PATIENCE))
            connection.sendall(anonymous)
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 401 ")
        assert post(port) == (200, b"")


def receive_one(connection: socket.socket) -> tuple[int, str | None]:
    """Receive one answer, and return its status and its header Connection."""
    with HTTPResponse(connection) as response:
        response.begin()
        response.read()
        return response.status, response.getheader("Connection")


def test_bodies_are_not_read_without_need() -> None:
    """Of a refused head and of other routes. The connection remains usable, unless the client may not send the body."""
    other = b"POST /check/other HTTP/1.1\r\nHost: a\r\n"
    refused = f"POST {CHECK} HTTP/1.1\r\nHost: a\r\n".encode()
    good = f"POST {CHECK} HTTP/1.1\r\nHost: a\r\nX-Customer-Id: 1001\r\n".encode() + LENGTH % len(GOOD) + GOOD
    with process() as (_, port):
        for head, status in ((other, b"200"), (refused, b"401")):
            with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
                connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nab")
                assert receive_one(connection) == (int(status), None)
                connection.sendall(b"c\r\n0\r\n\r\n" + good)
                assert receive_one(connection) == (200, None)
            with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
                connection.sendall(head + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n")
                answer = receive_all(connection)[0]
                assert (answer[9:12], b"connection: close" in answer, answer.count(b"HTTP/1.1")) == (status, True, 1)


def test_exhausted_descriptors_do_not_starve_other_requests() -> None:
    """More connections than descriptors: /health is answered, and the log stays short."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        server, port = stack.enter_context(process(before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096) if hard > 0 else 4096, hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for number in range(400):
            connection = stack.enter_context(socket.create_connection((HOST, port), timeout=PATIENCE))
            connection.sendall(b"P" * (number % 2))
            if number % 100 == 99:
                health = HTTPConnection(HOST, port, timeout=5)
                health.request("GET", "/health")
                assert health.getresponse().status == 200
                health.close()
        assert post(port) == (200, b"")
        server.terminate()
        assert server.stderr is not None
        log = server.stderr.read()
    assert "too many connections: closed 1 that were waiting" in log
    assert len(log) < 2000
