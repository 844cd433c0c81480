"""Checked requests as one JSON object, for tools that want the whole reports."""

import json
from collections.abc import Sequence
from typing import Any

from validator.check.checker import CheckedRequest
from validator.check.results import find_regions
from validator.output import report_json
from validator.output.finding import Finding


def format_as_json(done: Sequence[CheckedRequest], others: Sequence[Finding] = ()) -> str:
    """Return an object with a report for each request, and what was found besides. Failures stand in the order of checks."""
    document = {"reports": [_report(checked) for checked in done], "findings": [serialize_finding(one) for one in others]}
    return json.dumps(document, ensure_ascii=True, indent=2)


def serialize_finding(one: Finding) -> dict[str, Any]:
    """Return a finding that is not a request's failure."""
    told = {"code": one.kind.code, "name": one.kind.name, "message": one.message, "level": one.level}
    related = [
        {"file": place.file, **report_json.serialize_region(place.region), "message": place.message} for place in one.related
    ]
    return told | {
        "file": one.location.file,
        **report_json.serialize_region(one.location.region),
        "fix": one.fix,
        "related": related,
    }


def _report(checked: CheckedRequest) -> dict[str, Any]:
    report, expected = checked.report, checked.expected
    told: dict[str, Any] = {"file": checked.file}
    if checked.request is not None:
        told |= {"request": checked.request, "name": checked.sent.name}
    return told | {
        "operation": report.operation,
        "line": checked.sent.region.start.line,
        "accepted": report.accepted,
        "status": report.status,
        "stage": report.stage,
        "expected": None if expected.is_acceptance else [expected.among] if expected.among else list(expected.codes),
        "as_expected": checked.is_as_expected,
        "failures": report_json.serialize_failures(checked.failures, find_regions(checked, checked.failures)),
        "suppressed": [{"code": one.code, "path": one.path, "reason": one.reason} for one in checked.used],
        "more": report.more,
        "skipped": [skip._asdict() for skip in report.skipped],
        "advisories": report_json.serialize_advisories(checked.advisories, find_regions(checked, checked.advisories)),
        "department": report.department,
    }
