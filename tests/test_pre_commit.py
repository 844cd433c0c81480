"""The pre-commit hooks, run by pre-commit in a temporary repository and on the project itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.commands import BAD, GOOD, GOOD_XML
from tests.paths import RATE_ACTIVITY, ROOT

BIN = Path(sys.executable).parent
ENVIRONMENT = os.environ | {
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "GIT_AUTHOR_NAME": "n", "GIT_AUTHOR_EMAIL": "n@example.com",
    "GIT_COMMITTER_NAME": "n", "GIT_COMMITTER_EMAIL": "n@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull, "NO_COLOR": "1",
    # A checkout may belong to another user than the one who runs the tests.
    "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
}  # fmt: skip
BAD_XML = GOOD_XML.replace("general", "special")


def git(folder: Path, *arguments: str) -> str:
    """Run git and return what it prints."""
    command = ["git", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the current project as a git repository; skip if its dependencies cannot be downloaded."""
    folder = tmp_path_factory.mktemp("project")
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder / "wheel"), "xmlschema"]
    if subprocess.run(fetch, check=False, capture_output=True, timeout=120).returncode:
        pytest.skip("the package index cannot be reached, so pre-commit cannot install the hooks")
    (folder / "project").mkdir()
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "project")
    for name in ("validator", "schemas", "fixtures"):
        shutil.copytree(ROOT / name, folder / "project" / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(folder / "project", "init", "--quiet")
    git(folder / "project", "add", "--all")
    git(folder / "project", "commit", "--quiet", "--message", "current state")
    return folder / "project"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the hooks' environment, which is created once."""
    return tmp_path_factory.mktemp("pre-commit")


def repository(folder: Path, files: dict[str, str]) -> Path:
    """Return a repository with these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    return folder


def hooks(project: Path, *lines: str) -> str:
    """Return a pre-commit configuration with the project's hooks."""
    revision = git(project, "rev-parse", "HEAD").strip()
    return f"repos:\n- repo: {project}\n  rev: {revision}\n  hooks:\n" + "".join(f"  {line}\n" for line in lines)


def pre_commit(folder: Path, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pre-commit in a repository."""
    environment = ENVIRONMENT | {"PRE_COMMIT_HOME": str(cache)}
    command = [sys.executable, "-m", "pre_commit", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)


def test_two_of_five_payloads_fail(project: Path, cache: Path, tmp_path: Path) -> None:
    """Both failures are reported with line, column and fix; other JSON files of the repository are skipped."""
    files = {
        ".pre-commit-config.yaml": hooks(project, "- id: activity-validator-payloads", "- id: activity-validator-requests"),
        "activity-validator.toml": 'payloads = ["payloads"]\n',
        "payloads/one.json": GOOD,
        "payloads/two.xml": GOOD_XML,
        "payloads/three.http": "POST /activities/2001/email-response HTTP/1.1\n\n" + GOOD,
        "payloads/four.json": BAD,
        "payloads/five.xml": BAD_XML,
        "package.json": "{}",
        "logo.svg": "<svg/>",
    }
    outcome = pre_commit(repository(tmp_path, files), cache, "run", "--all-files")
    lines = outcome.stdout.splitlines()
    assert outcome.returncode == 1, outcome.stderr
    assert sorted(line for line in lines if line.startswith(("payloads/", "    = fix", "package"))) == [
        "    = fix: Use a value of the type in the message.",
        "    = fix: Use one of the values in the message.",
        "payloads/five.xml:1:46: 400-196 Attribute 'type.subtype.value' must be one of: 'general'.",
        "payloads/four.json:2:13: 400-722 Attribute 'subject' must be text.",
    ]
    assert "skipped: 1 file outside the configured payloads" in lines
    assert [line.split(".")[0] for line in lines if line.endswith(("Passed", "Failed"))] == [
        "check payloads",
        "check recorded requests",
    ]


def test_try_repo_with_reference_data(project: Path, cache: Path, tmp_path: Path) -> None:
    """From the path of the project; a hook accepts more arguments."""
    directory = (ROOT / "fixtures" / "directory.json").read_text(encoding="utf-8")
    args = '- id: activity-validator-payloads\n    args: [--directory, tenant.json, --caller, "1002"]'
    files = {".pre-commit-config.yaml": hooks(project, args), "tenant.json": directory, "a.json": GOOD}
    folder = repository(tmp_path, files)
    trial = pre_commit(folder, cache, "try-repo", str(project), "activity-validator-payloads", "--files", "a.json")
    assert trial.returncode == 0, trial.stdout
    outcome = pre_commit(folder, cache, "run", "--files", "a.json")
    assert outcome.returncode == 1
    assert (
        "a.json:1:1: 400-702 The activity in the path does not exist or is not visible to the acting customer." in outcome.stdout
    )


def test_thousands_of_files_in_several_processes(project: Path, cache: Path, tmp_path: Path) -> None:
    """Every file is checked, and an unused suppression is reported once."""
    count = 3000
    files = {
        ".pre-commit-config.yaml": hooks(project, "- id: activity-validator-payloads", "  verbose: true"),
        "activity-validator.toml": 'payloads = ["p"]\n[[suppress]]\npath = "p/1"\ncode = "400-721"\nreason = "x"\n',
        **{f"p/{number % 10}/{'long-name-' * 9}{number}.json": BAD if number == count // 2 else GOOD for number in range(count)},
    }
    outcome = pre_commit(repository(tmp_path, files), cache, "run", "--all-files")
    summaries = [line.split() for line in outcome.stdout.splitlines() if line.endswith(" checked")]
    assert outcome.returncode == 1
    assert len(summaries) > 1
    assert sum(int(words[-2]) for words in summaries) == count
    assert [
        line.split(" ")[1] for line in outcome.stdout.splitlines() if line.startswith(("p/", "activity-validator.toml"))
    ].count("C101") == 1
    assert outcome.stdout.count(" 400-722 ") == 1


def test_lint_hook_checks_custom_operations(project: Path, cache: Path, tmp_path: Path) -> None:
    """It runs when an artefact changes, and shows both sides of a difference."""
    shutil.copytree(RATE_ACTIVITY, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    folder = repository(tmp_path, {".pre-commit-config.yaml": hooks(project, "- id: activity-validator-lint")})
    assert pre_commit(folder, cache, "run", "--all-files").returncode == 0
    path = folder / "schemas" / "rate-activity" / "request.xsd"
    path.write_text(path.read_text().replace('value="good"', 'value="fine"'))
    git(folder, "add", "--all")
    outcome = pre_commit(folder, cache, "run", "--files", "schemas/rate-activity/request.xsd")
    assert outcome.returncode == 1
    assert "schemas/rate-activity/request.schema.json:21:20: L206 " in outcome.stdout
    assert "  schemas/rate-activity/request.xsd:24:21: the XSD differs here" in outcome.stdout


def test_project_passes_its_own_hooks(cache: Path) -> None:
    """They are the same hooks, with the command of this checkout."""
    own = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    offered = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    shared = {"id", "name", "entry", "files", "pass_filenames"}
    assert [{key: value for key, value in hook.items() if key in shared} for hook in own] == [
        {key: value for key, value in hook.items() if key in shared} for hook in offered
    ]
    if not (ROOT / ".git").exists():
        pytest.skip("pre-commit needs a git checkout")
    outcome = pre_commit(ROOT, cache, "run", "--all-files")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
