"""The strings that a schema node allows: its patterns, lengths and enumeration as one formal language."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from validator.body import pattern
from validator.body.pattern import Dialect, Node, PatternError
from validator.body.shape import compile_pattern
from validator.lint.catalogue import schema_kinds as kinds
from validator.lint.patterns import language
from validator.lint.patterns.automaton import AutomatonTooLarge
from validator.lint.patterns.backtracking import find_nested_quantifier
from validator.lint.patterns.language import Language
from validator.lint.patterns.samples import sample_pattern
from validator.lint.schemas.schema_tree import STRING, SchemaNode
from validator.model.pointer import Path, format_path
from validator.output.finding import Finding, Location

_SAMPLES: Final = 200  # of each pattern that is too large to compare as a language
_ENGINE_SAMPLES: Final = 40  # of an XSD pattern, for lxml
_ANCHOR: Final = re.compile(r"\\.|\[(?:[^\]\\]|\\.)*\]|([$^])", re.DOTALL)


class StringDifference(NamedTuple):
    """A string that one schema allows and the other rejects. is_by_length: the patterns agree on it."""

    text: str
    is_allowed_by_json: bool
    is_by_length: bool


def check_pattern(expression: str, dialect: Dialect, location: Location) -> Iterator[Finding]:
    """Yield a finding for a pattern that is not portable or has nested quantifiers."""
    try:
        node = pattern.parse(expression, dialect)
    except PatternError as error:
        message = f"Pattern {expression!r}, character {error.offset + 1}: {error}."
        yield Finding(kinds.PATTERN_NOT_PORTABLE, message, location)
        return
    offset = find_nested_quantifier(node)
    if offset is not None:
        message = f"Pattern {expression!r}, character {offset + 1}: inside this quantifier a string can match in several ways."
        yield Finding(kinds.QUANTIFIERS_NESTED, message, location)


def find_string_difference(json: SchemaNode, xsd: SchemaNode, on_undecided: Callable[[], None]) -> StringDifference | None:
    """Return a string that one of two nodes of kind STRING allows and the other rejects, or None.

    The enumerations must be equal. Languages that are too large to compare are compared on samples; if these agree,
    ``on_undecided`` is called. Patterns that are not portable are not compared: they have a finding already.
    """
    try:
        if json.values is not None:
            return _find_first_difference([constraint.value for constraint in json.values], json, xsd)
        samples = [*_generate_samples(json, "json"), *_generate_samples(xsd, "xsd")]
        witness = language.find_difference(_build_language(json, "json"), _build_language(xsd, "xsd"))
    except PatternError:
        return None
    except AutomatonTooLarge:
        difference = _find_first_difference(samples, json, xsd)
        if difference is None:
            on_undecided()
        return difference
    return None if witness is None else _describe_difference(witness.text, json, xsd)


def _find_first_difference(texts: list[str], json: SchemaNode, xsd: SchemaNode) -> StringDifference | None:
    text = next((text for text in texts if allows(json, text, "json") != allows(xsd, text, "xsd")), None)
    return None if text is None else _describe_difference(text, json, xsd)


def _describe_difference(text: str, json: SchemaNode, xsd: SchemaNode) -> StringDifference:
    is_by_length = _patterns_allow(json, text, "json") == _patterns_allow(xsd, text, "xsd")
    return StringDifference(text, allows(json, text, "json"), is_by_length)


def _generate_samples(node: SchemaNode, dialect: Dialect) -> Iterator[str]:
    """Yield samples of the patterns, and strings around the minimum and maximum length."""
    for alternatives in node.patterns:
        for constraint in alternatives:
            yield from sample_pattern(pattern.parse(constraint.value, dialect), _SAMPLES)
    for bound in (node.min_length, node.max_length):
        for length in (bound.value - 1, bound.value, bound.value + 1) if bound else ():
            yield "a" * length


def allows(node: SchemaNode, text: str, dialect: Dialect) -> bool:
    """Return whether the lengths and patterns of a node, but not its enumeration, allow a string."""
    minimum = node.min_length.value if node.min_length else 0
    if len(text) < minimum or (node.max_length is not None and len(text) > node.max_length.value):
        return False
    return _patterns_allow(node, text, dialect)


def _patterns_allow(node: SchemaNode, text: str, dialect: Dialect) -> bool:
    return all(any(matches(constraint.value, text, dialect) for constraint in choice) for choice in node.patterns)


def matches(expression: str, text: str, dialect: Dialect) -> bool:
    """Return whether a pattern allows a string. Raises PatternError if it is not portable."""
    pattern.parse(expression, dialect)
    if dialect == "json":
        return compile_pattern(expression).search(text) is not None
    # The anchors of Python are literals in XSD.
    return re.fullmatch(_ANCHOR.sub(lambda match: f"\\{match[1]}" if match[1] else match[0], expression), text) is not None


def sample_for_engine(expression: str) -> Iterator[str]:
    """Yield strings to test an engine's reading of a portable XSD pattern with: allowed ones and similar ones."""
    node = pattern.parse(expression, "xsd")
    try:
        allowed = language.from_pattern(node)
        yield from (*language.sample_inside(allowed, _ENGINE_SAMPLES), *language.sample_outside(allowed, _ENGINE_SAMPLES))
    except AutomatonTooLarge:
        pass
    for text in ("aaa", *sample_pattern(node, _ENGINE_SAMPLES)):
        yield from (text, text[:-1], text + text[-1:], text + text)


