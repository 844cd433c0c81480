"""What is refused at load, and corners of reading that no request of the fixtures reaches."""

import json
import re
from typing import Any

import pytest

import validator
from validator import json_body, json_text
from validator.headers import Headers, negotiate, select
from validator.operation import load
from validator.path import echo
from validator.request import JSON, XML
from validator.rules.create_email_response.addresses import standing
from validator.structure import SchemaError, Shape, compile_shape, portable
from validator.unreadable import Unreadable
from validator.xml_body import plain
from validator.xml_text import Disagreement, _Examiner, read, reader

TEXT = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\uFFFE\\uFFFF]*$"


def test_the_public_names_are_those_that_can_be_imported() -> None:
    """They are sorted, each can be had, and no other name is."""
    assert validator.__all__ == sorted(validator.__all__)
    for name in validator.__all__:
        assert getattr(validator, name).__name__ == name
    assert set(validator.__all__) <= set(dir(validator))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = validator.nothing


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "string", "format": "email"}, "#: no code is known for the keyword 'format'"),
        ({"$ref": "#/$defs/A"}, "#: $ref '#/$defs/A' does not resolve into $defs"),
        ({"type": "number"}, "#: type must be one of object, array, string, boolean"),
        ({"type": ["string"]}, "#: type must be one of object, array, string, boolean"),
        ({"type": "object"}, "#: an object must have additionalProperties false"),
        ({"type": "array"}, "#: an array must have items"),
        (
            {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "array", "items": {}}}},
            "#/properties/a/items: type must be one of object, array, string, boolean",
        ),
    ],
)
def test_a_schema_that_cannot_be_explained_is_refused(schema: dict[str, Any], message: str) -> None:
    """The message names the place and the keyword."""
    with pytest.raises(SchemaError, match=re.escape(message)):
        compile_shape(schema)


def test_a_quick_pattern_is_the_same_language() -> None:
    """For every character of the Basic Multilingual Plane the quick form refuses what the schema's pattern refuses."""
    quick = json_body._searching({"$defs": [{"pattern": TEXT}, {"pattern": "^[a]$"}]})
    (first, second) = quick["$defs"]
    assert second == {"pattern": "^[a]$"}
    excluded = [re.compile(pattern["pattern"]) for pattern in first["not"]["anyOf"]]
    slow = portable(TEXT)
    for character in map(chr, range(0x10000)):
        assert any(pattern.search(character) for pattern in excluded) != bool(slow.search(character))


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "a value is expected"),
        ('{"a": 1,}', 1, 9, "a member name in double quotes is expected"),
        ("[1,\n ]", 2, 2, "a value is expected"),
        ("[1 2]", 1, 4, "a comma or the end of the object or list is expected"),
        ('{"a" 1}', 1, 6, "a colon is expected"),
        ("{1: 2}", 1, 2, "a member name in double quotes is expected"),
        ("{} {}", 1, 4, "nothing may follow the value"),
        ('\r\n "a', 2, 2, "the string that begins here does not end"),
        ('"\U0001f600\t"', 1, 3, "a control character must be escaped"),
        ('"\\x"', 1, 2, "the escape is not valid"),
        ('["NaN", -Infinity]', 1, 9, "NaN and Infinity are not JSON"),
        ('"\\\\ud800 \\ud800"', 1, 10, "the surrogate has no partner"),
        ("[" * 101 + "NaN", 1, 101, ""),
        ("[NaN" + "[" * 200, 1, 2, "NaN and Infinity are not JSON"),
    ],
)
def test_what_is_not_json_is_told_with_line_and_column(text: str, line: int, column: int, reason: str) -> None:
    """The first error counts, also where the text is too deep later."""
    with pytest.raises(Unreadable) as caught:
        json_text.read(text.encode())
    failure = caught.value.failure
    assert failure.parameters == (
        {"line": line, "column": column, "reason": reason} if reason else {"line": line, "column": column, "limit": 100}
    )


