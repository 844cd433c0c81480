"""A request of a file: what is sent, what is expected of it, and where in the file each part stands."""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from validator.model.location import Position, Region
from validator.model.report import Locatable
from validator.model.request import Request

_NO_PARTS: Final[Mapping[str, Region]] = MappingProxyType({})
CODE_PREFIX: Final = re.compile(r"[0-9]{3}-[0-9]{3}(?![0-9])")  # at the beginning of a fixture's name
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

    def map_region(region: Region) -> Region:
        starts, length = lines()
        mark = body.startswith(BOM_UTF8)  # which the engine does not count
        return Region(*(place(min(starts[line - 1] + column - 1, length) + mark) for line, column in region))

    return map_region


class Sample(NamedTuple):
    """A request of a file. has_caller: whether the file says who sends it.

    expected_codes: the codes that must be reported, or None. body_limit: the body limit in bytes, or None.
    region: of the request as a whole: its request line. parts: of its "path", its "query", and of each "header NAME" in
    lower case. map_region: from a region of the body to that of the file. In the file lines end with LF alone, a byte order
    mark at its beginning takes no column, and a column is a code point.
    """

    request: Request
    region: Region = START
    name: str = ""
    has_caller: bool = False
    expected_codes: tuple[str, ...] | None = None
    body_limit: int | None = None
    parts: Mapping[str, Region] = _NO_PARTS
    map_region: Callable[[Region], Region] = _same

    def locate(self, found: Locatable, in_body: Region | None) -> Region:
        """Return where in the file a failure or advisory stands. in_body: its region there, or None."""
        if in_body is not None:
            return self.map_region(in_body)
        where = getattr(found, "where", "body")
        if where == "header":
            where = f"header {str(found.parameters.get('header', '')).lower()}"
        return self.parts.get(where, self.region)


class Expectation(NamedTuple):
    """The codes that a request must be rejected with, or its acceptance. codes: exactly these; () when it must be accepted.

    includes: a code that must be among those reported, whatever the others.
    is_rejection: it must be rejected, whatever the codes.
    """

    codes: tuple[str, ...] = ()
    includes: str | None = None
    is_rejection: bool = False

    @property
    def is_acceptance(self) -> bool:
        """Whether the request must be accepted."""
        return not (self.codes or self.includes or self.is_rejection)

    def is_met(self, reported: set[str]) -> bool:
        """Return whether a report with these codes meets the expectation."""
        if self.is_rejection:
            return bool(reported)
        return self.includes in reported if self.includes else reported == set(self.codes)


class SampleSet(NamedTuple):
    """The requests of a file to one operation, in order. others: how many there are to other operations."""

    samples: tuple[Sample, ...]
    others: int = 0
