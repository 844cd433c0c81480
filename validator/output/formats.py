"""The list of output formats. Each has a module here with a function ``write``, except JSON, which each command defines."""

from collections.abc import Iterator
from importlib import import_module
from typing import Final

from validator.output.finding import Outcome

TEXT: Final = "text"
JSON: Final = "json"
FORMATS: Final = (TEXT, JSON, "github", "sarif", "junit")  # the values of --format


def write(name: str, outcome: Outcome) -> Iterator[str]:
    """Return the lines of an outcome in a format other than JSON, without line ends.

    The module of the format is imported here: a run writes one format.
    """
    lines: Iterator[str] = import_module(f"validator.output.{name}").write(outcome)
    return lines
