"""Reference data from a file that may be replaced at any time: a new file is validated, then swapped in as a whole."""

import errno
import hashlib
import logging
import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple, Self
from weakref import WeakMethod

from validator.directories.fork import renew_after_fork
from validator.directories.snapshot import Snapshot, SnapshotError
from validator.errors import raise_if_stopping
from validator.model.directory import Facts, Keys

INTERVAL: Final = 1.0  # seconds
# Timestamps of file systems can be this coarse: a file modified more recently can change again without a new timestamp (git
# calls its index "racy" then).
RACY_SECONDS: Final = 2.0
_LOG: Final = logging.getLogger("validator")


class Version(NamedTuple):
    """A loaded state of the file. number: counts from 1; time: when it was loaded, in seconds since the epoch."""

    number: int
    time: float


class _Identity(NamedTuple):
    """Metadata that differ between two states of a file."""

    device: int
    inode: int
    size: int
    modified: int  # nanoseconds since the epoch
    changed: int  # nanoseconds since the epoch; differs even where a tool has restored the modification time

    @classmethod
    def from_status(cls, status: os.stat_result) -> "_Identity":
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class _FileChangedError(SnapshotError):
    """The file changed while it was read."""


class _State(NamedTuple):
    """The data in use: replaced as one value, so that a reader never sees parts of two versions."""

    snapshot: Snapshot
    digest: bytes
    version: Version


class ReloadingSnapshot:
    """A Directory over a snapshot file that is checked for changes at an interval. Thread-safe.

    When the file is invalid or missing, the error is logged once and the previous version stays in use. Replace the file by
    renaming or by switching a symbolic link; a file written in place is loaded once it is complete.
    """

    answers_at_once: ClassVar[bool] = True  # a thread reads the file
    holds_all_facts: ClassVar[bool] = True

    def __init__(self, path: str | os.PathLike[str], interval: float = INTERVAL) -> None:
        """Load the file and start a daemon thread that checks it.

        interval: seconds between two checks.
        Raises SnapshotError for an invalid file, OSError when it cannot be read, ValueError for an interval that is not
        positive.
        """
        if not 0 < interval <= threading.TIMEOUT_MAX:
            raise ValueError(f"interval must be a finite number of seconds above 0, got {interval!r}")
        self._path = Path(path)
        self._arguments = (self._path.absolute(), interval)
        self._interval = interval
        self._identity: _Identity | None = None
        self._rejected = b""  # the digest of the content rejected last
        self._last_error: str | None = None
        content, self._identity = _read(self._path)
        self._state = _State(Snapshot.from_bytes(content, str(self._path)), _digest(content), Version(1, time.time()))
        self._stopped = threading.Event()
        self._renew()
        renew_after_fork(self._renew)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the path and the interval; the copy loads the file, and raises the errors of the constructor."""
        return type(self), self._arguments

    def _renew(self) -> None:
        self._check_lock = threading.RLock()  # a signal handler may check while it interrupts a check of the same thread
        if not self._stopped.is_set():
            self._stopped = threading.Event()
            self._thread = threading.Thread(
                target=_watch, args=(WeakMethod(self.check), self._stopped, self._interval), name="validator-reload", daemon=True
            )
            self._thread.start()

    def fetch(self, keys: Keys) -> Facts:
        """Return all facts of the version in use; they may include entities that are not in the keys."""
        return self._state.snapshot.fetch(keys)

    @property
    def version(self) -> Version:
        """The version in use."""
        return self._state.version

    @property
    def is_current(self) -> bool:
        """Whether the version in use is that of the file, as far as it was read: not if it is invalid or missing."""
        return self._last_error is None and not self._rejected

    def check(self) -> bool:
        """Check the file now instead of at the next interval, and return whether a new version was loaded.

        Raises nothing: errors are logged.
        """
        with self._check_lock:
            try:
                is_new = self._reload()
            except OSError as error:
                return self._log_error(str(error))
            except BaseException as error:  # noqa: BLE001 - the thread must go on; the next check may succeed
                raise_if_stopping(error)
                return self._log_error(f"{self._path}: {type(error).__module__}.{type(error).__qualname__}")
            self._last_error = None
            return is_new

    def close(self) -> None:
        """Stop checking the file. The version in use remains available."""
        self._stopped.set()
        self._thread.join(self._interval)  # with a timeout, as the disk may hang

    def __enter__(self) -> Self:
        """Return the directory."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the directory."""
        self.close()

    def _reload(self) -> bool:
        """Read the file if it may have changed, and return whether a new version is in use."""
        if _Identity.from_status(self._path.stat()) == self._identity:
            return False
        try:
            content, identity = _read(self._path)
        except _FileChangedError:
            return False  # the next check may find it complete
        digest = _digest(content)
        is_new = digest != self._rejected and self._swap(content, digest)
        self._identity = identity
        return is_new

    def _swap(self, content: bytes, digest: bytes) -> bool:
        """Put content in use, unless it is in use already or invalid, and return whether that was done."""
        self._rejected = b""
        if digest == self._state.digest:
            return False
        try:
            snapshot = Snapshot.from_bytes(content, str(self._path))
        except SnapshotError as error:
            self._rejected = digest
            _LOG.error("reference data not reloaded: %s", error)
            return False
        version = Version(self.version.number + 1, time.time())
        self._state = _State(snapshot, digest, version)
        _LOG.info("%s: version %d of the reference data is in use", self._path, version.number)
        return True

    def _log_error(self, message: str) -> bool:
        """Log an error unless it is the same as at the check before, and return False."""
        if message != self._last_error:
            _LOG.error("reference data not reloaded: %s", message)
        self._last_error = message
        return False


def _watch(reference: WeakMethod[Callable[[], bool]], stopped: threading.Event, interval: float) -> None:
    """Check the file at an interval, until the directory is closed or no longer exists."""
    while not stopped.wait(interval):
        check = reference()
        if check is None:
            return
        check()
        del check


def _read(path: Path) -> tuple[bytes, _Identity | None]:
    """Return the content of a file and its identity, which is None while the file may change without changing it.

    Raises _FileChangedError when the file changed while it was read, and OSError.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))  # opening a pipe could block forever
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        content = file.read()
        after = os.fstat(file.fileno())
    identity = _Identity.from_status(before)
    if identity != _Identity.from_status(after) or len(content) != before.st_size:
        raise _FileChangedError(str(path), "", "The file changed while it was read.")
    return content, None if abs(time.time() - before.st_mtime) < RACY_SECONDS else identity


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content).digest()
