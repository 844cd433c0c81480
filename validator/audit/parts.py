"""The parts of archives, in order: row groups of Parquet files, blocks of lines, and recordings."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq

from validator.errors import UsageError

BLOCK: Final = 4 << 20  # bytes of lines, decompressed
LONGEST_LINE: Final = 64 << 20  # bytes
PARQUET: Final = (".parquet", ".pq")
LINES: Final = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst")
_CODECS: Final = {".gz": "gzip", ".zst": "zstd"}
RECORDINGS: Final = (".har", ".http", ".rest")
_SUFFIXES: Final = (*PARQUET, *LINES, *RECORDINGS)
_HIDDEN: Final = (".", "_")
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
    """Return the files of archives; those of folders sorted, without names that begin with ``.`` or ``_``.

    Raises UsageError for one that cannot be read as an archive, and for a folder in which one may be that is not found.
    """
    files: list[str] = []
    for path in paths:
        inside = sorted(_walk(path)) if os.path.isdir(path) else [path]
        if not inside:
            raise UsageError(f"{path}: no archive in the folder; expected {', '.join(_SUFFIXES)}")
        for file in inside:
            reason = _find_problem(file)
            if reason:
                raise UsageError(f"{ascii(file)[1:-1]}: {reason}")
        files += inside
    return files


def _walk(folder: str) -> Iterator[str]:
    def refuse(error: OSError) -> NoReturn:
        raise UsageError(f"{error.filename}: {error.strerror}")

    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(_HIDDEN)]
        for name in folders:
            if os.path.islink(os.path.join(parent, name)):
                raise UsageError(f"{os.path.join(parent, name)}: a link to a folder is not followed; name the folder itself")
        for name in files:
            if name.lower().endswith(_SUFFIXES) and not name.startswith(_HIDDEN):
                yield os.path.join(parent, name)


def _find_problem(file: str) -> str:
    """Return why a file cannot be read as an archive, or an empty string."""
    try:
        file.encode()
    except UnicodeEncodeError:
        return "the name is not UTF-8"
    if not os.path.exists(file):
        return "no such file or folder"
    if not file.lower().endswith(_SUFFIXES):
        return f"not an archive; expected {', '.join(_SUFFIXES)}"
    return "" if os.path.isfile(file) else "not a regular file"


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
            if size == 0 and _find_codec(file) is not None:
                raise ValueError("the file is empty")
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
    codec = _find_codec(file)
    return raw if codec is None else pa.CompressedInputStream(pa.PythonFile(raw, "r"), codec)


def _find_codec(file: str) -> str | None:
    return _CODECS.get(Path(file).suffix.lower())


def describe(error: BaseException) -> str:
    """Return the reason why a part cannot be read, as one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
