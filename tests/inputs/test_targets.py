"""A request of a file belongs to an operation if middleware in front of a server would validate it."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from tests.commands import BAD, run, write
from tests.servers.parts import ENGINE
from tests.servers.test_routes import FORMS
from validator.enforcement import REPORT_KEY
from validator.wsgi import Middleware
from validator.wsgi.body import Environ
from validator.wsgi.middleware import StartResponse

BODY = BAD.replace("\n", "")
MESSAGE = "400-722 Attribute 'subject' must be text."
OWN = [
    "/activities/2001/email-response",
    "/activities/2001/email-response/",
    "/Activities/2001/EMAIL-RESPONSE",
    "//activities/2001//email-response",
    "/v1/activities/2001/email-response.json",
    "/%61ctivities/2001/email%2Dresponse",
    "/activities/./2001/email-response",
    "/x/../activities/2001/email-response",
    "/api;v=1/activities/2001/email-response",
]
OTHERS = ["/activities/2001/email-responses", "/activities/2001/1/email-response", "/activities/2001"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(name: str, text: str) -> tuple[int, list[str], str]:
    """Return the exit status, the lines without the one on rules that need reference data, and the errors of a check."""
    outcome = run("check", "--isolated", write(name, text))
    return outcome.exit_code, [line for line in outcome.stdout.splitlines() if "reference data" not in line], outcome.stderr


def write_http(targets: Sequence[str], method: str = "POST") -> str:
    """Return a file of requests, each of five lines, and of a variable."""
    head, tail = "HTTP/1.1\nContent-Type: application/json\n\n", "###\n@host = api.example.com/gateway\n"
    return "".join(f"### a\n{method} {target} {head}{BODY}\n" for target in targets) + tail


def write_har(targets: Sequence[str], method: str = "POST") -> str:
    """Return a recording whose requests are in one line each, after the first line."""
    headers = [{"name": "Content-Type", "value": "application/json"}]
    entries = [
        {"request": {"url": url, "method": method, "headers": headers, "postData": {"text": BODY}, "bodySize": len(BODY)}}
        for url in targets
    ]
    return '{"log": {"entries": [\n' + ",\n".join(map(json.dumps, entries)) + "]}}"


def summary(failed: int, skipped: int) -> list[str]:
    """Return the last lines of a check in which every request of the operation fails with one failure."""
    plural = "s" * (failed != 1)
    counts = f"{failed} request{plural} failed ({failed} failure{plural}), 0 passed, {failed} checked"
    return [counts, f"skipped: {skipped} request{'s' * (skipped != 1)} of other operations"]


@pytest.mark.parametrize("origin", ["", "https://api.example.com", "HTTP://user@x.de:8080/gateway", "{{host}}"])
def test_http_file(origin: str) -> None:
    """Every form of the path is validated, and other paths are counted."""
    status, lines, errors = check("a.http", write_http([origin + path for path in OWN + OTHERS]))
    failures = [f"a.http:{5 * number}:{BODY.index('1') + 1}: {MESSAGE}" for number in range(1, len(OWN) + 1)]
    assert (status, lines, errors) == (1, failures + summary(len(OWN), len(OTHERS)), "")


@pytest.mark.parametrize("method", ["POST", "post", "Post"])
def test_archive(method: str) -> None:
    """Frameworks ignore the case of a method, and some recorders write it in lower case."""
    text = write_har([f"https://x.de{path}" for path in OWN + OTHERS], method)
    status, lines, errors = check("a.har", text)
    columns = [line.index("1}", line.index("subject")) + 1 for line in text.splitlines()[1 : 1 + len(OWN)]]
    failures = [f"a.har:{number}:{column}: {MESSAGE}" for number, column in enumerate(columns, start=2)]
    assert (status, lines, errors) == (1, failures + summary(len(OWN), len(OTHERS)), "")


@pytest.mark.parametrize("method", ["PUT", "GET", "POSTS"])
def test_other_method(method: str) -> None:
    """Nothing is left to check, which is an error."""
    reason = "no request to POST /activities/{ids}/email-response in the file, 1 to other operations"
    for name, text in {"a.http": write_http(OWN[:1], method), "a.har": write_har(OWN[:1], method)}.items():
        assert check(name, text) == (2, [], f"activity-validator: error: {name}: {reason}\n")


def test_forms_that_disagree_about_the_id() -> None:
    """An application could read another ID than this package, so that the request is refused, at the characters of the ID."""
    text = write_http(["/activities/2001%2F/email-response", "/activities/2001%5cx/email-response"]).replace("1}", '"a"}')
    failures = [
        "a.http:2:18: 400-108 The path parameter 'ids' must be an activity ID: 1 to 19 digits without a leading zero.",
        "a.http:7:18: 400-108 The path parameter 'ids' must be an activity ID: 1 to 19 digits without a leading zero.",
    ]
    counts = "2 requests failed (2 failures), 0 passed, 2 checked"
    assert check("a.http", text) == (1, [*failures, counts], "")


@pytest.mark.parametrize("path", [*OWN, *OTHERS, *FORMS, "/activities/a%00b/email-response", "/activities;2001/email-response"])
def test_middleware_validates_the_same_requests(path: str) -> None:
    """One component decides, for files and servers: the application is reached without a report by other requests only."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": unquote_to_bytes(path.partition("?")[0]).decode("latin-1"),
        "RAW_URI": path,
        "wsgi.input": io.BytesIO(),
    }
    reached: list[bool] = []

    def application(environ: Environ, _start_response: StartResponse) -> list[bytes]:
        reached.append(REPORT_KEY in environ)
        return []

    Middleware(application, ENGINE, lambda _: None)(environ, lambda *_: None)
    assert (ENGINE.endpoint.extract_ids("POST", path.partition("?")[0]) is None) == (reached == [False])


@pytest.mark.parametrize("body", ['{"subject": 1}', '  "a/b": 1', "[1.5]", "<activity/>"])
def test_body_without_a_request_line_is_not_a_request_to_another_operation(body: str) -> None:
    """Its request line is missing, such as after a separator that stands in a body."""
    reason = f"invalid request line {body!r}; expected one such as 'POST /activities/{{ids}}/email-response HTTP/1.1'"
    finding = f"a.http:2:1: C104 {reason[0].upper()}{reason[1:]}."
    assert check("a.http", f"###\n{body}\n") == (1, [finding, "not readable: 1 request"], "")
