"""The command as a process: its options, its exit status, and the streams it writes to."""

import io
import sys
from pathlib import Path
from typing import Final
from unittest.mock import Mock

import pytest

from tests.commands import BAD, GOOD, GOOD_XML, Result, process, run, write
from validator.check import runner
from validator.cli import main


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_help_lists_the_commands_and_imports_none() -> None:
    """A command's modules are imported when it runs."""
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from validator.cli.main import main; main()"
    outcome = process("--help", code=code)
    *lines, modules = outcome.stdout.splitlines()
    assert outcome.returncode == 0
    assert [line.split()[0] for line in lines if line.startswith("    ") and line.split()[0] in main.COMMANDS] == list(
        main.COMMANDS
    )
    assert [name for name in modules.split() if name.startswith(("validator.cli.", "validator.engine"))] == [
        "validator.cli.environment",
        "validator.cli.parser",
        "validator.cli.main",
    ]


@pytest.mark.parametrize("command", main.COMMANDS)
def test_help_of_a_command_describes_it(command: str) -> None:
    """Its module has a description and options."""
    outcome = run(command, "--help")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    usage, description = outcome.stdout.split("\n\n")[:2]
    assert usage.startswith(f"usage: activity-validator {command} [-h]")
    assert description[-1] in '."NE'


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "the following arguments are required: COMMAND; see activity-validator --help"),
        ("chekc", "unknown command 'chekc'; did you mean 'check'?"),
        ("run", "unknown command 'run'"),
        ("--quiet check", "unknown option '--quiet'; see activity-validator --help"),
        ("serve --prot=1", "unknown option '--prot'; did you mean '--port'?"),
        ("lint a b", "unknown argument 'b'; see activity-validator lint --help"),
        ("directory imort", "ACTION: invalid choice: 'imort' (choose from 'create', 'migrate', 'import', 'export')"),
        ("directory create", "the following arguments are required: URL; see activity-validator directory create --help"),
        ("check --color", "--color: expected one argument"),
        ("serve --port 70000", "--port must be between 0 and 65535, got 70000"),
        ("serve --port http", "--port must be between 0 and 65535, got http"),
        ("serve --concurrency 0", "--concurrency must be a whole number of at least 1, got 0"),
        ("serve --seconds nan", "--seconds must be above 0 and below 1000000 seconds, got nan"),
        ("serve --cache-seconds -1", "--cache-seconds must be at least 0 and below 1000000 seconds, got -1"),
        ("openapi --caller-header=", "--caller-header must be the name of an HTTP header, got nothing"),
    ],
)
def test_usage_error_is_one_line(arguments: str, message: str) -> None:
    """It names the option once, the expected value and the given one, or suggests the right name."""
    assert run(*arguments.split()) == Result(2, "", f"activity-validator: error: {message}\n")


def test_missing_packages_are_reported_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is the command that installs them."""
    monkeypatch.setitem(sys.modules, "validator.sidecar", None)
    message = "activity-validator: error: serve needs the extra 'server': pip install 'activity-validator[server]'\n"
    assert run("serve", "--isolated") == Result(2, "", message)


def test_process_ends_with_the_exit_status() -> None:
    """As pre-commit and shells run it."""
    outcome = process("check", write("a.json", BAD))
    assert (outcome.returncode, outcome.stdout.splitlines()[0], outcome.stderr) == (
        1,
        "a.json:2:13: 400-722 Attribute 'subject' must be text.",
        "",
    )
    assert process("--version").stdout == "activity-validator, version 0.1.0\n"


def test_unexpected_exception_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 3, no stack trace."""
    monkeypatch.setattr(runner, "run", Mock(side_effect=ZeroDivisionError("division by zero")))
    with pytest.raises(SystemExit) as exited:
        main.main(["check", "a.json"])
    assert (exited.value.code, capsys.readouterr().err) == (
        3,
        "activity-validator: internal error: ZeroDivisionError: division by zero\n",
    )


def test_output_without_encoding_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output may be any text file."""
    output = io.StringIO()
    monkeypatch.setattr("sys.stdout", output)
    with pytest.raises(SystemExit):
        main.main(["--version"])
    assert output.getvalue() == "activity-validator, version 0.1.0\n"


def test_interrupted_run_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit status is the one that shells use."""
    monkeypatch.setattr(runner, "run", Mock(side_effect=KeyboardInterrupt))
    assert run("check", "a.json") == (130, "", "")


