"""The findings about checked requests: failures that are not expected, and expected ones that are missing."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Final, NamedTuple

from validator.check.checker import CheckedRequest, UncheckedInput
from validator.inputs.composition import IncludedFile
from validator.inputs.sample import Problem
from validator.model import common_codes
from validator.model.location import Region
from validator.model.pointer import split_pointer
from validator.model.report import Failure, Locatable
from validator.output.finding import (
    Case,
    Finding,
    FindingKind,
    Kind,
    Location,
    capitalize,
    end_sentence,
    message_without_position,
)

SUPPRESSION_UNUSED: Final = FindingKind(
    "C101",
    "suppression-unused",
    "Every suppression in the configuration suppresses a code.",
    "A suppression that is no longer needed would hide the next failure with its code.",
    "Remove the suppression from the configuration.",
    """\
[[suppress]]  # in activity-validator.toml, while no file in payloads/legacy fails with 400-721
path = "payloads/legacy"
code = "400-721"
reason = "the old client is switched off in May"
""",
)
NOT_REFUSED: Final = FindingKind(
    "C102",
    "not-refused-as-expected",
    "A request that must be refused is refused with the expected codes.",
    "A rejection that is accepted, or refused for another reason, proves nothing.",
    "Correct the request, its @expect, or the name or folder of its file.",
    """\
# @expect 400-722
POST /activities/2001/email-response HTTP/1.1
Content-Type: application/json

{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "valid, so that the request is accepted"}
""",
)
MORE: Final = FindingKind(
    "C103",
    "more-failures",
    "A request has no more failures than the engine reports at once.",
    "Failures beyond the limit are unknown.",
    "Fix the reported failures and check again.",
    """\
{"unknown1": 0, "unknown2": 0, ..., "unknown101": 0}
""",
)
PATTERN_WITHOUT_FILES: Final = FindingKind(
    "C106",
    "pattern-without-files",
    "Every pattern in the configuration matches a file that can be checked.",
    "The files that a mistyped pattern should match are not checked, or not with their settings.",
    "Correct the pattern; letter case matters. Remove it if its files are gone.",
    """\
payloads = ["paylods"]  # in activity-validator.toml, while the folder is called payloads
""",
)
REQUEST_UNREADABLE: Final = FindingKind(
    "C104",
    "request-unreadable",
    "A request in a file has its syntax, its variables are defined, and the files that it names exist.",
    "A request that cannot be read is not checked.",
    "Correct the request where the message says.",
    """\
POST /activities/2001/email-response HTTP/1.1
Content-Type: application/json
{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "without a blank line before the body"}
""",
)
REQUEST_UNKNOWN: Final = FindingKind(
    "C105",
    "request-unknown",
    "A file says everything about a request that is checked.",
    "A value that is only known when the request is sent, or a body that was not recorded, cannot be checked.",
    "Define the variable, or record the request again with its body.",
    """\
POST /activities/2001/email-response HTTP/1.1
Content-Type: application/json

{{$processEnv BODY}}
""",
)
KINDS: Final = (SUPPRESSION_UNUSED, NOT_REFUSED, MORE, REQUEST_UNREADABLE, REQUEST_UNKNOWN, PATTERN_WITHOUT_FILES)


class Place(NamedTuple):
    """Where a failure or an advisory lies: in the file of its request, or in one that the request includes.

    related: the line that includes it.
    """

    location: Location
    related: tuple[Location, ...] = ()


def make_case(request: CheckedRequest, kinds: Mapping[str, Kind]) -> Case:
    """Return a request as a case, with its findings in the order of the file. kinds: the API's codes, by number."""
    findings = [*_find_failures(request, kinds), *_find_advisories(request)]
    findings.sort(key=lambda finding: finding.location.region)
    parts = ("" if request.number is None else f"request {request.number}", request.sample.name)
    title = ": ".join(part for part in parts if part) or "request"
    return Case(request.file, title, tuple(findings), request.sample.region.start.line)


