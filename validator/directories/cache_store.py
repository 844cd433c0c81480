"""Storage of a cache of reference data: entities by section and key, each until it expires, in bounded memory.

Entries live in two generations: a hit moves an entry to the young one, and when that is full, the old one is dropped as a
whole. A hit in the young generation is one lookup without a lock. Absent keys have separate generations, so a flood of unknown
names evicts only other unknown names.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from math import inf
from types import MappingProxyType
from typing import Any, Final

from validator.model.directory import Facts, Keys

MAX_KEY_LENGTH: Final = 256  # characters; no tenant configures a longer name
MIN_SIZE: Final = 8  # so that each generation holds an entry
NO_ENTITIES: Final[Mapping[str, Any]] = MappingProxyType({})

Slot = tuple[int, str]  # the index of a section in Keys, and a key
COMMON: Final[Slot] = (-1, "")  # the slot of facts that do not depend on keys: settings, and which sections are supplied


class Marker(Enum):
    """A value in place of an entity."""

    ABSENT = "does not exist"
    UNSUPPLIED = "the section is not supplied"


class TwoGenerationCache:
    """Entries by section and key, at most ``2 * limit`` of them, with at least the ``limit`` most recently used."""

    __slots__ = ("_limit", "_lock", "_old", "young")

    def __init__(self, limit: int) -> None:
        """Create an empty cache."""
        self._limit = limit
        self._lock = threading.Lock()
        self.young = _empty_sections()
        self._old = _empty_sections()

    @property
    def entries(self) -> int:
        """The number of entries, including expired ones."""
        return sum(map(len, self.young + self._old))

    def get(self, section: int, name: str, now: float) -> Any:
        """Return the value that has not expired at ``now``, or None."""
        entry = self.young[section].get(name)
        if entry is None:
            entry = self._old[section].get(name)
            if entry is not None and entry[0] > now:
                self.put(section, name, entry)
        return entry[1] if entry is not None and entry[0] > now else None

    def put(self, section: int, name: str, entry: tuple[float, Any]) -> None:
        """Store an entry: the time at which it expires, and the value."""
        with self._lock:
            self.young[section][name] = entry
            if sum(map(len, self.young)) >= self._limit:
                self._old = self.young
                self.young = _empty_sections()


class CacheStore:
    """Entities, absent keys, settings, and which sections are supplied. Thread-safe."""

    def __init__(self, ttl: float, absent_ttl: float, size: int, clock: Callable[[], float]) -> None:
        """Create an empty store. Raises ValueError for a negative lifetime or a size below MIN_SIZE."""
        if not (ttl >= 0 and absent_ttl >= 0):
            raise ValueError(f"ttl and absent_ttl must be at least 0 seconds, got {ttl!r} and {absent_ttl!r}")
        if size < MIN_SIZE:
            raise ValueError(f"size must be at least {MIN_SIZE} entries, got {size!r}")
        self.clock = clock
        self._ttl = ttl
        self._absent_ttl = absent_ttl
        self._present = TwoGenerationCache(size * 3 // 8)
        self._absent = TwoGenerationCache(size // 8)
        self._common: tuple[float, Facts] = (-inf, Facts())

    @property
    def entries(self) -> int:
        """The number of entries, including expired ones: at most the size."""
        return self._present.entries + self._absent.entries

    def get_facts(self, keys: Keys) -> Facts | None:
        """Return the facts for the keys, or None when a key must be fetched or a section is not supplied."""
        now = self.clock()
        until, common = self._common
        if until <= now:
            return None
        young = self._present.young
        sections: list[Any] = []
        for section, names in enumerate(keys):
            if not names:
                sections.append(common[section + 1])
                continue
            entries = {}
            for name in names:
                entry = young[section].get(name)
                value = entry[1] if entry is not None and entry[0] > now else self.get((section, name), now)
                if value is None or value is Marker.UNSUPPLIED:
                    return None
                if value is not Marker.ABSENT:
                    entries[name] = value
            sections.append(entries)
        return Facts(common.settings, *sections)

    def get(self, slot: Slot, now: float) -> Any:
        """Return the value of a slot that has not expired at ``now``, or None."""
        section, name = slot
        if section < 0:
            until, common = self._common
            return common if until > now else None
        return self._present.get(section, name, now) or self._absent.get(section, name, now)

    def put(self, values: Mapping[Slot, Any], start: float) -> None:
        """Store the values of a fetch, COMMON among them. start: when the fetch began, from which lifetimes count."""
        common = values[COMMON]
        if all(part is None for part in common):
            return  # the answer of a time limit that skips: the source is unavailable, and its data are unknown
        until, absent_until = start + self._ttl, start + self._absent_ttl
        self._common = (absent_until if None in common else until, common)
        for (section, name), value in values.items():
            if section < 0 or len(name) > MAX_KEY_LENGTH:
                continue
            if isinstance(value, Marker):
                self._absent.put(section, name, (absent_until, value))
            else:
                self._present.put(section, name, (until, value))


def iterate_slots(keys: Keys) -> Iterator[Slot]:
    """Yield every slot that the facts for the keys consist of."""
    yield COMMON
    for section, names in enumerate(keys):
        for name in names:
            yield section, name


def make_keys(slots: Iterable[Slot]) -> Keys:
    """Return the keys that fetch these slots."""
    names: tuple[list[str], ...] = tuple([] for _ in Keys._fields)
    for section, name in slots:
        if section >= 0:
            names[section].append(name)
    return Keys(*map(tuple, names))


def extract_values(slots: Iterable[Slot], facts: Facts) -> dict[Slot, Any]:
    """Return the values of these slots and of COMMON in the facts of a source, as ``check_facts`` returns them."""
    sections = facts[1:]
    values: dict[Slot, Any] = {COMMON: Facts(facts.settings, *[None if one is None else NO_ENTITIES for one in sections])}
    for section, name in slots:
        if section >= 0:
            entities: Any = sections[section]
            if entities is None:
                values[section, name] = Marker.UNSUPPLIED
            else:
                values[section, name] = entities.get(name, Marker.ABSENT)
    return values


def assemble_facts(keys: Keys, values: Mapping[Slot, Any]) -> Facts:
    """Return the facts for the keys from the values of all their slots."""
    common = values[COMMON]
    sections: list[Any] = []
    for section, names in enumerate(keys):
        entries = {name: values[section, name] for name in names}
        if Marker.UNSUPPLIED in entries.values():
            sections.append(None)
        elif names:
            sections.append({name: value for name, value in entries.items() if value is not Marker.ABSENT})
        else:
            sections.append(common[section + 1])
    return Facts(common.settings, *sections)


def _empty_sections() -> tuple[dict[str, tuple[float, Any]], ...]:
    return tuple({} for _ in Keys._fields)
