"""What is read as XML and what is not: the prolog, namespaces, attributes, text beside elements. Both engines alike."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from validator.body import xml_strict
from validator.body.shape import Shape
from validator.body.tree import UnreadableBody
from validator.body.xml_fast import compile_plain_test
from validator.body.xml_prolog import check_prolog
from validator.model import common_codes
from validator.model.report import Failure
from validator.model.request import XML
from validator.operation.loader import load_operation

READERS = {name: load_operation("create-email-response", name).readers for name in ("fast", "reference")}
SHAPE = load_operation("create-email-response").shape
TYPE = "<type><value>email</value><subtype><value>general</value></subtype></type>"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
MISSING = common_codes.ATTRIBUTE_MISSING.at(("type",))


def told(text: str | bytes) -> list[Failure]:
    """Return what both engines tell of an XML body, which is the same."""
    body = text if isinstance(text, bytes) else text.encode()
    fast, reference = (list(readers[XML]()(body, 100).failures) for readers in READERS.values())
    assert fast == reference
    return fast


def foreign(reason: str, *path: str | int, **place: int) -> Failure:
    """Return the failure of what has no place in the tree."""
    return common_codes.XML_NOT_THE_ACTIVITY.at(path, reason=reason, **place)


def read(text: str) -> object:
    """Return the tree that both engines make of a sound body."""
    fast, reference = (readers[XML]()(text.encode(), 100) for readers in READERS.values())
    assert (list(fast.failures), list(reference.failures)) == ([], [])
    assert fast.tree == reference.tree
    return fast.tree


@pytest.mark.parametrize(
    "prolog",
    [
        "", "\n", "<!-- a --><!---->", "<?p?>", "<?xml-stylesheet href='a'?>", "<!-- <!DOCTYPE a> -->", "<?p <!DOCTYPE a>?>",
        '<?xml version="1.0"?>', "<?xml version='1.0' encoding='Utf-8'?>", '<?xml\tversion = "1.0"\nencoding="UTF-8"?>\r\n',
        "<?xml version='1.0' standalone='yes'?>", '<?xml version="1.0" encoding="utf-8" standalone="no" ?><!-- a -->',
    ],
)  # fmt: skip
def test_a_prolog_of_any_legal_form_is_passed_over(prolog: str) -> None:
    """The declaration, comments and processing instructions in the forms of XML 1.0, section 2.8; a DOCTYPE in words is none."""
    assert told(prolog + "<activity/>") == [MISSING]


@pytest.mark.parametrize(
    ("body", "code", "line", "column"),
    [
        ("<!DOCTYPE activity><activity/>", "400-717", 1, 1),
        ("<?xml version='1.0'?>\n<!-- a --> <!DOCTYPE a [<!ENTITY b 'c'>]><activity/>", "400-717", 2, 12),
        ("<!DOCTYPE", "400-717", 1, 1),
        ("<!doctype activity><activity/>", "400-715", 1, 1),
        (" <?xml version='1.0'?><activity/>", "400-715", 1, 2),
        ("<?XML version='1.0'?><activity/>", "400-715", 1, 6),
        ("<?xml version='1.1'?><activity/>", "400-715", 1, 15),
        ("<?xml version='1.0' encoding='a b'?><activity/>", "400-715", 1, 30),
        ("<?xml?><activity/>", "400-715", 1, 1),
        ("<?xml version='1.0'", "400-715", 1, 1),
        ("<?xml version='1.0' encoding='utf-16'?><activity/>", "400-711", 1, 1),
        ("<?xml version='1.0' encoding='ascii'?><activity/>", "400-711", 1, 1),
        (b"\xff\xfe<\x00a\x00/\x00>\x00", "400-711", 1, 1),
        # UTF-16 and UTF-32 without a byte order mark are UTF-8 with many a NUL; expat would guess what they are.
        (f"<activity>{TYPE}<subject>a</subject></activity>".encode("utf-16-le"), "400-715", 1, 2),
        ("<!DOCTYPE activity><activity/>".encode("utf-16-le"), "400-715", 1, 2),
        ("<activity/>".encode("utf-16-be"), "400-715", 1, 1),
        ("<activity/>".encode("utf-32-le"), "400-715", 1, 2),
        (" <activity/>".encode("utf-16-le"), "400-715", 1, 2),
        ("\ufeff<activity/>", "400-715", 1, 1),  # the first was taken off by the engine: it is the second
        ("x<activity/>", "400-715", 1, 1),
        ("<!-- a -- b --><activity/>", "400-715", 1, 10),
        ("<activity/>x", "400-715", 1, 12),
        ("<activity/><activity/>", "400-715", 1, 12),
        ("<activity>\n&nbsp;</activity>", "400-715", 2, 1),
        ("<activity>&#0;</activity>", "400-715", 1, 11),
        ("<activity>&#xD800;</activity>", "400-715", 1, 11),
        ("<activity>\x00</activity>", "400-715", 1, 11),
        ("<activity>\ufffe</activity>", "400-715", 1, 11),
        ("<activity a='' a=''/>", "400-715", 1, 16),
        ("<activity xmlns:a='u' xmlns:b='u' a:c='' b:c=''/>", "400-715", 1, 1),
        ("<a:activity/>", "400-715", 1, 1),
        ("<activity>\n<type></activity>", "400-715", 2, 9),
        ("<activity>", "400-715", 1, 11),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(body: str | bytes, code: str, line: int, column: int) -> None:
    """Nothing but the one failure is told of such a body."""
    (failure,) = told(body)
    assert (failure.code, failure.pointer) == (code, "")
    assert (failure.parameters["line"], failure.parameters["column"]) == (line, column)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<a/>", [foreign("The root element must be 'activity' without a namespace; it is 'a'")]),
        ("<Activity/>", [foreign("The root element must be 'activity' without a namespace; it is 'Activity'")]),
        (
            "<activity xmlns='u' a=''><b/></activity>",
            [foreign("The root element must be 'activity' without a namespace; it is in a namespace")],
        ),
        ("<activity xmlns=''/>", [MISSING]),
        ("<activity xmlns:a='u'/>", [MISSING]),
        (f"<activity {XSI} xsi:schemaLocation='a b' xsi:noNamespaceSchemaLocation='c'/>", [MISSING]),
        ("<activity schemaLocation=''/>", [foreign("The XML attribute 'schemaLocation' is not allowed on 'body'"), MISSING]),
        (f"<activity {XSI} xsi:type='a'/>", [foreign("The XML attribute 'type' is not allowed on 'body'"), MISSING]),
        (
            f"<activity {XSI}>{TYPE}<subject xsi:nil='true'/></activity>",
            [foreign("The XML attribute 'nil' is not allowed on 'subject'", "subject")],
        ),
        ("<activity xml:lang='en'/>", [foreign("The XML attribute 'lang' is not allowed on 'body'"), MISSING]),
        (f"<activity>{TYPE}<a b='c'/></activity>", [common_codes.ATTRIBUTE_UNKNOWN.at(("a",))]),
        (f"<activity>{TYPE}x<subject/></activity>", [foreign("Text is not allowed beside the elements of 'body'")]),
        (f"<activity>{TYPE}\u00a0</activity>", [foreign("Text is not allowed beside the elements of 'body'")]),
        (
            f"<activity>{TYPE}<attachments>x</attachments></activity>",
            [common_codes.TYPE_WRONG.at(("attachments",), expected="an object")],
        ),
        (f"<activity>{TYPE}<subject>a<b/></subject></activity>", [common_codes.TYPE_WRONG.at(("subject",), expected="text")]),
        (
            f"<activity>{TYPE}<attachments><attachment><altId>a</altId><inline> 1</inline></attachment></attachments></activity>",
            [common_codes.TYPE_WRONG.at(("attachments", "attachment", 0, "inline"), expected="a boolean")],
        ),
        (f"<activity>{TYPE}<attachments/><attachments/></activity>", [common_codes.ATTRIBUTE_REPEATED.at(("attachments",))]),
    ],
)
def test_what_the_other_format_could_not_say_is_refused(body: str, expected: Sequence[Failure]) -> None:
    """Namespaces, XML attributes, text beside elements; what XML merely allows to be written is passed over."""
    assert told(body) == expected


def test_an_element_in_a_namespace_is_not_the_one_of_that_name() -> None:
    """It is neither missing nor a repetition, and the one without a namespace is judged, whichever comes first."""
    in_a_namespace = "The element 'type' is in a namespace"
    assert told(f"<activity xmlns:x='u'><x:type/>{TYPE}</activity>") == [foreign(in_a_namespace, "type", line=1, column=23)]
    assert told(f"<activity xmlns:x='u'>{TYPE}\n<x:type/></activity>") == [foreign(in_a_namespace, "type", line=2, column=1)]
    assert told("<activity xmlns:x='u'><x:type/></activity>") == [foreign(in_a_namespace, "type", line=1, column=23)]
    assert told("<activity xmlns:x='u'><x:type/><type>a</type></activity>") == [
        foreign(in_a_namespace, "type", line=1, column=23),
        common_codes.TYPE_WRONG.at(("type",), expected="an object"),
    ]
    assert told(f"<activity xmlns:x='u'>{TYPE}<x:a/>b</activity>") == [
        foreign("Text is not allowed beside the elements of 'body'"),
        foreign("The element 'a' is in a namespace", "a", line=1, column=97),
    ]
    assert told(f"<activity xmlns:x='u'>{TYPE}<attachments>a<x:b/></attachments></activity>") == [
        foreign("Text is not allowed beside the elements of 'attachments'", "attachments"),
        foreign("The element 'attachments.b' is in a namespace", "attachments", "b", line=1, column=111),
    ]


@pytest.mark.parametrize(
    ("subject", "value"),
    [
        ("a<!-- b -->c<?d e?>f<![CDATA[<g>&h;]]>", "acf<g>&h;"),
        (" &lt;&#38;&#x1F600;&quot;&apos;&gt; ", " <&\U0001f600\"'> "),
        ("a\u0085\u2028\u00a0b", "a\u0085\u2028\u00a0b"),
        ("\t", "\t"),
        ("", ""),
        ("<![CDATA[]]>", ""),
    ],
)
def test_text_is_taken_as_it_is(subject: str, value: str) -> None:
    """Comments and instructions leave no gap, CDATA and references are text, and nothing is trimmed."""
    assert read(f"<activity>{TYPE}<subject>{subject}</subject></activity>") == {
        "type": {"value": "email", "subtype": {"value": "general"}},
        "subject": value,
    }


@pytest.mark.parametrize(("said", "value"), [("true", True), ("1", True), ("false", False), ("0", False), ("<!---->1", True)])
def test_a_boolean_has_four_forms(said: str, value: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Those of XML Schema; and a wrapper without entries is an empty list."""
    entry = f"<attachment><altId>a</altId><inline>{said}</inline></attachment>"
    tree = read(f"<activity>{TYPE}<attachments>{entry}</attachments><customAttributes/></activity>")
    assert tree == {
        "type": {"value": "email", "subtype": {"value": "general"}},
        "attachments": {"attachment": [{"altId": "a", "inline": value}]},
        "customAttributes": {"customAttribute": []},
    }


