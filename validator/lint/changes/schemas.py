"""The attributes that a schema describes, in a release and now."""

from collections.abc import Iterator
from typing import NamedTuple

from validator.body.pattern import Dialect
from validator.lint.catalogue import change_kinds as kinds
from validator.lint.changes.change import make_change
from validator.lint.changes.values import compare_values
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas.schema_tree import LIST, OBJECT, OPTIONAL, SINGLE, STRING, SchemaNode
from validator.model.pointer import Path, format_path
from validator.output.finding import Finding, FindingKind, Location


class SchemaComparison(NamedTuple):
    """The comparison of a schema with that of a release. dialect: of its patterns. budget: for the comparisons of strings."""

    dialect: Dialect
    budget: Budget

    def compare(self, old: SchemaNode, new: SchemaNode, path: Path = ()) -> Iterator[Finding]:
        """Yield what changed in an attribute, or in the body, and inside it. old: its node in the release."""
        yield from _compare_occurrence(old, new, path)
        if old.cardinality.value != new.cardinality.value:
            yield self._compare_cardinality(old, new, path)
        elif not old.kind or not new.kind:
            yield _make(kinds.CHANGE_NOT_DECIDED, path, "is not compared, because its type is unknown", new.location)
        elif old.kind != new.kind:
            yield _make(kinds.STRUCTURE_CHANGED, path, f"is of type {new.kind}; it was of type {old.kind}", new.definition)
        elif new.kind == OBJECT:
            yield from _compare_order(old, new, path)
            yield from self._compare_members(old, new, path)
        elif new.kind == STRING:
            yield from compare_values(old, new, format_path(path), self.dialect, self.budget)

    def _compare_members(self, old: SchemaNode, new: SchemaNode, path: Path) -> Iterator[Finding]:
        """Yield what changed in the members of an object. Of one that was added or removed, its own members are not reported."""
        for name in dict.fromkeys([*old.members, *new.members]):
            before, now = old.members.get(name), new.members.get(name)
            if now is None:
                yield _make(kinds.ATTRIBUTE_REMOVED, (*path, name), "was removed", new.definition)
            elif before is not None:
                yield from self.compare(before, now, (*path, name))
            elif now.occurrence.value == OPTIONAL:
                yield _make(kinds.ATTRIBUTE_ADDED, (*path, name), "was added, and is optional", now.location)
            else:
                yield _make(kinds.ATTRIBUTE_REQUIRED, (*path, name), "was added, and is required", now.occurrence.location)

    def _compare_cardinality(self, old: SchemaNode, new: SchemaNode, path: Path) -> Finding:
        before, now = old.cardinality.value, new.cardinality.value
        text, location = f"is {now}; it was {before}", new.cardinality.location
        if {before, now} != {SINGLE, LIST}:
            return _make(kinds.CHANGE_NOT_DECIDED, path, text, location)
        # In XML a single value is a list of one; in JSON a list is always an array.
        is_compatible = self.dialect == "xsd" and now == LIST
        return _make(kinds.VALUES_WIDENED if is_compatible else kinds.STRUCTURE_CHANGED, path, text, location)


def _compare_occurrence(old: SchemaNode, new: SchemaNode, path: Path) -> Iterator[Finding]:
    before, now, location = old.occurrence.value, new.occurrence.value, new.occurrence.location
    if before == now:
        return
    if OPTIONAL not in {before, now}:
        yield _make(kinds.CHANGE_NOT_DECIDED, path, f"is {now}; it was {before}", location)
    elif now == OPTIONAL:
        yield _make(kinds.ATTRIBUTE_OPTIONAL, path, "is optional; it was required", location)
    else:
        yield _make(kinds.ATTRIBUTE_REQUIRED, path, "is required; it was optional", location)


def _compare_order(old: SchemaNode, new: SchemaNode, path: Path) -> Iterator[Finding]:
    if new.order is not None:
        if old.order is None:
            yield _make(kinds.STRUCTURE_CHANGED, path, "has a fixed order of elements; it had a free one", new.order)
        elif [*old.members] != [name for name in new.members if name in old.members]:
            yield _make(kinds.STRUCTURE_CHANGED, path, "has its elements in another fixed order", new.order)
    elif old.order is not None:
        yield _make(kinds.VALUES_WIDENED, path, "has a free order of elements; it had a fixed one", new.definition)


def _make(kind: FindingKind, path: Path, text: str, location: Location) -> Finding:
    attribute = format_path(path)
    return make_change(kind, f"attribute '{attribute}' {text}", location, attribute)
