"""The catalogue of findings: every kind is complete, and its example breaks the rule as described."""

import ast
import json
import re
from typing import Any

import pytest
from lxml import etree

from tests.lint.artefacts import XS
from validator.inputs.source import SourceError, read_json
from validator.lint import catalogue
from validator.lint.catalogue import change_kinds, comparison_kinds, fixture_kinds, release_kinds, rule_kinds, schema_kinds
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema, json_schema_tree, xsd, xsd_tree
from validator.lint.schemas.comparison import find_differences
from validator.lint.source import read_xml
from validator.output.finding import FindingKind

APART = {comparison_kinds.ORDER_FIXED, comparison_kinds.DESCRIPTIONS_DIFFER}  # have tests of their own
SEPARATOR = "Use instead:\n"
MODULES = {
    "L1": schema_kinds,
    "L2": comparison_kinds,
    "L3": rule_kinds,
    "L4": fixture_kinds,
    "L5": release_kinds,
    "L6": change_kinds,
}


def split_example(kind: FindingKind) -> tuple[str, str]:
    """Return the fragment of an example that breaks the rule, and the correct one."""
    wrong, separator, right = kind.example.partition(SEPARATOR)
    assert separator, kind.code
    return wrong, right


def split_fragments(text: str) -> list[str]:
    """Return the fragments of one part of an example: one, or one of each file that a line names."""
    lines = text.strip().splitlines()
    named = [re.fullmatch(r"[\w./-]+\.(?:json|xsd|py|xml|http|report): +(.*)", line) for line in lines]
    return [match[1] for match in named if match] if all(named) else ["\n".join(lines)]


def parse(fragment: str) -> None:
    """Parse a fragment by its syntax: JSON, XML, an HTTP request line or Python."""
    if fragment.startswith("{"):
        json.loads(fragment)
    elif fragment.startswith('"'):
        json.loads(f"{{{fragment}}}")
    elif fragment.startswith("<"):
        etree.fromstring(f"<root {XS}>{fragment}</root>")
    elif not fragment.startswith("POST"):
        ast.parse(fragment)


@pytest.mark.parametrize("kind", catalogue.KINDS, ids=lambda kind: kind.code)
def test_kind_is_complete(kind: FindingKind) -> None:
    """Its texts are sentences, its constant has its name, and its module has its family."""
    assert vars(MODULES[kind.code[:2]])[kind.name.upper().replace("-", "_")] is kind
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.name)
    for text in (kind.requirement, kind.reason, kind.fix):
        assert re.fullmatch(r"[A-Z(\\$].*\.|operation\.json.*\.", text), text
    assert 3 <= len(kind.example.splitlines()) <= 8
    assert all(len(line) <= 120 for line in kind.example.splitlines())


def test_kinds_are_in_order() -> None:
    """By code, each once."""
    codes = [kind.code for kind in catalogue.KINDS]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize("kind", [kind for kind in catalogue.KINDS if kind.code != "L101"], ids=lambda kind: kind.code)
def test_example_has_valid_syntax(kind: FindingKind) -> None:
    """Each fragment of it is JSON, XML, Python or an HTTP request line."""
    for part in split_example(kind):
        for fragment in split_fragments(part):
            parse(fragment)


def test_example_of_unreadable_artefact_is_unreadable() -> None:
    """The wrong part only."""
    wrong, right = split_example(schema_kinds.ARTEFACT_UNREADABLE)
    with pytest.raises(SourceError):
        read_json("s.json", wrong.encode())
    read_json("s.json", right.encode())


def check_schema(text: str) -> set[str]:
    """Return the codes that the linter reports for a JSON Schema."""
    source = read_json("s.json", text.encode())
    return {
        finding.kind.code
        for finding in (*json_schema.check_standalone(source, [], Budget()), *json_schema.check_supported(source))
    }


def check_xsd(text: str) -> set[str]:
    """Return the codes that the linter reports for an element of an XSD."""
    data = f"<xs:schema {XS}>{text}</xs:schema>".encode()
    source = read_xml("x.xsd", data)
    return {finding.kind.code for finding in (*xsd.check_standalone(source, data, [], Budget()), *xsd.check_supported(source))}


