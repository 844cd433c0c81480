"""Spans of values in the text of a body or a file, by JSON Pointer."""

from collections.abc import Iterator
from typing import Final

from validator.model.pointer import split_pointer

Span = tuple[int, int]  # offsets of characters, the end exclusive
NO_SPAN: Final = (0, 0)


class ValueSpans:
    """The spans of a value in a text, and of the values inside it: a tree along the pointers that are searched for.

    is_found: whether the text holds the value. value: all of it, a JSON string with its quotes.
    name: the name of a member with its quotes; the same as ``opening`` where there is no name.
    opening: the opening bracket or start tag, or the whole value where there is neither.
    repetition: the name of the second value at the same pointer, or None.
    inner: by member name or list index. With ``searches_all`` all of them are searched for.
    """

    __slots__ = ("inner", "is_found", "name", "opening", "repetition", "searches_all", "value")

    def __init__(self, *, searches_all: bool = False) -> None:
        """Create the tree of a value that has not been found."""
        self.searches_all = searches_all
        self.is_found = False
        self.name = self.value = self.opening = NO_SPAN
        self.repetition: Span | None = None
        self.inner: dict[str, ValueSpans] = {}

    def add(self, pointer: str) -> None:
        """Search for the value at a pointer (RFC 6901) too, and for those around it."""
        spans = self
        for step in split_pointer(pointer):
            spans = spans.inner.setdefault(step, ValueSpans())

    def child(self, step: str) -> "ValueSpans | None":
        """Return the spans of a member or list entry, or None when it is not searched for."""
        if self.searches_all:
            return self.inner.setdefault(step, ValueSpans(searches_all=True))
        return self.inner.get(step)

    def record(self, name: Span, opening: Span) -> bool:
        """Record an occurrence of the value. Return whether it is the first: only inside that one anything is searched for."""
        if self.is_found:
            self.repetition = self.repetition or name
            return False
        self.is_found = True
        self.name, self.value, self.opening = name, opening, opening
        return True

    def lookup(self, pointer: str) -> tuple["ValueSpans", bool]:
        """Return the spans of the value at a pointer, or of the innermost value around it, and whether it is the former."""
        spans = self
        for step in split_pointer(pointer):
            inner = spans.inner.get(step)
            if inner is None or not inner.is_found:
                return spans, False
            spans = inner
        return spans, True

    def walk(self) -> Iterator["ValueSpans"]:
        """Yield this and every value inside it that the text holds, in no particular order."""
        rest = [self]
        while rest:
            spans = rest.pop()
            if spans.is_found:
                yield spans
                rest += spans.inner.values()
