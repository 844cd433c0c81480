"""The reference data of a server: a snapshot file that is read again when it changes, or a database with timeout and cache."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from validator.directories.cache import ABSENT_TTL, AsyncCached
from validator.directories.reloading import ReloadingSnapshot
from validator.directories.snapshot import SnapshotError
from validator.directories.time_limit import AsyncTimeLimited, FailurePolicy
from validator.errors import UsageError, describe_error, missing_extra, raise_if_stopping
from validator.model.directory import AsyncDirectory, Directory, Facts, Keys
from validator.rare_log import ERROR, RareLog
from validator.sidecar.metrics import DataVersion, Metrics


class DirectorySource(NamedTuple):
    """Where reference data comes from.

    location: path of a snapshot file, or URL of a database; None: rules that need reference data are skipped.
    timeout: seconds for one answer of a database. on_failure: what happens without an answer.
    cache_seconds: lifetime of cached answers of a database; 0: no cache.
    """

    location: str | None
    timeout: float
    on_failure: FailurePolicy
    cache_seconds: float


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """An open directory.

    reload: reads a snapshot file again if it has changed. source: the directory without cache and failure policy; None: requests
    can be validated without it.
    """

    directory: Directory | AsyncDirectory | None
    reload: Callable[[], object]
    close: Callable[[], Awaitable[None]]
    source: AsyncDirectory | None = None
    _outage: RareLog = field(init=False, repr=False, default_factory=lambda: RareLog(ERROR, "not ready: %s (checks: %d)"))

    async def is_ready(self) -> bool:
        """Return whether the source answers now; log it if it does not."""
        try:
            if self.source is not None:
                await self.source.fetch(Keys())
        except BaseException as error:  # noqa: BLE001 - whatever the error, requests cannot be validated
            raise_if_stopping(error)
            self._outage.note(describe_error(error))
            return False
        self._outage.end("ready again (failed checks: %d)")
        return True


class _CountedCache:
    """A cache, with counts of how often it has all facts of a request."""

    def __init__(self, cache: AsyncCached, metrics: Metrics) -> None:
        self._cache = cache
        self._hits, self._misses = (metrics.cache_lookups.labels(result) for result in ("hit", "miss"))

    async def fetch(self, keys: Keys) -> Facts:
        facts = self._cache.fetch_at_once(keys)
        (self._misses if facts is None else self._hits).inc()
        return await self._cache.fetch(keys) if facts is None else facts


class _TimedSource:
    """A directory whose answers and errors are counted."""

    def __init__(self, directory: AsyncDirectory, metrics: Metrics) -> None:
        self._directory, self._metrics = directory, metrics

    async def fetch(self, keys: Keys) -> Facts:
        with self._metrics.source_seconds.time(), self._metrics.source_errors.count_exceptions(BaseException):
            return await self._directory.fetch(keys)


def open_reference_data(source: DirectorySource, metrics: Metrics) -> ReferenceData:
    """Open a directory. Raises UsageError."""
    if source.location is None:
        return ReferenceData(None, _do_nothing, _close_nothing)
    if "://" in source.location:
        return _open_database(source.location, source, metrics)
    return _open_snapshot(source.location, metrics)


def _open_snapshot(path: str, metrics: Metrics) -> ReferenceData:
    try:
        snapshot = ReloadingSnapshot(path)
    except SnapshotError as error:
        raise UsageError(str(error)) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from None

    metrics.watch_data(lambda: DataVersion(*snapshot.version, snapshot.is_current))

    async def close() -> None:
        snapshot.close()

    return ReferenceData(snapshot, snapshot.check, close)


def _open_database(url: str, source: DirectorySource, metrics: Metrics) -> ReferenceData:
    try:
        from validator.directories.sql import AsyncSqlDirectory  # noqa: PLC0415 - another extra
    except ImportError:
        raise missing_extra("reference data in a database", "sql") from None
    try:
        database = AsyncSqlDirectory(url, statement_timeout=source.timeout)
    except ValueError as error:
        raise UsageError(str(error)) from None
    limited = AsyncTimeLimited(_TimedSource(database, metrics), source.timeout, source.on_failure)
    directory: AsyncDirectory = limited
    if source.cache_seconds:
        absent = min(source.cache_seconds, ABSENT_TTL)
        directory = _CountedCache(AsyncCached(limited, source.cache_seconds, absent), metrics)
    probed = None if source.on_failure == "skip" else AsyncTimeLimited(database, source.timeout)
    return ReferenceData(directory, _do_nothing, database.aclose, probed)


def _do_nothing() -> None:
    """Reload nothing: a database is always current."""


async def _close_nothing() -> None:
    """Close nothing: there is no directory."""
