"""Log lines about events that clients can cause: at most one a minute for each kind, so that no outage fills the log."""

from _thread import allocate_lock  # without importing threading, which a program that only validates does not need
from collections.abc import Callable
from itertools import count
from math import inf
from time import monotonic
from typing import Any, Final

INTERVAL: Final = 60.0  # seconds between two lines about events of one kind
QUIET: Final = 1.0  # seconds: requests that began before an outage may succeed during it
WARNING: Final = 30  # levels of ``logging``, which is imported when something is logged
ERROR: Final = 40
_MAX_KINDS: Final = 100  # events with distinct texts


class RareLog:
    """Logs an event at most once in an interval, with the number of times since the last line. Thread-safe.

    is_open: whether the event was logged, and not its end.
    """

    def __init__(self, level: int, message: str, clock: Callable[[], float] = monotonic, interval: float | None = None) -> None:
        """Create it.

        message: with ``%d`` for the number, after the places of details. clock: returns the time in seconds. interval: seconds
        between two lines; None: a minute.
        """
        self.is_open = False
        self._arguments = (level, message, clock, interval)
        self._clock = clock
        self._numbers = count(1)  # taking the next number is atomic, so that threads count without waiting
        self._reported = self._ended = 0  # numbers of the last line and of the last end
        self._last = self._next = -inf
        self._lock = allocate_lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy without the events."""
        return type(self), self._arguments

    def note(self, *details: object) -> None:
        """Count one event, and log it unless one was logged within the interval."""
        number = next(self._numbers)
        self._last = now = self._clock()
        if now < self._next or not self._lock.acquire(blocking=False):
            return
        try:
            level, message, _, interval = self._arguments
            _log(level, message, *details, number - self._reported)
            self._next, self._reported, self.is_open = now + (INTERVAL if interval is None else interval), number, True
        finally:
            self._lock.release()

    def end(self, message: str) -> None:
        """Log that a logged event is over, unless it happened in the last second. message: with ``%d`` for the number."""
        if not self.is_open or self._clock() < self._last + QUIET or not self._lock.acquire(blocking=False):
            return
        try:
            number = next(self._numbers)
            _log(WARNING, message, number - 1 - self._ended)
            self._reported = self._ended = number
            self.is_open = False
        finally:
            self._lock.release()


_EVENTS: Final[dict[str, RareLog]] = {}


def log_rarely(level: int, text: str) -> None:
    """Log an event of a request at most once a minute, with the number of requests since the last line with the same text."""
    kind = text if text in _EVENTS or len(_EVENTS) < _MAX_KINDS else ""
    _EVENTS.setdefault(kind, RareLog(level, "%s (requests: %d)")).note(text)


def _log(level: int, message: str, *details: object) -> None:
    from logging import getLogger  # noqa: PLC0415 - valid requests need none

    getLogger("validator").log(level, message, *details)
