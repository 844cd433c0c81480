"""The sidecar's HTTP protocol keeps no more of a connection than it needs."""

import select
import socket

from tests.servers.parts import ENGINE, GOOD, PATH, customer, echo
from tests.servers.running import HOST, PATIENCE, uvicorn_bounded
from validator.asgi import Middleware
from validator.sidecar.listener import open_tcp_listener


def flood(port: int, beginning: bytes, piece: bytes) -> tuple[int, bytes]:
    """Send a piece again and again until the server closes; return how many bytes it took, and what it answered."""
    sent = 0
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        connection.sendall(beginning)
        try:
            while sent < 1 << 26:
                connection.sendall(piece)
                sent += len(piece)
                if select.select([connection], [], [], 0)[0]:
                    return sent, connection.recv(1 << 16)
        except OSError:
            return sent, b""
    return sent, b""


def test_nothing_but_a_body_may_be_large() -> None:
    """A head, a header, trailers or line ends without end are cut off; a body in tiny chunks and a large head are not."""
    start = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nX-Customer-Id: 1001\r\n".encode()
    chunked = start + b"Transfer-Encoding: chunked\r\n\r\n"
    with uvicorn_bounded(Middleware(echo, ENGINE, customer)) as port:
        floods = [
            flood(port, start, b"X-A: " + b"a" * 1000 + b"\r\n"),
            flood(port, start + b"X-A: ", b"a" * 1000),
            flood(port, chunked + b"1\r\n{\r\n0\r\n", b"X-A: " + b"a" * 1000 + b"\r\n"),
            flood(port, b"", b"\r\n" * 500),
        ]
        assert [sent < 1 << 24 for sent, _ in floods] == [True] * 4
        assert {said[:12] for _, said in floods} <= {b"", b"HTTP/1.1 400"}
        tiny = b"".join(b"1\r\n%c\r\n" % byte for byte in GOOD + b" " * 100_000)
        large = start + b"X-A: " + b"a" * 60_000 + b"\r\nContent-Length: %d\r\n\r\n" % len(GOOD) + GOOD
        for sent in (chunked + tiny + b"0\r\n\r\n", large):
            with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
                connection.sendall(sent)
                assert connection.recv(1 << 16).startswith(b"HTTP/1.1 201 ")


def test_connections_do_not_wait_for_acknowledgements() -> None:
    """What is written is sent, also on the loop that comes with Python."""
    with open_tcp_listener(HOST, 0) as listener, socket.create_connection(listener.getsockname()):
        taken, _ = listener.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_trailers_are_no_headers() -> None:
    """Neither who calls nor how the body is read can be said in them."""
    start = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n".encode()
    framed = b"\r\n%x\r\n%b\r\n0\r\n" % (len(GOOD), GOOD)
    with uvicorn_bounded(Middleware(echo, ENGINE, customer)) as port:
        for head, trailer, status in (
            (start, b"X-Customer-Id: 1001", b"401"),
            (start + b"X-Customer-Id: 1001\r\n", b"Content-Type: application/xml", b"201"),
        ):
            with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
                connection.sendall(head + framed + trailer + b"\r\n\r\n")
                assert connection.recv(1 << 16).startswith(b"HTTP/1.1 " + status)


def test_requests_that_wait_are_not_added_to() -> None:
    """A client that sends on and on and reads nothing is not read from on and on."""
    request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 1000
    sent = 0
    with uvicorn_bounded(echo) as port, socket.create_connection((HOST, port), timeout=1) as connection:
        try:
            while sent < 1 << 27:
                sent += connection.send(request)
        except OSError:  # it takes no more
            pass
    assert sent < 1 << 26
