r"""Patterns of the portable subset as syntax: what ECMA-262 (JSON Schema), XSD and Python read alike.

Literals, classes of ASCII or single characters, groups, alternation, and greedy quantifiers. Not portable, and refused: the
dot and \d, \w, \s, whose extent differs, look-around, back-references, lazy quantifiers, anchors elsewhere than around a
whole JSON Schema pattern, and class subtraction.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Final, Literal

Dialect = Literal["json", "xsd"]
Ranges = tuple[tuple[int, int], ...]  # of code points, both ends inclusive, in order, apart from each other

TOP: Final = 0x10FFFF
_QUANTIFIER: Final = re.compile(r"\{([0-9]{1,6})(,([0-9]{1,6})?)?\}")
_SIMPLE: Final = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_CONTROLS: Final = {"n": 10, "r": 13, "t": 9}
_PUNCTUATION: Final = frozenset("\\|.?*+(){}-[]^$/")
_SPECIAL: Final = frozenset("|?*+(){}[].")
_SURROGATES: Final = range(0xD800, 0xE000)


class PatternError(ValueError):
    """A pattern outside the portable subset. offset: of the character that is the reason, 0-based."""

    def __init__(self, offset: int, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of some ranges."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; of none, the empty text."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part repeated; maximum None: without bound. offset: of the quantifier in the pattern."""

    part: "Node"
    minimum: int
    maximum: int | None
    offset: int = 0


Node = Chars | Sequence | Choice | Repeat
ANY: Final = Chars(((0, TOP),))
ANY_TEXT: Final = Repeat(ANY, 0, None)


def parse(pattern: str, dialect: Dialect) -> Node:
    """Return the whole texts that a pattern allows. Raises PatternError.

    In JSON Schema a pattern is searched for (core, section 6.4), in XSD it must match all (part 2, appendix F).
    """
    return _Parser(pattern, dialect).whole()


class _Parser:
    """Recursive descent over the grammar."""

    def __init__(self, pattern: str, dialect: Dialect) -> None:
        self._text = pattern
        self._is_json = dialect == "json"
        self._at = 0

    def whole(self) -> Node:
        text = self._text
        starts = self._is_json and text.startswith("^")
        ends = self._is_json and text.endswith("$") and not _is_escaped(text)
        self._at = int(starts)
        self._end = len(text) - int(ends)
        node = self._choice()
        if self._at < self._end:
            raise PatternError(self._at, "the parenthesis closes no group")
        if isinstance(node, Choice) and (starts or ends):
            raise PatternError(0, "an anchor binds to one alternative only: put the alternatives in a group")
        if not self._is_json or (starts and ends):
            return node
        before, after = (() if starts else (ANY_TEXT,)), (() if ends else (ANY_TEXT,))
        return Sequence((*before, node, *after))

    def _peek(self) -> str:
        return self._text[self._at] if self._at < self._end else ""

    def _choice(self) -> Node:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self, part: Node) -> Node:
        start, sign = self._at, self._peek()
        if sign in _SIMPLE:
            self._at += 1
            minimum, maximum = _SIMPLE[sign]
        elif sign == "{":
            minimum, maximum = self._counted()
        else:
            return part
        if self._peek() in {"?", "+", "*", "{"}:
            raise PatternError(self._at, "lazy, possessive and doubled quantifiers are not portable")
        return Repeat(part, minimum, maximum, start)

    def _counted(self) -> tuple[int, int | None]:
        match = _QUANTIFIER.match(self._text, self._at)
        if match is None:
            raise PatternError(self._at, "a brace is a quantifier, {2} or {2,} or {2,5}, or is escaped")
        minimum = int(match[1])
        maximum = (int(match[3]) if match[3] else None) if match[2] else minimum
        if maximum is not None and maximum < minimum:
            raise PatternError(self._at, "the quantifier's bounds are the wrong way round")
        self._at = match.end()
        return minimum, maximum

    def _atom(self) -> Node:
        sign = self._peek()
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign == "\\":
            return _one(self._escape())
        if sign == ".":
            raise PatternError(self._at, "what the dot matches differs between engines: write a class")
        if self._is_json and sign in "^$":
            raise PatternError(self._at, "an anchor may only begin or end the whole pattern")
        if sign in _SPECIAL:
            raise PatternError(self._at, f"{sign!r} must be escaped")
        self._at += 1
        return _one(ord(sign))

    def _group(self) -> Node:
        start = self._at
        self._at += 1
        if self._peek() == "?":
            if not self._is_json or not self._text.startswith("?:", self._at):
                raise PatternError(start, "look-around, named groups and flags are not portable")
            self._at += 2
        node = self._choice()
        if self._peek() != ")":
            raise PatternError(start, "the group is not closed")
        self._at += 1
        return node

    def _escape(self) -> int:
        """Return the code point of an escape."""
        start = self._at
        sign = self._text[start + 1 : start + 2]
        self._at += 2
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign and sign in _PUNCTUATION:
            return ord(sign)
        digits = self._text[start + 2 : start + 6]
        if sign == "u" and self._is_json and re.fullmatch("[0-9A-Fa-f]{4}", digits) and int(digits, 16) not in _SURROGATES:
            self._at += 4
            return int(digits, 16)
        raise PatternError(start, f"the escape \\{sign} is not portable")

    def _class(self) -> Node:
        start = self._at
        self._at += 1
        negative = self._peek() == "^"
        self._at += negative
        first, found = self._at, []
        while self._peek() != "]":
            if not self._peek():
                raise PatternError(start, "the class is not closed")
            found.append(self._range(first))
        self._at += 1
        if not found:
            raise PatternError(start, "an empty class is not portable")
        ranges = _joined(found)
        return Chars(_without(ranges) if negative else ranges)

    def _range(self, first: int) -> tuple[int, int]:
        low = self._member(first)
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] == "]":
            return low, low
        start = self._at
        self._at += 1
        if self._peek() == "[":
            raise PatternError(start, "class subtraction is not portable")
        high = self._member(first)
        if high < low:
            raise PatternError(start, "the range is the wrong way round")
        return low, high

    def _member(self, first: int) -> int:
        sign = self._peek()
        if sign == "\\":
            return self._escape()
        is_edge = self._at == first or self._text[self._at + 1 : self._at + 2] == "]"
        if sign == "[" or (sign == "-" and not is_edge):
            raise PatternError(self._at, f"{sign!r} must be escaped inside a class")
        self._at += 1
        return ord(sign)


