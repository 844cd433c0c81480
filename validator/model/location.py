"""Positions and regions in a text, and the conversion between offsets and positions.

Offsets count characters (code points) from 0. Lines and columns count from 1, columns in code points.
"""

from bisect import bisect_right
from io import StringIO
from itertools import accumulate
from typing import Final, NamedTuple

# The line ends of a text, named as ``newline`` of ``io.StringIO``. Two rules, because two kinds of reader count lines:
# A body, or an artefact that the linter reads, has the lines of its parser: CR LF, LF and a lone CR each end one
# (XML 1.0, section 2.11; the Python language reference, section 2.1.2).
ANY_LINE_END: Final = ""
# A file of requests has the lines that git and the annotations of CI services count: LF ends one, with or
# without a CR before it (SARIF 2.1.0: the default of ``newlineSequences``). A lone CR is a character of the request.
LF: Final = "\n"


class Position(NamedTuple):
    """A line and a column, both 1-based; the column counts code points."""

    line: int
    column: int


class Region(NamedTuple):
    """A range of a text, from its first character to the one after its last."""

    start: Position
    end: Position


class LineIndex:
    """The lines of a text, to convert many offsets. Built in time linear in the text. line_ends: ANY_LINE_END or LF."""

    __slots__ = ("_last", "_starts", "_text")

    def __init__(self, text: str, line_ends: str = ANY_LINE_END) -> None:
        """Find where the lines begin."""
        self._text = text
        self._last = (0, "")  # many locations of one long line share its text
        self._starts = list(accumulate(map(len, StringIO(text, newline=line_ends)), initial=0))
        if len(self._starts) > 1 and not text.endswith((line_ends or "\r", "\n")):
            self._starts.pop()  # the last line has no end, so no line begins after it

    def position(self, offset: int) -> Position:
        """Return the position of an offset."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def region(self, start: int, end: int) -> Region:
        """Return the region between two offsets, the end exclusive."""
        return Region(self.position(start), self.position(end))

    def offset(self, line: int, column: int = 1) -> int:
        """Return the offset of a position; of one beyond the last line or the end of the text, the nearest."""
        return min(self._starts[min(line, len(self._starts)) - 1] + column - 1, len(self._text))

    def line(self, number: int) -> str:
        """Return the text of a line without its end; "" for a line beyond the last."""
        if number > len(self._starts):
            return ""
        last = self._last
        if last[0] != number:
            start = self._starts[number - 1]
            end = self._starts[number] if number < len(self._starts) else len(self._text)
            last = self._last = number, self._text[start:end].removesuffix("\n").removesuffix("\r")
        return last[1]


def find_position(text: str, offset: int, line_ends: str = ANY_LINE_END) -> Position:
    """Return the position of one offset: in a text of many lines, faster than an index of all."""
    before = text[:offset]
    line, last = before.count("\n") + 1, before.rfind("\n")
    if line_ends == ANY_LINE_END:
        line += before.count("\r") - before.count("\r\n")
        last = max(last, before.rfind("\r"))
    return Position(line, offset - last)
