"""Text with places: which stretch of a file an offset or a JSON Pointer stands for."""

import json
import re
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from validator.body import json_strict
from validator.body.tree import UnreadableBody
from validator.model.location import Position, Region
from validator.model.pointer import escape_step
from validator.model.report import Failure
from validator.output.finding import Location, message_without_position


class SourceError(Exception):
    """A file that cannot be read: where, and why."""

    def __init__(self, location: Location, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.location = location
        self.reason = reason


@dataclass(frozen=True)
class SourceText:
    """The text of a file. file: its name as it is shown."""

    file: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def position(self, offset: int) -> Position:
        """Return line and column of an offset in characters."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """Return the offset in characters of a 1-based line and column."""
        return self._starts[line - 1] + column - 1

    def line(self, number: int) -> str:
        """Return the text of a line, without its end."""
        start = self._starts[number - 1] if number <= len(self._starts) else len(self.text)
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else None].removesuffix("\r")

    def locate(self, start: int = 0, end: int | None = None, words: str = "") -> Location:
        """Return the place from one offset to another; without ``end``, an empty stretch."""
        region = Region(self.position(start), self.position(start if end is None else end))
        return Location(self.file, region, self.line(region.start.line), words)


@dataclass(frozen=True)
class JsonSource(SourceText):
    """A JSON file with its tree. names, values: stretches of offsets by JSON Pointer (RFC 6901)."""

    tree: Any = None
    names: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    values: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def at(self, pointer: str, words: str = "") -> Location:
        """Return the place of the member that a pointer names, else of the value, else of the nearest one around it."""
        while pointer and pointer not in self.names and pointer not in self.values:
            pointer = pointer.rpartition("/")[0]
        return self.locate(*(self.names.get(pointer) or self._opening(pointer)), words)

    def value_at(self, pointer: str, words: str = "") -> Location:
        """Return the place of the value that a pointer names; of an object or list only its opening bracket."""
        return self.locate(*self._opening(pointer), words) if pointer in self.values else self.at(pointer, words)

    def _opening(self, pointer: str) -> tuple[int, int]:
        start, end = self.values.get(pointer, (0, 0))
        return (start, start + 1) if self.text[start : start + 1] in {"{", "["} else (start, end)


def read_json(file: str, data: bytes) -> JsonSource:
    """Return a JSON file; a byte order mark is no part of it. Raises SourceError."""
    data = data.removeprefix(BOM_UTF8)
    text = data.decode("utf-8", "replace")
    try:
        strict = json_strict.parse_json(data)  # which tells repeated members, but no numbers
        tree = json.loads(text)
    except UnreadableBody as unreadable:
        raise make_source_error(SourceText(file, text), unreadable.failure) from None
    except ValueError as error:
        raise SourceError(SourceText(file, text).locate(), str(error)) from None  # an integer of thousands of digits
    source = JsonSource(file, text, tree, *_spans(text))
    for pointer, again in _repeated(strict, ""):
        raise SourceError(source.at(pointer), f"the member {again!r} is there more than once")
    return source


def _repeated(tree: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        yield from ((f"{pointer}/{escape_step(name)}", name) for name in getattr(tree, "again", ()))
    for step, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from _repeated(value, f"{pointer}/{escape_step(str(step))}")


def make_source_error(text: SourceText, failure: Failure) -> SourceError:
    """Return the error of a file from which no tree can be read."""
    line, column = failure.parameters.get("line", 1), failure.parameters.get("column", 1)
    return SourceError(
        text.locate(text.offset(line, column)), message_without_position(failure).replace("The body", "The file", 1)
    )


def _spans(text: str) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]:
    """Return the stretches of members' names and of values in well-formed JSON, by pointer."""
    names: dict[str, tuple[int, int]] = {}
    values: dict[str, tuple[int, int]] = {}
    around: list[tuple[str, int, list[int]]] = []  # pointer, start, and in a list how many entries it had
    name: str | None = None
    for match in json_strict.TOKEN.finditer(text):
        string, opening, closing = match.groups()
        if closing:
            pointer, start, _ = around.pop()
            values.setdefault(pointer, (start, match.end()))
            continue
        in_object = bool(around) and not around[-1][2]
        if in_object and name is None:
            name = json.loads(string)
            names.setdefault(f"{around[-1][0]}/{escape_step(str(name))}", match.span())
            continue
        pointer = _step(around, name)
        name = None
        if opening:
            around.append((pointer, match.start(), [0] if opening == "[" else []))
        else:
            values.setdefault(pointer, match.span())
    return names, values


def _step(around: list[tuple[str, int, list[int]]], name: str | None) -> str:
    if not around:
        return ""
    pointer, _, count = around[-1]
    if name is not None:
        return f"{pointer}/{escape_step(name)}"
    count[0] += 1
    return f"{pointer}/{count[0] - 1}"
