"""From files to what is told of them: each request judged, and held against what is expected of it."""

import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from errno import ENOENT
from functools import cache
from pathlib import Path
from typing import Final

from validator import http_file
from validator.engine import BODY_LIMIT, Engine
from validator.report import Placed, Position, Report
from validator.request import JSON, XML, Caller, Request

SUFFIXES: Final = frozenset({".json", ".xml", ".http"})
STANDARD_INPUT: Final = "-"
_CODE_LENGTH: Final = len("400-733")


class UnreadableInput(Exception):  # noqa: N818 - it is told as a line, like what is found
    """A file that cannot be judged: ``file:line: reason`` or ``file: reason``."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A request of a file, judged. request: its number in a file of several, 1-based, or None.

    expected: the codes that must be reported; () when it must be accepted.
    among: a code that must be among those reported, whatever the others; None: ``expected`` counts.
    """

    file: str
    report: Report
    line: int = 1
    body_line: int = 1
    request: int | None = None
    name: str = ""
    expected: tuple[str, ...] = ()
    among: str | None = None

    @property
    def as_expected(self) -> bool:
        """Whether the report is what the file's place or its @expect says."""
        found = {failure.code for failure in self.report.failures}
        return self.among in found if self.among else found == set(self.expected)

    def places(self, found: Sequence[Placed]) -> list[Position]:
        """Return a position in the file for each failure or advisory; the request's first line for what has no other."""
        return [
            Position(self.line, 1) if place is None else Position(place.line + self.body_line - 1, place.column)
            for place in self.report.positions(found)
        ]


@dataclass(frozen=True, slots=True)
class Checker:
    """Judges files. make_engine: from a body limit to the engine. caller and activity: of a bare body."""

    make_engine: Callable[[int], Engine]
    caller: Caller | None
    activity: str
    media: str | None = None  # of standard input; None: by its first character
    _engines: dict[int, Engine] = field(default_factory=dict)

    def check(self, file: str, data: bytes) -> Iterator[Checked]:
        """Yield what is found in a file. Raises UnreadableInput."""
        suffix = Path(file).suffix.lower()
        if suffix != ".http":
            yield self._bare(file, data, suffix)
            return
        try:
            requests = http_file.read(data)
        except http_file.HttpFileError as error:
            raise UnreadableInput(f"{file}:{error.line}: {error}") from None
        if not requests:
            raise UnreadableInput(f"{file}: there is no request in it")
        for number, sent in enumerate(requests, start=1):
            yield self._sent(file, sent, number if len(requests) > 1 else None)

    def _bare(self, file: str, data: bytes, suffix: str) -> Checked:
        is_xml = data.lstrip(BOM_UTF8 + b" \t\r\n").startswith(b"<") if self.media is None else self.media == "xml"
        media = XML if suffix == ".xml" or (file == STANDARD_INPUT and is_xml) else JSON
        report = self._judge(Request(self.activity, "", (("Content-Type", media),), data, self.caller), BODY_LIMIT)
        return Checked(file, report, among=_code_of(file))

    def _sent(self, file: str, sent: http_file.Sent, number: int | None) -> Checked:
        request = sent.request if sent.caller_given else replace(sent.request, caller=self.caller)
        report = self._judge(request, BODY_LIMIT if sent.limit is None else sent.limit)
        checked = Checked(file, report, sent.line, sent.body_line, number, sent.name)
        if sent.expected is not None:
            return replace(checked, expected=sent.expected)
        return replace(checked, among=_code_of(file))

    def _judge(self, request: Request, limit: int) -> Report:
        if limit not in self._engines:
            self._engines[limit] = self.make_engine(limit)
        return self._engines[limit].validate(request)


@cache
def _is_reject(folder: str) -> bool:
    return "reject" in Path(folder).parts


def _code_of(file: str) -> str | None:
    """Return the code that a file under a folder named reject must be refused with."""
    folder, name = os.path.split(file)
    # Absolute: the file is under that folder also when the command runs inside it.
    if file == STANDARD_INPUT or not _is_reject(os.path.abspath(folder)):
        return None
    return name[:_CODE_LENGTH]


def find(paths: Sequence[str], directory: str | None) -> Iterator[str]:
    """Yield the files of files and folders, a folder's in order. Raises UnreadableInput.

    Hidden folders, and the reference data where it stands among them, are passed over.
    """
    for path in paths:
        if os.path.isdir(path):
            files = list(_below(path, directory))
            if not files:
                raise UnreadableInput(f"{path}: there is no .json, .xml or .http file in it")
            yield from files
        elif path == STANDARD_INPUT or Path(path).suffix.lower() in SUFFIXES:
            yield path
        elif not os.path.exists(path):
            raise UnreadableInput(f"{path}: {os.strerror(ENOENT)}")
        else:
            raise UnreadableInput(f"{path}: only .json, .xml and .http files can be checked")


def _below(folder: str, directory: str | None) -> Iterator[str]:
    for place, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = os.path.join(place, name)
            if Path(name).suffix.lower() in SUFFIXES and not _is_same(path, directory):
                yield path


def _refuse(error: OSError) -> None:
    """Tell of a folder that cannot be listed: what is not checked must not look right."""
    raise UnreadableInput(f"{error.filename}: {error.strerror}")


def _is_same(path: str, directory: str | None) -> bool:
    # A link that leads nowhere is no directory; that it cannot be read is told when it is.
    return directory is not None and os.path.exists(path) and os.path.samefile(path, directory)
