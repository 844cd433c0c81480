"""Requests that a browser or a proxy has recorded: an HTTP archive (HAR 1.2), whose format is JSON."""

import binascii
import re
from base64 import b64decode
from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from validator.endpoint import Endpoint
from validator.report import Region
from validator.request import Request
from validator.sent import Requests, Sent
from validator.source import JsonSource, SourceError, read_recording

_CHARACTER: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class HarFileError(ValueError):
    """A file that is no HTTP archive, or has lost a body: the line (1-based) and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.line = line


def read(data: bytes, endpoint: Endpoint) -> Requests:
    """Return the requests to an operation in an archive, in order. Raises HarFileError."""
    try:
        source = read_recording("", data.removeprefix(BOM_UTF8))
    except SourceError as error:
        raise HarFileError(error.place.region.start.line, error.reason) from None
    archive = _Archive(source)
    entries = archive.get("/log/entries", list)
    sent = [archive.sent(f"/log/entries/{index}/request", endpoint) for index in range(len(entries))]
    return Requests(tuple(one for one in sent if one is not None), sent.count(None))


class _Archive:
    """An archive and how its values are asked for."""

    def __init__(self, source: JsonSource) -> None:
        self._source = source

    def get(self, pointer: str, kind: type) -> Any:
        """Return the value at a pointer. Raises HarFileError when it is not there or of another type."""
        value: Any = self._source.tree
        for step in pointer.split("/")[1:]:
            value = value.get(step) if isinstance(value, dict) else value[int(step)] if step.isdecimal() else None
        if not isinstance(value, kind):
            self._refuse(pointer, f"an HTTP archive has {_KINDS[kind]} at {pointer}")
        return value

    def _refuse(self, pointer: str, reason: str) -> NoReturn:
        raise HarFileError(self._source.at(pointer).region.start.line, reason)

    def sent(self, at: str, endpoint: Endpoint) -> Sent | None:
        """Return the request at a pointer, or None when it is to another operation."""
        method, url = self.get(f"{at}/method", str), self.get(f"{at}/url", str)
        try:
            address = urlsplit(url)
        except ValueError as error:
            self._refuse(f"{at}/url", f"{url[:64]!r} is no URL: {error}")
        ids = endpoint.ids(method, address.path)
        if ids is None:
            return None
        headers, parts = self._headers(at)
        parts |= self._parts_of_url(f"{at}/url", url, endpoint)
        body, text_at = self._body(at)
        if body is not None and "header content-type" not in parts:
            mime_type = self.get(f"{at}/postData", dict).get("mimeType")
            headers += [("Content-Type", mime_type)] if isinstance(mime_type, str) and mime_type else []
        request = Request(ids, address.query, tuple(headers), body)
        region = self._source.value_at(f"{at}/url").region
        return Sent(request, region, f"{method} {address.path}", parts=parts, in_file=self._mapping(text_at))

    def _parts_of_url(self, pointer: str, url: str, endpoint: Endpoint) -> dict[str, Region]:
        """Return where the IDs and, where there is one, the query stand."""
        before, mark, after = url.partition("#")[0].partition("?")
        parts = {"path": self._inside(pointer, *endpoint.span(before))}
        start = len(before) + len(mark)
        return parts | ({"query": self._inside(pointer, start, start + len(after))} if after else {})

    def _inside(self, pointer: str, first: int, last: int) -> Region:
        """Return where a stretch of a text, by offsets of its characters, stands in the file."""
        start, end = self._source.values[pointer]
        starts = _character_starts(self._source.text, start + 1, end - 1)
        return self._source.place(starts[first], starts[last]).region

    def _headers(self, at: str) -> tuple[list[tuple[str, str]], dict[str, Region]]:
        """Return the headers, without the pseudo-headers of HTTP/2, and where the value of each stands."""
        headers: list[tuple[str, str]] = []
        parts: dict[str, Region] = {}
        for index in range(len(self.get(f"{at}/headers", list))):
            pointer = f"{at}/headers/{index}"
            name, value = self.get(f"{pointer}/name", str), self.get(f"{pointer}/value", str)
            if not name.startswith(":"):
                headers.append((name, value))
                parts.setdefault(f"header {name.lower()}", self._source.value_at(f"{pointer}/value").region)
        return headers, parts

    def _body(self, at: str) -> tuple[bytes | None, str]:
        """Return the body, or None, and the pointer of its text; "" when its characters do not stand there."""
        if self.get(at, dict).get("postData") is None:
            if _is_positive(self.get(at, dict).get("bodySize")):
                self._refuse(at, "the recording has lost the body: bodySize is positive, and there is no postData")
            return None, ""
        post, pointer = self.get(f"{at}/postData", dict), f"{at}/postData/text"
        if "text" not in post:
            self._refuse(f"{at}/postData", "the recording has lost the text of the body")
        text = self.get(pointer, str)
        if "base64" not in {post.get("encoding"), post.get("_encoding")}:
            return text.encode("utf-8", "surrogatepass"), pointer
        try:
            return b64decode(text, validate=True), f"{pointer} base64"
        except binascii.Error as error:
            self._refuse(pointer, f"the text is not base64: {error}")

    def _mapping(self, pointer: str) -> Any:
        """Return the function from a region of the body to that of the file."""
        text_at, _, encoded = pointer.partition(" ")

        def in_file(region: Region) -> Region:
            if encoded:
                return self._source.value_at(text_at).region
            text = self.get(text_at, str)
            body = text.removeprefix("\ufeff")  # the engine counts without it
            lines = [0, *(match.end() for match in _LINE_END.finditer(body))]
            skipped = len(text) - len(body)
            first, last = (min(lines[line - 1] + column - 1 + skipped, len(text)) for line, column in region)
            return self._inside(text_at, first, last)

        return in_file


_KINDS: Final[Mapping[type, str]] = {list: "a list", dict: "an object", str: "a text"}


def _is_positive(size: object) -> bool:
    return isinstance(size, int) and size > 0


def _character_starts(text: str, start: int, end: int) -> list[int]:
    """Return where each character of a JSON string begins in the file, and where the last one ends."""
    return [*(match.start() for match in _CHARACTER.finditer(text, start, end)), end]
