"""HTTP archives: the requests in them, where their parts stand, and what is told of files that are none."""

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
from validator.inputs.sample import RequestFileError
from validator.model.location import Region
from validator.model.request import Request

ENDPOINT = Endpoint("POST", "/activities/{ids}/email-response")
URL = "https://x.de/v1/activities/2001/email-response"
ENGINE = load("create-email-response", lazy=True)
WITHOUT_TEXT = "the body was not recorded: postData has no text; record the request again, with its body"
NO_ENCODINGS: tuple[object, ...] = ("gzip", [], {}, 0, False)


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


def cut(data: bytes, region: Region) -> str:
    """Return what stands in a region of one line of a file."""
    (line, start), (_, end) = region
    return data.decode().split("\n")[line - 1][start - 1 : end - 1]


def test_a_request_has_all_its_parts() -> None:
    """Pseudo-headers of HTTP/2 are none; the fragment is never sent."""
    data = archive(entry(url=URL + "?customer=1002&a#top"), indent=1)
    (sent,), others = read(data, ENDPOINT)
    headers = (("Content-Type", "application/json"),)
    assert (sent.request, others) == (Request("2001", "customer=1002&a", headers, GOOD.encode()), 0)
    assert (sent.name, sent.has_caller, sent.expected_codes, sent.body_limit) == (
        "POST /v1/activities/2001/email-response",
        False,
        None,
        None,
    )
    assert cut(data, sent.region) == json.dumps(URL + "?customer=1002&a#top")
    assert cut(data, sent.parts["header content-type"]) == '"application/json"'


def test_entries_of_other_operations_are_counted() -> None:
    """By method and path."""
    data = archive(entry(), entry(method="GET"), entry(url="https://x.de/"), entry(url=URL + "/x"), entry(body=None))
    sent, others = read(data, ENDPOINT)
    assert ([one.request.body for one in sent], others) == ([GOOD.encode(), None], 3)


def test_the_media_type_of_the_body_stands_in_for_a_header_that_was_not_recorded() -> None:
    """Some recorders strip headers; without either the operation has its default."""
    (sent,), _ = read(archive(entry(headers=[])), ENDPOINT)
    assert sent.request.headers == (("Content-Type", "application/json"),)
    (sent,), _ = read(archive(entry(headers=[], postData={"text": GOOD})), ENDPOINT)
    assert sent.request.headers == ()


@pytest.mark.parametrize("key", ["encoding", "_encoding"])
def test_a_body_may_be_encoded(key: str) -> None:
    """A fault in it stands at the whole text."""
    text = b64encode(BAD.encode()).decode()
    data = archive(entry(postData={"mimeType": "application/json", "text": text, key: "base64"}))
    (sent,), _ = read(data, ENDPOINT)
    report = ENGINE.validate(Request("2001", "", sent.request.headers, sent.request.body, Caller.customer("1")))
    assert sent.request.body == BAD.encode()
    assert cut(data, sent.locate(report.failures[0], report.regions()[0])) == f'"{text}"'


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
    lambda name: name not in {"type", "subject", "payload", "issueType", "attachments", "customAttributes"}
)


