"""Samples of patterns, built from their syntax trees."""

import pytest
from hypothesis import given

from tests.lint.patterns.strategies import JSON_PATTERNS, XSD_PATTERNS, compile_xsd_pattern
from validator.body.character_ranges import pick_readable
from validator.body.pattern import parse
from validator.body.shape import compile_pattern
from validator.lint.patterns.samples import sample_pattern


@pytest.mark.parametrize(
    ("pattern", "count", "expected"),
    [
        ("abc", 9, ("abc",)),
        ("[a-z]", 9, ("a", "z")),
        ("[^a]", 5, ("0", "b", "`", "\t", "\r")),
        ("[.-9]", 9, ("0", ".", "9")),
        ("[é-ü]", 9, ("é", "ü")),
        ("[!-+]", 9, ("!", "+")),
        ("a|b*|c", 9, ("a", "", "b", "bb", "c")),
        ("a{2,4}", 9, ("aa", "aaa", "aaaa")),
        ("a{0,9}", 9, ("", "a", "a" * 9)),
        ("a{3}", 9, ("aaa",)),
        ("[ab][cd]", 9, ("ac", "bc", "ad")),
        ("[1-9][0-9]{0,18}", 5, ("1", "9", "10", "19", "1" + "0" * 18)),
        ("[1-9][0-9]{0,18}", 0, ()),
        ("(ab|c){2}", 9, ("cc", "abab")),
        ("\x01", 9, ()),
        ("a\x01b", 9, ()),
        ("\x01*", 9, ("",)),
        ("\x01+", 9, ()),
        ("a{10000}", 9, ("a" * 10_000,)),
        ("a{10001}", 9, ()),
        ("a{0,10001}", 9, ("", "a")),
        ("((a{900}){900}){900}", 9, ()),
        ("a{6000}b{6000}", 9, ()),
        ("(a{6000}|b)(a{6000}|b)|c", 9, ("bb", "a" * 6_000 + "b", "b" + "a" * 6_000, "c")),
    ],
)
def test_samples(pattern: str, count: int, expected: tuple[str, ...]) -> None:
    """Each part is varied in turn; very long samples are left out."""
    assert sample_pattern(parse(pattern, "xsd"), count) == expected


def test_readable_character_is_preferred() -> None:
    """A letter or digit if the range has one, else a printable character, else the first."""
    ranges = [(0x20, 0x10FFFF), (0x2F, 0x3A), (0x42, 0x5B), (0x5B, 0x60), (0x1F, 0x21), (0x7F, 0x80)]
    assert "".join(chr(pick_readable(*pair)) for pair in ranges) == "a0B[ \x7f"


@given(JSON_PATTERNS)
def test_samples_match_in_json_schema(pattern: str) -> None:
    """Python finds the pattern in every sample."""
    samples = sample_pattern(parse(pattern, "json"), 20)
    assert samples
    assert all(compile_pattern(pattern).search(text) for text in samples)


@given(XSD_PATTERNS)
def test_samples_match_in_xsd(pattern: str) -> None:
    """Python matches the pattern against every sample."""
    samples = sample_pattern(parse(pattern, "xsd"), 20)
    assert samples
    assert all(compile_xsd_pattern(pattern).match(text) for text in samples)
