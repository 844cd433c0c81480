"""Which files of a folder of fixtures are read, and what happens to those that cannot be."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import run, write
from tests.paths import RATE_ACTIVITY

FIXTURES = Path("fixtures/rate-activity")
FIXTURE = FIXTURES / "reject" / "400-802-poor-without-comment.json"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(RATE_ACTIVITY, tmp_path / "home", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path / "home")


def list_lines(code: str) -> list[str]:
    """Return the lines of the findings of a kind."""
    return [line for line in run("lint").stdout.splitlines() if f" {code} " in line]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.symlink_to("nowhere"), "No such file or directory."),
        (lambda path: path.symlink_to(path.name), "Too many levels of symbolic links."),
        (lambda path: path.symlink_to(os.devnull), "Not a regular file."),
        (os.mkfifo, "Not a regular file."),
    ],
)
def test_fixture_that_cannot_be_read_is_reported(make: Callable[[Path], object], reason: str) -> None:
    """It is a finding."""
    FIXTURE.unlink()
    make(FIXTURE)
    assert list_lines("L407") == [f"{FIXTURE}:1:1: L407 {reason}"]
    assert run("explain", "--home", ".", "400-802").exit_code == 0


def test_folder_that_cannot_be_listed_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its fixtures are findings."""
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("accept"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr("os.scandir", refuse)
    assert list_lines("L407") == [f"{FIXTURES}:1:1: L407 {FIXTURES}/accept: Permission denied."]


def test_links_and_suffixes_are_those_of_check() -> None:
    """A link to a folder is followed, the case of a suffix does not matter, and environments are no fixtures."""
    shutil.move(FIXTURES / "reject", "elsewhere")
    (FIXTURES / "reject").symlink_to(Path("elsewhere").resolve())
    write(str(FIXTURES / "http-client.env.json"), "{}")
    assert run("lint") == (0, "1 operation in schemas (rate-activity): 0 findings.\n", "")
    write(str(FIXTURES / "accept" / "400-802-x.JSON"), "{}")
    assert len(list_lines("L401")) == 1
    write(str(FIXTURES / "x.http"), "GET")
    assert list_lines("L403") == [f"{FIXTURES}/x.http:1:1: L403 The fixture must be in accept or reject."]
