"""The tree that an XSD describes."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import count
from typing import Final

from validator.lint.schemas.schema_tree import (
    LIST,
    MAX_DEPTH,
    MAX_NODES,
    OBJECT,
    OPTIONAL,
    REQUIRED,
    SINGLE,
    STRING,
    Constraint,
    SchemaNode,
    TreeTooLarge,
)
from validator.lint.source import Node, XmlSource

XS: Final = "http://www.w3.org/2001/XMLSchema "
_PROSE: Final = frozenset({"documentation", "appinfo"})


def read_tree(source: XmlSource) -> tuple[str, SchemaNode] | None:
    """Return the name of the root element and the tree that an XSD describes, as far as it can be read; None without a root.

    Raises TreeTooLarge.
    """
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
    elements = {name: _find_elements(definition) for name, definition in _find_types(source).items()}
    uses = {name: {element.attributes.get("type", "") for element in inner} & elements.keys() for name, inner in elements.items()}
    cycles = _number_cycles(uses)
    for name, inner in elements.items():
        yield from (element for element in inner if cycles.get(element.attributes.get("type", "")) == cycles[name])


def _number_cycles(uses: Mapping[str, AbstractSet[str]]) -> dict[str, int]:
    """Return a number for each type, equal for types that contain each other (strongly connected components, as Kosaraju)."""
    order: list[str] = []
    seen: set[str] = set()
    for first in uses:
        stack = [(first, iter(uses[first]))] if first not in seen else []
        seen.add(first)
        while stack:
            name, rest = stack[-1]
            following = next((other for other in rest if other not in seen), None)
            if following is None:
                order.append(stack.pop()[0])
            else:
                seen.add(following)
                stack.append((following, iter(uses[following])))
    users: dict[str, list[str]] = {name: [] for name in uses}
    for name, used in uses.items():
        for other in used:
            users[other].append(name)
    numbers: dict[str, int] = {}
    for number, first in enumerate(reversed(order)):
        waiting = [first] if first not in numbers else []
        while waiting:
            name = waiting.pop()
            if name not in numbers:
                numbers[name] = number
                waiting += users[name]
    return numbers


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
        self._numbers = count(1)
        self._strings = {f"{prefix}:string" if prefix else "string" for prefix in source.prefixes.get(XS[:-1], ())}

    def read_element(self, element: Node, ancestors: tuple[str, ...]) -> SchemaNode:
        """Return the node of an element. ancestors: the names of the enclosing types; a type inside itself ends there."""
        if next(self._numbers) > MAX_NODES or len(ancestors) > MAX_DEPTH:
            raise TreeTooLarge
        location = self._source.at(element)
        occurrence, cardinality = self._read_occurs(element)
        named = element.attributes.get("type", "")
        inline = find_children(element, "complexType", "simpleType")
        definition = inline[0] if inline else self._types.get(named)
        if definition is None or named in ancestors:
            kind = STRING if named in self._strings else self._name_other_kind(named)
            return SchemaNode(kind, location, location, occurrence, cardinality, texts=self._read_texts(element))
        texts = [*self._read_texts(element), *self._read_texts(definition)]
        node = SchemaNode(STRING, location, self._source.at(definition), occurrence, cardinality, texts=texts)
        if get_local_name(definition) == "simpleType":
            return self._read_simple_type(definition, node)
        return self._read_complex_type(definition, node, (*ancestors, named) if named else ancestors)

    def _read_texts(self, node: Node) -> list[Constraint]:
        """Return the documentation of an element or type."""
        return [
            Constraint(text.text, self._source.at(text))
            for annotation in find_children(node, "annotation")
            for text in find_children(annotation, "documentation")
        ]

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
            if depth > MAX_DEPTH and len(self._types) > MAX_DEPTH:
                raise TreeTooLarge
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
        allowed = node.allowed_values
        values = [facet for name, facet in facets if name == "enumeration" and (allowed is None or facet.value in allowed)]
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


def _to_number(facet: Constraint) -> Constraint | None:
    """Return a facet with its value as a number: a nonNegativeInteger may have a sign and white space around it."""
    try:
        return Constraint(int(facet.value), facet.location)
    except ValueError:
        return None
