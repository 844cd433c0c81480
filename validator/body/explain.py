"""Explain why a tree does not have the shape of a body: every failure, in document order."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from validator.body.shape import EXPECTED_TYPES, Shape, compile_pattern
from validator.body.tree import RepeatedMembers
from validator.model import common_codes
from validator.model.pointer import ROOT, Path
from validator.model.report import Failure

Failures = list[Failure]


def find_failures(shape: Shape, tree: Any, limit: int) -> Failures:
    """Return the failures of a tree in document order, at most one more than the limit."""
    failures: Failures = []
    _CHECKS[shape.kind](shape, tree, ROOT, failures, limit)
    return failures


def _check_object(shape: Shape, value: Any, path: Path, failures: Failures, limit: int) -> None:
    if not isinstance(value, dict):
        failures.append(common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES["object"]))
        return
    for name in shape.required:
        if name not in value:
            failures.append(common_codes.ATTRIBUTE_MISSING.at((*path, name)))
    repetitions = iter(value.repetitions.items()) if isinstance(value, RepeatedMembers) else iter(())
    repeated, position = next(repetitions, ("", -1))
    for index, (name, item) in enumerate(value.items()):
        while index == position:
            failures.append(common_codes.ATTRIBUTE_REPEATED.at((*path, repeated)))
            repeated, position = next(repetitions, ("", -1))
        if len(failures) > limit:
            return
        member = shape.members.get(name)
        if member is None:
            failures.append(common_codes.ATTRIBUTE_UNKNOWN.at((*path, name)))
        else:
            _CHECKS[member.kind](member, item, (*path, name), failures, limit)
    while position >= 0:
        failures.append(common_codes.ATTRIBUTE_REPEATED.at((*path, repeated)))
        repeated, position = next(repetitions, ("", -1))


def _check_array(shape: Shape, value: Any, path: Path, failures: Failures, limit: int) -> None:
    if not isinstance(value, list):
        failures.append(common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES["array"]))
        return
    check = _CHECKS[shape.entry.kind]
    for index, item in enumerate(value):
        check(shape.entry, item, (*path, index), failures, limit)
        if len(failures) > limit:
            return


def _check_leaf(shape: Shape, value: Any, path: Path, failures: Failures, _limit: int) -> None:
    failure = check_leaf(shape, value, path)
    if failure is not None:
        failures.append(failure)


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


_CHECKS: Final[Mapping[str, Callable[[Shape, Any, Path, Failures, int], None]]] = {
    "object": _check_object,
    "array": _check_array,
    "string": _check_leaf,
    "boolean": _check_leaf,
}
