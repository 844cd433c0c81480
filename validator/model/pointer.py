"""The location of a value in a body: a path of member names and list indices, its JSON Pointer, and its form in messages."""

from typing import Final

Path = tuple[str | int, ...]

ROOT: Final[Path] = ()
ECHO_LIMIT: Final = 64  # characters of the client's text in a message (contract, section 3)


def echo(text: str) -> str:
    """Return the client's text in a form that messages may quote: at most 64 characters, encodable as UTF-8."""
    cut = text[:ECHO_LIMIT]
    return cut if cut.isprintable() else cut.encode("utf-8", "replace").decode()


def pointer(path: Path) -> str:
    """Return the JSON Pointer (RFC 6901, section 3) of a path; the root is the empty string."""
    return "".join(f"/{step}" if isinstance(step, int) else f"/{escape_step(step)}" for step in path)


def escape_step(step: str) -> str:
    """Return a member name as a step of a JSON Pointer: ``~`` and ``/`` escaped (RFC 6901, section 3)."""
    return step.replace("~", "~0").replace("/", "~1")


def split_pointer(pointer: str) -> list[str]:
    """Return the unescaped member names and indices of a JSON Pointer (RFC 6901, section 4)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def attribute_path(pointer: str) -> tuple[str, ...]:
    """Return the member names of a JSON Pointer without its indices: the path of the attribute in the schema."""
    return tuple(step for step in split_pointer(pointer) if not step.isdecimal())


def format_path(path: Path) -> str:
    """Return a path in the dotted notation of messages: ``attachments.attachment[0].altId``; the root is ``body``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{echo(step)}" if text else echo(step)
    return text or "body"
