"""Directories with a time limit: the facts in time, or the failure policy. They recover without intervention.

Wrap the time limit in the cache, not the other way round: ``Cached(TimeLimited(source))``.
"""

import asyncio
import threading
from collections import deque
from typing import Any, Final, Literal, Self, get_args

from validator.directories.fork import renew_after_fork
from validator.errors import describe_error, raise_if_stopping
from validator.model.directory import AsyncDirectory, Directory, Facts, Keys
from validator.model.input_types import check_facts
from validator.rare_log import ERROR, RareLog

FailurePolicy = Literal["reject", "skip"]
TIMEOUT: Final = 1.0  # seconds
THREADS: Final = 16
TASKS: Final = 256
IDLE_TIMEOUT: Final = 10.0  # seconds after which an idle thread ends
_SKIPPED: Final = "reference data unavailable, rules are skipped: %s (requests: %d)"
_AVAILABLE: Final = "reference data available again (requests without them: %d)"


class StuckError(TimeoutError):
    """The source is not called, because too many earlier calls have not returned."""


class _Call:
    """One call of the source. Its flags are guarded by the lock of the directory."""

    __slots__ = ("answer", "done", "error", "is_abandoned", "is_running", "keys")

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.done = threading.Event()
        self.answer: object = None
        self.error: BaseException | None = None
        self.is_running = False
        self.is_abandoned = False


class TimeLimited:
    """A Directory that calls another one with a time limit. Thread-safe.

    The source is called in daemon threads, started on demand: a source that hangs does not keep the program from ending. A
    thread that is stuck in the source is free again as soon as the source returns.
    """

    def __init__(
        self, directory: Directory, timeout: float = TIMEOUT, on_failure: FailurePolicy = "reject", threads: int = THREADS
    ) -> None:
        """Wrap a directory.

        timeout: how long a request waits in seconds, including the time in the queue.
        on_failure: the policy when the time is over, the source raises or its answer is invalid. "reject" raises (the engine
            answers 500-100); "skip" supplies nothing (rules that need reference data are reported as skipped) and logs the
            type of the error, at most once a minute.
        threads: maximum number of concurrent calls; when all are stuck, the policy applies at once.
        Raises ValueError for a timeout that is not positive, an unknown policy, or fewer than one thread.
        """
        _check_settings(timeout, on_failure, "threads", threads)
        self._directory = directory
        self._timeout = timeout
        self._on_failure = on_failure
        self._outage = RareLog(ERROR, _SKIPPED)
        self._max_threads = threads
        self._renew()
        renew_after_fork(self._renew)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the source and the settings; the copy calls the source in threads of its own."""
        return type(self), (self._directory, self._timeout, self._on_failure, self._max_threads)

    def _renew(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[_Call] = deque()
        self._threads = self._idle = self._stuck = 0
        self._closings = 0

    def fetch(self, keys: Keys) -> Facts:
        """Return the facts of the source, or ``Facts()`` by the policy "skip".

        Raises by the policy "reject" the errors of the source, TimeoutError, StuckError, and TypeError for an invalid answer.
        """
        try:
            facts = check_facts(self._fetch(keys), keys)
        except BaseException as error:
            raise_if_stopping(error)
            if self._on_failure == "reject":
                raise
            self._outage.note(describe_error(error))
            return Facts()
        self._outage.end(_AVAILABLE)
        return facts

    def close(self) -> None:
        """End the idle threads now. The directory can still be used."""
        with self._changed:
            self._closings += 1
            self._changed.notify_all()

    def __enter__(self) -> Self:
        """Return the directory."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the directory."""
        self.close()

    def _fetch(self, keys: Keys) -> object:
        call = _Call(keys)
        try:
            self._enqueue(call)
            call.done.wait(self._timeout)
        finally:
            self._abandon(call)
        if call.is_abandoned:
            raise TimeoutError(f"the source did not answer within {self._timeout} s")
        if call.error is not None:
            raise call.error
        return call.answer

    def _enqueue(self, call: _Call) -> None:
        with self._changed:
            if self._stuck >= self._max_threads:
                raise StuckError(f"{self._stuck} calls of the source have not returned")
            if self._idle <= len(self._queue) and self._threads < self._max_threads:
                threading.Thread(target=self._work, args=(self._closings,), name="validator-time-limit", daemon=True).start()
                self._threads += 1
            self._queue.append(call)
            self._changed.notify()

    def _abandon(self, call: _Call) -> None:
        """Give up a call that is not done: remove it from the queue, or count its thread as stuck."""
        with self._changed:
            if call.done.is_set():
                return
            call.is_abandoned = True
            if call.is_running:
                self._stuck += 1
            elif call in self._queue:
                self._queue.remove(call)

    def _work(self, closings: int) -> None:
        while (call := self._next_call(closings)) is not None:
            try:
                call.answer = self._directory.fetch(call.keys)
            except BaseException as error:  # noqa: BLE001 - raised to the caller, whatever it is
                call.error = error
            with self._changed:
                call.done.set()
                self._stuck -= call.is_abandoned
            del call  # an idle thread must not hold keys and facts in memory

    def _next_call(self, closings: int) -> _Call | None:
        """Wait for a call; None: the directory was closed or no call came for a while, and the thread ends."""
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._queue or self._closings != closings, IDLE_TIMEOUT)
            self._idle -= 1
            if not self._queue:
                self._threads -= 1
                return None
            call = self._queue.popleft()
            call.is_running = True
            return call


