"""Find the files to check: files as named, folders with all below them."""

import os
from collections.abc import Iterator, Sequence
from errno import ENOENT
from pathlib import Path

from validator.check.config import Config
from validator.inputs.reader import STANDARD_INPUT, SUFFIXES, UnreadableInput


def find_files(paths: Sequence[str], config: Config, *directories: str | None) -> Iterator[str]:
    """Yield the files of files and folders, a folder's in order. Raises UnreadableInput.

    Hidden folders, and reference data where it stands among them, are passed over. A file that is no payload is not asked for
    its kind.
    """
    known = [directory for directory in (*directories, *config.list_directories()) if directory is not None]
    for path in paths:
        if os.path.isdir(path):
            files = list(walk_folder(path, known))
            if not files:
                raise UnreadableInput(f"{path}: there is no .json, .xml, .http or .har file in it")
            yield from files
        elif path == STANDARD_INPUT or Path(path).suffix.lower() in SUFFIXES or not config.is_payload(path):
            yield path
        elif not os.path.exists(path):
            raise UnreadableInput(f"{path}: {os.strerror(ENOENT)}")
        else:
            raise UnreadableInput(f"{path}: only .json, .xml, .http and .har files can be checked")


def walk_folder(folder: str, directories: Sequence[str]) -> Iterator[str]:
    """Yield the files of a folder that can be checked, in order, but none of the directories. Raises UnreadableInput."""
    for place, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = os.path.join(place, name)
            if Path(name).suffix.lower() in SUFFIXES and not any(_is_same(path, directory) for directory in directories):
                yield path


def _refuse(error: OSError) -> None:
    """Tell of a folder that cannot be listed: what is not checked must not look right."""
    raise UnreadableInput(f"{error.filename}: {error.strerror}")


def _is_same(path: str, directory: str) -> bool:
    # A link that leads nowhere is no directory; that it cannot be read is told when it is.
    return os.path.exists(path) and os.path.exists(directory) and os.path.samefile(path, directory)
