"""Nothing that a database does or does not do keeps a fetch from ending."""

import asyncio
import gc
import socket
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.waiting import Wait

from tests.directories.conformance import changed
from tests.directories.test_conformance import ALL
from validator import Facts
from validator.directories.sql import AsyncSqlDirectory, SqlDirectory, SqlError
from validator.directories.sql.limits import AsyncLimitedConnection, LimitedConnection, StatementTimeoutError

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def test_a_locked_file(url: str) -> None:
    """Who waits for a lock waits no longer than the limit."""
    with changed(url) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        with SqlDirectory(url, statement_timeout=0.05) as directory, pytest.raises(SqlError) as caught:
            directory.fetch(ALL)
    assert str(caught.value) == f"{url}: database is locked"


def endless(url: str) -> None:
    """Let the section of a database's customers come to no end."""
    with changed(url) as connection:
        connection.execute("DROP TABLE directory_settings")
        connection.execute(f"CREATE VIEW directory_settings AS SELECT 1 AS number, ({ENDLESS}) AS customer_departmentalization")


def test_an_endless_statement(url: str) -> None:
    """A statement ends after its time, and its connection serves on."""
    endless(url)
    with SqlDirectory(url, statement_timeout=0.05, pool_size=1, connect_timeout=1) as directory:
        for _ in range(2):
            with pytest.raises(SqlError) as caught:
                directory.fetch(ALL)
            assert str(caught.value) == f"{url}: interrupted"


def test_an_endless_statement_asynchronously(url: str) -> None:
    """The same, also when the task is cancelled: its connection is not lost."""

    async def fetched() -> None:
        async with AsyncSqlDirectory(url, statement_timeout=0.2, pool_size=1) as directory:
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(directory.fetch(ALL), 0.02)
            with pytest.raises(SqlError, match=r": interrupted$"):
                await directory.fetch(ALL)

    endless(url)
    asyncio.run(fetched())


def test_more_threads_than_connections(url: str) -> None:
    """Who gets no connection in time is told, and nobody hangs."""
    endless(url)
    with SqlDirectory(url, statement_timeout=0.5, pool_size=1, connect_timeout=1) as directory, ThreadPoolExecutor(4) as threads:

        def reason(_: int) -> str:
            with pytest.raises(SqlError) as caught:
                directory.fetch(ALL)
            return str(caught.value).removeprefix(f"{url}: ").partition(" ")[0]

        assert set(threads.map(reason, range(4))) == {"QueuePool", "interrupted"}


def silent() -> Generator[Wait, Any, None]:
    """Speak a protocol in which the other side never answers."""
    while True:
        yield Wait.R


def answered() -> Generator[Wait, Any, str]:
    """Speak a protocol in which the other side answers at once."""
    yield Wait.W
    return "answer"


def refused() -> Generator[Wait, Any, None]:
    """Speak a protocol in which the other side refuses."""
    yield Wait.W
    raise psycopg.DataError


def babbling() -> Generator[Wait, Any, None]:
    """Speak a protocol in which the other side always has something to say, but never comes to an end."""
    while True:
        yield Wait.W


def at_once() -> Generator[Wait, Any, str]:
    """Speak a protocol in which nothing is to be waited for."""
    yield from ()
    return "answer"


class Left:
    """Stands in for a connection to a server: one end of a pair of sockets, and whether it was closed."""

    seconds = 0.05

    def __init__(self, here: int) -> None:
        self.pgconn = self
        self.socket = here
        self.finished = 0

    def finish(self) -> None:
        """Close it."""
        self.finished += 1


@pytest.fixture
def left() -> Iterator[Left]:
    """Return a connection to nobody."""
    here, there = socket.socketpair()
    with here, there:
        yield Left(here.fileno())


