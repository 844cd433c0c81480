"""Directories over SQLite and PostgreSQL: one statement for each fetch."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import inf
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from validator.directories.fork import renew_after_fork
from validator.model.directory import Facts, Keys

from .address import Address, SqlError, parse_url
from .engines import make_async_read_engine, make_read_engine
from .limits import AnswerTimeoutError
from .messages import make_limits
from .rows import InvalidRowError, MailboxReader, read_facts
from .statement import make_fetch_statement, make_parameters

CONNECT_TIMEOUT: Final = 2  # seconds
STATEMENT_TIMEOUT: Final = 1.0  # seconds
POOL_SIZE: Final = 16  # as many as the threads of TimeLimited


class _Query(NamedTuple):
    """A database, the statement of a fetch, and the reader of the email addresses in its rows."""

    address: Address
    statement: str
    mailboxes: MailboxReader

    def make_parameters(self, keys: Keys) -> dict[str, Any]:
        return make_parameters(keys, is_postgresql=self.address.is_postgresql)

    def read_facts(self, rows: Any) -> Facts:
        return read_facts(rows, self.mailboxes)


class SqlDirectory:
    """A Directory over SQLite or PostgreSQL. Thread-safe.

    It connects at the first fetch, and again whenever the connection was lost.
    """

    def __init__(
        self,
        url: str,
        *,
        connect_timeout: int = CONNECT_TIMEOUT,
        statement_timeout: float = STATEMENT_TIMEOUT,
        pool_size: int = POOL_SIZE,
    ) -> None:
        """Create a directory without connecting.

        url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``, also of PgBouncer. Directly at the server,
            ``?prepare_threshold=5`` makes fetches faster: from the sixth on, a connection does not plan the statement again.
        connect_timeout: seconds to connect, and to wait for a free connection; libpq raises 1 to 2.
        statement_timeout: seconds for one statement.
        pool_size: maximum number of connections.
        Raises SqlError for an invalid URL or limit.
        """
        self._query = _make_query(url, connect_timeout, statement_timeout, pool_size)
        self._duplicate = partial(
            type(self),
            self._query.address.make_absolute(url),
            connect_timeout=connect_timeout,
            statement_timeout=statement_timeout,
            pool_size=pool_size,
        )
        self._engine = make_read_engine(self._query.address, connect_timeout, statement_timeout, pool_size)
        self._inherited: Any = None
        renew_after_fork(self._renew)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the URL with its password, and the limits; the copy has connections of its own."""
        return self._duplicate, ()

    def fetch(self, keys: Keys) -> Facts:
        """Return the facts for exactly these keys. Raises SqlError."""
        parameters = self._query.make_parameters(keys)
        try:
            try:
                return self._query.read_facts(self._fetch_rows(parameters))
            except DBAPIError as error:
                if not _is_stale(error):
                    raise
            return self._query.read_facts(self._fetch_rows(parameters))
        except (SQLAlchemyError, InvalidRowError) as error:
            raise self._query.address.make_error(error) from error

    def _fetch_rows(self, parameters: dict[str, Any]) -> Any:
        with self._engine.connect() as connection:
            return connection.exec_driver_sql(self._query.statement, parameters).fetchall()

    def _renew(self) -> None:
        # The connections belong to the parent process: they are neither used nor closed here.
        self._inherited = self._engine.pool
        self._engine.dispose(close=False)

    def close(self) -> None:
        """Close the connections; a later fetch opens new ones."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return the directory."""
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        """Close the directory."""
        self.close()


class AsyncSqlDirectory:
    """A SqlDirectory for ``validate_async`` and one event loop. Tasks that wait for a connection get it in order of arrival."""

    def __init__(
        self,
        url: str,
        *,
        connect_timeout: int = CONNECT_TIMEOUT,
        statement_timeout: float = STATEMENT_TIMEOUT,
        pool_size: int = POOL_SIZE,
    ) -> None:
        """Create a directory without connecting. Parameters and errors are those of SqlDirectory."""
        query = _make_query(url, connect_timeout, statement_timeout, pool_size)
        self._duplicate = partial(
            type(self),
            query.address.make_absolute(url),
            connect_timeout=connect_timeout,
            statement_timeout=statement_timeout,
            pool_size=pool_size,
        )
        self._source: _Tasks | _Threads
        if query.address.is_postgresql:
            engine = make_async_read_engine(query.address, connect_timeout, statement_timeout, pool_size)
            self._source = _Tasks(query, engine, pool_size)
        else:
            blocking = SqlDirectory(
                url, connect_timeout=connect_timeout, statement_timeout=statement_timeout, pool_size=pool_size
            )
            self._source = _Threads(blocking, pool_size)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the URL with its password, and the limits; the copy has connections of its own."""
        return self._duplicate, ()

    async def fetch(self, keys: Keys) -> Facts:
        """Return the facts for exactly these keys. Raises SqlError."""
        return await self._source.fetch(keys)

    async def aclose(self) -> None:
        """Close the connections; a later fetch opens new ones."""
        await self._source.aclose()

    async def __aenter__(self) -> Self:
        """Return the directory."""
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the directory."""
        await self.aclose()


class _Tasks:
    """PostgreSQL, queried by the tasks themselves."""

    def __init__(self, query: _Query, engine: AsyncEngine, size: int) -> None:
        self._query = query
        self._engine = engine
        self._free = asyncio.Semaphore(size)  # first come, first served; the pool would let waiting tasks starve

    async def fetch(self, keys: Keys) -> Facts:
        parameters = self._query.make_parameters(keys)
        try:
            try:
                return self._query.read_facts(await self._fetch_rows(parameters))
            except DBAPIError as error:
                if not _is_stale(error):
                    raise
            return self._query.read_facts(await self._fetch_rows(parameters))
        except (SQLAlchemyError, InvalidRowError) as error:
            raise self._query.address.make_error(error) from error

    async def _fetch_rows(self, parameters: dict[str, Any]) -> Any:
        async with self._free, self._engine.connect() as connection:
            return (await connection.exec_driver_sql(self._query.statement, parameters)).fetchall()

    async def aclose(self) -> None:
        await self._engine.dispose()


class _Threads:
    """SQLite, queried in threads, as its calls block."""

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
            await asyncio.to_thread(threads.shutdown, cancel_futures=True)  # running statements have a time limit
        self._directory.close()


def _make_query(url: str, connect_timeout: int, statement_timeout: float, pool_size: int) -> _Query:
    # libpq, PostgreSQL and SQLAlchemy read 0 as "no limit", and NaN passes comparisons with a maximum.
    if connect_timeout < 1:
        raise SqlError(f"connect_timeout must be at least 1 second, got {connect_timeout!r}")
    if not 0.001 <= statement_timeout < inf:
        raise SqlError(f"statement_timeout must be a finite number of at least 0.001 seconds, got {statement_timeout!r}")
    if pool_size < 1:
        raise SqlError(f"pool_size must be at least 1, got {pool_size!r}")
    address = parse_url(url)
    statement = make_fetch_statement(is_postgresql=address.is_postgresql)
    if address.is_postgresql and address.prepare_threshold is None:
        statement = make_limits(statement_timeout) + statement
    return _Query(address, statement, MailboxReader(address.label))


def _is_stale(error: DBAPIError) -> bool:
    """Whether the server had closed the connection before the statement was sent, so that a second attempt is useful."""
    return error.connection_invalidated and not isinstance(error.orig, AnswerTimeoutError)
