"""Shapes compiled from schemas, and the failures of trees that do not have them."""

import json
import re
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest

from validator.body import json_fast
from validator.body.explain import find_failures
from validator.body.shape import KEYWORD_CODES, SchemaError, Shape, attribute_path, compile_pattern, compile_shape
from validator.body.tree import RepeatedMembers, build_element_tree
from validator.model import common_codes
from validator.model.report import Failure
from validator.model.request import JSON
from validator.operation.loader import EngineName, load_operation

TEXT: Final = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\uFFFE\\uFFFF]*$"
SCHEMA: Final[dict[str, Any]] = {
    "$defs": {"ID": {"type": "string", "description": "an ID", "pattern": "^[1-9][0-9]*$"}},
    "type": "object",
    "additionalProperties": False,
    "required": ["kind", "list"],
    "properties": {
        "kind": {"type": "string", "enum": ["a", "b"]},
        "id": {"$ref": "#/$defs/ID", "description": "a description next to a reference is for readers"},
        "name": {"type": "string", "description": "some text", "minLength": 2},
        "flag": {"type": "boolean"},
        "list": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"entry": {"type": "array", "items": {"$ref": "#/$defs/ID"}}},
        },
    },
}
SHAPE: Final = compile_shape(SCHEMA)
SOUND: Final = {"kind": "a", "id": "1", "name": "xy", "flag": False, "list": {"entry": ["1", "10"]}}


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("", ()),
        ("/", ("",)),
        ("/kind", ("kind",)),
        ("/list/entry/0", ("list", "entry")),
        ("/list/entry", ("list", "entry")),
        ("/list/0", ("list", "0")),
        ("/0", ("0",)),
        ("/\u0663/1", ("\u0663", "1")),
        ("/kind/0/~1~0", ("kind", "0", "/~")),
        ("/list/entry/0/1", ("list", "entry", "1")),
    ],
)
def test_indices_of_a_pointer_are_those_of_lists(pointer: str, path: tuple[str, ...]) -> None:
    """A member may have a name of digits: what a step means depends on the shape."""
    assert attribute_path(SHAPE, pointer) == path


def test_schema_is_compiled_to_a_shape() -> None:
    """The shape holds the values of all keywords, with references resolved."""
    shape_of_id = Shape("string", pattern="^[1-9][0-9]*$", expected="an ID")
    assert (
        Shape(
            "object",
            {
                "kind": Shape("string", values=("a", "b")),
                "id": shape_of_id,
                "name": Shape("string", min_length=2, expected="some text"),
                "flag": Shape("boolean"),
                "list": Shape("object", {"entry": Shape("array", items=shape_of_id)}),
            },
            ("kind", "list"),
        )
        == SHAPE
    )
    assert (SHAPE.list_name, SHAPE.members["list"].list_name) == (None, "entry")
    assert SHAPE.members["list"].members["entry"].entry == shape_of_id


def test_every_keyword_has_a_code_of_structure() -> None:
    """A keyword without a code is not supported."""
    assert set(KEYWORD_CODES.values()) <= {code.code for code in common_codes.CODES}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"name": "\U0001f600\U0001f600"}, []),  # characters count, not bytes
        ({"list": {}}, []),
        ({"list": {"entry": []}}, []),
        ({"kind": "c"}, [common_codes.VALUE_NOT_EXPECTED.at(("kind",), expected=("a", "b"))]),
        ({"kind": None}, [common_codes.TYPE_WRONG.at(("kind",), expected="text")]),
        ({"id": "1\n"}, [common_codes.VALUE_INVALID.at(("id",), expected="an ID")]),
        ({"id": 1}, [common_codes.TYPE_WRONG.at(("id",), expected="text")]),
        ({"name": "x"}, [common_codes.VALUE_INVALID.at(("name",), expected="some text")]),
        ({"flag": 0}, [common_codes.TYPE_WRONG.at(("flag",), expected="a boolean")]),
        ({"flag": "true"}, [common_codes.TYPE_WRONG.at(("flag",), expected="a boolean")]),
        ({"list": ["1"]}, [common_codes.TYPE_WRONG.at(("list",), expected="an object")]),
        ({"list": {"entry": "1"}}, [common_codes.TYPE_WRONG.at(("list", "entry"), expected="a list")]),
        (
            {"list": {"entry": ["1", "0", ["1"]]}},
            [
                common_codes.VALUE_INVALID.at(("list", "entry", 1), expected="an ID"),
                common_codes.TYPE_WRONG.at(("list", "entry", 2), expected="text"),
            ],
        ),
        ({"Kind": {"kind": 1}}, [common_codes.ATTRIBUTE_UNKNOWN.at(("Kind",))]),
    ],
)
def test_each_failure_is_reported_once(changes: dict[str, Any], expected: list[Failure]) -> None:
    """With its code, path and parameters. A value has at most one."""
    assert find_failures(SHAPE, SOUND | changes, 100) == expected


def test_failures_are_in_document_order() -> None:
    """Missing members come before those inside, a repeated member at its second occurrence."""
    inside = RepeatedMembers([("entry", []), ("x", 1), ("entry", 1)])
    tree = RepeatedMembers([("id", "0"), ("list", inside), ("y", 1), ("id", "1"), ("flag", 1), ("y", 2), ("flag", 3)])
    assert find_failures(SHAPE, tree, 100) == [
        common_codes.ATTRIBUTE_MISSING.at(("kind",)),
        common_codes.VALUE_INVALID.at(("id",), expected="an ID"),
        common_codes.ATTRIBUTE_UNKNOWN.at(("list", "x")),
        common_codes.ATTRIBUTE_REPEATED.at(("list", "entry")),
        common_codes.ATTRIBUTE_UNKNOWN.at(("y",)),
        common_codes.ATTRIBUTE_REPEATED.at(("id",)),
        common_codes.TYPE_WRONG.at(("flag",), expected="a boolean"),
        common_codes.ATTRIBUTE_REPEATED.at(("y",)),
        common_codes.ATTRIBUTE_REPEATED.at(("flag",)),
    ]


