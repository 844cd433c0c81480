"""``check``: failures, expectations, unreadable input, the JSON format and the exit status."""

import io
import json
import os
from pathlib import Path

import pytest

from tests.cli.checks import DIRECTORY, failed, passed
from tests.commands import BAD, GOOD, GOOD_XML, SKIPPED, run, write
from validator.check import runner
from validator.output import printer


def check(*arguments: str, stdin: str = "") -> tuple[int, list[str], list[str]]:
    """Run ``check`` with the shipped directory; return the exit status and the lines of standard output and error."""
    outcome = run("check", "--directory", DIRECTORY, *arguments, stdin=stdin)
    return outcome.exit_code, outcome.stdout.splitlines(), outcome.stderr.splitlines()


def test_failure_is_one_line_with_its_position() -> None:
    """It has file, line, column, code and message; the summary follows."""
    assert check(write("a.json", BAD)) == (
        1,
        ["a.json:2:13: 400-722 Attribute 'subject' must be text.", failed(1, 1, 1)],
        [],
    )


def test_valid_files_print_only_the_summary() -> None:
    """A folder is searched recursively; other files, hidden folders and the directory are skipped."""
    write("f/b/x.xml", GOOD_XML), write("f/a.JSON", GOOD), write("f/readme.md", "x"), write("f/.git/a.json", "x")
    write("f/directory.json", Path(DIRECTORY).read_text())
    outcome = run("check", "--directory", "f/directory.json", "f", "f/a.JSON")
    assert (outcome.exit_code, outcome.stdout) == (0, "0 requests failed, 2 passed, 2 checked\n")


def test_rules_skipped_without_a_directory_are_listed() -> None:
    """Each rule that needs reference data is listed once."""
    outcome = run("check", write("a.json", GOOD), write("b.json", GOOD))
    assert (outcome.exit_code, outcome.stdout.splitlines()) == (
        0,
        [passed(2), f"skipped (no reference data): {SKIPPED}"],
    )


def test_file_below_reject_must_be_refused_with_the_code_in_its_name() -> None:
    """An expected rejection prints nothing; a rejection with other codes, or an acceptance, is a failure."""
    write("reject/400-722-a.json", BAD), write("reject/400-721-b.json", BAD), write("reject/400-722-c.json", GOOD)
    assert check("reject") == (
        1,
        [
            "reject/400-721-b.json:1:1: C102 The request is refused with other codes; expected 400-721.",
            "reject/400-721-b.json:2:13: 400-722 Attribute 'subject' must be text.",
            "reject/400-722-c.json:1:1: C102 The request is accepted; expected 400-722.",
            failed(2, 3, 3),
        ],
        [],
    )


HTTP = """# @expect 400-722
POST /activities/2001/email-response HTTP/1.1

{bad}
### two
# @expect 400-722 400-721
POST /activities/2001/email-response?x=1 HTTP/1.1

{bad}
### three
# @caller nobody
POST /activities/2001/email-response HTTP/1.1
### four
# @limit 5
POST /activities/2001/email-response HTTP/1.1

{good}
"""


def test_folder_reject_counts_from_inside_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory makes no difference."""
    write("reject/400-722-a.json", BAD), write("reject/400-722-c.json", GOOD)
    monkeypatch.chdir("reject")
    assert check(".") == (
        1,
        [
            "./400-722-c.json:1:1: C102 The request is accepted; expected 400-722.",
            failed(1, 1, 2),
        ],
        [],
    )


def test_dangling_link_is_unreadable_input() -> None:
    """The other files are still checked."""
    write("f/a.json", GOOD)
    Path("f/b.json").symlink_to("nowhere")
    assert check("f") == (
        2,
        [passed(1)],
        ["activity-validator: error: f/b.json: No such file or directory"],
    )


def test_folder_that_cannot_be_listed_is_unreadable_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files, which are not checked, do not pass silently; the others are checked."""
    write("f/a.json", GOOD), write("f/locked/b.json", BAD)
    scan = os.scandir

    def refuse(path: str) -> object:
        if path == "f/locked":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert check("f") == (2, [passed(1)], ["activity-validator: error: f/locked: Permission denied"])


