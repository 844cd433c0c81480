"""The facets of a text as one language: where they differ, what bounds them, and what no text satisfies."""

import pytest

from validator.lint.schemas.facets import holds, pattern_findings, text_difference, too_long, unsatisfiable
from validator.lint.schemas.tree import OBJECT, TEXT, Branch, Facet
from validator.model.location import Position, Region
from validator.output.finding import Location

HERE = Location("s.json", Region(Position(1, 1), Position(1, 2)))
NEEDED, SINGLE = Facet("required", HERE), Facet("single", HERE)


def text(*patterns: str, values: list[str] | None = None, shortest: int | None = None, longest: int | None = None) -> Branch:
    """Return a leaf with these facets; several patterns all hold."""
    return Branch(
        TEXT,
        HERE,
        HERE,
        NEEDED,
        SINGLE,
        values=None if values is None else [Facet(value, HERE) for value in values],
        patterns=[[Facet(pattern, HERE)] for pattern in patterns],
        shortest=None if shortest is None else Facet(shortest, HERE),
        longest=None if longest is None else Facet(longest, HERE),
    )


HUGE = 100_000  # too many states to compare


def is_huge(leaf: Branch) -> bool:
    """Whether the leaf is too large to compare."""
    return leaf.longest is not None and leaf.longest.value >= HUGE


@pytest.mark.parametrize(
    ("json", "xsd", "expected"),
    [
        (text("^[a-c]{1,3}$"), text("[abc]{1,3}"), None),
        (text("^[a-c]+$", longest=3), text("[abc]{1,3}"), None),
        (text("^[a-c]*$"), text("[ab]*"), (True, False)),
        (text("[a-c]"), text("[abc]"), (True, False)),
        (text(shortest=1), text(shortest=2), (True, True)),
        (text(longest=1), text(longest=2), (False, True)),
        (text("^a$", "^[ab]$"), text("a"), None),
        (text(values=["a", "b"]), text(values=["b", "a"]), None),
        (text("^a$", values=["a", "b"]), text(values=["a", "b"]), (False, False)),
        # In XSD these are characters, not anchors.
        (text("^\\^a\\$$"), text("^a$"), None),
        (text("^\\^a\\$$", longest=HUGE), text("^a$", longest=HUGE), None),
        # Too large to compare as languages: on samples.
        (text(longest=HUGE), text(longest=HUGE), None),
        (text(longest=HUGE), text(longest=HUGE + 1), (False, True)),
        (text("^[a-c]*$", longest=HUGE), text("[abd]*", longest=HUGE), (True, False)),
        # What is not portable is told elsewhere.
        (text("^.$"), text("a"), None),
        (text("^.$", values=["a"]), text(values=["a"]), None),
        (text("^.$", longest=HUGE), text("[a]", longest=HUGE), None),
    ],
)
def test_two_leaves_are_alike_or_a_text_tells_them_apart(json: Branch, xsd: Branch, expected: tuple[bool, bool] | None) -> None:
    """Whatever the facets that say it: expected is whether JSON Schema allows it, and whether only lengths differ."""
    undecided: list[None] = []
    found = text_difference(json, xsd, lambda: undecided.append(None))
    assert not undecided or (found is None and is_huge(json))
    assert (found and (found.allowed_by_json, found.by_length)) == expected
    if found:
        values = [facet.value for facet in json.values or xsd.values or ()]
        assert holds(json, found.text, "json") == found.allowed_by_json != holds(xsd, found.text, "xsd")
        assert not values or found.text in values


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        (text("^[1-9][0-9]{0,18}$"), None),
        (text("^[1-9][0-9]{0,19}$"), "20 characters"),
        (text("^[1-9][0-9]*$"), "texts of any length"),
        (text("[1-9]", longest=19), None),
        (text(longest=20), "20 characters"),
        (text(), "texts of any length"),
        (text(values=["a" * 19]), None),
        (text(values=["a" * 20]), "20 characters"),
        (text(values=[]), None),
        (text(longest=HUGE), f"{HUGE} characters"),
        (text(shortest=HUGE), "texts of any length"),
        (text("^.*$"), None),  # told elsewhere
        # Too large for an automaton: bounded by the syntax.
        (text("^[a-z]{1,90000}$"), "90000 characters"),
        (text("^(?:[ab]|c{2}|){0,90000}$", longest=HUGE), f"{HUGE} characters"),
        (text("^(?:|a{0}){9}[a-z]{1,90000}$"), "90000 characters"),
        (text("^[a-z]{1,90000}b*$"), "texts of any length"),
    ],
)
def test_a_bound_is_kept_or_told(leaf: Branch, words: str | None) -> None:
    """In characters; the message says what the schema allows."""
    assert [finding.message for finding in too_long(leaf, "a.b", 19)] == (
        [f"'a.b' may have {words}; operation.json allows 19."] if words else []
    )


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (text("^a$"), []),
        (text("^a$", "^b$"), ["No text satisfies 'a'."]),
        (text("^a$", shortest=2), ["No text satisfies 'a'."]),
        (text(shortest=2, longest=1), ["No text satisfies 'a'."]),
        (text(values=["a"], shortest=2), ["No text satisfies 'a'."]),
        (text(values=["a", "bb"], shortest=2), []),
        (text(values=[]), ["No text satisfies 'a'."]),
        (text("^.$"), []),
        (text(shortest=HUGE), []),
    ],
)
def test_a_leaf_that_nothing_satisfies_is_told(leaf: Branch, expected: list[str]) -> None:
    """Also deep in the tree."""
    tree = Branch(OBJECT, HERE, HERE, NEEDED, SINGLE, {"a": leaf})
    assert [finding.message for finding in unsatisfiable(tree)] == expected


def test_what_is_wrong_with_a_pattern_is_told_with_the_character() -> None:
    """Counted from 1."""
    assert [(finding.kind.code, finding.message.split(":")[0]) for finding in pattern_findings("a.b", "json", HERE)] == [
        ("L105", "Pattern 'a.b', character 2")
    ]
    assert [(finding.kind.code, finding.message) for finding in pattern_findings("^(a+)+$", "json", HERE)] == [
        ("L106", "Pattern '^(a+)+$', character 6: inside this quantifier a text can match in more than one way.")
    ]
    assert list(pattern_findings("^([ab]{3})+$", "json", HERE)) == []
