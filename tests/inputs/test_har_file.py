"""HTTP archives: the requests in them, the regions of their parts, and the errors of invalid files."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.commands import BAD, GOOD, run, write
from validator import Caller, load
from validator.head.route import Endpoint
from validator.inputs.har_file import read
from validator.inputs.sample import RequestFileError, Sample
from validator.model.location import Region
from validator.model.request import Request

ENDPOINT = Endpoint("POST", "/activities/{ids}/email-response")
URL = "https://x.de/v1/activities/2001/email-response"
ENGINE = load("create-email-response", lazy=True)
WITHOUT_TEXT = "the body was not recorded: postData has no text"
INVALID_ENCODINGS: tuple[object, ...] = ("gzip", [], {}, 0, False)


def entry(body: str | None = GOOD, url: str = URL, method: str = "POST", **more: Any) -> dict[str, Any]:
    """Return an entry as a browser records it."""
    headers = [{"name": ":method", "value": method}, {"name": "Content-Type", "value": "application/json"}]
    request: dict[str, Any] = {"method": method, "url": url, "httpVersion": "h2", "headers": headers, "bodySize": -1}
    if body is not None:
        request["postData"] = {"mimeType": "application/json", "text": body}
    return {"request": request | more, "response": {"status": 201, "content": {"size": 3.5}}}


def archive(*entries: Any, **options: Any) -> bytes:
    """Return the bytes of an archive."""
    return json.dumps({"log": {"version": "1.2", "entries": list(entries)}}, **options).encode()


def read_samples(data: bytes) -> tuple[Sample, ...]:
    """Return the requests of an archive."""
    return read(data, ENDPOINT).samples


def cut(data: bytes, region: Region) -> str:
    """Return the text in a region of one line of a file."""
    (line, start), (_, end) = region
    return data.decode().split("\n")[line - 1][start - 1 : end - 1]


def test_request_has_all_its_parts() -> None:
    """Without the pseudo-headers of HTTP/2 and the fragment."""
    data = archive(entry(url=URL + "?customer=1002&a#top"), indent=1)
    (sample,), others, _ = read(data, ENDPOINT)
    headers = (("Content-Type", "application/json"),)
    assert (sample.request, others) == (Request("2001", "customer=1002&a", headers, GOOD.encode()), 0)
    assert (sample.name, sample.has_caller, sample.expected_codes, sample.body_limit) == (
        "POST /v1/activities/2001/email-response",
        False,
        None,
        None,
    )
    assert cut(data, sample.region) == json.dumps(URL + "?customer=1002&a#top")
    assert cut(data, sample.parts["header content-type"]) == '"application/json"'


def test_entries_of_other_operations_are_counted() -> None:
    """By method and path."""
    data = archive(entry(), entry(method="GET"), entry(url="https://x.de/"), entry(url=URL + "/x"), entry(body=None))
    samples, others, _ = read(data, ENDPOINT)
    assert ([one.request.body for one in samples], others) == ([GOOD.encode(), None], 3)


def test_media_type_of_the_body_replaces_a_missing_header() -> None:
    """Some recorders remove headers. Without either, the engine uses its default."""
    (sample,) = read_samples(archive(entry(headers=[])))
    assert sample.request.headers == (("Content-Type", "application/json"),)
    (sample,) = read_samples(archive(entry(headers=[], postData={"text": GOOD})))
    assert sample.request.headers == ()


@pytest.mark.parametrize("key", ["encoding", "_encoding"])
def test_body_can_be_base64(key: str) -> None:
    """A failure in it is located at the whole text."""
    text = b64encode(BAD.encode()).decode()
    data = archive(entry(postData={"mimeType": "application/json", "text": text, key: "base64"}))
    (sample,) = read_samples(data)
    report = ENGINE.validate(Request("2001", "", sample.request.headers, sample.request.body, Caller.customer("1")))
    assert sample.request.body == BAD.encode()
    assert cut(data, sample.locate(report.failures[0], report.regions()[0])) == f'"{text}"'


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
    lambda name: name not in {"type", "subject", "payload", "issueType", "attachments", "customAttributes"}
)


@given(name=names, ascii_only=st.booleans(), inner=st.booleans(), indent=st.sampled_from([None, 1, 4]), mark=st.booleans())
def test_failure_is_located_in_the_file(
    *,
    name: str,
    ascii_only: bool,
    inner: bool,
    indent: int | None,
    mark: bool,
) -> None:
    """The escaped text in its region is the member's name, whichever characters are escaped, and how."""
    body = "\ufeff" * mark + json.dumps(
        {"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "😀\t", name: 1},
        ensure_ascii=inner,
        indent=indent,
    )
    data = archive(entry(body=body), ensure_ascii=ascii_only, indent=indent)
    (sample,) = read_samples(data)
    report = ENGINE.validate(Request("2001", "", sample.request.headers, sample.request.body, Caller.customer("1")))
    assert [failure.code for failure in report.failures] == ["400-721"]
    text = cut(data, sample.locate(report.failures[0], report.regions()[0]))
    assert json.loads(json.loads(f'"{text}"')) == name


def test_failure_at_the_end_of_a_body_is_inside_its_text() -> None:
    """Where nothing follows."""
    data = archive(entry(body='{"a": '))
    (sample,) = read_samples(data)
    report = ENGINE.validate(Request("2001", "", sample.request.headers, sample.request.body, Caller.customer("1")))
    (line, start), end = sample.locate(report.failures[0], report.regions()[0])
    assert (line, start, end) == (1, data.index(b'\\"a\\": "') + len('\\"a\\": ') + 1, (line, start))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "not well-formed JSON: Expecting property name enclosed in double quotes"),
        (b"1" * 5000, "invalid HTTP archive: /log/entries must be an array"),
        (b"[]", "invalid HTTP archive: /log/entries must be an array"),
        (b"1", "invalid HTTP archive: /log/entries must be an array"),
        (b'{"log": []}', "invalid HTTP archive: /log/entries must be an array"),
        (b'{"log": {"entries": {}}}', "invalid HTTP archive: /log/entries must be an array"),
        (archive(None), "invalid HTTP archive: /log/entries/0/request/method must be a string"),
        (archive({"request": []}), "invalid HTTP archive: /log/entries/0/request/method must be a string"),
        (archive(entry(method=1)), "invalid HTTP archive: /log/entries/0/request/method must be a string"),  # type: ignore[arg-type]
        (archive(entry(url=None)), "invalid HTTP archive: /log/entries/0/request/url must be a string"),  # type: ignore[arg-type]
        (archive(entry(headers={})), "invalid HTTP archive: /log/entries/0/request/headers must be an array"),
        (archive(entry(headers=[None])), "invalid HTTP archive: /log/entries/0/request/headers/0/name must be a string"),
        (
            archive(entry(headers=[{"name": "a"}])),
            "invalid HTTP archive: /log/entries/0/request/headers/0/value must be a string",
        ),
        (archive(entry(postData="a")), "invalid HTTP archive: /log/entries/0/request/postData must be an object"),
        (archive(entry(postData={"text": 1})), "invalid HTTP archive: /log/entries/0/request/postData/text must be a string"),
        (archive(entry(postData={})), WITHOUT_TEXT),
        (
            archive(entry(body=None, bodySize=5)),
            "the body was not recorded: postData is missing",
        ),
        (
            archive(entry(body="", bodySize=5)),
            "the body was not recorded: postData has no text",
        ),
        (
            archive(entry(postData={"text": None}, bodySize=False)),
            "the body was not recorded: postData has no text",
        ),
        (archive(entry(postData={"text": "=", "encoding": "base64"})), "invalid base64 in the text of postData: "),
        (archive(entry(postData={"text": "\xe9", "_encoding": "base64"})), "invalid base64 in the text of postData: "),
        *[
            (
                archive(entry(postData={"text": GOOD, key: value})),
                f"unsupported {key} of postData; expected 'base64', or none for plain text",
            )
            for key in ("encoding", "_encoding")
            for value in INVALID_ENCODINGS
        ],
        (b'{"log": {"entries": ' + b"[" * 100_000, "the JSON is nested too deep"),
        (b"[" * 100_000 + b'"' + b'\\"' * 100_000, "the JSON is nested too deep"),
        (b'{"log": {"entries": ["' + b'\\"' * 500_000, "not well-formed JSON: Unterminated string"),
        (archive(entry())[:-9], "not well-formed JSON: "),
        (b"", "not well-formed JSON: Expecting value"),
        (b"\xff", "the file holds bytes that are not UTF-8; save it as UTF-8"),
        (archive(entry()).decode().encode("utf-16"), "the file holds bytes that are not UTF-8; save it as UTF-8"),
    ],
)
def test_invalid_archive_is_reported(data: bytes, reason: str) -> None:
    """With the reason, and never with another exception."""
    line, found = read_error(data)
    assert (line, found[: len(reason)]) == (1, reason)


