"""Nondeterministic finite automata over ranges of code points, built from patterns (Thompson's construction)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from validator.body.character_ranges import Ranges, contains_point
from validator.body.pattern import Alternation, CharacterClass, Concatenation, Node, Repetition

MAX_STATES: Final = 4_000  # of an automaton under construction
MAX_STEPS: Final = 500_000  # of one comparison: a fraction of a second
TOTAL_STEPS: Final = 4_000_000  # of all comparisons of an operation: a few seconds
_STATE_STEPS: Final = 5  # to add a state

States = frozenset[int]


class AutomatonTooLarge(Exception):  # noqa: N818 - not an error: the caller falls back to samples
    """An automaton has too many states, or its search takes too many steps."""


class Budget:
    """The steps that comparisons may take: each of them, and all that share the budget. results: those that are remembered."""

    def __init__(self, total: int = TOTAL_STEPS) -> None:
        """Create a budget with a first comparison. total: steps."""
        self.results: dict[Hashable, Any] = {}
        self._total = total
        self._left = MAX_STEPS

    def start(self) -> None:
        """Begin the next comparison."""
        self._left = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Take some steps. Raises AutomatonTooLarge when they are used up, of the comparison or of all."""
        self._left -= steps
        self._total -= steps
        if self._left < 0 or self._total < 0:
            raise AutomatonTooLarge


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
        return self.closure([move[1] for move in moves if move and contains_point(move[0], point)])


def build_automaton(node: Node, budget: Budget | None = None) -> Automaton:
    """Return the automaton of a pattern. Raises AutomatonTooLarge."""
    builder = _Builder(budget or Budget())
    start, end = builder.build(node)
    return Automaton(tuple(map(tuple, builder.free)), tuple(builder.moves), start, end)


class _Builder:
    """Builds an automaton part by part."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.free: list[list[int]] = []
        self.moves: list[tuple[Ranges, int] | None] = []

    def _add_state(self) -> int:
        if len(self.free) > MAX_STATES:
            raise AutomatonTooLarge
        self._budget.spend(_STATE_STEPS)
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
