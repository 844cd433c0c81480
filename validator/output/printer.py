"""Where the outcome of a run goes: text as it comes, or a format at the end, to the terminal or to a file."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from validator.errors import UsageError
from validator.output.finding import Case, Outcome
from validator.output.formats import FORMATS
from validator.output.text import finding_lines, visible
from validator.output.text import write as write_text

Extra = Callable[[], str]  # the command's own JSON


class Printer(NamedTuple):
    """How a run is told.

    form: text, json, github, sarif or junit. file: where the form goes; the terminal then shows the text.
    quiet: no summary and no notes.
    """

    format: str
    file: str | None
    show_source: bool
    color: bool
    quiet: bool

    @property
    def shows_text(self) -> bool:
        """Whether the terminal shows the text."""
        return self.format == "text" or self.file is not None

    def print_case(self, case: Case) -> None:
        """Tell of a case as soon as it was judged."""
        if self.shows_text and case.findings:
            print_lines(self._text(case))

    def _formatted(self, outcome: Outcome, as_json: Extra) -> Iterable[str]:
        if self.format == "json":
            return [as_json()]
        return write_text(outcome, show_source=self.show_source) if self.format == "text" else FORMATS[self.format](outcome)

    def _text(self, case: Case) -> Iterator[str]:
        for finding in case.findings:
            if not (self.quiet and finding.level == "note"):
                yield from finding_lines(finding, show_source=self.show_source, color=self.color)

    def finish(self, outcome: Outcome, as_json: Extra, more: Iterable[str] = ()) -> None:
        """Tell the rest. as_json: the text of the form json. more: lines for the terminal after the summary.

        Raises OSError, and SetupError when the file cannot be written.
        """
        if self.shows_text and not self.quiet:
            print_lines([*outcome.summary, *more])
        if self.format != "text" or self.file is not None:
            lines = self._formatted(outcome, as_json)
            if self.file is None:
                print_lines(lines)
            else:
                _save(self.file, lines)
        # Standard error of a GitHub job can give commands too, and the annotations have told it.
        for line in outcome.unreadable if self.format != "github" or self.file is not None else ():
            print_error_line(visible(line))


def _save(file: str, lines: Iterable[str]) -> None:
    try:
        with Path(file).open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as opened:
            write(opened, lines)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None


def print_lines(lines: Iterable[str]) -> None:
    """Print lines on standard output, whose reader may have gone. Raises OSError when they cannot be written otherwise."""
    try:
        write(sys.stdout, lines)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that closing it is silent too
        if not isinstance(error, BrokenPipeError):  # a reader that has gone changes nothing of the exit status
            raise


def print_error_line(line: str) -> None:
    """Print a line on standard error; where that cannot be written there is nobody to tell."""
    with suppress(OSError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def write(stream: IO[str], lines: Iterable[str]) -> None:
    """Write lines with their ends."""
    stream.writelines(f"{line}\n" for line in lines)


def format_count(number: int, thing: str) -> str:
    """Return a number with its noun."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
