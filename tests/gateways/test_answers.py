"""Behind real gateways each request is answered as the library answers it, and reaches the application if that accepts it."""

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
    """Return a good body of a size in bytes."""
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


def test_each_fixture(guarded: Gate) -> None:
    """Status, media type and body are the library's for each refused fixture; each accepted one reaches the application whole."""
    assert differences(guarded.ports.gateway) == []


@pytest.mark.parametrize("size", [BODY_LIMIT, BODY_LIMIT + 1, BODY_LIMIT + 2, BODY_LIMIT + 65536])
def test_large_bodies(guarded: Gate, size: int) -> None:
    """A body of exactly the limit reaches the application; a larger one is refused with 400-713, chunked or not."""
    sent = case(padded(size))
    answers = [ask(guarded.ports.gateway, sent), chunked(guarded.ports.gateway, padded(size), 5000)]
    assert answers == [expected(sent), expected(sent)]


def test_the_rest_of_a_large_body_is_not_waited_for(guarded: Gate) -> None:
    """A body that is declared to be far too large is refused when a part of it has come."""
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


def test_chunks_of_a_byte(guarded: Gate) -> None:
    """How a body is cut into chunks makes no difference."""
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
def test_repeated_headers(guarded: Gate, headers: PAIRS) -> None:
    """A repeated header is judged as the library judges it, whether the gateway merges it or not."""
    sent = case(b"{}", *headers)
    assert ask(guarded.ports.gateway, sent) == expected(sent)


def test_a_repeated_caller(guarded: Gate) -> None:
    """Where two callers are named, nobody is: one may be the client's word."""
    nobody = expected(Case("", PATH, Request("2001")))
    assert ask(guarded.ports.gateway, case(GOOD, ("X-Customer-Id", "1002"))) == nobody


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
def test_spellings_of_the_path(guarded: Gate, target: str) -> None:
    """However the path of the operation is spelled, a bad request to it does not reach the application."""
    assert ask(guarded.ports.gateway, case(target=target)).status == 400


def test_what_is_no_path(guarded: Gate) -> None:
    """A target without a path, which no recipe can hand on, does not get past the gateway."""
    assert ask(guarded.ports.gateway, case(GOOD, target="*")).status in {400, 500}


def test_other_operations(guarded: Gate) -> None:
    """A request to another operation reaches the application, whatever it holds."""
    other = "/activities/2001/notes?x=%20y"
    assert ask(guarded.ports.gateway, case(b"<", target=other)) == from_application(other, b"<")
