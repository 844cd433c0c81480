"""Names of files in reports for CI services: from the repository's root, wherever the command runs."""

import json
from pathlib import Path

import pytest

from tests.commands import BAD, run, write
from tests.output import OUTCOME
from validator.output.finding import Case, Outcome
from validator.output.repository import relocate


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repository/services/mail").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repository/services/mail")
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)


def list_files(outcome: Outcome) -> list[str]:
    """Return every name of a file in an outcome."""
    findings = [finding for case in outcome.cases for finding in case.findings]
    places = [place for finding in findings for place in (finding.location, *finding.related)]
    unreadable = [one.file for one in outcome.unreadable]
    return [*(case.file for case in outcome.cases), *(place.file for place in places), *unreadable]


NAMES = list_files(OUTCOME)


def name_from(root: str) -> list[str]:
    """Return the expected names. root: the way from the repository's root to the current folder."""
    return [name if name == "-" else root + name for name in NAMES]


def test_names_start_at_the_workspace(tmp_path: Path) -> None:
    """Standard input keeps its name; a workspace goes before the folder of git."""
    (tmp_path / "repository/services/.git").mkdir()
    environ = {"GITHUB_WORKSPACE": str(tmp_path / "repository")}
    assert list_files(relocate(OUTCOME, environ)) == name_from("services/mail/")


@pytest.mark.parametrize("environ", [{}, {"GITHUB_WORKSPACE": ""}, {"GITHUB_WORKSPACE": "/nonexistent"}])
def test_names_start_at_the_nearest_folder_of_git(tmp_path: Path, environ: dict[str, str]) -> None:
    """Without a workspace, or with one that is elsewhere; ``.git`` is a file in a worktree."""
    (tmp_path / "repository/.git").write_text("gitdir: elsewhere", encoding="utf-8")
    assert list_files(relocate(OUTCOME, environ)) == name_from("services/mail/")


def test_names_stay_without_a_repository(tmp_path: Path) -> None:
    """As those of files outside it do."""
    assert list_files(relocate(OUTCOME, {})) == NAMES
    names = {str(tmp_path / "a.json"): str(tmp_path / "a.json"), "./b.json": "b.json", str(Path.cwd() / "c.json"): "c.json"}
    outcome = Outcome([Case(name, "request") for name in names])
    assert list_files(relocate(outcome, {})) == list(names.values())


def test_workspace_may_be_a_link(tmp_path: Path) -> None:
    """The working directory has the name that the link leads to."""
    (tmp_path / "link").symlink_to(tmp_path / "repository")
    assert list_files(relocate(OUTCOME, {"GITHUB_WORKSPACE": str(tmp_path / "link")})) == name_from("services/mail/")


@pytest.mark.parametrize("paths", [["in/one.json", "../two.json"], ["./in/one.json", "../mail/../two.json"]])
def test_check_in_a_folder_names_files_from_the_root(paths: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In GitHub annotations, GitLab reports, SARIF and JUnit; the text names them from the current folder."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "repository"))
    for path in ("in/one.json", "../two.json"):
        write(path, BAD)
    first, second = "services/mail/in/one.json", "services/two.json"
    github = run("check", *paths, "--format", "github").stdout.splitlines()
    assert [line.split(",")[0] for line in github[:2]] == [f"::error file={first}", f"::error file={second}"]
    gitlab = json.loads(run("check", *paths, "--format", "gitlab").stdout)
    assert [issue["location"]["path"] for issue in gitlab] == [first, second]
    results = json.loads(run("check", *paths, "--format", "sarif").stdout)["runs"][0]["results"]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in results]
    assert uris == [{"uri": first, "uriBaseId": "SRCROOT"}, {"uri": second, "uriBaseId": "SRCROOT"}]
    junit = run("check", *paths, "--format", "junit").stdout
    assert [line.split('"')[1] for line in junit.splitlines() if "<testsuite " in line] == [first, second]
    assert f"{paths[0]}:2:13: 400-722" in run("check", *paths).stdout
