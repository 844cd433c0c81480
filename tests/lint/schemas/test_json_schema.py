"""Checks of a JSON Schema by itself, and the tree that it describes."""

from typing import Any

import pytest

from tests.lint.artefacts import ANNOTATIONS, make_schema, summarize
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema, json_schema_tree
from validator.model.report import Failure

TEXT = ANNOTATIONS | {"type": "string"}


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({"type": "string"}, []),
        ({"type": "array"}, [("L116", "An array must have items.")]),
        ({"type": ["string"]}, [("L116", "The type must be one of object, array, string, boolean.")]),
        ({}, [("L116", "The type must be one of object, array, string, boolean.")]),
        ({"type": "string", "anyOf": [ANNOTATIONS | {"type": "string"}]}, [("L301", "No code exists for keyword 'anyOf'.")]),
        ({"$ref": "#"}, []),
        (
            {"type": "array", "items": TEXT | {"$id": "urn:x"}},
            [("L116", "An $id below the root changes what references resolve to.")],
        ),
        ({"type": "object"}, [("L108", "An object must have additionalProperties false.")]),
        (
            {"type": "string", "additionalProperties": False},
            [("L116", "Keyword 'additionalProperties' does not apply to type 'string'.")],
        ),
        ({"type": "boolean", "enum": ["true"]}, [("L116", "Keyword 'enum' does not apply to type 'boolean'.")]),
        ({"type": "string", "enum": []}, [("L116", "Enum must list at least one value.")]),
        ({"type": "string", "enum": ["1", 1]}, [("L116", "Enum values must be strings, got 1.")]),
        (
            {"type": "string", "properties": {"a": True}},
            [
                ("L116", "A schema must be an object here, not true or false."),
                ("L116", "Keyword 'properties' does not apply to type 'string'."),
            ],
        ),
        (
            {"type": "array", "items": True},
            [("L116", "A schema must be an object here, not true or false.")],
        ),
        (
            {"type": "array", "items": ANNOTATIONS | {"type": "array", "items": TEXT}},
            [
                ("L116", "The items of an array must not be arrays: XML cannot express a list of lists."),
            ],
        ),
    ],
)
def test_unsupported_schema_is_reported(keywords: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Each problem is one finding."""
    assert summarize(json_schema.check_supported(make_schema(**keywords))) == expected


def test_reference_in_a_definition_is_reported() -> None:
    """A circular reference is followed once."""
    source = make_schema(
        **{
            "type": "object",
            "properties": {"n": {"$ref": "#/$defs/N"}},
            "$defs": {"N": ANNOTATIONS | {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}}},
        }
    )
    assert ("L104", "A definition must not contain a $ref.") in summarize(json_schema.check_standalone(source, [], Budget()))
    assert json_schema_tree.read_tree(source).members["n"].members["n"].kind == ""


def test_examples_of_a_schema_with_an_invalid_identifier_are_not_validated() -> None:
    """The identifier is the finding; a registry could not hold the schema."""
    findings = json_schema.check_standalone(make_schema(**{"type": "string", "$id": 5, "examples": [1]}), [], Budget())
    assert summarize(findings) == [("L102", "Invalid JSON Schema: 5 is not of type 'string'.")]


def test_every_nested_schema_is_checked() -> None:
    """Including those under keywords that no operation may use."""
    inside = {"allOf": [{"maxlength": 1}], "not": {"Type": 1}, "patternProperties": {"a": {"Enum": []}}, "items": True}
    assert [
        message
        for code, message in summarize(json_schema.check_standalone(make_schema(**inside), [], Budget()))
        if code == "L103"
    ] == [
        "JSON Schema has no keyword 'maxlength'.",
        "JSON Schema has no keyword 'Type'.",
        "JSON Schema has no keyword 'Enum'.",
    ]


@pytest.mark.parametrize(
    ("code", "pointer", "text"),
    [
        ("400-720", "/a", '"required"'),
        ("400-721", "/z", '"additionalProperties"'),
        ("400-196", "/a", '"enum"'),
        ("400-152", "/l/0", '"pattern"'),
        ("400-724", "/a", '"a"'),
    ],
)
def test_keyword_of_a_failure_is_located(code: str, pointer: str, text: str) -> None:
    """Through references and lists; the member itself if the failure is not from a keyword."""
    source = make_schema(
        type="object",
        required=["a"],
        additionalProperties=False,
        properties={"a": TEXT | {"enum": ["x"]}, "l": ANNOTATIONS | {"type": "array", "items": {"$ref": "#/$defs/I"}}},
        **{"$defs": {"I": TEXT | {"pattern": "^a$"}}},
    )
    location = json_schema_tree.locate_keyword(source, Failure(code, "n", "m", "body", pointer))
    (line, start), (_, end) = location.region
    assert (line, source.text[start - 1 : end - 1]) == (1, text)
