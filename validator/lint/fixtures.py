"""Runs the fixtures of an operation: every request of every file, validated."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from validator.directories.snapshot import Snapshot
from validator.engine import BODY_LIMIT, Engine
from validator.inputs.reader import SUFFIXES, UnreadableInput, read_samples
from validator.inputs.sample import CODE_PREFIX, Expectation, Sample
from validator.inputs.source import SourceText
from validator.lint.catalogue import fixture_kinds as kinds
from validator.lint.source import display_path
from validator.model.location import LF
from validator.model.report import Report
from validator.model.request import Caller
from validator.operation.loader import Operation
from validator.operation.reports import RuleInput
from validator.output.finding import Finding, Location

FOLDERS: Final = ("accept", "reject")
_log: Final = logging.getLogger("validator")


@dataclass(frozen=True, slots=True)
class FixtureResult:
    """A request of a fixture with its report. folder: accept or reject. rule_input: None without a tree or an ID."""

    path: Path
    text: SourceText
    folder: str
    sample: Sample
    report: Report
    expected: Expectation
    rule_input: RuleInput | None

    @property
    def codes(self) -> set[str]:
        """The codes that were reported."""
        return {failure.code for failure in self.report.failures}

    @property
    def named_code(self) -> str:
        """The start of the file name, where a code stands."""
        return self.path.name[:7]

    @property
    def is_as_expected(self) -> bool:
        """Whether the report is what the fixture's folder and name, or its @expect, require."""
        return self.expected.is_met(self.codes)

    @property
    def location(self) -> Location:
        """The location of the request."""
        region = self.sample.region
        return Location(self.text.file, region, self.text.lines.line(region.start.line))

    def locate_first_failure(self) -> Location:
        """Return the location of the first failure, or of the request if there is none."""
        failures = self.report.failures[:1]
        regions = [self.sample.locate(one, region) for one, region in zip(failures, self.report.regions(failures), strict=True)]
        return Location(self.text.file, regions[0], self.text.lines.line(regions[0].start.line)) if regions else self.location


def run_fixtures(folder: Path, operation: Operation, snapshot: Snapshot | None) -> tuple[list[FixtureResult], list[Finding]]:
    """Validate every request in a folder of fixtures; return the results, and findings for files that cannot be used."""
    results: list[FixtureResult] = []
    findings: list[Finding] = []
    _log.disabled = True  # failures inside the engine are reported as findings
    try:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()):
            parent = path.relative_to(folder).parts[0]
            text = SourceText(display_path(path), path.read_bytes().decode("utf-8", "replace"), line_ends=LF)
            if parent not in FOLDERS:
                findings.append(Finding(kinds.FIXTURE_MISNAMED, "The fixture must be in accept or reject.", text.locate()))
                continue
            try:
                results += _run_file(path, text, parent, operation, snapshot)
            except UnreadableInput as error:
                findings.append(Finding(kinds.FIXTURE_UNREADABLE, f"{error}.", text.locate()))
    finally:
        _log.disabled = False
    return results, findings


def _run_file(
    path: Path, text: SourceText, folder: str, operation: Operation, snapshot: Snapshot | None
) -> Iterator[FixtureResult]:
    """Yield the results of the requests of a file. Raises UnreadableInput."""
    activity = (snapshot.first_activity if snapshot else None) or "1"
    caller = Caller.customer((snapshot.first_customer if snapshot else None) or "1")
    for sample in read_samples(text.file, path.read_bytes(), operation.endpoint, activity).samples:
        request = sample.request if sample.has_caller else replace(sample.request, caller=caller)
        engine = Engine(operation, snapshot, BODY_LIMIT if sample.body_limit is None else sample.body_limit)
        yield FixtureResult(
            path,
            text,
            folder,
            sample._replace(request=request),
            engine.validate(request),
            _read_expectation(path, folder, sample),
            engine.read_rule_input(request),
        )


def _read_expectation(path: Path, folder: str, sample: Sample) -> Expectation:
    if sample.expected_codes is not None:
        return Expectation(sample.expected_codes)
    code = CODE_PREFIX.match(path.name)
    return Expectation() if folder == "accept" else Expectation(includes=code[0] if code else None, is_rejection=code is None)
