"""The files that ``audit`` writes: none of them may be one that it reads, or one that the next run would read."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from validator.audit.parts import PARQUET
from validator.audit.store import is_output, name_old_output
from validator.cli.options import Options
from validator.errors import UsageError


def refuse_outputs(files: Sequence[str]) -> None:
    """Raise UsageError if an archive is the output of an audit."""
    for file in files:
        if file.lower().endswith(PARQUET) and is_output(file):
            raise UsageError(f"{file}: the output of an audit is not an archive")


def check_targets(options: Options, files: Sequence[str]) -> None:
    """Check the files to write. files: those that are read, besides an output to compare with. Raises UsageError."""
    old = [options.against] if options.against is not None and Path(options.against).is_file() else []
    targets = list(_list_targets(options))
    for index, (option, target) in enumerate(targets):
        for other in [*files, *old, *(name for _, name in targets[:index])]:
            if _is_same(target, other):
                raise UsageError(f"{option} {target}: would overwrite {other}")
    if options.output is not None:
        _check_output(options.output, [path for path in options.archives if Path(path).is_dir()])


def _list_targets(options: Options) -> Iterator[tuple[str, str]]:
    for option, target in (("--output", options.output), ("--report", options.report), ("--changes", options.changes)):
        if target is not None:
            yield option, target
    if options.output is not None and options.against is not None:
        yield "--against", name_old_output(options.output)


def _is_same(file: str, other: str) -> bool:
    one, two = Path(os.path.realpath(file)), Path(os.path.realpath(other))
    return one == two or (one.exists() and two.exists() and one.samefile(two))


def _check_output(output: str, folders: Sequence[str]) -> None:
    if Path(output).exists() and not Path(output).is_file():
        raise UsageError(f"--output {output}: not a regular file")
    for folder in folders:
        if Path(os.path.realpath(output)).is_relative_to(os.path.realpath(folder)):
            raise UsageError(f"--output {output}: in the folder {folder}, where the next run would read it")
