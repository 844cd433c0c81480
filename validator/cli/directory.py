"""What the command ``activity-validator directory`` does: make the tables of a database, fill them, write down what they hold."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from validator.directories.snapshot import Snapshot, SnapshotError
from validator.errors import UsageError
from validator.output.printer import print_lines

_SECTIONS: Final = ("customers", "activities", "aliases", "message_centers", "custom_attributes")


def create(url: str) -> int:
    """Make the tables that are not there yet and return the exit status. Raises SetupError and OSError."""
    with _told() as sql:
        sql.create(url)
    return 0


def fill(file: str, url: str) -> int:
    """Put a snapshot file in place of what the tables hold, and return the exit status. Raises SetupError and OSError."""
    with _told() as sql:
        snapshot = Snapshot.from_file(file)
        sql.import_snapshot(snapshot, url)
    print_lines([f"imported: {_counted(snapshot)}"])
    return 0


def export(url: str, file: str | None) -> int:
    """Write what the tables hold as a snapshot file, or to standard output; return the exit status.

    Raises SetupError and OSError.
    """
    with _told() as sql:
        text = json.dumps(sql.export_snapshot(url), ensure_ascii=False, indent=1)
        if file is not None:
            _replace(Path(file), text)
    if file is None:
        print_lines([text])
    return 0


@contextmanager
def _told() -> Iterator[Any]:
    """Give the package that knows databases; what it raises becomes one line."""
    try:
        sql = import_module("validator.directories.sql")
    except ImportError:
        raise UsageError("databases need more packages: install activity-validator[sql]") from None
    try:
        yield sql
    except (sql.SqlError, SnapshotError) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None


def _replace(file: Path, text: str) -> None:
    """Write a file beside and put it in place whole: somebody may be reading the old one."""
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        beside.write_text(text + "\n", encoding="utf-8", newline="\n")
        beside.replace(file)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)


def _counted(snapshot: Snapshot) -> str:
    counts = ((name, getattr(snapshot.facts, name)) for name in _SECTIONS)
    said = [f"{len(section)} {name.replace('_', ' ')}" for name, section in counts if section is not None]
    return ", ".join(said) or "nothing"
