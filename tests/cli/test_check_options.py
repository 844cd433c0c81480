"""``check`` in a user's repository: its configuration, suppressions and rejections, the summary, and the output formats."""

import json
import os
from pathlib import Path

import pytest

from tests.commands import BAD, GOOD, GOOD_XML, SKIPPED, Result, run, write
from validator.operation.home import shipped_fixtures

DIRECTORY = str(shipped_fixtures() / "directory.json")
SUBJECT = "400-722 Attribute 'subject' must be text."
CONFIG = 'payloads = ["p"]\n'
UNUSED = "unused suppressions: 1"
SUPPRESS = CONFIG + '[[suppress]]\npath = "p/old"\ncode = "400-722"\nreason = "until May"\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def configure(text: str) -> None:
    """Write a configuration file."""
    write("activity-validator.toml", text)


def check(*arguments: str) -> tuple[int, list[str]]:
    """Return the exit status and the output lines of ``check``, without the line on rules that need reference data."""
    outcome = run("check", *arguments)
    assert outcome.stderr == ""
    return outcome.exit_code, [line for line in outcome.stdout.splitlines() if not line.startswith("skipped (")]


def failed(requests: int, failures: int, checked: int) -> str:
    """Return the summary of a run, with correct plurals."""
    counts = f"{failures} failure{'s' * (failures != 1)}"
    return f"{requests} request{'s' * (requests != 1)} failed ({counts}), {checked - requests} passed, {checked} checked"


def passed(checked: int) -> str:
    """Return the summary of a run without failures."""
    return f"0 requests failed, {checked} passed, {checked} checked"


def test_configured_payloads_are_checked_without_a_path() -> None:
    """Other files are ignored; a folder is filtered, and the summary counts the skipped files."""
    configure(CONFIG)
    write("p/a.json", BAD), write("package.json", "{}"), write("p/b.xml", GOOD_XML), write("other.json", "{}")
    lines = [f"p/a.json:2:13: {SUBJECT}", failed(1, 1, 2)]
    assert check() == (1, lines)
    assert check(".") == (1, [f"./{lines[0]}", lines[1], "skipped: 2 files outside the configured payloads"])
    Path("other.json").unlink()
    assert check(".")[1][-1] == "skipped: 1 file outside the configured payloads"


def test_named_file_is_checked_even_outside_the_payloads() -> None:
    """With --configured-only it is skipped: pre-commit names every JSON file of a repository."""
    configure(CONFIG)
    write("p/a.json", BAD), write("wrong.json", BAD), write("p/b.xml", GOOD_XML)
    first, wrong, skipped = (
        f"p/a.json:2:13: {SUBJECT}",
        f"wrong.json:2:13: {SUBJECT}",
        "skipped: 1 file outside the configured payloads",
    )
    assert check("wrong.json") == (1, [wrong, failed(1, 1, 1)])
    assert check("wrong.json", "p/a.json", "p/b.xml") == (1, [wrong, first, failed(2, 2, 3)])
    assert check("--configured-only", "wrong.json", "p/a.json", "p/b.xml") == (1, [first, failed(1, 1, 2), skipped])
    assert check("--configured-only", "wrong.json") == (0, [skipped])
    assert check("--isolated", "--configured-only", "wrong.json")[0] == 1


def test_file_that_is_named_and_in_a_folder_is_checked_once() -> None:
    """Outside the payloads it is then not counted as skipped."""
    configure(CONFIG)
    write("p/a.json", GOOD), write("q/a.json", GOOD), write("q/b.json", GOOD)
    assert check("q/a.json", "q", "p", "p/a.json") == (0, [passed(2), "skipped: 1 file outside the configured payloads"])


def test_standard_input_is_always_checked() -> None:
    """It has no path that could be configured."""
    configure(CONFIG)
    assert run("check", "--configured-only", "-", stdin=BAD).exit_code == 1


def test_file_of_another_type_is_an_error_unless_it_is_skipped() -> None:
    """A hook may name any file."""
    configure(CONFIG)
    write("logo.svg", "<svg/>"), write("p/readme.md", "x")
    assert check("--configured-only", "logo.svg")[0] == 0
    for name in ("p/readme.md", "logo.svg"):
        error = f"activity-validator: error: {name}: unsupported file type; expected .json, .xml, .http or .har\n"
        assert run("check", name) == Result(2, "", error)


