"""``check``: files judged one after the other, told as they come, and summed up."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from validator.check.checker import CheckedRequest, Checker
from validator.check.discovery import find_files
from validator.check.results import KINDS, find_unused_suppressions, make_case
from validator.inputs import reader
from validator.inputs.reader import STANDARD_INPUT, UnreadableInput
from validator.model.common_codes import INTERNAL_ERROR
from validator.output.finding import Case, Finding, Kind, Outcome
from validator.output.printer import Printer, format_count

if TYPE_CHECKING:
    from validator.check.config import Suppression

EXIT_OK, EXIT_FAILURES, EXIT_UNREADABLE, EXIT_INTERNAL = range(4)
MANY = 50  # files, from which on a progress bar is shown on a terminal


class RunSummary:
    """What a run has come to. used: the suppressions that were, by file. not_checked: files, as enough was found before."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.done: list[CheckedRequest] = []
        self.cases: list[Case] = []
        self.unreadable: list[str] = []
        self.used: dict[str, frozenset[Suppression]] = {}
        self.unused: list[Finding] = []
        self.not_payloads = 0
        self.not_checked = 0

    @property
    def findings(self) -> int:
        """How many requests are not as expected, and suppressions unused."""
        return sum(not one.is_as_expected for one in self.done) + len(self.unused)

    @property
    def status(self) -> int:
        """The exit status."""
        if any(failure.code == INTERNAL_ERROR.code for one in self.done for failure in one.report.failures):
            return EXIT_INTERNAL
        if self.unreadable:
            return EXIT_UNREADABLE
        return EXIT_FAILURES if self.findings else EXIT_OK


def run(checker: Checker, paths: Sequence[str], printer: Printer, limit: int | None, *, configured: bool = False) -> int:
    """Check everything, print it, and return the exit status. limit: of findings, after which the run ends.

    configured: the paths are those of the configuration, and some payload must be there.

    Raises config.SetupError and OSError.
    """
    summary = RunSummary()
    try:
        wanted = list(dict.fromkeys(find_files(paths, checker.config, checker.command_line.directory)))
    except UnreadableInput as error:
        summary.unreadable.append(str(error))
        wanted = []
    payloads = [file for file in wanted if file == STANDARD_INPUT or checker.config.is_payload(file)]
    summary.not_payloads = len(wanted) - len(payloads)
    if configured and wanted and not payloads:
        summary.unreadable.append("there is no payload: nothing here matches what the configuration says of payloads")
    for index, file in _progress(payloads, printer):
        _check(checker, file, summary, printer)
        if limit is not None and summary.findings >= limit:
            summary.not_checked = len(payloads) - index - 1
            break
    if not summary.not_checked and not summary.unreadable:
        summary.unused = list(find_unused_suppressions(checker, summary.used))
        for finding in summary.unused:
            one = Case(finding.location.file, f"suppression on line {finding.location.region.start.line}", (finding,))
            summary.cases.append(one)
            printer.print_case(one)
    kinds: list[Kind] = [*checker.known_codes.values(), *KINDS]
    outcome = Outcome(summary.cases, kinds, summary.unreadable, list(_summary(summary, checker)))
    printer.finish(outcome, lambda: _as_json(summary))
    return summary.status


def _check(checker: Checker, file: str, summary: RunSummary, printer: Printer) -> None:
    try:
        data = sys.stdin.buffer.read() if file == STANDARD_INPUT else reader.read(file)
        done = list(checker.check(file, data))
    except UnreadableInput as error:
        summary.unreadable.append(str(error))
        return
    kinds = checker.known_codes
    summary.done += done
    summary.used[file] = frozenset(one for checked in done for one in checked.used)
    for checked in done:
        summary.cases.append(make_case(checked, kinds))
        printer.print_case(summary.cases[-1])


def _as_json(summary: RunSummary) -> str:
    from validator.check.json_report import format_as_json  # noqa: PLC0415 - the other formats do not need it

    return format_as_json(summary.done, summary.unused)


def _summary(summary: RunSummary, checker: Checker) -> Iterator[str]:
    """Yield the lines that close the text: how many, and what was not looked at."""
    judged = f"{format_count(len({one.file for one in summary.done}), 'file')}, {format_count(len(summary.done), 'request')}"
    fine = sum(one.is_as_expected for one in summary.done)
    yield f"{judged}: {fine} as expected, {format_count(summary.findings, 'finding')}."
    skipped = {skip.code: None for one in summary.done for skip in one.report.skipped if skip.reason.startswith("reference data")}
    if skipped:
        yield f"skipped (no reference data): {' '.join(skipped)}"
    suppressed = [one.code for checked in summary.done for one in checked.used]
    if suppressed:
        hidden = [one for one in summary.done if one.used and one.is_as_expected and one.report.not_reached]
        rules = f"; so the rules of {format_count(len(hidden), 'request')} were not reached" if hidden else ""
        yield f"suppressed: {' '.join(dict.fromkeys(suppressed))}{rules}"
    over = [format_count(summary.not_payloads, "file") + " that are no payloads"] if summary.not_payloads else []
    if checker.skipped_requests:
        over.append(format_count(sum(checker.skipped_requests), "request") + " of other operations")
    if over:
        yield f"passed over: {', '.join(over)}"
    if summary.not_checked:
        yield f"stopped: {format_count(summary.not_checked, 'file')} not checked"


def _progress(files: Sequence[str], printer: Printer) -> Iterator[tuple[int, str]]:
    """Yield the files with their numbers; many on a terminal with their count, unless findings go there meanwhile."""
    is_shown = len(files) >= MANY and sys.stderr.isatty() and not (printer.shows_text and sys.stdout.isatty())
    for index, file in enumerate(files):
        if is_shown and index % MANY == 0:
            sys.stderr.write(f"\rchecking {index} of {len(files)}")
        yield index, file
    if is_shown:
        sys.stderr.write("\r\x1b[K")  # ECMA-48, 8.3.41: erase to the end of the line
