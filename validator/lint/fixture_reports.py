"""The reports next to fixtures: written, read, and compared with those that the engine gives.

A file NAME.report holds the reports of NAME.json and NAME.xml, or NAME.http. Positions differ by format.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from validator.files import describe_os_error, read_file
from validator.inputs.reader import SUFFIXES
from validator.inputs.source import SourceError, read_json
from validator.lint.artefacts import locate_start
from validator.lint.catalogue import fixture_kinds as kinds
from validator.lint.fixes import Change
from validator.lint.fixtures import FixtureResult, group_finding
from validator.lint.rules.rule_source import RuleSource
from validator.lint.source import display_path
from validator.model.pointer import escape_step, format_path
from validator.model.report import Report
from validator.operation.loader import Operation
from validator.output.finding import Finding, FindingKind, Location

SUFFIX: Final = ".report"
_ABSENT: Final = "\0"  # stands for a value that is missing; no report contains it
# The members of a report, the most important one first; a path stands for the member in it.
_MEMBERS: Final = ("", "code", "failures", "skipped", "pointer", "where", "accepted", "status", "stage")
_PLACES: Final = frozenset({"pointer", "where"})
_LISTED: Final = 10  # codes in a message
_QUOTED_LENGTH: Final = 120  # characters of a value in a message


def encode_report(report: Report) -> dict[str, Any]:
    """Return a report as the JSON of a ``.report`` file, without positions."""
    response = report.response()
    return {
        "accepted": report.accepted,
        "status": report.status,
        "stage": report.stage,
        "notReached": list(report.not_reached),
        "failures": [
            {
                "code": failure.code,
                "name": failure.name,
                "developerMessage": failure.message,
                "where": failure.where,
                "pointer": failure.pointer,
                "parameters": {key: value for key, value in failure.parameters.items() if key not in {"line", "column"}},
            }
            for failure in report.failures
        ],
        "more": report.more,
        "skipped": [skip.to_dict() for skip in report.skipped],
        "advisories": [{"name": one.name, "message": one.message, "pointer": one.pointer} for one in report.advisories],
        "department": report.department,
        "answer": response.body.decode() if response else None,
    }


def find_positions(report: Report) -> list[list[int] | None]:
    """Return the positions of failures and advisories in the body."""
    return [list(place) if place else None for place in [*report.positions(), *report.positions(report.advisories)]]


def encode_file(reports: Mapping[str, Sequence[Report]], suffix: str) -> dict[str, Any]:
    """Return the content of a ``.report`` file. reports: by the suffix of the fixture; those of one suffix are written."""
    positions = {other: [find_positions(report) for report in each] for other, each in reports.items()}
    content: dict[str, Any] = json.loads(json.dumps({"reports": [encode_report(report) for report in reports[suffix]]}))
    return content | {"positions": positions}


def format_file(content: Mapping[str, Any]) -> str:
    """Return the text of a ``.report`` file."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


class _Difference(NamedTuple):
    """A value that differs from its report. steps: its path. code: of the failure or skipped rule that it belongs to, or ""."""

    steps: tuple[str | int, ...]
    expected: Any
    actual: Any
    code: str = ""

    @property
    def member(self) -> str:
        """The name of the innermost member, except that positions and parameters are one value."""
        names = [step for step in self.steps if isinstance(step, str)]
        return next((name for name in names if name in {"positions", "parameters"}), names[-1] if names else "")

    @property
    def kind(self) -> FindingKind:
        """The kind of the finding."""
        return kinds.FAILURE_ELSEWHERE if self.member in _PLACES else kinds.REPORT_STALE


class ReportCheck(NamedTuple):
    """The findings about reports, and the changes that resolve them."""

    findings: list[Finding]
    changes: list[Change]


def check_reports(folder: Path, results: Sequence[FixtureResult], operation: Operation, source: RuleSource) -> ReportCheck:
    """Compare the reports in a folder of fixtures with the results; similar differences are one finding.

    A fixture with an unexpected result has a finding already. Without any report, nothing is compared.
    """
    files = sorted(folder.rglob(f"*{SUFFIX}"))
    by_file: dict[Path, list[FixtureResult]] = {}
    for result in results if files else ():
        by_file.setdefault(result.path.with_suffix(SUFFIX), []).append(result)
    unpaired = [(locate_start(path), "No fixture has this report.") for path in files if not _has_fixture(path)]
    groups: dict[tuple[str, str], list[tuple[_Difference, Location]]] = {}
    changes: list[Change] = []
    for path, group in by_file.items():
        reports = _group_by_suffix(group)
        if not all(result.is_as_expected for result in group) or _have_differing_twins(reports):
            continue
        contents = [encode_file(reports, suffix) for suffix in reports]
        can_change = all(content == contents[0] for content in contents)
        if not path.exists():
            unpaired.append((group[0].location, "The fixture has no report."))
            changes += [Change(kinds.REPORT_UNPAIRED, path, format_file(contents[0]))] if can_change else []
            continue
        difference, location = _compare_file(path, contents)
        if difference is not None:
            groups.setdefault((difference.member, difference.code), []).append((difference, location))
            changes += [Change(difference.kind, path, format_file(contents[0]))] if can_change else []
    findings = [*_find_unpaired(unpaired), *(_make_finding(group, operation, source) for group in groups.values())]
    return ReportCheck(findings, changes)


