"""The requests that a release accepts, which are its fixtures, validated by the operation as it is now."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from validator.body.shape import KEYWORD_CODES, attribute_path
from validator.directories.snapshot import Snapshot, SnapshotError
from validator.inputs.source import JsonSource
from validator.lint.catalogue import change_kinds as kinds
from validator.lint.changes.change import make_change
from validator.lint.changes.rules import NewRules
from validator.lint.fixtures import FixtureResult, run_fixtures
from validator.lint.linter import DIRECTORY
from validator.lint.schemas.json_schema_tree import locate_keyword
from validator.lint.source import display_path
from validator.model.report import Failure
from validator.operation.home import Home
from validator.operation.loader import Operation
from validator.output.finding import Finding, Location

_SHOWN: Final = 10  # failures in a message


class NewOperation(NamedTuple):
    """The operation as it is now, with the sources of its schema and rules."""

    operation: Operation
    schema: JsonSource
    rules: NewRules

    def locate(self, failure: Failure) -> Location:
        """Return the location of the keyword that refuses a request, else that of the code."""
        if failure.pointer is not None and failure.code in KEYWORD_CODES.values():
            return locate_keyword(self.schema, failure)._replace(message="")
        return self.rules.locate_code(failure.code)


def compare_fixtures(old: Home, new: NewOperation) -> Iterator[Finding]:
    """Yield the accepted fixtures of a release that are refused now, with their failures; similar ones as one finding.

    old: the home of the release; its reference data applies.
    """
    operation, folder = new.operation, old.fixtures / new.operation.name
    start = new.rules.common
    try:
        snapshot = Snapshot.from_file(old.fixtures / DIRECTORY) if (old.fixtures / DIRECTORY).is_file() else None
    except (SnapshotError, OSError) as error:
        reason = str(error).replace(f"{old.fixtures}{os.sep}", "").rstrip(".")  # which may be a temporary folder
        text = f"the fixtures of the release are not checked, because their reference data cannot be read: {reason}"
        yield make_change(kinds.CHANGE_NOT_DECIDED, text, start, "fixtures")
        return
    results, problems = run_fixtures(folder, operation, snapshot)
    accepted = display_path(folder / "accept")
    for problem in [problem for problem in problems if problem.location.file.startswith(accepted)]:
        text = f"a fixture of the release is not checked, because it cannot be read: {problem.message.rstrip('.')}"
        yield make_change(kinds.CHANGE_NOT_DECIDED, text, start, "fixture")
    groups: dict[tuple[str, ...], list[FixtureResult]] = {}
    for result in results:
        if result.expected.is_acceptance and not result.report.accepted:
            failure = result.report.failures[0]
            groups.setdefault((failure.code, *attribute_path(operation.shape, failure.pointer or "")), []).append(result)
    yield from (_make_finding(group, folder, new) for group in groups.values())


def _make_finding(group: Sequence[FixtureResult], folder: Path, new: NewOperation) -> Finding:
    failures = group[0].report.failures
    shown = ", ".join(f"{failure.code} {failure.message.rstrip('.')}" for failure in failures[:_SHOWN])
    more = f", and {len(failures) - _SHOWN} more" if len(failures) > _SHOWN else ""
    names = list(dict.fromkeys(_name(result, folder) for result in group))
    others = "" if len(names) == 1 else f"; the same applies to {len(names) - 1} more"
    text = f"the release accepts {names[0]}, which is refused now: {shown}{more}{others}"
    return make_change(kinds.REQUEST_REFUSED, text, new.locate(failures[0]), names[0])


def _name(result: FixtureResult, folder: Path) -> str:
    """Return the fixture's file below its folder, with the line of a request after the first line."""
    line = result.sample.region.start.line
    return f"{result.path.relative_to(folder).as_posix()}{f':{line}' if line > 1 else ''}"
