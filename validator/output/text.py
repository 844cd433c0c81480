"""Findings as text for people: one line each and, on request, the line of source with the region underlined."""

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate, takewhile
from typing import Final, Literal

from validator.output.finding import Finding, Location, Outcome

WIDTH: Final = 120  # columns for a line of source with its gutter
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
_TAB: Final = "    "
_BOLD, _RED, _YELLOW, _CYAN = "1", "31", "33", "36"  # SGR: ECMA-48, 8.3.117
# Characters that could end or reorder a line of the terminal (UAX 9, 2.1 to 2.6), and those that no encoding can carry.
_ESCAPES = {code: f"\\x{code:02x}" for code in [*range(32), 127, *range(0x80, 0xA0)]} | {0x2028: "\\u2028", 0x2029: "\\u2029"}
_UNRULY = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def write(outcome: Outcome, *, show_source: bool = True, color: bool = False) -> Iterator[str]:
    """Yield the lines of all findings, of unreadable input, and the summary."""
    for case in outcome.cases:
        for finding in case.findings:
            yield from format_finding(finding, show_source=show_source, color=color)
    yield from (f"error: {escape_line(str(one))}" for one in outcome.unreadable)
    yield from outcome.summary


def format_finding(finding: Finding, *, show_source: bool, color: bool) -> Iterator[str]:
    """Yield ``file:line:column: CODE message`` (for an advisory ``advisory NAME: message``), then the related locations.

    show_source: with the lines of source and the fix. color: with the SGR sequences of ECMA-48.
    """
    is_advisory = finding.kind.code == finding.kind.name  # which has no code
    label = f"advisory {finding.kind.name}:" if is_advisory else finding.kind.code
    style = _RED if finding.level == "error" else _YELLOW
    position = _paint(_format_position(finding.location), _BOLD, color)
    yield f"{position}: {_paint(escape_line(label), style, color)} {escape_line(finding.message)}"
    if show_source:
        yield from _format_source(finding.location, color)
    if show_source and finding.fix:
        yield f"  {' ' * _gutter_width(finding.location)} = {_paint('fix:', _CYAN, color)} {escape_line(finding.fix)}"
    for location in finding.related:
        yield f"  {_paint(_format_position(location), _BOLD, color)}: {escape_line(location.message)}"
        if show_source:
            yield from _format_source(location, color)


def format_count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is 1."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def use_color(option: Literal["auto", "always", "never"], environ: Mapping[str, str], is_terminal: bool) -> bool:  # noqa: FBT001 - a fact
    """Return whether to colour: by the option, else by NO_COLOR (no-color.org) or FORCE_COLOR, else by the terminal."""
    if option != "auto":
        return option == "always"
    if environ.get("NO_COLOR"):
        return False
    forced = environ.get("FORCE_COLOR")
    return forced.lower() not in {"0", "false"} if forced else is_terminal


def escape_line(text: str) -> str:
    """Return text that stays on one line of a terminal, in the order of its characters, in any encoding."""
    return _UNRULY.sub(lambda match: _escape_character(match[0]), text.translate(_ESCAPES))


def _escape_character(char: str) -> str:
    return char.encode("unicode-escape").decode()


def _paint(text: str, style: str, color: bool) -> str:  # noqa: FBT001 - passed on
    return f"\x1b[{style}m{text}\x1b[0m" if color else text


def _format_position(location: Location) -> str:
    return f"{escape_line(location.file)}:{location.region.start.line}:{location.region.start.column}"


def _gutter_width(location: Location) -> int:
    return len(str(location.region.start.line)) if location.line_text else 0


def _format_source(location: Location, color: bool) -> Iterator[str]:  # noqa: FBT001 - passed on
    """Yield the line of source and carets under the region, both cut to WIDTH; nothing without the text of the line."""
    text, (start, end) = location.line_text, location.region
    if not text:
        return
    gutter = _gutter_width(location)
    begin = min(start.column - 1, len(text))
    first, last = _select_window(text, begin, WIDTH - gutter - len("   | "))
    stop = min(end.column - 1 if end.line == start.line else len(text), last)
    lead = _ELLIPSIS * (first > 0)
    indent = _count_columns(lead + _escape_source(text[first:begin]))
    carets = max(_count_columns(_escape_source(text[begin:stop])), 1)
    yield f"  {start.line} | {lead}{_escape_source(text[first:last])}{_ELLIPSIS * (last < len(text))}"
    yield f"  {' ' * gutter} | {' ' * indent}{_paint('^' * carets, _RED, color)}"


def _select_window(text: str, begin: int, room: int) -> tuple[int, int]:
    """Return the range of text to show around a character: all of it, or up to a third of the room before the character."""
    if len(text) < room and _count_columns(_escape_source(text)) < room:
        return 0, len(text)
    room -= len(_ELLIPSIS) * 2 + 1  # the last column is for the caret after the end
    before, after = text[max(begin - room, 0) : begin][::-1], text[begin : begin + room]
    ahead = _count_fitting(after, room - _count_columns(_escape_source(before[: _count_fitting(before, room // 3)])))
    back = _count_fitting(before, room - _count_columns(_escape_source(after[:ahead])))
    return begin - back, begin + ahead


def _count_fitting(text: str, room: int) -> int:
    """Return the number of leading characters that fit into a number of columns."""
    columns = accumulate(_count_columns(_escape_source(char)) for char in text)
    return sum(1 for _ in takewhile(lambda used: used <= room, columns))


def _escape_source(source: str) -> str:
    """Return source in which every character is visible: format characters (Cf) are escaped too, tabs become spaces."""
    import unicodedata  # noqa: PLC0415 - only source that is shown needs it

    return "".join(
        _TAB if char == "\t" else _escape_character(char) if unicodedata.category(char) == "Cf" else escape_line(char)
        for char in source
    )


def _count_columns(text: str) -> int:
    """Return the columns of a terminal that text occupies (UAX 11: wide characters two; combining marks none)."""
    import unicodedata  # noqa: PLC0415 - the same

    return sum(
        0 if unicodedata.category(char) in {"Mn", "Me"} else 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
        for char in text
    )
