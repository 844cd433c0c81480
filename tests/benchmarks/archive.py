"""``python -m tests.benchmarks.archive FILE.parquet [COUNT]``: write generated requests, a tenth of them wrong, to Parquet.

They are those of the shipped fixtures, each with its own time, request ID and white space: nine of ten are accepted, and each
tenth is one of the fixtures that are refused, in turn, so that every code occurs. A file of a COUNT is always the same.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count as count_up
from itertools import cycle, islice
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from tests.test_fixtures import FILES, read_requests
from validator.model.request import Request

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
STEP: Final = timedelta(seconds=2)
ROW_GROUP: Final = 50_000
LARGEST_BODY: Final = 4_096  # bytes: recorded requests are small, and fixtures of limits are not
SCHEMA: Final = pa.schema(
    {
        "ids": pa.string(),
        "query": pa.string(),
        "headers": pa.list_(pa.struct({"name": pa.string(), "value": pa.string()})),
        "body": pa.binary(),
        "caller": pa.string(),
        "time": pa.timestamp("us", "UTC"),
    }
)


def list_fixtures(folder: str) -> list[Request]:
    """Return the small requests of the fixtures in ``accept`` or ``reject``."""
    found = [pair for path in FILES if path.parent.name == folder for pair in read_requests(path)]
    return [request for request, limit in found if limit is None and len(request.body or b"") <= LARGEST_BODY]


def make_rows() -> Iterator[dict[str, Any]]:
    """Yield requests as rows, without end."""
    good, bad = cycle(list_fixtures("accept")), cycle(list_fixtures("reject"))
    for number in count_up():
        request = next(bad) if number % 10 == 9 else next(good)
        caller = request.caller
        yield {
            "ids": request.ids,
            "query": request.query,
            "headers": [*request.headers, ("X-Request-Id", f"{number:08}")],
            "body": request.body and request.body + b" " * (number % 5),
            "caller": None if caller is None else caller.id or caller.kind,
            "time": START + number * STEP,
        }


def main(file: str, count: int) -> None:
    """Write a file."""
    with pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        rows = islice(make_rows(), count)
        while group := list(islice(rows, ROW_GROUP)):
            writer.write_batch(pa.RecordBatch.from_pylist(group, SCHEMA), ROW_GROUP)
    print(f"{file}: {count:,} requests")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
