"""Read the configuration file: ``activity-validator.toml``, or ``[tool.activity-validator]`` in ``pyproject.toml``.

    operation = "create-email-response"
    home = "api"                       # folder with schemas/, rules/ and fixtures/ of operations of your own
    payloads = ["payloads", "docs/**/*.http"]
    rejections = ["payloads/bad"]      # what stands here must be refused
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
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from validator.check.config import Config, Override, Suppression
from validator.errors import UsageError

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
    "suppress": list,
    "overrides": list,
}
_SUPPRESS: Final[Mapping[str, type]] = {"path": str, "code": str, "reason": str}
_OVERRIDE: Final[Mapping[str, type]] = {"paths": list, "operation": str, "directory": str, "caller": str, "activity": str}
_WORDS: Final[Mapping[type, str]] = {str: "a text", list: "a list"}


def find_config(start: Path) -> Config:
    """Return the configuration of the nearest folder from ``start`` upwards that has one. Raises SetupError."""
    for folder in (start, *start.parents):
        own, project = folder / NAME, folder / "pyproject.toml"
        if own.is_file():
            return read_config(own)
        if project.is_file() and TOOL in _tools(_toml(project)):
            return read_config(project)
        if (folder / ".git").exists():
            return Config(None, folder)
    return Config(None, Path(start.anchor))


def read_config(file: Path) -> Config:
    """Return the configuration in a file. Raises SetupError."""
    document = _toml(file)
    if file.name == "pyproject.toml":
        document = _tools(document).get(TOOL, {})
    name = str(file) if not file.is_relative_to(Path.cwd()) else str(file.relative_to(Path.cwd()))
    _check(document, _KEYS, name, "")
    for key in ("payloads", "rejections"):
        _check_texts(document.get(key, ()), f"{name}: {key}")
    suppress, overrides = document.pop("suppress", []), document.pop("overrides", [])
    lines = _lines_of_suppressions(file, suppress)
    general: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in document.items()}
    return Config(
        Path(os.path.abspath(file)),
        Path(os.path.abspath(file.parent)),
        **general,
        suppress=tuple(
            _suppression(one, f"{name}: suppress {at + 1}", line)
            for at, (one, line) in enumerate(zip(suppress, lines, strict=True))
        ),
        overrides=tuple(_override(one, f"{name}: overrides {index + 1}") for index, one in enumerate(overrides)),
    )


def _tools(document: dict[str, Any]) -> dict[str, Any]:
    tools = document.get("tool")
    return tools if isinstance(tools, dict) else {}


def _toml(file: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - without a configuration nothing needs it

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: {error}") from None


def _check(table: Any, keys: Mapping[str, type], name: str, where: str) -> None:
    """Refuse unknown keys and values of another type."""
    if not isinstance(table, dict):
        raise UsageError(f"{name}: a table is expected")
    for key, value in table.items():
        if key not in keys:
            from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

            near = get_close_matches(key, keys, n=1, cutoff=0) or sorted(keys)[:1]
            raise UsageError(f"{name}: there is no key {key!r}{where}; nearest: {near[0]!r}")
        if not isinstance(value, keys[key]):
            raise UsageError(f"{name}: {key} must be {_WORDS[keys[key]]}")


def _check_texts(values: Iterable[Any], name: str) -> None:
    if not all(isinstance(value, str) and value.strip("/") and ".." not in value.split("/") for value in values):
        raise UsageError(f"{name}: every entry must be a path below the configuration's folder")


def _suppression(table: Any, name: str, line: int) -> Suppression:
    _check(table, _SUPPRESS, name, " in a suppression")
    for key in _SUPPRESS:
        if not table.get(key, "").strip():
            raise UsageError(f"{name}: a suppression needs a {key}")
    _check_texts([table["path"]], f"{name}: path")
    return Suppression(table["path"], table["code"], table["reason"], line)


def _override(table: Any, name: str) -> Override:
    _check(table, _OVERRIDE, name, " in an override")
    _check_texts(table.get("paths", ()), f"{name}: paths")
    if not table.get("paths"):
        raise UsageError(f"{name}: an override needs paths")
    return Override(**{**table, "paths": tuple(table["paths"])})


def _lines_of_suppressions(file: Path, suppress: Sequence[Any]) -> list[int]:
    """Return the line on which the path of each suppression stands; tomllib does not tell. 1 where it is written otherwise."""
    lines = file.read_text(encoding="utf-8").split("\n")
    found = [0]
    for table in suppress:
        path = table.get("path") if isinstance(table, dict) else None
        key = re.compile(rf"""(?:^|[{{,])\s*["']?path["']?\s*=\s*(["']){re.escape(str(path))}\1""")
        rest = enumerate(lines[found[-1] :], start=found[-1])
        found.append(next((number for number, line in rest if key.search(line)), -1) + 1)
    return [line or 1 for line in found[1:]]
