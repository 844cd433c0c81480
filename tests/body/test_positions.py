"""Positions of failures in the text of a body: line and column, counted from 1 and in code points."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator import Caller, Engine, Report, Request
from validator.body.json_spans import find_json_spans
from validator.body.spans import ValueSpans
from validator.model.pointer import escape_step
from validator.model.request import JSON, XML, Media

TYPE = '"type": {"value": "email", "subtype": {"value": "general"}}'
TYPE_XML = "<type><value>email</value><subtype><value>general</value></subtype></type>"
PositionedFailure = tuple[str, str | None, tuple[int, int] | None]


def validate(engine: Engine, media: Media, body: str | bytes) -> Report:
    """Return the report of a request with this body."""
    data = body if isinstance(body, bytes) else body.encode()
    return engine.validate(Request("2001", "", [("Content-Type", media)], data, Caller.customer("1001")))


def list_positions(report: Report) -> list[PositionedFailure]:
    """Return each failure's code, pointer and position."""
    return [(failure.code, failure.pointer, place) for failure, place in zip(report.failures, report.positions(), strict=True)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # The three line ends count alike, and a column counts code points.
        (
            '{\n "a": 1,\r\n  "b": 2,\r   "c": 3, "\U0001f600": 4, "d": 5}',
            [
                ("400-720", "/type", (1, 1)),
                ("400-721", "/a", (2, 2)),
                ("400-721", "/b", (3, 3)),
                ("400-721", "/c", (4, 4)),
                ("400-721", "/\U0001f600", (4, 12)),
                ("400-721", "/d", (4, 20)),
            ],
        ),
        # Names are compared without the escapes of JSON and of RFC 6901.
        (
            "{" + TYPE + ', "a/b": 1, "~\\u0041": 2, "": 3, "\\"": 4}',
            [
                ("400-721", "/a~1b", (1, 63)),
                ("400-721", "/~0A", (1, 73)),
                ("400-721", "/", (1, 87)),
                ("400-721", '/"', (1, 94)),
            ],
        ),
        # An invalid value is located at its beginning, a missing member at the object that lacks it.
        ('{"type": 5}', [("400-722", "/type", (1, 10))]),
        (
            '{"type":\n{"value": "Email", "subtype": {}}}',
            [("400-196", "/type/value", (2, 11)), ("400-720", "/type/subtype/value", (2, 31))],
        ),
        ("{" + TYPE + ',\n"subject": "a\\nb"}', [("400-152", "/subject", (2, 12))]),
        ("\n  []", [("400-722", "", (2, 3))]),
        # Entries of lists, also behind other lists.
        (
            "{" + TYPE + ', "attachments": {"attachment": [{"altId": "a"},\n {"inline": true}, [[], {}],\n{"altId": ""}]}}',
            [
                ("400-720", "/attachments/attachment/1/altId", (2, 2)),
                ("400-722", "/attachments/attachment/2", (2, 20)),
                ("400-152", "/attachments/attachment/3/altId", (3, 11)),
            ],
        ),
        # A repeated member is located at its second name, in whatever form; later ones add nothing.
        ('{"type": 1, "\\u0074ype": 2, "type": 3}', [("400-722", "/type", (1, 10)), ("400-716", "/type", (1, 13))]),
        # Near miss: the same name at another level.
        (
            '{"x": {"type": {"value": 1}}, ' + TYPE.replace("email", "a") + "}",
            [("400-721", "/x", (1, 2)), ("400-196", "/type/value", (1, 49))],
        ),
        # The second object of a name is not validated, so no failure of the first is located in it.
        (
            '{"type": {}, "type": {"value": "email"}}',
            [
                ("400-720", "/type/value", (1, 10)),
                ("400-720", "/type/subtype", (1, 10)),
                ("400-716", "/type", (1, 14)),
            ],
        ),
        # A byte order mark is not counted.
        ("\ufeff5", [("400-722", "", (1, 1))]),
        # Where no tree can be read: the position at which the parser stops.
        ('{"a":\r\n1,}', [("400-714", "", (2, 3))]),
        (b'"\xc3\xa9\n\xf0\x9f\x98\x80\xff"', [("400-711", "", (2, 2))]),
        ("\n" + "[" * 101, [("400-718", "", (2, 101))]),
        ("", [("400-264", "", (1, 1))]),
    ],
)
def test_failures_in_json_have_positions(engine: Engine, body: str | bytes, expected: list[PositionedFailure]) -> None:
    """An unknown or repeated member at its name, an invalid value at its beginning, a missing one at the object."""
    assert list_positions(validate(engine, JSON, body)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<activity>\n <a/>\r\n  <b/>\r   <c/><!--\U0001f600--><d/>" + TYPE_XML + "</activity>",
            [
                ("400-721", "/a", (2, 2)),
                ("400-721", "/b", (3, 3)),
                ("400-721", "/c", (4, 4)),
                ("400-721", "/d", (4, 16)),
            ],
        ),
        # The position is the beginning of the start tag.
        (
            "<activity>\n<type\n><value\n>Email</value></type></activity>",
            [("400-720", "/type/subtype", (2, 1)), ("400-196", "/type/value", (3, 2))],
        ),
        (
            "<activity>" + TYPE_XML + "<attachments><attachment><altId>a</altId></attachment>\n<attachment/>"
            "<attachment><inline>x</inline><altId/></attachment></attachments></activity>",
            [
                ("400-720", "/attachments/attachment/1/altId", (2, 1)),
                ("400-722", "/attachments/attachment/2/inline", (2, 26)),
                ("400-152", "/attachments/attachment/2/altId", (2, 44)),
            ],
        ),
        (
            "<activity>" + TYPE_XML + "<attachments><attachment><altId>a</altId>\n<altId/></attachment></attachments></activity>",
            [("400-716", "/attachments/attachment/0/altId", (2, 1))],
        ),
        (
            "<activity><type/>\n<type><value>email</value></type></activity>",
            [
                ("400-720", "/type/value", (1, 11)),
                ("400-720", "/type/subtype", (1, 11)),
                ("400-716", "/type", (2, 1)),
            ],
        ),
        (
            "<activity>" + TYPE_XML + "<attachments><attachment/></attachments>\n"
            "<attachments><attachment><altId/></attachment></attachments></activity>",
            [("400-720", "/attachments/attachment/0/altId", (1, 98)), ("400-716", "/attachments", (2, 1))],
        ),
        # An element in a namespace has its own position, and is not an entry of the list with its name.
        (
            "<activity xmlns:y='u'>" + TYPE_XML + "<attachments><y:attachment/>\n<attachment/></attachments></activity>",
            [("400-724", "/attachments/attachment", (1, 110)), ("400-720", "/attachments/attachment/0/altId", (2, 1))],
        ),
        (
            "<activity><type>a</type>\n<y:type xmlns:y='u'/></activity>",
            [("400-722", "/type", (1, 11)), ("400-724", "/type", (2, 1))],
        ),
        ("<activity>" + TYPE_XML + "\n<subject z=''/></activity>", [("400-724", "/subject", (2, 1))]),
        ("<?xml version='1.0'?>\n<a/>", [("400-724", "", (2, 1))]),
        ("\n<!DOCTYPE a><a/>", [("400-717", "", (2, 1))]),
        ("<activity>\n<a></activity>", [("400-715", "", (2, 6))]),
        (b"<activity>\r\n\xc3\xa9\xff</activity>", [("400-711", "", (2, 2))]),
        ("<activity>\n" + "<a>" * 100, [("400-718", "", (2, 298))]),
    ],
)
def test_failures_in_xml_have_positions(engine: Engine, body: str | bytes, expected: list[PositionedFailure]) -> None:
    """Each at the start tag of its element; a missing one at the element that lacks it."""
    assert list_positions(validate(engine, XML, body)) == expected


