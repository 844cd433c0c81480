"""Files of requests in the style of the two public dialects: whole outputs, with positions."""

from pathlib import Path

import pytest

from tests.commands import GOOD, run, write

REST_CLIENT = """\
@hostname = api.example.com
@port = 8443
@host = {{hostname}}:{{port}}
@contentType = application/json
@subject = Phone, and contract

###

@activity = 2001

# @name answer
# @no-redirect
// @prompt token The token of the test user
POST https://{{host}}/v1/activities/{{activity}}/email-response HTTP/1.1
Content-Type: {{contentType}}
# a comment among the headers
Authorization: Bearer {{token}}
X-Request-Id: {{$guid}}

{
  "type": {"value": "email", "subtype": {"value": "general"}},
  // a comment in the body
  "subject": "{{subject}}"
}

### one parameter in each line, a method in lower case, a wrong parameter

post https://{{host}}/v1/activities/{{activity}}/email-response
    ?customer=1001
    &verbose=true
Content-Type: application/json

{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "{{$timestamp -1 d}}"}

### a failure in a value, and one after it

POST https://{{host}}/v1/activities/{{activity}}/email-response HTTP/2
Content-Type: application/json

{"type": {"value": "{{contentType}}", "subtype": {"value": "general"}}, "subject": "a",
 "note": "{{$randomInt 5 200}}"}

### bodies of files

POST https://{{host}}/v1/activities/{{activity}}/email-response
Content-Type: application/json

< ./bodies/good.json

###

POST https://{{host}}/v1/activities/{{activity}}/email-response
Content-Type: application/json

<@ ./bodies/template.json

###

POST https://{{host}}/v1/activities/{{activity}}/email-response
Content-Type: application/xml

<@latin1 bodies/latin.xml

### values of another request

POST https://{{host}}/v1/activities/{{answer.response.body.$.id}}/email-response
Content-Type: application/json
X-Previous: {{answer.response.headers.Location}}

{}

### other operations

https://{{host}}/v1/activities?page=2
###
GET {{undefined}}/v1/activities/2001/email-response

###
PUT https://{{host}}/v1/activities/2001
Content-Type: application/json
{}
"""

TEMPLATE = """\
{"type": {"value": "email", "subtype": {"value": "general"}},
 "subject": "{{subject}}", "issueType": {"id": "{{activity}}a"},
 "payload": "{{missing}}"}
"""
TYPE = "<type><value>email</value><subtype><value>general</value></subtype></type>"
LATIN = f"<activity>{TYPE}\r\n<subject>\xe9</subject> <x/></activity>"
DIRECTIVES = "# @note\n# @timeout 5\n// @use-os-credentials\nimport x.http\nrun #login\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()


def check(*files: str) -> tuple[int, list[str], str]:
    """Return the exit status, the lines without the one on rules that need reference data, and the errors of a check."""
    outcome = run("check", "--isolated", *files)
    return outcome.exit_code, [line for line in outcome.stdout.splitlines() if "reference data" not in line], outcome.stderr


def test_rest_client() -> None:
    """Each failure has its place, in the file or in one that it includes, and nothing else is reported."""
    write("bodies/good.json", "\ufeff" + GOOD)
    write("bodies/template.json", TEMPLATE.replace('"{{missing}}"', "1"))
    Path("bodies/latin.xml").write_bytes(LATIN.encode("latin-1"))
    assert check(write("rest-client.http", REST_CLIENT)) == (
        1,
        [
            "rest-client.http:29:6: 400-101 Unsupported query parameter(s) supplied: 'verbose'.",
            "rest-client.http:40:20: 400-196 Attribute 'type.value' must be one of: 'email'.",
            "rest-client.http:41:2: 400-721 Unknown attribute 'note'.",
            (
                "bodies/template.json:2:48: 400-152 Attribute 'issueType.id' has an invalid value; expected: an ID: 1 to 19 "
                "digits without a leading zero, as text."
            ),
            "  rest-client.http:55:1: the request that includes the file",
            "bodies/template.json:3:13: 400-722 Attribute 'payload' must be an object.",
            "  rest-client.http:55:1: the request that includes the file",
            "bodies/latin.xml:2:22: 400-721 Unknown attribute 'x'.",
            "  rest-client.http:62:1: the request that includes the file",
            ("rest-client.http:66:37: C105 The value of 'answer.response.body.$.id' is only known when the request is sent."),
            "4 requests failed (6 failures), 2 passed, 6 checked",
            "skipped: 3 requests of other operations, 1 request with unknown parts",
        ],
        "",
    )


