"""Reads a JSON document in pieces, so that memory holds neither its text nor its tree.

A piece is a member of the document, or an entry of a member that is a list. The document is as strict as a body, and its first
error is the one that ``json_strict.parse_json`` reports.
"""

import codecs
import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

from validator.body import json_strict
from validator.body.tree import UNDECODABLE, UnreadableBody
from validator.model import common_codes
from validator.model.code import Code
from validator.model.location import Position, find_position

CHUNK: Final = 1 << 20  # bytes to read at once
_SPACES: Final = frozenset(" \t\n\r")
_SPACE: Final = re.compile(r"[ \t\n\r]++")
# Where a text is cut, the error is this close to its end: a cut literal, number or escape.
_LONGEST_TOKEN: Final = 16
_UNTERMINATED: Final = "Unterminated string"
_NAME_EXPECTED: Final = "a member name in double quotes is expected"
_COMMA_EXPECTED: Final = "a comma or the end of the object or list is expected"


class Piece(NamedTuple):
    """A part of a document.

    name: the member, or None for a document that is not an object. position: of an entry, from 0; None for a member, whose value
    is [] if it is a list: its entries follow.
    """

    name: str | None
    position: int | None
    value: Any


def split_document(document: Any) -> Iterator[Piece]:
    """Yield the pieces of a document that is parsed already."""
    if not isinstance(document, dict):
        yield Piece(None, None, document)
        return
    for name, value in document.items():
        if not isinstance(value, list):
            yield Piece(name, None, value)
            continue
        yield Piece(name, None, [])
        for index, entry in enumerate(value):
            yield Piece(name, index, entry)


def read_pieces(file: BinaryIO) -> Iterator[Piece]:
    """Yield the pieces of a file, in memory for the longest of them and two chunks.

    Raises UnreadableBody with 400-711, 400-714 or 400-718, at the latest after the last piece; until then, pieces may belong to a
    document that is not valid. Repeated members are yielded as often as they occur.
    """
    text = _Text(file)
    try:
        yield from _read_document(text)
    except _InvalidTextError as error:
        unreadable = UnreadableBody(error.code.failure(**error.position._asdict(), **error.parameters))
        text.read_to_end()  # bytes that are not UTF-8 are reported first
        raise unreadable from None
    if text.surrogate is not None:
        position, reason = text.surrogate, json_strict.NO_PARTNER
        raise UnreadableBody(common_codes.JSON_MALFORMED.failure(**position._asdict(), reason=reason))


def _read_document(text: "_Text") -> Iterator[Piece]:
    if text.peek() == "{":
        text.skip()
        yield from _read_members(text)
    else:
        yield Piece(None, None, text.read_value(json_strict.MAX_DEPTH))
    if text.peek():
        raise text.make_error("nothing may follow the value")


def _read_members(text: "_Text") -> Iterator[Piece]:
    if text.peek() == "}":
        text.skip()
        return
    while True:
        if text.peek() != '"':
            raise text.make_error(_NAME_EXPECTED)
        name = text.read_value(json_strict.MAX_DEPTH - 1)
        if text.peek() != ":":
            raise text.make_error("a colon is expected")
        text.skip()
        if text.peek() == "[":
            text.skip()
            yield Piece(name, None, [])
            yield from _read_entries(text, name)
        else:
            yield Piece(name, None, text.read_value(json_strict.MAX_DEPTH - 1))
        if _read_separator(text, "}"):
            return


def _read_entries(text: "_Text", name: str) -> Iterator[Piece]:
    if text.peek() == "]":
        text.skip()
        return
    index = 0
    while True:
        yield Piece(name, index, text.read_value(json_strict.MAX_DEPTH - 2))
        if _read_separator(text, "]"):
            return
        index += 1


def _read_separator(text: "_Text", end: str) -> bool:
    """Read a comma or the end of an object or list, and return whether it was the end."""
    found = text.peek()
    if found not in {",", end}:
        raise text.make_error(_COMMA_EXPECTED)
    text.skip()
    return found == end


class _InvalidTextError(Exception):
    """A document that is not well-formed, or nested too deep."""

    def __init__(self, code: Code, position: Position, **parameters: Any) -> None:
        super().__init__(code.code)
        self.code = code
        self.position = position
        self.parameters = parameters


