"""The steps of CONTRIBUTING.md work when they are followed literally, in a copy of the checkout."""

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns
from textwrap import dedent
from typing import Final

import pytest

from tests.paths import ROOT
from tests.readme import CONTRIBUTING

COPIES: Final = ("validator", "schemas", "fixtures", "tests")
# "Create `FILE`:" or "In `FILE`, before the line `LINE`:", then a code block; or a block of commands.
STEP: Final = re.compile(
    r"(?:Create `(?P<new>[^`]+)`|In `(?P<file>[^`]+)`, before the line `(?P<line>[^`]+)`):\n\n"
    r" *```\w+\n(?P<text>.*?)^ *```$"
    r"| *```text\n(?P<commands>.*?)^ *```$",
    re.DOTALL | re.MULTILINE,
)
PROGRAMS: Final = {
    ".venv/bin/python": [sys.executable],
    ".venv/bin/activity-validator": [sys.executable, "-m", "validator"],
}


def section(title: str) -> str:
    """Return a section of the page."""
    return CONTRIBUTING.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of the checkout."""
    for name in COPIES:
        copytree(ROOT / name, tmp_path / name, ignore=ignore_patterns("__pycache__", ".*"))
    for name in ("pyproject.toml", "README.md"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


def run(checkout: Path, command: str) -> None:
    """Run a command of the page in a checkout; it must succeed."""
    program, *arguments = command.removeprefix("$ ").split()
    environment = os.environ | {"PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    outcome = subprocess.run(
        [*PROGRAMS.get(program, [program]), *arguments],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, f"{command}\n{outcome.stdout}{outcome.stderr}"


@pytest.mark.parametrize(
    ("title", "file"),
    [
        ("Add a rule", "fixtures/create-email-response/reject/400-744-iframe.report"),
        ("Add an operation", "validator/rules/rate_activity/__init__.py"),
        ("Add a command", "validator/cli/endpoints.py"),
    ],
)
def test_steps_work(checkout: Path, title: str, file: str) -> None:
    """The code blocks are applied and the commands run, in order; each command succeeds. file: one that the steps create."""
    assert not (checkout / file).exists()
    steps = list(STEP.finditer(section(title)))
    assert len(steps) == section(title).count("```") // 2
    for step in steps:
        if step["commands"]:
            for command in dedent(step["commands"]).splitlines():
                run(checkout, command)
        elif step["new"]:
            assert not (checkout / step["new"]).exists()
            (checkout / step["new"]).write_text(dedent_step(step["text"]), encoding="utf-8")
        else:
            insert(checkout / step["file"], step["line"], dedent_step(step["text"]))
    assert (checkout / file).exists()


def dedent_step(text: str) -> str:
    """Return a code block without the indentation of its list item."""
    return "".join(line.removeprefix("   ") for line in text.splitlines(keepends=True))


def insert(file: Path, line: str, text: str) -> None:
    """Insert a text before the first occurrence of a line."""
    source = file.read_text(encoding="utf-8")
    assert f"\n{line}\n" in source, f"{file} has no line {line!r}"
    file.write_text(source.replace(f"\n{line}\n", f"\n{text}{line}\n", 1), encoding="utf-8")
