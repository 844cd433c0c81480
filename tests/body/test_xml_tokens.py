"""XML in one pass: the bodies that it reads, those that it leaves to the thorough reader, and what remains of a body."""

import gc
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.bodies import bodies, to_xml
from tests.paths import RATE_ACTIVITY
from tests.test_fixtures import FILES
from validator.body import reference, xml_fast, xml_lxml, xml_tokens
from validator.body.shape import Shape, compile_shape
from validator.body.tree import BodyReader, Disagreement
from validator.body.xml_tokens import UNKNOWN_LEVELS, UNUSUAL, build_tree_reader
from validator.body.xsd_shape import describes_same_bodies
from validator.model.request import XML
from validator.operation.home import shipped_schemas
from validator.operation.loader import load_operation
from validator.operation.xsd_file import read_xsd

SHAPE = Shape(
    "object",
    {
        "a": Shape("string"),
        "b": Shape("boolean"),
        "o": Shape("object", {"a": Shape("string"), "o": Shape("object", {"o": Shape("string")})}),
        "w": Shape("object", {"e": Shape("array", items=Shape("object", {"a": Shape("string")}))}),
        "v": Shape("object", {"e": Shape("array", items=Shape("string"))}, ("e",)),
    },
)
NAMESPACES = ("urn:a", "é b", "http://www.w3.org/XML/1998/namespace")
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
read = build_tree_reader("r", SHAPE, NAMESPACES)


def is_read(body: bytes) -> bool:
    """Return whether one pass is enough."""
    try:
        read(body)
    except UNUSUAL:
        return False
    return True


@pytest.mark.parametrize(
    ("body", "tree"),
    [
        ("<r></r>", {}),
        ("<r/>", {}),
        ("<r><a>x</a><b>1</b></r>", {"a": "x", "b": True}),
        ("<r><b>yes</b></r>", {"b": "yes"}),
        ("<r><b/><a></a></r>", {"b": "", "a": ""}),
        ("<r\n><a\t/><o ></o ></r>\r\n", {"a": "", "o": {}}),
        ("<r> <a> x </a>\n\t</r>", {"a": " x "}),
        ("<r><a>\r\n\r&#13;</a></r>", {"a": "\n\n\r"}),
        ("<r><a>&lt;/a></a></r>", {"a": "</a>"}),
        ("<r><a>&lt;&amp;&gt;&quot;&apos;&#x1F600;&#9;</a></r>", {"a": "<&>\"'\U0001f600\t"}),
        ("<r><a><![CDATA[</a>]]></a></r>", {"a": "</a>"}),
        ("<r><a>x<![CDATA[<y>]]>z<![CDATA[]]></a></r>", {"a": "x<y>z"}),
        ("<r><a><![CDATA[]]></a></r>", {"a": ""}),
        ("<r><w></w><v/></r>", {"w": {"e": []}, "v": {}}),
        ("<r><w>\n</w></r>", {"w": {"e": []}}),
        ("<r><w><e><a>1</a></e> <e/></w><v><e>2</e><e/></v></r>", {"w": {"e": [{"a": "1"}, {}]}, "v": {"e": ["2", ""]}}),
        ("<r><o><o><o>x</o></o></o></r>", {"o": {"o": {"o": "x"}}}),
        ("<r><x>1</x><a>2</a><y><x/><a>&lt;a><![CDATA[<y>]]></a></y></r>", {"x": None, "a": "2", "y": None}),
        ("<r><e/><w><a/><e/></w></r>", {"e": None, "w": {"a": None, "e": [{}]}}),
        ("<r><r/></r>", {"r": None}),
        (f"<r>{'<x>' * UNKNOWN_LEVELS}{'</x>' * UNKNOWN_LEVELS}</r>", {"x": None}),
        ("<?xml version='1.0'?><r/>", {}),
        ('<?xml version="1.0" encoding="utf-8"?>\r\n<r/>', {}),
        ("<?xml version='1.0' encoding=\"UTF-8\" standalone='yes' ?> \n <r/>", {}),
        ("<r xmlns='urn:a'><a>x</a></r>", {"a": "x"}),
        ('<r xmlns="é b"/>', {}),
        (f"<r xmlns:xsi='{XSI}' xmlns:xsd='{XSD}'/>", {}),
        (f"<r xmlns:xsd='{XSD}' xmlns='urn:a'/>", {}),
        (f"<r><v>{'<e>1</e>' * 2_000}</v></r>", {"v": {"e": ["1"] * 2_000}}),
        (f"<r><a>{'é' * 70_000}&lt;{'é' * 70_000}</a></r>", {"a": "é" * 70_000 + "<" + "é" * 70_000}),
    ],
)
def test_usual_body_is_read_in_one_pass(body: str, tree: object) -> None:
    """Elements, text, references, CDATA, indentation, the usual declarations, and unknown elements."""
    assert read(body.encode()) == tree


