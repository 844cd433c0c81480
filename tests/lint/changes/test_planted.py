"""Each planted change is reported with its code, place and message, and nothing else; equal homes have no changes."""

from pathlib import Path

import pytest

from tests.lint.changes.homes import NAME, copy_home, list_changes
from tests.lint.changes.planted import PLANTED
from tests.paths import RATE_ACTIVITY
from validator.lint.changes.comparison import find_changes
from validator.operation.home import Home


@pytest.mark.parametrize("group", PLANTED)
def test_planted_changes_are_found(group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly these."""
    edits, expected = PLANTED[group]
    monkeypatch.chdir(copy_home(tmp_path / "home", edits))
    assert list_changes(RATE_ACTIVITY) == expected


def test_level_and_message_say_whether_a_change_is_breaking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compatible change is a note, which never fails a run."""
    monkeypatch.chdir(copy_home(tmp_path / "home", PLANTED["values"][0]))
    changes = find_changes(str(RATE_ACTIVITY), Home.at("."), [NAME])
    assert {(change.kind.code[:3], change.level, change.message.partition(":")[0]) for change in changes} == {
        ("L60", "error", "Breaking"),
        ("L65", "note", "Compatible"),
    }


def test_equal_homes_have_no_changes() -> None:
    """Everything is decided."""
    assert list_changes(RATE_ACTIVITY, str(RATE_ACTIVITY)) == []
