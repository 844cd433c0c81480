"""Connections and transactions of functions that create, fill, export or migrate the tables.

They may take long, so their statements have no time limit. Writers wait for each other, and readers for none of them.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from .address import Address
from .engines import WRITE_WAIT, make_write_engine
from .messages import begin_writing
from .rows import InvalidRowError


@contextmanager
def connect(address: Address, mode: str) -> Iterator[Connection]:
    """Open a connection without a transaction. mode: see Address.make_sqlite_url. Raises SqlError for errors of the database."""
    engine = make_write_engine(address, mode)
    try:
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error, InvalidRowError) as error:
        raise address.make_error(error) from error
    finally:
        engine.dispose()


@contextmanager
def begin(address: Address, connection: Connection) -> Iterator[None]:
    """Commit all or nothing, and block other writers of an SQLite file; closing the connection rolls back."""
    if address.is_postgresql:
        connection.exec_driver_sql(begin_writing(WRITE_WAIT))
    else:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    yield
    connection.exec_driver_sql("COMMIT")
