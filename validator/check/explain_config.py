"""What applies to a file, and who says so: ``check --explain-config``."""

import os
from collections.abc import Iterator, Sequence

from validator.check.checker import DEFAULT_OPERATION, Checker
from validator.check.discovery import find_files
from validator.check.globs import matches_any
from validator.errors import UsageError
from validator.inputs.reader import STANDARD_INPUT, UnreadableInput


def find_explained_files(checker: Checker, paths: Sequence[str]) -> Iterator[str]:
    """Yield the payloads of folders, and every file that is named, whether it is there or not. Raises SetupError."""
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        try:
            yield from filter(checker.config.is_payload, find_files([path], checker.config, checker.command_line.directory))
        except UnreadableInput as error:
            raise UsageError(str(error)) from None


def explain_file(checker: Checker, file: str) -> Iterator[str]:
    """Yield the lines that say what applies to a file."""
    config = checker.config
    source = config.relative_to_cwd(str(config.file)) if config.file else "none"
    yield file
    yield f"  configuration: {source}"
    yield f"  payload:       {_payload(checker, file)}"
    yield f"  expected:      {_expected(checker, file)}"
    setting = checker.resolve_settings(file)
    for name, otherwise in (
        ("operation", "default"),
        ("home", "the shipped operations"),
        ("directory", "none: rules that need reference data are skipped"),
        ("caller", "the directory's first customer, else 1"),
        ("activity", "the directory's first activity, else 1"),
    ):
        value = getattr(setting, name)
        says = _says(checker, file, name)
        words = f"{value} ({says})" if says else f"{DEFAULT_OPERATION} (default)" if name == "operation" else otherwise
        yield f"  {name + ':':14} {words}"
    for one in config.find_suppressions(file) if file != STANDARD_INPUT else ():
        yield f"  suppressed:    {one.code} ({source}:{one.line}: {one.reason})"


def _payload(checker: Checker, file: str) -> str:
    if file == STANDARD_INPUT:
        return "yes (standard input)"
    if checker.config.payloads is None:
        return "yes (every file that is asked for)"
    return "yes" if checker.config.is_payload(file) else "no: it is passed over"


def _expected(checker: Checker, file: str) -> str:
    if file == STANDARD_INPUT or not checker.config.is_rejection(file):
        return "accepted"
    return "refused (rejections)" if checker.config.rejections is not None else "refused (below a folder named reject)"


def _says(checker: Checker, file: str, name: str) -> str | None:
    """Return who says what a setting is, or None."""
    config, path = checker.config, checker.config.relative_to_root(file) or ""
    if getattr(checker.command_line, name) is not None:
        return "command line"
    for override in reversed(config.overrides):
        if getattr(override, name, None) is not None and matches_any(override.paths, path):
            return f"override of {', '.join(override.paths)}"
    return config.relative_to_cwd(str(config.file)) if getattr(config, name) is not None else None
