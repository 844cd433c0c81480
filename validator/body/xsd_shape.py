"""The shape of the bodies that an XSD describes, to compare it with that of the JSON Schema.

Only a part of XSD is compiled: one root element; types with names or without; elements in any order (xs:all), or a single one;
restrictions of xs:string by xs:enumeration, one xs:pattern and xs:minLength. An XSD of this part is valid, so that lxml need not
compile it. Any other is left to lxml.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
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
    "schema": {"elementFormDefault": _FORM, "attributeFormDefault": _FORM, "version": _ANY},
    "annotation": {},
    "documentation": {f"http://www.w3.org/XML/1998/namespace{SEPARATOR}lang": re.compile("[a-z]{2,3}(-[A-Z]{2})?")},
    "element": {"name": _NAME, "type": _ANY, "minOccurs": re.compile("[01]"), "maxOccurs": re.compile("1|unbounded")},
    "complexType": {"name": _NAME, "mixed": re.compile("false|0")},
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
        _require(namespace == _XS and name in _ATTRIBUTES and len(self._open) <= _LEVELS)
        values = _ATTRIBUTES[name]
        _require(all(one in values and values[one].fullmatch(value) for one, value in attributes.items()))
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
        _require(not text.strip(SPACE) or self._open[-1].name == "documentation")

    def bind(self, prefix: str | None, namespace: str) -> None:
        """Record a prefix. Raises _Unsupported for one that is not bound at the root, and for another default namespace."""
        if self._open[-1].name == "documentation":
            return
        _require(len(self._open) == 1 and (prefix is not None or namespace == _XS))
        if namespace == _XS:
            self.prefixes.add(prefix or "")


def _require(condition: object) -> None:
    """Raise _Unsupported unless a condition holds."""
    if not condition:
        raise _Unsupported


def _parse(xsd: bytes) -> _Document:
    """Return the elements of an XSD. Raises _Unsupported and ExpatError."""
    document = _Document()
    parser = expat.ParserCreate("utf-8", SEPARATOR)
    parser.StartElementHandler, parser.EndElementHandler = document.start, document.end
    parser.CharacterDataHandler, parser.StartNamespaceDeclHandler = document.add_text, document.bind
    parser.Parse(xsd, True)  # noqa: FBT003 - expat's own signature
    return document


class _Compiler:
    """Compiles an XSD, each of its types once. Its methods raise _Unsupported."""

    def __init__(self, document: _Document) -> None:
        self._schema = document.top.children[0]
        self._strings = {f"{prefix}:string" if prefix else "string" for prefix in document.prefixes}
        self._has_default = "" in document.prefixes  # names without a prefix are those of XSD, and not of types here
        self._types: dict[str, _Element] = {}
        self._shapes: dict[str, Shape] = {}
        self._level = 0

    def compile(self) -> tuple[str, Shape]:
        """Return the name and the shape of the root element."""
        _require(self._schema.name == "schema")
        roots = []
        for child in self._schema.children:
            name = child.attributes.get("name", "")
            if child.name == "annotation":
                _check_annotation(child)
            elif child.name == "element":
                roots.append(child)
            else:
                _require(name and name not in self._types)
                self._types[name] = child
        for name in self._types:
            self._resolve(name)
        _require(len(roots) == 1 and roots[0].attributes.keys() <= {"name", "type"})
        return self._compile_element(roots[0])

    def _resolve_reference(self, name: str) -> Shape:
        """Return the shape of the type that an attribute names."""
        if name in self._strings:
            return Shape("string")
        _require(not self._has_default)
        return self._resolve(name)

    def _resolve(self, name: str) -> Shape:
        """Return the shape of a type of the XSD."""
        if name not in self._shapes:
            _require(name in self._types and self._level < _LEVELS)  # a type inside itself has no end
            self._level += 1
            self._shapes[name] = self._compile_type(self._types[name])
            self._level -= 1
        return self._shapes[name]

    def _compile_element(self, element: _Element) -> tuple[str, Shape]:
        """Return the name and the shape of an element; of one that may be repeated, the shape of one occurrence."""
        content = _list_content(element)
        _require("name" in element.attributes and len(content) == ("type" not in element.attributes))
        if "type" in element.attributes:
            return element.attributes["name"], self._resolve_reference(element.attributes["type"])
        _require("name" not in content[0].attributes)
        return element.attributes["name"], self._compile_type(content[0])

    def _compile_type(self, definition: _Element) -> Shape:
        content = _list_content(definition)
        _require(len(content) == 1)
        if definition.name == "complexType":
            return self._compile_group(content[0])
        _require(definition.name == "simpleType" and content[0].name == "restriction")
        return self._restrict(content[0])

    def _compile_group(self, group: _Element) -> Shape:
        elements = _list_content(group)
        is_sequence = group.name == "sequence"
        _require(len(elements) == 1 if is_sequence else elements and group.name == "all")
        members, required = dict[str, Shape](), list[str]()
        for element in elements:
            _require(element.name == "element")
            name, shape = self._compile_element(element)
            is_list = element.attributes.get("maxOccurs") == "unbounded"
            _require(name not in members and (is_sequence or not is_list))
            members[name] = Shape("array", items=shape) if is_list else shape
            required += [name] if element.attributes.get("minOccurs") != "0" else []
        return Shape("object", members, tuple(required))

    def _restrict(self, restriction: _Element) -> Shape:
        base = self._resolve_reference(restriction.attributes.get("base", ""))
        facets: dict[str, list[str]] = {"enumeration": [], "pattern": [], "minLength": []}
        for facet in _list_content(restriction):
            _require(facet.name in facets and "value" in facet.attributes and not _list_content(facet))
            facets[facet.name].append(facet.attributes["value"])
        _require(base.kind == "string")
        return _add_facets(base, facets["enumeration"], facets["pattern"], facets["minLength"])


def _add_facets(base: Shape, values: list[str], patterns: list[str], lengths: list[str]) -> Shape:
    """Return a type with more facets. Raises _Unsupported where these replace those of the base, or must agree with them."""
    _require(not values or (base == Shape("string") and len(set(values)) == len(values)))
    _require(not patterns or (base.pattern is None and len(patterns) == 1))
    _require(not lengths or (not base.min_length and len(lengths) == 1))
    for pattern in patterns:
        base = base._replace(pattern=_check_pattern(pattern))
    for length in lengths:
        base = base._replace(min_length=int(length))
    return base._replace(values=tuple(values)) if values else base


def _check_pattern(pattern: str) -> str:
    """Return a pattern that engines read alike. Raises _Unsupported."""
    try:
        parse(pattern, "xsd")
    except PatternError:
        raise _Unsupported from None
    return pattern


def _list_content(element: _Element) -> "list[_Element]":
    """Return the children of an element without the annotation that may come first. Raises _Unsupported."""
    children = element.children
    if children and children[0].name == "annotation":
        _check_annotation(children[0])
        return children[1:]
    return children


def _check_annotation(annotation: _Element) -> None:
    _require(all(child.name == "documentation" for child in annotation.children))
