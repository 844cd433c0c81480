"""Pause the garbage collector while a large body or a snapshot is read.

The collector runs again and again while a tree grows, and each full run visits every object so far. A tree has no cycles: there
is nothing to find in it, and without the pause a body of nothing but brackets takes more than twice the time, and more than
linear time.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

LARGE_BODY: Final = 1 << 16  # bytes: a smaller body has too few objects for many runs


class _State:
    """Whether this module has disabled the collector, which belongs to the whole process."""

    is_paused = False


@contextmanager
def pause_collector() -> Iterator[None]:
    """Disable the garbage collector, unless it is disabled already, and enable it again in any case.

    Pauses are not counted: the first of two threads to finish ends the pause of both. Otherwise bodies that overlap without end
    would disable the collector for ever, and the other thread only loses time. A collector that the application has disabled
    stays so.
    """
    if not gc.isenabled():
        yield
        return
    try:
        _State.is_paused = True
        gc.disable()
        yield
    finally:
        _resume()


def _resume() -> None:
    if _State.is_paused:
        _State.is_paused = False
        gc.enable()


def _ignore(**_callbacks: Callable[[], None]) -> None:
    """Register nothing: this system has no fork."""


# A process that is forked during a pause lacks the thread that would end it.
getattr(os, "register_at_fork", _ignore)(after_in_child=_resume)