def test_request_must_be_refused_with_exactly_the_expected_codes() -> None:
    """Positions are those of the file."""
    write("a.http", HTTP.replace("{bad}", BAD).replace("{good}", GOOD))
    assert check("a.http") == (
        1,
        [
            "a.http:8:1: C102 The request is refused with other codes; expected 400-722 400-721.",
            "a.http:8:38: 400-101 Unsupported query parameter(s) supplied: 'x'.",
            "a.http:11:13: 400-722 Attribute 'subject' must be text.",
            "a.http:14:1: 401-101 Nobody is authenticated.",
            "a.http:19:1: 400-713 The body is larger than 5 bytes.",
            "3 requests failed (5 failures), 1 passed, 4 checked",
        ],
        [],
    )


def test_json_output_is_one_object() -> None:
    """Each report has every fact about its request, with positions in the file."""
    text = "### one\nPOST /activities/2001/email-response HTTP/1.1\n\n" + BAD + "\n"
    status, lines, _ = check("--format", "json", write("a.http", text + text))
    (first, second) = json.loads("\n".join(lines))["reports"]
    assert status == 1
    assert first == {
        "file": "a.http",
        "request": 1,
        "name": "one",
        "operation": "create-email-response",
        "line": 2,
        "accepted": False,
        "status": 400,
        "stage": "structure",
        "expected": None,
        "as_expected": False,
        "failures": [
            {
                "code": "400-722",
                "name": "type-wrong",
                "developerMessage": "Attribute 'subject' must be text.",
                "where": "body",
                "pointer": "/subject",
                "line": 5,
                "column": 13,
                "endLine": 5,
                "endColumn": 14,
                "parameters": {"attribute": "subject", "expected": "text"},
            }
        ],
        "suppressed": [],
        "more": False,
        "skipped": [],
        "advisories": [],
        "department": None,
    }
    assert (second["request"], second["line"], second["failures"][0]["line"]) == (2, 7, 10)


def test_json_output_of_an_accepted_body() -> None:
    """It includes skipped rules and advisories."""
    body = GOOD[:-1] + ', "payload": {"email": {"content": {"html": "<a b=cid:x>"}}}}'
    outcome = run("check", "--format", "json", write("reject/400-722-a.json", body))
    (report,) = json.loads(outcome.stdout)["reports"]
    assert (report["accepted"], report["as_expected"], report["expected"]) == (True, False, ["400-722"])
    assert [skip["code"] for skip in report["skipped"]] == SKIPPED.split()
    assert report["advisories"] == [
        {
            "name": "content-id-without-attachment",
            "message": "Attribute 'payload.email.content.html' refers to a content ID that no inline attachment has.",
            "pointer": "/payload/email/content/html",
            "line": 1,
            "column": body.index('"<a b=cid:x>"') + 1,
            "endLine": 1,
            "endColumn": body.index('"<a b=cid:x>"') + 14,
            "parameters": report["advisories"][0]["parameters"],
        }
    ]


def test_advisories_are_not_failures() -> None:
    """They are printed, and the exit status is 0."""
    body = GOOD[:-1] + ', "payload": {"email": {"content": {"html": "<a b=cid:x>"}}}}'
    status, lines, _ = check(write("a.json", body))
    assert (status, len(lines)) == (0, 2)
    assert lines[0].startswith("a.json:1:121: advisory content-id-without-attachment: Attribute ")


