"""What the facets of a text allow: patterns, lengths and enumerations as one language."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from validator.body.shape import portable
from validator.lint import catalogue
from validator.lint.patterns import language, pattern
from validator.lint.patterns.automaton import AutomatonTooLarge
from validator.lint.patterns.backtracking import find_nested_quantifier
from validator.lint.patterns.language import Language
from validator.lint.patterns.pattern import Dialect, Node, PatternError
from validator.lint.patterns.samples import sample_pattern
from validator.lint.schemas.tree import TEXT, Branch, found
from validator.model.pointer import Path, format_path
from validator.output.finding import Finding, Location

_SAMPLES: Final = 200  # of each pattern, where the languages are too large to compare
_TRIED: Final = 40  # of an XSD pattern, on lxml
_ANCHOR: Final = re.compile(r"\\.|\[(?:[^\]\\]|\\.)*\]|([$^])", re.DOTALL)


class Unequal(NamedTuple):
    """A text that one schema allows and the other refuses. by_length: only the facets of length make the difference."""

    text: str
    allowed_by_json: bool
    by_length: bool


def pattern_findings(text: str, dialect: Dialect, place: Location) -> Iterator[Finding]:
    """Yield what is wrong with a pattern."""
    try:
        node = pattern.parse(text, dialect)
    except PatternError as error:
        yield found(catalogue.PATTERN_NOT_PORTABLE, place, f"Pattern {text!r}, character {error.offset + 1}: {error}.")
        return
    offset = find_nested_quantifier(node)
    if offset is not None:
        words = f"Pattern {text!r}, character {offset + 1}: inside this quantifier a text can match in more than one way."
        yield found(catalogue.QUANTIFIERS_NESTED, place, words)


def text_difference(json: Branch, xsd: Branch, undecided: Callable[[], None]) -> Unequal | None:
    """Return a text that one of two branches of kind TEXT allows and the other refuses, or None when they are alike.

    The enumerations are taken to be the same. Where the languages are too large to compare, samples are; when these are alike,
    ``undecided`` is called. A pattern that is not
    portable was told already, and is not compared.
    """
    try:
        if json.values is not None:
            return _differing([facet.value for facet in json.values], json, xsd)
        samples = [*_samples(json, "json"), *_samples(xsd, "xsd")]
        witness = language.find_difference(_language(json, "json"), _language(xsd, "xsd"))
    except PatternError:
        return None
    except AutomatonTooLarge:
        unequal = _differing(samples, json, xsd)
        if unequal is None:
            undecided()
        return unequal
    return None if witness is None else _unequal(witness.text, json, xsd)


def _differing(texts: list[str], json: Branch, xsd: Branch) -> Unequal | None:
    text = next((text for text in texts if holds(json, text, "json") != holds(xsd, text, "xsd")), None)
    return None if text is None else _unequal(text, json, xsd)


def _unequal(text: str, json: Branch, xsd: Branch) -> Unequal:
    by_length = _holds_patterns(json, text, "json") == _holds_patterns(xsd, text, "xsd")
    return Unequal(text, holds(json, text, "json"), by_length)


def _samples(branch: Branch, dialect: Dialect) -> Iterator[str]:
    """Yield texts of the patterns and, where there is none, of the lengths at the edge."""
    for choice in branch.patterns:
        for one in choice:
            yield from sample_pattern(pattern.parse(one.value, dialect), _SAMPLES)
    for facet in (branch.shortest, branch.longest):
        for length in (facet.value - 1, facet.value, facet.value + 1) if facet else ():
            yield "a" * length


def holds(branch: Branch, text: str, dialect: Dialect) -> bool:
    """Return whether the facets of a branch, but not its enumeration, allow a text."""
    least = branch.shortest.value if branch.shortest else 0
    if len(text) < least or (branch.longest is not None and len(text) > branch.longest.value):
        return False
    return _holds_patterns(branch, text, dialect)


def _holds_patterns(branch: Branch, text: str, dialect: Dialect) -> bool:
    return all(any(matches(one.value, text, dialect) for one in choice) for choice in branch.patterns)


def matches(expression: str, text: str, dialect: Dialect) -> bool:
    """Return whether a pattern allows a text. Raises PatternError for what is not portable."""
    pattern.parse(expression, dialect)
    if dialect == "json":
        return portable(expression).search(text) is not None
    # Python has anchors where XSD has characters.
    return re.fullmatch(_ANCHOR.sub(lambda match: f"\\{match[1]}" if match[1] else match[0], expression), text) is not None


def tried(expression: str) -> Iterator[str]:
    """Yield texts to try a portable XSD pattern with: some that it allows, and some that are near."""
    node = pattern.parse(expression, "xsd")
    try:
        allowed = language.from_pattern(node)
        yield from (*language.sample_inside(allowed, _TRIED), *language.sample_outside(allowed, _TRIED))
    except AutomatonTooLarge:
        pass
    for text in ("aaa", *sample_pattern(node, _TRIED)):
        yield from (text, text[:-1], text + text[-1:], text + text)


def unsatisfiable(branch: Branch, path: Path = ()) -> Iterator[Finding]:
    """Yield the leaves of a JSON Schema that no text satisfies."""
    for name, member in branch.members.items():
        yield from unsatisfiable(member, (*path, name))
    if branch.kind == TEXT and _allows_nothing(branch):
        yield found(
            catalogue.UNSATISFIABLE, branch.place, f"No text satisfies {format_path(path)!r}.", identity=format_path(path)
        )


def _allows_nothing(branch: Branch) -> bool:
    try:
        if branch.values is not None:
            return not any(holds(branch, facet.value, "json") for facet in branch.values)
        return language.is_empty(_language(branch, "json"))
    except (PatternError, AutomatonTooLarge):
        return False  # the one is told elsewhere, and the other allows something


def too_long(branch: Branch, attribute: str, length: int) -> Iterator[Finding]:
    """Yield that a JSON Schema allows an attribute longer texts than so many characters."""
    try:
        longest = _longest(branch)
    except PatternError:
        return
    if longest is None or longest > length:
        words = "texts of any length" if longest is None else f"{longest} characters"
        place = branch.patterns[0][0].place if branch.patterns else branch.place
        yield found(
            catalogue.UNBOUNDED, place, f"{attribute!r} may have {words}; operation.json allows {length}.", identity=attribute
        )


def _longest(branch: Branch) -> int | None:
    if branch.values is not None:
        return max((len(facet.value) for facet in branch.values), default=0)
    try:
        return language.find_max_length(_language(branch, "json"))
    except AutomatonTooLarge:
        bounds = [facet.value for facet in (branch.longest,) if facet is not None]
        for choice in branch.patterns:
            longest = _most([pattern.parse(one.value, "json") for one in choice])
            bounds += [longest] if longest is not None else []
        return min(bounds, default=None)


def _most(nodes: Sequence[Node]) -> int | None:
    """Return how many characters the longest of some patterns can have at the most; None without bound."""
    longest = [_at_most(node) for node in nodes]
    return None if None in longest else max(filter(None, longest), default=0)


def _at_most(node: Node) -> int | None:
    if isinstance(node, pattern.CharacterClass):
        return 1
    if isinstance(node, pattern.Alternation):
        return _most(node.parts)
    if isinstance(node, pattern.Repetition):
        inner = _at_most(node.part)
        return 0 if inner == 0 else None if inner is None or node.maximum is None else inner * node.maximum
    longest = [_at_most(part) for part in node.parts]
    return None if None in longest else sum(filter(None, longest))


def _language(branch: Branch, dialect: Dialect) -> Language:
    """Return the texts that a branch of kind TEXT without enumeration allows. Raises PatternError and AutomatonTooLarge."""
    least = branch.shortest.value if branch.shortest else 0
    lengths = language.from_lengths(least, branch.longest.value if branch.longest else None)
    return language.intersect(lengths, _patterns(branch, dialect))


def _patterns(branch: Branch, dialect: Dialect) -> Language:
    choices = [pattern.Alternation(tuple(pattern.parse(one.value, dialect) for one in choice)) for choice in branch.patterns]
    return language.intersect(*(language.from_pattern(choice) for choice in choices))
