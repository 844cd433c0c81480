"""A report as JSON, for tools."""

from collections.abc import Sequence
from typing import Any

from validator.model.location import Region
from validator.model.report import Advisory, Failure, Locatable, Report


def serialize_report(report: Report) -> dict[str, Any]:
    """Return a whole report (schemas/report.schema.json): all that was found, with places in the body."""
    advisories = report.advisories
    return {
        "operation": report.operation,
        "accepted": report.accepted,
        "status": report.status,
        "stage": report.stage,
        "not_reached": list(report.not_reached),
        "failures": serialize_failures(report.failures, report.regions()),
        "more": report.more,
        "skipped": [skip._asdict() for skip in report.skipped],
        "advisories": serialize_advisories(advisories, report.regions(advisories)),
        "department": report.department,
    }


def serialize_failures(found: Sequence[Failure], regions: Sequence[Region | None]) -> list[dict[str, Any]]:
    """Return failures with the stretches that they have."""
    return [
        {
            "code": failure.code,
            "name": failure.name,
            "developerMessage": failure.message,
            "where": failure.where,
            **_placed(failure, region),
        }
        for failure, region in zip(found, regions, strict=True)
    ]


def serialize_advisories(found: Sequence[Advisory], regions: Sequence[Region | None]) -> list[dict[str, Any]]:
    """Return advisories with the stretches that they have."""
    return [
        {"name": advisory.name, "message": advisory.message, **_placed(advisory, region)}
        for advisory, region in zip(found, regions, strict=True)
    ]


def serialize_region(region: Region | None) -> dict[str, int | None]:
    """Return a stretch of a text, both ends 1-based, the second one behind it; None where there is none."""
    (line, column), (end_line, end_column) = region or ((None, None), (None, None))
    return {"line": line, "column": column, "endLine": end_line, "endColumn": end_column}


def _placed(one: Locatable, region: Region | None) -> dict[str, Any]:
    return {"pointer": one.pointer, **serialize_region(region), "parameters": dict(one.parameters)}
