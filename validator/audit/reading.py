"""The rows of a part: a row group, a block of lines, or the requests of a recording."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from validator.arrow.requests import UnreadableRow, read_requests
from validator.audit.columns import add_folders, read_folders
from validator.audit.json_lines import read_lines
from validator.audit.parts import Part
from validator.audit.rows import BATCH, Chunk, Layout, Row, parse_time
from validator.head.route import Endpoint
from validator.inputs.reader import ReadOptions, read_file, read_samples
from validator.model.request import Caller, Request

_TIME_ERRORS: Final = (OverflowError, ValueError, KeyError, pa.ArrowException)  # KeyError: an unknown zone


def read_chunks(part: Part, layout: Layout, endpoint: Endpoint, caller: Caller | None) -> Iterator[Chunk]:
    """Yield the rows of a part. caller: of requests in recordings that name none.

    Raises one of READ_ERRORS for a damaged part, and UnreadableInput for a recording.
    """
    if part.group is not None:
        return _read_row_group(part, part.group, layout)
    if part.block is not None:
        return read_lines(part.block, part.first, layout, read_folders(part.file, layout.list_names()))
    return _read_recording(part.file, endpoint, caller, layout)


def _read_row_group(part: Part, group: int, layout: Layout) -> Iterator[Chunk]:
    number = part.first
    folders = read_folders(part.file, layout.list_names())
    with pq.ParquetFile(part.file, page_checksum_verification=True) as parquet:
        names = [name for name in layout.list_names() if name in parquet.schema_arrow.names]
        if group >= parquet.num_row_groups or not {*names, *folders}.issuperset(layout.list_names()):
            raise ValueError("the file has changed during the audit")
        end = number + parquet.metadata.row_group(group).num_rows
        for data in parquet.iter_batches(BATCH, row_groups=[group], columns=names):
            batch = add_folders(data, folders)
            requests = read_requests(batch, layout.columns)
            times = [None] * batch.num_rows if layout.time is None else _read_times(batch.column(layout.time))
            rows = list(map(_make_row, range(number, number + batch.num_rows), requests, times))
            yield Chunk(rows, [batch.column(field.name).cast(field.type) for field in layout.extras])
            number += batch.num_rows
        if number != end:
            raise ValueError(f"the row group has {number - part.first} rows in place of {end - part.first}")


def _read_times(cells: pa.Array) -> list[datetime | str | None]:
    """Return times in UTC; text in place of those that are not times, which says why."""
    try:
        values = _convert_times(cells)
    except _TIME_ERRORS:
        return [_read_time(cells.slice(index, 1)) for index in range(len(cells))]
    return [_try_time(value) for value in values]


def _read_time(cell: pa.Array) -> datetime | str | None:
    try:
        (value,) = _convert_times(cell)
    except _TIME_ERRORS:
        return "invalid time: it is not between the years 1 and 9999, or its time zone is not known"
    return _try_time(value)


def _convert_times(cells: pa.Array) -> list[Any]:
    """Return values of Python. Raises one of _TIME_ERRORS if one of them has none."""
    if pa.types.is_timestamp(cells.type):
        # Nanoseconds are cut; the other units must not overflow.
        cells = cells.cast(pa.timestamp("us", cells.type.tz), safe=cells.type.unit != "ns")
    values: list[Any] = cells.to_pylist()
    return values


def _try_time(value: Any) -> datetime | str | None:
    try:
        return parse_time(value)
    except ValueError as error:
        return f"invalid time: {str(error)[:100]}"


def _read_recording(file: str, endpoint: Endpoint, caller: Caller | None, layout: Layout) -> Iterator[Chunk]:
    samples = read_samples(file, read_file(file), endpoint, ReadOptions(""))
    requests = [one.request if one.has_caller else one.request._replace(caller=caller) for one in samples.samples]
    times = [_try_time(one.time) for one in samples.samples]
    rows = list(map(_make_row, count(1), requests, times))
    problems = [UnreadableRow(one.problems[0].reason) for one in samples.unchecked]
    rows += [Row(number, problem) for number, problem in enumerate(problems, start=len(rows) + 1)]
    for start in range(0, len(rows), BATCH):
        chunk = rows[start : start + BATCH]
        yield Chunk(chunk, [pa.nulls(len(chunk), field.type) for field in layout.extras])


def _make_row(number: int, request: Request | UnreadableRow, time: datetime | str | None) -> Row:
    """Return a row. time: a text says why there is none."""
    return Row(number, UnreadableRow(time)) if isinstance(time, str) else Row(number, request, time)