def test_path_is_required_without_configured_payloads() -> None:
    """Nothing is guessed."""
    assert run("check") == Result(2, "", "activity-validator: error: a PATH is required: no configuration names the payloads\n")


def test_command_line_takes_precedence_over_the_configuration() -> None:
    """For directory, caller and activity. Paths are relative to the configuration's folder."""
    write("data/tenant.json", Path(DIRECTORY).read_text(encoding="utf-8"))
    configure('directory = "data/tenant.json"\ncaller = "1002"\nactivity = "2002"\n')
    write("a.json", GOOD)
    assert check("a.json") == (0, [passed(1)])
    assert [line.split()[1] for line in check("--caller", "1001", "a.json")[1][:-1]] == ["400-702"]
    assert [line.split()[1] for line in check("--caller", "nobody", "a.json")[1][:-1]] == ["401-101"]
    assert check("--caller", "1001", "--activity", "2001", "a.json")[0] == 0
    assert check(".") == (0, [passed(1)])


def test_config_option_replaces_the_nearest_configuration() -> None:
    """The nearest file is not read."""
    configure("nonsense")
    write("other.toml", CONFIG), write("p/a.json", BAD)
    assert check("--config", "other.toml")[0] == 1
    assert run("check").stderr.startswith("activity-validator: error: ")


def test_rejection_must_be_refused_with_the_code_in_its_name() -> None:
    """With any code if the name has none. Folders named reject have no meaning if rejections are configured."""
    configure(CONFIG + 'rejections = ["p/bad"]\n')
    write("p/bad/400-722-a.json", BAD), write("p/bad/400-721-b.json", BAD), write("p/bad/other.json", BAD)
    write("p/bad/passes.json", GOOD), write("p/reject/400-722-c.json", BAD)
    assert check() == (
        1,
        [
            "p/bad/400-721-b.json:1:1: C102 The request is refused with other codes; expected 400-721.",
            f"p/bad/400-721-b.json:2:13: {SUBJECT}",
            "p/bad/passes.json:1:1: C102 The request is accepted; expected a rejection.",
            f"p/reject/400-722-c.json:2:13: {SUBJECT}",
            failed(3, 4, 5),
        ],
    )


def test_suppression_applies_to_one_code_of_its_files() -> None:
    """The summary lists it; other codes are still reported."""
    configure(SUPPRESS)
    write("p/old/a.json", BAD), write("p/new/a.json", BAD), write("p/old/b.json", BAD.replace("}", ', "x": 1}', 1))
    assert check() == (
        1,
        [
            f"p/new/a.json:2:13: {SUBJECT}",
            "p/old/b.json:1:61: 400-721 Unknown attribute 'type.subtype.x'.",
            failed(2, 2, 3),
            "suppressed: 400-722; the rules of 1 request were not reached",
        ],
    )


def test_advisory_is_suppressed_by_its_name() -> None:
    """An advisory has no code."""
    write("p/old/a.json", GOOD[:-1] + ', "payload": {"email": {"content": {"html": "cid:x"}}}}')
    configure(CONFIG)
    assert len(check()[1]) == 2
    configure(SUPPRESS.replace("400-722", "content-id-without-attachment"))
    assert check() == (0, [passed(1), "suppressed: content-id-without-attachment"])


def test_unused_suppression_is_a_finding() -> None:
    """At its line in the configuration, even if no file matches its path."""
    configure(SUPPRESS)
    write("p/new/a.json", GOOD)
    finding = "activity-validator.toml:3:1: C101 The suppression of 400-722 in 'p/old' suppresses nothing."
    assert check() == (1, [finding, passed(1), UNUSED])
    write("p/old/a.json", GOOD)
    assert check() == (1, [finding, passed(2), UNUSED])


