"""Connections that give up: whatever the database does or does not do, a statement ends.

PostgreSQL ends a slow statement itself (``statement_timeout``), and the kernel a dead connection (``tcp_user_timeout``). A
server that stands still, its kernel alive, does neither: here the client ends it. SQLite is in this process and counts for
itself.
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from traceback import clear_frames
from typing import Any, Final, Self, TypeVar

import psycopg
from psycopg import waiting

GRACE: Final = 0.5  # seconds that a server has beyond its own limit to say that the limit is over
_STEPS: Final = 10_000  # of SQLite's machine between two looks at the clock: below a millisecond
_Result = TypeVar("_Result")


class StatementTimeoutError(psycopg.OperationalError):
    """The server has not answered in time; the connection is closed."""


class LimitedConnection(psycopg.Connection[Any]):
    """A connection to PostgreSQL that waits for an answer no longer than ``seconds``."""

    seconds: float

    @classmethod
    def with_seconds(cls, seconds: float) -> type[Self]:
        """Return the class of connections with this limit."""
        return type(cls.__name__, (cls,), {"seconds": seconds})

    @classmethod
    def opened(cls, *arguments: Any, **words: Any) -> Self:
        """Connect. Who fails leaves no connection behind, not even until garbage is collected."""
        try:
            return cls.connect(*arguments, **words)
        except BaseException as error:
            clear_frames(error.__traceback__)  # psycopg's frames hold what is half open
            raise

    def wait(self, gen: Generator[Any, Any, _Result], interval: float = 0.1, timeout: float | None = None) -> _Result:  # noqa: ARG002 - the limit is the connection's
        """Wait for an answer; the one place where psycopg does. Raises StatementTimeoutError."""
        with _closed_when_left(self):
            return waiting.wait(_until(gen, self.seconds), self.pgconn.socket, interval)


class AsyncLimitedConnection(psycopg.AsyncConnection[Any]):
    """The same for asyncio. A task that is cancelled does not wait for the server to hear of it."""

    seconds: float

    @classmethod
    def with_seconds(cls, seconds: float) -> type[Self]:
        """Return the class of connections with this limit."""
        return type(cls.__name__, (cls,), {"seconds": seconds})

    @classmethod
    async def opened(cls, *arguments: Any, **words: Any) -> Self:
        """Connect. Who fails or is cancelled leaves no connection behind, not even until garbage is collected."""
        try:
            return await cls.connect(*arguments, **words)
        except BaseException as error:
            clear_frames(error.__traceback__)  # the same
            raise

    async def wait(self, gen: Generator[Any, Any, _Result], interval: float = 0.1, timeout: float | None = None) -> _Result:  # noqa: ARG002, ASYNC109 - the same
        """Wait for an answer; the one place where psycopg does. Raises StatementTimeoutError."""
        with _closed_when_left(self):
            return await waiting.wait_async(_until(gen, self.seconds), self.pgconn.socket, interval)


@contextmanager
def _closed_when_left(connection: LimitedConnection | AsyncLimitedConnection) -> Generator[None]:
    """Close a connection whose answer is no longer waited for: the next statement would get it."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, StatementTimeoutError) or not isinstance(error, psycopg.Error):
            connection.pgconn.finish()
        raise


def _until(steps: Generator[Any, Any, _Result], seconds: float) -> Generator[Any, Any, _Result]:
    """Go the steps of psycopg's protocol as long as there is time; it goes on at every interval, also when nothing came."""
    end = monotonic() + seconds
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send((yield wanted))
            if monotonic() > end:
                raise StatementTimeoutError("the server has not answered in time")
    except StopIteration as done:
        result: _Result = done.value
        return result


class LimitedSqlite(sqlite3.Connection):
    """A connection to SQLite whose statements end after ``seconds``, counted from the making of their cursor."""

    def __init__(self, database: str, *, seconds: float, **words: Any) -> None:
        """Open the file. seconds: also how long it waits for a lock."""
        super().__init__(database, **{**words, "timeout": seconds})
        self._seconds = seconds
        self._end = end = [0.0]
        self.set_progress_handler(lambda: monotonic() > end[0], _STEPS)

    def cursor(self, *arguments: Any) -> Any:
        """Return a cursor for one statement, whose time begins."""
        self._end[0] = monotonic() + self._seconds
        return super().cursor(*arguments)
