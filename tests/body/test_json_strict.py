"""What is read as JSON and what is not, at the edges: depth, numbers, escapes, repeated members. Both engines alike."""

import json

import pytest

from validator.body import json_strict
from validator.body.tree import RepeatedMembers, UnreadableBody
from validator.model.report import Failure
from validator.model.request import JSON, XML
from validator.operation.loader import load_operation

READERS = {name: load_operation("create-email-response", name).readers for name in ("fast", "reference")}


def codes_of(found: list[Failure]) -> set[str]:
    """Return the codes, each once."""
    return {failure.code for failure in found}


def told(body: bytes) -> list[Failure]:
    """Return what both engines tell of a JSON body, which is the same."""
    fast, reference = (list(readers[JSON]()(body, 100).failures) for readers in READERS.values())
    assert fast == reference
    return fast


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" [1e999, -0, 0.1, 123456789012345678901234567890]\r\n\t", [0, 0, 0, 0]),
        ('"\\ud83d\\ude00\\/\\u0000"', "\U0001f600/\0"),
        ('"\\\\ud800"', "\\ud800"),
        ('"\u2028\x7f\ufeff"', "\u2028\x7f\ufeff"),
        ('"NaN, -Infinity, [[[["', "NaN, -Infinity, [[[["),
        ('{"a": null, "": [true, false, {}]}', {"a": None, "": [True, False, {}]}),
    ],
)
def test_json_is_read_as_it_is_meant(text: str, value: object) -> None:
    """What RFC 8259 allows is read; a number's value is of no account."""
    assert json_strict.parse_json(text.encode()) == value


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("[1.]", 3), ("[01]", 3), ("[+1]", 2), ("[.5]", 2), ("[-]", 2), ("[1e]", 3), ("nul", 1), ("True", 1),
        ("{'a': 1}", 2), ("[,1]", 2), ("{,}", 2), ('{"a"}', 5), ('{"a":}', 6), ("{}}", 3), ("//\n{}", 1),
        ("\x0c{}", 1), ("\u00a0{}", 1), ("{}\x00", 3), ("[\x00]", 2), ('["a\nb"]', 4), ('"\x00"', 2), ('"a', 1), ('"\\', 1),
        ("NaN", 1), ("[nan]", 2), ("-Infinity", 1), ("[Infinity]", 2), ('"\\ude00\\ud83d"', 2), ('"\\ud83d\\u0041"', 2),
        ("\ufeff{}", 1), ('{"\\udfff": 1}', 3),
    ],
)  # fmt: skip
def test_what_rfc_8259_does_not_allow_is_malformed(text: str, column: int) -> None:
    """Nothing but the one failure is told, at the first place that cannot be JSON."""
    (failure,) = told(text.encode())
    assert (failure.code, failure.pointer, failure.parameters["line"], failure.parameters["column"]) == ("400-714", "", 1, column)
    reason = failure.parameters["reason"]
    assert failure.message == f"The body is not well-formed JSON: line 1, column {column}: {reason}."


@pytest.mark.parametrize(
    ("inside", "levels"),
    [("[{}]", 100), ("[{}]", 101), ("[1, [2]]", 100), ("[1, [2]]", 101), ('{"a": "[[["}', 100), ('{"a": "[[["}', 101)],
)
def test_the_hundredth_level_is_the_last(inside: str, levels: int) -> None:
    """A value of any kind counts, also one that is no object or list; brackets in a text do not."""
    depth = {"[{}]": 2, "[1, [2]]": 3, '{"a": "[[["}': 2}[inside]
    around = levels - depth
    body = "[" * around + inside + "]" * around
    assert codes_of(told(body.encode())) == {"400-722" if levels == 100 else "400-718"}


@pytest.mark.parametrize("levels", [100, 101])
def test_the_limit_of_depth_is_the_same_in_xml(levels: int) -> None:
    """The body is the first level, and an element is a value."""
    in_json = '{"a": ' * (levels - 1) + "1" + "}" * (levels - 1)
    in_xml = "<activity>" + "<a>" * (levels - 1) + "1" + "</a>" * (levels - 1) + "</activity>"
    expected = ["400-720", "400-721"] if levels == 100 else ["400-718"]
    assert [failure.code for failure in told(in_json.encode())] == expected
    for readers in READERS.values():
        assert [failure.code for failure in readers[XML]()(in_xml.encode(), 100).failures] == expected


def test_what_is_malformed_before_it_is_too_deep_is_malformed() -> None:
    """The first fault in the text is told; beyond the place where it is too deep nothing is read."""
    assert codes_of(told(b"[1 2" + b"[" * 200)) == {"400-714"}
    assert codes_of(told(b"[" * 200 + b"1 2")) == {"400-718"}
    assert codes_of(told(b"[" * 200)) == {"400-718"}


def test_repeated_members_keep_the_first_value_and_where_they_came_again() -> None:
    """The place is the number of distinct members before the second occurrence; a third says nothing new."""
    tree = json_strict.parse_json(b'{"a": 1, "b": "x", "\\u0061": "y", "c": {}, "b": 2, "a": 3}')
    assert isinstance(tree, RepeatedMembers)
    assert (dict(tree), tree.repetitions) == ({"a": 0, "b": "x", "c": {}}, {"a": 2, "b": 3})
    once = json_strict.parse_json(b'{"a": 1, "b": {"a": 2}}')
    assert type(once) is dict


def test_bytes_that_are_not_utf_8_are_refused_before_anything_else() -> None:
    """Also an encoded surrogate and an overlong form, also where the text is malformed before."""
    for body in (b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82"', b"[1 2\xff"):
        with pytest.raises(UnreadableBody) as caught:
            json_strict.parse_json(body)
        column = 1 + next(at for at, byte in enumerate(body) if byte >= 0x80)
        assert caught.value.failure.code == "400-711"
        assert caught.value.failure.parameters == {"reason": "it holds bytes that are not UTF-8", "line": 1, "column": column}
        assert told(body) == [caught.value.failure]


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
    with pytest.raises(UnreadableBody) as caught:
        json_strict.parse_json(text.encode())
    failure = caught.value.failure
    assert failure.parameters == (
        {"line": line, "column": column, "reason": reason} if reason else {"line": line, "column": column, "limit": 100}
    )


@pytest.mark.parametrize(("text", "comma", "column"), [('{"a": 1, }', 7, 10), ("[1,\n]", 2, 5)])
def test_a_trailing_comma_is_told_alike_on_every_python(text: str, comma: int, column: int) -> None:
    """Since 3.13 the standard library blames the comma; what follows it is told all the same."""
    kind = "object" if text.startswith("{") else "array"
    newer = json.JSONDecodeError(f"Illegal trailing comma before end of {kind}", text, comma)
    offset, reason = json_strict._normalize_error(newer)
    assert offset + 1 == column
    with pytest.raises(UnreadableBody) as caught:
        json_strict.parse_json(text.encode())
    assert caught.value.failure.parameters["reason"] == reason
