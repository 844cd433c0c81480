"""Languages of texts: compared, bounded and searched by automata over ranges of code points.

All texts are of characters that XML 1.0 can carry (section 2.2, Char): what either format could not say is no difference.
"""

import itertools
import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, NamedTuple

from validator.lint.patterns.pattern import ANY, ANY_TEXT, CARRIED, Chars, Choice, Node, Ranges, Repeat, one, pleasant
from validator.lint.patterns.pattern import Sequence as InSequence

LIMIT: Final = 4_000  # states of an automaton as it is built, beyond which nothing is decided
EFFORT: Final = 500_000  # steps from such states, beyond which nothing is decided: a fraction of a second

_States = frozenset[int]
_State = tuple[_States, ...]  # of every automaton of a language


class TooLarge(Exception):  # noqa: N818 - it is no error: the caller tries samples
    """An automaton has more states, or takes more steps, than are looked at."""


class Witness(NamedTuple):
    """A shortest text that one of two languages holds. in_left: whether it is the first one."""

    text: str
    in_left: bool


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Language:
    """The texts that every automaton takes; there is one at least."""

    automata: tuple[_Automaton, ...]

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
            state = self.step(state, ord(character))
        return self.accepts(state)


def of_pattern(node: Node) -> Language:
    """Return the texts of a pattern. Raises TooLarge."""
    builder = _Builder()
    start, end = builder.build(node)
    return Language((_Automaton(tuple(map(tuple, builder.free)), tuple(builder.moves), start, end),))


def of_lengths(minimum: int, maximum: int | None) -> Language:
    """Return the texts of some length, in characters; maximum None: without bound. Raises TooLarge."""
    return of_texts(()) if maximum is not None and maximum < minimum else of_pattern(Repeat(ANY, minimum, maximum))


def of_texts(texts: Iterable[str]) -> Language:
    """Return the language of the texts of an enumeration. Raises TooLarge."""
    return of_pattern(Choice(tuple(InSequence(tuple(one(ord(character)) for character in text)) for text in texts)))


def everything() -> Language:
    """Return all texts."""
    return of_pattern(ANY_TEXT)


def intersection(*languages: Language) -> Language:
    """Return the texts that all languages hold; of none, all texts."""
    return Language(tuple(automaton for language in languages or (everything(),) for automaton in language.automata))


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


def _points(language: Language) -> list[int]:
    """Return a character for each class of characters that no automaton tells apart, pleasant ones first."""
    ranges = {pair for automaton in language.automata for move in automaton.moves if move for pair in move[0]}
    edges = sorted({edge for low, high in (*ranges, *CARRIED) for edge in (low, high + 1)})
    pairs = [(low, after - 1) for low, after in itertools.pairwise(edges) if any(first <= low <= last for first, last in CARRIED)]
    return sorted((pleasant(low, high) for low, high in pairs), key=lambda point: (_tier(point), point))


def _tier(point: int) -> int:
    """Return 0 for letters and digits, 1 for what else of ASCII can be seen, 2 for other characters."""
    return int(not chr(point).isalnum()) if 0x20 <= point < 0x7F else 2


class _Arrival(NamedTuple):
    """A state, a shortest text that leads to it, and where each character goes on from it."""

    state: _State
    text: str
    targets: dict[int, _State]


def _walk(language: Language, points: Sequence[int], longest: float = math.inf) -> Iterator[_Arrival]:
    """Yield every state that texts up to a length lead to, the shortest texts first. Raises TooLarge."""
    start = language.start()
    seen, waiting, effort = {start}, deque([(start, "")]), 0
    while waiting:
        state, text = waiting.popleft()
        targets: dict[int, _State] = {}
        if len(text) < longest:
            effort += len(points) * (1 + sum(map(len, state)))
            if effort > EFFORT:
                raise TooLarge
            targets = {point: language.step(state, point) for point in points}
        yield _Arrival(state, text, targets)
        for point, target in targets.items():
            if target not in seen:
                seen.add(target)
                waiting.append((target, text + chr(point)))


