"""Caches under concurrent requests: each key is fetched once, and errors, cancellation and loops do not affect others."""

import asyncio
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from tests.directories.sources import FACTS, AsyncSource, Clock, Source, make_tenant, select_facts
from validator.directories import AsyncCached, Cached, InterruptedFetchError
from validator.model.directory import CustomAttribute, Facts, Keys

GUARD = 60  # seconds after which a test that hangs fails
TENANT = make_tenant(200)._replace(custom_attributes={f"x{n}": CustomAttribute(f"x{n}", "text") for n in range(100)})


# Threads


def count_claims(cache: Cached | AsyncCached) -> threading.Semaphore:
    """Return a semaphore that is released whenever a request has claimed its keys and knows the fetches to wait for."""
    claims, claim = threading.Semaphore(0), cache._claim

    def claim_and_count(*arguments: Any) -> Any:
        try:
            return claim(*arguments)
        finally:
            claims.release()

    cast("Any", cache)._claim = claim_and_count
    return claims


def acquire(semaphore: threading.Semaphore, times: int) -> None:
    """Wait until the semaphore was released this many times."""
    assert [semaphore.acquire(timeout=GUARD) for _ in range(times)] == [True] * times


def test_threads_share_one_fetch_of_a_key() -> None:
    """One thread calls the source, the others wait for its answer."""
    go = threading.Event()
    source = Source(before=lambda _keys: go.wait(GUARD))
    cache = Cached(source)
    claims = count_claims(cache)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(cache.fetch, Keys(("1",))) for _ in range(8)]
        acquire(claims, 8)
        go.set()
        assert [answer.result(GUARD) for answer in answers] == [select_facts(FACTS, Keys(("1",)))] * 8
    assert source.calls == [Keys(("1",))]


def test_request_fetches_its_other_keys_while_it_waits() -> None:
    """It waits for keys that another request fetches, and fetches only the rest."""
    go = threading.Event()
    second_called = threading.Event()

    def before(keys: Keys) -> None:
        if "1" in keys.customers:
            go.wait(GUARD)
        else:
            second_called.set()

    source = Source(before=before)
    cache = Cached(source)
    claims = count_claims(cache)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.fetch, Keys(("1",), ("11",)))
        acquire(claims, 1)
        second = pool.submit(cache.fetch, Keys(("1", "2"), custom_attributes=("none",)))
        assert second_called.wait(GUARD)
        go.set()
        assert first.result(GUARD) == select_facts(FACTS, Keys(("1",), ("11",)))
        assert second.result(GUARD) == select_facts(FACTS, Keys(("1", "2")))
    assert source.calls == [Keys(("1",), ("11",)), Keys(("2",), custom_attributes=("none",))]


def test_error_is_raised_to_all_waiting_threads() -> None:
    """Its traceback ends where the error arose, and does not grow with the number of threads."""
    go = threading.Event()

    def before(_keys: Keys) -> None:
        go.wait(GUARD)
        raise OSError("away")

    source = Source(before=before)
    cache = Cached(source)
    claims = count_claims(cache)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(cache.fetch, Keys(("1",))) for _ in range(8)]
        acquire(claims, 8)
        go.set()
        errors = [answer.exception(GUARD) for answer in answers]
    assert [repr(error) for error in errors] == ["OSError('away')"] * 8
    names = []
    trace = errors[0].__traceback__ if errors[0] else None
    while trace is not None:
        names.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert names[-1] == "before"
    assert sum("raise_error" in name for name in names) <= 1, names
    assert source.calls == [Keys(("1",))]


def test_thread_waiting_for_an_interrupted_fetch_fetches_itself() -> None:
    """An interrupt ends only the request of the interrupted thread."""
    go = threading.Event()

    def before(_keys: Keys) -> None:
        if len(source.calls) == 1:
            go.wait(GUARD)
            raise KeyboardInterrupt

    source = Source(before=before)
    cache = Cached(source)
    claims = count_claims(cache)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.fetch, Keys(("1",)))
        acquire(claims, 1)
        second = pool.submit(cache.fetch, Keys(("1",)))
        acquire(claims, 1)
        go.set()
        assert isinstance(first.exception(GUARD), KeyboardInterrupt)
        assert second.result(GUARD) == select_facts(FACTS, Keys(("1",)))
    assert source.calls == [Keys(("1",)), Keys(("1",))]


