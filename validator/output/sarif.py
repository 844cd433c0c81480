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
from validator.output.finding import Finding, Kind, Location, Outcome, Unreadable
from validator.output.repository import STANDARD_INPUT

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
SNIPPET: Final = 200  # characters; longer lines of source are not included
ROOT: Final = "SRCROOT"
_LONE = re.compile("[\ud800-\udfff]")
_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>&#|~"})


def write(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of the log, in ASCII: it is the same in every encoding of standard output."""
    log = {"version": "2.1.0", "$schema": SCHEMA, "runs": [_make_run(outcome)]}
    yield from json.dumps(log, ensure_ascii=True, indent=2).split("\n")


def _make_run(outcome: Outcome) -> dict[str, Any]:
    findings = [finding for case in outcome.cases for finding in case.findings]
    kinds: dict[str, Kind] = {}
    for kind in (*outcome.kinds, *(finding.kind for finding in findings)):
        kinds.setdefault(kind.code, kind)
    notes = {finding.kind.code for finding in findings} - {finding.kind.code for finding in findings if finding.level == "error"}
    driver = {
        "name": "activity-validator",
        "version": VERSION,
        "semanticVersion": VERSION,
        "rules": [_make_rule(kind, "note" if code in notes else "error") for code, kind in kinds.items()],
    }
    return {
        "tool": {"driver": driver},
        "invocations": [_make_invocation(outcome)],
        # The folder depends on the machine, so only its meaning is given (3.14.14).
        "originalUriBaseIds": {
            ROOT: {"description": {"text": "The root of the repository, else the folder in which the command was run."}}
        },
        "columnKind": "unicodeCodePoints",
        "results": _make_results(findings, list(kinds)),
    }


def _make_rule(kind: Kind, level: str) -> dict[str, Any]:
    parts = [(title, text) for title, text in (("Rule", kind.requirement), ("Reason", kind.reason), ("Fix", kind.fix)) if text]
    plain = "\n".join(f"{title}: {text}" for title, text in parts)
    markdown = "\n\n".join(f"**{title}:** {text.translate(_MARKDOWN)}" for title, text in parts)
    return {
        "id": kind.code,
        **({} if kind.name == kind.code else {"name": kind.name}),  # a name that equals the id is omitted (3.49.7)
        "shortDescription": _make_message(kind.requirement),
        "fullDescription": _make_message(kind.reason),
        "help": _make_message(plain) | {"markdown": _escape_text(markdown)},
        "defaultConfiguration": {"level": level},
    }


def _make_invocation(outcome: Outcome) -> dict[str, Any]:
    """Return the success of the run, which a notification of an error rules out (3.20.21), and its counts as properties."""
    notifications = [_make_notification(one) for one in outcome.unreadable]
    properties = {"properties": dict(outcome.counts)} if outcome.counts else {}
    return {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications, **properties}


def _make_notification(unreadable: Unreadable) -> dict[str, Any]:
    """Return a notification with its location: that of the input, not of code (3.58.4)."""
    region = {} if unreadable.line is None else {"region": {"startLine": unreadable.line}}
    location = {"physicalLocation": {"artifactLocation": _make_artifact(unreadable.file), **region}}
    return {"level": "error", "message": _make_message(str(unreadable)), "locations": [location]}


def _make_results(findings: Sequence[Finding], codes: Sequence[str]) -> list[dict[str, Any]]:
    index = {code: number for number, code in enumerate(codes)}
    fingerprints = make_fingerprints(findings)
    return [_make_result(one, index[one.kind.code], mark) for one, mark in zip(findings, fingerprints, strict=True)]


def make_fingerprints(findings: Sequence[Finding]) -> list[str]:
    """Return what identifies each finding across runs: nothing in it changes with line numbers (3.27.17, Appendix B)."""
    seen: Counter[tuple[str, ...]] = Counter()
    fingerprints = []
    for finding in findings:
        identity = (_make_artifact(finding.location.file)["uri"], finding.kind.code, finding.identity)
        fingerprints.append(hash_identity(*identity, seen[identity]))
        seen[identity] += 1
    return fingerprints


def _make_result(finding: Finding, index: int, fingerprint: str) -> dict[str, Any]:
    result = {
        "ruleId": finding.kind.code,
        "ruleIndex": index,
        "level": finding.level,
        "message": _make_message(finding.message),
        "locations": [_make_location(finding.location)],
        "partialFingerprints": {"activityValidator/v1": fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [_make_related(number, location) for number, location in enumerate(finding.related)]
    return result


def _make_related(number: int, location: Location) -> dict[str, Any]:
    message = {"message": _make_message(location.message)} if location.message else {}
    return {"id": number, **_make_location(location), **message}


def hash_identity(*parts: str | int) -> str:
    """Return a fingerprint of its parts: 64 hexadecimal digits."""
    return sha256(json.dumps(parts).encode()).hexdigest()


def _make_location(location: Location) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _make_artifact(location.file), **_make_regions(location)}}


def _make_artifact(file: str) -> dict[str, Any]:
    """Return the location of a file: a reference relative to the root if its path is relative (3.4.3, 3.4.4)."""
    if file == STANDARD_INPUT:
        return {"uri": "stdin", "description": {"text": "Standard input."}}
    path = PurePath(file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix(), errors="surrogateescape"), "uriBaseId": ROOT}


def _make_regions(location: Location) -> dict[str, Any]:
    """Return the region and, if it lies within a short line, its text and the whole line (3.30.13, 3.29.5)."""
    line, (start, end) = location.line_text, location.region
    region = {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}
    text = line[start.column - 1 : end.column - 1] if start.line == end.line and len(line) <= SNIPPET else ""
    if not text:
        return {"region": region}
    regions: dict[str, Any] = {"region": region | {"snippet": _make_content(text)}}
    if text != line:
        regions["contextRegion"] = {"startLine": start.line, "snippet": _make_content(line)}
    return regions


def _make_content(text: str) -> Mapping[str, str]:
    return {"text": replace_surrogates(text)}


def replace_surrogates(text: str) -> str:
    """Return text that every encoding of Unicode can carry."""
    return _LONE.sub("\N{REPLACEMENT CHARACTER}", text)


def _make_message(text: str) -> dict[str, str]:
    """Return a plain text message in which nothing reads as a link (3.11.6)."""
    return {"text": _escape_text(text).replace("](", r"\](")}


def _escape_text(text: str) -> str:
    """Return the text of a message in which nothing reads as a placeholder (3.11.5)."""
    return replace_surrogates(text).replace("{", "{{").replace("}", "}}")
