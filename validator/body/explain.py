"""Explain why a tree does not have the shape of a body: every failure, in document order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from validator.body.shape import EXPECTED_TYPES, PartTest, PartTests, Shape, compile_pattern
from validator.body.tree import Body, Disagreement, RepeatedMembers
from validator.model import common_codes
from validator.model.pointer import ROOT, Path
from validator.model.report import Failure

Failures = list[Failure]


class _Search(NamedTuple):
    """A search for failures. failures: those found so far. limit: it ends with more. tests: of the values by the shapes."""

    failures: Failures
    limit: int
    tests: PartTests


class _NoTests(dict[int, PartTest]):
    """Tests by which no value is valid."""

    def __missing__(self, _key: int) -> PartTest:
        return _is_never_valid


_NO_TESTS: Final = _NoTests()


def find_failures(shape: Shape, tree: Any, limit: int, tests: PartTests = _NO_TESTS, path: Path = ROOT) -> Failures:
    """Return the failures of a tree in document order, at most one more than the limit.

    tests: quick tests of the parts of a tree; the search leaves out the parts that are valid by them. By default it visits all.
    A value with repeated members may not be valid by them. path: where the tree is in its document.
    """
    search = _Search([], limit, tests)
    _CHECKS[shape.kind](shape, tree, path, search)
    return search.failures


def explain_rejection(shape: Shape, tree: Any, limit: int, tests: PartTests = _NO_TESTS) -> Body:
    """Return the tree of a rejected body with its failures. Raises Disagreement where none is found.

    So no body is rejected without a code. The arguments are those of ``find_failures``.
    """
    failures = find_failures(shape, tree, limit, tests)
    if not failures:
        raise Disagreement
    return Body(tree, failures)


def _is_never_valid(_value: Any) -> bool:
    return False


def _check_object(shape: Shape, value: Any, path: Path, search: _Search) -> None:
    failures, limit, tests = search
    if not isinstance(value, dict):
        failures.append(common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES["object"]))
        return
    for name in shape.required:
        if name not in value:
            failures.append(common_codes.ATTRIBUTE_MISSING.at((*path, name)))
    if isinstance(value, RepeatedMembers):
        _check_repeated_members(shape, value, path, search)
        return
    members = shape.members
    for name, item in value.items():
        member = members.get(name)
        if member is None:
            failures.append(common_codes.ATTRIBUTE_UNKNOWN.at((*path, name)))
        elif not tests[id(member)](item):
            _CHECKS[member.kind](member, item, (*path, name), search)
        else:
            continue
        if len(failures) > limit:
            return


def _check_repeated_members(shape: Shape, value: RepeatedMembers, path: Path, search: _Search) -> None:
    failures, limit, _ = search
    repeated = _group_repetitions(value)
    for index, (name, item) in enumerate(value.items()):
        failures += [common_codes.ATTRIBUTE_REPEATED.at((*path, one)) for one in repeated.get(index, ())[: limit + 1]]
        if len(failures) > limit:
            return
        member = shape.members.get(name)
        if member is None:
            failures.append(common_codes.ATTRIBUTE_UNKNOWN.at((*path, name)))
        else:  # nothing is left out of what the strict parser has read
            _CHECKS[member.kind](member, item, (*path, name), search)
    failures += [common_codes.ATTRIBUTE_REPEATED.at((*path, one)) for one in repeated.get(len(value), ())[: limit + 1]]


def _group_repetitions(value: RepeatedMembers) -> Mapping[int, Sequence[str]]:
    """Return the repeated names by the number of distinct names before their second occurrence."""
    groups: dict[int, list[str]] = {}
    for name, position in value.repetitions.items():
        groups.setdefault(position, []).append(name)
    return groups


def _check_array(shape: Shape, value: Any, path: Path, search: _Search) -> None:
    failures, limit, tests = search
    if not isinstance(value, list):
        failures.append(common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES["array"]))
        return
    entry = shape.entry
    is_valid, check = tests[id(entry)], _CHECKS[entry.kind]
    for index, item in enumerate(value):
        if not is_valid(item):
            check(entry, item, (*path, index), search)
            if len(failures) > limit:
                return


def _check_leaf(shape: Shape, value: Any, path: Path, search: _Search) -> None:
    failure = check_leaf(shape, value, path)
    if failure is not None:
        search.failures.append(failure)


def check_leaf(shape: Shape, value: Any, path: Path) -> Failure | None:
    """Return the failure of a string or boolean, or None when it is valid. A value has at most one failure."""
    if not isinstance(value, str if shape.kind == "string" else bool):
        return common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES[shape.kind])
    if shape.values and value not in shape.values:
        return common_codes.VALUE_NOT_EXPECTED.at(path, expected=shape.values)
    if isinstance(value, str) and (
        len(value) < shape.min_length or (shape.pattern is not None and not compile_pattern(shape.pattern).search(value))
    ):
        return common_codes.VALUE_INVALID.at(path, expected=shape.expected)
    return None


_CHECKS: Final[Mapping[str, Callable[[Shape, Any, Path, _Search], None]]] = {
    "object": _check_object,
    "array": _check_array,
    "string": _check_leaf,
    "boolean": _check_leaf,
}