def count_keys(calls: Iterable[Keys]) -> Counter[tuple[int, str]]:
    """Return how often each key was fetched, by section and key."""
    return Counter((section, name) for keys in calls for section, names in enumerate(keys) for name in names)


def random_keys(generator: random.Random, names: int = 200) -> Keys:
    """Return keys as a request could have them; half of them exist."""
    customers = tuple(str(generator.randrange(2 * names)) for _ in range(generator.randrange(4)))
    attributes = tuple(f"x{generator.randrange(names)}" for _ in range(generator.randrange(4)))
    return Keys(customers, ("11", "12")[: generator.randrange(3)], ("a@b.com",), ("21",)[: generator.randrange(2)], attributes)


def test_eight_threads_get_correct_answers_and_fetch_each_key_once() -> None:
    """For random keys, every answer is correct, and no key is fetched twice within its lifetime."""
    source, clock = Source(TENANT), Clock()
    cache = Cached(source, 60, 60, clock=clock)

    def run(seed: int) -> list[bool]:
        generator = random.Random(seed)
        requests = [random_keys(generator) for _ in range(400)]
        return [cache.fetch(keys) == select_facts(TENANT, keys) for keys in requests]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            for round_ in range(3):
                assert list(pool.map(run, range(8 * round_, 8 * round_ + 8))) == [[True] * 400] * 8
                assert set(count_keys(source.calls).values()) == {1}
                del source.calls[:]
                clock.now += 60
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("size", [8, 40])
def test_threads_with_a_small_cache_get_correct_answers(size: int) -> None:
    """Evicting entries that are in use does no harm, nor do occasional errors of the source."""
    generator = random.Random(0)

    def before(_keys: Keys) -> None:
        if generator.random() < 0.1:
            raise OSError("away")

    cache = Cached(Source(TENANT, before), size=size)

    def run(seed: int) -> set[str]:
        seen = set()
        generator = random.Random(seed)
        for _ in range(300):
            keys = random_keys(generator)
            try:
                seen.add("correct" if cache.fetch(keys) == select_facts(TENANT, keys) else "wrong")
            except OSError:
                seen.add("error")
        return seen

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(8))) == [{"correct", "error"}] * 8
    assert cache.entries <= size
    assert cache._fetches == {}


# Tasks


def test_thousand_tasks_get_correct_answers_and_fetch_each_key_once() -> None:
    """For random keys, every answer is correct, and no key is fetched twice within its lifetime."""

    async def run() -> None:
        source, clock = AsyncSource(TENANT), Clock()
        cache = AsyncCached(source, 60, 60, clock=clock)
        generator = random.Random(0)
        for _ in range(3):
            requests = [random_keys(generator) for _ in range(1000)]
            answers = await asyncio.gather(*map(cache.fetch, requests))
            assert answers == [select_facts(TENANT, keys) for keys in requests]
            assert set(count_keys(source.calls).values()) == {1}
            del source.calls[:]
            clock.now += 60

    asyncio.run(run())


