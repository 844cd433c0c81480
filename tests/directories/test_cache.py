"""Directories that remember: what is asked for, how often, and what becomes of those that wait."""

import asyncio
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator import Caller, Request, load
from validator.directories.cache import AsyncCached, Cached, InterruptedFetchError
from validator.directories.cache_store import TwoGenerationCache
from validator.directories.fork import renew_after_fork
from validator.directories.snapshot import Snapshot
from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, Keys, MessageCenter, Settings
from validator.operation.home import shipped_fixtures

GUARD = 60  # seconds, after which what hangs is a failure
SETTINGS = Settings(customer_departmentalization=True)
FACTS = Facts(
    SETTINGS,
    {"1": Customer("1", "Service"), "2": Customer("2")},
    {"11": Activity("11", "1")},
    {"a@b.com": Alias("a@b.com", active=True)},
    {"21": MessageCenter("21", active=True)},
    {"priority": CustomAttribute("priority", "text"), "x" * 256: CustomAttribute("x" * 256, "text")},
)
NOTHING_ASKED = Facts(SETTINGS, {}, {}, {}, {}, {})


def asked_for(keys: Keys, facts: Facts) -> Facts:
    """Return exactly what the keys ask for."""
    sections: list[Any] = [
        None if section is None else {name: section[name] for name in names if name in section}
        for names, section in zip(keys, facts[1:], strict=True)
    ]
    return Facts(facts.settings, *sections)


@dataclass
class Clock:
    """A clock that tests set."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Return the time, in seconds."""
        return self.now


@dataclass
class Source:
    """A Directory that notes what it is asked, and does first what a test wants."""

    facts: Facts = FACTS
    first: Callable[[Keys], object] = lambda _keys: None
    asked: list[Keys] = field(default_factory=list)

    def fetch(self, keys: Keys) -> Facts:
        """Return exactly what is asked for."""
        self.asked.append(keys)
        self.first(keys)
        return asked_for(keys, self.facts)


@dataclass
class AsyncSource:
    """An AsyncDirectory of the same kind."""

    facts: Facts = FACTS
    first: Callable[[Keys], Any] | None = None
    asked: list[Keys] = field(default_factory=list)

    async def fetch(self, keys: Keys) -> Facts:
        """Return exactly what is asked for, a turn of the loop later."""
        self.asked.append(keys)
        await asyncio.sleep(0)
        if self.first is not None:
            await self.first(keys)
        return asked_for(keys, self.facts)


Fetch = Callable[[Keys], Facts]


@pytest.fixture(params=[Cached, AsyncCached])
def cached(request: pytest.FixtureRequest) -> Callable[..., tuple[Fetch, Source | AsyncSource, Clock]]:
    """Return what makes a cache of either kind: its fetch, its source and its clock."""

    def make(**settings: Any) -> tuple[Fetch, Source | AsyncSource, Clock]:
        clock = Clock()
        if request.param is Cached:
            source = Source()
            return Cached(source, clock=clock, **settings).fetch, source, clock
        later = AsyncSource()
        cache = AsyncCached(later, clock=clock, **settings)
        return lambda keys: asyncio.run(cache.fetch(keys)), later, clock

    return make


Make = Callable[..., tuple[Fetch, Any, Clock]]


def test_what_is_known_is_not_asked_for_again(cached: Make) -> None:
    """A second request is answered from memory, with exactly what it asks for; existing or not."""
    fetch, source, _ = cached()
    keys = Keys(("1", "9"), ("11",), ("a@b.com",), ("21",), ("priority", "none"))
    assert [fetch(keys), fetch(keys), fetch(Keys(("1",)))] == [
        asked_for(keys, FACTS),
        asked_for(keys, FACTS),
        asked_for(Keys(("1",)), FACTS),
    ]
    assert source.asked == [keys]


