"""``check`` in a user's repository: the files and settings that paths, options and the configuration select."""

import os
from pathlib import Path

import pytest

from tests.cli.checks import CONFIG, DIRECTORY, SUBJECT, SUPPRESS, check, configure, failed, passed
from tests.commands import BAD, GOOD, GOOD_XML, Result, run, write


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
    write("logo.svg", "<svg/>"), write("p/readme.md", "x"), write("p/a.json", GOOD)
    assert check("--configured-only", "logo.svg")[0] == 0
    for name in ("p/readme.md", "logo.svg"):
        error = f"activity-validator: error: {name}: unsupported file type; expected .json, .xml, .http, .rest or .har\n"
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
    assert run("check", "--config", "").stderr == "activity-validator: error: .: Is a directory\n"
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


def test_requests_of_other_operations_are_skipped_and_counted() -> None:
    """On one line with the files outside the payloads."""
    configure(CONFIG)
    text = "GET /activities/2001\n###\nPOST /activities/2001/email-response\n\n" + GOOD
    write("p/a.http", text)
    assert check() == (0, [passed(1), "skipped: 1 request of other operations"])
    write("p/b.http", text), write("c.json", GOOD)
    skipped = "skipped: 1 file outside the configured payloads, 2 requests of other operations"
    assert check("--configured-only", "p", "c.json") == (0, [passed(2), skipped])


def test_file_of_other_operations_is_skipped_unless_it_is_named_or_the_only_one() -> None:
    """A run that checks nothing is no success, except for a hook, which gets the files of a commit."""
    other, own = write("d/other\n.http", "GET /users\n###\nGET /orders\n"), write("d/own.json", GOOD)
    reason = "d/other\\x0a.http: no request to POST /activities/{ids}/email-response in the file, 2 to other operations"
    skipped = ["skipped: 2 requests of other operations", "no request to the operation: d/other\\x0a.http"]
    assert check("d") == (0, [passed(1), *skipped])
    assert run("check", "--format", "json", "d").stdout.splitlines()[-3] == '    "files_of_other_operations": 1'
    assert check("--configured-only", other) == (0, skipped)
    for arguments in (["d", other], [own, other]):
        outcome = run("check", *arguments)
        assert (outcome.exit_code, outcome.stderr) == (2, f"activity-validator: error: {reason}\n")
        assert outcome.stdout.splitlines()[0] == passed(1)
    Path(own).unlink()
    assert run("check", "d") == Result(2, "", f"activity-validator: error: {reason}\n")


def test_file_without_requests_is_named_but_does_not_fail_a_folder() -> None:
    """Such as one with variables only, or an empty recording."""
    write("d/own.json", GOOD), write("d/variables.http", "# shared\n@host = a\n"), write("d/x.har", '{"log": {"entries": []}}')
    assert check("d") == (0, [passed(1), "no request to the operation: d/variables.http, d/x.har"])


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


@pytest.mark.parametrize("caller", ["", "a b", "other:", "other:a b", "0", "01", "1001, 1002", "\xb9\xb2", "9" * 20, "other:a:b"])
def test_invalid_caller_is_a_usage_error(caller: str) -> None:
    """The message lists the valid forms."""
    write("a.json", GOOD)
    outcome = run("check", "--caller", caller, "a.json")
    assert (outcome.exit_code, outcome.stderr) == (
        2,
        f"activity-validator: error: invalid caller {caller!r}: expected a customer's ID, other:KIND or nobody\n",
    )


def test_dot_makes_every_file_a_payload() -> None:
    """It is the folder of the configuration."""
    configure('payloads = ["."]\n')
    write("x/a.json", BAD)
    assert check()[0] == 1


def test_only_regular_files_are_read() -> None:
    """A device may have no end, and a pipe no writer."""
    Path("zero.json").symlink_to("/dev/zero")
    os.mkfifo("pipe.json")
    outcome = run("check", "zero.json", "pipe.json", "a\0.json")
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines() == [
        "activity-validator: error: zero.json: not a regular file",
        "activity-validator: error: pipe.json: not a regular file",
        "activity-validator: error: 'a\\x00.json': embedded null byte",
    ]
    write("a.json", GOOD)
    for path in ("a.json", "."):
        assert run("check", "--directory", "a\0b", path).stderr == "activity-validator: error: 'a\\x00b': embedded null byte\n"


@pytest.mark.parametrize("option", ["--directory", "--config"])
def test_only_regular_files_hold_settings(option: str) -> None:
    """A device may have no end."""
    write("a.json", GOOD)
    reason = f"{os.devnull}: not a regular file"
    assert run("check", option, os.devnull, "a.json") == Result(2, "", f"activity-validator: error: {reason}\n")


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
    finding = "activity-validator.toml:1:13: C106 No file that can be checked matches 'p/*.jsn' in payloads."
    without = "patterns without files: 1"
    assert check("p/a.json") == (1, [f"p/a.json:2:13: {SUBJECT}", finding, failed(1, 1, 1), without])
    skipped = "skipped: 1 file outside the configured payloads"
    assert check("--configured-only", "p/a.json") == (1, [finding, without, skipped])
