"""Where something stands in a text: positions and regions."""

from typing import NamedTuple


class Position(NamedTuple):
    """A place in the body: line and column, both 1-based, the column in code points."""

    line: int
    column: int


class Region(NamedTuple):
    """A stretch of the body: from its first character to the one after its last."""

    start: Position
    end: Position
