"""From facts to what a snapshot file holds (``schemas/directory.schema.json``), sorted."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, MessageCenter

_Entry = TypeVar("_Entry")
_Document = dict[str, Any]


def document(facts: Facts) -> _Document:
    """Return the document of a snapshot file with these facts; what is not supplied is absent."""
    return _without_none(
        {
            "settings": facts.settings and {"customerDepartmentalization": facts.settings.customer_departmentalization},
            "customers": _section(facts.customers, _customer),
            "activities": _section(facts.activities, _activity),
            "aliases": _section(facts.aliases, _alias),
            "messageCenters": _section(facts.message_centers, _message_center),
            "customAttributes": _section(facts.custom_attributes, _custom_attribute),
        }
    )


def _section(section: Mapping[str, _Entry] | None, make: Callable[[_Entry], _Document]) -> list[_Document] | None:
    if section is None:
        return None
    return [_without_none(make(section[key])) for key in sorted(section, key=_in_order)]


def _customer(one: Customer) -> _Document:
    addresses, others = _list(one.email_addresses), _list(one.may_act_for)
    return {"id": one.id, "department": one.department, "emailAddresses": addresses, "mayActFor": others}


def _activity(one: Activity) -> _Document:
    return {"id": one.id, "customer": one.customer}


def _alias(one: Alias) -> _Document:
    return {"address": one.address, "active": one.active, "department": one.department}


def _message_center(one: MessageCenter) -> _Document:
    return {"id": one.id, "active": one.active, "department": one.department, "issueTypes": _list(one.issue_types)}


def _custom_attribute(one: CustomAttribute) -> _Document:
    values = None if one.values is None else sorted(one.values)
    characters = None if one.allowed_characters is None else "".join(sorted(one.allowed_characters))
    return {"name": one.name, "type": one.type, "values": values, "allowedCharacters": characters}


def _list(texts: Iterable[str]) -> list[str] | None:
    return sorted(texts, key=_in_order) or None


def _in_order(key: str) -> tuple[int, str]:
    """Order IDs as the numbers that they are; also other keys have a fixed order by it."""
    return len(key), key


def _without_none(members: _Document) -> _Document:
    return {name: value for name, value in members.items() if value is not None}
