"""Strict XML parser on expat: explains why a body was rejected.

Elements are checked against the shape as they are parsed. Failures are in document order: those of an element, then its missing
members, then those of the elements inside it. Elements inside an unknown or repeated one, or one in another namespace, are not
checked, but must be well-formed and not nested too deep.

A failure is built only while the limit is not reached: what follows is read for the missing members and the text of the elements
that are still open, whose failures come first.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from xml.parsers import expat

from validator.body.explain import Failures, check_leaf
from validator.body.json_strict import MAX_DEPTH
from validator.body.shape import EXPECTED_TYPES, Shape
from validator.body.tree import Body, Disagreement, UnreadableBody
from validator.body.xml_names import SEPARATOR, check_namespace_names
from validator.body.xml_prolog import check_prolog
from validator.body.xml_spans import make_malformed
from validator.model import common_codes
from validator.model.code import Code
from validator.model.pointer import ROOT, Path, echo, format_path

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
SPACE: Final = " \t\r\n"  # XML 1.0, section 2.3: S
BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}
_IGNORED_ATTRIBUTES: Final = frozenset({f"{_XSI}{SEPARATOR}schemaLocation", f"{_XSI}{SEPARATOR}noNamespaceSchemaLocation"})
_BUFFER: Final = 1 << 16  # bytes of text between two callbacks


def read_xml(body: bytes, root: str, shape: Shape, limit: int, namespaces: Sequence[str] = ()) -> Body:
    """Return the tree of a body without byte order mark, and its failures: at most a few more than the limit.

    namespaces: names of those that the root element, and with it every other, may be in.
    """
    try:
        text = check_prolog(body)
        check_namespace_names(body)
        builder = _TreeBuilder(root, shape, limit, namespaces)
        builder.parse(text)
    except UnreadableBody as error:
        return Body(None, [error.failure])
    return Body(builder.tree, builder.failures)


def build_explainer(
    root: str, shape: Shape, is_valid_tree: Callable[[Any], bool], namespaces: Sequence[str] = ()
) -> Callable[[bytes, int], Body]:
    """Return a body reader. It raises Disagreement for a tree without failures that ``is_valid_tree`` rejects.

    So no body is rejected without a code.
    """

    def explain(body: bytes, limit: int) -> Body:
        outcome = read_xml(body, root, shape, limit, namespaces)
        if not outcome.failures and not is_valid_tree(outcome.tree):
            raise Disagreement
        return outcome

    return explain


class _Element:
    """An open element. path: of its value. mark: the index in the failures at which its own are inserted.

    value: the members so far. names: those of the elements inside, without those in another namespace, which are in
    ``foreign_names``: they are failures themselves, so these members are not reported as missing too.
    has_elements: a leaf holds elements. is_interrupted: it holds a comment or processing instruction.
    """

    __slots__ = (
        "foreign_names",
        "has_elements",
        "is_interrupted",
        "mark",
        "names",
        "path",
        "repeated_names",
        "shape",
        "text",
        "value",
    )

    def __init__(self, shape: Shape, path: Path, mark: int) -> None:
        self.shape = shape
        self.path = path
        self.mark = mark
        self.value: dict[str, Any] = {}
        self.names: set[str] = set()
        self.repeated_names: set[str] = set()
        self.foreign_names: set[str] = set()
        self.text: list[str] = []
        self.has_elements = False
        self.is_interrupted = False


class _TreeBuilder:
    """Builds the tree and collects failures from the events of expat."""

    def __init__(self, root: str, shape: Shape, limit: int, namespaces: Sequence[str] = ()) -> None:
        self.failures: Failures = []
        self.tree: Any = None
        self._limit = limit
        self._root, self._shape = root, shape
        self._namespaces = namespaces
        self._namespace = ""  # the root's
        self._open: list[_Element] = []
        self._level = 0
        self._skipped_level = 0  # the level of the element whose content is not checked; 0 for none
        parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        parser.buffer_text, parser.buffer_size, parser.ordered_attributes = True, _BUFFER, True
        parser.StartDoctypeDeclHandler = self._reject_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._add_text
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._interrupt
        self._parser = parser

    def parse(self, text: str) -> None:
        """Parse the whole text. Raises UnreadableBody."""
        try:
            self._parser.Parse(text, True)  # noqa: FBT003 - expat's own signature
        except expat.ExpatError as error:
            raise make_malformed(error) from None
        finally:
            # The parser holds our methods and we hold it: without this, its memory waits for the garbage collector.
            del self._parser

    def _reject_doctype(self, *_declaration: object) -> None:
        raise self._make_unreadable(common_codes.DOCTYPE_PRESENT)

    def _make_unreadable(self, code: Code, **parameters: Any) -> UnreadableBody:
        return UnreadableBody(code.failure(**self._position(), **parameters))

    def _position(self) -> dict[str, Any]:
        return {"line": self._parser.CurrentLineNumber, "column": self._parser.CurrentColumnNumber + 1}

    def _start(self, name: str, attributes: list[str]) -> None:
        if len(self.failures) > self._limit:
            self._parser.StartElementHandler = self._start_beyond_limit
            self._start_beyond_limit(name)
            return
        self._descend()
        if self._skipped_level:
            return
        element = self._open_child(name) if self._open else self._open_root(name)
        if element is None:
            self._skipped_level = self._level
            return
        if attributes:
            self._check_attributes(attributes, element.path)
            element.mark = len(self.failures)
        self._open.append(element)

    def _start_beyond_limit(self, name: str, *_attributes: list[str]) -> None:
        """Open an element that is not checked: its name matters to the failures of the element around it only."""
        self._descend()
        if not self._skipped_level:
            self._skipped_level = self._level
            self._open[-1].names.add(name.rpartition(SEPARATOR)[2])

    def _descend(self) -> None:
        self._level += 1
        if self._level > MAX_DEPTH:
            raise self._make_unreadable(common_codes.NESTED_TOO_DEEP, limit=MAX_DEPTH)

    def _open_root(self, name: str) -> _Element | None:
        self._namespace, _, local = name.rpartition(SEPARATOR)
        is_foreign = bool(self._namespace) and self._namespace not in self._namespaces
        if local == self._root and not is_foreign:
            return _Element(self._shape, ROOT, 0)
        supported = "".join(f" or in '{one}'" for one in self._namespaces)
        problem = f"it is in {'another' if supported else 'a'} namespace" if is_foreign else f"it is '{echo(local)}'"
        reason = f"The root element must be '{self._root}' without a namespace{supported}; {problem}"
        self.failures.append(common_codes.XML_NOT_THE_ACTIVITY.at(ROOT, reason=reason))
        return None

    def _open_child(self, name: str) -> _Element | None:
        """Return the element, or None when its content is not checked."""
        parent = self._open[-1]
        if parent.shape.kind != "object":
            parent.has_elements = True
            return None
        namespace, _, name = name.rpartition(SEPARATOR)
        if namespace != self._namespace:
            self._reject_foreign(parent, name)
            return None
        member = parent.shape.members.get(name)
        is_repeated = name in parent.names and (member is None or member.items is None)
        parent.names.add(name)
        if name in parent.repeated_names:
            return None
        path: Path = (*parent.path, name)
        if is_repeated:
            parent.repeated_names.add(name)
        if is_repeated or member is None:
            self.failures.append((common_codes.ATTRIBUTE_REPEATED if is_repeated else common_codes.ATTRIBUTE_UNKNOWN).at(path))
            return None
        if member.items is not None:
            path = (*path, len(parent.value.setdefault(name, [])))
            parent.value[name].append(None)
        return _Element(member.entry, path, len(self.failures))

    def _reject_foreign(self, parent: _Element, name: str) -> None:
        parent.foreign_names.add(name)
        path = (*parent.path, name)
        problem = "is not in the namespace of the root element" if self._namespace else "is in a namespace"
        reason = f"The element '{format_path(path)}' {problem}"
        # An element in the root's namespace can have the same pointer, so the position is recorded now.
        self.failures.append(common_codes.XML_NOT_THE_ACTIVITY.at(path, reason=reason, **self._position()))

    def _check_attributes(self, attributes: list[str], path: Path) -> None:
        for name in attributes[::2]:
            if len(self.failures) > self._limit:
                return
            if name not in _IGNORED_ATTRIBUTES:
                local = echo(name.rpartition(SEPARATOR)[2])
                reason = f"The XML attribute '{local}' is not allowed on '{format_path(path)}'"
                self.failures.append(common_codes.XML_NOT_THE_ACTIVITY.at(path, reason=reason))

    def _add_text(self, text: str) -> None:
        if not self._skipped_level:
            self._open[-1].text.append(text)

    def _interrupt(self, *_content: str) -> None:
        """Record a comment or processing instruction: between elements it is ignored, in a leaf it is a failure."""
        if self._open and not self._skipped_level:
            self._open[-1].is_interrupted = True

    def _end(self, _name: str) -> None:
        self._level -= 1
        if self._skipped_level:
            self._skipped_level = 0 if self._level < self._skipped_level else self._skipped_level
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
        shape, path, failures = element.shape, element.path, []
        names = element.names | element.foreign_names
        if text.strip(SPACE):
            if not names:
                self.failures.insert(element.mark, common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES["object"]))
                return text
            reason = f"Text is not allowed beside the elements of '{format_path(path)}'"
            failures.append(common_codes.XML_NOT_THE_ACTIVITY.at(path, reason=reason))
        failures += [common_codes.ATTRIBUTE_MISSING.at((*path, name)) for name in shape.required if name not in names]
        self.failures[element.mark : element.mark] = failures
        if not element.value and shape.list_name:
            element.value[shape.list_name] = []  # an empty element is an empty list
        return element.value

    def _close_leaf(self, element: _Element, text: str) -> Any:
        value: Any = BOOLEANS.get(text) if element.shape.kind == "boolean" else text
        if element.has_elements:
            value = None
        failure = check_leaf(element.shape, value, element.path)
        if element.is_interrupted:  # libraries disagree on the value of such an element
            reason = f"Comments and processing instructions are not allowed inside '{format_path(element.path)}'"
            failure = common_codes.XML_NOT_THE_ACTIVITY.at(element.path, reason=reason)
        if failure is not None:
            self.failures.insert(element.mark, failure)
        return value
