"""Connections with a time limit: a statement ends, whatever the database does.

PostgreSQL ends a slow statement itself (``statement_timeout``), and the kernel ends a dead connection (``tcp_user_timeout``).
Neither helps when the server process hangs on a live machine, so there the client ends the wait. SQLite runs in this process
and interrupts its own statements.
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from traceback import clear_frames
from typing import Any, Final, Self, TypeVar

import psycopg
from psycopg import waiting

GRACE: Final = 0.5  # seconds after statement_timeout in which the server can still report it
_STEPS: Final = 10_000  # instructions of SQLite's virtual machine between two looks at the clock: below a millisecond
_Result = TypeVar("_Result")


class AnswerTimeoutError(psycopg.OperationalError):
    """The server did not answer in time; the connection is closed."""


class LimitedConnection(psycopg.Connection[Any]):
    """A connection to PostgreSQL that waits at most ``answer_timeout`` seconds for an answer."""

    answer_timeout: float

    @classmethod
    def with_timeout(cls, seconds: float) -> type[Self]:
        """Return the class of connections with this limit."""
        return type(cls.__name__, (cls,), {"answer_timeout": seconds})

    @classmethod
    def open(cls, *arguments: Any, **options: Any) -> Self:
        """Connect. A failed attempt closes its socket at once, not when garbage is collected."""
        try:
            return cls.connect(*arguments, **options)
        except BaseException as error:
            clear_frames(error.__traceback__)  # psycopg's frames hold the half-open connection
            raise

    def wait(self, gen: Generator[Any, Any, _Result], interval: float = 0.1, timeout: float | None = None) -> _Result:  # noqa: ARG002 - the connection has the limit
        """Wait for an answer; psycopg waits in no other place. Raises AnswerTimeoutError."""
        with _close_if_abandoned(self):
            return waiting.wait(_limit(gen, self.answer_timeout), self.pgconn.socket, interval)


class AsyncLimitedConnection(psycopg.AsyncConnection[Any]):
    """A LimitedConnection for asyncio. A cancelled task does not wait for the server to cancel the statement."""

    answer_timeout: float

    @classmethod
    def with_timeout(cls, seconds: float) -> type[Self]:
        """Return the class of connections with this limit."""
        return type(cls.__name__, (cls,), {"answer_timeout": seconds})

    @classmethod
    async def open(cls, *arguments: Any, **options: Any) -> Self:
        """Connect. A failed or cancelled attempt closes its socket at once, not when garbage is collected."""
        try:
            return await cls.connect(*arguments, **options)
        except BaseException as error:
            clear_frames(error.__traceback__)  # psycopg's frames hold the half-open connection
            raise

    async def wait(self, gen: Generator[Any, Any, _Result], interval: float = 0.1, timeout: float | None = None) -> _Result:  # noqa: ARG002, ASYNC109 - the connection has the limit
        """Wait for an answer; psycopg waits in no other place. Raises AnswerTimeoutError."""
        with _close_if_abandoned(self):
            return await waiting.wait_async(_limit(gen, self.answer_timeout), self.pgconn.socket, interval)


@contextmanager
def _close_if_abandoned(connection: LimitedConnection | AsyncLimitedConnection) -> Generator[None]:
    """Close a connection whose answer is still to come: the next statement would receive it."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, AnswerTimeoutError) or not isinstance(error, psycopg.Error):
            connection.pgconn.finish()
        raise


def _limit(steps: Generator[Any, Any, _Result], seconds: float) -> Generator[Any, Any, _Result]:
    """Run the steps of psycopg's protocol for a time; psycopg resumes at every interval, also when nothing was received."""
    end = monotonic() + seconds
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send((yield wanted))
            if monotonic() > end:
                raise AnswerTimeoutError("the server did not answer in time")
    except StopIteration as stop:
        result: _Result = stop.value
        return result


class LimitedSqlite(sqlite3.Connection):
    """A connection to SQLite whose statements end after some seconds, counted from the creation of their cursor."""

    def __init__(self, database: str, *, seconds: float, **options: Any) -> None:
        """Open the file. seconds: the time limit of a statement, and of waiting for a lock."""
        super().__init__(database, **{**options, "timeout": seconds})
        self._seconds = seconds
        self._end = end = [0.0]
        self.set_progress_handler(lambda: monotonic() > end[0], _STEPS)

    def cursor(self, *arguments: Any) -> Any:
        """Return a cursor for one statement, and start its time."""
        self._end[0] = monotonic() + self._seconds
        return super().cursor(*arguments)
