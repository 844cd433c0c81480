"""Find the files of a home that belong to no operation, which nothing else reads."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from validator.inputs.reader import ENVIRONMENT_FILES, SUFFIXES
from validator.inputs.sample import CODE_PREFIX
from validator.lint.artefacts import locate_start
from validator.lint.catalogue.schema_kinds import FILE_WITHOUT_OPERATION
from validator.lint.fixture_reports import SUFFIX as REPORT_SUFFIX
from validator.operation.home import OPERATION_FILES, Home
from validator.operation.rules_loader import find_rules_file, module_name
from validator.output.finding import Finding

_DOCUMENTS: Final = (".schema.json", ".xsd")  # schemas that may belong to several operations
_OWN: Final = (*OPERATION_FILES, "codes.json")
_SHARED_FIXTURES: Final = frozenset({"directory.json", *ENVIRONMENT_FILES})


def find_strays(home: Home) -> Iterator[Finding]:
    """Yield a finding for each schema, rules module and fixture that belongs to no operation of a home."""
    names = home.operations()
    yield from _check_schemas(home, names)
    yield from _check_fixtures(home, names)
    if home.rules != Home.at(None).rules:
        yield from _check_rules(home, names)


def _check_schemas(home: Home, names: Sequence[str]) -> Iterator[Finding]:
    for path in _list(home.schemas):
        schemas = [file for file in path.rglob("*") if _is_schema(file)] if path.is_dir() else []
        if path.is_dir() and path.name not in names and any(path.iterdir()) and not any(map(_is_document, schemas)):
            yield _make_finding(path, f"The folder is not that of an operation: it has no {OPERATION_FILES[0]}.")
            continue
        for file in schemas:
            if file.parent != path:
                yield _make_finding(file, "Files in folders below that of an operation are not read.")
            elif not _is_document(file) and (path.name not in names or file.name not in _OWN):
                yield _make_finding(file, f"An operation has no such file; it has {', '.join(_OWN)}.")
        if _is_schema(path) and not _is_document(path):
            yield _make_finding(path, "The file is in no folder of an operation.")


def _is_schema(path: Path) -> bool:
    return path.suffix.lower() in {".json", ".xsd"} and not path.is_dir() and not path.name.startswith(".")


def _is_document(path: Path) -> bool:
    return path.name.endswith(_DOCUMENTS)


def _check_fixtures(home: Home, names: Sequence[str]) -> Iterator[Finding]:
    for path in _list(home.fixtures):
        if path.is_dir() and path.name not in names and any(path.iterdir()):
            yield _make_finding(path, "The fixtures belong to no operation.")
        elif path.is_dir():
            for file in sorted(file for file in path.rglob("*") if not file.is_dir()):
                if file.suffix.lower() not in SUFFIXES and file.suffix != REPORT_SUFFIX and CODE_PREFIX.match(file.name):
                    yield _make_finding(file, f"Fixtures have one of the suffixes {', '.join(sorted(SUFFIXES))}.")
        elif path.suffix.lower() in {*SUFFIXES, REPORT_SUFFIX} and path.name not in _SHARED_FIXTURES:
            yield _make_finding(path, "The fixture is in no folder of an operation.")


def _check_rules(home: Home, names: Sequence[str]) -> Iterator[Finding]:
    read = {find_rules_file(name, home) for name in names}
    modules = {module_name(name) for name in names}
    for path in _list(home.rules):
        file = path / "__init__.py" if path.is_dir() else path
        if file.suffix != ".py" or file in read or not file.exists() or path.name.startswith("_"):
            continue
        if path.stem in modules:
            yield _make_finding(path, "The package of the same name takes precedence.")
        else:
            yield _make_finding(path, "The rules belong to no operation.")


def _list(folder: Path) -> list[Path]:
    """Return what a folder holds, sorted; nothing if there is no such folder. Hidden names are ignored."""
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def _make_finding(path: Path, message: str) -> Finding:
    return Finding(FILE_WITHOUT_OPERATION, message, locate_start(path), identity=path.name)
