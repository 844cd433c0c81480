"""Versions of the tables: those of another version are refused, and older ones are migrated."""

import contextlib
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.directories import version_1
from tests.directories.conformance import NO_TABLES, open_file
from tests.directories.postgresql import Server
from tests.directories.test_transfer import TENANT, RecordingConnection
from validator import Keys
from validator.directories import SqlDirectory, SqlError, create_tables, export_snapshot, import_snapshot, migrate_tables
from validator.directories.sql import schema
from validator.directories.sql.tables import define_migration, define_tables

OLDER = "the tables have version 1, not 2; update them with 'activity-validator directory migrate'"
NEWER = "the tables have version 3, and this package supports version 2; update the package"
NO_VERSION = "directory_version must have one row, with a number"


class Database(NamedTuple):
    """A database without tables. execute: executes statements in it directly. label: its name in errors."""

    url: str
    label: str
    execute: Callable[..., None]

    def create_version_1(self) -> None:
        """Create and fill tables as release 0.1.0 did."""
        self.execute(*version_1.list_statements(is_postgresql=self.url.startswith("postgresql")))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Return a database of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'directory.db'}"

        def execute(*statements: str) -> None:
            with open_file(url) as connection:
                for statement in statements:
                    connection.execute(statement)

        execute("PRAGMA journal_mode = WAL")
        return Database(url, url, execute)
    server: Server = request.getfixturevalue("postgresql")
    url = server.create_database()

    def execute_there(*statements: str) -> None:
        with server.connect(url.rpartition("/")[2]) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    return Database(url, re.sub("//.*@", "//", url), execute_there)


def fetch(url: str) -> object:
    """Fetch the settings."""
    with SqlDirectory(url) as directory:
        return directory.fetch(Keys()).settings


USES: dict[str, Callable[[str], object]] = {
    "fetch": fetch, "export": export_snapshot, "import": lambda url: import_snapshot(TENANT, url), "create": create_tables,
    "migrate": migrate_tables,
}  # fmt: skip


def describe_errors(database: Database) -> dict[str, str | None]:
    """Return the error of each use of the tables, without the database."""
    errors: dict[str, str | None] = {}
    for name, use in USES.items():
        errors[name] = None
        try:
            use(database.url)
        except SqlError as error:
            errors[name] = str(error).removeprefix(f"{database.label}: ")
    return errors


def test_migration_keeps_the_data(database: Database) -> None:
    """Also rows that the constraints of version 2 do not allow. Another migration changes nothing."""
    database.create_version_1()
    assert migrate_tables(database.url) == (1, 2)
    assert export_snapshot(database.url) == version_1.DOCUMENT
    assert migrate_tables(database.url) == (2, 2)
    assert describe_errors(database) == dict.fromkeys(USES)


def test_older_tables_are_refused(database: Database) -> None:
    """Only a migration uses them."""
    database.create_version_1()
    assert describe_errors(database) == {**dict.fromkeys(USES, OLDER), "migrate": None}


def test_newer_tables_are_refused(database: Database) -> None:
    """By migrations, too."""
    create_tables(database.url)
    database.execute("UPDATE directory_version SET version = '3'")
    assert describe_errors(database) == dict.fromkeys(USES, NEWER)


@pytest.mark.parametrize("change", ["DELETE FROM", "UPDATE"])
def test_tables_without_a_version_are_refused(database: Database, change: str) -> None:
    """They may be of any version."""
    create_tables(database.url)
    for text in ("", "x", "2 ", "\u0662", "1" * 10):
        value = f" SET version = '{text}'" if change == "UPDATE" else ""
        database.execute(f"{change} directory_version{value}")
        assert describe_errors(database) == dict.fromkeys(USES, NO_VERSION)


def test_missing_tables_are_reported(database: Database) -> None:
    """They are not older ones."""
    with pytest.raises(SqlError, match=f": {NO_TABLES}$"):
        migrate_tables(database.url)
    assert describe_errors(database) == {**dict.fromkeys(USES, NO_TABLES), "create": None, "migrate": None}
    assert describe_errors(database) == dict.fromkeys(USES)


def test_concurrent_migrations_happen_once(database: Database) -> None:
    """The others wait, and find that nothing is left to do. The same holds for creations."""
    database.create_version_1()
    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(migrate_tables, [database.url] * 4)) == [(1, 2), (2, 2), (2, 2), (2, 2)]
    assert export_snapshot(database.url) == version_1.DOCUMENT


def test_concurrent_creations_succeed(database: Database) -> None:
    """Tables are created once."""
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(create_tables, [database.url] * 4)) == [None] * 4
    assert describe_errors(database) == dict.fromkeys(USES)


def test_failed_migration_changes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one transaction."""
    database.create_version_1()
    with monkeypatch.context() as patch:
        patch.setattr(
            schema, "define_migration", lambda *version, **kind: [*define_migration(*version, **kind), "SELECT nothing"]
        )
        with pytest.raises(SqlError, match="nothing"):
            migrate_tables(database.url)
    with pytest.raises(SqlError, match=f": {OLDER}$"):
        fetch(database.url)
    assert migrate_tables(database.url) == (1, 2)


class Tables:
    """In place of SQLAlchemy's inspector: the names of tables that exist."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def has_table(self, name: str) -> bool:
        """Whether a table exists."""
        return name in self.names


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> RecordingConnection:
    """Return a connection that records, in a database without tables."""
    connection = RecordingConnection()
    monkeypatch.setattr(schema, "connect", lambda *_: contextlib.nullcontext(connection))
    monkeypatch.setattr(schema, "inspect", lambda _: Tables())
    return connection


BEGIN = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 10000"
LOCK = f"SELECT pg_advisory_xact_lock({0x6163746976697479})"


def test_statements_for_postgresql(recording: RecordingConnection) -> None:
    """Tables are created in one transaction that waits for others."""
    create_tables("postgresql:///tenant")
    assert recording.statements == ["SHOW server_encoding", BEGIN, LOCK, *define_tables(is_postgresql=True), "COMMIT"]


def test_other_encoding_is_rejected(recording: RecordingConnection) -> None:
    """A database that cannot store all of Unicode is rejected when the tables are created."""
    recording.answer = "LATIN1"
    with pytest.raises(SqlError) as caught:
        create_tables("postgresql://a:s3cret@b/tenant")
    assert str(caught.value) == "postgresql://b/tenant: the database encoding must be UTF8, got LATIN1"