def test_only_what_is_not_known_is_asked_for(cached: Make) -> None:
    """In one call; a key that is named twice once."""
    fetch, source, _ = cached()
    fetch(Keys(("1",), custom_attributes=("priority",)))
    keys = Keys(("2", "1", "2"), ("11",), custom_attributes=("priority", "none"))
    assert fetch(keys) == asked_for(keys, FACTS)
    assert source.asked[1:] == [Keys(("2",), ("11",), custom_attributes=("none",))]


def test_lives(cached: Make) -> None:
    """An entity and the settings live for their time, a key that does not exist for its shorter one, to the instant."""
    fetch, source, clock = cached(ttl=60, absent_ttl=5)
    keys = Keys(("1", "9"))
    for now in (0, 4.9, 5, 9.9, 10, 59.9):
        clock.now = now
        assert fetch(keys) == asked_for(keys, FACTS)
    assert source.asked == [keys, Keys(("9",)), Keys(("9",)), Keys(("9",))]
    clock.now = 60
    fetch(Keys(("1",)))
    fetch(Keys())
    assert source.asked[4:] == [Keys(("1",))]


def test_a_life_begins_when_the_source_is_asked(cached: Make) -> None:
    """How long its answer takes counts."""
    fetch, source, clock = cached(ttl=60)

    def slow(_keys: Keys) -> None:
        clock.now += 50

    async def slow_later(_keys: Keys) -> None:
        clock.now += 50

    source.first = slow if isinstance(source, Source) else slow_later
    fetch(Keys(("1",)))
    clock.now += 9
    fetch(Keys(("1",)))
    assert len(source.asked) == 1
    clock.now += 1
    fetch(Keys(("1",)))
    assert len(source.asked) == 2


def test_what_needs_no_key_is_remembered_too(cached: Make) -> None:
    """The settings, and which sections are supplied; where one is not, for the shorter time."""
    fetch, source, clock = cached(ttl=60, absent_ttl=5)
    assert [fetch(Keys()), fetch(Keys())] == [NOTHING_ASKED] * 2
    source.facts = FACTS._replace(aliases=None)
    clock.now += 60
    for later in (0, 4, 1):
        clock.now += later
        assert fetch(Keys()) == NOTHING_ASKED._replace(aliases=None)
    assert source.asked == [Keys()] * 3


def test_a_section_that_is_not_supplied(cached: Make) -> None:
    """It is None to whoever asks for one of its keys, and asked for again after the shorter time."""
    fetch, source, clock = cached(ttl=60, absent_ttl=5)
    source.facts = FACTS._replace(customers=None)
    keys = Keys(("1",), ("11",))
    assert [fetch(keys), fetch(keys)] == [asked_for(keys, source.facts)] * 2
    source.facts = FACTS
    clock.now += 5
    assert fetch(keys) == asked_for(keys, FACTS)
    assert source.asked == [keys, Keys(("1",))]


def test_a_section_that_nobody_asked_for_may_still_be_supplied(cached: Make) -> None:
    """A source may leave out sections without keys: that says nothing of their keys."""
    fetch, source, _ = cached()
    source.facts = FACTS._replace(aliases=None)
    assert fetch(Keys(("1",))).aliases is None
    source.facts = FACTS
    assert fetch(Keys(aliases=("a@b.com",))).aliases == FACTS.aliases


def test_an_answer_that_supplies_nothing_is_not_remembered(cached: Make) -> None:
    """It is how a guard tells that the source is out of order: what is known stays, the rest is asked for at once."""
    fetch, source, _ = cached()
    fetch(Keys(("1",)))
    source.facts = Facts()
    keys = Keys(("1",), ("11",))
    assert fetch(keys) == Facts(SETTINGS, {"1": Customer("1", "Service")}, None, {}, {}, {})
    source.facts = FACTS
    assert fetch(keys) == asked_for(keys, FACTS)
    assert source.asked[1:] == [Keys(activities=("11",))] * 2


