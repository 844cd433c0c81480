"""The shape of the bodies that an XSD describes, to compare it with that of the JSON Schema.

Only a part of XSD is compiled: one root element; types with names or without; elements in any order (xs:all), or a single one;
restrictions of xs:string by xs:enumeration, one xs:pattern and xs:minLength. An XSD of this part is valid, so that lxml need not
compile it. Any other is left to lxml.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple
from xml.parsers import expat

from validator.body.pattern import ANY_STRING, CharacterClass, Dialect, Node, PatternError, Repetition, parse
from validator.body.shape import Shape
from validator.body.xml_names import SEPARATOR
from validator.body.xml_strict import BOOLEANS, SPACE

_XS: Final = "http://www.w3.org/2001/XMLSchema"
_ANY: Final = re.compile("(?s:.*)")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_FORM: Final = re.compile("qualified|unqualified")
_LEVELS: Final = 100  # of nested elements, and of types that refer to types
# The elements that are compiled, with the attributes that each may have and the values of these.
_ATTRIBUTES: Final[Mapping[str, Mapping[str, re.Pattern[str]]]] = {
    "schema": {"elementFormDefault": _FORM, "attributeFormDefault": _FORM},
    "annotation": {},
    "documentation": {f"http://www.w3.org/XML/1998/namespace{SEPARATOR}lang": re.compile("[a-z]{2,3}(-[A-Z]{2})?")},
    "element": {"name": _NAME, "type": _ANY, "minOccurs": re.compile("[01]"), "maxOccurs": re.compile("1|unbounded")},
    "complexType": {"name": _NAME},
    "simpleType": {"name": _NAME},
    "all": {},
    "sequence": {},
    "restriction": {"base": _ANY},
    "enumeration": {"value": _ANY},
    "pattern": {"value": _ANY},
    "minLength": {"value": re.compile("[0-9]{1,9}")},
}


class _Unsupported(Exception):  # noqa: N818 - a signal, caught below
    """The XSD says something else than a shape can, or is invalid."""


def describes_same_bodies(root: str, shape: Shape, xsd: bytes) -> bool:
    """Return whether an XSD describes the bodies of a shape, as XML with a root element. False where that is not decided."""
    compiled = compile_xsd(xsd)
    return compiled is not None and compiled[0] == root and _is_same(shape, compiled[1])


def compile_xsd(xsd: bytes) -> tuple[str, Shape] | None:
    """Return the name of the root element and the shape that an XSD describes; None where only lxml can say that.

    A boolean has the shape of a string: XSD has other booleans than the engine.
    """
    try:
        return _Compiler(_parse(xsd)).compile()
    except (_Unsupported, expat.ExpatError, RecursionError):
        return None


def _is_same(json: Shape, xsd: Shape) -> bool:
    if json.kind == "boolean":
        return xsd == Shape("string", values=xsd.values) and set(xsd.values) == BOOLEANS.keys()
    if json.kind != xsd.kind or json.members.keys() != xsd.members.keys() or set(json.required) != set(xsd.required):
        return False
    if json.kind == "string":
        return (
            set(json.values) == set(xsd.values)
            and json.min_length == xsd.min_length
            and _parse_pattern(json.pattern, "json") == _parse_pattern(xsd.pattern, "xsd")
        )
    same_items = json.items is None or xsd.items is None or _is_same(json.items, xsd.items)
    return same_items and all(_is_same(member, xsd.members[name]) for name, member in json.members.items())


def _parse_pattern(pattern: str | None, dialect: Dialect) -> Node:
    return ANY_STRING if pattern is None else _drop_offsets(parse(pattern, dialect))


def _drop_offsets(node: Node) -> Node:
    """Return a syntax tree that is equal to that of the same pattern in the other dialect."""
    if isinstance(node, CharacterClass):
        return node
    if isinstance(node, Repetition):
        return Repetition(_drop_offsets(node.part), node.minimum, node.maximum)
    return type(node)(tuple(map(_drop_offsets, node.parts)))


class _Element(NamedTuple):
    """An element of an XSD. name: local. children: without those of documentation."""

    name: str
    attributes: Mapping[str, str]
    children: "list[_Element]"


class _Document:
    """The elements of an XSD as expat reports them. prefixes: of the namespace of XSD, "" for a default namespace."""

    def __init__(self) -> None:
        self.top = _Element("", {}, [])
        self.prefixes: set[str] = set()
        self._open = [self.top]
        self._prose_level = 0  # inside documentation, which may hold anything

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Add an element. Raises _Unsupported."""
        if self._prose_level or self._open[-1].name == "documentation":
            self._prose_level += 1
            return
        namespace, _, name = tag.rpartition(SEPARATOR)
        values = _ATTRIBUTES.get(name, {})
        if namespace != _XS or name not in _ATTRIBUTES or len(self._open) > _LEVELS:
            raise _Unsupported
        if not all(attribute in values and values[attribute].fullmatch(value) for attribute, value in attributes.items()):
            raise _Unsupported
        element = _Element(name, attributes, [])
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _tag: str) -> None:
        """Close an element."""
        if self._prose_level:
            self._prose_level -= 1
        else:
            self._open.pop()

    def add_text(self, text: str) -> None:
        """Check text. Raises _Unsupported."""
        if text.strip(SPACE) and self._open[-1].name != "documentation":
            raise _Unsupported

    def bind(self, prefix: str | None, namespace: str) -> None:
        """Record a prefix. Raises _Unsupported for one that is not bound at the root, or a default namespace."""
        if self._open[-1].name == "documentation":
            return
        if len(self._open) > 1 or (prefix is None and namespace != _XS):
            raise _Unsupported
        if namespace == _XS:
            self.prefixes.add(prefix or "")


