"""Directories over a real PostgreSQL server: round trips, limits and transfers; test_outages.py tests its outages."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.directories.conformance import NO_TABLES, check_readers_during_imports
from tests.directories.postgresql import GUARD, Server, all_are_closed, count_connections
from tests.directories.proxy import Proxy
from tests.directories.sources import select_facts
from tests.directories.test_conformance import ALL
from tests.directories.test_tables import VIOLATIONS
from tests.directories.test_transfer import DOCUMENTS
from validator import Facts, Keys, Snapshot
from validator.directories import (
    AsyncSqlDirectory,
    AsyncTimeLimited,
    SqlDirectory,
    SqlError,
    create_tables,
    export_snapshot,
    import_snapshot,
)

OPERATION = "create-email-response"
BODY = (
    b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a",'
    b' "payload": {"email": {"messageCenter": {"id": "3001"}}}}'
)
THREADS = 6
MODES = {"message": "", "prepared": "?prepare_threshold=1"}


def replace_port(url: str, port: int) -> str:
    """Return the URL with another port."""
    before, _, after = url.rpartition(":")
    return f"{before}:{port}/{after.partition('/')[2]}"


@pytest.fixture
def proxy(postgresql: Server) -> Iterator[Proxy]:
    """Return a proxy in front of the server."""
    with contextlib.closing(Proxy(postgresql.port)) as opened:
        yield opened


@pytest.mark.parametrize("options", MODES.values(), ids=MODES)
def test_fetch_is_one_round_trip(server_url: str, proxy: Proxy, options: str) -> None:
    """Once the connection is open and its statement prepared, if it is."""
    with SqlDirectory(replace_port(server_url, proxy.port) + options, pool_size=1) as directory:
        for _ in range(10):
            directory.fetch(ALL)
        before = proxy.exchanges
        for _ in range(100):
            directory.fetch(ALL)
        assert proxy.exchanges - before == 100


@pytest.mark.parametrize("options", MODES.values(), ids=MODES)
def test_async_fetch_is_one_round_trip(server_url: str, proxy: Proxy, options: str) -> None:
    """In the same way."""

    async def count() -> int:
        async with AsyncSqlDirectory(replace_port(server_url, proxy.port) + options, pool_size=1) as directory:
            for _ in range(10):
                await directory.fetch(ALL)
            before = proxy.exchanges
            for _ in range(100):
                await directory.fetch(ALL)
            return proxy.exchanges - before

    assert asyncio.run(count()) == 100


def test_connections_are_limited_and_closed(server_url: str, connection: psycopg.Connection[Any]) -> None:
    """Threads share at most pool_size connections, and closing the directory closes them."""
    with SqlDirectory(server_url, pool_size=3, connect_timeout=GUARD) as directory:
        call_from_threads(lambda: directory.fetch(ALL), 200)
        assert count_connections(connection) <= 3
    assert all_are_closed(connection)


def call_from_threads(function: Callable[[], object], times: int) -> None:
    """Call a function this many times, from several threads."""
    threads = [threading.Thread(target=lambda: [function() for _ in range(times // THREADS)]) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_export_equals_import(server_url: str, document: dict[str, Any]) -> None:
    """The facts of an exported snapshot equal those of the imported one."""
    snapshot = Snapshot.from_dict(document)
    import_snapshot(snapshot, server_url)
    assert Snapshot.from_dict(export_snapshot(server_url)).facts == snapshot.facts


@pytest.mark.parametrize("change", VIOLATIONS)
def test_constraints_match_the_schema(server_url: str, connection: psycopg.Connection[Any], change: str) -> None:
    """Other programs cannot write rows that are invalid in a snapshot file."""
    statement = change.replace(", 1, NULL", ", true, NULL").replace(", 1, ''", ", true, ''").replace(", 0, NULL", ", false, NULL")
    statement = statement.replace("'number', 0", "'number', false").replace("'text', 0", "'text', false")
    statement = statement.replace("settings VALUES (2, 1)", "settings VALUES (2, true)").replace(
        "VALUES (1, 1)", "VALUES (1, true)"
    )
    if statement.endswith("departmentalization = 2"):
        statement = "UPDATE directory_settings SET customer_departmentalization = NULL"
    assert Snapshot.from_dict(export_snapshot(server_url)).facts
    with pytest.raises(psycopg.IntegrityError):
        connection.execute(statement.encode())


def test_string_that_cannot_be_stored_is_rejected(server_url: str) -> None:
    """U+0000, a surrogate, or an overlong key: the error is one line, and the tables are unchanged."""
    before = export_snapshot(server_url)
    reasons = []
    for name in ("a\0", "\udc00", "x" * 501):
        with pytest.raises(SqlError) as caught:
            import_snapshot(Snapshot.from_dict({"customAttributes": [{"name": name, "type": "text"}]}), server_url)
        reasons.append(str(caught.value).partition("/tenant")[2].partition(": ")[2])
    assert reasons == [
        "a string contains U+0000 or a surrogate, which a database cannot store",
        "a string contains U+0000 or a surrogate, which a database cannot store",
        'new row for relation "directory_custom_attributes" violates check constraint "directory_custom_attributes_name_check"',
    ]
    assert export_snapshot(server_url) == before


def test_unusable_database_is_reported_on_one_line(postgresql: Server) -> None:
    """No tables, another encoding, a wrong password or a missing database; the message contains no password."""
    url = postgresql.create_database()
    place = f"postgresql://127.0.0.1:{postgresql.port}"
    label = f"{place}/{url.rpartition('/')[2]}"
    with SqlDirectory(url) as directory:
        runs = (lambda: directory.fetch(ALL), lambda: export_snapshot(url), lambda: import_snapshot(Snapshot(Facts()), url))
        for run in runs:
            with pytest.raises(SqlError) as caught:
                run()
            assert str(caught.value) == f"{label}: {NO_TABLES}"
    latin = postgresql.create_database("LATIN1")
    with pytest.raises(SqlError, match=r": the database encoding must be UTF8, got LATIN1$"):
        create_tables(latin)
    for wrong in (url.replace("s3cret", "s3cr3t"), f"{url}x"):
        with pytest.raises(SqlError) as caught:
            create_tables(wrong)
        assert str(caught.value).startswith(place)
        assert "FATAL" in str(caught.value)
        assert "s3cr" not in str(caught.value)


@pytest.mark.parametrize("options", MODES.values(), ids=MODES)
def test_slow_statement_times_out(server_url: str, connection: psycopg.Connection[Any], options: str) -> None:
    """The server cancels it after statement_timeout; the connection remains usable."""
    with SqlDirectory(server_url + options, statement_timeout=0.2, pool_size=1) as directory:
        directory.fetch(ALL)
        with connection.transaction():
            connection.execute("LOCK TABLE directory_customers")
            with pytest.raises(SqlError, match=r": canceling statement due to statement timeout$"):
                directory.fetch(ALL)
        assert directory.fetch(Keys()).customers == {}
        assert count_connections(connection) == 1


@contextlib.contextmanager
def add_writing_view(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Replace a table by a view that changes another one."""
    body = "BEGIN DELETE FROM directory_customers; RETURN 1; END"
    connection.execute(f"CREATE FUNCTION erase() RETURNS integer LANGUAGE plpgsql AS '{body}'".encode())
    connection.execute("ALTER TABLE directory_settings RENAME TO directory_settings_before")
    connection.execute("CREATE VIEW directory_settings AS SELECT erase() AS number, true AS customer_departmentalization")
    yield
    connection.execute("DROP VIEW directory_settings")
    connection.execute("DROP FUNCTION erase")
    connection.execute("ALTER TABLE directory_settings_before RENAME TO directory_settings")


