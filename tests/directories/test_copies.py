"""Directories can be pickled and copied: the copy has the source and the settings, and nothing that belongs to a process."""

import asyncio
import contextlib
import copy
import gc
import json
import multiprocessing
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

from tests.directories.conformance import OpenDirectory, fill
from tests.directories.postgresql import GUARD
from tests.directories.sources import FACTS, AsyncSource, Clock, Source
from validator import Caller, Engine, Keys, Report, Request, Snapshot, load
from validator.directories import (
    AsyncCached,
    AsyncSqlDirectory,
    AsyncTimeLimited,
    Cached,
    ReloadingSnapshot,
    SnapshotError,
    SqlDirectory,
    TimeLimited,
)

OPERATION: Final = "create-email-response"
CALLER: Final = Caller.customer("1001")
BODY: Final = b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}'
REQUESTS: Final = [Request(activity, "", (), BODY, CALLER) for activity in ("2001", "9999")]
COPIES: Final[dict[str, Callable[[Any], Any]]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
}


@pytest.fixture(params=COPIES)
def duplicate(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """Return a way to make a copy."""
    return COPIES[request.param]


def validate(engine: Engine) -> list[Report]:
    """Return the reports of an accepted request and of one that is not; called in another process too."""
    return asyncio.run(_validate_async(engine)) if engine.is_asynchronous else [engine.validate(one) for one in REQUESTS]


async def _validate_async(engine: Engine) -> list[Report]:
    return [await engine.validate_async(one) for one in REQUESTS]


def test_copy_of_each_kind_answers_the_same(directory: OpenDirectory, duplicate: Callable[[Any], Any]) -> None:
    """An engine with a copy of the directory, and a copy of the engine. The original goes on."""
    engine = load(OPERATION, directory.directory)
    expected = [directory.validate(engine, one) for one in REQUESTS]
    assert [report.accepted for report in expected] == [True, False]
    for other in (load(OPERATION, duplicate(directory.directory)), duplicate(engine)):
        with contextlib.closing(OpenDirectory(other._directory)) as opened:
            assert [opened.validate(other, one) for one in REQUESTS] == expected
    assert [directory.validate(engine, one) for one in REQUESTS] == expected


def test_copies_answer_in_another_process(url: str, tenant: Snapshot, tmp_path: Path) -> None:
    """One that was started afresh, and has nothing of this one."""
    file = tmp_path / "directory.json"
    file.write_text(json.dumps(tenant.to_dict()))
    with ReloadingSnapshot(file) as reloading, SqlDirectory(url) as database, TimeLimited(database, GUARD) as limited:
        asynchronous = AsyncCached(AsyncTimeLimited(AsyncSqlDirectory(url), GUARD))
        engines = [load(OPERATION, one) for one in (reloading, Cached(limited), asynchronous)]
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            reports = list(pool.map(validate, engines))
    assert reports == [validate(load(OPERATION, tenant))] * 3


def describe(directory: Any) -> tuple[Any, ...]:
    """Return the class of a directory and its arguments."""
    function, arguments = directory.__reduce__()
    return getattr(function, "func", function), getattr(function, "args", ()) + arguments, getattr(function, "keywords", {})


SOURCE: Final = Source(FACTS, len)  # a lambda cannot be pickled
LIMITS: Final[dict[str, Any]] = {"connect_timeout": 3, "statement_timeout": 4.5, "pool_size": 5}
POSTGRESQL: Final = "postgresql://me:secret@localhost/tenant?prepare_threshold=7"
DIRECTORIES: Final[dict[str, tuple[Any, ...]]] = {
    "cached": (Cached(SOURCE, 7, 8, 9, clock=Clock(1)), (SOURCE, 7, 8, 9), {"clock": Clock(1)}),
    "cached-async": (AsyncCached(AsyncSource(), 7, 8, 9, clock=Clock(1)), (AsyncSource(), 7, 8, 9), {"clock": Clock(1)}),
    "limited": (TimeLimited(SOURCE, 2, "skip", 3), (SOURCE, 2, "skip", 3), {}),
    "limited-async": (AsyncTimeLimited(AsyncSource(), 2, "skip", 3), (AsyncSource(), 2, "skip", 3), {}),
    "sqlite": (SqlDirectory("sqlite:////a b.db", **LIMITS), ("sqlite:////a b.db",), LIMITS),
    "sqlite-async": (AsyncSqlDirectory("sqlite:////a.db", **LIMITS), ("sqlite:////a.db",), LIMITS),
    "postgresql": (SqlDirectory(POSTGRESQL, **LIMITS), (POSTGRESQL,), LIMITS),
    "postgresql-async": (AsyncSqlDirectory(POSTGRESQL, **LIMITS), (POSTGRESQL,), LIMITS),
}


@pytest.mark.parametrize("name", DIRECTORIES)
def test_copy_has_the_settings(name: str, duplicate: Callable[[Any], Any]) -> None:
    """All arguments of the constructor."""
    directory, arguments, options = DIRECTORIES[name]
    assert describe(duplicate(directory)) == describe(directory) == (type(directory), arguments, options)


def test_copy_of_a_cache_is_empty_and_deep_copies_have_sources_of_their_own() -> None:
    """A shallow copy shares the source."""
    cache: Any = Cached(Source())
    keys = Keys(customers=("1",))
    facts = cache.fetch(keys)
    shallow, deep = copy.copy(cache), copy.deepcopy(cache)
    assert (cache.entries > 0, shallow.entries, deep.entries) == (True, 0, 0)
    assert shallow.fetch(keys) == deep.fetch(keys) == facts
    assert shallow._directory is cache._directory
    assert (len(cache._directory.calls), len(deep._directory.calls)) == (2, 2)


def test_relative_paths_stay_those_of_the_first_folder(
    tmp_path: Path, tenant: Snapshot, monkeypatch: pytest.MonkeyPatch, duplicate: Callable[[Any], Any]
) -> None:
    """Wherever the other process runs."""
    monkeypatch.chdir(tmp_path)
    Path("directory.json").write_text(json.dumps(tenant.to_dict()))
    fill(tenant, "sqlite:///ä b.db")
    with ReloadingSnapshot("directory.json", 5) as reloading, SqlDirectory("sqlite:///ä b.db") as database:
        monkeypatch.chdir("/")
        keys = Keys(customers=("1001",))
        with duplicate(reloading) as first, duplicate(database) as second:
            assert describe(first) == (ReloadingSnapshot, (tmp_path / "directory.json", 5), {})
            assert (first.fetch(keys), second.fetch(keys)) == (tenant.facts, database.fetch(keys))


def test_copy_of_a_reloading_snapshot_needs_the_file(tmp_path: Path) -> None:
    """It raises the errors of the constructor."""
    file = tmp_path / "directory.json"
    file.write_text("{}")
    with ReloadingSnapshot(file) as directory:
        data = pickle.dumps(directory)
        file.write_text("{")
        with pytest.raises(SnapshotError, match="1:2"):
            pickle.loads(data)
        file.unlink()
        with pytest.raises(FileNotFoundError):
            copy.copy(directory)


def test_thread_of_a_forgotten_copy_ends(tmp_path: Path) -> None:
    """A process pool makes a copy for each task."""
    file = tmp_path / "directory.json"
    file.write_text("{}")
    with ReloadingSnapshot(file, 0.001) as directory:
        thread = copy.copy(directory)._thread
        gc.collect()
        thread.join(GUARD)
        assert not thread.is_alive()
        assert directory._thread.is_alive()


def test_source_that_cannot_be_pickled_is_refused() -> None:
    """By pickle, which names the type."""
    with pytest.raises(TypeError, match=r"cannot pickle '_thread\.lock' object"):
        pickle.dumps(Cached(Source(before=threading.Lock())))  # type: ignore[arg-type]
