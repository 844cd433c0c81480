"""A request of a file: its expectation, and where each part of it is located in the file."""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from validator.inputs.composition import IncludedFile
from validator.model.location import LF, LineIndex, Position, Region
from validator.model.report import Locatable
from validator.model.request import Request

_NO_PARTS: Final[Mapping[str, Region]] = MappingProxyType({})
CODE_PREFIX: Final = re.compile(r"[0-9]{3}-[0-9]{3}(?![0-9])")  # at the beginning of a fixture's name
START: Final = Region(Position(1, 1), Position(1, 1))


class RequestFileError(ValueError):
    """A file from which no requests can be read. line: of the first error, 1-based. The message is the reason."""

    def __init__(self, line: int, reason: str) -> None:
        """Create the error for a line."""
        super().__init__(reason)
        self.line = line

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the line and the reason."""
        return RequestFileError, (self.line, *self.args)


def _return_region(region: Region) -> Region:
    return region


def _find_none(_region: Region) -> None:
    return None


def make_offset_finder(body: bytes) -> Callable[[Region], tuple[int, int]]:
    """Return the function that converts a region of a body to offsets of characters. A byte order mark is a character."""

    @cache
    def index() -> LineIndex:
        return LineIndex(body.removeprefix(BOM_UTF8).decode("utf-8", "replace"))

    def find_offsets(region: Region) -> tuple[int, int]:
        mark = body.startswith(BOM_UTF8)  # the engine does not count it
        return index().offset(*region.start) + mark, index().offset(*region.end) + mark

    return find_offsets


def make_region_mapper(body: bytes, position: Callable[[int], Position]) -> Callable[[Region], Region]:
    """Return the function that converts a region of a body to the region of the file that holds the body.

    position: converts the offset of a character of the body to its position in the file.
    """
    find_offsets = make_offset_finder(body)
    return lambda region: Region(*map(position, find_offsets(region)))


def make_positioner(body: bytes) -> Callable[[int], Position]:
    """Return the function that converts an offset in a body to a position in the file that is the body.

    A byte order mark at its beginning is not counted.
    """
    has_mark = body.startswith(BOM_UTF8)

    @cache
    def index() -> LineIndex:
        return LineIndex(body[len(BOM_UTF8) * has_mark :].decode("utf-8", "replace"), LF)

    def find_position(offset: int) -> Position:
        return index().position(offset - has_mark)

    return find_position


class Problem(NamedTuple):
    """A reason why a request cannot be checked. included: the file that has the region, or None for that of the request.

    is_unknown: it is not an error: the file does not say everything about the request.
    """

    region: Region
    reason: str
    is_unknown: bool = False
    included: IncludedFile | None = None


class Sample(NamedTuple):
    """A request of a file.

    region: of the request line, or the whole file. parts: the regions of the "path", the "query" and each "header NAME" in
    lower case. map_region: converts a region of the body to one of the file. In the file LF ends a line, and a byte order mark
    at its beginning is not counted.
    has_caller: whether the file names the caller. expected_codes: exactly the codes that must be reported, or None.
    body_limit: in bytes, or None. find_included: converts a region of the body to one of the file that the request includes
    there, with that file; it returns None for a region of the file itself.
    time: when it was sent, as the file says; None where it does not.
    """

    request: Request
    region: Region = START
    name: str = ""
    has_caller: bool = False
    expected_codes: tuple[str, ...] | None = None
    body_limit: int | None = None
    parts: Mapping[str, Region] = _NO_PARTS
    map_region: Callable[[Region], Region] = _return_region
    find_included: Callable[[Region], tuple[IncludedFile, Region] | None] = _find_none
    time: str | None = None

    def locate(self, failure: Locatable, in_body: Region | None) -> Region:
        """Return the region of the file for a failure or advisory. in_body: its region in the body, or None."""
        if in_body is not None:
            return self.map_region(in_body)
        where = getattr(failure, "where", "body")
        if where == "header":
            where = f"header {str(failure.parameters.get('header', '')).lower()}"
        return self.parts.get(where, self.region)


class Expectation(NamedTuple):
    """The expected outcome of a request; by default, it is accepted.

    codes: exactly the codes that must be reported. includes: one code that must be among those reported.
    is_rejection: any code must be reported.
    """

    codes: tuple[str, ...] = ()
    includes: str | None = None
    is_rejection: bool = False

    @property
    def is_acceptance(self) -> bool:
        """Whether the request must be accepted."""
        return not (self.codes or self.includes or self.is_rejection)

    def is_met(self, reported: set[str]) -> bool:
        """Return whether the reported codes meet the expectation."""
        if self.is_rejection:
            return bool(reported)
        return self.includes in reported if self.includes else reported == set(self.codes)


class UncheckedRequest(NamedTuple):
    """A request of a file that cannot be checked. problems: the reasons, at least one. name: as of a sample."""

    problems: tuple[Problem, ...]
    name: str

    @property
    def is_unknown(self) -> bool:
        """Whether the file is not wrong, but does not say everything about the request."""
        return all(problem.is_unknown for problem in self.problems)


class SampleSet(NamedTuple):
    """The requests of a file to one operation, in order. others: the number of requests to other operations.

    unchecked: the requests that are the operation's, or may be, and cannot be checked.
    """

    samples: tuple[Sample, ...]
    others: int = 0
    unchecked: tuple[UncheckedRequest, ...] = ()
