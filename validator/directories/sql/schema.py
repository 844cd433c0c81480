"""The version of the tables: create tables, find their version, migrate older ones."""

from typing import Final

from sqlalchemy import Connection, inspect

from .address import Address, SqlError, parse_url
from .rows import InvalidRowError, check_version, read_version
from .tables import CURRENT, NO_TABLES, SUPPLIED, VERSION, define_migration, define_tables
from .transaction import begin, connect

_ENCODING: Final = "UTF8"
_LOCK: Final = int.from_bytes(b"activity")  # PostgreSQL locks numbers, and no table exists yet


def create_tables(url: str) -> None:
    """Create the tables that do not exist, and an SQLite file. Raises SqlError, also for tables of another version."""
    address = parse_url(url)
    with connect(address, "rwc") as connection:
        if address.is_postgresql:
            _check_encoding(address, connection)
        else:
            # With a write-ahead log, an import does not block readers.
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        with begin(address, connection):
            _lock(address, connection)
            check_version(_find_version(connection) or CURRENT)
            for definition in define_tables(is_postgresql=address.is_postgresql):
                connection.exec_driver_sql(definition)


def migrate_tables(url: str) -> tuple[int, int]:
    """Update older tables in one transaction that keeps their data, and return the versions before and after.

    Raises SqlError, also if the tables do not exist or are newer.
    """
    address = parse_url(url)
    with connect(address, "rw") as connection, begin(address, connection):
        _lock(address, connection)
        version = _find_version(connection)
        if version == 0:
            raise InvalidRowError(NO_TABLES)
        for number in range(version, CURRENT):
            for statement in define_migration(number, is_postgresql=address.is_postgresql):
                connection.exec_driver_sql(statement)
        check_version(_find_version(connection))
    return version, CURRENT


def check_tables(connection: Connection) -> None:
    """Raise InvalidRowError unless the tables exist and have the current version."""
    version = _find_version(connection)
    if version == 0:
        raise InvalidRowError(NO_TABLES)
    check_version(version)


def _find_version(connection: Connection) -> int:
    """Return the version of the tables, or 0 if they do not exist. Raises InvalidRowError."""
    inspector = inspect(connection)
    if not inspector.has_table(VERSION.name):
        return 1 if inspector.has_table(SUPPLIED.name) else 0
    return read_version(connection.exec_driver_sql(f"SELECT version FROM {VERSION.name}").scalars())  # noqa: S608 - a constant


def _lock(address: Address, connection: Connection) -> None:
    """Wait until no other connection creates or migrates tables; an SQLite file is locked already."""
    if address.is_postgresql:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _check_encoding(address: Address, connection: Connection) -> None:
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != _ENCODING:
        raise SqlError(f"{address.label}: the database encoding must be {_ENCODING}, got {encoding}")
