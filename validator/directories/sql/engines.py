"""SQLAlchemy's engines. Those that only read make no trip to the server beside that of the statement."""

from functools import partial
from typing import Any, Final

from sqlalchemy import Engine, NullPool, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .address import Address
from .limits import GRACE, AsyncLimitedConnection, LimitedConnection, LimitedSqlite

_IDLE: Final = 30  # seconds after which the kernel asks whether the server is still there
WAIT: Final = 10  # seconds that filling the tables waits to be connected, and for others who fill them
NAME: Final = "activity-validator"


def reading(address: Address, connect_timeout: int, statement_timeout: float, pool_size: int) -> Engine:
    """Return an engine for threads; it does not connect yet."""
    pool = _pool(connect_timeout, pool_size)
    if not address.is_postgresql:
        return create_engine(address.sqlite("sqlite", "rw"), connect_args=_sqlite(statement_timeout), **pool)
    engine = create_engine(
        address.url.set(drivername="postgresql+psycopg"),
        connect_args=_postgresql(address, connect_timeout, statement_timeout),
        use_native_hstore=False,
        **pool,
    )
    limited = LimitedConnection.with_seconds(statement_timeout + GRACE)
    event.listen(engine, "do_connect", lambda _dialect, _record, arguments, words: limited.opened(*arguments, **words))
    return engine


def async_reading(address: Address, connect_timeout: int, statement_timeout: float, pool_size: int) -> AsyncEngine:
    """Return an engine over PostgreSQL for one event loop; it does not connect yet."""
    pool = _pool(connect_timeout, pool_size)
    limited = AsyncLimitedConnection.with_seconds(statement_timeout + GRACE)
    return create_async_engine(
        address.url.set(drivername="postgresql+psycopg"),
        connect_args={**_postgresql(address, connect_timeout, statement_timeout), "async_creator_fn": limited.opened},
        use_native_hstore=False,
        **pool,
    )


def writing(address: Address, mode: str) -> Engine:
    """Return an engine for one connection that may take its time, but does not wait long for others. mode: as in Address."""
    if not address.is_postgresql:
        arguments: dict[str, Any] = {"timeout": WAIT}
        url = address.sqlite("sqlite", mode)
    else:
        arguments = _session(address, WAIT, f"-c statement_timeout=0 -c lock_timeout={WAIT * 1000}")
        url = address.url.set(drivername="postgresql+psycopg")
    return create_engine(
        url, connect_args=arguments, poolclass=NullPool, isolation_level="AUTOCOMMIT", pool_reset_on_return=None,
        hide_parameters=True,
    )  # fmt: skip


def _pool(connect_timeout: int, pool_size: int) -> dict[str, Any]:
    return {
        "isolation_level": "AUTOCOMMIT",  # no BEGIN
        "pool_reset_on_return": None,  # no ROLLBACK
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": connect_timeout,
        "hide_parameters": True,  # they are the client's
    }


def _sqlite(statement_timeout: float) -> dict[str, Any]:
    return {"factory": partial(LimitedSqlite, seconds=statement_timeout)}


def _postgresql(address: Address, connect_timeout: int, statement_timeout: float) -> dict[str, Any]:
    milliseconds = int(statement_timeout * 1000)
    limits = f"-c statement_timeout={milliseconds} -c default_transaction_read_only=on -c plan_cache_mode=force_generic_plan"
    return {
        **_session(address, connect_timeout, limits),
        "tcp_user_timeout": milliseconds,
        "keepalives_idle": _IDLE,
    }


def _session(address: Address, connect_timeout: int, settings: str) -> dict[str, Any]:
    own = next(iter(address.url.normalized_query.get("options", ())), "")
    return {
        "application_name": NAME,
        "client_encoding": "utf8",
        "connect_timeout": connect_timeout,
        "options": f"{own} {settings}".strip(),  # said while connecting: a SET would be a trip of its own
    }
