"""Environments of HTTP clients: ``http-client.env.json`` and ``http-client.private.env.json``, and ``.env``.

    {"$shared": {"host": "https://example.com"}, "dev": {"token": "a"}, "production": {"token": "b"}}

The files are read from the nearest folder upwards that has one, within the repository. A name has the value of the chosen
environment, else of ``$shared``, and in each the public file comes before the private one.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from validator.inputs.included import ENVIRONMENT_FILES, UnreadableInput, find_root, read_file

SHARED: Final = "$shared"
_NO_VALUES: Final[Mapping[str, str]] = MappingProxyType({})
_ASSIGNMENT: Final = re.compile(r"(?:export )?([A-Za-z_][\w.-]*) ?= ?(.*)", re.ASCII)


class Environment(NamedTuple):
    """The variables of an environment. name: None if none is chosen. names: all that there are, without ``$shared``."""

    name: str | None = None
    names: tuple[str, ...] = ()
    values: Mapping[str, str] = _NO_VALUES
    shared: Mapping[str, str] = _NO_VALUES


def load_environment(file: str, name: str | None) -> Environment:
    """Return the environment for a file of requests. Raises UnreadableInput.

    name: that of the environment; None for the only one that there is.
    """
    documents = [_read_document(path) for path in _find_files(file)]
    names = tuple(dict.fromkeys(key for document in documents for key in document if key != SHARED))
    chosen = names[0] if name is None and len(names) == 1 else name
    shared = _merge_values([document.get(SHARED) for document in documents])
    own = _merge_values([document.get(chosen) for document in documents]) if chosen is not None else {}
    return Environment(chosen, names, {**shared, **own}, shared)


def _find_files(file: str) -> list[str]:
    root = find_root(file)
    folder = Path(file).parent
    for _ in (*Path(os.path.realpath(folder)).relative_to(root).parts, ""):
        paths = [os.path.normpath(folder / name) for name in ENVIRONMENT_FILES]
        existing = [path for path in paths if Path(path).exists()]
        if existing:
            return existing
        folder /= os.pardir
    return []


def _read_document(path: str) -> Mapping[str, Any]:
    try:
        document = json.loads(read_file(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(path, f"not well-formed JSON: {error}") from None
    if not isinstance(document, dict):
        raise UnreadableInput(path, "expected an object with an object for each environment")
    return document


def _merge_values(tables: list[Any]) -> dict[str, str]:
    """Return the values of tables that can be written into a request; the first table that has a name wins."""
    values: dict[str, str] = {}
    for table in tables:
        for name, value in table.items() if isinstance(table, dict) else ():
            if isinstance(value, str | bool | int | float):
                values.setdefault(name, value if isinstance(value, str) else json.dumps(value))
    return values


def load_dotenv(file: str) -> Mapping[str, str]:
    """Return the variables of the file ``.env`` in the folder of a file; none if it cannot be read, or links elsewhere."""
    path = Path(file).parent / ".env"
    if not Path(os.path.realpath(path)).is_relative_to(find_root(file)):
        return _NO_VALUES  # it could lead to secrets of the machine, which reports would show
    try:
        text = read_file(str(path)).decode("utf-8-sig", "replace")
    except UnreadableInput:
        return _NO_VALUES
    matches = (_ASSIGNMENT.fullmatch(line.strip()) for line in text.splitlines())
    return {match[1]: _unquote(match[2]) for match in matches if match}


def _unquote(value: str) -> str:
    if value[:1] in {'"', "'"}:
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value
    return value.partition(" #")[0].rstrip()