@pytest.mark.parametrize("options", MODES.values(), ids=MODES)
def test_fetch_changes_nothing(server_url: str, connection: psycopg.Connection[Any], options: str) -> None:
    """Whatever the tables are: here a view calls a function that deletes rows. An export changes nothing either."""
    before = export_snapshot(server_url)
    with add_writing_view(connection), SqlDirectory(server_url + options) as directory:
        for run in (lambda: directory.fetch(ALL), lambda: export_snapshot(server_url + options)):
            with pytest.raises(SqlError, match=r": cannot execute DELETE in a read-only transaction$"):
                run()
    assert export_snapshot(server_url) == before


def test_readers_see_complete_imports(server_url: str) -> None:
    """While imports alternate, a reader is never blocked and never sees a mixture."""
    check_readers_during_imports(server_url)


def test_cancelled_tasks_leave_no_connection(server_url: str, connection: psycopg.Connection[Any]) -> None:
    """Their connections are closed, and later tasks get new ones."""

    async def cancel_and_fetch() -> Facts:
        async with AsyncSqlDirectory(server_url, statement_timeout=GUARD, pool_size=2, connect_timeout=GUARD) as directory:
            await directory.fetch(ALL)
            with connection.transaction():
                connection.execute("LOCK TABLE directory_customers")
                for _ in range(5):
                    tasks = [asyncio.create_task(directory.fetch(ALL)) for _ in range(5)]
                    await asyncio.sleep(0.02)
                    for task in tasks:
                        task.cancel()
                    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
                    assert {type(one) for one in outcomes} == {asyncio.CancelledError}
            return await directory.fetch(ALL)

    tenant = Snapshot.from_dict(export_snapshot(server_url))
    assert asyncio.run(cancel_and_fetch()) == select_facts(tenant.facts, ALL)
    assert all_are_closed(connection)


def test_tasks_get_connections_in_order_of_arrival(server_url: str) -> None:
    """With more tasks than connections, none waits longer than the time limit while others are served."""

    async def run() -> set[str | None]:
        async with AsyncSqlDirectory(server_url, pool_size=2) as directory:
            limited = AsyncTimeLimited(directory, 20)

            async def fetch_departments() -> list[str | None]:
                answers = [await limited.fetch(Keys(("1001",))) for _ in range(20)]
                return [answer.customers["1001"].department if answer.customers else None for answer in answers]

            departments = await asyncio.gather(*(fetch_departments() for _ in range(50)))
        return {department for one in departments for department in one}

    assert asyncio.run(run()) == {"Service"}
