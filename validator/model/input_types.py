"""Check the types of the values that users of the engine pass to it: settings, a request, and the facts of a directory.

Only entities that a request refers to are checked. Errors name the field and the type, never a value, so that they may be
logged.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType, NoneType
from typing import Any, Final

from validator.errors import InputTypeError
from validator.model.directory import (
    Activity,
    Alias,
    CheckedFacts,
    CustomAttribute,
    Customer,
    Facts,
    Keys,
    MessageCenter,
    Settings,
)
from validator.model.mailbox import find_by_mailbox, normalize_mailbox
from validator.model.request import Caller, Request

_Types = tuple[type, ...]
_TEXT: Final[_Types] = (str,)
_OPTIONAL_TEXT: Final[_Types] = (str, NoneType)
_FLAG: Final[_Types] = (bool,)
_SET: Final[_Types] = (frozenset, set)
_OPTIONAL_SET: Final[_Types] = (*_SET, NoneType)
_BODY: Final[_Types] = (bytes, bytearray, memoryview, NoneType)

_REQUEST: Final[tuple[tuple[str, _Types], ...]] = (
    ("ids", _OPTIONAL_TEXT),
    ("query", _TEXT),
    ("body", _BODY),
    ("caller", (Caller, NoneType)),
    ("oversized", _FLAG),
    ("headers_merged", _FLAG),
)
_CALLER: Final[tuple[tuple[str, _Types], ...]] = (("kind", _TEXT), ("id", _OPTIONAL_TEXT))
# By section of Facts: the class of its entities, and the types of their fields, the key first.
_ENTITIES: Final[Mapping[str, tuple[Any, tuple[_Types, ...]]]] = {
    "customers": (Customer, (_TEXT, _OPTIONAL_TEXT, _SET, _SET)),
    "activities": (Activity, (_TEXT, _TEXT)),
    "aliases": (Alias, (_TEXT, _FLAG, _OPTIONAL_TEXT)),
    "message_centers": (MessageCenter, (_TEXT, _FLAG, _OPTIONAL_TEXT, _SET)),
    "custom_attributes": (CustomAttribute, (_TEXT, _TEXT, _OPTIONAL_SET, _OPTIONAL_SET)),
}
_USUAL_BODIES: Final = frozenset({bytes, NoneType})
_USUAL_SECTIONS: Final = frozenset({dict, MappingProxyType, NoneType})
_OPTIONAL_FROZENSET: Final = frozenset({frozenset, NoneType})
_ABSENT: Final = object()


def check_limit(name: str, value: object) -> None:
    """Check a limit of the engine. Raises ValueError unless it is an integer of at least 1; a boolean is not one."""
    if type(value) is not int or value < 1:
        raise ValueError(f"{name} must be an integer of at least 1, got {value!r}")


def check_request(request: Request) -> None:
    """Check the types of a request's fields; its headers are checked where they are read. Raises InputTypeError."""
    if type(request) is Request and type(request.query) is str and type(request.body) in _USUAL_BODIES:
        caller, is_flagged = request.caller, type(request.oversized) is type(request.headers_merged) is bool
        if is_flagged and type(request.ids) is str and type(caller) is Caller:
            kind, id_ = caller
            if type(kind) is str and type(id_) is str:
                return
    _check_type("the request", request, (Request,))
    for name, allowed in _REQUEST:
        _check_type(f"Request.{name}", getattr(request, name), allowed)
    for name, allowed in _CALLER if request.caller is not None else ():
        _check_type(f"Caller.{name}", getattr(request.caller, name), allowed)


