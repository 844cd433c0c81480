"""What rules really read and when they really fire: watched on the fixtures and on samples of the schema."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from validator.body.shape import Shape, examine
from validator.engine import RuleInput
from validator.lint import catalogue
from validator.lint.patterns import pattern
from validator.lint.patterns.samples import sample_pattern
from validator.lint.rules.rule_source import RuleSource
from validator.lint.schemas.tree import found
from validator.model.directory import Facts
from validator.model.pointer import Path, attribute_path, format_path
from validator.model.report import Failure
from validator.operation.loader import Operation
from validator.output.finding import Finding
from validator.rule import Rule

_ENOUGH: Final = 100  # failures that are looked at


class Watched(dict[str, Any]):
    """An object of the tree that notes which of its members are asked for."""

    __slots__ = ("asked", "path")

    def __init__(self, value: Mapping[str, Any], path: Path, asked: set[Path]) -> None:
        """Copy an object. path: without indices."""
        super().__init__({name: watch(item, (*path, name), asked) for name, item in value.items()})
        self.path = path
        self.asked = asked

    def __getitem__(self, name: str) -> Any:
        """Return a member, and note it."""
        self.asked.add((*self.path, name))
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        """Return whether a member is there, and note it."""
        self.asked.add((*self.path, str(name)))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a member or the default, and note it."""
        self.asked.add((*self.path, name))
        return super().get(name, default)


def watch(value: Any, path: Path, asked: set[Path]) -> Any:
    """Return a copy of a tree that notes the paths, without indices, that are asked for."""
    if isinstance(value, dict):
        return Watched(value, path, asked)
    return [watch(item, path, asked) for item in value] if isinstance(value, list) else value


class WatchedFacts:
    """Facts that note which sections are read."""

    def __init__(self, facts: Facts) -> None:
        """Watch facts."""
        self._facts = facts
        self.read: set[str] = set()

    def __getattr__(self, section: str) -> Any:
        """Return a section, and note it."""
        self.read.add(section)
        return getattr(self._facts, section)


@dataclass(slots=True)
class RuleTrace:
    """What was seen of the rules. read: sections of reference data by rule; fired: names of rules; failed: by rule, why."""

    asked: set[Path] = field(default_factory=set)
    pointed: dict[str, set[str]] = field(default_factory=dict)  # pointers of failures, by rule
    read: dict[str, set[str]] = field(default_factory=dict)
    fired: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)


def watched(operation: Operation, picks: Sequence[RuleInput], facts: Facts) -> RuleTrace:
    """Run all rules on sound requests and note what they do."""
    seen = RuleTrace()
    rules = operation.rules
    for one in picks:
        try:
            picked = rules.read(watch(one.tree, (), seen.asked), one.caller, one.activity, one.customer)
            rules.keys(picked)
            rules.advise(picked)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the module does is told
            seen.failed["read"] = f"{type(error).__name__}: {error}"
            continue
        for rule in rules.rules:
            if _is_decided(rule, facts):
                _run(rule, picked, facts, seen)
    return seen


def _is_decided(rule: Rule, facts: Facts) -> bool:
    return all(getattr(facts, section, None) is not None for section in rule.needs)


def _run(rule: Rule, picked: Any, facts: Facts, seen: RuleTrace) -> None:
    noted = WatchedFacts(facts)
    try:
        failures = [failure for failure, _ in zip(rule.check(picked, noted), range(_ENOUGH), strict=False)]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the rule does is told
        seen.failed[rule.name] = f"{type(error).__name__}: {error}"
        failures = []
    seen.read.setdefault(rule.name, set()).update(noted.read)
    if failures:
        seen.fired.add(rule.name)
    pointers = {failure.pointer for failure in failures if failure.pointer}
    seen.pointed.setdefault(rule.name, set()).update(pointers)


def read_findings(operation: Operation, seen: RuleTrace, written: RuleSource) -> Iterator[Finding]:
    """Yield what rules read, or point at, and the schema does not describe; and what they need and do not say."""
    for path in sorted(seen.asked):
        if describes(operation.shape, path[:-1]) and not describes(operation.shape, path):
            words = f"The rules read {format_path(path)!r}, which the schema does not describe."
            yield found(catalogue.PATH_NOT_IN_SCHEMA, written.text(str(path[-1])), words, identity=format_path(path))
    for rule in operation.rules.rules:
        for path in sorted({attribute_path(pointer) for pointer in seen.pointed.get(rule.name, ())}):
            if not describes(operation.shape, path):
                words = f"The rule {rule.name} points at {format_path(path)!r}, which the schema does not describe."
                yield found(catalogue.PATH_NOT_IN_SCHEMA, written.rule(rule), words, identity=format_path(path))
        undeclared = seen.read.get(rule.name, set()) - set(rule.needs)
        unread = set(rule.needs) - seen.read.get(rule.name, set()) if rule.name in seen.fired else set()
        for section, words in [(one, "reads and does not declare") for one in sorted(undeclared)] + [
            (one, "declares and never reads") for one in sorted(unread)
        ]:
            message = f"The rule {rule.name} {words} the reference data {section!r}."
            yield found(catalogue.NEED_UNDECLARED, written.rule(rule), message, identity=section)
    for name, reason in seen.failed.items():
        place = next((written.rule(rule) for rule in operation.rules.rules if rule.name == name), written.files[0].place())
        yield found(catalogue.RULE_FAILS, place, f"{name} raises {reason[:200].rstrip('.')}.", identity=name)


