"""Levels of JSON, and the spans of its values. Linear in the text, which regular expressions scan.

    value  = STRING | OTHER | ("[" | "{") CONTENT ("]" | "}")      OTHER: a number, true, false or null
    CONTENT of an object or list: its values, with names, commas, colons and white space between them

A pattern for a number of levels contains itself once for each level: no search steps from bracket to bracket in Python.
"""

import json
import re
from functools import cache
from typing import Final

from validator.body.spans import Span, ValueSpans

_STRING: Final = r'"(?:[^"\\]++|\\.)*+"'
_OTHER: Final = r'[^\s",:\[\]{}]++'
# Also a string that is not closed: a search that begins again at each of its quotes takes quadratic time.
_ANY_STRING: Final = r'"(?:[^"\\]++|\\.?)*+"?'
_MANY_LEVELS: Final = 100  # more than a body has; in a file, deeper values are skipped bracket by bracket
_BRACKET: Final = re.compile(rf"{_STRING}|([\[{{])|[\]}}]", re.DOTALL)
_MEMBER: Final = re.compile(rf"[\s,]*+({_STRING})\s*+:\s*+({_STRING}|{_OTHER}|(?=[\[{{]))", re.DOTALL)
_ENTRY: Final = re.compile(rf"[\s,]*+({_STRING}|{_OTHER}|(?=[\[{{]))", re.DOTALL)


def _nest(content: str, levels: int, string: str, close: str) -> str:
    """Return the pattern of the content of the outermost of nested levels. content: of the innermost one."""
    for _ in range(levels):
        content = rf'[^"\[\]{{}}]++|{string}|[\[{{](?:{content})*+{close}'
    return content


@cache
def compile_excess(levels: int) -> re.Pattern[str]:
    """Return a pattern that matches any text; its group "excess" is the first token deeper than a number of levels.

    The group does not take part in the match where there is no such token, or a syntax error before it.
    """
    innermost = rf'[\s,:]++|(?P<excess>{_STRING}|[^\s",:\]}}]).*+|".*+'  # no text after it is of interest
    outermost = _nest(innermost, levels, _ANY_STRING, r"(?:[\]}]|\Z)")
    return re.compile(f"(?:{outermost})*+", re.DOTALL)


@cache
def _compile_rest() -> re.Pattern[str]:
    """Return the pattern of the rest of an object or list, from any of its values to its closing bracket."""
    close = r"[\]}]"
    outermost = _nest(rf'[^"\[\]{{}}]++|{_STRING}', _MANY_LEVELS, _STRING, close)
    return re.compile(f"(?:{outermost})*+{close}", re.DOTALL)


def _skip(text: str, offset: int) -> int:
    """Return the offset after the object or list of which the rest is at an offset."""
    rest = _compile_rest().match(text, offset)
    if rest is not None:
        return rest.end()
    level = 1
    brackets = _BRACKET.finditer(text, offset)
    while level:
        match = next(brackets)
        level += 1 if match[1] else 0 if match[0].startswith('"') else -1
        offset = match.end()
    return offset


def find_json_spans(text: str, root: ValueSpans) -> None:
    """Record the spans of values of a well-formed text that are searched for, and of those around them.

    Of a repeated member the first value is recorded, and the name of the second.
    """
    entry = _ENTRY.match(text)
    if entry is not None:
        _find_value(text, None, entry.span(1), root)


def _find_value(text: str, name: Span | None, span: Span, spans: ValueSpans | None) -> int:
    """Record a value and those inside it, and return the offset after it. span: of a scalar; empty before a bracket."""
    start, end = span
    if start < end:
        if spans is not None:
            spans.record(name or span, span)
        return end
    opening = (start, start + 1)
    if spans is None or not spans.record(name or opening, opening):
        return _skip(text, start + 1)
    end = (_find_members if text[start] == "{" else _find_entries)(text, start + 1, spans)
    spans.value = (start, end)
    return end


def _find_members(text: str, offset: int, spans: ValueSpans) -> int:
    while member := _MEMBER.match(text, offset):
        name = member[1]
        inner = spans.child(json.loads(name) if "\\" in name else name[1:-1])
        offset = _find_value(text, member.span(1), member.span(2), inner)
    return _skip(text, offset)


def _find_entries(text: str, offset: int, spans: ValueSpans) -> int:
    missing, index = -1 if spans.searches_all else len(spans.inner), 0  # below 0 it never reaches 0
    while missing and (entry := _ENTRY.match(text, offset)):
        inner = spans.child(str(index))
        offset = _find_value(text, None, entry.span(1), inner)
        missing -= inner is not None
        index += 1
    return _skip(text, offset)
