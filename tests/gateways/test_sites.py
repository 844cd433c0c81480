"""Gateways of a site with several routes: other routes are left alone, and the operation's answers are as the library's."""

import socket
from http.client import HTTPConnection, HTTPResponse
from typing import Final

import pytest

from tests.gateways.conftest import Gate
from tests.gateways.exchange import CUSTOMER, PATH, SECONDS, Answer, Case, ask, expected, from_application
from tests.gateways.test_answers import GOOD, padded
from validator import Request
from validator.engine import BODY_LIMIT
from validator.model.request import JSON, XML, Media

OTHER: Final = "/activities/2001/attachments?x=%20y"
LARGE: Final = b"\x00" * (3 * BODY_LIMIT)


def upload(port: int, method: str, *, chunked: bool) -> Answer:
    """Send a large body to another route."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        body = (LARGE[start : start + BODY_LIMIT] for start in range(0, len(LARGE), BODY_LIMIT)) if chunked else LARGE
        connection.request(method, OTHER, body, {"Content-Type": "application/octet-stream"}, encode_chunked=chunked)
        response = connection.getresponse()
        return Answer(response.status, response.getheader("Content-Type"), response.read())
    finally:
        connection.close()


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("chunked", [False, True])
def test_large_upload_to_another_route_reaches_the_application(guarded: Gate, method: str, chunked: bool) -> None:  # noqa: FBT001 - a parameter
    """The body limit of the operation is that of the operation only."""
    assert upload(guarded.ports.gateway, method, chunked=chunked) == from_application(OTHER, LARGE)


@pytest.mark.parametrize("size", [BODY_LIMIT + 1, 3 * BODY_LIMIT])
@pytest.mark.parametrize("media", [JSON, XML])
def test_too_large_body_is_refused_in_the_order_of_the_contract(guarded: Gate, size: int, media: Media) -> None:
    """First who calls and which format is accepted, then how large the body is; in the accepted format."""
    requests = [
        Request("2001", "", [("Accept", media)], padded(size), None),
        Request("2001", "", [("Accept", "text/csv")], padded(size), CUSTOMER),
        Request("2001", "x=1", [("Accept", media)], padded(size), CUSTOMER),
    ]
    cases = [Case("", f"{PATH}?{request.query}".rstrip("?"), request) for request in requests]
    assert [ask(guarded.ports.gateway, case) for case in cases] == [expected(case) for case in cases]


def test_content_length_of_a_chunked_body_does_not_count(guarded: Gate) -> None:
    """The gateway may refuse such a message (RFC 9112, section 6.3), but must not call 14 bytes too many."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nX-Customer-Id: 1001\r\nContent-Type: {JSON}\r\nContent-Length: 2000000\r\n"
    message = head.encode() + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(GOOD), GOOD)
    with socket.create_connection(("127.0.0.1", guarded.ports.gateway), SECONDS) as connection:
        connection.sendall(message)
        response = HTTPResponse(connection)
        response.begin()
        content = response.read()
    assert b"400-713" not in content
    assert response.status == 400 or content == from_application(PATH, GOOD).body
