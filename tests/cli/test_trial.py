"""A trial as of a new user: a monorepo with two services, files of both dialects, recordings, and a job in CI."""

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.commands import BAD, GOOD, Result, run, write
from tests.inputs import recordings
from tests.inputs.test_recordings import NAME, position

# In the style of REST Client for Visual Studio Code.
VSCODE: Final = """\
@host = https://api.example.com
@path = {{host}}/activities/2001/email-response
@subject = a

### valid, with a query over several lines
# @name answer
POST {{path}}
    ?customer=1001
# a comment among headers
Content-Type: application/json
X-Request-Id: {{$guid}}

{"type": {"value": "email", "subtype": {"value": "general"}},
 "subject": "{{subject}}"}

### a number as subject
POST {{path}} HTTP/1.1
content-type: application/json

{"type": {"value": "email", "subtype": {"value": "general"}},
 "subject": 1}

### an undefined variable
POST {{paht}} HTTP/1.1
Content-Type: application/json

{}

###
GET {{host}}/activities/2001 HTTP/1.1

### no blank line before the body
POST {{path}}
Content-Type: application/json
{"type": {"value": "email", "subtype": {"value": "general"}}}

### a value of another response, in a header that is not checked
post {{path}}
Content-Type: application/json
Authorization: Bearer {{answer.response.body.token}}

{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}

### a value that is only known when the request is sent
POST {{path}}
Content-Type: application/json

{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "{{$processEnv SUBJECT}}"}

### the body of a file, which lacks an attribute
POST {{path}}
Content-Type: application/json

< ../bodies/without-type.json

### two slashes in the path belong to the operation too
POST {{host}}//activities/0/email-response/
Content-Type: application/json

{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}

### a misspelt directive
# @expct 400-722
POST {{path}}
Content-Type: application/json

{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": 1}
"""
# In the style of the HTTP Client of JetBrains.
JETBRAINS: Final = """\
< {%
    request.variables.set("now", "2026");
%}
### valid, with scripts around
// @no-log
POST {{gateway}}/activities/2001/email-response HTTP/2
Content-Type: application/json
Accept: application/json,
  application/xml;q=0.5

<@ ../bodies/good.json

> {%
    client.test("created", () => client.assert(response.status === 201));
%}
<> 2026-11-20T101112.201.json

### another gateway in the query
POST {{gateway}}/activities/2001/email-response?customer=00 HTTP/1.1
Content-Type: application/json

{
  "type": {"value": "email", "subtype": {"value": "general"}},
  "subject": "a"
}

> ./handler.js

### without a method
{{gateway}}/activities

### refused as expected
# @expect 400-722
POST {{gateway}}/activities/2001/email-response
Content-Type: application/json

{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": 1}

>>! answers/refused.json

### accepted, against the expectation
# @expect 400-722
POST {{gateway}}/activities/2001/email-response
Content-Type: application/json

{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "1"}

### a file that is missing
POST {{gateway}}/activities/2001/email-response
Content-Type: application/json

< ../bodies/missing.json
"""
RATING: Final = """\
# @caller nobody
POST /activities/2001/rate-activity
Content-Type: application/json

{"reason": "late"}
###
POST /activities/2001/rate-activity
Content-Type: application/json

{"reason": "other"}
###
POST /activities/2001/rate-activity
Content-Type: application/json

{"reason": "other", "comment": "near miss"}
###
POST /activities/2001/email-response
Content-Type: application/json

{}
"""
HARS: Final = {one.__name__: one() for one in (recordings.chrome, recordings.firefox, recordings.charles, recordings.mitmproxy,
                                              recordings.playwright)}  # fmt: skip


class Entry(NamedTuple):
    """A finding, as each format has it. file: from the root of the repository."""

    file: str
    line: int
    column: int
    code: str


@pytest.fixture
def _monorepo() -> None:
    subprocess.run(["git", "init", "--quiet"], check=True)
    write("mail/activity-validator.toml", 'payloads = ["requests", "recordings"]\n')
    write("mail/requests/vscode.http", VSCODE), write("mail/requests/jetbrains.http", JETBRAINS.replace("\n", "\r\n"))
    write("mail/requests/http-client.env.json", '{"dev": {"gateway": "https://gateway.example.com"}}')
    write("mail/requests/short.rest", f"\ufeffPOST /activities/2001/email-response\nContent-Type: application/json\n\n{BAD}")
    write("mail/bodies/good.json", GOOD), write("mail/bodies/without-type.json", '{\n  "subject": "a"\n}\n')
    write("mail/requests/reject/400-722-number.json", BAD), write("mail/requests/good.json", GOOD)
    for name, text in HARS.items():
        write(f"mail/recordings/{name}.har", text)
    assert run("new", "rate-activity", "--folder", "rating").exit_code == 0
    write("rating/activity-validator.toml", 'home = "."\npayloads = ["requests"]\n')
    write("rating/requests/all.http", RATING), write("rating/requests/bad.json", '{"reason": "Other"}')


