"""XML and Python artefacts as text with places: which stretch of a file an element or a syntax node stands for."""

import ast
import os
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers import expat

from validator.body.json_strict import MAX_DEPTH
from validator.body.tree import UnreadableBody
from validator.body.xml_prolog import START_TAG, check_prolog
from validator.inputs.source import SourceError, SourceText, make_source_error
from validator.output.finding import Location

_LONE_CR: Final = re.compile(r"\r(?!\n)")


def display_path(path: Path) -> str:
    """Return a path for display: relative to the current folder when it lies below it, else absolute."""
    relative = os.path.relpath(path)
    return str(path.resolve()) if relative.startswith(os.pardir) else relative


@dataclass
class Node:
    """An XML element with the stretch of its start tag."""

    tag: str  # with the namespace before it: "namespace name"
    attributes: Mapping[str, str]
    span: tuple[int, int]
    children: list["Node"] = field(default_factory=list)
    text: str = ""


@dataclass(frozen=True)
class XmlSource(SourceText):
    """An XML file with its root element. prefixes: what each namespace is bound to in it, "" for the default."""

    prefixes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    root: Node = field(default_factory=lambda: Node("", {}, (0, 0)))

    def at(self, node: Node, words: str = "") -> Location:
        """Return the place of an element's start tag."""
        return self.locate(*node.span, words)


def _text(data: bytes) -> str:
    """Return a file as text whose lines end as its parser counts them: expat and Python end one at a lone CR too."""
    return _LONE_CR.sub("\n", data.removeprefix(BOM_UTF8).decode("utf-8", "replace"))


def read_xml(file: str, data: bytes) -> XmlSource:
    """Return an XML file. Raises SourceError. A DOCTYPE is refused."""
    whole = SourceText(file, _text(data))
    parser = expat.ParserCreate("utf-8", " ")
    top = Node("", {}, (0, 0))
    around = [top]
    prefixes: dict[str, frozenset[str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        offset = whole.offset(parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        match = START_TAG.match(whole.text, offset)
        node = Node(tag, attributes, match.span() if match else (offset, offset))
        around[-1].children.append(node)
        around.append(node)
        if len(around) > MAX_DEPTH + 1:
            raise SourceError(whole.locate(*node.span), f"the file is nested deeper than {MAX_DEPTH} levels")

    def text(found: str) -> None:
        around[-1].text += found

    def bind(prefix: str | None, namespace: str) -> None:
        prefixes[namespace] = prefixes.get(namespace, frozenset()) | {prefix or ""}

    parser.StartNamespaceDeclHandler = bind
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: around.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(check_prolog(data.removeprefix(BOM_UTF8)), True)  # noqa: FBT003 - expat's own signature
    except UnreadableBody as unreadable:
        raise make_source_error(whole, unreadable.failure) from None
    except expat.ExpatError as error:
        place = whole.locate(whole.offset(error.lineno, error.offset + 1))
        raise SourceError(place, f"not well-formed XML: {expat.ErrorString(error.code)}") from None
    return XmlSource(file, whole.text, prefixes, top.children[0])


@dataclass(frozen=True)
class PythonSource(SourceText):
    """A Python file with its syntax tree."""

    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))

    def at(self, node: ast.expr | ast.stmt, words: str = "") -> Location:
        """Return the place of a node; of a function its name's line."""
        end = node.lineno if isinstance(node, ast.FunctionDef) else node.end_lineno or node.lineno
        column = len(self.line(end)) if isinstance(node, ast.FunctionDef) else self._column(end, node.end_col_offset or 0)
        return self.locate(self._offset(node.lineno, node.col_offset), self.offset(end, 1) + column, words)

    def _offset(self, line: int, byte: int) -> int:
        return self.offset(line, 1) + self._column(line, byte)

    def _column(self, line: int, byte: int) -> int:
        # The syntax tree counts bytes of UTF-8.
        return len(self.line(line).encode()[:byte].decode("utf-8", "replace"))


def read_python(file: str, data: bytes) -> PythonSource:
    """Return a Python file. Raises SourceError."""
    text = _text(data)
    try:
        return PythonSource(file, text, ast.parse(text))
    except SyntaxError as error:
        whole = SourceText(file, text)
        raise SourceError(whole.locate(whole.offset(error.lineno or 1, error.offset or 1)), f"SyntaxError: {error.msg}") from None
