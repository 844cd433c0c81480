"""JSON Schema compared with XSD: each difference as a message, and near misses."""

from typing import Any

import pytest

from tests.lint.artefacts import ANNOTATIONS, make_element, make_object_type, make_schema, make_string_type, make_xsd, summarize
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema_tree, xsd_tree
from validator.lint.schemas.comparison import find_differences
from validator.lint.source import read_xml

TEXT = ANNOTATIONS | {"type": "string"}
UNKNOWN = [("undecided", "L2: 'a' is not compared, because one of the schemas does not give its type")]
BOOL = ANNOTATIONS | {"type": "boolean"}
FOUR = [("enumeration", value) for value in ("true", "false", "1", "0")]


def compare(members: dict[str, Any], *inside: str, **more: Any) -> list[tuple[str, str]]:
    """Return how an object of a JSON Schema differs from one of an XSD, with what is undecided."""
    source = make_schema(type="object", additionalProperties=False, properties=members, **more)
    root = xsd_tree.read_tree(read_xml("x.xsd", make_xsd(make_element(make_object_type(*inside), name="root"))))
    assert root is not None
    assert root[0] == "root"
    undecided: list[str] = []
    findings = find_differences(json_schema_tree.read_tree(source), root[1], undecided, Budget())
    return [*summarize(findings), *[("undecided", reason) for reason in undecided]]


@pytest.mark.parametrize(
    ("members", "inside", "expected"),
    [
        ({"a": TEXT}, [make_element(name="a", type="xs:string", minOccurs="0")], []),
        (
            {"a": TEXT},
            [make_element(name="a", type="xs:string", minOccurs="2")],
            [("L203", "Attribute 'a' is optional in JSON Schema and required at least 2 times in XSD.")],
        ),
        (
            {"a": ANNOTATIONS | {"type": "array", "items": TEXT}},
            [make_element(name="a", type="xs:string", minOccurs="0", maxOccurs="5")],
            [("L204", "Attribute 'a' is a list in JSON Schema and a list of at most 5 in XSD.")],
        ),
        (
            {"a": ANNOTATIONS | {"type": "array", "items": TEXT}},
            [make_element(name="a", type="xs:string", minOccurs="0", maxOccurs="unbounded")],
            [],
        ),
        (
            {"a": TEXT | {"enum": ["x"]}},
            [make_element(name="a", type="xs:string", minOccurs="0")],
            [("L206", "Attribute 'a' lists 'x' in JSON Schema only and no values in XSD.")],
        ),
        (
            {"a": TEXT},
            [make_element(make_string_type(("enumeration", "x"), ("enumeration", "y")), name="a", minOccurs="0")],
            [("L206", "Attribute 'a' lists 'x', 'y' in XSD only and no values in JSON Schema.")],
        ),
        (
            {"a": TEXT | {"enum": ["x", "y"]}},
            [make_element(make_string_type(("enumeration", "y"), ("enumeration", "x")), name="a", minOccurs="0")],
            [],
        ),
        (
            {"a": TEXT | {"maxLength": 3}},
            [make_element(make_string_type(("length", "3")), name="a", minOccurs="0")],
            [("L208", "Attribute 'a' can be '', which JSON Schema allows and XSD rejects.")],
        ),
        ({"a": TEXT | {"maxLength": 3}}, [make_element(make_string_type(("maxLength", "3")), name="a", minOccurs="0")], []),
        # A pattern that is not portable, and a reference that does not resolve, have their own findings.
        ({"a": TEXT | {"pattern": "^.$"}}, [make_element(name="a", type="xs:string", minOccurs="0")], []),
        (
            {"a": TEXT | {"pattern": "^(?:ab|c)$"}},
            [make_element(make_string_type(("pattern", "c"), ("pattern", "ab")), name="a", minOccurs="0")],
            [],
        ),
        ({"a": BOOL}, [make_element(make_string_type(*FOUR), name="a", minOccurs="0")], []),
        (
            {"a": TEXT | {"enum": ["0", "1", "false", "true"]}},
            [make_element(make_string_type(*FOUR), name="a", minOccurs="0")],
            [],
        ),
        (
            {"a": BOOL},
            [make_element(make_string_type(*FOUR, ("pattern", "true|1")), name="a", minOccurs="0")],
            [("L202", "Attribute 'a' is of type 'boolean' in JSON Schema and 'string' in XSD.")],
        ),
        (
            {"a": TEXT},
            [make_element(name="a", type="xs:string", minOccurs="0", maxOccurs="0")],
            [("L204", "Attribute 'a' is a single value in JSON Schema and prohibited in XSD.")],
        ),
        ({"a": TEXT}, [make_element(make_string_type(("maxLength", "many")), name="a", minOccurs="0")], []),  # does not compile
        ({"a": ANNOTATIONS | {"type": "xs:int"}}, [make_element(name="a", type="xs:int", minOccurs="0")], []),  # the same name
        ({"a": TEXT | {"maxLength": 5}}, [make_element(make_string_type(("maxLength", " +5 ")), name="a", minOccurs="0")], []),
        (
            {"a": TEXT | {"pattern": "^[a-z]{1,90000}$"}},
            [make_element(make_string_type(("pattern", "[a-z]{1,90000}")), name="a", minOccurs="0")],
            [("undecided", "L207: 'a' is compared on samples only, because its patterns are too large")],
        ),
        ({"a": {"$ref": "#/$defs/none"} | ANNOTATIONS}, [make_element(name="a", type="xs:string", minOccurs="0")], UNKNOWN),
        (
            {"a": TEXT},
            [make_element(name="a", type="xs:anyURI", minOccurs="0")],
            [("L202", "Attribute 'a' is of type 'string' in JSON Schema and 'xs:anyURI' in XSD.")],
        ),
        ({"a": TEXT}, [make_element(name="a", minOccurs="0")], UNKNOWN),
    ],
)
def test_difference_is_reported(members: dict[str, Any], inside: list[str], expected: list[tuple[str, str]]) -> None:
    """Each by its message; near misses are not reported."""
    assert compare(members, *inside) == expected
