"""The list of output formats. Each has a module here with a function ``write``, except JSON, which each command defines."""

import os
from collections.abc import Iterator
from importlib import import_module
from typing import Final

from validator.output.finding import Outcome

TEXT: Final = "text"
JSON: Final = "json"
FORMATS: Final = (TEXT, JSON, "github", "gitlab", "sarif", "junit")  # the values of --format


def write(name: str, outcome: Outcome) -> Iterator[str]:
    """Return the lines of an outcome in a format for CI services, without line ends; files are named from the repository's root.

    The modules are imported here: a run writes one format.
    """
    relocate = import_module("validator.output.repository").relocate
    lines: Iterator[str] = import_module(f"validator.output.{name}").write(relocate(outcome, os.environ))
    return lines
