"""Reference data from a file that may be replaced at any time: a new one is checked, then swapped in whole."""

import errno
import hashlib
import logging
import os
import stat
import threading
import time
from pathlib import Path
from typing import Final, NamedTuple, Self

from validator.directories.fork import renew_after_fork
from validator.directories.snapshot import Snapshot, SnapshotError
from validator.model.directory import Facts, Keys

INTERVAL: Final = 1.0
# A file system may tell times as coarsely as this: a younger file can change without its time changing (as for git's index).
YOUNG_SECONDS: Final = 2.0
_LOG: Final = logging.getLogger("validator")


class Version(NamedTuple):
    """Which state of the file is in use. number: from 1; time: since when, in seconds since the epoch."""

    number: int
    time: float


class _Identity(NamedTuple):
    """What tells one state of a file from another without reading it."""

    device: int
    inode: int
    size: int
    modified: int  # in nanoseconds since the epoch
    changed: int  # the same; also tells what kept or restored the time above

    @classmethod
    def of(cls, status: os.stat_result) -> "_Identity":
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class _UnsteadyError(SnapshotError):
    """The file was written to while it was read."""


class _Loaded(NamedTuple):
    """What is in use: swapped as one value, so that nobody sees half of it."""

    snapshot: Snapshot
    digest: bytes
    version: Version


class ReloadingSnapshot:
    """A Directory over a snapshot file that is looked at again and again. For any number of threads.

    A file that cannot be used, or is gone, is logged once, and what was there before stays in use. Files are best replaced by
    renaming, or by switching a symbolic link; one that is written in place is taken when it reads as a whole.
    """

    def __init__(self, path: str | os.PathLike[str], interval: float = INTERVAL) -> None:
        """Load the file, and start a daemon thread that looks at it. Raises SnapshotError, and OSError when it cannot be read.

        interval: from one look to the next. Raises ValueError for a time that is not positive.
        """
        if not 0 < interval <= threading.TIMEOUT_MAX:
            raise ValueError(f"the time between two looks is a number of seconds above 0, not {interval!r}")
        self._path = Path(path)
        self._interval = interval
        self._seen: _Identity | None = None
        self._refused = b""  # the digest of what was refused last
        self._told: str | None = None
        content, self._seen = _read(self._path)
        self._loaded = _Loaded(Snapshot.from_bytes(content, str(self._path)), _digest(content), Version(1, time.time()))
        self._stopped = threading.Event()
        self._renew()
        renew_after_fork(self._renew)

    def _renew(self) -> None:
        self._looking = threading.RLock()  # a signal's handler may look while the thread that it interrupts does
        if not self._stopped.is_set():
            self._stopped = threading.Event()
            self._thread = threading.Thread(target=self._watch, args=(self._stopped,), name="validator-reload", daemon=True)
            self._thread.start()

    def fetch(self, keys: Keys) -> Facts:
        """Return the facts of the version in use, which hold more than the keys ask for."""
        return self._loaded.snapshot.fetch(keys)

    @property
    def version(self) -> Version:
        """The version in use."""
        return self._loaded.version

    def check(self) -> bool:
        """Look at the file now, as the thread does by itself, and return whether another version was swapped in.

        Raises nothing: what is wrong is logged.
        """
        with self._looking:
            try:
                swapped = self._look()
            except OSError as error:
                return self._tell(str(error))
            except Exception as error:  # noqa: BLE001 - the thread goes on, and the next look may do better
                return self._tell(f"{self._path}: {type(error).__module__}.{type(error).__qualname__}")
            self._told = None
            return swapped

    def close(self) -> None:
        """Look no more. What is in use stays so."""
        self._stopped.set()
        self._thread.join(self._interval)  # unless the file's disk hangs

    def __enter__(self) -> Self:
        """Return the directory."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _watch(self, stopped: threading.Event) -> None:
        while not stopped.wait(self._interval):
            self.check()

    def _look(self) -> bool:
        if _Identity.of(self._path.stat()) == self._seen:
            return False
        try:
            content, seen = _read(self._path)
        except _UnsteadyError:
            return False  # the next look may find it whole
        digest = _digest(content)
        swapped = digest != self._refused and self._take(content, digest)
        self._seen = seen
        return swapped

    def _take(self, content: bytes, digest: bytes) -> bool:
        self._refused = b""
        if digest == self._loaded.digest:
            return False
        try:
            snapshot = Snapshot.from_bytes(content, str(self._path))
        except SnapshotError as error:
            self._refused = digest
            _LOG.error("the reference data stay as they are: %s", error)
            return False
        version = Version(self.version.number + 1, time.time())
        self._loaded = _Loaded(snapshot, digest, version)
        _LOG.info("%s: version %d of the reference data is in use", self._path, version.number)
        return True

    def _tell(self, trouble: str) -> bool:
        if trouble != self._told:
            _LOG.error("the reference data stay as they are: %s", trouble)
        self._told = trouble
        return False


def _read(path: Path) -> tuple[bytes, _Identity | None]:
    """Return the content of a file, and the identity that it is known by until it changes.

    The identity is None for a file so young that it may change and keep it. Raises _UnsteadyError when the file changed
    meanwhile, and OSError.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))  # opening a pipe could last for ever
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        content = file.read()
        after = os.fstat(file.fileno())
    identity = _Identity.of(before)
    if identity != _Identity.of(after) or len(content) != before.st_size:
        raise _UnsteadyError(str(path), "", "The file changed while it was read.")
    return content, None if abs(time.time() - before.st_mtime) < YOUNG_SECONDS else identity


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content).digest()
