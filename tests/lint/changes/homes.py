"""Homes with the operation rate-activity, edited, for tests of its changes."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.lint.changes.planted import Edit
from tests.paths import RATE_ACTIVITY
from validator.lint.changes.comparison import find_changes
from validator.operation.home import Home
from validator.output.finding import Finding

NAME: Final = "rate-activity"


def copy_home(folder: Path, edits: Sequence[Edit] = ()) -> Path:
    """Copy the home, edit it, and return its folder."""
    shutil.copytree(RATE_ACTIVITY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file, old, new in edits:
        if new is None:
            (folder / file).unlink()
        elif old is None:
            (folder / file).write_text(new, encoding="utf-8")
        else:
            text = (folder / file).read_text(encoding="utf-8")
            assert old in text, old
            (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def list_changes(old: Path, new: str = ".") -> list[str]:
    """Return the changes of the operation between two homes as lines: code, place and message, sorted."""
    return sorted(map(format_change, find_changes(str(old), Home.at(new), [NAME])))


def format_change(change: Finding) -> str:
    """Return code, place and message."""
    line, column = change.location.region.start
    return f"{change.kind.code} {change.location.file.replace(f'{NAME}/', '')}:{line}:{column} {change.message}"
