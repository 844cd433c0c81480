"""Export of the tables as a snapshot file, in memory for a batch of its entities and all aliases."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any, Final

from sqlalchemy import Connection

from validator.directories.fact import Fact, sort_entities
from validator.directories.snapshot_format import format_lines, make_document

from .address import Address, parse_url
from .rows import MailboxReader, Row, check_version, read_entities, read_settings, read_version
from .statement import ALIAS_KIND, KIND_ORDER, SECTION_KIND, SETTINGS_KIND, VERSION_KIND, make_export_statement
from .tables import SECTIONS
from .transaction import connect

_BATCH: Final = 10_000  # rows
_CURSOR: Final = "activity_validator_export"


def export_snapshot(url: str) -> dict[str, Any]:
    """Return the content of the tables in the form of a snapshot file, sorted. Raises SqlError.

    Email addresses are in the form in which they are compared; those that are not valid are logged and left out.
    """
    return make_document(_export_facts(parse_url(url)))


def export_lines(url: str) -> Iterator[str]:
    """Yield the lines of a snapshot file with the content of the tables, as ``export_snapshot`` returns it. Raises SqlError."""
    return format_lines(_export_facts(parse_url(url)))


def _export_facts(address: Address) -> Iterator[Fact]:
    with connect(address, "rw") as connection:
        yield from _read_facts(_read_rows(address, connection), MailboxReader(address.label, interval=0))


def _read_rows(address: Address, connection: Connection) -> Iterator[Row]:
    """Yield the sorted rows of all tables, as they were at one time."""
    statement = make_export_statement(is_postgresql=address.is_postgresql)
    if not address.is_postgresql:
        driver: Any = connection.connection.driver_connection
        with closing(driver.execute(statement)) as cursor:
            yield from cursor
        return
    connection.exec_driver_sql("BEGIN READ ONLY; SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"DECLARE {_CURSOR} NO SCROLL CURSOR FOR {statement}")
    while rows := connection.exec_driver_sql(f"FETCH {_BATCH} FROM {_CURSOR}").fetchall():
        yield from rows
    connection.exec_driver_sql("COMMIT")


def _read_facts(rows: Iterable[Row], mailboxes: MailboxReader) -> Iterator[Fact]:
    """Yield the facts in sorted rows: the settings, then each supplied section and its entities. Raises InvalidRowError."""
    pending: list[str] = []  # sections that were not yielded yet
    for number, batch in enumerate(_split_rows(rows)):
        if number == 0:  # it has all rows that are not of entities
            check_version(read_version(row[2] for row in batch if row[0] == VERSION_KIND))
            names = {row[1] for row in batch if row[0] == SECTION_KIND}
            pending = [name for name in SECTIONS if name in names]
            settings = read_settings([row for row in batch if row[0] == SETTINGS_KIND])
            if settings is not None:
                yield Fact("settings", settings)
        for section, entities in read_entities(batch, mailboxes).items():
            while pending and entities and SECTIONS.index(pending[0]) <= SECTIONS.index(section):
                yield Fact(pending.pop(0), None)
            if section in names:
                yield from (Fact(section, entity) for entity in sort_entities(entities))
    yield from (Fact(section, None) for section in pending)


def _split_rows(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield batches of sorted rows. One batch has all rows of an entity; one those of all aliases; the first those of none."""
    batch: list[Row] = []
    last: object = None
    for row in rows:
        order = KIND_ORDER[row[0]]
        entity = (order, row[1] if order and row[0] != ALIAS_KIND else None)
        if len(batch) >= _BATCH and entity != last:
            yield batch
            batch = []
        batch.append(row)
        last = entity
    yield batch
