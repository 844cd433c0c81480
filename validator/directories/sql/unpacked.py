"""From facts to the rows of the tables."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from validator.model.directory import CustomAttribute, Customer, Facts, MessageCenter

from .tables import (
    ACTIVITIES,
    ADDRESSES,
    ALIASES,
    CUSTOM_ATTRIBUTES,
    CUSTOMERS,
    ISSUE_TYPES,
    MAY_ACT_FOR,
    MESSAGE_CENTERS,
    SECTIONS,
    SETTINGS,
    SUPPLIED,
    VALUES,
    Table,
)

Values = tuple[Any, ...]


def unpacked(facts: Facts) -> Iterator[tuple[Table, Iterable[Values]]]:
    """Return each table with its rows, in an order that references allow."""
    supplied = [name for name in SECTIONS if getattr(facts, name) is not None]
    yield SUPPLIED, ((name,) for name in supplied)
    yield SETTINGS, () if facts.settings is None else ((1, facts.settings.customer_departmentalization),)
    yield from _of_customers(facts.customers or {})
    yield ACTIVITIES, (facts.activities or {}).values()
    yield ALIASES, (facts.aliases or {}).values()
    yield from _of_message_centers(facts.message_centers or {})
    yield from _of_custom_attributes(facts.custom_attributes or {})


def _of_customers(customers: Mapping[str, Customer]) -> Iterator[tuple[Table, Iterable[Values]]]:
    yield CUSTOMERS, ((one.id, one.department) for one in customers.values())
    yield ADDRESSES, ((one.id, address) for one in customers.values() for address in one.email_addresses)
    yield MAY_ACT_FOR, ((one.id, other) for one in customers.values() for other in one.may_act_for)


def _of_message_centers(centers: Mapping[str, MessageCenter]) -> Iterator[tuple[Table, Iterable[Values]]]:
    yield MESSAGE_CENTERS, ((one.id, one.active, one.department) for one in centers.values())
    yield ISSUE_TYPES, ((one.id, issue_type) for one in centers.values() for issue_type in one.issue_types)


def _of_custom_attributes(attributes: Mapping[str, CustomAttribute]) -> Iterator[tuple[Table, Iterable[Values]]]:
    yield (
        CUSTOM_ATTRIBUTES,
        ((one.name, one.type, one.values is not None, _joined(one.allowed_characters)) for one in attributes.values()),
    )
    yield VALUES, ((one.name, *numbered) for one in attributes.values() for numbered in enumerate(sorted(one.values or ())))


def _joined(characters: frozenset[str] | None) -> str | None:
    return None if characters is None else "".join(sorted(characters))
