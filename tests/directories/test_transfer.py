"""Transfer between snapshots and the tables of an SQLite file; test_postgresql.py tests the same for PostgreSQL."""

import asyncio
import contextlib
import json
import os
import sqlite3
import threading
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
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
    export_lines,
    export_snapshot,
    import_snapshot,
    json_pieces,
)
from validator.directories.sql import export, transfer
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


ALIAS = {"address": "a@b.com", "active": True}
INVALID: dict[str, Any] = {
    "malformed": '{"customers": [{"id": "1"},\n {"id": "1"}, ]}',
    "latin-1": '{"customers": [{"id": "1"}], "aliases": \udcff}',
    "type": '{"customers": [{"id": "1"}, {"id": 2}]}',
    "unknown": '{"customers": [], "Customers": []}',
    "repeated-section": '{"customers": [{"id": "1"}], "customers": [{"id": "2"}]}',
    "repeated-key": json.dumps({"customers": [{"id": str(number)} for number in (1, 2, 3, 4, 3)]}),
    "repeated-mailbox": json.dumps({"aliases": [ALIAS, ALIAS | {"address": "A@B.com"}]}),
    "two-repeated-keys": json.dumps({"customers": [{"id": "1"}, {"id": "1"}, {"id": "1"}]}),
    "no-address": json.dumps({"activities": [{"id": "1", "customer": "1"}] * 2, "aliases": [ALIAS | {"address": "a"}]}),
    "sections-in-another-order": json.dumps({"aliases": [ALIAS] * 2, "customers": [{"id": "1"}] * 2}),
    "type-after-repeated-key": json.dumps({"customers": [{"id": "1"}, {"id": "1"}, {}]}),
}


@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID)
@pytest.mark.parametrize("is_pipe", [False, True], ids=["file", "pipe"])
def test_import_of_an_invalid_file_changes_nothing(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, text: str, *, is_pipe: bool
) -> None:
    """The error is that of Snapshot, also where rows were inserted before it, and where the database finds a repeated key."""
    monkeypatch.setattr(transfer, "_BATCH", 2)
    import_snapshot(TENANT, url)
    data = text.encode(errors="surrogateescape")
    file = tmp_path / "invalid.json"
    with pytest.raises(SnapshotError) as expected:
        Snapshot.from_bytes(data, str(file))
    with open_source(file, data, is_pipe=is_pipe), pytest.raises(SnapshotError) as caught:
        import_snapshot(file, url)
    assert str(caught.value) == str(expected.value)
    assert Snapshot.from_dict(export_snapshot(url)) == Snapshot.from_file(TENANT)


@contextlib.contextmanager
def open_source(file: Path, data: bytes, *, is_pipe: bool) -> Iterator[None]:
    """Write a file, or let a thread write a pipe."""
    if not is_pipe:
        file.write_bytes(data)
        yield
        return
    os.mkfifo(file)
    writer = threading.Thread(target=file.write_bytes, args=(data,))
    writer.start()
    yield
    writer.join()


def test_valid_pipe_is_imported(tmp_path: Path, url: str) -> None:
    """The entities of each section are counted."""
    with open_source(tmp_path / "pipe", TENANT.read_bytes(), is_pipe=True):
        counts = import_snapshot(tmp_path / "pipe", url)
    assert counts == {"customers": 4, "activities": 4, "aliases": 9, "message_centers": 4, "custom_attributes": 8}
    assert Snapshot.from_dict(export_snapshot(url)) == Snapshot.from_file(TENANT)
    assert import_snapshot(Snapshot.from_dict({"aliases": []}), url) == {"aliases": 0}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("batch", [1, 3])
def test_batches_of_any_size_are_transferred(
    url: str, monkeypatch: pytest.MonkeyPatch, document: dict[str, Any], batch: int
) -> None:
    """Facts are inserted in batches, and rows read in batches."""
    monkeypatch.setattr(transfer, "_BATCH", batch)
    monkeypatch.setattr(export, "_BATCH", batch)
    snapshot = Snapshot.from_dict(document)
    import_snapshot(snapshot, url)
    assert export_snapshot(url) == snapshot.to_dict()
    assert list(export_lines(url)) == json.dumps(snapshot.to_dict(), ensure_ascii=False, indent=1).split("\n")


def test_entities_of_sections_that_are_not_supplied_are_not_exported(url: str) -> None:
    """They are checked nevertheless."""
    import_snapshot(TENANT, url)
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("DELETE FROM directory_sections WHERE name NOT IN ('activities', 'custom_attributes')")
        exported = export_snapshot(url)
        connection.execute("DELETE FROM directory_customers")
    tenant = Snapshot.from_file(TENANT).to_dict()
    assert exported == {name: tenant[name] for name in ("settings", "activities", "customAttributes")}
    with pytest.raises(SqlError, match=r": a row refers to an entity that does not exist$"):
        export_snapshot(url)


def test_memory_of_a_transfer_is_that_of_a_batch(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that of the file."""
    monkeypatch.setattr(transfer, "_BATCH", 100)
    monkeypatch.setattr(export, "_BATCH", 100)
    monkeypatch.setattr(json_pieces, "CHUNK", 1 << 13)
    peaks: dict[str, list[int]] = {"import": [], "export": []}
    for count in (3_000, 15_000):
        customers = [{"id": str(number), "emailAddresses": [f"a{number}@b.com"]} for number in range(1, count)]
        (tmp_path / "tenant.json").write_text(json.dumps({"customers": customers}))
        del customers
        runs: dict[str, Callable[[], object]] = {
            "import": lambda: import_snapshot(tmp_path / "tenant.json", url),
            "export": lambda: sum(map(len, export_lines(url))),
        }
        for name, run in runs.items():
            run()  # so that caches are full
            tracemalloc.start()
            run()
            peaks[name].append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert {name: large < 2 * small for name, (small, large) in peaks.items()} == {"import": True, "export": True}


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
    for table, values in rows.items():
        copies += [f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN", *values]
    assert recording.statements == [
        BEGIN,
        "LOCK TABLE directory_sections IN SHARE ROW EXCLUSIVE MODE",
        *(f"DELETE FROM {table.name}" for table in reversed(TABLES)),
        *copies,
        *(f"ANALYZE {table.name}" for table in TABLES),
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
