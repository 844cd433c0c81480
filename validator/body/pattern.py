r"""Parser for portable regular expressions: the subset with one meaning in ECMA-262 (JSON Schema), XSD and Python.

Supported: literals, character classes, groups, alternation and greedy quantifiers. Not portable, and rejected: the dot, \d, \w
and \s, which match different characters in different engines; look-around; back-references; lazy quantifiers; anchors except
around a whole JSON Schema pattern; class subtraction; escapes that one of the grammars lacks (ECMA-262, section 22.2.1, with
the flag u; XSD part 2, appendix F). Engines have bugs besides: libxml2 (2.14) lets (a)*|b match "ba".

Every class is limited to the characters that XML 1.0 allows, so that a character only JSON can carry is not a difference.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from validator.body.character_ranges import XML_CHARACTERS, Ranges, complement_ranges, intersect_ranges, merge_ranges

Dialect = Literal["json", "xsd"]

_MAX_LENGTH: Final = 200_000
_DEPTH: Final = 50  # of nested groups: more than anyone writes, and no engine's stack overflows
_QUANTIFIER: Final = re.compile(r"\{([0-9]{1,6})(,([0-9]{1,6})?)?\}")
_SIMPLE_QUANTIFIERS: Final = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_CONTROLS: Final = {"n": 10, "r": 13, "t": 9}
_PUNCTUATION: Final = frozenset("\\|.?*+(){}[]^")
_SPECIAL: Final = frozenset("|?*+(){}[].")
_DOUBLED: Final = ("--", "&&", "||", "~~")  # set operators of other engines inside a class; Python warns of them
_QUOTED_LENGTH: Final = 200  # characters of a pattern that a message quotes
_SURROGATES: Final = range(0xD800, 0xE000)


class PatternError(ValueError):
    """A pattern outside the portable subset. offset: of the offending character, 0-based."""

    def __init__(self, offset: int, reason: str) -> None:
        """Store the offset and the reason."""
        super().__init__(reason)
        self.offset = offset

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the offset and the reason."""
        return type(self), (self.offset, *self.args)


