"""How much of an operation its fixtures try: codes, rules, and the branches of the schema."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from validator.body.shape import KEYWORDS, Shape
from validator.lint.fixtures import Tried
from validator.model.pointer import Path, attribute_path, format_path
from validator.operation.loader import Operation

# The keywords of a shape that a code stands for; those of one code are told together.
_OF_CODE: Final[Mapping[str, str]] = {
    code: " or ".join(keyword for keyword, own in KEYWORDS.items() if own == code) for code in dict.fromkeys(KEYWORDS.values())
}


class CodeRow(NamedTuple):
    """A code, how many requests in reject were refused with it, and how many in accept are its near misses."""

    code: str
    name: str
    refused: int
    near_missed: int


class RuleRow(NamedTuple):
    """A rule, how many requests broke it, and how many nearly did."""

    rule: str
    code: str
    fired: int
    near_missed: int


class BranchRow(NamedTuple):
    """An attribute, how many accepted requests have it, and how many broke each keyword there. keywords: by keyword."""

    attribute: str
    accepted: int
    keywords: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of one operation."""

    operation: str
    codes: Sequence[CodeRow]
    rules: Sequence[RuleRow]
    schema: Sequence[BranchRow]


def measure_coverage(operation: Operation, tried: Sequence[Tried]) -> Coverage:
    """Return how much the fixtures try."""
    rejected = [one for one in tried if one.folder == "reject"]
    near = [one.path.name[:7] for one in tried if one.folder == "accept"]
    refused = {code.code: sum(code.code in one.codes for one in rejected) for code in operation.codes}
    return Coverage(
        operation.name,
        [CodeRow(code.code, code.name, refused[code.code], near.count(code.code)) for code in operation.codes],
        [
            RuleRow(rule.name, rule.code.code, refused[rule.code.code], near.count(rule.code.code))
            for rule in operation.rules.rules
        ],
        list(_branches(operation.shape, tried)),
    )


def _branches(shape: Shape, tried: Sequence[Tried]) -> Iterator[BranchRow]:
    accepted = [path for one in tried if one.report.accepted and one.picked for path in set(_paths(one.picked.tree, ()))]
    broken: list[tuple[Path, str]] = [
        (attribute_path(failure.pointer), failure.code)
        for one in tried
        for failure in one.report.failures
        if failure.pointer is not None
    ]
    for path, node, is_required in _described(shape, (), is_required=False):
        keywords = {_OF_CODE[code]: broken.count((path, code)) for code in _breakable(node)}
        if is_required:
            keywords["required"] = broken.count((path, "400-720"))
        if node.kind == "object":
            known = node.members.keys()
            keywords["additionalProperties"] = sum(
                code == "400-721" and found[:-1] == path and found[-1] not in known for found, code in broken
            )
        yield BranchRow(format_path(path), accepted.count(path), keywords)


def _breakable(node: Shape) -> Iterator[str]:
    yield KEYWORDS["type"]
    if node.values:
        yield KEYWORDS["enum"]
    if node.pattern or node.min_length:
        yield KEYWORDS["pattern"]


def _described(shape: Shape, path: Path, *, is_required: bool) -> Iterator[tuple[Path, Shape, bool]]:
    yield path, shape, is_required
    for name, member in shape.members.items():
        yield from _described(member, (*path, name), is_required=name in shape.required)
    if shape.items:
        # What is said of a list and of its entries stands at one path here.
        yield from list(_described(shape.items, path, is_required=False))[1:]


def _paths(value: Any, path: Path) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _paths(item, (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, path)


def format_table(coverage: Coverage) -> Iterator[str]:
    """Yield the lines of a table for people."""
    yield f"coverage of {coverage.operation}"
    yield from _section(
        "code", "refused", "near misses", [(f"{row.code} {row.name}", row.refused, row.near_missed) for row in coverage.codes]
    )
    yield from _section(
        "rule", "fired", "near misses", [(f"{row.code} {row.rule}", row.fired, row.near_missed) for row in coverage.rules]
    )
    branches = [
        (row.attribute, row.accepted, ", ".join(f"{keyword} {count}" for keyword, count in row.keywords.items()))
        for row in coverage.schema
    ]
    yield from _section("attribute", "accepted", "broken", branches)
    yield _total("codes refused", [row.refused for row in coverage.codes])
    yield _total("rules fired", [row.fired for row in coverage.rules])
    yield _total("rules nearly broken", [row.near_missed for row in coverage.rules])
    yield _total("attributes accepted", [row.accepted for row in coverage.schema])
    yield _total("keywords broken", [count for row in coverage.schema for count in row.keywords.values()])


def _section(first: str, second: str, third: str, rows: Sequence[tuple[str, int, int | str]]) -> Iterator[str]:
    width = max(len(first), *(len(row[0]) for row in rows)) if rows else len(first)
    yield ""
    yield f"{first:{width}}  {second:>8}  {third}"
    yield from (f"{name:{width}}  {number:8}  {rest}" for name, number, rest in rows)


def _total(words: str, counts: Sequence[int]) -> str:
    return f"{words}: {sum(count > 0 for count in counts)} of {len(counts)}"


def coverage_to_dict(coverage: Coverage) -> dict[str, Any]:
    """Return the coverage as it stands in JSON."""
    return {
        "operation": coverage.operation,
        "codes": [row._asdict() for row in coverage.codes],
        "rules": [row._asdict() for row in coverage.rules],
        "schema": [{**row._asdict(), "keywords": dict(row.keywords)} for row in coverage.schema],
    }
