"""Near misses: whether one edit of an accepted request breaks the rule whose code the fixture's name starts with.

An edit changes, removes or adds one value, repeats an entry of a list, or changes one of the IDs. Values come from the rejected
fixtures of the code, from the request itself, and from the reference data.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

from validator.body.explain import find_failures
from validator.body.shape import Shape
from validator.head.headers import read_body_format, select_headers
from validator.lint.catalogue.fixture_kinds import NEAR_MISS_FAR
from validator.lint.fixtures import FixtureResult
from validator.model import common_codes
from validator.model.directory import Facts
from validator.model.pointer import Path
from validator.model.request import JSON, XML, Media
from validator.operation.loader import Operation
from validator.operation.reports import RuleInput
from validator.output.finding import Finding
from validator.rule import Rule

_MAX_EDITS: Final = 5_000  # of one request
_REPLACEMENTS: Final = ("", "0", "strange", "\n", "-")
# The codes that only a body of one format can have.
_FORMATS: Final[Mapping[str, Media]] = {
    common_codes.JSON_MALFORMED.code: JSON,
    common_codes.XML_MALFORMED.code: XML,
    common_codes.DOCTYPE_PRESENT.code: XML,
    common_codes.XML_NOT_THE_ACTIVITY.code: XML,
}

_Values = Mapping[Path, Sequence[Any]]  # single values by path without indices


def check_near_misses(results: Sequence[FixtureResult], operation: Operation, facts: Facts) -> Iterator[Finding]:
    """Yield the accepted fixtures that no single edit breaks. facts: of the fixtures' directory.

    A code without a rejected request has a finding already; the codes of the common checks are one edit away from any request.
    """
    rules: dict[str, list[Rule]] = {}
    for rule in operation.rules.rules:
        rules.setdefault(rule.code.code, []).append(rule)
    files: dict[str, list[FixtureResult]] = {}
    for result in results:
        if result.folder == "accept" and result.is_as_expected:
            files.setdefault(str(result.path), []).append(result)
    for group in files.values():
        code = group[0].named_code
        if code in _FORMATS and not any(_read_media(result) == _FORMATS[code] for result in group):
            yield Finding(NEAR_MISS_FAR, f"A body of this format cannot have {code}.", group[0].location, identity=code)
        if code in rules and not any(_is_near(result, results, operation, rules[code], facts) for result in group):
            message = f"No single edit of the request breaks {rules[code][0].name}, whose code {code} is in the name."
            yield Finding(NEAR_MISS_FAR, message, group[0].location, identity=code)


def _read_media(result: FixtureResult) -> Media | None:
    return read_body_format(select_headers(result.sample.request.headers)).media


def _is_near(
    result: FixtureResult, results: Sequence[FixtureResult], operation: Operation, rules: Sequence[Rule], facts: Facts
) -> bool:
    """Return whether an edit of a request breaks one of some rules of one code; True if that cannot be decided."""
    code = rules[0].code.code
    broken = [one.rule_input for one in results if one.folder == "reject" and one.rule_input and code in one.codes]
    usable = [rule for rule in rules if all(getattr(facts, section) is not None for section in rule.needs)]
    if result.rule_input is None or not broken or not usable:
        return True
    edits = _edit_input(result.rule_input, broken, operation.shape, facts)
    return any(_breaks(operation, edited, usable, facts) for edited in islice(edits, _MAX_EDITS))


def _breaks(operation: Operation, edited: RuleInput, rules: Sequence[Rule], facts: Facts) -> bool:
    try:  # the rules first: most edits do not break them, and a structure takes longer to check
        view = operation.rules.read(*edited)
        is_broken = any(True for rule in rules for _ in rule.check(view, facts))
    except (Exception, SystemExit):  # noqa: BLE001 - rules need not handle an invalid structure
        return False
    return is_broken and not find_failures(operation.shape, edited.tree, 1)


def _edit_input(one: RuleInput, broken: Sequence[RuleInput], shape: Shape, facts: Facts) -> Iterator[RuleInput]:
    """Yield an input with one edit each, the most promising edits first."""
    for name in ("customer", "activity", "caller"):
        known = facts.activities if name == "activity" else facts.customers
        values = [*(getattr(other, name) for other in broken), *(known or ()), *([None] if name == "customer" else ())]
        yield from (one._replace(**{name: value}) for value in dict.fromkeys(values))
    values_by_path: dict[Path, list[Any]] = {}
    for other in (*broken, one):
        _collect_values(other.tree, (), values_by_path)
    known_keys = list(dict.fromkeys(chain.from_iterable(section for section in facts[1:] if section)))
    for tree in chain(_add_values(one.tree, shape, values_by_path), _change_values(one.tree, values_by_path, known_keys)):
        yield one._replace(tree=tree)


def _collect_values(value: Any, path: Path, values: dict[Path, list[Any]]) -> None:
    """Store the single values of a tree by path without indices, each once."""
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            _collect_values(item, (*path, step) if isinstance(step, str) else path, values)
    elif value not in values.setdefault(path, []):
        values[path].append(value)


def _add_values(tree: Any, shape: Shape, values: _Values) -> Iterator[Any]:
    """Yield copies of a tree with one value more, at a path that the tree does not have; objects around it are created."""
    for path, candidates in values.items():
        for at in _find_gaps(tree, shape, path, ()):
            for value in candidates:
                yield _replace(tree, at, value)


def _find_gaps(value: Any, shape: Shape | None, path: Path, before: Path) -> Iterator[Path]:
    """Yield the paths, with indices, at which a member of a path without indices is missing."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _find_gaps(item, shape.items if shape else None, path, (*before, index))
    elif path and isinstance(value, dict):
        member = shape.members.get(str(path[0])) if shape else None
        if path[0] in value:
            yield from _find_gaps(value[path[0]], member, path[1:], (*before, path[0]))
        elif member is not None and not _has_list(member, path[1:]):
            yield (*before, *path)


def _has_list(shape: Shape, path: Path) -> bool:
    """Return whether a list is on the way: an entry of a list is more than one value."""
    for step in path:
        if shape.items is not None or str(step) not in shape.members:
            return True
        shape = shape.members[str(step)]
    return shape.items is not None


def _replace(tree: Any, path: Path, *values: Any) -> Any:
    """Return a copy of a tree with another value at a path, or without a value there; objects on the way are created."""
    step, rest = path[0], path[1:]
    if isinstance(tree, list) and isinstance(step, int):
        inner = [_replace(tree[step], rest, *values)] if rest else [*values]
        return [*tree[:step], *inner, *tree[step + 1 :]]
    copy = dict(tree)
    if rest or values:
        copy[step] = _replace(tree.get(step, {}), rest, *values) if rest else values[0]
    else:
        del copy[step]
    return copy


def _change_values(tree: Any, values: _Values, known: Sequence[str]) -> Iterator[Any]:
    """Yield copies of a tree with one value changed or removed, or one entry of a list repeated."""
    for path, value in _walk(tree, ()):
        generic = tuple(step for step in path if isinstance(step, str))
        choices: Sequence[Any] = (not value,) if isinstance(value, bool) else ()
        if isinstance(value, str):
            choices = [one for one in dict.fromkeys([*values.get(generic, ()), *_REPLACEMENTS, *known]) if one != value]
        yield from (_replace(tree, path, choice) for choice in choices)
        yield _replace(tree, path)
        if isinstance(path[-1], int):
            yield _replace(tree, path, value, value)


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the path and value of everything in a tree, except the tree itself."""
    for step, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, step), item
        yield from _walk(item, (*path, step))