def list_recorded() -> Iterable[Entry]:
    """Return the findings about the recordings: each has one wrong body, and some whose body was not kept."""
    for name, text in HARS.items():
        line, column = position(text, text.index(NAME)).split(":")
        yield Entry(f"mail/recordings/{name}.har", int(line), int(column), "400-721")
        lost = f'"{recordings.URL}"' if name == "chrome" else "{"  # chrome has no postData, so that the URL is shown
        start = f'"url": {lost}' if name == "chrome" else f'"postData": {lost}'
        end = len(text)
        for _ in range(2 if name == "playwright" else 1):
            end = text.rindex(start, 0, end)
            line, column = position(text, end + start.index(lost)).split(":")
            yield Entry(f"mail/recordings/{name}.har", int(line), int(column), "C105")


REQUESTS: Final = 10 + 6 + 1 + 2 + 22 + 4 + 1  # requests in the files above
ENTRIES: Final = sorted([
    Entry("mail/bodies/without-type.json", 1, 1, "400-720"),
    Entry("mail/requests/jetbrains.http", 19, 49, "400-105"),
    Entry("mail/requests/jetbrains.http", 43, 1, "C102"),
    Entry("mail/requests/jetbrains.http", 52, 1, "C104"),
    Entry("mail/requests/short.rest", 5, 13, "400-722"),
    Entry("mail/requests/vscode.http", 21, 13, "400-722"),
    Entry("mail/requests/vscode.http", 24, 6, "C104"),
    Entry("mail/requests/vscode.http", 35, 1, "C104"),
    Entry("mail/requests/vscode.http", 48, 75, "C105"),
    Entry("mail/requests/vscode.http", 57, 27, "400-108"),
    Entry("mail/requests/vscode.http", 63, 1, "C104"),
    Entry("rating/requests/all.http", 2, 1, "401-101"),
    Entry("rating/requests/all.http", 10, 1, "400-801"),
    Entry("rating/requests/bad.json", 1, 12, "400-196"),
    *list_recorded(),
])  # fmt: skip
SUMMARY: Final = ["14 requests failed (14 failures), 12 passed, 26 checked", "not readable: 4 requests"]
SKIPPED: Final = (
    "skipped: 13 files outside the configured payloads, 9 requests of other operations, 7 requests with unknown parts"
)


def read_text(text: str) -> Iterable[Entry]:
    """Return the findings in text."""
    for match in re.finditer(r"^(\S+):(\d+):(\d+): (\S+) ", text, re.MULTILINE):
        yield Entry(match[1], int(match[2]), int(match[3]), match[4])


def read_json(text: str) -> Iterable[Entry]:
    """Return the findings in JSON; a report without the expected failures stands for C102."""
    document: dict[str, Any] = json.loads(text)
    for report in document["reports"]:
        if not report["as_expected"]:
            for one in report["failures"] or [{"line": report["line"], "column": 1, "code": "C102"}]:
                yield Entry(one.get("file", report["file"]), one["line"], one["column"], one["code"])
    for one in document["findings"]:
        yield Entry(one["file"], one["line"], one["column"], one["code"])


def read_github(text: str) -> Iterable[Entry]:
    """Return the findings in annotations."""
    for match in re.finditer(r"^::(?:error|notice) file=([^,]+),line=(\d+),.*?col=(\d+),.*?title=(\S+) ", text, re.MULTILINE):
        yield Entry(match[1], int(match[2]), int(match[3]), match[4])


def read_sarif(text: str) -> Iterable[Entry]:
    """Return the findings in SARIF."""
    for result in json.loads(text)["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        region = place["region"]
        yield Entry(place["artifactLocation"]["uri"], region["startLine"], region["startColumn"], result["ruleId"])


READERS: Final = {"text": read_text, "json": read_json, "github": read_github, "sarif": read_sarif}


def check(form: str, *paths: str) -> Result:
    """Run the command; nothing is written on standard error."""
    result = run("check", "--format", form, *paths)
    assert (result.exit_code, result.stderr) == (1, "")
    return result


@pytest.mark.usefixtures("_monorepo")
@pytest.mark.parametrize("form", READERS)
def test_every_failure_is_found_at_its_place(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the root, and from a folder below: every good request passes, and nothing else is found."""
    root = Path.cwd()
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    assert sorted(READERS[form](check(form, "mail", "rating").stdout)) == ENTRIES
    monkeypatch.chdir("mail/requests")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(root))
    found = list(READERS[form](check(form, "..", "../../rating").stdout))
    if form in {"text", "json"}:  # they name files as a shell does
        found = [one._replace(file=Path(one.file).resolve().relative_to(root.resolve()).as_posix()) for one in found]
    assert sorted(found) == ENTRIES


@pytest.mark.usefixtures("_monorepo")
def test_every_request_is_counted() -> None:
    """Checked, not readable, with unknown parts or of another operation: their sum is the number of those written."""
    lines = check("text", "mail", "rating").stdout.splitlines()
    assert lines[-4:] == [*SUMMARY, lines[-2], SKIPPED]
    counts = json.loads(check("json", "mail", "rating").stdout)["summary"]
    names = ("checked", "unreadable_requests", "unknown_requests", "requests_of_other_operations")
    assert sum(counts[name] for name in names) == REQUESTS
    assert (counts["files_not_checked"], counts["files_of_other_operations"]) == (0, 0)


@pytest.mark.usefixtures("_monorepo")
def test_services_are_linted_in_one_run() -> None:
    """The new service is clean."""
    assert run("lint") == Result(0, "1 operation in rating/schemas (rate-activity): 0 findings.\n", "")
