"""Annotations: to the letter, and read back as the runner reads them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.output import OUTCOME, SHORT, WRONG, outcomes, region
from validator.model.location import Region
from validator.output.finding import Case, Finding, Outcome
from validator.output.formats import FORMATS

write = FORMATS["github"]

ALL = """\
::error file=mails/one.json,line=2,endLine=2,col=14,endColumn=14,title=L101 subject-is-text::\
The subject is 5, 100%25 wrong.%0Afix: Put it in quotes.%0Amails/schema.json:7: it is declared here
::notice file=mails/one.json,line=4,endLine=6,title=subject-short subject-short::The subject is short.
::error file=-,line=1,endLine=1,col=1,endColumn=1,title=L101 subject-is-text::There is none.%0Afix: Put it in quotes.
::error file=-,line=1,endLine=1,col=1,endColumn=1,title=L101 subject-is-text::There is none.%0Afix: Put it in quotes.
::error::two.json: No such file or directory
2 files, 3 requests.
skipped: L103
"""
COMMAND = re.compile(r"::(?P<name>error|notice)(?: (?P<properties>(?:(?!::).)*))?::(?P<data>.*)")
plain = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]) | st.sampled_from("%:,=\r\n"), min_size=1)


def _unescaped(text: str) -> str:
    return re.sub("%(25|0D|0A|3A|2C)", lambda found: chr(int(found[1], 16)), text)


def _read(line: str) -> tuple[str, dict[str, str], str]:
    """Return a command's name, properties and message, as the runner finds them."""
    found = COMMAND.fullmatch(line)
    assert found, line
    properties = dict(each.split("=", 1) for each in (found["properties"] or "").split(",") if each)
    return found["name"], {name: _unescaped(value) for name, value in properties.items()}, _unescaped(found["data"])


def test_an_annotation_for_each_finding() -> None:
    """Then what was unreadable, then the summary."""
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
def test_columns_are_told_only_within_a_line(place: Region, wanted: dict[str, str]) -> None:
    """Ends belong to what they end."""
    finding = SHORT._replace(location=SHORT.location._replace(region=place))
    _, properties, _ = _read(next(write(Outcome([Case("f", "t", (finding,))]))))
    assert properties == {"file": "mails/one.json", **wanted, "title": "subject-short subject-short"}


@given(st.builds(lambda text: WRONG._replace(message=re.sub("[\r\n]", "", text)), plain), plain)
def test_the_runner_gets_every_field_back(finding: Finding, file: str) -> None:
    """Percent signs, colons, commas and line ends of a file's name too."""
    finding = finding._replace(location=finding.location._replace(file=file))
    name, properties, data = _read(next(write(Outcome([Case("f", "t", (finding,))]))))
    assert (name, properties["file"], properties["title"]) == ("error", file, "L101 subject-is-text")
    assert data.split("\n") == [finding.message, "fix: Put it in quotes.", "mails/schema.json:7: it is declared here"]


@given(outcomes)
def test_a_line_stays_a_line(outcome: Outcome) -> None:
    """Whatever the text, there are as many commands as there is to tell, and no others."""
    lines = list(write(outcome))
    found = [finding for case in outcome.cases for finding in case.findings]
    commands = len(found) + len(outcome.unreadable)
    assert len(lines) == commands + len(outcome.summary)
    assert all(len(f"{line}.".splitlines()) == 1 for line in lines)
    read = [_read(line) for line in lines[:commands]]
    assert [name == "notice" for name, _, _ in read] == [one.level == "note" for one in found] + [False] * len(outcome.unreadable)
    assert not any("::" in line or "##[" in line for line in lines[commands:])


def test_the_summary_commands_nothing() -> None:
    """Neither in the present form of a command nor in the old one."""
    assert list(write(Outcome((), summary=("::error::no", "##[error]no")))) == [": :error: :no", "## [error]no"]
