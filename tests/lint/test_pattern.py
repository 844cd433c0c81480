"""Patterns of the portable subset: what is read and how, what is refused and where, what backtracks, and samples."""

import re
from collections.abc import Sequence as AnySequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.body.shape import portable
from validator.lint.patterns.backtracking import nested_quantifier
from validator.lint.patterns.pattern import (
    ANY_TEXT,
    CARRIED,
    Chars,
    Choice,
    Dialect,
    Node,
    PatternError,
    Repeat,
    Sequence,
    one,
    parse,
    pleasant,
)
from validator.lint.patterns.samples import sample_texts

A, B, C = (one(ord(character)) for character in "abc")
EMPTY: Final = Sequence(())
BOTH: Final[AnySequence[Dialect]] = ("json", "xsd")
ALPHABET: Final = "abcAB01.-_ \né\U0001f600"

LITERALS: Final = st.sampled_from(["a", "b", "c", "A", "0", "1", " ", "_", "é", "\U0001f600", r"\.", r"\\", r"\n", r"\+"])
CLASSES: Final = st.sampled_from(["[ab]", "[^a]", "[a-c0]", "[-a]", "[^A-Z0-9-]", r"[\-.\]]", r"[^\r\n]", "[^ab][^ab]"])
QUANTIFIERS: Final = st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "{2,3}"])


def patterns(group: str, *more: str) -> st.SearchStrategy[str]:
    """Return patterns of the subset, without anchors. group: how a group begins; more: literals of the dialect."""

    def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        grouped = st.lists(inner.filter(bool), min_size=1, max_size=3).map(lambda parts: f"{group}{'|'.join(parts)})")
        repeated = st.builds(str.__add__, st.one_of(LITERALS, grouped), QUANTIFIERS)
        return st.lists(st.one_of(inner, grouped, repeated), max_size=3).map("".join)

    return st.recursive(st.one_of(LITERALS, CLASSES, st.sampled_from(more or ("b",))), nested, max_leaves=8)


JSON_PATTERNS: Final = st.one_of(
    st.builds("".join, st.tuples(st.sampled_from(["", "^"]), patterns("(?:"), st.sampled_from(["", "$"]))),
    st.lists(patterns("("), min_size=2, max_size=3).map("|".join),
)
XSD_PATTERNS: Final = st.lists(patterns("(", "^", "$", "-", "/"), min_size=1, max_size=3).map("|".join)
TEXTS: Final = st.lists(st.text(ALPHABET + "^$/\\+", max_size=6), max_size=6)


