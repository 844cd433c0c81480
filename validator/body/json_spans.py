"""The tokens of well-formed JSON, and the spans of its values. Linear in the text."""

import json
import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from validator.body.spans import Span, ValueSpans

# A string, an opening bracket, a closing bracket, or a number or literal.
TOKEN: Final = re.compile(r'("(?:[^"\\]++|\\.)*+")|([\[{])|([\]}])|[^\s",:\[\]{}]++', re.DOTALL)


class ValueToken(NamedTuple):
    """A token that begins or ends a value. kind: "scalar", "open" or "close" (of an object or list).

    name: of a member, with its quotes; None elsewhere. position: the index of a list entry; -1 elsewhere.
    """

    kind: Literal["scalar", "open", "close"]
    span: Span
    name: Span | None = None
    position: int = -1


def scan_values(text: str) -> Iterator[ValueToken]:
    """Yield the tokens that begin or end a value, in the order of a well-formed text."""
    counts: list[int] = []  # of each open list, the entries so far; -1 for an object
    name: Span | None = None
    for match in TOKEN.finditer(text):
        _, opening, closing = match.groups()
        if closing:
            counts.pop()
            yield ValueToken("close", match.span())
            continue
        in_object = bool(counts) and counts[-1] < 0
        if in_object and name is None:
            name = match.span()
            continue
        index = counts[-1] if counts else -1
        yield ValueToken("open" if opening else "scalar", match.span(), name, index)
        name = None
        if index >= 0:
            counts[-1] += 1
        if opening:
            counts.append(0 if opening == "[" else -1)


def find_json_spans(text: str, root: ValueSpans) -> None:
    """Record the spans of values of a well-formed text that are searched for, and of those around them.

    Of a repeated member the first value is recorded, and the name of the second.
    """
    around: list[ValueSpans | None] = []
    for token in scan_values(text):
        if token.kind == "close":
            closed = around.pop()
            if closed is not None:
                closed.value = (closed.opening[0], token.span[1])
            continue
        spans = _child(text, around[-1], token) if around else root
        if spans is not None and not spans.record(token.name or token.span, token.span):
            spans = None
        if token.kind == "open":
            around.append(spans)


def _child(text: str, parent: ValueSpans | None, token: ValueToken) -> ValueSpans | None:
    if parent is None:
        return None
    return parent.child(str(token.position) if token.name is None else json.loads(text[slice(*token.name)]))
