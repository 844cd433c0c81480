"""One process that serves: the application on uvicorn, and how it stops."""

import asyncio
import logging.config
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any, Final, NamedTuple

import uvicorn

from validator.engine import load
from validator.errors import UsageError
from validator.sidecar.app import Sidecar, SidecarSettings
from validator.sidecar.connections import ConnectionLimits, Connections, fit_descriptors, make_error_handler
from validator.sidecar.listener import BACKLOG
from validator.sidecar.logs import LOG, LogFormat, make_log_config
from validator.sidecar.metrics import Metrics
from validator.sidecar.reference_data import DirectorySource, ReferenceData, open_reference_data

# Connections that asyncio accepts at a time, before it counts them: fewer than the descriptors that are kept for other files.
_ACCEPTED_AT_ONCE: Final = 8
_LEAST_GRACE: Final = (
    2.0  # seconds for clients of a worker that is replaced to send a request, whose answer closes the connection
)


class ServerConfig(NamedTuple):
    """The operations to serve, and how.

    operations: names, at least one. home: folder of custom operations. body_limit: bytes. socket: path of a Unix socket,
    instead of host and port. socket_mode: its permissions. workers: processes. drain_seconds: time after SIGTERM in which
    requests are still accepted. graceful_seconds: for in-flight requests after that. log_level: of ``logging``.
    """

    operations: Sequence[str]
    home: str | None
    source: DirectorySource
    settings: SidecarSettings
    body_limit: int
    host: str
    port: int
    socket: str | None
    socket_mode: int | None
    workers: int
    connections: ConnectionLimits
    drain_seconds: float
    graceful_seconds: int
    log_level: str
    log_format: LogFormat


class Server(uvicorn.Server):
    """uvicorn's server, for many connections and few file descriptors, with a time of grace before it stops.

    During that time each answer closes its connection, so that clients open their next one elsewhere. On SIGTERM, the server
    accepts connections meanwhile, and is not ready. When it is replaced by another process that listens on the same socket, it
    accepts none, and ends as soon as all are closed.
    """

    def __init__(self, config: uvicorn.Config, connections: Connections, grace: float, control: Connection | None) -> None:
        """Create the server. grace: in seconds. control: to the process that supervises this one."""
        super().__init__(config)
        self.is_leaving = False
        self._connections, self._grace, self._control = connections, grace, control
        self._is_replaced = False
        self._end: float | None = None  # of the time of grace

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept connections."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(make_error_handler())
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(BACKLOG)  # uvicorn has set it to the number that is accepted at a time
        if self._control is not None:
            loop.add_reader(self._control.fileno(), self._read_control, self._control)
            self._control.send("")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the time of grace at SIGTERM. A second signal, or SIGINT, ends it."""
        self.is_leaving = True
        if sig == signal.SIGTERM and self._grace and self._end is None:
            self._begin_grace(self._grace)
        elif self._control is None or not self.should_exit:  # with a supervisor, a terminal signals both
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop now."""
        if self._end is not None:
            is_empty = self._is_replaced and not self.server_state.connections
            self.should_exit |= is_empty or time.monotonic() >= self._end
        return await super().on_tick(counter)

    def _begin_grace(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._connections.is_draining = True

    def _read_control(self, control: Connection) -> None:
        """Make way for another process; without a supervisor, stop."""
        try:
            control.recv()
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(control.fileno())
            self.is_leaving = self.should_exit = True
            return
        self._is_replaced = True
        for server in self.servers:
            server.close()
        self._begin_grace(max(self._grace, _LEAST_GRACE))


def run_worker(
    config: ServerConfig, listener: socket.socket, log_start: Callable[[], None], control: Connection | None = None
) -> None:
    """Serve until a signal ends the process. Raises UsageError.

    log_start: called when everything is loaded. control: to the supervisor.
    """
    connections = Connections(config.connections)
    metrics = Metrics()
    data = open_reference_data(config.source, metrics)

    async def is_ready() -> bool:
        return not server.is_leaving and await data.is_ready()

    uvicorn_config = make_uvicorn_config(config, make_app(config, data, is_ready, metrics))
    uvicorn_config.http, problem = choose_protocol(connections)
    if problem:
        LOG.warning("%s", problem)
    server = Server(uvicorn_config, connections, config.drain_seconds, control)
    log_start()
    with _handle_signals(data.reload, server.handle_exit):
        server.run(sockets=[listener])


def run_supervised(config: ServerConfig, listener: socket.socket, control: Connection) -> None:
    """Serve as one of several processes: report errors to the supervisor, and end quietly."""
    logging.config.dictConfig(make_log_config(config.log_level, config.log_format))
    with suppress(KeyboardInterrupt):
        try:
            run_worker(config, listener, lambda: None, control)
        except UsageError as error:
            control.send(str(error))


def make_app(config: ServerConfig, data: ReferenceData, is_ready: Callable[[], Awaitable[bool]], metrics: Metrics) -> Sidecar:
    """Return the application. Raises UsageError."""
    try:
        engines = [load(name, data.directory, body_limit=config.body_limit, home=config.home) for name in config.operations]
        return Sidecar(engines, config.settings, is_ready, data.close, metrics)
    except ValueError as error:
        raise UsageError(str(error)) from None


def choose_protocol(connections: Connections) -> tuple[Any, str | None]:
    """Return the HTTP protocol with the sidecar's limits; if uvicorn lacks what they need, its own protocol and a warning."""
    try:
        from validator.sidecar.http_protocol import BoundedHttpProtocol  # noqa: PLC0415 - fails with an unsupported uvicorn
    except ImportError as error:
        return "auto", (
            f"{error}: serving without limits on connections, on the size of request heads, trailers and chunk framing, and on "
            "pipelined requests; install a supported version: pip install 'activity-validator[server]'"
        )
    connections.limits = connections.limits._replace(maximum=fit_descriptors(connections.limits.maximum))
    return partial(BoundedHttpProtocol, connections=connections), None


def make_uvicorn_config(config: ServerConfig, app: Sidecar) -> uvicorn.Config:
    """Return the configuration of uvicorn."""
    return uvicorn.Config(
        app,
        log_config=None,
        log_level=config.log_level,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",
        backlog=_ACCEPTED_AT_ONCE,
        timeout_graceful_shutdown=config.graceful_seconds,
    )


@contextmanager
def _handle_signals(reload: Callable[[], object], stop: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Call a function at SIGHUP, in a thread, so that requests are served meanwhile; another one at SIGTERM."""
    if not hasattr(signal, "SIGHUP"):  # pragma: no cover - Windows
        yield
        return
    hangup = signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=reload, daemon=True).start())
    # uvicorn handles SIGTERM only while it runs, and then raises it again, which would end the process before all is closed.
    terminate = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, hangup)
        signal.signal(signal.SIGTERM, terminate)
