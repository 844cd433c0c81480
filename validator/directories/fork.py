"""Renewing objects in a forked process, which has neither its parent's threads nor their locks' owners.

A module of its own, because four classes need it that share nothing else: caches, time limits, reloading snapshots and
database directories.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import Any
from weakref import WeakMethod

_RENEWALS: dict[WeakMethod[Callable[[], None]], None] = {}


def renew_after_fork(renew: Callable[[], None]) -> None:
    """Call a bound method in each process forked from this one, for as long as its object exists.

    Needed by servers that load the application and then fork their workers (gunicorn ``--preload``).
    """
    _register()
    _RENEWALS[WeakMethod(renew, _forget)] = None


def _forget(method: Any) -> None:
    _RENEWALS.pop(method, None)


def _renew_all() -> None:
    for renew in filter(None, [method() for method in list(_RENEWALS)]):
        renew()


@cache
def _register() -> None:
    if hasattr(os, "register_at_fork"):  # Windows has no fork
        os.register_at_fork(after_in_child=_renew_all)
