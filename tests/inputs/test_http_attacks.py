"""Hostile HTTP files: no exception, no hang, no literal variable, linear time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.commands import GOOD
from tests.hostile import expect_linear_time
from validator import Caller, load
from validator.head.route import Endpoint
from validator.inputs.http_file import read
from validator.model.request import Request

ENDPOINT = Endpoint("POST", "/activities/{ids}/email-response")
ENGINE = load("create-email-response", lazy=True)
LINE = "POST /activities/2001/email-response HTTP/1.1\n"
TOKENS = [
    "###", "#", "//", "# @expect 400-722", "# @caller customer 1", "# @name x", "@", "=", "@a = {{b}}", "@b={{$guid}}", "{{a}}",
    "{{c}}", "{{", "}}", "{{$processEnv X}}", "<", "<@", ">", ">>", "<>", "< {%", "> {%", "%}", "< ./a.json", "POST", "get",
    "HTTP/1.1", "HTTP/2", "/activities/2001/email-response", "https://x.de", "?", "&", "customer=1", "#top", ":", " ", "\t", "\n",
    "Content-Type: application/json", "\n\n", "\r\n", "\r", "\ufeff", "\0", "{", "}", GOOD, "<activity/>", "\udce9", "\U0001f600",
    "import x", "curl ",
]  # fmt: skip
files = st.lists(st.sampled_from(TOKENS), max_size=40).map(lambda tokens: "".join(tokens).encode("utf-8", "surrogateescape"))


@given(st.one_of(st.binary(max_size=200), files, files.map(lambda data: LINE.encode() + data)))
def test_no_exception_is_raised(data: bytes) -> None:
    """Each request has a report or a reason, every place is in the file, and no variable is left."""
    found = read(data, ENDPOINT, "a.http")
    lines = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split("\n")
    for sample in found.samples:
        request = sample.request
        report = ENGINE.validate(Request(request.ids, request.query, request.headers, request.body, Caller.customer("1")))
        assert b"{{_}}" not in (request.body or b"") or b"{{_}}" in data
        for place in map(sample.locate, report.failures, report.regions()):
            assert place.start <= place.end
            assert 1 <= place.start.column <= len(lines[place.start.line - 1]) + 1
            assert 1 <= place.end.column <= len(lines[place.end.line - 1]) + 1
    for problem in (problem for request in found.unchecked for problem in request.problems):
        assert problem.region.start <= problem.region.end
        assert problem.region.end.column <= len(lines[problem.region.end.line - 1]) + 1


REPEATED = [
    "{{", "{{a", "{{a}}", "{{$guid}}", "}}", "{", "###\n", "### {{a}}\n", "# @\n", "# @expct\n", "##########\n", "@a=b\n",
    "@a\n", " ", "\t", "\n", "\r", "< {%\n", "> {%\n", "> a.js\n", "<> a\n", "< a\n", "<@ a\n", ".set('", "A: b\n", " a\n",
    "?a\n", " /\n", "HTTP/1", " HTTP/1", "x ", "\xe9", "&",
]  # fmt: skip


@pytest.mark.parametrize("head", ["", LINE, LINE + "\n", "POST /"], ids=["file", "headers", "body", "target"])
def test_time_is_linear(head: str) -> None:
    """In quadratic time, 64 KiB would take longer."""
    for text in REPEATED:
        data = (head + text * (65_536 // len(text))).encode()
        with expect_linear_time():
            read(data, ENDPOINT)
