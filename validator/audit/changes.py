"""Two outputs of audits of the same archives: which requests changed their verdict, by code."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from validator.errors import UsageError

_COLUMNS: Final = ["file", "row", "accepted", "codes", "problem"]
SHOWN: Final = 10  # changed requests that are printed


class Change(NamedTuple):
    """A request with another verdict. old, new: its codes, () if accepted; a row that is not a request has its problem."""

    file: str
    row: int
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(slots=True)
class Changes:
    """The changes between two outputs. refused: by code that is new. accepted: by code that is gone. count: of requests.

    codes: requests that are refused as before, with other codes, by ``-400-720`` and ``+400-721``.
    """

    refused: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    count: int = 0
    first: list[Change] = field(default_factory=list)

    def add(self, change: Change) -> None:
        """Count a change."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(change)
        old, new = set(change.old), set(change.new)
        if not old:
            self.refused.update(new)
        elif not new:
            self.accepted.update(old)
        else:
            self.codes.update([*(f"-{code}" for code in old - new), *(f"+{code}" for code in new - old)])

    def format_lines(self) -> Iterator[str]:
        """Yield the lines of a summary."""
        yield f"{self.count} changed verdict{'' if self.count == 1 else 's'}"
        for text, counter in (("now refused", self.refused), ("now accepted", self.accepted), ("other codes", self.codes)):
            yield from (f"{text}: {code}: {count}" for code, count in sorted(counter.items()))
        for change in self.first:
            yield f"{change.file}:{change.row}: {' '.join(change.old) or 'accepted'} -> {' '.join(change.new) or 'accepted'}"
        if self.count > len(self.first):
            yield f"and {self.count - len(self.first)} more"


def find_changes(old: str, new: str) -> Iterator[Change]:
    """Yield the changes between two outputs. Raises UsageError for outputs of different archives."""
    for before, after in zip_longest(_read_verdicts(old), _read_verdicts(new)):
        if before is None or after is None or before[:2] != after[:2]:
            row = after or before
            raise UsageError(f"{old} and {new} are audits of different archives: one of them lacks {row[0]}:{row[1]}")
        if before[2] != after[2]:
            yield Change(before[0], before[1], before[2], after[2])


def _read_verdicts(output: str) -> Iterator[Any]:
    """Yield the file, the row, and the codes or the problem of each row."""
    try:
        with pq.ParquetFile(output) as parquet:
            for batch in parquet.iter_batches(columns=_COLUMNS):
                columns = (batch.column(name).to_pylist() for name in _COLUMNS)
                for file, row, accepted, codes, problem in zip(*columns, strict=True):
                    yield file, row, () if accepted else tuple(codes) or (problem,)
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{output}: {error}") from None
