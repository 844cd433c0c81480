"""The directories: one statement a fetch, and nothing beside it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from math import inf
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from validator.directories.fork import renew_after_fork
from validator.model.directory import Facts, Keys

from .address import Address, parse
from .engines import async_reading, reading
from .errors import SqlError, worded
from .limits import StatementTimeoutError
from .rows import InvalidRowError, facts
from .statement import asking, parameters

CONNECT_TIMEOUT: Final = 2
STATEMENT_TIMEOUT: Final = 1.0
POOL_SIZE: Final = 16  # as many as a guard asks at a time


class _Source(NamedTuple):
    """What is asked where."""

    address: Address
    statement: str

    def parameters(self, keys: Keys) -> dict[str, Any]:
        return parameters(keys, is_postgresql=self.address.is_postgresql)


class SqlDirectory:
    """A Directory over SQLite or PostgreSQL, for any number of threads.

    url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``.
    connect_timeout: how long a connection may take to be made, or to become free; for PostgreSQL at least 2 (libpq's rule).
    statement_timeout: how long a statement may take. pool_size: the most connections.
    It connects at the first fetch, and again whenever a connection was lost.
    """

    def __init__(
        self,
        url: str,
        *,
        connect_timeout: int = CONNECT_TIMEOUT,
        statement_timeout: float = STATEMENT_TIMEOUT,
        pool_size: int = POOL_SIZE,
    ) -> None:
        """Make a directory that is not connected yet. Raises SqlError for a URL or number that is not taken."""
        self._source = _source(url, connect_timeout, statement_timeout, pool_size)
        self._engine = reading(self._source.address, connect_timeout, statement_timeout, pool_size)
        self._inherited: Any = None
        renew_after_fork(self._renew)

    def fetch(self, keys: Keys) -> Facts:
        """Return the facts for the keys, and no others. Raises SqlError."""
        asked = self._source.parameters(keys)
        try:
            try:
                return facts(self._rows(asked))
            except DBAPIError as error:
                if not _is_stale(error):
                    raise
            return facts(self._rows(asked))
        except (SQLAlchemyError, InvalidRowError) as error:
            raise worded(self._source.address.shown, error) from error

    def _rows(self, asked: dict[str, Any]) -> Any:
        with self._engine.connect() as connection:
            return connection.exec_driver_sql(self._source.statement, asked).fetchall()

    def _renew(self) -> None:
        # The parent's connections stay the parent's: not used, and not closed either.
        self._inherited = self._engine.pool
        self._engine.dispose(close=False)

    def close(self) -> None:
        """Close the connections; a later fetch opens new ones."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return the directory."""
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        """Close it."""
        self.close()


class AsyncSqlDirectory:
    """The same for ``validate_async``, for any number of tasks of one event loop. Who asks first is answered first."""

    def __init__(
        self,
        url: str,
        *,
        connect_timeout: int = CONNECT_TIMEOUT,
        statement_timeout: float = STATEMENT_TIMEOUT,
        pool_size: int = POOL_SIZE,
    ) -> None:
        """Make a directory that is not connected yet. Raises SqlError for a URL or number that is not taken."""
        source = _source(url, connect_timeout, statement_timeout, pool_size)
        self._asked: _Tasks | _Threads
        if source.address.is_postgresql:
            self._asked = _Tasks(source, async_reading(source.address, connect_timeout, statement_timeout, pool_size), pool_size)
        else:
            blocking = SqlDirectory(
                url, connect_timeout=connect_timeout, statement_timeout=statement_timeout, pool_size=pool_size
            )
            self._asked = _Threads(blocking, pool_size)

    async def fetch(self, keys: Keys) -> Facts:
        """Return the facts for the keys, and no others. Raises SqlError."""
        return await self._asked.fetch(keys)

    async def aclose(self) -> None:
        """Close the connections; a later fetch opens new ones."""
        await self._asked.aclose()

    async def __aenter__(self) -> Self:
        """Return the directory."""
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.aclose()


class _Tasks:
    """PostgreSQL, asked by the tasks themselves."""

    def __init__(self, source: _Source, engine: AsyncEngine, size: int) -> None:
        self._source = source
        self._engine = engine
        self._turn = asyncio.Semaphore(size)  # the pool gives a connection to whoever asks at the moment, and lets others wait

    async def fetch(self, keys: Keys) -> Facts:
        asked = self._source.parameters(keys)
        try:
            try:
                return facts(await self._rows(asked))
            except DBAPIError as error:
                if not _is_stale(error):
                    raise
            return facts(await self._rows(asked))
        except (SQLAlchemyError, InvalidRowError) as error:
            raise worded(self._source.address.shown, error) from error

    async def _rows(self, asked: dict[str, Any]) -> Any:
        async with self._turn, self._engine.connect() as connection:
            return (await connection.exec_driver_sql(self._source.statement, asked)).fetchall()

    async def aclose(self) -> None:
        await self._engine.dispose()


class _Threads:
    """SQLite, which is asked where it may block."""

    def __init__(self, directory: SqlDirectory, size: int) -> None:
        self._directory = directory
        self._size = size
        self._threads: ThreadPoolExecutor | None = None

    async def fetch(self, keys: Keys) -> Facts:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._size, "validator-sqlite")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._directory.fetch, keys)

    async def aclose(self) -> None:
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown, cancel_futures=True)  # statements end by themselves
        self._directory.close()


def _source(url: str, connect_timeout: int, statement_timeout: float, pool_size: int) -> _Source:
    # For libpq, PostgreSQL and SQLAlchemy 0 is no limit; so is what is not a number.
    if connect_timeout < 1 or not 0.001 <= statement_timeout < inf or pool_size < 1:
        raise SqlError("limits are at least 1 second, 0.001 seconds and 1 connection")
    address = parse(url)
    return _Source(address, asking(is_postgresql=address.is_postgresql))


def _is_stale(error: DBAPIError) -> bool:
    """Whether the server had left the connection before it was asked: then it has not tried yet."""
    return error.connection_invalidated and not isinstance(error.orig, StatementTimeoutError)
