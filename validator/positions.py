"""Where in the text of a body a pointer points: worked out only when somebody asks.

An unknown or repeated member is shown at its name, any other value at its beginning; what is missing is shown at the
object that lacks it. In XML each is the start tag of the element.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from xml.parsers import expat

from validator import codes
from validator.report import Placed, Position
from validator.request import XML, Media
from validator.structure import Shape
from validator.unreadable import position

_AT_NAME: Final = frozenset({codes.ATTRIBUTE_UNKNOWN.name, codes.ATTRIBUTE_REPEATED.name})
_OF_NO_TREE: Final = frozenset({codes.BODY_ABSENT.name, codes.BODY_TOO_LARGE.name})  # the body was not read
_TOKEN: Final = re.compile(r'("(?:[^"\\]++|\\.)*+")|([\[{])|([\]}])|[^\s",:\[\]{}]++', re.DOTALL)


class _Wanted:
    """A value that somebody asked for, or that lies on the way to one: a tree along the pointers."""

    __slots__ = ("again", "below", "name", "value")

    def __init__(self) -> None:
        self.below: dict[str, _Wanted] = {}
        self.name: Position | int | None = None  # an offset, or in XML a position
        self.value: Position | int | None = None
        self.again: Position | int | None = None  # the second occurrence

    def meet(self, name: Position | int, value: Position | int) -> bool:
        """Note an occurrence; return whether it is the first: what stands inside another is not what was judged."""
        if self.value is None:
            self.name, self.value = name, value
            return True
        if self.again is None:
            self.again = name
        return False


def locate(body: bytes, media: Media, shape: Shape, found: Sequence[Placed]) -> tuple[Position | None, ...]:
    """Return a position for each failure or advisory in a body without byte order mark; None where it is not in the body."""
    root = _Wanted()
    for one in found:
        if one.pointer is not None:
            _want(root, one.pointer)
    text = body.decode("utf-8", "replace")
    if any(one.pointer is not None and "line" not in one.parameters and one.name not in _OF_NO_TREE for one in found):
        find = _find_xml if media == XML else _find_json
        find(text, root, shape)
    return tuple(_position(text, root, one) for one in found)


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _want(root: _Wanted, pointer: str) -> None:
    node = root
    for step in _steps(pointer):
        node = node.below.setdefault(step, _Wanted())


def _position(text: str, root: _Wanted, one: Placed) -> Position | None:
    if one.pointer is None:
        return None
    if "line" in one.parameters:
        return Position(one.parameters["line"], one.parameters["column"])
    place = _place(root, one, one.pointer)
    return place if isinstance(place, Position) else position(text, place)


def _place(root: _Wanted, one: Placed, pointer: str) -> Position | int:
    node, place = root, root.value or 0
    for step in _steps(pointer):
        node = node.below[step]
        if node.value is None:
            return place  # it is missing: here it would be
        place = node.value
    if one.name == codes.ATTRIBUTE_REPEATED.name and node.again is not None:
        return node.again
    return node.name if one.name in _AT_NAME and node.name is not None else place


class _Open:
    """An open JSON object or list. wanted: None when nothing below it was asked for."""

    __slots__ = ("index", "name", "name_at", "wanted")

    def __init__(self, wanted: _Wanted | None, *, is_list: bool) -> None:
        self.wanted = wanted
        self.index = 0 if is_list else -1
        self.name: str | None = None
        self.name_at = 0


def _find_json(text: str, root: _Wanted, _shape: Shape) -> None:
    open_values: list[_Open] = []
    for match in _TOKEN.finditer(text):
        string, opening, closing = match.groups()
        if closing:
            open_values.pop()
            continue
        parent = open_values[-1] if open_values else None
        if parent and parent.index < 0 and parent.name is None:
            parent.name, parent.name_at = json.loads(string), match.start()
            continue
        wanted = _next_wanted(root, parent)
        if wanted is not None:
            name_at = parent.name_at if parent and parent.index < 0 else match.start()
            wanted = wanted if wanted.meet(name_at, match.start()) else None
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
    """An open XML element; counts: how many entries of each list were met."""

    wanted: _Wanted | None
    shape: Shape | None
    counts: dict[str, int]


def _find_xml(text: str, root: _Wanted, shape: Shape) -> None:
    parser = expat.ParserCreate("utf-8", " ")
    open_elements: list[_Element] = []

    def start(name: str, _attributes: Any) -> None:
        here = Position(parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        element = _below(open_elements[-1], name, here) if open_elements else _Element(root, shape, {})
        if element.wanted is not None and not element.wanted.meet(here, here):
            element = _Element(None, element.shape, {})
        open_elements.append(element)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: open_elements.pop()
    parser.Parse(text, True)  # noqa: FBT003 - expat's own signature
    parser.StartElementHandler = None  # it holds the parser, which holds it: the memory would wait for the garbage collector


def _below(parent: _Element, name: str, here: Position) -> _Element:
    member = parent.shape.members.get(name) if parent.shape else None
    wanted = parent.wanted.below.get(name) if parent.wanted else None
    if member is None or member.items is None:
        return _Element(wanted, member, {})
    index = parent.counts[name] = parent.counts.get(name, -1) + 1
    if wanted is None:
        return _Element(None, member.items, {})
    wanted.meet(here, here)
    return _Element(wanted.below.get(str(index)), member.items, {})
