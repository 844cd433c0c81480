"""Languages of texts: compared, bounded and searched by automata over ranges of code points.

All texts are of characters that XML 1.0 can carry (section 2.2, Char): what either format could not say is no difference.
"""

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from validator.lint.pattern import ANY, Chars, Choice, Node, Ranges, Repeat
from validator.lint.pattern import Sequence as InSequence

LIMIT: Final = 4_000  # states, beyond which nothing is decided
_CARRIED: Final[Ranges] = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
_PLEASANT: Final = (*b"a0A", *b"bcdefghijklmnopqrstuvwxyz", *b"123456789", *range(0x21, 0x7F), 0x20)

_States = frozenset[int]
_State = tuple[_States, ...]  # of every automaton of a language


class TooLarge(Exception):  # noqa: N818 - it is no error: the caller tries samples
    """An automaton has more states than are looked at."""


class Witness(NamedTuple):
    """A shortest text that one of two languages holds. in_left: whether it is the first one."""

    text: str
    in_left: bool


@dataclass(frozen=True)
class _Automaton:
    """A nondeterministic automaton: from each state, where it goes on nothing, and on the characters of some ranges."""

    free: tuple[tuple[int, ...], ...]
    moves: tuple[tuple[Ranges, int] | None, ...]
    start: int
    end: int

    def closure(self, states: Sequence[int]) -> _States:
        seen, waiting = set(states), list(states)
        while waiting:
            for target in self.free[waiting.pop()]:
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen)

    def step(self, states: _States, point: int) -> _States:
        moves = [self.moves[state] for state in states]
        return self.closure([move[1] for move in moves if move and any(low <= point <= high for low, high in move[0])])


@dataclass(frozen=True)
class Language:
    """The texts that every automaton takes; of none, all texts."""

    automata: tuple[_Automaton, ...] = ()

    def start(self) -> _State:
        """Return the state before any character."""
        return tuple(automaton.closure([automaton.start]) for automaton in self.automata)

    def step(self, state: _State, point: int) -> _State:
        """Return the state after a character."""
        return tuple(automaton.step(states, point) for automaton, states in zip(self.automata, state, strict=True))

    def accepts(self, state: _State) -> bool:
        """Return whether a text may end in a state."""
        return all(automaton.end in states for automaton, states in zip(self.automata, state, strict=True))

    def holds(self, text: str) -> bool:
        """Return whether a text is in the language."""
        state = self.start()
        for character in text:
            if not any(low <= ord(character) <= high for low, high in _CARRIED):
                return False
            state = self.step(state, ord(character))
        return self.accepts(state)


def of_pattern(node: Node) -> Language:
    """Return the texts of a pattern. Raises TooLarge."""
    builder = _Builder()
    start, end = builder.build(node)
    return Language((_Automaton(tuple(map(tuple, builder.free)), tuple(builder.moves), start, end),))


def of_lengths(minimum: int, maximum: int | None) -> Language:
    """Return the texts of some length, in characters; maximum None: without bound. Raises TooLarge."""
    return Language() if minimum <= 0 and maximum is None else of_pattern(Repeat(ANY, minimum, maximum))


def intersection(*languages: Language) -> Language:
    """Return the texts that all languages hold."""
    return Language(tuple(automaton for language in languages for automaton in language.automata))


class _Builder:
    """Builds an automaton part by part (Thompson's construction)."""

    def __init__(self) -> None:
        self.free: list[list[int]] = []
        self.moves: list[tuple[Ranges, int] | None] = []

    def _new(self) -> int:
        if len(self.free) > LIMIT:
            raise TooLarge
        self.free.append([])
        self.moves.append(None)
        return len(self.free) - 1

    def build(self, node: Node) -> tuple[int, int]:
        """Add a part; return its first and last state."""
        if isinstance(node, Chars):
            start, end = self._new(), self._new()
            self.moves[start] = (node.ranges, end)
            return start, end
        if isinstance(node, Choice):
            start, end = self._new(), self._new()
            for first, last in [self.build(part) for part in node.parts]:
                self.free[start].append(first)
                self.free[last].append(end)
            return start, end
        return self._chain(node.parts) if isinstance(node, InSequence) else self._repeat(node)

    def _chain(self, parts: Sequence[Node]) -> tuple[int, int]:
        start = end = self._new()
        for part in parts:
            first, last = self.build(part)
            self.free[end].append(first)
            end = last
        return start, end

    def _repeat(self, node: Repeat) -> tuple[int, int]:
        start, at = self._chain([node.part] * min(node.minimum, LIMIT))
        end = self._new()
        self.free[at].append(end)
        if node.maximum is None:
            first, last = self.build(node.part)
            self.free[at].append(first)
            self.free[last] += [first, end]
            return start, end
        for _ in range(min(node.maximum, LIMIT + 1) - min(node.minimum, LIMIT)):
            first, last = self.build(node.part)
            self.free[at].append(first)
            self.free[last].append(end)
            at = last
        return start, end


