"""Validate record batches: one at a time, a stream of them, or a table, in any process."""

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pyarrow as pa

from validator.arrow.requests import Columns, UnreadableRow, check_columns, read_requests
from validator.arrow.results import RESULT_FIELDS, VERSION, VERSION_KEY, make_arrays, summarize
from validator.engine import Engine
from validator.errors import InputTypeError

_DEFAULT: Final = Columns()
_KEPT_ENGINES: Final = 4  # in a process


def make_schema(schema: pa.Schema, columns: Columns = _DEFAULT, prefix: str = "") -> pa.Schema:
    """Return the schema of the verdicts on batches with a schema. Arguments and errors are those of ``validate_batch``."""
    check_columns(schema, columns)
    carried = [field for field in schema if field.name not in columns]
    results = [field.with_name(prefix + field.name) for field in RESULT_FIELDS]
    shared = {field.name for field in carried} & {field.name for field in results}
    if shared:
        raise InputTypeError(f"the column {min(shared)!r} has the name of a result; rename it, or choose another prefix")
    return pa.schema([*carried, *results], {VERSION_KEY: str(VERSION).encode()})


def validate_batch(batch: pa.RecordBatch, engine: Engine, columns: Columns = _DEFAULT, *, prefix: str = "") -> pa.RecordBatch:
    """Return the verdicts on the requests of a batch, row by row: the other columns of the batch, then RESULT_FIELDS.

    columns: the names of the columns that make up a request. prefix: of the names of the result columns.
    A row that is not a request, such as one with an invalid caller, is not accepted, and ``problem`` says why.
    Raises InputTypeError for a batch without these columns, and ValueError for an engine with an asynchronous directory.
    """
    schema = make_schema(batch.schema, columns, prefix)
    if engine.is_asynchronous:
        raise ValueError("the directory of the engine is asynchronous; batches need a synchronous one, such as a Snapshot")
    validate = engine.validate
    rows = read_requests(batch, columns)
    verdicts = [summarize(row if isinstance(row, UnreadableRow) else validate(row)) for row in rows]
    carried = [batch.column(index) for index, name in enumerate(batch.schema.names) if name not in columns]
    return pa.RecordBatch.from_arrays([*carried, *make_arrays(verdicts)], schema=schema)


@dataclass(frozen=True, slots=True)
class BatchValidator:
    """``validate_batch`` with an engine, as a value that can be pickled: each process builds the engine once.

    Call it with a record batch or a table; ``stream`` takes an iterator of batches.
    """

    engine: Engine
    columns: Columns = _DEFAULT
    prefix: str = ""

    def __call__(self, data: Any) -> Any:
        """Return the verdicts on a record batch, or on a table. Raises as ``validate_batch``."""
        if isinstance(data, pa.RecordBatch):
            return validate_batch(data, self.engine, self.columns, prefix=self.prefix)
        return pa.Table.from_batches(self.stream(data.to_batches()), self.make_schema(data.schema))

    def stream(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the verdicts on each batch. Raises as ``validate_batch``."""
        return map(self, batches)

    def make_schema(self, schema: pa.Schema) -> pa.Schema:
        """Return the schema of the verdicts on batches with a schema. Raises InputTypeError."""
        return make_schema(schema, self.columns, self.prefix)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the engine on its own, so that a process can see that it has built it already."""
        return _restore, (pickle.dumps(self.engine), self.columns, self.prefix)


def _restore(engine: bytes, columns: Columns, prefix: str) -> BatchValidator:
    return BatchValidator(_build_engine(engine), columns, prefix)


@lru_cache(_KEPT_ENGINES)
def _build_engine(pickled: bytes) -> Engine:
    engine: Engine = pickle.loads(pickled)  # noqa: S301 - a part of the pickle that is being read
    return engine
