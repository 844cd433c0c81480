"""HTTP archives: the requests in them, where their parts stand, and what is told of files that are none."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.commands import BAD, GOOD, run, write
from validator import Caller, load
from validator.endpoint import Endpoint
from validator.har_file import HarFileError, read
from validator.report import Region
from validator.request import Request

ENDPOINT = Endpoint("POST", "/activities/{ids}/email-response")
URL = "https://x.de/v1/activities/2001/email-response"
ENGINE = load("create-email-response", lazy=True)


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
    assert (sent.name, sent.caller_given, sent.expected, sent.limit) == (
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
    assert cut(data, sent.place(report.failures[0], report.regions()[0])) == f'"{text}"'


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
    told = cut(data, sent.place(report.failures[0], report.regions()[0]))
    assert json.loads(json.loads(f'"{told}"')) == name


def test_a_fault_at_the_end_of_a_body_is_inside_its_text() -> None:
    """Where nothing follows."""
    data = archive(entry(body='{"a": '))
    (sent,), _ = read(data, ENDPOINT)
    report = ENGINE.validate(Request("2001", "", sent.request.headers, sent.request.body, Caller.customer("1")))
    (line, start), end = sent.place(report.failures[0], report.regions()[0])
    assert (line, start, end) == (1, data.index(b'\\"a\\": "') + len('\\"a\\": ') + 1, (line, start))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "not well-formed JSON: Expecting property name enclosed in double quotes"),
        (b"1" * 5000, "JSON that cannot be read: Exceeds the limit (4300 digits) for integer string conversion"),
        (b"[]", "an HTTP archive has a list at /log/entries"),
        (b"1", "an HTTP archive has a list at /log/entries"),
        (b'{"log": []}', "an HTTP archive has a list at /log/entries"),
        (b'{"log": {"entries": {}}}', "an HTTP archive has a list at /log/entries"),
        (archive(None), "an HTTP archive has a text at /log/entries/0/request/method"),
        (archive({"request": []}), "an HTTP archive has a text at /log/entries/0/request/method"),
        (archive(entry(method=1)), "an HTTP archive has a text at /log/entries/0/request/method"),  # type: ignore[arg-type]
        (archive(entry(url=None)), "an HTTP archive has a text at /log/entries/0/request/url"),  # type: ignore[arg-type]
        (
            archive(entry(url="http://[x/activities/1/email-response")),
            "'http://[x/activities/1/email-response' is no URL: Invalid IPv6 URL",
        ),
        (archive(entry(headers={})), "an HTTP archive has a list at /log/entries/0/request/headers"),
        (archive(entry(headers=[None])), "an HTTP archive has a text at /log/entries/0/request/headers/0/name"),
        (archive(entry(headers=[{"name": "a"}])), "an HTTP archive has a text at /log/entries/0/request/headers/0/value"),
        (archive(entry(postData="a")), "an HTTP archive has an object at /log/entries/0/request/postData"),
        (archive(entry(postData={"text": 1})), "an HTTP archive has a text at /log/entries/0/request/postData/text"),
        (archive(entry(postData={})), "the recording has lost the text of the body"),
        (
            archive(entry(body=None, bodySize=5)),
            "the recording has lost the body: bodySize is positive, and there is no postData",
        ),
        (archive(entry(postData={"text": "=", "encoding": "base64"})), "the text is not base64: "),
        (b'{"log": {"entries": ' + b"[" * 100_000, "JSON that cannot be read: maximum recursion depth exceeded"),
        (b"\xff", "not well-formed JSON: Expecting value"),
    ],
)
def test_what_is_no_archive_is_told_in_words(data: bytes, reason: str) -> None:
    """Never another exception."""
    with pytest.raises(HarFileError) as caught:
        read(data, ENDPOINT)
    assert (caught.value.line, str(caught.value)[: len(reason)]) == (1, reason)


def test_the_line_of_what_is_wrong_is_told() -> None:
    """It is the value's, or that of what lacks it."""
    with pytest.raises(HarFileError) as caught:
        read(archive(entry(), entry(headers={}), indent=1), ENDPOINT)
    assert caught.value.line == 38


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
        "1 file, 3 requests: 1 as expected, 2 findings.",
    ]
    assert outcome.stdout.splitlines()[-1] == "passed over: 1 request of other operations"


@pytest.fixture(autouse=True)
def _here(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("har"))


def write_here(data: str) -> str:
    """Write an archive."""
    return write("a.har", data)
