"""Directories over SQL, as far as no server is needed: where they are, what they give, and whom they serve."""

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

from tests.directories.conformance import filled
from tests.directories.test_conformance import ALL, restricted
from validator import Facts, Keys, Snapshot
from validator.directories.sql import AsyncSqlDirectory, SqlDirectory, SqlError
from validator.directories.sql.directory import _Tasks, _Threads
from validator.directories.sql.errors import worded
from validator.directories.sql.limits import StatementTimeoutError

FORMS = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


@pytest.mark.parametrize("kind", [SqlDirectory, AsyncSqlDirectory])
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", f"the database's URL cannot be read; expected: {FORMS}"),
        ("directory.db", f"the database's URL cannot be read; expected: {FORMS}"),
        ("postgresql://a:s3cret@b:c/d", f"the database's URL cannot be read; expected: {FORMS}"),
        ("mysql://a:s3cret@b/c", f"a directory cannot be kept in 'mysql'; expected: {FORMS}"),
        ("postgresql+asyncpg://b/c", f"a directory cannot be kept in 'postgresql+asyncpg'; expected: {FORMS}"),
        ("sqlite://", "an SQLite URL names a file, and has no options: sqlite:///FILE, sqlite:////ABSOLUTE/FILE"),
        ("sqlite:///:memory:", "an SQLite URL names a file, and has no options: sqlite:///FILE, sqlite:////ABSOLUTE/FILE"),
        ("sqlite:///a?mode=ro", "an SQLite URL names a file, and has no options: sqlite:///FILE, sqlite:////ABSOLUTE/FILE"),
        ("sqlite://a/b", "an SQLite URL names a file, and has no options: sqlite:///FILE, sqlite:////ABSOLUTE/FILE"),
        ("postgresql://a:s3@cret@b/c", "an @ in the user name or password of a URL is written as %40"),
        ("postgresql://a:s3@c/ret@b/c", "an @ in the user name or password of a URL is written as %40"),
    ],
)
def test_a_url_that_is_not_taken(kind: type[SqlDirectory | AsyncSqlDirectory], url: str, reason: str) -> None:
    """The error tells the forms, and nothing of a password."""
    with pytest.raises(SqlError) as caught:
        kind(url)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "limits",
    [
        {"connect_timeout": 0},
        {"statement_timeout": 0.0},
        {"statement_timeout": float("nan")},
        {"statement_timeout": float("inf")},
        {"pool_size": 0},
    ],
    ids=str,
)
def test_limits_that_are_none(limits: dict[str, Any]) -> None:
    """What would be no limit is refused."""
    for kind in (SqlDirectory, AsyncSqlDirectory):
        with pytest.raises(SqlError) as caught:
            kind("sqlite:///directory.db", **limits)
        assert str(caught.value) == "limits are at least 1 second, 0.001 seconds and 1 connection"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Nobody makes an empty file by looking."""
    file = tmp_path / "none.db"
    with SqlDirectory(f"sqlite:///{file}") as directory, pytest.raises(SqlError) as caught:
        directory.fetch(Keys())
    assert str(caught.value) == f"sqlite:///{file}: the file cannot be opened, or was not created yet"
    assert not file.exists()


def test_a_file_without_tables(tmp_path: Path) -> None:
    """The error says what is to be done."""
    file = tmp_path / "empty.db"
    file.touch()
    with SqlDirectory(f"sqlite:///{file}") as directory, pytest.raises(SqlError) as caught:
        directory.fetch(Keys())
    assert str(caught.value) == f"sqlite:///{file}: the tables are not there: create them first"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """The error is the database's own, on one line."""
    file = tmp_path / "directory.json"
    file.write_text("{}" * 1000)
    with SqlDirectory(f"sqlite:///{file}") as directory, pytest.raises(SqlError) as caught:
        directory.fetch(Keys())
    assert str(caught.value) == f"sqlite:///{file}: file is not a database"


def test_an_error_without_words() -> None:
    """An error that says nothing is told by its type."""
    assert str(worded("place", OperationalError(None, None, sqlite3.OperationalError()))) == "place: OperationalError"


