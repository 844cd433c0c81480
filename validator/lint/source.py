"""XML and Python artefacts as text with locations: of elements and of syntax nodes."""

import ast
import os
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from validator.body.json_strict import MAX_DEPTH
from validator.body.spans import NO_SPAN, Span
from validator.body.tree import UnreadableBody
from validator.body.xml_names import SEPARATOR
from validator.body.xml_prolog import check_prolog
from validator.body.xml_spans import scan_elements
from validator.inputs.source import SourceError, SourceText, make_source_error
from validator.output.finding import Location


def display_path(path: Path) -> str:
    """Return a path for display: relative to the working directory when it is below, else absolute."""
    relative = os.path.relpath(path)
    return str(path.resolve()) if relative.startswith(os.pardir) else relative


@dataclass
class Node:
    """An XML element. tag: "namespace name", or the name alone without a namespace. span: of the start tag."""

    tag: str
    attributes: Mapping[str, str]
    span: Span
    children: list["Node"] = field(default_factory=list)
    text: str = ""


@dataclass(frozen=True)
class XmlSource(SourceText):
    """An XML file. prefixes: all that are bound to a namespace in it, "" for the default one. root: the root element."""

    prefixes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    root: Node = field(default_factory=lambda: Node("", {}, NO_SPAN))

    def at(self, node: Node, message: str = "") -> Location:
        """Return the location of an element's start tag. message: as in Location."""
        return self.locate(*node.span, message)


class _NodeBuilder:
    """Builds the nodes of an XML file from the events of its parser."""

    def __init__(self, source: SourceText) -> None:
        self.prefixes: dict[str, frozenset[str]] = {}
        self.document = Node("", {}, NO_SPAN)
        self._source = source
        self._open = [self.document]

    def start(self, tag: str, attributes: Mapping[str, str], span: Span) -> None:
        node = Node(_normalize(tag), {_normalize(name): value for name, value in attributes.items()}, span)
        self._open[-1].children.append(node)
        self._open.append(node)
        if len(self._open) > MAX_DEPTH + 1:
            raise SourceError(self._source.locate(*span), f"the file is nested deeper than {MAX_DEPTH} levels")

    def end(self, _offset: int) -> None:
        self._open.pop()

    def add_text(self, text: str) -> None:
        self._open[-1].text += text

    def bind(self, prefix: str | None, namespace: str) -> None:
        self.prefixes[namespace] = self.prefixes.get(namespace, frozenset()) | {prefix or ""}


def _normalize(name: str) -> str:
    return name.replace(SEPARATOR, " ")


def read_xml(file: str, data: bytes) -> XmlSource:
    """Return an XML file. Raises SourceError, also for a DOCTYPE."""
    source = SourceText(file, _decode(data))
    builder = _NodeBuilder(source)
    try:
        scan_elements(check_prolog(data.removeprefix(BOM_UTF8)), builder.start, builder.end, builder.add_text, builder.bind)
    except UnreadableBody as error:
        raise make_source_error(source, error.failure) from None
    return XmlSource(file, source.text, builder.prefixes, builder.document.children[0])


def _decode(data: bytes) -> str:
    return data.removeprefix(BOM_UTF8).decode("utf-8", "replace")


@dataclass(frozen=True)
class PythonSource(SourceText):
    """A Python file. tree: its syntax tree."""

    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))

    def at(self, node: ast.expr | ast.stmt, message: str = "") -> Location:
        """Return the location of a node; of a function, of its first line. message: as in Location."""
        start = self._offset(node.lineno, node.col_offset)
        if isinstance(node, ast.FunctionDef):
            end = self.lines.offset(node.lineno) + len(self.lines.line(node.lineno))
        else:
            end = self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return self.locate(start, end, message)

    def _offset(self, line: int, byte: int) -> int:
        # The syntax tree counts bytes of UTF-8.
        return self.lines.offset(line) + len(self.lines.line(line).encode()[:byte].decode("utf-8", "replace"))


def read_python(file: str, data: bytes) -> PythonSource:
    """Return a Python file. Raises SourceError."""
    text = _decode(data)
    try:
        return PythonSource(file, text, ast.parse(text))
    except SyntaxError as error:
        source = SourceText(file, text)
        location = source.locate(source.lines.offset(error.lineno or 1, error.offset or 1))
        raise SourceError(location, f"SyntaxError: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:  # a null character, or nesting that is too deep
        reason = str(error) or "the file is nested too deep"
        raise SourceError(SourceText(file, text).locate(), f"{type(error).__name__}: {reason}") from None
