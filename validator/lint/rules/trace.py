"""A trace of rules that run on requests: the attributes and reference data they read, and the failures they report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from validator.body.explain import find_failures
from validator.body.shape import Shape, attribute_path
from validator.lint.catalogue import rule_kinds as kinds
from validator.lint.rules.rule_source import RuleSource
from validator.model.directory import Facts
from validator.model.pointer import Path, format_path
from validator.model.report import Failure
from validator.operation.loader import Operation
from validator.operation.reports import RuleInput
from validator.output.finding import Finding
from validator.rule import Rule

_MAX_FAILURES: Final = 100  # of one rule or body


class RecordingDict(dict[str, Any]):
    """An object of a body that records the paths of the members that are read."""

    __slots__ = ("path", "paths")

    def __init__(self, value: Mapping[str, Any], path: Path, paths: set[Path]) -> None:
        """Copy an object. path: its path, without indices. paths: where the paths are recorded."""
        super().__init__({name: record_reads(item, (*path, name), paths) for name, item in value.items()})
        self.path = path
        self.paths = paths

    def __getitem__(self, name: str) -> Any:
        """Return a member and record its path."""
        self.paths.add((*self.path, name))
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        """Return whether a member exists and record its path."""
        self.paths.add((*self.path, str(name)))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a member or the default and record its path."""
        self.paths.add((*self.path, name))
        return super().get(name, default)


def record_reads(value: Any, path: Path, paths: set[Path]) -> Any:
    """Return a copy of a tree that records the paths, without indices, that are read."""
    if isinstance(value, dict):
        return RecordingDict(value, path, paths)
    return [record_reads(item, path, paths) for item in value] if isinstance(value, list) else value


class RecordingFacts:
    """Facts that record the sections that are read."""

    def __init__(self, facts: Facts) -> None:
        """Wrap facts."""
        self._facts = facts
        self.sections: set[str] = set()

    def __getattr__(self, section: str) -> Any:
        """Return a section and record its name."""
        self.sections.add(section)
        return getattr(self._facts, section)


@dataclass(slots=True)
class RuleTrace:
    """Record of the rules that ran on some requests.

    paths: read, without indices. pointers, places: of reported failures, by rule. sections: of reference data read, by rule.
    fired: names of rules that reported failures. errors: exceptions, by rule; ``read`` for the module's function.
    """

    paths: set[Path] = field(default_factory=set)
    pointers: dict[str, set[str]] = field(default_factory=dict)
    places: dict[str, set[str]] = field(default_factory=dict)
    sections: dict[str, set[str]] = field(default_factory=dict)
    fired: set[str] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)


def trace_rules(operation: Operation, inputs: Sequence[RuleInput], facts: Facts) -> RuleTrace:
    """Run all rules on requests with a valid structure."""
    trace = RuleTrace()
    rules = operation.rules
    for one in inputs:
        try:
            subject = rules.read(*one._replace(tree=record_reads(one.tree, (), trace.paths)))
            rules.keys(subject)
            rules.advise(subject)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - every error of the module is reported
            trace.errors["read"] = f"{type(error).__name__}: {error}"
            continue
        for rule in rules.rules:
            if _has_needs(rule, facts):
                _trace_rule(rule, subject, facts, trace)
    return trace


def _has_needs(rule: Rule, facts: Facts) -> bool:
    """Return whether the reference data that a rule needs is supplied."""
    return all(getattr(facts, section, None) is not None for section in rule.needs)


def _trace_rule(rule: Rule, subject: Any, facts: Facts, trace: RuleTrace) -> None:
    recording = RecordingFacts(facts)
    try:
        failures = [failure for failure, _ in zip(rule.check(subject, recording), range(_MAX_FAILURES), strict=False)]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - every error of the rule is reported
        trace.errors[rule.name] = f"{type(error).__name__}: {error}"
        failures = []
    trace.sections.setdefault(rule.name, set()).update(recording.sections)
    if failures:
        trace.fired.add(rule.name)
    trace.pointers.setdefault(rule.name, set()).update(failure.pointer for failure in failures if failure.pointer is not None)
    places = trace.places.setdefault(rule.name, set())
    places.update("body" if failure.pointer is not None else failure.where for failure in failures)