def of_xsd(pattern: str) -> re.Pattern[str]:
    """Compile a generated pattern of XSD: Python has anchors where XSD has characters."""
    return re.compile("(?:" + re.sub(r"(?<!\[)[$^]", r"\\\g<0>", pattern) + r")\Z")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", EMPTY),
        ("a", A),
        ("abc", Sequence((A, B, C))),
        ("a|b", Choice((A, B))),
        ("a||b", Choice((A, EMPTY, B))),
        ("(a)", A),
        ("()", EMPTY),
        ("(a|b)c", Sequence((Choice((A, B)), C))),
        ("((a|b)|c)", Choice((Choice((A, B)), C))),
        ("a*", Repeat(A, 0, None, 1)),
        ("a+", Repeat(A, 1, None, 1)),
        ("a?", Repeat(A, 0, 1, 1)),
        ("a{2}", Repeat(A, 2, 2, 1)),
        ("a{2,}", Repeat(A, 2, None, 1)),
        ("a{0,3}", Repeat(A, 0, 3, 1)),
        ("a{3,3}", Repeat(A, 3, 3, 1)),
        ("(ab){2}", Repeat(Sequence((A, B)), 2, 2, 4)),
        ("ab*", Sequence((A, Repeat(B, 0, None, 2)))),
        ("[a]", A),
        ("[ac]", Chars(((97, 97), (99, 99)))),
        ("[a-c]", Chars(((97, 99),))),
        ("[c-ea-d]", Chars(((97, 101),))),
        ("[cba]", Chars(((97, 99),))),
        ("[a-]", Chars(((45, 45), (97, 97)))),
        ("[-a]", Chars(((45, 45), (97, 97)))),
        ("[-]", one(45)),
        ("(a?){2}", Repeat(Repeat(A, 0, 1, 2), 2, 2, 4)),
        ("[^a-]", Chars((*CARRIED[:2], (0x20, 44), (46, 96), (98, 0xD7FF), *CARRIED[3:]))),
        ("[^-a]", Chars((*CARRIED[:2], (0x20, 44), (46, 96), (98, 0xD7FF), *CARRIED[3:]))),
        ("[^^]", Chars((*CARRIED[:2], (0x20, 93), (95, 0xD7FF), *CARRIED[3:]))),
        ("[a^$]", Chars(((36, 36), (94, 94), (97, 97)))),
        ("[.*+?(){}|/]", Chars(((40, 43), (46, 47), (63, 63), (123, 125)))),
        (r"[\]\[\\]", Chars(((91, 93),))),
        (r"[\-\^]", Chars(((45, 45), (94, 94)))),
        (r"[+\--]", Chars(((43, 43), (45, 45)))),
        (r"[\n-\r]", Chars(((10, 10), (13, 13)))),  # XML cannot carry what is between
        ("[^\\n\\r]", Chars(((9, 9), *CARRIED[2:]))),
        ("[\U0001f600-\U0001f64f]", Chars(((0x1F600, 0x1F64F),))),
        ("[\ud7ff-\ue000]", Chars(((0xD7FF, 0xD7FF), (0xE000, 0xE000)))),
        ("\x01", Chars(())),  # XML cannot carry it
        (r"\n\r\t", Sequence((one(10), one(13), one(9)))),
        (r"\.\\\|\?\*\+\(\)\{\}\[\]\^", Sequence(tuple(one(ord(character)) for character in ".\\|?*+(){}[]^"))),
        ("a-b/é\n", Sequence(tuple(one(ord(character)) for character in "a-b/é\n"))),
        ("(" * 48 + "a" + ")" * 48, A),
        ("(a)" * 51, Sequence((A,) * 51)),
    ],
)
def test_what_both_dialects_read_alike(pattern: str, expected: Node) -> None:
    """A pattern becomes its tree; in JSON Schema anchors at both ends make it match all, as XSD always does."""
    assert parse(pattern, "xsd") == expected
    assert parse(f"^({pattern})$", "json") == parse(f"(({pattern}))", "xsd")  # brackets move the quantifiers alike


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^a$", A),
        ("^a", Sequence((A, ANY_TEXT))),
        ("a$", Sequence((ANY_TEXT, A))),
        ("a", Sequence((ANY_TEXT, A, ANY_TEXT))),
        ("a|b", Sequence((ANY_TEXT, Choice((A, B)), ANY_TEXT))),
        ("^(a|b)$", Choice((A, B))),
        ("^(?:a|b)", Sequence((Choice((A, B)), ANY_TEXT))),
        ("(?:a|b)$", Sequence((ANY_TEXT, Choice((A, B))))),
        ("", Sequence((ANY_TEXT, EMPTY, ANY_TEXT))),
        ("^", Sequence((EMPTY, ANY_TEXT))),
        ("$", Sequence((ANY_TEXT, EMPTY))),
        ("^$", EMPTY),
        (r"^a\$", Sequence((Sequence((A, one(36))), ANY_TEXT))),
        (r"^a\\$", Sequence((A, one(92)))),
        (r"^a\\\$$", Sequence((A, one(92), one(36)))),
        (r"^\$\/$", Sequence((one(36), one(47)))),
        (r"^(?:ab)?$", Repeat(Sequence((A, B)), 0, 1, 7)),
        (r"^\u0061\u00E9$", Sequence((A, one(0xE9)))),
        (r"^[\u0061-\u0063]$", Chars(((97, 99),))),
        (r"^[\u0000-\u0009]$", one(9)),
        (r"^\uD7FF\ue000\uFFFD$", Sequence((one(0xD7FF), one(0xE000), one(0xFFFD)))),
    ],
)
def test_what_only_json_schema_reads_so(pattern: str, expected: Node) -> None:
    """Without an anchor anything may stand there; there are groups that capture nothing, and escapes by number."""
    assert parse(pattern, "json") == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^$", Sequence((one(94), one(36)))),
        ("^a|b$", Choice((Sequence((one(94), A)), Sequence((B, one(36)))))),
        ("(^)*", Repeat(one(94), 0, None, 3)),
        (r"a\-b", Sequence((A, one(45), B))),
        (r"\^$", Sequence((one(94), one(36)))),
    ],
)
def test_what_only_xsd_reads_so(pattern: str, expected: Node) -> None:
    """The anchors of others are characters, and a hyphen may be escaped anywhere."""
    assert parse(pattern, "xsd") == expected


