"""Helpers for tests of ``check``: a configuration, a run, and the lines that it prints."""

from tests.commands import run, write
from validator.operation.home import shipped_fixtures

DIRECTORY = str(shipped_fixtures() / "directory.json")
SUBJECT = "400-722 Attribute 'subject' must be text."
CONFIG = 'payloads = ["p"]\n'
UNUSED = "unused suppressions: 1"
SUPPRESS = CONFIG + '[[suppress]]\npath = "p/old"\ncode = "400-722"\nreason = "until May"\n'


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
