"""Directories over SQL that need no server: URLs, errors, concurrency, lost connections and forks."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from tests.directories.conformance import NO_TABLES, fill
from tests.directories.sources import select_facts
from tests.directories.test_conformance import ALL
from validator import Facts, Keys, Snapshot
from validator.directories import AsyncSqlDirectory, SqlDirectory, SqlError
from validator.directories.sql.address import parse_url
from validator.directories.sql.directory import _Tasks, _Threads
from validator.directories.sql.limits import AnswerTimeoutError

FORMS = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
SQLITE = "invalid SQLite URL; expected sqlite:///FILE or sqlite:////ABSOLUTE/FILE, without host and options"

CONTROL = "invalid database URL: it contains a control character or bytes that cannot be decoded"
NOT_UTF_8 = "invalid database URL: percent-encoded bytes are not UTF-8"
AT = "invalid PostgreSQL URL; write an @ in the user name, password or options as %40"
UNKNOWN = "invalid PostgreSQL URL: unknown option"
PORTS = "invalid PostgreSQL URL: a port is not a number, or there are not as many ports as hosts"


@pytest.mark.parametrize("kind", [SqlDirectory, AsyncSqlDirectory])
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", f"invalid database URL; expected {FORMS}"),
        ("directory.db", f"invalid database URL; expected {FORMS}"),
        ("postgresql://a:s3cret@b:c/d", f"invalid database URL; expected {FORMS}"),
        ("mysql://a:s3cret@b/c", f"unsupported database 'mysql'; expected {FORMS}"),
        ("postgresql+asyncpg://b/c", f"unsupported database 'postgresql+asyncpg'; expected {FORMS}"),
        ("postgresql+psycopg2://b/c", f"unsupported database 'postgresql+psycopg2'; expected {FORMS}"),
        ("postgresql+://b/c", f"unsupported database 'postgresql+'; expected {FORMS}"),
        ("postgresql:/b/c", f"invalid database URL; expected {FORMS}"),
        ("postgresql://b:1,2/c", f"invalid database URL; expected {FORMS}"),
        ("sqlite://", SQLITE),
        ("sqlite:///:memory:", SQLITE),
        ("sqlite:///a?mode=ro", SQLITE),
        ("sqlite://a/b", SQLITE),
        ("sqlite://:1/b", SQLITE),
        ("sqlite://:a@/b", SQLITE),
        ("sqlite:///a\0b", CONTROL),
        ("sqlite:///a%00b", CONTROL),
        ("sqlite:///a\udcff", CONTROL),
        ("sqlite:///a%ff", NOT_UTF_8),
        ("postgresql://a:s3cret\udcff@b/c", CONTROL),
        ("postgresql://b/c%0A", CONTROL),
        ("postgresql://a:s3cret%FF@b/c", NOT_UTF_8),
        ("postgresql://a:s3@cret@b/c", AT),
        ("postgresql://a:s3@c/ret@b/c", AT),
        ("postgresql://a:s3@c?ret=1@b/c", AT),
        ("postgresql://b/c?port=s3cret", PORTS),
        ("postgresql:///c?host=a,b&port=1,2,3", PORTS),
        ("postgresql://a..b/c", "invalid PostgreSQL URL: the host is not a valid name"),
        (f"postgresql:///c?host=a&host={'b' * 64}", "invalid PostgreSQL URL: the host is not a valid name"),
        ("postgresql://b/c?sslmod=s3cret", f"{UNKNOWN} 'sslmod'; did you mean 'sslmode'?"),
        ("postgresql://b/c?prepare_threshold=s3", "invalid PostgreSQL URL: prepare_threshold is not a number"),
        ("postgresql://b/c?prepare_threshold=-1", "invalid PostgreSQL URL: prepare_threshold is not a number"),
        ("postgresql://b/c?prepare_threshold=1&prepare_threshold=2", "invalid PostgreSQL URL: prepare_threshold is not a number"),
        ("postgresql://b/c?prepare_treshold=1", f"{UNKNOWN} 'prepare_treshold'; did you mean 'prepare_threshold'?"),
        ("postgresql://b/c?plugin=a", f"{UNKNOWN} 'plugin'"),
        ("postgresql://b/c?autocommit=1", f"{UNKNOWN} 'autocommit'"),
    ],
)
def test_invalid_url_is_rejected(kind: type[SqlDirectory | AsyncSqlDirectory], url: str, reason: str) -> None:
    """The error names the supported forms and contains no password."""
    with pytest.raises(SqlError) as caught:
        kind(url)
    assert str(caught.value) == reason
    assert "s3" not in reason


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "Postgres"])
@pytest.mark.parametrize(
    ("rest", "label"),
    [
        ("://a:b@c:1/d?sslmode=require", "c:1/d"),
        ("://c/d%20e?user=a%40b", "c/d e"),
        ("://b\u00fccher.example/d", "b\u00fccher.example/d"),
        (f":///d?host=/run/{'x' * 64}&port=1", f"/run/{'x' * 64}/d"),
        ("://c/d?prepare_threshold=5", "c/d"),
        (":///d?host=%40abstract&service=e", "@abstract/d"),
    ],
)
def test_every_form_of_a_url_is_read_alike(scheme: str, rest: str, label: str) -> None:
    """Those of libpq and of SQLAlchemy; the label has neither user nor options."""
    address = parse_url(f"{scheme}{rest}")
    assert (address.label, address.is_postgresql) == (f"postgresql://{label}", True)
    assert address == parse_url(f"postgresql{rest}")
    assert address.prepare_threshold == (5 if "prepare" in rest else None)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"connect_timeout": 0}, "connect_timeout must be at least 1 second, got 0"),
        ({"statement_timeout": 0.0}, "statement_timeout must be a finite number of at least 0.001 seconds, got 0.0"),
        ({"statement_timeout": float("nan")}, "statement_timeout must be a finite number of at least 0.001 seconds, got nan"),
        ({"statement_timeout": float("inf")}, "statement_timeout must be a finite number of at least 0.001 seconds, got inf"),
        ({"pool_size": 0}, "pool_size must be at least 1, got 0"),
    ],
)
def test_invalid_limit_is_rejected(limits: dict[str, Any], reason: str) -> None:
    """Values that databases read as no limit are not accepted."""
    for kind in (SqlDirectory, AsyncSqlDirectory):
        with pytest.raises(SqlError) as caught:
            kind("sqlite:///directory.db", **limits)
        assert str(caught.value) == reason


def test_missing_file_is_not_created(tmp_path: Path) -> None:
    """A fetch reports it."""
    file = tmp_path / "none.db"
    with SqlDirectory(f"sqlite:///{file}") as directory, pytest.raises(SqlError) as caught:
        directory.fetch(Keys())
    assert str(caught.value) == f"sqlite:///{file}: the file does not exist or cannot be opened"
    assert not file.exists()


def test_missing_tables_are_reported(tmp_path: Path) -> None:
    """The error says how to create them."""
    file = tmp_path / "empty.db"
    file.touch()
    with SqlDirectory(f"sqlite:///{file}") as directory, pytest.raises(SqlError) as caught:
        directory.fetch(Keys())
    assert str(caught.value) == f"sqlite:///{file}: {NO_TABLES}"


def test_file_that_is_not_a_database_is_reported(tmp_path: Path) -> None:
    """The error is SQLite's message, on one line."""
    file = tmp_path / "directory.json"
    file.write_text("{}" * 1000)
    with SqlDirectory(f"sqlite:///{file}") as directory, pytest.raises(SqlError) as caught:
        directory.fetch(Keys())
    assert str(caught.value) == f"sqlite:///{file}: file is not a database"


