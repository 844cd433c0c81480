"""``check`` in somebody's repository: its configuration, suppressions and rejections, and the ways findings are told."""

import json
import os
from pathlib import Path

import pytest

from tests.commands import BAD, GOOD, GOOD_XML, SKIPPED, Result, run, write
from validator.operation.home import shipped_fixtures

DIRECTORY = str(shipped_fixtures() / "directory.json")
SUBJECT = "400-722 Attribute 'subject' must be text."
CONFIG = 'payloads = ["p"]\n'
SUPPRESS = CONFIG + '[[suppress]]\npath = "p/old"\ncode = "400-722"\nreason = "until May"\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def configure(text: str) -> None:
    """Write the configuration."""
    write("activity-validator.toml", text)


def check(*arguments: str) -> tuple[int, list[str]]:
    """Return the exit status and the lines of ``check`` but what it skipped."""
    outcome = run("check", *arguments)
    assert outcome.stderr == ""
    return outcome.exit_code, [line for line in outcome.stdout.splitlines() if not line.startswith("skipped")]


def test_payloads_are_checked_without_a_path_and_other_files_are_passed_over() -> None:
    """pre-commit hands in every JSON file of a repository."""
    configure(CONFIG)
    write("p/a.json", BAD), write("package.json", "{}"), write("p/b.xml", GOOD_XML)
    told = [f"p/a.json:2:13: {SUBJECT}", "2 files, 2 requests: 1 as expected, 1 finding."]
    assert check() == (1, told)
    assert check("package.json", "p/a.json", "p/b.xml") == (1, [*told, "passed over: 1 file that are no payloads"])
    assert check("package.json") == (
        0,
        ["0 files, 0 requests: 0 as expected, 0 findings.", "passed over: 1 file that are no payloads"],
    )
    assert check("--isolated", "package.json")[0] == 1


def test_a_file_of_another_kind_may_be_handed_in_when_it_is_no_payload() -> None:
    """A hook may name any file; among the payloads it is unreadable input."""
    configure(CONFIG)
    write("logo.svg", "<svg/>"), write("p/readme.md", "x")
    assert check("logo.svg")[0] == 0
    assert run("check", "p/readme.md").stderr == "p/readme.md: only .json, .xml, .http and .har files can be checked\n"


def test_without_a_path_and_a_configuration_it_is_a_usage_error() -> None:
    """Nothing is guessed."""
    assert run("check") == Result(2, "", "activity-validator: error: a PATH is required: no configuration names the payloads\n")


def test_the_configuration_gives_directory_caller_and_activity_and_the_command_line_goes_before() -> None:
    """Relative to the configuration's folder."""
    write("data/tenant.json", Path(DIRECTORY).read_text(encoding="utf-8"))
    configure('directory = "data/tenant.json"\ncaller = "1002"\nactivity = "2002"\n')
    write("a.json", GOOD)
    assert check("a.json") == (0, ["1 file, 1 request: 1 as expected, 0 findings."])
    assert [line.split()[1] for line in check("--caller", "1001", "a.json")[1][:-1]] == ["400-702"]
    assert [line.split()[1] for line in check("--caller", "nobody", "a.json")[1][:-1]] == ["401-101"]
    assert check("--caller", "1001", "--activity", "2001", "a.json")[0] == 0
    assert check(".") == (0, ["1 file, 1 request: 1 as expected, 0 findings."])


def test_another_configuration_can_be_named() -> None:
    """The nearest one is then not looked at."""
    configure("nonsense")
    write("other.toml", CONFIG), write("p/a.json", BAD)
    assert check("--config", "other.toml")[0] == 1
    assert run("check").stderr.startswith("activity-validator: error: ")


def test_rejections_must_be_refused() -> None:
    """With the code that the name begins with, or with any where it begins with none; other folders named reject are none."""
    configure(CONFIG + 'rejections = ["p/bad"]\n')
    write("p/bad/400-722-a.json", BAD), write("p/bad/400-721-b.json", BAD), write("p/bad/other.json", BAD)
    write("p/bad/passes.json", GOOD), write("p/reject/400-722-c.json", BAD)
    assert check() == (
        1,
        [
            "p/bad/400-721-b.json:1:1: C102 Refused otherwise, but expected 400-721.",
            f"p/bad/400-721-b.json:2:13: {SUBJECT}",
            "p/bad/passes.json:1:1: C102 Accepted, but expected a rejection.",
            f"p/reject/400-722-c.json:2:13: {SUBJECT}",
            "5 files, 5 requests: 2 as expected, 3 findings.",
        ],
    )


