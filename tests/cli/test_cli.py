"""The command: what it prints and how it ends."""

import io
import json
import os
from pathlib import Path

import pytest

from tests.commands import BAD, GOOD, GOOD_XML, SKIPPED, run, write
from validator.check import runner
from validator.operation.home import shipped_fixtures
from validator.output import printer

DIRECTORY = str(shipped_fixtures() / "directory.json")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(*arguments: str, stdin: str = "") -> tuple[int, list[str], list[str]]:
    """Return the exit status, the lines of the output and those of the errors of check with the shipped directory."""
    outcome = run("check", "--directory", DIRECTORY, *arguments, stdin=stdin)
    return outcome.exit_code, outcome.stdout.splitlines(), outcome.stderr.splitlines()


def test_a_fault_is_one_line_with_its_place() -> None:
    """It has file, line, column, code and message; then comes the summary."""
    assert check(write("a.json", BAD)) == (
        1,
        ["a.json:2:13: 400-722 Attribute 'subject' must be text.", "1 request failed (1 failure), 0 passed, 1 checked"],
        [],
    )


def test_right_files_print_the_summary_only() -> None:
    """A folder is searched below, in order; other files in it, hidden folders and the directory are passed over."""
    write("f/b/x.xml", GOOD_XML), write("f/a.JSON", GOOD), write("f/readme.md", "x"), write("f/.git/a.json", "x")
    write("f/directory.json", Path(DIRECTORY).read_text())
    outcome = run("check", "--directory", "f/directory.json", "f", "f/a.JSON")
    assert (outcome.exit_code, outcome.stdout) == (0, "0 requests failed, 2 passed, 2 checked\n")


def test_without_a_directory_it_says_what_was_skipped() -> None:
    """The rules that need reference data are named once."""
    outcome = run("check", write("a.json", GOOD), write("b.json", GOOD))
    assert (outcome.exit_code, outcome.stdout.splitlines()) == (
        0,
        ["0 requests failed, 2 passed, 2 checked", f"skipped (no reference data): {SKIPPED}"],
    )


def test_below_reject_the_code_of_the_name_must_be_found() -> None:
    """An expected rejection prints nothing; another code, or an acceptance, is a finding."""
    write("reject/400-722-a.json", BAD), write("reject/400-721-b.json", BAD), write("reject/400-722-c.json", GOOD)
    assert check("reject") == (
        1,
        [
            "reject/400-721-b.json:1:1: C102 The request is refused with other codes; expected 400-721.",
            "reject/400-721-b.json:2:13: 400-722 Attribute 'subject' must be text.",
            "reject/400-722-c.json:1:1: C102 The request is accepted; expected 400-722.",
            "2 requests failed (3 failures), 1 passed, 3 checked",
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


def test_below_reject_holds_inside_the_folder_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes no difference where the command runs."""
    write("reject/400-722-a.json", BAD), write("reject/400-722-c.json", GOOD)
    monkeypatch.chdir("reject")
    assert check(".") == (
        1,
        [
            "./400-722-c.json:1:1: C102 The request is accepted; expected 400-722.",
            "1 request failed (1 failure), 1 passed, 2 checked",
        ],
        [],
    )


def test_a_link_that_leads_nowhere_is_unreadable_input() -> None:
    """The rest is checked all the same."""
    write("f/a.json", GOOD)
    Path("f/b.json").symlink_to("nowhere")
    assert check("f") == (
        2,
        ["0 requests failed, 1 passed, 1 checked"],
        ["activity-validator: error: f/b.json: No such file or directory"],
    )


def test_a_folder_that_cannot_be_listed_is_unreadable_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not checked does not look right."""
    write("f/a.json", GOOD), write("f/locked/b.json", BAD)
    scan = os.scandir

    def refuse(path: str) -> object:
        if path == "f/locked":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert check("f") == (2, [], ["activity-validator: error: f/locked: Permission denied"])


def test_requests_of_a_file_are_held_against_what_they_expect() -> None:
    """Exactly the expected codes; places are lines of the file."""
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
    """Each report has what a tool needs, with places in the file."""
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
    """Skipped rules and advisories are told too."""
    body = GOOD[:-1] + ', "payload": {"email": {"content": {"html": "cid:x"}}}}'
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
            "column": body.index('"cid:x"') + 1,
            "endLine": 1,
            "endColumn": body.index('"cid:x"') + 8,
            "parameters": report["advisories"][0]["parameters"],
        }
    ]


def test_advisories_do_not_count() -> None:
    """They are told, and the exit status is 0."""
    body = GOOD[:-1] + ', "payload": {"email": {"content": {"html": "cid:x"}}}}'
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
def test_caller_activity_and_engine_can_be_named(options: list[str], codes: list[str]) -> None:
    """They hold for bare bodies."""
    _, lines, _ = check(*options, write("a.json", GOOD))
    assert [line.split()[1] for line in lines[:-1]] == codes


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["a.txt"], "a.txt: unsupported file type; expected .json, .xml, .http or .har"),
        (["empty"], "empty: no .json, .xml, .http or .har file in this folder"),
        (["missing.json"], "missing.json: No such file or directory"),
        (["missing"], "missing: No such file or directory"),
        (["bad.http"], "bad.http:1: a request line is expected, such as: POST /activities/{ids}/email-response HTTP/1.1"),
        (["none.http"], "none.http: there is no request to POST /activities/{ids}/email-response in it"),
        (
            ["--caller", "a b", "good.json"],
            "invalid caller 'a b': expected a customer's ID, other:KIND or nobody",
        ),
        (["--directory", "none.json", "good.json"], "none.json: No such file or directory"),
        (["--directory", "good.json", "good.json"], "good.json: /type: Unknown attribute 'type'."),
    ],
)
def test_what_cannot_be_read_is_told(arguments: list[str], error: str) -> None:
    """Exit status 2, and a line on standard error."""
    write("bad.http", "GET\n"), write("none.http", "\n"), write("good.json", GOOD), write("a.txt", GOOD)
    Path("empty").mkdir()
    outcome = run("check", *arguments)
    assert outcome.exit_code == 2
    assert (outcome.stdout, outcome.stderr) == ("", f"activity-validator: error: {error}\n")


def test_unreadable_input_weighs_more_than_findings_and_an_internal_error_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is checked all the same."""
    write("a.json", BAD)
    status, lines, errors = check("missing.json", "a.json")
    assert (status, len(lines), len(errors)) == (2, 2, 1)
    monkeypatch.setattr("validator.engine.read_ids", lambda _ids: 1 / 0)
    assert check("missing.json", "a.json")[0] == 3


def test_more_failures_than_are_collected() -> None:
    """The text says that there are more."""
    body = GOOD[:-1] + "".join(f', "x{n}": 0' for n in range(101)) + "}"
    status, lines, _ = check(write("a.json", body))
    assert (status, len(lines)) == (1, 102)
    assert lines[0] == "a.json:1:1: C103 There are more than 100 failures; the others are not reported."


def test_each_finding_stays_on_its_line() -> None:
    """Control characters of names and paths are escaped."""
    status, lines, _ = check(write("a\n.json", GOOD[:-1] + ', "b\\n\\u001b\\u2028": 0}'))
    assert (status, lines[0]) == (1, "a\\x0a.json:1:79: 400-721 Unknown attribute 'b\\x0a\\x1b\\u2028'.")


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_progress_count_is_for_many_files_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written to standard error, and not where findings are written meanwhile."""
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
