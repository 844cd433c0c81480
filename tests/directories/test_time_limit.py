"""Directories with a time limit: answers, timeouts, the failure policy, and the threads and tasks that remain."""

import asyncio
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from validator import Caller, Request, load
from validator.directories import AsyncTimeLimited, Cached, StuckError, TimeLimited
from validator.model.directory import Customer, Facts, Keys, Settings

GUARD = 60  # seconds after which a test that hangs fails
SOON = 0.05  # seconds: a time limit that is exceeded
SECRET = "s3cret"
KEYS = Keys(("1",))


def error_types(lines: list[str]) -> list[str]:
    """Return the types of the errors that were logged when rules were skipped; each line has the location too."""
    pattern = r"reference data unavailable, rules are skipped: (\S+) at \S+ in \S+ \(requests: 1\)"
    matches = [re.fullmatch(pattern, line) for line in lines]
    return [match[1] if match else "another message" for match in matches]


def facts(keys: Keys) -> Facts:
    """Return an answer that depends on the keys."""
    return Facts(customers={name: Customer(name) for name in keys.customers})


class Source:
    """A Directory that is stuck while ``go`` is not set, and records its calls and their threads."""

    def __init__(self, answer: Callable[[Keys], Any] = facts) -> None:
        self.answer = answer
        self.go = threading.Event()
        self.go.set()
        self.started = threading.Semaphore(0)
        self.calls: list[Keys] = []
        self.threads: list[threading.Thread] = []

    def fetch(self, keys: Keys) -> Facts:
        """Return the answer when ``go`` is set."""
        self.calls.append(keys)
        self.threads.append(threading.current_thread())
        self.started.release()
        assert self.go.wait(GUARD)
        answer: Facts = self.answer(keys)
        return answer

    def has_ended(self) -> bool:
        """Whether all threads that called it end."""
        for thread in self.threads:
            thread.join(GUARD)
        return not any(thread.is_alive() for thread in self.threads)


class AsyncSource:
    """The same as an AsyncDirectory. stops: whether cancelling it ends it."""

    def __init__(self, answer: Callable[[Keys], Any] = facts, *, stops: bool = True) -> None:
        self.answer = answer
        self.stops = stops
        self.go = asyncio.Event()
        self.go.set()
        self.started = asyncio.Event()
        self.calls: list[Keys] = []
        self.cancellations = 0

    async def fetch(self, keys: Keys) -> Facts:
        """Return the answer when ``go`` is set."""
        self.calls.append(keys)
        self.started.set()
        while not self.go.is_set():
            try:
                await self.go.wait()
            except asyncio.CancelledError:
                self.cancellations += 1
                if self.stops:
                    raise
        answer: Facts = self.answer(keys)
        return answer


def raise_error(error: BaseException) -> Callable[[Keys], Any]:
    """Return a function that raises this error."""

    def fail(_keys: Keys) -> Any:
        raise error

    return fail


