"""Outages of a real PostgreSQL server, also under load: correct answers or those of the policy, and no remaining connection."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.directories.postgresql import GUARD, Server, all_are_closed
from tests.directories.test_conformance import ALL
from validator import AsyncDirectory, Caller, Directory, Engine, Facts, Report, Request, load
from validator.directories import AsyncSqlDirectory, AsyncTimeLimited, SqlDirectory, SqlError, TimeLimited

OPERATION = "create-email-response"
BODY = (
    b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a",'
    b' "payload": {"email": {"messageCenter": {"id": "3001"}}}}'
)
THREADS = 6


@pytest.fixture
def fragile(postgresql: Server) -> Iterator[Server]:
    """Return the server, and restart it after the test."""
    try:
        yield postgresql
    finally:
        postgresql.kill()
        postgresql.start()


@pytest.mark.parametrize("in_order", [True, False])
def test_restart_fails_no_request(server_url: str, fragile: Server, in_order: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Connections that the server has closed are replaced during the fetch."""

    async def fetch(async_directory: AsyncSqlDirectory) -> Facts:
        return await async_directory.fetch(ALL)

    with SqlDirectory(server_url) as directory, asyncio.Runner() as runner:
        other = AsyncSqlDirectory(server_url)
        expected = directory.fetch(ALL)
        assert runner.run(fetch(other)) == expected
        if in_order:
            fragile.restart()
        else:
            fragile.kill()
            fragile.start()
        assert directory.fetch(ALL) == expected
        assert runner.run(fetch(other)) == expected
        runner.run(other.aclose())


def test_fetch_from_a_frozen_server_times_out(server_url: str, fragile: Server) -> None:
    """Also without TimeLimited, with an open connection or a new one; when the server resumes, fetches succeed."""

    async def fetch() -> None:
        async with AsyncSqlDirectory(server_url, statement_timeout=0.2) as other:
            await other.fetch(ALL)
            fragile.freeze()
            with pytest.raises(SqlError, match=r": the server did not answer in time$"):
                await other.fetch(ALL)
            with pytest.raises(SqlError, match=r": connection timeout expired$"):
                await other.fetch(ALL)
            fragile.thaw()
            assert await other.fetch(ALL) == expected

    with SqlDirectory(server_url, statement_timeout=0.2) as directory:
        expected = directory.fetch(ALL)
        fragile.freeze()
        with pytest.raises(SqlError, match=r": the server did not answer in time$"):
            directory.fetch(ALL)
        with pytest.raises(SqlError, match=r": connection timeout expired$"):
            directory.fetch(ALL)
        fragile.thaw()
        assert directory.fetch(ALL) == expected
    asyncio.run(fetch())


class Load:
    """Validates requests in threads or tasks until it is stopped, and counts the reports by kind."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.kinds: Counter[tuple[Any, ...]] = Counter()
        self._changed = threading.Condition()
        self._streaks: dict[int, tuple[tuple[Any, ...], int]] = {}
        self._stopped = threading.Event()

    def record(self, caller: int, report: Report) -> None:
        """Count a report."""
        kind = (report.accepted, tuple(failure.code for failure in report.failures), bool(report.skipped), report.department)
        with self._changed:
            self.kinds[kind] += 1
            last, length = self._streaks.get(caller, (kind, 0))
            self._streaks[caller] = (kind, length + 1 if last == kind else 1)
            self._changed.notify_all()

    def wait_for(self, kind: tuple[Any, ...], length: int) -> None:
        """Wait until every caller has got this many consecutive reports of a kind from now on."""
        with self._changed:
            self._streaks.clear()
            assert self._changed.wait_for(lambda: self._all_have(kind, length), GUARD), self._streaks

    def _all_have(self, kind: tuple[Any, ...], length: int) -> bool:
        return len(self._streaks) == THREADS and all(last == kind and count >= length for last, count in self._streaks.values())

    def run_threads(self) -> None:
        """Validate in threads until stopped."""
        threads = [threading.Thread(target=self._validate, args=(caller,)) for caller in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def run_tasks(self) -> None:
        """Validate in tasks until stopped."""

        async def validate(caller: int) -> None:
            while not self._stopped.is_set():
                self.record(caller, await self.engine.validate_async(REQUEST))

        async def validate_all() -> None:
            try:
                await asyncio.gather(*map(validate, range(THREADS)))
            finally:
                await self.engine._directory._directory.aclose()  # type: ignore[union-attr]

        asyncio.run(validate_all())

    def _validate(self, caller: int) -> None:
        while not self._stopped.is_set():
            self.record(caller, self.engine.validate(REQUEST))

    def stop(self) -> None:
        """Stop after the requests in progress."""
        self._stopped.set()


REQUEST = Request("2001", "", (("Content-Type", "application/json"),), BODY, Caller.customer("1001"))
ACCEPTED = (True, (), False, "Service")
REJECTED = (False, ("500-100",), False, None)
SKIPPED = (True, (), True, None)


@pytest.mark.parametrize("on_failure", ["reject", "skip"])
@pytest.mark.parametrize("is_async", [False, True], ids=["threads", "tasks"])
def test_outages_under_load(
    server_url: str,
    fragile: Server,
    connection: psycopg.Connection[Any],
    on_failure: Any,
    is_async: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """While the server is killed, restarted, frozen and thawed, every report is correct or that of the policy."""
    connection.close()
    threads = threading.active_count()
    directory: Any = (AsyncSqlDirectory if is_async else SqlDirectory)(server_url, statement_timeout=0.5)
    limited: Directory | AsyncDirectory = (AsyncTimeLimited if is_async else TimeLimited)(directory, 1.0, on_failure)
    load_ = Load(load(OPERATION, limited))
    running = threading.Thread(target=load_.run_tasks if is_async else load_.run_threads)
    by_policy = REJECTED if on_failure == "reject" else SKIPPED
    running.start()
    try:
        load_.wait_for(ACCEPTED, 50)
        for bad, good in ((fragile.kill, fragile.start), (fragile.freeze, fragile.thaw)):
            bad()
            load_.wait_for(by_policy, 2)
            good()
            load_.wait_for(ACCEPTED, 50)
    finally:
        load_.stop()
        running.join()
    if not is_async:
        limited.close()  # type: ignore[union-attr]
        directory.close()
    assert load_.kinds.keys() == {ACCEPTED, by_policy}
    assert threads_decrease_to(threads)
    with fragile.connect(server_url.rpartition("/")[2]) as new_connection:
        assert all_are_closed(new_connection)


def threads_decrease_to(count: int) -> bool:
    """Whether threads end until no more than this many run."""
    end = time.monotonic() + GUARD
    while threading.active_count() > count and time.monotonic() < end:
        for thread in threading.enumerate():
            if thread.name.startswith("validator-time-limit"):
                thread.join(0.1)
    return threading.active_count() <= count