JETBRAINS = """\
### Log in
# @no-log
POST {{host}}/login
Content-Type: application/x-www-form-urlencoded

name = foo &
password = {{password}}

> {%
    client.test("status", function () { client.assert(response.status === 200, "## not a separator"); });
    client.global.set("auth_token", response.body.token);
%}

### Answer
< {%
    request.variables.set("activity", "2001");
%}
POST {{host}}
    /activities
    /{{activityId}}
    /email-response
    ?customer={{customer}}
Content-Type: application/json
Accept: application/json,
  application/xml;q=0.5
Authorization: Bearer {{auth_token}}

{
  "type": {"value": "email", "subtype": {"value": "general"}},
  "subject": "{{$random.alphabetic(12)}} {{ $isoTimestamp }}",
  "issueType": {"id": "{{$random.integer(100, 500)}}"},
  "attachments": {}
}

> ./handlers/check.js
>> answer.json
>>! answer-{{$uuid}}.json

<> 2026-11-20T101112.200.json
<> 2026-11-21T101112.200.json

### A value that a script sets
POST {{host}}/activities/{{activity}}/email-response
Content-Type: application/json

{}

### A body from a file
POST {{host}}/activities/2001/email-response HTTP/2 (Prior Knowledge)
Content-Type: application/json

< ./missing-{{customer}}.json

###
< ./before.js
WEBSOCKET ws://{{host}}/events

{"a": 1}

###
GRAPHQL {{host}}/graphql

query { a }
"""


def test_jetbrains() -> None:
    """A script in another file may set any name, so that none is undefined here."""
    write("http-client.env.json", '{"dev": {"host": "localhost:8080", "activityId": 2001, "customer": "1001"}}')
    write("http-client.private.env.json", '{"dev": {"password": "secret"}}')
    assert check(write("requests/jetbrains.http", JETBRAINS)) == (
        1,
        [
            (
                "requests/jetbrains.http:31:23: 400-742 Attribute 'issueType.id' must be provided only together with "
                "payload.email.messageCenter.id."
            ),
            ("requests/jetbrains.http:43:26: C105 The value of 'activity' is only known when the request is sent."),
            "requests/jetbrains.http:52:1: C104 './missing-1001.json': cannot read the file: No such file or directory.",
            "1 request failed (1 failure), 0 passed, 1 checked",
            "not readable: 1 request",
            "skipped: 3 requests of other operations, 1 request with unknown parts",
        ],
        "",
    )


LINE = "POST /activities/2001/email-response HTTP/1.1\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("POST {{hots}}/activities/2001/email-response\n", ["a.rest:1:6: C104 Undefined variable 'hots'; did you mean 'host'?"]),
        (
            LINE + "X: {{a}}{{a}}{{b}}\n",
            ["a.rest:2:4: C104 Undefined variable 'a'.", "a.rest:2:14: C104 Undefined variable 'b'."],
        ),
        (LINE + "\n{{@x}}\n{{x}}", ["a.rest:4:1: C104 Undefined variable 'x'.", "a.rest:3:1: C105 {}"]),
        ("@x={{y}}\n@y={{x}}\n" + LINE + "\n{{x}}", ["a.rest:5:1: C104 The variable 'x' refers to itself."]),
        ("@x\n" + LINE, ["a.rest:1:1: C104 Invalid definition of a variable; expected '@name = value'."]),
        (LINE + "\n{}\n> {% client\n\n", ["a.rest:4:1: C104 The script has no end; expected %}."]),
        ("< {%\n" + LINE, ["a.rest:1:1: C104 The script has no end; expected %}."]),
        (LINE + 'A: b\n{"type": 1}', ["a.rest:3:1: C104 Missing blank line before the body."]),
        (LINE + "<activity/>", ["a.rest:2:1: C104 Missing blank line before the body."]),
        (LINE + "A: b\n < ./a.json", ["a.rest:3:1: C104 Missing blank line before the body."]),
        (LINE + "A: b\n[", ["a.rest:3:1: C104 Missing blank line before the body."]),
        ("# @expct 400-722\n" + LINE, ["a.rest:1:1: C104 Unknown directive '@expct'; did you mean '@expect'?"]),
        (LINE + "# @Callr other user\n", ["a.rest:2:1: C104 Unknown directive '@Callr'; did you mean '@caller'?"]),
        (LINE + "\n# @expect 400-722\n{}", ["a.rest:3:1: C104 '@expect' must stand above the body."]),
        (
            "# @expect 400-101\nGET /\n",
            [
                (
                    "a.rest:2:1: C104 @expect is not supported for other operations; expected a request to POST "
                    "/activities/{ids}/email-response."
                )
            ],
        ),
        (LINE + "\n< a\0b.json", ["a.rest:3:1: C104 'a\\x00b.json': a path has no NUL."]),
        (
            LINE + "\n<@utf7 a.json",
            ["a.rest:3:1: C104 'a.json': unknown encoding 'utf7'; expected one of: ascii, iso-8859-1, latin1, "],
        ),
        (LINE + "\n< {{x}}.json", ["a.rest:3:3: C104 Undefined variable 'x'."]),
        (
            "curl -X POST https://x.de/activities/2001/email-response",
            ["a.rest:1:1: C105 A cURL command is not read; write a request line, headers and a body."],
        ),
        ("POST {{url}}", ["a.rest:1:6: C104 Undefined variable 'url'."]),
        ("POST {{$processEnv URL}}-response?a", ["a.rest:1:6: C105 {}"]),
        ("POST {{url}}2001/email-response", ["a.rest:1:6: C104 Undefined variable 'url'."]),
        (LINE[:5] + "/activities/{{$processEnv ID}}/email-response", ["a.rest:1:18: C105 {}"]),
        (
            LINE[:5] + "{{$aadToken}}/activities/1/email-response?customer={{() => 1}}",
            ["a.rest:1:57: C105 {}"],
        ),
        (LINE + "Accept: {{$dotenv A}}\n", ["a.rest:2:9: C105 {}"]),
        ("@x={{$datetime 'YYYY'}}\n" + LINE + "\n{{x}}", ["a.rest:4:1: C105 {}"]),
    ],
)
def test_request_that_cannot_be_read_is_a_finding(text: str, lines: list[str]) -> None:
    """At its place. The other requests of the file are still checked; here one that is accepted."""
    definition = "###\n@host = https://x.de\n" if "hots" in text else ""
    valid = f"### valid\n{LINE}Content-Type: application/json\n\n{GOOD}"
    write("a.json", GOOD)
    status, output, errors = check(write("a.rest", f"{text}\n{definition}{valid}"))
    assert (status, errors) == (int(any(" C104 " in line for line in lines)), "")
    assert len(output) == len(lines) + 2
    for line, expected in zip(output, lines, strict=False):
        assert line.startswith(expected.replace("{}", ""))
    assert output[len(lines)] == "0 requests failed, 1 passed, 1 checked"