@pytest.mark.parametrize(
    ("stdin", "options", "code"),
    [
        (GOOD, [], None),
        (GOOD_XML, [], None),
        ("\ufeff \n" + GOOD_XML, ["--media", "xml"], "400-715"),
        (GOOD_XML, ["--media", "json"], "400-714"),
    ],
)
def test_standard_input_is_a_body(stdin: str, options: list[str], code: str | None) -> None:
    """It is XML when it begins with <, unless --media says otherwise."""
    status, lines, _ = check(
        *options, "-", stdin=stdin.replace("\ufeff \n", "\n<?xml version='1.0'?>") if code == "400-715" else stdin
    )
    assert status == (1 if code else 0)
    assert (code is None) or lines[0].startswith(f"-:{2 if code == '400-715' else 1}:1: {code} ")


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["--caller", "nobody"], ["401-101"]),
        (["--caller", "other:user"], ["403-112"]),
        (["--caller", "1002"], ["400-702"]),
        (["--caller", "1002", "--activity", "2002"], []),
        (["--activity", "x"], ["400-108"]),
        (["--engine", "reference"], []),
    ],
)
def test_caller_activity_and_engine_options(options: list[str], codes: list[str]) -> None:
    """They apply to bodies without a request line."""
    _, lines, _ = check(*options, write("a.json", GOOD))
    assert [line.split()[1] for line in lines[:-1]] == codes


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["a.txt"], "a.txt: unsupported file type; expected .json, .xml, .http, .rest or .har"),
        (["empty"], "empty: no .json, .xml, .http, .rest or .har file in this folder"),
        (["missing.json"], "missing.json: No such file or directory"),
        (["missing"], "missing: No such file or directory"),
        (["bad.har"], "bad.har:1: not well-formed JSON: Expecting value"),
        (["none.http"], "none.http: no request to POST /activities/{ids}/email-response in the file"),
        (
            ["--caller", "a b", "good.json"],
            "invalid caller 'a b': expected a customer's ID, other:KIND or nobody",
        ),
        (["--directory", "none.json", "good.json"], "none.json: No such file or directory"),
        (["--directory", "good.json", "bad.har"], "good.json: /type: Unknown attribute 'type'."),
        (["--directory", "good.json", "good.json"], "good.json: the file holds reference data or environments, no request"),
        (
            ["http-client.env.json"],
            "http-client.env.json: the file holds reference data or environments, no request",
        ),
        ([""], "'': No such file or directory"),
        (["--directory", "", "good.json"], "'': No such file or directory"),
    ],
)
def test_unusable_input_is_one_line_on_standard_error(arguments: list[str], error: str) -> None:
    """With exit status 2 and no summary."""
    write("bad.har", "GET\n"), write("none.http", "\n"), write("good.json", GOOD), write("a.txt", GOOD)
    write("http-client.env.json", "{}")
    Path("empty").mkdir()
    outcome = run("check", *arguments)
    assert outcome.exit_code == 2
    assert (outcome.stdout, outcome.stderr) == ("", f"activity-validator: error: {error}\n")


def test_exit_status_of_an_internal_error_outranks_unreadable_input_and_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other files are still checked."""
    write("a.json", BAD)
    status, lines, errors = check("missing.json", "a.json")
    assert (status, len(lines), len(errors)) == (2, 2, 1)
    monkeypatch.setattr("validator.operation.stages.read_ids", lambda _ids: 1 / 0)
    assert check("missing.json", "a.json")[0] == 3


def test_failures_beyond_the_limit_are_reported_as_a_failure() -> None:
    """Its code is C103."""
    body = GOOD[:-1] + "".join(f', "x{n}": 0' for n in range(101)) + "}"
    status, lines, _ = check(write("a.json", body))
    assert (status, len(lines)) == (1, 102)
    assert lines[0] == "a.json:1:1: C103 There are more than 100 failures; the others are not reported."


def test_control_characters_are_escaped() -> None:
    """Those of attribute names and paths, so that a failure is one line."""
    status, lines, _ = check(write("a\n.json", GOOD[:-1] + ', "b\\n\\u001b\\u2028": 0}'))
    assert (status, lines[0]) == (1, "a\\x0a.json:1:79: 400-721 Unknown attribute '[\"b\\n\\u001b\\u2028\"]'.")


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def test_progress_is_shown_for_many_files_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """On standard error, unless standard output shows findings on the terminal."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    text = printer.Printer("text", None, show_source=False, color=False, quiet=False)
    assert list(runner._show_progress(["a"], text)) == [(0, "a")]
    assert terminal.getvalue() == ""
    assert list(runner._show_progress(["a"] * 60, text)) == list(enumerate(["a"] * 60))
    assert terminal.getvalue() == "\rchecking 0 of 60\rchecking 50 of 60\r\x1b[K"
    monkeypatch.setattr("sys.stdout", Terminal())
    terminal.truncate(0)
    assert len(list(runner._show_progress(["a"] * 60, text))) == 60
    assert terminal.getvalue() == ""
    assert len(list(runner._show_progress(["a"] * 60, text._replace(format="json")))) == 60
    assert terminal.getvalue() != ""
