"""``serve``: the sidecar on uvicorn (extra ``[server]``)."""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple

import uvicorn

from validator.engine import load
from validator.errors import EXIT_OK, UsageError
from validator.openapi.sidecar import CHECK_PREFIX
from validator.sidecar.app import Sidecar, SidecarSettings
from validator.sidecar.connections import ConnectionLimits, Connections, fit_descriptors, make_error_handler
from validator.sidecar.listener import BACKLOG, open_listener
from validator.sidecar.reference_data import DirectorySource, ReferenceData, open_reference_data

__all__ = ["DirectorySource", "ServerConfig", "serve"]

_LOG: Final = logging.getLogger("validator")
# Connections that asyncio accepts at a time, before it counts them: fewer than the descriptors that are kept for other files.
_ACCEPTED_AT_ONCE: Final = 8


class ServerConfig(NamedTuple):
    """The operations to serve, and how.

    operations: names, at least one. home: folder of custom operations. body_limit: bytes. path: of a Unix socket, instead of host
    and port. graceful: seconds that in-flight requests get at shutdown. log_level: a level of ``logging`` in lower case.
    """

    operations: Sequence[str]
    home: str | None
    source: DirectorySource
    settings: SidecarSettings
    body_limit: int
    host: str
    port: int
    path: str | None
    connections: ConnectionLimits
    graceful: int
    log_level: str


def serve(config: ServerConfig) -> int:
    """Serve until a signal ends the server, and return the exit status. Raises UsageError."""
    with open_listener(config.host, config.port, config.path) as listener:
        data = open_reference_data(config.source)
        app = _make_app(config, data)
        uvicorn_config = _make_uvicorn_config(config, app)  # from here on the log is configured
        uvicorn_config.http, problem = choose_protocol(config.connections)
        if problem:
            _LOG.warning("%s", problem)
        server = Server(uvicorn_config)
        _LOG.info("serving %s at %s", ", ".join(config.operations), _format_address(config, listener))
        with _reload_on_hangup(data.reload):
            server.run(sockets=[listener])
    return EXIT_OK


class Server(uvicorn.Server):
    """uvicorn's server, for many connections and few file descriptors."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept connections."""
        asyncio.get_running_loop().set_exception_handler(make_error_handler())
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(BACKLOG)  # uvicorn has set it to the number that is accepted at a time


def _make_app(config: ServerConfig, data: ReferenceData) -> Sidecar:
    try:
        engines = [load(name, data.directory, body_limit=config.body_limit, home=config.home) for name in config.operations]
        return Sidecar(engines, config.settings, data.is_ready, data.close)
    except ValueError as error:
        raise UsageError(str(error)) from None


def choose_protocol(limits: ConnectionLimits) -> tuple[Any, str | None]:
    """Return the HTTP protocol with the sidecar's limits; if uvicorn lacks what they need, its own protocol and a warning."""
    try:
        from validator.sidecar.http_protocol import BoundedHttpProtocol  # noqa: PLC0415 - fails with an unsupported uvicorn
    except ImportError as error:
        return "auto", (
            f"{error}: serving without limits on connections, on the size of request heads, trailers and chunk framing, and on "
            "pipelined requests; install a supported version: pip install 'activity-validator[server]'"
        )
    connections = Connections(limits._replace(maximum=fit_descriptors(limits.maximum)))
    return partial(BoundedHttpProtocol, connections=connections), None


def _make_uvicorn_config(config: ServerConfig, app: Sidecar) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=_make_log_config(config.log_level),
        log_level=config.log_level,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",
        backlog=_ACCEPTED_AT_ONCE,
        timeout_graceful_shutdown=config.graceful,
    )


def _make_log_config(level: str) -> dict[str, Any]:
    """Return uvicorn's log configuration, extended by the log of this package."""
    config: dict[str, Any] = uvicorn.config.LOGGING_CONFIG
    logger = {"handlers": ["default"], "level": level.upper()}
    return {**config, "loggers": {**config["loggers"], _LOG.name: logger}}


def _format_address(config: ServerConfig, listener: socket.socket) -> str:
    if config.path is not None:
        return f"unix:{config.path}"
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{CHECK_PREFIX}"


@contextmanager
def _reload_on_hangup(reload: Callable[[], object]) -> Iterator[None]:
    """Call a function at SIGHUP, in a thread, so that requests are served meanwhile."""
    if not hasattr(signal, "SIGHUP"):  # pragma: no cover - Windows
        yield
        return
    hangup = signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=reload, daemon=True).start())
    # After its shutdown uvicorn raises the signal again, which would end the process before everything is closed.
    terminate = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, hangup)
        signal.signal(signal.SIGTERM, terminate)
