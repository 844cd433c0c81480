"""The shape that an XSD describes, and the XSDs that only lxml can read."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.lint.artefacts import XS, make_element, make_object_type, make_string_type, make_xsd
from tests.paths import RATE_ACTIVITY
from validator.body.shape import Shape
from validator.body.xsd_shape import compile_xsd, describes_same_bodies
from validator.operation.home import shipped_schemas
from validator.operation.loader import load_operation
from validator.operation.xsd_file import read_xsd

TEXT: Final = Shape("string")
FLAG: Final = make_string_type(*(("enumeration", value) for value in ("0", "1", "true", "false")))


def make_root(*members: str, group: str = "all") -> bytes:
    """Return an XSD with the root element r that has these elements."""
    return make_xsd(make_element(make_object_type(*members, group=group), name="r"))


def make_leaf(*facets: tuple[str, str]) -> bytes:
    """Return an XSD with the root element r that has one element, a string."""
    return make_root(make_element(make_string_type(*facets), name="a"))


def leaf(kind: str = "string", values: tuple[str, ...] = (), pattern: str | None = None, min_length: int = 0) -> Shape:
    """Return the shape of a body with one member."""
    return Shape("object", {"a": Shape(kind, values=values, pattern=pattern, min_length=min_length)}, ("a",))


@pytest.mark.parametrize(
    ("name", "home"), [("create-email-response", None), ("rate-activity", RATE_ACTIVITY)], ids=["shipped", "rate-activity"]
)
def test_schemas_of_operations_describe_the_same_bodies(name: str, home: Path | None) -> None:
    """One pass over a body proves that it is valid under both."""
    folder = (shipped_schemas() if home is None else home / "schemas") / name
    root, xsd = read_xsd(folder)
    assert describes_same_bodies(root, load_operation(name, home=home).shape, xsd)
    assert not describes_same_bodies("other", load_operation(name, home=home).shape, xsd)


def test_types_are_compiled_with_what_they_restrict() -> None:
    """Named types, restrictions of restrictions, lists, and elements that may be absent."""
    line = '<xs:simpleType name="Line"><xs:restriction base="Text"><xs:pattern value="[a-z]*"/></xs:restriction></xs:simpleType>'
    text = '<xs:simpleType name="Text"><xs:restriction base="xs:string"/></xs:simpleType>'
    some = '<xs:simpleType name="Some"><xs:restriction base="Line"><xs:minLength value="01"/></xs:restriction></xs:simpleType>'
    entry = f'<xs:complexType name="Entry"><xs:all>{make_element(name="b", type="Some")}</xs:all></xs:complexType>'
    entries = make_element(name="entry", type="Entry", minOccurs="0", maxOccurs="unbounded")
    members = (
        make_element(name="c", type="xs:string", minOccurs="0", maxOccurs="1"),
        make_element(make_object_type(entries, group="sequence"), name="entries"),
    )
    prose = '<xs:annotation><xs:documentation xml:lang="en">a <p xmlns="urn:p"><q/></p></xs:documentation></xs:annotation>'
    members = (members[0], members[1].replace("<xs:complexType>", '<xs:complexType mixed="false">'))
    xsd = make_xsd(prose + line + text + some + entry + make_element(make_object_type(*members), name="r"), f'{XS} version="1.0"')
    items = Shape("object", {"b": Shape("string", pattern="[a-z]*", min_length=1)}, ("b",))
    assert compile_xsd(xsd) == (
        "r",
        Shape(
            "object",
            {"c": TEXT, "entries": Shape("object", {"entry": Shape("array", items=items)})},
            ("entries",),
        ),
    )


@pytest.mark.parametrize(
    ("xsd", "shape", "is_same"),
    [
        (make_leaf(), leaf(), True),
        (make_leaf(), leaf(pattern="^[^\\u0000-\\u001F]*$"), False),
        (make_leaf(), leaf(pattern="^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\uFFFE\\uFFFF]*$"), True),
        (make_leaf(), leaf("boolean"), False),
        (make_leaf(("enumeration", "b"), ("enumeration", "c")), leaf(values=("c", "b")), True),
        (make_leaf(("enumeration", "b")), leaf(values=("c", "b")), False),
        (make_leaf(("enumeration", "b")), leaf(), False),
        (make_leaf(("minLength", "2")), leaf(min_length=2), True),
        (make_leaf(("minLength", "2")), leaf(min_length=1), False),
        (make_leaf(("minLength", "0")), leaf(), True),
        (make_leaf(("pattern", "(a|b){0,1}c+")), leaf(pattern="^(?:a|b)?c+$"), True),
        (make_leaf(("pattern", "(a|b){0,1}c+")), leaf(pattern="^(a|b)?c*$"), False),
        (make_leaf(("pattern", "a")), leaf(pattern="a"), False),
        (make_leaf(("pattern", "a")), leaf(), False),
        (make_root(make_element(FLAG, name="a")), leaf("boolean"), True),
        (
            make_root(make_element(FLAG.replace("xs:enum", 'xs:minLength value="0"/><xs:enum', 1), name="a")),
            leaf("boolean"),
            True,
        ),
        (make_root(make_element(FLAG, name="a")), leaf(values=("true", "false", "0", "1")), True),
        (make_root(make_element(FLAG.replace('"0"', '"no"'), name="a")), leaf("boolean"), False),
        (
            make_root(make_element(FLAG.replace("xs:enum", 'xs:pattern value=".."/><xs:enum', 1), name="a")),
            leaf("boolean"),
            False,
        ),
        (make_root(make_element(name="a", type="xs:string")), Shape("object", {"a": TEXT}, ("a",)), True),
        (make_root(make_element(name="a", type="xs:string")), Shape("object", {"a": TEXT}, ("a", "a")), True),
        (make_root(make_element(name="a", type="xs:string")), Shape("object", {"a": TEXT}), False),
        (make_root(make_element(name="a", type="xs:string", minOccurs="0")), Shape("object", {"a": TEXT}, ("a",)), False),
        (make_root(make_element(name="b", type="xs:string")), Shape("object", {"a": TEXT}, ("a",)), False),
        (make_root(make_element(name="a", type="xs:string")), Shape("array", items=TEXT), False),
    ],
)
def test_shapes_are_compared_by_the_bodies_that_they_allow(xsd: bytes, shape: Shape, is_same: bool) -> None:  # noqa: FBT001
    """Patterns are compared as syntax trees, enumerations as sets; a boolean is four strings."""
    assert describes_same_bodies("r", shape, xsd) is is_same


@pytest.mark.parametrize(
    ("entries", "items", "is_same"),
    [
        ({"minOccurs": "0", "maxOccurs": "unbounded"}, TEXT, True),
        ({"maxOccurs": "unbounded"}, TEXT, False),
        ({"minOccurs": "0"}, TEXT, False),
        ({"minOccurs": "0", "maxOccurs": "unbounded"}, Shape("string", min_length=1), False),
    ],
)
def test_lists_are_compared_with_their_items(entries: dict[str, str], items: Shape, is_same: bool) -> None:  # noqa: FBT001
    """A list that must have an entry is not one that must be present."""
    xsd = make_root(make_element(name="a", type="xs:string", **entries), group="sequence")
    assert describes_same_bodies("r", Shape("object", {"a": Shape("array", items=items)}), xsd) is is_same


A: Final = make_element(name="a", type="xs:string")
R: Final = make_element(make_object_type(A), name="r")
DIGITS: Final = (
    '<xs:simpleType name="T"><xs:restriction base="xs:string"><xs:pattern value="[0-9]*"/></xs:restriction></xs:simpleType>'
)
LOOP: Final = (
    f'<xs:complexType name="C"><xs:sequence>{make_element(name="c", type="C", minOccurs="0")}</xs:sequence></xs:complexType>'
)


def restrict(base: str, facets: str) -> str:
    """Return the root element with a restriction of a named type."""
    return make_element(f'<xs:simpleType><xs:restriction base="{base}">{facets}</xs:restriction></xs:simpleType>', name="r")


@pytest.mark.parametrize(
    "xsd",
    [
        # Valid, but they say what a shape cannot say, or say it in another way.
        make_root(A, make_element(name="b", type="xs:string"), group="sequence"),
        make_root(A, group="choice"),
        make_root(make_element(name="a", type="xs:string", maxOccurs="2"), group="sequence"),
        make_root(make_element(name="a", type="xs:token")),
        make_root(make_element(name="a", type="xs:boolean")),
        make_root(make_element(name="a")),
        make_root('<xs:element ref="r" minOccurs="0"/>'),
        make_root(make_element(name="a", type="xs:string", nillable="true")),
        make_root(make_element(name="a", type="xs:string", id="i")),
        make_root(make_element(name="é", type="xs:string")),
        make_root('<xs:any minOccurs="0"/>', group="sequence"),
        make_xsd(make_element("<xs:complexType><xs:all/></xs:complexType>", name="r")),
        make_xsd(make_element("<xs:complexType/>", name="r")),
        make_xsd(make_element(f'<xs:complexType mixed="true"><xs:all>{A}</xs:all></xs:complexType>', name="r")),
        make_xsd(R + make_element(name="s", type="xs:string")),
        make_xsd(R + '<xs:simpleType name="U"><xs:list itemType="xs:string"/></xs:simpleType>'),
        make_xsd(R + f'<xs:group name="g"><xs:all>{A}</xs:all></xs:group>'),
        make_xsd(R, f'{XS} xmlns="urn:a"'),
        make_xsd(R, f'{XS} targetNamespace="urn:a"'),
        make_xsd(R.replace("<xs:all>", '<xs:all xmlns:y="urn:y">')),
        make_xsd(R.replace("<xs:documentation>", "<xs:appinfo/><xs:documentation>")),
        make_xsd(R.replace("<xs:documentation>", '<xs:documentation source="a">')),
        make_xsd(R.replace("<xs:all>", '<xs:all xmlns:y="urn:y" y:z="">')),
        make_leaf(("maxLength", "2")),
        make_leaf(("pattern", "a"), ("pattern", "b")),
        make_leaf(("minLength", "+1")),
        make_leaf(("pattern", r"\d")),
        make_leaf(("enumeration", "a"), ("enumeration", "a")),
        make_leaf(("whiteSpace", "collapse")),
        make_xsd(DIGITS + restrict("T", '<xs:pattern value="[1-9]*"/>')),
        make_xsd(DIGITS + restrict("T", '<xs:enumeration value="1"/>')),
        make_xsd(DIGITS + restrict("T", '<xs:minLength value="1" fixed="true"/>')),
        make_xsd(DIGITS.replace("pattern", "minLength").replace("[0-9]*", "1") + restrict("T", '<xs:minLength value="2"/>')),
        make_xsd(LOOP + make_element(name="r", type="C")),
        # Invalid.
        b"<a/>",
        b"<",
        make_xsd(""),
        make_xsd(A + "a"),
        make_xsd("<a/>" + R),
        make_xsd("<xs:all/>" + R),
        make_xsd(R + "<xs:simpleType><xs:restriction base='xs:string'/></xs:simpleType>"),
        make_xsd(DIGITS * 2 + R),
        make_xsd(DIGITS + make_element(name="r", type="S")),
        make_xsd(f"<xs:complexType name='C'><xs:all>{A}</xs:all></xs:complexType>" + restrict("C", "")),
        make_xsd(R.replace("<xs:all>", "<xs:all/><xs:all>")),
        make_xsd(make_element(name="r", type="xs:string", minOccurs="0")),
        make_xsd(make_element(make_string_type(), name="r", type="xs:string")),
        make_xsd(make_element(make_string_type() * 2, name="r")),
        make_xsd(make_element(DIGITS, name="r")),
        make_xsd(make_element("<xs:simpleType/>", name="r")),
        make_xsd(make_element("<xs:all/>", name="r")),
        make_xsd(make_element(make_string_type())),
        make_root(make_element(type="xs:string")),
        make_root(A, A),
        make_root(make_element(name="a", type="xs:string", maxOccurs="unbounded")),
        make_root(make_element(name="1", type="xs:string")),
        make_root("<xs:annotation/>" + A + "<xs:annotation/>"),
        make_root(A.replace("<xs:documentation>d</xs:documentation>", "<xs:all/>")),
        make_leaf(("minLength", "1"), ("minLength", "1")),
        make_xsd(restrict("xs:string", "<xs:pattern/>")),
        make_xsd(restrict("xs:string", '<xs:pattern value="a"><xs:pattern value="a"/></xs:pattern>')),
        make_xsd(restrict("xs:string", "<xs:simpleType/>")),
    ],
)
def test_other_xsds_are_left_to_lxml(xsd: bytes) -> None:
    """Those that say more than shapes can, or say it in another way, and invalid ones."""
    assert compile_xsd(xsd) is None


def test_unused_prefix_of_another_namespace_is_ignored() -> None:
    """At the root, where the names of elements cannot have it."""
    assert compile_xsd(make_xsd(R, f'{XS} xmlns:y="urn:y"')) == compile_xsd(make_xsd(R))
    assert compile_xsd(make_xsd(R)) is not None


def test_default_namespace_of_xsd_hides_the_types_of_a_document() -> None:
    """A name without a prefix is then one of XSD: lxml refuses to resolve it to a type of the document."""
    root = '<element name="r" type="{}"/><simpleType name="T"><restriction base="string"/></simpleType>'
    schema = '<schema xmlns="http://www.w3.org/2001/XMLSchema">{}</schema>'
    assert compile_xsd(schema.format(root.format("string")).encode()) == ("r", TEXT)
    assert compile_xsd(schema.format(root.format("T")).encode()) is None
    with pytest.raises(etree.XMLSchemaParseError):
        etree.XMLSchema(etree.fromstring(schema.format(root.format("T"))))


@pytest.mark.parametrize("count", [50, 150, 5_000])
def test_depth_of_an_xsd_is_limited(count: int) -> None:
    """Elements inside each other, types that refer to each other, and both; types that refer twice are compiled once."""
    nested = make_element(name="a", type="xs:string")
    for _ in range(count // 4):
        nested = make_element(make_object_type(nested), name="a")
    assert (compile_xsd(make_xsd(nested)) is not None) == (count == 50)
    inner = "<xs:all><xs:element name='a' type='T{0}'/><xs:element name='b' type='T{0}'/></xs:all>"
    types = [f"<xs:complexType name='T{n}'>{inner.format(n + 1)}</xs:complexType>" for n in range(count)]
    types.append(f"<xs:simpleType name='T{count}'><xs:restriction base='xs:string'/></xs:simpleType>")
    assert (compile_xsd(make_xsd("".join(types) + make_element(name="r", type="T0"))) is not None) == (count == 50)


# Replacements that keep an XSD well-formed, most of them in one place.
PIECES: Final = (
    ("xs:all", "xs:sequence"),
    ("xs:all", "xs:choice"),
    ("xs:sequence", "xs:all"),
    ("xs:string", "xs:token"),
    ("xs:string", "Boolean"),
    ("xs:string", "Missing"),
    ("Boolean", "Bool"),
    ("Boolean", "xs:boolean"),
    ("minOccurs", "maxOccurs"),
    ('"0"', '"1"'),
    ('"1"', '"0"'),
    ("unbounded", "2"),
    ("unbounded", "1"),
    ("minLength", "maxLength"),
    ("minLength", "pattern"),
    ('"1"', '" 1 "'),
    ('"true"', '"1"'),
    ("enumeration", "pattern"),
    ("pattern", "enumeration"),
    ("{0,18}", "{18,0}"),
    ("[1-9]", "[9-1]"),
    ("[1-9]", "("),
    ("good", ""),
    ("name=", "id="),
    ("name=", "ref="),
    ("type=", "base="),
    ("base=", "type="),
    ("value=", "name="),
    ("comment", "score"),
    ("comment", "a b"),
    ("comment", "a:b"),
    ("comment", "é"),
    ("rating", ""),
    ("complexType", "simpleType"),
    ("simpleType", "complexType"),
    ("annotation", "documentation"),
    ("documentation", "appinfo"),
    ("<xs:annotation>", "a<xs:annotation>"),
    ("<xs:annotation>", "<xs:annotation/><xs:annotation>"),
    ("<xs:restriction", "<xs:annotation/><xs:restriction"),
    ("<xs:element ", "<xs:element xml:lang='' "),
    ("<xs:documentation", "<xs:documentation xml:lang='e'"),
    ("xmlns:xs", "xmlns:y='u' xmlns:xs"),
    ("http://www.w3.org/2001/XMLSchema", "urn:x"),
    ("<xs:schema", "<xs:schema version='1'"),
    ("<xs:schema", "<xs:schema elementFormDefault='a'"),
)
RATING: Final = (RATE_ACTIVITY / "schemas" / "rate-activity" / "request.xsd").read_text(encoding="utf-8")


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.integers(0, 40)), max_size=3))
def test_every_xsd_that_is_compiled_is_valid(edits: list[tuple[tuple[str, str], int]]) -> None:
    """Validity is what lxml would report at load."""
    text = RATING
    for (old, new), which in edits:
        parts = text.split(old)
        at = which % len(parts)
        text = old.join(parts[:at]) + new * bool(at) + old.join(parts[at:])
    if compile_xsd(text.encode()) is not None:
        etree.XMLSchema(etree.fromstring(text.encode()))
