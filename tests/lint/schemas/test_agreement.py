"""Schemas without a finding accept the same bodies, whatever part of one of them is replaced."""

import json
from typing import Any, Final

import jsonschema_rs
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from tests.lint.artefacts import NAME
from tests.paths import RATE_ACTIVITY
from validator.body.shape import SchemaError, Shape, compile_shape
from validator.body.tree import build_element_tree
from validator.body.xsd_shape import describes_same_bodies
from validator.inputs.source import SourceError, read_json
from validator.lint.patterns.automaton import Budget
from validator.lint.rules.request_samples import sample_requests
from validator.lint.schemas import json_schema, json_schema_tree, xsd, xsd_tree
from validator.lint.schemas.comparison import find_differences
from validator.lint.source import read_xml
from validator.operation.reports import RuleInput

SCHEMA: Final = (RATE_ACTIVITY / "schemas" / NAME / "request.schema.json").read_text(encoding="utf-8")
XSD: Final = (RATE_ACTIVITY / "schemas" / NAME / "request.xsd").read_text(encoding="utf-8")
BODY: Final = {
    "score": {"value": "good", "id": "12"},
    "comment": "slow",
    "reasons": {"reason": ["slow", "wrong"]},
    "anonymous": True,
}
# Replacements in one of the two schemas: numbers, names, occurrences, values.
PIECES: Final = (
    *(("0,18", other) for other in ("0,17", "0,", "1,18", "0,19")),
    *(("[1-9]", other) for other in ("[0-9]", "[1-8]", "[123456789]", "([1-9])")),
    *(('"good"', other) for other in ('"fine"', '"good "')),
    *(('minLength value="1"', other) for other in ('minLength value="0"', 'minLength value="2"', 'length value="4"')),
    *(('"minLength": 1', other) for other in ('"minLength": 0', '"minLength": 2')),
    *((' minOccurs="0"', other) for other in ("", ' minOccurs="1"', ' minOccurs="0" maxOccurs="1"')),
    *((' maxOccurs="unbounded"', other) for other in ("", ' maxOccurs="2"')),
    *(("xs:all", other) for other in ("xs:sequence",)),
    *(('base="xs:string"', other) for other in ('base="xs:token"', 'base="xs:normalizedString"')),
    *(('type="Boolean"', other) for other in ('type="xs:boolean"', 'type="xs:string"')),
    *(('"required": ["value"],', other) for other in ("", '"required": ["value", "id"],')),
    *(('<xs:enumeration value="0"/>', other) for other in ("", '<xs:enumeration value="no"/>')),
    *(('name="comment"', other) for other in ('name="remark"',)),
    *(("\\\\u000B", other) for other in ("\\\\u0020", "\\\\u0009")),
)


def replace_one(text: str, piece: tuple[str, str], which: int) -> str:
    """Return a text with one occurrence of a piece replaced."""
    old, new = piece
    parts = text.split(old)
    assume(len(parts) > 1)
    at = which % (len(parts) - 1) + 1
    return old.join(parts[:at]) + new + old.join(parts[at:])


def bodies(shape: Shape) -> list[Any]:
    """Return bodies that both formats can express: a valid one, and copies with one change."""
    samples = sample_requests(shape, [RuleInput(BODY, "1", "1", None)])
    return [one.tree for one in (*samples.valid, *samples.invalid)]


@given(st.sampled_from(PIECES), st.integers(0, 30), st.booleans())
def test_schemas_without_a_finding_agree(piece: tuple[str, str], which: int, in_xsd: bool) -> None:  # noqa: FBT001 - a choice
    """The linter reports every difference that a body shows, and XML is read in one pass only where it reports none."""
    text, data = (SCHEMA, replace_one(XSD, piece, which)) if in_xsd else (replace_one(SCHEMA, piece, which), XSD)
    try:
        source, xml = read_json("s", text.encode()), read_xml("x", data.encode())
        shape, xml_schema = compile_shape(json.loads(text)), etree.XMLSchema(etree.fromstring(data.encode()))
    except (SourceError, SchemaError, etree.XMLSchemaParseError):
        return  # an invalid schema has its own finding
    tree, undecided = xsd_tree.read_tree(xml), list[str]()
    assert tree is not None
    findings = [
        *find_differences(json_schema_tree.read_tree(source), tree[1], undecided, Budget()),
        *xsd.check_supported(xml),
        *json_schema.check_supported(source),
    ]
    is_read_in_one_pass = describes_same_bodies("rating", shape, data.encode())
    assert not (is_read_in_one_pass and findings)
    if findings or (undecided and not is_read_in_one_pass):
        return
    is_valid = jsonschema_rs.Draft202012Validator(json.loads(text)).is_valid
    for body in bodies(shape):
        assert is_valid(body) == xml_schema.validate(build_element_tree(etree, "rating", shape, body))


def test_unedited_schemas_agree() -> None:
    """Without a finding, and with both accepted and rejected bodies."""
    shape, xml_schema = compile_shape(json.loads(SCHEMA)), etree.XMLSchema(etree.fromstring(XSD.encode()))
    tree = xsd_tree.read_tree(read_xml("x", XSD.encode()))
    assert tree is not None
    assert list(find_differences(json_schema_tree.read_tree(read_json("s", SCHEMA.encode())), tree[1], [], Budget())) == []
    is_valid = jsonschema_rs.Draft202012Validator(json.loads(SCHEMA)).is_valid
    verdicts = [(is_valid(body), xml_schema.validate(build_element_tree(etree, "rating", shape, body))) for body in bodies(shape)]
    assert set(verdicts) == {(True, True), (False, False)}
