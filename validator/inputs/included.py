"""Read files of requests, and the files that these name: only those of their repository."""

import os
from pathlib import Path
from typing import Final

from validator import files

ENVIRONMENT_FILES: Final = ("http-client.env.json", "http-client.private.env.json")  # no bodies
INCLUDED_LIMIT: Final = 16 * 1024 * 1024  # bytes of a file that a request names


class UnreadableInput(Exception):  # noqa: N818 - reported as a line, like a finding
    """A file that cannot be checked. The message is ``file:line: reason`` or ``file: reason``."""


class OtherOperations(UnreadableInput):
    """A file whose requests are all to other operations. count: how many."""

    def __init__(self, message: str, count: int) -> None:
        """Create it."""
        super().__init__(message, count)  # both, so that it can be pickled
        self.count = count

    def __str__(self) -> str:
        """Return the message."""
        message: str = self.args[0]
        return message


class IncludeError(Exception):
    """A file that a request names and that is not read. The message is the reason."""


def read_file(file: str) -> bytes:
    """Return the content of a file. Raises UnreadableInput, also for a device or a pipe."""
    try:
        return files.read_file(file)
    except OSError as error:
        raise UnreadableInput(f"{file}: {files.describe_os_error(error)}") from None
    except ValueError as error:  # a name with a NUL
        raise UnreadableInput(f"{file!r}: {error}") from None


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
