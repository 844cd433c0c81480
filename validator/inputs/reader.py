"""The files that are asked for, and the requests in them."""

import os
import stat
from codecs import BOM_UTF8
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from validator.head.route import Endpoint
from validator.inputs.sample import Sample, SampleSet, mapping
from validator.model.location import Position
from validator.model.request import JSON, XML, Media, Request

if TYPE_CHECKING:
    from validator.inputs.source import SourceText

BODIES: Final[dict[str, Media]] = {".json": JSON, ".xml": XML}
SUFFIXES: Final = frozenset({*BODIES, ".http", ".har"})
STANDARD_INPUT: Final = "-"


class UnreadableInput(Exception):  # noqa: N818 - it is told as a line, like what is found
    """A file that cannot be judged: ``file:line: reason`` or ``file: reason``."""


def read_samples(file: str, data: bytes, endpoint: Endpoint, activity: str, media: Media | None = None) -> SampleSet:
    """Return the requests of a file. Raises UnreadableInput.

    activity: the ID that a bare body answers. media: of a bare body in another file than .json or .xml; None: by its first
    character.
    """
    suffix = Path(file).suffix.lower()
    # Imported when used: bare bodies need neither.
    if suffix == ".http":
        from validator.inputs import http_file  # noqa: PLC0415

        return _whole(file, data, endpoint, http_file.read, http_file.HttpFileError)
    if suffix == ".har":
        from validator.inputs import har_file  # noqa: PLC0415

        return _whole(file, data, endpoint, har_file.read, har_file.HarFileError)
    is_xml = data.lstrip(BOM_UTF8 + b" \t\r\n").startswith(b"<")
    media = BODIES.get(suffix) or media or (XML if is_xml else JSON)
    map_region = mapping(data, lambda offset: _position(data, offset))
    return SampleSet((Sample(Request(activity, "", (("Content-Type", media),), data), map_region=map_region),), 0)


def _position(data: bytes, offset: int) -> Position:
    return _text(data).position(offset - data.startswith(BOM_UTF8))  # a byte order mark takes no column


@lru_cache(maxsize=1)
def _text(data: bytes) -> "SourceText":
    from validator.inputs.source import SourceText  # noqa: PLC0415 - only a finding has a place

    return SourceText("", data.removeprefix(BOM_UTF8).decode("utf-8", "replace"))


def _whole(file: str, data: bytes, endpoint: Endpoint, read: Callable[[bytes, Endpoint], SampleSet], error: Any) -> SampleSet:
    try:
        requests = read(data, endpoint)
    except error as wrong:
        raise UnreadableInput(f"{file}:{wrong.line}: {wrong}") from None
    if not requests.samples:
        others = f", only {requests.others} of other operations" if requests.others else ""
        raise UnreadableInput(f"{file}: there is no request to {endpoint.method} {endpoint.path} in it{others}")
    return requests


def read_file(file: str) -> bytes:
    """Return what a file holds. Raises UnreadableInput."""
    try:
        with open(file, "rb", opener=_without_waiting) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise UnreadableInput(f"{file}: not a regular file")
            return opened.read()
    except OSError as error:
        raise UnreadableInput(f"{file}: {error.strerror}") from None
    except ValueError as error:  # a name with a NUL
        raise UnreadableInput(f"{file!r}: {error}") from None


def _without_waiting(file: str, flags: int) -> int:
    # A pipe nobody writes to would be waited for; a device may have no end.
    return os.open(file, flags | getattr(os, "O_NONBLOCK", 0))
