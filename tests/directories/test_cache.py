"""Caches of reference data: calls of the source, lifetimes, and bounded memory."""

import asyncio
import copy
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.directories.sources import FACTS, SETTINGS, AsyncSource, Clock, Source, make_tenant, select_facts
from validator import Caller, Request, load
from validator.directories import AsyncCached, Cached, Snapshot, fork
from validator.directories.cache_store import COMMON, CacheStore, Marker, TwoGenerationCache
from validator.directories.fork import renew_after_fork
from validator.errors import InputTypeError
from validator.model.directory import Activity, Customer, Facts, Keys
from validator.operation.home import shipped_fixtures

NO_ENTITIES = Facts(SETTINGS, {}, {}, {}, {}, {})


Fetch = Callable[[Keys], Facts]


@pytest.fixture(params=[Cached, AsyncCached])
def make_cache(request: pytest.FixtureRequest) -> Callable[..., tuple[Fetch, Source | AsyncSource, Clock]]:
    """Return a function that makes a cache of either kind: its fetch, its source and its clock."""

    def make(**settings: Any) -> tuple[Fetch, Source | AsyncSource, Clock]:
        clock = Clock()
        if request.param is Cached:
            source = Source()
            return Cached(source, clock=clock, **settings).fetch, source, clock
        async_source = AsyncSource()
        cache = AsyncCached(async_source, clock=clock, **settings)
        return lambda keys: asyncio.run(cache.fetch(keys)), async_source, clock

    return make


Make = Callable[..., tuple[Fetch, Any, Clock]]


def test_cached_keys_are_not_fetched_again(make_cache: Make) -> None:
    """A second request gets exactly its keys from the cache, existing or not."""
    fetch, source, _ = make_cache()
    keys = Keys(("1", "9"), ("11",), ("a@b.com",), ("21",), ("priority", "none"))
    assert [fetch(keys), fetch(keys), fetch(Keys(("1",)))] == [
        select_facts(FACTS, keys),
        select_facts(FACTS, keys),
        select_facts(FACTS, Keys(("1",))),
    ]
    assert source.calls == [keys]


def test_only_missing_keys_are_fetched(make_cache: Make) -> None:
    """In one call, and without duplicates."""
    fetch, source, _ = make_cache()
    fetch(Keys(("1",), custom_attributes=("priority",)))
    keys = Keys(("2", "1", "2"), ("11",), custom_attributes=("priority", "none"))
    assert fetch(keys) == select_facts(FACTS, keys)
    assert source.calls[1:] == [Keys(("2",), ("11",), custom_attributes=("none",))]


def test_entries_expire(make_cache: Make) -> None:
    """Entities and settings expire exactly after ttl, absent keys after absent_ttl."""
    fetch, source, clock = make_cache(ttl=60, absent_ttl=5)
    keys = Keys(("1", "9"))
    for now in (0, 4.9, 5, 9.9, 10, 59.9):
        clock.now = now
        assert fetch(keys) == select_facts(FACTS, keys)
    assert source.calls == [keys, Keys(("9",)), Keys(("9",)), Keys(("9",))]
    clock.now = 60
    fetch(Keys(("1",)))
    fetch(Keys())
    assert source.calls[4:] == [Keys(("1",))]


def test_lifetime_begins_with_the_fetch(make_cache: Make) -> None:
    """The duration of the fetch counts towards it."""
    fetch, source, clock = make_cache(ttl=60)

    def slow(_keys: Keys) -> None:
        clock.now += 50

    async def slow_async(_keys: Keys) -> None:
        clock.now += 50

    source.before = slow if isinstance(source, Source) else slow_async
    fetch(Keys(("1",)))
    clock.now += 9
    fetch(Keys(("1",)))
    assert len(source.calls) == 1
    clock.now += 1
    fetch(Keys(("1",)))
    assert len(source.calls) == 2


