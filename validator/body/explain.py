"""Explain why a tree does not have the shape of a body: every failure, in document order."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from validator.body.shape import EXPECTED_TYPES, Shape, compile_pattern
from validator.body.tree import RepeatedMembers
from validator.model import common_codes
from validator.model.pointer import ROOT, Path
from validator.model.report import Failure

Found = list[Failure]


def find_failures(shape: Shape, tree: Any, limit: int) -> Found:
    """Return every fault of a tree in document order, at most one more than the limit."""
    found: Found = []
    _EXAMINE[shape.kind](shape, tree, ROOT, found, limit)
    return found


def _object(shape: Shape, value: Any, path: Path, found: Found, limit: int) -> None:
    if not isinstance(value, dict):
        found.append(common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES["object"]))
        return
    for name in shape.required:
        if name not in value:
            found.append(common_codes.ATTRIBUTE_MISSING.at((*path, name)))
    again = iter(value.again.items()) if isinstance(value, RepeatedMembers) else iter(())
    name_again, index_again = next(again, ("", -1))
    for index, (name, item) in enumerate(value.items()):
        while index == index_again:
            found.append(common_codes.ATTRIBUTE_REPEATED.at((*path, name_again)))
            name_again, index_again = next(again, ("", -1))
        if len(found) > limit:
            return
        member = shape.members.get(name)
        if member is None:
            found.append(common_codes.ATTRIBUTE_UNKNOWN.at((*path, name)))
        else:
            _EXAMINE[member.kind](member, item, (*path, name), found, limit)
    while index_again >= 0:
        found.append(common_codes.ATTRIBUTE_REPEATED.at((*path, name_again)))
        name_again, index_again = next(again, ("", -1))


def _array(shape: Shape, value: Any, path: Path, found: Found, limit: int) -> None:
    if not isinstance(value, list):
        found.append(common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES["array"]))
        return
    check = _EXAMINE[shape.entry.kind]
    for index, item in enumerate(value):
        check(shape.entry, item, (*path, index), found, limit)
        if len(found) > limit:
            return


def _leaf(shape: Shape, value: Any, path: Path, found: Found, _limit: int) -> None:
    failure = check_leaf(shape, value, path)
    if failure is not None:
        found.append(failure)


def check_leaf(shape: Shape, value: Any, path: Path) -> Failure | None:
    """Return the fault of a text or boolean, if it has one; a value has at most one."""
    if not isinstance(value, str if shape.kind == "string" else bool):
        return common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES[shape.kind])
    if shape.values and value not in shape.values:
        return common_codes.VALUE_NOT_EXPECTED.at(path, expected=shape.values)
    if isinstance(value, str) and (
        len(value) < shape.min_length or (shape.pattern is not None and not compile_pattern(shape.pattern).search(value))
    ):
        return common_codes.VALUE_INVALID.at(path, expected=shape.expected)
    return None


_EXAMINE: Final[Mapping[str, Callable[[Shape, Any, Path, Found, int], None]]] = {
    "object": _object,
    "array": _array,
    "string": _leaf,
    "boolean": _leaf,
}
