"""Files that requests include: only those of the repository."""

import os
from pathlib import Path

import pytest

from tests.commands import GOOD, run, write
from validator.inputs import included
from validator.inputs.included import IncludeError, find_root, read_included

OUTSIDE = "the file is hidden or outside the repository, and is not read"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repository/.git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repository")


def test_path_is_relative_to_the_file_else_to_the_root() -> None:
    """The name is one from the current folder."""
    write("requests/body.json", "1"), write("body.json", "2"), write("other.json", "3")
    assert read_included("requests/a.http", "./body.json") == (os.path.normpath("requests/body.json"), b"1")
    assert read_included("requests/a.http", "../body.json") == ("body.json", b"2")
    assert read_included("requests/a.http", "other.json") == ("other.json", b"3")
    assert read_included("requests/a.http", str(Path("other.json").resolve())) == (str(Path("other.json").resolve()), b"3")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../outside.json", OUTSIDE),
        ("/etc/passwd", OUTSIDE),
        ("/proc/self/environ", OUTSIDE),
        ("link.json", OUTSIDE),
        (".git/config", OUTSIDE),
        (".env", OUTSIDE),
        ("a/../.git/config", OUTSIDE),
        ("none.json", "cannot read the file: No such file or directory"),
        ("folder", "cannot read the file: Is a directory"),
        ("pipe", "cannot read the file: not a regular file"),
        ("n" * 300, "cannot read the file: File name too long"),
        ("a\0b", "a path has no NUL"),
    ],
)
def test_file_is_not_read(path: str, reason: str) -> None:
    """Reports would show its content."""
    write("../outside.json", GOOD), write(".git/config", "token"), write(".env", "A=b"), write("folder/a.json", "1")
    Path("link.json").symlink_to("../outside.json")
    os.mkfifo("pipe")
    with pytest.raises(IncludeError) as caught:
        read_included("a.http", path)
    assert str(caught.value) == reason


def test_file_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """By one byte."""
    monkeypatch.setattr(included, "INCLUDED_LIMIT", 4)
    assert read_included("a.http", write("a.json", "1234")) == ("a.json", b"1234")
    with pytest.raises(IncludeError, match="the file is larger than 4 bytes"):
        read_included("a.http", write("a.json", "12345"))


def test_included_files_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file of requests does not become a large one."""
    for module in ("variables", "http_body"):
        monkeypatch.setattr(f"validator.inputs.{module}.EXPANSION_LIMIT", 2 * len(GOOD))
    request = "###\nPOST /activities/2001/email-response\nContent-Type: application/json\n\n< a.json\n"
    write("a.json", GOOD)
    lines = run("check", "--isolated", write("a.http", request * 3)).stdout.splitlines()
    assert lines[0] == "a.http:15:1: C104 'a.json': the included files are larger than 154 bytes."
    assert "0 requests failed, 2 passed, 2 checked" in lines


def test_root_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the current folder, else that of the file."""
    Path(".git").rmdir()
    assert find_root("a/b.http") == tmp_path / "repository"
    monkeypatch.chdir("/")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert find_root("../repository/a/b.http") == tmp_path / "repository/a"


def test_environment_files_are_no_bodies() -> None:
    """In a folder that is checked."""
    write("p/http-client.env.json", '{"dev": {}}'), write("p/http-client.private.env.json", "{}"), write("p/a.json", GOOD)
    assert "0 requests failed, 1 passed, 1 checked" in run("check", "--isolated", "p").stdout.splitlines()
