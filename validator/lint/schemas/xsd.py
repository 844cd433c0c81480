"""Checks of one XSD: compiled by both engines, described, portable, and supported by the engine."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final

import xmlschema
from lxml import etree

from validator.body import effort
from validator.body.pattern import PatternError, SlowPatternError, describe_pattern_error
from validator.lint.catalogue import schema_kinds as kinds
from validator.lint.patterns.automaton import AutomatonTooLarge, Budget
from validator.lint.schemas.comparison import quote
from validator.lint.schemas.facets import check_pattern, matches, sample_for_engine
from validator.lint.schemas.xsd_tree import XS, find_children, find_circular_elements, get_local_name, walk
from validator.lint.source import Node, XmlSource
from validator.operation.xsd_file import is_slow_to_compile, restricts_own_type
from validator.output.finding import Finding, Location

# The supported elements, and the attributes of each.
_SUPPORTED: Final[Mapping[str, frozenset[str]]] = {
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
_MAX_NODES: Final = 10_000  # of an XSD that xmlschema compiles in a few seconds
_COMPILE_STEPS: Final = 1_000  # of the time that lxml takes to compile a pattern
_GROUPS: Final = frozenset({"all", "sequence"})
_FETCHING: Final = frozenset({"import", "include", "redefine", "override"})
_WILD: Final = frozenset({"any", "anyAttribute", "attribute", "attributeGroup"})


def check_standalone(source: XmlSource, data: bytes, undecided: list[str], budget: Budget) -> Iterator[Finding]:
    """Yield what is wrong with any XSD, whether an operation's or not.

    undecided: receives a line for everything that is not decided. budget: of the samples of patterns.
    """
    yield from _check_compilation(source, data, undecided, budget)
    for node in walk(source.root):
        is_definition = get_local_name(node) in {"element", "simpleType", "complexType"} and "name" in node.attributes
        if is_definition and not _read_documentation(node):
            yield Finding(kinds.DESCRIPTION_MISSING, f"{_display(node)} has no documentation.", source.at(node))
        if get_local_name(node) == "pattern":
            expression, location = node.attributes.get("value", ""), source.at(node)
            yield from _check_pattern(expression, location, undecided, budget)
    yield from _find_unused_types(source)
    yield from _find_repeated_values(source)


def check_supported(source: XmlSource) -> Iterator[Finding]:
    """Yield what the XSD of an operation describes and JSON cannot express."""
    for node in walk(source.root):
        yield from _check_node(source, node)
    for node in find_circular_elements(source):
        message = f"{_display(node)} contains its own type, so it never ends."
        yield Finding(kinds.XSD_NOT_SUPPORTED, message, source.at(node))
    roots = find_children(source.root, "element")
    for root in roots[1:]:
        first = source.at(roots[0], "the first root element")
        yield Finding(kinds.XSD_NOT_SUPPORTED, "There must be only one root element.", source.at(root), related=(first,))
    if not roots:
        yield Finding(kinds.XSD_NOT_SUPPORTED, "There is no root element.", source.at(source.root))


def _check_node(source: XmlSource, node: Node) -> Iterator[Finding]:
    name, location = get_local_name(node), source.at(node)
    children = {get_local_name(child) for child in node.children}
    if name == "element" and "type" not in node.attributes and not children & {"simpleType", "complexType"}:
        yield Finding(kinds.STRUCTURE_OPEN, f"{_display(node)} has no type, so it allows any content.", location)
    if name in _GROUPS and children & _GROUPS:
        yield Finding(kinds.XSD_NOT_SUPPORTED, f"A group inside {_display(node)} is not supported.", location)
    if name == "restriction" and "base" not in node.attributes:
        yield Finding(kinds.XSD_NOT_SUPPORTED, f"{_display(node)} without a base is not supported.", location)
    if name in _WILD or (name == "complexType" and node.attributes.get("mixed") in {"true", "1"}):
        yield Finding(kinds.STRUCTURE_OPEN, f"{_display(node)} allows content that JSON cannot express.", location)
    elif name not in _SUPPORTED:
        yield Finding(kinds.XSD_NOT_SUPPORTED, f"{_display(node)} is not supported.", location)
    else:
        for attribute in sorted(node.attributes.keys() - _SUPPORTED[name]):
            message = f"Attribute {attribute!r} of {_display(node)} is not supported."
            yield Finding(kinds.XSD_NOT_SUPPORTED, message, location)


def _check_compilation(source: XmlSource, data: bytes, undecided: list[str], budget: Budget) -> Iterator[Finding]:
    nodes = list(walk(source.root))
    if any(get_local_name(node) in _FETCHING for node in nodes):
        return  # nothing is fetched; these elements are reported as not supported
    if any(_is_slow(node.attributes.get("value", ""), budget) for node in nodes if get_local_name(node) == "pattern"):
        undecided.append("L112: the XSD is not compiled, because engines take too long for its patterns")
        return
    counts = [(_count_values(node), restricts_own_type(node.attributes.get("base"))) for node in nodes if _is_restriction(node)]
    if is_slow_to_compile(sum(count for count, _ in counts), sum(count for count, is_derived in counts if is_derived)):
        undecided.append("L112: the XSD is not compiled, because its enumerations that restrict other types are too large")
        return
    try:
        etree.XMLSchema(etree.fromstring(data))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        last = getattr(error.error_log, "last_error", None)
        location = _locate_line(source, last.line if last else 1)
        yield Finding(kinds.XSD_NOT_COMPILED, f"lxml: {_shorten(str(error))}", location)
        return
    if len(nodes) > _MAX_NODES:
        undecided.append("L112: the XSD is not compiled by xmlschema, because it is too large")
        return
    try:
        xmlschema.XMLSchema(BytesIO(data))
    except RecursionError:
        undecided.append("L112: the XSD is not compiled by xmlschema, because its types are nested too deep")
    except (xmlschema.XMLSchemaException, ValueError, TypeError, KeyError) as error:
        message = f"xmlschema: {_shorten(str(getattr(error, 'message', error)))}"
        yield Finding(kinds.XSD_NOT_COMPILED, message, _locate_element(source, getattr(error, "elem", None)))


def _is_restriction(node: Node) -> bool:
    return get_local_name(node) == "restriction"


def _count_values(restriction: Node) -> int:
    return sum(get_local_name(child) == "enumeration" for child in restriction.children)


def _is_slow(expression: str, budget: Budget) -> bool:
    """Return whether a pattern is portable but takes engines too long, some of them also to compile, or is not decided."""
    budget.start()
    try:
        effort.check_pattern(expression, "xsd")
        budget.spend(effort.measure_pattern(expression, "xsd").operations)
    except (SlowPatternError, AutomatonTooLarge):
        return True
    except PatternError:
        pass
    return False


def _locate_element(source: XmlSource, element: Any) -> Location:
    """Return the location of the element with the same tag and attributes: xmlschema reports no lines."""
    if element is not None:
        for node in walk(source.root):
            if f"{{{XS[:-1]}}}{get_local_name(node)}" == element.tag and dict(node.attributes) == dict(element.attrib):
                return source.at(node)
    return source.at(source.root)


def _shorten(text: str) -> str:
    """Return the beginning of an engine's message in one line."""
    return " ".join(text.split())[:200].rstrip(".") + "."


