"""The command as a process: its options, its exit status, and the streams it writes to."""

import io
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.commands import BAD, GOOD, Result, run, write
from validator import __main__ as process_main
from validator.check import runner
from validator.cli import main
from validator.output import printer


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
        ("directory imort", "ACTION: invalid choice: 'imort' (choose from 'create', 'import', 'export')"),
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


def process(*arguments: str, code: str = "from validator.cli.main import main; main()") -> subprocess.CompletedProcess[str]:
    """Run the command as a process."""
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


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


class Broken(io.StringIO):
    """A standard output that cannot be written."""

    def __init__(self, error: OSError) -> None:
        """Store the error that flush raises."""
        super().__init__()
        self.error = error

    def flush(self) -> None:
        """Raise the error."""
        raise self.error

    def fileno(self) -> int:
        """Return a descriptor that no test opens."""
        return 1_000


@pytest.mark.parametrize(("error", "raised"), [(BrokenPipeError(32, "Broken pipe"), False), (OSError(28, "No space left"), True)])
def test_unwritable_output_is_replaced_by_the_null_device(
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
    raised: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """So closing it is silent. A reader that closed the pipe is not an error; a full disk is."""
    replaced: list[int] = []
    monkeypatch.setattr("os.dup2", lambda _source, target: replaced.append(target))
    monkeypatch.setattr("sys.stdout", Broken(error))
    with pytest.raises(OSError, match="No space left") if raised else nullcontext():
        printer.print_lines(["a"])
    assert replaced == [1_000]


def test_output_without_encoding_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output may be any text file."""
    output = io.StringIO()
    monkeypatch.setattr("sys.stdout", output)
    with pytest.raises(SystemExit):
        main.main(["--version"])
    assert output.getvalue() == "activity-validator, version 0.1.0\n"


def test_process_collects_garbage_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends soon; importing the library leaves the collector unchanged."""
    thresholds: list[int] = []
    monkeypatch.setattr("gc.set_threshold", thresholds.append)
    monkeypatch.setattr(main, "main", sys.exit)
    with pytest.raises(SystemExit):
        process_main.main()
    assert thresholds == [process_main.GC_THRESHOLD]


def test_broken_pipe_is_silent() -> None:
    """The exit status is that of the check."""
    write("good.json", GOOD), write("bad.json", BAD)
    for name, status in (("good.json", 0), ("bad.json", 1)):
        reading, writing = os.pipe()
        os.close(reading)
        command = [sys.executable, "-m", "validator", "check", name]
        outcome = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
        os.close(writing)
        assert (outcome.returncode, outcome.stderr) == (status, "")


@pytest.mark.parametrize(("name", "status"), [("good.json", 0), ("bad.json", 1), ("missing.json", 2), ("-", 1)])
def test_closed_streams_do_not_change_the_exit_status(name: str, status: int) -> None:
    """Any of standard input, output and error may be closed."""
    write("good.json", GOOD), write("bad.json", BAD)
    for closed in (">&-", "2>&-", ">&- 2>&-", "<&- >&-"):
        command = f'"{sys.executable}" -m validator check {name} {closed}'
        outcome = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert outcome.returncode == status


def test_closed_stream_is_replaced_by_the_null_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python sets the stream to None."""
    monkeypatch.setattr("sys.stdin", None)
    main._open_streams()
    with sys.stdin as stream:
        assert stream.read() == ""


def test_interrupted_run_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit status is the one that shells use."""
    monkeypatch.setattr(runner, "run", Mock(side_effect=KeyboardInterrupt))
    assert run("check", "a.json") == (130, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is not on this system")
def test_full_disk_is_an_internal_error() -> None:
    """It is one line without a stack trace, also when the process ends."""
    write("a.json", GOOD)
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "validator", "check", "a.json"]
        outcome = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (outcome.returncode, outcome.stderr) == (
        3,
        "activity-validator: internal error: OSError: [Errno 28] No space left on device\n",
    )


def test_checking_json_imports_no_other_engine() -> None:
    """The start of a process depends on it: no XML engine, reference engine, email-validator or event loop."""
    write("a.json", GOOD)
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from validator.cli.main import main; main()"
    loaded = set(process("check", "a.json", code=code).stdout.split())
    assert "jiter" in loaded
    assert loaded.isdisjoint(
        {"lxml", "xmlschema", "jsonschema", "email_validator", "validator.lint", "asyncio", "lxml.etree", "validator.cli.explain"}
    )
