"""The lengths of the strings that a schema allows, against operation.json and the numbers in descriptions."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from validator.body import pattern
from validator.body.pattern import Dialect, Node, PatternError
from validator.lint.catalogue import schema_kinds as kinds
from validator.lint.patterns import language
from validator.lint.patterns.automaton import AutomatonTooLarge, Budget
from validator.lint.schemas.facets import build_language, list_facets
from validator.lint.schemas.schema_tree import STRING, SchemaNode
from validator.model.pointer import Path, format_path
from validator.output.finding import Finding, Location

# "1 to 19 digits", "at most 255 characters", "a word of 3 letters"; not "the first 3 digits", nor octets.
_COUNT: Final = re.compile(
    r"(?P<bound>at most|up to|no more than|cut to|at least|(?:first|last|other) )?\s*"
    r"(?:(?<![\w.+-])(?P<least>[0-9]{1,9})\s*(?:to|or|-|\N{EN DASH})\s*)?"
    r"(?<![\w.+-])(?P<most>[0-9]{1,9}) (?:\w+ ){0,2}?(?:characters?|digits?|letters?)\b",
    re.IGNORECASE,
)
_EXACT: Final = re.compile(r"\{([0-9]+)\}")  # in a pattern: a part of exactly this length


def check_length_bound(node: SchemaNode, attribute: str, limit: int, budget: Budget, declaration: Location) -> Iterator[Finding]:
    """Yield a finding if a JSON Schema allows strings of more than ``limit`` characters for an attribute, or of fewer only.

    declaration: where operation.json declares the limit.
    """
    budget.start()
    try:
        longest = _measure_longest(node, budget)
    except PatternError:
        return
    if longest is None or longest > limit:
        allowed = "strings of any length" if longest is None else f"up to {longest} characters"
        location = node.patterns[0][0].location if node.patterns else node.location
        message = f"The schema allows {allowed} for {attribute!r}; operation.json allows {limit}."
        yield Finding(kinds.VALUE_UNBOUNDED, message, location, identity=attribute)
    elif 0 < longest < limit:  # where nothing is allowed, that is reported
        message = f"operation.json allows {limit} characters for {attribute!r}; the schema allows up to {longest}."
        related = node.definition._replace(message="the schema is stricter")
        yield Finding(kinds.LENGTH_LOOSER, message, declaration, related=(related,), identity=attribute)


def check_descriptions(node: SchemaNode, dialect: Dialect, budget: Budget, path: Path = ()) -> Iterator[Finding]:
    """Yield the descriptions of strings whose number of characters is not the one that a schema allows, each once.

    Strings that are too large to decide, or not portable, have a finding or a line of their own.
    """
    reported: set[Location] = set()
    for member, at in _walk(node, path):
        for text in member.texts if member.kind == STRING else ():
            if text.location in reported or not _COUNT.search(text.value):
                continue
            reported.add(text.location)
            lengths = _measure(member, dialect, budget)
            if lengths is None:
                continue
            exact = [int(number) for choice in member.patterns for one in choice for number in _EXACT.findall(one.value)]
            for count in _COUNT.finditer(text.value):
                problem = _find_contradiction(count, *lengths, exact)
                if problem:
                    attribute = format_path(at)
                    message = f"The description of {attribute!r} says {count[0].strip()!r}; the schema allows {problem}."
                    yield Finding(kinds.DESCRIPTION_CONTRADICTS, message, text.location, identity=attribute)


def _walk(node: SchemaNode, path: Path) -> Iterator[tuple[SchemaNode, Path]]:
    yield node, path
    for name, member in node.members.items():
        yield from _walk(member, (*path, name))


def _find_contradiction(count: re.Match[str], shortest: int, longest: int | None, exact: Sequence[int]) -> str:
    """Return what a schema allows if a number of characters contradicts it, else ""."""
    bound, least, most = (count["bound"] or "").strip().lower(), count["least"], int(count["most"])
    if bound in {"first", "last", "other"}:
        return ""
    if bound == "at least":
        return "" if most == shortest else f"at least {shortest}"
    is_right = most == longest if bound or least else most in {shortest, longest, *exact}
    if is_right and (not least or int(least) == shortest):
        return ""
    return f"{shortest} or more" if longest is None else f"{shortest} to {longest}"


def _measure(node: SchemaNode, dialect: Dialect, budget: Budget) -> tuple[int, int | None] | None:
    """Return the lengths of a shortest and a longest string that a node allows; None if that is not decided."""
    key = ("lengths", dialect, list_facets(node))
    if key not in budget.results:
        budget.start()
        try:
            budget.results[key] = _measure_exactly(node, dialect, budget)
        except (PatternError, AutomatonTooLarge):
            budget.results[key] = None
    lengths: tuple[int, int | None] | None = budget.results[key]
    return lengths


def _measure_exactly(node: SchemaNode, dialect: Dialect, budget: Budget) -> tuple[int, int | None] | None:
    """Return the lengths of a shortest and a longest string; None without a string. Raises as ``build_language``."""
    if node.values is not None:
        sizes = [len(constraint.value) for constraint in node.values]
        return (min(sizes), max(sizes)) if sizes else None
    allowed = build_language(node, dialect, budget)
    shortest = language.find_min_length(allowed, budget)
    return None if shortest is None else (shortest, language.find_max_length(allowed, budget))


def _measure_longest(node: SchemaNode, budget: Budget) -> int | None:
    """Return the length of the longest string that a node allows, or a bound of it if that takes too long; None if unbounded."""
    if node.values is not None:
        return max((len(constraint.value) for constraint in node.values), default=0)
    try:
        return language.find_max_length(build_language(node, "json", budget), budget)
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
