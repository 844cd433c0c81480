r"""Patterns of the portable subset as syntax: what ECMA-262 (JSON Schema), XSD and Python read alike.

Literals, classes of single characters and ranges, groups, alternation, and greedy quantifiers. Not portable, and refused: the
dot and \d, \w, \s, whose extent differs, look-around, back-references, lazy quantifiers, anchors elsewhere than around a
whole JSON Schema pattern, class subtraction, and escapes that one of the grammars lacks (ECMA-262, section 22.2.1, with the
flag u; XSD part 2, appendix F). Single engines have errors beside: libxml2 (2.14) lets (a)*|b match "ba".

All that is read is cut down to characters that XML 1.0 can carry: what either format could not say is no difference.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Dialect = Literal["json", "xsd"]
Ranges = tuple[tuple[int, int], ...]  # of code points, both ends inclusive, in order, apart from each other

CARRIED: Final[Ranges] = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))  # section 2.2, Char
_TOP: Final = 0x10FFFF
_DEPTH: Final = 50  # of groups; nobody writes as many, and no engine's stack is tried
_QUANTIFIER: Final = re.compile(r"\{([0-9]{1,6})(,([0-9]{1,6})?)?\}")
_SIMPLE: Final = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_CONTROLS: Final = {"n": 10, "r": 13, "t": 9}
_PUNCTUATION: Final = frozenset("\\|.?*+(){}[]^")
_SPECIAL: Final = frozenset("|?*+(){}[].")
_DOUBLED: Final = ("--", "&&", "||", "~~")  # inside a class: operators of sets elsewhere, of which Python warns
_PLEASANT: Final = (*b"a0A", *b"bcdefghijklmnopqrstuvwxyz", *b"123456789", *b"BCDEFGHIJKLMNOPQRSTUVWXYZ", *range(0x20, 0x7F))
_SURROGATES: Final = range(0xD800, 0xE000)


class PatternError(ValueError):
    """A pattern outside the portable subset. offset: of the character that is the reason, 0-based."""

    def __init__(self, offset: int, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of some ranges; of none, no text at all."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; of none, the empty text."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several; of none, no text at all."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part repeated; maximum None: without bound. offset: of the quantifier in the pattern."""

    part: "Node"
    minimum: int
    maximum: int | None
    offset: int = 0


