"""XML at the edges: prolog, namespaces, attributes and text between elements. Both engines report the same."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.readers import READERS
from validator.body import xml_strict
from validator.body.shape import Shape
from validator.body.tree import Body, Disagreement, UnreadableBody
from validator.body.xml_lxml import compile_plain_test
from validator.body.xml_prolog import check_prolog
from validator.model import common_codes
from validator.model.report import Failure
from validator.model.request import XML
from validator.operation.loader import load_operation

SHAPE = load_operation("create-email-response").shape
TYPE = "<type><value>email</value><subtype><value>general</value></subtype></type>"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
MISSING = common_codes.ATTRIBUTE_MISSING.at(("type",))


def read_failures(text: str | bytes) -> list[Failure]:
    """Return the failures of an XML body, which are the same from all readers."""
    body = text if isinstance(text, bytes) else text.encode()
    fast, *others = (list(readers[XML]()(body, 100).failures) for readers in READERS.values())
    assert others == [fast] * len(others)
    return fast


def make_unsupported(reason: str, *path: str | int, **position: int) -> Failure:
    """Return the failure of XML that a tree cannot represent."""
    return common_codes.XML_NOT_THE_ACTIVITY.at(path, reason=reason, **position)


def read_tree(text: str) -> object:
    """Return the tree of a valid body, which is the same from all readers."""
    bodies = [readers[XML]()(text.encode(), 100) for readers in READERS.values()]
    fast, *others = ((list(body.failures), body.tree) for body in bodies)
    assert others == [fast] * len(others)
    assert fast[0] == []
    return fast[1]


@pytest.mark.parametrize(
    "prolog",
    [
        "", "\n", "<!-- a --><!---->", "<?p?>", "<?xml-stylesheet href='a'?>", "<!-- <!DOCTYPE a> -->", "<?p <!DOCTYPE a>?>",
        '<?xml version="1.0"?>', "<?xml version='1.0' encoding='Utf-8'?>", '<?xml\tversion = "1.0"\nencoding="UTF-8"?>\r\n',
        "<?xml version='1.0' standalone='yes'?>", '<?xml version="1.0" encoding="utf-8" standalone="no" ?><!-- a -->',
    ],
)  # fmt: skip
def test_well_formed_prolog_is_skipped(prolog: str) -> None:
    """Declaration, comments and processing instructions (XML 1.0, section 2.8), also with a DOCTYPE in a comment."""
    assert read_failures(prolog + "<activity/>") == [MISSING]


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
        # UTF-16 and UTF-32 without a byte order mark are UTF-8 with NULs; expat would detect them.
        (f"<activity>{TYPE}<subject>a</subject></activity>".encode("utf-16-le"), "400-715", 1, 2),
        ("<!DOCTYPE activity><activity/>".encode("utf-16-le"), "400-715", 1, 2),
        ("<activity/>".encode("utf-16-be"), "400-715", 1, 1),
        ("<activity/>".encode("utf-32-le"), "400-715", 1, 2),
        (" <activity/>".encode("utf-16-le"), "400-715", 1, 2),
        ("\ufeff<activity/>", "400-715", 1, 1),  # the second one: the engine removes the first
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
def test_unreadable_body_has_a_position(body: str | bytes, code: str, line: int, column: int) -> None:
    """And only one failure."""
    (failure,) = read_failures(body)
    assert (failure.code, failure.pointer) == (code, "")
    assert (failure.parameters["line"], failure.parameters["column"]) == (line, column)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<a/>", [make_unsupported("The root element must be 'activity' without a namespace; it is 'a'")]),
        ("<Activity/>", [make_unsupported("The root element must be 'activity' without a namespace; it is 'Activity'")]),
        (
            "<activity xmlns='u' a=''><b/></activity>",
            [make_unsupported("The root element must be 'activity' without a namespace; it is in a namespace")],
        ),
        ("<activity xmlns=''/>", [MISSING]),
        ("<activity xmlns:a='u'/>", [MISSING]),
        (f"<activity {XSI} xsi:schemaLocation='a b' xsi:noNamespaceSchemaLocation='c'/>", [MISSING]),
        (
            "<activity schemaLocation=''/>",
            [make_unsupported("The XML attribute 'schemaLocation' is not allowed on 'body'"), MISSING],
        ),
        (f"<activity {XSI} xsi:type='a'/>", [make_unsupported("The XML attribute 'type' is not allowed on 'body'"), MISSING]),
        (
            f"<activity {XSI}>{TYPE}<subject xsi:nil='true'/></activity>",
            [make_unsupported("The XML attribute 'nil' is not allowed on 'subject'", "subject")],
        ),
        ("<activity xml:lang='en'/>", [make_unsupported("The XML attribute 'lang' is not allowed on 'body'"), MISSING]),
        (f"<activity>{TYPE}<a b='c'/></activity>", [common_codes.ATTRIBUTE_UNKNOWN.at(("a",))]),
        (f"<activity>{TYPE}x<subject/></activity>", [make_unsupported("Text is not allowed beside the elements of 'body'")]),
        (f"<activity>{TYPE}\u00a0</activity>", [make_unsupported("Text is not allowed beside the elements of 'body'")]),
        (
            f"<activity>{TYPE}<attachments>x</attachments></activity>",
            [common_codes.TYPE_WRONG.at(("attachments",), expected="an object")],
        ),
        (f"<activity>{TYPE}<subject>a<b/></subject></activity>", [common_codes.TYPE_WRONG.at(("subject",), expected="text")]),
        (
            f"<activity>{TYPE}<attachments><attachment><altId>a</altId><inline> 1</inline></attachment></attachments></activity>",
            [common_codes.TYPE_WRONG.at(("attachments", "attachment", 0, "inline"), expected="a boolean")],
        ),
        (
            f"<activity>{TYPE}<attachments><attachment><altId>a</altId><inline>true<b/></inline></attachment></attachments></activity>",
            [common_codes.TYPE_WRONG.at(("attachments", "attachment", 0, "inline"), expected="a boolean")],
        ),
        (f"<activity>{TYPE}<attachments/><attachments/></activity>", [common_codes.ATTRIBUTE_REPEATED.at(("attachments",))]),
        ("<activity>" + "<a>" * 100, [common_codes.NESTED_TOO_DEEP.failure(line=1, column=308, limit=100)]),
    ],
)
def test_xml_without_counterpart_in_json_is_rejected(body: str, expected: Sequence[Failure]) -> None:
    """Namespaces, XML attributes, text between elements. Attributes of XML Schema instances that only give hints are ignored."""
    assert read_failures(body) == expected


@pytest.mark.parametrize("inserted", ["<!-- -->", "<?p?>"])
def test_comment_and_processing_instruction_are_not_text(inserted: str) -> None:
    """Inside a leaf they are refused, once for each leaf; between elements, and where nothing is checked, they are ignored."""
    inside = "Comments and processing instructions are not allowed inside "
    in_subject = make_unsupported(f"{inside}'subject'", "subject")
    in_type = make_unsupported(f"{inside}'type.value'", "type", "value")
    commented = TYPE.replace("><", f">{inserted}<")
    for body, expected in {
        f"{inserted}<activity>{inserted}{commented}{inserted}</activity>{inserted}": [],
        f"<activity>{TYPE}<subject>{inserted}</subject></activity>": [in_subject],
        f"<activity>{TYPE}<subject>a{inserted}b{inserted}</subject></activity>": [in_subject],
        f"<activity>{TYPE.replace('email', f'{inserted}email')}<subject/></activity>": [in_type],
        f"<activity>{TYPE}<a>b{inserted}c</a></activity>": [common_codes.ATTRIBUTE_UNKNOWN.at(("a",))],
    }.items():
        assert read_failures(body) == expected


def test_element_in_a_namespace_is_another_element() -> None:
    """It is not reported as missing or repeated, and the one without a namespace is validated, in both orders."""
    in_a_namespace = "The element 'type' is in a namespace"
    assert read_failures(f"<activity xmlns:x='u'><x:type/>{TYPE}</activity>") == [
        make_unsupported(in_a_namespace, "type", line=1, column=23)
    ]
    assert read_failures(f"<activity xmlns:x='u'>{TYPE}\n<x:type/></activity>") == [
        make_unsupported(in_a_namespace, "type", line=2, column=1)
    ]
    assert read_failures("<activity xmlns:x='u'><x:type/></activity>") == [
        make_unsupported(in_a_namespace, "type", line=1, column=23)
    ]
    assert read_failures("<activity xmlns:x='u'><x:type/><type>a</type></activity>") == [
        make_unsupported(in_a_namespace, "type", line=1, column=23),
        common_codes.TYPE_WRONG.at(("type",), expected="an object"),
    ]
    assert read_failures(f"<activity xmlns:x='u'>{TYPE}<x:a/>b</activity>") == [
        make_unsupported("Text is not allowed beside the elements of 'body'"),
        make_unsupported("The element 'a' is in a namespace", "a", line=1, column=97),
    ]
    assert read_failures(f"<activity xmlns:x='u'>{TYPE}<attachments>a<x:b/></attachments></activity>") == [
        make_unsupported("Text is not allowed beside the elements of 'attachments'", "attachments"),
        make_unsupported("The element 'attachments.b' is in a namespace", "attachments", "b", line=1, column=111),
    ]


@pytest.mark.parametrize(
    ("subject", "value"),
    [
        ("a<![CDATA[<g>&h;]]>b<![CDATA[<!-- c --><?d?>]]>", "a<g>&h;b<!-- c --><?d?>"),
        (" &lt;&#38;&#x1F600;&quot;&apos;&gt; ", " <&\U0001f600\"'> "),
        ("a\u0084\u0086\u2027\u202a\u00a0b", "a\u0084\u0086\u2027\u202a\u00a0b"),
        ("\t", "\t"),
        ("", ""),
        ("<![CDATA[]]>", ""),
    ],
)
def test_text_is_unchanged(subject: str, value: str) -> None:
    """CDATA and references are text, also with a comment in it, and nothing is trimmed."""
    assert read_tree(f"<activity>{TYPE}<subject>{subject}</subject></activity>") == {
        "type": {"value": "email", "subtype": {"value": "general"}},
        "subject": value,
    }


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("false", False), ("0", False), ("<![CDATA[1]]>", True)]
)
def test_boolean_has_four_forms(text: str, value: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Those of XML Schema. An element of a list without entries is an empty list."""
    entry = f"<attachment><altId>a</altId><inline>{text}</inline></attachment>"
    tree = read_tree(f"<activity>{TYPE}<attachments>{entry}</attachments><customAttributes/></activity>")
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
def test_libxml2_sees_no_unsafe_markup(pieces: list[str]) -> None:
    """A plain body has no DOCTYPE, attribute, processing instruction, custom reference or unknown name."""
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
def test_doctype_does_not_pass_the_check_of_the_prolog(pieces: list[str]) -> None:
    """Where the check of the bytes finds no DOCTYPE, lxml finds no DOCTYPE."""
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
LISTED = ("urn:a", "urn:b")
SUPPORTED = "The root element must be 'r' without a namespace or in 'urn:a' or in 'urn:b'; it is "


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<r xmlns='urn:b'><a>x</a></r>", Body({"a": "x"}, [])),
        ("<r xmlns='urn:c'/>", Body(None, [make_unsupported(f"{SUPPORTED}in another namespace")])),
        ("<a xmlns='urn:b'/>", Body(None, [make_unsupported(f"{SUPPORTED}'a'")])),
        (
            "<r xmlns='urn:a'><a xmlns='urn:b'/></r>",
            Body({}, [make_unsupported("The element 'a' is not in the namespace of the root element", "a", line=1, column=18)]),
        ),
        (
            "<r><a xmlns='urn:a'/></r>",
            Body({}, [make_unsupported("The element 'a' is in a namespace", "a", line=1, column=4)]),
        ),
    ],
)
def test_root_may_be_in_a_listed_namespace(body: str, expected: Body) -> None:
    """And then every element is. A tree without failures is what the validator of trees sees."""
    explain = xml_strict.build_explainer("r", SMALL, lambda tree: tree == {"a": "x"}, LISTED)
    assert explain(body.encode(), 100) == expected


