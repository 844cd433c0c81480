"""``new``: create an operation of your own, complete with schemas, a rule, its code and fixtures."""

import argparse
import shlex
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from validator.cli.options import Options
from validator.errors import EXIT_OK, UsageError, set_interrupt
from validator.lint.fixes import apply_changes
from validator.lint.linter import DIRECTORY, lint
from validator.operation.home import Home, check_name
from validator.operation.rules_loader import module_name
from validator.output.printer import PROGRAM, print_lines
from validator.output.text import escape_line

_DESCRIPTION: Final = """\
Create the operation NAME: schemas, a rule with its code, fixtures with their reports, and codes.json. It is complete, so that
lint and check find nothing wrong. Change it step by step into your own. Existing files are not overwritten."""
_TEMPLATE: Final = Path(__file__).parent / "template"  # a home
_NAME: Final = "operation-name"  # in the names and texts of the template
_TITLE: Final = "Operation name"
_SUFFIX: Final = ".txt"  # of the rules module in the template, which is not a module of this package


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.description = _DESCRIPTION
    parser.add_argument("name", metavar="NAME", help="lower-case letters, digits and hyphens, such as rate-activity")
    parser.add_argument("--folder", default=".", metavar="DIR", help="home of the operation; default: the current folder")


def run(options: Options) -> int:
    """Create the operation, print its files and the next commands, and return the exit status. Raises UsageError."""
    name, folder = options.name, Path(options.folder)
    try:
        check_name(name)
    except ValueError as error:
        raise UsageError(str(error)) from None
    _check_absent(name, folder)
    set_interrupt()  # which removes what was written
    try:
        with TemporaryDirectory() as place:
            _write_operation(name, Path(place))
            files = list(_copy(Path(place), folder))
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: {error.strerror}") from None
    print_lines(map(escape_line, [*(f"created: {file}" for file in files), *_list_next_commands(name, options.folder)]))
    return EXIT_OK


def _check_absent(name: str, folder: Path) -> None:
    """Raise UsageError if a folder cannot be a home, or has a part of the operation."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: not a folder")
    home, module = Home.at(folder), module_name(name)
    for path in (home.schemas / name, home.fixtures / name, home.rules / module, home.rules / f"{module}.py"):
        if path.exists() or path.is_symlink():
            raise UsageError(f"{path}: already exists; choose another NAME or DIR")


def _write_operation(name: str, folder: Path) -> None:
    """Write the operation into an empty folder: the template, and what ``lint --fix`` adds to it."""
    for source in sorted(path for path in _TEMPLATE.rglob("*") if path.is_file()):
        file = folder / _rename(source.relative_to(_TEMPLATE).as_posix().removesuffix(_SUFFIX), name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_rename(source.read_text(encoding="utf-8"), name), encoding="utf-8", newline="\n")
    for _ in apply_changes(lint(name, Home.at(folder)).changes):
        pass


def _rename(text: str, name: str) -> str:
    """Return a text or path of the template with the name of the operation in place of its own."""
    title = name.replace("-", " ").capitalize()
    return text.replace(_NAME, name).replace(module_name(_NAME), module_name(name)).replace(_TITLE, title)


def _copy(source: Path, target: Path) -> Iterator[Path]:
    """Copy the files of an operation into a home, and yield each copy; all or none. Raises OSError.

    Reference data that the home has stays.
    """
    copies: list[Path] = []
    try:
        for file in sorted(path for path in source.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            copy = target / file.relative_to(source)
            if copy.name == DIRECTORY and copy.exists():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            with copy.open("xb") as stream:
                copies.append(copy)
                stream.write(file.read_bytes())
    except BaseException:
        for copy in copies:
            copy.unlink()
        raise
    yield from copies


def _list_next_commands(name: str, folder: str) -> Iterator[str]:
    """Yield the commands that lint and check the operation."""
    home, fixtures = shlex.quote(folder), shlex.quote(str(Home.at(folder).fixtures / name))
    yield f"next: {PROGRAM} lint --home {home}"
    yield f"next: {PROGRAM} check --home {home} --operation {name} {fixtures}"