def test_an_answer_that_is_none_is_an_error(cached: Make) -> None:
    """It is raised, and not remembered."""
    fetch, source, _ = cached()
    source.facts = FACTS._replace(customers=cast("Any", {"1": None, "2": Customer("2")}))
    assert fetch(Keys(("1", "2"))).customers == {"2": Customer("2")}
    source.facts = cast("Any", (None,) * 6)
    with pytest.raises(AttributeError):
        Cached(cast("Any", Broken())).fetch(Keys(("1",)))


class Broken:
    """A Directory whose answer is none."""

    def fetch(self, _keys: Keys) -> Any:
        """Return what is no Facts."""
        return ()


def test_an_error_is_raised_and_not_remembered(cached: Make) -> None:
    """The next request asks again, for all that the failed one asked for."""
    fetch, source, _ = cached()

    def fails(_keys: Keys) -> None:
        raise OSError("away")

    async def fails_later(_keys: Keys) -> None:
        raise OSError("away")

    source.first = fails if isinstance(source, Source) else fails_later
    keys = Keys(("1",), ("11",))
    with pytest.raises(OSError, match="away"):
        fetch(keys)
    source.first = Source().first if isinstance(source, Source) else None
    assert fetch(keys) == asked_for(keys, FACTS)
    assert source.asked == [keys, keys]


def test_long_keys_are_never_kept(cached: Make) -> None:
    """256 characters are kept, 257 are not; the answer is right in both cases."""
    fetch, source, _ = cached()
    keys = Keys(custom_attributes=("x" * 256, "y" * 257))
    assert [fetch(keys), fetch(keys)] == [asked_for(keys, FACTS)] * 2
    assert source.asked == [keys, Keys(custom_attributes=("y" * 257,))]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"ttl": -1}, "at least 0 seconds, not -1"),
        ({"absent_ttl": float("nan")}, "at least 0 seconds, not 60.0 and nan"),
        ({"size": 7}, "at least 8 entries, not 7"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], reason: str) -> None:
    """They are refused when the cache is made."""
    with pytest.raises(ValueError, match=reason):
        Cached(Source(), **settings)


def test_a_life_of_nothing_remembers_nothing(cached: Make) -> None:
    """Each request asks, and gets its answer."""
    fetch, source, _ = cached(ttl=0, absent_ttl=0)
    assert [fetch(Keys(("1", "9"))), fetch(Keys(("1", "9")))] == [asked_for(Keys(("1", "9")), FACTS)] * 2
    assert source.asked == [Keys(("1", "9"))] * 2


def crowd(count: int) -> Facts:
    """Return a tenant with this many customers."""
    return FACTS._replace(customers={str(n): Customer(str(n)) for n in range(count)})


@pytest.mark.parametrize("size", [8, 9, 80, 1000])
def test_memory_is_bounded(size: int) -> None:
    """However many names come, existing or not, there are never more entries than the size."""
    source = Source(crowd(5000))
    cache = Cached(source, size=size)
    most = 0
    for start in range(0, 4000, 50):
        existing = tuple(str(n) for n in range(start, start + 50))
        none = tuple(f"none-{n}" for n in range(start, start + 50))
        keys = Keys(existing, custom_attributes=none)
        assert cache.fetch(keys) == asked_for(keys, source.facts)
        most = max(most, cache.entries)
    assert size // 2 <= most <= size


def test_a_flood_of_names_that_do_not_exist_displaces_nothing() -> None:
    """What exists stays, used meanwhile or not."""
    source = Source()
    cache = Cached(source, size=8)
    cache.fetch(Keys(("1", "2")))
    for start in range(0, 1000, 100):
        cache.fetch(Keys(custom_attributes=tuple(f"none-{n}" for n in range(start, start + 100))))
    del source.asked[:]
    cache.fetch(Keys(("1", "2")))
    assert source.asked == []