@pytest.mark.parametrize(("count", "reported"), [(4, 4), (5, 5), (6, 6), (7, 6), (1000, 6)])
def test_one_failure_more_than_the_limit_is_returned(count: int, reported: int) -> None:
    """In objects and in lists. The last one means that there are more than the limit."""
    assert len(find_failures(SHAPE, SOUND | {f"x{number}": 0 for number in range(count)}, 5)) == reported
    assert len(find_failures(SHAPE, SOUND | {"list": {"entry": ["0"] * count}}, 5)) == reported


def test_end_of_a_pattern_is_the_very_end() -> None:
    """Not before a last line end, as in Python. A pattern without an anchor is not changed."""
    assert compile_pattern("^a$").search("a")
    assert compile_pattern("^a$").search("a\n") is None
    assert compile_pattern("^a").search("ab\n")
    assert compile_pattern(r"^a\$").search("a$b")  # an escaped sign is no anchor
    assert compile_pattern(r"^a\\$").search("a\\b") is None


def test_tree_becomes_elements() -> None:
    """A member is an element, and the entries of a list are elements of the list's name."""
    assert ET.tostring(build_element_tree(ET, "root", SHAPE, SOUND | {"flag": True}), encoding="unicode") == (
        "<root><kind>a</kind><id>1</id><name>xy</name><flag>true</flag><list><entry>1</entry><entry>10</entry></list></root>"
    )
    assert (
        ET.tostring(build_element_tree(ET, "root", SHAPE, {"flag": False}), encoding="unicode")
        == "<root><flag>false</flag></root>"
    )


def test_message_names_attribute_and_expectation() -> None:
    """The attribute by its dotted path."""
    tree = json.loads('{"type": {"value": 1, "subtype": {"value": "x"}}, "attachments": {"attachment": [{"altId": ""}]}}')
    rest = "without LF, CR, U+0085, U+2028 or U+2029, of characters that XML 1.0 can carry."
    of_alt_id = "Attribute 'attachments.attachment[0].altId' has an invalid value"
    assert [failure.message for failure in find_failures(load_operation("create-email-response").shape, tree, 100)] == [
        "Attribute 'type.value' must be text.",
        "Attribute 'type.subtype.value' must be one of: 'general'.",
        f"{of_alt_id}; expected: one line of text that is not empty, {rest}",
    ]


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"type": "string", "format": "email"},
            f"#: keyword 'format' has no code; use only {', '.join(KEYWORD_CODES)}",
        ),
        ({"$ref": "#/$defs/A"}, "#: $ref '#/$defs/A' does not resolve into $defs"),
        ({"type": "number"}, "#: the type must be one of object, array, string, boolean"),
        ({"type": ["string"]}, "#: the type must be one of object, array, string, boolean"),
        ({"type": "object"}, "#: an object must have additionalProperties false"),
        ({"type": "array"}, "#: an array must have items"),
        (
            {"type": "array", "items": {"type": "array", "items": {}}},
            "#: the items of an array must not be arrays: XML cannot express a list of lists",
        ),
        ({"type": "boolean", "enum": ["a"]}, "#: keyword 'enum' does not apply to type 'boolean'"),
        ({"type": "string", "enum": []}, "#: enum must list at least one value"),
        ({"type": "string", "enum": ["a", 1]}, "#: enum values must be strings, got 1"),
        ({"type": "array", "items": True}, "#/items: a schema must be an object"),
        (
            {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "array", "items": {}}}},
            "#/properties/a/items: the type must be one of object, array, string, boolean",
        ),
    ],
)
def test_unsupported_schema_is_rejected(schema: dict[str, Any], message: str) -> None:
    """The message names the place in the schema and the keyword."""
    with pytest.raises(SchemaError, match=re.escape(message)):
        compile_shape(schema)


def test_optimized_pattern_rejects_the_same_characters() -> None:
    """For every character of the Basic Multilingual Plane."""
    optimized = json_fast._optimize({"$defs": [{"pattern": TEXT}, {"pattern": "^[a]$"}]}, frozenset())
    (first, second) = optimized["$defs"]
    assert second == {"pattern": "^[a]$"}
    excluded = [re.compile(pattern["pattern"]) for pattern in first["not"]["anyOf"]]
    original = compile_pattern(TEXT)
    for character in map(chr, range(0x10000)):
        assert any(pattern.search(character) for pattern in excluded) != bool(original.search(character))


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_leaf_has_one_failure(engine: EngineName) -> None:
    """A value of the wrong type is not also reported as unexpected. An empty one is reported once."""
    body = b'{"type": {"value": 5, "subtype": {"value": "general"}}, "issueType": {"id": ""}, '
    body += b'"attachments": {"attachment": [{"altId": ""}]}}'
    failures = load_operation("create-email-response", engine).readers[JSON]()(body, 100).failures
    assert [(failure.code, failure.pointer) for failure in failures] == [
        ("400-722", "/type/value"),
        ("400-152", "/issueType/id"),
        ("400-152", "/attachments/attachment/0/altId"),
    ]
