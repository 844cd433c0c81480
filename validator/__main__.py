"""The process of the command: ``python -m validator``, or ``activity-validator``."""

import gc
import os
import signal
from typing import NoReturn

from validator.errors import EXIT_INTERRUPTED, set_interrupt

GC_THRESHOLD = 100_000  # new objects between two runs of the garbage collector


def main() -> NoReturn:
    """Run the command. A short process leaves little garbage, and collecting it takes a fifteenth of the start."""
    gc.set_threshold(GC_THRESHOLD)
    # A KeyboardInterrupt would print a stack trace while modules are imported, and some libraries do not survive it.
    set_interrupt(_leave)
    try:
        from validator.cli.main import main as run  # noqa: PLC0415 - its imports create the objects

        run()
    finally:
        set_interrupt(signal.SIG_IGN)  # the exit status is known


def _leave(_signal: int, _frame: object) -> NoReturn:
    os._exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