@pytest.mark.parametrize(
    "text",
    [
        "POST {{$processEnv HOST}}/activities/2001/email-response",
        "POST https://{{host.name}}:{{$env.PORT}}/{{$projectRoot}}/activities/2001/email-response#top",
        "POST localhost:8080/activities/2001/email-response",
        f"{DIRECTIVES}  POST\thttp://x.de/activities/2001/email-response  ",
        "POST /activities/2001/email-response\n# a comment\n\t?customer=1001\n// another one\n  &customer=1002\t",
    ],
)
def test_request_is_read(text: str) -> None:
    """Unknown values do not matter where nothing is checked."""
    head = "\n// @prompt host.name\n" if "host.name" in text else ""
    data = f"{head}{text}\nContent-Type : application/json\nCookie: {{{{$processEnv C}}}};\n b=c\n\n{GOOD}"
    status, output, errors = check(write("a.http", data))
    expected = ["a.http:3:3: 400-703 The query parameter 'customer' is supplied more than once."] if "&customer" in text else []
    assert (status, output[:-1], errors) == (bool(expected), expected, "")


def test_line_ends_and_marks() -> None:
    """CR LF, a byte order mark and a file without a final line end change no place."""
    expected = "a.http:8:13: 400-722 Attribute 'subject' must be text."
    head = f"### one\n# @name one\n{LINE}Content-Type: application/json\n\n"
    text = head + '{"type": {"value": "email",\n "subtype": {"value": "general"}},\n "subject": 1}'
    for variant in (
        text,
        text + "\n",
        text + "\n\n\n",
        "\ufeff" + text,
        text.replace("\n", "\r\n"),
        f"\ufeff{text}\n###".replace("\n", "\r\n"),
    ):
        status, output, _ = check(write("a.http", variant))
        assert (status, output) == (1, [expected, "1 request failed (1 failure), 0 passed, 1 checked"])


def test_recorded_response_is_no_request() -> None:
    """Nor is a part without a request."""
    text = f"{LINE}Content-Type: application/json\n\n{GOOD}\n###\nHTTP/1.1 200 OK\nA: b\n\n{{}}\n### only a comment\n# @no-log\n"
    assert check(write("a.http", text)) == (0, ["0 requests failed, 1 passed, 1 checked"], "")


def test_problems_of_a_request_are_limited() -> None:
    """As failures are."""
    text = f"{LINE}\n" + "".join(f"{{{{name{number}}}}}\n" for number in range(150))
    status, output, _ = check(write("a.http", text))
    assert (status, len(output), output[0]) == (1, 101, "a.http:3:1: C104 Undefined variable 'name0'.")


def test_problem_in_an_included_file() -> None:
    """It has its place there."""
    write("t.json", TEMPLATE)
    text = f"@subject=a\n@activity=1\n{LINE}Content-Type: application/json\n\n<@UTF-8 t.json\n"
    assert check(write("a.http", text)) == (1, ["t.json:3:14: C104 Undefined variable 'missing'.", "not readable: 1 request"], "")


def test_formats_show_requests_that_are_not_checked() -> None:
    """JSON has them as findings, and JUnit as a failed and a skipped test."""
    write("a.http", f"### one\n{LINE}\n{{{{x}}}}\n### two\n{LINE}\n{{{{$processEnv X}}}}\n")
    document = run("check", "--isolated", "--format", "json", "a.http").stdout
    assert '"code": "C104"' in document
    assert '"unreadable_requests": 1,\n    "unknown_requests": 1,\n' in document
    report = run("check", "--isolated", "--format", "junit", "a.http").stdout
    assert '<testsuite name="a.http" tests="2" failures="1" errors="0" time="0.000000" skipped="1" file="a.http">' in report
    assert 'name="request on line 4: one"' in report
    assert '<skipped message="The value of &apos;$processEnv X&apos;' in report.replace("'", "&apos;")
