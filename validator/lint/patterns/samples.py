"""Texts that a pattern allows, found along its syntax: where an automaton would be too large, and to try engines with."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from validator.lint.patterns.pattern import Chars, Choice, Node, Sequence, pleasant

_FEW: Final = 8  # texts that are tried for a part
_LONG: Final = 10_000  # characters of a part's text, beyond which samples are no longer small


def sample_texts(node: Node, count: int) -> tuple[str, ...]:
    """Return at most so many texts that a pattern allows, without any automaton: each part varied in turn."""
    return tuple(dict.fromkeys(islice(_texts(node), count)))


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node, Chars):
        points = chain((pleasant(*pair) for pair in node.ranges), chain.from_iterable(node.ranges))
        yield from map(chr, sorted(dict.fromkeys(points), key=lambda point: not 0x20 < point < 0x7F))
    elif isinstance(node, Choice):
        yield from chain.from_iterable(_few(part) for part in node.parts)
    elif isinstance(node, Sequence):
        yield from _varied([_few(part) for part in node.parts])
    else:
        maximum = node.minimum + 2 if node.maximum is None else node.maximum
        times = sorted({node.minimum, min(node.minimum + 1, maximum), maximum})
        texts = _few(node.part) or [""] * (0 in times)
        yield from dict.fromkeys(text * count for text in texts for count in times if len(text) * count <= _LONG)


def _few(node: Node) -> list[str]:
    """Return some texts, the shortest first, and none that is too long to go on with."""
    return sorted((text for text in islice(_texts(node), _FEW) if len(text) <= _LONG), key=len)


def _varied(parts: list[list[str]]) -> Iterator[str]:
    """Yield the first texts of all parts in a row, then the others, one part at a time."""
    first = [texts[0] for texts in parts if texts]
    if len(first) == len(parts) and sum(map(len, first)) <= _LONG:
        yield "".join(first)
        for index, texts in enumerate(parts):
            yield from ("".join((*first[:index], text, *first[index + 1 :])) for text in texts[1:])
