"""The log of an outage: a line a minute, however many requests fail, and one when it is over. Hits of a cache need no thread."""

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.directories.sources import AsyncSource, Clock, Source
from tests.test_engine import post
from validator import Caller, Engine, Facts, Keys, Report, Request, load, rare_log
from validator.directories import AsyncCached, AsyncTimeLimited, Cached, TimeLimited
from validator.engine import AVAILABLE
from validator.model.directory import Customer
from validator.rare_log import ERROR, RareLog

DOWN = "the reference data could not be reached: builtins.ConnectionError"
KEYS = Keys(customers=("1",))
Validate = Callable[[Engine, Request], Report]


def validate_in_loop(engine: Engine, request: Request) -> Report:
    """Return the report of ``validate_async``."""
    return asyncio.run(engine.validate_async(request))


@pytest.fixture(autouse=True)
def _rare_lines(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    monkeypatch.setattr(rare_log, "INTERVAL", 60.0)
    with caplog.at_level(logging.DEBUG, "validator"):
        yield


def make_engine(directory: Any, clock: Clock) -> Engine:
    """Return an engine whose outages have the time of a clock."""
    engine = load("create-email-response", directory)
    object.__setattr__(engine, "_outage", RareLog(ERROR, engine._outage._arguments[1], clock))
    return engine


def list_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines without the place of an error."""
    return [re.sub(r" at .* \(", " (", line) for line in caplog.messages]


class Fragile(Source):
    """A source that is down."""

    is_down = True

    def fetch(self, keys: Keys) -> Any:
        """Answer unless it is down."""
        if self.is_down:
            raise ConnectionError
        return super().fetch(keys)


class AsyncFragile(AsyncSource):
    """The same as an AsyncDirectory."""

    is_down = True

    async def fetch(self, keys: Keys) -> Any:
        """Answer unless it is down."""
        if self.is_down:
            raise ConnectionError
        return await super().fetch(keys)


REQUEST = post(caller=Caller.customer("1"), ids="11")
OTHER = post(caller=Caller.customer("1"), ids="12")


@pytest.mark.parametrize(
    ("source", "validate"),
    [(Fragile(), Engine.validate), (Fragile(), validate_in_loop), (AsyncFragile(), validate_in_loop)],
    ids=["synchronous", "thread", "asynchronous"],
)
def test_outage_is_a_line_a_minute(caplog: pytest.LogCaptureFixture, source: Any, validate: Validate) -> None:
    """With the number of requests, and one line when it is over."""
    clock = Clock(0)
    engine = make_engine(source, clock)
    for clock.now in range(0, 100, 2):
        assert [failure.code for failure in validate(engine, REQUEST).failures] == ["500-100"]
    source.is_down = False
    for clock.now in (98.5, 99, 100, 101):
        assert validate(engine, REQUEST).accepted
    assert list_lines(caplog) == [f"{DOWN} (requests: 1)", f"{DOWN} (requests: 30)", AVAILABLE % 50]


@pytest.mark.parametrize(
    ("source", "make_cache", "validate"),
    [
        (Fragile(), Cached, Engine.validate),
        (Fragile(), Cached, validate_in_loop),
        (AsyncFragile(), AsyncCached, validate_in_loop),
    ],
    ids=["synchronous", "thread", "asynchronous"],
)
def test_cached_answer_does_not_end_an_outage(
    caplog: pytest.LogCaptureFixture, source: Any, make_cache: Any, validate: Validate
) -> None:
    """Only the source does."""
    clock = Clock(0)
    cache = make_cache(source, clock=clock)
    engine = make_engine(cache, clock)
    source.is_down = False
    assert validate(engine, REQUEST).accepted
    source.is_down = True
    assert not validate(engine, OTHER).accepted
    clock.now = 10
    assert validate(engine, REQUEST).accepted
    assert list_lines(caplog) == [f"{DOWN} (requests: 1)"]
    source.is_down = False
    clock.now = 61
    assert validate(engine, REQUEST).accepted
    assert list_lines(caplog)[1:] == [AVAILABLE % 1]


@pytest.mark.parametrize(
    ("source", "limit"), [(Fragile(), TimeLimited), (AsyncFragile(), AsyncTimeLimited)], ids=["synchronous", "asynchronous"]
)
def test_skipped_rules_are_a_line_a_minute(caplog: pytest.LogCaptureFixture, source: Any, limit: Any) -> None:
    """And one line when the source answers again."""
    clock = Clock(0)
    limited = limit(source, on_failure="skip")
    limited._outage = RareLog(ERROR, limited._outage._arguments[1], clock)

    def fetch() -> Facts:
        facts = limited.fetch(KEYS)
        answer: Facts = asyncio.run(facts) if hasattr(facts, "__await__") else facts
        return answer

    assert [fetch() for _ in range(20)] == [Facts()] * 20
    source.is_down = False
    clock.now = 1
    assert [fetch().customers for _ in range(2)] == [{"1": Customer("1", "Service")}] * 2
    assert list_lines(caplog) == [
        "reference data unavailable, rules are skipped: builtins.ConnectionError (requests: 1)",
        "reference data available again (requests without them: 20)",
    ]


def test_cached_facts_need_no_thread() -> None:
    """A task gets them in its own thread; it fetches others in another one, without blocking the loop."""
    threads: list[threading.Thread] = []
    engine = load("create-email-response", Cached(Source(before=lambda _: threads.append(threading.current_thread()))))

    async def validate() -> None:
        for request in (REQUEST, REQUEST, OTHER):
            await engine.validate_async(request)

    calls: list[str] = []
    to_thread = asyncio.to_thread

    async def count(*arguments: Any) -> Any:
        calls.append("thread")
        return await to_thread(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "to_thread", count)
        asyncio.run(validate())
    assert (len(calls), len(threads), threading.main_thread() in threads) == (2, 2, False)


def test_cache_answers_at_once_if_it_has_all_facts() -> None:
    """Otherwise the facts must be fetched."""
    cache = Cached(Source())
    assert cache.fetch_at_once(KEYS) is None
    facts = cache.fetch(KEYS)
    assert cache.fetch_at_once(KEYS) == facts
    assert cache.fetch_at_once(Keys(customers=("1", "2"))) is None
