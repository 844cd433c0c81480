"""Find the patterns of a configuration that match no file: a mistyped one would leave files unchecked for ever."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from validator.check.checker import Checker
from validator.check.config import Config
from validator.check.globs import matches
from validator.check.results import PATTERN_WITHOUT_FILES
from validator.check.suppressions import list_matches
from validator.model.location import LF, LineIndex
from validator.output.finding import Finding, Location, Unreadable

# Comments, strings, bare keys, and what stands between them (TOML 1.0).
_TOKEN: Final = re.compile(
    r"""#[^\n]*|\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+|=""", re.DOTALL
)


def find_unmatched_patterns(checker: Checker, config: Config, files: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding for each pattern of payloads, rejections and overrides that matches none of the files on disk.

    files: those of this run with the configuration. A run may see only some of the files that there are, so that the folder
    of a pattern is searched for others.
    """
    paths = [config.relative_to_root(file) or "" for file in files]
    keys = {"payloads": config.payloads or (), "rejections": config.rejections or ()}
    for key, patterns in (*keys.items(), ("paths", tuple(chain.from_iterable(one.paths for one in config.overrides)))):
        for pattern in dict.fromkeys(patterns):
            unreadable: list[Unreadable] = []
            if any(matches(pattern, path) for path in paths) or any(list_matches(pattern, checker, config, unreadable)):
                continue
            if not unreadable:  # such a folder may hold a match
                name = "overrides" if key == "paths" else key
                message = f"No file that can be checked matches {pattern!r} in {name}."
                yield Finding(PATTERN_WITHOUT_FILES, message, _locate(config, key, pattern), identity=f"{name} {pattern}")


def _locate(config: Config, key: str, pattern: str) -> Location:
    """Return where a pattern is in the configuration file; its start if it is not found."""
    text = (config.file or Path()).read_text(encoding="utf-8-sig")
    lines = LineIndex(text, LF)
    region = next((lines.region(*span) for span in _find_strings(text, key, pattern)), lines.region(0, 0))
    return Location(config.name, region, lines.line(region.start.line))


def _find_strings(text: str, key: str, value: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each string with a value that stands after a key."""
    import tomllib  # noqa: PLC0415 - only a finding needs it

    current = last = ""
    for match in _TOKEN.finditer(text):
        part = match[0]
        if part == "=":
            current = last
        elif not part.startswith("#"):
            last = tomllib.loads(f"a = {part}")["a"] if part[0] in "\"'" else part
            if current == key and last == value:
                yield match.span()
