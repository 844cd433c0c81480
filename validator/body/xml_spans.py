"""The elements of XML with their offsets, and the spans of values. Linear in the text."""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from xml.parsers import expat

from validator.body.shape import Shape
from validator.body.spans import Span, ValueSpans
from validator.body.tree import UnreadableBody
from validator.model import common_codes

OnStart = Callable[[str, Mapping[str, str], Span], None]
OnEnd = Callable[[int], None]

_START_TAG: Final = re.compile(r"<(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")


def scan_elements(
    text: str,
    on_start: OnStart,
    on_end: OnEnd,
    on_text: Callable[[str], None] | None = None,
    on_namespace: Callable[[str | None, str], None] | None = None,
) -> None:
    """Call the functions for each element that begins and ends, for text, and for each namespace declaration.

    on_start: the name ("namespace name" when it has one), the attributes and the span of the start tag. on_end: the offset
    after the element. on_namespace: the prefix, None for the default one, and the namespace. Raises UnreadableBody with
    400-715.
    """
    parser = expat.ParserCreate("utf-8", " ")
    parser.StartElementHandler, parser.EndElementHandler = _make_handlers(parser, text, on_start, on_end)
    parser.CharacterDataHandler, parser.StartNamespaceDeclHandler = on_text, on_namespace
    try:
        parser.Parse(text, True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise make_malformed(error) from None
    finally:
        # The handlers hold the parser, which holds them: without this, the memory waits for the garbage collector.
        parser.StartElementHandler = parser.EndElementHandler = None


def _make_handlers(
    parser: expat.XMLParserType, text: str, on_start: OnStart, on_end: OnEnd
) -> tuple[Callable[[str, Mapping[str, str]], None], Callable[[str], None]]:
    """Return the handlers of start tags and end tags, which find the offsets."""
    find_offset = _make_offset_finder(text)
    tags: list[Span] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        offset = find_offset(parser.CurrentByteIndex)
        tag = _START_TAG.match(text, offset)
        tags.append((offset, tag.end() if tag else offset))
        on_start(name, attributes, tags[-1])

    def end(_name: str) -> None:
        tag = tags.pop()
        # An empty-element tag is start and end in one.
        on_end(tag[1] if text.endswith("/>", *tag) else text.index(">", find_offset(parser.CurrentByteIndex)) + 1)

    return start, end


def make_malformed(error: expat.ExpatError) -> UnreadableBody:
    """Return the exception for XML that expat has rejected."""
    reason = expat.ErrorString(error.code)
    return UnreadableBody(common_codes.XML_MALFORMED.failure(line=error.lineno, column=error.offset + 1, reason=reason))


def _make_offset_finder(text: str) -> Callable[[int], int]:
    """Return the function from a byte index, which may only grow, to the offset of the character there."""
    data = text.encode()
    last_byte = last_offset = 0

    def find_offset(byte: int) -> int:
        nonlocal last_byte, last_offset
        last_offset += len(data[last_byte:byte].decode())
        last_byte = byte
        return last_offset

    return find_offset


class _Element(NamedTuple):
    """An open element. counts: by name, the index of the last child of that name."""

    spans: ValueSpans | None
    shape: Shape | None
    counts: dict[str, int]


def find_xml_spans(text: str, root: ValueSpans, shape: Shape) -> None:
    """Record the spans of values of a well-formed text that are searched for, and of those around them.

    The value of an element without others is all of it, that of another is its start tag.
    """
    around: list[_Element] = []

    def start(name: str, _attributes: Mapping[str, str], tag: Span) -> None:
        element = _open_child(around[-1], name, tag) if around else _Element(root, shape, {})
        if element.spans is not None and not element.spans.record(tag, tag):
            element = element._replace(spans=None)
        around.append(element)

    def end(offset: int) -> None:
        spans, _, counts = around.pop()
        if spans is not None and not counts:
            spans.value = spans.name = (spans.opening[0], offset)

    scan_elements(text, start, end)


def _open_child(parent: _Element, name: str, tag: Span) -> _Element:
    member = parent.shape.members.get(name) if parent.shape else None
    spans = parent.spans.child(name) if parent.spans else None
    index = parent.counts[name] = parent.counts.get(name, -1) + 1
    if member is None or member.items is None:
        return _Element(spans, member, {})
    if spans is None:
        return _Element(None, member.items, {})
    spans.record(tag, tag)  # the list itself has no element: it stands where its first entry does
    return _Element(spans.child(str(index)), member.items, {})