def test_a_suppression_takes_a_code_away_from_its_files_only() -> None:
    """It is told in the summary; other codes stay."""
    configure(SUPPRESS)
    write("p/old/a.json", BAD), write("p/new/a.json", BAD), write("p/old/b.json", BAD.replace("}", ', "x": 1}', 1))
    assert check() == (
        1,
        [
            f"p/new/a.json:2:13: {SUBJECT}",
            "p/old/b.json:1:61: 400-721 Unknown attribute 'type.subtype.x'.",
            "3 files, 3 requests: 1 as expected, 2 findings.",
            "suppressed: 400-722; so the rules of 1 request were not reached",
        ],
    )


def test_an_advisory_can_be_suppressed_by_its_name() -> None:
    """It has no code."""
    write("p/old/a.json", GOOD[:-1] + ', "payload": {"email": {"content": {"html": "cid:x"}}}}')
    configure(CONFIG)
    assert len(check()[1]) == 2
    configure(SUPPRESS.replace("400-722", "content-id-without-attachment"))
    assert check() == (0, ["1 file, 1 request: 1 as expected, 0 findings.", "suppressed: content-id-without-attachment"])


def test_a_suppression_that_suppresses_nothing_is_a_finding() -> None:
    """At its line in the configuration; also when no file has its name."""
    configure(SUPPRESS)
    write("p/new/a.json", GOOD)
    told = [
        "activity-validator.toml:3:1: C101 The suppression of 400-722 in 'p/old' suppresses nothing.",
        "1 file, 1 request: 1 as expected, 1 finding.",
    ]
    assert check() == (1, told)
    write("p/old/a.json", GOOD)
    assert check() == (1, [told[0], "2 files, 2 requests: 2 as expected, 1 finding."])


def test_a_suppression_is_not_needed_for_an_expected_rejection() -> None:
    """What must be refused has its codes by right."""
    configure(SUPPRESS + '[[suppress]]\npath = "p/reject/*.json"\ncode = "400-722"\nreason = "x"\n')
    write("p/reject/400-722-a.json", BAD), write("p/old/a.json", BAD)
    assert check() == (
        1,
        [
            "activity-validator.toml:7:1: C101 The suppression of 400-722 in 'p/reject/*.json' suppresses nothing.",
            "2 files, 2 requests: 2 as expected, 1 finding.",
            "suppressed: 400-722; so the rules of 1 request were not reached",
        ],
    )


def test_one_of_several_processes_tells_of_an_unused_suppression() -> None:
    """The one that has its first file; it looks at the other files itself, and is silent when one of them needs it."""
    configure(SUPPRESS)
    write("p/old/a.json", GOOD), write("p/old/b.json", GOOD), write("p/old/c.json", GOOD)
    unused = "activity-validator.toml:3:1: C101 The suppression of 400-722 in 'p/old' suppresses nothing."
    assert check("p/old/a.json") == (1, [unused, "1 file, 1 request: 1 as expected, 1 finding."])
    assert check("p/old/b.json", "p/old/c.json") == (0, ["2 files, 2 requests: 2 as expected, 0 findings."])
    write("p/old/c.json", BAD)
    assert check("p/old/a.json") == (0, ["1 file, 1 request: 1 as expected, 0 findings."])


def test_a_suppression_may_name_one_file() -> None:
    """Nothing else is looked at."""
    configure(SUPPRESS.replace("p/old", "p/old.json"))
    write("p/old.json", BAD)
    assert check() == (
        0,
        ["1 file, 1 request: 1 as expected, 0 findings.", "suppressed: 400-722; so the rules of 1 request were not reached"],
    )


def test_requests_of_other_operations_are_counted() -> None:
    """They are no findings."""
    write("a.http", "GET /activities/2001\n###\nPOST /activities/2001/email-response\n\n" + GOOD)
    assert check("a.http") == (0, ["1 file, 1 request: 1 as expected, 0 findings.", "passed over: 1 request of other operations"])