def test_long_text_is_unchanged() -> None:
    """The parser hands it over in pieces of some lines."""
    text = "xy\n" * 50_000
    assert xml_strict.read_xml(f"<r><a>{text}</a></r>".encode(), "r", SMALL, 100) == Body({"a": text}, [])


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
    """Known names, text, CDATA and indentation are plain; markup that libxml2 stores, follows or expands is not."""
    assert compile_plain_test("r", SMALL)(body) is seen


def test_disagreement_of_validators_is_an_internal_error() -> None:
    """No body is rejected without a code, and an accepted body was accepted by all."""
    with pytest.raises(Disagreement):
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
def test_syntax_error_has_line_and_column(body: bytes, line: int, column: int, reason: str) -> None:
    """The same from both engines."""
    for engine in ("fast", "reference"):
        (failure,) = load_operation("create-email-response", engine).readers[XML]()(body, 100).failures
        assert (failure.code, dict(failure.parameters)) == ("400-715", {"line": line, "column": column, "reason": reason})


def test_doctype_is_rejected_by_the_parser_too() -> None:
    """In case the check of the prolog misses one."""
    with pytest.raises(UnreadableBody) as caught:
        xml_strict._TreeBuilder("r", SMALL, 100).parse("<!DOCTYPE r><r/>")
    assert caught.value.failure.code == "400-717"


