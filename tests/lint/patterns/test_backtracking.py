"""Patterns with nested quantifiers, and near misses."""

import pytest

from validator.body.pattern import parse
from validator.lint.patterns.backtracking import find_nested_quantifier


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
        ("(ab|ac)*", 7),  # harmless, but one character of look-ahead does not show it
        ("((a|a){2})*", 10),
        ("(a|(b|b))*", 9),
    ],
)
def test_ambiguous_quantifier_is_found(pattern: str, offset: int) -> None:
    """A quantifier whose content can match one string in several ways is reported by its offset."""
    assert find_nested_quantifier(parse(pattern, "json")) == offset


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
        "(ab+)*b",  # what follows the quantifier does not matter
        "((a|b+)(c|d))*",
        "(a|b)*",
        "(a|)b",
        "(a|a)",
        "(a|a)?",
        "(ab|ac){3}",
        "([a-m]|[n-z])+",
    ],
)
def test_unambiguous_quantifier_is_not_reported(pattern: str) -> None:
    """Near misses: the content has a fixed length, ends at another character, or is repeated once."""
    assert find_nested_quantifier(parse(pattern, "json")) is None


def test_implied_any_string_is_not_a_nested_quantifier() -> None:
    """An unanchored pattern may match anywhere; only quantifiers of the pattern itself count."""
    assert (find_nested_quantifier(parse("a+", "json")), find_nested_quantifier(parse("^b(?:a+)+", "json"))) == (None, 8)
