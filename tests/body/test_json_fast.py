"""The two proofs of the fast JSON reader: no member is repeated, and no string has a character that XML cannot represent."""

import json
from typing import Any, Final

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator.body import json_strict
from validator.body.explain import find_failures
from validator.body.json_fast import (
    _decode,
    _has_plain_strings,
    _have_same_members,
    build_json_reader,
    compile_validator,
    compile_xml_validator,
    prepare_part_tests,
)
from validator.body.tree import UnreadableBody
from validator.operation.loader import load_operation

OPERATION: Final = load_operation("create-email-response")
READ: Final = build_json_reader(OPERATION.schema, OPERATION.shape)
TESTS: Final = prepare_part_tests(OPERATION.schema, OPERATION.shape)()

# Texts of JSON values in which members may be repeated, written in many ways. Colons are in strings and as escapes.
CHARACTERS: Final = st.sampled_from(
    ["a", ":", ",", " ", "\\u003a", "\\u003A", "\\u003c", "\\\\u003a", '\\"', "\\\\", "\\n", "\\/", "é", "{", "\\u0061"]
)
STRINGS: Final = st.lists(CHARACTERS, max_size=3).map(lambda parts: f'"{"".join(parts)}"')
SPACE: Final = st.sampled_from(["", "", " ", "\n\t", "\r "])
SCALARS: Final = STRINGS | st.sampled_from(["true", "null", "1", "1e2", "-0", "12345678901234567890123"])


def join(before: str, parts: list[str], after: str, space: str) -> str:
    """Return an object or list with white space around its parts."""
    return f"{before}{space}{f'{space},{space}'.join(parts)}{space}{after}"


def collections(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Generate objects and lists."""
    member = st.builds(lambda name, space, value: f"{name}{space}:{space}{value}", STRINGS, SPACE, inner)
    objects = st.builds(join, st.just("{"), st.lists(member, max_size=3), st.just("}"), SPACE)
    return objects | st.builds(join, st.just("["), st.lists(inner, max_size=3), st.just("]"), SPACE)


TEXTS: Final = st.recursive(SCALARS, collections, max_leaves=8)


def has_repetition(text: str) -> bool:
    """Return whether a name is repeated in any object of a JSON text."""
    repetitions: list[bool] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        repetitions.append(len({name for name, _ in pairs}) < len(pairs))
        return dict(pairs)

    json.loads(text, object_pairs_hook=collect)
    return any(repetitions)


@given(TEXTS)
@example('{"a":1,"a":2}')
@example('{"a":"\\u003a","b":1,"b":2}')  # as many colons as the text of the tree
@example('{"a":"\\u003A","b":1,"b":2}')
@example('{"a":"\\\\u003a","b":1}')
@example('{"a":1,"\\u0061":2}')
@example('{"":1,"":1}')
@example('{"a:":1,"a:":{"a":":"}}')
def test_proof_never_holds_for_repeated_members(text: str) -> None:
    """And it does hold for every text without an escaped colon."""
    body = text.encode()
    written = orjson.dumps(orjson.loads(body))
    is_proven = written == body or (_has_plain_strings(body) and _have_same_members(written, body))
    assert not (is_proven and has_repetition(text))
    if not has_repetition(text) and "\\u003a" not in text.lower():
        assert is_proven


@given(TEXTS)
def test_reader_agrees_with_the_strict_parser(text: str) -> None:
    """On the tree where it finds no failure, and on the failures where it finds some."""
    body = text.encode()
    answer = READ(body, 100)
    try:
        expected = find_failures(OPERATION.shape, json_strict.parse_json(body), 100)
    except UnreadableBody as error:
        expected = [error.failure]
    assert list(answer.failures) == expected


@given(
    text=st.text(st.characters(codec="utf-8") | st.sampled_from("\x00\x08\x0c\x1f\x7f\ufffe\uffff\\ubf"), max_size=12),
    ascii_only=st.booleans(),
)
def test_search_finds_every_character_that_xml_cannot_represent(text: str, *, ascii_only: bool) -> None:
    """In each way in which it can be written; it may also find others, which costs time only."""
    written = json.dumps(text, ensure_ascii=ascii_only)
    if any(character in "\x0b\ufffe\uffff" or (character < " " and character not in "\t\n\r") for character in text):
        assert not _has_plain_strings(written.encode())


VALUES: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "a", "email", "general", "1", "01", "a\x00", "a\nb", "a\u2028", "\ufffe"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *OPERATION.shape.members,
                    "value",
                    "subtype",
                    "id",
                    "email",
                    "content",
                    "html",
                    "attachment",
                    "altId",
                    "inline",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(VALUES)
def test_search_for_failures_leaves_out_valid_parts_only(tree: Any) -> None:
    """The failures are those of a visit to every value, in the same order and up to the same limit."""
    for limit in (1, 2, 100):
        assert find_failures(OPERATION.shape, tree, limit, TESTS) == find_failures(OPERATION.shape, tree, limit)
    assert compile_validator(OPERATION.schema).is_valid(tree) is not bool(find_failures(OPERATION.shape, tree, 1))


@given(VALUES)
def test_validator_of_xml_values_differs_only_in_characters(tree: Any) -> None:
    """It is as strict as the other one for values without the characters that XML cannot represent."""
    is_valid = compile_xml_validator(OPERATION.schema).is_valid(tree)
    if "\\u0000" in json.dumps(tree) or "\\ufffe" in json.dumps(tree):
        assert is_valid or not compile_validator(OPERATION.schema).is_valid(tree)
    else:
        assert is_valid is compile_validator(OPERATION.schema).is_valid(tree)


@pytest.mark.parametrize("depth", [99, 100, 101, 260, 1100])
@pytest.mark.parametrize("padding", [0, 9000])
def test_depth_is_limited_whichever_decoder_reads(depth: int, padding: int) -> None:
    """Levels that one of them reads or writes and another does not: orjson writes 254 and reads 1,024."""
    body = b"[" * depth + b"]" * depth + b" " * padding
    (failure,) = READ(body, 100).failures
    assert failure.code == ("400-718" if depth > 100 else "400-722")


def test_decoder_refuses_what_orjson_accepts() -> None:
    """Repeated members of long bodies, and of short ones without a proof."""
    for body in (b'{"a":1,"a":2}', b'{"a":1,"a":2}' + b" " * 9000):
        with pytest.raises(ValueError, match=r"[Dd]uplicate"):
            _decode(body)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("padding", [0, 9000])
def test_constant_that_is_not_json_is_malformed_whichever_decoder_reads(constant: str, padding: int) -> None:
    """Those of JavaScript, which jiter reads by default."""
    (failure,) = READ(f'{{"a": {constant}}}{" " * padding}'.encode(), 100).failures
    assert (failure.code, failure.parameters) == (
        "400-714",
        {"line": 1, "column": 7, "reason": "NaN and Infinity are not JSON"},
    )
