"""Formal languages: the sets of strings that patterns, lengths and enumerations allow, compared, measured and sampled.

A language is the intersection of finite automata, explored by subset construction. All strings consist of the characters that
XML 1.0 allows (section 2.2, Char), so that a character only JSON can carry is not a difference.
"""

import itertools
import math
import operator
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, NamedTuple

from validator.body.character_ranges import XML_CHARACTERS, contains_point, pick_readable
from validator.body.pattern import ANY_CHARACTER, ANY_STRING, Alternation, Concatenation, Node, Repetition, make_literal
from validator.lint.patterns.automaton import Automaton, Budget, States, build_automaton

_MANY_EDGES: Final = 200  # of ranges

_State = tuple[States, ...]  # of every automaton of a language


class Witness(NamedTuple):
    """A shortest string that belongs to one of two languages only. in_left: whether to the first one."""

    text: str
    in_left: bool


@dataclass(frozen=True, slots=True)
class Language:
    """The strings that every automaton accepts. automata: at least one."""

    automata: tuple[Automaton, ...]

    def start(self) -> _State:
        """Return the state before any character."""
        return tuple(automaton.closure([automaton.start]) for automaton in self.automata)

    def step(self, state: _State, point: int) -> _State:
        """Return the state after a character."""
        return tuple(automaton.step(states, point) for automaton, states in zip(self.automata, state, strict=True))

    def accepts(self, state: _State) -> bool:
        """Return whether a string of the language may end in a state."""
        return all(automaton.end in states for automaton, states in zip(self.automata, state, strict=True))

    def contains(self, text: str, budget: Budget | None = None) -> bool:
        """Return whether a string belongs to the language. Raises AutomatonTooLarge."""
        state, budget = self.start(), budget or Budget()
        for character in text:
            budget.spend(_count_states(state))
            state = self.step(state, ord(character))
        return self.accepts(state)


def _count_states(state: _State) -> int:
    return 1 + sum(map(len, state))


def from_pattern(node: Node, budget: Budget | None = None) -> Language:
    """Return the strings that a pattern allows. Raises AutomatonTooLarge."""
    return Language((build_automaton(node, budget),))


def from_lengths(minimum: int, maximum: int | None, budget: Budget | None = None) -> Language:
    """Return the strings of a length in characters. maximum: None if unbounded. Raises AutomatonTooLarge."""
    return (
        from_strings(())
        if maximum is not None and maximum < minimum
        else from_pattern(Repetition(ANY_CHARACTER, minimum, maximum), budget)
    )


def from_strings(texts: Iterable[str]) -> Language:
    """Return the language of these strings. Raises AutomatonTooLarge."""
    literals = (Concatenation(tuple(make_literal(ord(character)) for character in text)) for text in texts)
    return from_pattern(Alternation(tuple(literals)))


def all_strings() -> Language:
    """Return the language of all strings."""
    return from_pattern(ANY_STRING)


def intersect(*languages: Language) -> Language:
    """Return the strings that belong to all languages; without languages, all strings."""
    return Language(tuple(automaton for language in languages or (all_strings(),) for automaton in language.automata))


def _find_representatives(language: Language, budget: Budget) -> list[int]:
    """Return one character of each class that the automata do not distinguish, readable ones first."""
    classes = {id(move[0]): move[0] for automaton in language.automata for move in automaton.moves if move}
    distinct = list(dict.fromkeys(classes.values()))
    budget.spend(sum(map(len, classes.values())))
    edges = sorted({edge for ranges in (*distinct, XML_CHARACTERS) for low, high in ranges for edge in (low, high + 1)})
    budget.spend(len(edges) * len(distinct))
    best: dict[Hashable, int] = {}
    for low, after in itertools.pairwise(edges):
        if contains_point(XML_CHARACTERS, low):
            point = pick_readable(low, after - 1)
            # Where there are few, samples of each range are more useful than one of all that are alike.
            key = tuple(contains_point(ranges, point) for ranges in distinct) if len(edges) > _MANY_EDGES else point
            best[key] = min(best.get(key, point), point, key=_rank_readable)
    return sorted(best.values(), key=_rank_readable)


def _rank_readable(point: int) -> tuple[int, int]:
    return _rank(point), point


def _rank(point: int) -> int:
    """Return 0 for ASCII letters and digits, 1 for other printable ASCII characters, 2 for all others."""
    return int(not chr(point).isalnum()) if 0x20 <= point < 0x7F else 2


class _Arrival(NamedTuple):
    """A state, a shortest string that leads to it, and the next state for each character."""

    state: _State
    text: str
    targets: dict[int, _State]


