"""Where a backtracking engine would try a text in many ways: quantifiers inside quantifiers, and alternatives that overlap."""

from collections.abc import Iterator
from itertools import combinations

from validator.lint.patterns.pattern import Chars, Choice, Node, Ranges, Repeat, Sequence, common, joined


def nested_quantifier(node: Node) -> int | None:
    """Return the offset of a quantifier inside which a text can match in many ways, all of which backtracking tries; or None.

    Judged by one character: inside it another quantifier may go on or end at the same one, or, where it has no bound, two
    alternatives begin with the same one. So what only a longer look tells apart, such as (ab|ac)*, counts as well.
    """
    return min(_ambiguous(node, None, ()), default=None)


def _ambiguous(node: Node, around: Repeat | None, after: Ranges) -> Iterator[int]:
    """Yield the offsets for nested_quantifier. after: the characters that may come next inside the quantifier around."""
    if isinstance(node, Repeat):
        first = _first(node.part)
        if around and node.minimum != node.maximum and common(first, after):
            yield around.offset
        if node.maximum is None or node.maximum > 1:
            after = joined((*first, *after)) if around else first
            around = around if around and around.maximum is None else node
        yield from _ambiguous(node.part, around, after)
    elif isinstance(node, Choice):
        pairs = combinations([_first(part) for part in node.parts], 2)
        if around and around.maximum is None and any(common(*pair) for pair in pairs):
            yield around.offset
        for part in node.parts:
            yield from _ambiguous(part, around, after)
    elif isinstance(node, Sequence):
        for part in reversed(node.parts):
            yield from _ambiguous(part, around, after)
            after = joined((*_first(part), *(after if _is_skippable(part) else ())))


def _first(node: Node) -> Ranges:
    """Return the characters that a text may begin with."""
    if isinstance(node, Chars):
        return node.ranges
    if isinstance(node, Repeat):
        return _first(node.part)
    needed = next((index for index, part in enumerate(node.parts) if not _is_skippable(part)), len(node.parts))
    parts = node.parts if isinstance(node, Choice) else node.parts[: needed + 1]
    return joined(pair for part in parts for pair in _first(part))


def _is_skippable(node: Node) -> bool:
    """Return whether the empty text matches."""
    if isinstance(node, Repeat):
        return node.minimum == 0 or _is_skippable(node.part)
    if isinstance(node, Choice):
        return any(map(_is_skippable, node.parts))
    return isinstance(node, Sequence) and all(map(_is_skippable, node.parts))