class _Text:
    """The text of a file, of which memory holds a part.

    surrogate: the position of the first escaped surrogate without a partner, in the values that were read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.surrogate: Position | None = None
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._scan: Any = json_strict.make_decoder().scan_once  # type: ignore[attr-defined] # not in its stubs
        self._start = Position(1, 1)  # of the part
        self._part = ""
        self._offset = 0  # of the next character, in the part
        self._is_complete = False
        self._is_first = True

    def peek(self) -> str:
        """Skip white space, and return the next character; "" at the end."""
        while True:
            found = self._part[self._offset : self._offset + 1]
            if found in _SPACES:
                space = _SPACE.match(self._part, self._offset)
                self._offset = space.end() if space else self._offset
                found = self._part[self._offset : self._offset + 1]
            if found or self._is_complete:
                return found
            self._read_more()

    def skip(self) -> None:
        """Skip the next character."""
        self._offset += 1

    def read_value(self, levels: int) -> Any:
        """Return the next value. levels: how deep it may be nested. Raises _InvalidTextError."""
        self.peek()
        while True:
            try:
                value, end = self._decode()
            except (json.JSONDecodeError, json_strict.ConstantError, RecursionError) as error:
                if self._is_complete or not self._may_be_cut(error):
                    raise self._explain(error, levels) from None
            else:
                if end < len(self._part) or self._is_complete:  # or a number may go on
                    self._check_value(end, levels)
                    return value
            self._read_more()

    def _decode(self) -> tuple[Any, int]:
        """Return the value at the offset, and the offset after it. Raises JSONDecodeError, ConstantError and RecursionError."""
        try:
            decoded: tuple[Any, int] = self._scan(self._part, self._offset)
        except StopIteration as error:
            raise json.JSONDecodeError("Expecting value", self._part, error.value) from None
        return decoded

    def make_error(self, reason: str) -> _InvalidTextError:
        """Return the error that the text is not well-formed at the next character."""
        return _InvalidTextError(common_codes.JSON_MALFORMED, self._locate(self._offset), reason=reason)

    def read_to_end(self) -> None:
        """Read the rest. Raises UnreadableBody if it is not UTF-8."""
        while not self._is_complete:
            self._offset = len(self._part)
            self._read_more()

    def _check_value(self, end: int, levels: int) -> None:
        """Check what the decoder accepts of the next value, and skip it. Raises _InvalidTextError if it is nested too deep."""
        deep = json_strict.find_excess_depth(self._part, self._offset, end, levels)
        if deep is not None:
            raise self._make_depth_error(deep)
        if self.surrogate is None and self._part.find("\\u", self._offset, end) >= 0:
            lone = json_strict.find_lone_surrogate(self._part, self._offset, end)
            self.surrogate = None if lone is None else self._locate(lone)
        self._offset = end

    def _may_be_cut(self, error: Exception) -> bool:
        """Whether the text that was not read yet can be the reason of an error."""
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.msg.startswith(_UNTERMINATED) or error.pos + _LONGEST_TOKEN > len(self._part)

    def _explain(self, error: Exception, levels: int) -> Exception:
        """Return the error for a value that the decoder does not accept."""
        deep = json_strict.find_excess_depth(self._part, self._offset, None, levels)
        if isinstance(error, RecursionError):  # the decoder has accepted all that is less deep
            return error if deep is None else self._make_depth_error(deep)
        offset, reason = json_strict.describe_error(error, self._part, self._offset)
        if deep is not None and offset >= deep:
            return self._make_depth_error(deep)
        return _InvalidTextError(common_codes.JSON_MALFORMED, self._locate(offset), reason=reason)

    def _make_depth_error(self, offset: int) -> _InvalidTextError:
        return _InvalidTextError(common_codes.NESTED_TOO_DEEP, self._locate(offset), limit=json_strict.MAX_DEPTH)

    def _locate(self, offset: int) -> Position:
        """Return the position in the file of an offset in the part."""
        line, column = find_position(self._part, offset)
        return Position(self._start.line + line - 1, column + (self._start.column - 1 if line == 1 else 0))

    def _read_more(self) -> None:
        """Drop what was read, and read a chunk, or as much as remains. Raises UnreadableBody if it is not UTF-8."""
        is_after_return = self._part[: self._offset].endswith("\r")  # which may be half of a line end
        dropped = self._offset - is_after_return
        start, rest = self._locate(dropped), self._part[dropped:]
        self._start, self._part, self._offset = start, rest, int(is_after_return)
        data = self._file.read(max(CHUNK, len(rest), len(BOM_UTF8)))  # a long value is decoded once for each doubling
        self._is_complete = not data
        if self._is_first:
            data, self._is_first = data.removeprefix(BOM_UTF8), False
        try:
            self._part += self._decoder.decode(data, final=self._is_complete)
        except UnicodeDecodeError as error:
            self._part += error.object[: error.start].decode()
            position = self._locate(len(self._part))
            raise UnreadableBody(common_codes.NOT_UTF_8.failure(**position._asdict(), reason=UNDECODABLE)) from None
