"""What the tests of directories share."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.directories.conformance import CASES, Case, Opened, Place, filled
from tests.directories.postgresql import ABSENT, Server, programs
from validator import Snapshot


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Start a server for the session, or skip: its programs are not everywhere."""
    found = programs()
    if found is None:
        pytest.skip(ABSENT)
    server = Server(found)
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def database(postgresql: Server) -> str:
    """Return the URL of a database that tests fill one after the other."""
    return postgresql.database()


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    """Return each kind of directory."""
    found: Case = request.param
    return found


@pytest.fixture
def place(case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """Return where a directory may keep what it holds."""
    return Place(tmp_path, request.getfixturevalue("database") if case.needs_server else None)


@pytest.fixture
def opened(case: Case, place: Place, tenant: Snapshot) -> Iterator[Opened]:
    """Return a directory of each kind that holds the fixtures' reference data."""
    with contextlib.closing(case.open(tenant, place)) as directory:
        yield directory


@pytest.fixture
def url(tmp_path: Path, tenant: Snapshot) -> str:
    """Return the URL of a file that holds the fixtures' reference data."""
    return filled(tenant, f"sqlite:///{tmp_path / 'directory.db'}")


@pytest.fixture
def server_url(database: str, tenant: Snapshot) -> str:
    """Return the URL of a database that holds the fixtures' reference data."""
    return filled(tenant, database)


@pytest.fixture
def own(database: str, postgresql: Server) -> Iterator[psycopg.Connection[Any]]:
    """Return a connection of our own to the database, to look and change behind the directory's back."""
    with postgresql.connected(database.rpartition("/")[2]) as connection:
        yield connection
