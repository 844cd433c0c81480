"""The strings that an attribute accepts, in a release and now."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from math import inf
from typing import Literal, NamedTuple

from validator.body.pattern import Dialect, PatternError
from validator.lint.catalogue import change_kinds as kinds
from validator.lint.changes.change import make_change
from validator.lint.patterns import language
from validator.lint.patterns.automaton import AutomatonTooLarge, Budget
from validator.lint.patterns.language import Language
from validator.lint.schemas.comparison import list_texts
from validator.lint.schemas.facets import allows, build_language, generate_samples, have_only_lengths, list_facets
from validator.lint.schemas.schema_tree import SchemaNode
from validator.output.finding import Finding, Location

Cause = Literal["values", "min_length", "max_length", "patterns"]


class Exclusive(NamedTuple):
    """The strings that one node accepts and another does not: all that an enumeration lists, else an example.

    is_decided: whether there are no such strings if there are no texts.
    """

    texts: Sequence[str]
    is_list: bool = False
    is_decided: bool = True

    def describe(self) -> str:
        """Return the strings for a message."""
        return list_texts(self.texts) if self.is_list else f"strings such as {list_texts(self.texts)}"


def compare_values(old: SchemaNode, new: SchemaNode, attribute: str, dialect: Dialect, budget: Budget) -> Iterator[Finding]:
    """Yield how the strings that an attribute accepts became fewer or more. old: its node in the release."""
    if list_facets(old) == list_facets(new):
        return
    lost, gained = (_find_exclusive(*pair, dialect, budget) for pair in ((old, new), (new, old)))
    if lost.texts:
        location = _locate(new, _find_cause(new, lost.texts[0]))
        yield make_change(
            kinds.VALUES_NARROWED, f"attribute '{attribute}' no longer accepts {lost.describe()}", location, attribute
        )
    if gained.texts:
        values = [value.location for value in new.values or () if value.value == gained.texts[0]]
        location = values[0] if values else _locate(new, _find_cause(old, gained.texts[0]))
        yield make_change(kinds.VALUES_WIDENED, f"attribute '{attribute}' now accepts {gained.describe()}", location, attribute)
    if not lost.is_decided:
        text = f"attribute '{attribute}' has another pattern, and the two are too large to compare or are not portable"
        yield make_change(kinds.CHANGE_NOT_DECIDED, text, _locate(new, "patterns"), attribute)


def _find_exclusive(left: SchemaNode, right: SchemaNode, dialect: Dialect, budget: Budget) -> Exclusive:
    """Return the strings that the first node accepts and the second does not. Nodes of equal facets are compared once."""
    key = ("exclusive", list_facets(left), list_facets(right), dialect)
    if key not in budget.results:
        budget.start()
        try:
            budget.results[key] = _compare(left, right, dialect, budget)
        except PatternError:
            budget.results[key] = Exclusive((), is_decided=False)
        except AutomatonTooLarge:
            budget.results[key] = _compare_samples(left, right, dialect, budget)
    result: Exclusive = budget.results[key]
    return result


def _compare(left: SchemaNode, right: SchemaNode, dialect: Dialect, budget: Budget) -> Exclusive:
    if _has_looser_lengths(right, left):
        return Exclusive(())
    if left.values is not None:
        values = dict.fromkeys(value.value for value in left.values)
        return Exclusive([text for text in values if _is_exclusive(text, left, right, dialect, budget)], is_list=True)
    text = language.find_exclusive(_build_language(left, dialect, budget), _build_language(right, dialect, budget), budget)
    return Exclusive(() if text is None else (text,))


def _compare_samples(left: SchemaNode, right: SchemaNode, dialect: Dialect, budget: Budget) -> Exclusive:
    """Return a sample that the first node accepts and the second does not; where there is none, this is mostly not decided."""
    budget.start()
    samples = chain(*(generate_samples(node, dialect, budget) for node in (left, right)))
    try:
        found = (text for text in samples if _is_exclusive(text, left, right, dialect, budget))
        texts = tuple(text for text in [next(found, None)] if text is not None)
    except AutomatonTooLarge:
        return Exclusive((), is_decided=False)
    has_lengths_only = right.values is None and have_only_lengths(left, right)
    return Exclusive(texts, is_decided=bool(texts) or has_lengths_only)


def _has_looser_lengths(node: SchemaNode, other: SchemaNode) -> bool:
    """Return whether a node accepts all that another one does, because it differs in its lengths only, which are looser."""
    same, other_same = (list_facets(replace(one, min_length=None, max_length=None)) for one in (node, other))
    least, other_least = (one.min_length.value if one.min_length else 0 for one in (node, other))
    most, other_most = (one.max_length.value if one.max_length else inf for one in (node, other))
    return same == other_same and least <= other_least and most >= other_most


def _is_exclusive(text: str, left: SchemaNode, right: SchemaNode, dialect: Dialect, budget: Budget) -> bool:
    return _accepts(left, text, dialect, budget) and not _accepts(right, text, dialect, budget)


def _accepts(node: SchemaNode, text: str, dialect: Dialect, budget: Budget) -> bool:
    """Return whether a node accepts a string. Raises PatternError and AutomatonTooLarge."""
    return (node.allowed_values is None or text in node.allowed_values) and allows(node, text, dialect, budget)


def _build_language(node: SchemaNode, dialect: Dialect, budget: Budget) -> Language:
    texts = node.allowed_values
    facets = build_language(node, dialect, budget)
    return facets if texts is None else language.intersect(language.from_strings(sorted(texts)), facets)


def _find_cause(node: SchemaNode, text: str) -> Cause:
    """Return the constraint of a node because of which it does not accept a string."""
    if node.allowed_values is not None and text not in node.allowed_values:
        return "values"
    if node.min_length is not None and len(text) < node.min_length.value:
        return "min_length"
    return "max_length" if node.max_length is not None and len(text) > node.max_length.value else "patterns"


def _locate(node: SchemaNode, cause: Cause) -> Location:
    """Return the location of a constraint of a node; that of its definition if the node has none of this kind."""
    constraints = {
        "values": node.values or (),
        "min_length": [node.min_length] if node.min_length else (),
        "max_length": [node.max_length] if node.max_length else (),
        "patterns": [one for choice in node.patterns for one in choice],
    }[cause]
    return constraints[0].location if constraints else node.definition
