"""The kinds of directories that ``test_conformance.py`` compares: all must behave alike.

Add a kind as one more Case in CASES: ``Case("cached", lambda snapshot, storage: OpenDirectory(Cached(snapshot)))``.
"""

import asyncio
import contextlib
import inspect
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.directories.postgresql import GUARD
from validator import Engine, Facts, Keys, Report, Request, Snapshot
from validator.directories import (
    AsyncCached,
    AsyncSqlDirectory,
    AsyncTimeLimited,
    Cached,
    ReloadingSnapshot,
    SqlDirectory,
    TimeLimited,
    create_tables,
    import_snapshot,
)

NO_TABLES = "the tables do not exist; create them with 'activity-validator directory create'"


class Storage(NamedTuple):
    """Where a directory may store its data: a folder, and the URL of a database when the case needs a server."""

    folder: Path
    database: str | None

    def sqlite(self) -> str:
        """Return the URL of an SQLite file."""
        return f"sqlite:///{self.folder / 'directory.db'}"

    def server(self) -> str:
        """Return the URL of the PostgreSQL database."""
        assert self.database is not None
        return self.database


class OpenDirectory:
    """A directory in use; an asynchronous one is called in an event loop.

    sources: the directories it wraps, closed after it.
    """

    def __init__(self, directory: Any, *sources: Any) -> None:
        self.directory = directory
        self._directories = (directory, *sources)
        self._runner = asyncio.Runner()

    def fetch(self, keys: Keys) -> Facts:
        """Return the answer of the directory."""
        answer = self.directory.fetch(keys)
        facts: Facts = self._run(answer) if hasattr(answer, "__await__") else answer
        return facts

    def validate(self, engine: Engine, request: Request) -> Report:
        """Return the report of an engine with this directory."""
        if not inspect.iscoroutinefunction(self.directory.fetch):
            return engine.validate(request)
        report: Report = self._run(engine.validate_async(request))
        return report

    def close(self) -> None:
        """Close the directory and its sources, where they can be closed."""
        for one in self._directories:
            if hasattr(one, "aclose"):
                self._run(one.aclose())
            elif hasattr(one, "close"):
                one.close()
        self._runner.close()

    def _run(self, answer: Any) -> Any:
        async def await_answer() -> Any:
            return await answer

        return self._runner.run(await_answer())


class Case(NamedTuple):
    """A kind of directory. open: make one with the data of a snapshot. needs_server: a PostgreSQL database."""

    name: str
    open: Callable[[Snapshot, Storage], OpenDirectory]
    needs_server: bool = False


def fill(snapshot: Snapshot, url: str) -> str:
    """Import a snapshot into a database and return its URL."""
    create_tables(url)
    import_snapshot(snapshot, url)
    return url


def open_cached(snapshot: Snapshot, storage: Storage) -> OpenDirectory:
    """Return a cache around a time limit around a database, as a gateway would use it."""
    source = SqlDirectory(fill(snapshot, storage.sqlite()))
    limited = TimeLimited(source, GUARD)
    return OpenDirectory(Cached(limited), limited, source)


def open_async_cached(snapshot: Snapshot, storage: Storage) -> OpenDirectory:
    """Return the asynchronous one."""
    source = AsyncSqlDirectory(fill(snapshot, storage.sqlite()))
    return OpenDirectory(AsyncCached(AsyncTimeLimited(source, GUARD)), source)


def open_server(snapshot: Snapshot, storage: Storage) -> OpenDirectory:
    """Return a directory over PostgreSQL."""
    return OpenDirectory(SqlDirectory(fill(snapshot, storage.server())))


def open_async_server(snapshot: Snapshot, storage: Storage) -> OpenDirectory:
    """Return the asynchronous one."""
    return OpenDirectory(AsyncSqlDirectory(fill(snapshot, storage.server())))


def open_prepared_server(snapshot: Snapshot, storage: Storage) -> OpenDirectory:
    """Return a directory over PostgreSQL that prepares its statement at once."""
    return OpenDirectory(SqlDirectory(fill(snapshot, storage.server()) + "?prepare_threshold=0"))


def open_reloading(snapshot: Snapshot, storage: Storage) -> OpenDirectory:
    """Return a reloading snapshot."""
    file = storage.folder / "directory.json"
    file.write_text(json.dumps(snapshot.to_dict()))
    return OpenDirectory(ReloadingSnapshot(file))


CASES = [
    Case("snapshot", lambda snapshot, _place: OpenDirectory(snapshot)),
    Case("reloading", open_reloading),
    Case("sqlite", lambda snapshot, storage: OpenDirectory(SqlDirectory(fill(snapshot, storage.sqlite())))),
    Case("sqlite-async", lambda snapshot, storage: OpenDirectory(AsyncSqlDirectory(fill(snapshot, storage.sqlite())))),
    Case("sqlite-limited-cached", open_cached),
    Case("sqlite-limited-cached-async", open_async_cached),
    Case("postgresql", open_server, needs_server=True),
    Case("postgresql-prepared", open_prepared_server, needs_server=True),
    Case("postgresql-async", open_async_server, needs_server=True),
]


@contextlib.contextmanager
def open_file(url: str) -> Iterator[sqlite3.Connection]:
    """Connect to an SQLite file directly, without enforcement of references, to change it behind a directory's back."""
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        yield connection


def check_readers_during_imports(url: str) -> None:
    """Read while two snapshots are imported in turn: a reader is never blocked and never sees a mixture."""
    snapshots = [Snapshot.from_dict({"activities": [{"id": str(n), "customer": c} for n in range(1, 500)]}) for c in "12"]
    import_snapshot(snapshots[0], url)
    keys, stop, answers = Keys(activities=("1", "250", "499")), threading.Event(), set()

    def read() -> None:
        with SqlDirectory(url, statement_timeout=GUARD) as directory:
            while not stop.is_set():
                answers.add(tuple(sorted((directory.fetch(keys).activities or {}).values())))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20):
        import_snapshot(snapshots[number % 2], url)
    stop.set()
    reader.join()
    assert answers <= {tuple(sorted((one, customer) for one in keys.activities)) for customer in "12"}
    assert answers
