"""Where in the text of a body each kind of failure is shown: line and column, counted from 1 and in code points."""

from dataclasses import replace

import pytest

from validator import Caller, Engine, Report, Request
from validator.body.json_spans import find_json_spans
from validator.body.spans import ValueSpans
from validator.model.request import JSON, XML, Media

TYPE = '"type": {"value": "email", "subtype": {"value": "general"}}'
TYPE_XML = "<type><value>email</value><subtype><value>general</value></subtype></type>"
Placed = tuple[str, str | None, tuple[int, int] | None]


def judged(engine: Engine, media: Media, body: str | bytes) -> Report:
    """Return the report of a request with this body."""
    said = body if isinstance(body, bytes) else body.encode()
    return engine.validate(Request("2001", "", [("Content-Type", media)], said, Caller.customer("1001")))


def placed(report: Report) -> list[Placed]:
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
        # Names are matched as they are meant: escapes of JSON, and those of RFC 6901 in the pointer.
        (
            "{" + TYPE + ', "a/b": 1, "~\\u0041": 2, "": 3, "\\"": 4}',
            [
                ("400-721", "/a~1b", (1, 63)),
                ("400-721", "/~0A", (1, 73)),
                ("400-721", "/", (1, 87)),
                ("400-721", '/"', (1, 94)),
            ],
        ),
        # A value that is wrong is shown at its beginning, what is missing at the object that lacks it.
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
        # A repeated member is shown at its second name, however it is spelt; later ones say nothing new.
        ('{"type": 1, "\\u0074ype": 2, "type": 3}', [("400-722", "/type", (1, 10)), ("400-716", "/type", (1, 13))]),
        # Near miss: the same name at another level is not the one that is meant.
        (
            '{"x": {"type": {"value": 1}}, ' + TYPE.replace("email", "a") + "}",
            [("400-721", "/x", (1, 2)), ("400-196", "/type/value", (1, 49))],
        ),
        # What stands in the second object of a name was not judged, so it is not shown for the first.
        (
            '{"type": {}, "type": {"value": "email"}}',
            [
                ("400-720", "/type/value", (1, 10)),
                ("400-720", "/type/subtype", (1, 10)),
                ("400-716", "/type", (1, 14)),
            ],
        ),
        # A byte order mark takes no column.
        ("\ufeff5", [("400-722", "", (1, 1))]),
        # The text could not be read: the place where the reader stopped.
        ('{"a":\r\n1,}', [("400-714", "", (2, 3))]),
        (b'"\xc3\xa9\n\xf0\x9f\x98\x80\xff"', [("400-711", "", (2, 2))]),
        ("\n" + "[" * 101, [("400-718", "", (2, 101))]),
        ("", [("400-264", "", (1, 1))]),
    ],
)
def test_failures_in_json_are_shown_at_their_place(engine: Engine, body: str | bytes, expected: list[Placed]) -> None:
    """An unknown or repeated member at its name, a wrong value at its beginning, a missing one at the object."""
    assert placed(judged(engine, JSON, body)) == expected


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
        # The beginning of a start tag counts, not its end.
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
        # An element in a namespace has its own place, and is no entry of the list whose name it has.
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
def test_failures_in_xml_are_shown_at_their_place(engine: Engine, body: str | bytes, expected: list[Placed]) -> None:
    """Each at the start tag of its element; what is missing at the element that lacks it."""
    assert placed(judged(engine, XML, body)) == expected


def test_broken_rules_and_advisories_have_a_place(engine: Engine) -> None:
    """A rule's failure stands at the value that breaks it, or at the body as a whole; an advisory likewise."""
    body = "{" + TYPE + ', "payload": {"email": {"emailAddresses": {"receiver": "x"}}}}'
    assert placed(judged(engine, JSON, body)) == [
        ("400-730", "", (1, 1)),
        ("400-731", "/payload/email/emailAddresses/receiver", (1, 116)),
    ]
    body = "{" + TYPE + ',\n"payload": {"email": {"content": {"html": "cid:x"}}},\n'
    body += '"attachments": {"attachment": [{"altId": "a", "inline": true, "contentId": "y"}]}}'
    report = judged(engine, JSON, body)
    assert [
        (advisory.pointer, place) for advisory, place in zip(report.advisories, report.positions(report.advisories), strict=True)
    ] == [
        ("/payload/email/content/html", (2, 43)),
        ("/attachments/attachment/0/contentId", (3, 76)),
    ]


def test_what_is_not_in_the_body_has_no_place(engine: Engine) -> None:
    """Failures of path, query and header have none, beside one of the body that has; a body too large is not looked at."""
    asked = Request("a", "b=c", (), b" {}", Caller.customer("1001"))
    assert placed(engine.validate(asked)) == [("400-108", None, None), ("400-101", None, None), ("400-720", "/type", (1, 2))]
    encoded = replace(asked, headers=[("Content-Encoding", "br")])
    assert placed(engine.validate(encoded)) == [("400-108", None, None), ("400-101", None, None), ("400-712", None, None)]
    assert engine.validate(Request(caller=None, body=b"{}")).positions() == (None,)
    report = replace(engine, body_limit=4).validate(replace(asked, ids="2001", query="", headers=(), body=b"\n\n\n{}"))
    assert placed(report) == [("400-713", "", (1, 1))]


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
