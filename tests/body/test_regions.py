"""Regions of failures in the text of a body, compared by the text in them."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator import Caller, Position, Region, Report, Request, load
from validator.inputs.sample import make_positioner, make_region_mapper
from validator.model.request import JSON, XML, Media

ENGINE = load("create-email-response", lazy=True)
TYPE = '"type": {"value": "email", "subtype": {"value": "general"}}'
ENTRY = "<attachment><altId>a</altId></attachment>"
TYPE_XML = "<type><value>email</value><subtype><value>general</value></subtype></type>"


def validate(media: Media, body: str) -> Report:
    """Return the report of a body."""
    return ENGINE.validate(Request("2001", "", [("Content-Type", media)], body.encode(), Caller.customer("1001")))


def offset(text: str, position: Position) -> int:
    """Return the offset of a position. CR LF, CR and LF end a line."""
    return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))][position.line - 1] + position.column - 1


def cut(text: str, region: Region | None) -> str | None:
    """Return the text in a region."""
    return None if region is None else text[offset(text, region.start) : offset(text, region.end)]


def cut_regions(media: Media, body: str) -> list[tuple[str, str | None]]:
    """Return the code of each failure and the text in its region."""
    report = validate(media, body)
    return [(failure.code, cut(body, region)) for failure, region in zip(report.failures, report.regions(), strict=True)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # The name of an unknown or repeated member, whatever its value.
        ("{" + TYPE + ', "a": [1, {}]}', [("400-721", '"a"')]),
        ("{" + TYPE + ', "subject": "a", "subject": "b"}', [("400-716", '"subject"')]),
        # A name that is empty, of digits, or has signs of pointers is a name like any other.
        (
            "{" + TYPE + ', "": 0, "/": 0, "~1": 0, "0": {"": 0}, "\\u0663": 0, "": 1, "payload": {"": 0, "0": 0, "/0": 0}}',
            [
                *[("400-721", name) for name in ('""', '"/"', '"~1"', '"0"', '"\\u0663"')],
                ("400-716", '""'),
                *[("400-721", name) for name in ('""', '"0"', '"/0"')],
            ],
        ),
        (
            "{" + TYPE + ', "attachments": {"attachment": [{"0": 0, "altId": "a"}, {"": 0, "altId": "a"}], "0": [], "": []}}',
            [("400-721", '"0"'), ("400-721", '""'), ("400-721", '"0"'), ("400-721", '""')],
        ),
        # A whole value, also over several lines.
        ('{"type": 5}', [("400-722", "5")]),
        ('{"type": [\n1,\n{"a": 2}]}', [("400-722", '[\n1,\n{"a": 2}]')]),
        ("{" + TYPE + ', "subject": {"a": []}}', [("400-722", '{"a": []}')]),
        ("{" + TYPE + ', "subject": "a\\nb"}', [("400-152", '"a\\nb"')]),
        ("{" + TYPE.replace("general", "\U0001f600") + "}", [("400-196", '"\U0001f600"')]),
        ("\n  []", [("400-722", "[]")]),
        # The bracket of an object that lacks a member.
        ('{"type":\r\n {"value": "email", "subtype": {}}}', [("400-720", "{")]),
        # An entry of a list.
        ("{" + TYPE + ', "attachments": {"attachment": [{"altId": "a"}, {"altId": ""}]}}', [("400-152", '""')]),
        # A parser stops at a character, or at the end.
        ('{"a" 1}', [("400-714", "1")]),
        ('{"a": ', [("400-714", "")]),
        # Not beyond the end of a line.
        ('{"a"\t \n: "b\n"}', [("400-714", "")]),
        ('{"a": "b\r\n"}', [("400-714", "")]),
        ('{"a": "b\r"}', [("400-714", "")]),
        ('{"a": "\U0001f600\n"}', [("400-714", "")]),
        ('{"a": "\t\n"}', [("400-714", "\t")]),
        ('{"a":\r\n', [("400-714", "")]),
        ('{"a":\n\n\n', [("400-714", "")]),
        ('{"type":\n"b"\r\n}', [("400-722", '"b"')]),
        # A body as a whole is located at its beginning.
        ("", [("400-264", "")]),
        (" \r\n\r\n", [("400-264", "")]),
    ],
)
def test_regions_in_json(body: str, expected: list[tuple[str, str | None]]) -> None:
    """Each region is the smallest that is invalid."""
    assert cut_regions(JSON, body) == expected


def activity(inside: str) -> str:
    """Return a body in XML."""
    return f"<activity>{TYPE_XML}{inside}</activity>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # A whole element without others.
        (activity("<a>1</a>"), [("400-721", "<a>1</a>")]),
        (activity("<a\n b='>'/>"), [("400-721", "<a\n b='>'/>")]),
        (activity("<subject>a\nb</subject>"), [("400-152", "<subject>a\nb</subject>")]),
        (activity("<issueType><id><![CDATA[</id>x]]></id ></issueType>"), [("400-152", "<id><![CDATA[</id>x]]></id >")]),
        (activity("<issueType><id>&#x31;\U0001f600</id></issueType>"), [("400-152", "<id>&#x31;\U0001f600</id>")]),
        # The start tag of an element that holds others or lacks something.
        (activity("<a x='\"'><b/></a>"), [("400-721", "<a x='\"'>")]),
        (activity("<subject><b/></subject>"), [("400-722", "<subject>")]),
        (activity("<issueType\r\n></issueType>"), [("400-720", "<issueType\r\n>")]),
        (activity("<issueType/>"), [("400-720", "<issueType/>")]),
        # The start tag of the second of two.
        (activity("<subject>a</subject><subject  >b</subject>"), [("400-716", "<subject  >")]),
        # An entry of a list, after comments.
        (
            activity(f"<attachments><!-- <a> -->{ENTRY}{ENTRY.replace('<altId>a</altId>', '<altId/>')}</attachments>"),
            [("400-152", "<altId/>")],
        ),
        # Not beyond the end of a line.
        ("<activity>\n<a b=<\n/></activity>", [("400-715", "<")]),
        ("<activity>\n<a b\n/></activity>", [("400-715", "/")]),
        ("<activity>\r\n&\r\n</activity>", [("400-715", "")]),
        ("<activity>\r&\r</activity>", [("400-715", "")]),
        ("<activity>\t\U0001f600&\n</activity>", [("400-715", "")]),
        (activity("\n<a>\n</a>\n"), [("400-721", "<a>\n</a>")]),
        ("<activity><type>", [("400-715", "")]),
        ("<!DOCTYPE a><a/>", [("400-717", "<")]),
        (activity("<x:a xmlns:x='u'/>"), [("400-724", "<")]),
    ],
)  # fmt: skip
def test_regions_in_xml(body: str, expected: list[tuple[str, str | None]]) -> None:
    """Each region is the smallest that is invalid."""
    assert cut_regions(XML, body) == expected


leaves = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))


@given(
    value=leaves | st.lists(leaves) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), leaves),
    indent=st.sampled_from([None, 2]),
)
def test_region_of_an_invalid_value_is_the_value(value: Any, indent: int | None) -> None:
    """Parsed, the text in it is the same value."""
    body = json.dumps({"type": value}, indent=indent)
    report = validate(JSON, body)
    if report.failures[0].code in {"400-722", "400-196"} and report.failures[0].pointer == "/type":
        text = cut(body, report.regions()[0])
        assert text is not None
        assert json.loads(text) == value


MARKS = [
    "\n",
    "\r",
    "\r\n",
    "\t",
    " ",
    "\u2028",
    "\x85",
    "\U0001f600",
    "\u00e9",
    "\x00",
    "",
    "\ufeff",
    "&",
    "<",
    ">",
    '"',
    "\\",
    "[",
    "}",
    ",",
    "1",
]
BODIES = {
    JSON: "{\n"
    + TYPE
    + ', "a": [1,\r\n{}],\r"subject": "x\t", "subject": {}, "attachments": {"attachment": [{"altId": ""}, {}]}}\n',
    XML: activity(
        f"\n<a>\r\n</a>\r<subject b='1'>x\t</subject><attachments>{ENTRY}<attachment/>x<c:d xmlns:c='u'/></attachments>\n"
    ),
}


def assert_in_text(region: Region, lines: list[str]) -> None:
    """Assert that a region lies in the text, that it does not end before its start, and that both are on their lines."""
    assert region.start <= region.end
    for line, column in region:
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1


@given(
    media=st.sampled_from([JSON, XML]),
    edits=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(MARKS), st.integers(0, 3)), max_size=4),
    is_cut=st.booleans(),
)
def test_region_lies_in_the_text(media: Media, edits: list[tuple[float, str, int]], is_cut: bool) -> None:  # noqa: FBT001
    """Also in the file that holds the body, where only LF ends a line."""
    body = BODIES[media]
    for place, mark, removed in edits:
        offset = int(place * len(body))
        body = body[:offset] + mark + body[offset + removed :]
        body = body[: offset + len(mark)] if is_cut else body
    report = validate(media, body)
    text = body.removeprefix("\ufeff")  # a byte order mark is not counted
    map_region = make_region_mapper(body.encode(), make_positioner(body.encode()))
    for region in report.regions():
        assert region is not None
        assert_in_text(region, re.split(r"\r\n|\r|\n", text))
        assert_in_text(map_region(region), text.split("\n"))


def test_regions_are_found_for_given_failures() -> None:
    """Such as advisories. Without a body there are no regions."""
    report = validate(JSON, "{" + TYPE + ', "payload": {"email": {"content": {"html": "<a b=cid:x>"}}}}')
    (region,) = report.regions(report.advisories)
    assert region == Region(Position(1, 105), Position(1, 118))
    assert ENGINE.validate(Request()).regions() == (None,)
