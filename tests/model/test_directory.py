"""Directories of either kind in asynchronous code: a synchronous one does not block other tasks."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final

import pytest

from tests.servers.parts import ENGINE, GOOD, OPERATION, TENANT
from validator import Caller, Facts, Keys, Request, load
from validator.directories import ReloadingSnapshot, Snapshot
from validator.model.directory import is_asynchronous
from validator.operation.home import shipped_fixtures

REQUEST: Final = Request("2001", body=GOOD, caller=Caller.customer("1001"))
GUARD: Final = 60  # seconds after which a test that hangs fails
PARALLEL: Final = 5


class Slow:
    """A synchronous directory that answers when it has as many calls at once. threads: that have called it."""

    def __init__(self, calls: int = 1) -> None:
        self.threads: list[threading.Thread] = []
        self._calls = threading.Barrier(calls, timeout=GUARD)

    def fetch(self, _keys: Keys) -> Facts:
        """Wait, and return the facts of the tenant."""
        self.threads.append(threading.current_thread())
        self._calls.wait()
        return TENANT.facts


class AtOnce(Slow):
    """A directory that answers at once, as it says."""

    answers_at_once = True


class Later:
    """A directory whose ``fetch`` is not a coroutine function, and returns an awaitable all the same."""

    def fetch(self, _keys: Keys) -> Any:
        """Return a coroutine."""
        return self._fetch()

    async def _fetch(self) -> Facts:
        await asyncio.sleep(0)
        return TENANT.facts


class Raising:
    """A directory that raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def fetch(self, _keys: Keys) -> Facts:
        """Raise."""
        raise self.error


def test_synchronous_directory_does_not_block_other_tasks() -> None:
    """Five requests are fetched at the same time, and each has the report of the library."""
    directory = Slow(PARALLEL)
    engine = load(OPERATION, directory)

    async def run() -> list[Any]:
        reports: list[Any] = await asyncio.gather(*(engine.validate_async(REQUEST) for _ in range(PARALLEL)))
        return reports

    assert asyncio.run(run()) == [ENGINE.validate(REQUEST)] * PARALLEL
    assert threading.main_thread() not in directory.threads


def test_synchronous_directory_is_asked_in_the_thread_of_the_caller() -> None:
    """No thread is started for synchronous code."""
    directory = Slow()
    assert load(OPERATION, directory).validate(REQUEST).accepted
    assert directory.threads == [threading.main_thread()]


def test_directory_that_answers_at_once_needs_no_thread() -> None:
    """A thread would take longer than a snapshot."""
    directory = AtOnce()
    assert asyncio.run(load(OPERATION, directory).validate_async(REQUEST)).accepted
    assert directory.threads == [threading.main_thread()]
    assert Snapshot.answers_at_once
    assert ReloadingSnapshot.answers_at_once
    with ReloadingSnapshot(shipped_fixtures() / "directory.json") as reloading:
        assert asyncio.run(load(OPERATION, reloading).validate_async(REQUEST)).accepted


@pytest.mark.parametrize("answer", [1, "yes", None])
def test_only_true_answers_at_once(answer: Any) -> None:
    """A mistake does not block the loop."""
    directory = AtOnce()
    directory.answers_at_once = answer
    assert asyncio.run(load(OPERATION, directory).validate_async(REQUEST)).accepted
    assert threading.main_thread() not in directory.threads


def test_awaitable_of_a_thread_is_awaited() -> None:
    """Of a directory that does not look asynchronous."""
    assert not is_asynchronous(Later())
    assert asyncio.run(load(OPERATION, Later()).validate_async(REQUEST)).accepted


@pytest.mark.parametrize(
    "error",
    [ValueError("s3cret"), StopIteration(), concurrent.futures.CancelledError(), BaseExceptionGroup("s3cret", [OSError()])],
)
def test_error_in_a_thread_is_reported(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    """Some of these would cancel the task that waits, or let it wait forever."""
    report = asyncio.run(asyncio.wait_for(load(OPERATION, Raising(error)).validate_async(REQUEST), 10))
    assert [failure.code for failure in report.failures] == ["500-100"]
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_error_that_stops_the_program_is_raised(stop: type[BaseException]) -> None:
    """Also from a thread."""
    with pytest.raises(stop):
        asyncio.run(load(OPERATION, Raising(stop())).validate_async(REQUEST))


def run_without_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that waits for nothing, without asyncio."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("the coroutine waits")


def test_other_event_loops_call_the_directory_themselves() -> None:
    """Threads of asyncio need its loop; a library such as trio has its own."""
    directory = Slow()
    assert run_without_loop(load(OPERATION, directory).validate_async(REQUEST)).accepted
    assert directory.threads == [threading.main_thread()]


@pytest.mark.parametrize(
    ("make", "is_awaited"), [(Slow, False), (Later, False), (lambda: None, False), (object, False), (lambda: load, False)]
)
def test_asynchronous_directories_are_recognized(make: Callable[[], object], *, is_awaited: bool) -> None:
    """By their function."""

    class Asynchronous(Slow):
        async def fetch(self, keys: Keys) -> Facts:  # type: ignore[override]
            """Return the facts."""
            return super().fetch(keys)

    assert is_asynchronous(make()) == is_awaited
    assert is_asynchronous(Asynchronous())
    assert load(OPERATION, Asynchronous()).is_asynchronous
    assert not ENGINE.is_asynchronous
    assert not load(OPERATION).is_asynchronous
