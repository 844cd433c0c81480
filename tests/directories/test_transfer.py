"""Between a snapshot file and the tables of an SQLite file; test_postgresql.py has the same for PostgreSQL."""

import asyncio
import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from tests.directories.test_conformance import ALL, ODD
from validator import Snapshot, SnapshotError
from validator.directories.sql import (
    AsyncSqlDirectory,
    SqlDirectory,
    SqlError,
    create_tables,
    export_snapshot,
    import_snapshot,
    transfer,
)
from validator.directories.sql.limits import AsyncLimitedConnection, LimitedConnection
from validator.directories.sql.tables import ACTIVITIES, TABLES, Table, definitions
from validator.operation.home import shipped_fixtures, shipped_schemas

TENANT = shipped_fixtures() / "directory.json"
EXAMPLE: dict[str, Any] = json.loads((shipped_schemas() / "directory.schema.json").read_bytes())["examples"][0]
DOCUMENTS = {
    "nothing": {},
    "example": EXAMPLE,
    "fixtures": json.loads(TENANT.read_bytes()),
    "odd": ODD,
    "empty": {"activities": []},
}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the URL of a file with empty tables."""
    url = f"sqlite:///{tmp_path / 'directory.db'}"
    create_tables(url)
    return url


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_was_imported_is_exported(url: str, document: dict[str, Any]) -> None:
    """A snapshot that was imported and exported again has equal facts."""
    snapshot = Snapshot.from_dict(document)
    import_snapshot(snapshot, url)
    assert Snapshot.from_dict(export_snapshot(url)).facts == snapshot.facts


def test_the_form_of_an_export(url: str) -> None:
    """It has the file's names and no member that says nothing, in a fixed order."""
    document = {
        "settings": {"customerDepartmentalization": False},
        "customers": [{"id": "2", "mayActFor": ["3", "10"]}, {"id": "10", "department": "A", "emailAddresses": ["b@c.com"]}],
        "activities": [{"id": "1", "customer": "2"}],
        "aliases": [{"address": "a@b.com", "active": False}],
        "messageCenters": [{"id": "1", "active": True, "issueTypes": ["4"]}],
        "customAttributes": [
            {"name": "a", "type": "text", "values": [], "allowedCharacters": "AB"},
            {"name": "b", "type": "date"},
        ],
    }
    import_snapshot(Snapshot.from_dict(document), url)
    assert export_snapshot(url) == document


def test_an_import_replaces_all(url: str) -> None:
    """Nothing of what was there before stays."""
    import_snapshot(TENANT, url)
    import_snapshot(Snapshot.from_dict({"aliases": []}), url)
    assert export_snapshot(url) == {"aliases": []}


def test_tables_are_made_once(url: str) -> None:
    """To make them again changes nothing."""
    import_snapshot(str(TENANT), url)
    create_tables(url)
    assert Snapshot.from_dict(export_snapshot(url)) == Snapshot.from_file(TENANT)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (
            {"customAttributes": [{"name": "a\0", "type": "text"}]},
            "a text holds U+0000 or a surrogate, which a database cannot hold",
        ),
        (
            {"customers": [{"id": "1", "department": "\udc00"}]},
            "a text holds U+0000 or a surrogate, which a database cannot hold",
        ),
        (
            {"customAttributes": [{"name": "x" * 501, "type": "text"}]},
            "CHECK constraint failed: length(name) BETWEEN 1 AND 500",
        ),
    ],
)
def test_what_a_database_cannot_hold(url: str, document: dict[str, Any], reason: str) -> None:
    """It is refused on one line, and the tables stay as they were."""
    import_snapshot(TENANT, url)
    with pytest.raises(SqlError) as caught:
        import_snapshot(Snapshot.from_dict(document), url)
    assert str(caught.value) == f"{url}: {reason}"
    assert Snapshot.from_dict(export_snapshot(url)) == Snapshot.from_file(TENANT)


def test_a_file_that_cannot_be_read(tmp_path: Path, url: str) -> None:
    """It is told as for a snapshot, before the tables are touched."""
    with pytest.raises(FileNotFoundError):
        import_snapshot(tmp_path / "none.json", url)
    (tmp_path / "bad.json").write_text("[]")
    with pytest.raises(SnapshotError):
        import_snapshot(tmp_path / "bad.json", url)


def test_no_tables(tmp_path: Path) -> None:
    """Neither an import nor an export makes tables or a file."""
    url = f"sqlite:///{tmp_path / 'none.db'}"
    for run in (lambda: import_snapshot(TENANT, url), lambda: export_snapshot(url)):
        with pytest.raises(SqlError) as caught:
            run()
        assert str(caught.value) == f"{url}: the file cannot be opened, or was not created yet"
    (tmp_path / "none.db").touch()
    for run in (lambda: import_snapshot(TENANT, url), lambda: export_snapshot(url)):
        with pytest.raises(SqlError) as caught:
            run()
        assert str(caught.value) == f"{url}: the tables are not there: create them first"


def test_tables_that_are_broken_are_not_exported(url: str) -> None:
    """An export is a snapshot or an error."""
    import_snapshot(TENANT, url)
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("DELETE FROM directory_customers")
    with pytest.raises(SqlError, match=r": a row belongs to nothing$"):
        export_snapshot(url)


