"""The tree of a body: how readers return it, and how they report a body that has none."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from validator.body.shape import Shape
from validator.model import common_codes
from validator.model.code import Code
from validator.model.location import find_position
from validator.model.report import Failure

UNDECODABLE: Final = "it holds bytes that are not UTF-8"


class Body(NamedTuple):
    """A parsed body. tree: objects, lists, strings and booleans; to be trusted only when there are no failures."""

    tree: Any
    failures: Sequence[Failure] = ()


# Reads a body without byte order mark. The second argument is the failure limit: one more failure than that is enough.
BodyReader = Callable[[bytes, int], Body]


class RepeatedMembers(dict[str, Any]):
    """A JSON object in which names are repeated: it holds the first value of each.

    repetitions: by repeated name, how many distinct names precede its second occurrence.
    """

    __slots__ = ("repetitions",)

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        """Create the object from (name, value) pairs in the order of the text."""
        super().__init__()
        self.repetitions: dict[str, int] = {}
        for name, value in pairs:
            if name in self:
                self.repetitions.setdefault(name, len(self))
            else:
                self[name] = value


class UnreadableBody(Exception):  # noqa: N818 - a finding about the body, not an error of the program
    """A body from which no tree can be read. failure: the only one that is reported."""

    def __init__(self, failure: Failure) -> None:
        """Create the exception for a failure."""
        super().__init__(failure)
        self.failure = failure

    def __str__(self) -> str:
        """Return the code, without data of a client."""
        return self.failure.code


class Disagreement(Exception):  # noqa: N818 - a bug in the schemas or the engine, not in the body
    """Two validators that must agree on a body do not, so no report on it can be trusted."""


def make_unreadable(code: Code, text: str, offset: int, **parameters: Any) -> UnreadableBody:
    """Return the exception for a code at an offset of the text, which becomes the parameters ``line`` and ``column``."""
    line, column = find_position(text, offset)
    return UnreadableBody(code.failure(line=line, column=column, **parameters))


def decode_body(body: bytes) -> str:
    """Return the text of a body. Raises UnreadableBody with 400-711 when it is not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        text = body[: error.start].decode()
        raise make_unreadable(common_codes.NOT_UTF_8, text, len(text), reason=UNDECODABLE) from None


def build_element_tree(api: Any, root: str, shape: Shape, tree: Any) -> Any:
    """Return a tree as XML. api: lxml.etree or xml.etree.ElementTree. root: the name of the root element."""
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
