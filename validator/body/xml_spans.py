"""The elements of XML with their offsets, and the spans of values. Linear in the text."""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from xml.parsers import expat

from validator.body.shape import Shape
from validator.body.spans import Span, ValueSpans
from validator.body.tree import UnreadableBody
from validator.body.xml_names import SEPARATOR
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

    on_start: the name (namespace name, SEPARATOR and local name when it is in a namespace), the attributes and the span of the
    start tag. on_end: the offset after the element. on_namespace: the prefix, None for the default one, and the namespace.
    Raises UnreadableBody with 400-715.
    """
    parser = expat.ParserCreate("utf-8", SEPARATOR)
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
        tags.append(_find_tag(text, find_offset(parser.CurrentByteIndex)))
        on_start(name, attributes, tags[-1])

    def end(_name: str) -> None:
        on_end(_find_end(text, tags.pop(), lambda: find_offset(parser.CurrentByteIndex)))

    return start, end


def _find_tag(text: str, offset: int) -> Span:
    """Return the span of the start tag at an offset."""
    tag = _START_TAG.match(text, offset)
    return offset, tag.end() if tag else offset


def _find_end(text: str, tag: Span, find_offset: Callable[[], int]) -> int:
    """Return the offset after an element. find_offset: returns that of its end tag."""
    if text.endswith("/>", *tag):  # start and end in one
        return tag[1]
    return text.index(">", find_offset()) + 1


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
    """An open element that is searched for, or that may have one inside. counts: by name, the index of the last child."""

    spans: ValueSpans
    shape: Shape | None
    counts: dict[str, int]


def find_xml_spans(text: str, root: ValueSpans, shape: Shape) -> None:
    """Record the spans of values of a well-formed text that are searched for, and of those around them.

    The value of an element without others is all of it, that of another is its start tag. No offset is computed for elements
    that are not searched for: there may be hundreds of thousands. Elements outside the root's namespace have no values.
    """
    parser = expat.ParserCreate("utf-8", SEPARATOR)
    find_offset = _make_offset_finder(text)
    recorder = _SpanRecorder(text, _Element(root, shape, {}), lambda: find_offset(parser.CurrentByteIndex))
    parser.StartElementHandler, parser.EndElementHandler = recorder.start, recorder.end
    parser.Parse(text, True)  # noqa: FBT003 - expat's own signature
    parser.StartElementHandler = parser.EndElementHandler = None  # as in scan_elements


class _SpanRecorder:
    """Records the spans of elements as expat reports them. find_offset: returns the offset that expat has reached."""

    def __init__(self, text: str, root: _Element, find_offset: Callable[[], int]) -> None:
        self._text = text
        self._root = root
        self._find_offset = find_offset
        self._around: list[_Element] = []
        self._skipped_levels = 0
        self._namespace = ""  # the root's

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        """Handle a start tag."""
        if self._skipped_levels:
            self._skipped_levels += 1
            return
        namespace, _, local = name.rpartition(SEPARATOR)
        if self._around:
            # With the separator, it is a name that no attribute has.
            step = local if namespace == self._namespace else SEPARATOR + name
            element = _open_child(self._around[-1], step, self._find_tag)
        else:
            self._namespace = namespace
            element = self._root
        if element is None or not _record(element.spans, self._find_tag):
            self._skipped_levels = 1
        else:
            self._around.append(element)

    def end(self, _name: str) -> None:
        """Handle an end tag."""
        if self._skipped_levels:
            self._skipped_levels -= 1
            return
        spans, _, counts = self._around.pop()
        if not counts:
            spans.value = spans.name = (spans.opening[0], _find_end(self._text, spans.opening, self._find_offset))

    def _find_tag(self) -> Span:
        return _find_tag(self._text, self._find_offset())


def _record(spans: ValueSpans, find_tag: Callable[[], Span]) -> bool:
    """Record an occurrence as ``ValueSpans.record`` does, and look for its tag only where that matters."""
    if spans.repetition is not None:
        return False
    tag = find_tag()
    return spans.record(tag, tag)


def _open_child(parent: _Element, name: str, find_tag: Callable[[], Span]) -> _Element | None:
    """Return the element, or None when neither it nor one inside it is searched for."""
    index = parent.counts[name] = parent.counts.get(name, -1) + 1
    spans = parent.spans.child(name)
    if spans is None:
        return None
    member = parent.shape.members.get(name) if parent.shape else None
    if member is None or member.items is None:
        return _Element(spans, member, {}) if spans.repetition is None else None
    _record(spans, find_tag)  # the list itself has no element: it stands where its first entry does
    entry = spans.child(str(index))
    return None if entry is None else _Element(entry, member.items, {})