def test_cancelled_tasks_do_not_affect_others() -> None:
    """Cancelling the task that began the fetch or one that waits does not end the fetch."""

    async def run() -> None:
        go = asyncio.Event()

        async def before(_keys: Keys) -> None:
            await go.wait()

        source = AsyncSource(before=before)
        cache = AsyncCached(source)
        tasks = [asyncio.create_task(cache.fetch(Keys(("1",)))) for _ in range(4)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        tasks[2].cancel()
        await asyncio.sleep(0)
        go.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        expected = select_facts(FACTS, Keys(("1",)))
        assert [type(answer) for answer in answers] == [asyncio.CancelledError, Facts, asyncio.CancelledError, Facts]
        assert answers[1::2] == [expected, expected]
        assert source.calls == [Keys(("1",))]

    asyncio.run(run())


def test_answer_is_cached_after_all_tasks_were_cancelled() -> None:
    """The next request finds it."""

    async def run() -> None:
        source = AsyncSource()
        cache = AsyncCached(source)
        task = asyncio.create_task(cache.fetch(Keys(("1",))))
        await asyncio.sleep(0)
        fetches = set(cache._fetches.values())
        task.cancel()
        await asyncio.wait({fetch.task for fetch in fetches if fetch.task})
        await asyncio.sleep(0)
        assert await cache.fetch(Keys(("1",))) == select_facts(FACTS, Keys(("1",)))
        assert source.calls == [Keys(("1",))]

    asyncio.run(run())


@pytest.mark.parametrize("error", [OSError("away"), ValueError("odd")])
def test_error_is_raised_to_all_waiting_tasks(error: Exception) -> None:
    """The next request fetches again."""

    async def run() -> None:
        async def before(_keys: Keys) -> None:
            if len(source.calls) == 1:
                raise error

        source = AsyncSource(before=before)
        cache = AsyncCached(source)
        answers = await asyncio.gather(*[cache.fetch(Keys(("1",))) for _ in range(3)], return_exceptions=True)
        assert answers == [error] * 3
        assert await cache.fetch(Keys(("1",))) == select_facts(FACTS, Keys(("1",)))

    asyncio.run(run())


class Panic(BaseException):
    """An error of an extension module that is not an Exception."""


@pytest.mark.parametrize("cause", ["cancel", "panic"])
def test_interrupted_fetch_is_an_error_for_all_waiting_tasks(cause: str) -> None:
    """They were not cancelled themselves; the next request fetches again."""

    async def run() -> None:
        async def before(_keys: Keys) -> None:
            if len(source.calls) == 1:
                raise asyncio.CancelledError if cause == "cancel" else Panic

        source = AsyncSource(before=before)
        cache = AsyncCached(source)
        answers = await asyncio.gather(*[cache.fetch(Keys(("1",))) for _ in range(3)], return_exceptions=True)
        assert [repr(answer) for answer in answers] == [
            repr(InterruptedFetchError("the fetch from the source was cancelled"))
        ] * 3
        assert await cache.fetch(Keys(("1",))) == select_facts(FACTS, Keys(("1",)))

    asyncio.run(run())


def test_threads_do_not_wait_for_a_fetch_that_panicked() -> None:
    """Each of them fetches itself then, and the next request too."""
    waiting = threading.Event()

    class Source:
        calls = 0

        def fetch(self, keys: Keys) -> Facts:
            Source.calls += 1
            if Source.calls == 1:
                waiting.wait(GUARD)
                raise Panic
            return select_facts(FACTS, keys)

    cache, keys = Cached(Source()), Keys(("1",))
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(cache.fetch, keys) for _ in range(4)]
        waiting.set()
        errors = [type(answer.exception(GUARD)) for answer in answers]
    assert sorted(error.__name__ for error in errors) == ["NoneType"] * 3 + ["Panic"]
    assert cache.fetch(keys) == select_facts(FACTS, keys)


def test_event_loops_do_not_wait_for_each_other() -> None:
    """A key that another loop fetches, or has abandoned, is fetched again; cached entries serve all loops."""
    cache = AsyncCached(AsyncSource())

    async def abandon() -> None:
        task = asyncio.create_task(cache.fetch(Keys(("1",))))
        await asyncio.sleep(0)
        abandoned.extend(cache._fetches.items())
        task.cancel()

    abandoned: list[Any] = []
    asyncio.run(abandon())
    assert cache._fetches == {}
    cache._fetches.update(abandoned)  # as a loop leaves them that is closed while tasks run
    keys = Keys(("1",), ("11",))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: asyncio.run(cache.fetch(keys)), range(8)))
    assert answers == [select_facts(FACTS, keys)] * 8
    assert cache._fetches == {}


def test_fetch_of_another_loop_ends_alone() -> None:
    """It does not end the fetch of a second loop for the same key."""
    go = [threading.Event(), threading.Event()]
    started = [threading.Event(), threading.Event()]

    async def before(_keys: Keys) -> None:
        turn = len(source.calls) - 1
        started[turn].set()
        await asyncio.to_thread(go[turn].wait, GUARD)

    source = AsyncSource(before=before)
    cache = AsyncCached(source)
    with ThreadPoolExecutor(2) as pool:
        answers = []
        for turn in (0, 1):
            answers.append(pool.submit(lambda: asyncio.run(cache.fetch(Keys(("1",))))))
            assert started[turn].wait(GUARD)
        go[0].set()
        assert answers[0].result(GUARD) == select_facts(FACTS, Keys(("1",)))
        assert len(cache._fetches) == 2
        go[1].set()
        assert answers[1].result(GUARD) == select_facts(FACTS, Keys(("1",)))
    assert cache._fetches == {}
