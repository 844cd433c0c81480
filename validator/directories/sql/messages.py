"""One message to PostgreSQL for a statement, its parameters and its limits.

The limits end with the transaction of the message, and nothing remains on the connection: a pooler such as PgBouncer may hand
it to another client after each transaction. Neither options of a new connection nor prepared statements would work there.
"""

from typing import Any, Self

import psycopg


def make_limits(statement_timeout: float) -> str:
    """Return the commands that begin a message: a time limit in seconds for each of its statements, 0 for none; no changes.

    The server executes the commands of a message in one transaction (PostgreSQL, "Multiple Statements in a Simple Query").
    """
    return f"SET LOCAL statement_timeout = {int(statement_timeout * 1000)}; SET LOCAL transaction_read_only = on; "


def begin_writing(lock_timeout: float) -> str:
    """Return the commands that begin a transaction without time limit. lock_timeout: seconds to wait for other writers."""
    return f"BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = {int(lock_timeout * 1000)}"


class MessageCursor(psycopg.ClientCursor[Any]):
    """A cursor that writes parameters into the statement, and has the result of the last command of a message."""

    def execute(self, *arguments: Any, **options: Any) -> Self:
        """Send a message."""
        super().execute(*arguments, **options)
        while self.nextset():
            pass
        return self


class AsyncMessageCursor(psycopg.AsyncClientCursor[Any]):
    """A MessageCursor for asyncio."""

    async def execute(self, *arguments: Any, **options: Any) -> Self:
        """Send a message."""
        await super().execute(*arguments, **options)
        while self.nextset():
            pass
        return self
