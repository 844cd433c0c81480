"""What the command ``activity-validator directory`` does."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from validator import Snapshot
from validator.cli import directory
from validator.errors import UsageError
from validator.operation.home import shipped_fixtures

TENANT = str(shipped_fixtures() / "directory.json")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a file with empty tables in the current folder."""
    monkeypatch.chdir(tmp_path)
    assert directory.create("sqlite:///directory.db") == 0
    return "sqlite:///directory.db"


def test_there_and_back(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A snapshot file that was imported is exported with equal facts, into a file in its place whole, or to standard output."""
    (tmp_path / "tenant.json").write_text("old")
    assert (directory.fill(TENANT, url), directory.export(url, "tenant.json")) == (0, 0)
    said = "imported: 4 customers, 4 activities, 4 aliases, 4 message centers, 8 custom attributes\n"
    assert capsys.readouterr().out == said
    assert Snapshot.from_file("tenant.json") == Snapshot.from_file(TENANT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory.db", "tenant.json"]
    assert directory.export(url, None) == 0
    assert Snapshot.from_dict(json.loads(capsys.readouterr().out)) == Snapshot.from_file(TENANT)


def test_nothing_to_import(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without sections leaves nothing behind."""
    (tmp_path / "empty.json").write_text("{}")
    assert directory.fill("empty.json", url) == 0
    assert capsys.readouterr().out == "imported: nothing\n"


def reason(run: Any, *arguments: Any) -> str:
    """Return the line that a run ends with."""
    with pytest.raises(UsageError) as caught:
        run(*arguments)
    return str(caught.value)


def test_what_cannot_be_done(url: str, tmp_path: Path) -> None:
    """It is told on one line."""
    (tmp_path / "bad.json").write_text("[]")
    assert [
        reason(directory.fill, "none.json", url),
        reason(directory.fill, "bad.json", url),
        reason(directory.fill, TENANT, "sqlite:///none.db"),
        reason(directory.export, "sqlite:///none.db", None),
        reason(directory.export, url, "none/tenant.json"),
        reason(directory.create, "sqlite:///none/directory.db"),
        reason(directory.create, "mysql://a:s3cret@b/c"),
    ] == [
        "none.json: No such file or directory",
        "bad.json: /: Attribute 'body' must be an object.",
        "sqlite:///none.db: the file cannot be opened, or was not created yet",
        "sqlite:///none.db: the file cannot be opened, or was not created yet",
        "none/tenant.json: No such file or directory",
        "sqlite:///none/directory.db: the file cannot be opened, or was not created yet",
        "a directory cannot be kept in 'mysql'; expected: sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
    ]


def test_without_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""

    def absent(name: str) -> Any:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(directory, "import_module", absent)
    assert importlib.import_module("validator.directories.sql")
    said = "databases need more packages: install activity-validator[sql]"
    assert reason(directory.create, "sqlite:///a.db") == said