def test_a_server_that_stands_still(left: Left) -> None:
    """Its connection is closed after the limit; any other outcome leaves it open."""
    wait: Any = LimitedConnection.wait
    assert (wait(left, answered()), wait(left, at_once()), left.finished) == ("answer", "answer", 0)
    with pytest.raises(psycopg.DataError):
        wait(left, refused())
    assert left.finished == 0
    with pytest.raises(StatementTimeoutError, match=r"^the server has not answered in time$"):
        wait(left, silent(), 0.01)
    assert left.finished == 1
    with pytest.raises(StatementTimeoutError):
        wait(left, babbling())
    assert left.finished == 2


def test_the_same_for_tasks(left: Left) -> None:
    """A task that is cancelled leaves at once, and closes its connection too."""
    wait: Any = AsyncLimitedConnection.wait

    async def waited() -> None:
        assert await wait(left, answered()) == "answer"
        with pytest.raises(StatementTimeoutError):
            await wait(left, silent(), 0.01)
        assert left.finished == 1
        left.seconds = 60
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(wait(left, silent(), 60), 0.05)
        assert left.finished == 2

    asyncio.run(waited())


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """Return a port that is listened on by who never says a word; nothing is closed only because garbage is collected."""
    gc.disable()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        yield listening
    gc.enable()


def of_server(listening: socket.socket, options: str = "?sslmode=disable") -> str:
    """Return the URL of a server."""
    return f"postgresql://tester:s3cret@127.0.0.1:{listening.getsockname()[1]}/tenant{options}"


def heard(listening: socket.socket) -> bytes:
    """Return what a client has said until it closed its connection."""
    client, _ = listening.accept()
    with client:
        client.settimeout(30)
        return b"".join(iter(lambda: client.recv(1000), b""))


def test_a_server_that_lets_nobody_in(silent_server: socket.socket) -> None:
    """Who connects waits no longer than the limit, and closes what is half open; the message has no password."""
    with SqlDirectory(of_server(silent_server), connect_timeout=2) as directory, pytest.raises(SqlError) as caught:
        directory.fetch(ALL)
    port = silent_server.getsockname()[1]
    assert str(caught.value) == f"postgresql://127.0.0.1:{port}/tenant: connection timeout expired"
    assert b"tester" in heard(silent_server)


def test_a_task_that_is_cancelled_while_it_connects(silent_server: socket.socket) -> None:
    """It closes what is half open, at once."""

    async def cancelled() -> BaseException | Facts:
        async with AsyncSqlDirectory(of_server(silent_server)) as directory:
            task = asyncio.create_task(directory.fetch(ALL))
            await asyncio.sleep(0.05)
            task.cancel()
            (ended,) = await asyncio.gather(task, return_exceptions=True)
            assert b"tester" in await asyncio.to_thread(heard, silent_server)
            return ended

    assert type(asyncio.run(cancelled())) is asyncio.CancelledError


def test_no_server() -> None:
    """A server that is not there is told at once, to threads and to tasks; the message has no password."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = of_server(listening, "")
        port = listening.getsockname()[1]

    async def fetched() -> Facts:
        async with AsyncSqlDirectory(url) as directory:
            return await directory.fetch(ALL)

    with SqlDirectory(url) as directory:
        runs: tuple[Callable[[], Facts], ...] = (lambda: directory.fetch(ALL), lambda: asyncio.run(fetched()))
        for run in runs:
            with pytest.raises(SqlError) as caught:
                run()
            assert str(caught.value).startswith(f"postgresql://127.0.0.1:{port}/tenant: ")
            assert "refused" in str(caught.value)
            assert "s3cret" not in str(caught.value)


def test_the_host_may_stand_among_the_options() -> None:
    """A socket's folder is an option of the URL; it is shown, other options are not."""
    with SqlDirectory("postgresql:///tenant?host=/nowhere/at/all&password=s3cret") as directory:
        with pytest.raises(SqlError) as caught:
            directory.fetch(ALL)
        assert str(caught.value).startswith("postgresql:///nowhere/at/all/tenant: connection ")
        assert "s3cret" not in str(caught.value)
