"""Regions of failures in the text of a body, compared by the text in them."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator import Caller, Position, Region, Report, Request, load
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
        # A body as a whole is located at its beginning.
        ("", [("400-264", "")]),
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


def test_regions_are_found_for_given_failures() -> None:
    """Such as advisories. Without a body there are no regions."""
    report = validate(JSON, "{" + TYPE + ', "payload": {"email": {"content": {"html": "<a b=cid:x>"}}}}')
    (region,) = report.regions(report.advisories)
    assert region == Region(Position(1, 105), Position(1, 118))
    assert ENGINE.validate(Request()).regions() == (None,)
