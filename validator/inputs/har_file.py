"""Requests that a browser or a proxy has recorded: an HTTP archive (HAR 1.2), whose format is JSON.

It is read as its writer wrote it: a lone surrogate in some response, or a tree deeper than a body may be, is that program's
affair. What would change a request unseen is refused: bytes that are not UTF-8, a member that is there twice, a lost body.
"""

import json
import re
from base64 import b64decode
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from validator.body.json_strict import MAX_DEPTH
from validator.body.locate import Member, members
from validator.head.route import Endpoint
from validator.inputs.sample import Sample, SampleSet, mapping
from validator.inputs.source import SourceText
from validator.model.location import Region
from validator.model.request import Request

_ESCAPE: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")
_BRACKET: Final = re.compile(r'"(?:[^"\\]++|\\.?)*+"?|([\[{])|([\]}])', re.DOTALL)
_ORIGIN: Final = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*+://[^/]*+")
_ENTRIES: Final = "/log/entries"
_KINDS: Final[Mapping[type, str]] = {list: "a list", dict: "an object", str: "a text"}


class HarFileError(ValueError):
    """A file that is no HTTP archive, or has lost a body: the line (1-based) and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.line = line


class _WrongError(Exception):
    """What stands at a pointer, or is missing there, is not what an archive has."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer = pointer


def read(data: bytes, endpoint: Endpoint) -> SampleSet:
    """Return the requests to an operation in an archive, in order; those to others are counted. Raises HarFileError.

    Linear in the file. As in every file of requests, a byte order mark takes no column.
    """
    text = _decoded(data.removeprefix(BOM_UTF8))
    tree = _parsed(text)
    try:
        count = len(_get(tree, _ENTRIES, list))
        entries = [_entry(tree, f"{_ENTRIES}/{index}", endpoint) for index in range(count)]
    except _WrongError as wrong:
        found = _members(text, [wrong.pointer])
        pointer = wrong.pointer
        while pointer not in found:
            pointer = pointer.rpartition("/")[0]
        raise HarFileError(_line(text, found[pointer].value[0]), str(wrong)) from None
    ours = [entry for entry in entries if entry is not None]
    asked = [_ENTRIES, *(f"{_ENTRIES}/{index}/request/{name}" for index in range(count) for name in ("method", "url"))]
    places = _Places(SourceText("", text), _members(text, [*asked, *(pointer for entry in ours for pointer in entry.pointers())]))
    return SampleSet(tuple(places.sent(entry, endpoint) for entry in ours), entries.count(None))


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise HarFileError(data.count(b"\n", 0, error.start) + 1, "the file holds bytes that are not UTF-8") from None


def _parsed(text: str) -> Any:
    try:
        # Of numbers only the sign matters, and an integer may have more digits than can be converted.
        return json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        raise HarFileError(_line(text, error.pos), f"not well-formed JSON: {error.msg}") from None
    except RecursionError:
        raise HarFileError(_line(text, _deep(text)), "the JSON is nested too deep to be read") from None


def _deep(text: str) -> int:
    """Return the offset of the first bracket beyond the depth that every reader has, else of the end."""
    level = 0
    for match in _BRACKET.finditer(text):
        level += (match[1] is not None) - (match[2] is not None)
        if level > MAX_DEPTH:
            return match.start()
    return len(text)


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _members(text: str, pointers: list[str]) -> Mapping[str, Member]:
    """Return where values stand. Raises HarFileError where one of them, or one around them, is there more than once."""
    found = members(text, pointers)
    again = min((member.again for member in found.values() if member.again is not None), default=None)
    if again is not None:
        name = json.loads(text[slice(*again)])
        raise HarFileError(_line(text, again[0]), f"the member {name[:64]!r} is there more than once")
    return found


def _get(tree: Any, pointer: str, kind: type) -> Any:
    """Return the value at a pointer. Raises _WrongError when it is not there or of another type."""
    value = tree
    for step in pointer.split("/")[1:]:
        # Of a list only entries that are there are asked for.
        value = value.get(step) if isinstance(value, dict) else value[int(step)] if step.isdecimal() else None
    if not isinstance(value, kind):
        raise _WrongError(pointer, f"an HTTP archive has {_KINDS[kind]} at {pointer}")
    return value


def _text(tree: Any, pointer: str) -> str:
    """Return the text at a pointer, or "" where there is none."""
    try:
        text: str = _get(tree, pointer, str)
    except _WrongError:
        return ""
    return text


