"""What cannot be done with a database, in one line."""

from typing import Final

from sqlalchemy.exc import DBAPIError

_NO_TABLE: Final = ("UndefinedTable", "no such table")  # PostgreSQL's condition, the beginning of SQLite's message
_NO_FILE: Final = "unable to open database file"  # SQLite's words


class SqlError(ValueError):
    """A database that cannot be used: one line with its place, without its password, and the reason."""

    may_be_logged = True


def worded(place: str, error: Exception) -> SqlError:
    """Return the SqlError of what SQLAlchemy or a driver has raised."""
    return SqlError(f"{place}: {_reason(error)}")


def _reason(error: Exception) -> str:
    # SQLAlchemy's own text adds the statement and a web address; from the second line on, a server shows the data.
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = next(iter(str(cause).splitlines()), "").partition(" with text ")[0]  # which SQLite goes on with to show the data
    if type(cause).__name__ == _NO_TABLE[0] or said.startswith(_NO_TABLE[1]):
        return "the tables are not there: create them first"
    if said == _NO_FILE:
        return "the file cannot be opened, or was not created yet"
    return said or type(cause).__name__
