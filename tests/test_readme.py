"""The README is true: its session runs, its commands are what CI runs, and it opens with one sentence."""

import doctest
import re
import shutil
from pathlib import Path

import pytest

from tests.commands import BAD, run, write
from tests.paths import RATE_ACTIVITY, ROOT
from tests.readme import README, block
from validator import Caller, Request, load
from validator.check.config_file import read_config


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


COMMANDS = ("check", "explain", "lint", "serve", "openapi")


def test_the_rules_module_it_shows_is_one(tmp_path: Path) -> None:
    """With the schemas of the second operation it judges."""
    shutil.copytree(RATE_ACTIVITY / "schemas", tmp_path / "schemas")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "rate_activity.py").write_text(block("python", "# rules/rate_activity.py"), encoding="utf-8")
    report = load("rate-activity", home=tmp_path).validate(
        Request("2001", "", (), b'{"score": {"value": "poor"}}', Caller.customer("1001"))
    )
    assert [failure.message for failure in report.failures] == ["Attribute 'comment' is required with the score poor."]


def test_the_configuration_it_shows_is_one(tmp_path: Path) -> None:
    """Every key is known."""
    file = tmp_path / "activity-validator.toml"
    file.write_text(block("toml", "payloads"), encoding="utf-8")
    config = read_config(file)
    assert (config.payloads, len(config.suppress), len(config.overrides)) == (("payloads", "docs/**/*.http"), 1, 1)


def test_the_hooks_it_shows_are_offered() -> None:
    """By their names."""
    shown = re.findall(r"- id: (\S+)", block("yaml", "repos:"))
    assert shown == re.findall(r"^- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_finding_it_shows_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the letter."""
    monkeypatch.chdir(tmp_path)
    write("payloads/answer.json", BAD)
    outcome = run("check", "--isolated", "--show-source", "payloads/answer.json")
    assert outcome.stdout.startswith(block("text", "payloads/answer.json"))


def test_every_option_it_names_is_one() -> None:
    """And every option of the command but those that explain themselves is named."""
    named = set(re.findall(r"--[a-z][a-z-]+", README.read_text(encoding="utf-8").replace("--[no-]", "--")))
    offered = set(re.findall(r"--[a-z][a-z-]+", "".join(help_of(command) for command in COMMANDS)))
    others = {
        "--quiet",
        "--editable",
        "--cov",
        "--rewrite-reports",
        "--port",
        "--data-binary",
        "--http",
    }  # of the tools in its commands
    assert named - others <= offered
    assert offered - named == {"--config", "--engine", "--help", "--isolated", "--media", "--no-show-source"}


def help_of(command: str) -> str:
    """Return what a command says of itself."""
    outcome = run(command, "--help")
    assert outcome.exit_code == 0
    return outcome.stdout
