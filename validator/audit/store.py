"""The folder of finished parts next to the output, which an interrupted run leaves, and the output made of them."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from validator._version import VERSION
from validator.audit.tally import Tally
from validator.audit.worker import TALLY_KEY, Task, name_file
from validator.errors import UsageError
from validator.files import read_file
from validator.operation.home import Home

AUDIT_KEY: Final = b"activity-validator.audit"  # in the metadata of an output
_MANIFEST: Final = "audit.json"
_SUFFIXES: Final = frozenset({".json", ".xsd", ".py"})


class Store:
    """The parts of one output. output: its file. folder: of the parts."""

    def __init__(self, output: str) -> None:
        """Name the folder."""
        self.output = output
        self.folder = f"{output}.parts"
        self._descriptor: int | None = None

    def close(self) -> None:
        """Let other runs use the folder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def open(self, task: Task, files: Sequence[str]) -> bool:
        """Create the folder, and return whether an earlier run has left it.

        Raises UsageError if that was another audit, or if it is still running.
        """
        manifest = Path(self.folder, _MANIFEST)
        described = json.dumps(_describe(task, files), indent=1)
        try:
            Path(self.folder).mkdir(parents=True, exist_ok=True)
            self._lock()
            if manifest.is_file():
                if manifest.read_text(encoding="utf-8") != described:
                    raise UsageError(
                        f"{self.folder}: the parts of another audit, or of archives that have changed; delete the folder"
                    )
                return True
            unfinished = manifest.with_suffix(".unfinished")
            unfinished.write_text(described, encoding="utf-8")
            unfinished.replace(manifest)
        except OSError as error:
            raise UsageError(f"{error.filename or self.folder}: {error.strerror}") from None
        return False

    def _lock(self) -> None:
        """Keep other runs out of the folder until this one ends, in any way. Raises UsageError if another one is running."""
        with suppress(ImportError):
            import fcntl  # noqa: PLC0415 - absent on Windows

            self._descriptor = os.open(self.folder, os.O_RDONLY)
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(f"{self.folder}: another run is writing the parts of this output") from None

    def read_tally(self, number: int) -> Tally | None:
        """Return the counts of a part that is finished, else None."""
        file = name_file(self.folder, number)
        return Tally.from_json(pq.read_metadata(file).metadata[TALLY_KEY]) if file.is_file() else None

    def finish(self, parts: int, schema: pa.Schema, summary: dict[str, Any]) -> None:
        """Write the output from the files of all parts, replace an older one, and delete the folder. Raises UsageError."""
        unfinished = f"{self.output}.unfinished"
        try:
            with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
                for number in range(parts):
                    file = name_file(self.folder, number)
                    if file.is_file():  # damaged parts have none
                        with pq.ParquetFile(file) as parquet:
                            for group in range(parquet.num_row_groups):
                                writer.write_table(parquet.read_row_group(group))
                writer.add_key_value_metadata({AUDIT_KEY: json.dumps(summary).encode()})
            os.replace(unfinished, os.path.realpath(self.output))  # a link remains one
        except OSError as error:
            raise UsageError(f"{self.output}: {error.strerror or error}") from None
        rmtree(self.folder)


def name_old_output(output: str) -> str:
    """Return the output of the audit with a release with which an output is compared."""
    return f"{output}.against.parquet"


def is_output(file: str) -> bool:
    """Return whether a file is the output of an audit."""
    try:
        # A pipe would wait for its other end.
        return Path(file).is_file() and AUDIT_KEY in (pq.read_metadata(file).metadata or {})
    except (OSError, pa.ArrowException):
        return False


def _list_home(home: Home) -> list[Path]:
    """Return the files of a home that decide verdicts."""
    return sorted(file for folder in (home.schemas, home.rules) for file in folder.rglob("*") if file.suffix in _SUFFIXES)


def _describe(task: Task, files: Sequence[str]) -> dict[str, Any]:
    """Return what decides the verdicts, as JSON: a run continues another one only if all of it is equal."""
    archives = [[file, os.stat(file).st_size, os.stat(file).st_mtime_ns] for file in files]
    snapshots = [[str(start), sha256(read_file(file)).hexdigest()] for start, file in task.snapshots]
    layout = [list(task.layout.columns), task.layout.time, str(task.layout.extras)]
    settings = [task.operation, *layout, str(task.caller), task.quotes]
    home = [sha256(read_file(file)).hexdigest() for file in _list_home(Home.at(task.home))]
    return {"version": VERSION, "home": home, "archives": archives, "snapshots": snapshots, "settings": settings}
