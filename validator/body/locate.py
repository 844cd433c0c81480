"""The region of a body that a failure or an advisory concerns, computed when it is requested.

An unknown or repeated member is located at its name, any other value from its beginning to its end, and a missing member
at the opening bracket of the object that lacks it. In XML an element without others is located as a whole; an element that
holds others or lacks something, and the second of a repeated one, at its start tag.
"""

from collections.abc import Sequence
from typing import Final

from validator.body.json_spans import find_json_spans
from validator.body.shape import Shape
from validator.body.spans import Span, ValueSpans
from validator.body.xml_spans import find_xml_spans
from validator.model import common_codes
from validator.model.location import LineIndex, Position, Region
from validator.model.report import Locatable
from validator.model.request import XML, Media

_AT_NAME: Final = frozenset({common_codes.ATTRIBUTE_UNKNOWN.name, common_codes.ATTRIBUTE_REPEATED.name})
# A parser that stopped gives its failure the parameters ``line`` and ``column``. Those of a rule may have these names too.
_PARSER_FAILURES: Final = frozenset(code.name for code in common_codes.CODES)
_WITHOUT_TREE: Final = frozenset({common_codes.BODY_ABSENT.name, common_codes.BODY_TOO_LARGE.name})  # the body was not read


def locate(body: bytes, media: Media, shape: Shape, failures: Sequence[Locatable]) -> tuple[Region | None, ...]:
    """Return a region for each failure or advisory in a body without byte order mark; None where it is not in the body."""
    text = body.decode("utf-8", "replace")
    root = ValueSpans()
    pointers = [one.pointer for one in failures if one.pointer is not None and _has_tree(one)]
    if pointers:
        for pointer in pointers:
            root.add(pointer)
        if media == XML:
            find_xml_spans(text, root, shape)
        else:
            find_json_spans(text, root)
    lines = LineIndex(text)
    return tuple(_locate_one(lines, root, one) for one in failures)


def _has_tree(one: Locatable) -> bool:
    """Return whether a failure in the body was found in a tree, and not by a parser that stopped."""
    return not _has_position(one) and one.name not in _WITHOUT_TREE


def _has_position(one: Locatable) -> bool:
    return one.name in _PARSER_FAILURES and "line" in one.parameters


def _locate_one(lines: LineIndex, root: ValueSpans, one: Locatable) -> Region | None:
    if one.pointer is None:
        return None
    if _has_position(one):
        line, column = one.parameters["line"], one.parameters["column"]
        is_at_line_end = column > len(lines.line(line))  # nothing of the line is left: the region is empty
        return Region(Position(line, column), Position(line, column if is_at_line_end else column + 1))
    return lines.region(*_find_span(root, one, one.pointer))


def _find_span(root: ValueSpans, one: Locatable, pointer: str) -> Span:
    spans, is_exact = root.lookup(pointer)
    if not is_exact:
        return spans.opening
    if one.name == common_codes.ATTRIBUTE_REPEATED.name and spans.repetition is not None:
        return spans.repetition
    return spans.name if one.name in _AT_NAME else spans.value
