"""The files that are asked for, and the requests in them."""

import os
import stat
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from errno import ENOENT
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from validator.config import Config
from validator.endpoint import Endpoint
from validator.report import Position
from validator.request import JSON, XML, Media, Request
from validator.sent import Requests, Sent, mapping

if TYPE_CHECKING:
    from validator.source import Text

BODIES: Final[dict[str, Media]] = {".json": JSON, ".xml": XML}
SUFFIXES: Final = frozenset({*BODIES, ".http", ".har"})
STANDARD_INPUT: Final = "-"


class UnreadableInput(Exception):  # noqa: N818 - it is told as a line, like what is found
    """A file that cannot be judged: ``file:line: reason`` or ``file: reason``."""


def requests(file: str, data: bytes, endpoint: Endpoint, activity: str, media: Media | None = None) -> Requests:
    """Return the requests of a file. Raises UnreadableInput.

    activity: the ID that a bare body answers. media: of a bare body in another file than .json or .xml; None: by its first
    character.
    """
    suffix = Path(file).suffix.lower()
    # Imported when used: bare bodies need neither.
    if suffix == ".http":
        from validator import http_file  # noqa: PLC0415

        return _whole(file, data, endpoint, http_file.read, http_file.HttpFileError)
    if suffix == ".har":
        from validator import har_file  # noqa: PLC0415

        return _whole(file, data, endpoint, har_file.read, har_file.HarFileError)
    is_xml = data.lstrip(BOM_UTF8 + b" \t\r\n").startswith(b"<")
    media = BODIES.get(suffix) or media or (XML if is_xml else JSON)
    in_file = mapping(data, lambda offset: _position(data, offset))
    return Requests((Sent(Request(activity, "", (("Content-Type", media),), data), in_file=in_file),), 0)


def _position(data: bytes, offset: int) -> Position:
    return _text(data).position(offset - data.startswith(BOM_UTF8))  # a byte order mark takes no column


@lru_cache(maxsize=1)
def _text(data: bytes) -> "Text":
    from validator.source import Text  # noqa: PLC0415 - only a finding has a place

    return Text("", data.removeprefix(BOM_UTF8).decode("utf-8", "replace"))


def _whole(file: str, data: bytes, endpoint: Endpoint, read: Callable[[bytes, Endpoint], Requests], error: Any) -> Requests:
    try:
        requests = read(data, endpoint)
    except error as wrong:
        raise UnreadableInput(f"{file}:{wrong.line}: {wrong}") from None
    if not requests.sent:
        others = f", only {requests.others} of other operations" if requests.others else ""
        raise UnreadableInput(f"{file}: there is no request to {endpoint.method} {endpoint.path} in it{others}")
    return requests


def find(paths: Sequence[str], config: Config, *directories: str | None) -> Iterator[str]:
    """Yield the files of files and folders, a folder's in order. Raises UnreadableInput.

    Hidden folders, and reference data where it stands among them, are passed over. A file that is no payload is not asked for
    its kind.
    """
    known = [directory for directory in (*directories, *config.directories()) if directory is not None]
    for path in paths:
        if os.path.isdir(path):
            files = list(below(path, known))
            if not files:
                raise UnreadableInput(f"{path}: there is no .json, .xml, .http or .har file in it")
            yield from files
        elif path == STANDARD_INPUT or Path(path).suffix.lower() in SUFFIXES or not config.is_payload(path):
            yield path
        elif not os.path.exists(path):
            raise UnreadableInput(f"{path}: {os.strerror(ENOENT)}")
        else:
            raise UnreadableInput(f"{path}: only .json, .xml, .http and .har files can be checked")


def below(folder: str, directories: Sequence[str]) -> Iterator[str]:
    """Yield the files of a folder that can be checked, in order, but none of the directories. Raises UnreadableInput."""
    for place, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = os.path.join(place, name)
            if Path(name).suffix.lower() in SUFFIXES and not any(_is_same(path, directory) for directory in directories):
                yield path


def _refuse(error: OSError) -> None:
    """Tell of a folder that cannot be listed: what is not checked must not look right."""
    raise UnreadableInput(f"{error.filename}: {error.strerror}")


def _is_same(path: str, directory: str) -> bool:
    # A link that leads nowhere is no directory; that it cannot be read is told when it is.
    return os.path.exists(path) and os.path.exists(directory) and os.path.samefile(path, directory)


def read(file: str) -> bytes:
    """Return what a file holds. Raises UnreadableInput."""
    try:
        with open(file, "rb", opener=_without_waiting) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise UnreadableInput(f"{file}: it is no regular file")
            return opened.read()
    except OSError as error:
        raise UnreadableInput(f"{file}: {error.strerror}") from None
    except ValueError as error:  # a name with a NUL
        raise UnreadableInput(f"{file!r}: {error}") from None


def _without_waiting(file: str, flags: int) -> int:
    # A pipe nobody writes to would be waited for; a device may have no end.
    return os.open(file, flags | getattr(os, "O_NONBLOCK", 0))
