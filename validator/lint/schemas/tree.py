"""The tree that a schema describes, whichever language it is written in, with the place of everything it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from validator.output.finding import Finding, FindingKind, Location

OBJECT, TEXT, BOOLEAN = "object", "text", "boolean"


class Facet(NamedTuple):
    """Something that a schema says of a value, and where."""

    value: Any
    place: Location


@dataclass(frozen=True, slots=True)
class Branch:
    """An attribute of the body, or the body itself, as one schema describes it.

    kind: OBJECT, TEXT, BOOLEAN, the name of a type that the other schema language has no word for, or "" where it is not known.
    place: where it is used; described: where its type is.
    required, repeatable: in words, with the place that says so, or would say so.
    ordered: where an order of the members is laid down, or None.
    values: the enumeration, one by one; None: there is none. patterns: all of them hold; each is a choice of (pattern, place).
    shortest, longest: of the text, in code points.
    """

    kind: str
    place: Location
    described: Location
    required: Facet
    repeatable: Facet
    members: Mapping[str, "Branch"] = field(default_factory=dict)
    ordered: Location | None = None
    values: Sequence[Facet] | None = None
    patterns: Sequence[Sequence[Facet]] = ()
    shortest: Facet | None = None
    longest: Facet | None = None


def found(kind: FindingKind, place: Location, message: str, *related: Location, identity: str = "") -> Finding:
    """Return a finding of the linter."""
    return Finding(kind, message, place, related=related, identity=identity)
