"""The process of the command: interrupts, and streams that are closed, broken or full."""

import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

import pytest

from tests.commands import BAD, GOOD, process, run, write
from tests.paths import RATE_ACTIVITY
from validator import __main__ as process_main
from validator import load
from validator.cli import main
from validator.errors import UsageError
from validator.output import printer

FULL_DISK: Final = "activity-validator: error: standard output: No space left on device\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def _interrupts() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.mark.parametrize("arguments", [["check", "a.json"], ["lint"], ["explain"], ["openapi"], ["serve"]])
def test_working_directory_that_is_gone_is_an_error(arguments: list[str]) -> None:
    """With exit status 2 and one line."""
    Path("gone").mkdir()
    os.chdir("gone")
    Path("../gone").resolve().rmdir()
    reason = "the working directory: No such file or directory"
    assert run(*arguments) == (2, "", f"activity-validator: error: {reason}\n")


def test_folder_that_cannot_be_searched_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever command meets it, and ``load`` raises ValueError."""
    shutil.copytree(RATE_ACTIVITY, "api", ignore=shutil.ignore_patterns("__pycache__"))
    status = Path.stat

    def refuse(path: Path, **options: bool) -> os.stat_result:
        if path.parent.name in {"rate_activity", "fixtures"}:
            raise PermissionError(13, "Permission denied", str(path))
        return status(path, **options)

    write("a.json", '{"score": {"value": "good"}}')
    monkeypatch.setattr(Path, "stat", refuse)
    rules = "api/rules/rate_activity/__init__.py: Permission denied"
    with pytest.raises(ValueError, match=f"^{rules}$"):
        load("rate-activity", home="api")
    for arguments in (["check", "a.json"], ["explain"], ["openapi"], ["lint"]):
        outcome = run(*arguments, "--home", "api")
        assert (outcome.exit_code, outcome.stderr.count("\n")) == (2, 1)
        assert ": Permission denied\n" in outcome.stderr


@pytest.mark.usefixtures("_interrupts")
def test_process_collects_garbage_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends soon; importing the library leaves the collector unchanged."""
    thresholds: list[int] = []
    monkeypatch.setattr("gc.set_threshold", thresholds.append)
    monkeypatch.setattr(main, "main", sys.exit)
    with pytest.raises(SystemExit):
        process_main.main()
    assert thresholds == [process_main.GC_THRESHOLD]


@pytest.mark.usefixtures("_interrupts")
def test_interrupt_ends_the_process_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs; once its exit status is known, an interrupt changes nothing."""
    exits: list[int] = []
    monkeypatch.setattr("os._exit", exits.append)
    monkeypatch.setattr(main, "main", lambda: signal.raise_signal(signal.SIGINT))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    call: Callable[[], object] = process_main.main
    call()
    assert (exits, signal.getsignal(signal.SIGINT)) == ([130], signal.SIG_IGN)
    call()  # a process that was started with interrupts off keeps them off
    assert (exits, signal.getsignal(signal.SIGINT)) == ([130], signal.SIG_IGN)


@pytest.mark.parametrize("moment", ["validator.cli.main", "validator.check.runner", "jsonschema_rs"])
def test_interrupt_during_an_import_is_silent(moment: str) -> None:
    """Also in a library that cannot be interrupted: no stack trace, and the documented exit status."""
    write("a.json", GOOD + " " * (1 << 19))  # too large for plain Python
    code = f"""
import signal, sys
class Finder:
    def find_spec(name, path, target=None):
        if name == {moment!r}:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder)
from validator.__main__ import main
main()
"""
    outcome = process("check", "a.json", code=code)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (130, "", "")


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
    with pytest.raises(UsageError, match=r"^standard output: No space left$") if raised else nullcontext():
        printer.print_lines(["a"])
    assert replaced == [1_000]


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is not on this system")
def test_full_disk_is_a_usage_error() -> None:
    """It is one line without a stack trace, also when the process ends."""
    write("a.json", GOOD)
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "validator", "check", "a.json"]
        outcome = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (outcome.returncode, outcome.stderr) == (2, FULL_DISK)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is not on this system")
@pytest.mark.parametrize(
    "arguments",
    [
        "check a.json --format json", "check a.json --explain-config", "check a.json --output b.json", "check bad.json",
        "--help", "check --help", "--version", "explain 400-722", "openapi", "lint schemas",
    ],
)  # fmt: skip
def test_full_disk_is_a_usage_error_of_each_command(arguments: str) -> None:
    """Of help and version too."""
    write("a.json", GOOD), write("bad.json", BAD)
    shutil.copytree(RATE_ACTIVITY, Path.cwd(), dirs_exist_ok=True)
    errors = io.StringIO()
    full = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115 - closed below
    with full, redirect_stdout(full), redirect_stderr(errors), pytest.raises(SystemExit) as exited:
        main.main(arguments.split())
    assert (exited.value.code, errors.getvalue()) == (2, FULL_DISK)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is not on this system")
@pytest.mark.parametrize(("arguments", "status"), [("check a.json", 0), ("check no.json", 2)])
def test_full_standard_error_does_not_change_the_exit_status(arguments: str, status: int) -> None:
    """The lines cannot be written, and nothing else can be done."""
    write("a.json", GOOD)
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "validator", *arguments.split()]
        assert subprocess.run(command, stdout=subprocess.DEVNULL, stderr=full, check=False).returncode == status
