"""Directories with a time limit: who gets an answer, when and which, and what is left behind."""

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
from validator.directories.cache import Cached
from validator.directories.time_limit import AsyncTimeLimited, StuckError, TimeLimited
from validator.model.directory import Customer, Facts, Keys, Settings

GUARD = 60  # seconds, after which what hangs is a failure
SOON = 0.05  # a time limit that is meant to be over
SECRET = "s3cret"
KEYS = Keys(("1",))


def kinds(logged: list[str]) -> list[str]:
    """Return the types of the errors that were logged, each with where it arose, when rules were skipped."""
    found = [
        re.fullmatch(r"the reference data could not be reached, and rules are skipped: (\S+) at \S+ in \S+", line)
        for line in logged
    ]
    return [match[1] if match else "another message" for match in found]


def facts(keys: Keys) -> Facts:
    """Return an answer that belongs to the keys."""
    return Facts(customers={name: Customer(name) for name in keys.customers})


class Source:
    """A Directory that waits for ``go`` if it is stuck, and notes what it is asked and by which thread."""

    def __init__(self, answer: Callable[[Keys], Any] = facts) -> None:
        self.answer = answer
        self.go = threading.Event()
        self.go.set()
        self.begun = threading.Semaphore(0)
        self.asked: list[Keys] = []
        self.threads: list[threading.Thread] = []

    def fetch(self, keys: Keys) -> Facts:
        """Return the answer, once it may."""
        self.asked.append(keys)
        self.threads.append(threading.current_thread())
        self.begun.release()
        assert self.go.wait(GUARD)
        answer: Facts = self.answer(keys)
        return answer

    def ended(self) -> bool:
        """Wait until no thread is left that has asked."""
        for thread in self.threads:
            thread.join(GUARD)
        return not any(thread.is_alive() for thread in self.threads)


class Later:
    """An AsyncDirectory that waits for ``go`` if it is stuck; whether it heeds being cancelled can be chosen."""

    def __init__(self, answer: Callable[[Keys], Any] = facts, *, heeds: bool = True) -> None:
        self.answer = answer
        self.heeds = heeds
        self.go = asyncio.Event()
        self.go.set()
        self.begun = asyncio.Event()
        self.asked: list[Keys] = []
        self.cancelled = 0

    async def fetch(self, keys: Keys) -> Facts:
        """Return the answer, once it may."""
        self.asked.append(keys)
        self.begun.set()
        while not self.go.is_set():
            try:
                await self.go.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                if self.heeds:
                    raise
        answer: Facts = self.answer(keys)
        return answer


def failing(error: BaseException) -> Callable[[Keys], Any]:
    """Return an answer that is this error."""

    def fail(_keys: Keys) -> Any:
        raise error

    return fail


