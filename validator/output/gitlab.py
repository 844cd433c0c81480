"""Findings as a Code Quality report of GitLab: the subset of Code Climate's issues that its documentation lists.

GitLab shows a file of the repository, one line, one text and a severity; it follows a finding by its fingerprint.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from validator.model.location import Position, Region
from validator.output.finding import Finding, Outcome, Unreadable
from validator.output.repository import STANDARD_INPUT
from validator.output.sarif import hash_identity, make_fingerprints, replace_surrogates
from validator.output.text import escape_line

_SEVERITIES: Final = {"error": "major", "note": "info"}
_ISSUE: Final = {"type": "issue", "categories": ["Bug Risk"]}
UNREADABLE: Final = "unreadable-input"


def write(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of the report, in ASCII: it is the same in every encoding of standard output."""
    findings = [finding for case in outcome.cases for finding in case.findings]
    issues = [_describe_finding(*pair) for pair in zip(findings, make_fingerprints(findings), strict=True)]
    issues += [_describe_unreadable(*pair) for pair in enumerate(outcome.unreadable)]
    yield from json.dumps(issues, ensure_ascii=True, indent=2).split("\n")


def _describe_finding(finding: Finding, fingerprint: str) -> dict[str, Any]:
    kind, location = finding.kind, finding.location
    fix = f" Fix: {finding.fix}" if finding.fix else ""
    texts = {"check_name": f"{kind.code} {kind.name}", "description": escape_line(f"{finding.message}{fix}")}
    severity = {"severity": _SEVERITIES[finding.level], "fingerprint": fingerprint}
    return _ISSUE | texts | severity | {"location": _describe_location(location.file, location.region)}


def _describe_unreadable(number: int, unreadable: Unreadable) -> dict[str, Any]:
    texts = {"check_name": UNREADABLE, "description": escape_line(str(unreadable))}
    severity = {"severity": "critical", "fingerprint": hash_identity(UNREADABLE, str(unreadable), number)}
    start = Position(unreadable.line or 1, 1)
    return _ISSUE | texts | severity | {"location": _describe_location(unreadable.file, Region(start, start))}


def _describe_location(file: str, region: Region) -> dict[str, Any]:
    """Return a location with whole lines; the last line is the one in which the region ends."""
    start, end = region
    last = end.line - (end.column == 1 and end.line > start.line)
    path = "stdin" if file == STANDARD_INPUT else replace_surrogates(file)
    return {"path": path, "lines": {"begin": start.line, "end": last}}