PIECES = """
<?xml_version='1.0'?> <?xml_version='1.1'?> <?xml_version='1.0'_encoding='utf-16'?> <!DOCTYPE_a> <!DOCTYPE <!ENTITY_a_'b'>
<!-- --> - <?p ?> ?xml ! [ ] > < _ \ufeff <activity> </activity> <activity/> <type> </type> <subject_/> </subject> &amp; &a;
&#1; %a; ]]> <![CDATA[ x <a_b='c'> xmlns='u' \x00
"""


@given(st.lists(st.sampled_from(PIECES.replace("\n", " ").strip(" ").split(" ")), max_size=12))
def test_libxml2_never_sees_what_it_could_follow(pieces: list[str]) -> None:
    """Of what passes the gate it keeps no DOCTYPE, attribute, instruction, reference or unknown name."""
    body = "".join(pieces).replace("_", " ").encode()
    if not compile_plain_test("activity", SHAPE)(body):
        return
    assert b"<!DOCTYPE" not in body.split(b"<![CDATA[")[0]
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return
    assert root.getroottree().docinfo.internalDTD is None
    for element in root.iter():
        assert element.tag in {"activity", "type", "subject"}
        assert dict(element.attrib) == {}


@given(st.lists(st.sampled_from(PIECES.replace("\n", " ").strip(" ").split(" ")), max_size=12))
def test_no_doctype_passes_the_prolog(pieces: list[str]) -> None:
    """Where the look at the bytes finds none, lxml finds none either."""
    body = "".join(pieces).replace("_", " ").encode()
    try:
        check_prolog(body)
    except UnreadableBody:
        return
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return
    assert root.getroottree().docinfo.internalDTD is None