SHAPE = Shape("object", {"a": Shape("string"), "b": Shape("object", {"c": Shape("string")})})


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"<r><a>x</a><b><c/></b></r>", True),
        (b"<?xml version='1.0' encoding=\"utf-8\"?>\n<r>\n  <a>&lt;&#9;&#xA;</a>\n</r>\n", True),
        (b"<r><a><![CDATA[<x>&y;]]></a></r>", True),
        (b"<r>\n" + b" " * 40 + b"<a></a></r>", True),
        (b"<r><b></a></r>", True),
        (b"<r><a>]]></a></r>", True),
        (b"<r>" + b" \t" * 8 + b"<a></a></r>", False),
        (b"<r><a>x</a>" + b"\n" * 17 + b"</r>", False),
        (b"<r><a>" + b" \n" * 9 + b"</a></r>", False),
        (b"<r><x/></r>", False),
        (b"<r><aa/></r>", False),
        (b"<r z=''/>", False),
        (b"<r><b>x<c/></b></r>", False),
        (b"<r><a/>x</r>", False),
        (b"<r><a/><![CDATA[x]]></r>", False),
        (b"<r><!-- --></r>", False),
        (b"<r><?p?></r>", False),
        (b"<!DOCTYPE r><r/>", False),
        (b"<r><a>&x;</a></r>", False),
        (b"<r><a>&amp</a></r>", False),
        (b"\xef\xbb\xbf<r/>", False),
        (b"<?xml version='1.0' encoding='latin-1'?><r/>", False),
        (b"<?xml version='1.1'?><r/>", False),
        (b"", False),
    ],
)
def test_libxml2_sees_plain_bodies_only(body: bytes, seen: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Known names, text, CDATA and indentation pass; what it would remember, follow or expand does not."""
    assert plain("r", SHAPE)(body) is seen


def test_a_judge_that_disagrees_is_an_internal_error() -> None:
    """A refused body never leaves without a code, and an accepted one was accepted by all."""
    with pytest.raises(Disagreement):
        reader("r", SHAPE, lambda _tree: False)(b"<r/>", 100)


@pytest.mark.parametrize(
    ("body", "line", "column", "reason"),
    [
        (b"<?xml version='1.0' encoding=''?><r/>", 1, 30, "the encoding's name is not well-formed"),
        (b"<?xml encoding='utf-8'?><r/>", 1, 1, "the XML declaration is not well-formed"),
        (b"<?xml version='1.0' standalone='maybe'?><r/>", 1, 1, "the XML declaration is not well-formed"),
        (b"<!-- -->\n x<r/>", 2, 2, "the root element is expected"),
        (b"<r/><!DOCTYPE r>", 1, 5, "junk after document element"),
    ],
)
def test_what_is_not_xml_is_told_with_line_and_column(body: bytes, line: int, column: int, reason: str) -> None:
    """By both engines alike."""
    for engine in ("fast", "reference"):
        (failure,) = load("create-email-response", engine).readers[XML]()(body, 100).found
        assert (failure.code, dict(failure.parameters)) == ("400-715", {"line": line, "column": column, "reason": reason})


def test_a_doctype_that_the_prolog_would_miss_is_refused_by_the_reader() -> None:
    """The second look has the same law."""
    with pytest.raises(Unreadable) as caught:
        _Examiner("r", SHAPE, 100).parse("<!DOCTYPE r><r/>")
    assert caught.value.failure.code == "400-717"


def test_foreign_elements_are_told_up_to_the_limit() -> None:
    """Each is one failure; they are not missing as well, and one more than the limit is enough."""
    shape = Shape("object", SHAPE.members, ("a",))
    body = b"<r xmlns:x='u'>" + b"<x:a/>" * 5 + b"</r>"
    assert [failure.pointer for failure in read(body, "r", shape, 100).found] == ["/a"] * 5
    assert [failure.code for failure in read(body, "r", shape, 2).found] == ["400-724"] * 3


@pytest.mark.parametrize(("text", "comma", "column"), [('{"a": 1, }', 7, 10), ("[1,\n]", 2, 5)])
def test_a_trailing_comma_is_told_alike_on_every_python(text: str, comma: int, column: int) -> None:
    """Since 3.13 the standard library blames the comma; what follows it is told all the same."""
    kind = "object" if text.startswith("{") else "array"
    newer = json.JSONDecodeError(f"Illegal trailing comma before end of {kind}", text, comma)
    offset, reason = json_text._blamed(newer)
    assert offset + 1 == column
    with pytest.raises(Unreadable) as caught:
        json_text.read(text.encode())
    assert caught.value.failure.parameters["reason"] == reason


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_a_leaf_has_one_fault(engine: Any) -> None:
    """A value of the wrong type is not also none of the expected values; an empty one is told once."""
    body = b'{"type": {"value": 5, "subtype": {"value": "general"}}, "issueType": {"id": ""}, '
    body += b'"attachments": {"attachment": [{"altId": ""}]}}'
    found = load("create-email-response", engine).readers[JSON]()(body, 100).found
    assert [(failure.code, failure.pointer) for failure in found] == [
        ("400-722", "/type/value"),
        ("400-152", "/issueType/id"),
        ("400-152", "/attachments/attachment/0/altId"),
    ]


def test_white_space_around_header_values_is_optional_white_space_only() -> None:
    """Space and tab go (RFC 9110, section 5.6.3); anything else is the value's, also a letter X."""
    said = [("Accept", "\tX "), ("accept", " X\t"), ("ACCEPT", "\x0bX"), ("Accept-Language", " X "), ("Accept-Encoding", "Y")]
    assert select(said) == Headers(accept="X, X, \x0bX", accept_language="X")


def test_a_range_without_weight_weighs_one() -> None:
    """Then JSON and XML weigh the same, and JSON is the default."""
    assert negotiate(Headers(accept="application/json;q=1, application/xml")) == (JSON, ())


def test_an_internationalized_address_of_254_octets_is_valid() -> None:
    """The limit counts octets, and is itself allowed."""
    domain = ".".join(["b" * 63, "c" * 63, "d" * 57]) + ".de"
    assert [standing("é" * 32 + "a" * extra + "@" + domain) for extra in (0, 1, 2)] == ["valid", "valid", "invalid"]
    assert len(("é" * 32 + "a@" + domain).encode()) == 254


def test_what_is_quoted_is_cut_and_can_be_encoded() -> None:
    """64 characters; a lone surrogate becomes a question mark."""
    assert (echo("é" * 65), echo("\ud800a"), echo("\n")) == ("é" * 64, "?a", "\n")