@pytest.mark.parametrize(
    "body",
    [
        # Not well-formed, or not UTF-8.
        b"",
        b" ",
        b"<r>",
        b"<r></r",
        b"<r><a></r>",
        b"<r/><r/>",
        b"<r/>x",
        b"x<r/>",
        b"<r><a>&x;</a></r>",
        b"<r><a>&#0;</a></r>",
        b"<r><a>]]></a></r>",
        b"<r>\xff</r>",
        b"<r><a>\xc0\x80</a></r>",
        b"<r><a>\xed\xa0\x80</a></r>",
        b"<r><a>\xef\xbf\xbe</a></r>",
        b"<r><a b='' b=''/></r>",
        "<r/>".encode("utf-16"),
        "<r/>".encode("utf-16-le"),
        " <r/>".encode("utf-16-le"),
        "<r/>".encode("utf-16-be"),
        b"\xef\xbb\xbf<r/>",
        b" <?xml version='1.0'?><r/>",
        # An odd prolog.
        b"<?xml version='1.1'?><r/>",
        b"<?xml version='1.0' encoding='latin-1'?><r/>",
        b"<?xml version = '1.0'?><r/>",
        b"<!---><r/>",
        b"<!DOCTYPE r><r/>",
        b"<!DOCTYPE r [<!ENTITY a 'b'>]><r><a>&a;</a></r>",
        b"<?p?><r/>",
        # Not a tree of the shape.
        b"<x/>",
        b"<a/>",
        b"<r>x</r>",
        b"<r>&#160;</r>",
        b"<r>\xc2\xa0</r>",
        b"<r><![CDATA[x]]></r>",
        b"<r>&lt;a>x&lt;/a></r>",
        b"<r>&lt;a/></r>",
        b"<r>&lt;x/></r>",
        b"<r>&lt;o><a/>&lt;/o></r>",
        b"<r><a/><a/></r>",
        b"<r><o/><o></o></r>",
        b"<r><x/><x/></r>",
        b"<r><w><x/><x/></w></r>",
        b"<r><a><a/></a></r>",
        b"<r><a><a></a></a></r>",
        b"<r><a><x/></a></r>",
        b"<r><a>x<x/></a></r>",
        b"<r><a><x/>y</a></r>",
        b"<r><b><b/></b></r>",
        b"<r><v><e><e/></e></v></r>",
        # Comments and processing instructions.
        b"<r><!-- --></r>",
        b"<r><a>x<!-- -->y</a></r>",
        b"<r><a><!-- --></a></r>",
        b"<r><x><!-- --></x></r>",
        b"<r/><!-- -->",
        b"<r><?p?></r>",
        b"<r><a><?p?></a></r>",
        b"<r><?p:q?></r>",
        b"<r/><?p?>",
        # Attributes, prefixes and other namespaces.
        b"<r z=''/>",
        b"<r><a z=''/></r>",
        b"<r><x z=''/></r>",
        b"<r><x><y z=''/></x></r>",
        b"<r xmlns=''/>",
        b"<r xmlns='urn:b'/>",
        b"<r xmlns='urn:a' xmlns='urn:a'/>",
        b"<r xmlns='http://www.w3.org/XML/1998/namespace'/>",
        b"<r><a xmlns='urn:a'/></r>",
        b"<r xmlns:p='urn:a'/>",
        b"<p:r xmlns:p='urn:a'/>",
        b"<r><p:a/></r>",
        b"<r xmlns:xsi='urn:a'/>",
        f"<r xmlns:xml='{XSI}'/>".encode(),
        b"<r xml:space='preserve'/>",
        # Too many or too deep unknown elements.
        b"<r>%b</r>" % b"".join(b"<x%d/>" % number for number in range(200)),
        b"<r><x>%b</x></r>" % (b"<y/>" * 200),
        b"<r z='%b'/>" % (b"z" * 2_000),
        b"<r>%b%b</r>" % (b"<x>" * (UNKNOWN_LEVELS + 1), b"</x>" * (UNKNOWN_LEVELS + 1)),
    ],
)
def test_other_body_is_left_to_the_thorough_reader(body: bytes) -> None:
    """It may be valid, or have a failure that a tree cannot show."""
    assert not is_read(body)


