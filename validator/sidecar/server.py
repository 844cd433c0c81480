"""``serve``: the sidecar on a real server (uvicorn; extra ``[server]``)."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import uvicorn

from validator.directories.cache import ABSENT_TTL, AsyncCached
from validator.directories.reloading import ReloadingSnapshot
from validator.directories.snapshot import SnapshotError
from validator.directories.time_limit import AsyncTimeLimited, FailurePolicy
from validator.engine import load
from validator.errors import UsageError, describe_error, missing_extra
from validator.model.directory import AsyncDirectory, Directory, Keys
from validator.openapi.sidecar import CHECK
from validator.sidecar.app import Sidecar, SidecarSettings
from validator.sidecar.http_protocol import BoundedHttpProtocol

STOPPED: Final = 0
_LOG: Final = logging.getLogger("validator")
_BACKLOG: Final = 2048  # connections that wait to be taken
_IDLE: Final = 3660  # seconds: the gateway closes idle connections first (Envoy after an hour), or it would ask on closed ones


class DirectorySource(NamedTuple):
    """Where reference data comes from.

    place: a snapshot file, or the URL of a database; None: rules that need it are skipped.
    seconds: that an answer of a database may take; otherwise: what happens then. kept: seconds that its answers are kept.
    """

    place: str | None
    seconds: float
    otherwise: FailurePolicy
    kept: float


class ServerConfig(NamedTuple):
    """What is served where. operations: names, at least one. path: of a Unix socket, in place of host and port."""

    operations: Sequence[str]
    home: str | None
    source: DirectorySource
    settings: SidecarSettings
    body_limit: int
    host: str
    port: int
    path: str | None
    graceful: int  # seconds that running requests get when the server is to end
    log_level: str


class _Opened(NamedTuple):
    """Reference data in use. look: reads a snapshot file again if it has changed. source: what tells whether there are any."""

    directory: Directory | AsyncDirectory | None
    look: Callable[[], object]
    close: Callable[[], Awaitable[None]]
    source: AsyncDirectory | None = None


def serve(serving: ServerConfig) -> int:
    """Serve until a signal ends it, and return the exit status. Raises SetupError."""
    listener = _listener(serving)
    try:
        opened = _opened(serving.source)
        app = _sidecar(serving, opened)
        config = uvicorn.Config(
            app,
            log_config=_logging(serving.log_level),
            log_level=serving.log_level,
            access_log=False,
            server_header=False,
            lifespan="on",
            http=BoundedHttpProtocol,
            ws="none",
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=serving.graceful,
        )
        _LOG.info("serving %s at %s", ", ".join(serving.operations), _address(serving, listener))
        with _looking_on_hangup(opened.look):
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()
        if serving.path is not None:
            Path(serving.path).unlink(missing_ok=True)
    return STOPPED


def _logging(level: str) -> dict[str, Any]:
    """Return uvicorn's own configuration, in which our log goes where its does."""
    config: dict[str, Any] = uvicorn.config.LOGGING_CONFIG
    own = {"handlers": ["default"], "level": level.upper()}
    return {**config, "loggers": {**config["loggers"], _LOG.name: own}}


def _address(serving: ServerConfig, listener: socket.socket) -> str:
    if serving.path is not None:
        return f"unix:{serving.path}"
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{CHECK}"


def _sidecar(serving: ServerConfig, opened: _Opened) -> Sidecar:
    try:
        engines = [load(name, opened.directory, body_limit=serving.body_limit, home=serving.home) for name in serving.operations]
        return Sidecar(engines, serving.settings, _ready(opened.source), opened.close)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _listener(serving: ServerConfig) -> socket.socket:
    listener = None
    try:
        if serving.path is None:
            family = socket.AF_INET6 if ":" in serving.host else socket.AF_INET
            return tcp_listener(serving.host, serving.port, family)
        _remove_left(serving.path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(serving.path)
    except OSError as error:
        if listener is not None:
            listener.close()
        # What socket adds to the words of the system repeats the place.
        told = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error.strerror
        raise UsageError(f"{serving.path or f'{serving.host}:{serving.port}'}: {told}") from None
    return listener


def tcp_listener(host: str, port: int, family: int = socket.AF_INET) -> socket.socket:
    """Return a listening socket. Raises OSError."""
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    # Its connections inherit it. asyncio sets it only on sockets that name their protocol, as this one cannot; without it,
    # an answer of a head and a body waits for the other side's delayed acknowledgement, 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _remove_left(path: str) -> None:
    """Remove the socket of a server that has ended without doing so; one that is in use stays."""
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(path)
        except ConnectionRefusedError:
            Path(path).unlink()
        except OSError:
            return


def _opened(source: DirectorySource) -> _Opened:
    """Return the reference data of a place. Raises SetupError."""
    if source.place is None:
        return _Opened(None, _nothing, _nothing_to_close)
    if "://" in source.place:
        return _database(source.place, source)
    try:
        snapshot = ReloadingSnapshot(source.place)
    except SnapshotError as error:
        raise UsageError(str(error)) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{source.place}: {getattr(error, 'strerror', None) or error}") from None

    async def close() -> None:
        snapshot.close()

    return _Opened(snapshot, snapshot.check, close)


def _database(url: str, source: DirectorySource) -> _Opened:
    try:
        from validator.directories.sql import AsyncSqlDirectory  # noqa: PLC0415 - an extra of its own
    except ImportError:
        raise missing_extra("reference data in a database", "sql") from None
    try:
        database = AsyncSqlDirectory(url, statement_timeout=source.seconds)
    except ValueError as error:
        raise UsageError(str(error)) from None
    guarded = AsyncTimeLimited(database, source.seconds, source.otherwise)
    absent = min(source.kept, ABSENT_TTL)
    kept = AsyncCached(guarded, source.kept, absent) if source.kept else guarded
    return _Opened(kept, _nothing, database.aclose, AsyncTimeLimited(database, source.seconds))


def _nothing() -> None:
    """Look at nothing."""


async def _nothing_to_close() -> None:
    """Close nothing."""


def _ready(source: AsyncDirectory | None) -> Callable[[], Awaitable[bool]]:
    """Return the function that tells whether reference data can be had now: from where they are, not from a memory of it."""

    async def is_ready() -> bool:
        try:
            if source is not None:
                await source.fetch(Keys())
        except Exception as error:  # noqa: BLE001 - whatever it is, requests cannot be judged
            _LOG.error("not ready: %s", describe_error(error))
            return False
        return True

    return is_ready


@contextmanager
def _looking_on_hangup(look: Callable[[], object]) -> Iterator[None]:
    """Read a snapshot again at SIGHUP, in a thread: requests are judged meanwhile."""
    if not hasattr(signal, "SIGHUP"):  # pragma: no cover - Windows
        yield
        return
    before = signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=look, daemon=True).start())
    # uvicorn raises the signal that has ended it once more: it must not end the process before what was opened is closed.
    ending = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
        signal.signal(signal.SIGTERM, ending)
