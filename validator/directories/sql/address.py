"""Database URLs, and the one-line error that names a database without its password."""

import re
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from psycopg.pq import Conninfo
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from validator.errors import suggest

from .tables import NO_TABLES, VERSION, describe_difference

_FORMS: Final = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
_POSTGRESQL: Final = ("postgresql", "postgres", "postgresql+psycopg")  # libpq takes the first two, SQLAlchemy the last
_UNPRINTABLE: Final = re.compile("[\0-\x1f\x7f\ud800-\udfff]")  # surrogates: undecodable bytes of an argument
_PREPARE: Final = "prepare_threshold"  # psycopg's name, as a URL cannot pass it to libpq
_NO_TABLE: Final = ("UndefinedTable", "no such table")  # PostgreSQL's condition name, the start of SQLite's message
_NO_FILE: Final = "unable to open database file"  # SQLite's message
_NO_OPTIONS: Final = "unsupported startup parameter"  # PgBouncer's message


class SqlError(ValueError):
    """A database that cannot be used, or an invalid setting: one line with the database, without password, and the reason."""

    may_be_logged = True


class Address(NamedTuple):
    """A database.

    url: for SQLAlchemy, without the driver. label: for messages, without user, password and options. prepare_threshold: how often
    a connection executes the statement before it prepares it on the server; None: never.
    """

    url: URL
    label: str
    prepare_threshold: int | None = None

    @property
    def is_postgresql(self) -> bool:
        """Whether it is PostgreSQL, not SQLite."""
        return self.url.drivername == "postgresql"

    @property
    def file(self) -> Path:
        """The absolute path of an SQLite file."""
        return Path(self.url.database or "").absolute()

    def make_absolute(self, text: str) -> str:
        """Return the URL that was parsed, or the same with the absolute path of an SQLite file. It has the password."""
        return text if self.is_postgresql else self.url.set(database=str(self.file)).render_as_string(hide_password=False)

    def make_sqlite_url(self, driver: str, mode: str) -> URL:
        """Return the URL for a driver. mode: rw, or rwc to create the file too (SQLite, "URI Filenames")."""
        # Without a mode, opening a file that does not exist would create an empty one.
        return URL.create(driver, database=f"file:{quote(str(self.file))}", query={"mode": mode, "uri": "true"})

    def make_error(self, error: Exception) -> SqlError:
        """Return the SqlError for an error of SQLAlchemy, a driver or the reading of rows."""
        return SqlError(f"{self.label}: {_describe_reason(error)}")


def parse_url(url: str) -> Address:
    """Parse a database URL. Raises SqlError, whose message quotes nothing of the URL but its scheme and the name of an option."""
    try:
        decoded = unquote(url, errors="strict")
        parsed = make_url(url)
    except UnicodeDecodeError:
        raise SqlError("invalid database URL: percent-encoded bytes are not UTF-8") from None
    except (ArgumentError, ValueError):
        raise SqlError(f"invalid database URL; expected {_FORMS}") from None
    if _UNPRINTABLE.search(decoded):
        raise SqlError("invalid database URL: it contains a control character or bytes that cannot be decoded")
    scheme = parsed.drivername.lower()
    if scheme == "sqlite":
        return _check_sqlite(parsed)
    if scheme in _POSTGRESQL:
        return _check_postgresql(parsed.set(drivername="postgresql"), url)
    raise SqlError(f"unsupported database {parsed.drivername[:64]!r}; expected {_FORMS}")


def _check_sqlite(url: URL) -> Address:
    others = (url.query, url.host, url.port, url.username, url.password)
    if not url.database or url.database == ":memory:" or any(others):
        raise SqlError("invalid SQLite URL; expected sqlite:///FILE or sqlite:////ABSOLUTE/FILE, without host and options")
    return Address(url, f"sqlite:///{url.database}")


def _check_postgresql(url: URL, text: str) -> Address:
    if "@" in f"{url.host}{url.database}" or (url.query and "@" in text.rpartition("?")[2]):
        # The rest of a password would be parsed as the host, database or options, and be shown.
        raise SqlError("invalid PostgreSQL URL; write an @ in the user name, password or options as %40")
    threshold = ",".join(url.normalized_query.get(_PREPARE, ()))
    url = url.difference_update_query([_PREPARE])
    problem = _find_problem(url)
    if not re.fullmatch("[0-9]{0,9}", threshold):
        problem = f"{_PREPARE} is not a number"
    if problem is not None:
        raise SqlError(f"invalid PostgreSQL URL: {problem}")
    host = url.host or next(iter(url.normalized_query.get("host", ())), "")
    port = f":{url.port}" if url.port else ""
    return Address(url, f"postgresql://{host}{port}/{url.database or ''}", int(threshold) if threshold else None)


def _find_problem(url: URL) -> str | None:
    """Return what is wrong in the options and hosts, as far as it can be known without a connection."""
    names = [*(option.keyword.decode() for option in Conninfo.get_defaults()), _PREPARE]
    for name in url.query:
        if name not in names:
            return f"unknown option {name!r}{suggest(name, names)}"
    try:
        dialect = url.set(drivername="postgresql+psycopg").get_dialect()()
        _, options = dialect.create_connect_args(url)
        for host in options.get("host", "").split(","):
            if not host.startswith(("/", "@")):  # the folder of a Unix socket, or its abstract name
                host.encode("idna")
    except ArgumentError:
        return "a port is not a number, or there are not as many ports as hosts"
    except UnicodeError:
        return "the host is not a valid name"
    return None


def _describe_reason(error: Exception) -> str:
    # SQLAlchemy's own text adds the statement and a link; from the second line on, a server shows data.
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    line = next(iter(str(cause).splitlines()), "").partition(" with text ")[0]  # SQLite shows data behind it
    if type(cause).__name__ == _NO_TABLE[0] or line.startswith(_NO_TABLE[1]):
        return describe_difference(1) or "" if VERSION.name in line else NO_TABLES
    if line == _NO_FILE:
        return "the file does not exist or cannot be opened"
    if _NO_OPTIONS in line:
        return f"{line}; without {_PREPARE} and options in its URL, a pooler is supported"
    return line or type(cause).__name__
