"""``directory``: tables are created, filled from a snapshot file, and exported to one."""

import json
import os
import sys
import threading
from pathlib import Path

import pytest

from tests.commands import Result, run
from tests.directories import version_1
from tests.directories.conformance import open_file
from validator import Snapshot
from validator.operation.home import shipped_fixtures

TENANT = str(shipped_fixtures() / "directory.json")
OK = Result(0, "", "")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a file with empty tables in the current folder."""
    monkeypatch.chdir(tmp_path)
    assert run("directory", "create", "sqlite:///directory.db") == OK
    return "sqlite:///directory.db"


def test_imported_file_is_exported_with_equal_facts(url: str, tmp_path: Path) -> None:
    """The export goes to a file, which is replaced at once, or to standard output."""
    (tmp_path / "tenant.json").write_text("old")
    line = "imported: 4 customers, 4 activities, 9 aliases, 4 message centers, 8 custom attributes\n"
    assert run("directory", "import", TENANT, url) == Result(0, line, "")
    assert run("directory", "export", url, "tenant.json") == OK
    assert Snapshot.from_file("tenant.json") == Snapshot.from_file(TENANT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory.db", "tenant.json"]
    exported = run("directory", "export", url)
    assert (exported.exit_code, exported.stderr) == (0, "")
    assert Snapshot.from_dict(json.loads(exported.stdout)) == Snapshot.from_file(TENANT)


def test_link_to_a_file_is_kept(url: str, tmp_path: Path) -> None:
    """The file that it refers to is replaced, in its folder."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/tenant.json").write_text("old")
    (tmp_path / "link.json").symlink_to("data/tenant.json")
    (tmp_path / "new.json").symlink_to("data/new.json")
    run("directory", "import", TENANT, url)
    for name in ("link.json", "new.json"):
        assert run("directory", "export", url, name) == OK
        assert (tmp_path / name).is_symlink()
        assert Snapshot.from_file(name) == Snapshot.from_file(TENANT)
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["new.json", "tenant.json"]


def test_pipe_is_written_to(url: str, tmp_path: Path) -> None:
    """It is not replaced by a file."""
    os.mkfifo(tmp_path / "pipe")
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    assert run("directory", "export", url, "pipe") == OK
    reader.join()
    assert (received, (tmp_path / "pipe").is_fifo()) == ([b"{}\n"], True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_full_disk_is_an_error(url: str) -> None:
    """On one line."""
    message = "activity-validator: error: /dev/full: No space left on device\n"
    assert run("directory", "export", url, "/dev/full") == Result(2, "", message)


def test_failed_export_keeps_the_old_file(url: str, tmp_path: Path) -> None:
    """And leaves no other."""
    (tmp_path / "tenant.json").write_text("old")
    run("directory", "import", TENANT, url)
    with open_file(url) as connection:
        connection.execute("DELETE FROM directory_customers")
    message = f"activity-validator: error: {url}: a row refers to an entity that does not exist\n"
    assert run("directory", "export", url, "tenant.json") == Result(2, "", message)
    assert (tmp_path / "tenant.json").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory.db", "tenant.json"]


def test_empty_file_imports_nothing(url: str, tmp_path: Path) -> None:
    """A file without sections empties the tables."""
    (tmp_path / "empty.json").write_text("{}")
    assert run("directory", "import", "empty.json", url) == Result(0, "imported: nothing\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "none.json", "sqlite:///directory.db"], "none.json: No such file or directory"),
        (["import", "bad.json", "sqlite:///directory.db"], "bad.json: /: Attribute 'body' must be an object."),
        (["import", TENANT, "sqlite:///none.db"], "sqlite:///none.db: the file does not exist or cannot be opened"),
        (["export", "sqlite:///none.db"], "sqlite:///none.db: the file does not exist or cannot be opened"),
        (["export", "sqlite:///directory.db", "none/tenant.json"], "none/tenant.json: No such file or directory"),
        (
            ["create", "sqlite:///none/directory.db"],
            "sqlite:///none/directory.db: the file does not exist or cannot be opened",
        ),
        (
            ["create", "mysql://a:s3cret@b/c"],
            "unsupported database 'mysql'; expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
        ),
        (
            ["export", "postgres://b/c?port=abc"],
            "invalid PostgreSQL URL: a port is not a number, or there are not as many ports as hosts",
        ),
        (
            ["import", TENANT, "sqlite:///a\udcff"],
            "invalid database URL: it contains a control character or bytes that cannot be decoded",
        ),
    ],
)
@pytest.mark.usefixtures("url")
def test_error_is_one_line(arguments: list[str], message: str, tmp_path: Path) -> None:
    """It names the file or the database."""
    (tmp_path / "bad.json").write_text("[]")
    assert run("directory", *arguments) == Result(2, "", f"activity-validator: error: {message}\n")


def test_missing_packages_are_reported_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is the command that installs them."""
    monkeypatch.setitem(sys.modules, "validator.directories.sql", None)
    message = "activity-validator: error: directory needs the extra 'sql': pip install 'activity-validator[sql]'\n"
    assert run("directory", "create", "sqlite:///a.db") == Result(2, "", message)


def test_older_tables_are_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other action refuses them, and says what to do."""
    monkeypatch.chdir(tmp_path)
    with open_file("sqlite:///directory.db") as connection:
        for statement in version_1.list_statements(is_postgresql=False):
            connection.execute(statement)
    message = (
        "activity-validator: error: sqlite:///directory.db: the tables have version 1, not 2; update them with"
        " 'activity-validator directory migrate'\n"
    )
    for action in (["create"], ["import", TENANT], ["export"]):
        assert run("directory", *action, "sqlite:///directory.db") == Result(2, "", message)
    assert run("directory", "migrate", "sqlite:///directory.db") == Result(0, "migrated from version 1 to 2\n", "")
    assert run("directory", "migrate", "sqlite:///directory.db") == Result(0, "version 2: nothing to migrate\n", "")
    assert json.loads(run("directory", "export", "sqlite:///directory.db").stdout) == version_1.DOCUMENT
