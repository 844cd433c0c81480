"""Import of snapshots into the tables."""

import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any, Final

import psycopg

from validator.directories.fact import Fact, list_facts
from validator.directories.snapshot import Snapshot
from validator.directories.snapshot_reader import read_file, read_file_without_keys

from . import tables
from .address import Address, SqlError, parse_url
from .schema import check_tables
from .statement import is_storable
from .tables import Table
from .transaction import begin, connect

_BATCH: Final = 10_000  # facts that are inserted at once
_Values = tuple[Any, ...]


def import_snapshot(source: str | PathLike[str] | Snapshot, url: str) -> dict[str, int]:
    """Replace the content of the tables by a snapshot or a snapshot file, in one transaction.

    Returns the number of entities by section, of those that are supplied. A file is not held in memory, unless it is a pipe: then
    its keys are. Raises SnapshotError and OSError for the file, SqlError for the database.
    """
    address = parse_url(url)
    if isinstance(source, Snapshot):
        return _import_facts(address, list_facts(source.facts))
    with Path(source).open("rb") as file:
        if not file.seekable():
            return _import_facts(address, read_file(file, str(source)))
        try:
            return _import_facts(address, read_file_without_keys(file, str(source)))
        except SqlError:
            file.seek(0)
            deque(read_file(file, str(source)), maxlen=0)  # repeated keys are an error of the file, to be reported with its place
            raise


def _import_facts(address: Address, facts: Iterable[Fact]) -> dict[str, int]:
    with connect(address, "rw") as connection, begin(address, connection):
        check_tables(connection)
        if address.is_postgresql:
            # Blocks other imports, not readers.
            connection.exec_driver_sql(f"LOCK TABLE {tables.SUPPLIED.name} IN SHARE ROW EXCLUSIVE MODE")
        for table in reversed(tables.TABLES):
            connection.exec_driver_sql(f"DELETE FROM {table.name}")  # noqa: S608 - a constant of tables.py
        counts = _fill_tables(address, connection.connection.driver_connection, facts)
        if address.is_postgresql:
            for table in tables.TABLES:
                connection.exec_driver_sql(
                    f"ANALYZE {table.name}"
                )  # or queries are planned for empty tables until autovacuum runs
    return counts


def _fill_tables(address: Address, connection: Any, facts: Iterable[Fact]) -> dict[str, int]:
    """Insert facts in batches, and return the number of entities by section."""
    fill: Any = _fill_postgresql if address.is_postgresql else _fill_sqlite
    counts: dict[str, int] = {}
    remaining = iter(facts)
    while batch := list(islice(remaining, _BATCH)):
        rows: dict[Table, list[_Values]] = {table: [] for table in tables.TABLES}  # referenced tables first
        for fact in batch:
            if fact.is_entity:
                counts[fact.field] += 1
            elif fact.field in tables.SECTIONS:
                counts[fact.field] = 0
            for table, row in _make_rows(fact):
                rows[table].append(row)
        for table in filter(rows.get, rows):
            _check_storable(address, rows[table])
            fill(connection, table, rows[table])
    return counts


def _fill_sqlite(connection: sqlite3.Connection, table: Table, rows: list[_Values]) -> None:
    connection.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", rows)  # noqa: S608 - a constant of tables.py


def _fill_postgresql(connection: psycopg.Connection[Any], table: Table, rows: list[_Values]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _check_storable(address: Address, rows: list[_Values]) -> None:
    for row in rows:
        for value in row:
            if isinstance(value, str) and not is_storable(value):
                raise SqlError(f"{address.label}: a string contains U+0000 or a surrogate, which a database cannot store")


def _make_rows(fact: Fact) -> Iterator[tuple[Table, _Values]]:
    """Yield the rows of a fact, each with its table."""
    one = fact.value
    match fact.field:
        case field if field in tables.SECTIONS and one is None:
            yield tables.SUPPLIED, (field,)
        case "settings":
            yield tables.SETTINGS, (1, one.customer_departmentalization)
        case "customers":
            yield tables.CUSTOMERS, (one.id, one.department)
            yield from ((tables.ADDRESSES, (one.id, address)) for address in one.email_addresses)
            yield from ((tables.MAY_ACT_FOR, (one.id, other)) for other in one.may_act_for)
        case "activities":
            yield tables.ACTIVITIES, one
        case "aliases":
            yield tables.ALIASES, one
        case "message_centers":
            yield tables.MESSAGE_CENTERS, (one.id, one.active, one.department)
            yield from ((tables.ISSUE_TYPES, (one.id, issue_type)) for issue_type in one.issue_types)
        case _:  # a custom attribute
            yield tables.CUSTOM_ATTRIBUTES, (one.name, one.type, one.values is not None, _join(one.allowed_characters))
            yield from ((tables.VALUES, (one.name, *numbered)) for numbered in enumerate(sorted(one.values or ())))


def _join(characters: frozenset[str] | None) -> str | None:
    return None if characters is None else "".join(sorted(characters))