def _explore(language: Language, points: Sequence[int], budget: Budget, max_length: float = math.inf) -> Iterator[_Arrival]:
    """Yield every state that strings up to a length reach, the shortest strings first. Raises AutomatonTooLarge."""
    start = language.start()
    seen, waiting = {start}, deque([(start, "")])
    while waiting:
        state, text = waiting.popleft()
        targets: dict[int, _State] = {}
        if len(text) < max_length:
            budget.spend(len(points) * _count_states(state))
            targets = {point: language.step(state, point) for point in points}
            budget.spend(sum(map(_count_states, targets.values())))
        yield _Arrival(state, text, targets)
        for point, target in targets.items():
            if target not in seen:
                seen.add(target)
                waiting.append((target, text + chr(point)))


def find_difference(left: Language, right: Language, budget: Budget | None = None) -> Witness | None:
    """Return a shortest string that belongs to exactly one of two languages; None if they are equal. Raises AutomatonTooLarge.

    Of several shortest ones, prefers letters and digits, then printable ASCII.
    """
    return _Search(left, right, operator.ne).find(budget or Budget())


def find_exclusive(left: Language, right: Language, budget: Budget | None = None) -> str | None:
    """Return a shortest string of the first language that the second one lacks; None if there is none.

    Prefers the same strings as ``find_difference``. Raises AutomatonTooLarge.
    """
    witness = _Search(left, right, operator.gt).find(budget or Budget())
    return None if witness is None else witness.text


class _Search(NamedTuple):
    """A search for a string by whether it belongs to each of two languages. is_wanted: decides it."""

    left: Language
    right: Language
    is_wanted: Callable[[bool, bool], bool]

    def find(self, budget: Budget) -> Witness | None:
        """Return a shortest string, of several the most readable one. Raises AutomatonTooLarge."""
        points = _find_representatives(intersect(self.left, self.right), budget)
        witness = self._find(points, budget, math.inf)
        if witness is None:
            return None
        for rank in (0, 1):
            readable = [point for point in points if _rank(point) <= rank]
            better = self._find(readable, budget, len(witness.text))
            if better is not None:
                return better
        return witness

    def _find(self, points: Sequence[int], budget: Budget, max_length: float) -> Witness | None:
        count = len(self.left.automata)
        for state, text, _ in _explore(intersect(self.left, self.right), points, budget, max_length):
            in_left = self.left.accepts(state[:count])
            if self.is_wanted(in_left, self.right.accepts(state[count:])):
                return Witness(text, in_left)
        return None


def find_min_length(language: Language, budget: Budget | None = None) -> int | None:
    """Return the length of a shortest string in characters; None for the empty language. Raises AutomatonTooLarge."""
    budget = budget or Budget()
    arrivals = _explore(language, _find_representatives(language, budget), budget)
    return next((len(text) for state, text, _ in arrivals if language.accepts(state)), None)


def is_empty(language: Language, budget: Budget | None = None) -> bool:
    """Return whether a language has no strings. Raises AutomatonTooLarge."""
    return find_min_length(language, budget) is None


def find_max_length(language: Language, budget: Budget | None = None) -> int | None:
    """Return the length of a longest string in characters; None if unbounded, 0 for the empty language.

    Raises AutomatonTooLarge.
    """
    budget = budget or Budget()
    arrivals = list(_explore(language, _find_representatives(language, budget), budget))
    useful = _find_endings(language, arrivals).keys()
    return _measure_longest_path({state: useful & set(targets.values()) for state, _, targets in arrivals if state in useful})


def _find_endings(language: Language, arrivals: Sequence[_Arrival]) -> dict[_State, str]:
    """Return the states from which a string can be completed, with a shortest completion."""
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


def _measure_longest_path(edges: Mapping[_State, AbstractSet[_State]]) -> int | None:
    """Return the length of the longest path in a graph of states that all lead to an end; None if it has a cycle."""
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


def sample_inside(language: Language, count: int, budget: Budget | None = None) -> tuple[str, ...]:
    """Return at most ``count`` strings of a language that together follow every transition. Raises AutomatonTooLarge."""
    budget = budget or Budget()
    arrivals = list(_explore(language, _find_representatives(language, budget), budget))
    endings = _find_endings(language, arrivals)
    texts = (text + endings[target] for _, text, target in _list_transitions(arrivals) if target in endings)
    return tuple(itertools.islice(dict.fromkeys(texts), count))


def sample_outside(language: Language, count: int, budget: Budget | None = None) -> tuple[str, ...]:
    """Return at most ``count`` strings outside a language that start a string of it, but for their last character.

    Raises AutomatonTooLarge.
    """
    budget = budget or Budget()
    arrivals = list(_explore(language, _find_representatives(language, budget), budget))
    endings = _find_endings(language, arrivals)
    texts = (text for source, text, target in _list_transitions(arrivals) if source in endings and not language.accepts(target))
    return tuple(itertools.islice(dict.fromkeys(texts), count))


def _list_transitions(arrivals: Sequence[_Arrival]) -> Iterator[tuple[_State, str, _State]]:
    """Yield every transition as source, string up to and including it, and target; first of all the empty string."""
    yield arrivals[0].state, "", arrivals[0].state
    for state, text, targets in arrivals:
        yield from ((state, text + chr(point), target) for point, target in targets.items())
