"""A code: a kind of failure, with its message and what ``explain`` says about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from validator.model.pointer import Path, dotted, pointer
from validator.model.report import Failure
from validator.model.response import MESSAGE_LENGTH

DOC: Final = "doc"  # the API's own reference page
API: Final = "api"  # the vendor's other public reference pages
OURS: Final = "ours"  # decided by this project, easy to change


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of fault.

    message: the developerMessage with named placeholders; in the body, ``attribute`` is the dotted path.
    source: who laid it down: DOC, API or OURS.
    requirement: what holds when all is well. reason: the reason for it. fix: one line on how to put a request right.
    """

    code: str
    name: str
    message: str
    where: str
    source: str
    requirement: str
    reason: str
    fix: str

    def at(self, path: Path, **facts: Any) -> Failure:
        """Return the failure of this kind at a path in the body."""
        return self._failure(self.where, pointer(path), {"attribute": dotted(path), **facts})

    def found(self, where: str | None = None, **facts: Any) -> Failure:
        """Return the failure of this kind outside the body's tree, or of the body as a whole."""
        where = where or self.where
        return self._failure(where, "" if where == "body" else None, facts)

    def _failure(self, where: str, at: str | None, facts: Mapping[str, Any]) -> Failure:
        worded: Mapping[str, Any] = facts
        for fact in facts.values():
            if isinstance(fact, tuple):  # few have a list
                worded = {name: _worded(told) for name, told in facts.items()}
                break
        message = self.message.format_map(worded)
        return Failure(self.code, self.name, message[:MESSAGE_LENGTH], where, at, facts)


def _worded(fact: object) -> object:
    """Return a fact as it stands in a message: a tuple of names is quoted, one by one."""
    return ", ".join(f"'{name}'" for name in fact) if isinstance(fact, tuple) else fact
