"""Strict reading of XML with expat: the whole truth about a body that was not accepted at once.

Elements are held against the shape as they come, so that the faults stand in document order: an element's own, then its
missing members, then what stands inside. What stands inside an element that is unknown, repeated or foreign is not
looked at, but it must be well-formed and not too deep like the rest.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.parsers import expat

from validator.body.explain import Found, check_leaf
from validator.body.json_strict import MAX_DEPTH
from validator.body.shape import EXPECTED_TYPES, Shape
from validator.body.tree import Body, UnreadableBody
from validator.body.xml_prolog import check_prolog
from validator.model import common_codes
from validator.model.code import Code
from validator.model.pointer import ROOT, Path, echo, format_path
from validator.model.report import Failure

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
SPACE: Final = " \t\r\n"  # XML 1.0, section 2.3: S
BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}
_IGNORED: Final = frozenset({f"{XSI} schemaLocation", f"{XSI} noNamespaceSchemaLocation"})
_BUFFER: Final = 1 << 16  # of text between two callbacks


def read(body: bytes, root: str, shape: Shape, limit: int) -> Body:
    """Return the tree of a body without its byte order mark, and every fault, at most a few more than the limit."""
    try:
        text = check_prolog(body)
        examiner = _Examiner(root, shape, limit)
        examiner.parse(text)
    except UnreadableBody as unreadable:
        return Body(None, [unreadable.failure])
    return Body(examiner.tree, examiner.found)


def reader(root: str, shape: Shape, judge: Callable[[Any], bool]) -> Callable[[bytes, int], Body]:
    """Return the function that reads bodies and lets ``judge`` have the last word on a tree without a fault.

    It raises Disagreement where the judge refuses such a tree: a refused body never leaves without a code.
    """

    def explain(body: bytes, limit: int) -> Body:
        outcome = read(body, root, shape, limit)
        if not outcome.failures and not judge(outcome.tree):
            raise Disagreement
        return outcome

    return explain


class Disagreement(Exception):  # noqa: N818 - it tells of a fault in the schemas or the engine
    """Two judges that must agree do not: nothing can be said of the body."""


class _Element:
    """An element that is open: what it must be, and what has been met in it."""

    __slots__ = ("again", "excused", "foreign", "mark", "path", "seen", "shape", "text", "value")

    def __init__(self, shape: Shape, path: Path, mark: int) -> None:
        self.shape = shape
        self.path = path
        self.mark = mark  # how many faults were found before it: its own are put there
        self.value: dict[str, Any] = {}
        self.seen: set[str] = set()
        self.again: set[str] = set()
        self.excused: set[str] = set()  # names met in a namespace: they are refused, so they are not missing too
        self.text: list[str] = []
        self.foreign = False  # it holds elements where text is due


class _Examiner:
    """Builds the tree and collects faults as expat reports elements."""

    def __init__(self, root: str, shape: Shape, limit: int) -> None:
        self.found: Found = []
        self.tree: Any = None
        self._limit = limit
        self._root, self._shape = root, shape
        self._open: list[_Element] = []
        self._level = 0
        self._skipped = 0  # the level of the element that is passed over; 0: none
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text, parser.buffer_size, parser.ordered_attributes = True, _BUFFER, True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._parser = parser

    def parse(self, text: str) -> None:
        """Read the whole text. Raises UnreadableBody."""
        try:
            self._parser.Parse(text, True)  # noqa: FBT003 - expat's own signature
        except expat.ExpatError as error:
            line, column = error.lineno, error.offset + 1
            reason = expat.ErrorString(error.code)
            raise UnreadableBody(common_codes.XML_MALFORMED.failure(line=line, column=column, reason=reason)) from None
        finally:
            # The parser holds our methods and we hold it: without this, its memory would wait for the garbage collector.
            del self._parser

    def _doctype(self, *_declared: object) -> None:
        raise self._here(common_codes.DOCTYPE_PRESENT)

    def _here(self, code: Code, **facts: Any) -> UnreadableBody:
        return UnreadableBody(code.failure(**self._place(), **facts))

    def _place(self) -> dict[str, Any]:
        return {"line": self._parser.CurrentLineNumber, "column": self._parser.CurrentColumnNumber + 1}

    def _start(self, name: str, attributes: list[str]) -> None:
        self._level += 1
        if self._level > MAX_DEPTH:
            raise self._here(common_codes.NESTED_TOO_DEEP, limit=MAX_DEPTH)
        if self._skipped:
            return
        opened = self._opened(name)
        if opened is None:
            self._skipped = self._level
            return
        if attributes:
            self._refuse_attributes(attributes, opened.path)
            opened.mark = len(self.found)
        self._open.append(opened)

    def _opened(self, name: str) -> _Element | None:
        """Return the new element, or None when there is nothing to look at in it."""
        if not self._open:
            return self._opened_root(name)
        parent = self._open[-1]
        if parent.shape.kind != "object":
            parent.foreign = True
            return None
        if " " in name:
            self._refuse_foreign(parent, name.rpartition(" ")[2])
            return None
        member = parent.shape.members.get(name)
        repeated = name in parent.seen and (member is None or member.items is None)
        parent.seen.add(name)
        if name in parent.again or len(self.found) > self._limit:
            return None
        path: Path = (*parent.path, name)
        if repeated:
            parent.again.add(name)
        if repeated or member is None:
            self._refuse((common_codes.ATTRIBUTE_REPEATED if repeated else common_codes.ATTRIBUTE_UNKNOWN).at(path))
            return None
        if member.items is not None:
            path = (*path, len(parent.value.setdefault(name, [])))
            parent.value[name].append(None)
        return _Element(member.entry, path, len(self.found))

    def _opened_root(self, name: str) -> _Element | None:
        if name == self._root:
            return _Element(self._shape, ROOT, 0)
        namespace, _, local = name.rpartition(" ")
        reason = "it is in a namespace" if namespace else f"it is '{echo(local)}'"
        reason = f"The root element must be '{self._root}' without a namespace; {reason}"
        self._refuse(common_codes.XML_NOT_THE_ACTIVITY.at(ROOT, reason=reason))
        return None

    def _refuse_foreign(self, parent: _Element, name: str) -> None:
        parent.excused.add(name)
        path = (*parent.path, name)
        reason = f"The element '{format_path(path)}' is in a namespace"
        # Its pointer is also the one of the element that it is not, so its place is told at once.
        self._refuse(common_codes.XML_NOT_THE_ACTIVITY.at(path, reason=reason, **self._place()))

    def _refuse(self, failure: Failure) -> None:
        if len(self.found) <= self._limit:
            self.found.append(failure)

    def _refuse_attributes(self, attributes: list[str], path: Path) -> None:
        for name in attributes[::2]:
            if name not in _IGNORED:
                local = echo(name.rpartition(" ")[2])
                reason = f"The XML attribute '{local}' is not allowed on '{format_path(path)}'"
                self._refuse(common_codes.XML_NOT_THE_ACTIVITY.at(path, reason=reason))
            if len(self.found) > self._limit:
                return

    def _text(self, text: str) -> None:
        if not self._skipped:
            self._open[-1].text.append(text)

    def _end(self, _name: str) -> None:
        self._level -= 1
        if self._skipped:
            self._skipped = 0 if self._level < self._skipped else self._skipped
            return
        element = self._open.pop()
        text = "".join(element.text)
        close = self._close_object if element.shape.kind == "object" else self._close_leaf
        value = close(element, text)
        if not self._open:
            self.tree = value
            return
        siblings: Any = self._open[-1].value
        step = element.path[-1]
        if isinstance(step, int):
            siblings = siblings[element.path[-2]]
        siblings[step] = value

    def _close_object(self, element: _Element, text: str) -> Any:
        shape, path, own = element.shape, element.path, []
        met = element.seen | element.excused
        if text.strip(SPACE):
            if not met:
                self.found.insert(element.mark, common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES["object"]))
                return text
            own.append(
                common_codes.XML_NOT_THE_ACTIVITY.at(
                    path, reason=f"Text is not allowed beside the elements of '{format_path(path)}'"
                )
            )
        own += [common_codes.ATTRIBUTE_MISSING.at((*path, name)) for name in shape.required if name not in met]
        self.found[element.mark : element.mark] = own
        if not element.value and shape.list_name:
            element.value[shape.list_name] = []  # a wrapper without entries is an empty list
        return element.value

    def _close_leaf(self, element: _Element, text: str) -> Any:
        value: Any = {} if element.foreign else text
        if element.shape.kind == "boolean":
            value = BOOLEANS.get(text, value) if not element.foreign else value
        failure = check_leaf(element.shape, value, element.path)
        if failure is not None:
            self.found.insert(element.mark, failure)
        return value
