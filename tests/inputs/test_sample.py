"""The regions of failures in the file that holds a request."""

import pytest

from validator.inputs.sample import START, Sample, make_region_mapper
from validator.model.location import Position, Region
from validator.model.report import Advisory, Failure
from validator.model.request import Request


def region(*places: int) -> Region:
    """Return a region from four numbers."""
    return Region(Position(*places[:2]), Position(*places[2:]))


@pytest.mark.parametrize(
    ("body", "in_body", "expected"),
    [
        (b"ab", region(1, 1, 1, 2), (0, 1)),
        (b"a\nb\rc\r\nd", region(2, 1, 4, 2), (2, 8)),
        # A column is a code point; so is a byte that is not UTF-8.
        (b"\xc3\xa9\xff\xf0\x9f\x98\x80b", region(1, 3, 1, 4), (2, 3)),
        # A byte order mark is not counted in the body.
        (b"\xef\xbb\xbfab\nc", region(1, 2, 2, 1), (2, 4)),
        # Not beyond the end.
        (b"ab", region(1, 3, 1, 4), (2, 2)),
        (b"", region(1, 1, 1, 1), (0, 0)),
    ],
)
def test_region_is_converted_by_offsets(body: bytes, in_body: Region, expected: tuple[int, int]) -> None:
    """In characters of the body."""
    map_region = make_region_mapper(body, lambda offset: Position(7, offset))
    assert map_region(in_body) == Region(*(Position(7, offset) for offset in expected))
    assert map_region(in_body) == map_region(in_body)


def test_region_of_a_body_without_file_is_unchanged() -> None:
    """By default, a body is its file."""
    assert Sample(Request(body=b"{}")).locate(Failure("400-722", "n", "m", "body", ""), region(1, 1, 1, 3)) == region(1, 1, 1, 3)


HERE = Region(Position(7, 1), Position(7, 9))
HEADER = Region(Position(8, 1), Position(8, 9))


@pytest.mark.parametrize(
    ("failure", "in_body", "part"),
    [
        (Failure("400-721", "n", "m", "body", "/a"), HEADER, "in the file"),
        (Failure("400-101", "n", "m", "query"), None, "query"),
        (Failure("400-108", "n", "m", "path"), None, "path"),
        (Failure("400-710", "n", "m", "header", None, {"header": "Content-Type"}), None, "header content-type"),
        (Failure("400-712", "n", "m", "header", None, {"header": "Content-Encoding"}), None, None),
        (Failure("401-101", "n", "m", "caller"), None, None),
        (Advisory("n", "m", "/a", {}), None, None),
    ],
)
def test_failure_is_located_at_its_part_of_the_file(
    failure: Failure | Advisory, in_body: Region | None, part: str | None
) -> None:
    """Or at the request as a whole, where it concerns none of the parts."""
    names = ("query", "path", "header content-type", "in the file")
    parts = {name: Region(Position(line, 1), Position(line, 2)) for line, name in enumerate(names, 1)}
    sample = Sample(Request(), HERE, parts=parts, map_region=lambda _region: parts["in the file"])
    assert sample.locate(failure, in_body) == (HERE if part is None else parts[part])
    assert Sample(Request()).locate(failure, in_body) == (in_body or START)
