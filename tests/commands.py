"""Run the command in this process, and write files for it."""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from validator.cli import main

GOOD = '{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}'
BAD = '{"type": {"value": "email", "subtype": {"value": "general"}},\n "subject": 1}'
GOOD_XML = "<activity><type><value>email</value><subtype><value>general</value></subtype></type><subject>a</subject></activity>"
SKIPPED = "400-705 400-702 400-734 400-735 400-736 400-740 400-741 400-743 400-750 400-751 400-752 400-753"


class Result(NamedTuple):
    """The exit status and the output of a run."""

    exit_code: int
    stdout: str
    stderr: str


def run(*arguments: str, stdin: str = "") -> Result:
    """Run the command in this process."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as errors:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as exited:
            main.main(arguments)
    assert isinstance(exited.value.code, int)
    return Result(exited.value.code, out.getvalue(), errors.getvalue())


def process(*arguments: str, code: str = "from validator.cli.main import main; main()") -> subprocess.CompletedProcess[str]:
    """Run the command as a process."""
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


def write(name: str, text: str) -> str:
    """Write a file below the current folder and return its name."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(text.encode())
    return name
