"""Strict reading of JSON (RFC 8259) with the standard library: the whole truth about a body that was not accepted at once.

Beyond ``json``: repeated members are kept apart, NaN and Infinity, lone surrogates and deep nesting are refused, and
the place of an error is the same on every version of Python. Numbers are read but not valued: no attribute is one.
"""

import json
import re
from itertools import accumulate
from typing import Any, Final, NoReturn

from validator.body.tree import RepeatedMembers, decode_body, make_unreadable
from validator.model import common_codes

MAX_DEPTH: Final = 100  # of nested values, the body itself being the first; XML elements have the same limit

TOKEN: Final = re.compile(r'("(?:[^"\\]++|\\.)*+")|([\[{])|([\]}])|[^\s",:\[\]{}]++', re.DOTALL)
# Also one that is not closed: looked for again at each of its quotes, it would take quadratic time.
_STRING: Final = re.compile(r'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_BRACKETS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}
_CONSTANT: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|-?Infinity|NaN', re.DOTALL)
# RFC 8259, section 8.2: an escaped surrogate must be the first half of a pair that follows at once.
_PAIRED: Final = re.compile(
    r"(?:[^\\]++|\\[^u]|\\u(?![dD][89a-fA-F])|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*+", re.DOTALL
)
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
    """Return the tree of a body without its byte order mark. Raises UnreadableBody with 400-711, 400-714 or 400-718."""
    text = decode_body(body)
    deep = _too_deep(text)
    tree = _parse(text if deep is None else text[:deep], deep)
    match = _PAIRED.match(text) if _LONE.search(text) else None
    if match and match.end() < len(text):
        raise make_unreadable(common_codes.JSON_MALFORMED, text, match.end(), reason="the surrogate has no partner")
    return tree


def _parse(text: str, deep: int | None) -> Any:
    """Parse a text; when ``deep`` is its length, it was cut where it becomes too deep, unless an error stands before."""
    try:
        return _decoder().decode(text)
    except json.JSONDecodeError as error:
        offset, reason = _blamed(error)
    except _Constant:
        offset = next(match.start() for match in _CONSTANT.finditer(text) if not match[0].startswith('"'))
        reason = "NaN and Infinity are not JSON"
    if deep is not None and offset >= deep:
        raise make_unreadable(common_codes.NESTED_TOO_DEEP, text, deep, limit=MAX_DEPTH)
    raise make_unreadable(common_codes.JSON_MALFORMED, text, offset, reason=reason)


def _blamed(error: json.JSONDecodeError) -> tuple[int, str]:
    """Return the offset and the reason, which are the same on every version of Python."""
    reason = next((ours for theirs, ours in _REASONS if error.msg.startswith(theirs)), "unexpected text")
    if not error.msg.startswith("Illegal trailing comma"):
        return error.pos, reason
    rest = error.doc[error.pos + 1 :]  # since Python 3.13 the comma is blamed, and not what follows it
    return len(error.doc) - len(rest.lstrip(" \t\r\n")), reason


def check_depth(text: str) -> None:
    """Refuse well-formed JSON that is nested too deep. Raises UnreadableBody with 400-718."""
    deep = _too_deep(text)
    if deep is not None:
        raise make_unreadable(common_codes.NESTED_TOO_DEEP, text, deep, limit=MAX_DEPTH)


def _too_deep(text: str) -> int | None:
    """Return the offset of the first value beyond the limit, if there is one; linear, and quick where brackets are few."""
    if text.count("[") + text.count("{") < MAX_DEPTH:
        return None
    brackets = re.sub(r"[^\[\]{}]+", "", _STRING.sub("", text))
    if max(accumulate(map(_BRACKETS.__getitem__, brackets)), default=0) < MAX_DEPTH:
        return None
    level = 1
    for match in TOKEN.finditer(text):
        change = _BRACKETS.get(match[0], 0)
        if change >= 0 and level > MAX_DEPTH:
            return match.start()
        level += change
    return None


class _Constant(Exception):  # noqa: N818 - a signal, caught above
    """The parser met NaN, Infinity or -Infinity."""


def _refuse(_name: str) -> NoReturn:
    raise _Constant


def _number(_digits: str) -> int:
    return 0


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else RepeatedMembers(pairs)


def _decoder() -> json.JSONDecoder:
    """Return a decoder; one for each use, because the standard library's keeps a memo that threads would share."""
    return json.JSONDecoder(object_pairs_hook=_members, parse_int=_number, parse_float=_number, parse_constant=_refuse)
