"""Run ``check``: check files one after the other, print findings as they come, and summarize them."""

import sys
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from validator.check.checker import Checker
from validator.check.discovery import find_files
from validator.check.results import KINDS, PATTERN_WITHOUT_FILES, make_case, make_unchecked_case
from validator.check.summary import RunSummary
from validator.inputs import reader
from validator.inputs.reader import STANDARD_INPUT, OtherOperations, UnreadableInput
from validator.output.finding import Case, Kind, Outcome, Unreadable
from validator.output.printer import Printer

if TYPE_CHECKING:
    from validator.check.config import Config

MANY = 50  # files; from this number on, a terminal shows progress


class RunOptions(NamedTuple):
    """Which files a run checks. max_failures: it stops after the file in which this number is reached; None: never.

    configured_only: skip named files outside the configured payloads. needs_payload: it is an error to find no payload.
    """

    max_failures: int | None = None
    configured_only: bool = False
    needs_payload: bool = False


def run(checker: Checker, paths: Sequence[str], printer: Printer, options: RunOptions) -> int:
    """Check files and folders, print the findings and return the exit status. Raises UsageError and OSError."""
    summary = RunSummary()
    files = _find_files(checker, paths, summary, options)
    for index, file in _show_progress(files, printer):
        _check_file(checker, file, summary, printer)
        if options.max_failures is not None and summary.failures >= options.max_failures:
            summary.not_checked = len(files) - index - 1
            break
    if not options.configured_only:
        _refuse_other_operations(summary, paths)
    summary.other_operations = checker.skipped_requests + sum(error.count for error in summary.other_files.values())
    config_cases = list(_check_configurations(checker, files, summary))
    for case in config_cases:
        printer.print_case(case)
    kinds: list[Kind] = [*checker.known_codes.values(), *KINDS]
    cases = [*summary.cases, *summary.unchecked_cases, *config_cases]
    lines, counts = list(summary.format_lines()), summary.count()._asdict()
    printer.finish(Outcome(cases, kinds, summary.unreadable, lines, counts), lambda: _format_json(summary))
    return summary.exit_status


def _find_files(checker: Checker, paths: Sequence[str], summary: RunSummary, options: RunOptions) -> Sequence[str]:
    directory = checker.command_line.directory
    found = find_files(paths, checker.find_config, directory, configured_only=options.configured_only)
    summary.unreadable += found.unreadable
    summary.outside_payloads = len(found.outside)
    if options.needs_payload and not found.files and not found.unreadable:
        summary.unreadable.append(Unreadable(checker.config.name, "no file matches payloads"))
    return found.files


def _check_file(checker: Checker, file: str, summary: RunSummary, printer: Printer) -> None:
    try:
        data = sys.stdin.buffer.read() if file == STANDARD_INPUT else reader.read_file(file)
        start, first = perf_counter(), len(checker.unchecked)
        requests = list(checker.check(file, data))
    except OtherOperations as error:
        summary.other_files[file] = error
        return
    except UnreadableInput as error:
        summary.unreadable.append(error.unreadable)
        return
    summary.requests += requests
    summary.used_suppressions[file] = frozenset(one for request in requests for one in request.used_suppressions)
    seconds = (perf_counter() - start) / max(len(requests), 1)  # the requests of a file share its time
    cases = [make_case(request, checker.known_codes)._replace(seconds=seconds) for request in requests]
    unchecked = [make_unchecked_case(one) for one in checker.unchecked[first:]]
    summary.cases += cases
    summary.unchecked_cases += unchecked
    summary.failures += sum(len(case.errors) for case in cases)
    for case in sorted([*cases, *unchecked], key=lambda case: case.line):
        printer.print_case(case)


def _refuse_other_operations(summary: RunSummary, paths: Sequence[str]) -> None:
    """Make it an error that a named file has no request to its operation, and that nothing was checked at all."""
    is_empty = not summary.cases and not summary.unchecked_cases
    for file in [file for file in summary.other_files if is_empty or file in paths]:
        summary.unreadable.append(summary.other_files.pop(file).unreadable)


def _check_configurations(checker: Checker, files: Sequence[str], summary: RunSummary) -> Iterator[Case]:
    """Yield a case for each unused suppression and pattern without files, unless a part of the files was not checked."""
    if summary.not_checked or summary.unreadable:
        return
    by_config: dict[Config, list[str]] = {checker.config: []}
    for file in files:
        by_config.setdefault(checker.find_config(file), []).append(file)
    for config, own in by_config.items():
        if config.suppress:
            from validator.check.suppressions import find_unused_suppressions  # noqa: PLC0415 - not needed without suppressions

            used = {file: summary.used_suppressions.get(file, frozenset()) for file in own}
            summary.unused_suppressions += find_unused_suppressions(checker, config, used)
        if config.payloads or config.rejections or config.overrides:
            from validator.check.patterns import find_unmatched_patterns  # noqa: PLC0415 - not needed without patterns

            summary.unmatched_patterns += find_unmatched_patterns(checker, config, own)
    for finding in summary.config_findings:
        title = "pattern" if finding.kind is PATTERN_WITHOUT_FILES else "suppression"
        yield Case(finding.location.file, f"{title} on line {finding.location.region.start.line}", (finding,))


def _format_json(summary: RunSummary) -> str:
    from validator.check.json_report import format_as_json  # noqa: PLC0415 - the other formats do not need it

    findings = [finding for case in summary.unchecked_cases for finding in case.findings]
    findings += summary.config_findings
    return format_as_json(summary.requests, findings, summary.unreadable, summary.count()._asdict())


def _show_progress(files: Sequence[str], printer: Printer) -> Iterator[tuple[int, str]]:
    """Yield the files with their indices; a terminal shows the progress of many files, unless it shows the findings too."""
    is_shown = len(files) >= MANY and sys.stderr.isatty() and not (printer.shows_text and sys.stdout.isatty())
    for index, file in enumerate(files):
        if is_shown and index % MANY == 0:
            sys.stderr.write(f"\rchecking {index} of {len(files)}")
        yield index, file
    if is_shown:
        sys.stderr.write("\r\x1b[K")  # ECMA-48, 8.3.41: erase to the end of the line
