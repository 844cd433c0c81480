"""Patterns of paths. A pattern names a file, or a folder with all below it.

``*``, ``?`` and ``[...]`` stand for characters within a name, ``**`` for any number of folders. Paths have slashes.
"""

import re
from functools import cache
from typing import Final

_MAGIC: Final = r"[*?[]"
_WILDCARD: Final = r"(?s)\[([!^]?)([^\]]+)\]|."


def matches(pattern: str, path: str) -> bool:
    """Return whether a pattern names a path, or a folder above it."""
    return _compiled(pattern).match(path) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # What matches up to a slash matches a folder, and so all below it.
    steps = [step for step in pattern.split("/") if step not in {"", "."}]
    words = ""
    for index, step in enumerate(steps):
        last = index == len(steps) - 1
        if step == "**":
            words += ".*" if last else "(?:[^/]+/)*"
        else:
            words += _step(step) + ("" if last else "/")
    return re.compile(rf"(?s:{words})(?:/|\Z)")


def _step(step: str) -> str:
    """Return the regular expression of a name with wildcards."""
    words = ""
    for match in re.finditer(_WILDCARD, step):
        text = match[0]
        if text == "*":
            words += "[^/]*"
        elif text == "?":
            words += "[^/]"
        elif match[2]:
            members = re.escape(match[2]).replace(r"\-", "-")
            words += f"(?!/)[{'^' if match[1] else ''}{members}]"
        else:
            words += re.escape(text)
    return words


def folder_of(pattern: str) -> str:
    """Return the part of a pattern before its first wildcard, up to the last slash: the folder that holds all it can name."""
    before = re.split(_MAGIC, pattern, maxsplit=1)[0]
    return pattern if before == pattern else before.rpartition("/")[0] or "."
