"""Runs the fixtures of an operation: every request of every file, validated."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from validator.directories.snapshot import Snapshot
from validator.engine import BODY_LIMIT, Engine
from validator.inputs.reader import SUFFIXES, ReadOptions, UnreadableInput, read_samples
from validator.inputs.sample import CODE_PREFIX, Expectation, Sample
from validator.inputs.source import SourceText
from validator.lint.catalogue import fixture_kinds as kinds
from validator.lint.source import display_path
from validator.model.location import LF, Region
from validator.model.report import Report
from validator.model.request import Caller
from validator.operation.loader import Operation
from validator.operation.reports import RuleInput
from validator.output.finding import Finding, FindingKind, Location, capitalize, end_sentence

FOLDERS: Final = ("accept", "reject")
_SHOWN: Final = 3  # similar places that a finding shows
_REASON: Final = re.compile(r"(?::([0-9]+))?: (.*)", re.DOTALL)
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
        return _locate(self.text, self.sample.region)

    def locate_first_failure(self) -> Location:
        """Return the location of the first failure, or of the request if there is none."""
        failures = self.report.failures[:1]
        regions = [self.sample.locate(one, region) for one, region in zip(failures, self.report.regions(failures), strict=True)]
        return _locate(self.text, regions[0]) if regions else self.location


def group_finding(kind: FindingKind, message: str, places: Sequence[Location]) -> Finding:
    """Return one finding for several places with the same problem: at the first one, with some of the others as related ones."""
    others = len(places) - 1
    more = "" if not others else f" {others} more {'place' if others == 1 else 'places'} with the same problem."
    related = tuple(place._replace(message="the same problem") for place in places[1 : 1 + _SHOWN])
    return Finding(kind, f"{message}{more}", places[0], related=related)


def run_fixtures(folder: Path, operation: Operation, snapshot: Snapshot | None) -> tuple[list[FixtureResult], list[Finding]]:
    """Validate every request in a folder of fixtures; return the results, and findings for files that cannot be used."""
    results: list[FixtureResult] = []
    problems: dict[tuple[FindingKind, str], list[Location]] = {}
    _log.disabled = True  # failures inside the engine are reported as findings
    try:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()):
            parent = path.relative_to(folder).parts[0]
            text = SourceText(display_path(path), path.read_bytes().decode("utf-8", "replace"), line_ends=LF)
            if parent not in FOLDERS:
                key = kinds.FIXTURE_MISNAMED, "The fixture must be in accept or reject."
                problems.setdefault(key, []).append(text.locate())
                continue
            try:
                found, unread = _run_file(path, text, parent, operation, snapshot)
            except UnreadableInput as error:
                found, unread = [], [_locate_reason(text, str(error))]
            results += found
            for location, reason in unread:
                problems.setdefault((kinds.FIXTURE_UNREADABLE, end_sentence(capitalize(reason))), []).append(location)
    finally:
        _log.disabled = False
    return results, [group_finding(*key, places) for key, places in problems.items()]


def _locate_reason(text: SourceText, error: str) -> tuple[Location, str]:
    """Return the place and the reason of ``FILE:LINE: REASON`` or ``FILE: REASON``."""
    match = _REASON.fullmatch(error.removeprefix(text.file))
    if match is None:
        return text.locate(), error
    start = text.lines.offset(int(match[1] or 1))
    return text.locate(start, start + len(text.lines.line(int(match[1] or 1))) if match[1] else None), match[2]


def _run_file(
    path: Path, text: SourceText, folder: str, operation: Operation, snapshot: Snapshot | None
) -> tuple[list[FixtureResult], list[tuple[Location, str]]]:
    """Return the results of the requests of a file, and why others cannot be read. Raises UnreadableInput."""
    activity = (snapshot.first_activity if snapshot else None) or "1"
    caller = Caller.customer((snapshot.first_customer if snapshot else None) or "1")
    read = read_samples(text.file, path.read_bytes(), operation.endpoint, ReadOptions(activity))
    results = []
    for sample in read.samples:
        request = sample.request if sample.has_caller else sample.request._replace(caller=caller)
        engine = Engine(operation, snapshot, BODY_LIMIT if sample.body_limit is None else sample.body_limit)
        result = FixtureResult(
            path,
            text,
            folder,
            sample._replace(request=request),
            engine.validate(request),
            _read_expectation(path, folder, sample),
            engine.read_rule_input(request),
        )
        results.append(result)
    problems = [problem for request in read.unchecked for problem in request.problems]
    return results, [(_locate(text, problem.region), problem.reason) for problem in problems]


def _locate(text: SourceText, region: Region) -> Location:
    return Location(text.file, region, text.lines.line(region.start.line))


def _read_expectation(path: Path, folder: str, sample: Sample) -> Expectation:
    if sample.expected_codes is not None:
        return Expectation(sample.expected_codes)
    code = CODE_PREFIX.match(path.name)
    return Expectation() if folder == "accept" else Expectation(includes=code[0] if code else None, is_rejection=code is None)
