"""Conversion of the statement's rows to facts. Rows that break the rules of the tables are rejected, whoever wrote them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, MessageCenter, Settings

from .tables import SECTIONS, TYPES

Row = Sequence[Any]  # kind, key, two strings, flag: see statement.py
_Entity = TypeVar("_Entity")
_Groups = dict[str, set[str]]
_KINDS: Final = 11
_TYPES: Final = frozenset(TYPES)


class InvalidRowError(Exception):
    """A row that breaks the rules of the tables, or refers to an entity that does not exist."""


def read_facts(rows: Iterable[Row]) -> Facts:
    """Return the facts in the statement's rows, in whatever order they come. Raises InvalidRowError."""
    kinds: list[list[Row]] = [[] for _ in range(_KINDS)]
    for row in rows:
        kinds[row[0]].append(row)
    supplied, settings, customers, addresses, others, activities, aliases, centers, issues, attributes, values = kinds
    names = {row[1] for row in supplied}
    entities = (
        _read_customers(customers, _group(addresses, _check_address), _group(others, _check_text)),
        _read_section(activities, _read_activity),
        _read_section(aliases, _read_alias),
        _read_message_centers(centers, _group(issues, _check_text)),
        _read_custom_attributes(attributes, _group(values, _check_string)),
    )
    sections: list[Any] = [section if name in names else None for name, section in zip(SECTIONS, entities, strict=True)]
    return Facts(Settings(_check_flag(settings[0][4])) if settings else None, *sections)


def _read_customers(rows: list[Row], addresses: _Groups, others: _Groups) -> dict[str, Customer]:
    def read_customer(row: Row) -> Customer:
        return Customer(row[1], _check_optional(row[2]), _pop(addresses, row[1]), _pop(others, row[1]))

    return _check_groups(_read_section(rows, read_customer), addresses, others)


def _read_activity(row: Row) -> Activity:
    return Activity(row[1], _check_text(row[2]))


def _read_alias(row: Row) -> Alias:
    return Alias(_check_address(row[1]), _check_flag(row[4]), _check_optional(row[2]))


def _read_message_centers(rows: list[Row], issue_types: _Groups) -> dict[str, MessageCenter]:
    def read_message_center(row: Row) -> MessageCenter:
        return MessageCenter(row[1], _check_flag(row[4]), _check_optional(row[2]), _pop(issue_types, row[1]))

    return _check_groups(_read_section(rows, read_message_center), issue_types)


def _read_custom_attributes(rows: list[Row], values: _Groups) -> dict[str, CustomAttribute]:
    def read_custom_attribute(row: Row) -> CustomAttribute:
        _, name, kind, characters, enumerated = row
        if kind not in _TYPES:
            raise InvalidRowError("a custom attribute has an unknown type")
        allowed = None if characters is None else frozenset(_check_text(characters))
        return CustomAttribute(name, kind, _pop(values, name) if _check_flag(enumerated) else None, allowed)

    return _check_groups(_read_section(rows, read_custom_attribute), values)


def _read_section(rows: list[Row], read: Callable[[Row], _Entity]) -> dict[str, _Entity]:
    entities = {_check_text(row[1]): read(row) for row in rows}
    if len(entities) != len(rows):
        raise InvalidRowError("a key occurs more than once")
    return entities


def _group(rows: list[Row], check: Callable[[Any], str]) -> _Groups:
    groups: _Groups = {}
    for row in rows:
        groups.setdefault(row[1], set()).add(check(row[2]))
    return groups


def _pop(groups: _Groups, key: str) -> frozenset[str]:
    return frozenset(groups.pop(key, ()))


def _check_groups(entities: dict[str, _Entity], *groups: _Groups) -> dict[str, _Entity]:
    """Return the entities, unless a group remains that belongs to none of them."""
    if any(groups):
        raise InvalidRowError("a row refers to an entity that does not exist")
    return entities


def _check_string(value: Any) -> str:
    if type(value) is not str:
        raise InvalidRowError("a value is not a string")
    return value


def _check_text(value: Any) -> str:
    if not _check_string(value):
        raise InvalidRowError("a string is empty")
    return str(value)


def _check_address(value: Any) -> str:
    text = _check_text(value)
    if text.casefold() != text:
        raise InvalidRowError("an address is not case-folded")
    return text


def _check_optional(value: Any) -> str | None:
    return None if value is None else _check_text(value)


def _check_flag(value: Any) -> bool:
    if value not in (0, 1):
        raise InvalidRowError("a flag is neither true nor false")
    return bool(value)
