"""Strict JSON parser (RFC 8259) on the standard library's: explains why a body was rejected.

Unlike ``json`` it keeps track of repeated members, rejects NaN, Infinity, lone surrogates and deep nesting, and reports an
error at the same position on every version of Python. Every number becomes 0: no attribute is a number.
"""

import json
import re
from typing import Any, Final, NoReturn

from validator.body.json_spans import compile_excess
from validator.body.tree import RepeatedMembers, decode_body, make_unreadable
from validator.model import common_codes

MAX_DEPTH: Final = 100  # levels of nested values, the body being the first; XML elements have the same limit

_CONSTANT: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|-?Infinity|NaN', re.DOTALL)
# RFC 8259, section 8.2: an escaped surrogate must be the first half of a pair that follows at once.
_PAIRED: Final = re.compile(
    r"(?:[^\\]++|\\[^u]|\\u(?![dD][89a-fA-F])|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*+", re.DOTALL
)
NO_PARTNER: Final = "the surrogate has no partner"
_LONE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_REASONS: Final = (
    ("Expecting value", "a value is expected"),
    ("Expecting ','", "a comma or the end of the object or list is expected"),
    ("Expecting ':'", "a colon is expected"),
    ("Expecting property name", "a member name in double quotes is expected"),
    ("Illegal trailing comma before end of object", "a member name in double quotes is expected"),
    ("Illegal trailing comma before end of array", "a value is expected"),
    ("Extra data", "nothing may follow the value"),
    ("Unterminated string", "the string that begins here does not end"),
    ("Invalid control character", "a control character must be escaped"),
    ("Invalid \\", "the escape is not valid"),
)


def parse_json(body: bytes) -> Any:
    """Return the tree of a body without byte order mark. Raises UnreadableBody with 400-711, 400-714 or 400-718."""
    text = decode_body(body)
    limit = find_excess_depth(text)
    try:
        tree = make_decoder().decode(text[:limit])
    except (json.JSONDecodeError, ConstantError) as error:
        offset, reason = describe_error(error, text[:limit], 0)
        if limit is not None and offset >= limit:
            raise make_unreadable(common_codes.NESTED_TOO_DEEP, text, limit, limit=MAX_DEPTH) from None
        raise make_unreadable(common_codes.JSON_MALFORMED, text, offset, reason=reason) from None
    surrogate = find_lone_surrogate(text, 0, len(text))
    if surrogate is not None:
        raise make_unreadable(common_codes.JSON_MALFORMED, text, surrogate, reason=NO_PARTNER)
    return tree


def find_lone_surrogate(text: str, start: int, end: int) -> int | None:
    """Return the offset of the first escaped surrogate without a partner in a part of a text, or None."""
    match = _PAIRED.match(text, start, end) if _LONE.search(text, start, end) else None
    return match.end() if match and match.end() < end else None


def describe_error(error: Exception, text: str, start: int) -> tuple[int, str]:
    """Return the offset and the reason of an error of the decoder, the same on every version of Python.

    text: what it decoded, from the offset ``start`` on.
    """
    if isinstance(error, json.JSONDecodeError):
        return _normalize_error(error)
    offset = next(match.start() for match in _CONSTANT.finditer(text, start) if not match[0].startswith('"'))
    return offset, "NaN and Infinity are not JSON"


def _normalize_error(error: json.JSONDecodeError) -> tuple[int, str]:
    reason = next((reason for message, reason in _REASONS if error.msg.startswith(message)), "unexpected text")
    if not error.msg.startswith("Illegal trailing comma"):
        return error.pos, reason
    rest = error.doc[error.pos + 1 :]  # since Python 3.13 the position is the comma's, before that of the next token
    return len(error.doc) - len(rest.lstrip(" \t\r\n")), reason


def check_depth(text: str) -> None:
    """Check the depth of well-formed JSON. Raises UnreadableBody with 400-718 when it is nested too deep."""
    offset = find_excess_depth(text)
    if offset is not None:
        raise make_unreadable(common_codes.NESTED_TOO_DEEP, text, offset, limit=MAX_DEPTH)


def find_excess_depth(text: str, start: int = 0, end: int | None = None, levels: int = MAX_DEPTH) -> int | None:
    """Return the offset of the first token in a part of a text that is deeper than a number of levels, or None.

    Linear, and fast where brackets are few. In a malformed text, it is None where the error comes first.
    """
    end = len(text) if end is None else end
    if text.count("[", start, end) + text.count("{", start, end) < levels:
        return None
    match = compile_excess(levels).match(text, start, end)
    return match.start("excess") if match and match["excess"] else None


class ConstantError(Exception):
    """The text holds NaN, Infinity or -Infinity."""


def _reject_constant(_name: str) -> NoReturn:
    raise ConstantError


def _ignore_number(_digits: str) -> int:
    return 0


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else RepeatedMembers(pairs)


def make_decoder() -> json.JSONDecoder:
    """Return a new decoder: the standard library's holds a memo that threads must not share."""
    return json.JSONDecoder(
        object_pairs_hook=_make_object,
        parse_int=_ignore_number,
        parse_float=_ignore_number,
        parse_constant=_reject_constant,
    )
