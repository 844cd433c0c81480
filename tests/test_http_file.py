"""Files of whole requests: what they hold, and what is told where they are not made of requests."""

import pytest

from validator.http_file import HttpFileError, Sent, read
from validator.request import Caller, Request

DIRECTIVES = ": there are @caller customer ID, @caller other KIND, @caller nobody, @expect CODE and @limit BYTES"
LINE = b"POST /activities/2001/email-response HTTP/1.1\n"


def test_a_request_has_all_its_parts() -> None:
    """Directives, query, headers and body are read; the body lacks the file's last line end only."""
    data = (
        b"### one\n# a comment\n// @expect 400-733  400-731 \n# @caller customer 1002\n# @limit 200\n\n"
        b"POST https://x.de/v1/activities/20%301/email-response?customer=1&a HTTP/1.1\nContent-Type:  a/b \nX:\n\n{\n}\n\n"
    )
    headers = (("Content-Type", "a/b"), ("X", ""))
    request = Request("2001", "customer=1&a", headers, b"{\n}\n", Caller.customer("1002"))
    assert read(data) == [Sent(request, 7, 11, "one", caller_given=True, expected=("400-733", "400-731"), limit=200)]


def test_several_requests_are_separated() -> None:
    """Each has its own lines, its own name, and a body up to the next separator."""
    data = LINE + b"\nA\n### two\n\n" + LINE + b"### three\n# @caller nobody\n" + LINE + b"\nC"
    assert [(sent.name, sent.line, sent.body_line, sent.request.body, sent.caller_given) for sent in read(data)] == [
        ("", 1, 3, b"A", False),
        ("two", 6, 8, None, False),
        ("three", 9, 11, b"C", True),
    ]


def test_lines_may_end_with_crlf() -> None:
    """Headers lose the CR, the body keeps it but for its last line end; a CR alone is text of the body."""
    data = b"# @caller other user\r\n" + LINE.replace(b"\n", b"\r\n") + b"A: b\r\n\r\nx\ry\r\nz\r\n"
    (sent,) = read(data)
    assert sent.request == Request("2001", "", (("A", "b"),), b"x\ry\r\nz", Caller.other("user"))
    assert (sent.line, sent.body_line) == (2, 5)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"###\n\n### a\n"])
def test_an_empty_file_has_no_request(data: bytes) -> None:
    """Separators alone are none."""
    assert read(data) == []


def test_an_empty_id_is_read() -> None:
    """The operation itself says what is wrong with it."""
    (sent,) = read(b"POST /activities//email-response\n\n")
    assert (sent.request.ids, sent.request.body) == ("", b"")


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"# only a comment\n", 1, "there is no request line"),
        (b"\nGET\n", 2, "a request line is expected: POST /activities/2001/email-response HTTP/1.1"),
        (LINE.replace(b"POST", b"GET"), 1, "the operation is POST /activities/{ids}/email-response"),
        (b"POST /activities/2001 HTTP/1.1\n", 1, "the operation is POST /activities/{ids}/email-response"),
        (LINE + b"no colon\n", 2, "a header is expected: Name: value"),
        (LINE + b"A b: c\n", 2, "a header is expected: Name: value"),
        (b"# @caller me\n" + LINE, 1, "the caller 'me' is neither 'customer ID' nor 'other KIND' nor 'nobody'"),
        *[
            (
                b"# a\n# @" + text + b"\n" + LINE,
                2,
                "@" + text.decode() + DIRECTIVES,
            )
            for text in (b"expect 400", b"limit many", b"except 400-733")
        ],
    ],
)
def test_what_is_not_a_request_is_told_with_its_line(data: bytes, line: int, reason: str) -> None:
    """The line is that of the file."""
    with pytest.raises(HttpFileError) as caught:
        read(data)
    assert (caught.value.line, str(caught.value)) == (line, reason)


def test_a_byte_order_mark_is_skipped() -> None:
    """Some editors write one at the beginning of a file."""
    (sent,) = read(b"\xef\xbb\xbf# @expect 400-264\n" + LINE)
    assert (sent.expected, sent.line) == (("400-264",), 2)


@pytest.mark.parametrize("target", [b"/Activities/2001/email-response", b"/activities/2001/email-response?a#b"])
def test_a_path_keeps_its_case_and_a_target_has_no_fragment(target: bytes) -> None:
    """RFC 3986, section 6.2.2.1; RFC 9112, section 3.2."""
    with pytest.raises(HttpFileError, match=r"^the operation is POST /activities/\{ids\}/email-response$"):
        read(b"POST " + target + b"\n")


def test_a_limit_has_at_most_18_digits() -> None:
    """A number beyond what can be converted is refused with its line; white space inside a directive costs no time."""
    assert read(b"# @limit " + b"9" * 18 + b"\n" + LINE)[0].limit == 10**18 - 1
    for value in ("9" * 19, "9" * 5000, "1" + " " * 300_000 + "2"):
        with pytest.raises(HttpFileError) as caught:
            read(f"# @limit {value}\n".encode() + LINE)
        assert str(caught.value) == f"@limit {value}{DIRECTIVES}"
