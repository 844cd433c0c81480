"""Transfer between snapshot files and the tables: import and export."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from typing import Any

import psycopg

from validator.directories.snapshot import Snapshot
from validator.model.directory import CustomAttribute, Customer, Facts, MessageCenter

from . import tables
from .address import Address, SqlError, parse_url
from .messages import make_limits
from .rows import MailboxReader, read_facts
from .schema import check_tables
from .statement import is_storable, make_export_statement
from .tables import Table
from .transaction import begin, connect

_Values = tuple[Any, ...]


def import_snapshot(source: str | PathLike[str] | Snapshot, url: str) -> None:
    """Replace the content of the tables by a snapshot or a snapshot file, in one transaction.

    Raises SnapshotError and OSError for the file, SqlError for the database.
    """
    address = parse_url(url)
    snapshot = source if isinstance(source, Snapshot) else Snapshot.from_file(source)
    with connect(address, "rw") as connection, begin(address, connection):
        check_tables(connection)
        if address.is_postgresql:
            # Blocks other imports, not readers.
            connection.exec_driver_sql(f"LOCK TABLE {tables.SUPPLIED.name} IN SHARE ROW EXCLUSIVE MODE")
        for table in reversed(tables.TABLES):
            connection.exec_driver_sql(f"DELETE FROM {table.name}")  # noqa: S608 - a constant of tables.py
        fill: Any = _fill_postgresql if address.is_postgresql else _fill_sqlite
        for table, rows in _make_rows(snapshot.facts):
            fill(connection.connection.driver_connection, table, _check_storable(address, rows))


def export_snapshot(url: str) -> dict[str, Any]:
    """Return the content of the tables in the form of a snapshot file, sorted. Raises SqlError.

    Email addresses are in the form in which they are compared; those that are not valid are logged and left out.
    """
    address = parse_url(url)
    with connect(address, "rw") as connection:
        limits = make_limits(0) if address.is_postgresql else ""
        rows = connection.exec_driver_sql(f"{limits}{make_export_statement(is_postgresql=address.is_postgresql)}").fetchall()
        return Snapshot(read_facts(rows, MailboxReader(address.label, interval=0))).to_dict()


def _fill_sqlite(connection: sqlite3.Connection, table: Table, rows: Iterable[_Values]) -> None:
    connection.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", rows)  # noqa: S608 - a constant of tables.py


def _fill_postgresql(connection: psycopg.Connection[Any], table: Table, rows: Iterable[_Values]) -> None:
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {table.name}")  # or queries are planned for an empty table until autovacuum runs


def _check_storable(address: Address, rows: Iterable[_Values]) -> Iterator[_Values]:
    for row in rows:
        for value in row:
            if isinstance(value, str) and not is_storable(value):
                raise SqlError(f"{address.label}: a string contains U+0000 or a surrogate, which a database cannot store")
        yield row


def _make_rows(facts: Facts) -> Iterator[tuple[Table, Iterable[_Values]]]:
    """Yield each table with its rows, referenced tables first."""
    supplied = [name for name in tables.SECTIONS if getattr(facts, name) is not None]
    yield tables.SUPPLIED, ((name,) for name in supplied)
    yield tables.SETTINGS, () if facts.settings is None else ((1, facts.settings.customer_departmentalization),)
    yield from _make_customer_rows(facts.customers or {})
    yield tables.ACTIVITIES, (facts.activities or {}).values()
    yield tables.ALIASES, (facts.aliases or {}).values()
    yield from _make_message_center_rows(facts.message_centers or {})
    yield from _make_custom_attribute_rows(facts.custom_attributes or {})


def _make_customer_rows(customers: Mapping[str, Customer]) -> Iterator[tuple[Table, Iterable[_Values]]]:
    yield tables.CUSTOMERS, ((one.id, one.department) for one in customers.values())
    yield tables.ADDRESSES, ((one.id, address) for one in customers.values() for address in one.email_addresses)
    yield tables.MAY_ACT_FOR, ((one.id, other) for one in customers.values() for other in one.may_act_for)


def _make_message_center_rows(centers: Mapping[str, MessageCenter]) -> Iterator[tuple[Table, Iterable[_Values]]]:
    yield tables.MESSAGE_CENTERS, ((one.id, one.active, one.department) for one in centers.values())
    yield tables.ISSUE_TYPES, ((one.id, issue_type) for one in centers.values() for issue_type in one.issue_types)


def _make_custom_attribute_rows(attributes: Mapping[str, CustomAttribute]) -> Iterator[tuple[Table, Iterable[_Values]]]:
    yield (
        tables.CUSTOM_ATTRIBUTES,
        ((one.name, one.type, one.values is not None, _join(one.allowed_characters)) for one in attributes.values()),
    )
    yield (
        tables.VALUES,
        ((one.name, *numbered) for one in attributes.values() for numbered in enumerate(sorted(one.values or ()))),
    )


def _join(characters: frozenset[str] | None) -> str | None:
    return None if characters is None else "".join(sorted(characters))
