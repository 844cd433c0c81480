"""The rows of a record batch as requests: names and types of the columns, and rows that are not requests."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

import pyarrow as pa

from validator.arrow.cells import Headers, is_headers, is_text, read_bodies, read_headers, read_targets
from validator.errors import InputTypeError, UsageError, suggest
from validator.head.caller import parse_caller
from validator.model.request import Caller, Request

_CACHED_CALLERS: Final = 4096
_REASON: Final = 200  # characters


class Columns(NamedTuple):
    """The names of the columns that make up a request. None: the batch does not have it; it is null in each request."""

    ids: str | None = "ids"
    query: str | None = "query"
    headers: str | None = "headers"
    body: str | None = "body"
    caller: str | None = "caller"


class UnreadableRow(NamedTuple):
    """A row that is not a request. reason: why; it quotes at most a short part of the client's data."""

    reason: str


def check_columns(schema: pa.Schema, columns: Columns) -> None:
    """Check that a schema has the columns of requests. Raises InputTypeError with the column and the expected type."""
    for part, name in zip(Columns._fields, columns, strict=True):
        if name is None:
            continue
        indices = schema.get_all_field_indices(name)
        if not indices:
            raise InputTypeError(f"no column {name!r} for {part} in the batch{suggest(name, schema.names)}")
        if len(indices) > 1:
            raise InputTypeError(f"{len(indices)} columns have the name {name!r}")
        kind = schema.field(name).type
        if not (is_headers(kind) if part == "headers" else is_text(kind)):
            expected = "a list of pairs, or a map, of text or bytes" if part == "headers" else "text or bytes"
            raise InputTypeError(f"the column {name!r} must be {expected}, got {kind}")


def read_requests(batch: pa.RecordBatch, columns: Columns) -> Iterator[Request | UnreadableRow]:
    """Yield the request of each row. The columns have been checked."""
    absent = pa.nulls(batch.num_rows)
    ids, query, fields, body, callers = (absent if name is None else batch.column(name) for name in columns)
    headers, problems = read_headers(fields)
    rows: Any = zip(read_targets(ids), read_targets(query), headers, read_bodies(body), read_targets(callers), strict=True)
    for index, row in enumerate(rows):
        yield UnreadableRow(problems[index]) if index in problems else make_request(*row)


def make_request(
    ids: str | None, query: str | None, headers: Headers, body: bytes | None, caller: str | None
) -> Request | UnreadableRow:
    """Return the request of a row. caller: as ``--caller`` names it; None: not authenticated."""
    try:
        return Request(ids, query or "", headers, body, None if caller is None else _parse_caller(caller))
    except UsageError as error:
        return UnreadableRow(str(error)[:_REASON])


@lru_cache(_CACHED_CALLERS)
def _parse_caller(text: str) -> Caller | None:
    return parse_caller(text)
