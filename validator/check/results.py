"""The findings about checked requests: failures that are not expected, and expected ones that are missing."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from validator.check.checker import CheckedRequest
from validator.model import common_codes
from validator.model.location import Region
from validator.model.pointer import split_pointer
from validator.model.report import Failure, Locatable
from validator.output.finding import Case, Finding, FindingKind, Kind, Location, message_without_position

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
KINDS: Final = (SUPPRESSION_UNUSED, NOT_REFUSED, MORE)


def make_case(request: CheckedRequest, kinds: Mapping[str, Kind]) -> Case:
    """Return a request as a case, with its findings in the order of the file. kinds: the API's codes, by number."""
    findings = [*_find_failures(request, kinds), *_find_advisories(request)]
    findings.sort(key=lambda finding: finding.location.region)
    parts = ("" if request.number is None else f"request {request.number}", request.sample.name)
    title = ": ".join(part for part in parts if part) or "request"
    return Case(request.file, title, tuple(findings), request.sample.region.start.line)


def find_regions(request: CheckedRequest, items: Sequence[Locatable]) -> list[Region]:
    """Return the region of the file for each failure or advisory."""
    if not items:
        return []  # regions are not computed without need
    return [request.sample.locate(item, region) for item, region in zip(items, request.report.regions(items), strict=True)]


def _find_failures(request: CheckedRequest, kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    if request.is_as_expected:
        return
    number = str(request.number or "")
    for failure, region in zip(request.failures, find_regions(request, request.failures), strict=True):
        yield Finding(
            kinds[failure.code],
            message_without_position(failure),
            _make_location(request, region),
            identity=number + (failure.where if failure.pointer is None else failure.pointer),
            specific_fix=_suggest_name(request, failure) if failure.name == common_codes.ATTRIBUTE_UNKNOWN.name else "",
        )
    location = _make_location(request, request.sample.region)
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
    for advisory, region in zip(advisories, find_regions(request, advisories), strict=True):
        kind = FindingKind(advisory.name, advisory.name, advisory.message, "Advisories never reject.", "")
        yield Finding(kind, advisory.message, _make_location(request, region), "note", identity=advisory.pointer)


def _make_location(request: CheckedRequest, region: Region) -> Location:
    lines = _split_lines(request.data)
    number = region.start.line
    return Location(request.file, region, _decode_line(lines[number - 1]) if number <= len(lines) else "")


# The findings of a file come one after the other, and those of a recording are often in one long line.
@lru_cache(maxsize=2)
def _split_lines(data: bytes) -> list[bytes]:
    return data.removeprefix(BOM_UTF8).split(b"\n")


@lru_cache(maxsize=8)
def _decode_line(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")
