"""Formats facts as the document, or the text, of a snapshot file (``schemas/directory.schema.json``).

Optional members that are empty are absent. Addresses are in the form in which they are compared: domains as A-labels, ASCII
letters in lower case.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from validator.directories.fact import Fact, sort_key
from validator.model.directory import Activity, Alias, CustomAttribute, Customer, MessageCenter, Settings

_Object = dict[str, Any]


def make_document(facts: Iterable[Fact]) -> _Object:
    """Return the document for some facts."""
    document: _Object = {}
    for fact in facts:
        name, value = _FORMATS[fact.field].name, _format_value(fact)
        if fact.is_entity:
            document[name].append(value)
        else:
            document[name] = value
    return document


def format_lines(facts: Iterable[Fact]) -> Iterator[str]:
    """Yield the lines of the text for some facts: those of their document as JSON with an indent of 1."""
    rest = ""
    for part in _format_parts(facts):
        *lines, rest = f"{rest}{part}".split("\n")
        yield from lines
    yield rest


def _format_parts(facts: Iterable[Fact]) -> Iterator[str]:
    before_member, before_entity, end = "{", "", ""  # end: of the section
    for fact in facts:
        text = json.dumps(_format_value(fact), ensure_ascii=False, indent=1)
        if fact.is_entity:
            yield before_entity + "\n  " + text.replace("\n", "\n  ")
            before_entity, end = ",", "\n ]"
            continue
        yield f'{end}{before_member}\n "{_FORMATS[fact.field].name}": '
        before_member, before_entity, end = ",", "", ""
        if fact.value is None:
            text, end = "[", "]"
        yield text.replace("\n", "\n ")
    yield f"{end}\n}}" if before_member == "," else "{}"


def _format_value(fact: Fact) -> Any:
    """Return the settings or the entity as in a file; an empty list where a section begins."""
    if fact.value is None:
        return []
    members = _FORMATS[fact.field].format(fact.value)
    return {name: value for name, value in members.items() if value is not None}


def _format_settings(one: Settings) -> _Object:
    return {"customerDepartmentalization": one.customer_departmentalization}


def _format_customer(one: Customer) -> _Object:
    addresses, others = _format_set(one.email_addresses), _format_set(one.may_act_for)
    return {"id": one.id, "department": one.department, "emailAddresses": addresses, "mayActFor": others}


def _format_activity(one: Activity) -> _Object:
    return {"id": one.id, "customer": one.customer}


def _format_alias(one: Alias) -> _Object:
    return {"address": one.address, "active": one.active, "department": one.department}


def _format_message_center(one: MessageCenter) -> _Object:
    return {"id": one.id, "active": one.active, "department": one.department, "issueTypes": _format_set(one.issue_types)}


def _format_custom_attribute(one: CustomAttribute) -> _Object:
    values = None if one.values is None else sorted(one.values)
    characters = None if one.allowed_characters is None else "".join(sorted(one.allowed_characters))
    return {"name": one.name, "type": one.type, "values": values, "allowedCharacters": characters}


def _format_set(texts: Iterable[str]) -> list[str] | None:
    return sorted(texts, key=sort_key) or None


class _Format(NamedTuple):
    """The form of a section or the settings. name: in a file. format: returns an object; None is a member that is absent."""

    name: str
    format: Callable[[Any], _Object]


_FORMATS: Final[Mapping[str, _Format]] = {
    "settings": _Format("settings", _format_settings),
    "customers": _Format("customers", _format_customer),
    "activities": _Format("activities", _format_activity),
    "aliases": _Format("aliases", _format_alias),
    "message_centers": _Format("messageCenters", _format_message_center),
    "custom_attributes": _Format("customAttributes", _format_custom_attribute),
}
