"""The parser for portable patterns: syntax trees, and rejected patterns with the offset of the offending character."""

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.body.character_ranges import XML_CHARACTERS
from validator.body.pattern import (
    ANY_STRING,
    Alternation,
    CharacterClass,
    Concatenation,
    Dialect,
    Node,
    PatternError,
    Repetition,
    make_literal,
    parse,
)
from validator.body.shape import compile_pattern

A, B, C = (make_literal(ord(character)) for character in "abc")
EMPTY: Final = Concatenation(())
BOTH: Final[Sequence[Dialect]] = ("json", "xsd")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", EMPTY),
        ("a", A),
        ("abc", Concatenation((A, B, C))),
        ("a|b", Alternation((A, B))),
        ("a||b", Alternation((A, EMPTY, B))),
        ("(a)", A),
        ("()", EMPTY),
        ("(a|b)c", Concatenation((Alternation((A, B)), C))),
        ("((a|b)|c)", Alternation((Alternation((A, B)), C))),
        ("a*", Repetition(A, 0, None, 1)),
        ("a+", Repetition(A, 1, None, 1)),
        ("a?", Repetition(A, 0, 1, 1)),
        ("a{2}", Repetition(A, 2, 2, 1)),
        ("a{2,}", Repetition(A, 2, None, 1)),
        ("a{0,3}", Repetition(A, 0, 3, 1)),
        ("a{3,3}", Repetition(A, 3, 3, 1)),
        ("(ab){2}", Repetition(Concatenation((A, B)), 2, 2, 4)),
        ("ab*", Concatenation((A, Repetition(B, 0, None, 2)))),
        ("[a]", A),
        ("[ac]", CharacterClass(((97, 97), (99, 99)))),
        ("[a-c]", CharacterClass(((97, 99),))),
        ("[c-ea-d]", CharacterClass(((97, 101),))),
        ("[cba]", CharacterClass(((97, 99),))),
        ("[a-]", CharacterClass(((45, 45), (97, 97)))),
        ("[-a]", CharacterClass(((45, 45), (97, 97)))),
        ("[-]", make_literal(45)),
        ("(a?){2}", Repetition(Repetition(A, 0, 1, 2), 2, 2, 4)),
        ("[^a-]", CharacterClass((*XML_CHARACTERS[:2], (0x20, 44), (46, 96), (98, 0xD7FF), *XML_CHARACTERS[3:]))),
        ("[^-a]", CharacterClass((*XML_CHARACTERS[:2], (0x20, 44), (46, 96), (98, 0xD7FF), *XML_CHARACTERS[3:]))),
        ("[^^]", CharacterClass((*XML_CHARACTERS[:2], (0x20, 93), (95, 0xD7FF), *XML_CHARACTERS[3:]))),
        ("[a^$]", CharacterClass(((36, 36), (94, 94), (97, 97)))),
        ("[.*+?(){}|/]", CharacterClass(((40, 43), (46, 47), (63, 63), (123, 125)))),
        (r"[\]\[\\]", CharacterClass(((91, 93),))),
        (r"[\-\^]", CharacterClass(((45, 45), (94, 94)))),
        (r"[+\--]", CharacterClass(((43, 43), (45, 45)))),
        (r"[\n-\r]", CharacterClass(((10, 10), (13, 13)))),  # XML does not allow the characters between
        ("[^\\n\\r]", CharacterClass(((9, 9), *XML_CHARACTERS[2:]))),
        ("[\U0001f600-\U0001f64f]", CharacterClass(((0x1F600, 0x1F64F),))),
        ("[\ud7ff-\ue000]", CharacterClass(((0xD7FF, 0xD7FF), (0xE000, 0xE000)))),
        ("\x01", CharacterClass(())),  # XML does not allow it
        (r"\n\r\t", Concatenation((make_literal(10), make_literal(13), make_literal(9)))),
        (r"\.\\\|\?\*\+\(\)\{\}\[\]\^", Concatenation(tuple(make_literal(ord(character)) for character in ".\\|?*+(){}[]^"))),
        ("a-b/é\n", Concatenation(tuple(make_literal(ord(character)) for character in "a-b/é\n"))),
        ("(" * 48 + "a" + ")" * 48, A),
        ("(a)" * 51, Concatenation((A,) * 51)),
    ],
)
def test_pattern_of_both_dialects_is_parsed(pattern: str, expected: Node) -> None:
    """In JSON Schema anchors at both ends make a pattern match the whole string, as XSD always does."""
    assert parse(pattern, "xsd") == expected
    assert parse(f"^({pattern})$", "json") == parse(
        f"(({pattern}))", "xsd"
    )  # the extra group shifts the offsets of the quantifiers alike


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^a$", A),
        ("^a", Concatenation((A, ANY_STRING))),
        ("a$", Concatenation((ANY_STRING, A))),
        ("a", Concatenation((ANY_STRING, A, ANY_STRING))),
        ("a|b", Concatenation((ANY_STRING, Alternation((A, B)), ANY_STRING))),
        ("^(a|b)$", Alternation((A, B))),
        ("^(?:a|b)", Concatenation((Alternation((A, B)), ANY_STRING))),
        ("(?:a|b)$", Concatenation((ANY_STRING, Alternation((A, B))))),
        ("", Concatenation((ANY_STRING, EMPTY, ANY_STRING))),
        ("^", Concatenation((EMPTY, ANY_STRING))),
        ("$", Concatenation((ANY_STRING, EMPTY))),
        ("^$", EMPTY),
        (r"^a\$", Concatenation((Concatenation((A, make_literal(36))), ANY_STRING))),
        (r"^a\\$", Concatenation((A, make_literal(92)))),
        (r"^a\\\$$", Concatenation((A, make_literal(92), make_literal(36)))),
        (r"^\$\/$", Concatenation((make_literal(36), make_literal(47)))),
        (r"^(?:ab)?$", Repetition(Concatenation((A, B)), 0, 1, 7)),
        (r"^\u0061\u00E9$", Concatenation((A, make_literal(0xE9)))),
        (r"^[\u0061-\u0063]$", CharacterClass(((97, 99),))),
        (r"^[\u0000-\u0009]$", make_literal(9)),
        (r"^\uD7FF\ue000\uFFFD$", Concatenation((make_literal(0xD7FF), make_literal(0xE000), make_literal(0xFFFD)))),
    ],
)
def test_json_schema_pattern_is_parsed(pattern: str, expected: Node) -> None:
    """Any string may precede or follow an unanchored pattern; non-capturing groups and hexadecimal escapes are supported."""
    assert parse(pattern, "json") == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^$", Concatenation((make_literal(94), make_literal(36)))),
        ("^a|b$", Alternation((Concatenation((make_literal(94), A)), Concatenation((B, make_literal(36)))))),
        ("(^)*", Repetition(make_literal(94), 0, None, 3)),
        (r"a\-b", Concatenation((A, make_literal(45), B))),
        (r"\^$", Concatenation((make_literal(94), make_literal(36)))),
    ],
)
def test_xsd_pattern_is_parsed(pattern: str, expected: Node) -> None:
    """The anchors of other dialects are literals, and a hyphen may be escaped anywhere."""
    assert parse(pattern, "xsd") == expected