EDGES: Final = "an anchor may only begin or end the whole pattern"
ONE_BRANCH: Final = "an anchor binds to one alternative only: put the alternatives in a group"
DOUBLED: Final = "lazy, possessive and doubled quantifiers are not portable"
BRACE: Final = "a brace is a quantifier, {2} or {2,} or {2,5}, or is escaped"
GROUP: Final = "look-around, named groups and flags are not portable, nor is (?: in XSD"
HALF: Final = "half of a surrogate pair is no character"


def in_class(sign: str) -> str:
    """Return the reason for which a character is refused inside a class."""
    return f"{sign!r} must be escaped inside a class"


@pytest.mark.parametrize(
    ("pattern", "offset", "reason"),
    [
        ("a.b", 1, "what the dot matches differs between engines: write a class"),
        ("a]", 1, "']' must be escaped"),
        ("a}", 1, "'}' must be escaped"),
        ("{", 0, "'{' must be escaped"),
        ("(*)", 1, "'*' must be escaped"),
        ("a|+", 2, "'+' must be escaped"),
        ("?", 0, "'?' must be escaped"),
        ("a{", 1, BRACE),
        ("a{}", 1, BRACE),
        ("a{,3}", 1, BRACE),
        ("a{ 3}", 1, BRACE),
        ("a{1,2,3}", 1, BRACE),
        ("a{1000000}", 1, BRACE),
        ("a{3,2}", 1, "the quantifier's bounds are the wrong way round"),
        ("ab*?", 3, DOUBLED),
        ("ab++", 3, DOUBLED),
        ("ab?*", 3, DOUBLED),
        ("ab{2}{3}", 5, DOUBLED),
        ("a()*", 3, "an empty group is repeated, which some engines refuse"),
        ("(()){2}", 4, "an empty group is repeated, which some engines refuse"),
        ("a(b", 1, "the group is not closed"),
        ("a(", 1, "the group is not closed"),
        ("a(b|", 1, "the group is not closed"),
        ("ab)c", 2, "the parenthesis closes no group"),
        ("a(?=b)", 1, GROUP),
        ("a(?!b)", 1, GROUP),
        ("a(?<=b)", 1, GROUP),
        ("a(?<n>b)", 1, GROUP),
        ("a(?i:b)", 1, GROUP),
        ("a(?", 1, GROUP),
        ("(" * 50 + ")" * 50 + "(" * 51, 150, "more than 50 groups stand inside each other"),
        ("a[b", 1, "the class is not closed"),
        ("a[b-", 1, "the class is not closed"),
        ("a[^b", 1, "the class is not closed"),
        ("a[[b", 2, in_class("[")),
        ("[", 0, "the class is not closed"),
        ("[^", 0, "the class is not closed"),
        ("a[]", 1, "an empty class is not portable"),
        ("a[^]", 1, "an empty class is not portable"),
        ("[]a]", 0, "an empty class is not portable"),
        ("[a-z-[aeiou]]", 4, in_class("-")),
        ("[a-[b]]", 2, "class subtraction is not portable"),
        ("[a-b-c]", 4, in_class("-")),
        ("[+--]", 3, in_class("-")),
        ("[--a]", 1, in_class("-")),
        ("[a--]", 3, in_class("-")),
        ("[a&&b]", 2, in_class("&")),
        ("[a||b]", 2, in_class("|")),
        ("[a~~b]", 2, in_class("~")),
        ("[c-a]", 2, "the range is the wrong way round"),
        ("[\ud800]", 1, HALF),
        ("a\udfff", 1, HALF),
        (r"a\d", 1, "'d' after a backslash is not portable"),
        (r"a\b", 1, "'b' after a backslash is not portable"),
        (r"a[\w]", 2, "'w' after a backslash is not portable"),
        (r"\p{L}", 0, "'p' after a backslash is not portable"),
        (r"\i\c", 0, "'i' after a backslash is not portable"),
        (r"(a)\1", 3, "'1' after a backslash is not portable"),
        (r"\x41", 0, "'x' after a backslash is not portable"),
        (r"\&", 0, "'&' after a backslash is not portable"),
        ("a\\", 1, "'' after a backslash is not portable"),
        ("[\\", 1, "'' after a backslash is not portable"),
    ],
)
def test_what_is_refused(pattern: str, offset: int, reason: str) -> None:
    """What is not portable is refused by both dialects, with the character that is the reason."""
    for dialect in BOTH:
        with pytest.raises(PatternError) as refused:
            parse(pattern, dialect)
        assert (refused.value.offset, str(refused.value)) == (offset, reason)


