"""The sidecar's HTTP protocol limits how much of a connection is stored."""

import select
import socket
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from packaging.requirements import Requirement
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.paths import ROOT
from tests.servers.parts import ENGINE, GOOD, PATH, customer, echo
from tests.servers.running import HOST, PATIENCE, uvicorn_bounded
from validator.asgi import Middleware
from validator.sidecar.connections import ConnectionLimits, Connections
from validator.sidecar.http_protocol import find_missing_internals
from validator.sidecar.listener import open_tcp_listener
from validator.sidecar.worker import choose_protocol


def flood(port: int, beginning: bytes, piece: bytes) -> tuple[int, bytes]:
    """Send a piece repeatedly until the server answers or closes; return the bytes that were sent, and the answer."""
    size = 0
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        connection.sendall(beginning)
        try:
            while size < 1 << 26:
                connection.sendall(piece)
                size += len(piece)
                if select.select([connection], [], [], 0)[0]:
                    return size, connection.recv(1 << 16)
        except OSError:
            return size, b""
    return size, b""


def test_only_bodies_may_be_large() -> None:
    """An endless head, header, trailer section or run of line ends is cut off; a body in tiny chunks and a large head are not."""
    start = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nX-Customer-Id: 1001\r\n".encode()
    chunked = start + b"Transfer-Encoding: chunked\r\n\r\n"
    with uvicorn_bounded(Middleware(echo, ENGINE, customer)) as port:
        floods = [
            flood(port, start, b"X-A: " + b"a" * 1000 + b"\r\n"),
            flood(port, start + b"X-A: ", b"a" * 1000),
            flood(port, chunked + b"1\r\n{\r\n0\r\n", b"X-A: " + b"a" * 1000 + b"\r\n"),
            flood(port, b"", b"\r\n" * 500),
        ]
        assert [size < 1 << 24 for size, _ in floods] == [True] * 4
        assert {content[:12] for _, content in floods} <= {b"", b"HTTP/1.1 400"}
        tiny = b"".join(b"1\r\n%c\r\n" % byte for byte in GOOD + b" " * 100_000)
        large = start + b"X-A: " + b"a" * 60_000 + b"\r\nContent-Length: %d\r\n\r\n" % len(GOOD) + GOOD
        for request in (chunked + tiny + b"0\r\n\r\n", large):
            with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
                connection.sendall(request)
                assert connection.recv(1 << 16).startswith(b"HTTP/1.1 201 ")


def test_connections_do_not_wait_for_acknowledgements() -> None:
    """Accepted connections have TCP_NODELAY, independent of the event loop."""
    with open_tcp_listener(HOST, 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_trailers_are_ignored() -> None:
    """They cannot set the caller or the media type."""
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


def test_pipelined_requests_are_limited() -> None:
    """A client that sends requests and reads no answers is not read from without limit."""
    request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 1000
    size = 0
    with uvicorn_bounded(echo) as port, socket.create_connection((HOST, port), timeout=1) as connection:
        try:
            while size < 1 << 27:
                size += connection.send(request)
        except OSError:  # the buffers are full
            pass
    assert size < 1 << 26


def test_internals_of_uvicorn_are_present() -> None:
    """The protocol extends them. If this fails with a new version, adapt the protocol or keep the upper bound below it."""
    assert list(find_missing_internals()) == []


def test_upper_bound_on_uvicorn_is_the_tested_version() -> None:
    """The extra allows no minor version beyond the installed one, whose internals these tests have seen."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (requirement,) = [one for one in map(Requirement, extras["server"]) if one.name == "uvicorn"]
    major, minor = version("uvicorn").split(".")[:2]
    assert version("uvicorn") in requirement.specifier
    assert f"{major}.{int(minor) + 1}.0" not in requirement.specifier


def test_missing_internals_are_named() -> None:
    """Methods, attributes that are set at creation, and all attributes of a class that is not written in Python."""

    class Partial:
        def __init__(self) -> None:
            self.flow = None

        def on_body(self) -> None:
            """Exist."""

    internals = {Partial: ("flow", "on_body", "cycle", "on_header"), bytes: ("split", "flow")}
    assert list(find_missing_internals(internals)) == ["Partial.cycle", "Partial.on_header", "bytes.flow"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("on_header", f"uvicorn {uvicorn.__version__} lacks HttpToolsProtocol.on_header: "),
        (None, "cannot import name 'HttpToolsProtocol' from 'uvicorn.protocols.http.httptools_impl' "),
    ],
)
def test_without_internals_the_server_falls_back(name: str | None, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To uvicorn's own protocol, with a warning that names the missing limits."""
    module = sys.modules["uvicorn.protocols.http.httptools_impl"]
    target: Any = HttpToolsProtocol if name else module
    monkeypatch.delattr(target, name or "HttpToolsProtocol")
    monkeypatch.delitem(sys.modules, "validator.sidecar.http_protocol")
    protocol, problem = choose_protocol(Connections(ConnectionLimits()))
    assert protocol == "auto"
    assert problem is not None
    assert problem.startswith(reason)
    assert (
        "without limits on connections, on the size of request heads, trailers and chunk framing, and on pipelined requests"
        in problem
    )


def test_fallback_server_answers_and_warns_once(tmp_path: Path) -> None:
    """A real process with an unsupported uvicorn."""
    place = tmp_path / "s"
    code = (
        "import sys; from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as protocol; "
        "del protocol.send_400_response; "
        "from validator.__main__ import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", code, "serve", "--isolated", "--socket", str(place)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        log: list[str] = []
        while not log or "startup complete" not in log[-1]:
            log.append(next(server.stderr))
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(place))
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        server.terminate()
        assert server.wait(PATIENCE) == 0
    (warning,) = [line for line in log if "without limits" in line]
    assert warning.startswith("WARNING:")
