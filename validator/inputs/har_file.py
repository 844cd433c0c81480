"""Read an HTTP archive (``.har``, HAR 1.2): the requests that a browser or a proxy has recorded, as JSON.

The parser accepts more than that for bodies: a lone surrogate in some response, or deep nesting, does not concern the requests.
An error that can change a request unnoticed is reported: bytes that are not UTF-8, a repeated member, a body that is missing.
"""

import json
import re
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final, NamedTuple

from validator.body.json_spans import find_json_spans
from validator.body.json_strict import find_excess_depth
from validator.body.spans import Span, ValueSpans
from validator.head.octets import decode_text_target
from validator.head.route import Endpoint
from validator.inputs.har_entry import HarEntry, InvalidEntryError, get_value, read_entry, split_url
from validator.inputs.sample import Problem, RequestFileError, Sample, SampleSet, UncheckedRequest, make_region_mapper
from validator.model.location import LF, LineIndex, Region, find_position
from validator.model.pointer import echo
from validator.model.request import Request

_ESCAPE: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")
_ENTRIES: Final = "/log/entries"


def read(data: bytes, endpoint: Endpoint) -> SampleSet:
    """Return the requests of an archive, in order. Raises RequestFileError.

    An entry that is invalid does not affect the others. Linear in the size of the file. A byte order mark at its beginning is
    not counted in columns.
    """
    text = _decode(data.removeprefix(BOM_UTF8))
    tree = _parse(text)
    try:
        count = len(get_value(tree, _ENTRIES, list))
    except InvalidEntryError as error:
        spans, _ = _find_spans(text, [error.pointer]).lookup(error.pointer)
        raise _make_error(text, spans.value[0], str(error)) from None
    entries = [_try_entry(tree, f"{_ENTRIES}/{index}", endpoint) for index in range(count)]
    pointers = [f"{_ENTRIES}/{index}/request/{name}" for index in range(count) for name in ("method", "url")]
    pointers += [pointer for entry in entries for pointer in _list_pointers(entry)]
    archive = _Archive(text, LineIndex(text, LF), _find_spans(text, [_ENTRIES, *pointers]))
    samples, unchecked = list[Sample](), list[UncheckedRequest]()
    for index, entry in enumerate(entries):
        repetition = archive.find_repetition(f"{_ENTRIES}/{index}")
        if repetition is not None:
            unchecked.append(UncheckedRequest((repetition,), ""))
        elif isinstance(entry, InvalidEntryError):
            unchecked.append(UncheckedRequest((archive.make_problem(entry),), ""))
        elif entry is not None:
            samples.append(archive.make_sample(entry, endpoint))
    return SampleSet(tuple(samples), count - len(samples) - len(unchecked), tuple(unchecked))


def _try_entry(tree: Any, pointer: str, endpoint: Endpoint) -> HarEntry | InvalidEntryError | None:
    """Return what ``read_entry`` returns or raises."""
    try:
        return read_entry(tree, pointer, endpoint)
    except InvalidEntryError as error:
        return error


def _list_pointers(entry: HarEntry | InvalidEntryError | None) -> Iterable[str]:
    if entry is None:
        return ()
    return [entry.pointer] if isinstance(entry, InvalidEntryError) else entry.pointers()


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        reason = "the file holds bytes that are not UTF-8; save it as UTF-8"
        raise RequestFileError(data.count(b"\n", 0, error.start) + 1, reason) from None


def _parse(text: str) -> Any:
    try:
        # Only the sign of a number is used, and an integer may have more digits than ``int`` converts.
        return json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        raise _make_error(text, error.pos, f"not well-formed JSON: {error.msg}") from None
    except RecursionError:
        offset = find_excess_depth(text)
        raise _make_error(text, len(text) if offset is None else offset, "the JSON is nested too deep") from None


def _make_error(text: str, offset: int, reason: str) -> RequestFileError:
    return RequestFileError(find_position(text, offset, LF).line, reason)