@contextmanager
def without_collector() -> Iterator[None]:
    """Disable the garbage collector; afterwards it must have nothing to do."""
    gc.collect()
    gc.disable()
    try:
        yield
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_body_leaves_no_cycle() -> None:
    """Memory is free at once, whether a body is read, unusual or malformed."""
    shape = "<r><a>x</a><x><y/></x>{}</r>"
    for body in (shape.format(""), shape.format("<!-- -->"), shape.format("<a/>"), shape.format("<p:q/>"), "<r", "<r>\ud800</r>"):
        content = body.encode("utf-8", "surrogatepass")
        with without_collector():
            is_read(content)


def test_names_do_not_remain() -> None:
    """Bodies with different unknown names, read or unusual, add nothing to the memory of the process."""
    tracemalloc.start()
    try:
        read_names(0)
        before = tracemalloc.get_traced_memory()[0]
        read_names(1)
        assert tracemalloc.get_traced_memory()[0] - before < 1_000
    finally:
        tracemalloc.stop()


def read_names(start: int) -> None:
    """Read 1,000 bodies with names of their own."""
    for number in range(start * 1_000, start * 1_000 + 1_000):
        assert is_read(f"<r><n{number}/><m{number}>t</m{number}></r>".encode())
        assert not is_read(f"<r><k{number} z=''/></r>".encode())
    gc.collect()


FOLDER = shipped_schemas() / "create-email-response"
OPERATION = load_operation("create-email-response")
ARGUMENTS = (OPERATION.schema, OPERATION.shape, *read_xsd(FOLDER))
READERS: list[BodyReader] = [
    build(*ARGUMENTS) for build in (xml_fast.build_xml_reader, xml_lxml.build_xml_reader, reference.build_xml_reader)
]