@pytest.mark.parametrize("option", [["--fail-fast"], ["--max-failures", "1"]])
def test_it_stops_when_enough_was_found(option: list[str]) -> None:
    """After the file, and says how many it did not look at; a suppression is then not judged."""
    configure(SUPPRESS)
    write("p/a.json", GOOD), write("p/b.json", BAD), write("p/c.json", BAD), write("p/d.json", BAD)
    assert check(*option) == (
        1,
        [f"p/b.json:2:13: {SUBJECT}", "2 files, 2 requests: 1 as expected, 1 finding.", "stopped: 2 files not checked"],
    )


def test_a_limit_must_be_a_positive_number() -> None:
    """A usage error names the option."""
    for number in ("0", "-1", "many"):
        message = f"activity-validator: error: --max-failures must be a whole number of at least 1, got {number}\n"
        assert run("check", "--max-failures", number, "a.json") == (2, "", message)


def test_quiet_prints_findings_only() -> None:
    """No summary and no advisories."""
    write("a.json", GOOD[:-1] + ', "payload": {"email": {"content": {"html": "cid:x"}}}}'), write("b.json", BAD)
    assert check("--quiet", ".") == (1, [f"./b.json:2:13: {SUBJECT}"])
    assert check("-q", "a.json") == (0, [])


def test_the_source_is_shown_with_the_fault_underlined_and_how_to_mend_it() -> None:
    """Where it is asked for; with colour where that is."""
    write("a.json", BAD)
    assert check("--show-source", "a.json")[1][:-1] == [
        f"a.json:2:13: {SUBJECT}",
        '  2 |  "subject": 1}',
        "    |             ^",
        "    = fix: Give the attribute a value of the type the message names.",
    ]
    assert "\x1b[" in run("check", "--color", "always", "a.json").stdout
    assert "\x1b[" not in run("check", "a.json").stdout


