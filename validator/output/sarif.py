"""Findings as SARIF 2.1.0 (OASIS Standard plus Errata 01): one run. Section numbers are those of that text."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from validator._version import VERSION
from validator.output.finding import Finding, Kind, Location, Outcome

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
SNIPPET: Final = 200  # characters, beyond which source is not repeated
ROOT: Final = "SRCROOT"
STANDARD_INPUT: Final = "-"  # as a file's name
_LONE = re.compile("[\ud800-\udfff]")
_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>&#|~"})


def write(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of the log, in ASCII: it is the same in every encoding of standard output."""
    log = {"version": "2.1.0", "$schema": SCHEMA, "runs": [_run(outcome)]}
    yield from json.dumps(log, ensure_ascii=True, indent=2).split("\n")


def _run(outcome: Outcome) -> dict[str, Any]:
    findings = [finding for case in outcome.cases for finding in case.findings]
    kinds: dict[str, Kind] = {}
    for kind in (*outcome.kinds, *(finding.kind for finding in findings)):
        kinds.setdefault(kind.code, kind)
    notes = {finding.kind.code for finding in findings} - {finding.kind.code for finding in findings if finding.level == "error"}
    driver = {
        "name": "activity-validator",
        "version": VERSION,
        "semanticVersion": VERSION,
        "rules": [_rule(kind, "note" if code in notes else "error") for code, kind in kinds.items()],
    }
    return {
        "tool": {"driver": driver},
        "invocations": [_invocation(outcome.unreadable)],
        # Where that is depends on the machine, so only its meaning is told (3.14.14).
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which the command was run."}}},
        "columnKind": "unicodeCodePoints",
        "results": _results(findings, list(kinds)),
    }


def _rule(kind: Kind, level: str) -> dict[str, Any]:
    parts = [(title, text) for title, text in (("Rule", kind.requirement), ("Reason", kind.reason), ("Fix", kind.fix)) if text]
    plain = "\n".join(f"{title}: {text}" for title, text in parts)
    markdown = "\n\n".join(f"**{title}:** {text.translate(_MARKDOWN)}" for title, text in parts)
    return {
        "id": kind.code,
        **({} if kind.name == kind.code else {"name": kind.name}),  # a name that says no more than the id is none (3.49.7)
        "shortDescription": _message(kind.requirement),
        "fullDescription": _message(kind.reason),
        "help": _message(plain) | {"markdown": _text(markdown)},
        "defaultConfiguration": {"level": level},
    }


def _invocation(unreadable: Sequence[str]) -> dict[str, Any]:
    """Return how the run went: a notification of an error means that it did not succeed (3.20.21)."""
    told = [{"level": "error", "message": _message(line)} for line in unreadable]
    return {"executionSuccessful": not told, "toolExecutionNotifications": told}


def _results(findings: Sequence[Finding], codes: Sequence[str]) -> list[dict[str, Any]]:
    index = {code: number for number, code in enumerate(codes)}
    seen: Counter[tuple[str, ...]] = Counter()
    results = []
    for finding in findings:
        named = (_artifact(finding.location.file)["uri"], finding.kind.code, finding.identity)
        results.append(_result(finding, index[finding.kind.code], _fingerprint(*named, seen[named])))
        seen[named] += 1
    return results


def _result(finding: Finding, index: int, fingerprint: str) -> dict[str, Any]:
    result = {
        "ruleId": finding.kind.code,
        "ruleIndex": index,
        "level": finding.level,
        "message": _message(finding.message),
        "locations": [_location(finding.location)],
        "partialFingerprints": {"activityValidator/v1": fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [_beside(number, place) for number, place in enumerate(finding.related)]
    return result


def _beside(number: int, place: Location) -> dict[str, Any]:
    message = {"message": _message(place.message)} if place.message else {}
    return {"id": number, **_location(place), **message}


def _fingerprint(*parts: str | int) -> str:
    """Return what names a finding from run to run: nothing in it moves with the lines (3.27.17, Appendix B)."""
    return sha256(json.dumps(parts).encode()).hexdigest()


def _location(place: Location) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(place.file), **_regions(place)}}


def _artifact(file: str) -> dict[str, Any]:
    """Return where a file is: a relative reference to the root if its path is relative (3.4.3, 3.4.4)."""
    if file == STANDARD_INPUT:
        return {"uri": "stdin", "description": {"text": "Standard input."}}
    path = PurePath(file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix(), errors="surrogateescape"), "uriBaseId": ROOT}


def _regions(place: Location) -> dict[str, Any]:
    """Return the region, and when it lies within a short line, its text and the whole line (3.30.13, 3.29.5)."""
    line, (start, end) = place.line_text, place.region
    region = {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}
    text = line[start.column - 1 : end.column - 1] if start.line == end.line and len(line) <= SNIPPET else ""
    if not text:
        return {"region": region}
    regions: dict[str, Any] = {"region": region | {"snippet": _content(text)}}
    if text != line:
        regions["contextRegion"] = {"startLine": start.line, "snippet": _content(line)}
    return regions


def _content(text: str) -> Mapping[str, str]:
    return {"text": _LONE.sub("\N{REPLACEMENT CHARACTER}", text)}


def _message(text: str) -> dict[str, str]:
    """Return a plain text message in which nothing is taken for a link (3.11.6)."""
    return {"text": _text(text).replace("](", r"\](")}


def _text(text: str) -> str:
    """Return a text of a message in which nothing is taken for a placeholder (3.11.5)."""
    return _LONE.sub("\N{REPLACEMENT CHARACTER}", text).replace("{", "{{").replace("}", "}}")
