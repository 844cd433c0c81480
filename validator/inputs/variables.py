"""The variables of an HTTP file: ``{{name}}`` is replaced by a value, or the reason is known why there is none."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from validator.errors import suggest
from validator.inputs.composition import Origin, Piece, advance
from validator.inputs.dynamic_values import evaluate
from validator.inputs.environment import SHARED, Environment, load_dotenv, load_environment
from validator.inputs.sample import Problem
from validator.model.location import Position, Region
from validator.model.pointer import echo

# In one line, and linear: a search from one ``{{`` ends at the next.
_REFERENCE: Final = re.compile(rb"\{\{((?:[^{}\r\n]|\{(?!\{)|\}(?!\}))+)\}\}")
_TEXT_REFERENCE: Final = re.compile(_REFERENCE.pattern.decode())
_REQUEST_REFERENCE: Final = re.compile(r"([^\s.{}]+)\.(?:response|request)\.\S.*", re.DOTALL)
_NAME: Final = re.compile(r"[\w.-]+")
PLACEHOLDER: Final = b"{{_}}"  # stands for a value that is missing
EXPANSION_LIMIT: Final = 64 * 1024 * 1024  # octets of all values and included files of one file
_DEPTH_LIMIT: Final = 32
_SUGGESTIONS: Final = 20  # per file: a search for similar names is slow


class Value(NamedTuple):
    """The value of a variable. text: None without one, for a reason. is_unknown: not an error, as it is set elsewhere."""

    text: str | None
    reason: str = ""
    is_unknown: bool = False


class Definitions(NamedTuple):
    """The names that an HTTP file defines. variables: their values, as written. requests: the names of requests.

    assigned: names that get a value when a request is sent: in a script, or by a prompt.
    has_scripts: whether scripts in other files may assign more names.
    """

    variables: Mapping[str, str]
    requests: frozenset[str] = frozenset()
    assigned: frozenset[str] = frozenset()
    has_scripts: bool = False


class Budget:
    """The number of octets that may still be inserted into the requests of a file."""

    def __init__(self) -> None:
        """Start with EXPANSION_LIMIT."""
        self._left = EXPANSION_LIMIT

    def spend(self, number: int) -> bool:
        """Return whether this number of octets may be inserted."""
        self._left -= number
        return self._left >= 0


class Variables:
    """Finds the values of variables for one file of requests: each is evaluated once.

    A name in an environment comes before one in the file, as in the client that environments come from.
    """

    def __init__(self, definitions: Definitions, file: str, environment: str | None, budget: Budget) -> None:
        """Create the variables of a file. file: "" for one without a folder. environment: the name of the chosen one, or None."""
        self._definitions = definitions
        self._file = file
        self._environment_name = environment
        self._budget = budget
        self._values: dict[str, Value] = {}
        self._active: set[str] = set()
        self._suggestions_left = _SUGGESTIONS

    @cached_property
    def _environment(self) -> Environment:
        return load_environment(self._file, self._environment_name) if self._file else Environment(self._environment_name)

    @cached_property
    def _dotenv(self) -> Mapping[str, str]:
        return load_dotenv(self._file) if self._file else {}

    def find(self, reference: str) -> Value:
        """Return the value of the text between braces. Raises UnreadableInput for an invalid file of environments."""
        reference = reference.strip()
        if reference in self._active:
            return Value(None, f"the variable {echo(reference)!r} refers to itself")
        if len(self._active) >= _DEPTH_LIMIT:
            return Value(None, f"variables refer to each other more than {_DEPTH_LIMIT} times")
        if reference not in self._values:
            self._active.add(reference)
            self._values[reference] = self._evaluate(reference)
            self._active.remove(reference)
        value = self._values[reference]
        if value.text is not None and not self._budget.spend(len(value.text)):
            return Value(None, f"the values of variables are longer than {EXPANSION_LIMIT} characters")
        return value

    def _evaluate(self, reference: str) -> Value:
        if reference.startswith("$"):
            return self._evaluate_dynamic(reference)
        definitions = self._definitions
        for values in (self._environment.values, definitions.variables):
            if reference in values:
                return self._expand(values[reference])
        request = _REQUEST_REFERENCE.fullmatch(reference)
        if (request and request[1] in definitions.requests) or reference in definitions.assigned:
            return _make_unknown(reference)
        if not _NAME.fullmatch(reference) and not request:  # a script
            return _make_unknown(reference)
        if definitions.has_scripts:
            return _make_unknown(reference)
        return Value(None, f"undefined variable {echo(reference)!r}{self._find_hint(reference)}")

    def _evaluate_dynamic(self, reference: str) -> Value:
        kind, _, name = reference.partition(" ")
        values = self._environment.shared if kind == SHARED else self._dotenv if kind == "$dotenv" else {}
        if name.strip() in values:
            return self._expand(values[name.strip()])
        text = evaluate(reference)
        return _make_unknown(reference) if text is None else Value(text)

    def _expand(self, text: str) -> Value:
        """Return a text with the values of the variables in it."""
        parts, at = [], 0
        for match in _TEXT_REFERENCE.finditer(text):
            value = self.find(match[1])
            if value.text is None:
                return value
            parts += [text[at : match.start()], value.text]
            at = match.end()
        return Value("".join(parts) + text[at:])

    def _find_hint(self, name: str) -> str:
        environment = self._environment
        if environment.name is None and environment.names:
            return f"; choose an environment: {', '.join(map(echo, environment.names[:10]))}"
        if environment.name is not None and environment.names and environment.name not in environment.names:
            return f"; there is no environment {echo(environment.name)!r}"
        self._suggestions_left -= 1
        names = [*self._definitions.variables, *environment.values]
        return suggest(name, names) if self._suggestions_left >= 0 and len(names) <= _SUGGESTIONS * 10 else ""


def _make_unknown(reference: str) -> Value:
    return Value(None, f"the value of {echo(reference)!r} is only known when the request is sent", is_unknown=True)


def expand(octets: bytes, origin: Origin, find: Callable[[str], Value]) -> tuple[list[Piece], list[Problem]]:
    """Return the pieces of octets in which variables are replaced, and the problems: one for each value that is missing.

    origin: of the first octet. A missing value is replaced by PLACEHOLDER.
    """
    pieces, problems, at = list[Piece](), list[Problem](), 0
    for match in _REFERENCE.finditer(octets):
        pieces.append(Piece(octets[at : match.start()], origin))
        origin = advance(origin, octets[at : match.start()])
        text = match[0].decode("utf-8", "replace")
        value = find(text[2:-2])
        inserted = PLACEHOLDER if value.text is None else value.text.encode("utf-8", "surrogatepass")
        pieces.append(Piece(inserted, Origin(origin.line, origin.column, len(text))))
        if value.text is None:
            start = Position(origin.line, origin.column)
            region = Region(start, Position(origin.line, origin.column + len(text)))
            problems.append(Problem(region, value.reason, value.is_unknown))
        origin, at = Origin(origin.line, origin.column + len(text)), match.end()
    return [*pieces, Piece(octets[at:], origin)], problems


def unescape(value: str) -> str:
    """Return the value of a definition, in which a backslash can escape a line break or a tab."""
    return re.sub(r"\\([nrt])", lambda match: {"n": "\n", "r": "\r", "t": "\t"}[match[1]], value)