def test_failures_of_rules_and_advisories_have_positions(engine: Engine) -> None:
    """At the value that they concern, or at the body as a whole."""
    body = "{" + TYPE + ', "payload": {"email": {"emailAddresses": {"receiver": "x"}}}}'
    assert list_positions(validate(engine, JSON, body)) == [
        ("400-730", "", (1, 1)),
        ("400-731", "/payload/email/emailAddresses/receiver", (1, 116)),
    ]
    body = "{" + TYPE + ',\n"payload": {"email": {"content": {"html": "<a b=cid:x>"}}},\n'
    body += '"attachments": {"attachment": [{"altId": "a", "inline": true, "contentId": "y"}]}}'
    report = validate(engine, JSON, body)
    assert [
        (advisory.pointer, place) for advisory, place in zip(report.advisories, report.positions(report.advisories), strict=True)
    ] == [
        ("/payload/email/content/html", (2, 43)),
        ("/attachments/attachment/0/contentId", (3, 76)),
    ]


def test_failure_outside_the_body_has_no_position(engine: Engine) -> None:
    """Such as one of the path, the query or a header. A body that is too large is not read."""
    request = Request("a", "b=c", (), b" {}", Caller.customer("1001"))
    assert list_positions(engine.validate(request)) == [
        ("400-108", None, None),
        ("400-101", None, None),
        ("400-720", "/type", (1, 2)),
    ]
    encoded = request._replace(headers=[("Content-Encoding", "br")])
    assert list_positions(engine.validate(encoded)) == [("400-108", None, None), ("400-101", None, None), ("400-712", None, None)]
    assert engine.validate(Request(caller=None, body=b"{}")).positions() == (None,)
    report = Engine(engine.definition, None, 4).validate(request._replace(ids="2001", query="", headers=(), body=b"\n\n\n{}"))
    assert list_positions(report) == [("400-713", "", (1, 1))]