def describes(shape: Shape, path: Path) -> bool:
    """Return whether a shape describes a path without indices."""
    for step in path:
        member = shape.members.get(str(step))
        if member is None:
            return False
        shape = member.entry
    return True


def full(shape: Shape, text: Callable[[Shape], str]) -> Any:
    """Return a tree with every member that a shape describes, and two entries in each list. text: a value of a leaf."""
    if shape.kind == "object":
        return {name: full(member, text) for name, member in shape.members.items()}
    if shape.items:
        return [full(shape.items, text), full(shape.items, text)]
    return True if shape.kind == "boolean" else shape.values[0] if shape.values else text(shape)


class Samples(NamedTuple):
    """Requests with every attribute, sound ones and such with a fault of structure."""

    sound: Sequence[RuleInput]
    unsound: Sequence[RuleInput]


def samples(shape: Shape, picks: Sequence[RuleInput]) -> Samples:
    """Return samples; their values are those of the fixtures where these have some, else what the pattern gives."""
    model = picks[0] if picks else RuleInput({}, "1", "1", None)
    values: dict[int, str] = {}
    for one in picks:
        _collect(shape, one.tree, values)
    tree = full(shape, lambda leaf: values.get(id(leaf)) or _sample(leaf))
    if examine(shape, tree, 1):
        return Samples((), ())
    trees = [tree, *broken(shape, tree)]
    sound = [model._replace(tree=one) for one in trees if not examine(shape, one, 1)]
    return Samples(sound, [model._replace(tree=one) for one in trees if examine(shape, one, 1)])


def _collect(shape: Shape, value: Any, values: dict[int, str]) -> None:
    """Note a text that is not empty for each leaf of the shape."""
    if isinstance(value, dict):
        for name, item in value.items():
            _collect(shape.members[name], item, values)
    elif isinstance(value, list) and shape.items:
        for item in value:
            _collect(shape.items, item, values)
    elif isinstance(value, str) and value:
        values.setdefault(id(shape), value)


def _sample(leaf: Shape) -> str:
    if leaf.pattern is None:
        return "x" * max(leaf.min_length, 1)
    try:
        node = pattern.parse(leaf.pattern, "json")
    except pattern.PatternError:
        return ""
    return next((text for text in sample_pattern(node, 50) if len(text) >= max(leaf.min_length, 1)), "")


def broken(shape: Shape, tree: Any) -> Iterator[Any]:
    """Yield copies of a sound tree with one fault of structure each: a member gone, a text empty, strange or not listed."""
    for path, kind in _places(shape, tree, ()):
        parent = path[:-1]
        for value in ("", "strange", "0", "\n") if kind == "string" else ():
            copy = deepcopy(tree)
            _at(copy, parent)[path[-1]] = value
            yield copy
        copy = deepcopy(tree)
        del _at(copy, parent)[path[-1]]
        yield copy


def _places(shape: Shape, value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if path:
        yield path, shape.kind
    for name, member in shape.members.items():
        yield from _places(member, value[name], (*path, name))
    if shape.items:
        yield from _places(shape.items, value[0], (*path, 0))


def _at(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def find_unreachable_rules(
    operation: Operation, trials: Sequence[RuleInput], facts: Facts, fired: set[str]
) -> dict[str, Failure]:
    """Return the rules that did not fire on sound requests and fire on unsound ones, with what structure finds there first.

    Of several such requests the one with the fewest faults of structure tells most.
    """
    silent = [rule for rule in operation.rules.rules if rule.name not in fired]
    forbidden: dict[str, tuple[int, Failure]] = {}
    for one in trials if silent else ():
        faults = examine(operation.shape, one.tree, _ENOUGH)
        try:
            picked = operation.rules.read(one.tree, one.caller, one.activity, one.customer)
        except (Exception, SystemExit):  # noqa: BLE001, S112 - rules need not bear what is not sound
            continue
        for rule in silent:
            nearest = forbidden.get(rule.name, (_ENOUGH + 1,))[0]
            if len(faults) < nearest and _is_decided(rule, facts) and _fires(rule, picked, facts):
                forbidden[rule.name] = (len(faults), faults[0])
    return {name: failure for name, (_, failure) in forbidden.items()}


def _fires(rule: Rule, picked: Any, facts: Facts) -> bool:
    try:
        return any(True for _ in rule.check(picked, facts))
    except (Exception, SystemExit):  # noqa: BLE001 - rules need not bear what is not sound
        return False