def difference(left: Language, right: Language) -> Witness | None:
    """Return a shortest text that exactly one of two languages holds, or None where they are equal. Raises TooLarge.

    Of several shortest ones it is one of letters and digits, or else of printable ASCII, where there is one.
    """
    points = _points(intersection(left, right))
    found = _difference(left, right, points, math.inf)
    if found is None:
        return None
    nicer = [[point for point in points if _tier(point) <= tier] for tier in (0, 1)]
    witnesses = (_difference(left, right, few, len(found.text)) for few in nicer)
    return next((witness for witness in witnesses if witness), found)


def _difference(left: Language, right: Language, points: Sequence[int], longest: float) -> Witness | None:
    count = len(left.automata)
    for state, text, _ in _walk(intersection(left, right), points, longest):
        in_left = left.accepts(state[:count])
        if in_left != right.accepts(state[count:]):
            return Witness(text, in_left)
    return None


def shortest(language: Language) -> int | None:
    """Return the length of a shortest text, in characters; None where there is none. Raises TooLarge."""
    arrivals = _walk(language, _points(language))
    return next((len(text) for state, text, _ in arrivals if language.accepts(state)), None)


def is_empty(language: Language) -> bool:
    """Return whether no text is in a language. Raises TooLarge."""
    return shortest(language) is None


def longest(language: Language) -> int | None:
    """Return the length of a longest text, in characters; None without bound, 0 where there is none. Raises TooLarge."""
    arrivals = list(_walk(language, _points(language)))
    useful = _endings(language, arrivals).keys()
    return _longest_way({state: useful & set(targets.values()) for state, _, targets in arrivals if state in useful})


def _endings(language: Language, arrivals: Sequence[_Arrival]) -> dict[_State, str]:
    """Return the states that lead to the end of a text, with a shortest text to it."""
    back: dict[_State, list[tuple[_State, int]]] = {}
    for state, _, targets in arrivals:
        for point, target in targets.items():
            back.setdefault(target, []).append((state, point))
    endings = {state: "" for state, _, _ in arrivals if language.accepts(state)}
    waiting = deque(endings)
    while waiting:
        target = waiting.popleft()
        for source, point in back.get(target, ()):
            if source not in endings:
                endings[source] = chr(point) + endings[target]
                waiting.append(source)
    return endings


def _longest_way(edges: Mapping[_State, AbstractSet[_State]]) -> int | None:
    """Return the length of the longest way through a graph of states that all lead to an end; None where it has a circle."""
    arriving = Counter(itertools.chain.from_iterable(edges.values()))
    ready = [state for state in edges if not arriving[state]]
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


def samples(language: Language, count: int) -> tuple[str, ...]:
    """Return at most so many texts of a language, which together take every step of its automata. Raises TooLarge."""
    arrivals = list(_walk(language, _points(language)))
    endings = _endings(language, arrivals)
    found = (text + endings[target] for _, text, target in _steps(arrivals) if target in endings)
    return tuple(itertools.islice(dict.fromkeys(found), count))


def outside(language: Language, count: int) -> tuple[str, ...]:
    """Return at most so many texts outside a language; without its last character each begins a text of it. Raises TooLarge."""
    arrivals = list(_walk(language, _points(language)))
    endings = _endings(language, arrivals)
    found = (text for source, text, target in _steps(arrivals) if source in endings and not language.accepts(target))
    return tuple(itertools.islice(dict.fromkeys(found), count))


def _steps(arrivals: Sequence[_Arrival]) -> Iterator[tuple[_State, str, _State]]:
    """Yield every step with the text that takes it, and first of all the empty text."""
    yield arrivals[0].state, "", arrivals[0].state
    for state, text, targets in arrivals:
        yield from ((state, text + chr(point), target) for point, target in targets.items())