def test_elements_in_a_namespace_are_reported_up_to_the_limit() -> None:
    """Each is one failure: they are not reported as missing too. One more than the limit is enough."""
    shape = Shape("object", SMALL.members, ("a",))
    body = b"<r xmlns:x='u'>" + b"<x:a/>" * 5 + b"</r>"
    assert [failure.pointer for failure in xml_strict.read_xml(body, "r", shape, 100).failures] == ["/a"] * 5
    assert [failure.code for failure in xml_strict.read_xml(body, "r", shape, 2).failures] == ["400-724"] * 3


LONG = "u" * 129
TOO_LONG = "A namespace name must not be longer than 128 octets"


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        (f"<activity xmlns='{LONG}'/>", 1, 1),
        (f'<activity>\n <a xmlns:b\t=\n"{LONG}"/></activity>', 2, 2),
        (f"<activity xmlns:a='{'é' * 65}'>{TYPE}</activity>", 1, 1),
        (f"<activity xmlns:a='{LONG}'><b></activity>", 1, 1),
        ("<a>" * 200 + f"<b xmlns='{LONG}'/>", 1, 601),
    ],
)
def test_long_namespace_name_is_rejected_alone(body: str, line: int, column: int) -> None:
    """Before the parser with namespaces sees it, so that no later part of the body matters."""
    (failure,) = read_failures(body)
    assert (failure.code, failure.pointer, failure.parameters["reason"]) == ("400-724", "", TOO_LONG)
    assert (failure.parameters["line"], failure.parameters["column"]) == (line, column)