def test_error_without_message_is_reported_by_type() -> None:
    """The name of the type takes the place of the message."""
    error = OperationalError(None, None, sqlite3.OperationalError())
    assert str(parse_url("sqlite:///a.db").make_error(error)) == "sqlite:///a.db: OperationalError"


def test_path_is_read_literally(tmp_path: Path, tenant: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Special characters have no meaning, and a relative path stays valid when the program changes its folder."""
    monkeypatch.chdir(tmp_path)
    with SqlDirectory(fill(tenant, "sqlite:///50% of #1 & more.db")) as directory:
        monkeypatch.chdir("/")
        assert select_facts(directory.fetch(ALL), ALL) == select_facts(tenant.facts, ALL)
    assert [path.name for path in tmp_path.iterdir()] == ["50% of #1 & more.db"]


def test_directory_recovers_when_the_file_appears(tmp_path: Path, tenant: Snapshot) -> None:
    """A fetch after a failed one succeeds as soon as the database exists."""
    url = f"sqlite:///{tmp_path / 'late.db'}"
    with SqlDirectory(url) as directory:
        with pytest.raises(SqlError):
            directory.fetch(Keys())
        fill(tenant, url)
        assert select_facts(directory.fetch(ALL), ALL) == select_facts(tenant.facts, ALL)


def test_fetch_returns_exactly_its_keys(url: str, tenant: Snapshot) -> None:
    """Also after the directory was closed, which opens it again."""
    with SqlDirectory(url) as directory:
        first = directory.fetch(ALL)
        directory.close()
        assert directory.fetch(ALL) == first == select_facts(tenant.facts, ALL)


def test_async_directory_returns_exactly_its_keys(url: str, tenant: Snapshot) -> None:
    """To many concurrent tasks."""

    async def fetch_all() -> list[Facts]:
        async with AsyncSqlDirectory(url, pool_size=3) as directory:
            return list(await asyncio.gather(*(directory.fetch(ALL) for _ in range(50))))

    assert asyncio.run(fetch_all()) == [select_facts(tenant.facts, ALL)] * 50


def test_threads_share_a_directory(url: str, tenant: Snapshot) -> None:
    """Each thread gets the answer to its own keys."""
    customers = tenant.facts.customers or {}
    ids = [*customers, "5", "6"] * 50
    expected = [{one: customers[one]} if one in customers else {} for one in ids]
    with SqlDirectory(url, pool_size=3) as directory, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda one: directory.fetch(Keys(customers=(one,))).customers, ids))
    assert answers == expected


class LostConnection:
    """In place of a directory's ``_fetch_rows``: the first attempts find that the server has closed the connection."""

    def __init__(self, fetch_rows: Any, failures: int, cause: Exception) -> None:
        self.fetch_rows = fetch_rows
        self.failures = failures
        self.cause = cause
        self.attempts = 0

    def __call__(self, parameters: dict[str, Any]) -> Any:
        """Return the rows, or raise."""
        self.attempts += 1
        if self.attempts <= self.failures:
            raise OperationalError(None, None, self.cause, connection_invalidated=True)
        return self.fetch_rows(parameters)

    async def fetch_later(self, parameters: dict[str, Any]) -> Any:
        """Do the same asynchronously."""
        answer = self(parameters)
        return await answer


class StubEngine:
    """In place of an engine over PostgreSQL: it returns the rows of another database."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Any]:
        """Return a connection."""
        yield self

    async def exec_driver_sql(self, _statement: str, _parameters: dict[str, Any]) -> Any:
        """Return a result."""
        return self

    def fetchall(self) -> Any:
        """Return the rows."""
        return self.rows

    async def dispose(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("failures", "cause", "attempts"),
    [(1, psycopg.OperationalError("gone"), 2), (2, psycopg.OperationalError("gone"), 2), (1, AnswerTimeoutError("late"), 1)],
)
def test_fetch_is_retried_once_after_a_lost_connection(
    url: str, monkeypatch: pytest.MonkeyPatch, failures: int, cause: Exception, attempts: int
) -> None:
    """But not after a timeout."""

    async def fetch() -> Facts:
        async with AsyncSqlDirectory("postgresql://127.0.0.1:1/none") as other, AsyncSqlDirectory(url) as same:
            tasks, threads = other._source, same._source
            assert isinstance(tasks, _Tasks)
            assert isinstance(threads, _Threads)
            sqlite = threads._directory
            await tasks.aclose()
            monkeypatch.setattr(tasks, "_engine", StubEngine(sqlite._fetch_rows(sqlite._query.make_parameters(ALL))))
            lost = LostConnection(tasks._fetch_rows, failures, cause)
            monkeypatch.setattr(tasks, "_fetch_rows", lost.fetch_later)
            try:
                return await other.fetch(ALL)
            finally:
                assert lost.attempts == attempts

    with SqlDirectory(url) as directory:
        expected = directory.fetch(ALL)
        lost = LostConnection(directory._fetch_rows, failures, cause)
        monkeypatch.setattr(directory, "_fetch_rows", lost)
        if attempts > failures:
            assert directory.fetch(ALL) == expected == asyncio.run(fetch())
        else:
            with pytest.raises(SqlError, match=rf": {cause}$"):
                directory.fetch(ALL)
            with pytest.raises(SqlError, match=rf": {cause}$"):
                asyncio.run(fetch())
        assert lost.attempts == attempts


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_forked_process_opens_its_own_connections(url: str, tenant: Snapshot) -> None:
    """Parent and child both get correct answers."""
    with SqlDirectory(url) as directory:
        directory.fetch(ALL)
        child = os.fork()
        if child == 0:  # pragma: no cover - in the other process
            os._exit(0 if directory.fetch(ALL) == select_facts(tenant.facts, ALL) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert directory.fetch(ALL) == select_facts(tenant.facts, ALL)


def test_inherited_connections_are_neither_used_nor_closed(url: str, tenant: Snapshot) -> None:
    """After a fork the pool is replaced, and the old one is kept open."""
    with SqlDirectory(url) as directory:
        directory.fetch(ALL)
        before = directory._engine.pool
        directory._renew()
        assert (directory._inherited, directory._engine.pool is before) == (before, False)
        assert directory.fetch(ALL) == select_facts(tenant.facts, ALL)
        before.dispose()
