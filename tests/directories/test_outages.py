"""The death and return of a real PostgreSQL, also under load: right answers, or those of the policy, and nothing left behind."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.directories.postgresql import GUARD, Server, none_is_left
from tests.directories.test_conformance import ALL
from validator import AsyncDirectory, Caller, Directory, Engine, Facts, Report, Request, load
from validator.directories.sql import AsyncSqlDirectory, SqlDirectory, SqlError
from validator.directories.time_limit import AsyncTimeLimited, TimeLimited

OPERATION = "create-email-response"
BODY = (
    b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a",'
    b' "payload": {"email": {"messageCenter": {"id": "3001"}}}}'
)
THREADS = 6


@pytest.fixture
def lively(postgresql: Server) -> Iterator[Server]:
    """Return the server; however the test has left it, it lives afterwards."""
    try:
        yield postgresql
    finally:
        postgresql.kill()
        postgresql.start()


@pytest.mark.parametrize("in_order", [True, False])
def test_a_restart_costs_no_request(server_url: str, lively: Server, in_order: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Connections that the server has left are replaced without anybody noticing."""

    async def fetched(asked: AsyncSqlDirectory) -> Facts:
        return await asked.fetch(ALL)

    with SqlDirectory(server_url) as directory, asyncio.Runner() as runner:
        other = AsyncSqlDirectory(server_url)
        expected = directory.fetch(ALL)
        assert runner.run(fetched(other)) == expected
        if in_order:
            lively.restart()
        else:
            lively.kill()
            lively.start()
        assert directory.fetch(ALL) == expected
        assert runner.run(fetched(other)) == expected
        runner.run(other.aclose())


def test_a_server_that_stands_still_ends_fetches(server_url: str, lively: Server) -> None:
    """Also without a guard a fetch ends, whether its connection is there or must be made, and answers come when it goes on."""

    async def fetched() -> None:
        async with AsyncSqlDirectory(server_url, statement_timeout=0.2) as other:
            await other.fetch(ALL)
            lively.freeze()
            with pytest.raises(SqlError, match=r": the server has not answered in time$"):
                await other.fetch(ALL)
            with pytest.raises(SqlError, match=r": connection timeout expired$"):
                await other.fetch(ALL)
            lively.thaw()
            assert await other.fetch(ALL) == expected

    with SqlDirectory(server_url, statement_timeout=0.2) as directory:
        expected = directory.fetch(ALL)
        lively.freeze()
        with pytest.raises(SqlError, match=r": the server has not answered in time$"):
            directory.fetch(ALL)
        with pytest.raises(SqlError, match=r": connection timeout expired$"):
            directory.fetch(ALL)
        lively.thaw()
        assert directory.fetch(ALL) == expected
    asyncio.run(fetched())


class Load:
    """Asks for verdicts without end from threads or tasks, and counts what comes by kind."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.kinds: Counter[tuple[Any, ...]] = Counter()
        self._changed = threading.Condition()
        self._streaks: dict[int, tuple[tuple[Any, ...], int]] = {}
        self._ended = threading.Event()

    def note(self, who: int, report: Report) -> None:
        """Take down a verdict."""
        kind = (report.accepted, tuple(failure.code for failure in report.failures), bool(report.skipped), report.department)
        with self._changed:
            self.kinds[kind] += 1
            last, length = self._streaks.get(who, (kind, 0))
            self._streaks[who] = (kind, length + 1 if last == kind else 1)
            self._changed.notify_all()

    def wait_for(self, kind: tuple[Any, ...], length: int) -> None:
        """Wait until everybody has got so many verdicts of a kind one after the other, from now on."""
        with self._changed:
            self._streaks.clear()
            assert self._changed.wait_for(lambda: self._all_have(kind, length), GUARD), self._streaks

    def _all_have(self, kind: tuple[Any, ...], length: int) -> bool:
        return len(self._streaks) == THREADS and all(last == kind and got >= length for last, got in self._streaks.values())

    def run_threads(self) -> None:
        """Ask from threads until the end."""
        threads = [threading.Thread(target=self._ask, args=(who,)) for who in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def run_tasks(self) -> None:
        """Ask from tasks until the end."""

        async def ask(who: int) -> None:
            while not self._ended.is_set():
                self.note(who, await self.engine.validate_async(REQUEST))

        async def ask_all() -> None:
            try:
                await asyncio.gather(*map(ask, range(THREADS)))
            finally:
                await self.engine._directory._directory.aclose()  # type: ignore[union-attr]

        asyncio.run(ask_all())

    def _ask(self, who: int) -> None:
        while not self._ended.is_set():
            self.note(who, self.engine.validate(REQUEST))

    def end(self) -> None:
        """End."""
        self._ended.set()


REQUEST = Request("2001", "", (("Content-Type", "application/json"),), BODY, Caller.customer("1001"))
RIGHT = (True, (), False, "Service")
REJECTED = (False, ("500-100",), False, None)
SKIPPED = (True, (), True, None)


@pytest.mark.parametrize("on_failure", ["reject", "skip"])
@pytest.mark.parametrize("is_async", [False, True], ids=["threads", "tasks"])
def test_outages_under_load(
    server_url: str,
    lively: Server,
    own: psycopg.Connection[Any],
    on_failure: Any,
    is_async: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """The server is killed, restarted, frozen and thawed: every verdict is right or by the policy, and right again by itself."""
    own.close()
    threads = threading.active_count()
    directory: Any = (AsyncSqlDirectory if is_async else SqlDirectory)(server_url, statement_timeout=0.5)
    guarded: Directory | AsyncDirectory = (AsyncTimeLimited if is_async else TimeLimited)(directory, 1.0, on_failure)
    load_ = Load(load(OPERATION, guarded))
    running = threading.Thread(target=load_.run_tasks if is_async else load_.run_threads)
    by_policy = REJECTED if on_failure == "reject" else SKIPPED
    running.start()
    try:
        load_.wait_for(RIGHT, 50)
        for bad, good in ((lively.kill, lively.start), (lively.freeze, lively.thaw)):
            bad()
            load_.wait_for(by_policy, 2)
            good()
            load_.wait_for(RIGHT, 50)
    finally:
        load_.end()
        running.join()
    if not is_async:
        guarded.close()  # type: ignore[union-attr]
        directory.close()
    assert load_.kinds.keys() == {RIGHT, by_policy}
    assert threads_come_to(threads)
    with lively.connected(server_url.rpartition("/")[2]) as again:
        assert none_is_left(again)


def threads_come_to(count: int) -> bool:
    """Whether threads end until there are no more than so many."""
    end = time.monotonic() + GUARD
    while threading.active_count() > count and time.monotonic() < end:
        for thread in threading.enumerate():
            if thread.name.startswith("validator-guard"):
                thread.join(0.1)
    return threading.active_count() <= count
