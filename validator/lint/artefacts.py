"""Reads artefacts as sources; a file that cannot be read or is invalid becomes a finding."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from validator.files import describe_os_error, read_file
from validator.inputs.source import JsonSource, SourceError, SourceText, read_json
from validator.lint.catalogue import schema_kinds as kinds
from validator.lint.source import display_path
from validator.operation.metadata import find_problems
from validator.output.finding import Finding, Location, end_sentence

_Source = TypeVar("_Source", bound=SourceText)


def locate_start(path: Path) -> Location:
    """Return the start of a file or folder, for findings about it as a whole."""
    return SourceText(display_path(path), "").locate()


def read_artefact(path: Path, read: Callable[[str, bytes], _Source], findings: list[Finding]) -> _Source | None:
    """Return a file as a source; None, and a finding, if it cannot be read."""
    try:
        return read(display_path(path), read_file(path))
    except SourceError as error:
        findings.append(Finding(kinds.ARTEFACT_UNREADABLE, end_sentence(error.reason), error.location))
    except OSError as error:
        findings.append(Finding(kinds.ARTEFACT_UNREADABLE, end_sentence(describe_os_error(error)), locate_start(path)))
    return None


def read_operation_json(path: Path, findings: list[Finding]) -> JsonSource | None:
    """Return an operation.json; None, and findings, if it cannot be read or is invalid."""
    source = read_artefact(path, read_json, findings)
    if source is None:
        return None
    problems = [
        Finding(kinds.SCHEMA_INVALID, end_sentence(f"{message[0].upper()}{message[1:]}"), source.value_at(pointer))
        for pointer, message in find_problems(source.tree)
    ]
    findings += problems
    return None if problems else source
