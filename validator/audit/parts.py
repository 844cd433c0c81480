"""The parts of archives, in order: row groups of Parquet files, blocks of lines, and recordings."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from validator.errors import UsageError

BLOCK: Final = 4 << 20  # bytes of lines, decompressed
LONGEST_LINE: Final = 64 << 20  # bytes
PARQUET: Final = (".parquet", ".pq")
LINES: Final = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst")
RECORDINGS: Final = (".har", ".http", ".rest")
READ_ERRORS: Final = (OSError, ValueError, pa.ArrowException)  # of files that are damaged


class Part(NamedTuple):
    """A part of an archive. number: among all parts. first: the number of its first row or line; 0: the whole file.

    share: how much of all archives it is, from 0 to 1. group: the row group, or None. block: the lines, or None.
    damage: why it cannot be read, or None.
    """

    number: int
    file: str
    first: int
    share: float
    group: int | None = None
    block: bytes | None = None
    damage: str | None = None

    @property
    def name(self) -> str:
        """The part as messages name it."""
        return f"{self.file}:{self.first}" if self.first else self.file


def find_files(paths: Sequence[str]) -> list[str]:
    """Return the files of archives; those of folders sorted, without names that begin with ``.`` or ``_``. Raises UsageError."""
    files: list[str] = []
    for path in paths:
        if os.path.isdir(path):
            inside = sorted(str(file) for file in Path(path).rglob("*") if _is_archive(file, Path(path)))
            if not inside:
                raise UsageError(f"{path}: no archive in the folder; expected {', '.join((*PARQUET, *LINES, *RECORDINGS))}")
            files += inside
        elif not os.path.exists(path):
            raise UsageError(f"{path}: no such file or folder")
        elif not path.lower().endswith((*PARQUET, *LINES, *RECORDINGS)):
            raise UsageError(f"{path}: not an archive; expected {', '.join((*PARQUET, *LINES, *RECORDINGS))}")
        else:
            files.append(path)
    return files


def _is_archive(file: Path, folder: Path) -> bool:
    is_hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    return file.name.lower().endswith((*PARQUET, *LINES, *RECORDINGS)) and file.is_file() and not is_hidden


def list_parts(files: Sequence[str]) -> Iterator[Part]:
    """Yield the parts of files."""
    sizes = [max(1, os.path.getsize(file)) for file in files]
    number = 0
    for file, size in zip(files, sizes, strict=True):
        for part in _list_parts_of(file, size / sum(sizes)):
            yield part._replace(number=number)
            number += 1


def _list_parts_of(file: str, share: float) -> Iterator[Part]:
    if file.lower().endswith(PARQUET):
        return _list_row_groups(file, share)
    if file.lower().endswith(RECORDINGS):
        return iter([Part(0, file, 0, share)])
    return _list_blocks(file, share)


def _list_row_groups(file: str, share: float) -> Iterator[Part]:
    try:
        metadata = pq.read_metadata(file)
    except READ_ERRORS as error:
        yield Part(0, file, 0, share, damage=describe(error))
        return
    first = 1
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        yield Part(0, file, first, share * rows / max(1, metadata.num_rows), group)
        first += rows


def _list_blocks(file: str, share: float) -> Iterator[Part]:
    first, rest, position = 1, b"", 0
    try:
        with Path(file).open("rb") as raw:
            size = os.fstat(raw.fileno()).st_size
            stream = decompress(file, raw)
            while data := stream.read(BLOCK):
                end = data.rfind(b"\n") + 1
                block, rest = (rest + data[:end], data[end:]) if end else (b"", rest + data)
                _check_length(rest)
                read = raw.seek(0, os.SEEK_CUR)
                if block:
                    yield Part(0, file, first, share * (read - position) / size, block=block)
                    first, position = first + block.count(b"\n"), read
            if rest:
                yield Part(0, file, first, 0.0, block=rest)
    except READ_ERRORS as error:
        yield Part(0, file, first, 0.0, damage=f"from this line on: {describe(error)}")


def _check_length(line: bytes) -> None:
    if len(line) > LONGEST_LINE:
        raise ValueError(f"a line is longer than {LONGEST_LINE} bytes")


def decompress(file: str, raw: IO[bytes]) -> Any:
    """Return the stream of an opened file of lines, decompressed."""
    kind = {".gz": "gzip", ".zst": "zstd"}.get(Path(file).suffix.lower())
    return raw if kind is None else pa.CompressedInputStream(pa.PythonFile(raw, "r"), kind)


def describe(error: BaseException) -> str:
    """Return the reason why a part cannot be read, as one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
