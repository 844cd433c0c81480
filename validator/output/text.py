"""Findings as text for people: a line each, and below it, when wanted, the source with the place underlined."""

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate, takewhile
from typing import Final, Literal

from validator.output.finding import Finding, Location, Outcome

WIDTH: Final = 120  # columns that a line of source with its gutter may take
_CUT: Final = "\N{HORIZONTAL ELLIPSIS}"
_TAB: Final = "    "
_BOLD, _RED, _YELLOW, _CYAN = "1", "31", "33", "36"  # SGR: ECMA-48, 8.3.117
# What could reorder a line of the terminal (UAX 9, 2.1 to 2.6), and what no encoding can carry.
_ESCAPES = {code: f"\\x{code:02x}" for code in [*range(32), 127, *range(0x80, 0xA0)]} | {0x2028: "\\u2028", 0x2029: "\\u2029"}
_UNRULY = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def write(outcome: Outcome, *, show_source: bool = True, color: bool = False) -> Iterator[str]:
    """Yield the lines of all findings and the summary. What was unreadable is told apart from them, on standard error."""
    for case in outcome.cases:
        for finding in case.findings:
            yield from finding_lines(finding, show_source=show_source, color=color)
    yield from outcome.summary


def finding_lines(finding: Finding, *, show_source: bool, color: bool) -> Iterator[str]:
    """Yield ``file:line:column: CODE message``, or ``... advisory NAME: message`` for a note, and the places beside it.

    show_source: with the lines of the source and how to mend it. color: with the SGR sequences of ECMA-48.
    """
    label, style = (finding.kind.code, _RED) if finding.level == "error" else (f"advisory {finding.kind.name}:", _YELLOW)
    yield f"{_paint(_at(finding.location), _BOLD, color)}: {_paint(visible(label), style, color)} {visible(finding.message)}"
    if show_source:
        yield from _source(finding.location, color)
    if show_source and finding.fix:
        yield f"  {' ' * _gutter(finding.location)} = {_paint('fix:', _CYAN, color)} {visible(finding.fix)}"
    for place in finding.related:
        yield f"  {_paint(_at(place), _BOLD, color)}: {visible(place.message)}"
        if show_source:
            yield from _source(place, color)


def use_color(option: Literal["auto", "always", "never"], environ: Mapping[str, str], is_terminal: bool) -> bool:  # noqa: FBT001 - a fact
    """Return whether to colour: by the option, else by NO_COLOR (no-color.org) or FORCE_COLOR, else by the terminal."""
    if option != "auto":
        return option == "always"
    if environ.get("NO_COLOR"):
        return False
    forced = environ.get("FORCE_COLOR")
    return forced.lower() not in {"0", "false"} if forced else is_terminal


def visible(text: str) -> str:
    """Return a text that stands on one line of a terminal, in the order of its characters, whatever the encoding."""
    return _UNRULY.sub(lambda found: _escaped(found[0]), text.translate(_ESCAPES))


def _escaped(char: str) -> str:
    return char.encode("unicode-escape").decode()


def _paint(text: str, style: str, color: bool) -> str:  # noqa: FBT001 - handed through
    return f"\x1b[{style}m{text}\x1b[0m" if color else text


def _at(place: Location) -> str:
    return f"{visible(place.file)}:{place.region.start.line}:{place.region.start.column}"


def _gutter(place: Location) -> int:
    return len(str(place.region.start.line)) if place.line_text else 0


def _source(place: Location, color: bool) -> Iterator[str]:  # noqa: FBT001 - handed through
    """Yield the line of the source and the carets under the region, both cut to what can be seen; nothing without a text."""
    text, (start, end) = place.line_text, place.region
    if not text:
        return
    gutter = _gutter(place)
    begin = min(start.column - 1, len(text))
    room = WIDTH - gutter - len("   | ")
    first, last = _window(text, begin, room)
    stop = min(end.column - 1 if end.line == start.line else len(text), last)
    lead = _CUT * (first > 0)
    before, carets = _width(lead + _shown(text[first:begin])), max(_width(_shown(text[begin:stop])), 1)
    yield f"  {start.line} | {lead}{_shown(text[first:last])}{_CUT * (last < len(text))}"
    yield f"  {' ' * gutter} | {' ' * before}{_paint('^' * carets, _RED, color)}"


def _window(text: str, begin: int, room: int) -> tuple[int, int]:
    """Return from where to where a text is shown around a character: all of it, or two thirds of the room from there on."""
    if len(text) < room and _width(_shown(text)) < room:
        return 0, len(text)
    room -= len(_CUT) * 2 + 1  # the last column is for the caret after the end
    before, after = text[max(begin - room, 0) : begin][::-1], text[begin : begin + room]
    ahead = _fitting(after, room - _width(_shown(before[: _fitting(before, room // 3)])))
    back = _fitting(before, room - _width(_shown(after[:ahead])))
    return begin - back, begin + ahead


def _fitting(text: str, room: int) -> int:
    """Return how many characters from the beginning fit."""
    taken = accumulate(_width(_shown(char)) for char in text)
    return sum(1 for _ in takewhile(lambda columns: columns <= room, taken))


def _shown(source: str) -> str:
    """Return a stretch of source so that each character can be seen: those without a shape of their own are escaped."""
    import unicodedata  # noqa: PLC0415 - only source that is shown needs it

    return "".join(
        _TAB if char == "\t" else _escaped(char) if unicodedata.category(char) == "Cf" else visible(char) for char in source
    )


def _width(shown: str) -> int:
    """Return the columns that a text takes in a terminal (UAX 11 for wide characters; marks stand on the one before)."""
    import unicodedata  # noqa: PLC0415 - the same

    return sum(
        0 if unicodedata.category(char) in {"Mn", "Me"} else 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
        for char in shown
    )
