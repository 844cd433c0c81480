"""Read files that a user names: requests, artefacts of operations, reference data."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EINVAL
from typing import BinaryIO


def read_file(file: str | os.PathLike[str]) -> bytes:
    """Return the content of a regular file. Raises OSError, also for a folder, a device or a pipe, which could block."""
    with open_file(file) as opened:
        return opened.read()


@contextmanager
def open_file(file: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a regular file to read it. Raises OSError as ``read_file`` does."""
    with open(file, "rb", opener=_open_without_waiting) as opened:
        mode = os.fstat(opened.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(EINVAL, "not a regular file", os.fspath(file))
        yield opened


def _open_without_waiting(file: str, flags: int) -> int:
    # Without O_NONBLOCK, opening a pipe waits until another process opens it to write.
    return os.open(file, flags | getattr(os, "O_NONBLOCK", 0))


def describe_os_error(error: OSError) -> str:
    """Return the reason of an error without its number and file."""
    return error.strerror or type(error).__name__
