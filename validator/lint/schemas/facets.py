"""The strings that a schema node allows: its patterns, lengths and enumeration as one formal language."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Final, NamedTuple

from validator.body import effort, pattern
from validator.body.effort import TEXT_LENGTH
from validator.body.pattern import Dialect, PatternError
from validator.body.shape import compile_pattern
from validator.lint.catalogue import schema_kinds as kinds
from validator.lint.patterns import language
from validator.lint.patterns.automaton import AutomatonTooLarge, Budget
from validator.lint.patterns.backtracking import find_nested_quantifier
from validator.lint.patterns.language import Language
from validator.lint.patterns.samples import sample_pattern
from validator.lint.schemas.schema_tree import STRING, SchemaNode
from validator.model.pointer import Path, format_path
from validator.output.finding import Finding, Location

_SAMPLES: Final = 200  # of each pattern that is too large to compare as a language
_ENGINE_SAMPLES: Final = 40  # of an XSD pattern, for lxml
_LINEAR_STEPS: Final = 8 * TEXT_LENGTH  # of a pattern that backtracking matches in linear time
_STEPS_OF_ENGINE: Final = 30  # that a compiled engine takes in the time of one step of a budget
_LONGEST_SAMPLE: Final = 200_000  # characters
_ANCHOR: Final = re.compile(r"\\.|\[(?:[^\]\\]|\\.)*\]|([$^])", re.DOTALL)


class StringDifference(NamedTuple):
    """A string that one schema allows and the other rejects. is_by_length: the patterns agree on it."""

    text: str
    is_allowed_by_json: bool
    is_by_length: bool


def check_pattern(
    expression: str, dialect: Dialect, location: Location, undecided: list[str], budget: Budget
) -> Iterator[Finding]:
    """Yield a finding for a pattern that is not portable, has nested quantifiers, or takes engines too long.

    undecided: receives a line if this is not decided, because the budget is used up.
    """
    key = ("pattern", expression, dialect)
    try:
        if key not in budget.results:
            budget.results[key] = None
            budget.results[key] = _find_pattern_error(expression, dialect, budget)
    except AutomatonTooLarge:
        undecided.append(f"L106: pattern {expression[:40]!r} is not checked, because the patterns are too large")
    error = budget.results[key]
    if error is not None:
        kind = kinds.PATTERN_NOT_PORTABLE if type(error) is PatternError else kinds.QUANTIFIERS_NESTED
        yield Finding(kind, f"P{pattern.describe_pattern_error(expression, error)[1:]}.", location)


class _NestedQuantifierError(PatternError):
    """A pattern with a quantifier whose content can match a string in several ways."""


def _find_pattern_error(expression: str, dialect: Dialect, budget: Budget) -> PatternError | None:
    """Return what is wrong with a pattern. Raises AutomatonTooLarge."""
    budget.start()
    try:
        offset = find_nested_quantifier(pattern.parse(expression, dialect), budget)
        if offset is not None:
            return _NestedQuantifierError(offset, "inside this quantifier a string can match in several ways")
        budget.spend(len(expression))
        effort.check_pattern(expression, dialect)
        budget.spend(effort.measure_pattern(expression, dialect).operations)
    except PatternError as error:
        return error
    return None


def find_string_difference(
    json: SchemaNode, xsd: SchemaNode, on_undecided: Callable[[], None], budget: Budget
) -> StringDifference | None:
    """Return a string that one of two nodes of kind STRING allows and the other rejects, or None.

    The enumerations must be equal. Languages that are too large to compare are compared on samples; if these agree,
    ``on_undecided`` is called. Patterns that are not portable are not compared: they have a finding already.
    """
    key = (list_facets(json), list_facets(xsd))
    if key not in budget.results:
        budget.start()
        budget.results[key] = _compare_strings(json, xsd, budget)
    result: tuple[StringDifference | None, bool] = budget.results[key]
    if not result[1]:
        on_undecided()
    return result[0]


def list_facets(node: SchemaNode) -> Hashable:
    """Return what decides which strings a node allows: nodes of equal facets allow the same."""
    patterns = tuple(tuple(constraint.value for constraint in choice) for choice in node.patterns)
    values = None if node.values is None else tuple(constraint.value for constraint in node.values)
    return patterns, values, node.min_length and node.min_length.value, node.max_length and node.max_length.value


def _compare_strings(json: SchemaNode, xsd: SchemaNode, budget: Budget) -> tuple[StringDifference | None, bool]:
    """Return the difference, if any, and whether it is decided."""
    try:
        if json.values is not None:
            return _find_first_difference((constraint.value for constraint in json.values), json, xsd, budget), True
        left, right = build_language(json, "json", budget), build_language(xsd, "xsd", budget)
        witness = language.find_difference(left, right, budget)
        return None if witness is None else _describe_difference(witness.text, json, xsd, budget), True
    except PatternError:
        return None, True
    except AutomatonTooLarge:
        return _compare_samples(json, xsd, budget)


def _compare_samples(json: SchemaNode, xsd: SchemaNode, budget: Budget) -> tuple[StringDifference | None, bool]:
    budget.start()
    try:
        samples = chain(generate_samples(json, "json", budget), generate_samples(xsd, "xsd", budget))
        difference = _find_first_difference(samples, json, xsd, budget)
    except PatternError:
        return None, True
    except AutomatonTooLarge:
        return None, False
    return difference, difference is not None or have_only_lengths(json, xsd)


def have_only_lengths(*nodes: SchemaNode) -> bool:
    """Return whether lengths alone decide which strings some nodes allow; the samples are then those that matter."""
    bounds = [bound.value for node in nodes for bound in (node.min_length, node.max_length) if bound is not None]
    return not any(node.patterns for node in nodes) and all(bound < _LONGEST_SAMPLE for bound in bounds)


def _find_first_difference(texts: Iterable[str], json: SchemaNode, xsd: SchemaNode, budget: Budget) -> StringDifference | None:
    text = next((text for text in texts if allows(json, text, "json", budget) != allows(xsd, text, "xsd", budget)), None)
    return None if text is None else _describe_difference(text, json, xsd, budget)


def _describe_difference(text: str, json: SchemaNode, xsd: SchemaNode, budget: Budget) -> StringDifference:
    is_by_length = _patterns_allow(json, text, "json", budget) == _patterns_allow(xsd, text, "xsd", budget)
    return StringDifference(text, allows(json, text, "json", budget), is_by_length)


def generate_samples(node: SchemaNode, dialect: Dialect, budget: Budget) -> Iterator[str]:
    """Yield samples of the patterns, and strings around the minimum and maximum length."""
    for alternatives in node.patterns:
        for constraint in alternatives:
            budget.spend(len(constraint.value))
            yield from sample_pattern(pattern.parse(constraint.value, dialect), _SAMPLES)
    for bound in (node.min_length, node.max_length):
        for length in (bound.value - 1, bound.value, bound.value + 1) if bound else ():
            if length <= _LONGEST_SAMPLE:
                yield "a" * length


def allows(node: SchemaNode, text: str, dialect: Dialect, budget: Budget) -> bool:
    """Return whether the lengths and patterns of a node, but not its enumeration, allow a string.

    Raises PatternError and AutomatonTooLarge.
    """
    minimum = node.min_length.value if node.min_length else 0
    if len(text) < minimum or (node.max_length is not None and len(text) > node.max_length.value):
        return False
    return _patterns_allow(node, text, dialect, budget)


def _patterns_allow(node: SchemaNode, text: str, dialect: Dialect, budget: Budget) -> bool:
    return all(any(matches(constraint.value, text, dialect, budget) for constraint in choice) for choice in node.patterns)


def matches(expression: str, text: str, dialect: Dialect, budget: Budget) -> bool:
    """Return whether a pattern allows a string. Raises PatternError if it is not portable, and AutomatonTooLarge.

    ``re`` is not used where it takes longer than the budget allows.
    """
    node = pattern.parse(expression, dialect)
    steps = effort.measure_pattern(expression, dialect).steps
    if steps is None or steps > effort.MAX_STEPS:
        return language.from_pattern(node, budget).contains(text, budget)
    lengths = max(len(text) / TEXT_LENGTH, 1)
    is_quadratic = steps > _LINEAR_STEPS or (dialect == "json" and not expression.startswith("^"))
    budget.spend(int(steps * lengths * (lengths if is_quadratic else 1)) // _STEPS_OF_ENGINE)
    if dialect == "json":
        return compile_pattern(expression).search(text) is not None
    return _compile_xsd_pattern(expression).fullmatch(text) is not None


@cache
def _compile_xsd_pattern(expression: str) -> re.Pattern[str]:
    # The anchors of Python are literals in XSD.
    return re.compile(_ANCHOR.sub(lambda match: f"\\{match[1]}" if match[1] else match[0], expression))


def sample_for_engine(expression: str, budget: Budget) -> Iterator[str]:
    """Yield strings to test an engine's reading of a portable XSD pattern with: allowed ones and similar ones.

    Raises AutomatonTooLarge when the budget is used up.
    """
    node = pattern.parse(expression, "xsd")
    budget.start()
    try:
        allowed = language.from_pattern(node, budget)
        texts = (
            *language.sample_inside(allowed, _ENGINE_SAMPLES, budget),
            *language.sample_outside(allowed, _ENGINE_SAMPLES, budget),
        )
    except AutomatonTooLarge:
        texts = ()
    yield from texts
    budget.start()
    budget.spend(len(expression))
    for text in ("aaa", *sample_pattern(node, _ENGINE_SAMPLES)):
        yield from (text, text[:-1], text + text[-1:], text + text)


def find_unsatisfiable(node: SchemaNode, undecided: list[str], budget: Budget, path: Path = ()) -> Iterator[Finding]:
    """Yield a finding for each attribute of a JSON Schema that no string satisfies.

    undecided: receives a line for each attribute for which this is not decided.
    """
    for name, member in node.members.items():
        yield from find_unsatisfiable(member, undecided, budget, (*path, name))
    if node.kind != STRING:
        return
    attribute = format_path(path)
    key = ("satisfiable", list_facets(node))
    if key not in budget.results:
        budget.start()
        budget.results[key] = _allows_nothing(node, budget)
    if budget.results[key] is None:
        undecided.append(f"L115: {attribute!r} is not checked, because its patterns are too large")
    elif budget.results[key]:
        yield Finding(kinds.UNSATISFIABLE, f"No string satisfies {attribute!r}.", node.location, identity=attribute)


def _allows_nothing(node: SchemaNode, budget: Budget) -> bool | None:
    """Return whether no string satisfies a node; None if it is not decided."""
    try:
        if node.values is not None:
            return not any(allows(node, constraint.value, "json", budget) for constraint in node.values)
        if not node.patterns:
            return node.min_length is not None and node.max_length is not None and node.min_length.value > node.max_length.value
        return language.is_empty(build_language(node, "json", budget), budget)
    except PatternError:
        return False  # it has a finding of its own
    except AutomatonTooLarge:
        return None


def build_language(node: SchemaNode, dialect: Dialect, budget: Budget) -> Language:
    """Return the strings that a node of kind STRING without enumeration allows. Raises PatternError and AutomatonTooLarge."""
    minimum = node.min_length.value if node.min_length else 0
    lengths = language.from_lengths(minimum, node.max_length.value if node.max_length else None, budget)
    choices = [
        pattern.Alternation(tuple(pattern.parse(constraint.value, dialect) for constraint in alternatives))
        for alternatives in node.patterns
    ]
    return language.intersect(lengths, *(language.from_pattern(choice, budget) for choice in choices))