@pytest.fixture(params=[TimeLimited, AsyncTimeLimited])
def fetched(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Return what asks a source that answers in a way through a guard of either kind."""
    guards: list[TimeLimited] = []

    def fetch(answer: Callable[[Keys], Any], on_failure: Any = "reject") -> Any:
        if request.param is AsyncTimeLimited:
            return asyncio.run(AsyncTimeLimited(Later(answer), GUARD, on_failure).fetch(KEYS))
        guards.append(TimeLimited(Source(answer), GUARD, on_failure))
        return guards[-1].fetch(KEYS)

    yield fetch
    for guard in guards:
        guard.close()


@pytest.mark.parametrize("on_failure", ["reject", "skip"])
@pytest.mark.parametrize("answer", [Facts(), facts(KEYS), Facts(Settings(customer_departmentalization=True), {}, {}, {}, {}, {})])
def test_an_answer_in_time_is_the_answer(fetched: Callable[..., Any], answer: Facts, on_failure: str) -> None:
    """The guard adds nothing and takes nothing away."""
    assert fetched(lambda _keys: answer, on_failure) is answer


def test_an_error_is_raised_or_skipped(fetched: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    """What is skipped is logged by its type, once and without its text."""
    error = OSError(SECRET)
    with pytest.raises(OSError, match=SECRET):
        fetched(failing(error))
    assert caplog.messages == []
    assert fetched(failing(error), "skip") == Facts()
    assert kinds(caplog.messages) == ["builtins.OSError"]


WRONG: list[tuple[Any, str]] = [
    (None, "with a NoneType, not with Facts"),
    ((None,) * 6, "with a tuple, not with Facts"),
    (Facts(customers=["1"]), "with a list for customers"),  # type: ignore[arg-type]
    (Facts(custom_attributes="note"), "with a str for custom_attributes"),  # type: ignore[arg-type]
    (Facts(settings=True), "with a bool for settings"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("answer", "reason"), WRONG)
def test_an_answer_that_is_none_is_an_error(fetched: Callable[..., Any], answer: Any, reason: str) -> None:
    """It must be Facts, of settings and mappings."""
    with pytest.raises(TypeError, match=reason):
        fetched(lambda _keys: answer)
    assert fetched(lambda _keys: answer, "skip") == Facts()


@pytest.mark.parametrize("make", [TimeLimited, AsyncTimeLimited])
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ((0,), "above 0, not 0"),
        ((-1.0,), "above 0, not -1.0"),
        ((float("nan"),), "above 0, not nan"),
        ((float("inf"),), "above 0, not inf"),
        ((1, "ignore"), "no policy is named 'ignore'"),
        ((1, "skip", 0), "at least once at a time, not 0 times"),
    ],
)
def test_settings_that_make_no_sense(make: Any, settings: tuple[Any, ...], reason: str) -> None:
    """They are refused when the guard is made."""
    with pytest.raises(ValueError, match=reason):
        make(Source(), *settings)


# Threads


def test_a_source_that_is_not_in_time_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """By the policy; when it answers again, so does the guard, with what was asked last."""
    source = Source()
    source.go.clear()
    with TimeLimited(source, SOON) as rejecting, TimeLimited(source, SOON, "skip") as skipping:
        with pytest.raises(TimeoutError, match=r"not answered within 0\.05 s"):
            rejecting.fetch(KEYS)
        assert skipping.fetch(KEYS) == Facts()
        assert kinds(caplog.messages) == ["builtins.TimeoutError"]
        source.go.set()
        rejecting._timeout = skipping._timeout = GUARD
        assert [guard.fetch(Keys(("2",))) for guard in (rejecting, skipping)] == [facts(Keys(("2",)))] * 2
    assert source.ended()


def test_when_all_threads_are_stuck_nobody_waits() -> None:
    """The source is not asked any more, until it has answered what it was asked."""
    source = Source()
    source.go.clear()
    with TimeLimited(source, SOON, threads=2) as guard:
        for _ in range(2):
            with pytest.raises(TimeoutError):
                guard.fetch(KEYS)
        guard._timeout = GUARD
        for _ in range(3):
            with pytest.raises(StuckError, match="2 questions"):
                guard.fetch(KEYS)
        assert len(source.asked) == 2
        source.go.set()
        guard.close()
        assert source.ended()
        assert guard.fetch(KEYS) == facts(KEYS)
        assert (guard._stuck, guard._threads) == (0, 1)
    assert source.ended()


def test_a_request_waits_for_a_thread_within_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thread answers one after the other; what was given up in the queue is never asked."""
    source = Source()
    source.go.clear()
    with TimeLimited(source, GUARD, threads=1) as guard, ThreadPoolExecutor(2) as pool:
        one = pool.submit(guard.fetch, Keys(("1",)))
        assert source.begun.acquire(timeout=GUARD)
        guard._timeout = SOON
        with pytest.raises(TimeoutError):
            guard.fetch(Keys(("2",)))
        guard._timeout = GUARD
        queued, queue = threading.Event(), guard._queue

        def noted(call: Any) -> None:
            queue(call)
            queued.set()

        monkeypatch.setattr(guard, "_queue", noted)
        three = pool.submit(guard.fetch, Keys(("3",)))
        assert queued.wait(GUARD)
        source.go.set()
        assert [one.result(GUARD), three.result(GUARD)] == [facts(Keys(("1",))), facts(Keys(("3",)))]
        assert [keys.customers for keys in source.asked] == [("1",), ("3",)]
    assert source.ended()


def test_threads_are_used_again_and_end() -> None:
    """One thread answers a caller that asks again and again; closing ends it, and the next request has a new one."""
    source = Source()
    guard = TimeLimited(source, GUARD)
    for _ in range(2):
        for _ in range(10):
            assert guard.fetch(KEYS) == facts(KEYS)
        guard.close()
        assert source.ended()
        assert guard._threads == guard._idle == 0
    assert len(set(source.threads)) == 2


def test_a_busy_thread_ends_when_the_guard_was_closed_meanwhile() -> None:
    """As soon as it has answered."""
    source = Source()
    source.go.clear()
    with ThreadPoolExecutor(1) as pool:
        with TimeLimited(source, GUARD) as guard:
            answer = pool.submit(guard.fetch, KEYS)
            assert source.begun.acquire(timeout=GUARD)
        source.go.set()
        assert answer.result(GUARD) == facts(KEYS)
    assert source.ended()


def test_a_thread_without_work_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to close anything."""
    monkeypatch.setattr("validator.directories.time_limit.IDLE_SECONDS", 0.01)
    source = Source()
    guard = TimeLimited(source, GUARD)
    assert guard.fetch(KEYS) == facts(KEYS)
    assert source.ended()
    assert guard.fetch(KEYS) == facts(KEYS)
    assert source.ended()


def test_a_thread_that_cannot_be_started_is_a_failure_of_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy holds, and later requests are served again."""
    source = Source()
    with TimeLimited(source, GUARD) as guard:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", failing(RuntimeError("can't start new thread")))
            with pytest.raises(RuntimeError, match="can't start"):
                guard.fetch(KEYS)
        assert guard._stuck == guard._threads == 0
        assert guard.fetch(KEYS) == facts(KEYS)
    assert source.ended()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("on_failure", ["reject", "skip"])
def test_what_stops_the_program_is_raised_to_who_asked(error: type[BaseException], on_failure: Any) -> None:
    """Whatever the policy; the thread goes on."""
    source = Source(failing(error()))
    with TimeLimited(source, GUARD, on_failure) as guard:
        with pytest.raises(error):
            guard.fetch(KEYS)
        source.answer = facts
        assert guard.fetch(KEYS) == facts(KEYS)
        assert len(set(source.threads)) == 1
    assert source.ended()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals between threads on this system")
def test_an_interrupted_caller_leaves_its_thread_counted_as_stuck() -> None:
    """The interrupt is raised at once, and the thread is free again when the source answers."""
    source = Source()
    source.go.clear()

    def interrupt() -> None:
        assert source.begun.acquire(timeout=GUARD)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    helper = threading.Thread(target=interrupt)
    with TimeLimited(source, GUARD, "skip", threads=1) as guard:
        helper.start()
        with pytest.raises(KeyboardInterrupt):
            guard.fetch(KEYS)
        helper.join()
        assert guard._stuck == 1
        assert guard.fetch(KEYS) == Facts()
        source.go.set()
        guard.close()
        assert source.ended()
        assert guard.fetch(KEYS) == facts(KEYS)
    assert source.ended()


def test_a_source_that_comes_and_goes_under_load() -> None:
    """Every answer belongs to its question or is given up; afterwards all is well, and no more threads than allowed."""
    source, done = Source(), threading.Event()
    right, given_up = threading.Semaphore(0), threading.Semaphore(0)
    guard = TimeLimited(source, 0.02, threads=4)

    def ask(seed: int) -> bool:
        number, are_right = 0, True
        while not done.is_set():
            number += 1
            keys = Keys((f"{seed}-{number}",))
            try:
                are_right = are_right and guard.fetch(keys) == facts(keys)
                right.release()
            except TimeoutError:
                given_up.release()
        return are_right

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask, seed) for seed in range(8)]
        for _ in range(10):
            source.go.clear()
            assert [given_up.acquire(timeout=GUARD) for _ in range(20)] == [True] * 20
            source.go.set()
            assert [right.acquire(timeout=GUARD) for _ in range(20)] == [True] * 20
        done.set()
        assert [answer.result(GUARD) for answer in answers] == [True] * 8
    guard._timeout = GUARD
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(guard.fetch, [Keys((str(n),)) for n in range(100)])) == [facts(Keys((str(n),))) for n in range(100)]
    assert (guard._stuck, len(guard._waiting), guard._threads <= 4) == (0, 0, True)
    guard.close()
    assert source.ended()