class SlowPatternError(PatternError):
    """A portable pattern that engines do not compile, or on which they take too long."""

    def __init__(self, reason: str) -> None:
        """Create the error, which is about the whole pattern."""
        super().__init__(0, reason)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the reason."""
        return SlowPatternError, self.args


def describe_pattern_error(pattern: str, error: PatternError) -> str:
    """Return the message about a pattern that an operation may not use, without a full stop; a long pattern is cut."""
    quoted = repr(pattern) if len(pattern) <= _QUOTED_LENGTH else f"{pattern[:_QUOTED_LENGTH]!r}... ({len(pattern)} characters)"
    place = "" if isinstance(error, SlowPatternError) else f", character {error.offset + 1}"
    return f"pattern {quoted}{place}: {error}"


@dataclass(frozen=True, slots=True)
class CharacterClass:
    """One character of these ranges; without ranges it matches nothing."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Parts that follow each other; without parts, the empty string."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Alternation:
    """One of several parts; without parts it matches nothing."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repetition:
    """A repeated part. maximum: None if unbounded. offset: of the quantifier in the pattern."""

    part: "Node"
    minimum: int
    maximum: int | None
    offset: int = 0


Node = CharacterClass | Concatenation | Alternation | Repetition
ANY_CHARACTER: Final = CharacterClass(XML_CHARACTERS)
ANY_STRING: Final = Repetition(ANY_CHARACTER, 0, None)


def parse(pattern: str, dialect: Dialect) -> Node:
    """Return the syntax tree that matches exactly the strings a pattern allows. Raises PatternError.

    A JSON Schema pattern may match anywhere in a string (core, section 6.4), an XSD pattern must match all of it (part 2,
    appendix F): the tree of an unanchored JSON Schema pattern has ANY_STRING around it.
    """
    result = _parse(pattern, dialect)
    if isinstance(result, PatternError):
        raise result
    return result


@lru_cache(maxsize=1000)
def _parse(pattern: str, dialect: Dialect) -> Node | PatternError:
    if len(pattern) > _MAX_LENGTH:
        return PatternError(_MAX_LENGTH, f"the pattern is longer than {_MAX_LENGTH} characters")
    try:
        return _Parser(pattern, dialect).parse()
    except PatternError as error:
        return PatternError(error.offset, str(error))


class _Parser:
    """Recursive descent parser."""

    def __init__(self, pattern: str, dialect: Dialect) -> None:
        self._text = pattern
        self._is_json = dialect == "json"
        self._at = self._depth = 0

    def parse(self) -> Node:
        text = self._text
        starts = self._is_json and text.startswith("^")
        ends = self._is_json and text.endswith("$") and not _is_escaped(text)
        self._at = int(starts)
        self._end = len(text) - int(ends)
        parts = self._parse_alternatives()
        if self._at < self._end:
            raise PatternError(self._at, "unmatched closing parenthesis")
        if len(parts) > 1 and (starts or ends):
            offset = 0 if starts else self._end
            raise PatternError(offset, "the anchor applies to one alternative only; put the alternatives in a group")
        node = _make_alternation(parts)
        if not self._is_json or (starts and ends):
            return node
        before, after = (() if starts else (ANY_STRING,)), (() if ends else (ANY_STRING,))
        return Concatenation((*before, node, *after))

    def _peek(self) -> str:
        return self._text[self._at] if self._at < self._end else ""

    def _parse_alternatives(self) -> list[Node]:
        parts = [self._parse_sequence()]
        while self._peek() == "|":
            self._at += 1
            parts.append(self._parse_sequence())
        return parts

    def _parse_sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._parse_quantifier(self._parse_atom()))
        return parts[0] if len(parts) == 1 else Concatenation(tuple(parts))

    def _parse_quantifier(self, part: Node) -> Node:
        start, sign = self._at, self._peek()
        if sign in _SIMPLE_QUANTIFIERS:
            self._at += 1
            minimum, maximum = _SIMPLE_QUANTIFIERS[sign]
        elif sign == "{":
            minimum, maximum = self._parse_counts()
        else:
            return part
        if self._peek() in {"?", "+", "*", "{"}:
            raise PatternError(self._at, "lazy, possessive and doubled quantifiers are not portable")
        if part == Concatenation(()):
            raise PatternError(start, "a quantifier after an empty group is rejected by some engines")
        return Repetition(part, minimum, maximum, start)

    def _parse_counts(self) -> tuple[int, int | None]:
        match = _QUANTIFIER.match(self._text, self._at)
        if match is None:
            raise PatternError(self._at, "a brace must be escaped or form a quantifier: {2}, {2,} or {2,5}")
        minimum = int(match[1])
        maximum = (int(match[3]) if match[3] else None) if match[2] else minimum
        if maximum is not None and maximum < minimum:
            raise PatternError(self._at, "the minimum of the quantifier is greater than its maximum")
        self._at = match.end()
        return minimum, maximum

    def _parse_atom(self) -> Node:
        sign = self._peek()
        if sign == "(":
            return self._parse_group()
        if sign == "[":
            return self._parse_class()
        if sign == "\\":
            return make_literal(self._parse_escape("" if self._is_json else "-"))
        if sign == ".":
            raise PatternError(self._at, "the dot matches different characters in different engines; use a class")
        if self._is_json and sign in "^$":
            raise PatternError(self._at, "an anchor may stand only at the start or end of the whole pattern")
        if sign in _SPECIAL:
            raise PatternError(self._at, f"{sign!r} must be escaped")
        return make_literal(self._parse_literal())

    def _parse_literal(self) -> int:
        """Return the code point of a literal character."""
        point = ord(self._peek())
        if point in _SURROGATES:
            raise PatternError(self._at, "a lone surrogate is not a character")
        self._at += 1
        return point

    def _parse_group(self) -> Node:
        start = self._at
        self._at += 1
        self._depth += 1
        if self._depth > _DEPTH:
            raise PatternError(start, f"groups are nested deeper than {_DEPTH} levels")
        if self._peek() == "?":
            if not self._is_json or not self._text.startswith("?:", self._at):
                raise PatternError(start, "look-around, named groups and flags are not portable; neither is (?: in XSD")
            self._at += 2
        node = _make_alternation(self._parse_alternatives())
        if self._peek() != ")":
            raise PatternError(start, "unclosed group")
        self._at += 1
        self._depth -= 1
        return node

    def _parse_escape(self, more: str = "") -> int:
        """Return the code point of an escape. more: characters that may be escaped here besides those allowed everywhere."""
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
        raise PatternError(start, f"the escape of {sign!r} is not portable" if sign else "the pattern ends in a backslash")

    def _parse_class(self) -> Node:
        start = self._at
        self._at += 1
        negative = self._peek() == "^"
        self._at += negative
        first, pairs = self._at, []
        while self._peek() != "]":
            pairs.append(self._parse_range(first))
        self._at += 1
        if not pairs:
            raise PatternError(start, "an empty character class is not portable")
        ranges = merge_ranges(pairs)
        return CharacterClass(intersect_ranges(complement_ranges(ranges) if negative else ranges, XML_CHARACTERS))

    def _parse_range(self, first: int) -> tuple[int, int]:
        low = self._parse_member(first)
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] == "]":
            return low, low
        start = self._at
        self._at += 1
        if self._peek() == "[":
            raise PatternError(start, "class subtraction is not portable")
        if self._peek() == "-":
            raise PatternError(self._at, "'-' must be escaped in a character class")
        high = self._parse_member(first)
        if high < low:
            raise PatternError(start, "the range ends before it starts")
        return low, high

    def _parse_member(self, first: int) -> int:
        sign = self._peek()
        if not sign:
            raise PatternError(self._text.rindex("[", 0, first), "unclosed character class")
        if sign == "\\":
            return self._parse_escape("-")
        is_edge = self._at == first or self._text[self._at + 1 : self._at + 2] == "]"
        if sign == "[" or (sign == "-" and not is_edge) or self._text.startswith(_DOUBLED, self._at):
            raise PatternError(self._at, f"{sign!r} must be escaped in a character class")
        return self._parse_literal()


def _is_escaped(text: str) -> bool:
    """Return whether the last character is escaped."""
    before = text[:-1]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def make_literal(point: int) -> CharacterClass:
    """Return the class of one character; the empty class for a character that XML does not allow."""
    return CharacterClass(intersect_ranges(((point, point),), XML_CHARACTERS))


def _make_alternation(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Alternation(tuple(parts))