def test_settings_and_supplied_sections_are_cached(make_cache: Make) -> None:
    """For ttl, or for absent_ttl where a section is not supplied."""
    fetch, source, clock = make_cache(ttl=60, absent_ttl=5)
    assert [fetch(Keys()), fetch(Keys())] == [NO_ENTITIES] * 2
    source.facts = FACTS._replace(aliases=None)
    clock.now += 60
    for seconds in (0, 4, 1):
        clock.now += seconds
        assert fetch(Keys()) == NO_ENTITIES._replace(aliases=None)
    assert source.calls == [Keys()] * 3


def test_unsupplied_section_is_cached_for_absent_ttl(make_cache: Make) -> None:
    """It is None for requests with its keys, and fetched again after that."""
    fetch, source, clock = make_cache(ttl=60, absent_ttl=5)
    source.facts = FACTS._replace(customers=None)
    keys = Keys(("1",), ("11",))
    assert [fetch(keys), fetch(keys)] == [select_facts(source.facts, keys)] * 2
    source.facts = FACTS
    clock.now += 5
    assert fetch(keys) == select_facts(FACTS, keys)
    assert source.calls == [keys, Keys(("1",))]


def test_omitted_section_without_keys_may_still_be_supplied(make_cache: Make) -> None:
    """A source may omit sections for which it got no keys; their keys are fetched when needed."""
    fetch, source, _ = make_cache()
    source.facts = FACTS._replace(aliases=None)
    assert fetch(Keys(("1",))).aliases is None
    source.facts = FACTS
    assert fetch(Keys(aliases=("a@b.com",))).aliases == FACTS.aliases


def test_answer_without_any_section_is_not_cached(make_cache: Make) -> None:
    """A time limit that skips answers so: cached entities stay, and others are fetched by the next request."""
    fetch, source, _ = make_cache()
    fetch(Keys(("1",)))
    source.facts = Facts()
    keys = Keys(("1",), ("11",))
    assert fetch(keys) == Facts(SETTINGS, {"1": Customer("1", "Service")}, None, {}, {}, {})
    source.facts = FACTS
    assert fetch(keys) == select_facts(FACTS, keys)
    assert source.calls[1:] == [Keys(activities=("11",))] * 2


def test_invalid_answer_is_raised(make_cache: Make) -> None:
    """A value of another type than an entity's is not stored, None in place of an absent entity neither."""
    fetch, source, _ = make_cache()
    source.facts = FACTS._replace(customers=cast("Any", {"1": None, "2": Customer("2")}))
    with pytest.raises(InputTypeError, match=r"^an entity of Facts\.customers must be Customer, got None$"):
        fetch(Keys(("1", "2")))
    source.facts = cast("Any", (None,) * 6)
    with pytest.raises(InputTypeError):
        Cached(cast("Any", InvalidSource())).fetch(Keys(("1",)))


class InvalidSource:
    """A Directory whose answer is not Facts."""

    def fetch(self, _keys: Keys) -> Any:
        """Return an empty tuple."""
        return ()


def test_error_is_raised_and_not_cached(make_cache: Make) -> None:
    """The next request fetches all keys again."""
    fetch, source, _ = make_cache()

    def fail(_keys: Keys) -> None:
        raise OSError("away")

    async def fail_async(_keys: Keys) -> None:
        raise OSError("away")

    source.before = fail if isinstance(source, Source) else fail_async
    keys = Keys(("1",), ("11",))
    with pytest.raises(OSError, match="away"):
        fetch(keys)
    source.before = Source().before if isinstance(source, Source) else None
    assert fetch(keys) == select_facts(FACTS, keys)
    assert source.calls == [keys, keys]


def test_long_keys_are_not_cached(make_cache: Make) -> None:
    """Keys of 256 characters are cached, longer ones are fetched each time."""
    fetch, source, _ = make_cache()
    keys = Keys(custom_attributes=("x" * 256, "y" * 257))
    assert [fetch(keys), fetch(keys)] == [select_facts(FACTS, keys)] * 2
    assert source.calls == [keys, Keys(custom_attributes=("y" * 257,))]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"ttl": -1}, "^ttl and absent_ttl must be at least 0 seconds, got -1 and 5.0$"),
        ({"absent_ttl": float("nan")}, "^ttl and absent_ttl must be at least 0 seconds, got 60.0 and nan$"),
        ({"size": 7}, "^size must be at least 8 entries, got 7$"),
    ],
)
def test_invalid_settings_are_rejected(settings: dict[str, Any], reason: str) -> None:
    """By the constructor."""
    with pytest.raises(ValueError, match=reason):
        Cached(Source(), **settings)


