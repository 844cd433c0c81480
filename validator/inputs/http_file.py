"""Read an HTTP file (``.http``): request line, headers, a blank line and the body; ``###`` separates requests.

    ### a name
    # @caller customer 1002        or: @caller nobody, or: @caller other user
    # @expect 400-733              exactly the codes that must be reported, separated by white space
    # @limit 200                   the body limit in bytes
    # @name a name                 the same as after ###
    POST /activities/2001/email-response?customer=1001 HTTP/1.1
    Content-Type: application/json

    {"type": ...}

Other lines that begin with ``#`` or ``//`` before the request line are comments. Lines end with LF or CR LF. The body ends at
the next ``###`` or at the end of the file, without its last line end; without a blank line there is no body.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from io import BytesIO
from typing import Final, NamedTuple

from validator.errors import UsageError
from validator.head.caller import parse_caller_directive
from validator.head.octets import decode_field, decode_target
from validator.head.route import Endpoint
from validator.inputs.sample import RequestFileError, Sample, SampleSet, make_positioner, make_region_mapper
from validator.model.location import Position, Region
from validator.model.pointer import echo
from validator.model.request import TOKEN, Caller, Request

_REQUEST_LINE: Final = re.compile(
    r"([A-Z]+) +(\S+?)(?: +HTTP/[0-9.]+)?[ \t]*", re.ASCII
)  # of white space, only ASCII ends a target
_DIRECTIVE: Final = re.compile(r"(?:#|//)\s*@(\S+)\s*+(.*)")
_DIRECTIVES: Final = "@caller customer ID, @caller other KIND, @caller nobody, @expect CODE, @limit BYTES or @name NAME"
_LIMIT: Final = re.compile(r"[0-9]{1,18}")
_CODE: Final = re.compile(r"[0-9]{3}-[0-9]{3}")


class _Part(NamedTuple):
    """The lines between two separators, with their ends. name: after the separator. first: the number of the first line."""

    name: str
    first: int
    lines: list[bytes]

    @property
    def is_empty(self) -> bool:
        """Whether there are only blank lines and comments."""
        return all(map(_is_blank_or_comment, self.lines))

    def text(self, index: int) -> str:
        """Return a line without its end."""
        return decode_target(self.octets(index))

    def octets(self, index: int) -> bytes:
        """Return a line without its end, as bytes."""
        return _remove_line_end(self.lines[index])


def read(data: bytes, endpoint: Endpoint) -> SampleSet:
    """Return the requests to an operation, in order, and the number of those to others. Raises RequestFileError."""
    samples = [_read_sample(part, endpoint) for part in _split(data.removeprefix(BOM_UTF8)) if not part.is_empty]
    return SampleSet(tuple(sample for sample in samples if sample is not None), samples.count(None))


def _split(data: bytes) -> Iterator[_Part]:
    part = _Part("", 1, [])
    for number, line in enumerate(BytesIO(data), start=1):  # LF ends a line: a lone CR is a character of the request
        if line.startswith(b"###"):
            yield part
            part = _Part(line[3:].strip().decode("utf-8", "replace"), number + 1, [])
        else:
            part.lines.append(line)
    yield part


def _is_blank_or_comment(line: bytes) -> bool:
    text = line.strip()
    return not text or (text.startswith((b"#", b"//")) and not text.lstrip(b"#/ \t").startswith(b"@"))


def _read_sample(part: _Part, endpoint: Endpoint) -> Sample | None:
    """Return the request, or None when it is to another operation."""
    at, sample = 0, Sample(Request(), name=part.name)
    while at < len(part.lines) and (not part.lines[at].strip() or part.lines[at].lstrip().startswith((b"#", b"//"))):
        sample = _apply_directive(sample, part.text(at).strip(), part.first + at)
        at += 1
    if at == len(part.lines):
        raise RequestFileError(part.first, f"missing request line; {_expected_line(endpoint)}")
    addressed = _read_request_line(sample, part.text(at), part.first + at, endpoint)
    return None if addressed is None else _read_message(addressed, part, at + 1)


def _read_message(sample: Sample, part: _Part, at: int) -> Sample:
    """Return the request with its headers, which begin at a line, and its body."""
    headers, parts = [], dict(sample.parts)
    while at < len(part.lines) and part.octets(at):
        headers.append(_parse_header(part.octets(at), part.first + at))
        parts.setdefault(f"header {headers[-1][0].lower()}", _make_region(part.first + at, 0, len(part.text(at))))
        at += 1
    body = _join_body(part.lines[at + 1 :]) if at < len(part.lines) else None
    request = sample.request._replace(headers=tuple(headers), body=body)
    if body:
        map_region = make_region_mapper(body, make_positioner(body, part.first + at))
        return sample._replace(request=request, parts=parts, map_region=map_region)
    return sample._replace(request=request, parts=parts, map_region=lambda _: sample.region)


def _make_region(line: int, start: int, end: int) -> Region:
    """Return the region between two offsets in a line."""
    return Region(Position(line, start + 1), Position(line, end + 1))


def _join_body(lines: list[bytes]) -> bytes:
    """Return the body without its last line end."""
    return _remove_line_end(b"".join(lines))


def _remove_line_end(text: bytes) -> bytes:
    return text[:-2] if text.endswith(b"\r\n") else text.removesuffix(b"\n")


def _apply_directive(sample: Sample, text: str, line: int) -> Sample:
    match = _DIRECTIVE.fullmatch(text)
    if match is None:
        return sample
    name, value = match[1], match[2]
    if name == "name" and value:
        return sample._replace(name=value)
    if name == "caller":
        return sample._replace(request=sample.request._replace(caller=_parse_caller(value, line)), has_caller=True)
    if name == "expect" and value and all(map(_CODE.fullmatch, value.split())):
        return sample._replace(expected_codes=tuple(value.split()))
    if name == "limit" and _LIMIT.fullmatch(value):
        return sample._replace(body_limit=int(value))
    raise RequestFileError(line, f"invalid directive {echo(f'@{name} {value}')!r}; expected {_DIRECTIVES}")


def _parse_caller(text: str, line: int) -> Caller | None:
    try:
        return parse_caller_directive(text)
    except UsageError as error:
        raise RequestFileError(line, str(error)) from None


def _read_request_line(sample: Sample, text: str, line: int, endpoint: Endpoint) -> Sample | None:
    """Return the request with its path and query, or None when it is to another operation."""
    match = _REQUEST_LINE.fullmatch(text)
    if match is None:
        raise RequestFileError(line, f"invalid request line {echo(text)!r}; {_expected_line(endpoint)}")
    path, mark, query = match[2].partition("?")
    ids = endpoint.extract_ids(match[1], path)
    if ids is None and sample.expected_codes is not None:
        reason = f"@expect is not supported for other operations; expected a request to {endpoint.method} {endpoint.path}"
        raise RequestFileError(line, reason)
    if ids is None:
        return None
    if "#" in match[2]:
        raise RequestFileError(line, "invalid request target: remove the fragment, which is never sent")
    start = match.start(2)
    first, last = endpoint.locate_ids(path)
    after = start + len(path) + len(mark)
    parts = {"path": _make_region(line, start + first, start + last)}
    parts |= {"query": _make_region(line, after, after + len(query))} if query else {}
    request = sample.request._replace(ids=ids, query=query)
    return sample._replace(request=request, region=_make_region(line, 0, len(text)), parts=parts)


def _expected_line(endpoint: Endpoint) -> str:
    return f"expected one such as '{endpoint.method} {endpoint.path} HTTP/1.1'"


def _parse_header(octets: bytes, line: int) -> tuple[str, str]:
    name, colon, value = decode_field(octets).partition(":")
    if not colon or not re.fullmatch(TOKEN, name):
        text = echo(decode_target(octets))
        raise RequestFileError(line, f"invalid header {text!r}; expected 'Name: value', or a blank line before the body")
    return name, value.strip(" \t")