def find_unsatisfiable(node: SchemaNode, path: Path = ()) -> Iterator[Finding]:
    """Yield a finding for each attribute of a JSON Schema that no string satisfies."""
    for name, member in node.members.items():
        yield from find_unsatisfiable(member, (*path, name))
    if node.kind == STRING and _allows_nothing(node):
        attribute = format_path(path)
        yield Finding(kinds.UNSATISFIABLE, f"No string satisfies {attribute!r}.", node.location, identity=attribute)


def _allows_nothing(node: SchemaNode) -> bool:
    try:
        if node.values is not None:
            return not any(allows(node, constraint.value, "json") for constraint in node.values)
        return language.is_empty(_build_language(node, "json"))
    except (PatternError, AutomatonTooLarge):
        return False  # the first has a finding of its own, the second allows something


def check_length_bound(node: SchemaNode, attribute: str, limit: int) -> Iterator[Finding]:
    """Yield a finding if a JSON Schema allows strings of more than ``limit`` characters for an attribute."""
    try:
        longest = _measure_longest(node)
    except PatternError:
        return
    if longest is None or longest > limit:
        allowed = "strings of any length" if longest is None else f"up to {longest} characters"
        location = node.patterns[0][0].location if node.patterns else node.location
        message = f"The schema allows {allowed} for {attribute!r}; operation.json allows {limit}."
        yield Finding(kinds.VALUE_UNBOUNDED, message, location, identity=attribute)


def _measure_longest(node: SchemaNode) -> int | None:
    if node.values is not None:
        return max((len(constraint.value) for constraint in node.values), default=0)
    try:
        return language.find_max_length(_build_language(node, "json"))
    except AutomatonTooLarge:
        bounds = [node.max_length.value] if node.max_length else []
        for alternatives in node.patterns:
            longest = _bound_lengths([pattern.parse(constraint.value, "json") for constraint in alternatives])
            bounds += [longest] if longest is not None else []
        return min(bounds, default=None)


def _bound_lengths(nodes: Sequence[Node]) -> int | None:
    """Return an upper bound of the lengths that some patterns allow; None if unbounded."""
    lengths = [_bound_length(node) for node in nodes]
    return None if None in lengths else max(filter(None, lengths), default=0)


def _bound_length(node: Node) -> int | None:
    if isinstance(node, pattern.CharacterClass):
        return 1
    if isinstance(node, pattern.Alternation):
        return _bound_lengths(node.parts)
    if isinstance(node, pattern.Repetition):
        inner = _bound_length(node.part)
        return 0 if inner == 0 else None if inner is None or node.maximum is None else inner * node.maximum
    lengths = [_bound_length(part) for part in node.parts]
    return None if None in lengths else sum(filter(None, lengths))


def _build_language(node: SchemaNode, dialect: Dialect) -> Language:
    """Return the strings that a node of kind STRING without enumeration allows. Raises PatternError and AutomatonTooLarge."""
    minimum = node.min_length.value if node.min_length else 0
    lengths = language.from_lengths(minimum, node.max_length.value if node.max_length else None)
    return language.intersect(lengths, _build_pattern_language(node, dialect))


def _build_pattern_language(node: SchemaNode, dialect: Dialect) -> Language:
    choices = [
        pattern.Alternation(tuple(pattern.parse(constraint.value, dialect) for constraint in alternatives))
        for alternatives in node.patterns
    ]
    return language.intersect(*(language.from_pattern(choice) for choice in choices))
