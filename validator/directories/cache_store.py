"""What a cache knows of the reference data: entities by section and key, each until its time, in bounded memory.

Entities are kept in two generations: what is asked for moves to the young one, and when that is full, the old one is
forgotten as a whole. Reading a young entity is one look-up without a lock. Keys that do not exist have generations of
their own: whoever asks for ever new names displaces nothing but other names that do not exist.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from math import inf
from types import MappingProxyType
from typing import Any, Final

from validator.model.directory import Facts, Keys

KEY_LIMIT: Final = 256  # characters; what is longer is no name that a tenant has configured
SIZE_LEAST: Final = 8  # so that each generation holds something
NO_ENTITIES: Final[Mapping[str, Any]] = MappingProxyType({})

Place = tuple[int, str]  # the index of a section in Keys, and a key
BARE: Final[Place] = (-1, "")  # the place of what holds whatever the keys: settings, and which sections are supplied


class Mark(Enum):
    """What stands in place of an entity."""

    ABSENT = "does not exist"
    UNSUPPLIED = "the section is not supplied"


class TwoGenerationCache:
    """Entries by section and key, at most ``2 * limit``; of those, at least the ``limit`` that were used last."""

    __slots__ = ("_limit", "_lock", "_old", "young")

    def __init__(self, limit: int) -> None:
        """Begin with nothing."""
        self._limit = limit
        self._lock = threading.Lock()
        self.young = _sections()
        self._old = _sections()

    @property
    def entries(self) -> int:
        """How many there are, also those whose time is over."""
        return sum(map(len, self.young + self._old))

    def get(self, section: int, name: str, now: float) -> Any:
        """Return what is kept until after ``now``, or None."""
        entry = self.young[section].get(name)
        if entry is None:
            entry = self._old[section].get(name)
            if entry is not None and entry[0] > now:
                self.put(section, name, entry)
        return entry[1] if entry is not None and entry[0] > now else None

    def put(self, section: int, name: str, entry: tuple[float, Any]) -> None:
        """Keep a value. entry: until when, and the value."""
        with self._lock:
            self.young[section][name] = entry
            if sum(map(len, self.young)) >= self._limit:
                self._old = self.young
                self.young = _sections()


class Kept:
    """Entities, absences, settings, and which sections are supplied. For any number of threads."""

    def __init__(self, ttl: float, absent_ttl: float, size: int, clock: Callable[[], float]) -> None:
        """Begin with nothing. Raises ValueError for lives below 0 or a size below SIZE_LEAST."""
        if not (ttl >= 0 and absent_ttl >= 0):
            raise ValueError(f"a life is at least 0 seconds, not {ttl!r} and {absent_ttl!r}")
        if size < SIZE_LEAST:
            raise ValueError(f"a cache keeps at least {SIZE_LEAST} entries, not {size!r}")
        self.clock = clock
        self._ttl = ttl
        self._absent_ttl = absent_ttl
        self._present = TwoGenerationCache(size * 3 // 8)
        self._absent = TwoGenerationCache(size // 8)
        self._bare: tuple[float, Facts] = (-inf, Facts())

    @property
    def entries(self) -> int:
        """How many entries are held, also those whose time is over: never more than the size."""
        return self._present.entries + self._absent.entries

    def facts(self, keys: Keys) -> Facts | None:
        """Return the facts, or None where something has to be asked for, or needs the closer look of ``assembled``."""
        now = self.clock()
        until, bare = self._bare
        if until <= now:
            return None
        young = self._present.young
        sections: list[Any] = []
        for section, names in enumerate(keys):
            if not names:
                sections.append(bare[section + 1])
                continue
            entries = {}
            for name in names:
                entry = young[section].get(name)
                value = entry[1] if entry is not None and entry[0] > now else self.recall((section, name), now)
                if value is None or value is Mark.UNSUPPLIED:
                    return None
                if value is not Mark.ABSENT:
                    entries[name] = value
            sections.append(entries)
        return Facts(bare.settings, *sections)

    def recall(self, place: Place, now: float) -> Any:
        """Return what is known of a place at this time, or None."""
        section, name = place
        if section < 0:
            until, bare = self._bare
            return bare if until > now else None
        return self._present.get(section, name, now) or self._absent.get(section, name, now)

    def keep(self, values: Mapping[Place, Any], asked: float) -> None:
        """Keep what the source has told. asked: when it was asked, which may be long before it answered."""
        bare = values[BARE]
        if all(part is None for part in bare):
            return  # a source that supplies nothing at all is out of order, as a guard that skips tells it
        until, absent_until = asked + self._ttl, asked + self._absent_ttl
        self._bare = (absent_until if None in bare else until, bare)
        for (section, name), value in values.items():
            if section < 0 or len(name) > KEY_LIMIT:
                continue
            if isinstance(value, Mark):
                self._absent.put(section, name, (absent_until, value))
            else:
                self._present.put(section, name, (until, value))


def places(keys: Keys) -> Iterator[Place]:
    """Yield every place that the facts for some keys are made of."""
    yield BARE
    for section, names in enumerate(keys):
        for name in names:
            yield section, name


def asking(wanted: Iterable[Place]) -> Keys:
    """Return the keys that some places have to be asked for with."""
    names: tuple[list[str], ...] = tuple([] for _ in Keys._fields)
    for section, name in wanted:
        if section >= 0:
            names[section].append(name)
    return Keys(*map(tuple, names))


def told(wanted: Iterable[Place], facts: Facts) -> dict[Place, Any]:
    """Return what a source's answer says of some places, and of BARE."""
    sections = facts[1:]
    values: dict[Place, Any] = {BARE: Facts(facts.settings, *[None if one is None else NO_ENTITIES for one in sections])}
    for section, name in wanted:
        if section >= 0:
            entities: Any = sections[section]
            values[section, name] = Mark.UNSUPPLIED if entities is None else entities.get(name) or Mark.ABSENT
    return values


def assembled(keys: Keys, values: Mapping[Place, Any]) -> Facts:
    """Return the facts for some keys. values: of all their places."""
    bare = values[BARE]
    sections: list[Any] = []
    for section, names in enumerate(keys):
        found = {name: values[section, name] for name in names}
        if Mark.UNSUPPLIED in found.values():
            sections.append(None)
        elif names:
            sections.append({name: value for name, value in found.items() if value is not Mark.ABSENT})
        else:
            sections.append(bare[section + 1])
    return Facts(bare.settings, *sections)


def _sections() -> tuple[dict[str, tuple[float, Any]], ...]:
    return tuple({} for _ in Keys._fields)
