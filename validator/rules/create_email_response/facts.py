"""Reference data of one email: the keys to fetch, and look-ups that several rules share (contract, section 6)."""

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeVar

from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, Keys, MessageCenter, Settings
from validator.model.pointer import Path

from .email import CUSTOM_ATTRIBUTES, Email

Entity = TypeVar("Entity")


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
    mailbox = _find_mailbox(email)
    return Keys(
        (email.caller,) if email.acting_customer == email.caller else (email.acting_customer, email.caller),
        (email.activity,),
        () if mailbox is None else (mailbox,),
        () if email.message_center is None else (email.message_center,),
        tuple(email.custom_attribute_names),
    )


def department(email: Email, facts: Facts) -> str | None:
    """Return the department of the activity: the message center's, else the alias's, else the acting customer's.

    None when none of them has one, or when a section that comes first was not supplied: the next one would be a guess.
    """
    if email.message_center is not None:
        center = _look_up(facts.message_centers, email.message_center)
        if center is None or center.department is not None:
            return None if center is None else center.department
    mailbox = _find_mailbox(email)
    if mailbox is not None:
        alias = _look_up(facts.aliases, mailbox)
        if alias is None or alias.department is not None:
            return None if alias is None else alias.department
    customer = _look_up(facts.customers, email.acting_customer)
    return None if customer is None else customer.department


def _look_up(section: Mapping[str, Entity] | None, key: str) -> Entity | None:
    """Return an entity, or None when it does not exist or its section was not supplied."""
    return None if section is None else section.get(key)


def find_active_alias(email: Email, facts: RuleFacts) -> Alias | None:
    """Return the active alias of the receiver's address; None when there is no such alias or the address is not valid."""
    mailbox = _find_mailbox(email)
    alias = None if mailbox is None else facts.aliases.get(mailbox)
    return alias if alias is not None and alias.active else None


def find_active_center(email: Email, facts: RuleFacts) -> MessageCenter | None:
    """Return the active message center that the email names, or None."""
    center = None if email.message_center is None else facts.message_centers.get(email.message_center)
    return center if center is not None and center.active else None


def is_acting_customers_department(department: str | None, email: Email, facts: RuleFacts) -> bool:
    """Return whether a department is the acting customer's; two without a department do not match."""
    customer = facts.customers.get(email.acting_customer)
    return department is not None and customer is not None and customer.department == department


def configured_values(email: Email, facts: RuleFacts) -> Iterator[tuple[Path, str, CustomAttribute]]:
    """Yield the path of the value, the value, and the configuration, of each custom attribute that is configured."""
    for index, one in enumerate(email.custom_attributes):
        configured = facts.custom_attributes.get(one["name"])
        if configured is not None:
            yield (*CUSTOM_ATTRIBUTES, index, "value"), one["value"], configured


def _find_mailbox(email: Email) -> str | None:
    """Return the mailbox of a receiver with a valid address, or None."""
    return None if email.receiver is None else email.receiver.mailbox