def test_zero_ttl_disables_the_cache(make_cache: Make) -> None:
    """Each request calls the source."""
    fetch, source, _ = make_cache(ttl=0, absent_ttl=0)
    assert [fetch(Keys(("1", "9"))), fetch(Keys(("1", "9")))] == [select_facts(FACTS, Keys(("1", "9")))] * 2
    assert source.calls == [Keys(("1", "9"))] * 2


@pytest.mark.parametrize("size", [8, 9, 80, 1000])
def test_memory_is_bounded(size: int) -> None:
    """Any number of keys, existing or not, makes no more entries than the size."""
    source = Source(make_tenant(5000))
    cache = Cached(source, size=size)
    most = 0
    for start in range(0, 4000, 50):
        existing = tuple(str(n) for n in range(start, start + 50))
        none = tuple(f"none-{n}" for n in range(start, start + 50))
        keys = Keys(existing, custom_attributes=none)
        assert cache.fetch(keys) == select_facts(source.facts, keys)
        most = max(most, cache.entries)
    assert size // 2 <= most <= size


def test_absent_keys_do_not_evict_entities() -> None:
    """Entities stay cached, used meanwhile or not."""
    source = Source()
    cache = Cached(source, size=8)
    cache.fetch(Keys(("1", "2")))
    for start in range(0, 1000, 100):
        cache.fetch(Keys(custom_attributes=tuple(f"none-{n}" for n in range(start, start + 100))))
    del source.calls[:]
    cache.fetch(Keys(("1", "2")))
    assert source.calls == []


def test_recently_used_entity_is_not_evicted() -> None:
    """An entity requested now and then stays cached among many others; an unused one is evicted."""
    source = Source(make_tenant(5000))
    cache = Cached(source, size=80)
    cache.fetch(Keys(("1", "2")))
    for n in range(100, 4000, 10):
        cache.fetch(Keys(("1", *map(str, range(n, n + 10)))))
    assert Counter(name for keys in source.calls for name in keys.customers)["1"] == 1
    del source.calls[:]
    cache.fetch(Keys(("1", "2")))
    assert source.calls == [Keys(("2",))]


def test_two_generation_cache_evicts_least_recently_used() -> None:
    """Between ``limit`` and twice as many entries stay, those used last among them; expired ones are not promoted."""
    cache = TwoGenerationCache(3)
    for name in "abc":
        cache.put(0, name, (10, name))
    assert [cache.get(0, name, 9) for name in "abc"] == ["a", "b", "c"]
    cache.put(0, "d", (10, "d"))
    assert cache.entries == 4
    assert [cache.get(0, name, 9) for name in "abcd"] == ["a", "b", None, "d"]
    assert [cache.get(0, "d", 10), cache.get(1, "d", 9), cache.get(0, "e", 9)] == [None, None, None]


@pytest.mark.parametrize("kind", [Cached, AsyncCached])
def test_copy_has_the_settings_and_the_clock(kind: Any) -> None:
    """And the source."""
    source, clock = Source(), Clock(7)
    other = copy.copy(kind(source, 60, 5, 8, clock=clock))
    assert (type(other), other._arguments, other._clock) == (kind, (source, 60, 5, 8), clock)


def test_expired_entry_is_not_promoted() -> None:
    """It expires exactly at its time, and is not stored a second time."""
    cache = TwoGenerationCache(2)
    cache.put(0, "a", (10, "a"))
    cache.put(0, "b", (10, "b"))
    assert (cache.get(0, "a", 10), cache.entries) == (None, 2)
    assert (cache.get(0, "a", 9), cache.entries) == ("a", 3)


