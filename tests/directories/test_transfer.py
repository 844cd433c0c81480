"""Transfer between snapshots and the tables of an SQLite file; test_postgresql.py tests the same for PostgreSQL."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from tests.directories.conformance import NO_TABLES, check_readers_during_imports
from tests.directories.test_conformance import ALL, ODD
from validator import Snapshot, SnapshotError
from validator.directories import (
    AsyncSqlDirectory,
    SqlDirectory,
    SqlError,
    create_tables,
    export_snapshot,
    import_snapshot,
)
from validator.directories.sql import transfer
from validator.directories.sql.limits import AsyncLimitedConnection, LimitedConnection
from validator.directories.sql.messages import AsyncMessageCursor, MessageCursor
from validator.directories.sql.statement import make_fetch_statement
from validator.directories.sql.tables import ACTIVITIES, TABLES, Table
from validator.operation.home import shipped_fixtures, shipped_schemas

TENANT = shipped_fixtures() / "directory.json"
EXAMPLE: dict[str, Any] = json.loads((shipped_schemas() / "directory.schema.json").read_bytes())["examples"][0]
DOCUMENTS = {
    "no-sections": {},
    "example": EXAMPLE,
    "fixtures": json.loads(TENANT.read_bytes()),
    "unusual": ODD,
    "empty-section": {"activities": []},
}

BEGIN = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 10000"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the URL of an SQLite file with empty tables."""
    url = f"sqlite:///{tmp_path / 'directory.db'}"
    create_tables(url)
    return url


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_export_equals_import(url: str, document: dict[str, Any]) -> None:
    """The facts of an exported snapshot equal those of the imported one."""
    snapshot = Snapshot.from_dict(document)
    import_snapshot(snapshot, url)
    assert Snapshot.from_dict(export_snapshot(url)).facts == snapshot.facts


def test_export_is_sorted_and_minimal(url: str) -> None:
    """Entities are sorted, IDs as numbers, and empty optional members are absent."""
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


def test_import_replaces_all_data(url: str) -> None:
    """No earlier row remains."""
    import_snapshot(TENANT, url)
    import_snapshot(Snapshot.from_dict({"aliases": []}), url)
    assert export_snapshot(url) == {"aliases": []}


def test_existing_tables_are_not_changed(url: str) -> None:
    """Creating the tables again has no effect."""
    import_snapshot(str(TENANT), url)
    create_tables(url)
    assert Snapshot.from_dict(export_snapshot(url)) == Snapshot.from_file(TENANT)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (
            {"customAttributes": [{"name": "a\0", "type": "text"}]},
            "a string contains U+0000 or a surrogate, which a database cannot store",
        ),
        (
            {"customers": [{"id": "1", "department": "\udc00"}]},
            "a string contains U+0000 or a surrogate, which a database cannot store",
        ),
        (
            {"customAttributes": [{"name": "x" * 501, "type": "text"}]},
            "CHECK constraint failed: length(name) BETWEEN 1 AND 500",
        ),
    ],
)
def test_string_that_cannot_be_stored_is_rejected(url: str, document: dict[str, Any], reason: str) -> None:
    """The error is one line, and the tables are unchanged."""
    import_snapshot(TENANT, url)
    with pytest.raises(SqlError) as caught:
        import_snapshot(Snapshot.from_dict(document), url)
    assert str(caught.value) == f"{url}: {reason}"
    assert Snapshot.from_dict(export_snapshot(url)) == Snapshot.from_file(TENANT)


def test_invalid_file_is_not_imported(tmp_path: Path, url: str) -> None:
    """The error is that of Snapshot.from_file, raised before the tables are changed."""
    with pytest.raises(FileNotFoundError):
        import_snapshot(tmp_path / "none.json", url)
    (tmp_path / "bad.json").write_text("[]")
    with pytest.raises(SnapshotError):
        import_snapshot(tmp_path / "bad.json", url)


def test_missing_file_or_tables_are_reported(tmp_path: Path) -> None:
    """Neither an import nor an export creates tables or a file."""
    url = f"sqlite:///{tmp_path / 'none.db'}"
    for run in (lambda: import_snapshot(TENANT, url), lambda: export_snapshot(url)):
        with pytest.raises(SqlError) as caught:
            run()
        assert str(caught.value) == f"{url}: the file does not exist or cannot be opened"
    (tmp_path / "none.db").touch()
    for run in (lambda: import_snapshot(TENANT, url), lambda: export_snapshot(url)):
        with pytest.raises(SqlError) as caught:
            run()
        assert str(caught.value) == f"{url}: {NO_TABLES}"


def test_inconsistent_tables_are_not_exported(url: str) -> None:
    """An export raises where a row refers to an entity that does not exist."""
    import_snapshot(TENANT, url)
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("DELETE FROM directory_customers")
    with pytest.raises(SqlError, match=r": a row refers to an entity that does not exist$"):
        export_snapshot(url)


