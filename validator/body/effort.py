"""Check patterns: every engine must understand a pattern in the same way, compile it, and match it without endless attempts.

libxml2 and ``re`` try one way of matching after another. The number of ways grows exponentially with the text for (a|aa)*, and
with the pattern for a?a?a?aaa. It is counted here without trying them: all ways that lead to the same place count at once.
"""

import heapq
import itertools
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from validator.body.character_ranges import Ranges, contains_point
from validator.body.pattern import (
    ANY_STRING,
    Alternation,
    CharacterClass,
    Concatenation,
    Dialect,
    Node,
    Repetition,
    SlowPatternError,
    parse,
)

TEXT_LENGTH: Final = 64  # characters of the texts that are considered
MAX_CHARACTERS: Final = 20_000  # of a JSON Schema pattern: the engine in Rust compiles that many classes in its limit of memory
MAX_STEPS: Final = 100_000  # for such a text; libxml2 gives up after 10,000,000
_MAX_OPERATIONS: Final = 600_000  # operations of one measurement: a fraction of a second
_BEAM: Final = 4  # texts that are continued at the same time

_Ways = Mapping[int, int]  # from a place in the pattern to the number of ways that lead there


class _TooLarge(Exception):  # noqa: N818 - a signal, caught below
    """The measurement takes too many operations."""


class _Part(NamedTuple):
    """A part of a pattern. empty: the ways to match the empty string. first, last: the places where a match starts and ends."""

    empty: int
    first: _Ways
    last: _Ways


_NOTHING: Final = _Part(1, {}, {})


class Effort(NamedTuple):
    """The result of a measurement.

    steps: the most that are found for a text of TEXT_LENGTH characters, at most MAX_STEPS + 1; None if it is not decided.
    operations: that the measurement took; 1,000,000 take about a second.
    """

    steps: int | None
    operations: int


class _Text(NamedTuple):
    """A text on which steps are counted. ways: to go on after it."""

    ways: _Ways
    steps: int


@cache
def check_pattern(pattern: str, dialect: Dialect) -> Node:
    """Return the syntax tree of a pattern that an operation may use. Raises PatternError."""
    node = parse(pattern, dialect)
    if dialect == "json" and _count_characters(node) > MAX_CHARACTERS:
        raise SlowPatternError(f"the counts expand to more than {MAX_CHARACTERS} characters, which engines do not compile")
    steps = measure_pattern(pattern, dialect).steps
    if steps is None:
        raise SlowPatternError("the pattern is too large to decide how long engines take to match it")
    if steps > MAX_STEPS:
        raise SlowPatternError(
            f"a text of {TEXT_LENGTH} characters can match in so many ways that engines take more than {MAX_STEPS} steps"
        )
    return node


def _count_characters(node: Node) -> int:
    """Return the number of character classes of a pattern whose counted repetitions are written out."""
    if isinstance(node, CharacterClass):
        return 1
    if isinstance(node, Repetition):
        return _count_characters(node.part) * (max(node.minimum, 1) if node.maximum is None else node.maximum)
    return sum(map(_count_characters, node.parts))


@cache
def measure_pattern(pattern: str, dialect: Dialect) -> Effort:
    """Return the effort of a pattern. Raises PatternError."""
    return measure_effort(parse(pattern, dialect))


def measure_effort(node: Node) -> Effort:
    """Return the effort of a pattern."""
    graph = _Graph()
    try:
        return Effort(graph.measure(node), graph.operations)
    except _TooLarge:
        return Effort(None, graph.operations)


