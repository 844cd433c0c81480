"""The text format: the exact text, and lines that fit a terminal and cannot control it."""

import re
import unicodedata
from typing import Literal

import pytest
from hypothesis import given

from tests.output import OUTCOME, SHORT, SUBJECT, WHOLE, WRONG, findings, region, texts
from validator.output import formats
from validator.output.finding import Finding, Location, Outcome
from validator.output.text import WIDTH, escape_line, format_finding, use_color, write

BARE = (
    "mails/one.json:2:14: L101 The subject is 5, 100% wrong.",
    "  mails/schema.json:7:3: it is declared here",
    "mails/one.json:4:1: advisory subject-short: The subject is short.",
    "-:1:1: L101 The subject is missing.",
    "-:1:1: L101 The subject is missing.",
    "error: two.json: No such file or directory",
    "2 requests failed (3 failures), 1 passed, 3 checked",
    "skipped: L103",
)
SOURCE = """\
mails/one.json:2:14: L101 The subject is 5, 100% wrong.
  2 |   "subject": 5,
    |              ^
    = fix: Put it in quotes.
  mails/schema.json:7:3: it is declared here
  7 |   "subject": {
    |   ^^^^^^^^^^^^
mails/one.json:4:1: advisory subject-short: The subject is short.
  4 | {
    | ^
-:1:1: L101 The subject is missing.
   = fix: Put it in quotes.
-:1:1: L101 The subject is missing.
   = fix: Put it in quotes.
error: two.json: No such file or directory
2 requests failed (3 failures), 1 passed, 3 checked
skipped: L103
"""
COLOR = """\
<1>mails/one.json:2:14<0>: <31>L101<0> The subject is 5, 100% wrong.
  2 |   "subject": 5,
    |              <31>^<0>
    = <36>fix:<0> Put it in quotes.
  <1>mails/schema.json:7:3<0>: it is declared here
  7 |   "subject": {
    |   <31>^^^^^^^^^^^^<0>
<1>mails/one.json:4:1<0>: <33>advisory subject-short:<0> The subject is short.
  4 | {
    | <31>^<0>
"""
SGR = re.compile(r"\x1b\[\d+m")


def test_finding_is_one_line() -> None:
    """Without source; each related location is another line."""
    assert tuple(write(OUTCOME, show_source=False)) == BARE


def test_source_is_underlined_and_followed_by_the_fix() -> None:
    """The format named text shows the source."""
    assert "".join(f"{line}\n" for line in formats.write(formats.TEXT, OUTCOME)) == SOURCE


def test_color() -> None:
    """The position is bold, the code red or yellow, carets are red, and the fix is cyan."""
    lines = [line for one in (WRONG, SHORT) for line in format_finding(one, show_source=True, color=True)]
    assert "".join(f"{line}\n" for line in lines) == re.sub(r"<(\d+)>", "\x1b[\\1m", COLOR)


def _source(text: str, column: int, end_column: int, *, line: int = 1, lines: int = 1) -> list[str]:
    """Return the line of source and its underline."""
    place = Location("f", region(line, column, line + lines - 1, end_column), text)
    return list(format_finding(Finding(SUBJECT, "", place), show_source=True, color=False))[1:-1]


@pytest.mark.parametrize(
    ("text", "column", "end_column", "shown", "underline"),
    [
        ("abc", 2, 3, "abc", " ^"),
        ("abc", 1, 4, "abc", "^^^"),
        ("abc", 2, 2, "abc", " ^"),
        ("abc", 3, 2, "abc", "  ^"),
        ("abc", 4, 4, "abc", "   ^"),
        ("abc", 9, 12, "abc", "   ^"),
        ("abc", 2, 99, "abc", " ^^"),
        ("\ta\tb", 2, 5, "    a    b", "    ^^^^^^"),
        ("a\x1bb\x7f", 2, 4, r"a\x1bb\x7f", " ^^^^^"),
        ("a\x85b\u2028c", 3, 6, r"a\x85b\u2028c", "     ^^^^^^^^"),
        ("a\u202eb\u2066c", 3, 4, r"a\u202eb\u2066c", "       ^"),
        ("a\u200bb\U000e0001", 2, 4, r"a\u200bb\U000e0001", " ^^^^^^^"),
        ("\ud800b", 2, 3, r"\ud800b", "      ^"),
        ("\u4e16\uff21b", 2, 4, "\u4e16\uff21b", "  ^^^"),
        ("e\u0301\u20ddb", 4, 5, "e\u0301\u20ddb", " ^"),
        ("e\u0301b", 2, 3, "e\u0301b", " ^"),
        ("e\u0301b", 1, 3, "e\u0301b", "^"),
    ],
)
def test_carets_are_under_the_region(text: str, column: int, end_column: int, shown: str, underline: str) -> None:
    """A character may occupy no column, two columns or an escape."""
    assert _source(text, column, end_column) == [f"  1 | {shown}", f"    | {underline}"]


