"""What is told of checked files: as text, a line each, or as one JSON object."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from validator.checking import Checked

_ESCAPES = {code: f"\\x{code:02x}" for code in [*range(32), 127, *range(0x80, 0xA0)]} | {0x2028: "\\u2028", 0x2029: "\\u2029"}


def one_line(text: str) -> str:
    """Return a text that stands on one line of a terminal."""
    return text.translate(_ESCAPES)


def as_text(checked: Checked) -> Iterator[str]:
    """Yield the lines that are told of a request: nothing where a rejection was expected."""
    report = checked.report
    if not checked.as_expected:
        for failure, place in zip(report.failures, checked.places(report.failures), strict=True):
            yield one_line(f"{checked.file}:{place.line}:{place.column}: {failure.code} {failure.message}")
        if report.more:
            yield one_line(f"{checked.file}:{checked.line}:1: there are more failures than {len(report.failures)}")
        wanted = checked.among or " ".join(checked.expected)
        if wanted:
            found = "accepted" if report.accepted else "refused otherwise"
            yield one_line(f"{checked.file}:{checked.line}:1: {found}, but expected {wanted}")
    advisories = report.advisories
    for advisory, place in zip(advisories, checked.places(advisories), strict=True):
        yield one_line(f"{checked.file}:{place.line}:{place.column}: advisory {advisory.name}: {advisory.message}")


def summary(done: Sequence[Checked], skipped: Sequence[str]) -> Iterator[str]:
    """Yield the lines that close the text: how many, and what was skipped."""
    files, findings = len({checked.file for checked in done}), sum(not checked.as_expected for checked in done)
    fine = len(done) - findings
    yield f"{_count(files, 'file')}, {_count(len(done), 'request')}: {fine} as expected, {_count(findings, 'finding')}."
    if skipped:
        yield f"skipped (no reference data): {' '.join(skipped)}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def skipped_codes(done: Sequence[Checked]) -> list[str]:
    """Return the codes of the rules that were skipped anywhere for lack of reference data, in order."""
    codes = {skip.code: None for checked in done for skip in checked.report.skipped if skip.reason.startswith("reference data")}
    return list(codes)


def as_json(done: Sequence[Checked]) -> str:
    """Return one JSON object with a report for each request."""
    return json.dumps({"reports": [_report(checked) for checked in done]}, ensure_ascii=True, indent=2)


def _report(checked: Checked) -> dict[str, Any]:
    report = checked.report
    told: dict[str, Any] = {"file": checked.file}
    if checked.request is not None:
        told |= {"request": checked.request, "name": checked.name}
    return told | {
        "line": checked.line,
        "accepted": report.accepted,
        "status": report.status,
        "stage": report.stage,
        "expected": [checked.among] if checked.among else list(checked.expected),
        "as_expected": checked.as_expected,
        "failures": _failures(checked),
        "more": report.more,
        "skipped": [skip._asdict() for skip in report.skipped],
        "advisories": _advisories(checked),
        "department": report.department,
    }


def _failures(checked: Checked) -> list[dict[str, Any]]:
    failures = checked.report.failures
    return [
        {
            "code": failure.code,
            "name": failure.name,
            "developerMessage": failure.message,
            "where": failure.where,
            "pointer": failure.pointer,
            "line": place.line,
            "column": place.column,
            "parameters": dict(failure.parameters),
        }
        for failure, place in zip(failures, checked.places(failures), strict=True)
    ]


def _advisories(checked: Checked) -> list[dict[str, Any]]:
    advisories = checked.report.advisories
    return [
        {
            "name": one.name,
            "message": one.message,
            "pointer": one.pointer,
            "line": place.line,
            "column": place.column,
            "parameters": dict(one.parameters),
        }
        for one, place in zip(advisories, checked.places(advisories), strict=True)
    ]