def test_what_is_used_survives_a_flood_of_what_exists() -> None:
    """An entity that is asked for now and then stays, whatever passes by; one that is not goes."""
    source = Source(crowd(5000))
    cache = Cached(source, size=80)
    cache.fetch(Keys(("1", "2")))
    for n in range(100, 4000, 10):
        cache.fetch(Keys(("1", *map(str, range(n, n + 10)))))
    assert Counter(name for keys in source.asked for name in keys.customers)["1"] == 1
    del source.asked[:]
    cache.fetch(Keys(("1", "2")))
    assert source.asked == [Keys(("2",))]


def test_generations_forget_what_was_not_used_for_long() -> None:
    """At least the last ``limit`` entries that were used are there, at most twice as many; what is over is not promoted."""
    kept = TwoGenerationCache(3)
    for name in "abc":
        kept.put(0, name, (10, name))
    assert [kept.get(0, name, 9) for name in "abc"] == ["a", "b", "c"]
    kept.put(0, "d", (10, "d"))
    assert kept.entries == 4
    assert [kept.get(0, name, 9) for name in "abcd"] == ["a", "b", None, "d"]
    assert [kept.get(0, "d", 10), kept.get(1, "d", 9), kept.get(0, "e", 9)] == [None, None, None]


def test_a_source_that_returns_more_than_was_asked_for() -> None:
    """A snapshot returns all it has: only what was asked for is looked at, told and kept."""
    cache = Cached(Snapshot(crowd(5000)))
    assert cache.fetch(Keys(("7",))).customers == {"7": Customer("7")}
    assert cache.entries == 1


def test_what_is_returned_is_the_callers_own() -> None:
    """A caller that changes the mapping it got changes nobody else's."""
    cache = Cached(Source())
    for _ in range(3):
        facts = cache.fetch(Keys(("1",)))
        assert facts.customers == {"1": Customer("1", "Service")}
        cast("dict[str, Customer]", facts.customers).clear()
    with pytest.raises(TypeError):
        cast("Any", facts.aliases)["a@b.com"] = 1


# Many at the same time: threads


def claims(cache: Cached | AsyncCached) -> threading.Semaphore:
    """Return a semaphore that is released whenever a request has found out what it has to wait for."""
    claimed, claim = threading.Semaphore(0), cache._claim

    def noted(*arguments: Any) -> Any:
        try:
            return claim(*arguments)
        finally:
            claimed.release()

    cast("Any", cache)._claim = noted
    return claimed


def acquire(semaphore: threading.Semaphore, times: int) -> None:
    """Wait until it was released so often."""
    assert [semaphore.acquire(timeout=GUARD) for _ in range(times)] == [True] * times


def test_threads_that_miss_the_same_key_ask_once() -> None:
    """One asks, the others wait for that answer."""
    go = threading.Event()
    source = Source(first=lambda _keys: go.wait(GUARD))
    cache = Cached(source)
    claimed = claims(cache)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(cache.fetch, Keys(("1",))) for _ in range(8)]
        acquire(claimed, 8)
        go.set()
        assert [answer.result(GUARD) for answer in answers] == [asked_for(Keys(("1",)), FACTS)] * 8
    assert source.asked == [Keys(("1",))]


def test_a_request_asks_for_the_rest_while_it_waits() -> None:
    """What others ask for already is waited for, and only the rest is asked for."""
    go = threading.Event()
    second = threading.Event()

    def first(keys: Keys) -> None:
        if "1" in keys.customers:
            go.wait(GUARD)
        else:
            second.set()

    source = Source(first=first)
    cache = Cached(source)
    claimed = claims(cache)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(cache.fetch, Keys(("1",), ("11",)))
        acquire(claimed, 1)
        two = pool.submit(cache.fetch, Keys(("1", "2"), custom_attributes=("none",)))
        assert second.wait(GUARD)
        go.set()
        assert one.result(GUARD) == asked_for(Keys(("1",), ("11",)), FACTS)
        assert two.result(GUARD) == asked_for(Keys(("1", "2")), FACTS)
    assert source.asked == [Keys(("1",), ("11",)), Keys(("2",), custom_attributes=("none",))]


