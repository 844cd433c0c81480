"""The README is true: its session runs, its commands are what CI runs, and it opens with one sentence."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


def test_the_session_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session prints what it says it prints."""
    monkeypatch.chdir(ROOT)
    outcome = doctest.testfile(str(README), module_relative=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_it_opens_with_one_sentence() -> None:
    """After the title stands one sentence, and then the session."""
    _, sentence, session = README.read_text(encoding="utf-8").split("\n\n")[:3]
    assert sentence.count(".") == 1
    assert session.startswith("```python\n>>> import validator")


def test_there_are_exactly_two_commands_and_ci_runs_the_second() -> None:
    """Two shell blocks of one line each; CI greps the one with pytest in it."""
    commands = re.findall(r"```sh\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert [command.count("\n") for command in commands] == [0, 0]
    first = next(line for line in README.read_text(encoding="utf-8").splitlines() if "python -m pytest" in line)
    assert first == commands[1]
    assert "grep -m1 'python -m pytest' README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_top_level_holds_nothing_else() -> None:
    """Besides dot-files, what builds leave and a LICENSE, the top level is the agreed one."""
    agreed = {"pyproject.toml", "README.md", "LICENSE", "validator", "schemas", "tests", "fixtures"}
    left_by_builds = {"build", "dist", "mutants"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".") and path.suffix != ".egg-info"}
    assert found - left_by_builds == agreed