def test_colour_is_by_option_then_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR goes before FORCE_COLOR, the option before both."""
    write("a.json", BAD)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run("check", "a.json").stdout
    assert "\x1b[" not in run("check", "--color", "never", "a.json").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("check", "a.json").stdout


def test_several_faults_stand_in_the_order_of_the_file() -> None:
    """Whatever the order of the checks."""
    text = "POST /activities/2001/email-response?a=b HTTP/1.1\nAccept: text/x\nContent-Encoding: br\nContent-Type: text/x\n\n{}"
    write("a.http", "# @caller customer 1\n" + text.replace("Accept: text/x\n", ""))
    assert [line.split()[0] for line in check("a.http")[1][:-1]] == ["a.http:2:38:", "a.http:3:1:", "a.http:4:1:"]


def test_a_format_can_go_to_a_file_beside_the_terminal() -> None:
    """The terminal then shows the text."""
    write("a.json", BAD)
    outcome = run("check", "--format", "json", "--output", "out.json", "a.json")
    assert outcome.stdout.splitlines()[:2] == [f"a.json:2:13: {SUBJECT}", "1 file, 1 request: 0 as expected, 1 finding."]
    report = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert report == json.loads(run("check", "--format", "json", "a.json").stdout)
    assert run("check", "--output", "out.txt", "a.json").stdout == outcome.stdout
    assert Path("out.txt").read_text(encoding="utf-8") == outcome.stdout


def test_an_output_that_cannot_be_written_is_told() -> None:
    """One line, exit status 2."""
    write("a.json", GOOD)
    outcome = run("check", "--format", "sarif", "--output", "none/out.json", "a.json")
    assert (outcome.exit_code, outcome.stderr) == (2, "activity-validator: error: none/out.json: No such file or directory\n")


def test_every_format_tells_the_same_finding() -> None:
    """Its code, its line and its file."""
    write("a.json", BAD)
    sarif = json.loads(run("check", "--format", "sarif", "a.json").stdout)["runs"][0]["results"][0]
    place = sarif["locations"][0]["physicalLocation"]
    assert (sarif["ruleId"], place["artifactLocation"]["uri"]) == ("400-722", "a.json")
    assert (place["region"]["startLine"], place["region"]["startColumn"], place["region"]["endColumn"]) == (2, 13, 14)
    assert run("check", "--format", "github", "a.json").stdout.startswith(
        "::error file=a.json,line=2,endLine=2,col=13,endColumn=13,title=400-722 type-wrong::"
    )
    assert '<testcase classname="a.json" name="request">' in run("check", "--format", "junit", "a.json").stdout


def test_json_tells_suppressions_and_what_was_found_besides_requests() -> None:
    """With the same fields in all findings."""
    configure(SUPPRESS + '[[suppress]]\npath = "p/none"\ncode = "400-721"\nreason = "x"\n')
    write("p/old/a.json", BAD)
    told = json.loads(run("check", "--format", "json").stdout)
    assert told["reports"][0]["suppressed"] == [{"code": "400-722", "path": "p/old", "reason": "until May"}]
    assert (told["reports"][0]["as_expected"], told["reports"][0]["failures"]) == (True, [])
    assert told["findings"] == [
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
            "fix": "Remove it from the configuration.",
            "related": [],
        }
    ]


def test_explain_config_says_what_applies_and_who_says_so() -> None:
    """Command line, override, configuration, default."""
    configure(SUPPRESS + 'reason2 = "x"\n'[:0] + '[[overrides]]\npaths = ["p/old"]\ncaller = "1002"\n')
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
        "  payload:       no: it is passed over",
        "  expected:      accepted",
        "  operation:     create-email-response (default)",
        "  home:          the shipped operations",
        "  directory:     none: rules that need reference data are skipped",
        "  caller:        the directory's first customer, else 1",
        "  activity:      2002 (command line)",
    ]


def test_explain_config_tells_rejections_and_that_there_is_no_configuration() -> None:
    """Named ones, or those below a folder named reject."""
    assert run("check", "--explain-config", "reject/a.json").stdout.splitlines()[1:4] == [
        "  configuration: none",
        "  payload:       yes (every file that is asked for)",
        "  expected:      refused (below a folder named reject)",
    ]
    configure('rejections = ["bad"]\ndirectory = "t.json"\n')
    lines = run("check", "--explain-config", "bad/a.json").stdout.splitlines()
    assert (lines[3], lines[6]) == ("  expected:      refused (rejections)", "  directory:     t.json (activity-validator.toml)")


@pytest.mark.parametrize("who", ["", "a b", "other:", "other:a b"])
def test_a_caller_that_is_none_is_refused(who: str) -> None:
    """In words."""
    write("a.json", GOOD)
    outcome = run("check", "--caller", who, "a.json")
    assert (outcome.exit_code, outcome.stderr) == (
        2,
        f"activity-validator: error: invalid caller {who!r}: expected a customer's ID, other:KIND or nobody\n",
    )


def test_what_was_skipped_is_told_once() -> None:
    """Also when several files skip it."""
    write("a.json", GOOD), write("b.json", GOOD)
    assert run("check", "a.json", "b.json").stdout.splitlines()[-1] == f"skipped (no reference data): {SKIPPED}"


def test_a_suppression_never_hides_what_is_not_told() -> None:
    """Beyond the limit of failures nobody knows which codes there are."""
    configure(SUPPRESS.replace("400-722", "400-721"))
    unknown = "".join(f', "x{number}": 0' for number in range(101))
    write("p/old/a.json", GOOD[:-1] + unknown + "}")
    assert check() == (
        1,
        [
            "p/old/a.json:1:1: C103 There are more failures than 100.",
            "1 file, 1 request: 0 as expected, 1 finding.",
            "suppressed: 400-721",
        ],
    )


def test_a_suppression_is_not_judged_by_files_that_cannot_be_read() -> None:
    """Of a file that this run was not asked for, no more is told."""
    configure(SUPPRESS)
    write("p/old/a.json", GOOD), write("p/old/z.http", "garbage here")
    assert check("p/old/a.json") == (0, ["1 file, 1 request: 1 as expected, 0 findings."])


def test_reference_data_among_the_payloads_uses_no_suppression() -> None:
    """It is no payload."""
    tenant = Path(DIRECTORY).read_text(encoding="utf-8")
    for name in ("a-tenant.json", "z-tenant.json"):
        configure(SUPPRESS.replace("400-722", "400-721") + f'[[overrides]]\npaths = ["p"]\ndirectory = "p/old/{name}"\n')
        write(f"p/old/{name}", tenant), write("p/old/m.json", GOOD)
        assert check()[1][:1] == ["activity-validator.toml:3:1: C101 The suppression of 400-721 in 'p/old' suppresses nothing."]
        Path(f"p/old/{name}").unlink()


def test_all_that_is_here_may_be_payloads() -> None:
    """A dot names the folder of the configuration."""
    configure('payloads = ["."]\n')
    write("x/a.json", BAD)
    assert check()[0] == 1


def test_lines_end_with_lf_in_every_file() -> None:
    """Also where a body has other line ends: the line that is shown is the file's."""
    write("a.json", '\ufeff{"a":1,\r"b":2,\n"subject":4}')
    assert [line.split(": ")[0] for line in check("a.json")[1][:4]] == ["a.json:1:1", "a.json:1:2", "a.json:1:9", "a.json:2:11"]


