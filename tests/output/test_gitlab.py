"""Code Quality reports: the exact text, and any outcome as GitLab reads it."""

import json
from typing import Any

from hypothesis import given

from tests.output import OUTCOME, SHORT, outcomes, region
from validator.output.finding import Case, Outcome, Unreadable
from validator.output.gitlab import write

ISSUES = [
    {
        "type": "issue",
        "check_name": "L101 subject-is-text",
        "description": "The subject is 5, 100% wrong. Fix: Put it in quotes.",
        "categories": ["Bug Risk"],
        "severity": "major",
        "fingerprint": "c6d735c821e79fa8a115663aac61bd8d97dbd864f2fda1e43632ccace2adfa2c",
        "location": {"path": "mails/one.json", "lines": {"begin": 2, "end": 2}},
    },
    {
        "type": "issue",
        "check_name": "subject-short subject-short",
        "description": "The subject is short.",
        "categories": ["Bug Risk"],
        "severity": "info",
        "fingerprint": "601f31dc579d520361601d5ca60cbe19e08bc71e6048be668666fc038a9f4d20",
        "location": {"path": "mails/one.json", "lines": {"begin": 4, "end": 6}},
    },
    *(
        {
            "type": "issue",
            "check_name": "L101 subject-is-text",
            "description": "The subject is missing. Fix: Put it in quotes.",
            "categories": ["Bug Risk"],
            "severity": "major",
            "fingerprint": fingerprint,
            "location": {"path": "stdin", "lines": {"begin": 1, "end": 1}},
        }
        for fingerprint in (
            "ca3f35821daa2eaa3f4a1c5996d1cf04c8f06dc9318c4629c038d79a11aebfad",
            "5264e4d88dc77d05363183820e777a06771e7c4f7db6031607951c5a02708f98",
        )
    ),
    {
        "type": "issue",
        "check_name": "unreadable-input",
        "description": "two.json: No such file or directory",
        "categories": ["Bug Risk"],
        "severity": "critical",
        "fingerprint": "",
        "location": {"path": "two.json", "lines": {"begin": 1, "end": 1}},
    },
]


def _read(outcome: Outcome) -> list[dict[str, Any]]:
    issues: list[dict[str, Any]] = json.loads("\n".join(write(outcome)))
    return issues


def test_each_finding_is_an_issue() -> None:
    """Unreadable input follows; the fingerprints are those of SARIF."""
    *found, unreadable = _read(OUTCOME)
    assert [*found, unreadable | {"fingerprint": ""}] == ISSUES


@given(outcomes)
def test_any_report_is_complete(outcome: Outcome) -> None:
    """Each finding and each unreadable input has a fingerprint of its own, and every text can be written in UTF-8."""
    issues = _read(outcome)
    findings = [finding for case in outcome.cases for finding in case.findings]
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == len(findings) + len(outcome.unreadable)
    assert [issue["location"]["lines"]["begin"] for issue in issues] == [
        *(finding.location.region.start.line for finding in findings),
        *(one.line or 1 for one in outcome.unreadable),
    ]
    json.dumps(issues, ensure_ascii=False).encode()


def test_end_of_a_line_is_not_the_next_line() -> None:
    """A region that ends before the first column of a line ends on the line before."""
    places = (region(3, 5, 4, 1), region(3, 1, 3, 1))
    findings = tuple(SHORT._replace(location=SHORT.location._replace(region=place)) for place in places)
    issues = _read(Outcome([Case("f", "t", findings)]))
    assert [issue["location"]["lines"] for issue in issues] == [{"begin": 3, "end": 3}] * 2


def test_no_findings_are_an_empty_list() -> None:
    """GitLab needs a report of a run without findings, to see that they are fixed."""
    assert list(write(Outcome(()))) == ["[]"]


def test_unreadable_input_is_located() -> None:
    """In its line, else in the first one."""
    inputs = Unreadable("a.http", "missing request line", 3), Unreadable("b: c.json", "No such file")
    issues = _read(Outcome((), unreadable=inputs))
    assert [(one["location"]["path"], one["location"]["lines"]["begin"], one["description"]) for one in issues] == [
        ("a.http", 3, "a.http:3: missing request line"),
        ("b: c.json", 1, "b: c.json: No such file"),
    ]
