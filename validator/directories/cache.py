"""Directories with a cache: each entity is fetched once per lifetime, however many concurrent requests need it.

Wrap the time limit in the cache, not the other way round: ``Cached(TimeLimited(source))``. Cached answers then need none of the
time limit's threads, and no request waits for another's fetch longer than the time limit.
"""

import asyncio
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from validator.directories.cache_store import CacheStore, Slot, assemble_facts, extract_values, iterate_slots, make_keys
from validator.directories.fork import renew_after_fork
from validator.model.directory import AsyncDirectory, Directory, Facts, Keys
from validator.model.input_types import check_facts

TTL: Final = 60.0  # seconds
ABSENT_TTL: Final = 5.0  # seconds
SIZE: Final = 100_000  # entries


class InterruptedFetchError(RuntimeError):
    """A fetch from the source that several requests waited for was cancelled or stopped."""


class _Fetch(ABC):
    """A fetch from the source and its outcome: values, an error, or neither when it was interrupted."""

    values: Mapping[Slot, Any] | None = None
    _error: Exception | None = None
    _trace: TracebackType | None = None

    def __init__(self) -> None:
        self.slots: dict[Slot, None] = {}

    @abstractmethod
    def is_shareable(self) -> bool:
        """Whether the current caller can wait for it."""

    @abstractmethod
    def finish(self) -> None:
        """Wake all waiters."""

    def set_facts(self, facts: Facts) -> None:
        """Store the answer of the source. Raises InputTypeError for an answer of another type."""
        self.values = extract_values(self.slots, check_facts(facts, make_keys(self.slots)))

    def set_error(self, error: Exception) -> None:
        """Store the error of the source."""
        self._error, self._trace = error, error.__traceback__

    def raise_error(self) -> None:
        """Raise the error of the source, if any, with its original traceback: without the frames of other waiters."""
        if self._error is not None:
            raise self._error.with_traceback(self._trace)


class _ThreadFetch(_Fetch):
    def __init__(self) -> None:
        super().__init__()
        self.finished = threading.Event()

    def is_shareable(self) -> bool:
        return True

    def finish(self) -> None:
        self.finished.set()


class _TaskFetch(_Fetch):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.finished: asyncio.Future[None] = self.loop.create_future()
        self.task: asyncio.Task[None] | None = None

    def is_shareable(self) -> bool:
        return self.loop is asyncio.get_running_loop()

    def finish(self) -> None:
        self.finished.set_result(None)


_F = TypeVar("_F", bound=_Fetch)
_S = TypeVar("_S")