def _find_spans(text: str, pointers: Iterable[str]) -> ValueSpans:
    """Return the spans of values. Raises RequestFileError where the log or its entries are repeated."""
    root = ValueSpans()
    for pointer in pointers:
        root.add(pointer)
    find_json_spans(text, root)
    for pointer in ("/log", _ENTRIES):
        repetition = root.lookup(pointer)[0].repetition
        if repetition is not None:
            raise _make_error(text, repetition[0], _describe_repetition(text, repetition))
    return root


def _describe_repetition(text: str, name: Span) -> str:
    return f"repeated member {echo(json.loads(text[slice(*name)]))!r}; remove all but one"


class _Archive(NamedTuple):
    """The text of an archive, and where the values of its requests are."""

    text: str
    lines: LineIndex
    spans: ValueSpans

    def make_sample(self, entry: HarEntry, endpoint: Endpoint) -> Sample:
        """Return the request of an entry with the regions of its parts."""
        url = f"{entry.pointer}/url"
        path, query = split_url(entry.url)
        request = Request(entry.ids, decode_text_target(query), entry.http_1_headers(), entry.body)
        parts = {"path": self._locate_inside(url, endpoint.locate_ids(path))}
        if query:
            parts["query"] = self._locate_inside(url, (len(path) + 1, len(path) + 1 + len(query)))
        for index, (name, _) in enumerate(entry.headers):
            parts.setdefault(f"header {name.lower()}", self._locate(f"{entry.pointer}/headers/{index}/value"))
        if entry.mime_type is not None:
            parts["header content-type"] = self._locate(f"{entry.pointer}/postData/mimeType")
        mapper, time = self._make_mapper(entry), entry.time or None
        return Sample(request, self._locate(url), entry.name, parts=parts, map_region=mapper, time=time)

    def make_problem(self, error: InvalidEntryError) -> Problem:
        """Return the problem of an entry, where it is, or at the value around a missing one."""
        spans, _ = self.spans.lookup(error.pointer)
        return Problem(self.lines.region(*spans.opening), str(error), error.is_unknown)

    def find_repetition(self, pointer: str) -> Problem | None:
        """Return the problem of a member that is repeated, in an entry and among the members that are read."""
        spans, _ = self.spans.lookup(pointer)
        repetition = min((one.repetition for one in spans.walk() if one.repetition is not None), default=None)
        if repetition is None:
            return None
        return Problem(self.lines.region(*repetition), _describe_repetition(self.text, repetition))

    def _span(self, pointer: str) -> Span:
        return self.spans.lookup(pointer)[0].value

    def _locate(self, pointer: str) -> Region:
        return self.lines.region(*self._span(pointer))

    def _locate_inside(self, pointer: str, span: Span) -> Region:
        """Return the region of a part of a string. span: the offsets of the part in the value of the string."""
        find_offset = _make_offset_finder(self.text, self._span(pointer))
        return self.lines.region(*map(find_offset, span))

    def _make_mapper(self, entry: HarEntry) -> Callable[[Region], Region]:
        """Return the function that converts a region of the body to one of the file."""
        pointer = f"{entry.pointer}/postData/text"
        if not entry.is_plain:
            whole = self._locate(pointer if entry.body is not None else f"{entry.pointer}/url")
            return lambda _: whole

        @cache
        def find_offset() -> Callable[[int], int]:
            return _make_offset_finder(self.text, self._span(pointer))

        return make_region_mapper(entry.body or b"", lambda offset: self.lines.position(find_offset()(offset)))


def _make_offset_finder(text: str, string: Span) -> Callable[[int], int]:
    """Return the function from an offset in the value of a JSON string to the offset in the text of the file.

    string: the span of the string, with its quotes. An escape, also one of two surrogates (RFC 8259, section 7), is one
    character of the value.
    """
    ends, differences = [0], [string[0] + 1]  # after each escape: the offset in the value, and how far the file is ahead of it
    for match in _ESCAPE.finditer(text, string[0] + 1, string[1] - 1):
        difference = differences[-1] + len(match[0]) - 1
        ends.append(match.end() - difference)
        differences.append(difference)
    return lambda offset: offset + differences[bisect_right(ends, offset) - 1]
