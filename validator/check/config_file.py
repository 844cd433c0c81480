"""Read the configuration file: ``activity-validator.toml``, or ``[tool.activity-validator]`` in ``pyproject.toml``.

    operation = "create-email-response"
    home = "api"                       # folder with schemas/, rules/ and fixtures/ of your own operations
    payloads = ["payloads", "docs/**/*.http"]
    rejections = ["payloads/bad"]      # files here must be refused
    directory = "tenant.json"
    caller = "1001"                    # or other:KIND, or nobody
    activity = "2001"

    [[suppress]]
    path = "payloads/legacy"
    code = "400-721"
    reason = "the old client is switched off in May"

    [[overrides]]
    paths = ["payloads/partner"]
    caller = "1002"

A path is relative to the file's folder, and may contain wildcards (globs.py).
"""

import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from validator.check.config import Config, Override, Suppression
from validator.errors import UsageError, suggest
from validator.files import describe_os_error, read_file
from validator.model.location import LF, LineIndex

NAME: Final = "activity-validator.toml"
TOOL: Final = "activity-validator"
_KEYS: Final[Mapping[str, type]] = {
    "operation": str,
    "home": str,
    "payloads": list,
    "rejections": list,
    "directory": str,
    "caller": str,
    "activity": str,
    "environment": str,
    "suppress": list,
    "overrides": list,
}
_SUPPRESS: Final[Mapping[str, type]] = {"path": str, "code": str, "reason": str}
_OVERRIDE: Final[Mapping[str, type]] = {
    "paths": list,
    "operation": str,
    "home": str,
    "directory": str,
    "caller": str,
    "activity": str,
    "environment": str,
}
# TOML's names of the types; every other value is a date or a time.
_TYPES: Final[Mapping[type, str]] = {
    str: "a string", int: "an integer", float: "a float", bool: "a boolean", list: "an array", dict: "a table",
}  # fmt: skip

# The key of a suppression and its value, verbatim.
_PATH: Final = re.compile(r"""(?:^|[{,])[ \t]*["']?path["']?[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')""", re.MULTILINE)


class NearestConfig:
    """The configuration of each file: the nearest one upwards, as ``find_config`` finds it, else that of the working directory.

    Only one configuration applies to a file: nothing is inherited.
    """

    def __init__(self, config: Config) -> None:
        """Start with the configuration of the working directory."""
        self._default = config
        self._by_folder = {config.root: config, Path.cwd(): config}
        self._by_file: dict[str, Config] = {}

    def find(self, file: str) -> Config:
        """Return the configuration of a file: the same object for all files that it applies to. Raises UsageError."""
        if file not in self._by_file:
            path = os.path.abspath(file)
            self._by_file[file] = self._default if path == str(Path.cwd()) else self._find_in(Path(path).parent)
        return self._by_file[file]

    def _find_in(self, folder: Path) -> Config:
        if folder not in self._by_folder:
            found = _read_folder(folder)
            is_last = folder == folder.parent or (folder / ".git").exists()
            self._by_folder[folder] = found or (self._default if is_last else self._find_in(folder.parent))
        return self._by_folder[folder]


def _read_folder(folder: Path) -> Config | None:
    """Return the configuration in a folder. Raises UsageError."""
    own, project = folder / NAME, folder / "pyproject.toml"
    if own.is_file():
        return read_config(own)
    return read_config(project) if project.is_file() and TOOL in _find_tools(_parse_toml(project)) else None


def find_config(start: Path) -> Config:
    """Return the configuration of the nearest folder, from ``start`` upwards, that has one. Raises UsageError."""
    for folder in (start, *start.parents):
        found = _read_folder(folder)
        if found is not None:
            return found
        if (folder / ".git").exists():
            return Config(None, folder)
    return Config(None, Path(start.anchor))


def find_nested_configs(start: Path) -> Iterator[Config]:
    """Yield the configurations in the folders below ``start``, sorted, without hidden folders and links. Raises UsageError."""
    for folder, folders, files in os.walk(start):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if Path(folder) != start and (NAME in files or "pyproject.toml" in files):
            found = _read_folder(Path(folder))
            if found is not None:
                yield found


