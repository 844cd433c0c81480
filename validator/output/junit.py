"""Cases as a JUnit test report, in what all its readers have in common: Jenkins' junit-10.xsd, GitLab, Azure.

A suite for each file, a test case for each case, at most one failure in it. No times are told: none were taken.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from validator.output.finding import Case, Finding, Outcome
from validator.output.text import finding_lines

UNREADABLE: Final = "unreadable input"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
_CONTENT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE: Final = _CONTENT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def write(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of the report, in ASCII: it is the same in every encoding of standard output."""
    files: dict[str, list[Case]] = {}
    for case in outcome.cases:
        files.setdefault(case.file, []).append(case)
    tests, unreadable = len(outcome.cases) + len(outcome.unreadable), outcome.unreadable
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield _tag("testsuites", {"name": "activity-validator", **_counts(tests, outcome.cases, len(unreadable))}, ">")
    for file, cases in files.items():
        yield from _suite(file, cases)
    if unreadable:
        yield from _unreadable(unreadable)
    yield "</testsuites>"


def _counts(tests: int, cases: Sequence[Case], errors: int = 0) -> dict[str, object]:
    return {"tests": tests, "failures": sum(not case.passed for case in cases), "errors": errors}


def _suite(file: str, cases: Sequence[Case]) -> Iterator[str]:
    yield "  " + _tag("testsuite", {"name": file, **_counts(len(cases), cases), "skipped": 0}, ">")
    for case in cases:
        yield from _case(case)
    yield "  </testsuite>"


def _case(case: Case) -> Iterator[str]:
    start = {"classname": case.file, "name": case.title}
    if not case.findings:
        yield "    " + _tag("testcase", start, "/>")
        return
    yield "    " + _tag("testcase", start, ">")
    errors = [finding for finding in case.findings if finding.level == "error"]
    if errors:
        yield from _element("failure", {"message": _headline(errors), "type": errors[0].kind.code}, errors)
    notes = [finding for finding in case.findings if finding.level != "error"]
    if notes:
        yield from _element("system-out", {}, notes)
    yield "    </testcase>"


def _headline(errors: Sequence[Finding]) -> str:
    more = len(errors) - 1
    return f"{errors[0].kind.code} {errors[0].message}" + (f" (and {more} more)" if more else "")


def _element(name: str, attributes: Mapping[str, object], findings: Sequence[Finding]) -> Iterator[str]:
    """Yield an element that holds findings as text; nothing is indented, for all of it is content."""
    lines = [line for finding in findings for line in finding_lines(finding, show_source=True, color=False)]
    content = "\n".join(_escaped(line, _CONTENT) for line in lines)
    yield from f"      {_tag(name, attributes, '>')}{content}</{name}>".split("\n")


def _unreadable(lines: Sequence[str]) -> Iterator[str]:
    yield "  " + _tag("testsuite", {"name": UNREADABLE, **_counts(len(lines), (), len(lines)), "skipped": 0}, ">")
    for line in lines:
        yield "    " + _tag("testcase", {"classname": UNREADABLE, "name": line}, ">")
        yield "      " + _tag("error", {"message": line, "type": "unreadable-input"}, "/>")
        yield "    </testcase>"
    yield "  </testsuite>"


def _tag(name: str, attributes: Mapping[str, object], end: str) -> str:
    told = [f'{key}="{_escaped(str(value), _ATTRIBUTE)}"' for key, value in attributes.items()]
    return f"<{' '.join([name, *told])}{end}"


def _escaped(text: str, table: Mapping[int, str]) -> str:
    allowed = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return allowed.translate(table).encode("ascii", "xmlcharrefreplace").decode()
