"""The output of ``check``: summary, positions, source, colour, and the same facts in every format."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.checks import SUBJECT, SUPPRESS, check, configure, failed
from tests.commands import BAD, GOOD, SKIPPED, run, write
from tests.paths import RATE_ACTIVITY
from validator import load
from validator.output.formats import FORMATS


def test_every_format_reports_the_same_failure() -> None:
    """With its code, file and region."""
    write("a.json", BAD)
    sarif = json.loads(run("check", "--format", "sarif", "a.json").stdout)["runs"][0]["results"][0]
    location = sarif["locations"][0]["physicalLocation"]
    assert (sarif["ruleId"], location["artifactLocation"]["uri"]) == ("400-722", "a.json")
    assert (location["region"]["startLine"], location["region"]["startColumn"], location["region"]["endColumn"]) == (2, 13, 14)
    assert run("check", "--format", "github", "a.json").stdout.startswith(
        "::error file=a.json,line=2,endLine=2,col=13,endColumn=13,title=400-722 type-wrong::"
    )
    assert '<testcase classname="a_json" name="request" file="a.json" time=' in run("check", "--format", "junit", "a.json").stdout


COUNTS = {
    "failed": 1,
    "failures": 5,
    "passed": 3,
    "checked": 4,
    "unused_suppressions": 0,
    "files_outside_payloads": 0,
    "requests_of_other_operations": 0,
    "files_not_checked": 0,
    "unreadable_requests": 0,
    "unknown_requests": 0,
    "patterns_without_files": 0,
    "files_of_other_operations": 0,
}


def test_every_format_counts_requests_and_failures() -> None:
    """One body with five failures, and three without."""
    write("a.json", GOOD[:-1] + "".join(f', "x{number}": 0' for number in range(5)) + "}")
    write("b.json", GOOD), write("c.json", GOOD), write("d.json", GOOD)
    output = {name: run("check", "--format", name, ".").stdout for name in ("text", "github", "json", "sarif", "junit")}
    line = "1 request failed (5 failures), 3 passed, 4 checked"
    assert [line in output[name].splitlines() for name in ("text", "github")] == [True, True]
    assert json.loads(output["json"])["summary"] == COUNTS
    (sarif,) = json.loads(output["sarif"])["runs"]
    assert (sarif["invocations"][0]["properties"], len(sarif["results"])) == (COUNTS, 5)
    assert '<testsuites name="activity-validator" tests="4" failures="1" errors="0" time=' in output["junit"]
    assert """message="400-721 Unknown attribute 'x0'. (5 failures)\"""" in output["junit"]


@pytest.mark.parametrize(
    ("body", "position", "message"),
    [
        ('{"a":\n }', "a.json:2:2", "400-714 The body is not well-formed JSON: a value is expected."),
        ("<a>\n<b></a>", "a.xml:2:6", "400-715 The body is not well-formed XML: mismatched tag."),
        ("\n<!DOCTYPE a><a/>", "a.xml:2:1", "400-717 The body has a DOCTYPE."),
    ],
    ids=["json", "xml", "doctype"],
)
def test_position_is_printed_once(body: str, position: str, message: str) -> None:
    """Before the message, as that of the file. The JSON format has the client's message, with the position in the body."""
    file = write(position.split(":", maxsplit=1)[0], body)
    assert check(file)[1][0] == f"{position}: {message}"
    code, text = message.split(" ", 1)
    for name in ("github", "sarif", "junit"):
        assert text in run("check", "--format", name, file).stdout
        assert "column " not in run("check", "--format", name, file).stdout.replace("columnKind", "")
    (failure,) = json.loads(run("check", "--format", "json", file).stdout)["reports"][0]["failures"]
    line, column = position.split(":")[1:]
    assert (failure["code"], failure["line"], failure["column"]) == (code, int(line), int(column))
    assert f"line {line}, column {column}" in failure["developerMessage"]


def test_position_is_that_of_the_file() -> None:
    """A body in a whole request begins on a later line of its file."""
    write("a.http", "POST /activities/1/email-response\nContent-Type: application/json\n\n{")
    assert (
        check("a.http")[1][0]
        == "a.http:4:2: 400-714 The body is not well-formed JSON: a member name in double quotes is expected."
    )