def test_an_error_goes_to_all_that_wait() -> None:
    """Each gets it with a trace that ends where it arose and is no longer for the many that share it."""
    go = threading.Event()

    def first(_keys: Keys) -> None:
        go.wait(GUARD)
        raise OSError("away")

    source = Source(first=first)
    cache = Cached(source)
    claimed = claims(cache)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(cache.fetch, Keys(("1",))) for _ in range(8)]
        acquire(claimed, 8)
        go.set()
        errors = [answer.exception(GUARD) for answer in answers]
    assert [repr(error) for error in errors] == ["OSError('away')"] * 8
    names = []
    trace = errors[0].__traceback__ if errors[0] else None
    while trace is not None:
        names.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert names[-1] == "first"
    assert len(names) < 10
    assert source.asked == [Keys(("1",))]


def test_who_waits_for_a_thread_that_was_stopped_asks_itself() -> None:
    """An interrupt ends the thread that asks, and nobody else."""
    go = threading.Event()

    def first(_keys: Keys) -> None:
        if len(source.asked) == 1:
            go.wait(GUARD)
            raise KeyboardInterrupt

    source = Source(first=first)
    cache = Cached(source)
    claimed = claims(cache)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(cache.fetch, Keys(("1",)))
        acquire(claimed, 1)
        two = pool.submit(cache.fetch, Keys(("1",)))
        acquire(claimed, 1)
        go.set()
        assert isinstance(one.exception(GUARD), KeyboardInterrupt)
        assert two.result(GUARD) == asked_for(Keys(("1",)), FACTS)
    assert source.asked == [Keys(("1",)), Keys(("1",))]


def names_of(asked: Iterable[Keys]) -> Counter[tuple[int, str]]:
    """Return how often each key was asked for."""
    return Counter((section, name) for keys in asked for section, names in enumerate(keys) for name in names)


def any_keys(chance: random.Random, names: int = 200) -> Keys:
    """Return keys as a request could have them, half of which exist."""
    customers = tuple(str(chance.randrange(2 * names)) for _ in range(chance.randrange(4)))
    attributes = tuple(f"x{chance.randrange(names)}" for _ in range(chance.randrange(4)))
    return Keys(customers, ("11", "12")[: chance.randrange(3)], ("a@b.com",), ("21",)[: chance.randrange(2)], attributes)


TENANT = crowd(200)._replace(custom_attributes={f"x{n}": CustomAttribute(f"x{n}", "text") for n in range(100)})


def test_eight_threads_get_right_answers_and_ask_for_each_key_once() -> None:
    """Whatever they ask for at the same time: every answer is right, and within a lifetime no key is asked for twice."""
    source, clock = Source(TENANT), Clock()
    cache = Cached(source, 60, 60, clock=clock)

    def run(seed: int) -> list[bool]:
        chance = random.Random(seed)
        asked = [any_keys(chance) for _ in range(400)]
        return [cache.fetch(keys) == asked_for(keys, TENANT) for keys in asked]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            for round_ in range(3):
                assert list(pool.map(run, range(8 * round_, 8 * round_ + 8))) == [[True] * 400] * 8
                assert set(names_of(source.asked).values()) == {1}
                del source.asked[:]
                clock.now += 60
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("size", [8, 40])
def test_threads_in_a_small_cache_get_right_answers(size: int) -> None:
    """Entries that are forgotten while they are needed are no harm, nor are errors of the source now and then."""
    chance = random.Random(0)

    def first(_keys: Keys) -> None:
        if chance.random() < 0.1:
            raise OSError("away")

    cache = Cached(Source(TENANT, first), size=size)

    def run(seed: int) -> set[str]:
        seen = set()
        own = random.Random(seed)
        for _ in range(300):
            keys = any_keys(own)
            try:
                seen.add("right" if cache.fetch(keys) == asked_for(keys, TENANT) else "wrong")
            except OSError:
                seen.add("error")
        return seen

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(8))) == [{"right", "error"}] * 8
    assert cache.entries <= size
    assert cache._flights == {}


