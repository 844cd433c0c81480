"""Renewing objects in a forked process, which has neither its parent's threads nor their locks' owners.

A module of its own, because four classes need it that share nothing else: caches, time limits, reloading snapshots and
database directories.
"""

import os
from collections.abc import Callable
from weakref import WeakMethod


def renew_after_fork(renew: Callable[[], None]) -> None:
    """Call a bound method in each process forked from this one, for as long as its object exists.

    Needed by servers that load the application and then fork their workers (gunicorn ``--preload``).
    """
    method = WeakMethod(renew)

    def call() -> None:
        bound = method()
        if bound is not None:
            bound()

    if hasattr(os, "register_at_fork"):  # Windows has no fork
        os.register_at_fork(after_in_child=call)
