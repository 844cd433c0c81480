"""Checks of an XSD by itself, and the tree that it describes."""

from unittest.mock import Mock

import pytest
from lxml import etree

from tests.lint.artefacts import make_element, make_object_type, make_schema, make_string_type, make_xsd, summarize
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema, xsd, xsd_tree
from validator.lint.source import read_xml


def test_any_prefix_of_the_xsd_namespace_is_supported() -> None:
    """Including the default namespace."""
    for prefix in ("s:", ""):
        bound = f'xmlns{":s" if prefix else ""}="http://www.w3.org/2001/XMLSchema"'
        root = make_element(make_object_type(make_element(name="a", type="xs:string")), name="r")
        data = make_xsd(root, bound).replace(b"xs:", prefix.encode())
        tree = xsd_tree.read_tree(read_xml("x.xsd", data))
        assert tree is not None
        assert tree[1].members["a"].kind == "string"


def test_circular_type_is_followed_once() -> None:
    """Also one that restricts itself."""
    node = f'<xs:complexType name="N"><xs:all>{make_element(name="n", type="N", minOccurs="0")}</xs:all></xs:complexType>'
    tree = xsd_tree.read_tree(read_xml("x.xsd", make_xsd(node + make_element(name="r", type="N"))))
    assert tree is not None
    assert tree[1].members["n"].kind == ""
    loop = '<xs:simpleType name="S"><xs:restriction base="S"/></xs:simpleType>'
    tree = xsd_tree.read_tree(read_xml("x.xsd", make_xsd(loop + make_element(name="r", type="S"))))
    assert tree is not None
    assert tree[1].kind == ""


def test_missing_root_element_is_reported() -> None:
    """There is no tree to compare."""
    source = read_xml("x.xsd", make_xsd(""))
    assert xsd_tree.read_tree(source) is None
    assert summarize(xsd.check_supported(source)) == [("L113", "There is no root element.")]


def test_pattern_that_one_compiler_rejects_is_reported() -> None:
    """By the first compiler that rejects it."""
    data = make_xsd(make_element(make_string_type(("pattern", "[a-\\d]")), name="r"))
    source = read_xml("x.xsd", data)
    findings = [finding for finding in xsd.check_standalone(source, data, [], Budget()) if finding.kind.code == "L112"]
    assert [finding.message.split(":")[0] for finding in findings] in (["xmlschema"], ["lxml"])


