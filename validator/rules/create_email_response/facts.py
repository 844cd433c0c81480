"""Reference data of one email: the keys to fetch, and look-ups that several rules share (contract, section 6)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from validator.model.code import Code
from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, Keys, MessageCenter, Settings

from . import codes
from .email import Email
from .values import HAS_FORM, find_forbidden_character

Entity = TypeVar("Entity")
_new: Final = tuple.__new__


class RuleFacts(Protocol):
    """The Facts as a rule sees them: the sections that the rule needs are not None."""

    settings: Settings
    customers: Mapping[str, Customer]
    activities: Mapping[str, Activity]
    aliases: Mapping[str, Alias]
    message_centers: Mapping[str, MessageCenter]
    custom_attributes: Mapping[str, CustomAttribute]


def keys(email: Email) -> Keys:
    """Return the keys to request from the directory, each once. They include the receiver only when it is a valid address."""
    fields = (
        (email.caller,) if email.acting_customer == email.caller else (email.acting_customer, email.caller),
        (email.activity,),
        () if email.receiver is None else (email.receiver,),
        () if email.message_center is None else (email.message_center,),
        tuple({one["name"]: None for one in email.custom_attributes}) if email.custom_attributes else (),
    )
    return _new(Keys, fields)


def department(email: Email, facts: Facts) -> str | None:
    """Return the department of the activity: the message center's, else the alias's, else the acting customer's.

    None when none of them has one, or when a section that comes first was not supplied: the next one would be a guess.
    """
    if email.message_center is not None:
        center = _look_up(facts.message_centers, email.message_center)
        if center is None or center.department is not None:
            return None if center is None else center.department
    if email.receiver is not None:
        alias = _look_up(facts.aliases, email.receiver)
        if alias is None or alias.department is not None:
            return None if alias is None else alias.department
    customer = _look_up(facts.customers, email.acting_customer)
    return None if customer is None else customer.department


def _look_up(section: Mapping[str, Entity] | None, key: str) -> Entity | None:
    """Return an entity, or None when it does not exist or its section was not supplied."""
    return None if section is None else section.get(key)


def find_acting_department(email: Email, facts: RuleFacts) -> str | None:
    """Return the department of the acting customer, or None."""
    customer = facts.customers.get(email.acting_customer)
    return None if customer is None else customer.department


class WrongAttribute(NamedTuple):
    """A custom attribute that breaks the rule of a code.

    position: in the list, 0-based. reason: the predefined values, the first forbidden character or the name of the type.
    """

    position: int
    name: str
    code: Code
    reason: Any = None


def find_wrong_attributes(email: Email, facts: RuleFacts) -> Sequence[WrongAttribute]:
    """Return the custom attributes that break a rule, in document order: in one pass for all rules, as most break none."""
    wrong: list[WrongAttribute] = []
    configured = facts.custom_attributes
    for position, one in enumerate(email.custom_attributes):
        name, value = one["name"], one["value"]
        attribute = configured.get(name)
        if attribute is None:
            wrong.append(WrongAttribute(position, name, codes.CUSTOM_ATTRIBUTE_NOT_CONFIGURED))
            continue
        kind, values = attribute.type, attribute.values
        if values is not None:
            if value not in values:
                wrong.append(WrongAttribute(position, name, codes.VALUE_NOT_PREDEFINED, values))
        elif kind == "text":
            character = find_forbidden_character(value, attribute.allowed_characters)
            if character is not None:
                wrong.append(WrongAttribute(position, name, codes.CHARACTER_NOT_ALLOWED, character))
        if kind != "text" and not HAS_FORM[kind](value):
            wrong.append(WrongAttribute(position, name, codes.VALUE_NOT_OF_TYPE, kind))
    return wrong
