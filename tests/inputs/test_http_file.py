"""HTTP files: the requests in them, the regions of their parts, and the errors of invalid files."""

import pytest

from validator.head.route import Endpoint
from validator.inputs.http_file import read
from validator.inputs.sample import Problem, Sample, SampleSet
from validator.model.location import Position, Region
from validator.model.request import Caller, Request

EXPECTED_CALLER = "expected 'customer ID', 'other KIND' or 'nobody'"
DIRECTIVES = "@caller customer ID, @caller other KIND, @caller nobody, @expect CODE, @limit BYTES or @name NAME"
EXPECTED_LINE = "expected one such as 'POST /activities/{ids}/email-response HTTP/1.1'"
EXPECTED_HEADER = "expected 'Name: value', or a blank line before the body"
ENDPOINT = Endpoint("POST", "/activities/{ids}/email-response")
LINE = b"POST /activities/2001/email-response HTTP/1.1\n"


def region(line: int, start: int, end: int) -> Region:
    """Return a region in one line."""
    return Region(Position(line, start), Position(line, end))


def read_samples(data: bytes) -> tuple[Sample, ...]:
    """Return the requests of a file."""
    return read(data, ENDPOINT).samples


def read_problems(data: bytes) -> list[Problem]:
    """Return why requests of a file cannot be checked."""
    return [problem for request in read(data, ENDPOINT).unchecked for problem in request.problems]


def read_error(data: bytes) -> tuple[int, str]:
    """Return the line and the reason of the only problem of a file, which is an error."""
    (problem,) = read_problems(data)
    assert not problem.is_unknown
    return problem.region.start.line, problem.reason


def test_request_has_all_its_parts() -> None:
    """Directives, query, headers and body are read. The blank lines around a body, and its last line end, are not part of it."""
    data = (
        b"### one\n# a comment\n// @expect 400-733  400-731 \n# @caller customer 1002\n# @limit 200\n\n"
        b"POST https://x.de/v1/activities/20%301/email-response?customer=1&a HTTP/1.1\nContent-Type:  a/b \nX:\n\n\t\n{\n\n}\n\n"
    )
    headers = (("Content-Type", "a/b"), ("X", ""))
    (sample,) = read_samples(data)
    assert sample == Sample(
        Request("2001", "customer=1&a", headers, b"{\n\n}", Caller.customer("1002")),
        region(7, 1, 76),
        "one",
        has_caller=True,
        expected_codes=("400-733", "400-731"),
        body_limit=200,
        parts={
            "path": region(7, 33, 39),
            "query": region(7, 55, 67),
            "header content-type": region(8, 1, 20),
            "header x": region(9, 1, 3),
        },
        map_region=sample.map_region,
        find_included=sample.find_included,
    )
    assert (sample.map_region(region(3, 1, 2)), sample.find_included(region(3, 1, 2))) == (region(14, 1, 2), None)


def test_requests_are_separated() -> None:
    """Each has its own lines, name, and body up to the next separator. Without a body, its regions are the request line."""
    data = LINE + b"\nA\n### two\n\n" + LINE + b"### three\n# @caller nobody\n" + LINE + b"\nC"
    first = region(1, 1, 1)
    assert [
        (sample.name, sample.region[0].line, sample.map_region(first)[0].line, sample.request.body, sample.has_caller)
        for sample in read_samples(data)
    ] == [
        ("", 1, 3, b"A", False),
        ("two", 6, 6, None, False),
        ("three", 9, 11, b"C", True),
    ]


def test_lines_may_end_with_crlf() -> None:
    """The body has the CRs except for its last line end, the headers have none. A lone CR is a character of the body."""
    data = b"# @caller other user\r\n" + LINE.replace(b"\n", b"\r\n") + b"A: b\r\n\r\nx\ry\r\nz\r\n"
    (sample,) = read_samples(data)
    assert sample.request == Request("2001", "", (("A", "b"),), b"x\ry\r\nz", Caller.other("user"))
    assert (sample.region, sample.map_region(region(1, 1, 2))) == (region(2, 1, 46), region(5, 1, 2))


def test_regions_of_a_body_are_converted_to_regions_of_the_file() -> None:
    """A lone CR does not end a line there, and a byte order mark inside it counts. An empty body is the request line."""
    (sample,) = read_samples(b"###\n" + LINE + b'\n\xef\xbb\xbf{"a": 1,\r"\xf0\x9f\x98\x80": 2,\r\n"\xff": 3}\n')
    assert [sample.map_region(one) for one in (region(1, 2, 5), region(2, 1, 4), region(3, 1, 4), region(3, 7, 8))] == [
        region(4, 3, 6),
        region(4, 11, 14),
        region(5, 1, 4),
        region(5, 7, 8),
    ]
    (sample,) = read_samples(LINE + b"\n")
    assert (sample.request.body, sample.map_region(region(1, 1, 1))) == (b"", region(1, 1, 46))