def test_somebody_else_fills_the_tables(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two imports at a time do not mix: one waits, and not for ever."""
    monkeypatch.setattr("validator.directories.sql.engines.WAIT", 0.05)
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(SqlError) as caught:
            import_snapshot(TENANT, url)
    assert str(caught.value) == f"{url}: database is locked"


def test_readers_see_the_old_or_the_new(url: str) -> None:
    """While imports take turns, a reader is never kept from reading, and never sees half."""
    documents = [Snapshot.from_dict({"activities": [{"id": str(n), "customer": c} for n in range(1, 500)]}) for c in "12"]
    import_snapshot(documents[0], url)
    keys, ended, seen = ALL._replace(activities=("1", "250", "499")), threading.Event(), set()

    def read() -> None:
        with SqlDirectory(url) as directory:
            while not ended.is_set():
                activities = directory.fetch(keys).activities or {}
                seen.add(tuple(sorted(activities.values())))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20):
        import_snapshot(documents[number % 2], url)
    ended.set()
    reader.join()
    assert seen <= {tuple(sorted((one, customer) for one in keys.activities)) for customer in "12"}
    assert seen


class Recorded:
    """Stands in for a connection to PostgreSQL where there is none: what was said, and what was answered."""

    def __init__(self, answer: str = "UTF8") -> None:
        self.answer = answer
        self.said: list[Any] = []
        self.connection = self
        self.driver_connection = self

    def exec_driver_sql(self, statement: str) -> Self:
        """Take down a statement."""
        self.said.append(statement)
        return self

    execute = exec_driver_sql
    copy = exec_driver_sql

    def cursor(self) -> Self:
        """Return what takes statements."""
        return self

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        return

    def write_row(self, row: Iterable[Any]) -> None:
        """Take down a row."""
        self.said.append(tuple(row))

    def scalar_one(self) -> str:
        """Return the answer."""
        return self.answer


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Let transfers speak to nobody."""
    connection = Recorded()
    monkeypatch.setattr(transfer, "_connected", lambda *_: contextlib.nullcontext(connection))
    return connection


def test_the_words_for_postgresql(recorded: Recorded) -> None:
    """The tables are made in one transaction; an import keeps other imports out, not readers, and lets plans be made anew."""
    create_tables("postgresql:///tenant")
    assert recorded.said == ["SHOW server_encoding", "BEGIN", *definitions(is_postgresql=True), "COMMIT"]
    recorded.said.clear()
    import_snapshot(Snapshot.from_dict({"activities": [{"id": "1", "customer": "2"}]}), "postgresql:///tenant")
    rows: dict[Table, list[Any]] = {TABLES[0]: [("activities",)], ACTIVITIES: [("1", "2")]}
    filled: list[Any] = []
    for table in TABLES:
        copy = f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN"
        filled += [copy, *rows.get(table, ()), f"ANALYZE {table.name}"]
    assert recorded.said == [
        "BEGIN",
        "LOCK TABLE directory_sections IN SHARE ROW EXCLUSIVE MODE",
        *(f"DELETE FROM {table.name}" for table in reversed(TABLES)),
        *filled,
        "COMMIT",
    ]


def test_another_encoding(recorded: Recorded) -> None:
    """A database that cannot hold all of Unicode is refused before anything depends on it."""
    recorded.answer = "LATIN1"
    with pytest.raises(SqlError) as caught:
        create_tables("postgresql://a:s3cret@b/tenant")
    assert str(caught.value) == "postgresql://b/tenant: the encoding of the database must be UTF8, not LATIN1"


def test_what_a_server_is_told_while_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads has limits and cannot write, who writes has others; the URL's own options stay."""
    told: list[dict[str, Any]] = []

    def connect(**words: Any) -> None:
        told.append(words)
        raise psycopg.OperationalError("no")

    async def async_connect(**words: Any) -> None:
        connect(**words)

    monkeypatch.setattr(LimitedConnection, "connect", connect)
    monkeypatch.setattr(AsyncLimitedConnection, "connect", async_connect)
    monkeypatch.setattr(psycopg, "connect", connect)
    url = "postgresql://a:b@c:1/d?options=-c%20search_path%3De&sslmode=require"
    with pytest.raises(SqlError):
        SqlDirectory(url, connect_timeout=3, statement_timeout=0.5).fetch(ALL)
    with pytest.raises(SqlError):
        asyncio.run(AsyncSqlDirectory(url, connect_timeout=3, statement_timeout=0.5).fetch(ALL))
    with pytest.raises(SqlError):
        create_tables(url)
    both = {"host": "c", "port": 1, "user": "a", "password": "b", "dbname": "d", "sslmode": "require", "client_encoding": "utf8",
            "application_name": "activity-validator"}  # fmt: skip
    limits = "-c search_path=e -c statement_timeout=500 -c default_transaction_read_only=on -c plan_cache_mode=force_generic_plan"
    reading = {**both, "connect_timeout": 3, "tcp_user_timeout": 500, "keepalives_idle": 30, "options": limits}
    writing = {**both, "connect_timeout": 10, "options": "-c search_path=e -c statement_timeout=0 -c lock_timeout=10000"}
    assert [{name: word for name, word in words.items() if name != "context"} for words in told] == [reading, reading, writing]


def test_a_server_that_is_not_there() -> None:
    """It is told on one line, without the password."""
    for run in (create_tables, lambda url: import_snapshot(TENANT, url), export_snapshot):
        with pytest.raises(SqlError) as caught:
            run("postgresql://tester:s3cret@/tenant?host=/nowhere/at/all")
        assert str(caught.value).startswith("postgresql:///nowhere/at/all/tenant: connection ")
        assert "s3cret" not in str(caught.value)