@pytest.mark.parametrize(
    "body",
    [
        f"<activity xmlns:a='{'u' * 128}'>{TYPE}</activity>",
        f"<activity xmlns:a='u' xmlns:b='{'&#117;' * 128}'>{TYPE}</activity>",
        f"<activity {XSI} xsi:schemaLocation='{LONG}'>{TYPE}</activity>",
        f"<activity xmlns:a='u'>{TYPE}<subject>xmlns='{LONG}'</subject></activity>",
        f"<!-- xmlns='{LONG}' --><activity>{TYPE}</activity>",
    ],
)
def test_other_long_values_are_not_namespace_names(body: str) -> None:
    """Near misses: 128 octets, references, other attributes, text and comments."""
    assert read_failures(body) == []


def test_malformed_body_with_a_long_value_has_its_own_failure() -> None:
    """An error before the namespace name, or no namespace name at all."""
    (failure,) = read_failures(f"<activity xmlns:a='u' b='{LONG}'><c></activity>")
    assert (failure.code, failure.parameters["reason"]) == ("400-715", "mismatched tag")
    (failure,) = read_failures(f"<activity><xmlnsx xmlnsx='{LONG}'></activity>")
    assert (failure.code, failure.parameters["reason"]) == ("400-715", "mismatched tag")


LINE = "one line of text, without LF, CR, U+0085, U+2028 or U+2029, of characters that XML 1.0 can carry"


