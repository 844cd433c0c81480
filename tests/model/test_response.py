"""The error response: whole answers in JSON and XML, the number of details, and characters that XML cannot represent."""

import json

import pytest

from validator import Caller, Engine, Request
from validator.model import response
from validator.model.request import JSON, XML, Media
from validator.model.response import Response, render

TYPE = '"type":{"value":"email","subtype":{"value":"general"}}'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def answer(engine: Engine, media: Media, query: str = "", body: str = "{}") -> bytes:
    """Return the error body for a request with a JSON body. media: of the response."""
    headers = [("Accept", media), ("Content-Type", JSON)]
    response = engine.validate(Request("2001", query, headers, body.encode(), Caller.customer("1001"))).response()
    assert response is not None
    assert response.headers == (("Content-Type", media), ("Content-Length", str(len(response.body))))
    return response.body


@pytest.mark.parametrize("failures", [1, 2, 29, 30, 31, 32, 100, 101])
def test_answer_has_at_most_30_details(engine: Engine, failures: int) -> None:
    """The first failure is the answer itself, the next 30 are its details, and the others are left out."""
    names = [f"n{number}" for number in range(failures)]
    body = "{" + ",".join([TYPE, *(f'"{name}":0' for name in names)]) + "}"
    messages = [f"Unknown attribute '{name}'." for name in names]
    shown = messages[1 : 1 + min(failures - 1, 30)]
    details = [{"key": "400-721", "value": message} for message in shown]
    expected = {"code": "400-721", "developerMessage": messages[0]} | ({"details": details} if details else {})
    assert json.loads(answer(engine, JSON, body=body)) == expected
    rows = "".join(f"<detail><key>400-721</key><value>{message}</value></detail>" for message in shown)
    assert answer(engine, XML, body=body).decode() == (
        f"{DECLARATION}<error><code>400-721</code><developerMessage>{messages[0]}</developerMessage>"
        f"{f'<details>{rows}</details>' if rows else ''}</error>"
    )


def test_answer_quotes_a_control_character(engine: Engine) -> None:
    """JSON escapes it. XML 1.0 cannot represent it, not even by a reference, so a replacement character stands for it."""
    message = "Unsupported query parameter(s) supplied: 'a{}b'."
    assert answer(engine, JSON, "a%08b=1", "{" + TYPE + "}").decode() == (
        '{"code": "400-101", "developerMessage": "' + message.format("\\b") + '"}'
    )
    assert answer(engine, XML, "a%08b=1", "{" + TYPE + "}").decode() == (
        f"{DECLARATION}<error><code>400-101</code><developerMessage>{message.format(chr(0xFFFD))}</developerMessage></error>"
    )


@pytest.mark.parametrize("point", [0, 8, 0x0B, 0x0C, 0x0E, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_character_outside_xml_is_replaced(point: int) -> None:
    """In the message and in the details; the answer is well-formed and UTF-8. JSON has a question mark for a lone surrogate."""
    character = chr(point)
    entries = [("400-001", f"a{character}"), ("400-002", f"{character}b")]
    assert render(400, entries, XML) == make_response(
        XML,
        f"{DECLARATION}<error><code>400-001</code><developerMessage>a\ufffd</developerMessage>"
        "<details><detail><key>400-002</key><value>\ufffdb</value></detail></details></error>",
    )
    shown = "?" if 0xD800 <= point <= 0xDFFF else json.dumps(character, ensure_ascii=False)[1:-1]
    assert render(400, entries, JSON) == make_response(
        JSON,
        f'{{"code": "400-001", "developerMessage": "a{shown}", "details": [{{"key": "400-002", "value": "{shown}b"}}]}}',
    )


@pytest.mark.parametrize(
    "character", ["\t", "\n", "\x7f", "\x85", "\u2028", "\ud7ff", "\ue000", "\ufffd", "\U0001f600", "'", '"']
)
def test_character_of_xml_stays(character: str) -> None:
    """The neighbours of those that are replaced."""
    assert render(400, [("400-001", character)], XML) == make_response(
        XML, f"{DECLARATION}<error><code>400-001</code><developerMessage>{character}</developerMessage></error>"
    )


def test_markup_is_escaped() -> None:
    """And CR, which an XML parser would read as LF."""
    assert render(400, [("400-001", "a"), ("400-002", "<&>\r")], XML) == make_response(
        XML,
        f"{DECLARATION}<error><code>400-001</code><developerMessage>a</developerMessage>"
        "<details><detail><key>400-002</key><value>&lt;&amp;&gt;&#13;</value></detail></details></error>",
    )


@pytest.mark.parametrize("media", [JSON, XML])
def test_long_messages_are_cut(media: Media) -> None:
    """A developerMessage at 2,048 characters and the value of a detail at 255, before anything is escaped."""
    short, long = render(500, [("500-001", "<" * 2048), ("500-002", "<" * 255)], media), "<" * 3000
    assert render(500, [("500-001", long), ("500-002", long)], media) == short
    assert short.status == 500
    assert short.body.count(b"<" if media == JSON else b"&lt;") == 2048 + 255


def make_response(media: Media, body: str) -> Response:
    """Return the response with a body and status 400."""
    content = body.encode()
    return Response(400, (("Content-Type", media), ("Content-Length", str(len(content)))), content)


def test_search_for_escaped_characters_agrees_with_their_table() -> None:
    """Each character of the table is replaced in XML, and no other one."""
    for point in range(0x11000):
        assert (response._ESCAPED.search(chr(point)) is not None) is (point in response._ESCAPES)
