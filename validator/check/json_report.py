"""The outcome of ``check`` as one JSON object, for tools that want the whole reports."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from validator.check.checker import CheckedRequest
from validator.check.results import find_places
from validator.model.location import Region
from validator.model.report import Locatable
from validator.output import report_json
from validator.output.finding import Finding, Location, Unreadable

_Item = TypeVar("_Item", bound=Locatable)


def format_as_json(
    requests: Sequence[CheckedRequest], findings: Sequence[Finding], unreadable: Sequence[Unreadable], counts: Mapping[str, int]
) -> str:
    """Return an object with a report for each request, the findings about other things, and the counts of the summary.

    The failures of a report stand in the order of checks. Their ``developerMessage`` is the one that clients receive: it
    gives a position in the body, while ``line`` and ``column`` give that in the file.
    """
    document = {
        "reports": [_serialize_request(request) for request in requests],
        "findings": [serialize_finding(finding) for finding in findings],
        "unreadable": list(map(str, unreadable)),
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
        "failures": _serialize_located(request, request.failures, report_json.serialize_failures),
        "suppressed": [{"code": one.code, "path": one.path, "reason": one.reason} for one in request.used_suppressions],
        "more": report.more,
        "skipped": [skip.to_dict() for skip in report.skipped],
        "advisories": _serialize_located(request, request.advisories, report_json.serialize_advisories),
        "department": report.department,
    }


def _serialize_located(
    request: CheckedRequest,
    items: Sequence[_Item],
    serialize: Callable[[Sequence[_Item], Sequence[Region]], list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Return failures or advisories; ``file`` is there where they lie in another file that the request includes."""
    locations = [place.location for place in find_places(request, items)]
    documents = serialize(items, [location.region for location in locations])
    files = [{} if location.file == request.file else {"file": location.file} for location in locations]
    return [file | document for file, document in zip(files, documents, strict=True)]
