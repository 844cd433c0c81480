"""Fixtures of the directory tests: directories of every kind, and databases."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.directories.conformance import CASES, Case, OpenDirectory, Storage, fill
from tests.directories.postgresql import MISSING, Server, find_programs, run_server
from validator import Snapshot


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Start a server for the session, or skip the test where PostgreSQL is not installed."""
    folder = find_programs()
    if folder is None:
        pytest.skip(MISSING)
    with run_server(folder) as server:
        yield server


@pytest.fixture(scope="session")
def database(postgresql: Server) -> str:
    """Return the URL of a database that tests fill in turn."""
    return postgresql.create_database()


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    """Return each kind of directory."""
    kind: Case = request.param
    return kind


@pytest.fixture
def storage(case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> Storage:
    """Return where a directory may store its data."""
    return Storage(tmp_path, request.getfixturevalue("database") if case.needs_server else None)


@pytest.fixture
def directory(case: Case, storage: Storage, tenant: Snapshot) -> Iterator[OpenDirectory]:
    """Return a directory of each kind with the fixtures' reference data."""
    with contextlib.closing(case.open(tenant, storage)) as opened:
        yield opened


@pytest.fixture
def url(tmp_path: Path, tenant: Snapshot) -> str:
    """Return the URL of an SQLite file with the fixtures' reference data."""
    return fill(tenant, f"sqlite:///{tmp_path / 'directory.db'}")


@pytest.fixture
def server_url(database: str, tenant: Snapshot) -> str:
    """Return the URL of a PostgreSQL database with the fixtures' reference data."""
    return fill(tenant, database)


@pytest.fixture
def connection(database: str, postgresql: Server) -> Iterator[psycopg.Connection[Any]]:
    """Return a direct connection to the database, to inspect and change it behind a directory's back."""
    with postgresql.connect(database.rpartition("/")[2]) as direct:
        yield direct