@pytest.mark.parametrize(
    ("pattern", "dialect", "offset", "reason"),
    [
        ("a^", "json", 1, EDGES),
        ("$a", "json", 0, EDGES),
        ("^^", "json", 1, EDGES),
        ("a$$", "json", 1, EDGES),
        ("(^a)", "json", 1, EDGES),
        ("^(a$)", "json", 3, EDGES),
        ("^a$|^b$", "json", 2, EDGES),
        ("^a|b", "json", 0, ONE_BRANCH),
        ("a|b$", "json", 3, ONE_BRANCH),
        ("^a|b$", "json", 0, ONE_BRANCH),
        ("^(a)|(b)$", "json", 0, ONE_BRANCH),
        ("^*", "json", 1, "'*' must be escaped"),
        ("^[a$", "json", 1, "the class is not closed"),
        ("^[a-$", "json", 1, "the class is not closed"),
        ("^(a$", "json", 1, "the group is not closed"),
        (r"a\-b", "json", 1, "'-' after a backslash is not portable"),
        (r"\u00", "json", 0, "'u' after a backslash is not portable"),
        (r"\u00e", "json", 0, "'u' after a backslash is not portable"),
        (r"\uD83D\uDE00", "json", 0, "'u' after a backslash is not portable"),
        (r"[\udfff]", "json", 1, "'u' after a backslash is not portable"),
        (r"\u{61}", "json", 0, "'u' after a backslash is not portable"),
        (r"\u0061", "xsd", 0, "'u' after a backslash is not portable"),
        (r"\$", "xsd", 0, "'$' after a backslash is not portable"),
        (r"\/", "xsd", 0, "'/' after a backslash is not portable"),
        ("a(?:b)", "xsd", 1, GROUP),
    ],
)
def test_what_one_dialect_refuses(pattern: str, dialect: Dialect, offset: int, reason: str) -> None:
    """What the grammar of one dialect lacks is refused there."""
    with pytest.raises(PatternError) as refused:
        parse(pattern, dialect)
    assert (refused.value.offset, str(refused.value)) == (offset, reason)