def _points(*languages: Language) -> list[int]:
    """Return a character for each class of characters that no automaton tells apart, pleasant ones first."""
    moves = [move for language in languages for automaton in language.automata for move in automaton.moves if move]
    ranges = [pair for found, _ in moves for pair in found]
    edges = sorted({edge for low, high in (*ranges, *_CARRIED) for edge in (low, high + 1)})
    found = []
    for low, after in itertools.pairwise(edges):
        if any(first <= low <= last for first, last in _CARRIED):
            found.append(next((point for point in _PLEASANT if low <= point < after), low))
    rank = {point: index for index, point in reversed(list(enumerate(_PLEASANT)))}
    return sorted(found, key=lambda point: (rank.get(point, len(rank)), point))


def difference(left: Language, right: Language) -> Witness | None:
    """Return a shortest text that exactly one of two languages holds, or None where they are equal. Raises TooLarge."""
    points = _points(left, right)
    start = (left.start(), right.start())
    seen, waiting = {start}, deque([(start, "")])
    while waiting:
        (mine, other), text = waiting.popleft()
        if left.accepts(mine) != right.accepts(other):
            return Witness(text, left.accepts(mine))
        for point in points:
            state = (left.step(mine, point), right.step(other, point))
            if state not in seen:
                seen.add(state)
                waiting.append((state, text + chr(point)))
        if len(seen) > LIMIT:
            raise TooLarge
    return None


def shortest(language: Language) -> int | None:
    """Return the length of a shortest text, in characters; None where there is none. Raises TooLarge."""
    depths, _ = _explored(language)
    return min((depth for state, depth in depths.items() if language.accepts(state)), default=None)


def longest(language: Language) -> int | None:
    """Return the length of a longest text, in characters; None without bound, 0 where there is none. Raises TooLarge."""
    depths, edges = _explored(language)
    back: dict[_State, list[_State]] = {}
    for source, targets in edges.items():
        for target in targets:
            back.setdefault(target, []).append(source)
    useful = {state for state in depths if language.accepts(state)}
    waiting = list(useful)
    while waiting:
        for source in back.get(waiting.pop(), ()):
            if source not in useful:
                useful.add(source)
                waiting.append(source)
    return _longest_way({state: [target for target in edges[state] if target in useful] for state in useful})


def _longest_way(edges: dict[_State, list[_State]]) -> int | None:
    """Return the length of the longest way through a graph of states that all lead to an end; None where it has a circle."""
    arriving = dict.fromkeys(edges, 0)
    for targets in edges.values():
        for target in targets:
            arriving[target] += 1
    ready = [state for state, count in arriving.items() if not count]
    length = dict.fromkeys(edges, 0)
    done = 0
    while ready:
        state = ready.pop()
        done += 1
        for target in edges[state]:
            length[target] = max(length[target], length[state] + 1)
            arriving[target] -= 1
            if not arriving[target]:
                ready.append(target)
    return max(length.values(), default=0) if done == len(edges) else None


def _explored(language: Language) -> tuple[dict[_State, int], dict[_State, set[_State]]]:
    """Return every state with its depth, and where each one goes."""
    points = _points(language)
    start = language.start()
    depths, waiting = {start: 0}, deque([start])
    edges: dict[_State, set[_State]] = {}
    while waiting:
        state = waiting.popleft()
        edges[state] = {language.step(state, point) for point in points}
        for target in edges[state] - depths.keys():
            depths[target] = depths[state] + 1
            waiting.append(target)
        if len(depths) > LIMIT:
            raise TooLarge
    return depths, edges
