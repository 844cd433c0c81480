"""Offsets, positions and line ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.model.location import ANY_LINE_END, LF, LineIndex, Position, find_position


@pytest.mark.parametrize(
    ("text", "line_ends", "starts"),
    [
        ("", ANY_LINE_END, [0]),
        ("a", ANY_LINE_END, [0]),
        ("a\r\nb\n\rc", ANY_LINE_END, [0, 3, 5, 6]),
        ("a\r", ANY_LINE_END, [0, 2]),
        ("a\r\n", ANY_LINE_END, [0, 3]),
        ("\n", ANY_LINE_END, [0, 1]),
        ("", LF, [0]),
        ("a\r\nb\n\rc\r", LF, [0, 3, 5]),
        ("a\n", LF, [0, 2]),
        # Only these: Unicode has more line ends.
        ("a\x0b\x0c\x1c\x85\u2028\u2029b", ANY_LINE_END, [0]),
    ],
)
def test_lines_begin_after_line_ends(text: str, line_ends: str, starts: list[int]) -> None:
    """CR LF is one line end. A text that ends with one has an empty last line."""
    lines = LineIndex(text, line_ends)
    assert [offset for offset in range(len(text) + 1) if lines.position(offset).column == 1] == starts
    assert [lines.offset(line) for line in range(1, len(starts) + 1)] == starts


texts = st.text(st.sampled_from("a\r\n\x85\u2028\ud800\U0001f600"))


@given(texts, st.sampled_from([ANY_LINE_END, LF]))
def test_offset_and_position_are_inverse(text: str, line_ends: str) -> None:
    """Also for one position that is found without an index, but not inside CR LF: an offset that no parser reports."""
    lines = LineIndex(text, line_ends)
    for offset in range(len(text) + 1):
        assert lines.offset(*lines.position(offset)) == offset
        if text[offset - 1 : offset + 1] != "\r\n" or line_ends == LF:
            assert find_position(text, offset, line_ends) == lines.position(offset)


def test_columns_count_code_points() -> None:
    """A character outside the Basic Multilingual Plane is one."""
    assert LineIndex("\n\U0001f600\U0001f600").region(2, 3) == (Position(2, 2), Position(2, 3))


def test_position_beyond_the_text_is_the_nearest() -> None:
    """The last line for a line beyond it, the end of the text for a column beyond it."""
    lines = LineIndex("ab\ncd")
    assert [lines.offset(3), lines.offset(2, 9), lines.offset(9, 9)] == [3, 5, 5]


@pytest.mark.parametrize(
    ("line_ends", "expected"),
    [(ANY_LINE_END, ["a", "b", "", "c", ""]), (LF, ["a", "b", "\rc", ""])],
)
def test_line_is_without_its_end(line_ends: str, expected: list[str]) -> None:
    """Also without a CR before LF."""
    lines = LineIndex("a\r\nb\n\rc\n", line_ends)
    assert [lines.line(number) for number in range(1, len(expected) + 1)] == expected
    assert lines.line(len(expected) + 1) == ""
