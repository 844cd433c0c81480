"""Sources of reference data for the tests of caches: they record their calls, and wait or fail as a test demands."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, Keys, MessageCenter, Settings

SETTINGS = Settings(customer_departmentalization=True)
FACTS = Facts(
    SETTINGS,
    {"1": Customer("1", "Service"), "2": Customer("2")},
    {"11": Activity("11", "1")},
    {"a@b.com": Alias("a@b.com", active=True)},
    {"21": MessageCenter("21", active=True)},
    {"priority": CustomAttribute("priority", "text"), "x" * 256: CustomAttribute("x" * 256, "text")},
)


def select_facts(facts: Facts, keys: Keys) -> Facts:
    """Return the facts for exactly these keys: a directory may return more."""
    sections: list[Any] = [
        None if section is None else {name: section[name] for name in names if name in section}
        for section, names in zip(facts[1:], keys, strict=True)
    ]
    return Facts(facts.settings, *sections)


def make_tenant(count: int) -> Facts:
    """Return facts with this many customers."""
    return FACTS._replace(customers={str(n): Customer(str(n)) for n in range(count)})


@dataclass
class Clock:
    """A clock that tests set."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


@dataclass
class Source:
    """A Directory that records its calls and runs a function of the test before it answers."""

    facts: Facts = FACTS
    before: Callable[[Keys], object] = lambda _keys: None
    calls: list[Keys] = field(default_factory=list)

    def fetch(self, keys: Keys) -> Facts:
        """Return the facts for exactly these keys."""
        self.calls.append(keys)
        self.before(keys)
        return select_facts(self.facts, keys)


@dataclass
class AsyncSource:
    """The same as an AsyncDirectory."""

    facts: Facts = FACTS
    before: Callable[[Keys], Any] | None = None
    calls: list[Keys] = field(default_factory=list)

    async def fetch(self, keys: Keys) -> Facts:
        """Return the facts for exactly these keys, one iteration of the loop later."""
        self.calls.append(keys)
        await asyncio.sleep(0)
        if self.before is not None:
            await self.before(keys)
        return select_facts(self.facts, keys)
