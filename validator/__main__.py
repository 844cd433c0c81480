"""The process of the command: ``python -m validator``, or ``activity-validator``."""

import gc
from typing import NoReturn

GC_THRESHOLD = 100_000  # new objects between two runs of the garbage collector


def main() -> NoReturn:
    """Run the command. A short process leaves little garbage, and collecting it takes a fifteenth of the start."""
    gc.set_threshold(GC_THRESHOLD)
    from validator.cli.main import main as run  # noqa: PLC0415 - its imports create the objects

    run()


if __name__ == "__main__":
    main()
