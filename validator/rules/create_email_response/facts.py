"""The reference data as rules see it: what was supplied, and what it says of one email."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from validator.model.directory import Activity, Alias, CustomAttribute, Customer, MessageCenter, Settings
from validator.model.pointer import Path

from .email import CUSTOM_ATTRIBUTES, Email


class Supplied(Protocol):
    """The Facts as a rule sees them: the sections that it declares to need are there."""

    settings: Settings
    customers: Mapping[str, Customer]
    activities: Mapping[str, Activity]
    aliases: Mapping[str, Alias]
    message_centers: Mapping[str, MessageCenter]
    custom_attributes: Mapping[str, CustomAttribute]


def active_alias(email: Email, facts: Supplied) -> Alias | None:
    """Return the active alias that the receiver is; an address that is not valid is none."""
    if email.receiver is None or email.receiver.standing != "valid":
        return None
    alias = facts.aliases.get(email.receiver.text.casefold())
    return alias if alias is not None and alias.active else None


def active_center(email: Email, facts: Supplied) -> MessageCenter | None:
    """Return the active message center that the email names, or None."""
    center = facts.message_centers.get(email.message_center or "")
    return center if center is not None and center.active else None


def is_of_the_customers_department(department: str | None, email: Email, facts: Supplied) -> bool:
    """Return whether a department is the acting customer's; no department is nobody's."""
    customer = facts.customers.get(email.acting)
    return department is not None and customer is not None and customer.department == department


def configured_values(email: Email, facts: Supplied) -> Iterator[tuple[Path, str, CustomAttribute]]:
    """Yield the path of the value, the value, and what is configured, of each attribute that is configured."""
    for index, one in enumerate(email.attributes):
        configured = facts.custom_attributes.get(one["name"])
        if configured is not None:
            yield (*CUSTOM_ATTRIBUTES, index, "value"), one["value"], configured