def test_suppression_of_an_expected_rejection_is_unused() -> None:
    """A request that must be refused needs its codes."""
    configure(SUPPRESS + '[[suppress]]\npath = "p/reject/*.json"\ncode = "400-722"\nreason = "x"\n')
    write("p/reject/400-722-a.json", BAD), write("p/old/a.json", BAD)
    assert check() == (
        1,
        [
            "activity-validator.toml:7:1: C101 The suppression of 400-722 in 'p/reject/*.json' suppresses nothing.",
            passed(2),
            UNUSED,
            "suppressed: 400-722; the rules of 1 request were not reached",
        ],
    )


def test_one_of_several_processes_reports_an_unused_suppression() -> None:
    """The one with its first file, which checks the other files too; it reports nothing if one of them needs it."""
    configure(SUPPRESS)
    write("p/old/a.json", GOOD), write("p/old/b.json", GOOD), write("p/old/c.json", GOOD)
    unused = "activity-validator.toml:3:1: C101 The suppression of 400-722 in 'p/old' suppresses nothing."
    assert check("p/old/a.json") == (1, [unused, passed(1), UNUSED])
    assert check("p/old/b.json", "p/old/c.json") == (0, [passed(2)])
    write("p/old/c.json", BAD)
    assert check("p/old/a.json") == (0, [passed(1)])


def test_suppression_of_one_file() -> None:
    """Its path may be a file."""
    configure(SUPPRESS.replace("p/old", "p/old.json"))
    write("p/old.json", BAD)
    assert check() == (
        0,
        [passed(1), "suppressed: 400-722; the rules of 1 request were not reached"],
    )


def test_requests_of_other_operations_are_skipped_and_counted() -> None:
    """On one line with the files outside the payloads."""
    configure(CONFIG)
    text = "GET /activities/2001\n###\nPOST /activities/2001/email-response\n\n" + GOOD
    write("p/a.http", text)
    assert check() == (0, [passed(1), "skipped: 1 request of other operations"])
    write("p/b.http", text), write("c.json", GOOD)
    skipped = "skipped: 1 file outside the configured payloads, 2 requests of other operations"
    assert check("--configured-only", "p", "c.json") == (0, [passed(2), skipped])


TWICE = BAD.replace('"subject"', '"x": 1, "subject"')


