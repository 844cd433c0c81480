"""Find the files to check: those named, and those of folders that are configured payloads."""

import os
from collections.abc import Callable, Iterator, Sequence
from errno import ENOENT
from pathlib import Path
from typing import Final, NamedTuple

from validator.check.config import Config
from validator.inputs.reader import ENVIRONMENT_FILES, STANDARD_INPUT, SUFFIXES
from validator.output.finding import Unreadable

_NO_REQUEST: Final = "the file holds reference data or environments, no request"


class FoundFiles(NamedTuple):
    """The files to check, in order, each once. outside: those skipped because they are outside the configured payloads.

    unreadable: the paths that cannot be checked.
    """

    files: tuple[str, ...]
    outside: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


def find_files(
    paths: Sequence[str], find_config: Callable[[str], Config], directory: str | None = None, *, configured_only: bool = False
) -> FoundFiles:
    """Return the files for files and folders; those of a folder are sorted. find_config: returns the configuration of a file.

    A named file is checked even outside the configured payloads, unless ``configured_only``; files of a folder are not.
    Hidden folders in a folder are ignored, and so are files of other data than requests: reference data and environments.
    Such a file that is named is unreadable, or skipped with ``configured_only``. directory: reference data from the command
    line. A file that several paths lead to is checked once: by its own path, if that is one of them.
    """
    files: dict[str, str] = {}  # by the path without links
    outside: dict[str, str] = {}
    unreadable: list[Unreadable] = []
    is_other_data = _OtherData(find_config, directory).contains
    for path in paths:
        is_folder = os.path.isdir(path)
        for file in _list_folder(path, find_config, directory, unreadable) if is_folder else [path]:
            is_input = file == STANDARD_INPUT
            is_outside = (is_folder or configured_only) and not is_input and not find_config(file).is_payload(file)
            is_data = not is_folder and not is_input and is_other_data(file)
            is_skipped = is_outside or (configured_only and is_data)
            reason = "" if is_skipped or is_input else (_NO_REQUEST if is_data else _find_problem(file))
            if reason:
                unreadable.append(Unreadable(file or repr(file), reason))
            else:
                _add(outside if is_skipped else files, file)
    skipped = tuple(file for real, file in outside.items() if real not in files)
    return FoundFiles(tuple(files.values()), skipped, tuple(dict.fromkeys(unreadable)))


class _OtherData:
    """The files that hold no requests, though their names end like those of bodies: reference data and environments."""

    def __init__(self, find_config: Callable[[str], Config], directory: str | None) -> None:
        """Create it. directory: reference data from the command line, or None."""
        self._find_config = find_config
        self._own = {_resolve(directory)} if directory is not None else set[str]()
        self._by_config: dict[Config, set[str]] = {}

    def contains(self, file: str) -> bool:
        """Return whether a file is reference data in its configuration or on the command line, or has environments."""
        if os.path.basename(file) in ENVIRONMENT_FILES:
            return True
        config = self._find_config(file)
        if config not in self._by_config:
            self._by_config[config] = self._own | set(map(_resolve, config.list_directories()))
        return bool(self._by_config[config]) and _resolve(file) in self._by_config[config]


def _resolve(file: str) -> str:
    """Return a path without links; one with a NUL cannot be read, which is reported when it is tried."""
    return file if "\0" in file else os.path.realpath(file)


def _add(files: dict[str, str], file: str) -> None:
    real = file if file == STANDARD_INPUT else _resolve(file)
    if real not in files or (os.path.abspath(file) == real and os.path.abspath(files[real]) != real):
        files[real] = file


def _find_problem(file: str) -> str:
    """Return why a file has no requests by its name, or an empty string."""
    if Path(file).suffix.lower() in SUFFIXES:
        return ""
    return "unsupported file type; expected .json, .xml, .http, .rest or .har" if os.path.exists(file) else os.strerror(ENOENT)


def _list_folder(
    folder: str, find_config: Callable[[str], Config], directory: str | None, unreadable: list[Unreadable]
) -> list[str]:
    problems: list[Unreadable] = []
    files = list(walk_folder(folder, find_config, directory, problems))
    if not files and not problems:
        problems = [Unreadable(folder, "no .json, .xml, .http, .rest or .har file in this folder")]
    unreadable += problems
    return files


def walk_folder(
    folder: str, find_config: Callable[[str], Config], directory: str | None, unreadable: list[Unreadable]
) -> Iterator[str]:
    """Yield the files of a folder that can be checked, sorted, without those of reference data.

    unreadable: receives the folders that cannot be listed: files that are not checked must not pass silently.
    Each link to a folder is followed once.
    """
    is_other_data = _OtherData(find_config, directory).contains
    followed: set[str] = set()
    start = os.path.realpath(folder)

    def report(error: OSError) -> None:
        unreadable.append(Unreadable(str(error.filename), str(error.strerror)))

    for parent, folders, files in os.walk(folder, onerror=report, followlinks=True):
        folders[:] = [
            name
            for name in sorted(folders)
            if not name.startswith(".") and _may_enter(os.path.join(parent, name), start, followed, unreadable)
        ]
        for name in sorted(files):
            path = os.path.join(parent, name)
            if Path(name).suffix.lower() in SUFFIXES and not is_other_data(path):
                yield path


def _may_enter(path: str, start: str, followed: set[str], unreadable: list[Unreadable]) -> bool:
    """Return whether to enter a folder: a link, only once, and not to a folder around it, which would have no end."""
    if not os.path.islink(path):
        return True
    link, target = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)), os.path.realpath(path)
    if link in followed:
        return False
    followed.add(link)
    is_around = f"{link}/".startswith(f"{target.rstrip('/')}/")
    if is_around and not f"{target}/".startswith(f"{start.rstrip('/')}/"):  # otherwise its files are found anyway
        unreadable.append(Unreadable(path, "the link to a folder around it is not followed"))
    return not is_around
