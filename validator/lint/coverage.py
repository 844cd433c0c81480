"""Coverage of an operation by its fixtures: codes, rules, and the attributes and keywords of the schema."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from validator.body.shape import KEYWORD_CODES, Shape, attribute_path
from validator.lint.fixtures import FixtureResult
from validator.model.pointer import Path, format_path
from validator.operation.loader import Operation

# The keywords that map to each code: those of one code are counted together.
_KEYWORDS_BY_CODE: Final[Mapping[str, str]] = {
    code: " or ".join(keyword for keyword, other in KEYWORD_CODES.items() if other == code)
    for code in dict.fromkeys(KEYWORD_CODES.values())
}


class CodeRow(NamedTuple):
    """Counts for a code. refused: requests in reject that report it. near_missed: near misses in accept."""

    code: str
    name: str
    refused: int
    near_missed: int


class RuleRow(NamedTuple):
    """Counts for a rule. fired: requests in reject that report its code. near_missed: near misses in accept."""

    rule: str
    code: str
    fired: int
    near_missed: int


class AttributeRow(NamedTuple):
    """Counts for an attribute. accepted: accepted requests that have it. keywords: failures by keyword."""

    attribute: str
    accepted: int
    keywords: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of one operation. schema: a row for each attribute."""

    operation: str
    codes: Sequence[CodeRow]
    rules: Sequence[RuleRow]
    schema: Sequence[AttributeRow]


def measure_coverage(operation: Operation, results: Sequence[FixtureResult]) -> Coverage:
    """Count what the fixtures of an operation cover."""
    rejected = [result for result in results if result.folder == "reject"]
    near_misses = [result.named_code for result in results if result.folder == "accept"]
    refused = {code.code: sum(code.code in result.codes for result in rejected) for code in operation.codes}
    return Coverage(
        operation.name,
        [CodeRow(code.code, code.name, refused[code.code], near_misses.count(code.code)) for code in operation.codes],
        [
            RuleRow(rule.name, rule.code.code, refused[rule.code.code], near_misses.count(rule.code.code))
            for rule in operation.rules.rules
        ],
        list(_count_attributes(operation.shape, results)),
    )


def _count_attributes(shape: Shape, results: Sequence[FixtureResult]) -> Iterator[AttributeRow]:
    accepted = Counter(
        path
        for result in results
        if result.report.accepted and result.rule_input
        for path in set(_list_value_paths(result.rule_input.tree, ()))
    )
    failures: Counter[tuple[Path, str]] = Counter(
        (attribute_path(shape, failure.pointer), failure.code)
        for result in results
        for failure in result.report.failures
        if failure.pointer is not None
    )
    unknown_names: dict[Path, list[str | int]] = {}
    for (attribute, code), number in failures.items():
        if code == KEYWORD_CODES["additionalProperties"]:
            unknown_names.setdefault(attribute[:-1], []).extend(attribute[-1:] * number)
    for path, node, is_required in _list_shape_paths(shape, (), is_required=False):
        keywords = {_KEYWORDS_BY_CODE[code]: failures[path, code] for code in _list_breakable_codes(node)}
        if is_required:
            keywords["required"] = failures[path, KEYWORD_CODES["required"]]
        if node.kind == "object":
            keywords["additionalProperties"] = sum(name not in node.members for name in unknown_names.get(path, ()))
        yield AttributeRow(format_path(path), accepted[path], keywords)


def _list_breakable_codes(node: Shape) -> Iterator[str]:
    """Yield the codes that a value of a shape can cause by itself."""
    yield KEYWORD_CODES["type"]
    if node.values:
        yield KEYWORD_CODES["enum"]
    if node.pattern or node.min_length:
        yield KEYWORD_CODES["pattern"]


def _list_shape_paths(shape: Shape, path: Path, *, is_required: bool) -> Iterator[tuple[Path, Shape, bool]]:
    """Yield each shape with its path, without indices, and whether it is required."""
    yield path, shape, is_required
    for name, member in shape.members.items():
        yield from _list_shape_paths(member, (*path, name), is_required=name in shape.required)
    if shape.items:
        # A list and its entries share a path.
        yield from list(_list_shape_paths(shape.items, path, is_required=False))[1:]


def _list_value_paths(value: Any, path: Path) -> Iterator[Path]:
    """Yield the path, without indices, of each value of a tree."""
    yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _list_value_paths(item, (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from _list_value_paths(item, path)


def format_table(coverage: Coverage) -> Iterator[str]:
    """Yield the lines of the coverage as tables of text."""
    yield f"coverage of {coverage.operation}"
    yield from _format_section(
        "code", "refused", "near misses", [(f"{row.code} {row.name}", row.refused, row.near_missed) for row in coverage.codes]
    )
    yield from _format_section(
        "rule", "fired", "near misses", [(f"{row.code} {row.rule}", row.fired, row.near_missed) for row in coverage.rules]
    )
    attributes = [
        (row.attribute, row.accepted, ", ".join(f"{keyword} {count}" for keyword, count in row.keywords.items()))
        for row in coverage.schema
    ]
    yield from _format_section("attribute", "accepted", "broken", attributes)
    yield _format_total("codes refused", [row.refused for row in coverage.codes])
    yield _format_total("rules fired", [row.fired for row in coverage.rules])
    yield _format_total("rules nearly broken", [row.near_missed for row in coverage.rules])
    yield _format_total("attributes accepted", [row.accepted for row in coverage.schema])
    yield _format_total("keywords broken", [count for row in coverage.schema for count in row.keywords.values()])


def _format_section(first: str, second: str, third: str, rows: Sequence[tuple[str, int, int | str]]) -> Iterator[str]:
    width = max(len(first), *(len(row[0]) for row in rows)) if rows else len(first)
    yield ""
    yield f"{first:{width}}  {second:>8}  {third}"
    yield from (f"{name:{width}}  {number:8}  {rest}" for name, number, rest in rows)


def _format_total(label: str, counts: Sequence[int]) -> str:
    return f"{label}: {sum(count > 0 for count in counts)} of {len(counts)}"


def coverage_to_dict(coverage: Coverage) -> dict[str, Any]:
    """Return the coverage as JSON data."""
    return {
        "operation": coverage.operation,
        "codes": [row._asdict() for row in coverage.codes],
        "rules": [row._asdict() for row in coverage.rules],
        "schema": [{**row._asdict(), "keywords": dict(row.keywords)} for row in coverage.schema],
    }