# Many at the same time: tasks


def test_a_thousand_tasks_get_right_answers_and_ask_for_each_key_once() -> None:
    """Whatever they ask for at the same time."""

    async def run() -> None:
        source, clock = AsyncSource(TENANT), Clock()
        cache = AsyncCached(source, 60, 60, clock=clock)
        chance = random.Random(0)
        for _ in range(3):
            asked = [any_keys(chance) for _ in range(1000)]
            answers = await asyncio.gather(*map(cache.fetch, asked))
            assert answers == [asked_for(keys, TENANT) for keys in asked]
            assert set(names_of(source.asked).values()) == {1}
            del source.asked[:]
            clock.now += 60

    asyncio.run(run())


def test_cancelled_tasks_take_nobody_down() -> None:
    """Neither the one that asked first nor one that waits: the question goes on, and is asked once."""

    async def run() -> None:
        go = asyncio.Event()

        async def first(_keys: Keys) -> None:
            await go.wait()

        source = AsyncSource(first=first)
        cache = AsyncCached(source)
        tasks = [asyncio.create_task(cache.fetch(Keys(("1",)))) for _ in range(4)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        tasks[2].cancel()
        await asyncio.sleep(0)
        go.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        right = asked_for(Keys(("1",)), FACTS)
        assert [type(answer) for answer in answers] == [asyncio.CancelledError, Facts, asyncio.CancelledError, Facts]
        assert answers[1::2] == [right, right]
        assert source.asked == [Keys(("1",))]

    asyncio.run(run())


def test_when_all_are_cancelled_the_answer_is_kept_all_the_same() -> None:
    """The next request finds it; an error that nobody waits for is nobody's affair."""

    async def run() -> None:
        source = AsyncSource()
        cache = AsyncCached(source)
        task = asyncio.create_task(cache.fetch(Keys(("1",))))
        await asyncio.sleep(0)
        flights = set(cache._flights.values())
        task.cancel()
        await asyncio.wait({flight.task for flight in flights if flight.task})
        await asyncio.sleep(0)
        assert await cache.fetch(Keys(("1",))) == asked_for(Keys(("1",)), FACTS)
        assert source.asked == [Keys(("1",))]

    asyncio.run(run())


@pytest.mark.parametrize("error", [OSError("away"), ValueError("odd")])
def test_an_error_goes_to_all_tasks_that_wait(error: Exception) -> None:
    """Each gets it, and the next request asks again."""

    async def run() -> None:
        async def first(_keys: Keys) -> None:
            if len(source.asked) == 1:
                raise error

        source = AsyncSource(first=first)
        cache = AsyncCached(source)
        answers = await asyncio.gather(*[cache.fetch(Keys(("1",))) for _ in range(3)], return_exceptions=True)
        assert answers == [error] * 3
        assert await cache.fetch(Keys(("1",))) == asked_for(Keys(("1",)), FACTS)

    asyncio.run(run())


class Panic(BaseException):
    """What an extension raises that is no Exception."""


@pytest.mark.parametrize("how", ["cancel", "panic"])
def test_a_question_that_was_stopped_is_an_error_to_all_that_wait(how: str) -> None:
    """They have not been cancelled themselves, so they are told; the next request asks again."""

    async def run() -> None:
        async def first(_keys: Keys) -> None:
            if len(source.asked) == 1:
                raise asyncio.CancelledError if how == "cancel" else Panic

        source = AsyncSource(first=first)
        cache = AsyncCached(source)
        answers = await asyncio.gather(*[cache.fetch(Keys(("1",))) for _ in range(3)], return_exceptions=True)
        assert [type(answer) for answer in answers] == [InterruptedFetchError] * 3
        assert await cache.fetch(Keys(("1",))) == asked_for(Keys(("1",)), FACTS)

    asyncio.run(run())


def test_loops_do_not_wait_for_each_other() -> None:
    """A question that another loop has under way, or left behind, is asked again; what one has learned serves all."""
    cache = AsyncCached(AsyncSource())

    async def leave() -> None:
        task = asyncio.create_task(cache.fetch(Keys(("1",))))
        await asyncio.sleep(0)
        left.extend(cache._flights.items())
        task.cancel()

    left: list[Any] = []
    asyncio.run(leave())
    assert cache._flights == {}
    cache._flights.update(left)  # as a loop that was closed without an end leaves them
    keys = Keys(("1",), ("11",))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: asyncio.run(cache.fetch(keys)), range(8)))
    assert answers == [asked_for(keys, FACTS)] * 8
    assert cache._flights == {}


