"""GitHub annotations: the exact text, and its fields read back as the runner reads them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.output import OUTCOME, SHORT, WRONG, outcomes, region
from validator.model.location import Region
from validator.output.finding import Case, Finding, Outcome
from validator.output.github import write

ALL = """\
::error file=mails/one.json,line=2,endLine=2,col=14,endColumn=14,title=L101 subject-is-text::\
The subject is 5, 100%25 wrong.%0Afix: Put it in quotes.%0Amails/schema.json:7: it is declared here
::notice file=mails/one.json,line=4,endLine=6,title=subject-short subject-short::The subject is short.
::error file=-,line=1,endLine=1,col=1,endColumn=1,title=L101 subject-is-text::The subject is missing.%0Afix: Put it in quotes.
::error file=-,line=1,endLine=1,col=1,endColumn=1,title=L101 subject-is-text::The subject is missing.%0Afix: Put it in quotes.
::error file=two.json::two.json: No such file or directory
2 requests failed (3 failures), 1 passed, 3 checked
skipped: L103
"""
COMMAND = re.compile(r"::(?P<name>error|notice)(?: (?P<properties>(?:(?!::).)*))?::(?P<data>.*)")
plain = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]) | st.sampled_from("%:,=\r\n"), min_size=1)


def _unescape(text: str) -> str:
    return re.sub("%(25|0D|0A|3A|2C)", lambda match: chr(int(match[1], 16)), text)


def _read(line: str) -> tuple[str, dict[str, str], str]:
    """Return a command's name, properties and message, as the runner finds them."""
    match = COMMAND.fullmatch(line)
    assert match, line
    properties = dict(each.split("=", 1) for each in (match["properties"] or "").split(",") if each)
    return match["name"], {name: _unescape(value) for name, value in properties.items()}, _unescape(match["data"])


def test_each_finding_is_an_annotation() -> None:
    """Unreadable input and the summary follow."""
    assert "".join(f"{line}\n" for line in write(OUTCOME)) == ALL


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        (region(3, 5, 3, 9), {"line": "3", "endLine": "3", "col": "5", "endColumn": "8"}),
        (region(3, 5, 3, 5), {"line": "3", "endLine": "3", "col": "5", "endColumn": "5"}),
        (region(3, 5, 4, 2), {"line": "3", "endLine": "4"}),
        (region(3, 5, 4, 1), {"line": "3", "endLine": "3"}),
    ],
    ids=["within a line", "empty", "over lines", "to the end of the line"],
)
def test_columns_are_given_only_within_a_line(place: Region, wanted: dict[str, str]) -> None:
    """Ends are inclusive."""
    finding = SHORT._replace(location=SHORT.location._replace(region=place))
    _, properties, _ = _read(next(write(Outcome([Case("f", "t", (finding,))]))))
    assert properties == {"file": "mails/one.json", **wanted, "title": "subject-short subject-short"}


@given(st.builds(lambda text: WRONG._replace(message=re.sub("[\r\n]", "", text)), plain), plain)
def test_runner_reads_every_field_back(finding: Finding, file: str) -> None:
    """Even percent signs, colons, commas and line ends in the name of a file."""
    finding = finding._replace(location=finding.location._replace(file=file))
    name, properties, data = _read(next(write(Outcome([Case("f", "t", (finding,))]))))
    assert (name, properties["file"], properties["title"]) == ("error", file, "L101 subject-is-text")
    assert data.split("\n") == [finding.message, "fix: Put it in quotes.", "mails/schema.json:7: it is declared here"]


@given(outcomes)
def test_text_cannot_add_a_line_or_a_command(outcome: Outcome) -> None:
    """There is one command for each finding and each unreadable input."""
    lines = list(write(outcome))
    expected = [finding for case in outcome.cases for finding in case.findings]
    commands = len(expected) + len(outcome.unreadable)
    assert len(lines) == commands + len(outcome.summary)
    assert all(len(f"{line}.".splitlines()) == 1 for line in lines)
    read = [_read(line) for line in lines[:commands]]
    assert [name == "notice" for name, _, _ in read] == [one.level == "note" for one in expected] + [False] * len(
        outcome.unreadable
    )
    assert not any("::" in line or "##[" in line for line in lines[commands:])


def test_summary_contains_no_command() -> None:
    """Neither in the current nor in the old syntax."""
    assert list(write(Outcome((), summary=("::error::no", "##[error]no")))) == [": :error: :no", "## [error]no"]
