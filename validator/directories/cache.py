"""Directories that remember: each entity is asked for once in its lifetime, however many requests need it at a time.

Where a source has a time limit too, the cache stands outside: ``Cached(TimeLimited(source))``. What is known is then answered
without a guard's thread, and nobody waits longer for another request's question than the guard waits for the source.
"""

import asyncio
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from validator.directories.cache_store import Kept, Place, asking, assembled, places, told
from validator.directories.fork import renew_after_fork
from validator.model.directory import AsyncDirectory, Directory, Facts, Keys

TTL: Final = 60.0
ABSENT_TTL: Final = 5.0
SIZE: Final = 100_000


class InterruptedFetchError(RuntimeError):
    """The source was being asked for several requests, and the asking was cancelled or stopped."""


class _Flight(ABC):
    """One question to the source, and what became of it: values, an error, or neither when it was interrupted."""

    values: Mapping[Place, Any] | None = None
    _error: Exception | None = None
    _trace: TracebackType | None = None

    def __init__(self) -> None:
        self.asked: dict[Place, None] = {}

    @abstractmethod
    def serves(self) -> bool:
        """Whether the caller can wait for it."""

    @abstractmethod
    def land(self) -> None:
        """Wake all that wait for it."""

    def take(self, facts: Facts) -> None:
        """Take the answer of the source. Raises what reading a wrong answer raises."""
        self.values = told(self.asked, facts)

    def fail(self, error: Exception) -> None:
        """Take an error of the source."""
        self._error, self._trace = error, error.__traceback__

    def raise_error(self) -> None:
        """Raise the error of the source, if there was one; each time with the trace of where it arose."""
        if self._error is not None:
            raise self._error.with_traceback(self._trace)


class _ThreadFlight(_Flight):
    def __init__(self) -> None:
        super().__init__()
        self.landed = threading.Event()

    def serves(self) -> bool:
        return True

    def land(self) -> None:
        self.landed.set()


class _TaskFlight(_Flight):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.landed: asyncio.Future[None] = self.loop.create_future()
        self.task: asyncio.Task[None] | None = None

    def serves(self) -> bool:
        return self.loop is asyncio.get_running_loop()

    def land(self) -> None:
        self.landed.set_result(None)


_F = TypeVar("_F", bound=_Flight)
_S = TypeVar("_S")


class _Cache(Generic[_S, _F]):
    """What both caches share: what is known, and which questions are under way for which places."""

    def __init__(
        self,
        directory: _S,
        ttl: float = TTL,
        absent_ttl: float = ABSENT_TTL,
        size: int = SIZE,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wrap a source of reference data.

        ttl: how long an entity, and the settings, are taken for true from the moment they were asked for.
        absent_ttl: the same for keys that do not exist and sections that are not supplied.
        size: the most entries that are kept, of every kind together; a quarter of them for keys that do not exist. Keys of
            more than 256 characters are never kept.
        Raises ValueError for a negative time, or a size below 8.
        """
        self._directory = directory
        self._begin: Callable[[], Kept] = lambda: Kept(ttl, absent_ttl, size, clock)
        self._renew()
        renew_after_fork(self._renew)

    @property
    def entries(self) -> int:
        """How many entries are held, also those whose time is over: never more than the size."""
        return self._kept.entries

    def _renew(self) -> None:
        self._kept = self._begin()
        self._lock = threading.Lock()
        self._flights: dict[Place, _F] = {}

    def _claim(self, keys: Keys, own: _F) -> tuple[dict[Place, Any], dict[Place, _F]]:
        """Return what is known, and the flight to wait for by place; what nobody asks for yet becomes the own flight's."""
        values: dict[Place, Any] = {}
        flights: dict[Place, _F] = {}
        with self._lock:
            now = self._kept.clock()
            for place in places(keys):
                value = self._kept.recall(place, now)
                if value is not None:
                    values[place] = value
                    continue
                flight = self._flights.get(place)
                if flight is None or not flight.serves():
                    own.asked[place] = None
                    flight = self._flights[place] = own
                flights[place] = flight
        return values, flights

    def _settle(self, flight: _F, asked: float) -> None:
        """End a flight: keep its answer, let later requests ask anew, and wake all that wait."""
        with self._lock:
            if flight.values is not None:
                self._kept.keep(flight.values, asked)
            for place in flight.asked:
                if self._flights.get(place) is flight:
                    del self._flights[place]
        flight.land()


class Cached(_Cache[Directory, _ThreadFlight]):
    """A Directory that remembers what its source told. For any number of threads.

    An error of the source is raised to every request that waits for the answer, and not remembered.
    """

    def fetch(self, keys: Keys) -> Facts:
        """Return the facts for the keys. Raises what the source raises."""
        facts = self._kept.facts(keys)
        while facts is None:
            facts = self._missed(keys)
        return facts

    def _missed(self, keys: Keys) -> Facts | None:
        """Ask for what is not known and wait for what others ask; None: another's flight was interrupted, so try again."""
        own = _ThreadFlight()
        asked = self._kept.clock()
        try:
            values, flights = self._claim(keys, own)
            if own.asked:
                own.take(self._directory.fetch(asking(own.asked)))
        except Exception as error:
            own.fail(error)
            raise
        finally:
            self._settle(own, asked)
        for flight in dict.fromkeys(flights.values()):
            flight.landed.wait()
            flight.raise_error()
        return _joined(keys, values, flights)


class AsyncCached(_Cache[AsyncDirectory, _TaskFlight]):
    """An AsyncDirectory that remembers what its source told. For any number of tasks; loops do not wait for each other.

    The source is asked by a task of its own: who cancels a request takes no other request down. An error of the source is
    raised to every request that waits for the answer, and not remembered.
    """

    async def fetch(self, keys: Keys) -> Facts:
        """Return the facts for the keys. Raises what the source raises, or InterruptedFetchError when its task is cancelled."""
        facts = self._kept.facts(keys)
        return await self._missed(keys) if facts is None else facts

    async def _missed(self, keys: Keys) -> Facts:
        own = _TaskFlight()
        asked = self._kept.clock()
        values, flights = self._claim(keys, own)
        if own.asked:
            own.task = own.loop.create_task(self._ask(own))
            own.task.add_done_callback(lambda task: self._end(task, own, asked))
        for flight in dict.fromkeys(flights.values()):
            await asyncio.shield(flight.landed)
            flight.raise_error()
        facts = _joined(keys, values, flights)
        if facts is None:
            raise InterruptedFetchError("the source was no longer asked")
        return facts

    def _end(self, task: asyncio.Task[None], flight: _TaskFlight, asked: float) -> None:
        if not task.cancelled():
            task.exception()  # what is no Exception has been looked at: asyncio need not log its text
        self._settle(flight, asked)

    async def _ask(self, flight: _TaskFlight) -> None:
        try:
            flight.take(await self._directory.fetch(asking(flight.asked)))
        except Exception as error:  # noqa: BLE001 - it is raised to all that wait
            flight.fail(error)


def _joined(keys: Keys, values: dict[Place, Any], flights: Mapping[Place, _Flight]) -> Facts | None:
    """Return the facts from what was known and what landed; None where a flight was interrupted."""
    for place, flight in flights.items():
        if flight.values is None:
            return None
        values[place] = flight.values[place]
    return assembled(keys, values)