def test_failures_are_printed_in_the_order_of_the_file() -> None:
    """Not in the order of the checks."""
    text = "POST /activities/2001/email-response?a=b HTTP/1.1\nAccept: text/x\nContent-Encoding: br\nContent-Type: text/x\n\n{}"
    write("a.http", "# @caller customer 1\n" + text.replace("Accept: text/x\n", ""))
    assert [line.split()[0] for line in check("a.http")[1][:-1]] == ["a.http:2:38:", "a.http:3:1:", "a.http:4:1:"]


def test_only_lf_ends_a_line_of_a_file() -> None:
    """Other line ends of a body do not count: the source shown is that of the file."""
    write("a.json", '\ufeff{"a":1,\r"b":2,\n"subject":4}')
    assert [line.split(": ")[0] for line in check("a.json")[1][:4]] == ["a.json:1:1", "a.json:1:2", "a.json:1:9", "a.json:2:11"]


def test_many_failures_of_one_file_are_reported_in_linear_time() -> None:
    """Locating a failure does not split the whole file again."""
    request = (
        "### r\nPOST /activities/1/email-response HTTP/1.1\nContent-Type: application/json\n\n" + BAD.replace("\n", "") + "\n"
    )
    write("a.http", request * 3000)
    assert check("--quiet", "a.http")[1][-1].startswith("a.http:15000:")


def test_quiet_prints_failures_only() -> None:
    """Neither the summary nor advisories."""
    write("a.json", GOOD[:-1] + ', "payload": {"email": {"content": {"html": "<a b=cid:x>"}}}}'), write("b.json", BAD)
    assert check("--quiet", ".") == (1, [f"./b.json:2:13: {SUBJECT}"])
    assert check("-q", "a.json") == (0, [])


def test_show_source_underlines_the_failure_and_prints_the_fix() -> None:
    """In colour on request."""
    write("a.json", BAD)
    assert check("--show-source", "a.json")[1][:-1] == [
        f"a.json:2:13: {SUBJECT}",
        '  2 |  "subject": 1}',
        "    |             ^",
        "    = fix: Use a value of the type in the message.",
    ]
    assert "\x1b[" in run("check", "--color", "always", "a.json").stdout
    assert "\x1b[" not in run("check", "a.json").stdout


def test_fix_suggests_the_closest_attribute_name() -> None:
    """Of the names that the schema allows there, also inside lists; without a close one the fix is the code's."""
    body = '{"subjcet": 1, "zzz": 2, "attachments": {"attachment": [{"altid": "a"}]}, ' + GOOD[1:].replace("value", "valeu", 1)
    write("a.json", body)
    lines = check("--show-source", "a.json")[1]
    assert [line.partition("fix: ")[2] for line in lines if "fix: " in line and "Unknown" not in line] == [
        "Write 'subject', or remove the attribute.",
        "Remove the attribute or correct its name.",
        "Add the attribute.",
        "Write 'altId', or remove the attribute.",
        "Add the attribute.",
        "Write 'value', or remove the attribute.",
    ]


def test_fix_compares_names_without_the_escapes_of_pointers(tmp_path: Path) -> None:
    """The names of a schema may have a slash, a tilde, or digits."""
    shutil.copytree(RATE_ACTIVITY, tmp_path / "home")
    file = tmp_path / "home" / "schemas" / "rate-activity" / "request.schema.json"
    schema = json.loads(file.read_text())
    inner = {"type": "object", "additionalProperties": False, "properties": {"up/down~": {"type": "string"}}}
    schema["properties"] |= {"0": {"type": "array", "items": inner}, "a/b": inner}
    file.write_text(json.dumps(schema))
    engine = load("rate-activity", home=tmp_path / "home", lazy=True)
    assert engine.sibling_names("/0/0/x") == engine.sibling_names("/a~1b/x") == ("up/down~",)
    assert engine.sibling_names("/a~1b") == engine.sibling_names("/") == engine.sibling_names("") == tuple(schema["properties"])
    assert engine.sibling_names("/unknown/x") == engine.sibling_names("/0/x") == engine.sibling_names("/comment/x") == ()
    write("a.json", '{"score": {"value": "good"}, "a/b": {"up/down": "", "x~0": 1}, "0": [{"updown~": ""}]}')
    outcome = run("check", "--home", str(tmp_path / "home"), "--operation", "rate-activity", "--show-source", "a.json")
    assert [line.partition("fix: ")[2] for line in outcome.stdout.splitlines() if "fix: " in line] == [
        "Write 'up/down~', or remove the attribute.",
        "Remove the attribute or correct its name.",
        "Write 'up/down~', or remove the attribute.",
    ]


