"""The tree of a body: how readers return it, and how they report a body from which no tree can be read."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from validator.body.shape import Shape
from validator.model import common_codes
from validator.model.code import Code
from validator.model.location import Position
from validator.model.report import Failure


class Body(NamedTuple):
    """A body once read: its tree, to be trusted only when nothing was found against it."""

    tree: Any
    failures: Sequence[Failure] = ()


BodyReader = Callable[[bytes, int], Body]  # a body without byte order mark, and the most failures wanted


class RepeatedMembers(dict[str, Any]):
    """An object with a member supplied more than once: the first values, and where names came again.

    again: name to the number of distinct members that stood before its second occurrence.
    """

    __slots__ = ("again",)

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        """Keep the first value of each name in (name, value) pairs."""
        super().__init__()
        self.again: dict[str, int] = {}
        for name, value in pairs:
            self.add(name, value)

    def add(self, name: str, value: Any) -> None:
        """Add the next member."""
        if name not in self:
            self[name] = value
        else:
            self.again.setdefault(name, len(self))


class UnreadableBody(Exception):  # noqa: N818 - it is a finding about the body, not an error of the program
    """Carries the one failure that is told of the body."""

    def __init__(self, failure: Failure) -> None:
        """Keep the failure."""
        super().__init__(failure.code)
        self.failure = failure


def make_unreadable(code: Code, text: str, offset: int, **facts: Any) -> UnreadableBody:
    """Return the finding of ``code`` at an offset of the text, told as line and column."""
    line, column = position(text, offset)
    return UnreadableBody(code.failure(line=line, column=column, **facts))


def position(text: str, offset: int) -> Position:
    """Return the 1-based line and column, in code points, of an offset. CR LF, CR and LF end a line."""
    before = text[:offset]
    ends = before.count("\n") + before.count("\r") - before.count("\r\n")
    return Position(ends + 1, offset - max(before.rfind("\n"), before.rfind("\r")))


def decode_body(body: bytes) -> str:
    """Return the body as text. Raises UnreadableBody with 400-711 where it is not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        text = body[: error.start].decode()
        line, column = position(text, len(text))
        reason = "it holds bytes that are not UTF-8"
        raise UnreadableBody(common_codes.NOT_UTF_8.failure(reason=reason, line=line, column=column)) from None


def build_element_tree(api: Any, root: str, shape: Shape, tree: Any) -> Any:
    """Return a tree as elements of an ElementTree API (lxml.etree or xml.etree.ElementTree)."""
    element = api.Element(root)
    _fill(api, element, shape, tree)
    return element


def _fill(api: Any, element: Any, shape: Shape, value: Any) -> None:
    if shape.kind == "object":
        for name, item in value.items():
            member = shape.members[name]
            for entry in item if member.items else (item,):
                _fill(api, api.SubElement(element, name), member.entry, entry)
    elif shape.kind == "boolean":
        element.text = "true" if value else "false"
    else:
        element.text = value