def check_facts(answer: Any, keys: Keys | None) -> Facts:
    """Return the answer of a directory, once the entities of these keys are checked. Raises InputTypeError.

    Aliases are found by any address of their mailbox. CheckedFacts need no check, and have no other addresses. keys: None: the
    directory holds all facts, which must be CheckedFacts.
    """
    if type(answer) is CheckedFacts:
        return answer
    if keys is None:
        raise _wrong_type("the answer of a directory that holds all facts", answer, (CheckedFacts,))
    if not isinstance(answer, Facts):
        raise _wrong_type("the answer of the directory", answer, (Facts,))
    facts = _find_aliases(answer, keys.aliases)
    sections: list[Any]
    settings, *sections = facts
    if settings is not None and (type(settings) is not Settings or type(settings[0]) is not bool):
        _check_type("Facts.settings", settings, (Settings,))
        _check_type("Settings.customer_departmentalization", settings[0], _FLAG)
    if not {entities.__class__ for entities in sections} <= _USUAL_SECTIONS:
        for section, entities in zip(_ENTITIES, sections, strict=True):
            _check_type(f"Facts.{section}", {} if entities is None else entities, (Mapping,))
    for (section, is_usual), entities, names in zip(_USUAL_ENTITIES, sections, keys, strict=True):
        for name in names if entities is not None else ():
            entity = entities.get(name, _ABSENT)
            if entity is not _ABSENT and not is_usual(entity, name):
                _check_entity(section, name, entity)
    return facts


# The fast path of ``_check_entity``: entities of the usual types, which have their key.


def _is_text(value: object) -> bool:
    return value.__class__ is str or value is None


def _is_usual_customer(one: Any, key: str) -> bool:
    if one.__class__ is not Customer:
        return False
    id_, department, addresses, others = one
    return id_ == key and id_.__class__ is str and _is_text(department) and addresses.__class__ is others.__class__ is frozenset


def _is_usual_activity(one: Any, key: str) -> bool:
    return one.__class__ is Activity and one[0] == key and one[0].__class__ is one[1].__class__ is str


def _is_usual_alias(one: Any, key: str) -> bool:
    return one.__class__ is Alias and one[0] == key and one[0].__class__ is str and one[1].__class__ is bool and _is_text(one[2])


def _is_usual_message_center(one: Any, key: str) -> bool:
    if one.__class__ is not MessageCenter:
        return False
    id_, active, department, issue_types = one
    return (
        id_ == key
        and id_.__class__ is str
        and active.__class__ is bool
        and _is_text(department)
        and issue_types.__class__ is frozenset
    )


def _is_usual_custom_attribute(one: Any, key: str) -> bool:
    if one.__class__ is not CustomAttribute:
        return False
    name, kind, values, characters = one
    return (
        name == key
        and name.__class__ is kind.__class__ is str
        and {values.__class__, characters.__class__} <= _OPTIONAL_FROZENSET
    )


_USUAL_ENTITIES: Final = (
    ("customers", _is_usual_customer),
    ("activities", _is_usual_activity),
    ("aliases", _is_usual_alias),
    ("message_centers", _is_usual_message_center),
    ("custom_attributes", _is_usual_custom_attribute),
)


def _find_aliases(facts: Facts, mailboxes: Sequence[str]) -> Facts:
    """Return facts that have the aliases of these mailboxes by mailbox, whichever of its addresses the directory uses."""
    aliases = facts.aliases
    if not mailboxes or not isinstance(aliases, Mapping) or all(map(aliases.__contains__, mailboxes)):
        return facts
    by_mailbox = {mailbox: find_by_mailbox(aliases, mailbox, _ABSENT) for mailbox in mailboxes}
    return facts._replace(aliases={mailbox: alias for mailbox, alias in by_mailbox.items() if alias is not _ABSENT})


def _check_entity(section: str, name: str, entity: Any) -> None:
    kind, types = _ENTITIES[section]
    _check_type(f"an entity of Facts.{section}", entity, (kind,))
    for field, value, allowed in zip(entity._fields, entity, types, strict=True):
        _check_type(f"Facts.{section}: {kind.__name__}.{field}", value, allowed)
    if entity[0] != name and (kind is not Alias or normalize_mailbox(entity[0]) != name):
        raise InputTypeError(f"Facts.{section}: {kind.__name__}.{entity._fields[0]} must be the key of the entity")


def _check_type(name: str, value: object, types: _Types) -> None:
    if not isinstance(value, types):
        raise _wrong_type(name, value, types)


def _wrong_type(name: str, value: object, types: _Types) -> InputTypeError:
    expected = " or ".join("None" if kind is NoneType else kind.__name__ for kind in types)
    actual = "None" if value is None else type(value).__qualname__
    return InputTypeError(f"{name} must be {expected}, got {actual}")
