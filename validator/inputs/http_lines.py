"""The lines of an HTTP file by their kinds: the grammar is in ``http_file``. Nothing is replaced or decided here."""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Final, NamedTuple

from validator.head.octets import decode_target
from validator.inputs.sample import RequestFileError
from validator.inputs.variables import Definitions, unescape
from validator.model.request import TOKEN

WHITE_SPACE: Final = b" \t\r\n"  # in a line that is blank
_COMMENTS: Final = (b"#", b"//")
_DIRECTIVE: Final = re.compile(r"(?:#+|//)\s*@([^\s=]+)[\s=]*+(.*)")
_DEFINITION: Final = re.compile(r"@([^\s=]+)\s*=\s*+(.*)")
_PROMPT: Final = re.compile(r"(\S+).*")
_SCRIPT: Final = re.compile(rb"[<>]\s*\{%")
_SCRIPT_FILE: Final = re.compile(rb"[<>][ \t]+\S[^\r\n]*\.(?:js|mjs|ts)\s*", re.IGNORECASE)
_HANDLER: Final = re.compile(rb"(?:>>!?|<>)[ \t]+\S")  # where a client writes the response, or has written one
_STATEMENT: Final = re.compile(rb"(?:import|run)[ \t]+[^ \t\r\n]")
_CONTINUATION: Final = re.compile(rb"[ \t]*[?&]|[ \t]+/(?!/)")
_HEADER: Final = re.compile(rb"[ \t]*" + TOKEN.encode() + rb"[ \t]*:")
BODY_START: Final = re.compile(rb"[ \t]*(?:\{(?!\{)|\[|<)|\"")
_ASSIGNMENT: Final = re.compile(rb"\.set\(\s*+[\"']([^\"'\r\n]{1,200})[\"']")


class Part(NamedTuple):
    """The lines between two separators, with their ends. name: after the separator. first: the number of the first line."""

    name: str
    first: int
    lines: list[bytes]

    def text(self, at: int) -> str:
        """Return a line without its end."""
        return decode_target(self.octets(at))

    def octets(self, at: int) -> bytes:
        """Return a line without its end, as bytes."""
        return remove_line_end(self.lines[at])

    def is_blank(self, at: int) -> bool:
        """Return whether a line has only white space."""
        return not self.lines[at].strip(WHITE_SPACE)

    def is_comment(self, at: int) -> bool:
        """Return whether a line is a comment, which no client sends."""
        return self.lines[at].lstrip(WHITE_SPACE).startswith(_COMMENTS)


class Directive(NamedTuple):
    """A comment that begins with ``@``. line: 1-based."""

    line: int
    name: str
    value: str


class Preamble(NamedTuple):
    """The lines before a request line. end: the index of the first line after them."""

    end: int
    directives: Sequence[Directive]
    definitions: Sequence[tuple[str, str]]


class Head(NamedTuple):
    """The lines of a request line and headers, by index. end: of the line after the blank one, or None without a body.

    target: the request line and its continuation. headers: each with its continuation.
    """

    end: int | None
    target: Sequence[int]
    headers: Sequence[list[int]]
    directives: Sequence[Directive]


def split(data: bytes) -> Iterator[Part]:
    """Yield the parts of a file; at least one."""
    part = Part("", 1, [])
    for number, line in enumerate(BytesIO(data), start=1):  # LF ends a line: a lone CR is a character of the request
        if line.startswith(b"###"):
            yield part
            part = Part(line.lstrip(b"#").strip().decode("utf-8", "replace"), number + 1, [])
        else:
            part.lines.append(line)
    yield part


def remove_line_end(text: bytes) -> bytes:
    """Return a text without its last line end."""
    return text[:-2] if text.endswith(b"\r\n") else text.removesuffix(b"\n")


def read_directive(part: Part, at: int) -> Directive | None:
    """Return the directive in a comment, or None."""
    match = _DIRECTIVE.fullmatch(part.text(at).strip())
    return Directive(part.first + at, match[1], match[2]) if match else None


def skip_script(part: Part, at: int) -> int:
    """Return the index of the line after a script or a handler that begins in a line; the same index if there is none.

    Raises RequestFileError for a script without an end.
    """
    line = part.lines[at].lstrip(WHITE_SPACE)
    if not line.startswith((b"<", b">")):
        return at
    if not _SCRIPT.match(line):
        return at + bool(_SCRIPT_FILE.fullmatch(line) or _HANDLER.match(line))
    for end in range(at, len(part.lines)):
        if b"%}" in part.lines[end]:
            return end + 1
    raise RequestFileError(part.first + at, "the script has no end; expected %}")


def read_preamble(part: Part) -> Preamble:
    """Return what stands before the request line. Raises RequestFileError."""
    at, directives, definitions = 0, list[Directive](), list[tuple[str, str]]()
    while at < len(part.lines):
        line = part.lines[at].strip(WHITE_SPACE)
        after_script = skip_script(part, at)
        if after_script > at:
            at = after_script
            continue
        if part.is_comment(at):
            directives += filter(None, [read_directive(part, at)])
        elif line.startswith(b"@"):
            definitions.append(_read_definition(part, at))
        elif line and not _STATEMENT.match(line):
            break
        at += 1
    return Preamble(at, directives, definitions)


def _read_definition(part: Part, at: int) -> tuple[str, str]:
    match = _DEFINITION.fullmatch(part.text(at).strip())
    if match is None:
        raise RequestFileError(part.first + at, "invalid definition of a variable; expected '@name = value'")
    return match[1], unescape(match[2])


def find_target_lines(part: Part, at: int) -> Sequence[int]:
    """Return the indices of the request line and the lines that continue it."""
    target = [at]
    for following in range(at + 1, len(part.lines)):
        if _CONTINUATION.match(part.lines[following]):
            target.append(following)
        elif not part.is_comment(following):
            break
    return target


def read_head(part: Part, at: int) -> Head:
    """Return the request line at an index, the headers after it, and where the body begins. Raises RequestFileError."""
    target = find_target_lines(part, at)
    headers, directives = list[list[int]](), list[Directive]()
    for index in range(target[-1] + 1, len(part.lines)):
        if part.is_blank(index):
            return Head(index + 1, target, headers, directives)
        if part.is_comment(index):
            directives += filter(None, [read_directive(part, index)])
        elif _HEADER.match(part.lines[index]):
            headers.append([index])
        elif BODY_START.match(part.lines[index]):
            raise RequestFileError(part.first + index, "missing blank line before the body")
        elif headers and part.lines[index][:1] in b" \t":
            headers[-1].append(index)
        else:
            headers.append([index])  # an invalid one
    return Head(None, target, headers, directives)


def collect_definitions(data: bytes, parts: Sequence[tuple[Part, Preamble]]) -> Definitions:
    """Return the names that a file defines; of two values, the last one."""
    variables = {name: value for _, preamble in parts for name, value in preamble.definitions}
    directives = [directive for _, preamble in parts for directive in preamble.directives]
    requests = {directive.value for directive in directives if directive.name == "name"} | {part.name for part, _ in parts}
    prompts = {match[1] for one in directives if one.name == "prompt" and (match := _PROMPT.match(one.value))}
    assigned = {match[1].decode("utf-8", "replace") for match in _ASSIGNMENT.finditer(data)}
    has_scripts = any(map(_SCRIPT_FILE.fullmatch, BytesIO(data)))
    return Definitions(variables, frozenset(requests), frozenset(assigned | prompts), has_scripts)
