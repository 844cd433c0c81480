"""What only a real PostgreSQL shows: round trips, limits and transfers; test_outages.py has its death and return."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from tests.directories.postgresql import GUARD, Server, connections, none_is_left
from tests.directories.proxy import Proxy
from tests.directories.test_conformance import ALL, restricted
from tests.directories.test_tables import REFUSED
from tests.directories.test_transfer import DOCUMENTS
from validator import Facts, Keys, Snapshot
from validator.directories.sql import AsyncSqlDirectory, SqlDirectory, SqlError, create_tables, export_snapshot, import_snapshot
from validator.directories.time_limit import AsyncTimeLimited

OPERATION = "create-email-response"
BODY = (
    b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a",'
    b' "payload": {"email": {"messageCenter": {"id": "3001"}}}}'
)
THREADS = 6


def by_proxy(url: str, port: int) -> str:
    """Return the URL with another port."""
    before, _, after = url.rpartition(":")
    return f"{before}:{port}/{after.partition('/')[2]}"


@pytest.fixture
def proxy(postgresql: Server) -> Iterator[Proxy]:
    """Return a proxy before the server."""
    with contextlib.closing(Proxy(postgresql.port)) as found:
        yield found


def test_one_round_trip(server_url: str, proxy: Proxy) -> None:
    """A fetch is one exchange with the server, once a connection is made and its statement prepared."""
    with SqlDirectory(by_proxy(server_url, proxy.port), pool_size=1) as directory:
        for _ in range(10):
            directory.fetch(ALL)
        before = proxy.exchanges
        for _ in range(100):
            directory.fetch(ALL)
        assert proxy.exchanges - before == 100


def test_one_round_trip_asynchronously(server_url: str, proxy: Proxy) -> None:
    """The same for tasks."""

    async def counted() -> int:
        async with AsyncSqlDirectory(by_proxy(server_url, proxy.port), pool_size=1) as directory:
            for _ in range(10):
                await directory.fetch(ALL)
            before = proxy.exchanges
            for _ in range(100):
                await directory.fetch(ALL)
            return proxy.exchanges - before

    assert asyncio.run(counted()) == 100


def test_connections_are_few_and_closed(server_url: str, own: psycopg.Connection[Any]) -> None:
    """No more connections than allowed are made, however many threads ask, and none is left."""
    with SqlDirectory(server_url, pool_size=3, connect_timeout=GUARD) as directory:
        ask_all(lambda: directory.fetch(ALL), 200)
        assert connections(own) <= 3
    assert none_is_left(own)


def ask_all(ask: Callable[[], object], times: int) -> None:
    """Ask so often from several threads."""
    threads = [threading.Thread(target=lambda: [ask() for _ in range(times // THREADS)]) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_was_imported_is_exported(server_url: str, document: dict[str, Any]) -> None:
    """A snapshot that was imported and exported again has equal facts."""
    snapshot = Snapshot.from_dict(document)
    import_snapshot(snapshot, server_url)
    assert Snapshot.from_dict(export_snapshot(server_url)).facts == snapshot.facts


@pytest.mark.parametrize("change", REFUSED)
def test_tables_have_the_rules_of_the_schema(server_url: str, own: psycopg.Connection[Any], change: str) -> None:
    """Also who writes the tables by other means cannot put in what a snapshot file could not hold."""
    statement = change.replace(", 1, NULL", ", true, NULL").replace(", 1, ''", ", true, ''").replace(", 0, NULL", ", false, NULL")
    statement = statement.replace("'number', 0", "'number', false").replace("'text', 0", "'text', false")
    statement = statement.replace("settings VALUES (2, 1)", "settings VALUES (2, true)").replace(
        "VALUES (1, 1)", "VALUES (1, true)"
    )
    if statement.endswith("departmentalization = 2"):
        statement = "UPDATE directory_settings SET customer_departmentalization = NULL"
    assert Snapshot.from_dict(export_snapshot(server_url)).facts
    with pytest.raises(psycopg.IntegrityError):
        own.execute(statement.encode())


def test_what_it_cannot_hold(server_url: str) -> None:
    """U+0000, a surrogate, a key of the wrong form or too long: one line, and the tables stay as they were."""
    before = export_snapshot(server_url)
    reasons = []
    for name in ("a\0", "\udc00", "x" * 501):
        with pytest.raises(SqlError) as caught:
            import_snapshot(Snapshot.from_dict({"customAttributes": [{"name": name, "type": "text"}]}), server_url)
        reasons.append(str(caught.value).partition("/tenant")[2].partition(": ")[2])
    assert reasons == [
        "a text holds U+0000 or a surrogate, which a database cannot hold",
        "a text holds U+0000 or a surrogate, which a database cannot hold",
        'new row for relation "directory_custom_attributes" violates check constraint "directory_custom_attributes_name_check"',
    ]
    assert export_snapshot(server_url) == before


def test_a_database_that_is_not_ready(postgresql: Server) -> None:
    """A database without tables, without Unicode, a wrong password, a database that is not there: one line, no password."""
    url = postgresql.database()
    place = f"postgresql://127.0.0.1:{postgresql.port}"
    shown = f"{place}/{url.rpartition('/')[2]}"
    with SqlDirectory(url) as directory:
        runs = (lambda: directory.fetch(ALL), lambda: export_snapshot(url), lambda: import_snapshot(Snapshot(Facts()), url))
        for run in runs:
            with pytest.raises(SqlError) as caught:
                run()
            assert str(caught.value) == f"{shown}: the tables are not there: create them first"
    latin = postgresql.database("LATIN1")
    with pytest.raises(SqlError, match=r": the encoding of the database must be UTF8, not LATIN1$"):
        create_tables(latin)
    for wrong in (url.replace("s3cret", "s3cr3t"), f"{url}x"):
        with pytest.raises(SqlError) as caught:
            create_tables(wrong)
        assert str(caught.value).startswith(place)
        assert "FATAL" in str(caught.value)
        assert "s3cr" not in str(caught.value)


def test_a_slow_statement_ends(server_url: str, own: psycopg.Connection[Any]) -> None:
    """The server ends a statement after its time, and the connection serves on."""
    with SqlDirectory(server_url, statement_timeout=0.2, pool_size=1) as directory:
        directory.fetch(ALL)
        with own.transaction():
            own.execute("LOCK TABLE directory_customers")
            with pytest.raises(SqlError, match=r": canceling statement due to statement timeout$"):
                directory.fetch(ALL)
        assert directory.fetch(Keys()).customers == {}
        assert connections(own) == 1


def test_a_directory_cannot_write(server_url: str) -> None:
    """Whoever reaches its connections changes nothing."""
    with SqlDirectory(server_url) as directory, directory._engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.exec_driver_sql("DELETE FROM directory_customers")
    assert str(caught.value.orig) == "cannot execute DELETE in a read-only transaction"


def test_readers_see_the_old_or_the_new(server_url: str) -> None:
    """While imports take turns, a reader is never kept from reading, and never sees half."""
    documents = [Snapshot.from_dict({"activities": [{"id": str(n), "customer": c} for n in range(1, 500)]}) for c in "12"]
    import_snapshot(documents[0], server_url)
    keys, ended, seen = Keys(activities=("1", "250", "499")), threading.Event(), set()

    def read() -> None:
        with SqlDirectory(server_url, statement_timeout=GUARD) as directory:
            while not ended.is_set():
                seen.add(tuple(sorted((directory.fetch(keys).activities or {}).values())))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20):
        import_snapshot(documents[number % 2], server_url)
    ended.set()
    reader.join()
    assert seen <= {tuple(sorted((one, customer) for one in keys.activities)) for customer in "12"}
    assert seen


def test_cancelled_tasks_leave_no_connection(server_url: str, own: psycopg.Connection[Any]) -> None:
    """Tasks that do not wait for their answers cost nobody a connection."""

    async def cancelled() -> Facts:
        async with AsyncSqlDirectory(server_url, statement_timeout=GUARD, pool_size=2, connect_timeout=GUARD) as directory:
            await directory.fetch(ALL)
            with own.transaction():
                own.execute("LOCK TABLE directory_customers")
                for _ in range(5):
                    tasks = [asyncio.create_task(directory.fetch(ALL)) for _ in range(5)]
                    await asyncio.sleep(0.02)
                    for task in tasks:
                        task.cancel()
                    ended = await asyncio.gather(*tasks, return_exceptions=True)
                    assert {type(one) for one in ended} == {asyncio.CancelledError}
            return await directory.fetch(ALL)

    tenant = Snapshot.from_dict(export_snapshot(server_url))
    assert asyncio.run(cancelled()) == restricted(tenant.facts, ALL)
    assert none_is_left(own)


def test_more_tasks_than_connections_all_get_their_answer(server_url: str) -> None:
    """Who asks first is answered first: nobody is left waiting beyond the guard's limit while others come and go."""

    async def run() -> set[str | None]:
        async with AsyncSqlDirectory(server_url, pool_size=2) as directory:
            guard = AsyncTimeLimited(directory, 20)

            async def ask() -> list[str | None]:
                answers = [await guard.fetch(Keys(("1001",))) for _ in range(20)]
                return [answer.customers["1001"].department if answer.customers else None for answer in answers]

            found = await asyncio.gather(*(ask() for _ in range(50)))
        return {department for one in found for department in one}

    assert asyncio.run(run()) == {"Service"}
