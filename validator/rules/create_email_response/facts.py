"""Reference data of one email: the keys to fetch, and look-ups that several rules share (contract, section 6)."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, Protocol, TypeVar

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
    caller, acting_customer, receiver, center = email.caller, email.acting_customer, email.receiver, email.message_center
    attributes = email.custom_attributes
    fields = (
        (caller,) if acting_customer == caller else (acting_customer, caller),
        (email.activity,),
        () if receiver is None else (receiver,),
        () if center is None else (center,),
        tuple(dict.fromkeys([one["name"] for one in attributes])) if attributes else (),
    )
    return _new(Keys, fields)


def department(email: Email, facts: Facts) -> str | None:
    """Return the department of the activity: the message center's, else the alias's, else the acting customer's.

    None when none of them has one, or when a section that comes first was not supplied: the next one would be a guess.
    """
    center_id, receiver = email.message_center, email.receiver
    if center_id is not None:
        center = _look_up(facts.message_centers, center_id)
        if center is None or center.department is not None:
            return None if center is None else center.department
    if receiver is not None:
        alias = _look_up(facts.aliases, receiver)
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


class WrongValue(NamedTuple):
    """Why a value breaks rules of its custom attribute. None: it does not break that rule.

    missing: the predefined values, if it is not one of them. character: the first that is not allowed. type: whose form it lacks.
    """

    missing: frozenset[str] | None
    character: str | None
    type: str | None


def find_wrong(value: str, attribute: CustomAttribute) -> WrongValue | None:
    """Return why a value breaks rules, or None if it breaks none. An enumerated attribute allows all characters of its values."""
    _, kind, values, allowed = attribute
    missing = values if values is not None and value not in values else None
    character = find_forbidden_character(value, allowed) if values is None and kind == "text" else None
    wrong_type = kind if kind != "text" and not HAS_FORM[kind](value) else None
    if missing is None and character is None and wrong_type is None:
        return None
    return WrongValue(missing, character, wrong_type)


def has_wrong_attributes(email: Email, facts: RuleFacts) -> bool:
    """Return whether any custom attribute breaks a rule: the rules share the answer, since most requests break none."""
    configured = facts.custom_attributes
    for one in email.custom_attributes:
        attribute = configured.get(one["name"])
        if attribute is None or find_wrong(one["value"], attribute) is not None:
            return True
    return False


def find_wrong_attributes(email: Email, facts: RuleFacts) -> Iterator[tuple[int, str, WrongValue]]:
    """Yield the configured attributes whose value breaks a rule, in document order: position in the list, name, and why."""
    configured = facts.custom_attributes
    for position, one in enumerate(email.custom_attributes):
        attribute = configured.get(one["name"])
        wrong = None if attribute is None else find_wrong(one["value"], attribute)
        if wrong is not None:
            yield position, one["name"], wrong