@pytest.mark.parametrize(
    "kind",
    [
        schema_kinds.SCHEMA_INVALID,
        schema_kinds.KEYWORD_UNKNOWN,
        schema_kinds.REFERENCE_UNRESOLVED,
        schema_kinds.PATTERN_NOT_PORTABLE,
        schema_kinds.QUANTIFIERS_NESTED,
        schema_kinds.STRUCTURE_OPEN,
        schema_kinds.DESCRIPTION_MISSING,
        schema_kinds.EXAMPLE_INVALID,
        schema_kinds.XSD_NOT_COMPILED,
        schema_kinds.XSD_NOT_SUPPORTED,
        schema_kinds.DEFINITION_UNUSED,
        schema_kinds.UNSATISFIABLE,
        schema_kinds.SCHEMA_NOT_SUPPORTED,
        schema_kinds.VALUE_REPEATED,
        rule_kinds.KEYWORD_WITHOUT_CODE,
    ],
    ids=lambda kind: kind.code,
)
def test_example_of_a_schema_breaks_its_rule(kind: FindingKind) -> None:
    """The wrong part only."""
    wrong, right = split_example(kind)
    check = check_xsd if wrong.startswith("<") else check_schema
    assert kind.code in check(wrong)
    assert kind.code not in check(right)


def compare(json_text: str, xsd_text: str) -> set[str]:
    """Return the codes of the differences between members of a JSON Schema and elements, or a type, of an XSD."""
    members: dict[str, Any] = json.loads(f"{{{json_text}}}")
    schema = {"type": "object", "additionalProperties": False, **members}
    if xsd_text.startswith("<xs:restriction"):
        name = next(iter(members["properties"]))
        xsd_text = f'<xs:element name="{name}" minOccurs="0"><xs:simpleType>{xsd_text}</xs:simpleType></xs:element>'
    if xsd_text.startswith("<xs:element"):
        xsd_text = f"<xs:all>{xsd_text}</xs:all>"
    root = f'<xs:element name="root"><xs:complexType>{xsd_text}</xs:complexType></xs:element>'
    tree = xsd_tree.read_tree(read_xml("x.xsd", f"<xs:schema {XS}>{root}</xs:schema>".encode()))
    assert tree is not None
    json_tree = json_schema_tree.read_tree(read_json("s.json", json.dumps(schema).encode()))
    return {finding.kind.code for finding in find_differences(json_tree, tree[1], [], Budget())}


@pytest.mark.parametrize(
    "kind",
    [kind for kind in catalogue.KINDS if kind.code.startswith("L2") and kind not in APART],
    ids=lambda kind: kind.code,
)
def test_example_of_a_comparison_breaks_its_rule(kind: FindingKind) -> None:
    """Replacing the XSD removes the difference."""
    wrong, right = split_example(kind)
    schema, difference = split_fragments(wrong)
    (correction,) = split_fragments(right)
    assert kind.code in compare(schema, difference)
    assert compare(schema, correction) == set()


def test_example_of_a_fixed_order_breaks_its_rule() -> None:
    """With the members of both elements in the JSON Schema."""
    schema = '"properties": {"text": {"type": "string"}, "html": {"type": "string"}}, "required": ["text", "html"]'
    wrong, right = split_example(comparison_kinds.ORDER_FIXED)
    assert (compare(schema, wrong.strip()), compare(schema, right.strip())) == ({"L205"}, set())


def test_example_of_different_descriptions_breaks_its_rule() -> None:
    """With an element and a type around the documentation."""
    wrong, right = split_example(comparison_kinds.DESCRIPTIONS_DIFFER)
    schema, documentation = split_fragments(wrong)
    element = '<xs:element name="id" type="xs:string" minOccurs="0"><xs:annotation>{}</xs:annotation></xs:element>'
    found = [
        compare(f'"properties": {{"id": {schema}}}', element.format(text)) for text in (documentation, *split_fragments(right))
    ]
    assert found == [{"L209"}, set()]
