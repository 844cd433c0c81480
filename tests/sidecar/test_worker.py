"""A process that serves: how it starts, drains and stops."""

import asyncio
import multiprocessing
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from typing import Any, Final

import pytest
import uvicorn

from tests.servers.parts import GOOD, echo
from tests.servers.running import HOST, PATIENCE
from tests.sidecar.processes import CHECK, make_config, post, process
from validator.sidecar import worker
from validator.sidecar.connections import ConnectionLimits, Connections
from validator.sidecar.http_protocol import BoundedHttpProtocol
from validator.sidecar.worker import Server

GET: Final = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Listener(socket.socket):
    """A socket that notes how many connections may wait to be accepted."""

    backlogs: list[int]

    def listen(self, backlog: int = 100) -> None:
        """Note the number."""
        self.backlogs.append(backlog)
        super().listen(backlog)


async def ask(address: Any) -> bytes:
    """Return the head of the answer to a request."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(GET)
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return head


def serve(act: Callable[[Server, Any], Awaitable[None]], grace: float = 0.0, control: Any = None) -> list[int]:
    """Run a server, call a function when it has started, and wait until it ends. Return the lengths of its backlog."""

    async def run(listener: Listener) -> None:
        connections = Connections(ConnectionLimits())
        protocol: Any = partial(BoundedHttpProtocol, connections=connections)
        config = uvicorn.Config(echo, http=protocol, log_level="error", lifespan="on", backlog=8, timeout_graceful_shutdown=1)
        server = Server(config, connections, grace, control)
        task = asyncio.create_task(server.serve([listener]))
        address = listener.getsockname()
        assert b"connection: close" not in await ask(address)
        await act(server, address)
        async with asyncio.timeout(PATIENCE):
            await task

    with Listener() as listener:
        listener.backlogs = []
        listener.bind((HOST, 0))
        listener.listen()
        asyncio.run(run(listener))
        return listener.backlogs


def test_few_connections_are_accepted_at_a_time() -> None:
    """And more of them may wait. Exhausted descriptors are logged once a minute."""
    handlers = []

    async def stop(server: Server, _address: Any) -> None:
        handlers.append(asyncio.get_running_loop().get_exception_handler())
        server.handle_exit(signal.SIGTERM, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signal, "raise_signal", lambda _: None)
        assert serve(stop) == [100, 8, 2048]
    assert "make_error_handler" in str(handlers)


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_second_signal_ends_the_grace(second: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """During which requests are accepted, and each answer closes its connection."""
    monkeypatch.setattr(signal, "raise_signal", lambda _: None)

    async def stop(server: Server, address: Any) -> None:
        server.handle_exit(signal.SIGTERM, None)
        assert (server.is_leaving, server.should_exit) == (True, False)
        assert b"connection: close" in await ask(address)
        server.handle_exit(second, None)
        assert server.should_exit

    serve(stop, grace=PATIENCE)


def test_grace_ends_in_time() -> None:
    """Without another signal."""
    start = time.monotonic()

    async def stop(server: Server, _address: Any) -> None:
        server.handle_exit(signal.SIGTERM, None)

    serve(stop, grace=0.5)
    assert 0.5 <= time.monotonic() - start < PATIENCE


def test_replaced_server_ends_when_its_connections_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """It accepts no further ones, is ready, and closes each that is open after the next answer."""
    monkeypatch.setattr(worker, "_LEAST_GRACE", PATIENCE)
    control, remote = multiprocessing.Pipe()

    async def replace(server: Server, address: Any) -> None:
        assert control.recv() == ""
        reader, writer = await asyncio.open_connection(*address)
        writer.write(GET)
        assert b"connection: close" not in await reader.readuntil(b"\r\n\r\n")
        control.send("")
        with pytest.raises(OSError):  # noqa: PT011, PT012 - as soon as it has read the message
            while True:
                (await asyncio.open_connection(*address))[1].close()
        writer.write(GET)
        assert b"connection: close" in await reader.readuntil(b"\r\n\r\n")
        writer.close()
        assert not server.is_leaving

    start = time.monotonic()
    serve(replace, control=remote)
    assert time.monotonic() - start < PATIENCE


async def until(is_true: Callable[[], bool]) -> None:
    """Wait until a condition is true."""
    if not is_true():
        await asyncio.sleep(0.01)
        await until(is_true)


def test_server_without_supervisor_stops() -> None:
    """Also if the supervisor was killed. Signals that a terminal sends to both do not force the end."""
    control, remote = multiprocessing.Pipe()

    async def lose(server: Server, _address: Any) -> None:
        control.close()
        async with asyncio.timeout(PATIENCE):
            await until(lambda: server.should_exit)
        server.handle_exit(signal.SIGINT, None)
        assert not server.force_exit

    serve(lose, control=remote)


def test_supervised_worker_reports_errors(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the supervisor; an interrupt ends it quietly."""
    control, remote = multiprocessing.Pipe()
    with socket.create_server((HOST, 0)) as listener:
        worker.run_supervised(make_config(directory=f"{tmp_path}/none.json"), listener, remote)
        assert control.recv() == f"{tmp_path}/none.json: No such file or directory"

        def interrupt(*_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(worker, "run_worker", interrupt)
        worker.run_supervised(make_config(), listener, remote)
    assert not control.poll()


def test_server_drains_after_sigterm() -> None:
    """At once it is not ready, but it accepts requests for a while, and then finishes those in flight."""
    with process("--drain-seconds", "1") as (server, port), closing(socket.create_connection((HOST, port), PATIENCE)) as slow:
        assert post(port) == (200, b"")
        head = f"POST {CHECK} HTTP/1.1\r\nHost: a\r\nX-Customer-Id: 1001\r\nContent-Length: {len(GOOD)}\r\n\r\n"
        server.terminate()
        start = time.monotonic()
        statuses = set()
        while time.monotonic() < start + 0.7:
            connection = HTTPConnection(HOST, port, timeout=PATIENCE)
            connection.request("GET", "/ready")
            response = connection.getresponse()
            statuses.add((response.status, response.getheader("Connection")))
            response.read()
            connection.close()
            assert post(port) == (200, b"")
        assert (503, "close") in statuses
        slow.sendall(head.encode() + GOOD[:9])
        time.sleep(start + 1.3 - time.monotonic())
        with pytest.raises(OSError):  # noqa: PT011
            post(port)
        slow.sendall(GOOD[9:])
        with HTTPResponse(slow) as response:
            response.begin()
            assert response.status == 200
        assert server.wait(PATIENCE) == 0
