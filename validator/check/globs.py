"""Patterns of paths. A pattern names a file, or a folder with all below it; ``.`` is where paths begin.

``*``, ``?`` and ``[...]`` stand for characters within a name, ``**`` for any number of folders. Paths have slashes.
Matched without regular expressions: each item is looked at once for each wildcard at the most.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeVar

ANY: Final = "*"
ANY_FOLDERS: Final = "**"
_MAGIC: Final = frozenset("*?[")

_Item = TypeVar("_Item")


def matches(pattern: str, path: str) -> bool:
    """Return whether a pattern names a path, or a folder above it."""
    # All that stands below what is named is named.
    return _fits((*_steps(pattern), ANY_FOLDERS), path.split("/"), ANY_FOLDERS, _names)


def matches_any(patterns: Sequence[str], path: str) -> bool:
    """Return whether one of the patterns names a path, or a folder above it."""
    return any(matches(pattern, path) for pattern in patterns)


def _fits(parts: Sequence[str], items: Sequence[_Item], wild: str, fit: Callable[[str, _Item], bool]) -> bool:
    """Return whether parts match items one by one, where a wild part matches any number of them."""
    part = item = 0
    again: tuple[int, int] | None = None  # the part after the last wild one, and how far that reached
    while item < len(items):
        if part < len(parts) and parts[part] == wild:
            part += 1
            again = (part, item)
        elif part < len(parts) and fit(parts[part], items[item]):
            part, item = part + 1, item + 1
        elif again is not None:
            part, item = again[0], again[1] + 1
            again = (part, item)
        else:
            return False
    return all(left == wild for left in parts[part:])


@cache
def _steps(pattern: str) -> tuple[str, ...]:
    return tuple(step for step in pattern.split("/") if step not in {"", "."})


def _names(step: str, name: str) -> bool:
    return step == name or (not _MAGIC.isdisjoint(step) and _fits(_signs(step), name, ANY, _is_one))


@cache
def _signs(step: str) -> tuple[str, ...]:
    """Return the signs of a step: characters, wildcards and classes."""
    signs: list[str] = []
    at = 0
    while at < len(step):
        end = step.find("]", at + 2 + step.startswith(("[!", "[^"), at)) if step[at] == "[" else -1
        signs.append(step[at : end + 1] if end > 0 else step[at])
        at += len(signs[-1])
    return tuple(signs)


def _is_one(sign: str, character: str) -> bool:
    if len(sign) == 1:
        return sign in {"?", character}
    negative = sign[1] in "!^"
    return _is_in(sign[1 + negative : -1], character) != negative


def _is_in(members: str, character: str) -> bool:
    at = 0
    while at < len(members):
        is_range = members[at + 1 : at + 2] == "-" and at + 2 < len(members)
        last = members[at + 2] if is_range else members[at]
        if members[at] <= character <= last:
            return True
        at += 3 if is_range else 1
    return False


def folder_of(pattern: str) -> str:
    """Return the folder, or the file, that holds all a pattern can name: its steps before the first wildcard."""
    steps = []
    for step in _steps(pattern):
        if not _MAGIC.isdisjoint(step):
            break
        steps.append(step)
    return "/".join(steps) or "."
