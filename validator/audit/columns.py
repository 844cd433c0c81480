"""The columns of archives: those of files, and values in the names of folders; and names that options give, checked.

The file ``archive/date=2026-01-01/caller=other%3Auser/part-0.parquet`` has the columns ``date`` and ``caller``.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

from validator.arrow.requests import check_columns
from validator.audit.parts import BLOCK, LINES, PARQUET, READ_ERRORS, RECORDINGS, decompress
from validator.audit.rows import Layout
from validator.errors import InputTypeError, UsageError, suggest

_PIECE: Final = 1 << 16  # bytes of lines that are read at once
_TEXTS: Final = (pa.types.is_large_string, pa.types.is_string_view)


def read_folders(file: str, names: Iterable[str]) -> dict[str, str | None]:
    """Return the values in the names of a file's folders, as Hive writes them; of a repeated name, the outermost.

    names: those that are wanted. Raises pyarrow.ArrowInvalid for a value that is not UTF-8.
    """
    hive = pyarrow.dataset.HivePartitioning(pa.schema([(name, pa.string()) for name in names]))
    return dict[str, str | None](pyarrow.dataset.get_partition_keys(hive.parse(file)))


def add_folders(batch: pa.RecordBatch, folders: Mapping[str, str | None]) -> pa.RecordBatch:
    """Return a batch with the values of folders as columns. A column that the batch has itself remains."""
    for name, value in folders.items():
        if name not in batch.schema.names:
            batch = batch.append_column(name, pa.repeat(pa.scalar(value, pa.string()), batch.num_rows))
    return batch


def check_files(files: Sequence[str], layout: Layout, keep: Sequence[str]) -> pa.Schema:
    """Check that archives have the columns of a layout, and others to keep. Return the latter with their types.

    Files that are damaged, and recordings, are not checked. Raises UsageError.
    """
    extras: dict[str, tuple[str, pa.DataType]] = {}
    for file in files:
        schema = _check_file(file, layout, keep)
        if schema is None:
            continue
        for name in keep:
            kind = _generalize(schema.field(name).type)
            first, other = extras.setdefault(name, (file, kind))
            if kind != other:
                raise UsageError(f"--keep {name}: the type is {other} in {first}, and {kind} in {file}")
    if keep and all(file.lower().endswith(RECORDINGS) for file in files):
        raise UsageError(f"--keep {keep[0]}: recordings have no columns")
    return pa.schema([(name, extras[name][1] if name in extras else pa.string()) for name in keep])


def _generalize(kind: pa.DataType) -> pa.DataType:
    """Return the type of a column in the output, which does not depend on how a file stores its text."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.string() if any(is_text(value) for is_text in _TEXTS) else value


def _check_file(file: str, layout: Layout, keep: Sequence[str]) -> pa.Schema | None:
    """Return the columns that a file has, with those of folders; None for a file that is not checked. Raises UsageError."""
    is_parquet = file.lower().endswith(PARQUET)
    others = [(name, "for the time") for name in (layout.time,) if name is not None] + [(name, "to keep") for name in keep]
    try:
        folders = read_folders(file, [*layout.list_names(), *keep])
        schema = pq.read_schema(file) if is_parquet else _read_members(file, [name for name, _ in others if name not in folders])
    except READ_ERRORS:
        return None
    if schema is None:
        return None
    for name in folders:
        schema = schema if name in schema.names else schema.append(pa.field(name, pa.string()))
    if is_parquet:
        try:
            check_columns(schema, layout.columns)
        except InputTypeError as error:
            raise UsageError(f"{file}: {error}") from None
    for name, purpose in others:
        count = len(schema.get_all_field_indices(name))
        if count > 1:
            raise UsageError(f"{file}: {count} columns have the name {name!r}")
        if count == 0:
            raise UsageError(f"{file}: no column {name!r} {purpose}{suggest(name, schema.names)}")
    return schema


def _read_members(file: str, names: Sequence[str]) -> pa.Schema | None:
    """Return the members of the first lines of a file, as columns of text; None for a recording, or without an object in them.

    names: more lines are read, at most a block, until all of them are found. Raises one of READ_ERRORS.
    """
    if not file.lower().endswith(LINES):
        return None
    members: dict[str, None] = {}
    for line in _read_first_lines(file):
        members |= dict.fromkeys(_parse_members(line))
        if members and all(name in members for name in names):
            break
    return pa.schema([(name, pa.string()) for name in members]) if members else None


def _read_first_lines(file: str) -> Iterator[bytes]:
    """Yield the complete lines at the beginning of a file, and its last one."""
    rest, size = b"", 0
    with Path(file).open("rb") as raw:
        stream = decompress(file, raw)
        while size < BLOCK and (data := stream.read(_PIECE)):
            size += len(data)
            *lines, rest = (rest + data).split(b"\n")
            yield from lines
    yield rest


def _parse_members(line: bytes) -> Sequence[str]:
    try:
        document: Any = json.loads(line)
    except (ValueError, RecursionError):
        return ()
    return list(document) if isinstance(document, dict) else ()