def test_a_question_of_another_loop_ends_alone() -> None:
    """It does not end the one that a second loop has under way for the same key."""
    go = [threading.Event(), threading.Event()]
    begun = [threading.Event(), threading.Event()]

    async def first(_keys: Keys) -> None:
        turn = len(source.asked) - 1
        begun[turn].set()
        await asyncio.to_thread(go[turn].wait, GUARD)

    source = AsyncSource(first=first)
    cache = AsyncCached(source)
    with ThreadPoolExecutor(2) as pool:
        answers = []
        for turn in (0, 1):
            answers.append(pool.submit(lambda: asyncio.run(cache.fetch(Keys(("1",))))))
            assert begun[turn].wait(GUARD)
        go[0].set()
        assert answers[0].result(GUARD) == asked_for(Keys(("1",)), FACTS)
        assert len(cache._flights) == 2
        go[1].set()
        assert answers[1].result(GUARD) == asked_for(Keys(("1",)), FACTS)
    assert cache._flights == {}


# Against a plain model

NAMES = st.lists(st.sampled_from(["1", "2", "3", "x" * 257]), max_size=3).map(tuple)
KEYS = st.tuples(NAMES, NAMES).map(lambda names: Keys(*names))
STEPS = st.lists(
    st.one_of(
        KEYS,
        st.integers(1, 7),
        st.tuples(
            st.sampled_from([SETTINGS, None]),
            st.none() | st.dictionaries(st.sampled_from(["1", "2", "3"]), st.integers(1, 9).map(lambda n: Customer("1", str(n)))),
            st.none() | st.dictionaries(st.sampled_from(["1", "2", "3"]), st.just(Activity("1", "1"))),
        ).map(lambda parts: Facts(*parts)),
    ),
    max_size=30,
)


class Model:
    """A cache as one would write it if nothing mattered: everything by place, looked at one by one."""

    def __init__(self) -> None:
        self.now = 0
        self.known: dict[Any, tuple[int, Any]] = {}

    def missing(self, place: Any) -> bool:
        """Whether a place has to be asked for."""
        return place not in self.known or self.known[place][0] <= self.now

    def fetch(self, keys: Keys, source: Facts) -> tuple[list[Keys], Facts]:
        """Return what is asked of the source, and the answer."""
        wanted = [tuple(dict.fromkeys(name for name in names if self.missing((at, name)))) for at, names in enumerate(keys)]
        asked = [Keys(*wanted)] if any(wanted) or self.missing("bare") else []
        before = {} if self.missing("bare") else {"bare": self.known["bare"]}
        known = (self.learn(asked[0], source) if asked else self.known) | before
        bare = known["bare"][1]
        sections: list[Any] = []
        for at, names in enumerate(keys):
            found = {name: known[at, name][1] for name in names}
            if not names:
                sections.append({} if bare[at + 1] else None)
            elif None in found.values():
                sections.append(None)
            else:
                sections.append({name: value for name, value in found.items() if value != "absent"})
        return asked, Facts(bare[0], *sections)

    def learn(self, asked: Keys, source: Facts) -> dict[Any, tuple[int, Any]]:
        """Return all that is known with the answer, and remember what may be remembered."""
        supplied = (source.settings, *(section is not None for section in source[1:]))
        told: dict[Any, tuple[int, Any]] = {"bare": (self.now + (10 if all(supplied) else 3), supplied)}
        for at, names in enumerate(asked):
            section: Any = source[at + 1]
            for name in names:
                value = None if section is None else section.get(name, "absent")
                told[at, name] = (self.now + (3 if value in {None, "absent"} else 10), value)
        both = self.known | told
        if any(supplied):
            self.known |= {place: kept for place, kept in told.items() if place == "bare" or len(place[1]) <= 256}
        return both


