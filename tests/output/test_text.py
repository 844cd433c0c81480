"""The text format: to the letter, and never more than a terminal can show."""

import re
import unicodedata
from typing import Literal

import pytest
from hypothesis import given

from tests.output import OUTCOME, SHORT, SUBJECT, WHOLE, WRONG, findings, region, texts
from validator.output.finding import Finding, Location, Outcome
from validator.output.formats import FORMATS
from validator.output.text import WIDTH, finding_lines, use_color, visible, write

BARE = (
    "mails/one.json:2:14: L101 The subject is 5, 100% wrong.",
    "  mails/schema.json:7:3: it is declared here",
    "mails/one.json:4:1: advisory subject-short: The subject is short.",
    "-:1:1: L101 There is none.",
    "-:1:1: L101 There is none.",
    "2 files, 3 requests.",
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
-:1:1: L101 There is none.
   = fix: Put it in quotes.
-:1:1: L101 There is none.
   = fix: Put it in quotes.
2 files, 3 requests.
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


def test_a_line_each() -> None:
    """Without source a finding is a line, and a line for each place beside it."""
    assert tuple(write(OUTCOME, show_source=False)) == BARE


def test_with_source() -> None:
    """With source, which is how the table of formats writes it, the place is underlined and the way to mend it told."""
    assert "".join(f"{line}\n" for line in FORMATS["text"](OUTCOME)) == SOURCE


def test_in_colour() -> None:
    """Place bold, code red or yellow, carets red, mend cyan."""
    lines = [line for one in (WRONG, SHORT) for line in finding_lines(one, show_source=True, color=True)]
    assert "".join(f"{line}\n" for line in lines) == re.sub(r"<(\d+)>", "\x1b[\\1m", COLOR)


def _source(text: str, column: int, end_column: int, *, line: int = 1, lines: int = 1) -> list[str]:
    """Return the two lines that show a source and its underline."""
    place = Location("f", region(line, column, line + lines - 1, end_column), text)
    return list(finding_lines(Finding(SUBJECT, "", place), show_source=True, color=False))[1:-1]


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
def test_the_carets_stand_under_the_place(text: str, column: int, end_column: int, shown: str, underline: str) -> None:
    """Whatever a character takes: nothing, two columns, or an escape."""
    assert _source(text, column, end_column) == [f"  1 | {shown}", f"    | {underline}"]


def test_a_region_over_several_lines_is_underlined_to_the_end_of_its_first() -> None:
    """The gutter is as wide as the number of the line."""
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
def test_a_long_line_is_cut_around_the_place(before: int, after: int, shown: str, underline: str) -> None:
    """With a third of the room before the place, or more when less comes after it."""
    assert _source("b" * before + "X" + "a" * after, before + 1, before + 2) == [f"  1 | {shown}", f"    | {underline}"]


def test_a_long_region_is_underlined_as_far_as_it_is_shown() -> None:
    """The mark of a cut is not underlined."""
    assert _source("a" * 1000, 1, 1001) == [f"  1 | {'a' * 111}…", f"    | {'^' * 111}"]


def test_after_the_end_of_a_long_line_there_is_room_for_the_caret() -> None:
    """It stands in the last column but one."""
    assert _source("a" * 1000, 1001, 1001) == [f"  1 | …{'a' * 111}", f"    | {' ' * 112}^"]


def _columns(line: str) -> int:
    widths = {"W": 2, "F": 2}
    return sum(
        0 if unicodedata.category(char) in {"Mn", "Me"} else widths.get(unicodedata.east_asian_width(char), 1) for char in line
    )


@given(findings)
def test_any_finding_can_be_shown(finding: Finding) -> None:
    """Lines are lines, hold nothing that steers a terminal, and those of the source fit."""
    lines = list(finding_lines(finding, show_source=True, color=False))
    for line in lines:
        assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in line)
        assert not any(unicodedata.bidirectional(char) in {"LRE", "RLE", "LRO", "RLO", "PDF"} for char in line)
        assert len(line.splitlines()) == 1
    for line in [line for line in lines if re.match(r"  [\d ]+ \| ", line)]:
        assert _columns(line) <= WIDTH
    colored = finding_lines(finding, show_source=True, color=True)
    assert [SGR.sub("", line) for line in colored] == lines


@given(findings)
def test_the_first_line_is_the_same_with_source_or_without(finding: Finding) -> None:
    """It is what tools read."""
    with_source, bare = (next(finding_lines(finding, show_source=show, color=False)) for show in (True, False))
    assert with_source == bare


@given(texts)
def test_what_is_visible_stays_so(text: str) -> None:
    """An escape is not escaped again."""
    assert visible(visible(text)) == visible(text)


def test_nothing_found_is_the_summary() -> None:
    """An empty run has no other lines."""
    assert list(write(Outcome((), summary=("0 files.",)))) == ["0 files."]
    assert not list(write(OUTCOME._replace(cases=(), summary=())))


def test_a_file_may_have_any_name() -> None:
    """It cannot begin a line of its own."""
    finding = WHOLE._replace(location=WHOLE.location._replace(file="a\nb\u202e"))
    assert next(finding_lines(finding, show_source=False, color=False)) == r"a\x0ab\u202e:1:1: L101 There is none."


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
def test_when_to_colour(option: Literal["auto", "always", "never"], environ: dict[str, str], terminal: str, wanted: str) -> None:
    """The option, then NO_COLOR, then FORCE_COLOR, then the terminal."""
    assert use_color(option, environ, terminal == "terminal") is (wanted == "colour")
