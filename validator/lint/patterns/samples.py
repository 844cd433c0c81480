"""Sample strings of a pattern, built from its syntax tree: for patterns whose automaton is too large, and to test engines."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from validator.body.character_ranges import pick_readable
from validator.body.pattern import Alternation, CharacterClass, Concatenation, Node

_FEW: Final = 8  # samples of a part
_MAX_LENGTH: Final = 10_000  # characters of a part's sample


def sample_pattern(node: Node, count: int) -> tuple[str, ...]:
    """Return at most ``count`` strings that a pattern allows, each part varied in turn."""
    return tuple(dict.fromkeys(islice(_generate_samples(node), count)))


def _generate_samples(node: Node) -> Iterator[str]:
    if isinstance(node, CharacterClass):
        points = chain((pick_readable(*pair) for pair in node.ranges), chain.from_iterable(node.ranges))
        yield from map(chr, sorted(dict.fromkeys(points), key=lambda point: not 0x20 < point < 0x7F))
    elif isinstance(node, Alternation):
        yield from chain.from_iterable(_generate_short_samples(part) for part in node.parts)
    elif isinstance(node, Concatenation):
        yield from _vary_parts([_generate_short_samples(part) for part in node.parts])
    else:
        maximum = node.minimum + 2 if node.maximum is None else node.maximum
        times = sorted({node.minimum, min(node.minimum + 1, maximum), maximum})
        samples = _generate_short_samples(node.part) or [""] * (0 in times)
        yield from dict.fromkeys(sample * count for sample in samples for count in times if len(sample) * count <= _MAX_LENGTH)


def _generate_short_samples(node: Node) -> list[str]:
    """Return some samples that are not too long to build on, the shortest first."""
    return sorted((sample for sample in islice(_generate_samples(node), _FEW) if len(sample) <= _MAX_LENGTH), key=len)


def _vary_parts(parts: list[list[str]]) -> Iterator[str]:
    """Yield the first samples of all parts joined, then the other samples of one part at a time."""
    first = [samples[0] for samples in parts if samples]
    if len(first) == len(parts) and sum(map(len, first)) <= _MAX_LENGTH:
        yield "".join(first)
        for index, samples in enumerate(parts):
            yield from ("".join((*first[:index], sample, *first[index + 1 :])) for sample in samples[1:])