@pytest.fixture(params=[TimeLimited, AsyncTimeLimited])
def fetch(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Return a function that calls a source with some answer through a time limit of either kind."""
    directories: list[TimeLimited] = []

    def fetch_answer(answer: Callable[[Keys], Any], on_failure: Any = "reject") -> Any:
        if request.param is AsyncTimeLimited:
            return asyncio.run(AsyncTimeLimited(AsyncSource(answer), GUARD, on_failure).fetch(KEYS))
        directories.append(TimeLimited(Source(answer), GUARD, on_failure))
        return directories[-1].fetch(KEYS)

    yield fetch_answer
    for directory in directories:
        directory.close()


@pytest.mark.parametrize("on_failure", ["reject", "skip"])
@pytest.mark.parametrize("answer", [Facts(), facts(KEYS), Facts(Settings(customer_departmentalization=True), {}, {}, {}, {}, {})])
def test_answer_in_time_is_returned(fetch: Callable[..., Any], answer: Facts, on_failure: str) -> None:
    """Unchanged."""
    assert fetch(lambda _keys: answer, on_failure) is answer


def test_error_is_raised_or_skipped(fetch: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    """A skipped error is logged once, with its type and without its message."""
    error = OSError(SECRET)
    with pytest.raises(OSError, match=SECRET):
        fetch(raise_error(error))
    assert caplog.messages == []
    assert fetch(raise_error(error), "skip") == Facts()
    assert error_types(caplog.messages) == ["builtins.OSError"]


INVALID: list[tuple[Any, str]] = [
    (None, "^the answer of the directory must be Facts, got None$"),
    ((None,) * 6, "^the answer of the directory must be Facts, got tuple$"),
    (Facts(customers=["1"]), "^Facts.customers must be Mapping, got list$"),  # type: ignore[arg-type]
    (Facts(custom_attributes="note"), "^Facts.custom_attributes must be Mapping, got str$"),  # type: ignore[arg-type]
    (Facts(settings=True), "^Facts.settings must be Settings, got bool$"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("answer", "reason"), INVALID)
def test_invalid_answer_is_an_error(fetch: Callable[..., Any], answer: Any, reason: str) -> None:
    """It must be Facts with settings and mappings, or None in their place."""
    with pytest.raises(TypeError, match=reason):
        fetch(lambda _keys: answer)
    assert fetch(lambda _keys: answer, "skip") == Facts()


@pytest.mark.parametrize("make", [TimeLimited, AsyncTimeLimited])
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ((0,), "^timeout must be a finite number of seconds above 0, got 0$"),
        ((-1.0,), "^timeout must be a finite number of seconds above 0, got -1.0$"),
        ((float("nan"),), "^timeout must be a finite number of seconds above 0, got nan$"),
        ((float("inf"),), "^timeout must be a finite number of seconds above 0, got inf$"),
        ((1, "ignore"), "^on_failure must be 'reject' or 'skip', got 'ignore'$"),
        ((1, "skip", 0), "^(threads|tasks) must be at least 1, got 0$"),
    ],
)
def test_invalid_settings_are_rejected(make: Any, settings: tuple[Any, ...], reason: str) -> None:
    """By the constructor."""
    with pytest.raises(ValueError, match=reason):
        make(Source(), *settings)


# Threads


def test_late_answer_is_a_timeout(caplog: pytest.LogCaptureFixture) -> None:
    """Either policy applies; when the source answers again, the next fetch gets its own answer."""
    source = Source()
    source.go.clear()
    with TimeLimited(source, SOON) as rejecting, TimeLimited(source, SOON, "skip") as skipping:
        with pytest.raises(TimeoutError, match=r"did not answer within 0\.05 s"):
            rejecting.fetch(KEYS)
        assert skipping.fetch(KEYS) == Facts()
        assert error_types(caplog.messages) == ["builtins.TimeoutError"]
        source.go.set()
        rejecting._timeout = skipping._timeout = GUARD
        assert [limited.fetch(Keys(("2",))) for limited in (rejecting, skipping)] == [facts(Keys(("2",)))] * 2
    assert source.has_ended()


def test_stuck_threads_fail_requests_at_once() -> None:
    """The source is not called again until an earlier call returns."""
    source = Source()
    source.go.clear()
    with TimeLimited(source, SOON, threads=2) as limited:
        for _ in range(2):
            with pytest.raises(TimeoutError):
                limited.fetch(KEYS)
        limited._timeout = GUARD
        for _ in range(3):
            with pytest.raises(StuckError, match=r"^2 calls of the source have not returned$"):
                limited.fetch(KEYS)
        assert len(source.calls) == 2
        source.go.set()
        limited.close()
        assert source.has_ended()
        assert limited.fetch(KEYS) == facts(KEYS)
        assert (limited._stuck, limited._threads) == (0, 1)
    assert source.has_ended()


def test_queued_request_waits_within_its_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread serves the queue in order; a request that times out in the queue never reaches the source."""
    source = Source()
    source.go.clear()
    with TimeLimited(source, GUARD, threads=1) as limited, ThreadPoolExecutor(2) as pool:
        first = pool.submit(limited.fetch, Keys(("1",)))
        assert source.started.acquire(timeout=GUARD)
        limited._timeout = SOON
        with pytest.raises(TimeoutError):
            limited.fetch(Keys(("2",)))
        limited._timeout = GUARD
        is_queued, enqueue = threading.Event(), limited._enqueue

        def enqueue_and_signal(call: Any) -> None:
            enqueue(call)
            is_queued.set()

        monkeypatch.setattr(limited, "_enqueue", enqueue_and_signal)
        third = pool.submit(limited.fetch, Keys(("3",)))
        assert is_queued.wait(GUARD)
        source.go.set()
        assert [first.result(GUARD), third.result(GUARD)] == [facts(Keys(("1",))), facts(Keys(("3",)))]
        assert [keys.customers for keys in source.calls] == [("1",), ("3",)]
    assert source.has_ended()


def test_threads_are_reused_and_end_when_closed() -> None:
    """One thread serves consecutive requests; after closing, the next request starts a new one."""
    source = Source()
    limited = TimeLimited(source, GUARD)
    for _ in range(2):
        for _ in range(10):
            assert limited.fetch(KEYS) == facts(KEYS)
        limited.close()
        assert source.has_ended()
        assert limited._threads == limited._idle == 0
    assert len(set(source.threads)) == 2


def test_busy_thread_ends_after_its_call_when_closed() -> None:
    """The caller still gets the answer."""
    source = Source()
    source.go.clear()
    with ThreadPoolExecutor(1) as pool:
        with TimeLimited(source, GUARD) as limited:
            answer = pool.submit(limited.fetch, KEYS)
            assert source.started.acquire(timeout=GUARD)
        source.go.set()
        assert answer.result(GUARD) == facts(KEYS)
    assert source.has_ended()


def test_idle_thread_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing the directory is optional."""
    monkeypatch.setattr("validator.directories.time_limit.IDLE_TIMEOUT", 0.01)
    source = Source()
    limited = TimeLimited(source, GUARD)
    assert limited.fetch(KEYS) == facts(KEYS)
    assert source.has_ended()
    assert limited.fetch(KEYS) == facts(KEYS)
    assert source.has_ended()


def test_thread_that_cannot_start_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy applies, and later requests succeed."""
    source = Source()
    with TimeLimited(source, GUARD) as limited:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", raise_error(RuntimeError("can't start new thread")))
            with pytest.raises(RuntimeError, match="can't start"):
                limited.fetch(KEYS)
        assert limited._stuck == limited._threads == 0
        assert limited.fetch(KEYS) == facts(KEYS)
    assert source.has_ended()


class Panic(BaseException):
    """An error of an extension module that is not an Exception."""


def test_panic_in_the_source_is_an_error_like_any_other(fetch: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    """The policy decides."""
    with pytest.raises(Panic):
        fetch(raise_error(Panic()))
    assert fetch(raise_error(Panic()), "skip") == Facts()
    assert "reference data unavailable, rules are skipped: " in caplog.text


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("on_failure", ["reject", "skip"])
def test_interrupt_in_the_source_is_raised_to_the_caller(error: type[BaseException], on_failure: Any) -> None:
    """Under either policy; the thread continues."""
    source = Source(raise_error(error()))
    with TimeLimited(source, GUARD, on_failure) as limited:
        with pytest.raises(error):
            limited.fetch(KEYS)
        source.answer = facts
        assert limited.fetch(KEYS) == facts(KEYS)
        assert len(set(source.threads)) == 1
    assert source.has_ended()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals between threads on this system")
def test_thread_of_an_interrupted_caller_counts_as_stuck() -> None:
    """The interrupt is raised at once, and the thread is free again when the source returns."""
    source = Source()
    source.go.clear()

    def interrupt() -> None:
        assert source.started.acquire(timeout=GUARD)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    helper = threading.Thread(target=interrupt)
    with TimeLimited(source, GUARD, "skip", threads=1) as limited:
        helper.start()
        with pytest.raises(KeyboardInterrupt):
            limited.fetch(KEYS)
        helper.join()
        assert limited._stuck == 1
        assert limited.fetch(KEYS) == Facts()
        source.go.set()
        limited.close()
        assert source.has_ended()
        assert limited.fetch(KEYS) == facts(KEYS)
    assert source.has_ended()


def test_unsteady_source_under_load() -> None:
    """Every request gets its own answer or a timeout; afterwards all succeed, with no more threads than the maximum."""
    source, stop = Source(), threading.Event()
    answers, timeouts = threading.Semaphore(0), threading.Semaphore(0)
    limited = TimeLimited(source, 0.02, threads=4)

    def call(seed: int) -> bool:
        number, are_correct = 0, True
        while not stop.is_set():
            number += 1
            keys = Keys((f"{seed}-{number}",))
            try:
                are_correct = are_correct and limited.fetch(keys) == facts(keys)
                answers.release()
            except TimeoutError:
                timeouts.release()
        return are_correct

    with ThreadPoolExecutor(8) as pool:
        callers = [pool.submit(call, seed) for seed in range(8)]
        for _ in range(10):
            source.go.clear()
            assert [timeouts.acquire(timeout=GUARD) for _ in range(20)] == [True] * 20
            source.go.set()
            assert [answers.acquire(timeout=GUARD) for _ in range(20)] == [True] * 20
        stop.set()
        assert [caller.result(GUARD) for caller in callers] == [True] * 8
    limited._timeout = GUARD
    with ThreadPoolExecutor(8) as pool:
        requests = [Keys((str(n),)) for n in range(100)]
        assert list(pool.map(limited.fetch, requests)) == [facts(keys) for keys in requests]
    assert (limited._stuck, len(limited._queue), limited._threads <= 4) == (0, 0, True)
    limited.close()
    assert source.has_ended()


def run_program(text: str) -> subprocess.CompletedProcess[str]:
    """Run a program with a time limit around a source that is stuck."""
    head = """
import os, threading
from validator.model.directory import Facts, Keys
from validator.directories import TimeLimited

class Source:
    stuck = True
    def fetch(self, keys):
        if self.stuck:
            threading.Event().wait()
        return Facts()

source = Source()
limited = TimeLimited(source, 0.05, "skip", threads=1)
"""
    return subprocess.run([sys.executable, "-c", head + text], capture_output=True, text=True, timeout=GUARD, check=True)


def test_stuck_source_does_not_keep_the_program_from_ending() -> None:
    """Its threads are daemon threads. The second error is counted in the next line, a minute later."""
    outcome = run_program("print(limited.fetch(Keys()), limited.fetch(Keys()))")
    assert outcome.stdout == f"{Facts()} {Facts()}\n"
    assert error_types(outcome.stderr.splitlines()) == ["builtins.TimeoutError"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_forked_process_starts_its_own_threads() -> None:
    """Stuck and idle threads of the parent do not count in the child."""
    outcome = run_program("""
limited.fetch(Keys())
child = os.fork()
if child == 0:
    source.stuck = False
    limited._timeout, limited._on_failure = 30, "reject"
    print(limited.fetch(Keys()), flush=True)
    os._exit(0)
print(os.waitpid(child, 0)[1])
""")
    assert outcome.stdout == f"{Facts()}\n0\n"


# Tasks


def test_late_task_is_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    """Either policy applies; when the source answers again, the next fetch succeeds."""

    async def run() -> None:
        source = AsyncSource()
        source.go.clear()
        rejecting, skipping = AsyncTimeLimited(source, SOON), AsyncTimeLimited(source, SOON, "skip")
        with pytest.raises(TimeoutError, match=r"did not answer within 0\.05 s"):
            await rejecting.fetch(KEYS)
        assert await skipping.fetch(KEYS) == Facts()
        assert error_types(caplog.messages) == ["builtins.TimeoutError"]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (source.cancellations, rejecting._stuck, skipping._stuck) == (2, set(), set())
        source.go.set()
        assert [await rejecting.fetch(KEYS), await skipping.fetch(KEYS)] == [facts(KEYS)] * 2

    asyncio.run(run())


@pytest.mark.parametrize("answer", [facts, raise_error(OSError(SECRET))])
def test_source_that_ignores_cancellation_is_not_awaited(answer: Callable[[Keys], Any], caplog: pytest.LogCaptureFixture) -> None:
    """When too many calls hang, requests fail at once until those calls end, with an answer or an error."""

    async def run() -> None:
        source = AsyncSource(answer, stops=False)
        source.go.clear()
        limited = AsyncTimeLimited(source, SOON, tasks=2)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await limited.fetch(KEYS)
        limited._timeout = GUARD
        with pytest.raises(StuckError, match=r"^2 calls of the source have not returned$"):
            await limited.fetch(KEYS)
        assert len(source.calls) == 2
        source.go.set()
        await asyncio.wait(set(limited._stuck))
        source.answer = facts
        assert await limited.fetch(KEYS) == facts(KEYS)
        assert limited._stuck == set()

    asyncio.run(run())
    assert caplog.messages == []


@pytest.mark.parametrize("on_failure", ["reject", "skip"])
def test_cancelled_caller_stays_cancelled(on_failure: Any) -> None:
    """Under either policy; the call of the source is cancelled too."""

    async def run() -> None:
        source = AsyncSource()
        source.go.clear()
        limited = AsyncTimeLimited(source, GUARD, on_failure)
        task = asyncio.create_task(limited.fetch(KEYS))
        await source.started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        assert (source.cancellations, limited._stuck) == (1, set())

    asyncio.run(run())


def test_source_that_cancels_itself_is_a_failure() -> None:
    """Its caller was not cancelled, so the policy applies."""

    async def run(on_failure: Any) -> Facts:
        return await AsyncTimeLimited(AsyncSource(raise_error(asyncio.CancelledError())), GUARD, on_failure).fetch(KEYS)

    with pytest.raises(RuntimeError, match=r"^the source cancelled its task$"):
        asyncio.run(run("reject"))
    assert asyncio.run(run("skip")) == Facts()


def test_thousand_tasks_get_their_own_answers() -> None:
    """No task remains."""

    async def run() -> None:
        limited = AsyncTimeLimited(AsyncSource(), GUARD)
        requests = [Keys((str(n),)) for n in range(1000)]
        assert await asyncio.gather(*map(limited.fetch, requests)) == [facts(keys) for keys in requests]
        assert limited._stuck == set()

    asyncio.run(run())


# With an engine and a cache


REQUEST = Request(
    "2001",
    "",
    (),
    b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}',
    Caller.customer("1"),
)


def test_engine_applies_the_policy(caplog: pytest.LogCaptureFixture) -> None:
    """The policy "reject" gives 500-100; "skip" reports each rule that needs reference data as skipped."""
    source = Source(raise_error(OSError(SECRET)))
    with TimeLimited(source, GUARD) as rejecting, TimeLimited(source, GUARD, "skip") as skipping:
        rejected = load("create-email-response", rejecting, lazy=True).validate(REQUEST)
        skipped = load("create-email-response", skipping, lazy=True).validate(REQUEST)
    assert [failure.code for failure in rejected.failures] == ["500-100"]
    assert skipped == load("create-email-response", None, lazy=True).validate(REQUEST)
    assert skipped.skipped
    assert not any(SECRET in message for message in caplog.messages)
    assert source.has_ended()


def test_cache_serves_its_entities_while_the_source_fails(caplog: pytest.LogCaptureFixture) -> None:
    """With the policy "skip", cached entities are returned, others are not supplied, and the failure is not cached."""
    caplog.set_level(logging.CRITICAL)
    cached, other = Keys(("1",)), Keys(("1", "2"))
    settings = Settings(customer_departmentalization=True)
    source = Source(lambda keys: Facts(settings, {name: Customer(name) for name in keys.customers}, {}, {}, {}, {}))
    with TimeLimited(source, GUARD, "skip") as limited:
        cache = Cached(limited)
        before = cache.fetch(cached)
        source.answer, answer = raise_error(OSError()), source.answer
        assert cache.fetch(cached) == before
        assert cache.fetch(other) == before._replace(customers=None)
        source.answer = answer
        assert cache.fetch(other) == before._replace(customers={"1": Customer("1"), "2": Customer("2")})
    assert source.has_ended()