def read_error(data: bytes) -> tuple[int, str]:
    """Return the line and the reason of the first error, of the file or of an entry."""
    try:
        problem = read(data, ENDPOINT).unchecked[0].problems[0]
    except RequestFileError as error:
        return error.line, str(error)
    return problem.region.start.line, problem.reason


def test_error_has_the_line_of_the_invalid_value() -> None:
    """Or that of the value around a missing one. Deep nesting has the line at which it exceeds the limit of a body."""
    assert read_error(archive(entry(), entry(headers={}), indent=1))[0] == 38
    assert read_error(b'{"log":\n{"entries":\n[{}]}}') == (
        3,
        "invalid HTTP archive: /log/entries/0/request/method must be a string",
    )
    assert read_error(b"\n\xc3\xa9\n\n\xff") == (4, "the file holds bytes that are not UTF-8; save it as UTF-8")
    assert read_error(b'{"a": [],\r\n"b": "[{"\n, "c":\n' + b"\n[" * 99_999)[0] == 104
    assert read_error(b'\r\n{"log": {}\n,}')[0] == 3


def test_recursion_error_without_deep_nesting_has_the_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the stack of the caller is too deep."""

    def too_deep(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("validator.inputs.har_file.json.loads", too_deep)
    assert read_error(b"{\n}") == (2, "the JSON is nested too deep")


ONE = '{"log": {"entries": [{"request": {"method": "POST", "headers": [], '


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ('{"log": 1,\n"log": {"entries": []}}', 2, "log"),
        ('{"log": {"entries": [],\n\n"entries": {}}}', 3, "entries"),
        (ONE + f'"url": "",\n"ur\\u006c": "{URL}"' + "}}]}}", 2, "url"),
        (ONE + f'"url": "{URL}",\n\n"url": ""' + "}}]}}", 3, "url"),
        (ONE + f'"url": "{URL}", "postData": ' + '{"text": "",\n"text": "{}"}' + "}}]}}", 2, "text"),
    ],
)
def test_repeated_member_of_a_request_is_rejected(text: str, line: int, name: str) -> None:
    """Parsers differ in which one they use."""
    assert read_error(text.encode()) == (line, f"repeated member {name!r}; remove all but one")


def test_values_outside_requests_are_not_checked() -> None:
    """Such as repeated members, long numbers, lone surrogates and deep nesting, which RFC 8259 leaves to the implementation."""
    data = archive(entry())[:-2] + b', "a": 1, "a": "\\ud800", "b": ' + b"[" * 200 + b"1" * 5000 + b"]" * 200 + b"}}"
    (sample,), others, _ = read(data, ENDPOINT)
    assert (sample.request.body, others) == (GOOD.encode(), 0)


def test_request_without_body_is_not_one_whose_body_was_not_recorded() -> None:
    """The archive says that it has no body. A failure is then located at the URL."""
    bodies = ({"postData": None}, {"postData": {"mimeType": "a/b"}, "bodySize": 0}, {"postData": {"text": None}, "bodySize": 0})
    for more in bodies:
        data = archive(entry(**more))
        (sample,) = read_samples(data)
        assert sample.request == Request("2001", "", (("Content-Type", "application/json"),), None)
        report = ENGINE.validate(Request("2001", "", (), None, Caller.customer("1")))
        assert [cut(data, place) for place in map(sample.locate, report.failures, report.regions())] == [f'"{URL}"']


def test_query_is_verbatim() -> None:
    """It is not normalized or decoded. The origin before the path is not validated."""
    url = "http://[x/activities/20%301/email-response?a=\t\u00e9%20?\n&b#c?d"
    data = archive(entry(url=url))
    (sample,) = read_samples(data)
    assert (sample.request.ids, sample.request.query) == ("2001", "a=\t\u00e9%20?\n&b")
    assert (cut(data, sample.parts["path"]), cut(data, sample.parts["query"])) == ("20%301", "a=\\t\\u00e9%20?\\n&b")
    assert sample.name == "POST /activities/20%301/email-response"


def test_comment_names_a_request() -> None:
    """In one line. The ID of a page does not, as a page has many requests."""
    data = archive(entry() | {"comment": " A\n first", "pageref": "page_1"}, entry() | {"comment": 1}, entry() | {"comment": " "})
    samples = read_samples(data)
    path = "POST /v1/activities/2001/email-response"
    assert [one.name for one in samples] == ["A first", path, path]


def test_headers_are_located_at_their_values() -> None:
    """At the first of several, or at the media type of the body that replaces Content-Type."""
    names = ("X", "Accept", "accept", "content-length")
    headers = [{"name": name, "value": f"{number}"} for number, name in enumerate(names)]
    data = archive(entry(headers=headers, postData={"mimeType": "a/b", "text": "{}"}), indent=1)
    (sample,) = read_samples(data)
    assert sample.request.headers == (
        ("X", "0"),
        ("Accept", "1"),
        ("accept", "2"),
        ("content-length", "3"),
        ("Content-Type", "a/b"),
    )
    report = ENGINE.validate(Request("2001", "", sample.request.headers, sample.request.body, Caller.customer("1")))
    assert [(failure.code, cut(data, sample.locate(failure, None))) for failure in report.failures] == [("406-101", '"1"')]
    parts = {name: cut(data, region) for name, region in sample.parts.items()}
    assert parts == {
        "path": "2001",
        "header x": '"0"',
        "header accept": '"1"',
        "header content-length": '"3"',
        "header content-type": '"a/b"',
    }


def test_byte_order_mark_of_the_file_is_not_counted() -> None:
    """As in all files of requests."""
    data = archive(entry())
    marked, plain = read(b"\xef\xbb\xbf" + data, ENDPOINT).samples[0], read(data, ENDPOINT).samples[0]
    assert (marked.request, marked.region, marked.parts) == (plain.request, plain.region, plain.parts)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda below: (
            st.lists(below, max_size=3)
            | st.dictionaries(st.sampled_from(["log", "entries", "request", "url", "text"]), below, max_size=3)
        ),
    ),
    st.sampled_from(["log", "entries", "entry", "request", "method", "url", "headers", "header", "postData", "text", "encoding"]),
    st.integers(0, 10_000),
)
def test_no_other_exception_is_raised(value: Any, where: str, cut_at: int) -> None:
    """For wrong types anywhere, and for truncated files."""
    body = entry(postData={"mimeType": "a/b", "text": GOOD})
    tree: dict[str, Any] = {"log": {"entries": [body]}}
    log, request = tree["log"], body["request"]
    holders: dict[str, tuple[Any, Any]] = {
        "log": (tree, "log"),
        "entries": (log, "entries"),
        "entry": (log["entries"], 0),
        "request": (body, "request"),
        "header": (request["headers"], 1),
        "text": (request["postData"], "text"),
        "encoding": (request["postData"], "encoding"),
    }
    holder, key = holders.get(where, (request, where))
    holder[key] = value
    data = json.dumps(tree).encode()
    for one in (data, data[:cut_at]):
        try:
            samples = read_samples(one)
        except RequestFileError as error:
            assert error.line == 1  # noqa: PT017 - most are refused, not all
            continue
        for each in samples:
            report = ENGINE.validate(Request("2001", "", each.request.headers, each.request.body, Caller.customer("1")))
            for place in map(each.locate, report.failures, report.regions()):
                assert place.start <= place.end


def test_time_is_linear() -> None:
    """In nested long names, many headers, and many failures in one long body."""
    deep = b'{"' + b"n" * 10_000 + b'": '
    assert read(b'{"log": {"entries": []}, "a": ' + deep * 500 + b"1" + b"}" * 501, ENDPOINT).samples == ()
    (sample,) = read_samples(archive(entry(headers=[{"name": "a", "value": "b"}] * 20_000, x=["\n"] * 100_000), indent=1))
    assert len(tuple(sample.request.headers)) == 20_001
    (sample,) = read_samples(archive(entry(json.dumps({f"n{number}": 1 for number in range(200)} | {"z": ["a"] * 100_000}))))
    report = ENGINE.validate(Request("2001", "", sample.request.headers, sample.request.body, Caller.customer("1")))
    assert len(set(map(sample.locate, report.failures, report.regions()))) == 100


def test_lone_surrogate_in_a_body_is_not_utf_8() -> None:
    """JSON can escape it, but a request cannot contain it."""
    (sample,) = read_samples(archive(entry(body='"\ud800"')))
    report = ENGINE.validate(Request("2001", "", sample.request.headers, sample.request.body, Caller.customer("1")))
    assert [failure.code for failure in report.failures] == ["400-711"]


def test_the_command_reads_archives() -> None:
    """Each failure has its line of the file. Requests to other operations are counted."""
    bad = BAD.replace("\n", "")
    data = archive(entry(), entry(bad), entry(method="GET"), entry(url=URL + "?x=1"), indent=1).decode()
    outcome = run("check", "--isolated", write_here(data))
    lines = data.split("\n")
    (body,) = [number for number, line in enumerate(lines, 1) if json.dumps(bad) in line]
    (url,) = [number for number, line in enumerate(lines, 1) if "?x=1" in line]
    column = lines[body - 1].index("1}") + 1
    assert outcome.stdout.splitlines()[:3] == [
        f"a.har:{body}:{column}: 400-722 Attribute 'subject' must be text.",
        f"a.har:{url}:{lines[url - 1].index('x=1') + 1}: 400-101 Unsupported query parameter(s) supplied: 'x'.",
        "2 requests failed (2 failures), 1 passed, 3 checked",
    ]
    assert outcome.stdout.splitlines()[-1] == "skipped: 1 request of other operations"


@pytest.fixture(autouse=True)
def _here(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("har"))


def write_here(data: str) -> str:
    """Write an archive."""
    return write("a.har", data)


FORM = "application/x-www-form-urlencoded"
PARAMS = [{"name": "a b", "value": "\u00e9"}, {"name": "c", "value": ""}]


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ({"postData": {"mimeType": f"{FORM}; charset=UTF-8", "params": PARAMS}, "bodySize": 12}, b"a+b=%C3%A9&c="),
        ({"postData": {"mimeType": "", "text": "", "params": []}, "bodySize": 0}, None),
        ({"postData": {"mimeType": "a/b"}, "headers": [{"name": "Content-Length", "value": "0"}]}, None),
        ({"postData": None, "headers": [{"name": "content-length", "value": " 00"}], "bodySize": -1}, None),
        ({"postData": None, "bodySize": -1}, None),
        ({"postData": None}, None),
    ],
)
def test_body_without_a_text(more: dict[str, Any], body: bytes | None) -> None:
    """It is that of a form, or there was none."""
    (sample,) = read_samples(archive(entry(**more)))
    assert sample.request.body == body


@pytest.mark.parametrize(
    ("more", "reason", "place"),
    [
        ({"postData": None, "bodySize": 5}, "postData is missing", f'"{URL}"'),
        ({"postData": None, "headers": [{"name": "Content-Length", "value": "9" * 5000}]}, "postData is missing", f'"{URL}"'),
        ({"postData": None, "headers": [{"name": "Transfer-Encoding", "value": "chunked"}]}, "postData is missing", f'"{URL}"'),
        ({"postData": {}}, "postData has no text", "{"),
        ({"postData": {"text": ""}, "bodySize": -1}, "postData has no text", "{"),
        ({"postData": {"comment": " not\n kept "}, "bodySize": 0}, "not kept", "{"),
        ({"postData": {"_sha1": "0a", "text": ""}, "bodySize": 0}, "it is in another file, '0a'", "{"),
        (
            {"postData": {"mimeType": "multipart/form-data", "params": PARAMS}},
            "postData has the parameters of a form, but no text",
            "{",
        ),
    ],
)
def test_body_that_was_not_recorded_is_unknown(more: dict[str, Any], reason: str, place: str) -> None:
    """The other entries are read."""
    data = archive(entry(), entry(**more), entry(method="PUT", **more))
    samples, others, (unchecked,) = read(data, ENDPOINT)
    (problem,) = unchecked.problems
    assert (len(samples), others, problem.is_unknown) == (1, 1, True)
    assert (problem.reason, cut(data, problem.region)) == (f"the body was not recorded: {reason}", place)


@pytest.mark.parametrize(
    "invalid",
    [
        None,
        {},
        {"request": {"method": "POST"}},
        entry(headers={}),
        entry(postData=1),
        entry(postData={"mimeType": FORM, "params": [1]}),
    ],
)
def test_invalid_entry_does_not_stop_the_others(invalid: Any) -> None:
    """It is an error, and none of another operation."""
    samples, others, (unchecked,) = read(archive(entry(), invalid, entry()), ENDPOINT)
    assert (len(samples), others, [problem.is_unknown for problem in unchecked.problems]) == (2, 0, [False])
    assert unchecked.problems[0].reason.startswith("invalid HTTP archive: /log/entries/1/request")


def test_repeated_member_of_an_entry_does_not_stop_the_others() -> None:
    """Its place is the second name."""
    second = f'{{"request": {{"method": "POST", "url": "", "url": "{URL}", "headers": []}}}}'
    text = f'{{"log": {{"entries": [{json.dumps(entry())}, {second}]}}}}'
    samples, others, (unchecked,) = read(text.encode(), ENDPOINT)
    (problem,) = unchecked.problems
    assert (len(samples), others, problem.reason) == (1, 0, "repeated member 'url'; remove all but one")
    assert cut(text.encode(), problem.region) == '"url"'