def _has_fixture(path: Path) -> bool:
    """Return whether a fixture of the name exists, even an unreadable one, which has a finding already."""
    return any(path.with_suffix(suffix).exists() for suffix in SUFFIXES)


def _group_by_suffix(group: Sequence[FixtureResult]) -> dict[str, list[Report]]:
    reports: dict[str, list[Report]] = {}
    for result in group:
        reports.setdefault(result.path.suffix, []).append(result.report)
    return reports


def _have_differing_twins(reports: Mapping[str, Sequence[Report]]) -> bool:
    """Return whether the formats of a fixture have different failures, which has a finding already."""
    places = [[(one.code, one.pointer) for report in each for one in report.failures] for each in reports.values()]
    return any(sorted(each, key=str) != sorted(places[0], key=str) for each in places)


def _compare_file(path: Path, contents: Sequence[dict[str, Any]]) -> tuple[_Difference | None, Location]:
    """Return the most important difference between a file and its contents, one by format, and where it is."""
    try:
        data = read_file(path)
    except OSError as error:
        return _Difference((), describe_os_error(error), None), locate_start(path)
    if all(_is_equal(data, content) for content in contents):
        return None, locate_start(path)
    try:
        source = read_json(display_path(path), data)
    except SourceError as error:
        return _Difference((), error.reason, None), error.location
    if not isinstance(source.tree, dict):
        return _Difference((), "expected an object", None), source.locate()
    differences = [
        one._replace(code=_find_code(content, one.steps))
        for content in contents
        for one in _find_differences(source.tree, content, ())
    ]
    # A failure at another place has another message too, and another code goes with many other values.
    difference = min(differences, key=lambda one: _MEMBERS.index(one.member) if one.member in _MEMBERS else len(_MEMBERS))
    pointer = "".join(f"/{escape_step(str(step))}" for step in difference.steps)
    return difference, source.value_at(pointer)


def _is_equal(data: bytes, content: dict[str, Any]) -> bool:
    try:
        return json.dumps(json.loads(data), sort_keys=True) == json.dumps(content, sort_keys=True)
    except (ValueError, RecursionError):
        return False


def _find_differences(expected: Any, actual: Any, steps: tuple[str | int, ...]) -> Iterator[_Difference]:
    """Yield the innermost values that differ; of lists of different lengths, the lists."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in dict.fromkeys([*actual, *expected]):
            yield from _find_differences(expected.get(name, _ABSENT), actual.get(name, _ABSENT), (*steps, name))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, pair in enumerate(zip(expected, actual, strict=True)):
            yield from _find_differences(*pair, (*steps, index))
    elif json.dumps(expected) != json.dumps(actual):
        yield _Difference(steps, expected, actual)


def _find_code(content: Any, steps: Sequence[str | int]) -> str:
    """Return the code of the innermost object on a path that has one, or ""."""
    code = ""
    for step in steps:
        code = str(content.get("code", code)) if isinstance(content, dict) else code
        content = content.get(step) if isinstance(content, dict) else content[step]
    return code


def _find_unpaired(unpaired: Sequence[tuple[Location, str]]) -> Iterator[Finding]:
    for message in dict.fromkeys(message for _, message in unpaired):
        yield group_finding(kinds.REPORT_UNPAIRED, message, [place for place, other in unpaired if other == message])


def _make_finding(group: Sequence[tuple[_Difference, Location]], operation: Operation, source: RuleSource) -> Finding:
    """Return one finding for similar differences, with the place of the code or rule that they belong to."""
    difference = group[0][0]
    finding = group_finding(difference.kind, _describe(difference), [place for _, place in group])
    related = _locate_cause(difference, operation, source)
    identity = f"{difference.member} {difference.code}".strip()
    return finding._replace(related=(*related, *finding.related), identity=identity)


def _describe(difference: _Difference) -> str:
    if not difference.steps:
        return f"The report cannot be read: {difference.expected.rstrip('.')}."
    name = format_path(difference.steps)
    expected, actual = _quote(difference.expected), _quote(difference.actual)
    return f"The report has {expected} as {name}; the engine gives {actual}."


def _quote(value: Any) -> str:
    if value == _ABSENT:
        return "nothing"
    if isinstance(value, list) and all(isinstance(one, dict) and "code" in one for one in value):
        return ", ".join(str(one["code"]) for one in value[:_LISTED]) + ", ..." * (len(value) > _LISTED) or "none"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _QUOTED_LENGTH else f"{text[:_QUOTED_LENGTH]}..."


def _locate_cause(difference: _Difference, operation: Operation, source: RuleSource) -> Iterator[Location]:
    """Yield the place of the rule that is skipped in one of two reports only, or of the code of a failure that differs."""
    if difference.member == "skipped":
        expected, actual = (_list_names(side) for side in (difference.expected, difference.actual))
        for rule in operation.rules.rules:
            if rule.name in expected ^ actual:
                yield source.locate_rule(rule)._replace(message="the rule")
    elif difference.code in source.codes:
        yield source.locate_code(difference.code)._replace(message="the code")


def _list_names(skipped: Any) -> set[str]:
    """Return the names of skipped rules. skipped: of a report, which may have any form in a file."""
    entries = skipped if isinstance(skipped, list) else ()
    return {str(entry["name"]) for entry in entries if isinstance(entry, dict) and "name" in entry}
