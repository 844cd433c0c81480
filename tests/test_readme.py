"""The documents are true: sessions, configuration, hooks and rules in them run, options exist, and links resolve."""

import doctest
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.commands import BAD, run, write
from tests.paths import RATE_ACTIVITY, ROOT
from tests.readme import GUIDE, README, block, markdown_files
from validator import Caller, Request, load
from validator.check.config_file import read_config

COMMANDS = ("check", "explain", "lint", "new", "serve", "openapi", "audit")
# Options of the tools that the documents call.
OTHER_TOOLS = {"--quiet", "--editable", "--cov", "--rewrite-reports", "--data-binary", "--http", "--check"} | {
    *("--numprocesses", "--dist"),  # pytest-xdist
    *("--runs", "--only"),  # tests.benchmarks
    *("--seed", "--count", "--processes"),  # tests.campaigns
}
DOCUMENTS = pytest.mark.parametrize("file", markdown_files(), ids=lambda file: str(file.relative_to(ROOT)))


def test_session_prints_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session of the README runs in the checkout."""
    monkeypatch.chdir(ROOT)
    outcome = doctest.testfile(str(README), module_relative=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_readme_opens_with_one_sentence_and_the_session() -> None:
    """The sentence is also the description of the package."""
    _, sentence, session = README.read_text(encoding="utf-8").split("\n\n")[:3]
    assert sentence.count(".") == 1
    assert session.startswith("```python\n>>> import validator")
    assert f'description = "{sentence}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"""{sentence}' in (ROOT / "validator" / "__init__.py").read_text(encoding="utf-8")


def test_readme_has_two_set_up_commands_and_ci_runs_the_second() -> None:
    """There are two shell blocks of one line each; CI greps the one that calls pytest."""
    commands = re.findall(r"```sh\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert [command.count("\n") for command in commands] == [0, 0]
    first = next(line for line in README.read_text(encoding="utf-8").splitlines() if "python -m pytest" in line)
    assert first == commands[1]
    assert "grep -m1 'python -m pytest' README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "bash .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")


def test_rules_module_of_the_guide_validates(tmp_path: Path) -> None:
    """It works with the schemas of rate-activity."""
    shutil.copytree(RATE_ACTIVITY / "schemas", tmp_path / "schemas")
    (tmp_path / "rules").mkdir()
    source = block("python", "# rules/rate_activity.py", GUIDE)
    (tmp_path / "rules" / "rate_activity.py").write_text(source, encoding="utf-8")
    body = b'{"score": {"value": "good"}, "reasons": {"reason": ["slow", "slow"]}}'
    report = load("rate-activity", home=tmp_path).validate(Request("2001", "", (), body, Caller.customer("1001")))
    assert [failure.message for failure in report.failures] == ["Attribute 'reasons.reason[1]' repeats a reason."]


def test_operation_in_the_readme_is_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands print what the README shows, and its rule is that of the new operation."""
    monkeypatch.chdir(tmp_path)
    create, lint, printed = block("text", "$ activity-validator new").splitlines()
    assert run(*create.split()[2:]).exit_code == 0
    assert run(*lint.split()[2:]) == (0, f"{printed}\n", "")
    rules = Path("api/rules/rate_activity.py").read_text(encoding="utf-8")
    assert block("python", "@rule(COMMENT_MISSING)") in rules


@pytest.mark.parametrize(("file", "overrides"), [(README, 0), (GUIDE, 2)], ids=["README", "guide"])
def test_configuration_is_valid(tmp_path: Path, file: Path, overrides: int) -> None:
    """Every key is known."""
    configuration = tmp_path / "activity-validator.toml"
    configuration.write_text(block("toml", "payloads", file), encoding="utf-8")
    config = read_config(configuration)
    assert (config.payloads, len(config.suppress), len(config.overrides)) == (("payloads", "docs/**/*.http"), 1, overrides)


def test_hooks_in_the_readme_exist() -> None:
    """The README shows every hook by its ID."""
    shown = re.findall(r"id: ([a-z-]+)", block("yaml", "repos:"))
    assert shown == re.findall(r"^- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"), re.MULTILINE)


def test_finding_in_the_readme_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README shows the output of ``check`` verbatim."""
    monkeypatch.chdir(tmp_path)
    write("payloads/answer.json", BAD)
    outcome = run("check", "--isolated", "--show-source", "payloads/answer.json")
    assert outcome.stdout.startswith(block("text", "payloads/answer.json"))


@DOCUMENTS
def test_named_options_exist(file: Path) -> None:
    """Every option in a document belongs to the command, or to a tool that the document calls."""
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", file.read_text(encoding="utf-8")))
    offered = set(re.findall(r"--[a-z][a-z-]+", "".join(help_of(command) for command in COMMANDS)))
    assert named - OTHER_TOOLS - offered == set()


def help_of(command: str) -> str:
    """Return the help of a command."""
    outcome = run(command, "--help")
    assert outcome.exit_code == 0
    return outcome.stdout


@DOCUMENTS
def test_links_resolve(file: Path) -> None:
    """Relative links lead to a file of the checkout, and to a heading in it."""
    text = re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not link.startswith("https://")]
    for link in links:
        path, _, anchor = unquote(link).partition("#")
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in headings(target), link


def headings(file: Path) -> set[str]:
    """Return the anchors of a document's headings."""
    titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