@pytest.mark.parametrize(
    ("options", "checked", "failures"),
    [(["--fail-fast"], 2, 2), (["--max-failures", "1"], 2, 2), (["--max-failures", "2"], 2, 2), (["--max-failures", "3"], 3, 3)],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_run_stops_after_the_file_in_which_the_limit_is_reached(options: list[str], checked: int, failures: int) -> None:
    """Failures are counted, not requests. The summary counts the other files; unused suppressions are not reported."""
    configure(SUPPRESS)
    write("p/a.json", GOOD), write("p/b.json", TWICE), write("p/c.json", BAD), write("p/d.json", BAD), write("p/e.json", BAD)
    left = 5 - checked
    assert check(*options)[1][failures:] == [
        failed(checked - 1, failures, checked),
        f"not checked: {left} files (stopped after {failures} failures)",
    ]
    assert check(*options)[0] == 1


def test_summary_of_a_stopped_run_uses_the_singular() -> None:
    """One failure, one file."""
    configure(CONFIG)
    write("p/a.json", BAD), write("p/b.json", BAD)
    assert check("--fail-fast")[1][1:] == [failed(1, 1, 1), "not checked: 1 file (stopped after 1 failure)"]


def test_run_does_not_stop_below_the_limit() -> None:
    """A limit that the last file reaches leaves nothing unchecked."""
    write("a.json", TWICE), write("b.json", BAD)
    for limit in ("3", "4"):
        assert check("--max-failures", limit, ".")[1][3:] == [failed(2, 3, 2)]


def test_max_failures_must_be_a_positive_number() -> None:
    """The usage error names the option."""
    for number in ("0", "-1", "many"):
        message = f"activity-validator: error: --max-failures must be a whole number of at least 1, got {number}\n"
        assert run("check", "--max-failures", number, "a.json") == (2, "", message)


def test_quiet_prints_failures_only() -> None:
    """Neither the summary nor advisories."""
    write("a.json", GOOD[:-1] + ', "payload": {"email": {"content": {"html": "cid:x"}}}}'), write("b.json", BAD)
    assert check("--quiet", ".") == (1, [f"./b.json:2:13: {SUBJECT}"])
    assert check("-q", "a.json") == (0, [])


def test_show_source_underlines_the_failure_and_prints_the_fix() -> None:
    """In colour on request."""
    write("a.json", BAD)
    assert check("--show-source", "a.json")[1][:-1] == [
        f"a.json:2:13: {SUBJECT}",
        '  2 |  "subject": 1}',
        "    |             ^",
        "    = fix: Give the attribute a value of the type the message names.",
    ]
    assert "\x1b[" in run("check", "--color", "always", "a.json").stdout
    assert "\x1b[" not in run("check", "a.json").stdout


def test_color_option_takes_precedence_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR takes precedence over FORCE_COLOR."""
    write("a.json", BAD)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run("check", "a.json").stdout
    assert "\x1b[" not in run("check", "--color", "never", "a.json").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("check", "a.json").stdout


def test_failures_are_printed_in_the_order_of_the_file() -> None:
    """Not in the order of the checks."""
    text = "POST /activities/2001/email-response?a=b HTTP/1.1\nAccept: text/x\nContent-Encoding: br\nContent-Type: text/x\n\n{}"
    write("a.http", "# @caller customer 1\n" + text.replace("Accept: text/x\n", ""))
    assert [line.split()[0] for line in check("a.http")[1][:-1]] == ["a.http:2:38:", "a.http:3:1:", "a.http:4:1:"]


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
    assert '<testcase classname="a.json" name="request">' in run("check", "--format", "junit", "a.json").stdout


COUNTS = {
    "failed": 1,
    "failures": 5,
    "passed": 3,
    "checked": 4,
    "unused_suppressions": 0,
    "files_outside_payloads": 0,
    "requests_of_other_operations": 0,
    "files_not_checked": 0,
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
    assert '<testsuites name="activity-validator" tests="4" failures="1" errors="0">' in output["junit"]
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


def test_unknown_operation_is_a_usage_error() -> None:
    """In one line, without a summary."""
    write("a.json", GOOD)
    outcome = run("check", "--operation", "none", "a.json")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("activity-validator: error: ")


def test_file_that_does_not_exist_is_one_line_on_standard_error() -> None:
    """There is no summary of nothing; with another file, its summary is printed."""
    error = "activity-validator: error: nofile.json: No such file or directory\n"
    assert run("check", "nofile.json") == (2, "", error)
    write("a.json", GOOD)
    outcome = run("check", "nofile.json", "a.json")
    assert (outcome.exit_code, outcome.stdout.splitlines()[0], outcome.stderr) == (2, passed(1), error)


def test_position_is_that_of_the_file() -> None:
    """A body in a whole request begins on a later line of its file."""
    write("a.http", "POST /activities/1/email-response\nContent-Type: application/json\n\n{")
    assert (
        check("a.http")[1][0]
        == "a.http:4:2: 400-714 The body is not well-formed JSON: a member name in double quotes is expected."
    )


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


def test_explain_config_prints_each_setting_with_its_source() -> None:
    """Command line, override, configuration or default."""
    configure(SUPPRESS + '[[overrides]]\npaths = ["p/old"]\ncaller = "1002"\n')
    outcome = run("check", "--explain-config", "--activity", "2002", "p/old/a.json", "package.json")
    assert outcome.stdout.splitlines() == [
        "p/old/a.json",
        "  configuration: activity-validator.toml",
        "  payload:       yes",
        "  expected:      accepted",
        "  operation:     create-email-response (default)",
        "  home:          the shipped operations",
        "  directory:     none: rules that need reference data are skipped",
        "  caller:        1002 (override of p/old)",
        "  activity:      2002 (command line)",
        "  suppressed:    400-722 (activity-validator.toml:3: until May)",
        "package.json",
        "  configuration: activity-validator.toml",
        "  payload:       no: checked only if named, and never with --configured-only",
        "  expected:      accepted",
        "  operation:     create-email-response (default)",
        "  home:          the shipped operations",
        "  directory:     none: rules that need reference data are skipped",
        "  caller:        the directory's first customer, else 1",
        "  activity:      2002 (command line)",
    ]


def test_explain_config_prints_the_source_of_a_rejection() -> None:
    """The configured rejections or, without any, a folder named reject."""
    assert run("check", "--explain-config", "reject/a.json").stdout.splitlines()[1:4] == [
        "  configuration: none",
        "  payload:       yes (no payloads are configured)",
        "  expected:      refused (below a folder named reject)",
    ]
    configure('rejections = ["bad"]\ndirectory = "t.json"\n')
    lines = run("check", "--explain-config", "bad/a.json").stdout.splitlines()
    assert (lines[3], lines[6]) == ("  expected:      refused (rejections)", "  directory:     t.json (activity-validator.toml)")


@pytest.mark.parametrize("caller", ["", "a b", "other:", "other:a b"])
def test_invalid_caller_is_a_usage_error(caller: str) -> None:
    """The message lists the valid forms."""
    write("a.json", GOOD)
    outcome = run("check", "--caller", caller, "a.json")
    assert (outcome.exit_code, outcome.stderr) == (
        2,
        f"activity-validator: error: invalid caller {caller!r}: expected a customer's ID, other:KIND or nobody\n",
    )


def test_skipped_rules_are_listed_once() -> None:
    """Even if several files skip them."""
    write("a.json", GOOD), write("b.json", GOOD)
    assert run("check", "a.json", "b.json").stdout.splitlines()[-1] == f"skipped (no reference data): {SKIPPED}"


def test_suppression_does_not_cover_failures_beyond_the_limit() -> None:
    """Their codes are unknown."""
    configure(SUPPRESS.replace("400-722", "400-721"))
    unknown = "".join(f', "x{number}": 0' for number in range(101))
    write("p/old/a.json", GOOD[:-1] + unknown + "}")
    assert check() == (
        1,
        [
            "p/old/a.json:1:1: C103 There are more than 100 failures; the others are not reported.",
            failed(1, 1, 1),
            "suppressed: 400-721",
        ],
    )


def test_suppression_of_an_unreadable_file_is_not_reported_as_unused() -> None:
    """The file may need it; it is not an error of a run that does not check it."""
    configure(SUPPRESS)
    write("p/old/a.json", GOOD), write("p/old/z.http", "garbage here")
    assert check("p/old/a.json") == (0, [passed(1)])


def test_reference_data_among_the_payloads_needs_no_suppression() -> None:
    """It is not a payload."""
    tenant = Path(DIRECTORY).read_text(encoding="utf-8")
    for name in ("a-tenant.json", "z-tenant.json"):
        configure(SUPPRESS.replace("400-722", "400-721") + f'[[overrides]]\npaths = ["p"]\ndirectory = "p/old/{name}"\n')
        write(f"p/old/{name}", tenant), write("p/old/m.json", GOOD)
        assert check()[1][:1] == ["activity-validator.toml:3:1: C101 The suppression of 400-721 in 'p/old' suppresses nothing."]
        Path(f"p/old/{name}").unlink()


def test_dot_makes_every_file_a_payload() -> None:
    """It is the folder of the configuration."""
    configure('payloads = ["."]\n')
    write("x/a.json", BAD)
    assert check()[0] == 1


def test_only_lf_ends_a_line_of_a_file() -> None:
    """Other line ends of a body do not count: the source shown is that of the file."""
    write("a.json", '\ufeff{"a":1,\r"b":2,\n"subject":4}')
    assert [line.split(": ")[0] for line in check("a.json")[1][:4]] == ["a.json:1:1", "a.json:1:2", "a.json:1:9", "a.json:2:11"]


def test_only_regular_files_are_read() -> None:
    """A device may have no end, and a pipe no writer."""
    Path("zero.json").symlink_to("/dev/zero")
    os.mkfifo("pipe.json")
    outcome = run("check", "zero.json", "pipe.json", "a\0.json")
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines() == [
        "activity-validator: error: zero.json: it is no regular file",
        "activity-validator: error: pipe.json: it is no regular file",
        "activity-validator: error: 'a\\x00.json': embedded null byte",
    ]
    write("a.json", GOOD)
    assert run("check", "--directory", "a\0b", "a.json").stderr == "activity-validator: error: 'a\\x00b': embedded null byte\n"


def test_many_failures_of_one_file_are_reported_in_linear_time() -> None:
    """Locating a failure does not split the whole file again."""
    request = (
        "### r\nPOST /activities/1/email-response HTTP/1.1\nContent-Type: application/json\n\n" + BAD.replace("\n", "") + "\n"
    )
    write("a.http", request * 3000)
    assert check("--quiet", "a.http")[1][-1].startswith("a.http:15000:")


def test_github_format_leaves_standard_error_empty() -> None:
    """The runner would find commands there too; the annotation reports unreadable input."""
    name = write("::warning file=x::owned.http", "x\n")
    outcome = run("check", "--format", "github", name)
    assert (outcome.exit_code, outcome.stderr) == (2, "")
    assert outcome.stdout.startswith("::error::")


def test_fix_suggests_the_closest_attribute_name() -> None:
    """Of the names that the schema allows there, also inside lists; without a close one the fix is the code's."""
    body = '{"subjcet": 1, "zzz": 2, "attachments": {"attachment": [{"altid": "a"}]}, ' + GOOD[1:].replace("value", "valeu", 1)
    write("a.json", body)
    lines = check("--show-source", "a.json")[1]
    assert [line.partition("fix: ")[2] for line in lines if "fix: " in line and "Unknown" not in line] == [
        "Write 'subject', or remove the attribute.",
        "Remove the attribute, or mend its spelling.",
        "Add the attribute.",
        "Write 'altId', or remove the attribute.",
        "Add the attribute.",
        "Write 'value', or remove the attribute.",
    ]


def test_explain_config_covers_folders_and_standard_input() -> None:
    """Every payload of a folder; standard input has no path."""
    configure(SUPPRESS.replace('"p/old"', '"**"'))
    write("p/a.json", GOOD), write("p/b.xml", GOOD_XML), write("q/c.json", GOOD)
    assert [line for line in run("check", "--explain-config").stdout.splitlines() if not line.startswith(" ")] == [
        "p/a.json",
        "p/b.xml",
    ]
    lines = run("check", "--explain-config", "-").stdout.splitlines()
    assert (lines[2:4], len(lines)) == (["  payload:       yes (standard input)", "  expected:      accepted"], 9)
    Path("empty").mkdir()
    assert run("check", "--explain-config", "empty").exit_code == 2


def test_configured_payloads_must_match_a_file() -> None:
    """A mistake in the configuration is not a success; named files need not be payloads."""
    configure('payloads = ["p/*.jsn"]\n')
    write("p/a.json", BAD)
    outcome = run("check")
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (
        2,
        "skipped: 1 file outside the configured payloads\n",
        "activity-validator: error: activity-validator.toml: no file matches payloads\n",
    )
    assert check("p/a.json")[0] == 1
    assert check("--configured-only", "p/a.json")[0] == 0


def test_suppression_of_an_unreadable_folder_is_not_reported_as_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the folder may need it."""
    configure(SUPPRESS.replace("p/old", "p"))
    write("p/a.json", GOOD), write("p/secret/b.json", BAD)
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert check("p/a.json") == (0, [passed(1)])


def test_named_configuration_is_reported_by_its_path() -> None:
    """Relative to the working directory."""
    write("sub/activity-validator.toml", SUPPRESS)
    write("sub/p/a.json", GOOD)
    assert check("--config", "sub/activity-validator.toml")[1][0].startswith("sub/activity-validator.toml:3:1: C101 ")
    assert run("check", "--config", "sub/activity-validator.toml", "--explain-config", "sub/p/a.json").stdout.splitlines()[1] == (
        "  configuration: sub/activity-validator.toml"
    )


def test_files_that_are_not_given_do_not_count_in_the_summary() -> None:
    """They are checked for a suppression only; an error in their settings is reported when they are given."""
    configure(SUPPRESS.replace("p/old", "p") + '[[overrides]]\npaths = ["p/z.json"]\ndirectory = "none.json"\n')
    (
        write("p/a.json", GOOD),
        write("p/b.http", "GET /x\n###\nPOST /activities/1/email-response\n\n" + GOOD),
        write("p/z.json", GOOD),
    )
    assert check("p/a.json") == (0, [passed(1)])
