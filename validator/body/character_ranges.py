"""Sets of characters as ranges of code points."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

Ranges = tuple[tuple[int, int], ...]  # of code points, both ends inclusive, sorted, neither overlapping nor adjacent

# XML 1.0, section 2.2, Char
XML_CHARACTERS: Final[Ranges] = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
_TOP: Final = 0x10FFFF
_READABLE: Final = (*b"a0A", *b"bcdefghijklmnopqrstuvwxyz", *b"123456789", *b"BCDEFGHIJKLMNOPQRSTUVWXYZ", *range(0x20, 0x7F))


def merge_ranges(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return the union of ranges, sorted and merged."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def intersect_ranges(left: Ranges, right: Ranges) -> Ranges:
    """Return the code points that both arguments contain."""
    common: list[tuple[int, int]] = []
    at = other = 0
    while at < len(left) and other < len(right):
        low, high = max(left[at][0], right[other][0]), min(left[at][1], right[other][1])
        if low <= high:
            common.append((low, high))
        if left[at][1] < right[other][1]:
            at += 1
        else:
            other += 1
    return tuple(common)


def contains_point(ranges: Ranges, point: int) -> bool:
    """Return whether ranges contain a code point."""
    index = bisect_right(ranges, (point, _TOP))
    return index > 0 and point <= ranges[index - 1][1]


def complement_ranges(ranges: Ranges) -> Ranges:
    """Return the code points that ranges do not contain."""
    edges = [-1, *(edge for low, high in ranges for edge in (low, high)), _TOP + 1]
    return tuple((low + 1, high - 1) for low, high in zip(edges[::2], edges[1::2], strict=True) if low + 1 <= high - 1)


def pick_readable(low: int, high: int) -> int:
    """Return a readable code point of a range: a letter or digit if it has one, else a printable character, else the first."""
    return next((point for point in _READABLE if low <= point <= high), low)
