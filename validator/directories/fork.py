"""What a forked process lacks: the threads of its parent, and locks that one of them may have held."""

import os
from collections.abc import Callable
from weakref import WeakMethod


def renew_after_fork(renew: Callable[[], None]) -> None:
    """Call a bound method in each process that is forked from this one, for as long as its object lives.

    Servers that load the application and then fork their workers need it (gunicorn ``--preload``).
    """
    method = WeakMethod(renew)

    def call() -> None:
        living = method()
        if living is not None:
            living()

    if hasattr(os, "register_at_fork"):  # no such thing as fork on Windows
        os.register_at_fork(after_in_child=call)
