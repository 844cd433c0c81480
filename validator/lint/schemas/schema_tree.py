"""The tree that a JSON Schema or an XSD describes, with the location of everything it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from validator.output.finding import Location

OBJECT: Final = "object"
STRING: Final = "string"
BOOLEAN: Final = "boolean"
REQUIRED: Final = "required"
OPTIONAL: Final = "optional"
SINGLE: Final = "a single value"
LIST: Final = "a list"


MAX_NODES: Final = 20_000  # of a tree: references that refer twice each double it
MAX_DEPTH: Final = 100  # of nested values, as of a body


class TreeTooLarge(Exception):  # noqa: N818 - not an error: the tree is not compared
    """A schema describes too many values, or too deep ones."""


class Constraint(NamedTuple):
    """A constraint of a schema on a value, and its location."""

    value: Any
    location: Location


@dataclass(frozen=True, slots=True)
class SchemaNode:
    """An attribute of the body, or the body itself, as one schema describes it.

    kind: OBJECT, STRING, BOOLEAN, the name of another type, or "" if unknown.
    location: where the node is used. definition: where its type is.
    occurrence: REQUIRED, OPTIONAL or a description; cardinality: SINGLE, LIST or a description; both with the location that
        sets them.
    order: the location that fixes an order of the members, or None.
    values: the enumeration; None without one. patterns: all apply; each is a list of alternatives.
    min_length, max_length: of a string, in code points. texts: its descriptions, where it is used and where its type is.
    least: of a list, the number of entries that are required.
    """

    kind: str
    location: Location
    definition: Location
    occurrence: Constraint
    cardinality: Constraint
    members: Mapping[str, "SchemaNode"] = field(default_factory=dict)
    order: Location | None = None
    values: Sequence[Constraint] | None = None
    patterns: Sequence[Sequence[Constraint]] = ()
    min_length: Constraint | None = None
    max_length: Constraint | None = None
    texts: Sequence[Constraint] = ()
    least: Constraint | None = None

    @property
    def allowed_values(self) -> set[str] | None:
        """The values of the enumeration; None without one."""
        return None if self.values is None else {constraint.value for constraint in self.values}
