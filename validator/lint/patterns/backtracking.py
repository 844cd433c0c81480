"""Patterns on which backtracking engines take exponential time: nested quantifiers and overlapping alternatives."""

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from validator.body.character_ranges import Ranges, intersect_ranges, merge_ranges
from validator.body.pattern import Alternation, CharacterClass, Concatenation, Node, Repetition
from validator.lint.patterns.automaton import Budget


def find_nested_quantifier(node: Node, budget: Budget | None = None) -> int | None:
    """Return the offset of a quantifier whose content can match one string in several ways, all of which backtracking tries.

    None if there is none. The check looks one character ahead: another quantifier inside may continue or end at the same
    character, or, in an unbounded quantifier, two alternatives start with the same character. It therefore also reports
    patterns that only a longer look-ahead shows to be harmless, such as (ab|ac)*. Raises AutomatonTooLarge.
    """
    return min(_find_ambiguous(node, None, (), budget or Budget()), default=None)


def _find_ambiguous(node: Node, outer: Repetition | None, after: Ranges, budget: Budget) -> Iterator[int]:
    """Yield the offsets for find_nested_quantifier. after: the characters that may follow inside the enclosing quantifier."""
    if isinstance(node, Repetition):
        first = _find_first_characters(node.part)
        if outer and node.minimum != node.maximum and intersect_ranges(first, after):
            yield outer.offset
        if node.maximum is None or node.maximum > 1:
            after = merge_ranges((*first, *after)) if outer else first
            outer = outer if outer and outer.maximum is None else node
        yield from _find_ambiguous(node.part, outer, after, budget)
    elif isinstance(node, Alternation):
        if outer and outer.maximum is None and _overlap(map(_find_first_characters, node.parts)):
            yield outer.offset
        for part in node.parts:
            yield from _find_ambiguous(part, outer, after, budget)
    elif isinstance(node, Concatenation):
        for part in reversed(node.parts):
            yield from _find_ambiguous(part, outer, after, budget)
            if outer:
                budget.spend(len(after) + 1)
                after = merge_ranges((*_find_first_characters(part), *(after if _is_skippable(part) else ())))


def _overlap(several: Iterable[Ranges]) -> bool:
    """Return whether two of several sets of characters have one in common."""
    return any(low <= high for (_, high), (low, _) in pairwise(sorted(chain.from_iterable(several))))


def _find_first_characters(node: Node) -> Ranges:
    """Return the characters that a match may start with."""
    if isinstance(node, CharacterClass):
        return node.ranges
    if isinstance(node, Repetition):
        return _find_first_characters(node.part)
    needed = next((index for index, part in enumerate(node.parts) if not _is_skippable(part)), len(node.parts))
    parts = node.parts if isinstance(node, Alternation) else node.parts[: needed + 1]
    return merge_ranges(pair for part in parts for pair in _find_first_characters(part))


def _is_skippable(node: Node) -> bool:
    """Return whether the empty string matches."""
    if isinstance(node, Repetition):
        return node.minimum == 0 or _is_skippable(node.part)
    if isinstance(node, Alternation):
        return any(map(_is_skippable, node.parts))
    return isinstance(node, Concatenation) and all(map(_is_skippable, node.parts))
