"""Quick tests of trees in plain Python, where many are read before any schema library is imported."""

from collections.abc import Callable
from typing import Any, Final

from validator.body.shape import PartTest, Shape, compile_pattern


def compile_test(shape: Shape) -> PartTest:
    """Return a function that returns whether a tree is valid by a shape: whether ``explain.find_failures`` finds nothing."""
    return _COMPILE[shape.kind](shape)


def _compile_object(shape: Shape) -> PartTest:
    tests = {name: compile_test(member) for name, member in shape.members.items()}
    required = frozenset(shape.required)

    def is_valid(value: Any) -> bool:
        if type(value) is not dict or not required <= value.keys():  # not one with repeated members
            return False
        for name, item in value.items():
            test = tests.get(name)
            if test is None or not test(item):
                return False
        return True

    return is_valid


def _compile_array(shape: Shape) -> PartTest:
    test = compile_test(shape.entry)
    return lambda value: type(value) is list and all(map(test, value))


def _compile_string(shape: Shape) -> PartTest:
    values, length = shape.values, shape.min_length
    if values:
        return lambda value: type(value) is str and value in values
    if shape.pattern is None:
        return lambda value: type(value) is str and len(value) >= length
    search = compile_pattern(shape.pattern).search
    return lambda value: type(value) is str and len(value) >= length and search(value) is not None


def _compile_boolean(_shape: Shape) -> PartTest:
    return lambda value: type(value) is bool


_COMPILE: Final[dict[str, Callable[[Shape], PartTest]]] = {
    "object": _compile_object,
    "array": _compile_array,
    "string": _compile_string,
    "boolean": _compile_boolean,
}
