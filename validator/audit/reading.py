"""The rows of a part: a row group, a block of lines, or the requests of a recording."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from validator.arrow.requests import UnreadableRow, read_requests
from validator.audit.json_lines import read_lines
from validator.audit.parts import Part
from validator.audit.rows import BATCH, Layout, Row, parse_time
from validator.head.route import Endpoint
from validator.inputs.reader import ReadOptions, read_file, read_samples
from validator.model.request import Caller, Request


def read_rows(part: Part, layout: Layout, endpoint: Endpoint, caller: Caller | None) -> Iterator[Row]:
    """Yield the rows of a part. caller: of requests in recordings that name none.

    Raises one of READ_ERRORS for a damaged part, and UnreadableInput for a recording.
    """
    if part.group is not None:
        return _read_row_group(part, part.group, layout)
    if part.block is not None:
        return read_lines(part.block, part.first, layout)
    return _read_recording(part.file, endpoint, caller)


def _read_row_group(part: Part, group: int, layout: Layout) -> Iterator[Row]:
    names = [name for name in (*layout.columns, layout.time) if name is not None]
    number = part.first
    with pq.ParquetFile(part.file) as parquet:
        for batch in parquet.iter_batches(BATCH, row_groups=[group], columns=names):
            times = [None] * batch.num_rows if layout.time is None else _read_times(batch.column(layout.time))
            for request, time in zip(read_requests(batch, layout.columns), times, strict=True):
                yield Row(number, request, time) if not isinstance(time, str) else Row(number, UnreadableRow(time))
                number += 1


def _read_times(cells: pa.Array) -> list[datetime | str | None]:
    """Return times in UTC; text in place of those that are not times, which says why."""
    if pa.types.is_timestamp(cells.type):
        cells = cells.cast(pa.timestamp("us", cells.type.tz), safe=False)
    return [_try_time(value) for value in cells.to_pylist()]


def _try_time(value: Any) -> datetime | str | None:
    try:
        return parse_time(value)
    except ValueError as error:
        return f"invalid time: {str(error)[:100]}"


def _read_recording(file: str, endpoint: Endpoint, caller: Caller | None) -> Iterator[Row]:
    samples = read_samples(file, read_file(file), endpoint, ReadOptions(""))
    requests: list[Request | UnreadableRow] = [
        one.request if one.has_caller else one.request._replace(caller=caller) for one in samples.samples
    ]
    problems = [UnreadableRow(one.problems[0].reason) for one in samples.unchecked]
    yield from (Row(number, request) for number, request in enumerate([*requests, *problems], start=1))
