"""The outcome of ``check`` as one JSON object, for tools that want the whole reports."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from validator.check.checker import CheckedRequest
from validator.check.results import find_regions
from validator.output import report_json
from validator.output.finding import Finding, Location


def format_as_json(
    requests: Sequence[CheckedRequest], findings: Sequence[Finding], unreadable: Sequence[str], counts: Mapping[str, int]
) -> str:
    """Return an object with a report for each request, the findings about other things, and the counts of the summary.

    unreadable: a line for each input that cannot be read.

    The failures of a report stand in the order of checks. Their ``developerMessage`` is the one that clients receive: it
    gives a position in the body, while ``line`` and ``column`` give that in the file.
    """
    document = {
        "reports": [_serialize_request(request) for request in requests],
        "findings": [serialize_finding(finding) for finding in findings],
        "unreadable": list(unreadable),
        "summary": dict(counts),
    }
    return json.dumps(document, ensure_ascii=True, indent=2)


def serialize_finding(finding: Finding) -> dict[str, Any]:
    """Return a finding that is not a request's failure, with its related locations."""
    kind = {"code": finding.kind.code, "name": finding.kind.name, "message": finding.message, "level": finding.level}
    related = [_serialize_location(location) | {"message": location.message} for location in finding.related]
    return kind | _serialize_location(finding.location) | {"fix": finding.fix, "related": related}


def _serialize_location(location: Location) -> dict[str, Any]:
    return {"file": location.file, **report_json.serialize_region(location.region)}


def _serialize_request(request: CheckedRequest) -> dict[str, Any]:
    report, expectation = request.report, request.expectation
    codes = [expectation.includes] if expectation.includes else list(expectation.codes)
    identity: dict[str, Any] = {"file": request.file}
    if request.number is not None:
        identity |= {"request": request.number, "name": request.sample.name}
    return identity | {
        "operation": report.operation,
        "line": request.sample.region.start.line,
        "accepted": report.accepted,
        "status": report.status,
        "stage": report.stage,
        "expected": None if expectation.is_acceptance else codes,
        "as_expected": request.is_as_expected,
        "failures": report_json.serialize_failures(request.failures, find_regions(request, request.failures)),
        "suppressed": [{"code": one.code, "path": one.path, "reason": one.reason} for one in request.used_suppressions],
        "more": report.more,
        "skipped": [skip.to_dict() for skip in report.skipped],
        "advisories": report_json.serialize_advisories(request.advisories, find_regions(request, request.advisories)),
        "department": report.department,
    }