def test_import_waits_for_another_import(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a limited time."""
    monkeypatch.setattr("validator.directories.sql.engines.WRITE_WAIT", 0.05)
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(SqlError) as caught:
            import_snapshot(TENANT, url)
    assert str(caught.value) == f"{url}: database is locked"


def test_readers_see_complete_imports(url: str) -> None:
    """While imports alternate, a reader is never blocked and never sees a mixture."""
    check_readers_during_imports(url)


class RecordingConnection:
    """In place of a connection to PostgreSQL: it records statements and rows, and returns a fixed answer."""

    def __init__(self, answer: str = "UTF8") -> None:
        self.answer = answer
        self.statements: list[Any] = []
        self.connection = self
        self.driver_connection = self

    def exec_driver_sql(self, statement: str) -> Self:
        """Record a statement."""
        self.statements.append(statement)
        return self

    execute = exec_driver_sql
    copy = exec_driver_sql

    def cursor(self) -> Self:
        """Return the connection itself."""
        return self

    def __enter__(self) -> Self:
        """Return the connection itself."""
        return self

    def __exit__(self, *_: object) -> None:
        return

    def write_row(self, row: Iterable[Any]) -> None:
        """Record a row."""
        self.statements.append(tuple(row))

    def scalar_one(self) -> str:
        """Return the answer."""
        return self.answer


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> RecordingConnection:
    """Return the connection that transfers use."""
    connection = RecordingConnection()
    monkeypatch.setattr(transfer, "connect", lambda *_: contextlib.nullcontext(connection))
    monkeypatch.setattr(transfer, "check_tables", lambda _: None)
    return connection


def test_statements_for_postgresql(recording: RecordingConnection) -> None:
    """An import locks out other imports, not readers, and updates statistics."""
    import_snapshot(Snapshot.from_dict({"activities": [{"id": "1", "customer": "2"}]}), "postgresql:///tenant")
    rows: dict[Table, list[Any]] = {TABLES[0]: [("activities",)], ACTIVITIES: [("1", "2")]}
    copies: list[Any] = []
    for table in TABLES:
        copy = f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN"
        copies += [copy, *rows.get(table, ()), f"ANALYZE {table.name}"]
    assert recording.statements == [
        BEGIN,
        "LOCK TABLE directory_sections IN SHARE ROW EXCLUSIVE MODE",
        *(f"DELETE FROM {table.name}" for table in reversed(TABLES)),
        *copies,
        "COMMIT",
    ]


def test_connection_options_for_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pooler takes no options of a connection and no prepared statements: both must be in the URL; other options are kept."""
    connects: list[dict[str, Any]] = []

    def connect(**options: Any) -> None:
        connects.append(options)
        raise psycopg.OperationalError("no")

    async def async_connect(**options: Any) -> None:
        connect(**options)

    monkeypatch.setattr(LimitedConnection, "connect", connect)
    monkeypatch.setattr(AsyncLimitedConnection, "connect", async_connect)
    monkeypatch.setattr(psycopg, "connect", connect)
    url = "postgresql://a:b@c:1/d?sslmode=require"
    prepared = f"{url}&options=-c%20search_path%3De&prepare_threshold=3"
    for one in (url, prepared):
        with pytest.raises(SqlError):
            SqlDirectory(one, connect_timeout=3, statement_timeout=0.5).fetch(ALL)
        with pytest.raises(SqlError):
            asyncio.run(AsyncSqlDirectory(one, connect_timeout=3, statement_timeout=0.5).fetch(ALL))
        with pytest.raises(SqlError):
            create_tables(one)
    both = {"host": "c", "port": 1, "user": "a", "password": "b", "dbname": "d", "sslmode": "require", "client_encoding": "utf8",
            "application_name": "activity-validator", "prepare_threshold": None}  # fmt: skip
    reading = {**both, "connect_timeout": 3, "tcp_user_timeout": 500, "keepalives_idle": 30}
    writing = {**both, "connect_timeout": 10, "cursor_factory": MessageCursor}
    limits = "-c search_path=e -c statement_timeout=500 -c default_transaction_read_only=on -c plan_cache_mode=force_generic_plan"
    preparing = {**reading, "options": limits, "prepare_threshold": 3}
    for options in connects:
        options.pop("context", None)
    assert connects == [
        {**reading, "cursor_factory": MessageCursor},
        {**reading, "cursor_factory": AsyncMessageCursor},
        writing,
        preparing,
        preparing,
        {**writing, "options": "-c search_path=e"},
    ]


def test_statement_for_postgresql() -> None:
    """Its limits are in the same message, unless they are options of the connection."""
    statement = make_fetch_statement(is_postgresql=True)
    limits = "SET LOCAL statement_timeout = 500; SET LOCAL transaction_read_only = on; "
    for options, expected in (("", limits + statement), ("?prepare_threshold=0", statement)):
        assert SqlDirectory(f"postgresql://c/d{options}", statement_timeout=0.5)._query.statement == expected


def test_unreachable_server_is_reported_without_password() -> None:
    """On one line, by each function."""
    for run in (create_tables, lambda url: import_snapshot(TENANT, url), export_snapshot):
        with pytest.raises(SqlError) as caught:
            run("postgresql://tester:s3cret@/tenant?host=/nowhere/at/all")
        assert str(caught.value).startswith("postgresql:///nowhere/at/all/tenant: connection ")
        assert "s3cret" not in str(caught.value)
