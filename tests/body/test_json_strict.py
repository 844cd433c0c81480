"""JSON at the edges: depth, numbers, escapes and repeated members. Both engines report the same."""

import json

import pytest

from tests.readers import READERS
from validator.body import json_strict
from validator.body.tree import RepeatedMembers, UnreadableBody
from validator.model.report import Failure
from validator.model.request import JSON, XML


def list_codes(failures: list[Failure]) -> set[str]:
    """Return the distinct codes."""
    return {failure.code for failure in failures}


def read_failures(body: bytes) -> list[Failure]:
    """Return the failures of a JSON body, which are the same from all readers."""
    fast, *others = (list(readers[JSON]()(body, 100).failures) for readers in READERS.values())
    assert others == [fast] * len(others)
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
def test_well_formed_json_is_parsed(text: str, value: object) -> None:
    """In every form that RFC 8259 allows. Numbers become 0."""
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
def test_text_outside_rfc_8259_is_malformed(text: str, column: int) -> None:
    """There is one failure, at the first position that is not JSON."""
    (failure,) = read_failures(text.encode())
    assert (failure.code, failure.pointer, failure.parameters["line"], failure.parameters["column"]) == ("400-714", "", 1, column)
    reason = failure.parameters["reason"]
    assert failure.message == f"The body is not well-formed JSON: line 1, column {column}: {reason}."


@pytest.mark.parametrize(
    ("inside", "levels"),
    [("[{}]", 100), ("[{}]", 101), ("[1, [2]]", 100), ("[1, [2]]", 101), ('{"a": "[[["}', 100), ('{"a": "[[["}', 101)],
)
def test_hundredth_level_is_the_last(inside: str, levels: int) -> None:
    """A value of any type counts, also a scalar; brackets in a string do not."""
    depth = {"[{}]": 2, "[1, [2]]": 3, '{"a": "[[["}': 2}[inside]
    around = levels - depth
    body = "[" * around + inside + "]" * around
    assert list_codes(read_failures(body.encode())) == {"400-722" if levels == 100 else "400-718"}


@pytest.mark.parametrize("levels", [100, 101])
def test_depth_limit_is_the_same_in_xml(levels: int) -> None:
    """The body is the first level, and an element is a value."""
    in_json = '{"a": ' * (levels - 1) + "1" + "}" * (levels - 1)
    in_xml = "<activity>" + "<a>" * (levels - 1) + "1" + "</a>" * (levels - 1) + "</activity>"
    expected = ["400-720", "400-721"] if levels == 100 else ["400-718"]
    assert [failure.code for failure in read_failures(in_json.encode())] == expected
    for readers in READERS.values():
        assert [failure.code for failure in readers[XML]()(in_xml.encode(), 100).failures] == expected


def test_first_of_a_syntax_error_and_excess_depth_is_reported() -> None:
    """Nothing is parsed beyond the position where the text is nested too deep."""
    assert list_codes(read_failures(b"[1 2" + b"[" * 200)) == {"400-714"}
    assert list_codes(read_failures(b"[" * 200 + b"1 2")) == {"400-718"}
    assert list_codes(read_failures(b"[" * 200)) == {"400-718"}


def test_repeated_members_have_the_first_value_and_the_position_of_the_second() -> None:
    """The position is the number of distinct members before the second occurrence; a third adds nothing."""
    tree = json_strict.parse_json(b'{"a": 1, "b": "x", "\\u0061": "y", "c": {}, "b": 2, "a": 3}')
    assert isinstance(tree, RepeatedMembers)
    assert (dict(tree), tree.repetitions) == ({"a": 0, "b": "x", "c": {}}, {"a": 2, "b": 3})
    once = json_strict.parse_json(b'{"a": 1, "b": {"a": 2}}')
    assert type(once) is dict


def test_bytes_that_are_not_utf_8_are_rejected_first() -> None:
    """Also an encoded surrogate and an overlong form, and also where the text is malformed before them."""
    for body in (b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82"', b"[1 2\xff"):
        with pytest.raises(UnreadableBody) as caught:
            json_strict.parse_json(body)
        column = 1 + next(at for at, byte in enumerate(body) if byte >= 0x80)
        assert caught.value.failure.code == "400-711"
        assert caught.value.failure.parameters == {"reason": "it holds bytes that are not UTF-8", "line": 1, "column": column}
        assert read_failures(body) == [caught.value.failure]


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
def test_syntax_error_has_line_and_column(text: str, line: int, column: int, reason: str) -> None:
    """The first error counts, also where the text is nested too deep later."""
    with pytest.raises(UnreadableBody) as caught:
        json_strict.parse_json(text.encode())
    failure = caught.value.failure
    assert failure.parameters == (
        {"line": line, "column": column, "reason": reason} if reason else {"line": line, "column": column, "limit": 100}
    )


@pytest.mark.parametrize(("text", "comma", "column"), [('{"a": 1, }', 7, 10), ("[1,\n]", 2, 5), ("[1,]", 2, 4)])
def test_trailing_comma_is_reported_alike_on_every_python(text: str, comma: int, column: int) -> None:
    """Since 3.13 the position of the standard library is the comma's; the position of the next token is reported."""
    kind = "object" if text.startswith("{") else "array"
    newer = json.JSONDecodeError(f"Illegal trailing comma before end of {kind}", text, comma)
    offset, reason = json_strict._normalize_error(newer)
    assert offset + 1 == column
    with pytest.raises(UnreadableBody) as caught:
        json_strict.parse_json(text.encode())
    assert caught.value.failure.parameters["reason"] == reason


def test_error_that_the_standard_library_words_anew_has_its_position() -> None:
    """Its text is not shown: it is another on each version of Python."""
    assert json_strict._normalize_error(json.JSONDecodeError("Something new", "[\n1 2]", 4)) == (4, "unexpected text")


@pytest.mark.parametrize("text", ["[1] [[[2]]]", "[[],[]] [[[2]]]"])
def test_depth_is_that_of_a_part(text: str) -> None:
    """A deeper part behind its end does not count."""
    end = text.index(" ")
    assert json_strict.find_excess_depth(text, 0, end, 2) is None
    assert json_strict.find_excess_depth(text, end, None, 2) == text.index("[2")


def test_constant_is_found_behind_the_start() -> None:
    """Another one in front of it was not decoded."""
    error = json_strict.ConstantError()
    assert json_strict.describe_error(error, "NaN, NaN", 3) == (5, "NaN and Infinity are not JSON")


def test_surrogates_are_those_of_a_part() -> None:
    """The second half of a pair does not count where the part ends before it, nor an escape that is cut."""
    text = r"\ud83d\ude00"
    assert [json_strict.find_lone_surrogate(text, 0, end) for end in (1, 6, len(text))] == [None, 0, None]
