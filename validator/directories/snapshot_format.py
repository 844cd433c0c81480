"""The format of snapshot files (``schemas/directory.schema.json``): from a valid document to facts, and back."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from validator.model.directory import Activity, Alias, CheckedFacts, CustomAttribute, Customer, Facts, MessageCenter, Settings
from validator.model.mailbox import normalize_mailbox
from validator.model.pointer import echo

_Entity = TypeVar("_Entity")
_Object = dict[str, Any]
_REPEATED: Final = "occurs more than once."
_SAME_MAILBOX: Final = "names a mailbox that occurs more than once."
_NOT_AN_ADDRESS: Final = "is not a valid email address, so no request can match it."


class InvalidStringError(Exception):
    """A string that must be unique and occurs twice, or an email address that is not valid.

    pointer: the JSON Pointer (RFC 6901) of the string, of a duplicate the second.
    """

    def __init__(self, text: str, problem: str, pointer: str) -> None:
        """Store what is wrong with a string, and where it is."""
        super().__init__(f"{echo(text)!r} {problem}")
        self.pointer = pointer


def parse_facts(document: Mapping[str, Any]) -> Facts:
    """Return the facts of a document that is valid by the schema. Raises InvalidStringError."""
    settings = document.get("settings")
    return CheckedFacts(
        Settings(settings["customerDepartmentalization"]) if settings is not None else None,
        _parse_section(document, "customers", "id", _parse_customer),
        _parse_section(document, "activities", "id", _parse_activity),
        _parse_aliases(document),
        _parse_section(document, "messageCenters", "id", _parse_message_center),
        _parse_section(document, "customAttributes", "name", _parse_custom_attribute),
    )


def _parse_section(
    document: Mapping[str, Any], name: str, key: str, parse: Callable[[_Object, str], _Entity]
) -> Mapping[str, _Entity] | None:
    if name not in document:
        return None
    entities: dict[str, _Entity] = {}
    for index, one in enumerate(document[name]):
        pointer = f"/{name}/{index}"
        if one[key] in entities:
            raise InvalidStringError(one[key], _REPEATED, f"{pointer}/{key}")
        entities[one[key]] = parse(one, pointer)
    return MappingProxyType(entities)


def _parse_aliases(document: Mapping[str, Any]) -> Mapping[str, Alias] | None:
    if "aliases" not in document:
        return None
    aliases: dict[str, Alias] = {}
    for index, one in enumerate(document["aliases"]):
        pointer = f"/aliases/{index}/address"
        mailbox = _parse_address(one["address"], pointer)
        if mailbox in aliases:
            raise InvalidStringError(one["address"], _SAME_MAILBOX, pointer)
        aliases[mailbox] = Alias(mailbox, one["active"], one.get("department"))
    return MappingProxyType(aliases)


def _parse_address(text: str, pointer: str) -> str:
    """Return the mailbox of an address; one that is not valid could never match a request."""
    mailbox = normalize_mailbox(text)
    if mailbox is None:
        raise InvalidStringError(text, _NOT_AN_ADDRESS, pointer)
    return mailbox


def _parse_customer(one: _Object, pointer: str) -> Customer:
    addresses = _parse_addresses(one.get("emailAddresses", ()), f"{pointer}/emailAddresses")
    may_act_for = _parse_set(one.get("mayActFor", ()), f"{pointer}/mayActFor")
    return Customer(one["id"], one.get("department"), addresses, may_act_for)


def _parse_addresses(texts: Iterable[str], pointer: str) -> frozenset[str]:
    mailboxes: set[str] = set()
    for index, text in enumerate(texts):
        mailbox = _parse_address(text, f"{pointer}/{index}")
        if mailbox in mailboxes:
            raise InvalidStringError(text, _SAME_MAILBOX, f"{pointer}/{index}")
        mailboxes.add(mailbox)
    return frozenset(mailboxes)


def _parse_activity(one: _Object, _pointer: str) -> Activity:
    return Activity(one["id"], one["customer"])


def _parse_message_center(one: _Object, pointer: str) -> MessageCenter:
    issue_types = _parse_set(one.get("issueTypes", ()), f"{pointer}/issueTypes")
    return MessageCenter(one["id"], one["active"], one.get("department"), issue_types)


def _parse_custom_attribute(one: _Object, pointer: str) -> CustomAttribute:
    values = _parse_set(one["values"], f"{pointer}/values") if "values" in one else None
    allowed = frozenset(one["allowedCharacters"]) if "allowedCharacters" in one else None
    return CustomAttribute(one["name"], one["type"], values, allowed)


def _parse_set(texts: Iterable[str], pointer: str) -> frozenset[str]:
    seen: set[str] = set()
    for index, text in enumerate(texts):
        if text in seen:
            raise InvalidStringError(text, _REPEATED, f"{pointer}/{index}")
        seen.add(text)
    return frozenset(seen)


def format_facts(facts: Facts) -> _Object:
    """Return the document for some facts, sorted; sections that are not supplied and empty optional members are absent.

    Addresses are in the form in which they are compared: domains as A-labels, ASCII letters in lower case.
    """
    return _without_none(
        {
            "settings": facts.settings and {"customerDepartmentalization": facts.settings.customer_departmentalization},
            "customers": _format_section(facts.customers, _format_customer),
            "activities": _format_section(facts.activities, _format_activity),
            "aliases": _format_section(facts.aliases, _format_alias),
            "messageCenters": _format_section(facts.message_centers, _format_message_center),
            "customAttributes": _format_section(facts.custom_attributes, _format_custom_attribute),
        }
    )


def _format_section(section: Mapping[str, _Entity] | None, format_entity: Callable[[_Entity], _Object]) -> list[_Object] | None:
    if section is None:
        return None
    return [_without_none(format_entity(section[key])) for key in sorted(section, key=_sort_key)]


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
    return sorted(texts, key=_sort_key) or None


def _sort_key(key: str) -> tuple[int, str]:
    """Return a key that sorts IDs as numbers, and other strings by length and then by code points."""
    return len(key), key


def _without_none(members: _Object) -> _Object:
    return {name: value for name, value in members.items() if value is not None}
