"""The reference engine: jsonschema and xmlschema judge, slowly and by the book.

It serves where the fast packages do not exist, and it is the oracle of the tests. The only module that knows these two.
"""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree as ET

import xmlschema
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from validator.body import json_strict, xml_strict
from validator.body.shape import EXPECTED_TYPES, Shape, compile_pattern
from validator.body.tree import Body, BodyReader, RepeatedMembers, UnreadableBody, build_element_tree
from validator.model import common_codes
from validator.model.pointer import Path
from validator.model.report import Failure

Found = list[tuple[Path, Failure]]

# A leaf has one fault: the first of these that it has.
_LEAF: Final = {"type": 0, "enum": 1, "minLength": 2, "pattern": 2}


def _required(validator: Any, required: list[str], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Yield one error for each missing member, with its name in the path."""
    if validator.is_type(instance, "object"):
        yield from (ValidationError("missing", path=(name,)) for name in required if name not in instance)


def _additional(validator: Any, _allowed: bool, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: FBT001
    """Yield one error for each unknown member, with its name in the path."""
    if validator.is_type(instance, "object"):
        yield from (ValidationError("unknown", path=(name,)) for name in instance if name not in schema.get("properties", {}))


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Judge a pattern as ECMA-262 does, where ``$`` is the very end."""
    if validator.is_type(instance, "string") and not compile_pattern(pattern).search(instance):
        yield ValidationError("pattern")


_Validator: Final[Any] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"required": _required, "additionalProperties": _additional, "pattern": _pattern}
)


def build_json_reader(schema: Mapping[str, Any], shape: Shape) -> BodyReader:
    """Return the function that reads JSON bodies of an operation."""
    validator = _Validator(schema)

    def read(body: bytes, limit: int) -> Body:
        try:
            tree = json_strict.parse_json(body)
        except UnreadableBody as unreadable:
            return Body(None, [unreadable.failure])
        found = _first_of_each_leaf([_told(error) for error in validator.iter_errors(tree)])
        found += _repeats(shape, tree, ())
        return Body(tree, [failure for _, failure in in_document_order(tree, found)][: limit + 1])

    return read


def build_xml_reader(schema: Mapping[str, Any], shape: Shape, root: str, xsd: bytes) -> BodyReader:
    """Return the function that reads XML bodies of an operation. Raises xmlschema.XMLSchemaException on a wrong XSD."""
    is_valid = _Validator(schema).is_valid
    judge = xmlschema.XMLSchema(BytesIO(xsd))

    def is_sound(tree: Any) -> bool:
        return is_valid(tree) and judge.is_valid(build_element_tree(ET, root, shape, tree))

    return xml_strict.reader(root, shape, is_sound)


def _told(error: ValidationError) -> tuple[Path, int, Failure]:
    """Return an error as (path, rank among a leaf's faults, failure)."""
    path, keyword = tuple(error.absolute_path), str(error.validator)
    schema: Any = error.schema  # an object, as only an object has keywords
    rank = _LEAF.get(keyword, -1)
    if keyword == "required":
        return path, rank, common_codes.ATTRIBUTE_MISSING.at(path)
    if keyword == "additionalProperties":
        return path, rank, common_codes.ATTRIBUTE_UNKNOWN.at(path)
    if keyword == "type":
        return path, rank, common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES[schema["type"]])
    if keyword == "enum":
        return path, rank, common_codes.VALUE_NOT_EXPECTED.at(path, expected=tuple(schema["enum"]))
    return path, rank, common_codes.VALUE_INVALID.at(path, expected=schema.get("description", ""))


def _first_of_each_leaf(told: list[tuple[Path, int, Failure]]) -> Found:
    best: dict[Path, int] = {}
    for path, rank, _ in told:
        if rank >= 0:
            best[path] = min(rank, best.get(path, rank))
    found: Found = []
    for path, rank, failure in told:
        if rank < 0 or best.get(path) == rank:
            best.pop(path, None)
            found.append((path, failure))
    return found


def _repeats(shape: Shape, value: Any, path: Path) -> Found:
    """Return the repeated members of the objects that the shape knows."""
    found: Found = []
    if isinstance(value, list) and shape.items:
        for index, item in enumerate(value):
            found += _repeats(shape.items, item, (*path, index))
    elif isinstance(value, dict):
        if isinstance(value, RepeatedMembers) and shape.kind == "object":
            found += [((*path, name), common_codes.ATTRIBUTE_REPEATED.at((*path, name))) for name in value.again]
        for name, member in shape.members.items():
            if name in value:
                found += _repeats(member, value[name], (*path, name))
    return found


def in_document_order(tree: Any, found: Found) -> Found:
    """Return faults in document order: a value's own faults, then its missing members, then what stands inside."""
    ranks: dict[int, dict[str, int]] = {}
    return sorted(found, key=lambda entry: _rank(tree, entry[0], entry[1], ranks))


def _rank(tree: Any, path: Path, failure: Failure, ranks: dict[int, dict[str, int]]) -> tuple[int, ...]:
    rank: list[int] = []
    for depth, step in enumerate(path):
        last = depth == len(path) - 1
        if isinstance(step, int):
            rank.append(step)
        elif step not in tree:
            rank.append(-1)  # a missing member stands at its parent; sorting is stable, so schema order is kept
        elif last and failure.code == common_codes.ATTRIBUTE_REPEATED.code:
            rank.append(2 * tree.again[step] - 1)  # between the members before and after its second occurrence
        else:
            names = ranks.setdefault(id(tree), {}) or ranks[id(tree)]
            if not names:
                names.update((name, index) for index, name in enumerate(tree))
            rank.append(2 * names[step])
        tree = None if step not in tree and not isinstance(step, int) else tree[step]
    return tuple(rank)