def check_trace(operation: Operation, trace: RuleTrace, source: RuleSource) -> Iterator[Finding]:
    """Yield undescribed attributes that rules read or report, reference data that is declared wrongly, and exceptions."""
    for path in sorted(trace.paths):
        if is_described(operation.shape, path[:-1]) and not is_described(operation.shape, path):
            message = f"The rules read {format_path(path)!r}, which is not in the schema."
            location = source.locate_string(str(path[-1]))
            yield Finding(kinds.PATH_NOT_IN_SCHEMA, message, location, identity=format_path(path))
    for rule in operation.rules.rules:
        yield from _check_pointers(rule, operation.shape, trace, source)
        yield from _check_places(rule, trace, source)
        yield from _check_needs(rule, trace, source)
    for name, reason in trace.errors.items():
        location = next((source.locate_rule(rule) for rule in operation.rules.rules if rule.name == name), source.start())
        yield Finding(kinds.RULE_FAILS, f"{name} raises {reason[:200].rstrip('.')}.", location, identity=name)


def _check_pointers(rule: Rule, shape: Shape, trace: RuleTrace, source: RuleSource) -> Iterator[Finding]:
    for path in sorted({attribute_path(shape, pointer) for pointer in trace.pointers.get(rule.name, ())}):
        if not is_described(shape, path):
            message = f"Rule {rule.name} reports a failure at {format_path(path)!r}, which is not in the schema."
            yield Finding(kinds.PATH_NOT_IN_SCHEMA, message, source.locate_rule(rule), identity=format_path(path))


def _check_places(rule: Rule, trace: RuleTrace, source: RuleSource) -> Iterator[Finding]:
    for place in sorted(trace.places.get(rule.name, set()) - {rule.code.where}):
        message = f"Rule {rule.name} reports a failure in the {place}; its code {rule.code.code} says {rule.code.where!r}."
        related = source.locate_code(rule.code.code)._replace(message="its code")
        yield Finding(kinds.PLACE_DIFFERS, message, source.locate_rule(rule), related=(related,), identity=place)


def _check_needs(rule: Rule, trace: RuleTrace, source: RuleSource) -> Iterator[Finding]:
    read, needs = trace.sections.get(rule.name, set()), set(rule.needs)
    unread = needs - read if rule.name in trace.fired else set()
    for sections, problem in ((read - needs, "reads but does not declare"), (unread, "declares but never reads")):
        for section in sorted(sections):
            message = f"Rule {rule.name} {problem} the reference data {section!r}."
            yield Finding(kinds.NEED_UNDECLARED, message, source.locate_rule(rule), identity=section)


def is_described(shape: Shape, path: Path) -> bool:
    """Return whether a shape has a path. path: without indices."""
    for step in path:
        member = shape.members.get(str(step))
        if member is None:
            return False
        shape = member.entry
    return True


def find_unreachable_rules(
    operation: Operation, inputs: Sequence[RuleInput], facts: Facts, fired: set[str]
) -> dict[str, Failure]:
    """Return the rules that report failures on requests with an invalid structure only, with a structural failure of one.

    inputs: requests with an invalid structure. fired: the rules that reported failures on valid ones. Of several requests, the
    one with the fewest structural failures is the most instructive.
    """
    silent = [rule for rule in operation.rules.rules if rule.name not in fired]
    nearest: dict[str, Sequence[Failure]] = {}
    for one in inputs if silent else ():
        failures = find_failures(operation.shape, one.tree, _MAX_FAILURES)
        try:
            subject = operation.rules.read(*one)
        except (Exception, SystemExit):  # noqa: BLE001, S112 - rules need not handle an invalid structure
            continue
        for rule in silent:
            is_nearer = rule.name not in nearest or len(failures) < len(nearest[rule.name])
            if is_nearer and _has_needs(rule, facts) and _fires(rule, subject, facts):
                nearest[rule.name] = failures
    return {name: failures[0] for name, failures in nearest.items()}


def _fires(rule: Rule, subject: Any, facts: Facts) -> bool:
    try:
        return any(True for _ in rule.check(subject, facts))
    except (Exception, SystemExit):  # noqa: BLE001 - rules need not handle an invalid structure
        return False
