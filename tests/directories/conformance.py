"""What every directory must do alike; ``test_conformance.py`` holds them to it.

A directory of another kind is one more Case in CASES: ``Case("cached", lambda snapshot, place: Opened(Cached(snapshot)))``.
"""

import asyncio
import contextlib
import inspect
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.directories.postgresql import GUARD
from validator import Engine, Facts, Keys, Report, Request, Snapshot
from validator.directories.cache import AsyncCached, Cached
from validator.directories.reloading import ReloadingSnapshot
from validator.directories.sql import AsyncSqlDirectory, SqlDirectory, create_tables, import_snapshot
from validator.directories.sql.document import document
from validator.directories.time_limit import AsyncTimeLimited, TimeLimited


class Place(NamedTuple):
    """Where a directory may keep what it holds: a folder of its own, and the URL of a database when the case needs a server."""

    folder: Path
    database: str | None

    def sqlite(self) -> str:
        """Return the URL of a file."""
        return f"sqlite:///{self.folder / 'directory.db'}"

    def server(self) -> str:
        """Return the URL of the database."""
        assert self.database is not None
        return self.database


class Opened:
    """A directory in use. An asynchronous one is asked in an event loop of its own.

    sources: what it asks itself, to be closed after it.
    """

    def __init__(self, directory: Any, *sources: Any) -> None:
        self.directory = directory
        self._closed = (directory, *sources)
        self._runner = asyncio.Runner()

    def fetch(self, keys: Keys) -> Facts:
        """Return what the directory answers."""
        answer = self.directory.fetch(keys)
        facts: Facts = self._awaited(answer) if hasattr(answer, "__await__") else answer
        return facts

    def validate(self, engine: Engine, request: Request) -> Report:
        """Return what an engine with the directory decides."""
        if not inspect.iscoroutinefunction(self.directory.fetch):
            return engine.validate(request)
        report: Report = self._awaited(engine.validate_async(request))
        return report

    def close(self) -> None:
        """Close what can be closed."""
        for one in self._closed:
            if hasattr(one, "aclose"):
                self._awaited(one.aclose())
            elif hasattr(one, "close"):
                one.close()
        self._runner.close()

    def _awaited(self, answer: Any) -> Any:
        async def awaited() -> Any:
            return await answer

        return self._runner.run(awaited())


class Case(NamedTuple):
    """A kind of directory. open: make one that holds a snapshot. needs_server: a database of PostgreSQL."""

    name: str
    open: Callable[[Snapshot, Place], Opened]
    needs_server: bool = False


def filled(snapshot: Snapshot, url: str) -> str:
    """Put a snapshot into a database and return its URL."""
    create_tables(url)
    import_snapshot(snapshot, url)
    return url


def wrapped(snapshot: Snapshot, place: Place) -> Opened:
    """Return what a gateway would use: a cache around a guard around a database."""
    source = SqlDirectory(filled(snapshot, place.sqlite()))
    guard = TimeLimited(source, GUARD)
    return Opened(Cached(guard), guard, source)


def wrapped_async(snapshot: Snapshot, place: Place) -> Opened:
    """Return the same for tasks."""
    source = AsyncSqlDirectory(filled(snapshot, place.sqlite()))
    return Opened(AsyncCached(AsyncTimeLimited(source, GUARD)), source)


def reloading(snapshot: Snapshot, place: Place) -> Opened:
    """Return a snapshot from a file that is looked at again."""
    file = place.folder / "directory.json"
    file.write_text(json.dumps(document(snapshot.facts)))
    return Opened(ReloadingSnapshot(file))


CASES = [
    Case("snapshot", lambda snapshot, _place: Opened(snapshot)),
    Case("reloading", reloading),
    Case("sqlite", lambda snapshot, place: Opened(SqlDirectory(filled(snapshot, place.sqlite())))),
    Case("sqlite-async", lambda snapshot, place: Opened(AsyncSqlDirectory(filled(snapshot, place.sqlite())))),
    Case("sqlite-guarded-cached", wrapped),
    Case("sqlite-guarded-cached-async", wrapped_async),
    Case("postgresql", lambda snapshot, place: Opened(SqlDirectory(filled(snapshot, place.server()))), needs_server=True),
    Case(
        "postgresql-async", lambda snapshot, place: Opened(AsyncSqlDirectory(filled(snapshot, place.server()))), needs_server=True
    ),
]


@contextlib.contextmanager
def changed(url: str) -> Iterator[sqlite3.Connection]:
    """Open the file of a URL to change it behind our back, without regard to references."""
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        yield connection
