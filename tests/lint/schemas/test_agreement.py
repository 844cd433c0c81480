"""When the linter finds nothing between JSON Schema and XSD, the two judge alike; whatever was exchanged in one of them."""

import json
from typing import Any, Final

import jsonschema_rs
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from tests.lint.test_parts import NAME, SECOND
from validator.body.shape import SchemaError, Shape, compile_shape, document
from validator.engine import RuleInput
from validator.inputs.source import SourceError, read_json
from validator.lint.rules import trace
from validator.lint.schemas import json_schema, xsd
from validator.lint.schemas.twins import differences
from validator.lint.source import read_xml

SCHEMA: Final = (SECOND / "schemas" / NAME / "request.schema.json").read_text(encoding="utf-8")
XSD: Final = (SECOND / "schemas" / NAME / "request.xsd").read_text(encoding="utf-8")
BODY: Final = {
    "score": {"value": "good", "id": "12"},
    "comment": "slow",
    "reasons": {"reason": ["slow", "wrong"]},
    "anonymous": True,
}
# What one of the two may hold instead: numbers, names, occurrences, values.
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


def exchanged(text: str, piece: tuple[str, str], which: int) -> str:
    """Return a text with one of the occurrences of a piece exchanged."""
    old, new = piece
    parts = text.split(old)
    assume(len(parts) > 1)
    at = which % (len(parts) - 1) + 1
    return old.join(parts[:at]) + new + old.join(parts[at:])


def bodies(shape: Shape) -> list[Any]:
    """Return bodies that both formats can say: a sound one, and such with a part gone or another text."""
    samples = trace.samples(shape, [RuleInput(BODY, "1", "1", None)])
    return [one.tree for one in (*samples.sound, *samples.unsound)]


@given(st.sampled_from(PIECES), st.integers(0, 30), st.booleans())
def test_without_a_finding_both_judge_alike(piece: tuple[str, str], which: int, in_xsd: bool) -> None:  # noqa: FBT001 - a choice
    """A difference that some body shows is a difference that the linter tells."""
    text, data = (SCHEMA, exchanged(XSD, piece, which)) if in_xsd else (exchanged(SCHEMA, piece, which), XSD)
    try:
        source, xml = read_json("s", text.encode()), read_xml("x", data.encode())
        shape, judge = compile_shape(json.loads(text)), etree.XMLSchema(etree.fromstring(data.encode()))
    except (SourceError, SchemaError, etree.XMLSchemaParseError):
        return  # it is told
    tree, undecided = xsd.tree(xml), list[str]()
    assert tree is not None
    found = [
        *differences(json_schema.tree(source), tree[1], undecided),
        *xsd.check_supported(xml),
        *json_schema.check_supported(source),
    ]
    if found or undecided:
        return
    is_valid = jsonschema_rs.Draft202012Validator(json.loads(text)).is_valid
    for body in bodies(shape):
        assert is_valid(body) == judge.validate(document(etree, "rating", shape, body))


def test_the_shipped_pair_has_no_difference_and_judges_alike() -> None:
    """So the property is not empty: here nothing is found, and bodies of both verdicts are tried."""
    shape, judge = compile_shape(json.loads(SCHEMA)), etree.XMLSchema(etree.fromstring(XSD.encode()))
    tree = xsd.tree(read_xml("x", XSD.encode()))
    assert tree is not None
    assert list(differences(json_schema.tree(read_json("s", SCHEMA.encode())), tree[1], [])) == []
    is_valid = jsonschema_rs.Draft202012Validator(json.loads(SCHEMA)).is_valid
    verdicts = [(is_valid(body), judge.validate(document(etree, "rating", shape, body))) for body in bodies(shape)]
    assert set(verdicts) == {(True, True), (False, False)}