def test_values_of_a_text_are_found_by_pointer() -> None:
    """With those around them; not those that are missing. Of repeated ones the first, and the name of the second."""
    text = '{"b": {"x": 1}, "a/~": [0, {"\\u0063": "d"}, [2]], "a/~": 3, "a/~": 4}'
    root = ValueSpans()
    for pointer in ("/a~1~0/1/c", "/a~1~0/2", "/a~1~0/3", "/b/x/y", "/none"):
        root.add(pointer)
    find_json_spans(text, root)
    repetition = text.index('"a/~": 3')
    assert sorted((text[slice(*spans.value)], spans.repetition) for spans in root.walk()) == sorted(
        [
            (text, None),
            ('[0, {"\\u0063": "d"}, [2]]', (repetition, repetition + 5)),
            ('{"\\u0063": "d"}', None),
            ('"d"', None),
            ("[2]", None),
            ('{"x": 1}', None),
            ("1", None),
        ]
    )
    assert [(text[slice(*spans.value)], is_exact) for spans, is_exact in map(root.lookup, ("/b/x/y", "/a~1~0/1/c", "/none"))] == [
        ("1", False),
        ('"d"', True),
        (text, False),
    ]


def test_scalar_is_a_value_of_its_text() -> None:
    """Without a pointer, only the value as a whole is searched for."""
    root = ValueSpans()
    find_json_spans(" 5", root)
    assert [spans.value for spans in root.walk()] == [(1, 2)]
    assert list(ValueSpans().walk()) == []


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a"\\[]{},: \n\u00e9\U0001f600')),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b/~", '"', "0", ""]), inner, max_size=4),
)


def list_values(tree: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the pointer of each value in a tree and the value."""
    yield pointer, tree
    for step, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from list_values(value, f"{pointer}/{escape_step(str(step))}")


@given(trees, st.sampled_from([None, 0, 1]), st.booleans(), st.data())
def test_span_of_a_value_is_its_text(tree: Any, indent: int | None, ascii_only: bool, data: st.DataObject) -> None:  # noqa: FBT001
    """Parsed, it is the value, whichever values are searched for; without a limit all of them are found."""
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii_only)
    values = list(list_values(tree))
    some = data.draw(st.lists(st.sampled_from(values), max_size=4))
    root, every = ValueSpans(), ValueSpans(searches_all=True)
    for pointer, _ in some:
        root.add(pointer)
    for spans in (root, every):
        find_json_spans(text, spans)
    for spans, expected in ((root, some), (every, values)):
        for pointer, value in expected:
            found, is_exact = spans.lookup(pointer)
            assert is_exact
            assert json.loads(text[slice(*found.value)]) == value
            assert text[slice(*found.opening)] in {text[slice(*found.value)], text[found.value[0]]}
            if pointer.rpartition("/")[2] == "b~1~0":
                assert text[slice(*found.name)] == '"b/~"'


def test_value_after_deep_ones_is_found() -> None:
    """In a file, values may be nested deeper than in a body."""
    deep = "[" * 150 + '"]"' + "]" * 150
    text = f'{{"a": [{deep}, {deep}, 1, {deep}], "b": {deep}, "c": 2}}'
    root = ValueSpans()
    for pointer in ("/a/2", "/c"):
        root.add(pointer)
    find_json_spans(text, root)
    assert [text[slice(*root.lookup(pointer)[0].value)] for pointer in ("/a/2", "/c")] == ["1", "2"]


def test_text_without_a_value_has_no_spans() -> None:
    """A file that holds nothing is no error of the search."""
    root = ValueSpans()
    find_json_spans(" ", root)
    assert root.value == ValueSpans().value
    assert root.inner == {}
