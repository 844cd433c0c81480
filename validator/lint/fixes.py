"""Changes that ``lint --fix`` makes: whole files, written at once or not at all."""

import json
import os
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from validator.errors import UsageError
from validator.lint.source import display_path
from validator.output.finding import FindingKind

_INDENTS: Final = (2, 4, 1, "\t", None)


class Change(NamedTuple):
    """The new text of a file, with LF at the ends of its lines, and the kind of the finding that it resolves."""

    kind: FindingKind
    path: Path
    text: str


def apply_changes(changes: Iterable[Change]) -> Iterator[Change]:
    """Write changes that differ from what the files hold, and yield each that was written. Raises UsageError."""
    for change in changes:
        path = Path(os.path.realpath(change.path))
        try:
            old = path.read_bytes() if path.exists() else None
            new = _encode(change.text, old or b"")
            if new != old:
                _replace(path, new)
                yield change
        except OSError as error:
            raise UsageError(f"{display_path(change.path)}: {error.strerror}") from None


def _encode(text: str, old: bytes) -> bytes:
    """Return text as the file's old content was encoded: with its byte order mark, and its ends of lines."""
    mark = BOM_UTF8 if old.startswith(BOM_UTF8) else b""
    return mark + (text.replace("\n", "\r\n") if b"\r\n" in old else text).encode()


def _replace(path: Path, data: bytes) -> None:
    """Write a file next to the old one and put it in its place, so that an interrupt leaves one of the two."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_read_umask()
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _read_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def format_like(old: str, content: Any) -> str:
    """Return JSON in the style of a file: its indent, its end, and whether it escapes characters."""
    tree, body = json.loads(old), old.rstrip().replace("\r\n", "\n")
    end = "\n" if old.endswith("\n") else ""
    for indent in _INDENTS:
        for is_ascii in (False, True):
            if json.dumps(tree, indent=indent, ensure_ascii=is_ascii) == body:
                return json.dumps(content, indent=indent, ensure_ascii=is_ascii) + end
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