class _Cache(Generic[_S, _F]):
    """The part that both caches share: the store, and the running fetch of each slot."""

    def __init__(
        self,
        directory: _S,
        ttl: float = TTL,
        absent_ttl: float = ABSENT_TTL,
        size: int = SIZE,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wrap a directory.

        ttl: lifetime of entities and settings in seconds, from the start of their fetch.
        absent_ttl: the same for keys that do not exist and sections that are not supplied.
        size: maximum number of entries of all kinds; a quarter is reserved for keys that do not exist. Keys longer than 256
            characters are never cached.
        clock: returns the time in seconds.
        Raises ValueError for a negative lifetime or a size below 8.
        """
        self._directory = directory
        self._arguments = (directory, ttl, absent_ttl, size)
        self._clock = clock
        self._make_store: Callable[[], CacheStore] = lambda: CacheStore(ttl, absent_ttl, size, clock)
        self._renew()
        renew_after_fork(self._renew)

    @property
    def entries(self) -> int:
        """The number of entries, including expired ones: at most the size."""
        return self._store.entries

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the source and the settings; the copy has an empty cache."""
        return partial(type(self), clock=self._clock), self._arguments

    def fetch_at_once(self, keys: Keys) -> Facts | None:
        """Return the facts for the keys if all are in the cache, else None."""
        return self._store.get_facts(keys)

    def _renew(self) -> None:
        self._store = self._make_store()
        self._lock = threading.Lock()
        self._fetches: dict[Slot, _F] = {}

    def _claim(self, keys: Keys, own: _F) -> tuple[dict[Slot, Any], dict[Slot, _F]]:
        """Return the cached values, and by slot the fetch to wait for: a running one, or the caller's own."""
        values: dict[Slot, Any] = {}
        fetches: dict[Slot, _F] = {}
        with self._lock:
            now = self._store.clock()
            for slot in iterate_slots(keys):
                value = self._store.get(slot, now)
                if value is not None:
                    values[slot] = value
                    continue
                fetch = self._fetches.get(slot)
                if fetch is None or not fetch.is_shareable():
                    own.slots[slot] = None
                    fetch = self._fetches[slot] = own
                fetches[slot] = fetch
        return values, fetches

    def _settle(self, fetch: _F, start: float) -> None:
        """End a fetch: store its values, let later requests fetch again, and wake all waiters."""
        with self._lock:
            if fetch.values is not None:
                self._store.put(fetch.values, start)
            for slot in fetch.slots:
                if self._fetches.get(slot) is fetch:
                    del self._fetches[slot]
        fetch.finish()


class Cached(_Cache[Directory, _ThreadFetch]):
    """A Directory that caches the facts of another. Thread-safe.

    Concurrent requests for a key share one fetch. An error of the source is raised to each of them and not cached.
    """

    def fetch(self, keys: Keys) -> Facts:
        """Return the facts for the keys. Raises the errors of the source."""
        facts = self.fetch_at_once(keys)
        while facts is None:
            facts = self._fetch_missing(keys)
        return facts

    def _fetch_missing(self, keys: Keys) -> Facts | None:
        """Fetch keys that are not cached and wait for other threads' fetches; None: one was interrupted, so try again."""
        own = _ThreadFetch()
        start = self._store.clock()
        try:
            values, fetches = self._claim(keys, own)
            if own.slots:
                own.set_facts(self._directory.fetch(make_keys(own.slots)))
        except Exception as error:
            own.set_error(error)
            raise
        finally:
            self._settle(own, start)
        for fetch in dict.fromkeys(fetches.values()):
            fetch.finished.wait()
            fetch.raise_error()
        return _merge(keys, values, fetches)


class AsyncCached(_Cache[AsyncDirectory, _TaskFetch]):
    """An AsyncDirectory that caches the facts of another, for any number of tasks in any number of event loops.

    Concurrent requests of one loop for a key share one fetch. It runs in a separate task, so cancelling a request does not
    affect others. An error of the source is raised to each of them and not cached.
    """

    async def fetch(self, keys: Keys) -> Facts:
        """Return the facts for the keys. Raises the errors of the source, and InterruptedFetchError when it was cancelled."""
        facts = self.fetch_at_once(keys)
        return await self._fetch_missing(keys) if facts is None else facts

    async def _fetch_missing(self, keys: Keys) -> Facts:
        own = _TaskFetch()
        start = self._store.clock()
        values, fetches = self._claim(keys, own)
        if own.slots:
            own.task = own.loop.create_task(self._run(own))
            own.task.add_done_callback(lambda task: self._end(task, own, start))
        for fetch in dict.fromkeys(fetches.values()):
            await asyncio.shield(fetch.finished)
            fetch.raise_error()
        facts = _merge(keys, values, fetches)
        if facts is None:
            raise InterruptedFetchError("the fetch from the source was cancelled")
        return facts

    def _end(self, task: asyncio.Task[None], fetch: _TaskFetch, start: float) -> None:
        if not task.cancelled():
            task.exception()  # retrieve a BaseException, or asyncio would log its text
        self._settle(fetch, start)

    async def _run(self, fetch: _TaskFetch) -> None:
        try:
            fetch.set_facts(await self._directory.fetch(make_keys(fetch.slots)))
        except Exception as error:  # noqa: BLE001 - raised to all waiters
            fetch.set_error(error)


def _merge(keys: Keys, values: dict[Slot, Any], fetches: Mapping[Slot, _Fetch]) -> Facts | None:
    """Return the facts from cached and fetched values, or None when a fetch was interrupted."""
    for slot, fetch in fetches.items():
        if fetch.values is None:
            return None
        values[slot] = fetch.values[slot]
    return assemble_facts(keys, values)
