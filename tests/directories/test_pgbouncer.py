"""Directories and transfers through a real PgBouncer, whose server connections are shared with other clients."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.directories.conformance import NO_TABLES
from tests.directories.pgbouncer import MISSING, find_program, run_pooler
from tests.directories.postgresql import GUARD, PASSWORD, Server
from tests.directories.proxy import Proxy
from tests.directories.sources import select_facts
from tests.directories.test_conformance import ALL
from tests.directories.test_postgresql import add_writing_view, replace_port
from tests.directories.test_transfer import TENANT
from validator import Facts, Keys, Snapshot
from validator.directories import AsyncSqlDirectory, SqlDirectory, SqlError, create_tables, export_snapshot, import_snapshot


@pytest.fixture(scope="module", params=["session", "transaction"])
def pooler(request: pytest.FixtureRequest, postgresql: Server) -> Iterator[int]:
    """Return the port of PgBouncer in each mode in which transactions are possible."""
    program = find_program()
    if program is None:
        pytest.skip(MISSING)
    with run_pooler(program, postgresql, request.param) as port:
        yield port


@pytest.fixture
def pooled_url(server_url: str, pooler: int) -> str:
    """Return the URL of the database behind PgBouncer."""
    return replace_port(server_url, pooler)


@pytest.fixture
def expected(tenant: Snapshot) -> Facts:
    """Return the facts for all keys."""
    return select_facts(tenant.facts, ALL)


def test_clients_share_connections(pooled_url: str, tenant: Snapshot, expected: Facts) -> None:
    """More connections than PgBouncer has to the server: each thread and task gets the answer to its own keys."""
    customers = tenant.facts.customers or {}
    ids = [*customers, "5"] * 20

    async def fetch_all() -> list[Facts]:
        async with AsyncSqlDirectory(pooled_url, statement_timeout=GUARD, pool_size=6) as other:
            return list(await asyncio.gather(*(other.fetch(ALL) for _ in range(60))))

    with SqlDirectory(pooled_url, statement_timeout=GUARD, pool_size=6) as directory, ThreadPoolExecutor(6) as threads:
        answers = threads.map(lambda one: directory.fetch(Keys(customers=(one,))).customers, ids)
        assert asyncio.run(fetch_all()) == [expected] * 60
        assert list(answers) == [{one: customers[one]} if one in customers else {} for one in ids]


def test_fetch_is_one_round_trip(pooled_url: str, pooler: int) -> None:
    """Limits included."""
    with contextlib.closing(Proxy(pooler)) as proxy, SqlDirectory(replace_port(pooled_url, proxy.port), pool_size=1) as directory:
        directory.fetch(ALL)
        before = proxy.exchanges
        for _ in range(20):
            directory.fetch(ALL)
        assert proxy.exchanges - before == 20


def test_limits_end_with_the_statement(pooled_url: str, pooler: int, connection: psycopg.Connection[Any]) -> None:
    """A slow fetch is cancelled, a writing one refused; afterwards, other clients of PgBouncer have their own settings."""
    with SqlDirectory(pooled_url, statement_timeout=0.2, pool_size=1) as directory:
        before = directory.fetch(ALL)
        with connection.transaction():
            connection.execute("LOCK TABLE directory_customers")
            with pytest.raises(SqlError, match=r": canceling statement due to statement timeout$"):
                directory.fetch(ALL)
        with add_writing_view(connection), pytest.raises(SqlError, match=r": cannot execute DELETE in a read-only transaction$"):
            directory.fetch(ALL)
        assert directory.fetch(ALL) == before
    place = {"host": "127.0.0.1", "port": pooler, "user": "tester", "password": PASSWORD}
    with psycopg.connect(**place, dbname=pooled_url.rpartition("/")[2], prepare_threshold=None) as client:  # type: ignore[arg-type]
        query = "SELECT current_setting('statement_timeout'), current_setting('transaction_read_only')"
        assert client.execute(query).fetchone() == ("0", "off")


def test_transfers(postgresql: Server, pooler: int, tenant: Snapshot) -> None:
    """Tables are created, filled and exported."""
    url = replace_port(postgresql.create_database(), pooler)
    with pytest.raises(SqlError, match=f": {NO_TABLES}$"):
        export_snapshot(url)
    create_tables(url)
    import_snapshot(TENANT, url)
    assert Snapshot.from_dict(export_snapshot(url)).facts == tenant.facts


def test_prepared_statement_is_refused(pooled_url: str) -> None:
    """PgBouncer refuses the options of such a connection; the error says what to change."""
    with SqlDirectory(f"{pooled_url}?prepare_threshold=5") as directory, pytest.raises(SqlError) as caught:
        directory.fetch(ALL)
    assert str(caught.value).partition("FATAL: ")[2].strip() == (
        "unsupported startup parameter: options; without prepare_threshold and options in its URL, a pooler is supported"
    )


def test_directory_recovers_after_a_restart_of_the_server(pooled_url: str, postgresql: Server, expected: Facts) -> None:
    """PgBouncer closes the connections of its clients, or reports the lost one: in the end, every thread gets answers."""
    with SqlDirectory(pooled_url, pool_size=3) as directory, ThreadPoolExecutor(3) as threads:
        directory.fetch(ALL)
        postgresql.restart()
        end = time.monotonic() + GUARD
        while not has_answer(directory):
            assert time.monotonic() < end
            time.sleep(0.1)
        assert list(threads.map(lambda _: directory.fetch(ALL), range(20))) == [expected] * 20


def has_answer(directory: SqlDirectory) -> bool:
    """Whether a fetch succeeds."""
    with contextlib.suppress(SqlError):
        directory.fetch(ALL)
        return True
    return False
