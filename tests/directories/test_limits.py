"""Time limits of databases: a fetch ends, whatever the database does."""

import asyncio
import gc
import socket
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.waiting import Wait

from tests.directories.conformance import open_file
from tests.directories.test_conformance import ALL
from validator import Facts
from validator.directories import AsyncSqlDirectory, SqlDirectory, SqlError
from validator.directories.sql.limits import AnswerTimeoutError, AsyncLimitedConnection, LimitedConnection
from validator.directories.sql.messages import AsyncMessageCursor, MessageCursor

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def test_locked_file_times_out(url: str) -> None:
    """Waiting for a lock is limited by statement_timeout."""
    with open_file(url) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        with SqlDirectory(url, statement_timeout=0.05) as directory, pytest.raises(SqlError) as caught:
            directory.fetch(ALL)
    assert str(caught.value) == f"{url}: database is locked"


def add_endless_view(url: str) -> None:
    """Replace a table by a view whose query does not end."""
    with open_file(url) as connection:
        connection.execute("DROP TABLE directory_settings")
        connection.execute(f"CREATE VIEW directory_settings AS SELECT 1 AS number, ({ENDLESS}) AS customer_departmentalization")


def test_endless_statement_is_interrupted(url: str) -> None:
    """After statement_timeout; its connection remains usable."""
    add_endless_view(url)
    with SqlDirectory(url, statement_timeout=0.05, pool_size=1, connect_timeout=1) as directory:
        for _ in range(2):
            with pytest.raises(SqlError) as caught:
                directory.fetch(ALL)
            assert str(caught.value) == f"{url}: interrupted"


def test_endless_statement_of_a_task_is_interrupted(url: str) -> None:
    """Also when the task was cancelled, so that its connection is not lost."""

    async def fetch() -> None:
        async with AsyncSqlDirectory(url, statement_timeout=0.2, pool_size=1) as directory:
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(directory.fetch(ALL), 0.02)
            with pytest.raises(SqlError, match=r": interrupted$"):
                await directory.fetch(ALL)

    add_endless_view(url)
    asyncio.run(fetch())


def test_waiting_for_a_connection_times_out(url: str) -> None:
    """With more threads than connections, a fetch without a connection fails after connect_timeout."""
    add_endless_view(url)
    with SqlDirectory(url, statement_timeout=0.5, pool_size=1, connect_timeout=1) as directory, ThreadPoolExecutor(4) as threads:

        def fetch_reason(_: int) -> str:
            with pytest.raises(SqlError) as caught:
                directory.fetch(ALL)
            return str(caught.value).removeprefix(f"{url}: ").partition(" ")[0]

        assert set(threads.map(fetch_reason, range(4))) == {"QueuePool", "interrupted"}


def receive_nothing() -> Generator[Wait, Any, None]:
    """Yield the steps of a protocol in which the server never answers."""
    while True:
        yield Wait.R


def receive_answer() -> Generator[Wait, Any, str]:
    """Yield the steps of a protocol in which the server answers at once."""
    yield Wait.W
    return "answer"


def receive_error() -> Generator[Wait, Any, None]:
    """Yield the steps of a protocol in which the server reports an error."""
    yield Wait.W
    raise psycopg.DataError


def receive_forever() -> Generator[Wait, Any, None]:
    """Yield the steps of a protocol in which the server sends data without end."""
    while True:
        yield Wait.W


def return_at_once() -> Generator[Wait, Any, str]:
    """Return the answer of a protocol without any wait."""
    yield from ()
    return "answer"


class StubConnection:
    """In place of a connection to a server: one end of a socket pair, and how often it was closed."""

    answer_timeout = 0.05

    def __init__(self, here: int) -> None:
        self.pgconn = self
        self.socket = here
        self.closings = 0

    def finish(self) -> None:
        """Count a closing."""
        self.closings += 1


@pytest.fixture
def connection() -> Iterator[StubConnection]:
    """Return a connection whose server never answers."""
    here, there = socket.socketpair()
    with here, there:
        yield StubConnection(here.fileno())


def test_connection_to_a_frozen_server_is_closed(connection: StubConnection) -> None:
    """After answer_timeout; any other outcome leaves it open."""
    wait: Any = LimitedConnection.wait
    assert wait(connection, receive_answer()) == wait(connection, return_at_once()) == "answer"
    assert connection.closings == 0
    with pytest.raises(psycopg.DataError):
        wait(connection, receive_error())
    assert connection.closings == 0
    with pytest.raises(AnswerTimeoutError, match=r"^the server did not answer in time$"):
        wait(connection, receive_nothing(), 0.01)
    assert connection.closings == 1
    with pytest.raises(AnswerTimeoutError):
        wait(connection, receive_forever())
    assert connection.closings == 2


