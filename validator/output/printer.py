"""Print the outcome of a run: text as it comes or another format at the end, on the terminal or into a file."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

from validator.errors import UsageError
from validator.output.finding import Case, Outcome
from validator.output.formats import JSON, TEXT, write
from validator.output.text import escape_line, format_finding
from validator.output.text import write as write_text

PROGRAM: Final = "activity-validator"
MakeJson = Callable[[], str]  # returns the outcome as the command's own JSON


class Printer(NamedTuple):
    """The output options of a command.

    format: one of FORMATS. file: where the format goes; the terminal then shows the text.
    quiet: without the summary and notes.
    """

    format: str
    file: str | None
    show_source: bool
    color: bool
    quiet: bool

    @property
    def shows_text(self) -> bool:
        """Whether the terminal shows the text."""
        return self.format == TEXT or self.file is not None

    def print_case(self, case: Case) -> None:
        """Print the findings of a case at once, if the terminal shows the text."""
        if self.shows_text and case.findings:
            print_lines(self._format_case(case))

    def _format_case(self, case: Case) -> Iterator[str]:
        for finding in case.findings:
            if not (self.quiet and finding.level == "note"):
                yield from format_finding(finding, show_source=self.show_source, color=self.color)

    def _format_outcome(self, outcome: Outcome, make_json: MakeJson) -> Iterable[str]:
        if self.format == JSON:
            return [make_json()]
        return write_text(outcome, show_source=self.show_source) if self.format == TEXT else write(self.format, outcome)

    def finish(self, outcome: Outcome, make_json: MakeJson, more: Iterable[str] = ()) -> None:
        """Print the summary, the format and unreadable input. more: lines for the terminal after the summary.

        Raises UsageError if the file or standard output cannot be written.
        """
        if self.shows_text and not self.quiet:
            print_lines([*outcome.summary, *more])
        if self.format != TEXT or self.file is not None:
            lines = self._format_outcome(outcome, make_json)
            if self.file is None:
                print_lines(lines)
            else:
                save_lines(self.file, lines)
        # A GitHub job finds commands on standard error too, and the annotations have these lines already.
        for one in outcome.unreadable if self.format != "github" or self.file is not None else ():
            print_error(str(one))


def save_lines(file: str, lines: Iterable[str]) -> None:
    """Write lines to a file. Raises UsageError if it cannot be written."""
    try:
        with Path(file).open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            _write_lines(stream, lines)
    except OSError as error:
        raise UsageError(f"{file or repr(file)}: {error.strerror}") from None


def print_lines(lines: Iterable[str]) -> None:
    """Print lines on standard output. A closed pipe is ignored; raises UsageError if they cannot be written otherwise."""
    try:
        _write_lines(sys.stdout, lines)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # closing it at exit must not fail again
        if not isinstance(error, BrokenPipeError):  # a reader that has gone does not change the exit status
            raise UsageError(f"standard output: {error.strerror}") from None


def print_error(message: str, label: str = "error") -> None:
    """Print ``activity-validator: error: message`` on standard error; ignored if that cannot be written."""
    with suppress(OSError):
        sys.stderr.write(f"{PROGRAM}: {label}: {escape_line(message)}\n")
        sys.stderr.flush()


def _write_lines(stream: IO[str], lines: Iterable[str]) -> None:
    stream.writelines(f"{line}\n" for line in lines)
