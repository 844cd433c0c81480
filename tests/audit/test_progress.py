"""The line that shows the progress on a terminal."""

import io

import pytest

from tests.audit.archives import audit, make_rows, write_parquet
from validator.audit import progress
from validator.audit.parts import Part
from validator.audit.progress import Progress
from validator.audit.tally import Tally
from validator.audit.worker import Outcome


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def make_outcome(share: float, requests: int, *, is_new: bool = True) -> Outcome:
    """Return the outcome of a part."""
    tally = Tally()
    tally.verdicts["accepted"] = requests
    return Outcome(Part(0, "a", 1, share), tally, is_new=is_new)


def test_rate_and_remaining_time_are_those_of_this_run() -> None:
    """Parts of earlier runs took no time."""
    line = Progress(io.StringIO())
    line.add(make_outcome(0.5, 1_000_000, is_new=False))
    assert line.format(0) == "50%  1,000,000 requests  0/s  0:00 left"
    line.add(make_outcome(0.1, 200_000))
    assert line.format(10) == "60%  1,200,000 requests  20,000/s  0:40 left"


def test_line_is_shown_twice_a_second_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is deleted at the end, and nothing is written elsewhere."""
    seconds = iter([100.0, 100.4, 100.5, 100.6])
    terminal = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr(progress, "monotonic", lambda: next(seconds))
        line = Progress(terminal)
        for _ in range(3):
            line.add(make_outcome(0.25, 10))
        line.close()
    assert terminal.getvalue() == "\r50%  20 requests  40/s  0:00 left\x1b[K\r\x1b[K"
    write_parquet("a.parquet", *make_rows(10))
    assert audit("a.parquet").stderr == ""