def read_everywhere(body: bytes, limit: int = 100) -> list[tuple[Any, ...]]:
    """Return the failures of a body, and the tree of a valid one, from each reader."""
    answers = [reader(body, limit) for reader in READERS]
    return [(list(answer.failures), None if answer.failures else answer.tree) for answer in answers]


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".xml"], ids=lambda path: path.stem)
def test_fixtures_read_alike_with_and_without_lxml(path: Any) -> None:
    """Where the XSD and the JSON Schema describe the same bodies, and where lxml has to validate each body with the XSD."""
    fast, with_lxml, by_reference = read_everywhere(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    assert fast == with_lxml == by_reference


FRAGMENTS = (
    b"<!---->",
    b"<?p q?>",
    b"<?a:b?>",
    b"<![CDATA[",
    b"]]>",
    b"<![CDATA[<subject>]]>",
    b"&amp;",
    b"&lt;",
    b"&#13;",
    b"&#0;",
    b"&x;",
    b"\r\n",
    b"\x00",
    b"\x85",
    "\u2028".encode(),
    b"\xff",
    b"\xed\xa0\x80",
    b" xmlns='u'",
    b" a='b'",
    b"x:",
    b"<x>",
    b"</x>",
    b"<x/>",
    b"<subject/>",
    b"<subject>",
    b"</subject>",
    b"&lt;subject>",
    b"&lt;/subject>",
    b"&lt;attachment>",
    b"&lt;/attachment>",
    b"<attachment/>",
    b"<type/>",
    b"text",
)


LONG = "The quick brown fox, é > \U0001f600.\n" * 300
HEAD = "<activity><type><value>email</value><subtype><value>general</value></subtype></type>"


@pytest.mark.parametrize(
    ("inside", "is_usual"),
    [
        (f"<payload><email><content><text>{LONG}</text></content></email></payload>", True),
        (
            f"<subject>a</subject><payload><email><content><html>{LONG}</html><text>{LONG}</text></content></email></payload>",
            True,
        ),
        (f"<subject>{LONG}</subject>", True),  # not a line
        (f"<foo>{LONG}</foo>", True),
        (f"<foo><a>{LONG}</a></foo>", True),
        (f"<foo><![CDATA[{LONG}]]></foo>", True),
        (f"<foo>&amp;{LONG}&amp;</foo>", True),
        (f"<foo>\r{LONG}]</foo>", True),
        (f"<foo>{LONG}&#0;</foo>", False),
        (f"<foo>{LONG}]]></foo>", False),
        (f"<foo>{LONG}\x0b</foo>", False),
        (f"<foo>{LONG}\x00</foo>", False),
        (f"<foo>{LONG}\ufffe</foo>", False),
        (f"<foo>{LONG}<!-- --></foo>", False),
        (f"<foo><!-- <foo>{LONG}</foo> --></foo>", False),
        (f"<foo><![CDATA[<foo>{LONG}</foo>]]></foo>", False),
        (f"<foo>a<![CDATA[<foo>{LONG}<b>]]></foo>", False),
        (f"<foo>{LONG}<![CDATA[a]]></foo>", True),
        (f"<subject>{LONG}<![CDATA[a]]></subject>", False),
        (f"<?foo <foo>{LONG}</foo>?>", False),
        (f"<foo a='<foo>{LONG}'/>", False),
        (f"<foo a='>{LONG}'></foo>", False),
        (f"<foo/>{LONG}<foo/>", False),
        (f"<foo></foo>{LONG}", False),
        (f"<type>{LONG}", False),
        (f"<attachments>{LONG}</attachments>", False),
        (f"<attachments>{' ' * 9_000}</attachments>", True),
        (f"<foo{' ' * 9_000}></foo>", True),
        (f"<foo{LONG}></foo>", False),
        (f"</activity>{LONG}", False),
    ],
    ids=range(30),
)
def test_long_text_is_left_out_where_expat_need_not_see_it(inside: str, is_usual: bool) -> None:  # noqa: FBT001
    """Neither in comments, CDATA and instructions, nor with a character that it may not have."""
    body = f"{HEAD}{inside}</activity>".encode()
    fast, with_lxml, by_reference = read_everywhere(body)
    assert fast == with_lxml == by_reference
    try:
        build_tree_reader("activity", OPERATION.shape)(body)
    except UNUSUAL:
        assert not is_usual
    else:
        assert is_usual
    not_utf_8 = body.replace("é".encode(), b"\xe9")
    assert [failure.code for failure in READERS[0](not_utf_8, 100).failures] == (
        ["400-711"] if not_utf_8 != body else ["400-721"] * ("foo" in inside)
    )


@given(bodies, st.sampled_from(["plain", "indented", "cdata"]), st.sampled_from([0, 8192]), st.data())
def test_altered_bodies_read_alike(body: Any, style: str, short: int, data: st.DataObject) -> None:
    """Bytes are replaced, removed or repeated, and fragments inserted, most of them between tags.

    short: the bodies that expat sees as a whole.
    """
    xml = to_xml(body, style)
    for _ in range(data.draw(st.integers(0, 3))):
        edges = [0, *(index for index, byte in enumerate(xml) if byte == 60), len(xml)]
        at = data.draw(st.sampled_from(edges) | st.integers(0, len(xml)))
        end = data.draw(
            st.just(at) | st.integers(at, min(len(xml), at + 60)) | st.sampled_from([one for one in edges if one >= at])
        )
        between = data.draw(st.sampled_from(FRAGMENTS) | st.just(xml[at:end] * 2) | st.binary(max_size=2))
        xml = xml[:at] + between + xml[end:]
    with patch.multiple(xml_tokens, _BUFFER=short, _LONG_TEXT=1 if short == 0 else 4096):
        fast, with_lxml, by_reference = read_everywhere(xml)
    assert fast == with_lxml == by_reference


BROKEN = """<activity><type><value>mail</value><subtype/></type><foo><b>x</b></foo><issueType><id>x</id></issueType>
<attachments><attachment><inline>yes</inline></attachment><attachment/></attachments></activity>"""


def test_failures_of_values_are_found_without_a_second_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown, missing and wrong values: the tree shows them. Entries of a list among other elements need the second pass."""
    expected = reference.build_xml_reader(*ARGUMENTS)(BROKEN.encode(), 100).failures
    monkeypatch.setattr(xml_fast, "build_explainer", lambda *_arguments: None)
    answer = xml_fast.build_xml_reader(*ARGUMENTS)(BROKEN.encode(), 100)
    assert list(answer.failures) == list(expected)
    assert len(answer.failures) == 7


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_failures_in_mixed_lists_keep_their_order(limit: int) -> None:
    """They are those of the document, not of the tree, in which the entries are together."""
    entries = "<attachment/><x/><attachment><altId/></attachment><attachments><y/></attachments><attachment/>"
    for body in (f"<activity><attachments>{entries}</attachments></activity>", BROKEN):
        fast, with_lxml, by_reference = (answer[0][:limit] for answer in read_everywhere(body.encode(), limit))
        assert fast == with_lxml == by_reference


def test_list_that_must_have_an_entry_is_missing_without_one() -> None:
    """Both schemas say so: xs:element without minOccurs, and ``required``."""
    schema = json.loads((RATE_ACTIVITY / "schemas" / "rate-activity" / "request.schema.json").read_bytes())
    root, xsd = read_xsd(RATE_ACTIVITY / "schemas" / "rate-activity")
    schema["properties"]["reasons"]["required"] = ["reason"]
    xsd = xsd.replace(b'name="reason" minOccurs="0"', b'name="reason"')
    arguments = (schema, compile_shape(schema), root, xsd)
    body = b"<rating><score><value>good</value></score><reasons>%b</reasons></rating>"
    for build in (xml_fast.build_xml_reader, xml_lxml.build_xml_reader, reference.build_xml_reader):
        reader = build(*arguments)
        assert [failure.pointer for failure in reader(body % b"", 100).failures] == ["/reasons/reason"]
        assert list(reader(body % b"<reason>slow</reason>", 100).failures) == []


def test_shape_that_is_too_deep_is_read_with_lxml() -> None:
    """The thorough reader refuses what is nested deeper than the limit, and unknown elements need some levels."""
    shape = Shape("string")
    schema: dict[str, Any] = {"type": "string"}
    types = "<xs:simpleType name='T0'><xs:restriction base='xs:string'/></xs:simpleType>"
    for depth in range(95):
        shape = Shape("object", {"a": shape})
        schema = {"type": "object", "additionalProperties": False, "properties": {"a": schema}}
        inner = f"<xs:all><xs:element name='a' type='T{depth}' minOccurs='0'/></xs:all>"
        types += f"<xs:complexType name='T{depth + 1}'>{inner}</xs:complexType>"
    xsd = f"<xs:schema xmlns:xs='{XSD}'>{types}<xs:element name='a' type='T95'/></xs:schema>".encode()
    assert describes_same_bodies("a", shape, xsd)
    reader = xml_fast.build_xml_reader(schema, shape, "a", xsd)
    assert reader.__module__ == "validator.body.xml_lxml"
    assert list(reader(b"<a>" * 20 + b"</a>" * 20, 100).failures) == []


def test_xsd_that_says_more_validates_each_body() -> None:
    """A value that only the XSD rejects has no code: that is an internal error, and the body is not accepted."""
    root, xsd = read_xsd(RATE_ACTIVITY / "schemas" / "rate-activity")
    operation = load_operation("rate-activity", home=RATE_ACTIVITY)
    longer = xsd.replace(b'<xs:minLength value="1"/>', b'<xs:minLength value="1"/><xs:maxLength value="4"/>')
    reader = xml_fast.build_xml_reader(operation.schema, operation.shape, root, longer)
    body = b"<rating><score><value>good</value></score><comment>%b</comment></rating>"
    assert reader(body % b"slow", 100).tree == {"score": {"value": "good"}, "comment": "slow"}
    assert [failure.code for failure in reader(body % b"", 100).failures] == ["400-152"]
    with pytest.raises(Disagreement):
        reader(body % b"slower", 100)


@pytest.mark.parametrize(
    "piece",
    [('type="Boolean"', 'type="Missing"'), ("xs:all>", "xs:nothing>"), ('"unbounded"', '"many"'), ('base="xs:string"', "")],
)
def test_invalid_xsd_is_refused(piece: tuple[str, str]) -> None:
    """By lxml: no such XSD is compiled to a shape."""
    root, xsd = read_xsd(RATE_ACTIVITY / "schemas" / "rate-activity")
    operation = load_operation("rate-activity", home=RATE_ACTIVITY)
    with pytest.raises(etree.XMLSchemaParseError):
        xml_fast.build_xml_reader(operation.schema, operation.shape, root, xsd.decode().replace(*piece).encode())


def test_media_of_the_fixtures_is_read_by_the_fast_engine() -> None:
    """The shipped operation needs no lxml."""
    assert OPERATION.readers[XML]().__module__ == "validator.body.xml_fast"