Node = Chars | Sequence | Choice | Repeat
ANY: Final = Chars(CARRIED)
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
        self._at = self._depth = 0

    def whole(self) -> Node:
        text = self._text
        starts = self._is_json and text.startswith("^")
        ends = self._is_json and text.endswith("$") and not _is_escaped(text)
        self._at = int(starts)
        self._end = len(text) - int(ends)
        parts = self._alternatives()
        if self._at < self._end:
            raise PatternError(self._at, "the parenthesis closes no group")
        if len(parts) > 1 and (starts or ends):
            offset = 0 if starts else self._end
            raise PatternError(offset, "an anchor binds to one alternative only: put the alternatives in a group")
        node = _choice(parts)
        if not self._is_json or (starts and ends):
            return node
        before, after = (() if starts else (ANY_TEXT,)), (() if ends else (ANY_TEXT,))
        return Sequence((*before, node, *after))

    def _peek(self) -> str:
        return self._text[self._at] if self._at < self._end else ""

    def _alternatives(self) -> list[Node]:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            parts.append(self._sequence())
        return parts

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
        if part == Sequence(()):
            raise PatternError(start, "an empty group is repeated, which some engines refuse")
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
            return one(self._escape("" if self._is_json else "-"))
        if sign == ".":
            raise PatternError(self._at, "what the dot matches differs between engines: write a class")
        if self._is_json and sign in "^$":
            raise PatternError(self._at, "an anchor may only begin or end the whole pattern")
        if sign in _SPECIAL:
            raise PatternError(self._at, f"{sign!r} must be escaped")
        return one(self._literal())

    def _literal(self) -> int:
        """Return the code point of a character that stands for itself."""
        point = ord(self._peek())
        if point in _SURROGATES:
            raise PatternError(self._at, "half of a surrogate pair is no character")
        self._at += 1
        return point

    def _group(self) -> Node:
        start = self._at
        self._at += 1
        self._depth += 1
        if self._depth > _DEPTH:
            raise PatternError(start, f"more than {_DEPTH} groups stand inside each other")
        if self._peek() == "?":
            if not self._is_json or not self._text.startswith("?:", self._at):
                raise PatternError(start, "look-around, named groups and flags are not portable, nor is (?: in XSD")
            self._at += 2
        node = _choice(self._alternatives())
        if self._peek() != ")":
            raise PatternError(start, "the group is not closed")
        self._at += 1
        self._depth -= 1
        return node

    def _escape(self, more: str = "") -> int:
        """Return the code point of an escape. more: what may be escaped here, besides what may be everywhere."""
        start = self._at
        sign = self._text[start + 1 : start + 2]
        self._at += 2
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign and (sign in _PUNCTUATION or sign in more or (self._is_json and sign in "$/")):
            return ord(sign)
        digits = self._text[start + 2 : start + 6]
        if sign == "u" and self._is_json and re.fullmatch("[0-9A-Fa-f]{4}", digits) and int(digits, 16) not in _SURROGATES:
            self._at += 4
            return int(digits, 16)
        raise PatternError(start, f"{sign!r} after a backslash is not portable")

    def _class(self) -> Node:
        start = self._at
        self._at += 1
        negative = self._peek() == "^"
        self._at += negative
        first, found = self._at, []
        while self._peek() != "]":
            found.append(self._range(first))
        self._at += 1
        if not found:
            raise PatternError(start, "an empty class is not portable")
        ranges = joined(found)
        return Chars(common(_without(ranges) if negative else ranges, CARRIED))

    def _range(self, first: int) -> tuple[int, int]:
        low = self._member(first)
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] == "]":
            return low, low
        start = self._at
        self._at += 1
        if self._peek() == "[":
            raise PatternError(start, "class subtraction is not portable")
        if self._peek() == "-":
            raise PatternError(self._at, "'-' must be escaped inside a class")
        high = self._member(first)
        if high < low:
            raise PatternError(start, "the range is the wrong way round")
        return low, high

    def _member(self, first: int) -> int:
        sign = self._peek()
        if not sign:
            raise PatternError(self._text.rindex("[", 0, first), "the class is not closed")
        if sign == "\\":
            return self._escape("-")
        is_edge = self._at == first or self._text[self._at + 1 : self._at + 2] == "]"
        if sign == "[" or (sign == "-" and not is_edge) or self._text.startswith(_DOUBLED, self._at):
            raise PatternError(self._at, f"{sign!r} must be escaped inside a class")
        return self._literal()


def _is_escaped(text: str) -> bool:
    """Return whether the last character is escaped."""
    before = text[:-1]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def one(point: int) -> Chars:
    """Return the text of one character; of none, when XML cannot carry it."""
    return Chars(common(((point, point),), CARRIED))


def _choice(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Choice(tuple(parts))


def joined(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return ranges in order and apart from each other."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def common(left: Ranges, right: Ranges) -> Ranges:
    """Return what two rows of ranges share."""
    both = ((max(low, first), min(high, last)) for low, high in left for first, last in right)
    return tuple((low, high) for low, high in both if low <= high)


def _without(ranges: Ranges) -> Ranges:
    edges = [-1, *(edge for low, high in ranges for edge in (low, high)), _TOP + 1]
    return tuple((low + 1, high - 1) for low, high in zip(edges[::2], edges[1::2], strict=True) if low + 1 <= high - 1)


def pleasant(low: int, high: int) -> int:
    """Return a code point of a range that reads well: a letter or digit where there is one, else a printable one."""
    return next((point for point in _PLEASANT if low <= point <= high), low)
