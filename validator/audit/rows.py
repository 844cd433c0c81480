"""The rows of an archive: a request, and what the audit reports about it besides the verdict."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

import pyarrow as pa

from validator.arrow.requests import Columns, UnreadableRow
from validator.model.request import Request

BATCH: Final = 4096  # rows that are in memory at once, in each process
_NO_COLUMNS: Final = pa.schema([])


class Layout(NamedTuple):
    """The names of columns in Parquet, and of members in JSON Lines. time: None: only requests of HTTP archives have one.

    extras: other columns, with their types in the output.
    """

    columns: Columns = Columns()
    time: str | None = None
    extras: pa.Schema = _NO_COLUMNS

    def list_names(self) -> list[str]:
        """Return all names, each once."""
        names = (*self.columns, self.time, *self.extras.names)
        return list(dict.fromkeys(name for name in names if name is not None))


class Row(NamedTuple):
    """A row of an archive. number: 1-based, in its file: the row, the line, or the request. time: in UTC, where it has one."""

    number: int
    request: Request | UnreadableRow
    time: datetime | None = None

    @property
    def caller(self) -> str | None:
        """The caller as ``--caller`` names it; None if the row is not a request."""
        if isinstance(self.request, UnreadableRow):
            return None
        caller = self.request.caller
        return "nobody" if caller is None else caller.id or caller.kind


class Chunk(NamedTuple):
    """Some rows that follow each other, at most BATCH. extras: the columns of the layout that the output has too."""

    rows: Sequence[Row]
    extras: Sequence[pa.Array]


def parse_time(value: Any) -> datetime | None:
    """Return a time in UTC: a datetime, a date, or text as ISO 8601 has it; UTC without an offset. Raises ValueError."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - UTC is set below
    if not isinstance(value, datetime | None):
        raise ValueError("a time must be text as in ISO 8601")  # noqa: TRY004 - as for other texts
    if value is None:
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time must be between the years 1 and 9999") from None
