"""Numbers in descriptions against the lengths that a schema allows."""

from typing import Any

import pytest

from tests.lint.artefacts import ANNOTATIONS, make_element, make_object_type, make_schema, make_xsd, summarize
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema_tree, xsd_tree
from validator.lint.schemas.lengths import check_descriptions
from validator.lint.source import read_xml

ID = {"pattern": "^[1-9][0-9]{0,18}$"}
UP_TO_9 = {"minLength": 1, "maxLength": 9}


def check(description: str, **keywords: Any) -> list[tuple[str, str]]:
    """Return what contradicts the description of an attribute."""
    text = {"title": "T", "description": description, "type": "string", **keywords}
    schema = make_schema(type="object", additionalProperties=False, properties={"a": text})
    return summarize(check_descriptions(json_schema_tree.read_tree(schema), "json", Budget()))


@pytest.mark.parametrize(
    ("description", "keywords"),
    [
        ("an ID: 1 to 19 digits without a leading zero", ID),
        ("at most 19 digits", ID),
        ("at least 1 digit, up to 19 digits", ID),
        ("19 digits", ID),
        ("1-9 characters", UP_TO_9),
        ("1 \N{EN DASH} 9 ASCII letters", UP_TO_9),
        ("3 digits, a hyphen and 2 digits", {"pattern": "^[0-9]{3}-[0-9]{2}$"}),
        ("the first 3 digits are the status; the last 3 digits are a number", {"pattern": "^[0-9]{3}-[0-9]{4}$"}),
        ("at most 99 octets", UP_TO_9),
        ("text of XML 1.0 characters, U+0085 character", UP_TO_9),
        ("4 letters", {"enum": ["good", "poor", "excellent"]}),
        ("5 letters", {"enum": []}),
        ("5 digits", {"pattern": "^\\d$"}),
        ("5 digits", {"minLength": 2, "maxLength": 1}),
        ("text", {}),
    ],
)
def test_right_number_is_not_reported(description: str, keywords: dict[str, Any]) -> None:
    """Nor one that is not a number of characters, or of a string that is not decided."""
    assert check(description, **keywords) == []


@pytest.mark.parametrize(
    ("description", "keywords", "count", "allowed"),
    [
        ("an ID: 1 to 18 digits", ID, "1 to 18 digits", "1 to 19"),
        ("an ID: 2 to 19 digits", ID, "2 to 19 digits", "1 to 19"),
        ("At most 18 digits", ID, "At most 18 digits", "1 to 19"),
        ("at least 2 digits", ID, "at least 2 digits", "at least 1"),
        ("18 digits", ID, "18 digits", "1 to 19"),
        ("up to 255 characters", {}, "up to 255 characters", "0 or more"),
        ("3 digits", {"pattern": "^[0-9]{4}$"}, "3 digits", "4 to 4"),
        ("5 letters", {"enum": ["good", "excellent"]}, "5 letters", "4 to 9"),
    ],
)
def test_wrong_number_is_reported(description: str, keywords: dict[str, Any], count: str, allowed: str) -> None:
    """With the numbers that the schema allows."""
    message = f"The description of 'a' says {count!r}; the schema allows {allowed}."
    assert check(description, **keywords) == [("L119", message)]


def test_description_of_a_definition_is_reported_once() -> None:
    """Although two attributes use it."""
    text = {"title": "T", "description": "2 digits", "type": "string", "pattern": "^[0-9]$"}
    members = {name: {"$ref": "#/$defs/Digit", **ANNOTATIONS} for name in "ab"}
    schema = make_schema(type="object", additionalProperties=False, properties=members, **{"$defs": {"Digit": text}})
    (finding,) = check_descriptions(json_schema_tree.read_tree(schema), "json", Budget())
    assert finding.location == schema.value_at("/$defs/Digit/description")


def test_patterns_that_are_too_large_are_not_decided() -> None:
    """They have a line of their own."""
    schema = make_schema(type="string", pattern="^[0-9]{1,9}$").tree | {"description": "5 digits"}
    tree = json_schema_tree.read_tree(make_schema(**schema))
    assert list(check_descriptions(tree, "json", Budget(1))) == []
    assert [finding.kind.code for finding in check_descriptions(tree, "json", Budget())] == ["L119"]


def test_documentation_of_an_xsd_is_checked() -> None:
    """Of an element and of its type, with the facets of the XSD."""
    kind = (
        '<xs:simpleType name="ID"><xs:annotation><xs:documentation>3 digits</xs:documentation></xs:annotation>'
        '<xs:restriction base="xs:string"><xs:pattern value="[0-9]{1,2}"/></xs:restriction></xs:simpleType>'
    )
    xsd = make_xsd(kind + make_element(make_object_type(make_element(name="a", type="ID")), name="root"))
    root = xsd_tree.read_tree(read_xml("x.xsd", xsd))
    assert root is not None
    assert summarize(check_descriptions(root[1], "xsd", Budget())) == [
        ("L119", "The description of 'a' says '3 digits'; the schema allows 1 to 2.")
    ]


def test_attributes_of_one_kind_are_measured_once() -> None:
    """And reported each."""
    text = {"title": "T", "description": "18 digits", "type": "string", **ID}
    schema = make_schema(type="object", additionalProperties=False, properties={"a": text, "b": text})
    findings = summarize(check_descriptions(json_schema_tree.read_tree(schema), "json", Budget()))
    assert [code for code, _ in findings] == ["L119", "L119"]
