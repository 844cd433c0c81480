"""Find the files to check: those named, and those of folders that are configured payloads."""

import os
from collections.abc import Iterator, Sequence
from errno import ENOENT
from pathlib import Path
from typing import NamedTuple

from validator.check.config import Config
from validator.inputs.reader import ENVIRONMENT_FILES, STANDARD_INPUT, SUFFIXES, UnreadableInput


class FoundFiles(NamedTuple):
    """The files to check, in order, each once. outside: those skipped because they are outside the configured payloads."""

    files: tuple[str, ...]
    outside: tuple[str, ...] = ()


def find_files(
    paths: Sequence[str], config: Config, directory: str | None = None, *, configured_only: bool = False
) -> FoundFiles:
    """Return the files for files and folders; those of a folder are sorted. Raises UnreadableInput.

    A named file is checked even outside the configured payloads, unless ``configured_only``; files of a folder are not.
    Hidden folders and files of reference data in a folder are ignored. directory: reference data from the command line.
    """
    directories = [file for file in (directory, *config.list_directories()) if file is not None]
    files: dict[str, None] = {}
    outside: dict[str, None] = {}
    for path in paths:
        is_folder = os.path.isdir(path)
        for file in _list_folder(path, directories) if is_folder else [path]:
            is_skipped = (is_folder or configured_only) and file != STANDARD_INPUT and not config.is_payload(file)
            (outside if is_skipped else files)[file] = None
            if not is_skipped:
                _check_suffix(file)
    return FoundFiles(tuple(files), tuple(file for file in outside if file not in files))


def _check_suffix(file: str) -> None:
    if file == STANDARD_INPUT or Path(file).suffix.lower() in SUFFIXES:
        return
    if not os.path.exists(file):
        raise UnreadableInput(f"{file}: {os.strerror(ENOENT)}")
    raise UnreadableInput(f"{file}: unsupported file type; expected .json, .xml, .http, .rest or .har")


def _list_folder(folder: str, directories: Sequence[str]) -> list[str]:
    files = list(walk_folder(folder, directories))
    if not files:
        raise UnreadableInput(f"{folder}: no .json, .xml, .http, .rest or .har file in this folder")
    return files


def walk_folder(folder: str, directories: Sequence[str]) -> Iterator[str]:
    """Yield the files of a folder that can be checked, sorted, without those of reference data. Raises UnreadableInput."""
    for parent, folders, files in os.walk(folder, onerror=_raise_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = os.path.join(parent, name)
            is_request = Path(name).suffix.lower() in SUFFIXES and name not in ENVIRONMENT_FILES
            if is_request and not any(_is_same_file(path, directory) for directory in directories):
                yield path


def _raise_unreadable(error: OSError) -> None:
    """Report a folder that cannot be listed: files that are not checked must not pass silently."""
    raise UnreadableInput(f"{error.filename}: {error.strerror}")


def _is_same_file(path: str, directory: str) -> bool:
    # A dangling link is not reference data; reading it reports the error.
    return os.path.exists(path) and os.path.exists(directory) and os.path.samefile(path, directory)