def read_config(file: Path) -> Config:
    """Return the configuration in a file. Raises UsageError."""
    document = _parse_toml(file)
    if file.name == "pyproject.toml":
        document = _find_tools(document).get(TOOL, {})
    name = str(file) if not file.is_relative_to(Path.cwd()) else str(file.relative_to(Path.cwd()))
    _check_table(document, _KEYS, name)
    for key in ("payloads", "rejections"):
        _check_paths(document.get(key, ()), f"{name}: {key}")
    suppress, overrides = document.pop("suppress", []), document.pop("overrides", [])
    lines = _find_suppression_lines(file, suppress)
    general: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in document.items()}
    return Config(
        Path(os.path.abspath(file)),
        Path(os.path.abspath(file.parent)),
        **general,
        suppress=tuple(
            _make_suppression(table, f"{name}: suppress {number}", line)
            for number, (table, line) in enumerate(zip(suppress, lines, strict=True), start=1)
        ),
        overrides=tuple(_make_override(table, f"{name}: overrides {number}") for number, table in enumerate(overrides, start=1)),
    )


def _find_tools(document: dict[str, Any]) -> dict[str, Any]:
    tools = document.get("tool")
    return tools if isinstance(tools, dict) else {}


def _parse_toml(file: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - not needed without a configuration

    try:
        return tomllib.loads(read_file(file).decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{file}: {describe_os_error(error)}") from None
    except RecursionError:
        raise UsageError(f"{file}: nested too deep") from None
    except ValueError as error:  # not UTF-8, not TOML, or an integer of thousands of digits
        raise UsageError(f"{file}: {error}") from None


def _check_table(table: Any, keys: Mapping[str, type], name: str) -> None:
    """Raise UsageError for a value that is not a table, unknown keys, and values of another type."""
    if not isinstance(table, dict):
        raise UsageError(f"{name}: expected a table, got {_name_type(table)}")
    for key, value in table.items():
        if key not in keys:
            hint = suggest(key, keys) or f"; expected one of: {', '.join(keys)}"
            raise UsageError(f"{name}: unknown key {key!r}{hint}")
        if not isinstance(value, keys[key]):
            raise UsageError(f"{name}: {key} must be {_TYPES[keys[key]]}, got {_name_type(value)}")


def _name_type(value: object) -> str:
    return _TYPES.get(type(value), "a date or time")


def _check_paths(values: Iterable[Any], name: str) -> None:
    for value in values:
        if not isinstance(value, str) or not value.strip("/") or ".." in value.split("/"):
            raise UsageError(f"{name}: expected a path below the configuration's folder, got {value!r}")
        if value.startswith("!"):
            raise UsageError(f"{name}: {value!r}: ! is not supported, list what to include (? stands for a ! in a name)")
        if "\\" in value:
            raise UsageError(f"{name}: {value!r}: folders are separated by /, and no character is escaped")


def _check_required(table: Mapping[str, Any], keys: Iterable[str], name: str) -> None:
    for key in keys:
        value = table.get(key)
        if not (value.strip() if isinstance(value, str) else value):
            raise UsageError(f"{name}: {key} is required")


def _make_suppression(table: Any, name: str, line: int) -> Suppression:
    _check_table(table, _SUPPRESS, name)
    _check_required(table, _SUPPRESS, name)
    _check_paths([table["path"]], f"{name}: path")
    return Suppression(table["path"], table["code"], table["reason"], line)


def _make_override(table: Any, name: str) -> Override:
    _check_table(table, _OVERRIDE, name)
    _check_required(table, ["paths"], name)
    _check_paths(table["paths"], f"{name}: paths")
    return Override(**{**table, "paths": tuple(table["paths"])})


def _find_suppression_lines(file: Path, suppress: Sequence[Any]) -> list[int]:
    """Return the line of each suppression's path, which tomllib does not report; 1 if the path is written in another way."""
    text = file.read_text(encoding="utf-8-sig")
    index = LineIndex(text, LF)
    offsets: dict[str, list[int]] = {}
    for match in _PATH.finditer(text):
        offsets.setdefault(match[1][1:-1], []).append(match.start(1))
    lines, last = [], -1
    for table in suppress:
        path = table.get("path") if isinstance(table, dict) else None
        candidates = offsets.get(str(path), [])
        following = bisect_right(candidates, last)
        if following < len(candidates):
            last = candidates[following]
        lines.append(index.position(last).line if following < len(candidates) else 1)
    return lines
