"""Log lines about events that clients can cause."""

import copy
import logging
import pickle
import threading
from collections.abc import Iterator

import pytest

from validator import rare_log
from validator.rare_log import ERROR, WARNING, RareLog, log_rarely


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Restore the interval of a minute, and return a clock."""
    monkeypatch.setattr(rare_log, "INTERVAL", 60.0)
    monkeypatch.setattr(rare_log, "_EVENTS", {})
    return Clock()


@pytest.fixture(autouse=True)
def _every_level(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.DEBUG, "validator"):
        yield


def test_event_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    """With the number of times since the last line."""
    log = RareLog(WARNING, "seen %s: %d", clock)
    for clock.now in (0, 1, 59.9, 60, 61, 200):
        log.note(clock.now)
    assert caplog.messages == ["seen 0: 1", "seen 60: 3", "seen 200: 2"]
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_end_is_logged_once(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    """With the number of all events since the end before, and not within a second: requests that began earlier may succeed."""
    log = RareLog(ERROR, "down: %d", clock)
    log.end("up: %d")
    for clock.now in (0, 1, 2):
        log.note()
        log.end("up: %d")
    for clock.now in (2.9, 3, 4):
        log.end("up: %d")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("ERROR", "down: 1"), ("WARNING", "up: 3")]


def test_unsteady_source_causes_two_lines_a_minute(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    """Failures soon after an end are counted in the next lines."""
    log = RareLog(ERROR, "down: %d", clock)
    for number in range(0, 130, 2):
        clock.now = number
        log.note()
        clock.now = number + 1
        log.end("up: %d")
    assert caplog.messages == ["down: 1", "up: 1", "down: 30", "up: 30", "down: 30", "up: 30"]


def test_threads_lose_no_event(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    """Every event is counted in one of the lines, whichever thread writes it."""
    log = RareLog(ERROR, "down: %d", clock)

    def note() -> None:
        for _ in range(2000):
            log.note()

    threads = [threading.Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.now = 10
    log.end("up: %d")
    assert caplog.messages == ["down: 1", "up: 8000"]


def test_line_of_another_thread_is_not_waited_for(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    """The event is counted, and the next line has it."""
    log = RareLog(ERROR, "down: %d", clock)
    with log._lock:
        log.note()
    log.note()
    clock.now = 10
    with log._lock:
        log.end("up: %d")
    assert caplog.messages == ["down: 2"]


def test_copy_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    """Pickled or copied, with its settings."""
    log = RareLog(ERROR, "down: %d", interval=0)
    log.note()
    for other in (copy.deepcopy(log), pickle.loads(pickle.dumps(log))):
        other.note()
        other.note()
    assert caplog.messages == ["down: 1"] * 5


def test_kinds_of_events_are_limited(caplog: pytest.LogCaptureFixture) -> None:
    """Events with the same text are one kind, and those with unusually many texts another."""
    for text in ("a", "b", "a", *map(str, range(98)), "c", "d"):
        log_rarely(ERROR, text)
    assert caplog.messages == [f"{text} (requests: 1)" for text in ("a", "b", *range(98), "c")]
    assert len(rare_log._EVENTS) == 101
