"""The strings that a schema node allows: differences, length limits, and nodes that no string satisfies."""

import pytest

from validator.lint.patterns.automaton import Budget
from validator.lint.schemas.facets import allows, check_pattern, find_string_difference, find_unsatisfiable
from validator.lint.schemas.lengths import check_length_bound
from validator.lint.schemas.schema_tree import OBJECT, STRING, Constraint, SchemaNode
from validator.model.location import Position, Region
from validator.output.finding import Finding, Location

HERE = Location("s.json", Region(Position(1, 1), Position(1, 2)))
REQUIRED, SINGLE = Constraint("required", HERE), Constraint("single", HERE)


def string(
    *patterns: str, values: list[str] | None = None, min_length: int | None = None, max_length: int | None = None
) -> SchemaNode:
    """Return a string node with these constraints; all patterns apply."""
    return SchemaNode(
        STRING,
        HERE,
        HERE,
        REQUIRED,
        SINGLE,
        values=None if values is None else [Constraint(value, HERE) for value in values],
        patterns=[[Constraint(pattern, HERE)] for pattern in patterns],
        min_length=None if min_length is None else Constraint(min_length, HERE),
        max_length=None if max_length is None else Constraint(max_length, HERE),
    )


HUGE = 100_000  # too many states to compare


def is_huge(node: SchemaNode) -> bool:
    """Return whether the language of a node is too large to compare."""
    return node.max_length is not None and node.max_length.value >= HUGE


@pytest.mark.parametrize(
    ("json", "xsd", "expected"),
    [
        (string("^[a-c]{1,3}$"), string("[abc]{1,3}"), None),
        (string("^[a-c]+$", max_length=3), string("[abc]{1,3}"), None),
        (string("^[a-c]*$"), string("[ab]*"), (True, False)),
        (string("[a-c]"), string("[abc]"), (True, False)),
        (string(min_length=1), string(min_length=2), (True, True)),
        (string(max_length=1), string(max_length=2), (False, True)),
        (string("^a$", "^[ab]$"), string("a"), None),
        (string(values=["a", "b"]), string(values=["b", "a"]), None),
        (string("^a$", values=["a", "b"]), string(values=["a", "b"]), (False, False)),
        # In XSD the anchors are literals.
        (string("^\\^a\\$$"), string("^a$"), None),
        (string("^\\^a\\$$", max_length=HUGE), string("^a$", max_length=HUGE), None),
        # Too large to compare as languages, so compared on samples.
        (string(max_length=HUGE), string(max_length=HUGE), None),
        (string(max_length=HUGE), string(max_length=HUGE + 1), (False, True)),
        (string("^[a-c]*$", max_length=HUGE), string("[abd]*", max_length=HUGE), (True, False)),
        # A pattern that is not portable has its own finding.
        (string("^.$"), string("a"), None),
        (string("^.$", values=["a"]), string(values=["a"]), None),
        (string("^.$", max_length=HUGE), string("[a]", max_length=HUGE), None),
    ],
)
def test_difference_is_found(json: SchemaNode, xsd: SchemaNode, expected: tuple[bool, bool] | None) -> None:
    """expected: whether JSON Schema allows the string, and whether only the lengths differ; None without a difference."""
    undecided: list[None] = []
    difference = find_string_difference(json, xsd, lambda: undecided.append(None), Budget())
    assert not undecided or (difference is None and is_huge(json))
    assert (difference and (difference.is_allowed_by_json, difference.is_by_length)) == expected
    if difference:
        values = [facet.value for facet in json.values or xsd.values or ()]
        assert (
            allows(json, difference.text, "json", Budget())
            == difference.is_allowed_by_json
            != allows(xsd, difference.text, "xsd", Budget())
        )
        assert not values or difference.text in values


@pytest.mark.parametrize(
    ("node", "allowed"),
    [
        (string("^[1-9][0-9]{0,18}$"), None),
        (string("^[1-9][0-9]{0,19}$"), "up to 20 characters"),
        (string("^[1-9][0-9]*$"), "strings of any length"),
        (string("[1-9]", max_length=19), None),
        (string(max_length=20), "up to 20 characters"),
        (string(), "strings of any length"),
        (string(values=["a" * 19]), None),
        (string(values=["a" * 20]), "up to 20 characters"),
        (string(values=[]), None),
        (string(max_length=HUGE), f"up to {HUGE} characters"),
        (string(min_length=HUGE), "strings of any length"),
        (string("^.*$"), None),  # has its own finding
        # Too large for an automaton, so bounded by the syntax tree.
        (string("^[a-z]{1,90000}$"), "up to 90000 characters"),
        (string("^(?:[ab]|c{2}|){0,90000}$", max_length=HUGE), f"up to {HUGE} characters"),
        (string("^(?:|a{0}){9}[a-z]{1,90000}$"), "up to 90000 characters"),
        (string("^[a-z]{1,90000}b*$"), "strings of any length"),
    ],
)
def test_exceeded_length_is_reported(node: SchemaNode, allowed: str | None) -> None:
    """In characters, with the length that the schema allows."""
    assert [finding.message for finding in check_length_bound(node, "a.b", 19, Budget(), HERE)] == (
        [f"The schema allows {allowed} for 'a.b'; operation.json allows 19."] if allowed else []
    )


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (string("^a$"), []),
        (string("^a$", "^b$"), ["No string satisfies 'a'."]),
        (string("^a$", min_length=2), ["No string satisfies 'a'."]),
        (string(min_length=2, max_length=1), ["No string satisfies 'a'."]),
        (string(values=["a"], min_length=2), ["No string satisfies 'a'."]),
        (string(values=["a", "bb"], min_length=2), []),
        (string(values=[]), ["No string satisfies 'a'."]),
        (string("^.$"), []),
        (string(min_length=HUGE), []),
    ],
)
def test_unsatisfiable_attribute_is_reported(node: SchemaNode, expected: list[str]) -> None:
    """At any depth of the tree."""
    tree = SchemaNode(OBJECT, HERE, HERE, REQUIRED, SINGLE, {"a": node})
    assert [finding.message for finding in find_unsatisfiable(tree, [], Budget())] == expected


def find_problems(expression: str) -> list[Finding]:
    """Return the findings about a pattern of a JSON Schema."""
    return list(check_pattern(expression, "json", HERE, [], Budget()))


def test_problem_of_a_pattern_is_located() -> None:
    """By the character, counted from 1."""
    assert [
        (finding.kind.code, finding.message.split(":")[0]) for finding in check_pattern("a.b", "json", HERE, [], Budget())
    ] == [("L105", "Pattern 'a.b', character 2")]
    assert [(finding.kind.code, finding.message) for finding in find_problems("^(a+)+$")] == [
        ("L106", "Pattern '^(a+)+$', character 6: inside this quantifier a string can match in several ways.")
    ]
    assert list(find_problems("^([ab]{3})+$")) == []