class AsyncTimeLimited:
    """An AsyncDirectory that calls another one with a time limit, for any number of tasks.

    The source is called in a separate task, which is cancelled when the time is over; no request waits for it to end.
    """

    def __init__(
        self, directory: AsyncDirectory, timeout: float = TIMEOUT, on_failure: FailurePolicy = "reject", tasks: int = TASKS
    ) -> None:
        """Wrap a directory.

        timeout, on_failure: as for TimeLimited.
        tasks: maximum number of cancelled calls that have not ended; beyond it the policy applies at once.
        Raises ValueError for a timeout that is not positive, an unknown policy, or fewer than one task.
        """
        _check_settings(timeout, on_failure, "tasks", tasks)
        self._directory = directory
        self._timeout = timeout
        self._on_failure = on_failure
        self._outage = RareLog(ERROR, _SKIPPED)
        self._max_tasks = tasks
        self._stuck: set[asyncio.Task[object]] = set()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the source and the settings; the copy calls the source in tasks of its own."""
        return type(self), (self._directory, self._timeout, self._on_failure, self._max_tasks)

    async def fetch(self, keys: Keys) -> Facts:
        """Return the facts of the source, or ``Facts()`` by the policy "skip".

        Raises by the policy "reject" the errors of the source, TimeoutError, StuckError, RuntimeError when the source cancels
        its task, and TypeError for an invalid answer. Cancelling the caller raises CancelledError under either policy.
        """
        try:
            facts = check_facts(await self._fetch(keys), keys)
        except BaseException as error:
            raise_if_stopping(error)
            if self._on_failure == "reject":
                raise
            self._outage.note(describe_error(error))
            return Facts()
        self._outage.end(_AVAILABLE)
        return facts

    async def _fetch(self, keys: Keys) -> object:
        if len(self._stuck) >= self._max_tasks:
            raise StuckError(f"{len(self._stuck)} calls of the source have not returned")
        task = asyncio.get_running_loop().create_task(self._call_source(keys))
        try:
            await asyncio.wait({task}, timeout=self._timeout)
        finally:
            if not task.done():
                self._stuck.add(task)
                task.add_done_callback(self._discard)
                task.cancel()
        if not task.done():
            raise TimeoutError(f"the source did not answer within {self._timeout} s")
        if task.cancelled():
            raise RuntimeError("the source cancelled its task")
        return task.result()

    async def _call_source(self, keys: Keys) -> object:
        return await self._directory.fetch(keys)

    def _discard(self, task: asyncio.Task[object]) -> None:
        self._stuck.discard(task)
        if not task.cancelled():
            task.exception()  # retrieve it, or asyncio would log its text


def _check_settings(timeout: float, on_failure: str, name: str, count: int) -> None:
    if not 0 < timeout <= threading.TIMEOUT_MAX:
        raise ValueError(f"timeout must be a finite number of seconds above 0, got {timeout!r}")
    if on_failure not in get_args(FailurePolicy):
        raise ValueError(f"on_failure must be 'reject' or 'skip', got {on_failure!r}")
    if count < 1:
        raise ValueError(f"{name} must be at least 1, got {count!r}")
