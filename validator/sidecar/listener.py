"""The socket that the sidecar listens on: TCP, or a Unix socket that no other server uses."""

import errno
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from validator.errors import UsageError

BACKLOG: Final = 2048  # connections that wait to be accepted


@contextmanager
def open_listener(host: str, port: int, path: str | None, mode: int | None = None) -> Iterator[socket.socket]:
    """Give a socket that listens already; close it, and remove its file, at the end.

    port: 0: any free one. path: of a Unix socket, instead of host and port. mode: its permissions. Raises UsageError.
    """
    try:
        listener = open_tcp_listener(host, port) if path is None else open_unix_listener(path, mode)
    except OSError as error:
        # The text of an OSError from a socket repeats the address.
        reason = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error.strerror or error
        raise UsageError(f"{path or f'{host}:{port}'}: {reason}") from None
    try:
        yield listener
    finally:
        listener.close()
        if path is not None:
            with suppress(OSError, UsageError), _lock_folder(path):
                _remove_stale(path)  # not the socket of a server that has replaced it


def open_tcp_listener(host: str, port: int) -> socket.socket:
    """Return a listening TCP socket. host: an IPv4 or IPv6 address or a name. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # Accepted connections inherit this option. asyncio sets it only on sockets created with a protocol number, which this one is
    # not; without it, an answer of head and body waits up to 40 ms for the delayed acknowledgement of the other side.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def open_unix_listener(path: str, mode: int | None = None) -> socket.socket:
    """Return a listening Unix socket; replace the socket file of a server that has died.

    mode: the permissions of the file, which it has from the beginning; None: those of the umask.
    Raises OSError, also if another server listens there, and UsageError if the path is another kind of file.
    """
    listener = socket.socket(socket.AF_UNIX)
    try:
        with _lock_folder(path):  # a socket that is bound and does not listen yet looks like that of a dead server
            _remove_stale(path)
            with _file_mode(mode):
                listener.bind(path)
            listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


@contextmanager
def _file_mode(mode: int | None) -> Iterator[None]:
    """Give sockets that are created these permissions."""
    if mode is None:
        yield
        return
    before = os.umask(0o777 & ~mode)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _lock_folder(path: str) -> Iterator[None]:
    """Exclude other servers that start in the same folder at the same time."""
    import fcntl  # noqa: PLC0415 - absent on Windows

    folder = os.open(Path(path).parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _remove_stale(path: str) -> None:
    """Remove a socket file on which no server listens. Raises UsageError for any other kind of file."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise UsageError(f"{path}: the file exists and is not a socket; choose another path or remove the file")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0)  # a full backlog would block
        if probe.connect_ex(path) == errno.ECONNREFUSED:
            Path(path).unlink()
