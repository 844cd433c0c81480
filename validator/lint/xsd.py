"""An XSD alone: what is wrong with it, and the tree that it describes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import xmlschema
from lxml import etree

from validator.finding import Finding, Place
from validator.lint import kinds
from validator.lint.facets import pattern_findings
from validator.lint.source import Node, XmlSource
from validator.lint.tree import BOOLEAN, OBJECT, TEXT, Branch, Facet, found

XS: Final = "http://www.w3.org/2001/XMLSchema "
BOOLEANS: Final = frozenset({"true", "false", "1", "0"})
UNBOUNDED: Final = "unbounded"

_TAKEN: Final[Mapping[str, frozenset[str]]] = {
    "schema": frozenset({"elementFormDefault", "attributeFormDefault", "version", "id"}),
    "annotation": frozenset({"id"}),
    "documentation": frozenset({"source", "http://www.w3.org/XML/1998/namespace lang"}),
    "element": frozenset({"name", "type", "minOccurs", "maxOccurs", "id"}),
    "complexType": frozenset({"name", "id", "mixed"}),
    "simpleType": frozenset({"name", "id"}),
    "all": frozenset({"id"}),
    "sequence": frozenset({"id"}),
    "restriction": frozenset({"base", "id"}),
    **{facet: frozenset({"value", "id"}) for facet in ("enumeration", "pattern", "minLength", "maxLength", "length")},
}
_BOUND: Final = re.compile(r"""xmlns(?::([\w.-]+))?\s*=\s*["']http://www\.w3\.org/2001/XMLSchema["']""")
_WILD: Final = frozenset({"any", "anyAttribute", "attribute", "attributeGroup"})


def alone(source: XmlSource, data: bytes) -> Iterator[Finding]:
    """Yield what is wrong with any XSD: it does not compile, or what it defines is unused, undescribed or not portable."""
    yield from _not_compiled(source, data)
    for node in source.root.walk():
        if _name(node) in {"element", "simpleType", "complexType"} and "name" in node.attributes and not _documentation(node):
            yield found(kinds.UNDESCRIBED, source.at(node), f"{_shown(node)} has no documentation.")
        if _name(node) == "pattern":
            yield from pattern_findings(node.attributes.get("value", ""), "xsd", source.at(node))
    yield from _unused(source)


def taken(source: XmlSource) -> Iterator[Finding]:
    """Yield what JSON could not say too, in the XSD of an operation."""
    for node in source.root.walk():
        name = _name(node)
        if name in _WILD or (name == "complexType" and node.attributes.get("mixed") in {"true", "1"}):
            yield found(kinds.OPEN, source.at(node), f"{_shown(node)} takes what JSON cannot say.")
        elif name not in _TAKEN:
            yield found(kinds.XSD_NOT_TAKEN, source.at(node), f"{_shown(node)} is not taken.")
        else:
            for attribute in sorted(node.attributes.keys() - _TAKEN[name]):
                yield found(kinds.XSD_NOT_TAKEN, source.at(node), f"The attribute {attribute!r} of {_shown(node)} is not taken.")
    roots = _children(source.root, "element")
    for root in roots[1:]:
        yield found(
            kinds.XSD_NOT_TAKEN, source.at(root), "There is more than one root element.", source.at(roots[0], "the first")
        )
    if not roots:
        yield found(kinds.XSD_NOT_TAKEN, source.at(source.root), "There is no root element.")


def _not_compiled(source: XmlSource, data: bytes) -> Iterator[Finding]:
    try:
        etree.XMLSchema(etree.fromstring(data))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        last = getattr(error.error_log, "last_error", None)
        yield found(kinds.XSD_NOT_COMPILED, _node_on(source, last.line if last else 1), f"lxml: {_sentence(str(error))}")
        return
    try:
        xmlschema.XMLSchema(BytesIO(data))
    except (xmlschema.XMLSchemaException, ValueError, TypeError, KeyError) as error:
        words = f"xmlschema: {_sentence(str(getattr(error, 'message', error)))}"
        yield found(kinds.XSD_NOT_COMPILED, _node_like(source, getattr(error, "elem", None)), words)


def _node_like(source: XmlSource, element: Any) -> Place:
    """Return the place of the element with the same tag and attributes: xmlschema tells no line."""
    if element is not None:
        for node in source.root.walk():
            if f"{{{XS[:-1]}}}{_name(node)}" == element.tag and dict(node.attributes) == dict(element.attrib):
                return source.at(node)
    return source.at(source.root)


def _sentence(text: str) -> str:
    return " ".join(text.split())[:200].rstrip(".") + "."


def _node_on(source: XmlSource, line: int) -> Place:
    nodes = [node for node in source.root.walk() if source.position(node.span[1]).line == line]
    return source.at(nodes[0]) if nodes else source.place(source.offset(min(line, source.text.count("\n") + 1), 1))


def _unused(source: XmlSource) -> Iterator[Finding]:
    used = {node.attributes.get(name) for node in source.root.walk() for name in ("type", "base")}
    for node in source.root.children:
        if _name(node) in {"simpleType", "complexType"} and node.attributes.get("name") not in used:
            yield found(kinds.DEFINITION_UNUSED, source.at(node), f"Nothing is of the type {node.attributes.get('name')!r}.")


def _name(node: Node) -> str:
    return node.tag.removeprefix(XS)


def _shown(node: Node) -> str:
    named = node.attributes.get("name")
    return f"xs:{_name(node)}" + (f" {named!r}" if named else "")


def _children(node: Node, *names: str) -> list[Node]:
    return [child for child in node.children if _name(child) in names]


def _documentation(node: Node) -> str:
    texts = [text.text for annotation in _children(node, "annotation") for text in _children(annotation, "documentation")]
    return "".join(texts).strip()


def tree(source: XmlSource) -> tuple[str, Branch] | None:
    """Return the name of the root element and the tree that the XSD describes, as far as it can be read; None without a root."""
    roots = _children(source.root, "element")
    if not roots:
        return None
    place = source.at(roots[0])
    branch = _Reader(source).branch(roots[0], ())
    return roots[0].attributes.get("name", ""), replace(
        branch, required=Facet("required", place), repeatable=Facet("single", place)
    )


class _Reader:
    """Reads elements and the types that they name."""

    def __init__(self, source: XmlSource) -> None:
        self._source = source
        self._types = {node.attributes.get("name"): node for node in _children(source.root, "simpleType", "complexType")}
        bound = _BOUND.search(source.text)
        self._prefix = (bound[1] or "") if bound else ""

    def branch(self, element: Node, around: tuple[str, ...]) -> Branch:
        """Return what an element describes. around: the named types it stands in, so that a type in itself ends."""
        place = self._source.at(element)
        least, most = element.attributes.get("minOccurs", "1"), element.attributes.get("maxOccurs", "1")
        required = Facet({"0": "optional", "1": "required"}.get(least, f"there at least {least} times"), place)
        repeatable = Facet({"0": "single", "1": "single", UNBOUNDED: "a list"}.get(most, f"a list of at most {most}"), place)
        named = element.attributes.get("type", "")
        types = _children(element, "complexType", "simpleType") or [self._types[name] for name in [named] if name in self._types]
        if not types or named in around:
            kind = TEXT if self._is_string(named) else named if ":" in named or not self._prefix else ""
            return Branch(kind, place, place, required, repeatable)
        branch = Branch(TEXT, place, self._source.at(types[0]), required, repeatable)
        if _name(types[0]) == "simpleType":
            return self._simple(types[0], branch)
        return self._complex(types[0], branch, (*around, named) if named else around)

    def _is_string(self, name: str) -> bool:
        return name == (f"{self._prefix}:string" if self._prefix else "string")

    def _complex(self, node: Node, branch: Branch, around: tuple[str, ...]) -> Branch:
        members: dict[str, Branch] = {}
        ordered = None
        for group in _children(node, "all", "sequence"):
            elements = _children(group, "element")
            members |= {element.attributes.get("name", ""): self.branch(element, around) for element in elements}
            if _name(group) == "sequence" and len(elements) > 1:
                ordered = self._source.at(group)
        return replace(branch, kind=OBJECT, members=members, ordered=ordered)

    def _simple(self, node: Node, branch: Branch, depth: int = 0) -> Branch:
        for restriction in _children(node, "restriction")[:1]:
            base = restriction.attributes.get("base", "")
            if base in self._types and depth < len(self._types):
                branch = self._simple(self._types[base], branch, depth + 1)
            elif not self._is_string(base):
                branch = replace(branch, kind=base if ":" in base or not self._prefix else "", place=self._source.at(restriction))
            branch = self._restricted(restriction, branch)
        return branch

    def _restricted(self, restriction: Node, branch: Branch) -> Branch:
        facets = [
            (_name(child), Facet(child.attributes.get("value", ""), self._source.at(child))) for child in restriction.children
        ]
        values = [facet for name, facet in facets if name == "enumeration"]
        patterns = [facet for name, facet in facets if name == "pattern"]
        lengths = {name: Facet(int(f.value), f.place) for name, f in facets if name.endswith("ength") and f.value.isdecimal()}
        if values:
            if branch.kind == TEXT and {value.value for value in values} == BOOLEANS:
                return replace(branch, kind=BOOLEAN)
            branch = replace(branch, values=values)
        return replace(
            branch,
            patterns=[*branch.patterns, patterns] if patterns else branch.patterns,
            shortest=lengths.get("length") or lengths.get("minLength") or branch.shortest,
            longest=lengths.get("length") or lengths.get("maxLength") or branch.longest,
        )
