"""Shapes compiled from schemas, and the failures of trees that do not have them."""

import json
import pickle
import re
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest

from validator.body import json_fast, shape
from validator.body.effort import measure_pattern
from validator.body.explain import find_failures
from validator.body.shape import (
    KEYWORD_CODES,
    SchemaError,
    Shape,
    attribute_path,
    compile_pattern,
    compile_shape,
    find_type_errors,
)
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
PARTS: Final = json_fast.prepare_part_tests(SCHEMA, SHAPE)()
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


def test_indices_of_a_pointer_may_be_in_lists_of_lists() -> None:
    """A list of objects that hold lists."""
    entries = Shape("array", items=Shape("object", {"b": Shape("array", items=Shape("string"))}))
    assert attribute_path(Shape("object", {"a": entries}), "/a/0/b/1") == ("a", "b")


def test_schema_is_compiled_to_a_shape() -> None:
    """The shape holds the values of all keywords, with references resolved."""
    shape_of_id = Shape("string", pattern="^[1-9][0-9]*$", expected="an ID")
    assert compile_shape(SCHEMA) == Shape(
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
    assert find_failures(SHAPE, SOUND | changes, 100, PARTS) == expected  # which leaves out valid parts


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


FLAGS: Final = Shape("object", {name: Shape("boolean") for name in ("last", *map(str, range(9)))})


@pytest.mark.parametrize("last", [(), ("last",)])
@pytest.mark.parametrize(("count", "reported"), [(1, 1), (4, 4), (5, 5), (6, 6), (7, 6), (9, 6)])
def test_repeated_members_count_towards_the_limit(count: int, reported: int, last: tuple[str, ...]) -> None:
    """Where they are the last ones, and where others follow."""
    names = [*map(str, range(count))]
    tree = RepeatedMembers([(name, True) for name in (*names, *names, *last)])
    assert find_failures(FLAGS, tree, 5) == [common_codes.ATTRIBUTE_REPEATED.at((name,)) for name in names[:reported]]


def test_member_after_repeated_ones_is_one_more_than_the_limit() -> None:
    """It shows that there are more."""
    tree = RepeatedMembers([("1", True), ("1", True), ("2", 0), ("3", 0), ("last", True), ("1", False)])
    assert find_failures(FLAGS, tree, 1) == [
        common_codes.ATTRIBUTE_REPEATED.at(("1",)),
        common_codes.TYPE_WRONG.at(("2",), expected="a boolean"),
    ]


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
        ({"$defs": {"A": {"$ref": "#/$defs/A"}}}, "#/$defs/A: $ref '#/$defs/A' does not resolve into $defs"),
        (
            {"$defs": {"A": {"type": "string"}}, "title": "a", "type": "string", "pattern": "a", "$ref": "#/$defs/A"},
            "#: keyword 'pattern' is not allowed next to $ref",
        ),
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
    with pytest.raises(SchemaError) as caught:
        compile_shape(schema)
    assert (str(caught.value), f"{caught.value.place}: {caught.value.reason}") == (message, message)
    assert str(pickle.loads(pickle.dumps(caught.value))) == message


def test_annotations_and_definitions_may_be_next_to_a_reference() -> None:
    """They change nothing."""
    schema = {"$defs": {"A": {"type": "string", "minLength": 2}}, "title": "a", "$comment": "b", "$ref": "#/$defs/A"}
    assert compile_shape(schema) == Shape("string", min_length=2)


@pytest.mark.parametrize(
    ("schema", "errors"),
    [
        ({}, [("/type", "the type must be one of object, array, string, boolean")]),
        ({"type": "object", "additionalProperties": False, "required": [], "properties": {}}, []),
        ({"type": "array", "items": {"type": "object"}}, []),
        ({"type": "string", "enum": ["a"], "pattern": "a", "minLength": 0, "$defs": {}, "title": "a", "$id": "b"}, []),
        (
            {"type": "object", "minLength": 1, "items": {"type": "array"}},
            [
                ("/additionalProperties", "an object must have additionalProperties false"),
                ("/items", "keyword 'items' does not apply to type 'object'"),
                ("/minLength", "keyword 'minLength' does not apply to type 'object'"),
            ],
        ),
        (
            {"type": "array", "additionalProperties": True, "$ref": "a"},
            [
                ("", "an array must have items"),
                ("/$ref", "keyword '$ref' does not apply to type 'array'"),
                ("/additionalProperties", "keyword 'additionalProperties' does not apply to type 'array'"),
            ],
        ),
        (
            {"type": "array", "items": {"type": "array"}},
            [("/items", "the items of an array must not be arrays: XML cannot express a list of lists")],
        ),
        ({"type": "array", "items": True}, []),
        (
            {"type": "string", "enum": [1, "a", None]},
            [("/enum/0", "enum values must be strings, got 1"), ("/enum/2", "enum values must be strings, got null")],
        ),
        ({"type": "string", "enum": []}, [("/enum", "enum must list at least one value")]),
        ({"type": "string", "enum": "a"}, []),
    ],
)
def test_every_error_of_a_schema_is_found(schema: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    """With its place below the schema."""
    assert list(find_type_errors(schema)) == errors


def string(**keywords: Any) -> dict[str, Any]:
    """Return the schema of an object with one string."""
    return {
        "type": "object", "additionalProperties": False, "properties": {"a": {"type": "string", **keywords}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (string(pattern=1), "#/properties/a/pattern: pattern must be a string, got 1"),
        (string(minLength=-1), "#/properties/a/minLength: minLength must be an integer of at least 0, got -1"),
        (string(minLength=True), "#/properties/a/minLength: minLength must be an integer of at least 0, got true"),
        (string(enum="a"), '#/properties/a/enum: enum must be an array, got "a"'),
        (string(enum="a" * 99), f'#/properties/a/enum: enum must be an array, got "{"a" * 63}'),
        (string() | {"required": [["a" * 99]]}, f'#/required/0: a name must be a string, got ["{"a" * 62}'),
        (string() | {"required": [1]}, "#/required/0: a name must be a string, got 1"),
        (string() | {"required": "a"}, '#/required: required must be an array, got "a"'),
        (string() | {"properties": []}, "#/properties: properties must be an object, got []"),
        (string() | {"$defs": []}, "#/$defs: $defs must be an object, got []"),
        ({"$ref": 1}, "#/$ref: $ref must be a string, got 1"),
        ([], "#: a schema must be an object"),
        (
            string() | {"$defs": {"A": {"type": "string", "pattern": "."}}},
            "#/$defs/A/pattern: pattern '.', character 1: the dot matches different characters in different engines; use a class",
        ),
        (
            string(pattern="^[a-z]{0,20001}$"),
            (
                "#/properties/a/pattern: pattern '^[a-z]{0,20001}$': "
                "the counts expand to more than 20000 characters, which engines do not compile"
            ),
        ),
        (
            string(pattern="^((a{0,50}){0,50}){0,5}$"),
            (
                "#/properties/a/pattern: pattern '^((a{0,50}){0,50}){0,5}$': "
                "the pattern is too large to decide how long engines take to match it"
            ),
        ),
        (
            string(pattern="a" * 200_001),
            (
                f"#/properties/a/pattern: pattern '{'a' * 200}'... (200001 characters), character 200001: "
                "the pattern is longer than 200000 characters"
            ),
        ),
    ],
)
def test_schema_with_an_invalid_value_is_refused(schema: Any, message: str) -> None:
    """Also in a definition that is not used."""
    with pytest.raises(SchemaError) as caught:
        compile_shape(schema)
    assert str(caught.value) == message


def test_pattern_that_is_used_twice_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the effort to check the patterns of a schema."""
    pattern = "^[a-z]{0,9}x$"
    schema = string(pattern=pattern) | {"$defs": {"A": {"type": "string", "pattern": pattern}}}
    effort = measure_pattern(pattern, "json").operations
    monkeypatch.setattr(shape, "MAX_EFFORT", effort)
    assert compile_shape(schema).members["a"].pattern == pattern
    monkeypatch.setattr(shape, "MAX_EFFORT", effort - 1)
    with pytest.raises(SchemaError) as caught:
        compile_shape(schema)
    assert str(caught.value) == (
        "#/$defs/A/pattern: the patterns of the schema are too large to decide how long engines take to match them"
    )


def test_object_and_its_members_count_towards_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is the size that is still allowed."""
    monkeypatch.setattr(shape, "MAX_SHAPES", 2)
    assert compile_shape(string()).members == {"a": Shape("string")}
    monkeypatch.setattr(shape, "MAX_SHAPES", 1)
    with pytest.raises(SchemaError, match=r"^#: the schema describes more than 1 attributes$"):
        compile_shape(string())


def test_size_of_a_schema_is_limited() -> None:
    """In attributes, with those of references counted each time, and in the effort to check its patterns."""
    booleans = {f"a{number}": {"type": "boolean"} for number in range(200)}
    wide = {"type": "object", "additionalProperties": False, "properties": booleans}
    schema = {**wide, "$defs": {"W": wide}, "properties": {f"a{number}": {"$ref": "#/$defs/W"} for number in range(99)}}
    assert len(compile_shape(schema).members) == 99
    schema["properties"] = {f"a{number}": {"$ref": "#/$defs/W"} for number in range(100)}
    with pytest.raises(SchemaError, match=r"^#: the schema describes more than 20000 attributes$"):
        compile_shape(schema)
    strings = {f"a{number}": {"type": "string", "pattern": f"^[a-z]{{0,30}}[b-y]{{0,30}}x{number}$"} for number in range(400)}
    with pytest.raises(SchemaError, match="the patterns of the schema are too large to decide how long engines take to match"):
        compile_shape({**wide, "properties": strings})


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


def test_error_keeps_its_parts_when_it_is_pickled() -> None:
    """Its place and its reason."""
    error = pickle.loads(pickle.dumps(SchemaError("#/type", "unsupported type")))
    assert (str(error), error.args) == ("#/type: unsupported type", ("#/type", "unsupported type"))
