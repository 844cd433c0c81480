"""Explain the settings of a file and where each comes from: ``check --explain-config``."""

import os
from collections.abc import Iterator, Sequence

from validator.check.checker import Checker
from validator.check.discovery import find_files
from validator.check.globs import matches_any
from validator.errors import UsageError
from validator.inputs.reader import STANDARD_INPUT


def find_explained_files(checker: Checker, paths: Sequence[str]) -> Iterator[str]:
    """Yield the payloads of folders, and every named file, whether it exists or not. Raises UsageError."""
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        found = find_files([path], checker.find_config, checker.command_line.directory)
        if found.unreadable:
            raise UsageError(str(found.unreadable[0]))
        yield from found.files


def explain_file(checker: Checker, file: str) -> Iterator[str]:
    """Yield the lines that explain the settings of a file."""
    config = checker.find_config(file)
    yield file
    yield f"  configuration: {config.name or 'none'}"
    yield f"  payload:       {_explain_payload(checker, file)}"
    yield f"  expected:      {_explain_expectation(checker, file)}"
    settings = checker.resolve_settings(file)
    for name, default in (
        ("operation", f"{settings.operation} ({'default' if settings.home is None else 'the only one of the home'})"),
        ("home", "the shipped operations"),
        ("directory", "none: rules that need reference data are skipped"),
        ("caller", "the directory's first customer, else 1"),
        ("activity", "the directory's first activity, else 1"),
        ("environment", "the only one of http-client.env.json"),
    ):
        source = _find_source(checker, file, name)
        yield f"  {name + ':':14} {f'{getattr(settings, name)} ({source})' if source else default}"
    for one in config.find_suppressions(file) if file != STANDARD_INPUT else ():
        yield f"  suppressed:    {one.code} ({config.name}:{one.line}: {one.reason})"


def _explain_payload(checker: Checker, file: str) -> str:
    if file == STANDARD_INPUT:
        return "yes (standard input)"
    config = checker.find_config(file)
    if config.payloads is None:
        return "yes (no payloads are configured)"
    return "yes" if config.is_payload(file) else "no: checked only if named, and never with --configured-only"


def _explain_expectation(checker: Checker, file: str) -> str:
    config = checker.find_config(file)
    if file == STANDARD_INPUT or not config.is_rejection(file):
        return "accepted"
    return "refused (rejections)" if config.rejections is not None else "refused (below a folder named reject)"


def _find_source(checker: Checker, file: str, name: str) -> str | None:
    """Return where a setting comes from, or None for the default."""
    config = checker.find_config(file)
    path = config.relative_to_root(file) or ""
    if getattr(checker.command_line, name) is not None:
        return "command line"
    for override in reversed(config.overrides):
        if getattr(override, name, None) is not None and matches_any(override.paths, path):
            return f"override of {', '.join(override.paths)}"
    return config.name if getattr(config, name) is not None else None