def test_connection_of_a_cancelled_task_is_closed(connection: StubConnection) -> None:
    """At once, and that of a task whose server is frozen after answer_timeout."""
    wait: Any = AsyncLimitedConnection.wait

    async def run() -> None:
        assert await wait(connection, receive_answer()) == "answer"
        with pytest.raises(AnswerTimeoutError):
            await wait(connection, receive_nothing(), 0.01)
        assert connection.closings == 1
        connection.answer_timeout = 60
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(wait(connection, receive_nothing(), 60), 0.05)
        assert connection.closings == 2

    asyncio.run(run())


def test_message_has_the_result_of_its_last_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The results of the commands that set limits are skipped."""
    messages: list[Any] = []
    results = iter([True, True, None] * 2)

    async def execute(_cursor: Any, *arguments: Any, **options: Any) -> None:
        messages.append((arguments, options))

    for kind in (MessageCursor, AsyncMessageCursor):
        monkeypatch.setattr(kind, "nextset", lambda _: next(results))
        monkeypatch.setattr(kind, "__init__", lambda _: None)
    monkeypatch.setattr(psycopg.ClientCursor, "execute", lambda _, *arguments, **options: messages.append((arguments, options)))
    monkeypatch.setattr(psycopg.AsyncClientCursor, "execute", execute)
    cursor, other = MessageCursor.__new__(MessageCursor), AsyncMessageCursor.__new__(AsyncMessageCursor)
    assert cursor.execute("a", [1], binary=True) is cursor
    assert asyncio.run(other.execute("b")) is other
    assert (messages, list(results)) == ([(("a", [1]), {"binary": True}), (("b",), {})], [])


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """Return a listener that never answers; garbage collection is off, so that it closes nothing."""
    gc.disable()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        yield listener
    gc.enable()


def make_url(listener: socket.socket, options: str = "?sslmode=disable") -> str:
    """Return the URL of a database at a listener."""
    return f"postgresql://tester:s3cret@127.0.0.1:{listener.getsockname()[1]}/tenant{options}"


def receive_all(listener: socket.socket) -> bytes:
    """Return the bytes of a client until it closes its connection."""
    client, _ = listener.accept()
    with client:
        client.settimeout(30)
        return b"".join(iter(lambda: client.recv(1000), b""))


def test_connecting_to_a_silent_server_times_out(silent_server: socket.socket) -> None:
    """After connect_timeout the half-open connection is closed; the message contains no password."""
    with SqlDirectory(make_url(silent_server), connect_timeout=2) as directory, pytest.raises(SqlError) as caught:
        directory.fetch(ALL)
    port = silent_server.getsockname()[1]
    assert str(caught.value) == f"postgresql://127.0.0.1:{port}/tenant: connection timeout expired"
    assert b"tester" in receive_all(silent_server)


def test_task_cancelled_while_connecting_closes_its_connection(silent_server: socket.socket) -> None:
    """At once."""

    async def cancel() -> BaseException | Facts:
        async with AsyncSqlDirectory(make_url(silent_server)) as directory:
            task = asyncio.create_task(directory.fetch(ALL))
            await asyncio.sleep(0.05)
            task.cancel()
            (outcome,) = await asyncio.gather(task, return_exceptions=True)
            assert b"tester" in await asyncio.to_thread(receive_all, silent_server)
            return outcome

    assert type(asyncio.run(cancel())) is asyncio.CancelledError


def test_missing_server_is_reported_at_once() -> None:
    """To threads and tasks; the message contains no password."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = make_url(listener, "")
        port = listener.getsockname()[1]

    async def fetch() -> Facts:
        async with AsyncSqlDirectory(url) as directory:
            return await directory.fetch(ALL)

    with SqlDirectory(url) as directory:
        runs: tuple[Callable[[], Facts], ...] = (lambda: directory.fetch(ALL), lambda: asyncio.run(fetch()))
        for run in runs:
            with pytest.raises(SqlError) as caught:
                run()
            assert str(caught.value).startswith(f"postgresql://127.0.0.1:{port}/tenant: ")
            assert "refused" in str(caught.value)
            assert "s3cret" not in str(caught.value)


def test_host_may_be_an_option_of_the_url() -> None:
    """The folder of a Unix socket is such an option; it is shown, other options are not."""
    with SqlDirectory("postgresql:///tenant?host=/nowhere/at/all&password=s3cret") as directory:
        with pytest.raises(SqlError) as caught:
            directory.fetch(ALL)
        assert str(caught.value).startswith("postgresql:///nowhere/at/all/tenant: connection ")
        assert "s3cret" not in str(caught.value)
