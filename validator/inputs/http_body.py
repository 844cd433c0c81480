"""The body of a request in an HTTP file: its lines without comments and handlers, with included files and variables."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from validator.inputs.composition import Composition, IncludedFile, Origin, Piece
from validator.inputs.http_directives import find_own
from validator.inputs.http_lines import WHITE_SPACE, Part, read_directive, remove_line_end, skip_script
from validator.inputs.included import IncludeError, read_included
from validator.inputs.sample import Problem, RequestFileError
from validator.inputs.variables import EXPANSION_LIMIT, Budget, Variables, expand
from validator.model.location import Position, Region
from validator.model.pointer import echo

_INPUT: Final = re.compile(rb"<(?:(@)([\w-]*))?[ \t]+(\S[^\r\n]*)", re.ASCII)
_CODECS: Final = {
    "": "utf-8",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "ucs2": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-8": "utf-8",
    "utf16le": "utf-16-le",
    "utf8": "utf-8",
}


@dataclass(frozen=True)
class BodyReader:
    """Reads the bodies of one file. file: its path, or "" if no file can be included. included: the files read so far."""

    file: str
    variables: Variables
    budget: Budget
    included: dict[str, tuple[str, bytes]]

    def read(self, part: Part, at: int) -> tuple[Composition, list[Problem]]:
        """Return the body that begins in a line, and the problems in it. Raises RequestFileError."""
        pieces, problems = list[Piece](), list[Problem]()
        for line, octets in _find_runs(part, at):
            match = _INPUT.match(octets)
            found = self._include(match, line) if match else expand(octets, Origin(line, 1), self.variables.find)
            pieces += found[0]
            problems += found[1]
        return Composition(pieces), problems

    def _include(self, match: re.Match[bytes], line: int) -> tuple[list[Piece], list[Problem]]:
        """Return the pieces and the problems of a line that includes a file."""
        text = remove_line_end(match.string)
        width = _count(text)
        path_pieces, problems = expand(match[3].rstrip(), Origin(line, 1 + match.start(3)), self.variables.find)
        if problems:
            return [], problems
        path = Composition(path_pieces).octets.decode("utf-8", "replace")
        region = Region(Position(line, 1), Position(line, 1 + width))
        try:
            pieces, problems = self._read_pieces(path, match)
        except IncludeError as error:
            return [], [Problem(region, f"{echo(path)!r}: {error}")]
        outer = [piece._replace(origin=Origin(line, 1, width)) for piece in pieces]
        return [*outer, Piece(match.string[len(text) :], Origin(line, 1 + width))], problems

    def _read_pieces(self, path: str, match: re.Match[bytes]) -> tuple[list[Piece], list[Problem]]:
        """Return the pieces and the problems of an included file. Raises IncludeError."""
        if not self.file:
            raise IncludeError("no file is included here")
        if path not in self.included:
            self.included[path] = read_included(self.file, path)
        name, data = self.included[path]
        if not self.budget.spend(len(data)):
            raise IncludeError(f"the included files are larger than {EXPANSION_LIMIT} bytes")
        mark = data[: len(BOM_UTF8) * data.startswith(BOM_UTF8)]
        if not match[1]:
            rest = data[len(mark) :]
            file = IncludedFile(name, rest.decode("utf-8", "replace"))
            return [Piece(mark, Origin(1, 1), file, Origin(1, 1, 0)), Piece(rest, Origin(1, 1), file, Origin(1, 1))], []
        encoding = match[2].decode().lower()
        if encoding not in _CODECS:
            raise IncludeError(f"unknown encoding {echo(encoding)!r}; expected one of: {', '.join(filter(None, _CODECS))}")
        file = IncludedFile(name, data.decode(_CODECS[encoding], "replace").removeprefix("\ufeff"))
        pieces, problems = expand(file.text.encode("utf-8", "surrogatepass"), Origin(1, 1), self.variables.find)
        inner = [Piece(piece.octets, piece.origin, file, piece.origin) for piece in pieces]
        return inner, [problem._replace(included=file) for problem in problems]


def _find_runs(part: Part, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield adjacent lines of the body together, and a line that includes a file alone, with the number of the first line.

    Blank lines around the body do not belong to it, and neither does its last line end.
    """
    lines = list(_find_lines(part, at))
    filled = [index for index, (_, line) in enumerate(lines) if line.strip(WHITE_SPACE)]
    lines = lines[filled[0] : filled[-1] + 1] if filled else []
    first, run = 0, list[bytes]()
    for number, line in lines:
        if run and (number != first + len(run) or _INPUT.match(line) or _INPUT.match(run[-1])):
            yield first, b"".join(run)
            run = []
        first = first if run else number
        run.append(line)
    yield first, remove_line_end(b"".join(run))


def _find_lines(part: Part, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are sent, with their numbers. Raises RequestFileError."""
    while at < len(part.lines):
        after = skip_script(part, at)
        if after > at:
            at = after
            continue
        if not part.is_comment(at):
            yield part.first + at, part.lines[at]
        elif (directive := read_directive(part, at)) and find_own([directive]):
            raise RequestFileError(directive.line, f"{echo(f'@{directive.name}')!r} must stand above the body")
        at += 1


def _count(octets: bytes) -> int:
    return len(octets.decode("utf-8", "replace"))