@pytest.mark.parametrize("size", [8, 9, 15, 16, 100])
@pytest.mark.parametrize(("value", "eighths"), [(Customer("1"), 3), (Marker.ABSENT, 1)])
def test_absent_keys_have_a_quarter_of_the_store(size: int, value: Any, eighths: int) -> None:
    """A generation of entities has three eighths of the size, and one of absent keys has one, rounded down."""
    store, most = CacheStore(10, 10, size, lambda: 0), 0
    for number in range(3 * size):
        store.put({COMMON: NO_ENTITIES, (0, str(number)): value}, 0)
        most = max(most, store.entries)
    assert most == 2 * (size * eighths // 8) - 1


def test_store_answers_from_its_entries() -> None:
    """But not for keys that it does not have, nor for sections that are not supplied."""
    store = CacheStore(10, 5, 80, lambda: 4)
    activity = Activity("11", "1")
    store.put({COMMON: NO_ENTITIES, (0, "1"): Customer("1"), (0, "9"): Marker.ABSENT, (1, "11"): activity}, 0)
    store.put({COMMON: NO_ENTITIES, (2, "a@b.com"): Marker.UNSUPPLIED}, 0)
    assert store.get_facts(Keys(("1", "9"))) == NO_ENTITIES._replace(customers={"1": Customer("1")})
    assert store.get_facts(Keys((), ("11",))) == NO_ENTITIES._replace(activities={"11": activity})
    assert store.get_facts(Keys(("1", "2"))) is None
    assert store.get_facts(Keys(aliases=("a@b.com",))) is None


def test_surplus_facts_are_ignored() -> None:
    """Of a source that returns all its facts, like a snapshot, only the requested entities are returned and cached."""
    cache = Cached(Snapshot(make_tenant(5000)))
    assert cache.fetch(Keys(("7",))).customers == {"7": Customer("7")}
    assert cache.entries == 1


def test_returned_mapping_can_be_changed() -> None:
    """Changing it affects no other caller."""
    cache = Cached(Source())
    for _ in range(3):
        facts = cache.fetch(Keys(("1",)))
        assert facts.customers == {"1": Customer("1", "Service")}
        cast("dict[str, Customer]", facts.customers).clear()
    with pytest.raises(TypeError):
        cast("Any", facts.aliases)["a@b.com"] = 1


# Comparison with a model

NAMES = st.lists(st.sampled_from(["1", "2", "3", "x" * 257]), max_size=3).map(tuple)
KEYS = st.tuples(NAMES, NAMES).map(lambda names: Keys(*names))
IDS = st.sampled_from(["1", "2", "3"])
STEPS = st.lists(
    st.one_of(
        KEYS,
        st.integers(1, 7),
        st.tuples(
            st.sampled_from([SETTINGS, None]),
            st.none()
            | st.dictionaries(IDS, st.integers(1, 9).map(str)).map(lambda ones: {n: Customer(n, ones[n]) for n in ones}),
            st.none() | st.sets(IDS).map(lambda ids: {n: Activity(n, "1") for n in ids}),
        ).map(lambda parts: Facts(*parts)),
    ),
    max_size=30,
)


class Model:
    """The simplest correct cache: one dictionary of slots, without limits and locks."""

    def __init__(self) -> None:
        self.now = 0
        self.entries: dict[Any, tuple[int, Any]] = {}

    def is_missing(self, slot: Any) -> bool:
        """Whether a slot must be fetched."""
        return slot not in self.entries or self.entries[slot][0] <= self.now

    def fetch(self, keys: Keys, source: Facts) -> tuple[list[Keys], Facts]:
        """Return the calls of the source, and the answer."""
        wanted = [tuple(dict.fromkeys(name for name in names if self.is_missing((at, name)))) for at, names in enumerate(keys)]
        calls = [Keys(*wanted)] if any(wanted) or self.is_missing("common") else []
        before = {} if self.is_missing("common") else {"common": self.entries["common"]}
        entries = (self.store(calls[0], source) if calls else self.entries) | before
        common = entries["common"][1]
        sections: list[Any] = []
        for at, names in enumerate(keys):
            section = {name: entries[at, name][1] for name in names}
            if not names:
                sections.append({} if common[at + 1] else None)
            elif None in section.values():
                sections.append(None)
            else:
                sections.append({name: value for name, value in section.items() if value != "absent"})
        return calls, Facts(common[0], *sections)

    def store(self, keys: Keys, source: Facts) -> dict[Any, tuple[int, Any]]:
        """Fetch some keys, store the entries that may be cached, and return these and all others."""
        supplied = (source.settings, *(section is not None for section in source[1:]))
        new: dict[Any, tuple[int, Any]] = {"common": (self.now + (10 if all(supplied) else 3), supplied)}
        for at, names in enumerate(keys):
            section: Any = source[at + 1]
            for name in names:
                value = None if section is None else section.get(name, "absent")
                new[at, name] = (self.now + (3 if value in {None, "absent"} else 10), value)
        both = self.entries | new
        if any(supplied):
            self.entries |= {slot: entry for slot, entry in new.items() if slot == "common" or len(slot[1]) <= 256}
        return both


@given(STEPS)
def test_cache_behaves_like_its_model(steps: list[Any]) -> None:
    """For any sequence of requests, changes of the source and pauses: the same calls and the same answers."""
    model, clock, source = Model(), Clock(0), Source(NO_ENTITIES)
    cache = Cached(source, 10, 3, clock=clock)
    for step in steps:
        if isinstance(step, Keys):
            del source.calls[:]
            assert model.fetch(step, source.facts)[::-1] == (cache.fetch(step), source.calls)
        elif isinstance(step, Facts):
            source.facts = step._replace(aliases={}, message_centers={}, custom_attributes={}) if step.settings else step
        else:
            clock.now += step
            model.now += step


# With an engine, and after a fork


def test_engine_reports_the_same_with_a_cache() -> None:
    """As with the snapshot itself, also when all facts are cached."""
    tenant = Snapshot.from_file(shipped_fixtures() / "directory.json")
    plain, with_cache = load("create-email-response", tenant), load("create-email-response", Cached(tenant))
    with_async_cache = load("create-email-response", AsyncCached(AsyncSource(tenant.facts)))
    bodies = [path.read_bytes() for path in sorted((shipped_fixtures() / "create-email-response").rglob("*.json"))]
    requests = [Request("2001", query, (), body, Caller.customer("1001")) for body in bodies for query in ("", "customer=1002")]
    expected = [plain.validate(one) for one in requests]

    async def validate() -> list[Any]:
        return [await with_async_cache.validate_async(one) for one in requests]

    for _ in range(2):
        assert [with_cache.validate(one) for one in requests] == expected
    assert asyncio.run(validate()) == expected


FORKED = """
import os, threading
from validator.directories.cache import Cached
from validator.model.directory import Facts, Keys

class Source:
    def fetch(self, keys):
        started.set()
        go.wait()
        return Facts()

started, go = threading.Event(), threading.Event()
cache = Cached(Source())
thread = threading.Thread(target=cache.fetch, args=(Keys(("1",)),))
thread.start()
started.wait()
child = os.fork()
if child == 0:
    go.set()
    print(cache.fetch(Keys(("1",))), flush=True)
    os._exit(0)
print(os.waitpid(child, 0)[1])
go.set()
thread.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_forked_process_fetches_again() -> None:
    """A child process does not wait for a fetch of its parent's threads."""
    outcome = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=60, check=True)
    assert outcome.stdout == f"{Facts()}\n0\n"


def test_renewal_after_fork_ends_with_its_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registered function lives as long as the process, and does not keep the object alive."""
    registered: list[Callable[[], None]] = []

    def register(*, after_in_child: Callable[[], None]) -> None:
        registered.append(after_in_child)

    monkeypatch.setattr("os.register_at_fork", register, raising=False)
    fork._register.cache_clear()
    renewals = []

    class Renewable:
        def renew(self) -> None:
            renewals.append(1)

    one, other = Renewable(), Renewable()
    before = len(fork._RENEWALS)
    for each in (one, other):
        renew_after_fork(each.renew)
    registered[0]()
    assert (len(registered), renewals, len(fork._RENEWALS)) == (1, [1, 1], before + 2)
    del one, other, each
    registered[0]()
    assert (len(renewals), len(fork._RENEWALS)) == (2, before)
    monkeypatch.delattr("os.register_at_fork")
    fork._register.cache_clear()
    renew_after_fork(Renewable().renew)
    assert len(registered) == 1
