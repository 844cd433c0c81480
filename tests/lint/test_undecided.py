"""Checks without a budget are reported as undecided; schemas that describe too much are not read."""

import pytest

from tests.lint.artefacts import make_element, make_schema, make_string_type, make_xsd, summarize
from tests.lint.schemas.test_facets import HERE, HUGE, string
from tests.lint.test_bounds import chained_restrictions, chained_types, doubling_references, members
from validator.lint.patterns.automaton import AutomatonTooLarge, Budget
from validator.lint.schemas import json_schema, json_schema_tree, xsd, xsd_tree
from validator.lint.schemas.facets import check_pattern, find_string_difference, find_unsatisfiable, matches
from validator.lint.schemas.schema_tree import TreeTooLarge
from validator.lint.source import read_xml


def test_pattern_is_not_checked_without_budget() -> None:
    """Once for each place; with a budget, a repeated pattern is checked once."""
    undecided: list[str] = []
    assert list(check_pattern("^(ab)+$", "json", HERE, undecided, Budget(0))) == []
    assert undecided == ["L106: pattern '^(ab)+$' is not checked, because the patterns are too large"]
    budget = Budget()
    assert [len(list(check_pattern("a.", "json", HERE, undecided, budget))) for _ in range(2)] == [1, 1]


def test_satisfiability_is_undecided_without_budget() -> None:
    """Also of an attribute whose patterns are the same as another's."""
    undecided: list[str] = []
    budget = Budget(0)
    for _ in range(2):
        assert list(find_unsatisfiable(string("^a$"), undecided, budget, ("a",))) == []
    assert undecided == ["L115: 'a' is not checked, because its patterns are too large"] * 2


def test_difference_is_undecided_without_budget() -> None:
    """Neither as languages nor on samples."""
    undecided: list[None] = []
    assert find_string_difference(string("^a$"), string("a"), lambda: undecided.append(None), Budget(0)) is None
    node = string("^a*$", min_length=HUGE * 10)
    assert find_string_difference(node, node, lambda: undecided.append(None), Budget()) is None
    assert len(undecided) == 2


def test_slow_pattern_is_matched_without_re() -> None:
    """``re`` would not end."""
    expression = "^" + "a?" * 40 + "a{40}$"
    assert [matches(expression, "a" * length, "json", Budget()) for length in (39, 40, 80, 81)] == [False, True, True, False]
    with pytest.raises(AutomatonTooLarge):
        matches(expression, "a" * 40, "json", Budget(0))


def test_pattern_is_not_tried_in_lxml_without_budget() -> None:
    """The XSD is compiled unless engines take too long for its patterns."""
    data = make_xsd(make_element(make_string_type(("pattern", "[ab]c")), name="a"))
    undecided: list[str] = []
    budget = Budget(900)
    assert summarize(xsd.check_standalone(read_xml("x.xsd", data), data, undecided, budget)) == []
    assert undecided == ["L105: pattern '[ab]c' is not tried in lxml, because it is too large"]
    data = make_xsd(make_element(make_string_type(("pattern", "a?" * 40 + "a{40}")), name="a"))
    undecided.clear()
    findings = summarize(xsd.check_standalone(read_xml("x.xsd", data), data, undecided, Budget()))
    assert [code for code, _ in findings] == ["L106"]
    assert undecided == ["L112: the XSD is not compiled, because engines take too long for its patterns"]


def test_schemas_that_describe_too_much_are_not_read() -> None:
    """By references that refer twice, and by long chains of types."""
    with pytest.raises(TreeTooLarge):
        json_schema_tree.read_tree(make_schema(**doubling_references(22)))
    for text in (chained_types(200), chained_restrictions(200)):
        with pytest.raises(TreeTooLarge):
            xsd_tree.read_tree(read_xml("x.xsd", text.encode()))


def test_large_xsd_is_not_compiled_by_xmlschema() -> None:
    """And one whose types are nested too deep for it is undecided."""
    for count, reason in ((3000, "its types are nested too deep"), (11_000, "it is too large")):
        data = chained_restrictions(count).encode()
        undecided: list[str] = []
        list(xsd.check_standalone(read_xml("x.xsd", data), data, undecided, Budget()))
        assert undecided == [f"L112: the XSD is not compiled by xmlschema, because {reason}"]


def test_examples_are_not_validated_without_budget() -> None:
    """References could take for ever."""
    undecided: list[str] = []
    schema = members({"a": {"$ref": "#/$defs/A"}}, examples=[{"a": 1}], **{"$defs": {"A": {"type": "string"}}})
    list(json_schema.check_standalone(make_schema(**schema), undecided, Budget(40)))
    assert undecided == ["L111: the examples are not validated, because the schema has too many references"]


def test_large_restricted_enumerations_are_not_compiled() -> None:
    """libxml2 compares each value with each value of the type that is restricted."""
    values = "".join(f'<xs:enumeration value="v{number}"/>' for number in range(6000))
    types = (
        f'<xs:simpleType name="B"><xs:restriction base="xs:string">{values}</xs:restriction></xs:simpleType>'
        f'<xs:simpleType name="R"><xs:restriction base="B">{values}</xs:restriction></xs:simpleType>'
    )
    undecided: list[str] = []
    data = make_xsd(types)
    list(xsd.check_standalone(read_xml("x.xsd", data), data, undecided, Budget()))
    assert undecided == ["L112: the XSD is not compiled, because its enumerations that restrict other types are too large"]


def test_long_list_of_an_invalid_schema_is_explained_by_the_engine_in_rust() -> None:
    """Jsonschema compares every two items of a list that it cannot sort."""
    for count in (3, 1100):
        source = make_schema(**members({}, required=[*({"a": number} for number in range(count - 1)), "a"]))
        messages = [message for code, message in summarize(json_schema.check_standalone(source, [], Budget())) if code == "L102"]
        assert len(messages) == count - 1
        assert messages[0].endswith("'string'." if count == 3 else '"string".')