class _Graph:
    """The places of a pattern, each a character class, and the ways from one to the next (Glushkov's construction)."""

    def __init__(self) -> None:
        self.operations = 0
        self._places: list[Ranges] = []
        self._next: list[dict[int, int]] = []
        self._whole = _NOTHING

    def measure(self, node: Node) -> int:
        """Return the most steps from the start, and from any place that has several ways to go on. Raises _TooLarge."""
        whole = self._whole = self._build(_strip_any(node))
        steps = max(2 * TEXT_LENGTH, whole.empty + max(whole.last.values(), default=0))
        starts = [{place: 1} for place, following in enumerate(self._next) if self._is_ambiguous(following)]
        if starts or self._is_ambiguous(whole.first):
            covered: set[int] = set()
            for start in (whole.first, *starts):
                if steps <= MAX_STEPS and not start.keys() <= covered:
                    steps = max(steps, self._follow(start, covered))
        return min(steps, MAX_STEPS + 1)

    def _spend(self, operations: int) -> None:
        self.operations += operations
        if self.operations > _MAX_OPERATIONS:
            raise _TooLarge

    def _is_ambiguous(self, following: _Ways) -> bool:
        """Return whether two ways go on with the same character."""
        if len(following) == 1:
            return any(ways > 1 for ways in following.values())
        pairs = sorted(pair for place in following for pair in self._places[place])
        self._spend(len(pairs) + 1)
        overlaps = any(low <= high for (_, high), (low, _) in itertools.pairwise(pairs))
        return overlaps or any(ways > 1 for ways in following.values())

    def _follow(self, start: _Ways, covered: set[int]) -> int:
        """Return the steps for a text that has many ways: at each character the texts with the most ways are continued.

        covered: receives the places from which at least half of the text was followed.
        """
        beam, steps = [_Text(start, 0)], 0
        for length in range(TEXT_LENGTH):
            continued = [self._extend(text, point) for text in beam for point in self._list_points(text.ways)]
            beam = heapq.nlargest(_BEAM, continued, key=lambda text: sum(text.ways.values()))
            steps = max([steps, *(text.steps for text in continued)])
            if not beam or steps > MAX_STEPS:
                break
            if 2 * length < TEXT_LENGTH:
                covered.update(*(text.ways for text in beam))
        return steps

    def _list_points(self, ways: _Ways) -> set[int]:
        """Return a character for each combination of places that match one: the first of each range."""
        self._spend(sum(len(self._places[place]) for place in ways))
        return {low for place in ways for low, _ in self._places[place]}

    def _extend(self, text: "_Text", point: int) -> "_Text":
        """Return a text with one more character."""
        self._spend(len(text.ways))
        matching = {place: count for place, count in text.ways.items() if contains_point(self._places[place], point)}
        ends = sum(count * self._whole.last.get(place, 0) for place, count in matching.items())
        return _Text(self._advance(matching), text.steps + sum(matching.values()) + ends)

    def _advance(self, ways: _Ways) -> _Ways:
        following: dict[int, int] = {}
        for place, count in ways.items():
            self._spend(len(self._next[place]) + 1)
            for target, weight in self._next[place].items():
                following[target] = following.get(target, 0) + count * weight
        return following

    def _build(self, node: Node) -> _Part:
        self._spend(5)
        if isinstance(node, CharacterClass):
            self._places.append(node.ranges)
            self._next.append({})
            return _Part(0, {len(self._places) - 1: 1}, {len(self._places) - 1: 1})
        if isinstance(node, Concatenation):
            return self._join(self._build(part) for part in node.parts)
        if isinstance(node, Alternation):
            parts = [self._build(part) for part in node.parts]
            return _Part(
                min(sum(part.empty for part in parts), MAX_STEPS + 1),
                _add(part.first for part in parts),
                _add(part.last for part in parts),
            )
        return self._repeat(node)

    def _join(self, parts: Iterable[_Part]) -> _Part:
        whole = _NOTHING
        for part in parts:
            self._connect(whole.last, part.first)
            self._spend(len(whole.last) * (part.empty > 0) + len(part.first) * (whole.empty > 0))
            whole = _Part(
                min(whole.empty * part.empty, MAX_STEPS + 1),
                _add((whole.first, _multiply(part.first, whole.empty))),
                _add((_multiply(whole.last, part.empty), part.last)),
            )
        return whole

    def _repeat(self, node: Repetition) -> _Part:
        """Return a repeated part. More repetitions than a text has characters make no difference."""
        minimum = min(node.minimum, TEXT_LENGTH)
        if node.maximum is None or node.maximum - node.minimum > TEXT_LENGTH:
            required = [self._build(node.part) for _ in range(minimum - 1)]
            part = self._build(node.part)
            self._connect(part.last, part.first)
            return self._join([*required, part._replace(empty=part.empty if minimum else 1)])
        whole = _NOTHING
        for _ in range(node.maximum - node.minimum):
            part = self._join([self._build(node.part), whole])
            whole = part._replace(empty=min(part.empty + 1, MAX_STEPS + 1))
        return self._join([*(self._build(node.part) for _ in range(minimum)), whole])

    def _connect(self, last: _Ways, first: _Ways) -> None:
        self._spend(len(last) * len(first))
        for place, count in last.items():
            following = self._next[place]
            for target, ways in first.items():
                following[target] = min(following.get(target, 0) + count * ways, MAX_STEPS + 1)


def _strip_any(node: Node) -> Node:
    """Return a pattern without the strings of any characters around an unanchored one: no engine tries their lengths."""
    if isinstance(node, Concatenation):
        return Concatenation(tuple(part for part in node.parts if part is not ANY_STRING))
    return node


def _add(several: Iterable[_Ways]) -> _Ways:
    total: dict[int, int] = {}
    for ways in several:
        for place, count in ways.items():
            total[place] = min(total.get(place, 0) + count, MAX_STEPS + 1)
    return total


def _multiply(ways: _Ways, factor: int) -> _Ways:
    return {place: min(count * factor, MAX_STEPS + 1) for place, count in ways.items()} if factor else {}
