"""Real servers on free ports of the loopback interface."""

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import hypercorn.asyncio
import hypercorn.config
import uvicorn

from tests.paths import ROOT
from validator.asgi import App
from validator.sidecar.connections import Connections
from validator.sidecar.http_protocol import BoundedHttpProtocol
from validator.sidecar.listener import open_tcp_listener

HOST: Final = "127.0.0.1"
PATIENCE: Final = 30.0  # seconds: timeout for a server to start, answer or end


@contextmanager
def listening() -> Iterator[tuple[socket.socket, int]]:
    """Yield a listening socket and its port."""
    with open_tcp_listener(HOST, 0) as server:
        yield server, server.getsockname()[1]


@contextmanager
def _uvicorn(app: App, protocol: Any) -> Iterator[int]:
    config = uvicorn.Config(app, http=protocol, log_level="error", lifespan="on", ws="none")
    server = uvicorn.Server(config)
    with listening() as (listener, port), in_thread(lambda: server.run(sockets=[listener])):
        try:
            yield port
        finally:
            server.should_exit = True


def uvicorn_h11(app: App) -> Any:
    """Run uvicorn with h11."""
    return _uvicorn(app, "h11")


def uvicorn_httptools(app: App) -> Any:
    """Run uvicorn with httptools."""
    return _uvicorn(app, "httptools")


def uvicorn_bounded(app: App, connections: Connections | None = None) -> Any:
    """Run uvicorn with the sidecar's HTTP protocol. connections: where they are counted, with their limits."""
    return _uvicorn(app, partial(BoundedHttpProtocol, connections=connections))


@contextmanager
def hypercorn_h11(app: App) -> Iterator[int]:
    """Run Hypercorn."""
    config = hypercorn.config.Config()
    config.loglevel = "ERROR"
    config.graceful_timeout = 1
    loop, shutdown = asyncio.new_event_loop(), asyncio.Event()
    with listening() as (listener, port):
        config.bind = [f"fd://{listener.detach()}"]  # the server closes it
        serve = hypercorn.asyncio.serve(app, config, shutdown_trigger=shutdown.wait)  # type: ignore[arg-type]
        with in_thread(lambda: _run(loop, serve)):
            try:
                yield port
            finally:
                loop.call_soon_threadsafe(shutdown.set)


def _run(loop: asyncio.AbstractEventLoop, serve: Any) -> None:
    try:
        loop.run_until_complete(serve)
    finally:
        loop.close()


@contextmanager
def gunicorn(application: str, *arguments: str) -> Iterator[tuple[int, int]]:
    """Run gunicorn with an application, by its import name; yield its port and process ID."""
    with listening() as (listener, port):
        options = ["--bind", f"fd://{listener.fileno()}", "--log-level", "error"]
        command = [sys.executable, "-m", "gunicorn", application, *options, *arguments]
        with subprocess.Popen(command, pass_fds=[listener.fileno()], cwd=ROOT) as process:
            try:
                yield port, process.pid
            finally:
                process.terminate()
                process.wait(PATIENCE)


@contextmanager
def in_thread(run: Callable[[], None]) -> Iterator[None]:
    """Run a server in a thread, which ends when the context does."""
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join(PATIENCE)
        if thread.is_alive():
            raise TimeoutError("the server does not stop")