def _is_escaped(text: str) -> bool:
    """Return whether the last character is escaped."""
    before = text[:-1]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _one(point: int) -> Chars:
    return Chars(((point, point),))


def _joined(ranges: list[tuple[int, int]]) -> Ranges:
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)


def _without(ranges: Ranges) -> Ranges:
    edges = [-1, *(edge for low, high in ranges for edge in (low, high)), TOP + 1]
    return tuple((low + 1, high - 1) for low, high in zip(edges[::2], edges[1::2], strict=True) if low + 1 <= high - 1)


def nested_quantifier(node: Node, around: Repeat | None = None) -> int | None:
    """Return the offset of a quantifier with a variable one inside, which backtracking engines try in every way; or None."""
    if isinstance(node, Repeat):
        is_variable = node.maximum is None or (node.maximum > 1 and node.minimum != node.maximum)
        if around is not None and is_variable:
            return around.offset
        repeats = node.maximum is None or node.maximum > 1
        return nested_quantifier(node.part, around or (node if repeats else None))
    parts = node.parts if isinstance(node, Sequence | Choice) else ()
    return next((found for part in parts if (found := nested_quantifier(part, around)) is not None), None)


def sample_texts(node: Node, count: int) -> tuple[str, ...]:
    """Return at most so many texts that a pattern allows, short ones first in each part; without any automaton."""
    return tuple(dict.fromkeys(islice(_texts(node), count)))


_FEW: Final = 4  # ways that are tried for a part


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node, Chars):
        yield from dict.fromkeys(chr(_pleasant(low, high)) for low, high in node.ranges)
        yield from (chr(edge) for pair in node.ranges for edge in pair if edge not in _SURROGATES)
    elif isinstance(node, Choice):
        for part in node.parts:
            yield from islice(_texts(part), _FEW)
    elif isinstance(node, Sequence):
        yield from ("".join(texts) for texts in product(*(list(islice(_texts(part), _FEW)) for part in node.parts)))
    else:
        maximum = node.minimum + 2 if node.maximum is None else node.maximum
        for times in sorted({node.minimum, min(node.minimum + 1, maximum), maximum}):
            yield from (text * times for text in islice(_texts(node.part), _FEW if times else 1))


def _pleasant(low: int, high: int) -> int:
    """Return a code point of a range: a letter or digit where there is one, else a printable one."""
    wanted = (*b"a0A", *range(0x21, 0x7F))
    return next((point for point in wanted if low <= point <= high), low if low not in _SURROGATES else 0xE000)
