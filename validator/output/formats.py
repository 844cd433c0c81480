"""The output formats by name. Each module of a format has a function ``write``: from an Outcome to lines without line ends."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Final

from validator.output.finding import Outcome

Write = Callable[[Outcome], Iterator[str]]


def _make_writer(name: str) -> Write:
    def write(outcome: Outcome) -> Iterator[str]:
        """Write with the module of this name, imported on first use: a run writes one format."""
        lines: Iterator[str] = import_module(f"validator.output.{name}").write(outcome)
        return lines

    return write


FORMATS: Final[Mapping[str, Write]] = {name: _make_writer(name) for name in ("text", "github", "sarif", "junit")}
