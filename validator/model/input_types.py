"""Check the types of the values that users of the engine pass to it: settings, a request, and the facts of a directory.

Only entities that a request refers to are checked. Errors name the field and the type, never a value, so that they may be
logged.
"""

from collections.abc import Iterable, Mapping, Sequence
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

# The fields of a Request, as a plain tuple.
RequestFields = tuple[str | None, str, Iterable[tuple[str, str]], bytes | None, Caller | None, bool, bool]
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
_USUAL_SECTIONS: Final = frozenset({dict, MappingProxyType, NoneType})
_ABSENT: Final = object()
_SECTIONS: Final = tuple(_ENTITIES.items())
# For each section, entities that were checked and cannot change, by the name under which they were found.
_CHECKED: Final[tuple[dict[str, Any], ...]] = tuple([{} for _ in _ENTITIES])
_MAX_CHECKED: Final = 1024  # of a section
_IMMUTABLE: Final = frozenset({str, bool, frozenset, NoneType})


def check_limit(name: str, value: object) -> None:
    """Check a limit of the engine. Raises ValueError unless it is an integer of at least 1; a boolean is not one."""
    if type(value) is not int or value < 1:
        raise ValueError(f"{name} must be an integer of at least 1, got {value!r}")


def check_request(request: Request) -> RequestFields:
    """Check the types of a request's fields, and return them; its headers are checked where they are read.

    Raises InputTypeError.
    """
    if request.__class__ is Request:
        ids, query, _, body, caller, oversized, headers_merged = request
        is_usual = ids.__class__ is str and query.__class__ is str and caller.__class__ is Caller and body.__class__ is bytes
        if is_usual and oversized.__class__ is bool and headers_merged.__class__ is bool:
            kind, id_ = caller  # type: ignore[misc]
            if kind.__class__ is str and id_.__class__ is str:
                return request
    _check_type("the request", request, (Request,))
    for name, allowed in _REQUEST:
        _check_type(f"Request.{name}", getattr(request, name), allowed)
    for name, allowed in _CALLER if request.caller is not None else ():
        _check_type(f"Caller.{name}", getattr(request.caller, name), allowed)
    return request


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
    if not _USUAL_SECTIONS.issuperset(map(type, answer[1:])):
        _check_sections(answer)
    facts = _find_aliases(answer, keys.aliases) if keys.aliases and answer.aliases is not None else answer
    settings = facts.settings
    if settings.__class__ is not Settings or settings[0].__class__ is not bool:
        _check_settings(settings)
    for position, names in enumerate(keys):
        entities: Any = facts[position + 1] if names else None
        if entities is not None:
            checked = _CHECKED[position]
            for name in names:
                entity = entities.get(name, _ABSENT)
                if entity is not checked.get(name, _ABSENT):
                    _check_entity(position, name, entity)
    return facts


def _check_sections(facts: Facts) -> None:
    for section, entities in zip(_ENTITIES, facts[1:], strict=True):
        if entities is not None:
            _check_type(f"Facts.{section}", entities, (Mapping,))


def _check_settings(settings: Any) -> None:
    if settings is not None:
        _check_type("Facts.settings", settings, (Settings,))
        _check_type("Settings.customer_departmentalization", settings.customer_departmentalization, _FLAG)


def _find_aliases(facts: Facts, mailboxes: Sequence[str]) -> Facts:
    """Return facts that have the aliases of these mailboxes by mailbox, whichever of its addresses the directory uses."""
    aliases: Any = facts.aliases
    for mailbox in mailboxes:
        if mailbox not in aliases:
            break
    else:
        return facts
    by_mailbox = {mailbox: find_by_mailbox(aliases, mailbox, _ABSENT) for mailbox in mailboxes}
    return facts._replace(aliases={mailbox: alias for mailbox, alias in by_mailbox.items() if alias is not _ABSENT})


def _check_entity(position: int, name: str, entity: Any) -> None:
    """Check an entity that was found under a name. position: of its section in Keys."""
    if entity is _ABSENT:
        return
    section, (kind, types) = _SECTIONS[position]
    _check_type(f"an entity of Facts.{section}", entity, (kind,))
    for field, value, allowed in zip(entity._fields, entity, types, strict=True):
        _check_type(f"Facts.{section}: {kind.__name__}.{field}", value, allowed)
    if entity[0] != name and (kind is not Alias or normalize_mailbox(entity[0]) != name):
        raise InputTypeError(f"Facts.{section}: {kind.__name__}.{entity._fields[0]} must be the key of the entity")
    if _IMMUTABLE.issuperset(map(type, entity)) and type(entity) is kind:
        _remember(_CHECKED[position], name, entity)


def _remember(checked: dict[str, Any], name: str, entity: Any) -> None:
    if len(checked) >= _MAX_CHECKED:
        checked.clear()
    checked[name] = entity


def _check_type(name: str, value: object, types: _Types) -> None:
    if not isinstance(value, types):
        raise _wrong_type(name, value, types)


def _wrong_type(name: str, value: object, types: _Types) -> InputTypeError:
    expected = " or ".join("None" if kind is NoneType else kind.__name__ for kind in types)
    actual = "None" if value is None else type(value).__qualname__
    return InputTypeError(f"{name} must be {expected}, got {actual}")