def test_region_of_several_lines_is_underlined_to_the_end_of_its_first() -> None:
    """The gutter is as wide as the line number."""
    assert _source("abcdef", 3, 2, line=998, lines=3) == ["  998 | abcdef", "      |   ^^^^"]


@pytest.mark.parametrize(
    ("before", "after", "shown", "underline"),
    [
        (0, 200, f"X{'a' * 110}…", "^"),
        (200, 0, f"…{'b' * 110}X", f"{' ' * 111}^"),
        (500_000, 500_000, f"…{'b' * 37}X{'a' * 73}…", f"{' ' * 38}^"),
        (37, 200, f"{'b' * 37}X{'a' * 73}…", f"{' ' * 37}^"),
        (38, 200, f"…{'b' * 37}X{'a' * 73}…", f"{' ' * 38}^"),
        (200, 30, f"…{'b' * 80}X{'a' * 30}", f"{' ' * 81}^"),
        (56, 56, f"{'b' * 56}X{'a' * 56}", f"{' ' * 56}^"),
        (57, 56, f"…{'b' * 54}X{'a' * 56}", f"{' ' * 55}^"),
    ],
)
def test_long_line_is_cut_around_the_region(before: int, after: int, shown: str, underline: str) -> None:
    """A third of the room is before the region, or more if less text follows it."""
    assert _source("b" * before + "X" + "a" * after, before + 1, before + 2) == [f"  1 | {shown}", f"    | {underline}"]


def test_long_region_is_underlined_as_far_as_it_is_shown() -> None:
    """The ellipsis is not underlined."""
    assert _source("a" * 1000, 1, 1001) == [f"  1 | {'a' * 111}…", f"    | {'^' * 111}"]


def test_caret_after_the_end_of_a_long_line_fits() -> None:
    """It is in the last column but one."""
    assert _source("a" * 1000, 1001, 1001) == [f"  1 | …{'a' * 111}", f"    | {' ' * 112}^"]


def _columns(line: str) -> int:
    widths = {"W": 2, "F": 2}
    return sum(
        0 if unicodedata.category(char) in {"Mn", "Me"} else widths.get(unicodedata.east_asian_width(char), 1) for char in line
    )


@given(findings)
def test_lines_of_any_finding_are_safe_for_a_terminal(finding: Finding) -> None:
    """They contain no control characters, and lines of source fit the width."""
    lines = list(format_finding(finding, show_source=True, color=False))
    for line in lines:
        assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in line)
        assert not any(unicodedata.bidirectional(char) in {"LRE", "RLE", "LRO", "RLO", "PDF"} for char in line)
        assert len(line.splitlines()) == 1
    for line in [line for line in lines if re.match(r"  [\d ]+ \| ", line)]:
        assert _columns(line) <= WIDTH
    colored = format_finding(finding, show_source=True, color=True)
    assert [SGR.sub("", line) for line in colored] == lines


@given(findings)
def test_first_line_is_the_same_with_and_without_source(finding: Finding) -> None:
    """Tools parse it."""
    with_source, bare = (next(format_finding(finding, show_source=show, color=False)) for show in (True, False))
    assert with_source == bare


@given(texts)
def test_escaping_is_idempotent(text: str) -> None:
    """An escape is not escaped again."""
    assert escape_line(escape_line(text)) == escape_line(text)


def test_run_without_findings_is_the_summary() -> None:
    """An empty run has no lines."""
    assert list(write(Outcome((), summary=("fine",)))) == ["fine"]
    assert not list(write(OUTCOME._replace(cases=(), unreadable=(), summary=())))


def test_name_of_a_file_is_escaped() -> None:
    """It cannot begin another line."""
    finding = WHOLE._replace(location=WHOLE.location._replace(file="a\nb\u202e"))
    assert next(format_finding(finding, show_source=False, color=False)) == r"a\x0ab\u202e:1:1: L101 The subject is missing."


@pytest.mark.parametrize(
    ("option", "environ", "terminal", "wanted"),
    [
        ("always", {"NO_COLOR": "1"}, "none", "colour"),
        ("never", {"FORCE_COLOR": "1"}, "terminal", "plain"),
        ("auto", {}, "terminal", "colour"),
        ("auto", {}, "none", "plain"),
        ("auto", {"NO_COLOR": "", "FORCE_COLOR": ""}, "terminal", "colour"),
        ("auto", {"NO_COLOR": "", "FORCE_COLOR": ""}, "none", "plain"),
        ("auto", {"NO_COLOR": "0"}, "terminal", "plain"),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, "terminal", "plain"),
        ("auto", {"FORCE_COLOR": "1"}, "none", "colour"),
        ("auto", {"FORCE_COLOR": "0"}, "terminal", "plain"),
        ("auto", {"FORCE_COLOR": "False"}, "terminal", "plain"),
    ],
)
def test_use_color(option: Literal["auto", "always", "never"], environ: dict[str, str], terminal: str, wanted: str) -> None:
    """By the option, then NO_COLOR, then FORCE_COLOR, then the terminal."""
    assert use_color(option, environ, terminal == "terminal") is (wanted == "colour")
