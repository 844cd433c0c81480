"""From a region of a body to that of the file in which it stands."""

import pytest

from validator.inputs.sample import Sample, make_region_mapper
from validator.model.location import Position, Region
from validator.model.report import Failure
from validator.model.request import Request


def region(*places: int) -> Region:
    """Return a region from four numbers."""
    return Region(Position(*places[:2]), Position(*places[2:]))


@pytest.mark.parametrize(
    ("body", "asked", "expected"),
    [
        (b"ab", region(1, 1, 1, 2), (0, 1)),
        (b"a\nb\rc\r\nd", region(2, 1, 4, 2), (2, 8)),
        # A column is a code point, and so is what is not UTF-8.
        (b"\xc3\xa9\xff\xf0\x9f\x98\x80b", region(1, 3, 1, 4), (2, 3)),
        # A byte order mark is not counted in the body.
        (b"\xef\xbb\xbfab\nc", region(1, 2, 2, 1), (2, 4)),
        # Not behind the end.
        (b"ab", region(1, 3, 1, 4), (2, 2)),
        (b"", region(1, 1, 1, 1), (0, 0)),
    ],
)
def test_a_region_is_mapped_by_offsets(body: bytes, asked: Region, expected: tuple[int, int]) -> None:
    """Of the characters of the body."""
    map_region = make_region_mapper(body, lambda offset: Position(7, offset))
    assert map_region(asked) == Region(*(Position(7, offset) for offset in expected))
    assert map_region(asked) == map_region(asked)


def test_a_bare_body_is_its_file() -> None:
    """A region of the one is that of the other."""
    assert Sample(Request(body=b"{}")).locate(Failure("400-722", "n", "m", "body", ""), region(1, 1, 1, 3)) == region(1, 1, 1, 3)
