"""Match paths against glob patterns. A pattern matches a file, or a folder and everything below it; ``.`` is the root.

``*``, ``?`` and ``[...]`` match characters within a name, ``**`` any number of folders. Paths have slashes.
Matching uses no regular expressions: it examines each item at most once per wildcard, so that no pattern is slow.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeVar

ANY: Final = "*"
ANY_FOLDERS: Final = "**"
_MAGIC: Final = frozenset("*?[")

_Item = TypeVar("_Item")


def matches(pattern: str, path: str) -> bool:
    """Return whether a pattern matches a path or a folder above it."""
    return _match_all((*_split_pattern(pattern), ANY_FOLDERS), path.split("/"), ANY_FOLDERS, _match_name)


def matches_any(patterns: Sequence[str], path: str) -> bool:
    """Return whether one of the patterns matches a path or a folder above it."""
    return any(matches(pattern, path) for pattern in patterns)


def _match_all(parts: Sequence[str], items: Sequence[_Item], wild: str, match: Callable[[str, _Item], bool]) -> bool:
    """Return whether parts match items one by one, where a wild part matches any number of them."""
    part = item = 0
    retry: tuple[int, int] | None = None  # the part after the last wild one, and the first item that the wild one left
    while item < len(items):
        if part < len(parts) and parts[part] == wild:
            part += 1
            retry = (part, item)
        elif part < len(parts) and match(parts[part], items[item]):
            part, item = part + 1, item + 1
        elif retry is not None:
            part, item = retry[0], retry[1] + 1
            retry = (part, item)
        else:
            return False
    return all(left == wild for left in parts[part:])


@cache
def _split_pattern(pattern: str) -> tuple[str, ...]:
    return tuple(step for step in pattern.split("/") if step not in {"", "."})


def _match_name(step: str, name: str) -> bool:
    return step == name or (not _MAGIC.isdisjoint(step) and _match_all(_split_step(step), name, ANY, _match_character))


@cache
def _split_step(step: str) -> tuple[str, ...]:
    """Return the parts of a step: characters, wildcards and classes."""
    parts: list[str] = []
    at = 0
    while at < len(step):
        end = step.find("]", at + 2 + step.startswith(("[!", "[^"), at)) if step[at] == "[" else -1
        parts.append(step[at : end + 1] if end > 0 else step[at])
        at += len(parts[-1])
    return tuple(parts)


def _match_character(part: str, character: str) -> bool:
    if len(part) == 1:
        return part in {"?", character}
    is_negated = part[1] in "!^"
    return _is_member(part[1 + is_negated : -1], character) != is_negated


def _is_member(members: str, character: str) -> bool:
    at = 0
    while at < len(members):
        is_range = members[at + 1 : at + 2] == "-" and at + 2 < len(members)
        last = members[at + 2] if is_range else members[at]
        if members[at] <= character <= last:
            return True
        at += 3 if is_range else 1
    return False


def folder_of(pattern: str) -> str:
    """Return the folder or file that contains every match of a pattern: its steps before the first wildcard."""
    steps = []
    for step in _split_pattern(pattern):
        if not _MAGIC.isdisjoint(step):
            break
        steps.append(step)
    return "/".join(steps) or "."