def test_failure_at_the_end_of_a_body_is_not_beyond_it() -> None:
    """Whatever follows in the file."""
    (first, _) = read_samples(LINE + b'\n{"a": \n###\n' + LINE)
    assert first.map_region(region(1, 7, 7)) == region(3, 7, 7)
    assert first.map_region(region(1, 9, 10)) == region(3, 7, 7)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"###\n\n### a\n", b"# a comment\n\n//\n### b\n# c\n"])
def test_empty_file_has_no_request(data: bytes) -> None:
    """Nor has a file of separators and comments only."""
    assert read(data, ENDPOINT) == SampleSet((), 0)


def test_directive_names_a_request() -> None:
    """Other tools for HTTP files use it, also with an equals sign. A directive without a name is an error."""
    for text in (b"# @name  two words", b"// @name = two words", b"#@name=two words"):
        assert [sample.name for sample in read_samples(b"### one\n" + text + b"\n" + LINE)] == ["two words"]
    assert read_error(b"# @name\n" + LINE) == (1, f"invalid directive '@name '; expected {DIRECTIVES}")


def test_requests_to_other_operations_are_counted() -> None:
    """Another method or path, or a path in a fragment."""
    others = [b"GET /activities/2001/email-response", b"POST /activities/2001", b"POST /a#b"]
    samples = read(b"\n###\n".join([*others, LINE]), ENDPOINT)
    assert ([sample.region for sample in samples.samples], samples.others) == ([region(7, 1, 46)], 3)


def test_empty_id_is_read() -> None:
    """The engine reports it."""
    (sample,) = read_samples(b"POST /activities//email-response\n\n")
    assert (sample.request.ids, sample.request.body) == ("", b"")


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"# @caller nobody\n", 1, f"missing request line; {EXPECTED_LINE}"),
        (b"\nGET\n", 2, f"invalid request line 'GET'; {EXPECTED_LINE}"),
        (
            b"# @expect 400-101\n" + LINE.replace(b"POST", b"PUT"),
            2,
            "@expect is not supported for other operations; expected a request to POST /activities/{ids}/email-response",
        ),
        (b"garbage\n", 1, f"invalid request line 'garbage'; {EXPECTED_LINE}"),
        (
            LINE.replace(b"HTTP", b"HTPP"),
            1,
            f"invalid request line {LINE.decode().strip().replace('HTTP', 'HTPP')!r}; {EXPECTED_LINE}",
        ),
        (LINE + b"no colon\n", 2, f"invalid header 'no colon'; {EXPECTED_HEADER}"),
        (LINE + b"A b: c\n", 2, f"invalid header 'A b: c'; {EXPECTED_HEADER}"),
        *[
            (b"# @caller " + text + b"\n" + LINE, 1, f"invalid caller {text.decode()!r}: {EXPECTED_CALLER}")
            for text in (
                b"me",
                b"customer",
                b"customer 0",
                b"customer 01",
                b"customer 1001, 1002",
                b"customer \xc2\xb9",
                b"other a:b",
            )
        ],
        *[
            (
                b"# a\n# @" + text + b"\n" + LINE,
                2,
                f"invalid directive '@{text.decode()}'; expected {DIRECTIVES}",
            )
            for text in (b"expect 400", b"limit many", b"expect ")
        ],
    ],
)
def test_invalid_file_is_reported_with_its_line(data: bytes, line: int, reason: str) -> None:
    """The line is that of the file."""
    assert read_error(data) == (line, reason)


def test_byte_order_mark_is_skipped() -> None:
    """Some editors write one at the beginning of a file."""
    (sample,) = read_samples(b"\xef\xbb\xbf# @expect 400-264\n" + LINE)
    assert (sample.expected_codes, sample.region) == (("400-264",), region(2, 1, 46))


def test_limit_has_at_most_18_digits() -> None:
    """A longer number, which may be too long to convert, is rejected. White space in a directive takes no quadratic time."""
    assert read_samples(b"# @limit " + b"9" * 18 + b"\n" + LINE)[0].body_limit == 10**18 - 1
    for value in ("9" * 19, "9" * 5000, "1" + " " * 300_000 + "2"):
        assert (
            read_error(f"# @limit {value}\n".encode() + LINE)[1]
            == f"invalid directive {f'@limit {value}'[:64]!r}; expected {DIRECTIVES}"
        )


def test_octets_of_the_head() -> None:
    """A query is UTF-8, and a header has one character per octet; only ASCII white space ends a target, and only LF a line."""
    line = b"POST /activities/2001/email-response?\xc3\xa9\xe9\xc2\xa0\x1c HTTP/1.1 \t\r\n"
    data = line + b"A: \xc3\xa9\xe9\xa0 \t\nB: \r\x00\r\r\nC:\x0b\n\nx"
    (sample,) = read_samples(data)
    headers = (("A", "\xc3\xa9\xe9\xa0"), ("B", "\r\0\r"), ("C", "\x0b"))
    assert sample.request == Request("2001", "\xe9\ufffd\xa0\x1c", headers, b"x")