def test_error_of_xmlschema_is_located(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the element that the error names, or at the root."""
    data = make_xsd(make_element(name="r", type="xs:string"))
    source = read_xml("x.xsd", data)
    (root,) = source.root.children

    for elem, offset in ((etree.fromstring(data)[0], root.span[0]), (etree.Element("other"), 0), (None, 0)):
        error = ValueError("no\n good")
        error.elem = elem  # type: ignore[attr-defined]
        monkeypatch.setattr("xmlschema.XMLSchema", Mock(side_effect=error))
        (finding,) = xsd.check_standalone(source, data, [], Budget())
        assert (finding.kind.code, finding.message, finding.location.region.start) == (
            "L112",
            "xmlschema: no good.",
            source.lines.position(offset),
        )


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (make_element(name="a"), [("L108", "xs:element 'a' has no type, so it allows any content.")]),
        (
            make_element(make_object_type(make_object_type(group="sequence")[16:-17]), name="a"),
            [("L113", "A group inside xs:all is not supported.")],
        ),
        (
            make_element("<xs:simpleType><xs:restriction><xs:simpleType/></xs:restriction></xs:simpleType>", name="a"),
            [("L113", "xs:restriction without a base is not supported.")],
        ),
        (
            f'<xs:complexType name="N"><xs:all>{make_element(name="n", type="N")}</xs:all></xs:complexType>'
            + make_element(name="a", type="N"),
            [("L113", "xs:element 'n' contains its own type, so it never ends.")],
        ),
        (
            f'<xs:complexType name="N"><xs:all>{make_element(name="t", type="xs:string")}'
            f"{make_element(name='m', type='M')}</xs:all></xs:complexType>"
            f'<xs:complexType name="M"><xs:all>{make_element(name="n", type="N")}{make_element(name="s", type="S")}</xs:all>'
            "</xs:complexType>"
            f'<xs:simpleType name="S"><xs:restriction base="xs:string"/></xs:simpleType>' + make_element(name="a", type="N"),
            [
                ("L113", "xs:element 'm' contains its own type, so it never ends."),
                ("L113", "xs:element 'n' contains its own type, so it never ends."),
            ],
        ),
        (make_element("<b/>", name="a", type="xs:string"), [("L113", "'b', which is not an XSD element, is not supported.")]),
        (
            '<xs:annotation><xs:documentation><p xmlns="u"/></xs:documentation></xs:annotation>'
            + make_element(name="a", type="xs:string"),
            [],
        ),
    ],
)
def test_unsupported_xsd_is_reported(inside: str, expected: list[tuple[str, str]]) -> None:
    """Documentation may contain any elements."""
    assert summarize(xsd.check_supported(read_xml("x.xsd", make_xsd(inside)))) == expected


@pytest.mark.parametrize("text", ["[ab]{1,3}|[$a]{1,3}", "(-{0,2}){0,0}-", "(a)*|b", "a|a{2}"])
def test_pattern_that_lxml_misreads_is_reported(text: str) -> None:
    """The fast engine validates with lxml."""
    data = make_xsd(make_element(make_string_type(("pattern", text)), name="a"))
    findings = summarize(xsd.check_standalone(read_xml("x.xsd", data), data, [], Budget()))
    assert [(code, message.partition(" for ")[0]) for code, message in findings] == [
        ("L105", f"Pattern {text!r}: lxml does not follow the XSD specification")
    ]


def test_pattern_that_lxml_does_not_compile_is_not_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """The XSD as a whole has a finding."""
    data = make_xsd(make_element(make_string_type(("pattern", "a")), name="a"))
    source = read_xml("x.xsd", data)
    monkeypatch.setattr("lxml.etree.XMLSchema", Mock(side_effect=etree.XMLSchemaParseError("no")))
    assert [code for code, _ in summarize(xsd.check_standalone(source, data, [], Budget()))] == ["L112"]


def test_huge_pattern_is_tested_with_samples() -> None:
    """Without an automaton."""
    data = make_xsd(make_element(make_string_type(("pattern", "[ab]{1,9000}")), name="a"))
    assert summarize(xsd.check_standalone(read_xml("x.xsd", data), data, [], Budget())) == []


def test_external_reference_is_not_fetched() -> None:
    """An XSD with an import is not compiled; examples are not validated against external references."""
    data = make_xsd(
        '<xs:import namespace="u" schemaLocation="http://localhost:1/x.xsd"/>' + make_element(name="a", type="xs:string")
    )
    source = read_xml("x.xsd", data)
    assert summarize(xsd.check_standalone(source, data, [], Budget())) == []
    assert summarize(xsd.check_supported(source)) == [("L113", "xs:import is not supported.")]
    reference = "http://localhost:1/s.json"
    findings = summarize(
        json_schema.check_standalone(
            make_schema(**{"$ref": reference, "examples": ["a"], "$schema": "http://localhost:1/meta"}), [], Budget()
        )
    )
    assert [code for code, _ in findings] == ["L102", "L104"]


def test_internal_error_of_lxml_is_a_misread_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """libxml2 gives up after too many attempts: the sample on which it does is reported."""
    engine = Mock(validate=Mock(side_effect=etree.XMLSchemaValidateError("internal error")))
    monkeypatch.setattr("validator.lint.schemas.xsd.etree.XMLSchema", Mock(return_value=engine))
    sample = xsd._find_misread_sample("a{1,3}", Budget())
    assert sample is not None
    assert set(sample) <= {"a"}
