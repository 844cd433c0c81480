"""SQLAlchemy engines. Those for reading need one round trip to the server for each statement."""

from functools import partial
from typing import Any, Final

from sqlalchemy import Engine, NullPool, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .address import Address
from .limits import GRACE, AsyncLimitedConnection, LimitedConnection, LimitedSqlite
from .messages import AsyncMessageCursor, MessageCursor

_KEEPALIVE: Final = 30  # seconds without traffic after which the kernel probes the connection
WRITE_WAIT: Final = 10  # seconds to connect for writing, and to wait for other writers
NAME: Final = "activity-validator"


def make_read_engine(address: Address, connect_timeout: int, statement_timeout: float, pool_size: int) -> Engine:
    """Return an engine for threads; it does not connect yet."""
    pool = _make_pool_options(connect_timeout, pool_size)
    if not address.is_postgresql:
        factory = partial(LimitedSqlite, seconds=statement_timeout)
        return create_engine(address.make_sqlite_url("sqlite", "rw"), connect_args={"factory": factory}, **pool)
    engine = create_engine(
        address.url.set(drivername="postgresql+psycopg"),
        connect_args=_make_read_options(address, connect_timeout, statement_timeout, MessageCursor),
        use_native_hstore=False,
        **pool,
    )
    limited = LimitedConnection.with_timeout(statement_timeout + GRACE)
    event.listen(engine, "do_connect", lambda _dialect, _record, arguments, options: limited.open(*arguments, **options))
    return engine


def make_async_read_engine(address: Address, connect_timeout: int, statement_timeout: float, pool_size: int) -> AsyncEngine:
    """Return an engine over PostgreSQL for one event loop; it does not connect yet."""
    pool = _make_pool_options(connect_timeout, pool_size)
    limited = AsyncLimitedConnection.with_timeout(statement_timeout + GRACE)
    return create_async_engine(
        address.url.set(drivername="postgresql+psycopg"),
        connect_args={
            **_make_read_options(address, connect_timeout, statement_timeout, AsyncMessageCursor),
            "async_creator_fn": limited.open,
        },
        use_native_hstore=False,
        **pool,
    )


def make_write_engine(address: Address, mode: str) -> Engine:
    """Return an engine for one connection, without a limit for statements. mode: see Address.make_sqlite_url."""
    if not address.is_postgresql:
        options: dict[str, Any] = {"timeout": WRITE_WAIT}
        url = address.make_sqlite_url("sqlite", mode)
    else:
        options = {**_make_session_options(WRITE_WAIT), "cursor_factory": MessageCursor}
        url = address.url.set(drivername="postgresql+psycopg")
    return create_engine(
        url, connect_args=options, poolclass=NullPool, isolation_level="AUTOCOMMIT", pool_reset_on_return=None,
        hide_parameters=True,
    )  # fmt: skip


def _make_pool_options(connect_timeout: int, pool_size: int) -> dict[str, Any]:
    return {
        "isolation_level": "AUTOCOMMIT",  # no BEGIN
        "pool_reset_on_return": None,  # no ROLLBACK
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": connect_timeout,
        "hide_parameters": True,  # they are the client's data
    }


def _make_read_options(
    address: Address, connect_timeout: int, statement_timeout: float, cursor: type[MessageCursor | AsyncMessageCursor]
) -> dict[str, Any]:
    milliseconds = int(statement_timeout * 1000)
    options = {
        **_make_session_options(connect_timeout),
        "tcp_user_timeout": milliseconds,
        "keepalives_idle": _KEEPALIVE,
    }
    if address.prepare_threshold is None:
        return {**options, "cursor_factory": cursor}
    limits = f"-c statement_timeout={milliseconds} -c default_transaction_read_only=on -c plan_cache_mode=force_generic_plan"
    from_url = next(iter(address.url.normalized_query.get("options", ())), "")
    # Sent while connecting: a SET would be another round trip.
    return {**options, "options": f"{from_url} {limits}".strip(), "prepare_threshold": address.prepare_threshold}


def _make_session_options(connect_timeout: int) -> dict[str, Any]:
    return {
        "application_name": NAME,
        "client_encoding": "utf8",
        "connect_timeout": connect_timeout,
        "prepare_threshold": None,
    }