@given(name=names, ascii_only=st.booleans(), inner=st.booleans(), indent=st.sampled_from([None, 1, 4]), mark=st.booleans())
def test_a_fault_stands_where_it_stands_in_the_file(
    *,
    name: str,
    ascii_only: bool,
    inner: bool,
    indent: int | None,
    mark: bool,
) -> None:
    """Its escaped text, cut out of the file, is the member's name, whatever was escaped and how."""
    body = "\ufeff" * mark + json.dumps(
        {"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "😀\t", name: 1},
        ensure_ascii=inner,
        indent=indent,
    )
    data = archive(entry(body=body), ensure_ascii=ascii_only, indent=indent)
    (sent,), _ = read(data, ENDPOINT)
    report = ENGINE.validate(Request("2001", "", sent.request.headers, sent.request.body, Caller.customer("1")))
    assert [failure.code for failure in report.failures] == ["400-721"]
    told = cut(data, sent.locate(report.failures[0], report.regions()[0]))
    assert json.loads(json.loads(f'"{told}"')) == name


def test_a_fault_at_the_end_of_a_body_is_inside_its_text() -> None:
    """Where nothing follows."""
    data = archive(entry(body='{"a": '))
    (sent,), _ = read(data, ENDPOINT)
    report = ENGINE.validate(Request("2001", "", sent.request.headers, sent.request.body, Caller.customer("1")))
    (line, start), end = sent.locate(report.failures[0], report.regions()[0])
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
            "the body was not recorded: bodySize is positive and postData is missing; record the request again, with its body",
        ),
        (
            archive(entry(body="", bodySize=5)),
            "the body was not recorded: postData has no text; record the request again, with its body",
        ),
        (
            archive(entry(postData={"text": None}, bodySize=False)),
            "the body was not recorded: postData has no text; record the request again, with its body",
        ),
        (archive(entry(postData={"text": "=", "encoding": "base64"})), "invalid base64 in the text of postData: "),
        (archive(entry(postData={"text": "\xe9", "_encoding": "base64"})), "invalid base64 in the text of postData: "),
        *[
            (
                archive(entry(postData={"text": GOOD, key: value})),
                f"unsupported {key} of postData; expected 'base64', or none for plain text",
            )
            for key in ("encoding", "_encoding")
            for value in NO_ENCODINGS
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
def test_what_is_no_archive_is_told_in_words(data: bytes, reason: str) -> None:
    """Never another exception."""
    with pytest.raises(RequestFileError) as caught:
        read(data, ENDPOINT)
    assert (caught.value.line, str(caught.value)[: len(reason)]) == (1, reason)


def refused(data: bytes) -> tuple[int, str]:
    """Return the line and the reason."""
    with pytest.raises(RequestFileError) as caught:
        read(data, ENDPOINT)
    return caught.value.line, str(caught.value)


def test_the_line_of_what_is_wrong_is_told() -> None:
    """It is the value's, or that of what lacks it; nesting is told where it becomes deeper than any body may be."""
    assert refused(archive(entry(), entry(headers={}), indent=1))[0] == 38
    assert refused(b'{"log":\n{"entries":\n[{}]}}') == (3, "invalid HTTP archive: /log/entries/0/request/method must be a string")
    assert refused(b"\n\xc3\xa9\n\n\xff") == (4, "the file holds bytes that are not UTF-8; save it as UTF-8")
    assert refused(b'{"a": [],\r\n"b": "[{"\n, "c":\n' + b"\n[" * 99_999)[0] == 104
    assert refused(b'\r\n{"log": {}\n,}')[0] == 3


def test_a_deep_tree_whose_depth_is_no_wonder_has_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is the caller who has left no room."""

    def too_deep(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("validator.inputs.har_file.json.loads", too_deep)
    assert refused(b"{\n}") == (2, "the JSON is nested too deep")


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
def test_a_request_is_not_read_from_members_that_are_there_twice(text: str, line: int, name: str) -> None:
    """Readers differ in which they take."""
    assert refused(text.encode()) == (line, f"repeated member {name!r}; remove all but one")


def test_what_is_not_the_request_is_the_writers_affair() -> None:
    """Repeated members, numbers of any length, lone surrogates, and trees deeper than a body's; RFC 8259 leaves them open."""
    data = archive(entry())[:-2] + b', "a": 1, "a": "\\ud800", "b": ' + b"[" * 200 + b"1" * 5000 + b"]" * 200 + b"}}"
    (sent,), others = read(data, ENDPOINT)
    assert (sent.request.body, others) == (GOOD.encode(), 0)


def test_no_body_is_told_from_a_lost_one() -> None:
    """The recording says that nothing was sent; a fault then stands at the URL."""
    bodies = ({"postData": None}, {"postData": {"mimeType": "a/b"}, "bodySize": 0}, {"postData": {"text": None}, "bodySize": 0})
    for more in bodies:
        data = archive(entry(**more))
        (sent,), _ = read(data, ENDPOINT)
        assert sent.request == Request("2001", "", (("Content-Type", "application/json"),), None)
        report = ENGINE.validate(Request("2001", "", (), None, Caller.customer("1")))
        assert [cut(data, place) for place in map(sent.locate, report.failures, report.regions())] == [f'"{URL}"']


def test_the_query_is_as_it_was_recorded() -> None:
    """Nothing is taken away or decoded; what stands before the path is not judged."""
    url = "http://[x/activities/20%301/email-response?a=\t\u00e9%20?\n&b#c?d"
    data = archive(entry(url=url))
    (sent,), _ = read(data, ENDPOINT)
    assert (sent.request.ids, sent.request.query) == ("2001", "a=\t\u00e9%20?\n&b")
    assert (cut(data, sent.parts["path"]), cut(data, sent.parts["query"])) == ("20%301", "a=\\t\\u00e9%20?\\n&b")
    assert sent.name == "POST /activities/20%301/email-response"


def test_a_comment_names_a_request() -> None:
    """In one line; an ID of a page would name many."""
    data = archive(entry() | {"comment": " A\n first", "pageref": "page_1"}, entry() | {"comment": 1}, entry() | {"comment": " "})
    sent, _ = read(data, ENDPOINT)
    path = "POST /v1/activities/2001/email-response"
    assert [one.name for one in sent] == ["A first", path, path]


def test_places_of_headers_are_those_of_their_values() -> None:
    """Of several the first; the media type of the body where it stands in for the header; none where there is neither."""
    names = ("X", "Accept", "accept", "content-length")
    headers = [{"name": name, "value": f"{number}"} for number, name in enumerate(names)]
    data = archive(entry(headers=headers, postData={"mimeType": "a/b", "text": "{}"}), indent=1)
    (sent,), _ = read(data, ENDPOINT)
    assert sent.request.headers == (
        ("X", "0"),
        ("Accept", "1"),
        ("accept", "2"),
        ("content-length", "3"),
        ("Content-Type", "a/b"),
    )
    report = ENGINE.validate(Request("2001", "", sent.request.headers, sent.request.body, Caller.customer("1")))
    assert [(failure.code, cut(data, sent.locate(failure, None))) for failure in report.failures] == [("406-101", '"1"')]
    parts = {name: cut(data, region) for name, region in sent.parts.items()}
    assert parts == {
        "path": "2001",
        "header x": '"0"',
        "header accept": '"1"',
        "header content-length": '"3"',
        "header content-type": '"a/b"',
    }


def test_a_byte_order_mark_of_the_file_takes_no_column() -> None:
    """As in every other file."""
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
def test_whatever_stands_anywhere_there_is_no_other_exception(value: Any, where: str, cut_at: int) -> None:
    """Wrong types in every place, and files cut off."""
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
            sent, _ = read(one, ENDPOINT)
        except RequestFileError as error:
            assert error.line == 1  # noqa: PT017 - most are refused, not all
            continue
        for each in sent:
            report = ENGINE.validate(Request("2001", "", each.request.headers, each.request.body, Caller.customer("1")))
            for place in map(each.locate, report.failures, report.regions()):
                assert place.start <= place.end


def test_time_is_linear() -> None:
    """Long names around each other, many headers, and many faults in one long body."""
    deep = b'{"' + b"n" * 10_000 + b'": '
    assert read(b'{"log": {"entries": []}, "a": ' + deep * 500 + b"1" + b"}" * 501, ENDPOINT).samples == ()
    (sent,), _ = read(archive(entry(headers=[{"name": "a", "value": "b"}] * 20_000, x=["\n"] * 100_000), indent=1), ENDPOINT)
    assert len(tuple(sent.request.headers)) == 20_001
    (sent,), _ = read(archive(entry(json.dumps({f"n{number}": 1 for number in range(200)} | {"z": ["a"] * 100_000}))), ENDPOINT)
    report = ENGINE.validate(Request("2001", "", sent.request.headers, sent.request.body, Caller.customer("1")))
    assert len(set(map(sent.locate, report.failures, report.regions()))) == 100


def test_a_lone_surrogate_in_a_body_is_not_utf_8() -> None:
    """JSON can escape it, no request can hold it."""
    (sent,), _ = read(archive(entry(body='"\ud800"')), ENDPOINT)
    report = ENGINE.validate(Request("2001", "", sent.request.headers, sent.request.body, Caller.customer("1")))
    assert [failure.code for failure in report.failures] == ["400-711"]


def test_the_command_reads_archives() -> None:
    """Each fault stands in its own line of the file; other operations are counted."""
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
