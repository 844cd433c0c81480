"""Between a snapshot file and the tables: make them, fill them, and write down what they hold."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from typing import Any, Final

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from validator.directories.snapshot import Snapshot

from .address import Address, parse
from .document import document
from .engines import writing
from .errors import SqlError, worded
from .rows import InvalidRowError, facts
from .statement import everything, is_storable
from .tables import SUPPLIED, TABLES, Table, definitions
from .unpacked import Values, unpacked

_ENCODING: Final = "UTF8"


def create_tables(url: str) -> None:
    """Make the tables that are not there yet, and an SQLite file. Raises SqlError."""
    address = parse(url)
    with _connected(address, "rwc") as connection:
        if address.is_postgresql:
            _check_encoding(address, connection)
        else:
            # With a write-ahead log, an import keeps no reader waiting.
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        with _transaction(address, connection):
            for definition in definitions(is_postgresql=address.is_postgresql):
                connection.exec_driver_sql(definition)


def import_snapshot(source: str | PathLike[str] | Snapshot, url: str) -> None:
    """Put a snapshot, or the one in a file, in place of all that the tables hold; readers see the old or the new, whole.

    Raises SnapshotError and OSError for the file, SqlError for the database.
    """
    address = parse(url)
    snapshot = source if isinstance(source, Snapshot) else Snapshot.from_file(source)
    with _connected(address, "rw") as connection, _transaction(address, connection):
        if address.is_postgresql:
            connection.exec_driver_sql(f"LOCK TABLE {SUPPLIED.name} IN SHARE ROW EXCLUSIVE MODE")  # not against readers
        for table in reversed(TABLES):
            connection.exec_driver_sql(f"DELETE FROM {table.name}")  # noqa: S608 - a name of our own
        fill: Any = _fill_postgresql if address.is_postgresql else _fill_sqlite
        for table, rows in unpacked(snapshot.facts):
            fill(connection.connection.driver_connection, table, _storable(address, rows))


def export_snapshot(url: str) -> dict[str, Any]:
    """Return what the tables hold in the form of a snapshot file, sorted. Raises SqlError."""
    address = parse(url)
    with _connected(address, "rw") as connection:
        return document(facts(connection.exec_driver_sql(everything()).fetchall()))


@contextmanager
def _connected(address: Address, mode: str) -> Iterator[Connection]:
    engine = writing(address, mode)
    try:
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error, InvalidRowError) as error:
        raise worded(address.shown, error) from error
    finally:
        engine.dispose()


@contextmanager
def _transaction(address: Address, connection: Connection) -> Iterator[None]:
    """Do all or nothing, one at a time; what is not committed is undone when the connection is closed."""
    if address.is_postgresql:
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    yield
    connection.exec_driver_sql("COMMIT")


def _fill_sqlite(connection: sqlite3.Connection, table: Table, rows: Iterable[Values]) -> None:
    connection.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", rows)  # noqa: S608 - the same


def _fill_postgresql(connection: psycopg.Connection[Any], table: Table, rows: Iterable[Values]) -> None:
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {table.name}")  # or it plans for an empty table until its own next look


def _storable(address: Address, rows: Iterable[Values]) -> Iterator[Values]:
    for row in rows:
        for value in row:
            if isinstance(value, str) and not is_storable(value):
                raise SqlError(f"{address.shown}: a text holds U+0000 or a surrogate, which a database cannot hold")
        yield row


def _check_encoding(address: Address, connection: Connection) -> None:
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != _ENCODING:
        raise SqlError(f"{address.shown}: the encoding of the database must be {_ENCODING}, not {encoding}")
