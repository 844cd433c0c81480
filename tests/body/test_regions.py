"""Which stretch of a body each kind of failure is shown at, cut out of the text."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator import Caller, Position, Region, Report, Request, load
from validator.head.route import Endpoint
from validator.inputs.sample import START, Sample
from validator.model.report import Advisory, Failure
from validator.model.request import JSON, XML, Media

ENGINE = load("create-email-response", lazy=True)
TYPE = '"type": {"value": "email", "subtype": {"value": "general"}}'
ENTRY = "<attachment><altId>a</altId></attachment>"
TYPE_XML = "<type><value>email</value><subtype><value>general</value></subtype></type>"


def judged(media: Media, body: str) -> Report:
    """Return the report of a body."""
    return ENGINE.validate(Request("2001", "", [("Content-Type", media)], body.encode(), Caller.customer("1001")))


def offset(text: str, position: Position) -> int:
    """Return the offset of a position: CR LF, CR and LF end a line."""
    return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))][position.line - 1] + position.column - 1


def cut(text: str, region: Region | None) -> str | None:
    """Return what stands in a region."""
    return None if region is None else text[offset(text, region.start) : offset(text, region.end)]


def shown(media: Media, body: str) -> list[tuple[str, str | None]]:
    """Return each failure's code and what stands in its region."""
    report = judged(media, body)
    return [(failure.code, cut(body, region)) for failure, region in zip(report.failures, report.regions(), strict=True)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # An unknown or repeated member is its name, whatever its value.
        ("{" + TYPE + ', "a": [1, {}]}', [("400-721", '"a"')]),
        ("{" + TYPE + ', "subject": "a", "subject": "b"}', [("400-716", '"subject"')]),
        # A value is all of it, also over several lines.
        ('{"type": 5}', [("400-722", "5")]),
        ('{"type": [\n1,\n{"a": 2}]}', [("400-722", '[\n1,\n{"a": 2}]')]),
        ("{" + TYPE + ', "subject": {"a": []}}', [("400-722", '{"a": []}')]),
        ("{" + TYPE + ', "subject": "a\\nb"}', [("400-152", '"a\\nb"')]),
        ("{" + TYPE.replace("general", "\U0001f600") + "}", [("400-196", '"\U0001f600"')]),
        ("\n  []", [("400-722", "[]")]),
        # What is missing is the bracket of what lacks it.
        ('{"type":\r\n {"value": "email", "subtype": {}}}', [("400-720", "{")]),
        # An entry of a list.
        ("{" + TYPE + ', "attachments": {"attachment": [{"altId": "a"}, {"altId": ""}]}}', [("400-152", '""')]),
        # A reader stops at a character, or at the end.
        ('{"a" 1}', [("400-714", "1")]),
        ('{"a": ', [("400-714", "")]),
        # A body as a whole has no place of its own but its beginning.
        ("", [("400-264", "")]),
    ],
)
def test_json(body: str, expected: list[tuple[str, str | None]]) -> None:
    """Each stretch is the smallest that is at fault."""
    assert shown(JSON, body) == expected


def activity(inside: str) -> str:
    """Return a body in XML."""
    return f"<activity>{TYPE_XML}{inside}</activity>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # An element without others is all of it.
        (activity("<a>1</a>"), [("400-721", "<a>1</a>")]),
        (activity("<a\n b='>'/>"), [("400-721", "<a\n b='>'/>")]),
        (activity("<subject>a\nb</subject>"), [("400-152", "<subject>a\nb</subject>")]),
        (activity("<issueType><id><![CDATA[</id>x]]></id ></issueType>"), [("400-152", "<id><![CDATA[</id>x]]></id >")]),
        (activity("<issueType><id>&#x31;\U0001f600</id></issueType>"), [("400-152", "<id>&#x31;\U0001f600</id>")]),
        # One that holds others, or lacks something, is its start tag.
        (activity("<a x='\"'><b/></a>"), [("400-721", "<a x='\"'>")]),
        (activity("<subject><b/></subject>"), [("400-722", "<subject>")]),
        (activity("<issueType\r\n></issueType>"), [("400-720", "<issueType\r\n>")]),
        (activity("<issueType/>"), [("400-720", "<issueType/>")]),
        # The second of two, at its start tag.
        (activity("<subject>a</subject><subject  >b</subject>"), [("400-716", "<subject  >")]),
        # An entry of a list, behind comments.
        (
            activity(f"<attachments><!-- <a> -->{ENTRY}{ENTRY.replace('<altId>a</altId>', '<altId/>')}</attachments>"),
            [("400-152", "<altId/>")],
        ),
        ("<activity><type>", [("400-715", "")]),
        ("<!DOCTYPE a><a/>", [("400-717", "<")]),
        (activity("<x:a xmlns:x='u'/>"), [("400-724", "<")]),
    ],
)  # fmt: skip
def test_xml(body: str, expected: list[tuple[str, str | None]]) -> None:
    """Each stretch is the smallest that is at fault."""
    assert shown(XML, body) == expected


