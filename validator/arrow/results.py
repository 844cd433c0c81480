"""The columns of verdicts: their schema, and reports as arrays."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, Final, NamedTuple

import pyarrow as pa

from validator.arrow.requests import UnreadableRow
from validator.model.report import Failure, Report

VERSION: Final = 1  # raised when a column is removed or gets another meaning
VERSION_KEY: Final = b"activity-validator.verdicts"  # of the version in the metadata of a schema

# One element a failure, in report order, in each of the five lists from codes to columns.
_TEXTS: Final = pa.list_(pa.string())
_NUMBERS: Final = pa.list_(pa.int32())
RESULT_FIELDS: Final = (
    pa.field("accepted", pa.bool_(), nullable=False),  # every stage was completed and found no failure
    pa.field("status", pa.int16()),  # the HTTP status; null: the row is not a request
    pa.field("stage", pa.string()),  # the last stage that was reached; null: the row is not a request
    pa.field("codes", _TEXTS, nullable=False),
    pa.field("pointers", _TEXTS, nullable=False),  # JSON Pointers into the body; null elements: elsewhere
    pa.field("messages", _TEXTS, nullable=False),
    pa.field("lines", _NUMBERS, nullable=False),  # in the body, 1-based; null elements: elsewhere
    pa.field("columns", _NUMBERS, nullable=False),  # the same
    pa.field("skipped", _TEXTS, nullable=False),  # codes of the rules that were not checked
    pa.field("department", pa.string()),  # of the activity that the request would create
    pa.field("problem", pa.string()),  # why the row is not a request; null: it is one
)
_NOWHERE: Final = (None, None)
_FAILURE: Final = ("code", "pointer", "message")


class Verdict(NamedTuple):
    """The values of a row of results. A report has more: the tree of its body, which would fill the memory for a whole batch."""

    accepted: bool
    status: int | None
    stage: str | None
    failures: tuple[Failure, ...]
    places: Sequence[tuple[int | None, int | None]]
    skipped: Sequence[str]
    department: str | None
    problem: str | None


def summarize(report: Report | UnreadableRow) -> Verdict:
    """Return the values of a report, or of a row that is not a request."""
    if isinstance(report, UnreadableRow):
        return Verdict(False, None, None, (), (), (), None, report.reason)  # noqa: FBT003 - not accepted
    skipped = tuple([skip.code for skip in report.skipped])
    if report.accepted:
        return Verdict(True, report.success, report.stage, (), (), skipped, report.department, None)  # noqa: FBT003 - accepted
    places = [_NOWHERE if place is None else place for place in report.positions()]
    return Verdict(False, report.status, report.stage, report.failures, places, skipped, None, None)  # noqa: FBT003 - the same


def make_arrays(verdicts: Iterable[Verdict]) -> list[pa.Array]:
    """Return the columns of verdicts, in the order of RESULT_FIELDS."""
    columns: Any = list(zip(*verdicts, strict=True)) or [()] * len(Verdict._fields)
    accepted, status, stage, failures, places, skipped, department, problem = columns
    ends = pa.array(accumulate(map(len, failures), initial=0), pa.int32())
    codes, pointers, messages = ([getattr(one, name) for group in failures for one in group] for name in _FAILURE)
    lines, positions = ([place[side] for group in places for place in group] for side in range(2))
    return [
        pa.array(accepted, pa.bool_()),
        pa.array(status, pa.int16()),
        pa.array(stage, pa.string()),
        _make_lists(ends, codes, pa.string()),
        _make_lists(ends, pointers, pa.string()),
        _make_lists(ends, messages, pa.string()),
        _make_lists(ends, lines, pa.int32()),
        _make_lists(ends, positions, pa.int32()),
        pa.array(skipped, _TEXTS),
        pa.array(department, pa.string()),
        pa.array(problem, pa.string()),
    ]


def _make_lists(ends: pa.Array, values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    return pa.ListArray.from_arrays(ends, pa.array(values, kind))
