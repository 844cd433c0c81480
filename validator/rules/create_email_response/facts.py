"""Reference data of one email: the keys to fetch, and look-ups that several rules share (contract, section 6)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, Keys, MessageCenter, Settings

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


def find_active_alias(email: Email, facts: RuleFacts) -> Alias | None:
    """Return the active alias of the receiver's address; None when there is no such alias or the address is not valid."""
    alias = None if email.receiver is None else facts.aliases.get(email.receiver)
    return alias if alias is not None and alias.active else None


def find_active_center(email: Email, facts: RuleFacts) -> MessageCenter | None:
    """Return the active message center that the email names, or None."""
    center = None if email.message_center is None else facts.message_centers.get(email.message_center)
    return center if center is not None and center.active else None


def find_acting_department(email: Email, facts: RuleFacts) -> str | None:
    """Return the department of the acting customer, or None."""
    customer = facts.customers.get(email.acting_customer)
    return None if customer is None else customer.department


class WrongAttribute(NamedTuple):
    """A custom attribute that breaks a rule. position: in the list, 0-based. reason: as the test of the rule returns it."""

    position: int
    name: str
    reason: Any


def find_missing_value(value: str, attribute: CustomAttribute) -> frozenset[str] | None:
    """Return the predefined values of an attribute if a value is not one of them, else None."""
    return attribute.values if attribute.values is not None and value not in attribute.values else None


def find_wrong_character(value: str, attribute: CustomAttribute) -> str | None:
    """Return the first character that a text attribute does not allow, or None. An enumerated one allows its values."""
    is_text = attribute.type == "text" and attribute.values is None
    return find_forbidden_character(value, attribute.allowed_characters) if is_text else None


def find_wrong_type(value: str, attribute: CustomAttribute) -> str | None:
    """Return the type of an attribute if a value does not have its form, else None."""
    return attribute.type if attribute.type != "text" and not HAS_FORM[attribute.type](value) else None


def has_wrong_attributes(email: Email, facts: RuleFacts) -> bool:
    """Return whether any custom attribute breaks a rule: the rules share the answer, since most requests break none."""
    configured = facts.custom_attributes
    for one in email.custom_attributes:
        attribute, value = configured.get(one["name"]), one["value"]
        if attribute is None or find_missing_value(value, attribute) is not None:
            return True
        if find_wrong_character(value, attribute) is not None or find_wrong_type(value, attribute) is not None:
            return True
    return False


def find_wrong_attributes(
    find_reason: Callable[[str, CustomAttribute], Any], email: Email, facts: RuleFacts
) -> Iterator[WrongAttribute]:
    """Yield the configured attributes of which the value breaks a rule, in document order. find_reason: the test of the rule."""
    configured = facts.custom_attributes
    for position, one in enumerate(email.custom_attributes):
        attribute = configured.get(one["name"])
        reason = None if attribute is None else find_reason(one["value"], attribute)
        if reason is not None:
            yield WrongAttribute(position, one["name"], reason)
