"""From the statement's rows to facts. Others may have written the tables: what breaks their rules is never made a fact."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, MessageCenter, Settings

from .tables import SECTIONS, TYPES

Row = Sequence[Any]  # kind, key, two texts, flag: as in statement.py
_Entry = TypeVar("_Entry")
_Groups = dict[str, set[str]]
_KINDS: Final = 11
_TYPES: Final = frozenset(TYPES)


class InvalidRowError(Exception):
    """A row that the tables' rules do not allow, or that belongs to nothing."""


def facts(rows: Iterable[Row]) -> Facts:
    """Return the facts in the statement's rows, whatever their order. Raises InvalidRowError."""
    kinds: list[list[Row]] = [[] for _ in range(_KINDS)]
    for row in rows:
        kinds[row[0]].append(row)
    supplied, settings, customers, addresses, others, activities, aliases, centers, issues, attributes, values = kinds
    names = {row[1] for row in supplied}
    made = (
        _customers(customers, _grouped(addresses, _folded), _grouped(others, _text)),
        _entries(activities, _activity),
        _entries(aliases, _alias),
        _message_centers(centers, _grouped(issues, _text)),
        _custom_attributes(attributes, _grouped(values, _string)),
    )
    sections: list[Any] = [section if name in names else None for name, section in zip(SECTIONS, made, strict=True)]
    return Facts(Settings(_flag(settings[0][4])) if settings else None, *sections)


def _customers(rows: list[Row], addresses: _Groups, others: _Groups) -> dict[str, Customer]:
    def customer(row: Row) -> Customer:
        return Customer(row[1], _optional(row[2]), _taken(addresses, row[1]), _taken(others, row[1]))

    return _whole(_entries(rows, customer), addresses, others)


def _activity(row: Row) -> Activity:
    return Activity(row[1], _text(row[2]))


def _alias(row: Row) -> Alias:
    return Alias(_folded(row[1]), _flag(row[4]), _optional(row[2]))


def _message_centers(rows: list[Row], issue_types: _Groups) -> dict[str, MessageCenter]:
    def message_center(row: Row) -> MessageCenter:
        return MessageCenter(row[1], _flag(row[4]), _optional(row[2]), _taken(issue_types, row[1]))

    return _whole(_entries(rows, message_center), issue_types)


def _custom_attributes(rows: list[Row], values: _Groups) -> dict[str, CustomAttribute]:
    def custom_attribute(row: Row) -> CustomAttribute:
        _, name, kind, characters, enumerated = row
        if kind not in _TYPES:
            raise InvalidRowError("a custom attribute has an unknown type")
        allowed = None if characters is None else frozenset(_text(characters))
        return CustomAttribute(name, kind, _taken(values, name) if _flag(enumerated) else None, allowed)

    return _whole(_entries(rows, custom_attribute), values)


def _entries(rows: list[Row], make: Callable[[Row], _Entry]) -> dict[str, _Entry]:
    entries = {_text(row[1]): make(row) for row in rows}
    if len(entries) != len(rows):
        raise InvalidRowError("a key is there more than once")
    return entries


def _grouped(rows: list[Row], read: Callable[[Any], str]) -> _Groups:
    groups: _Groups = {}
    for row in rows:
        groups.setdefault(row[1], set()).add(read(row[2]))
    return groups


def _taken(groups: _Groups, key: str) -> frozenset[str]:
    return frozenset(groups.pop(key, ()))


def _whole(entries: dict[str, _Entry], *groups: _Groups) -> dict[str, _Entry]:
    """Return the entries, which have taken all that belongs to them."""
    if any(groups):
        raise InvalidRowError("a row belongs to nothing")
    return entries


def _string(value: Any) -> str:
    if type(value) is not str:
        raise InvalidRowError("a text is expected")
    return value


def _text(value: Any) -> str:
    if not _string(value):
        raise InvalidRowError("a text is empty")
    return str(value)


def _folded(value: Any) -> str:
    text = _text(value)
    if text.casefold() != text:
        raise InvalidRowError("an address is not case-folded")
    return text


def _optional(value: Any) -> str | None:
    return None if value is None else _text(value)


def _flag(value: Any) -> bool:
    if value not in (0, 1):
        raise InvalidRowError("a flag is neither true nor false")
    return bool(value)
