"""``directory``: create and migrate the tables of a reference database, import a snapshot file into them, and export one."""

import argparse
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from validator.cli.options import Options
from validator.directories.fact import SECTIONS
from validator.directories.snapshot import SnapshotError
from validator.errors import EXIT_OK, UsageError, missing_extra
from validator.files import describe_os_error
from validator.output.printer import print_lines

_DESCRIPTION: Final = """\
Store reference data in a database (extra: activity-validator[sql]).

URL: sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions."""
    parser.description = _DESCRIPTION
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="create the tables that do not exist")
    create.set_defaults(action=create_tables)
    migrate = actions.add_parser("migrate", help="update tables that an older version of this package has created")
    migrate.set_defaults(action=migrate_tables)
    import_ = actions.add_parser("import", help="replace the data in the tables with those of a snapshot file")
    import_.add_argument("file", metavar="FILE")
    import_.set_defaults(action=import_file)
    export = actions.add_parser("export", help="write the data to a snapshot file, or to standard output")
    export.set_defaults(action=export_file)
    for action in (create, migrate, import_, export):
        action.add_argument("url", metavar="URL")
    export.add_argument("file", nargs="?", metavar="FILE")


def run(options: Options) -> int:
    """Run the action, print its lines, and return the exit status. Raises UsageError and OSError."""
    with _sql_package() as sql:
        print_lines(options.action(options, sql))
    return EXIT_OK


def create_tables(options: Options, sql: Any) -> list[str]:
    """Create the tables that do not exist."""
    sql.create_tables(options.url)
    return []


def migrate_tables(options: Options, sql: Any) -> list[str]:
    """Update tables of an older version, and return a line with the versions."""
    before, after = sql.migrate_tables(options.url)
    return [f"version {after}: nothing to migrate" if before == after else f"migrated from version {before} to {after}"]


def import_file(options: Options, sql: Any) -> list[str]:
    """Replace the data in the tables with those of a snapshot file, and return a line that counts them."""
    counts = sql.import_snapshot(options.file, options.url)
    sections = ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in SECTIONS if name in counts)
    return [f"imported: {sections or 'nothing'}"]


def export_file(options: Options, sql: Any) -> Iterable[str]:
    """Write the data to a snapshot file; without one, return its lines."""
    lines: Iterator[str] = sql.export_lines(options.url)
    if options.file is None:
        return lines
    _write_file(Path(options.file), lines)
    return []


@contextmanager
def _sql_package() -> Iterator[Any]:
    """Yield the package for databases, and raise its errors as UsageError."""
    try:
        sql = import_module("validator.directories.sql")
    except ImportError:
        raise missing_extra("directory", "sql") from None
    try:
        yield sql
    except (sql.SqlError, SnapshotError) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None


def _write_file(file: Path, lines: Iterable[str]) -> None:
    """Write a file at once: a process that reads it meanwhile gets the old text or the new, complete.

    The file that a link refers to is replaced, not the link. A pipe or device is written to.
    """
    try:
        target = file.resolve()
        is_replaced = target.is_file() or not target.exists()
        temporary = target.with_name(f"{target.name}.{os.getpid()}") if is_replaced else target
        try:
            with temporary.open("w", encoding="utf-8", newline="\n") as stream:
                stream.writelines(f"{line}\n" for line in lines)
            if is_replaced:
                temporary.replace(target)
        finally:
            if is_replaced:
                temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{file}: {describe_os_error(error)}") from None
