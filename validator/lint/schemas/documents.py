"""Comparison of the JSON Schema and the XSD of a document that the service writes, such as the body of an error.

Unlike a request, it may have elements in a fixed order, numbers, and limited lists. A list is an array in JSON, and an element
around repeated elements in XML.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from validator.inputs.source import JsonSource
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema_tree, xsd_tree
from validator.lint.schemas.comparison import find_differences
from validator.lint.schemas.lengths import check_descriptions
from validator.lint.schemas.schema_tree import OBJECT, OPTIONAL, REQUIRED, SINGLE, SchemaNode, TreeTooLarge
from validator.lint.source import XmlSource
from validator.output.finding import Finding

# Types of XSD by the type of JSON Schema that has the same values.
_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "boolean": frozenset({"boolean"}),
    "integer": frozenset(
        {
            *("byte", "int", "integer", "long", "negativeInteger", "nonNegativeInteger", "nonPositiveInteger"),
            *("positiveInteger", "short", "unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort"),
        }
    ),
    "number": frozenset({"decimal", "double", "float"}),
}


def check_document(json: JsonSource, xml: XmlSource, undecided: list[str], budget: Budget) -> Iterator[Finding]:
    """Yield the differences between the schemas of a document, and descriptions that contradict them."""
    name = json.file
    try:
        tree, root = json_schema_tree.read_tree(json), xsd_tree.read_tree(xml)
    except TreeTooLarge:
        undecided.append(f"L2: {name} describes too many or too deeply nested attributes")
        return
    yield from check_descriptions(tree, "json", budget)
    if root is not None:
        yield from check_descriptions(root[1], "xsd", budget)
        yield from find_differences(*_align(tree, root[1]), undecided, budget)


def _align(json: SchemaNode, xsd: SchemaNode) -> tuple[SchemaNode, SchemaNode]:
    """Return both trees with lists, types and order as a request has them."""
    item = next(iter(xsd.members.values()), None)
    if json.cardinality.value != SINGLE and xsd.kind == OBJECT and len(xsd.members) == 1 and item is not None:
        texts = [*xsd.texts, *item.texts]
        least = {OPTIONAL: "0", REQUIRED: "1"}.get(item.occurrence.value, item.occurrence.value)
        json = _count_entries(json, str(json.least.value if json.least else 0))
        xsd = _count_entries(replace(item, occurrence=xsd.occurrence, texts=texts), least)
    common = json.members.keys() & xsd.members.keys()
    pairs = {name: _align(json.members[name], xsd.members[name]) for name in common}
    json_members = {name: pairs[name][0] if name in common else node for name, node in json.members.items()}
    xsd_members = {name: pairs[name][1] if name in common else node for name, node in xsd.members.items()}
    is_same = xsd.kind.rpartition(":")[2] in _TYPES.get(json.kind, ())
    return replace(json, members=json_members), replace(
        xsd, members=xsd_members, kind=json.kind if is_same else xsd.kind, order=None
    )


def _count_entries(node: SchemaNode, least: str) -> SchemaNode:
    """Return the node of a list whose occurrence says how many entries are required."""
    number = least.removeprefix("required at least ").removesuffix(" times")
    entries = "" if number == "0" else f", with at least {number} {'entry' if number == '1' else 'entries'}"
    return replace(node, occurrence=node.occurrence._replace(value=f"{node.occurrence.value}{entries}"))
