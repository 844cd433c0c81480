"""A code: a kind of failure, with its message and the texts that ``explain`` shows."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self

from validator.model.pointer import Path, pointer_and_path
from validator.model.report import Failure
from validator.model.response import MESSAGE_LENGTH

_CACHED_LISTS: Final = 128
_new: Final = tuple.__new__  # the constructors of named tuples are Python functions, which take three times as long
DOC: Final = "doc"
API: Final = "api"
OURS: Final = "ours"
_ORIGINS: Final[Mapping[str, str]] = {
    DOC: "the API's own reference page",
    API: "the vendor's other public reference pages",
    OURS: "decided by this project",
}


class _Texts(NamedTuple):
    code: str
    name: str
    message: str
    where: str
    sources: Sequence[str]
    requirement: str
    reason: str
    fix: str


class Code(_Texts):
    """A kind of failure (contract, sections 4 and 5).

    code: such as ``400-721``; the first three digits are the HTTP status. name: such as ``attribute-unknown``.
    message: the developerMessage with named placeholders; in the body, ``attribute`` is the path in dotted notation.
    where: as in Failure.
    sources: where the requirement comes from: DOC, API or OURS, or one of them and its part, such as ``doc: replyTo``.
    requirement: the condition of a valid request. reason: why it is required. fix: how to correct the request, in one line.
    """

    __slots__ = ()

    def __new__(  # noqa: PLR0913, PLR0917 - the fields
        cls, code: str, name: str, message: str, where: str, sources: Sequence[str], requirement: str, reason: str, fix: str
    ) -> Self:
        """Create a code. Raises TypeError for a single string as the sources."""
        if isinstance(sources, str):
            raise TypeError(f"sources must be a tuple of strings: ({sources!r},)")
        return super().__new__(cls, code, name, message, where, sources, requirement, reason, fix)

    def at(self, path: Path, **parameters: Any) -> Failure:
        """Return the failure of this kind at a path in the body. parameters: the named values of the message."""
        at, attribute = pointer_and_path(path)
        return self._make_failure(self.where, at, {"attribute": attribute, **parameters})

    def failure(self, where: str | None = None, **parameters: Any) -> Failure:
        """Return the failure of this kind outside the body's tree, or of the body as a whole.

        where: as in Failure; by default the code's own. parameters: the named values of the message.
        """
        where = where or self.where
        return self._make_failure(where, "" if where == "body" else None, parameters)

    def _make_failure(self, where: str, at: str | None, parameters: Mapping[str, Any]) -> Failure:
        values = parameters
        for name, value in parameters.items():
            if value.__class__ is tuple:  # few messages have a list
                values = {**values, name: _list_names(value)}
        message = self.message.format_map(values)
        return _new(Failure, (self.code, self.name, message[:MESSAGE_LENGTH], where, at, parameters))


@lru_cache(_CACHED_LISTS)  # most are the values of an enumeration
def _list_names(names: tuple[str, ...]) -> str:
    """Return names as a message shows them: ``'a', 'b'``."""
    return ", ".join([f"'{name}'" for name in names])


def describe_source(source: str) -> str:
    """Return a source of a code with its meaning: ``doc: the API's own reference page (replyTo)``; an unknown one as given."""
    origin, _, part = source.partition(": ")
    if origin not in _ORIGINS:
        return source
    return f"{origin}: {_ORIGINS[origin]}" + (f" ({part})" if part else "")
