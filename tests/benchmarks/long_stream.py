"""``python -m tests.benchmarks.long_stream [COUNT]``: the rate and the memory of one process over 10,000,000 requests.

One ``BatchValidator.stream`` validates batches of generated requests, a tenth of which is refused; no two are equal. At every
million it prints the requests per second of the wall clock and of the processor's time, both without the time to generate, and
the memory that the process uses now, and at most since its start (Linux only).
"""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import monotonic, process_time
from typing import Final

import pyarrow as pa

from tests.benchmarks.archive import SCHEMA, make_rows
from tests.paths import ROOT
from validator import Snapshot, load
from validator.arrow import BatchValidator

BATCH: Final = 10_000
REPORTED: Final = 1_000_000
COLUMNS: Final = ("requests", "accepted", "requests/s", "requests/s of processor time", "memory, MB", "at most, MB")


class Watch:
    """The time since its start, by the clock and by the processor, without pauses."""

    def __init__(self) -> None:
        """Start."""
        self.start()

    def start(self) -> None:
        """Start anew."""
        self.wall, self.processor = -monotonic(), -process_time()

    def pause(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield batches; the time to make them does not count."""
        while True:
            wall, processor = monotonic(), process_time()
            batch = next(batches, None)
            self.wall -= monotonic() - wall
            self.processor -= process_time() - processor
            if batch is None:
                return
            yield batch


def make_batches(count: int) -> Iterator[pa.RecordBatch]:
    """Yield requests in batches."""
    rows = islice(make_rows(), count)
    while batch := list(islice(rows, BATCH)):
        yield pa.RecordBatch.from_pylist(batch, SCHEMA)


def read_memory() -> tuple[float, float]:
    """Return the memory of this process now, and at most, in MB."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    now, most = (int(status[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
    return now, most


def main(count: int) -> None:
    """Print a row at every million."""
    validate = BatchValidator(load("create-email-response", Snapshot.from_file(ROOT / "fixtures" / "directory.json")))
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    done = accepted = last = 0
    watch = Watch()
    for verdicts in validate.stream(watch.pause(make_batches(count))):
        done += verdicts.num_rows
        accepted += verdicts["accepted"].true_count
        if done % REPORTED == 0 or done == count:
            rates = ((done - last) / (watch.wall + monotonic()), (done - last) / (watch.processor + process_time()))
            values = (done, accepted, *rates, *read_memory())
            print(f"| {' | '.join(f'{value:,.0f}' for value in values)} |", flush=True)
            watch.start()
            last = done


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