@given(STEPS)
def test_the_cache_is_its_model(steps: list[Any]) -> None:
    """Whatever is asked, changed and waited for: the same questions and the same answers."""
    model, clock, source = Model(), Clock(0), Source(NOTHING_ASKED)
    cache = Cached(source, 10, 3, clock=clock)
    for step in steps:
        if isinstance(step, Keys):
            del source.asked[:]
            assert model.fetch(step, source.facts)[::-1] == (cache.fetch(step), source.asked)
        elif isinstance(step, Facts):
            source.facts = step._replace(aliases={}, message_centers={}, custom_attributes={}) if step.settings else step
        else:
            clock.now += step
            model.now += step


# Around it


def test_an_engine_with_a_cache_reports_as_with_the_snapshot() -> None:
    """Also for requests whose facts are all in memory."""
    tenant = Snapshot.from_file(shipped_fixtures() / "directory.json")
    plain, cached_ = load("create-email-response", tenant), load("create-email-response", Cached(tenant))
    later = load("create-email-response", AsyncCached(AsyncSource(tenant.facts)))
    bodies = [path.read_bytes() for path in sorted((shipped_fixtures() / "create-email-response").rglob("*.json"))]
    asked = [Request("2001", query, (), body, Caller.customer("1001")) for body in bodies for query in ("", "customer=1002")]
    expected = [plain.validate(one) for one in asked]

    async def judge() -> list[Any]:
        return [await later.validate_async(one) for one in asked]

    for _ in range(2):
        assert [cached_.validate(one) for one in asked] == expected
    assert asyncio.run(judge()) == expected


FORKED = """
import os, threading
from validator.directories.cache import Cached
from validator.model.directory import Facts, Keys

class Source:
    def fetch(self, keys):
        begun.set()
        go.wait()
        return Facts()

begun, go = threading.Event(), threading.Event()
cache = Cached(Source())
thread = threading.Thread(target=cache.fetch, args=(Keys(("1",)),))
thread.start()
begun.wait()
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
def test_a_forked_process_waits_for_nobody() -> None:
    """A question that a thread of the parent has under way is asked anew in the child."""
    outcome = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=GUARD, check=True)
    assert outcome.stdout == f"{Facts()}\n0\n"


def test_what_is_done_after_a_fork_ends_with_its_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system keeps what it was told for ever, but not the object."""
    registered: list[Callable[[], None]] = []

    def register(*, after_in_child: Callable[[], None]) -> None:
        registered.append(after_in_child)

    monkeypatch.setattr("os.register_at_fork", register, raising=False)
    done = []

    class Renewed:
        def renew(self) -> None:
            done.append(1)

    one = Renewed()
    renew_after_fork(one.renew)
    registered[0]()
    del one
    registered[0]()
    assert done == [1]
    monkeypatch.delattr("os.register_at_fork")
    renew_after_fork(Renewed().renew)
    assert len(registered) == 1
