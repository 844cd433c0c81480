"""An XSD alone: what is wrong with it, and the tree that it describes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import xmlschema
from lxml import etree

from validator.lint import catalogue
from validator.lint.schemas.facets import matches, pattern_findings, tried
from validator.lint.schemas.tree import OBJECT, TEXT, Branch, Facet, found
from validator.lint.source import Node, XmlSource
from validator.output.finding import Finding, Location

XS: Final = "http://www.w3.org/2001/XMLSchema "
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
_GROUPS: Final = frozenset({"all", "sequence"})
_FETCHING: Final = frozenset({"import", "include", "redefine", "override"})
_PROSE: Final = frozenset({"documentation", "appinfo"})
_WILD: Final = frozenset({"any", "anyAttribute", "attribute", "attributeGroup"})


def check_standalone(source: XmlSource, data: bytes) -> Iterator[Finding]:
    """Yield what is wrong with any XSD: it does not compile, or what it defines is unused, undescribed or not portable."""
    yield from _not_compiled(source, data)
    for node in _walk(source.root):
        if _name(node) in {"element", "simpleType", "complexType"} and "name" in node.attributes and not _documentation(node):
            yield found(catalogue.UNDESCRIBED, source.at(node), f"{_shown(node)} has no documentation.")
        if _name(node) == "pattern":
            text, place = node.attributes.get("value", ""), source.at(node)
            findings = list(pattern_findings(text, "xsd", place))
            yield from findings or _read_otherwise(text, place)
    yield from _unused(source)


def check_supported(source: XmlSource) -> Iterator[Finding]:
    """Yield what JSON could not say too, in the XSD of an operation."""
    for node in _walk(source.root):
        yield from _node_not_taken(source, node)
    for node in _Reader(source).circular():
        yield found(catalogue.XSD_NOT_TAKEN, source.at(node), f"{_shown(node)} holds its own type, and so has no end.")
    roots = _children(source.root, "element")
    for root in roots[1:]:
        yield found(
            catalogue.XSD_NOT_TAKEN, source.at(root), "There is more than one root element.", source.at(roots[0], "the first")
        )
    if not roots:
        yield found(catalogue.XSD_NOT_TAKEN, source.at(source.root), "There is no root element.")


def _node_not_taken(source: XmlSource, node: Node) -> Iterator[Finding]:
    name = _name(node)
    children = {_name(child) for child in node.children}
    if name == "element" and "type" not in node.attributes and not children & {"simpleType", "complexType"}:
        yield found(catalogue.OPEN, source.at(node), f"{_shown(node)} has no type: it takes anything.")
    if name in _GROUPS and children & _GROUPS:
        yield found(catalogue.XSD_NOT_TAKEN, source.at(node), f"A group in {_shown(node)} is not taken.")
    if name == "restriction" and "base" not in node.attributes:
        yield found(catalogue.XSD_NOT_TAKEN, source.at(node), f"{_shown(node)} without base is not taken.")
    if name in _WILD or (name == "complexType" and node.attributes.get("mixed") in {"true", "1"}):
        yield found(catalogue.OPEN, source.at(node), f"{_shown(node)} takes what JSON cannot say.")
    elif name not in _TAKEN:
        yield found(catalogue.XSD_NOT_TAKEN, source.at(node), f"{_shown(node)} is not taken.")
    else:
        for attribute in sorted(node.attributes.keys() - _TAKEN[name]):
            yield found(catalogue.XSD_NOT_TAKEN, source.at(node), f"The attribute {attribute!r} of {_shown(node)} is not taken.")


def _not_compiled(source: XmlSource, data: bytes) -> Iterator[Finding]:
    if any(_name(node) in _FETCHING for node in _walk(source.root)):
        return  # nothing is fetched; that it is not taken is told
    try:
        etree.XMLSchema(etree.fromstring(data))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        last = getattr(error.error_log, "last_error", None)
        yield found(catalogue.XSD_NOT_COMPILED, _node_on(source, last.line if last else 1), f"lxml: {_sentence(str(error))}")
        return
    try:
        xmlschema.XMLSchema(BytesIO(data))
    except (xmlschema.XMLSchemaException, ValueError, TypeError, KeyError) as error:
        words = f"xmlschema: {_sentence(str(getattr(error, 'message', error)))}"
        yield found(catalogue.XSD_NOT_COMPILED, _node_like(source, getattr(error, "elem", None)), words)


def _node_like(source: XmlSource, element: Any) -> Location:
    """Return the place of the element with the same tag and attributes: xmlschema tells no line."""
    if element is not None:
        for node in _walk(source.root):
            if f"{{{XS[:-1]}}}{_name(node)}" == element.tag and dict(node.attributes) == dict(element.attrib):
                return source.at(node)
    return source.at(source.root)


def _sentence(text: str) -> str:
    return " ".join(text.split())[:200].rstrip(".") + "."


def _node_on(source: XmlSource, line: int) -> Location:
    nodes = [node for node in _walk(source.root) if source.position(node.span[1]).line == line]
    return source.at(nodes[0]) if nodes else source.place(source.offset(min(line, source.text.count("\n") + 1), 1))


def _unused(source: XmlSource) -> Iterator[Finding]:
    used = {node.attributes.get(name) for node in _walk(source.root) for name in ("type", "base")}
    for node in source.root.children:
        if _name(node) in {"simpleType", "complexType"} and node.attributes.get("name") not in used:
            yield found(catalogue.DEFINITION_UNUSED, source.at(node), f"Nothing is of the type {node.attributes.get('name')!r}.")


def _read_otherwise(text: str, place: Location) -> Iterator[Finding]:
    """Yield that lxml reads a portable pattern otherwise than XSD says: libxml2 has such cases, with empty parts and counts."""
    root = f'<xs:schema xmlns:xs="{XS[:-1]}"><xs:element name="a"><xs:simpleType><xs:restriction base="xs:string"/>'
    schema = etree.fromstring(f"{root}</xs:simpleType></xs:element></xs:schema>")
    etree.SubElement(next(schema.iter(f"{{{XS[:-1]}}}restriction")), f"{{{XS[:-1]}}}pattern").set("value", text)
    try:
        judge = etree.XMLSchema(schema)
    except etree.XMLSchemaParseError:
        return  # it is told that the whole does not compile
    element = etree.Element("a")
    for sample in tried(text):
        element.text = sample
        if judge.validate(element) != matches(text, sample, "xsd"):
            words = f"Pattern {text!r}: lxml reads it otherwise than XSD says, for {sample!r}."
            yield found(catalogue.PATTERN_NOT_PORTABLE, place, words)
            return


def _walk(node: Node) -> Iterator[Node]:
    """Yield an element and all below it, but nothing of its documentation."""
    yield node
    for child in node.children if _name(node) not in _PROSE else ():
        yield from _walk(child)


def _name(node: Node) -> str:
    """Return the name of an element of XSD; "" of another."""
    return node.tag.removeprefix(XS) if node.tag.startswith(XS) else ""


def _shown(node: Node) -> str:
    if not _name(node):
        return f"{node.tag.rpartition(' ')[2]!r}, which is none of XSD,"
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
        self._strings = {f"{prefix}:string" if prefix else "string" for prefix in source.prefixes.get(XS[:-1], ())}

    def branch(self, element: Node, around: tuple[str, ...]) -> Branch:
        """Return what an element describes. around: the named types it stands in, so that a type in itself ends."""
        place = self._source.at(element)
        least, most = element.attributes.get("minOccurs", "1"), element.attributes.get("maxOccurs", "1")
        required = Facet({"0": "optional", "1": "required"}.get(least, f"there at least {least} times"), place)
        repeatable = Facet({"0": "never there", "1": "single", UNBOUNDED: "a list"}.get(most, f"a list of at most {most}"), place)
        named = element.attributes.get("type", "")
        types = _children(element, "complexType", "simpleType") or [self._types[name] for name in [named] if name in self._types]
        if not types or named in around:
            kind = TEXT if self._is_string(named) else named if ":" in named or "string" in self._strings else ""
            return Branch(kind, place, place, required, repeatable)
        branch = Branch(TEXT, place, self._source.at(types[0]), required, repeatable)
        if _name(types[0]) == "simpleType":
            return self._simple(types[0], branch)
        return self._complex(types[0], branch, (*around, named) if named else around)

    def circular(self) -> Iterator[Node]:
        """Yield the elements whose named type they stand in."""
        for name, node in self._types.items():
            yield from (
                element for element in _walk(node) if _name(element) == "element" and self._leads(element, str(name), {name})
            )

    def _leads(self, element: Node, name: str, seen: set[str | None]) -> bool:
        """Return whether the type of an element is, or holds, a named one."""
        named = element.attributes.get("type")
        if named == name:
            return True
        if named in seen or named not in self._types:
            return False
        seen.add(named)
        return any(self._leads(inner, name, seen) for inner in _walk(self._types[named]) if _name(inner) == "element")

    def _is_string(self, name: str) -> bool:
        return name in self._strings

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
                branch = replace(
                    branch, kind=base if ":" in base or "string" in self._strings else "", place=self._source.at(restriction)
                )
            branch = self._restricted(restriction, branch)
        return branch

    def _restricted(self, restriction: Node, branch: Branch) -> Branch:
        facets = [
            (_name(child), Facet(child.attributes.get("value", ""), self._source.at(child))) for child in restriction.children
        ]
        values = [facet for name, facet in facets if name == "enumeration"]
        patterns = [facet for name, facet in facets if name == "pattern"]
        lengths = {name: number for name, facet in facets if name.endswith("ength") and (number := _number(facet)) is not None}
        kept = [facet for facet in values if branch.values is None or facet.value in {value.value for value in branch.values}]
        return replace(
            branch,
            values=kept if values else branch.values,
            patterns=[*branch.patterns, patterns] if patterns else branch.patterns,
            shortest=lengths.get("length") or lengths.get("minLength") or branch.shortest,
            longest=lengths.get("length") or lengths.get("maxLength") or branch.longest,
        )


def _number(facet: Facet) -> Facet | None:
    """Return a facet with its value as a number: a nonNegativeInteger may have white space around, and a sign."""
    try:
        return Facet(int(facet.value), facet.place)
    except ValueError:
        return None
