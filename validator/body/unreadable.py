"""A body from which no tree can be read, and where in its text the reader stopped."""

from typing import Any

from validator.model import common_codes
from validator.model.code import Code
from validator.model.location import Position
from validator.model.report import Failure


class Unreadable(Exception):  # noqa: N818 - it is a finding about the body, not an error of the program
    """Carries the one failure that is told of the body."""

    def __init__(self, failure: Failure) -> None:
        """Keep the failure."""
        super().__init__(failure.code)
        self.failure = failure


def at_offset(code: Code, text: str, offset: int, **facts: Any) -> Unreadable:
    """Return the finding of ``code`` at an offset of the text, told as line and column."""
    line, column = position(text, offset)
    return Unreadable(code.failure(line=line, column=column, **facts))


def position(text: str, offset: int) -> Position:
    """Return the 1-based line and column, in code points, of an offset. CR LF, CR and LF end a line."""
    before = text[:offset]
    ends = before.count("\n") + before.count("\r") - before.count("\r\n")
    return Position(ends + 1, offset - max(before.rfind("\n"), before.rfind("\r")))


def decoded(body: bytes) -> str:
    """Return the body as text. Raises Unreadable with 400-711 where it is not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        text = body[: error.start].decode()
        line, column = position(text, len(text))
        reason = "it holds bytes that are not UTF-8"
        raise Unreadable(common_codes.NOT_UTF_8.failure(reason=reason, line=line, column=column)) from None