def test_color_option_takes_precedence_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR takes precedence over FORCE_COLOR."""
    write("a.json", BAD)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run("check", "a.json").stdout
    assert "\x1b[" not in run("check", "--color", "never", "a.json").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("check", "a.json").stdout


def test_skipped_rules_are_listed_once() -> None:
    """Even if several files skip them."""
    write("a.json", GOOD), write("b.json", GOOD)
    assert run("check", "a.json", "b.json").stdout.splitlines()[-1] == f"skipped (no reference data): {SKIPPED}"


def test_output_file_leaves_the_text_on_the_terminal() -> None:
    """In every format."""
    write("a.json", BAD)
    outcome = run("check", "--format", "json", "--output", "out.json", "a.json")
    assert outcome.stdout.splitlines()[:2] == [f"a.json:2:13: {SUBJECT}", failed(1, 1, 1)]
    report = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert report == json.loads(run("check", "--format", "json", "a.json").stdout)
    assert run("check", "--output", "out.txt", "a.json").stdout == outcome.stdout
    assert Path("out.txt").read_text(encoding="utf-8") == outcome.stdout


def test_output_file_that_cannot_be_written_is_an_error() -> None:
    """One line, exit status 2."""
    write("a.json", GOOD)
    outcome = run("check", "--format", "sarif", "--output", "none/out.json", "a.json")
    assert (outcome.exit_code, outcome.stderr) == (2, "activity-validator: error: none/out.json: No such file or directory\n")
    error = "activity-validator: error: '': Is a directory\n"
    assert run("check", "--output", "", "a.json") == outcome._replace(stderr=error)


def test_json_lists_suppressions_and_findings_about_the_configuration() -> None:
    """Every finding has the same fields."""
    configure(SUPPRESS + '[[suppress]]\npath = "p/none"\ncode = "400-721"\nreason = "x"\n')
    write("p/old/a.json", BAD)
    document = json.loads(run("check", "--format", "json").stdout)
    assert document["reports"][0]["suppressed"] == [{"code": "400-722", "path": "p/old", "reason": "until May"}]
    assert (document["reports"][0]["as_expected"], document["reports"][0]["failures"]) == (True, [])
    assert document["summary"]["unused_suppressions"] == 1
    assert document["findings"] == [
        {
            "code": "C101",
            "name": "suppression-unused",
            "message": "The suppression of 400-721 in 'p/none' suppresses nothing.",
            "level": "error",
            "file": "activity-validator.toml",
            "line": 7,
            "column": 1,
            "endLine": 7,
            "endColumn": 1,
            "fix": "Remove the suppression from the configuration.",
            "related": [],
        }
    ]


def test_github_format_leaves_standard_error_empty() -> None:
    """The runner would find commands there too; the annotation reports unreadable input."""
    name = write("::warning file=x::owned.har", "x\n")
    outcome = run("check", "--format", "github", name)
    assert (outcome.exit_code, outcome.stderr) == (2, "")
    assert outcome.stdout.startswith("::error file=%3A%3Awarning file=x%3A%3Aowned.har,line=1::")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reports_unreadable_input(name: str) -> None:
    """On standard output or in a file; text goes to standard error, and into the file."""
    write("a.json", GOOD)
    reason = "b.json: No such file or directory"
    outcome = run("check", "a.json", "b.json", "--format", name)
    assert outcome.exit_code == 2
    assert (reason in outcome.stdout) == (name != "text")
    assert outcome.stderr == ("" if name == "github" else f"activity-validator: error: {reason}\n")
    assert (
        run("check", "a.json", "b.json", "--format", name, "--output", "out").stderr == f"activity-validator: error: {reason}\n"
    )
    assert reason in Path("out").read_text(encoding="utf-8")


def test_json_lists_unreadable_input() -> None:
    """Each with its line; a run without any has an empty list."""
    write("a.json", GOOD), write("b.har", "GET")
    lines = ["b.har:1: not well-formed JSON: Expecting value", "none.json: No such file or directory"]
    assert json.loads(run("check", "a.json", "b.har", "none.json", "--format", "json").stdout)["unreadable"] == lines
    assert json.loads(run("check", "a.json", "--format", "json").stdout)["unreadable"] == []
