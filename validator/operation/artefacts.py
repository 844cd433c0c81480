"""Read the artefacts in an operation's folder of schemas; ``xsd_file`` reads the XSD."""

import json
from pathlib import Path
from typing import Any, NoReturn

from validator.files import describe_os_error, read_file
from validator.operation.home import OPERATION_FILES
from validator.operation.metadata import Metadata, find_problems, make_metadata

METADATA, SCHEMA, XSD = OPERATION_FILES


def read_metadata(folder: Path) -> Metadata:
    """Return the content of ``operation.json``. Raises ValueError for the first problem in it."""
    file = folder / METADATA
    document = _read_json(file)
    for pointer, message in find_problems(document):
        raise ValueError(f"{file}: {pointer}: {message}" if pointer else f"{file}: {message}")
    return make_metadata(document)


def read_schema(folder: Path) -> Any:
    """Return the value of ``request.schema.json``. Raises ValueError."""
    return _read_json(folder / SCHEMA)


def _read_json(file: Path) -> Any:
    data = read_artefact(file)
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_collect_members, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError(f"{file}: the file is nested too deep") from None
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def _collect_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"the member {name!r} is repeated")
        members[name] = value
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def read_artefact(file: Path) -> bytes:
    """Return the content of a file. Raises ValueError."""
    try:
        return read_file(file)
    except FileNotFoundError:
        raise ValueError(f"{file}: no such file") from None
    except OSError as error:
        raise ValueError(f"{file}: {describe_os_error(error)}") from None
