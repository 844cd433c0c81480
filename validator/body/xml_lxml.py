"""Read XML bodies with lxml, and validate them with the JSON Schema and then with the XSD.

For operations whose XSD does not describe the same bodies as the JSON Schema, or not in a way that xsd_shape understands.
The only module that imports lxml.

Four rules make libxml2 safe here:

1. It sees plain bodies only: known element names without attributes, text and CDATA. A plain body has no comment, DOCTYPE,
   custom entity, namespace, processing instruction or ``xsi:schemaLocation``.
2. It stores every name and every longer run of white space that it reads, per thread, until the process ends. In plain
   bodies the names are known and the runs are indentation, so there are few.
3. The XSD only validates trees that the JSON Schema accepts: libxml2 takes quadratic time in the errors that it finds.
4. Threads share no parser and no compiled XSD: each thread would read the errors of the others.

Other bodies, and bodies that are rejected, are read by expat (xml_strict), which stores nothing.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from lxml import etree

from validator.body.json_fast import compile_validator
from validator.body.shape import Shape
from validator.body.tree import Body, BodyReader, build_element_tree
from validator.body.xml_strict import BOOLEANS, build_explainer

_S: Final = rb"[ \t\r\n]"
# After a tag: at most 15 white space characters, or a line end and indentation of one kind.
_INDENTATION: Final = rb"(?:(?!" + _S + rb"{16})|(?:\r?\n)?(?: *+|\t*+)(?!" + _S + rb"))"
# No text and no CDATA between elements. The first alternative is the usual case: the next tag follows at once.
_THEN_TAG: Final = rb"(?:(?=<[^!])|" + _INDENTATION + rb"(?=" + _S + rb"*+(?:<[^!]|\Z)))"
_FIRST_BYTES: Final = frozenset({b"<", b" ", b"\t", b"\r", b"\n"})  # not a second byte order mark
_DECLARATION: Final = re.compile(rb"""<\?xml version=(["'])1\.0\1(?: encoding=(["'])(?i:utf-8)\2)? ?\?>""")
_REFERENCE: Final = rb"&(?:[lg]t|amp|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});"
_OTHER_REFERENCE: Final = re.compile(rb"&(?!" + _REFERENCE[1:] + rb")")


def _list_names(shape: Shape, *, leaf: bool) -> Iterator[str]:
    for name, member in shape.entry.members.items():
        if (member.entry.kind != "object") == leaf:
            yield name
        yield from _list_names(member, leaf=leaf)


def _one_of(names: Iterable[str]) -> bytes:
    return rb"(?:" + b"|".join(re.escape(name.encode()) for name in sorted(names, key=len, reverse=True)) + rb")" + _S + rb"*+"


def compile_plain_test(root: str, shape: Shape) -> Callable[[bytes], bool]:
    """Return a function that returns whether a body is plain (rules 1 and 2). Linear; a plain body may be malformed."""
    leaves = set(_list_names(shape, leaf=True))
    branches = {root, *_list_names(shape, leaf=False)}
    close = rb"/" + _one_of(leaves | branches) + rb">" + _THEN_TAG
    branch = _one_of(branches - leaves) + rb"/?>" + _THEN_TAG
    leaf = _one_of(leaves) + rb"(?:>" + _INDENTATION + rb"|/>" + _THEN_TAG + rb")"
    tag = rb"(?:" + close + rb"|" + branch + rb"|" + leaf + rb")"
    cdata = rb"!\[CDATA\[(?:[^\]]++|\](?!\]>))*+\]\]>" + _INDENTATION
    other_tag = re.compile(rb"<(?!" + tag + rb")")
    whole = re.compile(rb"(?:[^<&]++|<" + tag + rb"|<" + cdata + rb"|" + _REFERENCE + rb")*+")

    def is_plain(body: bytes) -> bool:
        declaration = _DECLARATION.match(body)
        start = declaration.end() if declaration else 0
        if body[start : start + 1] not in _FIRST_BYTES:
            return False
        if b"<!" in body:
            return whole.fullmatch(body, start) is not None
        return other_tag.search(body, start) is None and _OTHER_REFERENCE.search(body, start) is None

    return is_plain


class _Engines(threading.local):
    """The parser and the compiled XSD of a thread (rule 4)."""

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


def build_xml_reader(
    schema: Mapping[str, Any], shape: Shape, root: str, xsd: bytes, namespaces: Sequence[str] = ()
) -> BodyReader:
    """Return the reader of an operation's XML bodies. Raises etree.XMLSchemaParseError when the XSD is invalid."""
    engines = _Engines(xsd)
    is_plain = compile_plain_test(root, shape)
    is_valid = compile_validator(schema).is_valid
    build_tree = make_tree_builder(shape)

    def is_valid_tree(tree: Any) -> bool:
        return bool(is_valid(tree) and engines.is_valid(build_element_tree(etree, root, shape, tree)))

    explain = build_explainer(root, shape, is_valid_tree, namespaces)

    def read(body: bytes, limit: int) -> Body:
        if is_plain(body):
            try:
                element = etree.fromstring(body, engines.parser)
            except etree.XMLSyntaxError:
                return explain(body, limit)
            tree = build_tree(element) if element.tag == root else None
            if tree is not None and is_valid(tree) and engines.is_valid(element):
                return Body(tree)
        return explain(body, limit)

    return read


def make_tree_builder(shape: Shape) -> Callable[[Any], Any]:
    """Return the function that converts an element of a plain body to a value, or to None when it cannot be valid."""
    if shape.kind == "object":
        return _make_object_builder(shape)
    if shape.kind == "boolean":
        return lambda element: BOOLEANS.get(element.text) if len(element) == 0 else None
    return lambda element: (element.text or "") if len(element) == 0 else None


def _make_object_builder(shape: Shape) -> Callable[[Any], Any]:
    builders = {name: make_tree_builder(member.entry) for name, member in shape.members.items()}
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
            tree[list_name] = []  # an empty element is an empty list
        return tree

    return build
