"""Summarize a run: one set of counts for every output format, and the lines that close the text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from validator.errors import EXIT_FAILURES, EXIT_INTERNAL, EXIT_OK, EXIT_USAGE
from validator.model.common_codes import INTERNAL_ERROR
from validator.output.text import escape_line, format_count

if TYPE_CHECKING:
    from validator.check.checker import CheckedRequest
    from validator.check.config import Suppression
    from validator.inputs.reader import OtherOperations
    from validator.output.finding import Case, Finding, Unreadable


class Counts(NamedTuple):
    """The numbers of a run. failed, passed, checked: requests. failures: those reported for failed requests.

    unreadable_requests, unknown_requests: not checked; the former are an error.
    """

    failed: int
    failures: int
    passed: int
    checked: int
    unused_suppressions: int
    files_outside_payloads: int
    requests_of_other_operations: int
    files_not_checked: int
    unreadable_requests: int
    unknown_requests: int
    patterns_without_files: int
    files_of_other_operations: int


class RunSummary:
    """The results of a run, collected file by file. cases: one per request, in the same order.

    unchecked_cases: one per request that cannot be checked. used_suppressions: by file. failures: those of all cases.
    not_checked: the number of files left when the run stopped early. other_files: those whose requests are all to other
    operations, each with the error that says so.
    """

    def __init__(self) -> None:
        """Start with nothing checked."""
        self.requests: list[CheckedRequest] = []
        self.cases: list[Case] = []
        self.unchecked_cases: list[Case] = []
        self.unreadable: list[Unreadable] = []
        self.used_suppressions: dict[str, frozenset[Suppression]] = {}
        self.unused_suppressions: list[Finding] = []
        self.unmatched_patterns: list[Finding] = []
        self.failures = 0
        self.outside_payloads = 0
        self.other_operations = 0
        self.other_files: dict[str, OtherOperations] = {}
        self.not_checked = 0

    @property
    def exit_status(self) -> int:
        """The exit status of the command: the greatest that applies."""
        if any(failure.code == INTERNAL_ERROR.code for request in self.requests for failure in request.report.failures):
            return EXIT_INTERNAL
        if self.unreadable:
            return EXIT_USAGE
        has_findings = self.failures or self.config_findings or any(case.errors for case in self.unchecked_cases)
        return EXIT_FAILURES if has_findings else EXIT_OK

    @property
    def config_findings(self) -> "list[Finding]":
        """The findings about the configuration."""
        return [*self.unused_suppressions, *self.unmatched_patterns]

    def count(self) -> Counts:
        """Return the counts."""
        failed = sum(bool(case.errors) for case in self.cases)
        unreadable = sum(bool(case.errors) for case in self.unchecked_cases)
        return Counts(
            failed,
            self.failures,
            len(self.cases) - failed,
            len(self.cases),
            len(self.unused_suppressions),
            self.outside_payloads,
            self.other_operations,
            self.not_checked,
            unreadable,
            len(self.unchecked_cases) - unreadable,
            len(self.unmatched_patterns),
            len(self.other_files),
        )

    def format_lines(self) -> Iterator[str]:
        """Yield the lines that close the text; no counts if nothing was checked."""
        counts = self.count()
        if counts.checked:
            failures = f" ({format_count(counts.failures, 'failure')})" if counts.failed else ""
            yield f"{format_count(counts.failed, 'request')} failed{failures}, {counts.passed} passed, {counts.checked} checked"
        if counts.unreadable_requests:
            yield f"not readable: {format_count(counts.unreadable_requests, 'request')}"
        if counts.unused_suppressions:
            yield f"unused suppressions: {counts.unused_suppressions}"
        if counts.patterns_without_files:
            yield f"patterns without files: {counts.patterns_without_files}"
        yield from self._format_skipped()
        if counts.files_not_checked:
            files, failures = format_count(counts.files_not_checked, "file"), format_count(counts.failures, "failure")
            yield f"not checked: {files} (stopped after {failures})"

    def _format_skipped(self) -> Iterator[str]:
        skips = (skip for request in self.requests for skip in request.report.skipped)
        rules = dict.fromkeys(skip.code for skip in skips if skip.missing)
        if rules:
            yield f"skipped (no reference data): {' '.join(rules)}"
        suppressed = dict.fromkeys(one.code for request in self.requests for one in request.used_suppressions)
        if suppressed:
            # A request whose failures are all suppressed passes, though its rules have not run.
            passed = [request for request in self.requests if request.used_suppressions and request.is_as_expected]
            partly = sum(bool(request.report.not_reached) for request in passed)
            rules_not_run = f"; the rules of {format_count(partly, 'request')} were not reached" if partly else ""
            yield f"suppressed: {' '.join(suppressed)}{rules_not_run}"
        outside = [f"{format_count(self.outside_payloads, 'file')} outside the configured payloads"] * bool(self.outside_payloads)
        others = [f"{format_count(self.other_operations, 'request')} of other operations"] * bool(self.other_operations)
        unknown = sum(case.is_skipped for case in self.unchecked_cases)
        incomplete = [f"{format_count(unknown, 'request')} with unknown parts"] * bool(unknown)
        if outside or others or incomplete:
            yield f"skipped: {', '.join(outside + others + incomplete)}"
        if self.other_files:
            yield f"no request to the operation: {escape_line(', '.join(self.other_files))}"
