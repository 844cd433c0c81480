"""Behind real gateways, requests are answered like the library answers them, and reach the application if it accepts them."""

from collections.abc import Sequence
from http.client import HTTPConnection
from typing import Final

import pytest

from tests.gateways.conftest import Gate
from tests.gateways.exchange import CUSTOMER, PATH, SECONDS, Answer, Case, ask, differences, expected, from_application
from validator import Request
from validator.engine import BODY_LIMIT
from validator.model.request import JSON

GOOD: Final = b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}'
PAIRS = Sequence[tuple[str, str]]


def case(body: bytes = b"{}", *headers: tuple[str, str], target: str = PATH) -> Case:
    """Return a request of a customer with a JSON body."""
    return Case("", target, Request("2001", "", (("Content-Type", JSON), *headers), body, CUSTOMER))


def padded(size: int) -> bytes:
    """Return an accepted body of a size in bytes."""
    return GOOD + b" " * (size - len(GOOD))


def chunked(port: int, body: bytes, size: int) -> Answer:
    """Send a body in chunks of a size in bytes."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        parts = (body[start : start + size] for start in range(0, len(body), size))
        headers = {"Content-Type": JSON, "X-Customer-Id": "1001"}
        connection.request("POST", PATH, parts, headers, encode_chunked=True)
        response = connection.getresponse()
        return Answer(response.status, response.getheader("Content-Type"), response.read())
    finally:
        connection.close()


def test_fixtures_are_answered_like_the_library(guarded: Gate) -> None:
    """Refusals have the library's status, media type and body; accepted requests reach the application unchanged."""
    assert differences(guarded.ports.gateway) == []


@pytest.mark.parametrize("size", [BODY_LIMIT, BODY_LIMIT + 1, BODY_LIMIT + 2, BODY_LIMIT + 65536])
def test_body_limit(guarded: Gate, size: int) -> None:
    """A body of the limit reaches the application; a larger one is refused with 400-713, chunked or not."""
    request = case(padded(size))
    answers = [ask(guarded.ports.gateway, request), chunked(guarded.ports.gateway, padded(size), 5000)]
    assert answers == [expected(request), expected(request)]


def test_oversized_body_is_refused_before_its_end(guarded: Gate) -> None:
    """A body with a far too large Content-Length is refused after a part of it has arrived."""
    connection = HTTPConnection("127.0.0.1", guarded.ports.gateway, timeout=SECONDS)
    try:
        connection.putrequest("POST", PATH)
        for name, value in (("Content-Type", JSON), ("X-Customer-Id", "1001"), ("Content-Length", str(40 * BODY_LIMIT))):
            connection.putheader(name, value)
        connection.endheaders(padded(BODY_LIMIT + 300_000))
        response = connection.getresponse()
        answer = Answer(response.status, response.getheader("Content-Type"), response.read())
    finally:
        connection.close()
    assert answer == expected(case(padded(BODY_LIMIT + 1)))


def test_chunk_size_does_not_matter(guarded: Gate) -> None:
    """Chunks of one byte reach the application as one body."""
    assert chunked(guarded.ports.gateway, padded(10_000), 1) == from_application(PATH, padded(10_000))


@pytest.mark.parametrize(
    "headers",
    [
        [("Accept", "text/html"), ("Accept", "application/xml")],
        [("Accept-Language", "pl"), ("Accept-Language", "en-US")],
        [("Accept-Language", "pl"), ("Accept-Language", "tlh")],
        [("Content-Encoding", "identity"), ("Content-Encoding", "gzip")],
        [("Content-Type", "application/json")],
        [("Content-Type", "application/xml")],
    ],
)
def test_repeated_headers_are_validated_like_the_library_does(guarded: Gate, headers: PAIRS) -> None:
    """Whether the gateway merges them or not."""
    request = case(b"{}", *headers)
    assert ask(guarded.ports.gateway, request) == expected(request)


def test_repeated_caller_header_is_ignored(guarded: Gate) -> None:
    """One of the two could come from the client."""
    unauthenticated = expected(Case("", PATH, Request("2001")))
    assert ask(guarded.ports.gateway, case(GOOD, ("X-Customer-Id", "1002"))) == unauthenticated


@pytest.mark.parametrize(
    "target",
    [
        "//activities/2001/email-response",
        "/activities//2001/email-response",
        "/x/../activities/2001/email-response",
        "/activities/2001/../2002/email-response",
        "/activities/2001/%2e%2E/2002/email-response",
        "/activities/2001/./email-response",
        "/activities/2001/email-response/",
        "/activities/2001/email-response//",
        "/activities/2001/email-response/.",
        "/activities/2001/email-response/x/..",
        "/activities/2001/email-response;x",
        "/activities/2001;x/email-response",
        "/activities/2001/..;/2002/email-response",
        "/%61ctivities/2001/email%2Dresponse",
        "/activities/20%2F01/email-response",
        "/activities%2F2001%2Femail-response",
        "/activities/2001/..%2f2002/email-response",
        "/activities\\2001\\email-response",
        "/activities/2001%5Cemail-response",
        "/Activities/2001/Email-Response",
        "/activities/2001/email-response%20",
        "/x/%252e%252e/activities/2001/email-response",
        "/activities/2001/email-response%3Fx",
        "http://127.0.0.1/activities/2001/email-response",
    ],
)
def test_no_variant_of_the_path_bypasses_validation(guarded: Gate, target: str) -> None:
    """An invalid request to the operation does not reach the application, whatever the form of its path."""
    assert ask(guarded.ports.gateway, case(target=target)).status == 400


def test_target_without_path_is_refused(guarded: Gate) -> None:
    """No recipe can pass it on."""
    assert ask(guarded.ports.gateway, case(GOOD, target="*")).status in {400, 500}


def test_other_operations_are_not_validated(guarded: Gate) -> None:
    """A request to another operation reaches the application, whatever its body."""
    other = "/activities/2001/notes?x=%20y"
    assert ask(guarded.ports.gateway, case(b"<", target=other)) == from_application(other, b"<")
