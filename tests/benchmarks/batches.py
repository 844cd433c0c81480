"""``python -m tests.benchmarks.batches [COUNT]``: the rate of record batches against that of a plain loop over requests.

Both validate the same requests, a tenth of which is refused, in turns that alternate, measured in processor time. The loop
validates requests that exist already, and computes the positions of failures, as the batch does.
"""

import sys
from collections.abc import Callable
from itertools import islice
from statistics import median
from time import process_time
from typing import Final

import pyarrow as pa

from tests.benchmarks.archive import SCHEMA, make_rows
from tests.paths import ROOT
from validator import Engine, Snapshot, load
from validator.arrow import Columns, validate_batch
from validator.arrow.requests import read_requests
from validator.model.request import Request

TURNS: Final = 7


def measure(loop: Callable[[], object]) -> float:
    """Return the processor time of a call in seconds."""
    start = process_time()
    loop()
    return process_time() - start


def validate_all(engine: Engine, requests: list[Request]) -> int:
    """Validate requests as an application would, and return how many are accepted."""
    reports = [engine.validate(request) for request in requests]
    for report in reports:
        if not report.accepted:
            report.positions()
    return sum(report.accepted for report in reports)


def main(count: int) -> None:
    """Print both rates."""
    engine = load("create-email-response", Snapshot.from_file(ROOT / "fixtures" / "directory.json"))
    batch = pa.RecordBatch.from_pylist(list(islice(make_rows(), count)), SCHEMA)
    requests = [request for request in read_requests(batch, Columns()) if isinstance(request, Request)]
    assert validate_all(engine, requests) == sum(validate_batch(batch, engine)["accepted"].to_pylist())
    turns = [
        (measure(lambda: validate_all(engine, requests)), measure(lambda: validate_batch(batch, engine))) for _ in range(TURNS)
    ]
    loop, batches = (count / median(times) for times in zip(*turns, strict=True))
    print(f"plain loop: {loop:,.0f} requests/s; batches: {batches:,.0f} requests/s, {batches / loop:.0%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