EDGES: Final = "an anchor may stand only at the start or end of the whole pattern"
ONE_BRANCH: Final = "the anchor applies to one alternative only; put the alternatives in a group"
DOUBLED: Final = "lazy, possessive and doubled quantifiers are not portable"
BRACE: Final = "a brace must be escaped or form a quantifier: {2}, {2,} or {2,5}"
GROUP: Final = "look-around, named groups and flags are not portable; neither is (?: in XSD"
HALF: Final = "a lone surrogate is not a character"


def in_class(sign: str) -> str:
    """Return the reason for an unescaped character in a class."""
    return f"{sign!r} must be escaped in a character class"


@pytest.mark.parametrize(
    ("pattern", "offset", "reason"),
    [
        ("a.b", 1, "the dot matches different characters in different engines; use a class"),
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
        ("a{3,2}", 1, "the minimum of the quantifier is greater than its maximum"),
        ("ab*?", 3, DOUBLED),
        ("ab++", 3, DOUBLED),
        ("ab?*", 3, DOUBLED),
        ("ab{2}{3}", 5, DOUBLED),
        ("a()*", 3, "a quantifier after an empty group is rejected by some engines"),
        ("(()){2}", 4, "a quantifier after an empty group is rejected by some engines"),
        ("a(b", 1, "unclosed group"),
        ("a(", 1, "unclosed group"),
        ("a(b|", 1, "unclosed group"),
        ("ab)c", 2, "unmatched closing parenthesis"),
        ("a(?=b)", 1, GROUP),
        ("a(?!b)", 1, GROUP),
        ("a(?<=b)", 1, GROUP),
        ("a(?<n>b)", 1, GROUP),
        ("a(?i:b)", 1, GROUP),
        ("a(?", 1, GROUP),
        ("(" * 50 + ")" * 50 + "(" * 51, 150, "groups are nested deeper than 50 levels"),
        ("a[b", 1, "unclosed character class"),
        ("a[b-", 1, "unclosed character class"),
        ("a[^b", 1, "unclosed character class"),
        ("a[[b", 2, in_class("[")),
        ("[", 0, "unclosed character class"),
        ("[^", 0, "unclosed character class"),
        ("a[]", 1, "an empty character class is not portable"),
        ("a[^]", 1, "an empty character class is not portable"),
        ("[]a]", 0, "an empty character class is not portable"),
        ("[a-z-[aeiou]]", 4, in_class("-")),
        ("[a-[b]]", 2, "class subtraction is not portable"),
        ("[a-b-c]", 4, in_class("-")),
        ("[+--]", 3, in_class("-")),
        ("[--a]", 1, in_class("-")),
        ("[a--]", 3, in_class("-")),
        ("[a&&b]", 2, in_class("&")),
        ("[a||b]", 2, in_class("|")),
        ("[a~~b]", 2, in_class("~")),
        ("[c-a]", 2, "the range ends before it starts"),
        ("[\ud800]", 1, HALF),
        ("a\udfff", 1, HALF),
        (r"a\d", 1, "the escape of 'd' is not portable"),
        (r"a\b", 1, "the escape of 'b' is not portable"),
        (r"a[\w]", 2, "the escape of 'w' is not portable"),
        (r"\p{L}", 0, "the escape of 'p' is not portable"),
        (r"\i\c", 0, "the escape of 'i' is not portable"),
        (r"(a)\1", 3, "the escape of '1' is not portable"),
        (r"\x41", 0, "the escape of 'x' is not portable"),
        (r"\&", 0, "the escape of '&' is not portable"),
        ("a\\", 1, "the pattern ends in a backslash"),
        ("[\\", 1, "the pattern ends in a backslash"),
    ],
)
def test_pattern_that_is_not_portable_is_rejected(pattern: str, offset: int, reason: str) -> None:
    """In both dialects, with the offset of the offending character."""
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
        ("^[a$", "json", 1, "unclosed character class"),
        ("^[a-$", "json", 1, "unclosed character class"),
        ("^(a$", "json", 1, "unclosed group"),
        (r"a\-b", "json", 1, "the escape of '-' is not portable"),
        (r"\u00", "json", 0, "the escape of 'u' is not portable"),
        (r"\u00e", "json", 0, "the escape of 'u' is not portable"),
        (r"\uD83D\uDE00", "json", 0, "the escape of 'u' is not portable"),
        (r"[\udfff]", "json", 1, "the escape of 'u' is not portable"),
        (r"\u{61}", "json", 0, "the escape of 'u' is not portable"),
        (r"\u0061", "xsd", 0, "the escape of 'u' is not portable"),
        (r"\$", "xsd", 0, "the escape of '$' is not portable"),
        (r"\/", "xsd", 0, "the escape of '/' is not portable"),
        ("a(?:b)", "xsd", 1, GROUP),
    ],
)
def test_pattern_that_one_dialect_lacks_is_rejected(pattern: str, dialect: Dialect, offset: int, reason: str) -> None:
    """In that dialect only."""
    with pytest.raises(PatternError) as refused:
        parse(pattern, dialect)
    assert (refused.value.offset, str(refused.value)) == (offset, reason)


@given(st.text("ab01^$\\|?*+(){}[]-.,:/nu&\ud800"), st.sampled_from(BOTH))
def test_any_string_is_parsed_or_rejected(text: str, dialect: Dialect) -> None:
    """Only PatternError is raised, its offset lies in the pattern, and Python compiles every parsed pattern without a warning."""
    try:
        parse(text, dialect)
    except PatternError as error:
        assert 0 <= error.offset < len(text)  # noqa: PT017 - not every pattern raises
    else:
        if dialect == "json":
            compile_pattern(text)
