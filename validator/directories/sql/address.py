"""Where a database is: the URLs that are taken, and how they are shown."""

from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from .errors import SqlError

_FORMS: Final = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


class Address(NamedTuple):
    """A database. url: as SQLAlchemy takes it, without the driver. shown: for messages, without user, password and options."""

    url: URL
    shown: str

    @property
    def is_postgresql(self) -> bool:
        """Whether it is PostgreSQL, else SQLite."""
        return self.url.drivername == "postgresql"

    @property
    def file(self) -> Path:
        """The absolute path of an SQLite file."""
        return Path(self.url.database or "").absolute()

    def sqlite(self, driver: str, mode: str) -> URL:
        """Return the URL for a driver. mode: rw, or rwc to make the file too (SQLite, "URI Filenames")."""
        # Without a mode, a look into a file that is not there would make an empty one.
        return URL.create(driver, database=f"file:{quote(str(self.file))}", query={"mode": mode, "uri": "true"})


def parse(url: str) -> Address:
    """Read a URL. Raises SqlError, whose text has nothing of the URL but its scheme."""
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        raise SqlError(f"the database's URL cannot be read; expected: {_FORMS}") from None
    scheme = read.drivername
    if scheme == "sqlite":
        return _sqlite(read)
    if scheme == "postgresql":
        return _postgresql(read)
    raise SqlError(f"a directory cannot be kept in {scheme[:64]!r}; expected: {_FORMS}")


def _sqlite(url: URL) -> Address:
    if not url.database or url.database == ":memory:" or url.query or url.host or url.username:
        raise SqlError("an SQLite URL names a file, and has no options: sqlite:///FILE, sqlite:////ABSOLUTE/FILE")
    return Address(url, f"sqlite:///{url.database}")


def _postgresql(url: URL) -> Address:
    if "@" in f"{url.host}{url.database}":
        # The rest of a password would pass for the host or database, and be shown.
        raise SqlError("an @ in the user name or password of a URL is written as %40")
    host = url.host or next(iter(url.normalized_query.get("host", ())), "")
    port = f":{url.port}" if url.port else ""
    return Address(url, f"postgresql://{host}{port}/{url.database or ''}")
