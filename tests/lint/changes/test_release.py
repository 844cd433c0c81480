"""The home of a release: a folder, or a git revision, which is read without a checkout."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.commands import process, run
from tests.lint.changes.homes import NAME, copy_home, list_changes
from tests.lint.changes.planted import PLANTED
from tests.paths import RATE_ACTIVITY
from validator.errors import UsageError
from validator.lint.changes.comparison import find_changes
from validator.lint.changes.release import open_release
from validator.operation.home import Home

HOME = "services/rating 1"


def git(folder: Path, *arguments: str, data: str | None = None) -> str:
    """Run git and return its output without the end of the line."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, input=data).stdout.rstrip("\n")


def refuse(release: str) -> str:
    """Return the error of a release that cannot be read."""
    with pytest.raises(UsageError) as caught, open_release(release, Home.at(".")):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with the home of rate-activity: the tag v1, and planted changes in the working tree.

    Its attributes would change what an archive or a checkout holds.
    """
    root = tmp_path_factory.mktemp("repository")
    home = copy_home(root / HOME)
    (root / ".gitattributes").write_text("fixtures/** export-ignore\n*.json export-subst\n* eol=crlf\n")
    (home / "fixtures" / NAME / "accept" / "400-803-größe 1.json").write_text('{"score": {"value": "good"}}')
    git(root, "init", "--quiet")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "empty")
    git(root, "tag", "v0")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "v1")
    git(root, "tag", "v1")
    shutil.rmtree(home)
    copy_home(home, PLANTED["values"][0])
    return root


@pytest.fixture
def _in_home(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / HOME)


@pytest.mark.usefixtures("_in_home")
@pytest.mark.parametrize("revision", ["v1", "HEAD", "refs/tags/v1", "main~0"])
def test_revision_is_compared_like_a_folder(revision: str, repository: Path) -> None:
    """The fixture that only the release has is checked too, and nothing in the repository changes."""
    before = git(repository, "status", "--porcelain"), (repository / ".git" / "index").read_bytes()
    lines = list_changes(Path(revision))
    expected = [line.replace("applies to 3 more", "applies to 4 more") for line in PLANTED["values"][1]]
    assert lines == expected
    assert (git(repository, "status", "--porcelain"), (repository / ".git" / "index").read_bytes()) == before


@pytest.mark.usefixtures("_in_home")
def test_files_of_a_revision_are_those_that_were_committed() -> None:
    """Byte for byte."""
    with open_release("v1", Home.at(".")) as (release, unread):
        root = release.schemas.parent
        files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    kept = [path for path in RATE_ACTIVITY.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    committed = {path.relative_to(RATE_ACTIVITY).as_posix(): path.read_bytes() for path in kept}
    assert files == committed | {f"fixtures/{NAME}/accept/400-803-größe 1.json": b'{"score": {"value": "good"}}'}
    assert (unread, root.exists()) == ([], False)


def test_repository_is_that_of_the_home(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Wherever the command runs, and whatever a hook of another repository has set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    outcome = run("lint", "--home", str(repository / HOME), "--against", "v1", "--select", "L6", "--quiet")
    assert (outcome.exit_code, outcome.stderr) == (1, "")
    assert len(outcome.stdout.splitlines()) == len([line for line in PLANTED["values"][1] if line < "L65"])


@pytest.mark.usefixtures("_in_home")
def test_folder_takes_precedence_over_a_revision(repository: Path) -> None:
    """Of the same name."""
    copy_home(Path("v1"), PLANTED["values"][0])
    try:
        assert [line[:4] for line in list_changes(Path("v1"))] == ["L609"]  # fixtures that the folder's own schema refuses
        assert "L604" in [line[:4] for line in list_changes(Path("refs/tags/v1"))]
    finally:
        shutil.rmtree("v1")
    assert git(repository, "tag") == "v0\nv1"


@pytest.mark.usefixtures("_in_home")
@pytest.mark.parametrize(
    ("release", "message"),
    [
        ("v2", "v2: no such folder, and no such revision of {root}"),
        ("", ": no such folder, and no such revision of {root}"),
        ("--output=x", "--output=x: no such folder, and no such revision of {root}"),
        ("v1:services", "v1:services: no such folder, and no such revision of {root}"),
        ("v0..v1", "v0..v1: no such folder, and no such revision of {root}"),
        ("v0", "v0: no operation in schemas; expected a folder with operation.json for each"),
        ("rules", "rules: no operation in rules/schemas; expected a folder with operation.json for each"),
    ],
)
def test_unusable_release_is_a_usage_error(release: str, message: str, repository: Path) -> None:
    """The error names it, and where it was searched."""
    assert refuse(release) == f"--against {message.format(root=repository)}"


@pytest.mark.usefixtures("_in_home")
def test_unusable_release_stops_the_command() -> None:
    """With one line and exit status 2."""
    message = "activity-validator: error: --against rules: no operation in rules/schemas; expected a folder with operation.json"
    assert run("lint", "--against", "rules") == (2, "", f"{message} for each\n")


def test_home_outside_a_repository_has_no_revisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is git's."""
    monkeypatch.chdir(copy_home(tmp_path / "home"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    message = f"--against v1: no such folder, and no revision of {tmp_path}/home/schemas: fatal: not a git repository"
    assert refuse("v1").startswith(message)


@pytest.mark.usefixtures("_in_home")
def test_git_may_be_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder needs none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refuse("v1") == "--against v1: no such folder, and git, which reads revisions, is not installed"
    with open_release(".", Home.at(".")) as release:
        assert release == (Home.at("."), ())


@pytest.fixture
def clone(repository: Path, tmp_path: Path) -> Path:
    """Return a clone of the last commit only."""
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "clone")
    return tmp_path / "clone"


def test_shallow_clone_is_named_as_the_reason(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the last commit only."""
    monkeypatch.chdir(clone / HOME)
    message = f"no such folder, and no such revision of {clone}; the clone is shallow, fetch the revision first"
    assert refuse("v0") == f"--against v0: {message}"


def test_missing_object_is_named_as_the_reason(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a partial clone; it is not fetched."""
    monkeypatch.chdir(clone / HOME)
    pack = next((clone / ".git" / "objects" / "pack").glob("*.pack"))
    moved = clone / "moved.pack"
    pack.rename(moved)
    with moved.open("rb") as stream:
        subprocess.run(["git", "unpack-objects", "-q"], cwd=clone, stdin=stream, check=True)
    name = git(clone, "rev-parse", f"HEAD:{HOME}/schemas/{NAME}/request.xsd")
    (clone / ".git" / "objects" / name[:2] / name[2:]).unlink()
    assert refuse("HEAD") == "--against HEAD: the clone lacks a file of the revision; fetch it first"


def test_partial_clone_is_not_completed(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is not used: git's own message is shown."""
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{repository}", "partial")
    monkeypatch.chdir(copy_home(tmp_path / "partial" / HOME))
    assert re.fullmatch(r"--against v1: \S.*", refuse("v1"))


def test_forged_commit_writes_nothing_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree may hold the name of the parent folder."""
    home = copy_home(tmp_path / "home")
    monkeypatch.chdir(home)
    git(home, "init", "--quiet")
    blob = git(home, "hash-object", "-w", "--stdin", data="{}")
    inner = git(home, "mktree", data=f"100644 blob {blob}\toperation.json\n")
    schemas = git(home, "mktree", data=f"040000 tree {inner}\t..\n040000 tree {inner}\t{NAME}\n")
    commit = git(home, "commit-tree", "-m", "forged", git(home, "mktree", data=f"040000 tree {schemas}\tschemas\n"))
    with open_release(commit, Home.at(".")) as (release, _):
        files = [path.relative_to(release.schemas.parent).as_posix() for path in release.schemas.parent.rglob("*.json")]
    assert files == [f"schemas/{NAME}/operation.json"]


def test_links_of_a_revision_are_not_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are reported, and the rest is compared."""
    home = copy_home(tmp_path / "home")
    monkeypatch.chdir(home)
    (home / "rules" / "link.py").symlink_to("rate_activity.py")
    git(home, "init", "--quiet")
    git(home, "add", "--all")
    git(home, "commit", "--quiet", "--message", "links")
    text = "rules/link.py is a link or submodule in the release, and is not read"
    assert list_changes(Path("HEAD")) == [f"L691 schemas:1:1 Not decided: {text}."]


@pytest.mark.usefixtures("_in_home")
def test_rules_outside_the_repository_are_not_decided(tmp_path: Path) -> None:
    """As those of an installed package; the rest is compared."""
    shutil.copytree("rules", tmp_path / "rules")
    home = Home(Path("schemas"), Path("fixtures"), tmp_path / "rules")
    lines = [f"{change.kind.code} {change.message}" for change in find_changes("v1", home, [NAME])]
    assert f"L691 Not decided: {tmp_path}/rules is outside the repository, and is not read." in lines
    assert "L691 Not decided: the rules are not compared, because the text of the release does not list them." in lines
    assert "L604 Breaking: attribute 'score.value' no longer accepts 'good'." in lines


@pytest.mark.usefixtures("_in_home")
def test_interrupt_leaves_no_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder with the files of the revision is removed."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code = """
import signal
from validator.__main__ import main
from validator.lint.changes import comparison
def interrupt(name, old, new):
    print((old.schemas / name).is_dir())
    signal.raise_signal(signal.SIGINT)
comparison.compare_operation = interrupt
main()
"""
    outcome = process("lint", "--against", "v1", code=code)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (130, "", "True\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_in_home")
def test_failing_git_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, repository: Path) -> None:
    """With its first line, or without any."""
    (tmp_path / "git").write_text(
        f'#!/bin/sh\ncase "$*" in *toplevel*) echo "{repository}";; *verify*) echo 0;; *) echo "$SAYS" >&2; exit 128;; esac\n'
    )
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SAYS", "fatal: one\ntwo")
    assert refuse("v1") == "--against v1: fatal: one"
    monkeypatch.setenv("SAYS", "")
    assert refuse("v1") == "--against v1: git failed"
