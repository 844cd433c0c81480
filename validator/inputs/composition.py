"""Texts that are composed of lines of a file, values of variables and other files: from an offset back to its place."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import Final, NamedTuple

from validator.model.location import LF, LineIndex, Position, Region


class IncludedFile(NamedTuple):
    """A file that a request in another file includes. name: for display. text: without a byte order mark."""

    name: str
    text: str


class Origin(NamedTuple):
    """Where a piece of text comes from: a line and a column, both 1-based.

    width: None if each character comes from one there; else the number of characters there that the whole piece stands for.
    """

    line: int
    column: int
    width: int | None = None


_NOWHERE: Final = Origin(1, 1, 0)


class Piece(NamedTuple):
    """A piece of text. origin: in the file of the request. included: the file that it comes from, at ``inner``, or None."""

    octets: bytes
    origin: Origin
    included: IncludedFile | None = None
    inner: Origin = _NOWHERE


class Composition:
    """A text made of pieces. Offsets count the characters of its octets, decoded as UTF-8 with replacement."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        """Compose a text."""
        self.pieces = tuple(piece for piece in pieces if piece.octets)
        self.octets = b"".join(piece.octets for piece in self.pieces)
        self._indices: dict[int, LineIndex] = {}

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(_decode(piece)) for piece in self.pieces[:-1]), initial=0))

    def locate(self, start: int, end: int) -> Region:
        """Return the region of the request's file between two offsets of the text, which must not be empty."""
        return self._locate(start, end, [piece.origin for piece in self._pieces_of(start, end)])

    def locate_included(self, start: int, end: int) -> tuple[IncludedFile, Region] | None:
        """Return the included file that a range of the text comes from, with the region there; None for other ranges."""
        first, last = self._pieces_of(start, end)
        if first.included is None or first.included is not last.included:
            return None
        return first.included, self._locate(start, end, [first.inner, last.inner])

    def _locate(self, start: int, end: int, origins: Sequence[Origin]) -> Region:
        """Return the region between two offsets. origins: of the first and the last piece between them."""
        first, last = origins
        begin, final = self._place(start, first), self._place(max(end - 1, start), last)
        if last.width is not None:
            return Region(begin, Position(last.line, last.column + last.width))
        return Region(begin, Position(final.line, final.column + (end > start)))

    def _pieces_of(self, start: int, end: int) -> tuple[Piece, Piece]:
        return self.pieces[self._index(start)], self.pieces[self._index(max(end - 1, start))]

    def _index(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1

    def _place(self, offset: int, origin: Origin) -> Position:
        """Return the position that an offset comes from. origin: of the piece at the offset."""
        if origin.width is not None:
            return Position(origin.line, origin.column)
        at = self._index(offset)
        if at not in self._indices:
            self._indices[at] = LineIndex(_decode(self.pieces[at]), LF)
        line, column = self._indices[at].position(offset - self._starts[at])
        return Position(origin.line + line - 1, column if line > 1 else origin.column + column - 1)


def _decode(piece: Piece) -> str:
    return piece.octets.decode("utf-8", "replace")


def advance(origin: Origin, octets: bytes) -> Origin:
    """Return the origin of what follows some octets."""
    lines = octets.count(b"\n")
    length = len(octets[octets.rfind(b"\n") + 1 :].decode("utf-8", "replace"))
    return Origin(origin.line + lines, length + (1 if lines else origin.column))
