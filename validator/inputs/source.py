"""Artefacts as text with locations: from an offset or a JSON Pointer to a location of the file."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from validator.body.json_spans import find_json_spans
from validator.body.json_strict import parse_json
from validator.body.spans import ValueSpans
from validator.body.tree import UnreadableBody
from validator.model.location import ANY_LINE_END, LineIndex
from validator.model.pointer import escape_step
from validator.model.report import Failure
from validator.output.finding import Location, message_without_position


class SourceError(Exception):
    """A file that cannot be read. location: of the first error. reason: without a full stop or with one."""

    def __init__(self, location: Location, reason: str) -> None:
        """Create the error."""
        super().__init__(location, reason)  # both, so that the error can be pickled
        self.location = location
        self.reason = reason

    def __str__(self) -> str:
        """Return the reason."""
        return self.reason


@dataclass(frozen=True)
class SourceText:
    """The text of a file. file: its name for display. line_ends: ANY_LINE_END or LF, which a file of requests has."""

    file: str
    text: str
    line_ends: str = field(default=ANY_LINE_END, kw_only=True)

    @cached_property
    def lines(self) -> LineIndex:
        """The conversion between offsets and positions."""
        return LineIndex(self.text, self.line_ends)

    def locate(self, start: int = 0, end: int | None = None, message: str = "") -> Location:
        """Return the location between two offsets; without ``end``, an empty one. message: as in Location."""
        region = self.lines.region(start, start if end is None else end)
        return Location(self.file, region, self.lines.line(region.start.line), message)


@dataclass(frozen=True)
class JsonSource(SourceText):
    """A JSON file. tree: its value. spans: of all values in it."""

    tree: Any = None
    spans: ValueSpans = field(default_factory=ValueSpans)

    def at(self, pointer: str, message: str = "") -> Location:
        """Return the location of the name of the member at a pointer (RFC 6901), or of the innermost value around it.

        A value without a name is located like in ``value_at``.
        """
        return self.locate(*self.spans.lookup(pointer)[0].name, message)

    def value_at(self, pointer: str, message: str = "") -> Location:
        """Return the location of the value at a pointer; of an object or list, of its opening bracket."""
        spans, is_exact = self.spans.lookup(pointer)
        return self.locate(*(spans.opening if is_exact else spans.name), message)


def read_json(file: str, data: bytes) -> JsonSource:
    """Return a JSON file, without its byte order mark. Raises SourceError, also for a repeated member."""
    data = data.removeprefix(BOM_UTF8)
    text = data.decode("utf-8", "replace")
    try:
        strict_tree = parse_json(data)  # it keeps track of repeated members, but not of numbers
        tree = json.loads(text)
    except UnreadableBody as error:
        raise make_source_error(SourceText(file, text), error.failure) from None
    except ValueError as error:  # an integer of thousands of digits
        raise SourceError(SourceText(file, text).locate(), str(error)) from None
    spans = ValueSpans(searches_all=True)
    find_json_spans(text, spans)
    source = JsonSource(file, text, tree, spans)
    for pointer, name in _find_repetitions(strict_tree, ""):
        raise SourceError(source.at(pointer), f"repeated member {name!r}; remove all but one")
    return source


def _find_repetitions(tree: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the name of each repeated member."""
    if isinstance(tree, dict):
        yield from ((f"{pointer}/{escape_step(name)}", name) for name in getattr(tree, "repetitions", ()))
    for step, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from _find_repetitions(value, f"{pointer}/{escape_step(str(step))}")


def make_source_error(text: SourceText, failure: Failure) -> SourceError:
    """Return the error of a file from which no tree can be read. failure: as for a body."""
    offset = text.lines.offset(failure.parameters.get("line", 1), failure.parameters.get("column", 1))
    return SourceError(text.locate(offset), message_without_position(failure).replace("The body", "The file", 1))
