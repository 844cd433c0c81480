"""From bytes to a sound tree: XML by lxml, judged by JSON Schema and then by XSD. The only module that knows lxml.

The laws that make libxml2 safe here:

1. It never sees a byte that ``plain`` did not take: known element names without attributes, text and CDATA. So there
   is no comment, no DOCTYPE, no entity of one's own, no namespace, no processing instruction, no ``xsi:schemaLocation``.
2. It keeps every name and every longer run of white space that it ever read, per thread, for ever. The names are known
   ones, and the runs are indentation, of which there are few.
3. XSD never judges a tree that is not sound by JSON Schema: libxml2 is quadratic in what it finds wrong.
4. Parsers and compiled XSDs are not shared by threads: each thread would read the others' errors.

What is not plain, and what was refused, is read by expat, which is told everything and remembers nothing.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from lxml import etree

from validator.body.json_fast import compile_validator
from validator.body.shape import Shape
from validator.body.tree import Body, BodyReader, build_element_tree
from validator.body.xml_strict import BOOLEANS
from validator.body.xml_strict import reader as explainer

_S: Final = rb"[ \t\r\n]"
# After a tag: no run of 16 or more white space characters but a line end and equal indentation.
_SETTLED: Final = rb"(?:(?!" + _S + rb"{16})|(?:\r?\n)?(?: *+|\t*+)(?!" + _S + rb"))"
# No text, and no CDATA, beside elements; mostly the next tag follows at once.
_THEN_TAG: Final = rb"(?:(?=<[^!])|" + _SETTLED + rb"(?=" + _S + rb"*+(?:<[^!]|\Z)))"
_BEGINS: Final = frozenset({b"<", b" ", b"\t", b"\r", b"\n"})  # not a second byte order mark
_DECLARATION: Final = re.compile(rb"""<\?xml version=(["'])1\.0\1(?: encoding=(["'])(?i:utf-8)\2)? ?\?>""")
_REFERENCE: Final = rb"&(?:[lg]t|amp|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});"
_STRANGE_REFERENCE: Final = re.compile(rb"&(?!" + _REFERENCE[1:] + rb")")


def _names(shape: Shape, *, leaf: bool) -> Iterator[str]:
    for name, member in shape.entry.members.items():
        if (member.entry.kind != "object") == leaf:
            yield name
        yield from _names(member, leaf=leaf)


def _one_of(names: Iterable[str]) -> bytes:
    return rb"(?:" + b"|".join(re.escape(name.encode()) for name in sorted(names, key=len, reverse=True)) + rb")" + _S + rb"*+"


def compile_plain_test(root: str, shape: Shape) -> Callable[[bytes], bool]:
    """Return the test whether libxml2 may see a body (laws 1 to 3). Linear; a body may be malformed and still be plain."""
    leaves = set(_names(shape, leaf=True))
    branches = {root, *_names(shape, leaf=False)}
    close = rb"/" + _one_of(leaves | branches) + rb">" + _THEN_TAG
    branch = _one_of(branches - leaves) + rb"/?>" + _THEN_TAG
    leaf = _one_of(leaves) + rb"(?:>" + _SETTLED + rb"|/>" + _THEN_TAG + rb")"
    tag = rb"(?:" + close + rb"|" + branch + rb"|" + leaf + rb")"
    cdata = rb"!\[CDATA\[(?:[^\]]++|\](?!\]>))*+\]\]>" + _SETTLED
    strange_tag = re.compile(rb"<(?!" + tag + rb")")
    whole = re.compile(rb"(?:[^<&]++|<" + tag + rb"|<" + cdata + rb"|" + _REFERENCE + rb")*+")

    def is_plain(body: bytes) -> bool:
        declaration = _DECLARATION.match(body)
        start = declaration.end() if declaration else 0
        if body[start : start + 1] not in _BEGINS:
            return False
        if b"<!" in body:
            return whole.fullmatch(body, start) is not None
        return strange_tag.search(body, start) is None and _STRANGE_REFERENCE.search(body, start) is None

    return is_plain


class _Engines(threading.local):
    """A parser and a compiled XSD for each thread (law 4)."""

    def __init__(self, xsd: bytes) -> None:
        self.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_pis=True,
            remove_comments=True,
            recover=False,
        )
        self.is_valid = etree.XMLSchema(etree.fromstring(xsd, self.parser)).validate


def build_xml_reader(schema: Mapping[str, Any], shape: Shape, root: str, xsd: bytes) -> BodyReader:
    """Return the function that reads XML bodies of an operation. Raises etree.XMLSchemaParseError on a wrong XSD."""
    engines = _Engines(xsd)
    is_plain = compile_plain_test(root, shape)
    is_valid = compile_validator(schema).is_valid
    value = tree_builder(shape)

    def is_sound(tree: Any) -> bool:
        return bool(is_valid(tree) and engines.is_valid(build_element_tree(etree, root, shape, tree)))

    explain = explainer(root, shape, is_sound)

    def read(body: bytes, limit: int) -> Body:
        if is_plain(body):
            try:
                element = etree.fromstring(body, engines.parser)
            except etree.XMLSyntaxError:
                return explain(body, limit)
            tree = value(element) if element.tag == root else None
            if tree is not None and is_valid(tree) and engines.is_valid(element):
                return Body(tree)
        return explain(body, limit)

    return read


def tree_builder(shape: Shape) -> Callable[[Any], Any]:
    """Return the function from an element of a plain body to the value of a shape; None when it cannot be sound."""
    if shape.kind == "object":
        return _object_builder(shape)
    if shape.kind == "boolean":
        return lambda element: BOOLEANS.get(element.text) if len(element) == 0 else None
    return lambda element: (element.text or "") if len(element) == 0 else None


def _object_builder(shape: Shape) -> Callable[[Any], Any]:
    builders = {name: tree_builder(member.entry) for name, member in shape.members.items()}
    lists = frozenset(name for name, member in shape.members.items() if member.items)
    list_name = shape.list_name

    def build(element: Any) -> dict[str, Any] | None:
        tree: dict[str, Any] = {}
        for child in element:
            name = child.tag
            value = builders[name](child) if name in builders else None
            if value is None:
                return None
            if name in lists:
                tree.setdefault(name, []).append(value)
            elif name in tree:
                return None
            else:
                tree[name] = value
        if list_name and not tree:
            tree[list_name] = []  # a wrapper without entries is an empty list
        return tree

    return build
