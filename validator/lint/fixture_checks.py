"""Checks of fixture results: each is as expected, twins agree, and together they cover every code and rule."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from validator.body.shape import Shape, attribute_path
from validator.inputs.sample import CODE_PREFIX
from validator.lint.catalogue import fixture_kinds as kinds
from validator.lint.fixtures import FixtureResult, group_finding
from validator.model.code import Code
from validator.model.common_codes import INTERNAL_ERROR
from validator.operation.loader import Operation
from validator.output.finding import Finding, Location

_SHOWN: Final = 3  # failures of a fixture, or similar fixtures, that a finding shows


def check_expectations(results: Sequence[FixtureResult], codes: Mapping[str, Code], shape: Shape) -> Iterator[Finding]:
    """Yield the fixtures that are misnamed or not reported as expected; similar ones as one finding.

    codes: by code. shape: of the bodies.
    """
    misnamed: dict[str, list[FixtureResult]] = {}
    unexpected: dict[tuple[str, ...], list[FixtureResult]] = {}
    for result in results:
        has_code = result.folder == "reject" or CODE_PREFIX.match(result.path.name) is not None
        if has_code and result.named_code not in codes:
            misnamed.setdefault(result.named_code, []).append(result)
        elif not result.is_as_expected:
            unexpected.setdefault(_get_similarity_key(result, shape), []).append(result)
    for group in misnamed.values():
        message = "The file name must start with a code of the operation."
        yield group_finding(kinds.FIXTURE_MISNAMED, message, [result.location for result in group])
    for group in unexpected.values():
        yield _make_unexpected_finding(group)


def _make_unexpected_finding(group: Sequence[FixtureResult]) -> Finding:
    first = group[0]
    code = first.expected.includes or " ".join(first.expected.codes)
    kind = kinds.REJECT_NOT_REFUSED if code else kinds.ACCEPT_REFUSED
    message = f"Expected {code or 'no failure'}, got {_list_failures(first).rstrip('.')}.{_count_others(group)}"
    line = str(first.sample.region.start.line)
    return Finding(kind, message, first.locate_first_failure(), related=_locate_others(group), identity=line)


def _count_others(group: Sequence[FixtureResult]) -> str:
    others = len(group) - 1
    return "" if not others else f" {others} more request{'s' * (others > 1)} with the same problem."


def _locate_others(group: Sequence[FixtureResult]) -> tuple[Location, ...]:
    others = group[1 : 1 + _SHOWN]
    return tuple(other.locate_first_failure()._replace(message="the same problem") for other in others)


def _get_similarity_key(result: FixtureResult, shape: Shape) -> tuple[str, ...]:
    """Return what similar unexpected results share: the first failure without indices, or the code missed."""
    if result.report.accepted:
        return "accepted", result.named_code
    failure = result.report.failures[0]
    return result.folder, failure.code, *attribute_path(shape, failure.pointer or "")


def _list_failures(result: FixtureResult) -> str:
    failures = (f"{failure.code} {failure.message.rstrip('.')}" for failure in result.report.failures[:_SHOWN])
    return ", ".join(failures) or "no failure"


def check_twins(results: Sequence[FixtureResult]) -> Iterator[Finding]:
    """Yield the JSON and XML fixtures of one name that differ in codes or attributes."""
    twins: dict[str, dict[str, FixtureResult]] = {}
    for result in results:
        if result.path.suffix in {".json", ".xml"}:
            twins.setdefault(str(result.path.with_suffix("")), {})[result.path.suffix] = result
    for pair in twins.values():
        if len(pair) == 2:
            json, xml = pair[".json"], pair[".xml"]
            # An unexpected result has a finding already.
            if _sort_failures(json) != _sort_failures(xml) and json.is_as_expected and xml.is_as_expected:
                message = f"The twins differ: {_list_codes(json)} in JSON, {_list_codes(xml)} in XML."
                related = xml.location._replace(message="the XML twin")
                yield Finding(kinds.TWINS_DIFFER, message, json.location, related=(related,))


def _sort_failures(result: FixtureResult) -> list[tuple[str, str | None]]:
    return sorted((failure.code, failure.pointer) for failure in result.report.failures)


def _list_codes(result: FixtureResult) -> str:
    return ", ".join(f"{code} at {pointer or 'the root'}" for code, pointer in _sort_failures(result)[:_SHOWN]) or "no failure"


def find_untested_codes(
    results: Sequence[FixtureResult], operation: Operation, locations: Mapping[str, Location]
) -> Iterator[Finding]:
    """Yield the codes without a rejected fixture and the rules without a near miss. locations: by code."""
    rejected = [result for result in results if result.folder == "reject"]
    reported = {code for result in rejected for code in result.codes}
    reported |= {result.named_code for result in rejected if not result.is_as_expected}  # which have a finding already
    near_misses = {result.named_code for result in results if result.folder == "accept"}
    for code in operation.codes:
        if code.code not in reported and code.code != INTERNAL_ERROR.code:
            message = f"No fixture in reject is rejected with {code.code} {code.name}."
            yield Finding(kinds.CODE_WITHOUT_FIXTURE, message, locations[code.code], identity=code.code)
    for rule in operation.rules.rules:
        if rule.code.code not in near_misses:
            message = f"No fixture in accept is a near miss of {rule.name}; its name must start with {rule.code.code}."
            yield Finding(kinds.RULE_WITHOUT_NEAR_MISS, message, locations[rule.code.code], identity=rule.name)
