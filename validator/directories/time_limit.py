"""Directories with a time limit: the source's answer in time, or the stated policy. Nothing hangs; recovery needs nobody.

Where a source has a cache too, the guard stands inside: ``Cached(TimeLimited(source))``.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Mapping
from typing import Final, Literal, Self, get_args

from validator.directories.fork import renew_after_fork
from validator.errors import describe_error
from validator.model.directory import AsyncDirectory, Directory, Facts, Keys, Settings

FailurePolicy = Literal["reject", "skip"]
TIMEOUT: Final = 1.0
THREADS: Final = 16
TASKS: Final = 256
IDLE_SECONDS: Final = 10.0  # that a thread without work stays for the next one
_LOG: Final = logging.getLogger("validator")


class StuckError(TimeoutError):
    """The source has left so many questions unanswered that it is not asked another one."""


class _Call:
    """One question: its state is the guard's lock's affair until it is done."""

    __slots__ = ("answer", "done", "error", "given_up", "keys", "taken")

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.done = threading.Event()
        self.answer: object = None
        self.error: BaseException | None = None
        self.taken = False  # a thread asks the source
        self.given_up = False  # who asked has gone


class TimeLimited:
    """A Directory that answers within a time limit. For any number of threads.

    The source is asked in threads of the guard's own, made when needed. They are daemons: a source that hangs does not
    keep the program from ending. A thread that is stuck in the source is free again as soon as the source answers.
    """

    def __init__(
        self, directory: Directory, timeout: float = TIMEOUT, on_failure: FailurePolicy = "reject", threads: int = THREADS
    ) -> None:
        """Wrap a source of reference data.

        timeout: how long a request waits, in all. on_failure: what becomes of it then, and when the source raises or
            answers what is none: "reject" raises (the engine answers 500-100), "skip" supplies nothing (the rules that
            need reference data are reported as skipped) and logs the type of the error.
        threads: the most questions at a time; when all are stuck, requests are answered by the policy at once.
        Raises ValueError for a time that is not positive, another policy, or no threads.
        """
        _check(timeout, on_failure, threads)
        self._directory = directory
        self._timeout = timeout
        self._on_failure = on_failure
        self._most = threads
        self._renew()
        renew_after_fork(self._renew)

    def _renew(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[_Call] = deque()
        self._threads = self._idle = self._stuck = 0
        self._closed = 0

    def fetch(self, keys: Keys) -> Facts:
        """Return the source's facts, or Facts() by the policy.

        Raises by the policy what the source raises, TimeoutError, StuckError, and TypeError for an answer that is none.
        """
        try:
            return checked(self._asked(keys))
        except Exception as error:
            if self._on_failure == "reject":
                raise
            return _skipped(error)

    def close(self) -> None:
        """End the threads without work now, not after a while. The guard can still be used."""
        with self._changed:
            self._closed += 1
            self._changed.notify_all()

    def __enter__(self) -> Self:
        """Return the guard."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _asked(self, keys: Keys) -> object:
        call = _Call(keys)
        try:
            self._queue(call)
            call.done.wait(self._timeout)
        finally:
            self._leave(call)
        if call.given_up:
            raise TimeoutError(f"the source has not answered within {self._timeout} s")
        if call.error is not None:
            raise call.error
        return call.answer

    def _queue(self, call: _Call) -> None:
        with self._changed:
            if self._stuck >= self._most:
                raise StuckError(f"{self._stuck} questions to the source are unanswered")
            if self._idle <= len(self._waiting) and self._threads < self._most:
                threading.Thread(target=self._work, args=(self._closed,), name="validator-guard", daemon=True).start()
                self._threads += 1
            self._waiting.append(call)
            self._changed.notify()

    def _leave(self, call: _Call) -> None:
        """Give up what is not done: it is taken from the queue, or the thread that asks is known to be stuck."""
        with self._changed:
            if call.done.is_set():
                return
            call.given_up = True
            if call.taken:
                self._stuck += 1
            elif call in self._waiting:
                self._waiting.remove(call)

    def _work(self, closed: int) -> None:
        while (call := self._next(closed)) is not None:
            try:
                call.answer = self._directory.fetch(call.keys)
            except BaseException as error:  # noqa: BLE001 - it is raised to who asked, whatever it is
                call.error = error
            with self._changed:
                call.done.set()
                self._stuck -= call.given_up
            del call  # and with it what was asked and answered, while there is no other

    def _next(self, closed: int) -> _Call | None:
        """Wait for a call; None: there is none, for long or since the guard was closed, and the thread ends."""
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._waiting or self._closed != closed, IDLE_SECONDS)
            self._idle -= 1
            if not self._waiting:
                self._threads -= 1
                return None
            call = self._waiting.popleft()
            call.taken = True
            return call


