"""A request of a file: what is sent, what is expected of it, and where in the file each part stands."""

from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from validator.model.location import Position, Region
from validator.model.report import Locatable
from validator.model.request import Request

_NO_PARTS: Final[Mapping[str, Region]] = MappingProxyType({})
START: Final = Region(Position(1, 1), Position(1, 1))


def _same(region: Region) -> Region:
    return region


def mapping(body: bytes, place: Callable[[int], Position]) -> Callable[[Region], Region]:
    """Return the function from a region of a body to that of the file in which the body stands.

    place: from an offset of a character of the body, a byte order mark being one, to its position in the file.
    """

    @cache
    def lines() -> tuple[list[int], int]:
        from validator.body.locate import line_starts  # noqa: PLC0415 - good requests need none

        text = body.removeprefix(BOM_UTF8).decode("utf-8", "replace")
        return line_starts(text), len(text)

    def in_file(region: Region) -> Region:
        starts, length = lines()
        mark = body.startswith(BOM_UTF8)  # which the engine does not count
        return Region(*(place(min(starts[line - 1] + column - 1, length) + mark) for line, column in region))

    return in_file


class Sample(NamedTuple):
    """A request of a file. caller_given: whether the file says who sends it.

    expected: the codes that must be reported, or None. limit: the body limit in bytes, or None.
    region: of the request as a whole: its request line. parts: of its "path", its "query", and of each "header NAME" in
    lower case. in_file: from a region of the body to that of the file. In the file lines end with LF alone, a byte order
    mark at its beginning takes no column, and a column is a code point.
    """

    request: Request
    region: Region = START
    name: str = ""
    caller_given: bool = False
    expected: tuple[str, ...] | None = None
    limit: int | None = None
    parts: Mapping[str, Region] = _NO_PARTS
    in_file: Callable[[Region], Region] = _same

    def place(self, found: Locatable, in_body: Region | None) -> Region:
        """Return where in the file a failure or advisory stands. in_body: its region there, or None."""
        if in_body is not None:
            return self.in_file(in_body)
        where = getattr(found, "where", "body")
        if where == "header":
            where = f"header {str(found.parameters.get('header', '')).lower()}"
        return self.parts.get(where, self.region)


class Requests(NamedTuple):
    """The requests of a file to one operation, in order. others: how many there are to other operations."""

    sent: tuple[Sample, ...]
    others: int = 0
