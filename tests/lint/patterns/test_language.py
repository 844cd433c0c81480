"""Languages: membership, differences, lengths and samples, and the bound on the effort of each search."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given, reject, settings
from lxml import etree

from tests.lint.patterns.strategies import JSON_PATTERNS, TEXTS, XSD_PATTERNS, compile_xsd_pattern
from validator.body.pattern import parse
from validator.body.shape import compile_pattern
from validator.lint.patterns.automaton import MAX_STEPS, AutomatonTooLarge, Budget
from validator.lint.patterns.language import (
    Language,
    Witness,
    all_strings,
    find_difference,
    find_exclusive,
    find_max_length,
    find_min_length,
    from_lengths,
    from_pattern,
    from_strings,
    intersect,
    is_empty,
    sample_inside,
    sample_outside,
)
from validator.lint.patterns.samples import sample_pattern

XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
CARRIED: Final = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]*$"
ONE_LINE: Final = r"^[^\u0000-\u0008\u000A-\u001F\uFFFE\uFFFF]*$"


def json(pattern: str) -> Language:
    """Return the language of a JSON Schema pattern."""
    return from_pattern(parse(pattern, "json"))


def xsd(pattern: str) -> Language:
    """Return the language of an XSD pattern."""
    return from_pattern(parse(pattern, "xsd"))


@pytest.mark.parametrize(
    ("language", "inside", "without"),
    [
        (json("a"), ["a", "ba", "ab", "\na\n", "\U0001f600a"], ["", "b", "A", "a\x00", "\x0ca", "\ufffea"]),
        (json("^a"), ["a", "ab"], ["", "ba", "\na"]),
        (json("a$"), ["a", "ba"], ["", "ab", "a\n"]),
        (json("^a$"), ["a"], ["", "aa", "a\n"]),
        (json("^(ab|b*){2}$"), ["", "ab", "abab", "abb", "bab"], ["a", "ababab", "ba"]),
        (xsd("a"), ["a"], ["", "ba", "ab"]),
        (xsd("^a|b$"), ["^a", "b$"], ["a", "b", "^a|b$"]),
        (
            xsd("[^a]+"),
            ["b", "\t\n\r", "\ud7ff\ue000\ufffd\U00010000\U0010ffff"],
            ["", "a", "ba", "\x00", "\x0b", "\ud800", "\uffff"],
        ),
        (xsd("a{2,4}"), ["aa", "aaa", "aaaa"], ["", "a", "aaaaa"]),
        (xsd("(ab){2,}"), ["abab", "ababab"], ["", "ab", "ababa"]),
        (xsd("(a*)*b"), ["b", "aab"], ["", "a", "ba"]),
        (xsd("(a?b?){0,2}"), ["", "ab", "ba", "aa", "abab"], ["aba" * 2, "bbb"]),
        (xsd("a{0}"), [""], ["a"]),
        (xsd("\x01*"), [""], ["\x01"]),
        (all_strings(), ["", "a", "\t\n\r \ud7ff\ufffd\U0010ffff"], ["\x00", "\x1f", "\ud800", "\ufffe"]),
        (from_strings(["a", "bc", ""]), ["a", "bc", ""], ["b", "abc", "ab"]),
        (from_strings([]), [], ["", "a"]),
        (from_strings(["\x01", "a\ud800"]), [], ["\x01", "a\ud800", "a", ""]),
        (from_lengths(2, 3), ["ab", "abc", "\U0001f600\n"], ["", "a", "abcd", "a\x00"]),
        (from_lengths(2, None), ["ab", "abcd"], ["", "a", "\x00\x00"]),
        (from_lengths(0, None), ["", "a"], ["\x00"]),
        (from_lengths(0, 0), [""], ["a"]),
        (from_lengths(0, -1), [], ["", "a"]),
        (from_lengths(3, 2), [], ["ab", "abc"]),
        (intersect(json("a"), json("b")), ["ab", "ba", "xbya"], ["a", "b", ""]),
        (intersect(xsd("[a-c]*"), xsd("[b-d]*"), from_lengths(1, 2)), ["b", "cb"], ["", "a", "bcb"]),
        (intersect(), ["", "a"], ["\x00"]),
    ],
)
def test_language_contains_its_strings_only(language: Language, inside: list[str], without: list[str]) -> None:
    """Membership is decided for every string."""
    assert [text for text in inside if not language.contains(text)] == []
    assert [text for text in without if language.contains(text)] == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (json("^[1-9][0-9]{0,18}$"), xsd("[1-9][0-9]{0,18}")),
        (json("^[0-9]{3}-[0-9]{3}$"), xsd("[0-9]{3}-[0-9]{3}")),
        (json(CARRIED), all_strings()),
        (json(ONE_LINE), xsd("[^\n\r]*")),
        (json(""), all_strings()),
        (json("^"), intersect()),
        (json("$"), from_lengths(0, None)),
        (json("a"), xsd(r"([^a]|[^\-])*a([^a]|a)*")),
        (xsd("(a|b)*"), xsd("(a*b*)*")),
        (xsd("a(ba)*"), xsd("(ab)*a")),
        (xsd("a{2,4}"), xsd("aaa?a?")),
        (xsd("[^a]"), xsd("[^a]|\x00")),
        (xsd("a|b"), from_strings(["b", "a", "b"])),
        (xsd("[ab]{0,2}"), intersect(xsd("[ab]*"), from_lengths(0, 2))),
        (intersect(xsd("a"), xsd("b")), from_strings([])),
    ],
)
def test_equal_languages_have_no_difference(left: Language, right: Language) -> None:
    """Whatever the syntax of the patterns."""
    assert find_difference(left, right) is None


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (json("^[1-9][0-9]{0,18}$"), xsd("[1-9][0-9]{0,17}"), Witness("1" + "0" * 18, in_left=True)),
        (json("^[1-9][0-9]{0,17}$"), xsd("[1-9][0-9]{0,18}"), Witness("1" + "0" * 18, in_left=False)),
        (json("^[1-9][0-9]{0,18}$"), xsd("[0-9]{1,19}"), Witness("0", in_left=False)),
        (json("[1-9]"), xsd("[1-9]"), Witness("01", in_left=True)),
        (json(CARRIED), xsd("[^\n\r]*"), Witness("\n", in_left=True)),
        (json(ONE_LINE), xsd("[^\n]*"), Witness("\r", in_left=False)),
        (json("^a"), xsd("a"), Witness("a0", in_left=True)),
        (xsd("a*"), xsd("a+"), Witness("", in_left=True)),
        (xsd("a"), xsd("b"), Witness("a", in_left=True)),
        (xsd("[a-z]"), xsd("[a-y]"), Witness("z", in_left=True)),
        (xsd("a|é"), xsd("é|aaa"), Witness("a", in_left=True)),
        (xsd("aé|!!"), from_strings([]), Witness("!!", in_left=True)),
        (xsd("aé|!!|bb"), from_strings([]), Witness("bb", in_left=True)),
        (xsd("aé|!!!"), from_strings([]), Witness("aé", in_left=True)),
        (xsd("é|~|[^a]{2}"), from_lengths(2, 2), Witness("~", in_left=True)),
        (xsd("é"), xsd("ê"), Witness("é", in_left=True)),
        (xsd("ê"), xsd("é"), Witness("é", in_left=False)),
        (all_strings(), from_lengths(0, 255), Witness("a" * 256, in_left=True)),
        (intersect(xsd("[ab]*"), xsd("[bc]*")), xsd("b{0,3}"), Witness("bbbb", in_left=True)),
    ],
)
def test_different_languages_have_a_witness(left: Language, right: Language, expected: Witness) -> None:
    """The witness is a shortest string, and of those a readable one."""
    assert find_difference(left, right) == expected
    assert (find_exclusive(left, right) if expected.in_left else find_exclusive(right, left)) == expected.text


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (xsd("a|b"), xsd("b|c"), ("a", "c")),
        (xsd("[a-z]{2}"), xsd("[a-z]{1,3}"), (None, "a")),
        (xsd("é|bb"), xsd("c*"), ("é", "")),
        (all_strings(), json("^[1-9][0-9]*$"), ("", None)),
        (from_strings([]), xsd("a{3}"), (None, "aaa")),
    ],
)
def test_strings_of_one_language_only_are_found(left: Language, right: Language, expected: tuple[str | None, ...]) -> None:
    """In each of the two directions."""
    assert (find_exclusive(left, right), find_exclusive(right, left)) == expected


@pytest.mark.parametrize(
    ("language", "lengths"),
    [
        (json("^[1-9][0-9]{0,18}$"), (1, 19)),
        (json("[1-9]"), (1, None)),
        (xsd(""), (0, 0)),
        (xsd("ab|abc"), (2, 3)),
        (xsd("a*"), (0, None)),
        (xsd("a{2}(b|cd){0,3}"), (2, 8)),
        (xsd("(ab|ab)(c|d)"), (3, 3)),
        (xsd("a*\x01|bc"), (2, 2)),  # the cycle leads to no string
        (xsd("(|())*"), (0, 0)),
        (intersect(xsd("a*"), from_lengths(3, 5)), (3, 5)),
        (intersect(xsd("(aaa)*"), from_lengths(4, 11)), (6, 9)),
        (intersect(xsd("a*b"), xsd("a*c")), (None, 0)),
        (intersect(json("a"), from_lengths(0, None)), (1, None)),
        (from_strings([]), (None, 0)),
        (from_strings(["a", "bcd"]), (1, 3)),
        (all_strings(), (0, None)),
        (from_lengths(2, 300), (2, 300)),
    ],
)
def test_lengths_are_measured(language: Language, lengths: tuple[int | None, int | None]) -> None:
    """Of a shortest and a longest string, if there are any."""
    assert (find_min_length(language), find_max_length(language)) == lengths
    assert is_empty(language) == (lengths[0] is None)


@pytest.mark.parametrize(
    ("language", "inside", "without"),
    [
        (xsd("a|bc"), ("a", "bc"), ("", "0", "b", "c", "d", "\t")),
        (json("^[1-9][0-9]{0,2}$"), ("1", "10", "11", "100"), ("", "0", "a", " ")),
        (xsd("a*"), ("", "a"), ("0", "b", "\t", "\r")),
        (all_strings(), ("", "a", "\t"), ()),
        (from_strings([]), (), ()),
        (json("^a"), ("a", "a0", "aa"), ("", "0", "b")),
    ],
)
def test_samples_follow_every_transition(language: Language, inside: tuple[str, ...], without: tuple[str, ...]) -> None:
    """Samples inside end in the language, samples outside leave it with their last character."""
    assert (sample_inside(language, len(inside)), sample_outside(language, len(without))) == (inside, without)


def test_samples_are_limited() -> None:
    """A small language has fewer."""
    small = from_strings(["a", "b"])
    assert [sample_inside(small, count) for count in range(4)] == [(), ("a",), ("a", "b"), ("a", "b")]
    assert (sample_outside(small, 0), sample_outside(small, 2), sample_outside(all_strings(), 9)) == ((), ("", "0"), ())


@pytest.mark.parametrize(
    "pattern",
    [
        "a{4000}",
        "(a{1000}){1000}",
        "((a{900}){900}){900}",
        "a{0,999999}",
        "(|){999999}",
        "(|){0,999999}",
        "[a-z]{2,999999}",
        "|".join(["abcdefgh"] * 500),
    ],
)
def test_too_large_automaton_is_not_built(pattern: str) -> None:
    """The number of states is limited."""
    with pytest.raises(AutomatonTooLarge):
        json(f"^({pattern})$")


@pytest.mark.parametrize(
    ("pattern", "ask"),
    [
        ("[ab]*a[ab]{14}", find_max_length),
        ("(a?){1000}", find_max_length),
        ("([a-z]{0,60}[a-z0-9]{0,60}){0,15}", lambda language: find_difference(language, language)),
        ("(a?){1000}", lambda language: sample_inside(language, 1)),
        ("(a?){1000}", lambda language: sample_outside(language, 1)),
        ("(a?){1000}\x01", find_min_length),
    ],
)
def test_too_long_search_is_stopped(pattern: str, ask: Callable[[Language], Any]) -> None:
    """The number of steps is limited."""
    with pytest.raises(AutomatonTooLarge):
        ask(json(f"^{pattern}$"))


def test_early_result_in_a_large_automaton_is_found() -> None:
    """A search stops at its result."""
    large = xsd("[ab]*a[ab]{14}|b")
    assert (find_min_length(large), is_empty(large), find_difference(large, from_strings([]))) == (
        1,
        False,
        Witness("b", in_left=True),
    )


@pytest.mark.parametrize(
    ("pattern", "other", "witness"),
    [
        ("[1-9][0-9]{0,18}", "[1-9][0-9]{0,18}", None),
        (r"[^\r\n]{0,255}", r"[^\r\n]{0,255}", None),
        (r"[^\r\n]{0,255}", r"[^\r\n]{0,256}", Witness("a" * 256, in_left=False)),
        ("([a-z]{1,63}[.]){1,8}[a-z]{2,63}", "([a-z]{1,63}[.]){1,8}[a-z]{2,63}", None),
    ],
)
def test_counted_repetitions_take_few_steps(pattern: str, other: str, witness: Witness | None) -> None:
    """A comparison needs a fifth of the steps that it may take."""
    budget = Budget(MAX_STEPS // 5)
    assert find_difference(json(f"^{pattern}$"), xsd(other), budget) == witness


@contextmanager
def skip_if_too_large() -> Iterator[None]:
    """Reject an example whose automaton is too large."""
    try:
        yield
    except AutomatonTooLarge:
        reject()


@given(JSON_PATTERNS, TEXTS)
def test_json_schema_means_what_python_finds(pattern: str, texts: list[str]) -> None:
    """A string belongs to the language of a pattern if and only if Python finds the pattern in it."""
    with skip_if_too_large():
        node = parse(pattern, "json")
        language, compiled = from_pattern(node), compile_pattern(pattern)
        samples = [*texts, *sample_pattern(node, 9), *sample_inside(language, 9), *sample_outside(language, 9)]
        assert [language.contains(text) for text in samples] == [compiled.search(text) is not None for text in samples]


@given(XSD_PATTERNS, TEXTS)
def test_xsd_means_what_python_matches(pattern: str, texts: list[str]) -> None:
    """A string belongs to the language of a pattern if and only if Python matches it completely."""
    with skip_if_too_large():
        node = parse(pattern, "xsd")
        language, compiled = from_pattern(node), compile_xsd_pattern(pattern)
        samples = [*texts, *sample_pattern(node, 9), *sample_inside(language, 9), *sample_outside(language, 9)]
        assert [language.contains(text) for text in samples] == [compiled.match(text) is not None for text in samples]


@given(XSD_PATTERNS, XSD_PATTERNS)
def test_witness_belongs_to_one_language_only(left: str, right: str) -> None:
    """No string that belongs to one language only is shorter."""
    with skip_if_too_large():
        mine, other = xsd(left), xsd(right)
        witness = find_difference(mine, other)
        samples = [*sample_inside(mine, 20), *sample_inside(other, 20), *sample_outside(mine, 20), *sample_outside(other, 20)]
        apart = [len(text) for text in samples if mine.contains(text) != other.contains(text)]
        if witness is None:
            assert apart == []
        else:
            assert (mine.contains(witness.text), other.contains(witness.text)) == (witness.in_left, not witness.in_left)
            assert min(apart, default=len(witness.text)) >= len(witness.text)


@given(XSD_PATTERNS, XSD_PATTERNS)
def test_exclusive_string_belongs_to_the_first_language_only(left: str, right: str) -> None:
    """There is one exactly if the second language does not include the first."""
    with skip_if_too_large():
        mine, other = xsd(left), xsd(right)
        text = find_exclusive(mine, other)
        if text is None:
            assert [sample for sample in sample_inside(mine, 20) if not other.contains(sample)] == []
            assert find_difference(intersect(mine, other), mine) is None
        else:
            assert (mine.contains(text), other.contains(text)) == (True, False)


@given(XSD_PATTERNS)
def test_lengths_bound_all_strings(pattern: str) -> None:
    """Restricting a language to its own lengths changes nothing; a tighter bound does."""
    with skip_if_too_large():
        language = xsd(pattern)
        least, most = find_min_length(language), find_max_length(language)
        assert least is not None
        assert find_difference(language, intersect(language, from_lengths(least, most))) is None
        assert find_difference(language, intersect(language, from_lengths(least + 1, most))) is not None
        assert most is None or find_difference(language, intersect(language, from_lengths(least, most - 1))) is not None


def schema(pattern: str) -> ET.Element:
    """Return an XSD of one element whose content has a pattern."""
    root = ET.Element(f"{XSD}schema")
    simple = ET.SubElement(ET.SubElement(root, f"{XSD}element", name="e"), f"{XSD}simpleType")
    restriction = ET.SubElement(simple, f"{XSD}restriction", base="xs:string")
    ET.SubElement(restriction, f"{XSD}pattern", value=pattern)
    ET.register_namespace("xs", XSD[1:-1])
    return root


def element(api: Any, text: str) -> Any:
    """Return the element with a text, made by an ElementTree API: a parser would normalize line ends."""
    node = api.Element("e")
    node.text = text
    return node


def sample_texts(pattern: str, texts: list[str]) -> tuple[list[str], list[bool]]:
    """Return strings that XML allows, and whether each belongs to the language of a pattern."""
    language = xsd(pattern)
    samples = [*texts, *sample_inside(language, 30), *sample_outside(language, 30)]
    return samples, [language.contains(text) for text in samples]


@settings(max_examples=60)
@given(XSD_PATTERNS, TEXTS)
def test_xsd_means_what_xmlschema_matches(pattern: str, texts: list[str]) -> None:
    """A string belongs to the language of a pattern if and only if the reference engine accepts it."""
    with skip_if_too_large():
        samples, expected = sample_texts(pattern, texts)
        validator = xmlschema.XMLSchema(ET.tostring(schema(pattern), encoding="unicode"))
        assert [validator.is_valid(element(ET, text)) for text in samples] == expected


# A table instead of generated patterns: libxml2 (2.14) has bugs. (a)*|b matches "ba", [^a-] matches "-", and a|a{2} not "a".
@pytest.mark.parametrize(
    "pattern",
    [
        "[1-9][0-9]{0,18}",
        "[0-9]{3}-[0-9]{3}",
        "[^\n\r]*",
        "^a|b$",
        "(ab|c)[ab]?",
        "(a|b){2,3}",
        "([a-c]+[.])+[a-z]{2,3}",
        "[^-ab]?c",
        r"[\-.\]]+|a\-b|-",
    ],
)
def test_xsd_means_what_lxml_matches(pattern: str) -> None:
    """A string belongs to the language of a common pattern if and only if the fast engine accepts it."""
    samples, expected = sample_texts(pattern, ["".join(signs) for signs in product("abc1.-^$\n", repeat=3)])
    validator = etree.XMLSchema(etree.fromstring(ET.tostring(schema(pattern))))
    assert [validator.validate(element(etree, text)) for text in samples] == expected