def test_a_path_with_odd_characters(tmp_path: Path, tenant: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's name is taken as it is, and a relative one is not lost when the program goes elsewhere."""
    monkeypatch.chdir(tmp_path)
    with SqlDirectory(filled(tenant, "sqlite:///50% of #1 & more.db")) as directory:
        monkeypatch.chdir("/")
        assert restricted(directory.fetch(ALL), ALL) == restricted(tenant.facts, ALL)
    assert [path.name for path in tmp_path.iterdir()] == ["50% of #1 & more.db"]


def test_a_directory_that_appears_later(tmp_path: Path, tenant: Snapshot) -> None:
    """A directory that could not answer answers as soon as it can."""
    url = f"sqlite:///{tmp_path / 'late.db'}"
    with SqlDirectory(url) as directory:
        with pytest.raises(SqlError):
            directory.fetch(Keys())
        filled(tenant, url)
        assert restricted(directory.fetch(ALL), ALL) == restricted(tenant.facts, ALL)


def test_just_what_was_asked_for(url: str, tenant: Snapshot) -> None:
    """The facts hold the keys that were asked for, no others, and a closed directory opens anew."""
    with SqlDirectory(url) as directory:
        first = directory.fetch(ALL)
        directory.close()
        assert directory.fetch(ALL) == first == restricted(tenant.facts, ALL)


def test_the_same_asynchronously(url: str, tenant: Snapshot) -> None:
    """The asynchronous directory gives the same, to many tasks at a time."""

    async def fetched() -> list[Facts]:
        async with AsyncSqlDirectory(url, pool_size=3) as directory:
            return list(await asyncio.gather(*(directory.fetch(ALL) for _ in range(50))))

    assert asyncio.run(fetched()) == [restricted(tenant.facts, ALL)] * 50


def test_threads_share_a_directory(url: str, tenant: Snapshot) -> None:
    """Answers to threads are not mixed up."""
    known = tenant.facts.customers or {}
    ids = [*known, "5", "6"] * 50
    expected = [{own: known[own]} if own in known else {} for own in ids]
    with SqlDirectory(url, pool_size=3) as directory, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda own: directory.fetch(Keys(customers=(own,))).customers, ids))
    assert found == expected


class Lost:
    """Stands in for a directory's rows: as many times as wanted the server has left the connection."""

    def __init__(self, rows: Any, times: int, why: Exception) -> None:
        self.rows = rows
        self.times = times
        self.why = why
        self.asked = 0

    def __call__(self, asked: dict[str, Any]) -> Any:
        """Give the rows, or raise."""
        self.asked += 1
        if self.asked <= self.times:
            raise OperationalError(None, None, self.why, connection_invalidated=True)
        return self.rows(asked)

    async def later(self, asked: dict[str, Any]) -> Any:
        """Give the same asynchronously."""
        answer = self(asked)
        return await answer


class StandIn:
    """In place of an engine over PostgreSQL: the rows are those of another database."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Any]:
        """Give a connection."""
        yield self

    async def exec_driver_sql(self, _statement: str, _asked: dict[str, Any]) -> Any:
        """Give a result."""
        return self

    def fetchall(self) -> Any:
        """Give the rows."""
        return self.rows

    async def dispose(self) -> None:
        """Close nothing."""


@pytest.mark.parametrize(
    ("times", "why", "asked"),
    [(1, psycopg.OperationalError("gone"), 2), (2, psycopg.OperationalError("gone"), 2), (1, StatementTimeoutError("late"), 1)],
)
def test_a_connection_that_was_lost(url: str, monkeypatch: pytest.MonkeyPatch, times: int, why: Exception, asked: int) -> None:
    """The fetch is tried once more, but not when the time is over."""

    async def fetched() -> Facts:
        async with AsyncSqlDirectory("postgresql://127.0.0.1:1/none") as other, AsyncSqlDirectory(url) as same:
            tasks, threads = other._asked, same._asked
            assert isinstance(tasks, _Tasks)
            assert isinstance(threads, _Threads)
            own = threads._directory
            await tasks.aclose()
            monkeypatch.setattr(tasks, "_engine", StandIn(own._rows(own._source.parameters(ALL))))
            lost = Lost(tasks._rows, times, why)
            monkeypatch.setattr(tasks, "_rows", lost.later)
            try:
                return await other.fetch(ALL)
            finally:
                assert lost.asked == asked

    with SqlDirectory(url) as directory:
        expected = directory.fetch(ALL)
        lost = Lost(directory._rows, times, why)
        monkeypatch.setattr(directory, "_rows", lost)
        if asked > times:
            assert directory.fetch(ALL) == expected == asyncio.run(fetched())
        else:
            with pytest.raises(SqlError, match=rf": {why}$"):
                directory.fetch(ALL)
            with pytest.raises(SqlError, match=rf": {why}$"):
                asyncio.run(fetched())
        assert lost.asked == asked


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process(url: str, tenant: Snapshot) -> None:
    """A forked process has connections of its own."""
    with SqlDirectory(url) as directory:
        directory.fetch(ALL)
        child = os.fork()
        if child == 0:  # pragma: no cover - in the other process
            os._exit(0 if directory.fetch(ALL) == restricted(tenant.facts, ALL) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert directory.fetch(ALL) == restricted(tenant.facts, ALL)


def test_what_a_forked_process_does(url: str, tenant: Snapshot) -> None:
    """The connections of before are neither used nor closed."""
    with SqlDirectory(url) as directory:
        directory.fetch(ALL)
        before = directory._engine.pool
        directory._renew()
        assert (directory._inherited, directory._engine.pool is before) == (before, False)
        assert directory.fetch(ALL) == restricted(tenant.facts, ALL)
        before.dispose()
