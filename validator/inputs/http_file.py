"""Whole requests in a text file (``.http``): request line, headers, a blank line, the body; ``###`` between requests.

    ### a name
    # @caller customer 1002        or: nobody, or: other user
    # @expect 400-733              the codes that must be reported, separated by white space
    # @limit 200                   the body limit in bytes
    # @name a name                 another way to name it
    POST /activities/2001/email-response?customer=1001 HTTP/1.1
    Content-Type: application/json

    {"type": ...}

Other lines that begin with ``#`` or ``//`` before the request line are comments. Lines end with LF or CRLF. The body goes
on to the next ``###`` or to the end of the file, without its last line end; without a blank line there is no body.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Final

from validator.errors import UsageError
from validator.head.caller import parse_caller_directive
from validator.head.route import Endpoint
from validator.inputs.sample import Sample, SampleSet, mapping
from validator.inputs.source import SourceText
from validator.model.location import Position, Region
from validator.model.request import Caller, Request

_TARGET: Final = re.compile(r"([A-Z]+) +(\S+?)(?: +HTTP/[0-9.]+)? *")
_DIRECTIVE: Final = re.compile(r"(?:#|//)\s*@(\S+)\s*+(.*)")
_LIMIT: Final = re.compile(r"[0-9]{1,18}")
_CODE: Final = re.compile(r"[0-9]{3}-[0-9]{3}")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2: token


class HttpFileError(ValueError):
    """A file that is not made of requests: the line (1-based) and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.line = line


def read(data: bytes, endpoint: Endpoint) -> SampleSet:
    """Return the requests of a file to an operation, in order; those to others are counted. Raises HttpFileError."""
    parts = [_read_one(name, first, lines, endpoint) for name, first, lines in _parts(data.removeprefix(BOM_UTF8))]
    return SampleSet(tuple(one for one in parts if one is not None), parts.count(None))


def _parts(data: bytes) -> Iterator[tuple[str, int, list[bytes]]]:
    """Yield (name, number of the first line, lines with their ends) of each part that is not empty."""
    name, first, lines = "", 1, list[bytes]()
    for number, line in enumerate(BytesIO(data), start=1):  # its lines end with LF: a CR alone is text
        if line.startswith(b"###"):
            if any(map(_says_something, lines)):
                yield name, first, lines
            name, first, lines = line[3:].strip().decode("utf-8", "replace"), number + 1, []
        else:
            lines.append(line)
    if any(map(_says_something, lines)):
        yield name, first, lines


def _says_something(line: bytes) -> bool:
    """Whether a line is neither blank nor a comment; a directive is no comment."""
    text = line.strip()
    return bool(text) and not (text.startswith((b"#", b"//")) and not text.lstrip(b"#/ \t").startswith(b"@"))


def _read_one(name: str, first: int, lines: list[bytes], endpoint: Endpoint) -> Sample | None:
    at, sent = 0, Sample(Request(), name=name)
    while at < len(lines) and (not lines[at].strip() or lines[at].lstrip().startswith((b"#", b"//"))):
        sent = _directed(sent, lines[at].decode("utf-8", "replace").strip(), first + at)
        at += 1
    if at == len(lines):
        raise HttpFileError(first, "there is no request line")
    targeted = _targeted(sent, lines[at].decode("utf-8", "replace").rstrip(), first + at, endpoint)
    if targeted is None:
        return None
    sent, headers, at = targeted, [], at + 1
    parts = dict(sent.parts)
    while at < len(lines) and lines[at].rstrip(b"\r\n"):
        text = lines[at].decode("utf-8", "replace").rstrip("\r\n")
        headers.append(_header(text, first + at))
        parts.setdefault(f"header {headers[-1][0].lower()}", _on_line(first + at, 0, len(text)))
        at += 1
    body = _body(lines[at + 1 :]) if at < len(lines) else None
    request = replace(sent.request, headers=tuple(headers), body=body)
    map_region = mapping(body, _below(first + at, body)) if body else _at(sent.region)
    return sent._replace(request=request, parts=parts, map_region=map_region)


def _on_line(line: int, start: int, end: int) -> Region:
    return Region(Position(line, start + 1), Position(line, end + 1))


def _at(region: Region) -> Callable[[Region], Region]:
    return lambda _: region


def _below(lines: int, body: bytes) -> Callable[[int], Position]:
    """Return the function from an offset in a body that begins below this many lines to its position in the file."""

    @cache
    def text() -> SourceText:
        return SourceText("", body.decode("utf-8", "replace"))

    def place(offset: int) -> Position:
        line, column = text().position(offset)
        return Position(lines + line, column)

    return place


def _body(lines: list[bytes]) -> bytes:
    body = b"".join(lines)
    return body[:-2] if body.endswith(b"\r\n") else body.removesuffix(b"\n")


def _directed(sent: Sample, text: str, line: int) -> Sample:
    match = _DIRECTIVE.fullmatch(text)
    if match is None:
        return sent
    name, value = match[1], match[2]
    if name == "name" and value:
        return sent._replace(name=value)
    if name == "caller":
        return sent._replace(request=replace(sent.request, caller=_parse_caller(value, line)), has_caller=True)
    if name == "expect" and value and all(map(_CODE.fullmatch, value.split())):
        return sent._replace(expected_codes=tuple(value.split()))
    if name == "limit" and _LIMIT.fullmatch(value):
        return sent._replace(body_limit=int(value))
    raise HttpFileError(
        line, f"@{name} {value}: there are @caller customer ID, @caller other KIND, @caller nobody, @expect CODE and @limit BYTES"
    )


def _parse_caller(text: str, line: int) -> Caller | None:
    try:
        return parse_caller_directive(text)
    except UsageError as error:
        raise HttpFileError(line, str(error)) from None


def _targeted(sent: Sample, text: str, line: int, endpoint: Endpoint) -> Sample | None:
    """Return the request with its target, or None when it is to another operation and nothing is expected of it."""
    match = _TARGET.fullmatch(text)
    if match is None:
        raise HttpFileError(line, f"a request line is expected, such as: {endpoint.method} {endpoint.path} HTTP/1.1")
    path, mark, query = match[2].partition("?")
    ids = endpoint.extract_ids(match[1], path)
    if ids is None:
        if sent.expected_codes is not None:
            raise HttpFileError(
                line, f"@expect stands before a request to another operation than {endpoint.method} {endpoint.path}"
            )
        return None
    if "#" in query:
        raise HttpFileError(line, "a request has no fragment")
    start = match.start(2)
    first, last = endpoint.locate_ids(path)
    after = start + len(path) + len(mark)
    parts = {"path": _on_line(line, start + first, start + last)}
    parts |= {"query": _on_line(line, after, after + len(query))} if query else {}
    request = replace(sent.request, ids=ids, query=query)
    return sent._replace(request=request, region=_on_line(line, 0, len(text)), parts=parts)


def _header(text: str, line: int) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _HEADER_NAME.fullmatch(name):
        raise HttpFileError(line, "a header is expected: Name: value")
    return name, value.strip(" \t")
