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
    """A source of reference data for ``Engine.validate``.

    Asynchronous code calls ``fetch`` in a thread, so that it does not block other requests, unless the directory has an attribute
    ``answers_at_once`` that is True: its facts are in memory. One that has only some of them in memory, such as a cache, has a
    method ``fetch_at_once(keys)`` that returns them, or None where they must be fetched.

    One with the attribute ``holds_all_facts = True`` returns CheckedFacts of every entity, whatever the keys: the engine need
    not determine these.
    """

    def fetch(self, keys: Keys) -> Facts:
        """Return the facts for the keys of one request."""
        ...


class AsyncDirectory(Protocol):
    """A source of reference data for ``Engine.validate_async``."""

    async def fetch(self, keys: Keys) -> Facts:
        """Return the facts for the keys of one request."""
        ...


def is_asynchronous(directory: object) -> bool:
    """Return whether the facts of a directory must be awaited."""
    return is_awaited(getattr(directory, "fetch", None))


def is_awaited(function: object) -> bool:
    """Return whether the result of a function, or of an object that is called like one, must be awaited."""
    from inspect import iscoroutinefunction  # noqa: PLC0415 - an engine without a directory needs none

    return iscoroutinefunction(function) or iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004 - its function, not whether it has one


async def fetch_async(directory: Directory | AsyncDirectory, keys: Keys) -> Any:
    """Return the answer of a directory of either kind, without blocking other tasks. Raises whatever the directory raises."""
    if getattr(directory, "answers_at_once", False) is True or is_asynchronous(directory) or not _has_asyncio_loop():
        answer: Any = directory.fetch(keys)
    elif (facts := fetch_at_once(directory, keys)) is not None:
        return facts
    else:
        from asyncio import to_thread  # noqa: PLC0415 - a program without a loop needs none

        answer, error = await to_thread(_fetch, directory, keys)
        if error is not None:
            raise error
    return await answer if hasattr(answer, "__await__") else answer


def fetch_at_once(directory: object, keys: Keys) -> Any:
    """Return the facts that a directory has in memory, or None if it must fetch them or does not know."""
    fetch = getattr(directory, "fetch_at_once", None)
    return None if fetch is None else fetch(keys)


def _fetch(directory: Directory | AsyncDirectory, keys: Keys) -> tuple[Any, BaseException | None]:
    """Return the answer of a directory, or its error: some errors, raised in a thread, stop or block the task that waits."""
    try:
        return directory.fetch(keys), None
    except BaseException as error:  # noqa: BLE001 - raised by the caller
        return None, error


def _has_asyncio_loop() -> bool:
    """Return whether asyncio runs the current task; another library, such as trio, has threads of its own."""
    from asyncio import get_running_loop  # noqa: PLC0415 - a program without a loop needs none

    try:
        get_running_loop()
    except RuntimeError:
        return False
    return True
