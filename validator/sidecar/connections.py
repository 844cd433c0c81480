"""The open connections of a server process: how many there may be, how long they may wait, and what happens beyond that.

The number of connections stays below that of file descriptors, so that these do not run out, and ``/health`` is always answered:
beyond the maximum, a connection that waits is closed for each new one.
"""

import asyncio
import errno
import logging
from collections.abc import Callable
from itertools import chain
from typing import Any, Final, NamedTuple, Protocol

from validator.rare_log import ERROR, WARNING, RareLog

_LOG: Final = logging.getLogger("validator")
_OTHER_FILES: Final = 64  # descriptors that are not of connections: log, database, and connections about to be closed
_FEWEST: Final = 8  # connections, however few descriptors there are
_EXHAUSTED: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class ConnectionLimits(NamedTuple):
    """Limits on the connections of a process.

    maximum: how many are open. head_seconds: how long a client may take to send a head, the rest of a body that is not
    needed, or to receive an answer. idle_seconds: how long a connection may stay open between two requests.
    """

    maximum: int = 1024
    head_seconds: float = 10.0
    idle_seconds: float = 3660.0


class Connection(Protocol):
    """A connection that can be closed at once."""

    def abort(self) -> None:
        """Close it, without sending what is left."""
        ...


class Connections:
    """The open connections of one event loop, in the order in which they are closed when there are too many.

    First those that have not sent a whole head yet, then those between two requests; the longest waiting first.
    is_draining: each answer closes its connection.
    """

    is_draining = False

    def __init__(self, limits: ConnectionLimits) -> None:
        """Start without connections."""
        self.limits = limits
        self._silent: dict[Connection, None] = {}
        self._idle: dict[Connection, None] = {}
        self._busy: set[Connection] = set()
        self._log = RareLog(WARNING, "too many connections: closed %d that were waiting")

    @property
    def count(self) -> int:
        """The number of open connections."""
        return len(self._silent) + len(self._idle) + len(self._busy)

    def add(self, connection: Connection) -> None:
        """Add a connection; if there are too many, close another one, or this one if requests are in progress on all others."""
        self._silent[connection] = None
        if self.count > self.limits.maximum:
            longest = next(chain(self._silent, self._idle))
            if longest is connection:  # the only one that has not sent a head
                longest = next(iter(self._idle), connection)
            self.remove(longest)
            self._log.note()
            longest.abort()

    def start_request(self, connection: Connection) -> None:
        """Note that a connection has sent a head."""
        self.remove(connection)
        self._busy.add(connection)

    def end_request(self, connection: Connection) -> None:
        """Note that a request was answered."""
        self._busy.discard(connection)
        self._idle[connection] = None

    def remove(self, connection: Connection) -> None:
        """Forget a connection."""
        self._silent.pop(connection, None)
        self._idle.pop(connection, None)
        self._busy.discard(connection)


def fit_descriptors(maximum: int) -> int:
    """Return how many connections the limit on file descriptors allows, up to a maximum; raise that limit where needed."""
    try:
        import resource  # noqa: PLC0415 - absent on Windows
    except ImportError:  # pragma: no cover - Windows
        return maximum
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = maximum + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return maximum
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    fitting = max(_FEWEST, limit - _OTHER_FILES)
    if fitting < maximum:
        _LOG.warning(
            "only %d file descriptors: at most %d connections in place of %d; raise the limit (ulimit -n)",
            limit,
            fitting,
            maximum,
        )
    return min(fitting, maximum)


def make_error_handler() -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """Return an exception handler of event loops: exhausted descriptors are logged once a minute, other errors as usual.

    asyncio would log a stack trace for each connection that it cannot accept.
    """
    log = RareLog(ERROR, "no connections accepted for lack of file descriptors or memory: %d times")

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _EXHAUSTED and "socket" in context:
            log.note()
        else:
            loop.default_exception_handler(context)

    return handle