class _Entry(NamedTuple):
    """A recorded request to the operation. at: its pointer. headers: also the pseudo-headers of HTTP/2.

    mime_type: stands in for a Content-Type that was not recorded. is_plain: whether the body's characters stand in the file.
    """

    at: str
    name: str
    ids: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    mime_type: str | None
    is_plain: bool

    def pointers(self) -> Iterator[str]:
        """Yield the pointers of all that makes the request what it is."""
        yield from (f"{self.at}/headers/{index}/{part}" for index in range(len(self.headers)) for part in ("name", "value"))
        yield from (f"{self.at}/postData/{name}" for name in ("text", "mimeType", "encoding", "_encoding"))
        yield f"{self.at}/bodySize"

    def sent_headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers as an HTTP/1.1 request would have them (RFC 9113, section 8.3)."""
        recorded = tuple((name, value) for name, value in self.headers if not name.startswith(":"))
        return recorded if self.mime_type is None else (*recorded, ("Content-Type", self.mime_type))


def _entry(tree: Any, pointer: str, endpoint: Endpoint) -> _Entry | None:
    """Return the request of an entry, or None when it is to another operation. Raises _WrongError."""
    at = f"{pointer}/request"
    method, url = _get(tree, f"{at}/method", str), _get(tree, f"{at}/url", str)
    path, _ = _path_and_query(url)
    ids = endpoint.extract_ids(method, path)
    if ids is None:
        return None
    headers = tuple(
        (_get(tree, f"{at}/headers/{index}/name", str), _get(tree, f"{at}/headers/{index}/value", str))
        for index in range(len(_get(tree, f"{at}/headers", list)))
    )
    body, is_plain = _body(tree, at)
    has_type = body is None or any(name.lower() == "content-type" for name, _ in headers)
    mime_type = None if has_type else _text(tree, f"{at}/postData/mimeType") or None
    name = " ".join(_text(tree, f"{pointer}/comment").split()) or f"{method} {_ORIGIN.sub('', path)}"
    return _Entry(at, name, ids, url, headers, body, mime_type, is_plain)


def _path_and_query(url: str) -> tuple[str, str]:
    """Return the path, below its origin, and the query as they were sent, without the fragment (RFC 9110, section 7.1)."""
    path, _, query = url.partition("#")[0].partition("?")
    return path, query


def _body(tree: Any, at: str) -> tuple[bytes | None, bool]:
    """Return the body, or None, and whether its characters stand in the file. Raises _WrongError."""
    request = _get(tree, at, dict)
    size = request.get("bodySize")
    is_sent = isinstance(size, float) and size > 0
    if request.get("postData") is None:
        if is_sent:
            raise _WrongError(at, "the recording has lost the body: bodySize is positive, and there is no postData")
        return None, False
    post = _get(tree, f"{at}/postData", dict)
    text = post.get("text")
    if text is None and isinstance(size, float) and size == 0:
        return None, False
    if text is None or (text == "" and is_sent):
        raise _WrongError(f"{at}/postData", "the recording has lost the text of the body")
    return _bytes_of(_get(tree, f"{at}/postData/text", str), post, f"{at}/postData")


def _bytes_of(text: str, post: Mapping[str, Any], at: str) -> tuple[bytes, bool]:
    """Return the body that a text stands for, and whether it is its own. Raises _WrongError.

    HAR 1.2 has no ``encoding`` here; what records other bytes than UTF-8 writes one nevertheless.
    """
    for key in ("encoding", "_encoding"):
        if post.get(key) not in (None, "", "base64"):
            raise _WrongError(f"{at}/{key}", "the text of a body is encoded with base64 or not at all")
    if "base64" not in (post.get("encoding"), post.get("_encoding")):
        return text.encode("utf-8", "surrogatepass"), True
    try:
        return b64decode(text, validate=True), False
    except ValueError as error:
        raise _WrongError(f"{at}/text", f"the text is not base64: {error}") from None


class _Places(NamedTuple):
    """Where in the file each part of a request stands."""

    text: SourceText
    members: Mapping[str, Member]

    def sent(self, entry: _Entry, endpoint: Endpoint) -> Sample:
        """Return the request of an entry with its places."""
        url = f"{entry.at}/url"
        path, query = _path_and_query(entry.url)
        request = Request(entry.ids, query, entry.sent_headers(), entry.body)
        parts = {"path": self._inside(url, endpoint.locate_ids(path))}
        if query:
            parts["query"] = self._inside(url, (len(path) + 1, len(path) + 1 + len(query)))
        for index, (name, _) in enumerate(entry.headers):  # those that are none are never asked for
            parts.setdefault(f"header {name.lower()}", self._whole(f"{entry.at}/headers/{index}/value"))
        if entry.mime_type is not None:
            parts["header content-type"] = self._whole(f"{entry.at}/postData/mimeType")
        return Sample(request, self._whole(url), entry.name, parts=parts, map_region=self._in_file(entry))

    def _whole(self, pointer: str) -> Region:
        first, last = self.members[pointer].value
        return Region(self.text.position(first), self.text.position(last))

    def _inside(self, pointer: str, span: tuple[int, int]) -> Region:
        """Return the region of a stretch of a text, by offsets of its characters."""
        offset = _unescaped(self.text.text, self.members[pointer].value)
        return Region(*(self.text.position(offset(one)) for one in span))

    def _in_file(self, entry: _Entry) -> Callable[[Region], Region]:
        pointer = f"{entry.at}/postData/text"
        if not entry.is_plain:
            whole = self._whole(pointer if entry.body is not None else f"{entry.at}/url")
            return lambda _: whole

        @cache
        def offset() -> Callable[[int], int]:
            return _unescaped(self.text.text, self.members[pointer].value)

        return mapping(entry.body or b"", lambda at: self.text.position(offset()(at)))


def _unescaped(text: str, string: tuple[int, int]) -> Callable[[int], int]:
    """Return the function from an offset in the value of a JSON string to the offset in the text of the file.

    string: where it stands, with its quotes. An escape, also that of two surrogates (RFC 8259, section 7), is one character.
    """
    behind, longer = [0], [string[0] + 1]  # offsets in the value behind each escape, and how far the file is ahead of them
    for match in _ESCAPE.finditer(text, string[0] + 1, string[1] - 1):
        ahead = longer[-1] + len(match[0]) - 1
        behind.append(match.end() - ahead)
        longer.append(ahead)
    return lambda at: at + longer[bisect_right(behind, at) - 1]