SMALL = Shape("object", {"a": Shape("string"), "b": Shape("object", {"c": Shape("string")})})


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"<r><a>x</a><b><c/></b></r>", True),
        (b"<?xml version='1.0' encoding=\"utf-8\"?>\n<r>\n  <a>&lt;&#9;&#xA;</a>\n</r>\n", True),
        (b"<r><a><![CDATA[<x>&y;]]></a></r>", True),
        (b"<r>\n" + b" " * 40 + b"<a></a></r>", True),
        (b"<r><b></a></r>", True),
        (b"<r><a>]]></a></r>", True),
        (b"<r>" + b" \t" * 8 + b"<a></a></r>", False),
        (b"<r><a>x</a>" + b"\n" * 17 + b"</r>", False),
        (b"<r><a>" + b" \n" * 9 + b"</a></r>", False),
        (b"<r><x/></r>", False),
        (b"<r><aa/></r>", False),
        (b"<r z=''/>", False),
        (b"<r><b>x<c/></b></r>", False),
        (b"<r><a/>x</r>", False),
        (b"<r><a/><![CDATA[x]]></r>", False),
        (b"<r><!-- --></r>", False),
        (b"<r><?p?></r>", False),
        (b"<!DOCTYPE r><r/>", False),
        (b"<r><a>&x;</a></r>", False),
        (b"<r><a>&amp</a></r>", False),
        (b"\xef\xbb\xbf<r/>", False),
        (b"<?xml version='1.0' encoding='latin-1'?><r/>", False),
        (b"<?xml version='1.1'?><r/>", False),
        (b"", False),
    ],
)
def test_libxml2_sees_plain_bodies_only(body: bytes, seen: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Known names, text, CDATA and indentation pass; what it would remember, follow or expand does not."""
    assert compile_plain_test("r", SMALL)(body) is seen


def test_a_judge_that_disagrees_is_an_internal_error() -> None:
    """A refused body never leaves without a code, and an accepted one was accepted by all."""
    with pytest.raises(xml_strict.Disagreement):
        xml_strict.build_explainer("r", SMALL, lambda _tree: False)(b"<r/>", 100)


@pytest.mark.parametrize(
    ("body", "line", "column", "reason"),
    [
        (b"<?xml version='1.0' encoding=''?><r/>", 1, 30, "the encoding's name is not well-formed"),
        (b"<?xml encoding='utf-8'?><r/>", 1, 1, "the XML declaration is not well-formed"),
        (b"<?xml version='1.0' standalone='maybe'?><r/>", 1, 1, "the XML declaration is not well-formed"),
        (b"<!-- -->\n x<r/>", 2, 2, "the root element is expected"),
        (b"<r/><!DOCTYPE r>", 1, 5, "junk after document element"),
    ],
)
def test_what_is_not_xml_is_told_with_line_and_column(body: bytes, line: int, column: int, reason: str) -> None:
    """By both engines alike."""
    for engine in ("fast", "reference"):
        (failure,) = load_operation("create-email-response", engine).readers[XML]()(body, 100).failures
        assert (failure.code, dict(failure.parameters)) == ("400-715", {"line": line, "column": column, "reason": reason})


def test_a_doctype_that_the_prolog_would_miss_is_refused_by_the_reader() -> None:
    """The second look has the same law."""
    with pytest.raises(UnreadableBody) as caught:
        xml_strict._TreeBuilder("r", SMALL, 100).parse("<!DOCTYPE r><r/>")
    assert caught.value.failure.code == "400-717"


def test_foreign_elements_are_told_up_to_the_limit() -> None:
    """Each is one failure; they are not missing as well, and one more than the limit is enough."""
    shape = Shape("object", SMALL.members, ("a",))
    body = b"<r xmlns:x='u'>" + b"<x:a/>" * 5 + b"</r>"
    assert [failure.pointer for failure in xml_strict.read_xml(body, "r", shape, 100).failures] == ["/a"] * 5
    assert [failure.code for failure in xml_strict.read_xml(body, "r", shape, 2).failures] == ["400-724"] * 3
