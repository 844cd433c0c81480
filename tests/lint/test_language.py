"""Languages of texts: what they hold, where they differ, how long their texts are, and that no effort is without bound."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given, reject, settings
from lxml import etree

from tests.lint.test_pattern import JSON_PATTERNS, TEXTS, XSD_PATTERNS, of_xsd
from validator.body.shape import portable
from validator.lint.patterns.language import (
    Language,
    TooLarge,
    Witness,
    difference,
    everything,
    intersection,
    is_empty,
    longest,
    of_lengths,
    of_pattern,
    of_texts,
    outside,
    samples,
    shortest,
)
from validator.lint.patterns.pattern import parse
from validator.lint.patterns.samples import sample_texts

XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
CARRIED: Final = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]*$"
ONE_LINE: Final = r"^[^\u0000-\u0008\u000A-\u001F\uFFFE\uFFFF]*$"


def json(pattern: str) -> Language:
    """Return the texts of a pattern in JSON Schema."""
    return of_pattern(parse(pattern, "json"))


def xsd(pattern: str) -> Language:
    """Return the texts of a pattern in XSD."""
    return of_pattern(parse(pattern, "xsd"))


@pytest.mark.parametrize(
    ("held", "inside", "without"),
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
        (everything(), ["", "a", "\t\n\r \ud7ff\ufffd\U0010ffff"], ["\x00", "\x1f", "\ud800", "\ufffe"]),
        (of_texts(["a", "bc", ""]), ["a", "bc", ""], ["b", "abc", "ab"]),
        (of_texts([]), [], ["", "a"]),
        (of_texts(["\x01", "a\ud800"]), [], ["\x01", "a\ud800", "a", ""]),
        (of_lengths(2, 3), ["ab", "abc", "\U0001f600\n"], ["", "a", "abcd", "a\x00"]),
        (of_lengths(2, None), ["ab", "abcd"], ["", "a", "\x00\x00"]),
        (of_lengths(0, None), ["", "a"], ["\x00"]),
        (of_lengths(0, 0), [""], ["a"]),
        (of_lengths(0, -1), [], ["", "a"]),
        (of_lengths(3, 2), [], ["ab", "abc"]),
        (intersection(json("a"), json("b")), ["ab", "ba", "xbya"], ["a", "b", ""]),
        (intersection(xsd("[a-c]*"), xsd("[b-d]*"), of_lengths(1, 2)), ["b", "cb"], ["", "a", "bcb"]),
        (intersection(), ["", "a"], ["\x00"]),
    ],
)
def test_what_a_language_holds(held: Language, inside: list[str], without: list[str]) -> None:
    """Every text is in it or is not."""
    assert ([text for text in inside if not held.holds(text)], [text for text in without if held.holds(text)]) == ([], [])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (json("^[1-9][0-9]{0,18}$"), xsd("[1-9][0-9]{0,18}")),
        (json("^[0-9]{3}-[0-9]{3}$"), xsd("[0-9]{3}-[0-9]{3}")),
        (json(CARRIED), everything()),
        (json(ONE_LINE), xsd("[^\n\r]*")),
        (json(""), everything()),
        (json("^"), intersection()),
        (json("$"), of_lengths(0, None)),
        (json("a"), xsd(r"([^a]|[^\-])*a([^a]|a)*")),
        (xsd("(a|b)*"), xsd("(a*b*)*")),
        (xsd("a(ba)*"), xsd("(ab)*a")),
        (xsd("a{2,4}"), xsd("aaa?a?")),
        (xsd("[^a]"), xsd("[^a]|\x00")),
        (xsd("a|b"), of_texts(["b", "a", "b"])),
        (xsd("[ab]{0,2}"), intersection(xsd("[ab]*"), of_lengths(0, 2))),
        (intersection(xsd("a"), xsd("b")), of_texts([])),
    ],
)
def test_languages_that_are_equal(left: Language, right: Language) -> None:
    """However they are written."""
    assert difference(left, right) is None


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
        (xsd("aé|!!"), of_texts([]), Witness("!!", in_left=True)),
        (xsd("aé|!!|bb"), of_texts([]), Witness("bb", in_left=True)),
        (xsd("aé|!!!"), of_texts([]), Witness("aé", in_left=True)),
        (xsd("é|~|[^a]{2}"), of_lengths(2, 2), Witness("~", in_left=True)),
        (xsd("é"), xsd("ê"), Witness("é", in_left=True)),
        (xsd("ê"), xsd("é"), Witness("é", in_left=False)),
        (everything(), of_lengths(0, 255), Witness("a" * 256, in_left=True)),
        (intersection(xsd("[ab]*"), xsd("[bc]*")), xsd("b{0,3}"), Witness("bbbb", in_left=True)),
    ],
)
def test_languages_that_differ(left: Language, right: Language, expected: Witness) -> None:
    """The witness is a shortest text, and of those one that reads well."""
    assert difference(left, right) == expected


@pytest.mark.parametrize(
    ("measured", "lengths"),
    [
        (json("^[1-9][0-9]{0,18}$"), (1, 19)),
        (json("[1-9]"), (1, None)),
        (xsd(""), (0, 0)),
        (xsd("ab|abc"), (2, 3)),
        (xsd("a*"), (0, None)),
        (xsd("a{2}(b|cd){0,3}"), (2, 8)),
        (xsd("(ab|ab)(c|d)"), (3, 3)),
        (xsd("a*\x01|bc"), (2, 2)),  # the circle leads to no text
        (xsd("(|())*"), (0, 0)),
        (intersection(xsd("a*"), of_lengths(3, 5)), (3, 5)),
        (intersection(xsd("(aaa)*"), of_lengths(4, 11)), (6, 9)),
        (intersection(xsd("a*b"), xsd("a*c")), (None, 0)),
        (intersection(json("a"), of_lengths(0, None)), (1, None)),
        (of_texts([]), (None, 0)),
        (of_texts(["a", "bcd"]), (1, 3)),
        (everything(), (0, None)),
        (of_lengths(2, 300), (2, 300)),
    ],
)
def test_lengths(measured: Language, lengths: tuple[int | None, int | None]) -> None:
    """The shortest and longest text, where there are any."""
    assert (shortest(measured), longest(measured)) == lengths
    assert is_empty(measured) == (lengths[0] is None)


@pytest.mark.parametrize(
    ("sampled", "inside", "without"),
    [
        (xsd("a|bc"), ("a", "bc"), ("", "0", "b", "c", "d", "\t")),
        (json("^[1-9][0-9]{0,2}$"), ("1", "10", "11", "100"), ("", "0", "a", " ")),
        (xsd("a*"), ("", "a"), ("0", "b", "\t", "\r")),
        (everything(), ("", "a", "\t"), ()),
        (of_texts([]), (), ()),
        (json("^a"), ("a", "a0", "aa"), ("", "0", "b")),
    ],
)
def test_samples(sampled: Language, inside: tuple[str, ...], without: tuple[str, ...]) -> None:
    """Texts by every step that leads on, and texts by the first step that does not."""
    assert (samples(sampled, len(inside)), outside(sampled, len(without))) == (inside, without)


def test_as_many_samples_as_are_wanted() -> None:
    """At most: a small language has no more."""
    small = of_texts(["a", "b"])
    assert [samples(small, count) for count in range(4)] == [(), ("a",), ("a", "b"), ("a", "b")]
    assert (outside(small, 0), outside(small, 2), outside(everything(), 9)) == ((), ("", "0"), ())


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
def test_an_automaton_that_is_too_large_to_build(pattern: str) -> None:
    """What would have too many states is not begun."""
    with pytest.raises(TooLarge):
        json(f"^({pattern})$")


@pytest.mark.parametrize(
    ("pattern", "ask"),
    [
        ("[ab]*a[ab]{14}", longest),
        ("(a?){1000}", longest),
        ("([a-z]{0,60}[a-z0-9]{0,60}){0,15}", lambda held: difference(held, held)),
        ("(a?){1000}", lambda held: samples(held, 1)),
        ("(a?){1000}", lambda held: outside(held, 1)),
        ("(a?){1000}\x01", shortest),
    ],
)
def test_an_automaton_that_is_too_large_to_search(pattern: str, ask: Callable[[Language], Any]) -> None:
    """What would take too long ends."""
    with pytest.raises(TooLarge):
        ask(json(f"^{pattern}$"))


def test_what_is_found_early_is_found_in_a_large_automaton() -> None:
    """The search ends where the answer is."""
    large = xsd("[ab]*a[ab]{14}|b")
    assert (shortest(large), is_empty(large), difference(large, of_texts([]))) == (1, False, Witness("b", in_left=True))


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        ("[1-9][0-9]{0,18}", "[1-9][0-9]{0,18}"),
        (r"[^\r\n]{0,255}", r"[^\r\n]{0,255}"),
        (r"[^\r\n]{0,255}", r"[^\r\n]{0,256}"),
        ("([a-z]{1,63}[.]){1,8}[a-z]{2,63}", "([a-z]{1,63}[.]){1,8}[a-z]{2,63}"),
    ],
)
def test_counted_repetitions_are_quick(pattern: str, other: str) -> None:
    """They take a few milliseconds; the bound leaves room for a slow machine."""
    start = time.perf_counter()
    difference(json(f"^{pattern}$"), xsd(other))
    assert time.perf_counter() - start < 0.5


@contextmanager
def decided() -> Iterator[None]:
    """Leave an example out that takes too long to decide."""
    try:
        yield
    except TooLarge:
        reject()


@given(JSON_PATTERNS, TEXTS)
def test_json_schema_means_what_python_finds(pattern: str, texts: list[str]) -> None:
    """A text is in the language of a pattern where Python finds the pattern in it."""
    with decided():
        node = parse(pattern, "json")
        held, compiled = of_pattern(node), portable(pattern)
        tried = [*texts, *sample_texts(node, 9), *samples(held, 9), *outside(held, 9)]
        assert [held.holds(text) for text in tried] == [compiled.search(text) is not None for text in tried]


@given(XSD_PATTERNS, TEXTS)
def test_xsd_means_what_python_matches(pattern: str, texts: list[str]) -> None:
    """A text is in the language of a pattern where Python matches all of it."""
    with decided():
        node = parse(pattern, "xsd")
        held, compiled = of_pattern(node), of_xsd(pattern)
        tried = [*texts, *sample_texts(node, 9), *samples(held, 9), *outside(held, 9)]
        assert [held.holds(text) for text in tried] == [compiled.match(text) is not None for text in tried]


@given(XSD_PATTERNS, XSD_PATTERNS)
def test_a_witness_is_in_one_language_only(left: str, right: str) -> None:
    """And what is in one language only is never shorter."""
    with decided():
        mine, other = xsd(left), xsd(right)
        witness = difference(mine, other)
        tried = [*samples(mine, 20), *samples(other, 20), *outside(mine, 20), *outside(other, 20)]
        apart = [len(text) for text in tried if mine.holds(text) != other.holds(text)]
        if witness is None:
            assert apart == []
        else:
            assert (mine.holds(witness.text), other.holds(witness.text)) == (witness.in_left, not witness.in_left)
            assert min(apart, default=len(witness.text)) >= len(witness.text)


@given(XSD_PATTERNS)
def test_lengths_hold_all_texts(pattern: str) -> None:
    """A language is what is left of it between its shortest and its longest text, and less when either is cut off."""
    with decided():
        held = xsd(pattern)
        least, most = shortest(held), longest(held)
        assert least is not None
        assert difference(held, intersection(held, of_lengths(least, most))) is None
        assert difference(held, intersection(held, of_lengths(least + 1, most))) is not None
        assert most is None or difference(held, intersection(held, of_lengths(least, most - 1))) is not None


def schema(pattern: str) -> ET.Element:
    """Return an XSD of one element whose text has a pattern."""
    root = ET.Element(f"{XSD}schema")
    simple = ET.SubElement(ET.SubElement(root, f"{XSD}element", name="e"), f"{XSD}simpleType")
    restriction = ET.SubElement(simple, f"{XSD}restriction", base="xs:string")
    ET.SubElement(restriction, f"{XSD}pattern", value=pattern)
    ET.register_namespace("xs", XSD[1:-1])
    return root


def element(api: Any, text: str) -> Any:
    """Return the element with a text, made by an ElementTree API: no parser turns line ends into others."""
    found = api.Element("e")
    found.text = text
    return found


def tried_texts(pattern: str, texts: list[str]) -> tuple[list[str], list[bool]]:
    """Return texts that XML can carry, and which of them are in the language of a pattern."""
    held = xsd(pattern)
    tried = [*texts, *samples(held, 30), *outside(held, 30)]
    return tried, [held.holds(text) for text in tried]


@settings(max_examples=60)
@given(XSD_PATTERNS, TEXTS)
def test_xsd_means_what_xmlschema_matches(pattern: str, texts: list[str]) -> None:
    """A text is in the language of a pattern where the reference engine finds it valid."""
    with decided():
        tried, expected = tried_texts(pattern, texts)
        validator = xmlschema.XMLSchema(ET.tostring(schema(pattern), encoding="unicode"))
        assert [validator.is_valid(element(ET, text)) for text in tried] == expected


# A table and no generated patterns: libxml2 (2.14) has errors. (a)*|b matches "ba", [^a-] matches "-", and a|a{2} not "a".
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
    """A text is in the language of a customary pattern where the fast engine finds it valid."""
    tried, expected = tried_texts(pattern, ["".join(signs) for signs in product("abc1.-^$\n", repeat=3)])
    validator = etree.XMLSchema(etree.fromstring(ET.tostring(schema(pattern))))
    assert [validator.validate(element(etree, text)) for text in tried] == expected