@pytest.mark.parametrize("name", ["-dash.json", "--output=a.json", "-q.http", "--.xml", "-a b.har"])
def test_file_whose_name_begins_with_a_dash_is_a_file(name: str) -> None:
    """A pre-commit hook passes every name as it is; such a file neither stops the others nor sets an option."""
    texts = {"-q.http": f"POST /activities/2001/email-response\n\n{BAD}", "--.xml": GOOD_XML}
    write(name, texts.get(name, BAD)), write("a.json", BAD)
    outcome = run("check", name, "a.json")
    expected = {
        "-dash.json": ("./-dash.json:2:13: 400-722 Attribute 'subject' must be text.", 1, ""),
        "--output=a.json": ("./--output=a.json:2:13: 400-722 Attribute 'subject' must be text.", 1, ""),
        "-q.http": ("./-q.http:4:13: 400-722 Attribute 'subject' must be text.", 1, ""),
        "--.xml": ("a.json:2:13: 400-722 Attribute 'subject' must be text.", 1, ""),
        "-a b.har": (
            "a.json:2:13: 400-722 Attribute 'subject' must be text.",
            2,
            "activity-validator: error: ./-a b.har:1: invalid HTTP archive: /log/entries must be an array\n",
        ),
    }[name]
    assert (outcome.stdout.splitlines()[0], outcome.exit_code, outcome.stderr) == expected


def test_option_that_is_no_file_is_an_option() -> None:
    """Also one with a dot in its value."""
    write("a.json", GOOD)
    assert run("check", "-x.json", "a.json").stderr.startswith("activity-validator: error: unknown option '-x.json'")
    assert run("check", "a.json", "--output=b.txt").exit_code == 0
    assert Path("b.txt").read_text(encoding="utf-8").startswith("0 requests failed, 1 passed, 1 checked\n")


# Modules that ``check`` must not import for a small file: engines, parsers and commands that it does not need, and parts of the
# standard library that take time to import.
FORBIDDEN: Final = {
    "orjson": "and with it uuid, platform, dataclasses: few bodies are read in plain Python",
    "jiter": "the same",
    "jsonschema_rs": "and with it email.utils, socket, decimal, random, urllib: the same",
    "lxml": "only XML may need it",
    "xml.parsers": "only XML needs it, also in the schemas",
    "jsonschema": "the reference engine",
    "xmlschema": "the reference engine",
    "email_validator": "no rule of the example needs it",
    "dataclasses": "and with it inspect, ast, dis, tokenize: values are named tuples",
    "inspect": "the compiler of rules needs it, and few requests do not repay that",
    "ast": "the same",
    "textwrap": "the same",
    "datetime": "only dates need it",
    "decimal": "nothing needs it",
    "socket": "nothing is sent",
    "email": "nothing is sent",
    "uuid": "nothing needs it",
    "platform": "nothing needs it",
    "asyncio": "the directory is in memory",
    "logging": "nothing goes wrong",
    "difflib": "nothing is misspelt",
    "tomllib": "there is no configuration",
    "validator.body.effort": "the patterns of the shipped schemas have been measured",
    "validator.body.pattern": "the same",
    "validator.operation.rule_compiler": "few requests do not repay it",
    "validator.lint": "another command",
    "validator.cli.explain": "another command",
}


def test_checking_json_imports_little() -> None:
    """The start takes most of the command's time: at most a third of that of check-jsonschema (tests.benchmarks.start)."""
    write("a.json", GOOD)
    # Modules that are imported before, such as those that measure coverage, are not the command's.
    code = (
        "import atexit, sys; before = {*sys.modules}; atexit.register(lambda: print(*{*sys.modules} - before)); "
        "from validator.cli.main import main; main()"
    )
    outcome = process("check", "--isolated", "a.json", code=code)
    loaded = set(outcome.stdout.splitlines()[-1].split())
    assert (outcome.returncode, "validator.body.plain" in loaded) == (0, True)
    assert loaded & FORBIDDEN.keys() == set()