def program(text: str) -> subprocess.CompletedProcess[str]:
    """Run a program that makes a guard around a source that is stuck."""
    head = """
import os, threading
from validator.model.directory import Facts, Keys
from validator.directories.time_limit import TimeLimited

class Source:
    stuck = True
    def fetch(self, keys):
        if self.stuck:
            threading.Event().wait()
        return Facts()

source = Source()
guard = TimeLimited(source, 0.05, "skip", threads=1)
"""
    return subprocess.run([sys.executable, "-c", head + text], capture_output=True, text=True, timeout=GUARD, check=True)


def test_a_stuck_source_does_not_keep_the_program_from_ending() -> None:
    """Its threads are daemons."""
    outcome = program("print(guard.fetch(Keys()), guard.fetch(Keys()))")
    assert outcome.stdout == f"{Facts()} {Facts()}\n"
    assert kinds(outcome.stderr.splitlines()) == ["builtins.TimeoutError", "validator.directories.time_limit.StuckError"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_has_threads_of_its_own() -> None:
    """What was stuck or idle in the parent is not counted in the child."""
    outcome = program("""
guard.fetch(Keys())
child = os.fork()
if child == 0:
    source.stuck = False
    guard._timeout, guard._on_failure = 30, "reject"
    print(guard.fetch(Keys()), flush=True)
    os._exit(0)
print(os.waitpid(child, 0)[1])
""")
    assert outcome.stdout == f"{Facts()}\n0\n"


# Tasks


def test_a_source_that_is_not_in_time_is_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    """By the policy; when it answers again, so does the guard."""

    async def run() -> None:
        source = Later()
        source.go.clear()
        rejecting, skipping = AsyncTimeLimited(source, SOON), AsyncTimeLimited(source, SOON, "skip")
        with pytest.raises(TimeoutError, match=r"not answered within 0\.05 s"):
            await rejecting.fetch(KEYS)
        assert await skipping.fetch(KEYS) == Facts()
        assert kinds(caplog.messages) == ["builtins.TimeoutError"]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (source.cancelled, rejecting._stuck, skipping._stuck) == (2, set(), set())
        source.go.set()
        assert [await rejecting.fetch(KEYS), await skipping.fetch(KEYS)] == [facts(KEYS)] * 2

    asyncio.run(run())


@pytest.mark.parametrize("answer", [facts, failing(OSError(SECRET))])
def test_a_source_that_does_not_heed_being_cancelled(answer: Callable[[Keys], Any], caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for it; when too many questions hang, no more are asked until they have ended, however they end."""

    async def run() -> None:
        source = Later(answer, heeds=False)
        source.go.clear()
        guard = AsyncTimeLimited(source, SOON, tasks=2)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await guard.fetch(KEYS)
        guard._timeout = GUARD
        with pytest.raises(StuckError, match="2 questions"):
            await guard.fetch(KEYS)
        assert len(source.asked) == 2
        source.go.set()
        await asyncio.wait(set(guard._stuck))
        source.answer = facts
        assert await guard.fetch(KEYS) == facts(KEYS)
        assert guard._stuck == set()

    asyncio.run(run())
    assert caplog.messages == []


@pytest.mark.parametrize("on_failure", ["reject", "skip"])
def test_a_caller_that_is_cancelled_stays_cancelled(on_failure: Any) -> None:
    """Whatever the policy; and its question is cancelled too."""

    async def run() -> None:
        source = Later()
        source.go.clear()
        guard = AsyncTimeLimited(source, GUARD, on_failure)
        task = asyncio.create_task(guard.fetch(KEYS))
        await source.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        assert (source.cancelled, guard._stuck) == (1, set())

    asyncio.run(run())


def test_a_source_that_cancels_itself_has_failed() -> None:
    """Its caller has not been cancelled, so the policy holds."""

    async def run(on_failure: Any) -> Facts:
        return await AsyncTimeLimited(Later(failing(asyncio.CancelledError())), GUARD, on_failure).fetch(KEYS)

    with pytest.raises(RuntimeError, match="cancelled its own answer"):
        asyncio.run(run("reject"))
    assert asyncio.run(run("skip")) == Facts()


def test_a_thousand_tasks_each_get_their_own_answer() -> None:
    """Nothing is mixed up, and nothing left behind."""

    async def run() -> None:
        guard = AsyncTimeLimited(Later(), GUARD)
        asked = [Keys((str(n),)) for n in range(1000)]
        assert await asyncio.gather(*map(guard.fetch, asked)) == [facts(keys) for keys in asked]
        assert guard._stuck == set()

    asyncio.run(run())


# With an engine and a cache


REQUEST = Request(
    "2001",
    "",
    (),
    b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}',
    Caller.customer("1"),
)


def test_an_engine_answers_by_the_policy(caplog: pytest.LogCaptureFixture) -> None:
    """Reject is a 500-100; skip reports each rule that needs reference data as skipped."""
    source = Source(failing(OSError(SECRET)))
    with TimeLimited(source, GUARD) as rejecting, TimeLimited(source, GUARD, "skip") as skipping:
        rejected = load("create-email-response", rejecting, lazy=True).validate(REQUEST)
        skipped = load("create-email-response", skipping, lazy=True).validate(REQUEST)
    assert [failure.code for failure in rejected.failures] == ["500-100"]
    assert skipped == load("create-email-response", None, lazy=True).validate(REQUEST)
    assert skipped.skipped
    assert not any(SECRET in message for message in caplog.messages)
    assert source.ended()


def test_a_cache_around_a_guard_that_skips_goes_on_with_what_it_knows(caplog: pytest.LogCaptureFixture) -> None:
    """What is known is told, the rest is not supplied, and nothing of the outage is remembered."""
    caplog.set_level(logging.CRITICAL)
    known, other = Keys(("1",)), Keys(("1", "2"))
    settings = Settings(customer_departmentalization=True)
    source = Source(lambda keys: Facts(settings, {name: Customer(name) for name in keys.customers}, {}, {}, {}, {}))
    with TimeLimited(source, GUARD, "skip") as guard:
        cache = Cached(guard)
        before = cache.fetch(known)
        source.answer, answer = failing(OSError()), source.answer
        assert cache.fetch(known) == before
        assert cache.fetch(other) == before._replace(customers=None)
        source.answer = answer
        assert cache.fetch(other) == before._replace(customers={"1": Customer("1"), "2": Customer("2")})
    assert source.ended()