def _locate_line(source: XmlSource, line: int) -> Location:
    """Return the location of the first start tag that ends on a line: lxml reports that line."""
    nodes = [node for node in walk(source.root) if source.lines.position(node.span[1]).line == line]
    return source.at(nodes[0]) if nodes else source.locate(source.lines.offset(line))


def _find_unused_types(source: XmlSource) -> Iterator[Finding]:
    used = {node.attributes.get(name) for node in walk(source.root) for name in ("type", "base")}
    for node in find_children(source.root, "simpleType", "complexType"):
        if node.attributes.get("name") not in used:
            message = f"The type {node.attributes.get('name')!r} is not used."
            yield Finding(kinds.DEFINITION_UNUSED, message, source.at(node))


def _find_repeated_values(source: XmlSource) -> Iterator[Finding]:
    for restriction in [node for node in walk(source.root) if get_local_name(node) == "restriction"]:
        first: dict[str, Node] = {}
        for node in find_children(restriction, "enumeration"):
            value = node.attributes.get("value", "")
            if value in first:
                related = source.at(first[value], "the first one")
                message = f"The value {quote(value)} is listed more than once."
                yield Finding(kinds.VALUE_REPEATED, message, source.at(node), related=(related,))
            first.setdefault(value, node)


def _check_pattern(expression: str, location: Location, undecided: list[str], budget: Budget) -> Iterator[Finding]:
    """Yield what is wrong with a pattern, or else a finding if lxml does not follow the specification."""
    findings = list(check_pattern(expression, "xsd", location, undecided, budget))
    yield from findings
    key = ("lxml", expression)
    if not findings and key not in budget.results:
        try:
            budget.results[key] = _find_misread_sample(expression, budget)
        except AutomatonTooLarge:
            budget.results[key] = None
            undecided.append(f"L105: pattern {quote(expression)} is not tried in lxml, because it is too large")
    if not findings and budget.results[key] is not None:
        reason = f"lxml does not follow the XSD specification for {quote(budget.results[key])}"
        message = describe_pattern_error(expression, SlowPatternError(reason))
        yield Finding(kinds.PATTERN_NOT_PORTABLE, f"P{message[1:]}.", location)


def _find_misread_sample(expression: str, budget: Budget) -> str | None:
    """Return a string that lxml misreads a portable pattern on: libxml2 has bugs, for example with empty parts and counts.

    Raises AutomatonTooLarge.
    """
    root = f'<xs:schema xmlns:xs="{XS[:-1]}"><xs:element name="a"><xs:simpleType><xs:restriction base="xs:string"/>'
    schema = etree.fromstring(f"{root}</xs:simpleType></xs:element></xs:schema>")
    etree.SubElement(next(schema.iter(f"{{{XS[:-1]}}}restriction")), f"{{{XS[:-1]}}}pattern").set("value", expression)
    budget.spend(_COMPILE_STEPS)
    try:
        engine = etree.XMLSchema(schema)
    except etree.XMLSchemaParseError:
        return None  # the XSD has a finding that it does not compile
    element = etree.Element("a")
    for sample in sample_for_engine(expression, budget):
        element.text = sample
        allows = matches(expression, sample, "xsd", budget)
        try:
            is_valid = engine.validate(element)
        except etree.XMLSchemaValidateError:  # an internal error, after too many attempts
            return sample
        if is_valid != allows:
            return sample
    return None


def _display(node: Node) -> str:
    """Return an element as messages name it."""
    if not get_local_name(node):
        return f"{node.tag.rpartition(' ')[2]!r}, which is not an XSD element,"
    name = node.attributes.get("name")
    return f"xs:{get_local_name(node)}" + (f" {name!r}" if name else "")


def _read_documentation(node: Node) -> str:
    texts = [text.text for annotation in find_children(node, "annotation") for text in find_children(annotation, "documentation")]
    return "".join(texts).strip()
