"""The reference engine: reads bodies with jsonschema and xmlschema. The only module in the package that imports these two.

It is slow and follows the specifications closely. It serves where the fast packages are not installed, and tests compare the
fast engine with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree as ET

import xmlschema
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from validator.body import json_strict, xml_strict
from validator.body.explain import find_failures
from validator.body.shape import EXPECTED_TYPES, Shape, compile_pattern
from validator.body.tree import Body, BodyReader, Disagreement, RepeatedMembers, UnreadableBody, build_element_tree
from validator.model import common_codes
from validator.model.pointer import Path
from validator.model.report import Failure

LocatedFailures = list[tuple[Path, Failure]]

# A leaf has one failure: that of the first of these keywords that rejects it.
_LEAF_KEYWORDS: Final = {"type": 0, "enum": 1, "minLength": 2, "pattern": 2}


def _check_required(validator: Any, required: list[str], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Yield one error for each missing member, with its name in the path."""
    if validator.is_type(instance, "object"):
        yield from (ValidationError("missing", path=(name,)) for name in required if name not in instance)


def _check_additional(validator: Any, _allowed: bool, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: FBT001
    """Yield one error for each unknown member, with its name in the path."""
    if validator.is_type(instance, "object"):
        yield from (ValidationError("unknown", path=(name,)) for name in instance if name not in schema.get("properties", {}))


def _check_pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Match a pattern like ECMA-262, where ``$`` matches at the very end only."""
    if validator.is_type(instance, "string") and not compile_pattern(pattern).search(instance):
        yield ValidationError("pattern")


_Validator: Final[Any] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"required": _check_required, "additionalProperties": _check_additional, "pattern": _check_pattern}
)


def build_json_reader(schema: Mapping[str, Any], shape: Shape) -> BodyReader:
    """Return the reader of an operation's JSON bodies. It raises Disagreement when the shape gives another verdict."""
    validator = _Validator(schema)

    def read(body: bytes, limit: int) -> Body:
        try:
            tree = json_strict.parse_json(body)
        except UnreadableBody as error:
            return Body(None, [error.failure])
        failures = _select_leaf_failures([_convert(error) for error in validator.iter_errors(tree)])
        failures += _find_repetitions(shape, tree, ())
        if bool(failures) != bool(find_failures(shape, tree, 1)):
            raise Disagreement
        return Body(tree, [failure for _, failure in sort_by_document(tree, failures)][: limit + 1])

    return read


def build_xml_reader(
    schema: Mapping[str, Any], shape: Shape, root: str, xsd: bytes, namespaces: Sequence[str] = ()
) -> BodyReader:
    """Return the reader of an operation's XML bodies. Raises xmlschema.XMLSchemaException when the XSD is invalid."""
    is_valid = _Validator(schema).is_valid
    xml_schema = xmlschema.XMLSchema(BytesIO(xsd))

    def is_valid_tree(tree: Any) -> bool:
        return is_valid(tree) and xml_schema.is_valid(build_element_tree(ET, root, shape, tree))

    return xml_strict.build_explainer(root, shape, is_valid_tree, namespaces)


def _convert(error: ValidationError) -> tuple[Path, int, Failure]:
    """Return an error as (path, rank among the keywords of a leaf or -1, failure)."""
    path, keyword = tuple(error.absolute_path), str(error.validator)
    schema: Any = error.schema  # an object: others have no keywords
    rank = _LEAF_KEYWORDS.get(keyword, -1)
    if keyword == "required":
        return path, rank, common_codes.ATTRIBUTE_MISSING.at(path)
    if keyword == "additionalProperties":
        return path, rank, common_codes.ATTRIBUTE_UNKNOWN.at(path)
    if keyword == "type":
        return path, rank, common_codes.TYPE_WRONG.at(path, expected=EXPECTED_TYPES[schema["type"]])
    if keyword == "enum":
        return path, rank, common_codes.VALUE_NOT_EXPECTED.at(path, expected=tuple(schema["enum"]))
    return path, rank, common_codes.VALUE_INVALID.at(path, expected=schema.get("description", ""))


def _select_leaf_failures(failures: list[tuple[Path, int, Failure]]) -> LocatedFailures:
    """Return the failures, of each leaf only the one with the lowest rank."""
    best: dict[Path, int] = {}
    for path, rank, _ in failures:
        if rank >= 0:
            best[path] = min(rank, best.get(path, rank))
    selection: LocatedFailures = []
    for path, rank, failure in failures:
        if rank < 0 or best.get(path) == rank:
            best.pop(path, None)
            selection.append((path, failure))
    return selection


def _find_repetitions(shape: Shape, value: Any, path: Path) -> LocatedFailures:
    """Return the repeated members of the objects that the shape has."""
    failures: LocatedFailures = []
    if isinstance(value, list) and shape.items:
        for index, item in enumerate(value):
            failures += _find_repetitions(shape.items, item, (*path, index))
    elif isinstance(value, dict):
        if isinstance(value, RepeatedMembers) and shape.kind == "object":
            repetitions = [(*path, name) for name in value.repetitions]
            failures += [(repetition, common_codes.ATTRIBUTE_REPEATED.at(repetition)) for repetition in repetitions]
        for name, member in shape.members.items():
            if name in value:
                failures += _find_repetitions(member, value[name], (*path, name))
    return failures


def sort_by_document(tree: Any, failures: LocatedFailures) -> LocatedFailures:
    """Return failures in document order: those of a value, then its missing members, then those inside it."""
    ranks: dict[int, dict[str, int]] = {}
    return sorted(failures, key=lambda entry: _rank(tree, entry[0], entry[1], ranks))


def _rank(tree: Any, path: Path, failure: Failure, ranks: dict[int, dict[str, int]]) -> tuple[int, ...]:
    """Return the position of a failure. ranks: a cache of the positions of members, by id of the object."""
    rank: list[int] = []
    for depth, step in enumerate(path):
        is_last = depth == len(path) - 1
        if isinstance(step, int):
            rank.append(step)
        elif step not in tree:
            rank.append(-1)  # a missing member stands at its parent; the sort is stable, so the schema's order remains
        elif is_last and failure.code == common_codes.ATTRIBUTE_REPEATED.code:
            rank.append(2 * tree.repetitions[step] - 1)  # between the members before and after its second occurrence
        else:
            names = ranks.setdefault(id(tree), {})
            if not names:
                names.update((name, index) for index, name in enumerate(tree))
            rank.append(2 * names[step])
        tree = None if step not in tree and not isinstance(step, int) else tree[step]
    return tuple(rank)
