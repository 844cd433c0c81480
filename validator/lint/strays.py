"""Find the files of a home that belong to no operation, which nothing else reads."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from validator.inputs.reader import SUFFIXES
from validator.lint.artefacts import locate_start
from validator.lint.catalogue.schema_kinds import FILE_WITHOUT_OPERATION
from validator.operation.home import OPERATION_FILES, Home
from validator.operation.rules_loader import module_name
from validator.output.finding import Finding

_DOCUMENTS: Final = (".schema.json", ".xsd")  # schemas that may belong to several operations
_OWN: Final = (*OPERATION_FILES, "codes.json")
_DIRECTORY: Final = "directory.json"


def find_strays(home: Home) -> Iterator[Finding]:
    """Yield a finding for each schema, rules module and fixture that belongs to no operation of a home."""
    names = home.operations()
    yield from _check_schemas(home, names)
    yield from _check_fixtures(home, names)
    if home.rules != Home.at(None).rules:
        yield from _check_rules(home, names)


def _check_schemas(home: Home, names: Sequence[str]) -> Iterator[Finding]:
    for path in _list(home.schemas):
        if path.is_dir() and path.name not in names:
            yield _make_finding(path, f"The folder is not that of an operation: it has no {OPERATION_FILES[0]}.")
        elif _is_schema(path) and not path.name.endswith(_DOCUMENTS):
            yield _make_finding(path, "The file is in no folder of an operation.")
    for path in [path for name in names for path in _list(home.schemas / name)]:
        if _is_schema(path) and not path.name.endswith(_DOCUMENTS) and path.name not in _OWN:
            yield _make_finding(path, f"An operation has no such file; it has {', '.join(_OWN)}.")


def _is_schema(path: Path) -> bool:
    return path.suffix.lower() in {".json", ".xsd"} and path.is_file()


def _check_fixtures(home: Home, names: Sequence[str]) -> Iterator[Finding]:
    for path in _list(home.fixtures):
        if path.is_dir() and path.name not in names:
            yield _make_finding(path, "The fixtures belong to no operation.")
        elif path.is_file() and path.suffix.lower() in SUFFIXES and path.name != _DIRECTORY:
            yield _make_finding(path, "The fixture is in no folder of an operation.")


def _check_rules(home: Home, names: Sequence[str]) -> Iterator[Finding]:
    modules = {module_name(name) for name in names}
    for path in _list(home.rules):
        is_module = path.suffix == ".py" or (path / "__init__.py").is_file()
        if is_module and path.stem not in modules and not path.name.startswith("_"):
            yield _make_finding(path, "The rules belong to no operation.")


def _list(folder: Path) -> list[Path]:
    """Return what a folder holds, sorted; nothing if there is no such folder. Hidden names are ignored."""
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def _make_finding(path: Path, message: str) -> Finding:
    return Finding(FILE_WITHOUT_OPERATION, message, locate_start(path), identity=path.name)
