"""The one statement that a fetch is, and what it is asked with."""

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from validator.model.directory import Keys

from . import tables
from .tables import LENGTH, Table


class _Select(NamedTuple):
    """What is read of a table: a key, two texts and a flag, each a column or None; asked: by which keys, None: all."""

    table: Table
    key: str | None
    text: str | None = None
    more: str | None = None
    flag: str | None = None
    asked: str | None = None


_SELECTS: Final = (
    _Select(tables.SUPPLIED, "name"),
    _Select(tables.SETTINGS, None, flag="customer_departmentalization"),
    _Select(tables.CUSTOMERS, "id", "department", asked="customers"),
    _Select(tables.ADDRESSES, "customer", "address", asked="customers"),
    _Select(tables.MAY_ACT_FOR, "customer", "other", asked="customers"),
    _Select(tables.ACTIVITIES, "id", "customer", asked="activities"),
    _Select(tables.ALIASES, "address", "department", flag="active", asked="aliases"),
    _Select(tables.MESSAGE_CENTERS, "id", "department", flag="active", asked="message_centers"),
    _Select(tables.ISSUE_TYPES, "message_center", "issue_type", asked="message_centers"),
    _Select(tables.CUSTOM_ATTRIBUTES, "name", "type", "allowed_characters", "enumerated", asked="custom_attributes"),
    _Select(tables.VALUES, "attribute", "value", asked="custom_attributes"),
)


def asking(*, is_postgresql: bool) -> str:
    """Return the statement that is asked with ``parameters``; its rows are kind, key, two texts and a flag."""
    return _united(_among_postgresql if is_postgresql else _among_sqlite)


def everything() -> str:
    """Return the statement for all there is."""
    return _united(lambda select: f"{select.table.name} AS t")


def parameters(keys: Keys, *, is_postgresql: bool) -> dict[str, Any]:
    """Return the parameters of the statement for the keys of one request, each once.

    The keys of a section are one parameter: a body can name 30,000 custom attributes.
    """
    lists = [[key for key in dict.fromkeys(asked) if _can_exist(key)] for asked in keys]
    return dict(zip(Keys._fields, lists if is_postgresql else map(json.dumps, lists), strict=True))


def is_storable(text: str) -> bool:
    """Whether a database can hold a text: without surrogates, and without U+0000, which PostgreSQL refuses."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text))


def _united(among: Callable[[_Select], str]) -> str:
    return "\nUNION ALL ".join(
        f"SELECT {kind}, {_text(select.key)}, {_text(select.text)}, {_text(select.more)}, {_flag(select.flag)}"  # noqa: S608 - names of our own
        f" FROM {among(select)}"
        for kind, select in enumerate(_SELECTS)
    )


def _text(column: str | None) -> str:
    return f"t.{column}" if column else "CAST(NULL AS text)"


def _flag(column: str | None) -> str:
    return f"t.{column}" if column else "CAST(NULL AS boolean)"


def _among_postgresql(select: _Select) -> str:
    where = f" WHERE t.{select.key} = ANY (%({select.asked})s::text[])" if select.asked else ""
    return f"{select.table.name} AS t{where}"


def _among_sqlite(select: _Select) -> str:
    # The keys stand first. With IN they would become a table of their own each time, and nine of those can cost ten times as
    # much as all the rest: their memory is taken from the system and given back.
    keys = f"json_each(:{select.asked}) AS asked CROSS JOIN " if select.asked else ""
    return f"{keys}{select.table.name} AS t" + (f" ON t.{select.key} = asked.value" if select.asked else "")


def _can_exist(key: str) -> bool:
    """Whether the tables can hold a key. What they cannot is not sent: PostgreSQL would refuse the whole statement."""
    return len(key) <= LENGTH and is_storable(key)
