"""Read files of requests, and the files that these name: only those of their repository."""

import os
from pathlib import Path
from typing import Final

from validator import files
from validator.output.finding import Unreadable

ENVIRONMENT_FILES: Final = ("http-client.env.json", "http-client.private.env.json")  # no bodies
INCLUDED_LIMIT: Final = 16 * 1024 * 1024  # bytes of a file that a request names


class UnreadableInput(Exception):  # noqa: N818 - reported like a finding
    """A file that cannot be checked. unreadable: the file and the reason."""

    def __init__(self, file: str, reason: str, line: int | None = None) -> None:
        """Create it. line: 1-based; None: the reason is about the whole file."""
        super().__init__(file, reason, line)  # all, so that it can be pickled
        self.unreadable = Unreadable(file, reason, line)

    def __str__(self) -> str:
        """Return the line of the text."""
        return str(self.unreadable)


class OtherOperations(UnreadableInput):
    """A file whose requests are all to other operations. count: how many."""

    def __init__(self, file: str, reason: str, count: int) -> None:
        """Create it."""
        super().__init__(file, reason)
        self.args = (file, reason, count)
        self.count = count


class IncludeError(Exception):
    """A file that a request names and that is not read. The message is the reason."""


def read_file(file: str) -> bytes:
    """Return the content of a file. Raises UnreadableInput, also for a device or a pipe."""
    try:
        return files.read_file(file)
    except OSError as error:
        raise UnreadableInput(file, files.describe_os_error(error)) from None
    except ValueError as error:  # a name with a NUL
        raise UnreadableInput(repr(file), str(error)) from None


def find_root(file: str) -> Path:
    """Return the folder that files named by a request must be below, without links.

    It is the nearest one upwards with ``.git``, else the current one, else that of the file.
    """
    folder, here = Path(os.path.realpath(file)).parent, Path(os.path.realpath(os.curdir))
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            return parent
    return here if folder.is_relative_to(here) else folder


def read_included(file: str, path: str) -> tuple[str, bytes]:
    """Return the name and the content of a file that a request in another file names. Raises IncludeError.

    path: relative to the folder of ``file``, else to the root of the repository. Reports show the file, so it must be below
    that root, also when it is a link, and not hidden: ``.git`` and the like hold secrets.
    """
    root = find_root(file)
    if "\0" in path:
        raise IncludeError("a path has no NUL")
    names = [Path(file).parent / path, Path(os.path.relpath(root)) / path]
    name = os.path.normpath(next(filter(os.path.lexists, names), names[0]))
    target = Path(os.path.realpath(name))
    if not target.is_relative_to(root) or any(part.startswith(".") for part in target.relative_to(root).parts):
        raise IncludeError("the file is hidden or outside the repository, and is not read")
    try:
        data = files.read_file(name) if target.stat().st_size <= INCLUDED_LIMIT else None
    except OSError as error:
        raise IncludeError(f"cannot read the file: {files.describe_os_error(error)}") from None
    if data is None:
        raise IncludeError(f"the file is larger than {INCLUDED_LIMIT} bytes")
    return name, data
