"""The process of the command: ``python -m validator``, or ``activity-validator``."""

import gc
from typing import NoReturn

SELDOM = 100_000  # new objects between two looks of the garbage collector


def main() -> NoReturn:
    """Run the command. A process that ends soon makes little garbage: looking for it was a fifteenth of the start."""
    gc.set_threshold(SELDOM)
    from validator.cli.main import main as run  # noqa: PLC0415 - what it imports is what takes the time

    run()


if __name__ == "__main__":
    main()
