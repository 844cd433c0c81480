"""Which stretch of a body a pointer stands for: worked out only when somebody asks.

An unknown or repeated member is shown at its name, any other value from its beginning to its end; what is missing is shown
at the opening bracket of the object that lacks it. In XML an element is shown whole when it holds no other, else its start
tag; so is an element that lacks something, and one that is there again.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from xml.parsers import expat

from validator.body.json_strict import TOKEN
from validator.body.shape import Shape
from validator.body.xml_prolog import START_TAG
from validator.model import common_codes
from validator.model.location import Position, Region
from validator.model.pointer import escape_step, split_pointer
from validator.model.report import Locatable
from validator.model.request import XML, Media

_AT_NAME: Final = frozenset({common_codes.ATTRIBUTE_UNKNOWN.name, common_codes.ATTRIBUTE_REPEATED.name})
_OF_NO_TREE: Final = frozenset({common_codes.BODY_ABSENT.name, common_codes.BODY_TOO_LARGE.name})  # the body was not read
_LINE_END: Final = re.compile(r"\r\n|\r|\n")

Span = tuple[int, int]  # offsets of characters, the end exclusive


class Member(NamedTuple):
    """Where a value of a JSON text stands, with its quotes or brackets. again: the next name of the same member, or None."""

    value: Span
    again: Span | None


class _Wanted:
    """A value that somebody asked for, or that lies on the way to one: a tree along the pointers."""

    __slots__ = ("again", "below", "name", "opening", "value")

    def __init__(self) -> None:
        self.below: dict[str, _Wanted] = {}
        self.name: Span | None = None  # of the member; in XML the value
        self.value: Span | None = None
        self.opening: Span | None = None  # the bracket or start tag, the value where it has none
        self.again: Span | None = None  # the name of the second occurrence

    def meet(self, name: Span, value: Span) -> bool:
        """Note an occurrence; return whether it is the first: what stands inside another is not what was judged."""
        if self.value is None:
            self.name, self.value, self.opening = name, value, value
            return True
        if self.again is None:
            self.again = name
        return False


def locate(body: bytes, media: Media, shape: Shape, found: Sequence[Locatable]) -> tuple[Region | None, ...]:
    """Return a region for each failure or advisory in a body without byte order mark; None where it is not in the body."""
    root = _Wanted()
    for one in found:
        if one.pointer is not None:
            _want(root, one.pointer)
    text = body.decode("utf-8", "replace")
    if any(one.pointer is not None and "line" not in one.parameters and one.name not in _OF_NO_TREE for one in found):
        find = _find_xml if media == XML else _find_json
        find(text, root, shape)
    starts = line_starts(text)
    return tuple(_region(starts, len(text), root, one) for one in found)


def line_starts(text: str) -> list[int]:
    """Return where the lines of a body begin; they end with CR LF, CR or LF."""
    return [0, *(match.end() for match in _LINE_END.finditer(text))]


def members(text: str, pointers: Iterable[str]) -> Mapping[str, Member]:
    """Return where values of a well-formed JSON text stand: those asked for that are there, and those around them.

    pointers: RFC 6901. Of a repeated member the first is meant. Linear in the text and in the pointers.
    """
    root = _Wanted()
    for pointer in pointers:
        _want(root, pointer)
    _find_json(text, root, None)
    found: dict[str, Member] = {}
    rest = [("", root)]
    while rest:
        pointer, node = rest.pop()
        if node.value is not None:
            found[pointer] = Member(node.value, node.again)
            rest += ((f"{pointer}/{escape_step(step)}", below) for step, below in node.below.items())
    return found


def _want(root: _Wanted, pointer: str) -> None:
    node = root
    for step in split_pointer(pointer):
        node = node.below.setdefault(step, _Wanted())


def _region(starts: list[int], length: int, root: _Wanted, one: Locatable) -> Region | None:
    if one.pointer is None:
        return None
    if "line" in one.parameters:
        start = Position(one.parameters["line"], one.parameters["column"])
        at_end = starts[start.line - 1] + start.column - 1 >= length if start.line <= len(starts) else True
        return Region(start, start if at_end else Position(start.line, start.column + 1))
    first, last = _span(root, one, one.pointer)
    return Region(_position(starts, first), _position(starts, last))


def _position(starts: list[int], offset: int) -> Position:
    line = bisect_right(starts, offset)
    return Position(line, offset - starts[line - 1] + 1)


def _span(root: _Wanted, one: Locatable, pointer: str) -> Span:
    node = root
    for step in split_pointer(pointer):
        above, node = node, node.below[step]
        if node.value is None:
            return above.opening or (0, 0)  # it is missing: here it would be
    if one.name == common_codes.ATTRIBUTE_REPEATED.name and node.again is not None:
        return node.again
    return (node.name if one.name in _AT_NAME else node.value) or (0, 0)


class _Open:
    """An open JSON object or list. wanted: None when nothing of it was asked for."""

    __slots__ = ("index", "name", "name_at", "wanted")

    def __init__(self, wanted: _Wanted | None, *, is_list: bool) -> None:
        self.wanted = wanted
        self.index = 0 if is_list else -1
        self.name: str | None = None
        self.name_at: Span = (0, 0)


def _find_json(text: str, root: _Wanted, _shape: Shape | None) -> None:
    open_values: list[_Open] = []
    for match in TOKEN.finditer(text):
        string, opening, closing = match.groups()
        if closing:
            closed = open_values.pop().wanted
            if closed is not None and closed.opening is not None:
                closed.value = (closed.opening[0], match.end())
            continue
        parent = open_values[-1] if open_values else None
        if parent and parent.index < 0 and parent.name is None:
            parent.name, parent.name_at = json.loads(string) if parent.wanted else "", match.span()
            continue
        wanted = _next_wanted(root, parent)
        if wanted is not None:
            name_at = parent.name_at if parent and parent.index < 0 else match.span()
            wanted = wanted if wanted.meet(name_at, match.span()) else None
        if parent:
            parent.name, parent.index = None, parent.index + (parent.index >= 0)
        if opening:
            open_values.append(_Open(wanted, is_list=opening == "["))


def _next_wanted(root: _Wanted, parent: _Open | None) -> _Wanted | None:
    if parent is None:
        return root
    if parent.wanted is None:
        return None
    return parent.wanted.below.get(str(parent.index) if parent.name is None else parent.name)


class _Element(NamedTuple):
    """An open XML element; counts: how many entries of each list were met, and of children."""

    wanted: _Wanted | None
    shape: Shape | None
    counts: dict[str, int]


def _find_xml(text: str, root: _Wanted, shape: Shape) -> None:
    parser = expat.ParserCreate("utf-8", " ")
    open_elements: list[_Element] = []
    offset = _offsets(text)

    def start(name: str, _attributes: Any) -> None:
        tag = START_TAG.match(text, offset(parser.CurrentByteIndex))
        here = tag.span() if tag else (0, 0)
        element = _below(open_elements[-1], name, here) if open_elements else _Element(root, shape, {})
        if element.wanted is not None and not element.wanted.meet(here, here):
            element = _Element(None, element.shape, {})
        open_elements.append(element)

    def end(_name: str) -> None:
        wanted, _, counts = open_elements.pop()
        # An empty-element tag is start and end in one.
        if wanted is not None and wanted.value is not None and not counts and not text.endswith("/>", *wanted.value):
            last = text.index(">", offset(parser.CurrentByteIndex)) + 1
            wanted.value = wanted.name = (wanted.value[0], last)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(text, True)  # noqa: FBT003 - expat's own signature
    # They hold the parser, which holds them: the memory would wait for the garbage collector.
    parser.StartElementHandler = parser.EndElementHandler = None


def _offsets(text: str) -> Callable[[int], int]:
    """Return the function from a byte index, which may only grow, to the offset of the character there."""
    data = text.encode()
    last_byte = last_offset = 0

    def offset(byte: int) -> int:
        nonlocal last_byte, last_offset
        last_offset += len(data[last_byte:byte].decode())
        last_byte = byte
        return last_offset

    return offset


def _below(parent: _Element, name: str, here: Span) -> _Element:
    member = parent.shape.members.get(name) if parent.shape else None
    wanted = parent.wanted.below.get(name) if parent.wanted else None
    index = parent.counts[name] = parent.counts.get(name, -1) + 1
    if member is None or member.items is None:
        return _Element(wanted, member, {})
    if wanted is None:
        return _Element(None, member.items, {})
    wanted.meet(here, here)
    return _Element(wanted.below.get(str(index)), member.items, {})
