"""Counts of verdicts, which are added up part by part, and examples of each code."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from validator.arrow.results import Verdict
from validator.audit.rows import Row
from validator.body.shape import Shape
from validator.model.common_codes import INTERNAL_ERROR
from validator.model.location import LineIndex
from validator.model.pointer import split_pointer

EXAMPLES: Final = 3  # of a code
MOST_KEYS: Final = 20_000  # of a count; beyond that the rarest half is dropped
_AROUND: Final = 60  # characters of the body before and after a failure
_TEXT: Final = 200  # characters of a message
ACCEPTED, REFUSED, UNREADABLE, INTERNAL = "accepted", "refused", "not a request", "internal error"


class Example(NamedTuple):
    """A failure of a request, or a row that is not one. text: of the body around it. part, row: where it is in the archive."""

    part: int
    file: str
    row: int
    line: int | None
    column: int | None
    message: str
    text: str


class Source(NamedTuple):
    """The part that rows are from. shape: of the operation's bodies. quotes: whether examples are wanted."""

    part: int
    file: str
    shape: Shape
    quotes: bool


@dataclass(slots=True)
class Tally:
    """The counts of some rows. verdicts: by kind. codes: failures. callers: by caller and code. attributes: by pointer and code.

    hours: by hour in UTC (2026-01-01T13) and kind of verdict. examples: by code, or kind of verdict.
    """

    verdicts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    callers: Counter[tuple[str, str]] = field(default_factory=Counter)
    attributes: Counter[tuple[str, str]] = field(default_factory=Counter)
    hours: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    def merge(self, other: "Tally") -> None:
        """Add the counts of other rows. The examples that come first in the archive remain."""
        for name in _COUNTS:
            counter: Counter[Any] = getattr(self, name)
            counter.update(getattr(other, name))
            if len(counter) > MOST_KEYS:
                for key, _ in counter.most_common()[MOST_KEYS // 2 :]:
                    del counter[key]
        for code, examples in other.examples.items():
            self.examples[code] = sorted([*self.examples.get(code, ()), *examples])[:EXAMPLES]

    def to_json(self) -> bytes:
        """Return the counts as JSON, which ``from_json`` reads."""
        counts = {name: [[key, count] for key, count in getattr(self, name).items()] for name in _COUNTS}
        return json.dumps({**counts, "examples": self.examples}).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Tally":
        """Return the counts that ``to_json`` has written."""
        document = json.loads(data)
        examples = {code: [Example(*one) for one in found] for code, found in document.pop("examples").items()}
        counts: Any = {
            name: Counter({tuple(key) if isinstance(key, list) else key: count for key, count in pairs})
            for name, pairs in document.items()
        }
        return cls(**counts, examples=examples)

    def add(self, source: Source, row: Row, verdict: Verdict) -> None:
        """Count the verdict on a row."""
        kind = find_kind(verdict)
        self.verdicts[kind] += 1
        if row.time is not None:
            self.hours[row.time.isoformat()[:13], kind] += 1
        if kind == ACCEPTED:
            return
        if verdict.problem is not None and self._wants_example(source, kind):
            example = Example(source.part, source.file, row.number, None, None, verdict.problem[:_TEXT], "")
            self.examples.setdefault(kind, []).append(example)
        for failure, (line, column) in zip(verdict.failures, verdict.places, strict=True):
            self.codes[failure.code] += 1
            self.callers[row.caller or "", failure.code] += 1
            self.attributes[name_attribute(failure.pointer, failure.where, source.shape), failure.code] += 1
            if self._wants_example(source, failure.code):
                place = (source.part, source.file, row.number, line, column)
                example = Example(*place, failure.message[:_TEXT], _quote(row, line, column))
                self.examples.setdefault(failure.code, []).append(example)

    def _wants_example(self, source: Source, code: str) -> bool:
        return source.quotes and len(self.examples.get(code, ())) < EXAMPLES


_COUNTS: Final = ("verdicts", "codes", "callers", "attributes", "hours")


def find_kind(verdict: Verdict) -> str:
    """Return the kind of a verdict."""
    if verdict.problem is not None:
        return UNREADABLE
    if verdict.accepted:
        return ACCEPTED
    return INTERNAL if any(failure.code == INTERNAL_ERROR.code for failure in verdict.failures) else REFUSED


def name_attribute(pointer: str | None, where: str, shape: Shape) -> str:
    """Return a pointer in dotted notation, without indices and without names that a client has invented.

    where: the place of the failure, which stands for a pointer that is None or the whole body.
    """
    steps: list[str] = []
    for step in split_pointer(pointer or ""):
        inner = shape.members.get(step) if shape.items is None else shape.items
        if inner is None:
            return ".".join([*steps, "(unknown)"])
        steps += [step] if shape.items is None else []
        shape = inner
    return ".".join(steps) or where


def _quote(row: Row, line: int | None, column: int | None) -> str:
    """Return the text of a body around a position."""
    body = getattr(row.request, "body", None)
    if line is None or column is None or body is None:
        return ""
    text = bytes(body).decode("utf-8", "replace")
    offset = LineIndex(text).offset(line, column)
    return text[max(0, offset - _AROUND) : offset + _AROUND]
