"""Examples of a code from an operation's fixtures: a request that fails with it, one that nearly does, and its messages."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from validator.check.checker import Checker, CommandLineSettings
from validator.check.config import Config
from validator.check.discovery import walk_folder
from validator.inputs.reader import UnreadableInput, read_file
from validator.model.report import Failure
from validator.operation.home import Home

# The shortest form to read first: a bare JSON body, a whole request, a recording, an XML body.
_SUFFIXES: Final = (".json", ".http", ".rest", ".har", ".xml")
_QUOTED: Final = re.compile(r"'[^']*'")


class Examples(NamedTuple):
    """Examples of a code; a path is None where the fixtures have none.

    rejected: the smallest fixture with one failure, of this code; else one with this code only; else any that is named after
    it. near_miss: the smallest one that is accepted. messages: those of the code, one of each form.
    """

    rejected: Path | None
    near_miss: Path | None
    messages: Sequence[str]


def find_examples(code: str, operation: str, home: str | None) -> Examples:
    """Return the examples of a code such as ``400-721``. Raises UsageError for reference data that cannot be read."""
    folders = Home.at(home).fixtures
    directory = folders / "directory.json"
    settings = CommandLineSettings(operation, home, str(directory) if directory.is_file() else None)
    checker = Checker(Config(None, Path.cwd()), settings)
    failures = {path: _check(checker, path) for path in _list_fixtures(folders / operation / "reject", code)}

    def rank(path: Path) -> int:
        codes = [failure.code for failure in failures[path]]
        return 0 if codes == [code] else 1 if set(codes) == {code} else 2

    rejected = sorted(failures, key=rank)
    near_misses = _list_fixtures(folders / operation / "accept", code)
    messages: dict[str, str] = {}
    for failure in (failure for path in rejected for failure in failures[path] if failure.code == code):
        messages.setdefault(_QUOTED.sub("", failure.message), failure.message)
    return Examples(next(iter(rejected), None), next(iter(near_misses), None), list(messages.values()))


def _list_fixtures(folder: Path, code: str) -> list[Path]:
    """Return the fixtures that are named after a code, in the order of preference: JSON before XML, then by size."""

    def sort_key(path: Path) -> tuple[bool, int, int, str]:
        suffix = path.suffix.lower()
        is_xml = suffix == ".xml" or path.stem.endswith("-xml")
        return is_xml, _SUFFIXES.index(suffix), path.stat().st_size, path.name

    config = Config(None, Path.cwd())
    files = map(Path, walk_folder(str(folder), lambda _: config, None, []))  # those that check and lint read
    return sorted((path for path in files if path.name.startswith(f"{code}-") and path.is_file()), key=sort_key)


def _check(checker: Checker, path: Path) -> list[Failure]:
    """Return the failures of the requests in a fixture; none if it cannot be read."""
    try:
        return [failure for checked in checker.check(str(path), read_file(str(path))) for failure in checked.report.failures]
    except UnreadableInput:
        return []
