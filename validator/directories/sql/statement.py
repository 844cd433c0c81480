"""The one statement of a fetch, and its parameters."""

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from validator.model.directory import Keys
from validator.model.equivalent_addresses import list_equivalent_addresses

from . import tables
from .tables import MAX_LENGTH, Table


class _Select(NamedTuple):
    """The columns to read of a table, each a name or None.

    section: the keys that select rows; None: all rows. function: SQL, applied to the column that is compared with the keys.
    """

    table: Table
    key: str | None
    text: str | None = None
    second_text: str | None = None
    flag: str | None = None
    section: str | None = None
    function: str = ""

    @property
    def condition(self) -> str:
        """The expression that is compared with the keys."""
        return f"{self.function}(t.{self.key})" if self.function else f"t.{self.key}"


_SELECTS: Final = (
    _Select(tables.SUPPLIED, "name"),
    _Select(tables.SETTINGS, None, flag="customer_departmentalization"),
    _Select(tables.CUSTOMERS, "id", "department", section="customers"),
    _Select(tables.ADDRESSES, "customer", "address", section="customers"),
    _Select(tables.MAY_ACT_FOR, "customer", "other", section="customers"),
    _Select(tables.ACTIVITIES, "id", "customer", section="activities"),
    # Rows of tables without our constraints can be in upper case.
    _Select(tables.ALIASES, "address", "department", flag="active", section="aliases", function="lower"),
    _Select(tables.MESSAGE_CENTERS, "id", "department", flag="active", section="message_centers"),
    _Select(tables.ISSUE_TYPES, "message_center", "issue_type", section="message_centers"),
    _Select(tables.CUSTOM_ATTRIBUTES, "name", "type", "allowed_characters", "enumerated", section="custom_attributes"),
    _Select(tables.VALUES, "attribute", "value", section="custom_attributes"),
    _Select(tables.VERSION, None, "version"),
)
KINDS: Final = len(_SELECTS)
SECTION_KIND: Final = 0
SETTINGS_KIND: Final = 1
ALIAS_KIND: Final = 6
VERSION_KIND: Final = KINDS - 1
# By kind, where an export has its rows: first those that are not of entities, then what belongs to an entity together with it.
KIND_ORDER: Final = (0, 0, 2, 2, 2, 5, 6, 7, 7, 9, 9, 0)


def make_fetch_statement(*, is_postgresql: bool) -> str:
    """Return the statement for the keys in ``make_parameters``. Its rows are kind, key, two strings and a flag."""
    return _make_union(_from_postgresql if is_postgresql else _from_sqlite, is_postgresql=is_postgresql)


def make_export_statement(*, is_postgresql: bool) -> str:
    """Return the statement for all rows; they have the same columns, and are sorted by kind, and by key as in a snapshot file."""
    union = _make_union(lambda select: f"{select.table.name} AS t", is_postgresql=is_postgresql)
    order = " ".join(f"WHEN {kind} THEN {place}" for kind, place in enumerate(KIND_ORDER))
    collation = ' COLLATE "C"' if is_postgresql else ""
    return (
        f"WITH exported (kind, key, text, more, flag) AS (\n{union}\n) SELECT * FROM exported"  # noqa: S608 - only constants of these modules
        f" ORDER BY CASE kind {order} END, length(key), key{collation}"
    )


def make_parameters(keys: Keys, *, is_postgresql: bool) -> dict[str, Any]:
    """Return the parameters of the statement for the keys of one request, without duplicates.

    The keys of a section are one parameter, as a body can name 30,000 custom attributes. Rows can have the domains of aliases
    as A-labels or as characters, so both are requested.
    """
    aliases = tuple(address for mailbox in keys.aliases for address in list_equivalent_addresses(mailbox))
    lists = [[key for key in dict.fromkeys(section) if _can_exist(key)] for section in keys._replace(aliases=aliases)]
    return dict(zip(Keys._fields, lists if is_postgresql else map(json.dumps, lists), strict=True))


def is_storable(text: str) -> bool:
    """Whether a database can store a string: no surrogates, and no U+0000, which PostgreSQL refuses."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text))


def _make_union(make_from: Callable[[_Select], str], *, is_postgresql: bool) -> str:
    selects = [
        f"SELECT {kind}, {_text(select.key)}, {_text(select.text)}, {_text(select.second_text)}, {_flag(select.flag)}"  # noqa: S608 - only constants of these modules
        f" FROM {make_from(select)}"
        for kind, select in enumerate(_SELECTS)
    ]
    # PostgreSQL resolves names from the first on, SQLite from the last: that of the version comes last, so that an error names it
    # only if the other tables exist.
    return "\nUNION ALL ".join(selects if is_postgresql else reversed(selects))


def _text(column: str | None) -> str:
    return f"t.{column}" if column else "CAST(NULL AS text)"


def _flag(column: str | None) -> str:
    return f"t.{column}" if column else "CAST(NULL AS boolean)"


def _from_postgresql(select: _Select) -> str:
    where = f" WHERE {select.condition} = ANY (%({select.section})s::text[])" if select.section else ""
    return f"{select.table.name} AS t{where}"


def _from_sqlite(select: _Select) -> str:
    # The keys are the outer loop of a join. With IN, SQLite would build a temporary table for each of nine subqueries, whose
    # memory is allocated and freed each time: up to ten times the cost of all the rest.
    keys = f"json_each(:{select.section}) AS wanted CROSS JOIN " if select.section else ""
    return f"{keys}{select.table.name} AS t" + (f" ON {select.condition} = wanted.value" if select.section else "")


def _can_exist(key: str) -> bool:
    """Whether the tables can hold a key. Other keys are not sent, as PostgreSQL would refuse the whole statement."""
    return len(key) <= MAX_LENGTH and is_storable(key)
