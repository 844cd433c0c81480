"""Validate one part: the engines of a process, the verdict on each row, and the file with the part's verdicts."""

import os
import signal
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from validator.arrow.requests import UnreadableRow
from validator.arrow.results import RESULT_FIELDS, VERSION, VERSION_KEY, Verdict, make_arrays, summarize
from validator.audit.parts import READ_ERRORS, Part, describe
from validator.audit.reading import read_chunks
from validator.audit.rows import BATCH, Chunk, Layout, Row
from validator.audit.tally import Source, Tally
from validator.directories.snapshot import Snapshot
from validator.engine import Engine, load
from validator.inputs.reader import UnreadableInput
from validator.model.request import Caller

TALLY_KEY: Final = b"activity-validator.tally"  # in the metadata of a part's file
_OWN: Final = (
    pa.field("file", pa.string(), nullable=False),
    pa.field("row", pa.int64(), nullable=False),
    pa.field("time", pa.timestamp("us", "UTC")),
    pa.field("caller", pa.string()),
)
OUTPUT_NAMES: Final = frozenset(field.name for field in (*_OWN, *RESULT_FIELDS))
_NO_DATA: Final = UnreadableRow("no reference data is valid at the time of the request, or it has no time")
_GROUP: Final = 16 * BATCH  # rows of a row group in the output


class Task(NamedTuple):
    """The settings of an audit that decide verdicts and files. snapshots: files, from the first time of their validity on.

    caller: of requests in recordings. quotes: whether examples are wanted. folder: for the files of parts, or None.
    """

    operation: str
    home: str | None = None
    snapshots: tuple[tuple[datetime | None, str], ...] = ()
    layout: Layout = Layout()
    caller: Caller | None = None
    quotes: bool = True
    folder: str | None = None


class Outcome(NamedTuple):
    """The counts of a part. damage: why it could not be read to its end, in which case nothing of it counts.

    is_new: this run has validated the part, and no earlier one.
    """

    part: Part
    tally: Tally
    damage: str | None = None
    is_new: bool = True


class DatedEngines(NamedTuple):
    """Engines by the time from which their reference data is valid. starts: sorted; None: one engine for all times.

    first_customer: of the first reference data, the caller of requests that name none.
    """

    starts: Sequence[datetime] | None
    engines: Sequence[Engine]
    first_customer: str | None

    def find(self, time: datetime | None) -> Engine | None:
        """Return the engine for a time; None where there is none."""
        if self.starts is None:
            return self.engines[0]
        index = 0 if time is None else bisect_right(self.starts, time)
        return self.engines[index - 1] if index else None


@lru_cache(1)
def load_engines(operation: str, home: str | None, snapshots: tuple[tuple[datetime | None, str], ...]) -> DatedEngines:
    """Return the engines of an audit, built once a process. Raises ValueError and OSError."""
    dated = sorted((start or datetime.min.replace(tzinfo=UTC), file) for start, file in snapshots)
    data = [Snapshot.from_file(file) for _, file in dated]
    engines = [load(operation, one, home=home) for one in data] or [load(operation, home=home)]
    has_dates = any(start is not None for start, _ in snapshots)
    starts = [start for start, _ in dated] if has_dates else None
    return DatedEngines(starts, engines, data[0].first_customer if data else None)


def start_worker() -> None:
    """Leave interrupts to the process that has started this one, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: object) -> None:
    parent.join()  # type: ignore[attr-defined] # a process without a public type
    os._exit(1)


def make_schema(layout: Layout) -> pa.Schema:
    """Return the schema of outputs: the place of a request, its time and caller, the columns that are extras, the verdict."""
    return pa.schema([*_OWN, *layout.extras, *RESULT_FIELDS], {VERSION_KEY: str(VERSION).encode()})


def name_file(folder: str, number: int) -> Path:
    """Return the file of a part's verdicts."""
    return Path(folder, f"{number:08}.parquet")


def validate_part(part: Part, task: Task) -> Outcome:
    """Validate a part, write its verdicts if the task has a folder, and count them. Raises OSError if they cannot be written."""
    if part.damage is not None:
        return Outcome(part, Tally(), part.damage)
    engines = load_engines(task.operation, task.home, task.snapshots)
    tally = Tally()
    verdicts = _validate_rows(part, task, engines, tally)
    try:
        if task.folder is None:
            for _ in verdicts:
                pass
        else:
            _write(name_file(task.folder, part.number), make_schema(task.layout), verdicts, tally)
    except _DamagedPartError as error:
        return Outcome(part._replace(block=None), Tally(), str(error))
    return Outcome(part._replace(block=None), tally)


class _DamagedPartError(Exception):
    pass


def _validate_rows(part: Part, task: Task, engines: DatedEngines, tally: Tally) -> Iterator[pa.RecordBatch]:
    engine, schema = engines.engines[0], make_schema(task.layout)
    source = Source(part.number, part.file, engine.definition.shape, task.quotes)
    for rows, extras in _guard(part, task, engine):
        verdicts = []
        for row in rows:
            verdict = _validate_row(row, engines)
            tally.add(source, row, verdict)
            verdicts.append(verdict)
        own = [
            pa.array([part.file] * len(rows), pa.string()),
            pa.array([row.number for row in rows], pa.int64()),
            pa.array([row.time for row in rows], pa.timestamp("us", "UTC")),
            pa.array([row.caller for row in rows], pa.string()),
        ]
        yield pa.RecordBatch.from_arrays([*own, *extras, *make_arrays(verdicts)], schema=schema)


def _validate_row(row: Row, engines: DatedEngines) -> Verdict:
    if isinstance(row.request, UnreadableRow):
        return summarize(row.request)
    engine = engines.find(row.time)
    return summarize(_NO_DATA if engine is None else engine.validate(row.request))


def _guard(part: Part, task: Task, engine: Engine) -> Iterator[Chunk]:
    """Yield the rows of a part. Raises _DamagedPartError where they cannot be read."""
    try:
        yield from read_chunks(part, task.layout, engine.endpoint, task.caller)
    except (*READ_ERRORS, UnreadableInput) as error:
        raise _DamagedPartError(describe(error)) from None


def _write(file: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch], tally: Tally) -> None:
    """Write a file, which appears when it is complete."""
    unfinished = file.with_suffix(".unfinished")
    with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch, _GROUP)
        writer.add_key_value_metadata({TALLY_KEY: tally.to_json()})
    unfinished.replace(file)