leaves = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))


@given(
    value=leaves | st.lists(leaves) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), leaves),
    indent=st.sampled_from([None, 2]),
)
def test_the_stretch_of_a_wrong_value_is_the_value(value: Any, indent: int | None) -> None:
    """It reads back to the same."""
    body = json.dumps({"type": value}, indent=indent)
    report = judged(JSON, body)
    if report.failures[0].code in {"400-722", "400-196"} and report.failures[0].pointer == "/type":
        told = cut(body, report.regions()[0])
        assert told is not None
        assert json.loads(told) == value


def test_a_stretch_can_be_asked_for_other_failures() -> None:
    """Such as advisories; without a body there is none."""
    report = judged(JSON, "{" + TYPE + ', "payload": {"email": {"content": {"html": "cid:x"}}}}')
    (region,) = report.regions(report.advisories)
    assert region == Region(Position(1, 105), Position(1, 112))
    assert ENGINE.validate(Request()).regions() == (None,)


HERE = Region(Position(7, 1), Position(7, 9))
HEADER = Region(Position(8, 1), Position(8, 9))


@pytest.mark.parametrize(
    ("found", "in_body", "place"),
    [
        (Failure("400-721", "n", "m", "body", "/a"), HEADER, "in the file"),
        (Failure("400-101", "n", "m", "query"), None, "query"),
        (Failure("400-108", "n", "m", "path"), None, "path"),
        (Failure("400-710", "n", "m", "header", None, {"header": "Content-Type"}), None, "header content-type"),
        (Failure("400-712", "n", "m", "header", None, {"header": "Content-Encoding"}), None, None),
        (Failure("401-101", "n", "m", "caller"), None, None),
        (Advisory("n", "m", "/a", {}), None, None),
    ],
)
def test_what_is_found_stands_at_its_part_of_the_file(
    found: Failure | Advisory, in_body: Region | None, place: str | None
) -> None:
    """Or at the request as a whole, where it has no part of its own."""
    names = ("query", "path", "header content-type", "in the file")
    parts = {name: Region(Position(line, 1), Position(line, 2)) for line, name in enumerate(names, 1)}
    sent = Sample(Request(), HERE, parts=parts, map_region=lambda _region: parts["in the file"])
    assert sent.locate(found, in_body) == (HERE if place is None else parts[place])
    assert Sample(Request()).locate(found, in_body) == (in_body or START)


@pytest.mark.parametrize(
    ("method", "path", "ids"),
    [
        ("POST", "/activities/2001/email-response", "2001"),
        ("POST", "https://x.de:80/a/b/activities/20%2c1/email-response", "20,1"),
        ("POST", "/activities//email-response", ""),
        ("POST", "{{host}}/v1/activities/1/email-response", "1"),
        ("POST", "{{host}}x/activities/1/email-response", None),
        ("GET", "/activities/2001/email-response", None),
        ("post", "/activities/2001/email-response", None),
        ("POST", "/activities/2001/email-response/", None),
        ("POST", "/activities/2/1/email-response", None),
        ("POST", "/xactivities/2001/email-response", None),
        ("POST", "activities/2001/email-response", None),
    ],
)
def test_an_endpoint_knows_its_requests(method: str, path: str, ids: str | None) -> None:
    """Below any origin and prefix, by method and path."""
    endpoint = Endpoint("POST", "/activities/{ids}/email-response")
    assert endpoint.extract_ids(method, path) == ids
    if ids is not None:
        assert path[slice(*endpoint.locate_ids(path))].replace("%2c", ",") == ids
    elif method == "POST":
        assert endpoint.locate_ids(path) == (0, len(path))
