"""The location of a value in a body: a path of member names and list indices, its JSON Pointer, and its form in messages."""

import json
import re
from typing import Final

from validator.memo import Memo

Path = tuple[str | int, ...]

ROOT: Final[Path] = ()
ECHO_LIMIT: Final = 64  # characters of the client's text in a message (contract, section 3)

_CACHED_PATHS: Final = 1024
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")


def echo(text: str) -> str:
    """Return the client's text in a form that messages may quote: at most 64 characters, encodable as UTF-8."""
    cut = text[:ECHO_LIMIT]
    return cut if cut.isprintable() else cut.encode("utf-8", "replace").decode()


def pointer(path: Path) -> str:
    """Return the JSON Pointer (RFC 6901, section 3) of a path; the root is the empty string."""
    return "".join(f"/{step}" if isinstance(step, int) else f"/{escape_step(step)}" for step in path)


def pointer_and_path(path: Path) -> tuple[str, str]:
    """Return ``pointer(path)`` and ``format_path(path)``: at once for the usual steps, indices and plain names."""
    try:
        return _FORMS[path]
    except _UnusualPathError:
        return pointer(path), format_path(path)


class _UnusualPathError(Exception):
    """A step of a path is a name that is not plain, or too long to keep."""


def _format_usual_path(path: Path) -> tuple[str, str]:
    at = shown = ""
    for step in path:
        if step.__class__ is int:
            at += f"/{step}"
            shown += f"[{step}]"
        elif len(step) <= ECHO_LIMIT and step.isalnum() and step.isascii():  # type: ignore[arg-type,union-attr]
            at += f"/{step}"
            shown += f".{step}"
        else:
            raise _UnusualPathError
    return at, shown.removeprefix(".") or "body"


_FORMS: Final = Memo(_format_usual_path, _CACHED_PATHS)


def escape_step(step: str) -> str:
    """Return a member name as a step of a JSON Pointer: ``~`` and ``/`` escaped (RFC 6901, section 3)."""
    return step.replace("~", "~0").replace("/", "~1")


def split_pointer(pointer: str) -> list[str]:
    """Return the unescaped member names and indices of a JSON Pointer (RFC 6901, section 4)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def format_path(path: Path) -> str:
    """Return a path in the dotted notation of messages: ``attachments.attachment[0].altId``; the root is ``body``.

    A name that is empty or has other characters than ASCII letters, digits, ``_`` and ``-`` is a JSON string in brackets:
    ``payload["a.b"]`` (contract, section 3).
    """
    return "".join(map(_format_step, path)).removeprefix(".") if path else "body"


def _format_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    name = step[:ECHO_LIMIT]
    return f".{name}" if _PLAIN_NAME.fullmatch(step) else f"[{_quote(name)}]"


def _quote(text: str) -> str:
    """Return a text as a JSON string that is encodable as UTF-8: lone surrogates are escaped (RFC 8259, section 8.2)."""
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
