"""Find the suppressions of the configuration that suppress nothing."""

import os
from collections.abc import Iterator, Mapping

from validator.check.checker import Checker
from validator.check.config import Config, Suppression
from validator.check.discovery import walk_folder
from validator.check.globs import folder_of, matches
from validator.check.results import SUPPRESSION_UNUSED
from validator.errors import UsageError
from validator.inputs.reader import OtherOperations, UnreadableInput, read_file
from validator.model.location import Position, Region
from validator.output.finding import Finding, Location, Unreadable


def find_unused_suppressions(
    checker: Checker, config: Config, used_by_file: Mapping[str, frozenset[Suppression]]
) -> Iterator[Finding]:
    """Yield a finding for each suppression of a configuration that no file needs.

    used_by_file: for each file of this run with the configuration, the suppressions that it needs.

    A run may see only some of the files, as one of several processes. The run that has the first file of a suppression
    therefore checks its other files, until one needs it: an unused suppression is reported once, and never wrongly. One that
    matches no file is reported by every run.
    """
    checker = Checker(
        checker.config, checker.command_line, checker.find_config
    )  # other files must not count in this run's summary
    seen = {config.relative_to_root(file) for file in used_by_file}
    used = frozenset().union(*used_by_file.values())
    for suppression in [one for one in config.suppress if not one.code.startswith("L")]:  # lint has those
        unreadable: list[Unreadable] = []
        files = [file for file in list_matches(suppression.path, checker, config, unreadable) if config.is_payload(file)]
        if unreadable:
            continue  # the folder may hold a file that needs it
        if suppression in used or (files and config.relative_to_root(files[0]) not in seen):
            continue
        others = (file for file in files if config.relative_to_root(file) not in seen)
        if not any(_may_need(suppression, file, checker) for file in others):
            yield make_unused_finding(suppression, config)


def make_unused_finding(suppression: Suppression, config: Config) -> Finding:
    """Return the finding about a suppression that suppresses nothing."""
    start = Position(suppression.line, 1)
    message = f"The suppression of {suppression.code} in {suppression.path!r} suppresses nothing."
    identity = f"{suppression.code} {suppression.path}"
    return Finding(SUPPRESSION_UNUSED, message, Location(config.name, Region(start, start)), identity=identity)


def _may_need(suppression: Suppression, file: str, checker: Checker) -> bool:
    """Return whether a file needs a suppression; a file that cannot be read may."""
    try:
        return any(suppression in request.used_suppressions for request in checker.check(file, read_file(file)))
    except OtherOperations:
        return False
    except (UnreadableInput, UsageError):
        return True


def list_matches(pattern: str, checker: Checker, config: Config, unreadable: list[Unreadable]) -> Iterator[str]:
    """Yield the files with a configuration that a pattern of it matches, sorted, as paths from the working directory.

    unreadable: receives the folders that cannot be listed.
    """
    start = config.relative_to_cwd(folder_of(pattern))
    is_folder = os.path.isdir(start)
    named = [start] if os.path.exists(start) else []
    for file in walk_folder(start, checker.find_config, checker.command_line.directory, unreadable) if is_folder else named:
        if checker.find_config(file) is config and matches(pattern, config.relative_to_root(file) or ""):
            yield file