def _parse(xsd: bytes) -> _Document:
    """Return the elements of an XSD. Raises _Unsupported and ExpatError."""
    document = _Document()
    parser = expat.ParserCreate("utf-8", SEPARATOR)
    parser.StartElementHandler, parser.EndElementHandler = document.start, document.end
    parser.CharacterDataHandler, parser.StartNamespaceDeclHandler = document.add_text, document.bind
    parser.Parse(xsd, True)  # noqa: FBT003 - expat's own signature
    return document


class _Compiler:
    """Compiles the types of an XSD, each once."""

    def __init__(self, document: _Document) -> None:
        self._schema = document.top.children[0]
        self._strings = {f"{prefix}:string" if prefix else "string" for prefix in document.prefixes}
        self._has_default = "" in document.prefixes  # names without a prefix are those of XSD, and not of types here
        self._types: dict[str, _Element] = {}
        self._shapes: dict[str, Shape] = {}
        self._level = 0

    def compile(self) -> tuple[str, Shape]:
        """Return the name and the shape of the root element. Raises _Unsupported."""
        roots = []
        for child in self._schema.children:
            name = child.attributes.get("name", "")
            if child.name == "annotation":
                _check_annotation(child)
            elif child.name == "element":
                roots.append(child)
            elif name and name not in self._types:
                self._types[name] = child
            else:
                raise _Unsupported
        if self._schema.name != "schema" or len(roots) != 1 or roots[0].attributes.keys() - {"name", "type"}:
            raise _Unsupported
        for name in self._types:
            self._resolve(name)
        shape = self._compile_element(roots[0])
        return roots[0].attributes["name"], shape

    def _resolve_reference(self, name: str) -> Shape:
        """Return the shape of the type that an attribute names. Raises _Unsupported."""
        if name in self._strings:
            return Shape("string")
        if self._has_default:
            raise _Unsupported
        return self._resolve(name)

    def _resolve(self, name: str) -> Shape:
        """Return the shape of a type of the XSD. Raises _Unsupported."""
        if name not in self._shapes:
            if name not in self._types or self._level == _LEVELS:  # a type inside itself has no end
                raise _Unsupported
            self._level += 1
            self._shapes[name] = self._compile_type(self._types[name])
            self._level -= 1
        return self._shapes[name]

    def _compile_element(self, element: _Element) -> Shape:
        """Return the shape of an element, of one of a list its items'. Raises _Unsupported."""
        content = _list_content(element)
        if "type" in element.attributes:
            if content or "name" not in element.attributes:
                raise _Unsupported
            return self._resolve_reference(element.attributes["type"])
        if len(content) != 1 or content[0].attributes or "name" not in element.attributes:
            raise _Unsupported
        return self._compile_type(content[0])

    def _compile_type(self, definition: _Element) -> Shape:
        content = _list_content(definition)
        if len(content) == 1 and definition.name == "complexType":
            return self._compile_group(content[0])
        if len(content) == 1 and definition.name == "simpleType" and content[0].name == "restriction":
            return self._restrict(content[0])
        raise _Unsupported

    def _compile_group(self, group: _Element) -> Shape:
        elements = _list_content(group)
        is_sequence = group.name == "sequence"
        if not elements or not (group.name == "all" or (is_sequence and len(elements) == 1)):
            raise _Unsupported
        members, required = dict[str, Shape](), list[str]()
        for element in elements:
            if element.name != "element":
                raise _Unsupported
            shape, name = self._compile_element(element), element.attributes["name"]
            is_list = element.attributes.get("maxOccurs") == "unbounded"
            if name in members or (is_list and not is_sequence):
                raise _Unsupported
            members[name] = Shape("array", items=shape) if is_list else shape
            required += [name] if element.attributes.get("minOccurs") != "0" else []
        return Shape("object", members, tuple(required))

    def _restrict(self, restriction: _Element) -> Shape:
        base = self._resolve_reference(restriction.attributes.get("base", ""))
        values: dict[str, list[str]] = {"enumeration": [], "pattern": [], "minLength": []}
        for facet in _list_content(restriction):
            if facet.name not in values or "value" not in facet.attributes or _list_content(facet):
                raise _Unsupported
            values[facet.name].append(facet.attributes["value"])
        if base.kind != "string":
            raise _Unsupported
        return _add_facets(base, values["enumeration"], values["pattern"], values["minLength"])


def _add_facets(base: Shape, values: list[str], patterns: list[str], lengths: list[str]) -> Shape:
    """Return a type with more facets. Raises _Unsupported where these replace or must match those of the base."""
    is_plain = base == Shape("string")
    if len(patterns) > 1 or len(lengths) > 1 or (values and not is_plain) or len(set(values)) < len(values):
        raise _Unsupported
    if (patterns and base.pattern is not None) or (lengths and base.min_length):
        raise _Unsupported
    changes: dict[str, Any] = {"values": tuple(values)} if values else {}
    if patterns:
        changes["pattern"] = patterns[0]
        _check_pattern(patterns[0])
    if lengths:
        changes["min_length"] = int(lengths[0])
    return replace(base, **changes)


def _check_pattern(pattern: str) -> None:
    try:
        parse(pattern, "xsd")
    except PatternError:
        raise _Unsupported from None


def _list_content(element: _Element) -> "list[_Element]":
    """Return the children of an element without the annotation that may come first. Raises _Unsupported."""
    children = element.children
    if children and children[0].name == "annotation":
        _check_annotation(children[0])
        return children[1:]
    return children


def _check_annotation(annotation: _Element) -> None:
    if any(child.name != "documentation" for child in annotation.children):
        raise _Unsupported
