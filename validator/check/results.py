"""What is told of checked requests: each failure that was not expected, at its place in the file."""

import os
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from validator.check.checker import CheckedRequest, Checker
from validator.check.config import Suppression
from validator.check.discovery import walk_folder
from validator.check.globs import folder_of, matches
from validator.errors import UsageError
from validator.inputs.reader import UnreadableInput, read
from validator.model import common_codes
from validator.model.location import Position, Region
from validator.model.report import Failure, Locatable
from validator.output.finding import Case, Finding, FindingKind, Kind, Location

SUPPRESSION_UNUSED: Final = FindingKind(
    "C101",
    "suppression-unused",
    "Every suppression suppresses something.",
    "A suppression that is not needed any more hides the next fault.",
    "Remove it from the configuration.",
)
NOT_REFUSED: Final = FindingKind(
    "C102",
    "not-refused-as-expected",
    "A request that must be refused is refused with the codes that are expected of it.",
    "A rejection that passes, or fails for another reason, proves nothing.",
    "Mend the request, its @expect, or the name or place of its file.",
)
MORE: Final = FindingKind(
    "C103",
    "more-failures",
    "A request has no more failures than are told.",
    "The rest is not looked at.",
    "Mend the failures that are told, and check again.",
)
KINDS: Final = (SUPPRESSION_UNUSED, NOT_REFUSED, MORE)


def make_case(checked: CheckedRequest, kinds: Mapping[str, Kind]) -> Case:
    """Return a request as something that was judged, its findings in the order of the file. kinds: the API's codes."""
    findings = [*_failures(checked, kinds), *_advisories(checked)]
    findings.sort(key=lambda finding: finding.location.region)
    words = ("" if checked.request is None else f"request {checked.request}", checked.sent.name)
    title = ": ".join(word for word in words if word) or "request"
    return Case(checked.file, title, tuple(findings), checked.sent.region.start.line)


def find_regions(checked: CheckedRequest, found: Sequence[Locatable]) -> list[Region]:
    """Return the stretch of the file of each failure or advisory."""
    if not found:
        return []  # nothing is looked for
    return [checked.sent.place(one, region) for one, region in zip(found, checked.report.regions(found), strict=True)]


def _failures(checked: CheckedRequest, kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    if checked.is_as_expected:
        return
    request = str(checked.request or "")
    for failure, region in zip(checked.failures, find_regions(checked, checked.failures), strict=True):
        where = failure.where if failure.pointer is None else failure.pointer
        specific_fix = _nearest(checked, failure) if failure.name == common_codes.ATTRIBUTE_UNKNOWN.name else ""
        yield Finding(
            kinds[failure.code], failure.message, _place(checked, region), identity=request + where, specific_fix=specific_fix
        )
    here = _place(checked, checked.sent.region)
    if checked.report.more:
        yield Finding(MORE, f"There are more failures than {len(checked.report.failures)}.", here, identity=request)
    if not checked.expected.is_acceptance:
        found = "Accepted" if checked.report.accepted else "Refused otherwise"
        expected = checked.expected.among or " ".join(checked.expected.codes) or "a rejection"
        yield Finding(NOT_REFUSED, f"{found}, but expected {expected}.", here, identity=request)


def _nearest(checked: CheckedRequest, failure: Failure) -> str:
    """Return how to mend an unknown attribute whose name is nearly that of one that is known there; "" for another."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a finding needs it

    pointer = failure.pointer or ""
    near = get_close_matches(pointer.rpartition("/")[2], checked.beside(pointer), n=1)
    return f"Write {near[0]!r}, or remove the attribute." if near else ""


def _advisories(checked: CheckedRequest) -> Iterator[Finding]:
    advisories = checked.advisories
    for advisory, region in zip(advisories, find_regions(checked, advisories), strict=True):
        kind = FindingKind(advisory.name, advisory.name, advisory.message, "Advisories never reject.", "")
        yield Finding(kind, advisory.message, _place(checked, region), "note", identity=advisory.pointer)


def _place(checked: CheckedRequest, region: Region) -> Location:
    lines = _lines(checked.data)
    number = region.start.line
    return Location(checked.file, region, _text(lines[number - 1]) if number <= len(lines) else "")


# The findings of a file are told one after the other, and those of a recording often stand in one long line.
@lru_cache(maxsize=2)
def _lines(data: bytes) -> list[bytes]:
    return data.removeprefix(BOM_UTF8).split(b"\n")


@lru_cache(maxsize=8)
def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")


def find_unused_suppressions(checker: Checker, checked: Mapping[str, frozenset[Suppression]]) -> Iterator[Finding]:
    """Yield the suppressions that take nothing away. checked: by file that was checked, the suppressions that were used there.

    A run may have seen a part of the files only, as one of several processes: the run that has seen a suppression's first
    file looks at the others too, until one needs it; so it is told once, and never wrongly. One that names no file is told by
    every run.
    """
    config = checker.config
    checker = Checker(config, checker.command_line)  # what other files hold is no part of this run
    seen = {config.relative_to_root(file): used for file, used in checked.items()}
    used = frozenset().union(*checked.values())
    for suppression in config.suppress:
        try:
            files = _files_of(suppression, checker)
        except UnreadableInput:
            continue  # nobody knows what is there
        if suppression in used or (files and config.relative_to_root(files[0]) not in seen):
            continue
        others = (file for file in files if config.relative_to_root(file) not in seen)
        if not any(_may_use(suppression, file, checker) for file in others):
            place = Location(
                config.relative_to_cwd(str(config.file)), Region(Position(suppression.line, 1), Position(suppression.line, 1))
            )
            words = f"of {suppression.code} in {suppression.path!r} suppresses nothing"
            yield Finding(
                SUPPRESSION_UNUSED, f"The suppression {words}.", place, identity=f"{suppression.code} {suppression.path}"
            )


def _may_use(suppression: Suppression, file: str, checker: Checker) -> bool:
    """Return whether a file needs a suppression, or cannot be read, so that nobody knows."""
    try:
        return any(suppression in one.used for one in checker.check(file, read(file)))
    except (UnreadableInput, UsageError):
        return True


def _files_of(suppression: Suppression, checker: Checker) -> list[str]:
    """Return the payloads that a suppression names, as paths from here, in order."""
    config = checker.config
    start = config.relative_to_cwd(folder_of(suppression.path))
    directories = [*config.list_directories(), *filter(None, [checker.command_line.directory])]
    files = walk_folder(start, directories) if os.path.isdir(start) else [start] if os.path.exists(start) else []
    return [file for file in files if config.is_payload(file) and matches(suppression.path, config.relative_to_root(file) or "")]