class AsyncTimeLimited:
    """An AsyncDirectory that answers within a time limit. For any number of tasks.

    The source is asked by a task of its own, which is cancelled when the time is over; nobody waits for it to end.
    """

    def __init__(
        self, directory: AsyncDirectory, timeout: float = TIMEOUT, on_failure: FailurePolicy = "reject", tasks: int = TASKS
    ) -> None:
        """Wrap a source of reference data.

        timeout, on_failure: as for TimeLimited. tasks: when so many cancelled questions have not ended, because the source
            does not heed it, requests are answered by the policy at once.
        Raises ValueError for a time that is not positive, another policy, or no tasks.
        """
        _check(timeout, on_failure, tasks)
        self._directory = directory
        self._timeout = timeout
        self._on_failure = on_failure
        self._most = tasks
        self._stuck: set[asyncio.Task[object]] = set()

    async def fetch(self, keys: Keys) -> Facts:
        """Return the source's facts, or Facts() by the policy.

        Raises by the policy what the source raises, TimeoutError, StuckError, RuntimeError when the source cancels itself,
        and TypeError for an answer that is none. A caller that is cancelled stays cancelled.
        """
        try:
            return checked(await self._asked(keys))
        except Exception as error:
            if self._on_failure == "reject":
                raise
            return _skipped(error)

    async def _asked(self, keys: Keys) -> object:
        if len(self._stuck) >= self._most:
            raise StuckError(f"{len(self._stuck)} questions to the source have not ended")
        task = asyncio.get_running_loop().create_task(self._ask(keys))
        try:
            await asyncio.wait({task}, timeout=self._timeout)
        finally:
            if not task.done():
                self._stuck.add(task)
                task.add_done_callback(self._end)
                task.cancel()
        if not task.done():
            raise TimeoutError(f"the source has not answered within {self._timeout} s")
        if task.cancelled():
            raise RuntimeError("the source has cancelled its own answer")
        return task.result()

    async def _ask(self, keys: Keys) -> object:
        return await self._directory.fetch(keys)

    def _end(self, task: asyncio.Task[object]) -> None:
        self._stuck.discard(task)
        if not task.cancelled():
            task.exception()  # it has been looked at: asyncio need not log its text


def checked(answer: object) -> Facts:
    """Return what a source has answered. Raises TypeError when it is no Facts, or a section of it no mapping."""
    if not isinstance(answer, Facts):
        raise TypeError(f"the source answered with a {type(answer).__qualname__}, not with Facts")
    if not isinstance(answer.settings, Settings | None):
        raise TypeError(f"the source answered with a {type(answer.settings).__qualname__} for settings")
    for name, section in zip(Keys._fields, answer[1:], strict=True):
        if not isinstance(section, Mapping | None):
            raise TypeError(f"the source answered with a {type(section).__qualname__} for {name}")
    return answer


def _check(timeout: float, on_failure: str, most: int) -> None:
    if not 0 < timeout <= threading.TIMEOUT_MAX:
        raise ValueError(f"a time limit is a number of seconds above 0, not {timeout!r}")
    if on_failure not in get_args(FailurePolicy):
        raise ValueError(f"no policy is named {on_failure!r}: reject or skip")
    if most < 1:
        raise ValueError(f"the source is asked at least once at a time, not {most!r} times")


def _skipped(error: Exception) -> Facts:
    _LOG.error("the reference data could not be reached, and rules are skipped: %s", describe_error(error))
    return Facts()