def test_what_is_no_file_is_not_read() -> None:
    """A device may have no end, and a pipe no writer."""
    Path("zero.json").symlink_to("/dev/zero")
    os.mkfifo("pipe.json")
    outcome = run("check", "zero.json", "pipe.json", "a\0.json")
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines() == [
        "zero.json: it is no regular file",
        "pipe.json: it is no regular file",
        "'a\\x00.json': embedded null byte",
    ]
    write("a.json", GOOD)
    assert run("check", "--directory", "a\0b", "a.json").stderr == "activity-validator: error: 'a\\x00b': embedded null byte\n"


def test_many_requests_of_one_file_are_told_in_their_time() -> None:
    """Each finding takes its own line, not all of the file."""
    request = (
        "### r\nPOST /activities/1/email-response HTTP/1.1\nContent-Type: application/json\n\n" + BAD.replace("\n", "") + "\n"
    )
    write("a.http", request * 3000)
    assert check("--quiet", "a.http")[1][-1].startswith("a.http:15000:")


def test_unreadable_input_is_no_command_of_a_runner() -> None:
    """GitHub's runner reads standard error too; the annotation has told it."""
    name = write("::warning file=x::owned.http", "x\n")
    outcome = run("check", "--format", "github", name)
    assert (outcome.exit_code, outcome.stderr) == (2, "")
    assert outcome.stdout.startswith("::error::")


def test_an_attribute_that_is_nearly_a_known_one_is_mended_by_name() -> None:
    """By the names beside it, also inside lists; one that is near none is not."""
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


def test_explain_config_tells_of_every_payload_of_a_folder_and_of_standard_input() -> None:
    """What would be checked; standard input has no path."""
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


def test_payloads_that_are_nowhere_are_no_success() -> None:
    """A mistake in the configuration is not zero findings; a file that is handed in may be none."""
    configure('payloads = ["p/*.jsn"]\n')
    write("p/a.json", BAD)
    outcome = run("check")
    assert (outcome.exit_code, outcome.stderr) == (
        2,
        "there is no payload: nothing here matches what the configuration says of payloads\n",
    )
    assert check("p/a.json")[0] == 0


def test_a_suppression_of_a_folder_that_cannot_be_listed_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows what is there."""
    configure(SUPPRESS.replace("p/old", "p"))
    write("p/a.json", GOOD), write("p/secret/b.json", BAD)
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert check("p/a.json") == (0, ["1 file, 1 request: 1 as expected, 0 findings."])


def test_a_named_configuration_is_told_by_its_own_path() -> None:
    """From here."""
    write("sub/activity-validator.toml", SUPPRESS)
    write("sub/p/a.json", GOOD)
    assert check("--config", "sub/activity-validator.toml")[1][0].startswith("sub/activity-validator.toml:3:1: C101 ")
    assert run("check", "--config", "sub/activity-validator.toml", "--explain-config", "sub/p/a.json").stdout.splitlines()[1] == (
        "  configuration: sub/activity-validator.toml"
    )


def test_files_that_were_not_asked_for_are_not_summed_up() -> None:
    """They are looked at for a suppression only; what is wrong with their settings is told when they are asked for."""
    configure(SUPPRESS.replace("p/old", "p") + '[[overrides]]\npaths = ["p/z.json"]\ndirectory = "none.json"\n')
    (
        write("p/a.json", GOOD),
        write("p/b.http", "GET /x\n###\nPOST /activities/1/email-response\n\n" + GOOD),
        write("p/z.json", GOOD),
    )
    assert check("p/a.json") == (0, ["1 file, 1 request: 1 as expected, 0 findings."])
