"""Strings that an attribute accepts, before and now: enumerations, patterns and lengths."""

from typing import Any

import pytest

from tests.lint.artefacts import make_element, make_schema, make_string_type, make_xsd
from validator.body.pattern import Dialect
from validator.lint.changes.values import compare_values
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema_tree, xsd_tree
from validator.lint.schemas.schema_tree import SchemaNode
from validator.lint.source import read_xml
from validator.output.finding import Finding

LARGE = "^([a-z]{0,60}[a-z0-9]{0,60}){0,15}$"


def read(**keywords: Any) -> SchemaNode:
    """Return the node of a string in JSON Schema."""
    return json_schema_tree.read_tree(make_schema(type="string", **keywords))


def read_xsd(*facets: tuple[str, str]) -> SchemaNode:
    """Return the node of a string in an XSD."""
    tree = xsd_tree.read_tree(read_xml("x.xsd", make_xsd(make_element(make_string_type(*facets), name="a"))))
    assert tree is not None
    return tree[1]


def find(old: SchemaNode, new: SchemaNode, dialect: Dialect = "json") -> list[Finding]:
    """Return the changes."""
    return list(compare_values(old, new, "a", dialect, Budget()))


def compare(old: SchemaNode, new: SchemaNode, dialect: Dialect = "json") -> list[str]:
    """Return the code of each change, and what of its message differs."""
    verbs = {"L604": "no longer accepts ", "L653": "now accepts ", "L691": "'a' "}
    return [f"{one.kind.code} {one.message.partition(verbs[one.kind.code])[2]}" for one in find(old, new, dialect)]


UNDECIDED = "L691 has another pattern, and the two are too large to compare or are not portable."


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (read(enum=["a", "b"]), read(enum=["b", "a"]), []),
        (read(enum=["a", "b", "c"]), read(enum=["c"]), ["L604 'a', 'b'."]),
        (read(enum=["a"]), read(enum=["a", "b", "c"]), ["L653 'b', 'c'."]),
        (read(enum=["a"]), read(enum=["b"]), ["L604 'a'.", "L653 'b'."]),
        (read(enum=["a"]), read(), ["L653 strings such as ''."]),
        (read(), read(enum=["a"]), ["L604 strings such as ''."]),
        (read(enum=["a", "1"]), read(pattern="^[a-z]+$"), ["L604 '1'.", "L653 strings such as 'b'."]),
        (read(pattern="^[ab]$"), read(enum=["a", "b"]), []),
        (read(pattern="^[ab]$"), read(enum=["a", "b", "c"]), ["L653 'c'."]),
        (read(enum=["a", "bb"], minLength=2), read(enum=["a", "bb"]), ["L653 'a'."]),
        (read(pattern="^[0-9]+$"), read(pattern="^[0-9]+$", minLength=1), []),
        (read(pattern="^[0-9]{1,3}$"), read(pattern="^[0-9]{1,2}$"), ["L604 strings such as '000'."]),
        (read(pattern="^[0-9]{1,2}$"), read(pattern="^[0-9]{1,3}$"), ["L653 strings such as '000'."]),
        (read(pattern="^a[0-9]$"), read(pattern="^b[0-9]$"), ["L604 strings such as 'a0'.", "L653 strings such as 'b0'."]),
        (read(minLength=1), read(minLength=2), ["L604 strings such as 'a'."]),
        (read(minLength=2), read(minLength=0), ["L653 strings such as ''."]),
        (read(minLength=1), read(pattern="^[^\\n]+$"), ["L604 strings such as '\\n'."]),
        # Too large to compare as languages: samples may decide, and lengths alone always do.
        (
            read(maxLength=100_000),
            read(maxLength=90_000),
            ["L604 strings such as 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'... (99999 characters)."],
        ),
        (read(maxLength=90_000), read(maxLength=90_000, minLength=0), []),
        (read(pattern=LARGE), read(pattern=LARGE + "|^$"), [UNDECIDED]),
        (read(pattern=LARGE, minLength=2), read(pattern=LARGE, minLength=1), ["L653 strings such as '0'."]),
        (read(pattern=LARGE, minLength=1), read(pattern=LARGE, minLength=2), ["L604 strings such as '0'."]),
        (read(pattern=LARGE, minLength=1, maxLength=9), read(pattern=LARGE, maxLength=9), ["L653 strings such as ''."]),
        (read(pattern=LARGE, maxLength=9000), read(pattern=LARGE), []),
        (read(pattern=LARGE), read(pattern=LARGE, maxLength=9000), [UNDECIDED]),
        (read(pattern=LARGE), read(enum=["a"]), ["L604 strings such as ''."]),
        (read(pattern="(?=a)"), read(pattern="^a$"), [UNDECIDED]),
    ],
)
def test_json_schemas_are_compared(old: SchemaNode, new: SchemaNode, expected: list[str]) -> None:
    """In both directions, as languages."""
    assert compare(old, new) == expected


def test_xsds_are_compared() -> None:
    """By their own dialect, where a pattern matches the whole string."""
    old = read_xsd(("pattern", "[a-z]{1,9}"))
    assert compare(old, read_xsd(("pattern", "[a-z]{1,9}"), ("maxLength", "5")), "xsd") == ["L604 strings such as 'aaaaaa'."]
    assert compare(old, read_xsd(("pattern", "[a-z]{1,9}"), ("pattern", "0")), "xsd") == ["L653 strings such as '0'."]
    enumeration = (("enumeration", "true"), ("enumeration", "1"))
    assert compare(read_xsd(*enumeration), read_xsd(*enumeration[:1]), "xsd") == ["L604 '1'."]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (read(enum=["a", "b"]), read(enum=["b"]), ['"b"']),
        (read(enum=["a"]), read(enum=["a", "b"]), ['"b"']),
        (read(minLength=1), read(minLength=2), ['"minLength"']),
        (read(), read(maxLength=2), ['"maxLength"']),
        (read(minLength=3, maxLength=3), read(minLength=2, maxLength=4), ['"minLength"']),
        (read(maxLength=3), read(maxLength=4), ['"maxLength"']),
        (read(pattern="^a$"), read(pattern="^a?$"), ['"^a?$"']),
        (read(pattern="^a$"), read(pattern="^b$"), ['"^b$"', '"^b$"']),
        (read(pattern="^a$"), read(), ["{"]),
        (read(minLength=1), read(), ["{"]),
        (read(enum=["a"]), read(), ["{"]),
    ],
)
def test_change_is_located_at_its_constraint(old: SchemaNode, new: SchemaNode, expected: list[str]) -> None:
    """In the current schema: at the value or keyword, at the schema where the constraint was removed."""
    texts = []
    for change in find(old, new):
        start, end = change.location.region
        line = change.location.line_text
        texts.append(line[start.column - 1 : end.column - 1] or line[start.column - 1])
    assert texts == expected


def test_equal_attributes_are_compared_once() -> None:
    """The budget remembers the result of a comparison that uses it up."""
    budget = Budget()
    old, new = read(pattern=LARGE), read(pattern=f"{LARGE}|^$")
    first = list(compare_values(old, new, "a", "json", budget))
    budget.spend = None  # type: ignore[assignment,method-assign]
    assert list(compare_values(old, new, "a", "json", budget)) == first
