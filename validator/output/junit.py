"""Cases as a JUnit test report, in the subset that all readers share: Jenkins' junit-10.xsd, GitLab, Azure.

One suite per file, one test case per case, at most one failure in it. Counts are those of cases, times are in seconds.
A class is a file; Jenkins splits the name of a class at its last dot, so it has none.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from validator.output.finding import Case, Finding, Outcome, Unreadable
from validator.output.text import format_count, format_finding

UNREADABLE: Final = "unreadable input"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
_CONTENT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE: Final = _CONTENT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def write(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of the report, in ASCII: it is the same in every encoding of standard output."""
    files: dict[str, list[Case]] = {}
    for case in outcome.cases:
        files.setdefault(case.file, []).append(case)
    unreadable = outcome.unreadable
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield _format_tag("testsuites", {"name": "activity-validator", **_count(outcome.cases, len(unreadable))}, ">")
    for file, cases in files.items():
        yield from _format_suite(file, cases)
    if unreadable:
        yield from _format_unreadable(unreadable)
    yield "</testsuites>"


def _count(cases: Sequence[Case], errors: int = 0) -> dict[str, object]:
    failures, seconds = sum(bool(case.errors) for case in cases), sum(case.seconds for case in cases)
    return {"tests": len(cases) + errors, "failures": failures, "errors": errors, "time": _format_time(seconds)}


def _format_time(seconds: float) -> str:
    return f"{seconds:.6f}"


def _format_suite(file: str, cases: Sequence[Case]) -> Iterator[str]:
    skipped = sum(case.is_skipped for case in cases)
    yield "  " + _format_tag("testsuite", {"name": file, **_count(cases), "skipped": skipped, "file": file}, ">")
    for case in cases:
        yield from _format_case(case)
    yield "  </testsuite>"


def _format_case(case: Case) -> Iterator[str]:
    class_name, seconds = case.file.replace(".", "_"), _format_time(case.seconds)
    attributes = {"classname": class_name, "name": case.title, "file": case.file, "time": seconds}
    if not case.findings:
        yield "    " + _format_tag("testcase", attributes, "/>")
        return
    yield "    " + _format_tag("testcase", attributes, ">")
    if case.errors:
        failure = {"message": _format_headline(case.errors), "type": case.errors[0].kind.code}
        yield from _format_element("failure", failure, case.errors)
    elif case.is_skipped:
        yield "      " + _format_tag("skipped", {"message": case.findings[0].message}, "/>")
    notes = [finding for finding in case.findings if finding.level != "error"]
    if notes:
        yield from _format_element("system-out", {}, notes)
    yield "    </testcase>"


def _format_headline(errors: Sequence[Finding]) -> str:
    count = f" ({format_count(len(errors), 'failure')})" if len(errors) > 1 else ""
    return f"{errors[0].kind.code} {errors[0].message}{count}"


def _format_element(name: str, attributes: Mapping[str, object], findings: Sequence[Finding]) -> Iterator[str]:
    """Yield an element with findings as its text, which is not indented because white space is content."""
    lines = [line for finding in findings for line in format_finding(finding, show_source=True, color=False)]
    content = "\n".join(_escape(line, _CONTENT) for line in lines)
    yield from f"      {_format_tag(name, attributes, '>')}{content}</{name}>".split("\n")


def _format_unreadable(inputs: Sequence[Unreadable]) -> Iterator[str]:
    yield "  " + _format_tag("testsuite", {"name": UNREADABLE, **_count((), len(inputs)), "skipped": 0}, ">")
    for line in map(str, inputs):
        yield "    " + _format_tag("testcase", {"classname": UNREADABLE, "name": line, "time": _format_time(0)}, ">")
        yield "      " + _format_tag("error", {"message": line, "type": "unreadable-input"}, "/>")
        yield "    </testcase>"
    yield "  </testsuite>"


def _format_tag(name: str, attributes: Mapping[str, object], end: str) -> str:
    pairs = [f'{key}="{_escape(str(value), _ATTRIBUTE)}"' for key, value in attributes.items()]
    return f"<{' '.join([name, *pairs])}{end}"


def _escape(text: str, table: Mapping[int, str]) -> str:
    allowed = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return allowed.translate(table).encode("ascii", "xmlcharrefreplace").decode()