@pytest.mark.parametrize(
    ("pattern", "offset"),
    [
        ("(a+)+", 4),
        ("(a*)*", 4),
        ("(a+|b)*", 6),
        ("(a{2,})+", 7),
        ("((a+))+", 6),
        ("x(a+)*", 5),
        ("(a?a)*", 5),
        ("(a?){30}", 4),
        ("(a+){2}", 4),
        ("(a{1,3})*", 8),
        ("([1-9][0-9]*)+", 13),
        ("(a*b*)*", 6),
        ("(a+b?)*", 6),
        ("(a+(b|c)?)*", 10),
        ("(a+b*(a|c))+", 11),
        ("((a+)+b)*", 8),  # the outermost without bound
        ("((a+)+b){2}", 5),  # the one without bound, inside a bounded one
        ("(a(b+)*)(c+)+", 6),  # the first of two
        ("(ab+|b)*", 7),
        ("((a+)?)*", 7),
        ("((a|b+)(b|c))*", 13),
        ("(a|a)*", 5),
        ("([a-m]|[k-z])+", 13),
        ("(a|b?a)*", 7),
        ("(ab|ac)*", 7),  # it is harmless, which one character does not tell
        ("((a|a){2})*", 10),
        ("(a|(b|b))*", 9),
    ],
)
def test_a_quantifier_inside_which_a_text_can_match_in_many_ways(pattern: str, offset: int) -> None:
    """A quantifier whose inside can be cut up in several ways is told, by the place of its sign."""
    assert nested_quantifier(parse(pattern, "json")) == offset


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "a+",
        "a+b+a+",
        "(a+)(a+)",
        "([ab]{3})+",
        "([ab]{3}){2,5}",
        "(a+)?",
        "(a+){1}",
        "(a+b)*",
        "(-a+)*",
        "a+(-a+)*",
        "(a*b)+",
        "([a-z]{1,63}[.]){1,8}[a-z]{2,63}",
        "(ab?)*",
        "(ab+)*b",  # after the quantifier it is over
        "((a|b+)(c|d))*",
        "(a|b)*",
        "(a|)b",
        "(a|a)",
        "(a|a)?",
        "(ab|ac){3}",
        "([a-m]|[n-z])+",
    ],
)
def test_a_quantifier_inside_which_a_text_matches_in_one_way(pattern: str) -> None:
    """Near misses: what is inside is fixed, bounded by another character, or repeated once."""
    assert nested_quantifier(parse(pattern, "json")) is None


def test_a_pattern_that_is_searched_for_is_no_nested_quantifier() -> None:
    """What a search adds around a pattern stands in no pattern."""
    assert (nested_quantifier(parse("a+", "json")), nested_quantifier(parse("^b(?:a+)+", "json"))) == (None, 8)


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
    """Each part is varied in turn, and what would be very long is left out."""
    assert sample_texts(parse(pattern, "xsd"), count) == expected


def test_what_reads_well() -> None:
    """A letter or digit where there is one, else what can be seen, else the first."""
    ranges = [(0x20, 0x10FFFF), (0x2F, 0x3A), (0x42, 0x5B), (0x5B, 0x60), (0x1F, 0x21), (0x7F, 0x80)]
    assert "".join(chr(pleasant(*pair)) for pair in ranges) == "a0B[ \x7f"


@given(JSON_PATTERNS)
def test_samples_match_in_json_schema(pattern: str) -> None:
    """What is offered as a sample is found by Python too."""
    samples = sample_texts(parse(pattern, "json"), 20)
    assert samples
    assert all(portable(pattern).search(text) for text in samples)


@given(XSD_PATTERNS)
def test_samples_match_in_xsd(pattern: str) -> None:
    """What is offered as a sample is matched by Python too."""
    samples = sample_texts(parse(pattern, "xsd"), 20)
    assert samples
    assert all(of_xsd(pattern).match(text) for text in samples)


@given(st.text("ab01^$\\|?*+(){}[]-.,:/nu&\ud800"), st.sampled_from(BOTH))
def test_any_text_is_read_or_refused(text: str, dialect: Dialect) -> None:
    """Nothing but PatternError is raised, its offset is in the pattern, and what is read, Python reads without a warning."""
    try:
        parse(text, dialect)
    except PatternError as error:
        assert 0 <= error.offset < len(text)  # noqa: PT017 - that one is raised is not known
    else:
        if dialect == "json":
            portable(text)
