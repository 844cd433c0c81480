"""Reports as JSON-compatible values, for tools."""

from collections.abc import Sequence
from typing import Any

from validator.model.location import Region
from validator.model.report import Advisory, Failure, Locatable, Report


def serialize_report(report: Report) -> dict[str, Any]:
    """Return a whole report with regions of the body (schemas/report.schema.json)."""
    advisories = report.advisories
    return {
        "operation": report.operation,
        "accepted": report.accepted,
        "status": report.status,
        "stage": report.stage,
        "not_reached": list(report.not_reached),
        "failures": serialize_failures(report.failures, report.regions()),
        "more": report.more,
        "skipped": [skip.to_dict() for skip in report.skipped],
        "advisories": serialize_advisories(advisories, report.regions(advisories)),
        "department": report.department,
    }


def serialize_failures(failures: Sequence[Failure], regions: Sequence[Region | None]) -> list[dict[str, Any]]:
    """Return failures with the region of each. ``developerMessage`` is the message that the client receives."""
    return [
        {
            "code": failure.code,
            "name": failure.name,
            "developerMessage": failure.message,
            "where": failure.where,
            **_serialize_location(failure, region),
        }
        for failure, region in zip(failures, regions, strict=True)
    ]


def serialize_advisories(advisories: Sequence[Advisory], regions: Sequence[Region | None]) -> list[dict[str, Any]]:
    """Return advisories with the region of each."""
    return [
        {"name": advisory.name, "message": advisory.message, **_serialize_location(advisory, region)}
        for advisory, region in zip(advisories, regions, strict=True)
    ]


def serialize_region(region: Region | None) -> dict[str, int | None]:
    """Return the ends of a region, 1-based, the second one exclusive; None without a region."""
    (line, column), (end_line, end_column) = region or ((None, None), (None, None))
    return {"line": line, "column": column, "endLine": end_line, "endColumn": end_column}


def _serialize_location(item: Locatable, region: Region | None) -> dict[str, Any]:
    return {"pointer": item.pointer, **serialize_region(region), "parameters": dict(item.parameters)}
