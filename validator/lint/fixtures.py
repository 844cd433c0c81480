"""Runs the fixtures of an operation: every request of every file, validated."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from validator.check.config import Config
from validator.check.discovery import walk_folder
from validator.directories.snapshot import Snapshot
from validator.engine import BODY_LIMIT, Engine
from validator.inputs.reader import ReadOptions, UnreadableInput, read_file, read_samples
from validator.inputs.sample import CODE_PREFIX, Expectation, Sample
from validator.inputs.source import SourceText
from validator.lint.artefacts import locate_start
from validator.lint.catalogue import fixture_kinds as kinds
from validator.lint.source import display_path
from validator.model.location import LF, Region
from validator.model.report import Report
from validator.model.request import Caller
from validator.operation.loader import Operation
from validator.operation.reports import RuleInput
from validator.output.finding import Finding, FindingKind, Location, Unreadable, capitalize, end_sentence

FOLDERS: Final = ("accept", "reject")
_SHOWN: Final = 3  # similar places that a finding shows
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


class _File(NamedTuple):
    """A fixture. folder: accept or reject, or another name."""

    path: Path
    folder: str


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
        for path in _list_files(folder, problems):
            file = _File(path, path.relative_to(folder).parts[0])
            if file.folder not in FOLDERS:
                key = kinds.FIXTURE_MISNAMED, "The fixture must be in accept or reject."
                problems.setdefault(key, []).append(locate_start(path))
                continue
            try:
                found, unread = _run_file(file, operation, snapshot)
            except UnreadableInput as error:
                found, unread = [], [_locate_reason(path, error.unreadable)]
            results += found
            for location, reason in unread:
                problems.setdefault((kinds.FIXTURE_UNREADABLE, end_sentence(capitalize(reason))), []).append(location)
    finally:
        _log.disabled = False
    return results, [group_finding(*key, places) for key, places in problems.items()]


def _list_files(folder: Path, problems: dict[tuple[FindingKind, str], list[Location]]) -> list[Path]:
    """Return the files that ``check`` would read in a folder, sorted. problems: receives folders that cannot be listed."""
    unreadable: list[Unreadable] = []
    config = Config(None, Path.cwd())
    files = sorted(map(Path, walk_folder(str(folder), lambda _: config, None, unreadable))) if folder.exists() else []
    for one in unreadable:
        problems.setdefault((kinds.FIXTURE_UNREADABLE, end_sentence(str(one))), []).append(locate_start(folder))
    return files


def _locate_reason(path: Path, unreadable: Unreadable) -> tuple[Location, str]:
    if unreadable.line is None:
        return locate_start(path), unreadable.reason
    text = _make_text(path, read_file(display_path(path)))
    start = text.lines.offset(unreadable.line)
    return text.locate(start, start + len(text.lines.line(unreadable.line))), unreadable.reason


def _make_text(path: Path, data: bytes) -> SourceText:
    return SourceText(display_path(path), data.decode("utf-8", "replace"), line_ends=LF)


def _run_file(
    file: _File, operation: Operation, snapshot: Snapshot | None
) -> tuple[list[FixtureResult], list[tuple[Location, str]]]:
    """Return the results of the requests of a file, and why others cannot be read. Raises UnreadableInput."""
    data = read_file(display_path(file.path))
    text = _make_text(file.path, data)
    activity = (snapshot.first_activity if snapshot else None) or "1"
    caller = Caller.customer((snapshot.first_customer if snapshot else None) or "1")
    read = read_samples(text.file, data, operation.endpoint, ReadOptions(activity))
    results = []
    for sample in read.samples:
        request = sample.request if sample.has_caller else sample.request._replace(caller=caller)
        engine = Engine(operation, snapshot, BODY_LIMIT if sample.body_limit is None else sample.body_limit)
        result = FixtureResult(
            file.path,
            text,
            file.folder,
            sample._replace(request=request),
            engine.validate(request),
            _read_expectation(file.path, file.folder, sample),
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
