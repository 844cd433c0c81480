"""The house rules that tools can hold: lint, format, types, and the direction of imports."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["lint-imports"]],
    ids=["lint", "format", "types", "imports"],
)
def test_the_tool_finds_nothing(command: list[str]) -> None:
    """Each tool ends with nothing to say against the code."""
    outcome = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_one_spelling_rule_for_an_operation() -> None:
    """Each operation has one name: folder of schemas, package of rules, folder of fixtures."""
    named = {path.name for path in (ROOT / "schemas").iterdir() if path.is_dir()}
    packages = {
        path.name.replace("_", "-") for path in (ROOT / "validator" / "rules").iterdir() if (path / "__init__.py").is_file()
    }
    assert named == packages == {path.name for path in (ROOT / "fixtures").iterdir() if path.is_dir()}
