"""Attributes of two versions of a schema: added, removed, required, of another form."""

from typing import Any

import pytest

from tests.lint.artefacts import make_element, make_object_type, make_schema, make_xsd
from validator.body.pattern import Dialect
from validator.lint.changes.change import group_by_definition
from validator.lint.changes.schemas import SchemaComparison
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema_tree, xsd_tree
from validator.lint.schemas.schema_tree import SchemaNode
from validator.lint.source import read_xml

STRING = {"type": "string"}
TWO_WORDS: dict[str, Any] = {"x.y": STRING}


def read_members(required: str = "", **members: Any) -> SchemaNode:
    """Return the tree of an object with some members. required: names with spaces."""
    return json_schema_tree.read_tree(make_schema(type="object", properties=members, required=required.split()))


def read_xsd(*elements: str, group: str = "all") -> SchemaNode:
    """Return the tree of an XSD with some elements in the root."""
    read = xsd_tree.read_tree(read_xml("x.xsd", make_xsd(make_element(make_object_type(*elements, group=group), name="a"))))
    assert read is not None
    return read[1]


def compare(old: SchemaNode, new: SchemaNode, dialect: Dialect = "json") -> list[str]:
    """Return the code and message of each change."""
    changes = group_by_definition(SchemaComparison(dialect, Budget()).compare(old, new))
    return [f"{change.kind.code} {change.message}" for change in changes]


OBJECT = {"type": "object", "properties": {"b": STRING}, "required": ["b"]}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (read_members(a=STRING), read_members(a=STRING), []),
        (
            read_members(a=STRING),
            read_members(a=STRING, b=STRING),
            ["L651 Compatible: attribute 'b' was added, and is optional."],
        ),
        (read_members(), read_members("b", b=STRING), ["L602 Breaking: attribute 'b' was added, and is required."]),
        (read_members(), read_members(a=OBJECT), ["L651 Compatible: attribute 'a' was added, and is optional."]),
        (read_members(a=OBJECT), read_members(), ["L601 Breaking: attribute 'a' was removed."]),
        (
            read_members(a=OBJECT),
            read_members(a=OBJECT | {"required": []}),
            ["L652 Compatible: attribute 'a.b' is optional; it was required."],
        ),
        (
            read_members(a=STRING, **TWO_WORDS),
            read_members(),
            ["L601 Breaking: attribute 'a' was removed.", "L601 Breaking: attribute '[\"x.y\"]' was removed."],
        ),
        (
            read_members(a=STRING),
            read_members(a=OBJECT),
            ["L603 Breaking: attribute 'a' is of type object; it was of type string."],
        ),
        (
            read_members(a=STRING),
            read_members(a={"type": "array", "items": STRING}),
            ["L603 Breaking: attribute 'a' is a list; it was a single value."],
        ),
        (
            read_members(a={"type": "array", "items": STRING}),
            read_members(a={"type": "array", "maxItems": 3, "items": STRING}),
            ["L691 Not decided: attribute 'a' is a list of at most 3; it was a list."],
        ),
        (
            read_members(a={"type": "array", "items": OBJECT}),
            read_members(a={"type": "array", "items": OBJECT | {"properties": {"b": STRING, "c": STRING}}}),
            ["L651 Compatible: attribute 'a.c' was added, and is optional."],
        ),
        (
            read_members(a={}),
            read_members(a=STRING),
            ["L691 Not decided: attribute 'a' is not compared, because its type is unknown."],
        ),
    ],
)
def test_json_schemas_are_compared(old: SchemaNode, new: SchemaNode, expected: list[str]) -> None:
    """Attribute by attribute; of one that was added or removed only itself is reported."""
    assert compare(old, new) == expected


def element(name: str, **attributes: str) -> str:
    """Return an element of strings."""
    return make_element(name=name, type="xs:string", **attributes)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (read_xsd(element("b")), read_xsd(element("b")), []),
        (
            read_xsd(element("b"), group="sequence"),
            read_xsd(element("b", maxOccurs="unbounded"), group="sequence"),
            ["L653 Compatible: attribute 'b' is a list; it was a single value."],
        ),
        (
            read_xsd(element("b", maxOccurs="unbounded"), group="sequence"),
            read_xsd(element("b"), group="sequence"),
            ["L603 Breaking: attribute 'b' is a single value; it was a list."],
        ),
        (
            read_xsd(element("b", minOccurs="1", maxOccurs="unbounded"), group="sequence"),
            read_xsd(element("b", minOccurs="2", maxOccurs="unbounded"), group="sequence"),
            ["L691 Not decided: attribute 'b' is required at least 2 times; it was required."],
        ),
        (
            read_xsd(element("b"), element("c")),
            read_xsd(element("b"), element("c"), group="sequence"),
            ["L603 Breaking: attribute 'body' has a fixed order of elements; it had a free one."],
        ),
        (
            read_xsd(element("b"), element("c"), group="sequence"),
            read_xsd(element("b"), element("c")),
            ["L653 Compatible: attribute 'body' has a free order of elements; it had a fixed one."],
        ),
        (
            read_xsd(element("b"), element("c"), group="sequence"),
            read_xsd(element("c"), element("b"), group="sequence"),
            ["L603 Breaking: attribute 'body' has its elements in another fixed order."],
        ),
        (
            read_xsd(element("b"), element("c"), group="sequence"),
            read_xsd(element("b"), element("d", minOccurs="0"), element("c"), group="sequence"),
            ["L651 Compatible: attribute 'd' was added, and is optional."],
        ),
    ],
)
def test_xsds_are_compared(old: SchemaNode, new: SchemaNode, expected: list[str]) -> None:
    """In XML one element is a list of one, and elements may have an order."""
    assert compare(old, new, "xsd") == expected


def test_attributes_that_share_a_definition_are_one_change() -> None:
    """Unless they are removed from one object."""

    def read(pattern: str, *names: str) -> SchemaNode:
        line = {"type": "string", "pattern": pattern}
        inner = {"type": "object", "properties": dict.fromkeys(names, STRING)}
        references = {name: {"$ref": "#/$defs/Line"} for name in ("a", "b", "c")} | {
            name: {"$ref": "#/$defs/Inner"} for name in ("x", "y")
        }
        return json_schema_tree.read_tree(
            make_schema(type="object", properties=references, **{"$defs": {"Line": line, "Inner": inner}})
        )

    end = "with this definition."
    assert compare(read("^[a-z]$", "d", "e"), read("^[a-y]$")) == [
        f"L604 Breaking: attribute 'a' no longer accepts strings such as 'z'. The same applies to 2 more attributes {end}",
        f"L601 Breaking: attribute 'x.d' was removed. The same applies to 1 more attribute {end}",
        f"L601 Breaking: attribute 'x.e' was removed. The same applies to 1 more attribute {end}",
    ]
