"""Comparison of JSON Schema and XSD: both must describe the same tree."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from validator.body.xml_strict import BOOLEANS
from validator.lint.catalogue import comparison_kinds as kinds
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas.facets import find_string_difference
from validator.lint.schemas.schema_tree import BOOLEAN, OBJECT, STRING, Constraint, SchemaNode
from validator.model.pointer import Path, format_path
from validator.output.finding import Finding, FindingKind, Location

_QUOTED_LENGTH: Final = 40  # characters of a string that a message quotes
_NUMBER: Final = re.compile(r"(?<![\w.+-])[0-9]+(?![\w-]|\.[0-9])")
_LISTED: Final = 20  # values of an enumeration in a message


def find_differences(json: SchemaNode, xsd: SchemaNode, undecided: list[str], budget: Budget) -> Iterator[Finding]:
    """Yield each difference with both locations, once for each pair of locations.

    undecided: receives a line for everything that cannot be compared. budget: of the comparisons of strings.
    """
    reported = set()
    for finding in _compare(json, xsd, (), undecided, budget):
        key = (finding.kind.code, finding.location.region, tuple(location.region for location in finding.related))
        if key not in reported:
            reported.add(key)
            yield finding


def _compare(json: SchemaNode, xsd: SchemaNode, path: Path, undecided: list[str], budget: Budget) -> Iterator[Finding]:
    yield from _compare_occurrence(json, xsd, path)
    yield from _compare_texts(json, xsd, path)
    if not json.kind or not xsd.kind:
        undecided.append(f"L2: {format_path(path)!r} is not compared, because one of the schemas does not give its type")
    elif json.kind == BOOLEAN and _is_boolean(xsd):
        return
    elif json.kind != xsd.kind:
        message = f"is of type {json.kind!r} in JSON Schema and {xsd.kind!r} in XSD"
        yield _make_finding(
            kinds.TYPE_DIFFERS, path, Constraint(json.kind, json.location), Constraint(xsd.kind, xsd.location), message
        )
    elif json.kind == OBJECT:
        yield from _compare_members(json, xsd, path, undecided, budget)
    elif json.kind == STRING:
        yield from _compare_strings(json, xsd, path, undecided, budget)


def _is_boolean(xsd: SchemaNode) -> bool:
    """Return whether a string type allows exactly what the engine reads as a boolean in XML."""
    is_restricted = xsd.patterns or xsd.min_length or xsd.max_length
    return xsd.kind == STRING and not is_restricted and xsd.allowed_values == set(BOOLEANS)


def _compare_occurrence(json: SchemaNode, xsd: SchemaNode, path: Path) -> Iterator[Finding]:
    for kind, left, right in (
        (kinds.REQUIRED_DIFFERS, json.occurrence, xsd.occurrence),
        (kinds.REPEATABLE_DIFFERS, json.cardinality, xsd.cardinality),
    ):
        if left.value != right.value:
            yield _make_finding(kind, path, left, right, f"is {left.value} in JSON Schema and {right.value} in XSD")
    if xsd.order is not None:
        order = Constraint(None, xsd.order)
        yield _make_finding(
            kinds.ORDER_FIXED, path, Constraint(None, json.location), order, "has a fixed order of elements in XSD"
        )


def _compare_texts(json: SchemaNode, xsd: SchemaNode, path: Path) -> Iterator[Finding]:
    """Yield descriptions that contradict each other: each of two has a number that the other one lacks."""
    if BOOLEAN in {json.kind, xsd.kind} or _is_boolean(xsd):
        return  # the digits of an XML boolean are values
    left, right = _find_numbers(json.texts), _find_numbers(xsd.texts)
    if left.keys() - right.keys() and right.keys() - left.keys():
        ours, theirs = (sorted(one.keys() - other.keys(), key=int) for one, other in ((left, right), (right, left)))
        message = f"is described with {', '.join(ours)} in JSON Schema and with {', '.join(theirs)} in XSD"
        locations = Constraint(None, left[ours[0]]), Constraint(None, right[theirs[0]])
        yield _make_finding(kinds.DESCRIPTIONS_DIFFER, path, *locations, message)


def _find_numbers(texts: Sequence[Constraint]) -> dict[str, Location]:
    """Return the whole numbers in descriptions, and where each is; not those of names such as U+2028 and XML 1.0."""
    return {number: text.location for text in reversed(texts) for number in _NUMBER.findall(text.value)}


def _compare_members(json: SchemaNode, xsd: SchemaNode, path: Path, undecided: list[str], budget: Budget) -> Iterator[Finding]:
    for name in dict.fromkeys([*json.members, *xsd.members]):
        member, element = json.members.get(name), xsd.members.get(name)
        if member is not None and element is not None:
            yield from _compare(member, element, (*path, name), undecided, budget)
            continue
        left, right = (Constraint(None, (node or parent).location) for node, parent in ((member, json), (element, xsd)))
        message = "is in JSON Schema but not in XSD" if element is None else "is in XSD but not in JSON Schema"
        yield _make_finding(kinds.ATTRIBUTE_ONE_SIDED, (*path, name), left, right, message)


def _compare_strings(json: SchemaNode, xsd: SchemaNode, path: Path, undecided: list[str], budget: Budget) -> Iterator[Finding]:
    """Yield how the allowed strings differ, by the constraint that makes them differ."""
    if json.allowed_values != xsd.allowed_values:
        yield _compare_enumerations(json, xsd, path)
        return
    reason = f"L207: {format_path(path)!r} is compared on samples only, because its patterns are too large"
    difference = find_string_difference(json, xsd, lambda: undecided.append(reason), budget)
    if difference is None:
        return
    verdict = "JSON Schema allows and XSD rejects" if difference.is_allowed_by_json else "XSD allows and JSON Schema rejects"
    message = f"can be {quote(difference.text)}, which {verdict}"
    if difference.is_by_length:
        yield _make_finding(kinds.LENGTH_DIFFERS, path, _find_length(json), _find_length(xsd), message)
    else:
        yield _make_finding(kinds.PATTERN_DIFFERS, path, _find_pattern(json), _find_pattern(xsd), message)


def quote(text: str) -> str:
    """Return a string in quotes for a message; a long one is cut, with its length."""
    return repr(text) if len(text) <= _QUOTED_LENGTH else f"{text[:_QUOTED_LENGTH]!r}... ({len(text)} characters)"


def _compare_enumerations(json: SchemaNode, xsd: SchemaNode, path: Path) -> Finding:
    only_json = _find_exclusive_values(json, xsd)
    only_xsd = _find_exclusive_values(xsd, json)
    parts = [
        f"{list_texts([one.value for one in only])} in {schema} only"
        for only, schema in ((only_json, "JSON Schema"), (only_xsd, "XSD"))
        if only
    ]
    if json.values is None or xsd.values is None:
        parts.append(f"no values in {'JSON Schema' if json.values is None else 'XSD'}")
    message = f"lists {' and '.join(parts)}"
    return _make_finding(
        kinds.ENUMERATION_DIFFERS, path, _find_first_value(only_json, json), _find_first_value(only_xsd, xsd), message
    )


def list_texts(texts: Sequence[str]) -> str:
    """Return strings for a message; of many, the first ones and their number."""
    shown = ", ".join(map(quote, texts[:_LISTED]))
    return shown if len(texts) <= _LISTED else f"{shown} and {len(texts) - _LISTED} more"


def _find_exclusive_values(node: SchemaNode, other: SchemaNode) -> list[Constraint]:
    """Return the values of one enumeration that the other one lacks."""
    values = other.allowed_values or set()
    return [constraint for constraint in node.values or () if constraint.value not in values]


def _find_first_value(only: list[Constraint], node: SchemaNode) -> Constraint:
    return next(iter([*only, *(node.values or ())]), Constraint(None, node.definition))


def _find_length(node: SchemaNode) -> Constraint:
    return node.max_length or node.min_length or Constraint(None, node.definition)


def _find_pattern(node: SchemaNode) -> Constraint:
    return node.patterns[-1][0] if node.patterns else Constraint(None, node.definition)


def _make_finding(kind: FindingKind, path: Path, json: Constraint, xsd: Constraint, message: str) -> Finding:
    """Return a finding in the JSON Schema with the location in the XSD."""
    related = xsd.location._replace(message="the XSD differs here")
    attribute = format_path(path)
    return Finding(kind, f"Attribute '{attribute}' {message}.", json.location, related=(related,), identity=attribute)