def make_unchecked_case(unchecked: UncheckedInput) -> Case:
    """Return a request that cannot be checked as a case."""
    request = unchecked.request
    findings = tuple(map(partial(_make_problem, unchecked), request.problems))
    line = request.problems[0].region.start.line
    title = f"request on line {line}" + (f": {request.name}" if request.name else "")
    return Case(unchecked.file, title, findings, line, is_skipped=request.is_unknown)


def _make_problem(unchecked: UncheckedInput, problem: Problem) -> Finding:
    location = _make_location(unchecked.file, unchecked.data, problem.region)
    if problem.included is not None:
        location = _make_included_location(problem.included, problem.region)
    message = end_sentence(capitalize(problem.reason))
    if problem.is_unknown:
        return Finding(REQUEST_UNKNOWN, message, location, "note", identity=problem.reason)
    return Finding(REQUEST_UNREADABLE, message, location, identity=problem.reason)


def find_places(request: CheckedRequest, items: Sequence[Locatable]) -> list[Place]:
    """Return the place of each failure or advisory."""
    if not items:
        return []  # regions are not computed without need
    return [_find_place(request, item, region) for item, region in zip(items, request.report.regions(items), strict=True)]


def _find_place(request: CheckedRequest, item: Locatable, in_body: Region | None) -> Place:
    location = _make_location(request.file, request.data, request.sample.locate(item, in_body))
    included = request.sample.find_included(in_body) if in_body is not None else None
    if included is None:
        return Place(location)
    return Place(_make_included_location(*included), (location._replace(message="the request that includes the file"),))


def _find_failures(request: CheckedRequest, kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    if request.is_as_expected:
        return
    number = str(request.number or "")
    for failure, place in zip(request.failures, find_places(request, request.failures), strict=True):
        yield Finding(
            kinds[failure.code],
            message_without_position(failure),
            place.location,
            related=place.related,
            identity=number + (failure.where if failure.pointer is None else failure.pointer),
            specific_fix=_suggest_name(request, failure) if failure.name == common_codes.ATTRIBUTE_UNKNOWN.name else "",
        )
    location = _make_location(request.file, request.data, request.sample.region)
    if request.report.more:
        count = len(request.report.failures)
        yield Finding(MORE, f"There are more than {count} failures; the others are not reported.", location, identity=number)
    if not request.expectation.is_acceptance:
        outcome = "accepted" if request.report.accepted else "refused with other codes"
        expected = request.expectation.includes or " ".join(request.expectation.codes) or "a rejection"
        yield Finding(NOT_REFUSED, f"The request is {outcome}; expected {expected}.", location, identity=number)


def _suggest_name(request: CheckedRequest, failure: Failure) -> str:
    """Return the fix of an unknown attribute whose name is close to one that is allowed there, else ""."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a finding needs it

    pointer = failure.pointer or ""
    near = get_close_matches("".join(split_pointer(pointer)[-1:]), request.sibling_names(pointer), n=1)
    return f"Write {near[0]!r}, or remove the attribute." if near else ""


def _find_advisories(request: CheckedRequest) -> Iterator[Finding]:
    advisories = request.advisories
    for advisory, place in zip(advisories, find_places(request, advisories), strict=True):
        kind = FindingKind(advisory.name, advisory.name, advisory.message, "Advisories never reject.", "")
        yield Finding(kind, advisory.message, place.location, "note", place.related, identity=advisory.pointer)


def _make_location(file: str, data: bytes, region: Region) -> Location:
    lines = _split_lines(data)
    number = region.start.line
    return Location(file, region, _decode_line(lines[number - 1]) if number <= len(lines) else "")


def _make_included_location(included: IncludedFile, region: Region) -> Location:
    return _make_location(included.name, included.text.encode("utf-8", "replace"), region)


# The findings of a file come one after the other, and those of a recording are often in one long line.
@lru_cache(maxsize=2)
def _split_lines(data: bytes) -> list[bytes]:
    return data.removeprefix(BOM_UTF8).split(b"\n")


@lru_cache(maxsize=8)
def _decode_line(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")
