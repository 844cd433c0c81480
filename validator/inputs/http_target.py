"""The target of a request in an HTTP file: its request line and the lines that continue it."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from validator.head.octets import decode_target
from validator.head.route import IDS, Endpoint
from validator.inputs.composition import Composition, Origin, Piece
from validator.inputs.http_lines import BODY_START, Part, find_target_lines
from validator.inputs.sample import Problem, RequestFileError
from validator.inputs.variables import PLACEHOLDER, Value, expand
from validator.model.location import Region
from validator.model.pointer import echo

_REQUEST_LINE: Final = re.compile(rb"[ \t]*(?:([A-Za-z]+)[ \t]+)?(\S.*)", re.DOTALL)
_VERSION: Final = re.compile(rb"[ \t]+HTTP/[0-9][^?&]*\Z", re.IGNORECASE)
_TARGET_ALONE: Final = re.compile(r"\{\{.*|[^ \t]*[/.:*].*", re.DOTALL)  # without a method
_ORIGIN: Final = re.compile(r"\A(?:[A-Za-z][A-Za-z0-9+.-]*+://)?[^/]*+")


class Target(NamedTuple):
    """The target of a request. method: in upper case. start, end: the offsets of the path in the text, without the origin.

    problems: values of variables that are missing in the text.
    """

    method: str
    text: str
    start: int
    end: int
    composition: Composition
    problems: list[Problem]

    @property
    def path(self) -> str:
        """The path as sent."""
        return self.text[self.start : self.end]

    @property
    def query(self) -> str:
        """The query as sent; "" where there is none."""
        return self.text[self.end + 1 :]

    def locate_parts(self, endpoint: Endpoint) -> dict[str, Region]:
        """Return the regions of the IDs and the query. The path must be one of the endpoint."""
        first, last = endpoint.locate_ids(self.path)
        parts = {"path": self.composition.locate(self.start + first, self.start + last)}
        return parts | ({"query": self.composition.locate(self.end + 1, len(self.text))} if self.query else {})


def read_target(part: Part, at: int, endpoint: Endpoint, find: Callable[[str], Value]) -> Target:
    """Return the target of the request line at an index. find: of variables. Raises RequestFileError."""
    line = part.octets(at).rstrip(b" \t")
    match = None if BODY_START.match(line.lstrip(b" \t")) else _REQUEST_LINE.fullmatch(line)
    if match is None or (match[1] is None and not _TARGET_ALONE.fullmatch(decode_target(match[2]))):
        raise _make_error(part, at, endpoint)
    pieces, problems = list[Piece](), list[Problem]()
    for index in find_target_lines(part, at):
        octets = part.octets(index).rstrip(b" \t")
        start = match.start(2) if index == at else len(octets) - len(octets.lstrip(b" \t"))
        origin = Origin(part.first + index, len(decode_target(octets[:start])) + 1)
        found = expand(_VERSION.sub(b"", octets[start:]), origin, find)
        pieces += found[0]
        problems += found[1]
    composition = Composition(pieces)
    text = decode_target(composition.octets).partition("#")[0]
    path = text.partition("?")[0]
    start = len(path) - len(_ORIGIN.sub("", path, count=1))
    target = Target((match[1] or b"GET").decode().upper(), text, start, len(path), composition, problems)
    _check_white_space(target, part, at, endpoint)
    return target


def _check_white_space(target: Target, part: Part, at: int, endpoint: Endpoint) -> None:
    """Raise RequestFileError for text after a target of the operation, such as a misspelt version.

    A request to another operation is not checked, and clients encode a space in a query.
    """
    words = target.path.split(None, 1)
    if len(words) > 1 and endpoint.extract_ids(target.method, words[0]) is not None:
        raise _make_error(part, at, endpoint)


def _make_error(part: Part, at: int, endpoint: Endpoint) -> RequestFileError:
    return RequestFileError(part.first + at, f"invalid request line {echo(part.text(at))!r}; {expected_line(endpoint)}")


def expected_line(endpoint: Endpoint) -> str:
    """Return the end of a message that shows a request line."""
    return f"expected one such as '{endpoint.method} {endpoint.path} HTTP/1.1'"


def may_belong(target: Target, endpoint: Endpoint) -> bool:
    """Return whether missing values could make a target one of the operation: their text could hold the rest of the path."""
    _, mark, after = target.text[: target.end].rpartition(PLACEHOLDER.decode())
    tail = endpoint.path.partition(IDS)[2]
    return bool(mark) and target.method == endpoint.method and (tail.endswith(after) or after.endswith(tail))
