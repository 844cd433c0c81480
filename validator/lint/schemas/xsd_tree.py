"""The tree that an XSD describes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from validator.lint.schemas.schema_tree import LIST, OBJECT, OPTIONAL, REQUIRED, SINGLE, STRING, Constraint, SchemaNode
from validator.lint.source import Node, XmlSource

XS: Final = "http://www.w3.org/2001/XMLSchema "
_PROSE: Final = frozenset({"documentation", "appinfo"})


def read_tree(source: XmlSource) -> tuple[str, SchemaNode] | None:
    """Return the name of the root element and the tree that an XSD describes, as far as it can be read; None without a root."""
    roots = find_children(source.root, "element")
    if not roots:
        return None
    location = source.at(roots[0])
    node = replace(
        _Reader(source).read_element(roots[0], ()),
        occurrence=Constraint(REQUIRED, location),
        cardinality=Constraint(SINGLE, location),
    )
    return roots[0].attributes.get("name", ""), node


def walk(node: Node) -> Iterator[Node]:
    """Yield an element and all its descendants, except those of documentation."""
    yield node
    for child in node.children if get_local_name(node) not in _PROSE else ():
        yield from walk(child)


def get_local_name(node: Node) -> str:
    """Return the local name of an XSD element; "" for an element of another namespace."""
    return node.tag.removeprefix(XS) if node.tag.startswith(XS) else ""


def find_children(node: Node, *names: str) -> list[Node]:
    """Return the child elements with one of these local names."""
    return [child for child in node.children if get_local_name(child) in names]


def find_circular_elements(source: XmlSource) -> Iterator[Node]:
    """Yield the elements whose type contains them."""
    types = _find_types(source)
    for name, definition in types.items():
        for element in _find_elements(definition):
            if _leads_to(element, name, {name}, types):
                yield element


def _leads_to(element: Node, name: str, seen: set[str], types: dict[str, Node]) -> bool:
    """Return whether the type of an element is, or contains, the named one."""
    used = element.attributes.get("type", "")
    if used == name:
        return True
    if used in seen or used not in types:
        return False
    seen.add(used)
    return any(_leads_to(inner, name, seen, types) for inner in _find_elements(types[used]))


def _find_elements(definition: Node) -> list[Node]:
    return [node for node in walk(definition) if get_local_name(node) == "element"]


def _find_types(source: XmlSource) -> dict[str, Node]:
    definitions = find_children(source.root, "simpleType", "complexType")
    return {node.attributes["name"]: node for node in definitions if "name" in node.attributes}


class _Reader:
    """Reads elements and the types that they name."""

    def __init__(self, source: XmlSource) -> None:
        self._source = source
        self._types = _find_types(source)
        self._strings = {f"{prefix}:string" if prefix else "string" for prefix in source.prefixes.get(XS[:-1], ())}

    def read_element(self, element: Node, ancestors: tuple[str, ...]) -> SchemaNode:
        """Return the node of an element. ancestors: the names of the enclosing types; a type inside itself ends there."""
        location = self._source.at(element)
        occurrence, cardinality = self._read_occurs(element)
        named = element.attributes.get("type", "")
        inline = find_children(element, "complexType", "simpleType")
        definition = inline[0] if inline else self._types.get(named)
        if definition is None or named in ancestors:
            kind = STRING if named in self._strings else self._name_other_kind(named)
            return SchemaNode(kind, location, location, occurrence, cardinality)
        node = SchemaNode(STRING, location, self._source.at(definition), occurrence, cardinality)
        if get_local_name(definition) == "simpleType":
            return self._read_simple_type(definition, node)
        return self._read_complex_type(definition, node, (*ancestors, named) if named else ancestors)

    def _read_occurs(self, element: Node) -> tuple[Constraint, Constraint]:
        location = self._source.at(element)
        least, most = element.attributes.get("minOccurs", "1"), element.attributes.get("maxOccurs", "1")
        occurrence = {"0": OPTIONAL, "1": REQUIRED}.get(least, f"required at least {least} times")
        cardinality = {"0": "prohibited", "1": SINGLE, "unbounded": LIST}.get(most, f"a list of at most {most}")
        return Constraint(occurrence, location), Constraint(cardinality, location)

    def _name_other_kind(self, name: str) -> str:
        """Return the name of a type of XSD; "" if it is not one."""
        return name if ":" in name or "string" in self._strings else ""

    def _read_complex_type(self, definition: Node, node: SchemaNode, ancestors: tuple[str, ...]) -> SchemaNode:
        members: dict[str, SchemaNode] = {}
        order = None
        for group in find_children(definition, "all", "sequence"):
            elements = find_children(group, "element")
            members |= {element.attributes.get("name", ""): self.read_element(element, ancestors) for element in elements}
            if get_local_name(group) == "sequence" and len(elements) > 1:
                order = self._source.at(group)
        return replace(node, kind=OBJECT, members=members, order=order)

    def _read_simple_type(self, definition: Node, node: SchemaNode, depth: int = 0) -> SchemaNode:
        for restriction in find_children(definition, "restriction")[:1]:
            base = restriction.attributes.get("base", "")
            if base in self._types and depth < len(self._types):
                node = self._read_simple_type(self._types[base], node, depth + 1)
            elif base not in self._strings:
                node = replace(node, kind=self._name_other_kind(base), location=self._source.at(restriction))
            node = self._restrict(restriction, node)
        return node

    def _restrict(self, restriction: Node, node: SchemaNode) -> SchemaNode:
        facets = [
            (get_local_name(child), Constraint(child.attributes.get("value", ""), self._source.at(child)))
            for child in restriction.children
        ]
        values = [facet for name, facet in facets if name == "enumeration" and _is_in(facet, node.values)]
        has_values = any(name == "enumeration" for name, _ in facets)
        patterns = [facet for name, facet in facets if name == "pattern"]
        lengths = {name: number for name, facet in facets if name.endswith("ength") and (number := _to_number(facet)) is not None}
        return replace(
            node,
            values=values if has_values else node.values,
            patterns=[*node.patterns, patterns] if patterns else node.patterns,
            min_length=lengths.get("length") or lengths.get("minLength") or node.min_length,
            max_length=lengths.get("length") or lengths.get("maxLength") or node.max_length,
        )


def _is_in(facet: Constraint, base: Sequence[Constraint] | None) -> bool:
    """Return whether a base type's enumeration, if any, has a value."""
    return base is None or any(facet.value == other.value for other in base)


def _to_number(facet: Constraint) -> Constraint | None:
    """Return a facet with its value as a number: a nonNegativeInteger may have a sign and white space around it."""
    try:
        return Constraint(int(facet.value), facet.location)
    except ValueError:
        return None
