"""Sample requests that cover a body's shape: a complete one, and copies of it with one change each."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from itertools import islice
from typing import Any, Final, NamedTuple

from validator.body import pattern
from validator.body.explain import find_failures
from validator.body.shape import Shape
from validator.lint.patterns.samples import sample_pattern
from validator.model.pointer import Path
from validator.operation.reports import RuleInput

_SAMPLES: Final = 50  # of a pattern, of which the first that fits is used
_MAX_LENGTH: Final = 10_000  # characters of a sample
_MAX_VALUES: Final = 200_000  # in all changed trees together
_REPLACEMENTS: Final = ("", "strange", "0", "\n")  # for a string


class RequestSamples(NamedTuple):
    """Inputs of rules: with a valid structure, and with an invalid one."""

    valid: Sequence[RuleInput]
    invalid: Sequence[RuleInput]


def sample_requests(shape: Shape, inputs: Sequence[RuleInput]) -> RequestSamples:
    """Return inputs with every attribute, and copies with one change. inputs: of fixtures, whose values are used.

    Without a value from a fixture, a string is sampled from its pattern. Empty if that gives no valid tree.
    """
    model = inputs[0] if inputs else RuleInput({}, "1", "1", None)
    values: dict[int, str] = {}
    for one in inputs:
        _collect_values(shape, one.tree, values)
    tree = build_tree(shape, lambda leaf: values.get(id(leaf)) or _sample_string(leaf))
    if find_failures(shape, tree, 1):
        return RequestSamples((), ())
    size = sum(1 for _ in _find_paths(shape, tree, ())) + 1
    trees = [tree, *islice(change_tree(shape, tree), max(_MAX_VALUES // size, 1))]
    valid = [model._replace(tree=one) for one in trees if not find_failures(shape, one, 1)]
    return RequestSamples(valid, [model._replace(tree=one) for one in trees if find_failures(shape, one, 1)])


def build_tree(shape: Shape, make_string: Callable[[Shape], str]) -> Any:
    """Return a tree with every member of a shape and two entries in each list."""
    if shape.kind == "object":
        return {name: build_tree(member, make_string) for name, member in shape.members.items()}
    if shape.items:
        return [build_tree(shape.items, make_string), build_tree(shape.items, make_string)]
    return True if shape.kind == "boolean" else shape.values[0] if shape.values else make_string(shape)


def _collect_values(shape: Shape, value: Any, values: dict[int, str]) -> None:
    """Store a string that is not empty for each leaf of the shape."""
    if isinstance(value, dict):
        for name, item in value.items():
            _collect_values(shape.members[name], item, values)
    elif isinstance(value, list) and shape.items:
        for item in value:
            _collect_values(shape.items, item, values)
    elif isinstance(value, str) and value:
        values.setdefault(id(shape), value)


def _sample_string(leaf: Shape) -> str:
    if leaf.pattern is None:
        return "x" * max(leaf.min_length, 1) if leaf.min_length <= _MAX_LENGTH else ""
    node = pattern.parse(leaf.pattern, "json")
    return next((text for text in sample_pattern(node, _SAMPLES) if len(text) >= max(leaf.min_length, 1)), "")


def change_tree(shape: Shape, tree: Any) -> Iterator[Any]:
    """Yield copies of a valid tree with one change each: a member removed, or a string replaced."""
    for path, kind in _find_paths(shape, tree, ()):
        parent = path[:-1]
        for value in _REPLACEMENTS if kind == "string" else ():
            copy = deepcopy(tree)
            _get_value(copy, parent)[path[-1]] = value
            yield copy
        copy = deepcopy(tree)
        del _get_value(copy, parent)[path[-1]]
        yield copy


def _find_paths(shape: Shape, value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the path and kind of each value of a complete tree, of lists the first entry only."""
    if path:
        yield path, shape.kind
    for name, member in shape.members.items():
        yield from _find_paths(member, value[name], (*path, name))
    if shape.items:
        yield from _find_paths(shape.items, value[0], (*path, 0))


def _get_value(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step]
    return tree
