"""Nondeterministic finite automata over ranges of code points, built from patterns (Thompson's construction)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from validator.body.pattern import Alternation, CharacterClass, Concatenation, Node, Ranges, Repetition

MAX_STATES: Final = 4_000  # of an automaton under construction

States = frozenset[int]


class AutomatonTooLarge(Exception):  # noqa: N818 - not an error: the caller falls back to samples
    """An automaton has too many states, or its search takes too many steps."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """A nondeterministic automaton. free: the empty transitions of each state. moves: its transition on a character, if any."""

    free: tuple[tuple[int, ...], ...]
    moves: tuple[tuple[Ranges, int] | None, ...]
    start: int
    end: int

    def closure(self, states: Sequence[int]) -> States:
        """Return the states that empty transitions reach from some states, including these."""
        seen, waiting = set(states), list(states)
        while waiting:
            for target in self.free[waiting.pop()]:
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen)

    def step(self, states: States, point: int) -> States:
        """Return the states after a character."""
        moves = [self.moves[state] for state in states]
        return self.closure([move[1] for move in moves if move and any(low <= point <= high for low, high in move[0])])


def build_automaton(node: Node) -> Automaton:
    """Return the automaton of a pattern. Raises AutomatonTooLarge."""
    builder = _Builder()
    start, end = builder.build(node)
    return Automaton(tuple(map(tuple, builder.free)), tuple(builder.moves), start, end)


class _Builder:
    """Builds an automaton part by part."""

    def __init__(self) -> None:
        self.free: list[list[int]] = []
        self.moves: list[tuple[Ranges, int] | None] = []

    def _add_state(self) -> int:
        if len(self.free) > MAX_STATES:
            raise AutomatonTooLarge
        self.free.append([])
        self.moves.append(None)
        return len(self.free) - 1

    def build(self, node: Node) -> tuple[int, int]:
        """Add a part; return its first and last state."""
        if isinstance(node, CharacterClass):
            start, end = self._add_state(), self._add_state()
            self.moves[start] = (node.ranges, end)
            return start, end
        if isinstance(node, Alternation):
            start, end = self._add_state(), self._add_state()
            for first, last in [self.build(part) for part in node.parts]:
                self.free[start].append(first)
                self.free[last].append(end)
            return start, end
        return self._chain(node.parts) if isinstance(node, Concatenation) else self._repeat(node)

    def _chain(self, parts: Sequence[Node]) -> tuple[int, int]:
        start = end = self._add_state()
        for part in parts:
            first, last = self.build(part)
            self.free[end].append(first)
            end = last
        return start, end

    def _repeat(self, node: Repetition) -> tuple[int, int]:
        start, at = self._chain([node.part] * min(node.minimum, MAX_STATES))
        end = self._add_state()
        self.free[at].append(end)
        if node.maximum is None:
            first, last = self.build(node.part)
            self.free[at].append(first)
            self.free[last] += [first, end]
            return start, end
        for _ in range(min(node.maximum, MAX_STATES + 1) - min(node.minimum, MAX_STATES)):
            first, last = self.build(node.part)
            self.free[at].append(first)
            self.free[last].append(end)
            at = last
        return start, end
