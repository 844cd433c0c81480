"""Whole requests in a text file (``.http``): request line, headers, a blank line, the body; ``###`` between requests.

    ### a name
    # @caller customer 1002        or: nobody, or: other user
    # @expect 400-733              the codes that must be reported, separated by white space
    # @limit 200                   the body limit in bytes
    POST /activities/2001/email-response?customer=1001 HTTP/1.1
    Content-Type: application/json

    {"type": ...}

Other lines that begin with ``#`` or ``//`` before the request line are comments. Lines end with LF or CRLF. The body goes
on to the next ``###`` or to the end of the file, without its last line end; without a blank line there is no body.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final
from urllib.parse import unquote

from validator.request import Caller, Request

SEGMENT: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*+://[^/?#\s]*+)?(?:/[^?#\s]*)?/activities/([^/?#\s]*)/email-response")
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


@dataclass(frozen=True, slots=True)
class Sent:
    """A request of a file. caller_given: whether the file says who sends it.

    line: of the request line; body_line: on which the body begins. Both 1-based.
    expected: the codes that must be reported, or None. limit: the body limit in bytes, or None.
    """

    request: Request
    line: int
    body_line: int
    name: str = ""
    caller_given: bool = False
    expected: tuple[str, ...] | None = None
    limit: int | None = None


def read(data: bytes) -> list[Sent]:
    """Return the requests of a file, in order. Raises HttpFileError."""
    return [_read_one(name, first, lines) for name, first, lines in _parts(data.removeprefix(BOM_UTF8))]


def _parts(data: bytes) -> Iterator[tuple[str, int, list[bytes]]]:
    """Yield (name, number of the first line, lines with their ends) of each part that is not empty."""
    name, first, lines = "", 1, list[bytes]()
    for number, line in enumerate(BytesIO(data), start=1):  # its lines end with LF: a CR alone is text
        if line.startswith(b"###"):
            if any(old.strip() for old in lines):
                yield name, first, lines
            name, first, lines = line[3:].strip().decode("utf-8", "replace"), number + 1, []
        else:
            lines.append(line)
    if any(old.strip() for old in lines):
        yield name, first, lines


def _read_one(name: str, first: int, lines: list[bytes]) -> Sent:
    at, sent = 0, Sent(Request(), first, first, name)
    while at < len(lines) and (not lines[at].strip() or lines[at].lstrip().startswith((b"#", b"//"))):
        sent = _directed(sent, lines[at].decode("utf-8", "replace").strip(), first + at)
        at += 1
    if at == len(lines):
        raise HttpFileError(first, "there is no request line")
    sent = replace(
        sent, request=_targeted(sent.request, lines[at].decode("utf-8", "replace").rstrip(), first + at), line=first + at
    )
    headers, at = [], at + 1
    while at < len(lines) and lines[at].rstrip(b"\r\n"):
        headers.append(_header(lines[at].decode("utf-8", "replace").rstrip("\r\n"), first + at))
        at += 1
    body = _body(lines[at + 1 :]) if at < len(lines) else None
    return replace(sent, request=replace(sent.request, headers=tuple(headers), body=body), body_line=first + at + 1)


def _body(lines: list[bytes]) -> bytes:
    body = b"".join(lines)
    return body[:-2] if body.endswith(b"\r\n") else body.removesuffix(b"\n")


def _directed(sent: Sent, text: str, line: int) -> Sent:
    match = _DIRECTIVE.fullmatch(text)
    if match is None:
        return sent
    name, value = match[1], match[2]
    if name == "caller":
        return replace(sent, request=replace(sent.request, caller=caller(value, line)), caller_given=True)
    if name == "expect" and value and all(map(_CODE.fullmatch, value.split())):
        return replace(sent, expected=tuple(value.split()))
    if name == "limit" and _LIMIT.fullmatch(value):
        return replace(sent, limit=int(value))
    raise HttpFileError(
        line, f"@{name} {value}: there are @caller customer ID, @caller other KIND, @caller nobody, @expect CODE and @limit BYTES"
    )


def caller(text: str, line: int = 1) -> Caller | None:
    """Return who ``customer 1001``, ``other user`` or ``nobody`` is. Raises HttpFileError."""
    match text.split():
        case ["nobody"]:
            return None
        case ["customer", name]:
            return Caller.customer(name)
        case ["other", name]:
            return Caller.other(name)
    raise HttpFileError(line, f"the caller {text!r} is neither 'customer ID' nor 'other KIND' nor 'nobody'")


def _targeted(request: Request, text: str, line: int) -> Request:
    match = _TARGET.fullmatch(text)
    if match is None:
        raise HttpFileError(line, "a request line is expected: POST /activities/2001/email-response HTTP/1.1")
    method, target = match.groups()
    path, _, query = target.partition("?")
    place = SEGMENT.fullmatch(path)
    if method != "POST" or place is None or "#" in query:
        raise HttpFileError(line, "the operation is POST /activities/{ids}/email-response")
    return replace(request, ids=unquote(place[1]), query=query)


def _header(text: str, line: int) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _HEADER_NAME.fullmatch(name):
        raise HttpFileError(line, "a header is expected: Name: value")
    return name, value.strip(" \t")