@pytest.mark.parametrize(
    ("text", "is_line"),
    [
        ("a\nb", False), ("a\r\nb", False), ("a\rb", False), ("a&#10;b", False), ("a&#13;b", False), ("a&#xD;&#xA;b", False),
        ("&#x85;", False), ("&#8232;", False), ("a\u2029", False), ("<![CDATA[\r]]>", False),
        ("a&#9;b\tc", True), ("a\\nb", True), ("a\u2027\u202a\u00a0", True), ("&#x84;&#x86;", True),
    ],
)  # fmt: skip
def test_line_has_no_line_break(text: str, *, is_line: bool) -> None:
    """A literal CR, or CR LF, is LF to a parser (XML 1.0, section 2.11); a reference to CR stays CR."""
    failures = read_failures(f"<activity>{TYPE}<subject>{text}</subject></activity>")
    assert failures == ([] if is_line else [common_codes.VALUE_INVALID.at(("subject",), expected=LINE)])


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_missing_members_are_found_beyond_the_limit(limit: int) -> None:
    """Elements beyond the limit are not checked, but count as supplied, and as elements next to text."""
    inside = "<a/><b/><c/><d/><x:e/>"
    shape = Shape("object", {"r": Shape("object", {"f": Shape("string")}, ("f", "g", "a"))})
    body = f"<o xmlns:x='u'><r>{inside}t<g/></r></o>".encode()
    failures = xml_strict.read_xml(body, "o", shape, limit).failures
    unknown = [("400-721", f"/r/{name}") for name in "abcd"[: limit + 1]]
    assert [(failure.code, failure.pointer) for failure in failures] == [("400-724", "/r"), ("400-720", "/r/f"), *unknown]
    nested = xml_strict.read_xml(b"<o>" + b"<a><b/></a>" * 9 + b"<c>" * 99 + b"</c>" * 99 + b"</o>", "o", shape, limit)
    assert [failure.code for failure in nested.failures[:limit]] == ["400-721", "400-716", "400-721"][:limit]
    (failure,) = xml_strict.read_xml(b"<o>" + b"<a/><b/><c/><d/>" + b"<c>" * 100, "o", shape, limit).failures
    assert failure.code == "400-718"


def test_no_failure_is_built_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elements, foreign elements and XML attributes beyond the limit cost no path, message or position."""
    count = 0

    def count_calls(*_arguments: object, **_parameters: object) -> str:
        nonlocal count
        count += 1
        return ""

    monkeypatch.setattr(xml_strict, "format_path", count_calls)
    for inside in ("<x:a/>", "<y/>", "<a x='' y='' z=''/>", "<a><b/><!-- --></a>", "<z xmlns='u'/>", "<x:a xmlns:x='v'/>"):
        body = f"<r xmlns:x='u'><x:a/><x:a/><x:a/>{inside * 500}</r>".encode()
        xml_strict.read_xml(body, "r", SMALL, 2)
    attributes = " ".join(f"x{number}=''" for number in range(500))
    xml_strict.read_xml(f"<r {attributes}/>".encode(), "r", SMALL, 2)
    assert count == 3 * 7


@pytest.mark.parametrize(
    ("body", "code", "parameters"),
    [
        (
            "\n<?xml version='1.0'?><activity/>",
            "400-715",
            {"line": 2, "column": 1, "reason": "XML or text declaration not at start of entity"},
        ),
        ("<?xml version='1.1'?><activity/>", "400-715", {"line": 1, "column": 15, "reason": "the XML version must be 1.0"}),
        (
            "<?xml version='1.0' encoding='ascii'?><activity/>",
            "400-711",
            {"line": 1, "column": 1, "reason": "the XML declaration names another encoding"},
        ),
        ("<\0a\0/\0>\0", "400-715", {"line": 1, "column": 2, "reason": "not well-formed (invalid token)"}),
    ],
)
def test_reasons_of_a_prolog(body: str, code: str, parameters: dict[str, object]) -> None:
    """Both engines report the same reason at the same position."""
    for engine in ("fast", "reference"):
        (failure,) = load_operation("create-email-response", engine).readers[XML]()(body.encode(), 100).failures
        assert (failure.code, failure.parameters) == (code, parameters)
