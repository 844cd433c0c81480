"""``check``: files judged one after the other, told as they come, and summed up."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from validator.check.checker import Checked, Checker
from validator.check.discovery import find
from validator.check.results import KINDS, case, unused_suppressions
from validator.inputs import reader
from validator.inputs.reader import STANDARD_INPUT, UnreadableInput
from validator.model.common_codes import INTERNAL_ERROR
from validator.output.finding import Case, Finding, Kind, Outcome
from validator.output.printer import Printer, count

if TYPE_CHECKING:
    from validator.check.config import Suppression

AS_EXPECTED, FINDINGS, UNREADABLE, INTERNAL = range(4)
MANY = 50  # files, from which on a progress bar is shown on a terminal


class Tally:
    """What a run has come to. used: the suppressions that were, by file. not_checked: files, as enough was found before."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.done: list[Checked] = []
        self.cases: list[Case] = []
        self.unreadable: list[str] = []
        self.used: dict[str, frozenset[Suppression]] = {}
        self.unused: list[Finding] = []
        self.not_payloads = 0
        self.not_checked = 0

    @property
    def findings(self) -> int:
        """How many requests are not as expected, and suppressions unused."""
        return sum(not one.as_expected for one in self.done) + len(self.unused)

    @property
    def status(self) -> int:
        """The exit status."""
        if any(failure.code == INTERNAL_ERROR.code for one in self.done for failure in one.report.failures):
            return INTERNAL
        if self.unreadable:
            return UNREADABLE
        return FINDINGS if self.findings else AS_EXPECTED


def run(checker: Checker, paths: Sequence[str], printer: Printer, limit: int | None, *, configured: bool = False) -> int:
    """Check everything, print it, and return the exit status. limit: of findings, after which the run ends.

    configured: the paths are those of the configuration, and some payload must be there.

    Raises config.SetupError and OSError.
    """
    tally = Tally()
    try:
        wanted = list(dict.fromkeys(find(paths, checker.config, checker.given.directory)))
    except UnreadableInput as error:
        tally.unreadable.append(str(error))
        wanted = []
    payloads = [file for file in wanted if file == STANDARD_INPUT or checker.config.is_payload(file)]
    tally.not_payloads = len(wanted) - len(payloads)
    if configured and wanted and not payloads:
        tally.unreadable.append("there is no payload: nothing here matches what the configuration says of payloads")
    for index, file in _progress(payloads, printer):
        _check(checker, file, tally, printer)
        if limit is not None and tally.findings >= limit:
            tally.not_checked = len(payloads) - index - 1
            break
    if not tally.not_checked and not tally.unreadable:
        tally.unused = list(unused_suppressions(checker, tally.used))
        for finding in tally.unused:
            one = Case(finding.place.file, f"suppression on line {finding.place.region.start.line}", (finding,))
            tally.cases.append(one)
            printer.case(one)
    kinds: list[Kind] = [*checker.kinds.values(), *KINDS]
    outcome = Outcome(tally.cases, kinds, tally.unreadable, list(_summary(tally, checker)))
    printer.close(outcome, lambda: _as_json(tally))
    return tally.status


def _check(checker: Checker, file: str, tally: Tally, printer: Printer) -> None:
    try:
        data = sys.stdin.buffer.read() if file == STANDARD_INPUT else reader.read(file)
        done = list(checker.check(file, data))
    except UnreadableInput as error:
        tally.unreadable.append(str(error))
        return
    kinds = checker.kinds
    tally.done += done
    tally.used[file] = frozenset(one for checked in done for one in checked.used)
    for checked in done:
        tally.cases.append(case(checked, kinds))
        printer.case(tally.cases[-1])


def _as_json(tally: Tally) -> str:
    from validator.check.json_report import as_json  # noqa: PLC0415 - the other formats do not need it

    return as_json(tally.done, tally.unused)


def _summary(tally: Tally, checker: Checker) -> Iterator[str]:
    """Yield the lines that close the text: how many, and what was not looked at."""
    judged = f"{count(len({one.file for one in tally.done}), 'file')}, {count(len(tally.done), 'request')}"
    fine = sum(one.as_expected for one in tally.done)
    yield f"{judged}: {fine} as expected, {count(tally.findings, 'finding')}."
    skipped = {skip.code: None for one in tally.done for skip in one.report.skipped if skip.reason.startswith("reference data")}
    if skipped:
        yield f"skipped (no reference data): {' '.join(skipped)}"
    suppressed = [one.code for checked in tally.done for one in checked.used]
    if suppressed:
        hidden = [one for one in tally.done if one.used and one.as_expected and one.report.not_reached]
        rules = f"; so the rules of {count(len(hidden), 'request')} were not reached" if hidden else ""
        yield f"suppressed: {' '.join(dict.fromkeys(suppressed))}{rules}"
    over = [count(tally.not_payloads, "file") + " that are no payloads"] if tally.not_payloads else []
    if checker.passed_over:
        over.append(count(sum(checker.passed_over), "request") + " of other operations")
    if over:
        yield f"passed over: {', '.join(over)}"
    if tally.not_checked:
        yield f"stopped: {count(tally.not_checked, 'file')} not checked"


def _progress(files: Sequence[str], printer: Printer) -> Iterator[tuple[int, str]]:
    """Yield the files with their numbers; many on a terminal with their count, unless findings go there meanwhile."""
    is_shown = len(files) >= MANY and sys.stderr.isatty() and not (printer.shows_text and sys.stdout.isatty())
    for index, file in enumerate(files):
        if is_shown and index % MANY == 0:
            sys.stderr.write(f"\rchecking {index} of {len(files)}")
        yield index, file
    if is_shown:
        sys.stderr.write("\r\x1b[K")  # ECMA-48, 8.3.41: erase to the end of the line
