"""Reference data that rules need, fetched in one call for each request (contract, section 6)."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class Customer(NamedTuple):
    """A customer. email_addresses: compared as mailboxes, so any equivalent address will do; may_act_for: IDs of customers."""

    id: str
    department: str | None = None
    email_addresses: frozenset[str] = frozenset()
    may_act_for: frozenset[str] = frozenset()


class Activity(NamedTuple):
    """An existing activity and the ID of the customer who sees it."""

    id: str
    customer: str


class Alias(NamedTuple):
    """An email address of the business."""

    address: str
    active: bool
    department: str | None = None


class MessageCenter(NamedTuple):
    """A message center and the IDs of the issue types associated with it."""

    id: str
    active: bool
    department: str | None = None
    issue_types: frozenset[str] = frozenset()


class CustomAttribute(NamedTuple):
    """A configured custom attribute. values: None unless enumerated; allowed_characters: None for the default."""

    name: str
    type: str  # text, integer, decimal, boolean or date
    values: frozenset[str] | None = None
    allowed_characters: frozenset[str] | None = None


class Settings(NamedTuple):
    """Settings of the tenant."""

    customer_departmentalization: bool


class Keys(NamedTuple):
    """Keys of the entities that one request refers to. aliases: mailboxes, as ``normalize_mailbox`` returns them."""

    customers: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    message_centers: tuple[str, ...] = ()
    custom_attributes: tuple[str, ...] = ()


class Facts(NamedTuple):
    """The answer of a directory: the entities of each section by key, or None where the section is not supplied.

    A section may contain more than the requested entities; a key that it does not contain does not exist. The keys of aliases
    are best the requested ones, although any equivalent address is found.
    """

    settings: Settings | None = None
    customers: Mapping[str, Customer] | None = None
    activities: Mapping[str, Activity] | None = None
    aliases: Mapping[str, Alias] | None = None
    message_centers: Mapping[str, MessageCenter] | None = None
    custom_attributes: Mapping[str, CustomAttribute] | None = None


class CheckedFacts(Facts):
    """Facts of which every entity has the right types, so that no request checks them again. Changed ones are plain Facts."""

    __slots__ = ()

    def _replace(self, **sections: Any) -> Facts:  # type: ignore[override]
        return Facts(*self)._replace(**sections)

    def __repr__(self) -> str:
        """Return the text for plain Facts."""
        return repr(Facts(*self))


class Directory(Protocol):
    """A source of reference data for ``Engine.validate``."""

    def fetch(self, keys: Keys) -> Facts:
        """Return the facts for the keys of one request."""
        ...


class AsyncDirectory(Protocol):
    """A source of reference data for ``Engine.validate_async``."""

    async def fetch(self, keys: Keys) -> Facts:
        """Return the facts for the keys of one request."""
        ...
