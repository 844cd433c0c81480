"""The tree that the JSON Schema of an operation describes, and the keyword that a failure comes from."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from validator.body.shape import KEYWORD_CODES, attribute_path, compile_shape
from validator.inputs.source import JsonSource
from validator.lint.schemas.schema_tree import (
    LIST,
    MAX_DEPTH,
    MAX_NODES,
    OBJECT,
    OPTIONAL,
    REQUIRED,
    SINGLE,
    Constraint,
    SchemaNode,
    TreeTooLarge,
)
from validator.model.pointer import escape_step, split_pointer
from validator.model.report import Failure
from validator.output.finding import Location


def read_tree(source: JsonSource) -> SchemaNode:
    """Return the tree that the schema of an operation describes, as far as it can be read. Raises TreeTooLarge."""
    root = source.at("")
    return _Reader(source).read_node("", Constraint(REQUIRED, root), Constraint(SINGLE, root), ())


class _Reader:
    """Reads the schemas of a document, and those that they refer to."""

    def __init__(self, source: JsonSource) -> None:
        self._source = source
        self._numbers = count(1)

    def read_node(self, pointer: str, occurrence: Constraint, cardinality: Constraint, ancestors: tuple[str, ...]) -> SchemaNode:
        """Return the node of a schema. ancestors: the pointers of the enclosing schemas; a reference to one ends there."""
        if next(self._numbers) > MAX_NODES or len(ancestors) > MAX_DEPTH:
            raise TreeTooLarge
        source = self._source
        use, schema = pointer, _resolve(source, pointer)
        if "$ref" in schema:
            pointer = str(schema["$ref"]).removeprefix("#")
            schema = _resolve(source, pointer)
        if pointer in ancestors:
            schema = {}
        ancestors = (*ancestors, pointer)
        kind = str(schema.get("type", ""))
        if kind == "array":
            return self._read_list(pointer, occurrence, source.at(use), ancestors)
        return SchemaNode(
            kind,
            source.at(use),
            source.at(pointer),
            occurrence,
            cardinality,
            self._read_members(pointer, schema, ancestors) if kind == OBJECT else {},
            None,
            _read_values(source, pointer, schema),
            _read_patterns(source, pointer, schema),
            _read_length(source, pointer, schema, "minLength"),
            _read_length(source, pointer, schema, "maxLength"),
            [*_read_texts(source, use), *(_read_texts(source, pointer) if use != pointer else ())],
        )

    def _read_list(self, pointer: str, occurrence: Constraint, location: Location, ancestors: tuple[str, ...]) -> SchemaNode:
        """Return the node of a list: that of its entries."""
        source, schema = self._source, _resolve(self._source, pointer)
        most, least = schema.get("maxItems"), schema.get("minItems")
        name = f"a list of at most {most}" if isinstance(most, int) else LIST
        place = source.at(f"{pointer}/maxItems") if name != LIST else location
        node = self.read_node(f"{pointer}/items", occurrence, Constraint(name, place), ancestors)
        number = Constraint(least, source.at(f"{pointer}/minItems")) if isinstance(least, int) else None
        return replace(node, least=number, texts=[*_read_texts(source, pointer), *node.texts])

    def _read_members(self, pointer: str, schema: Mapping[str, Any], ancestors: tuple[str, ...]) -> dict[str, SchemaNode]:
        source, required, properties = self._source, schema.get("required", []), schema.get("properties", {})
        indices = {str(name): index for index, name in enumerate(required)} if isinstance(required, list) else {}
        members = {}
        for name in properties if isinstance(properties, dict) else ():
            below = f"{pointer}/properties/{escape_step(name)}"
            if name in indices:
                occurrence = Constraint(REQUIRED, source.value_at(f"{pointer}/required/{indices[name]}"))
            else:
                occurrence = Constraint(OPTIONAL, source.at(below))
            members[name] = self.read_node(below, occurrence, Constraint(SINGLE, source.at(below)), ancestors)
        return members


def _resolve(source: JsonSource, pointer: str) -> Mapping[str, Any]:
    """Return the schema that a JSON Pointer names; an empty one if there is none."""
    schema = source.tree
    for step in split_pointer(pointer):
        schema = schema.get(step, {}) if isinstance(schema, dict) else {}
    return schema if isinstance(schema, dict) else {}


def _read_values(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> list[Constraint] | None:
    values = schema.get("enum")
    if not isinstance(values, list):
        return None
    return [Constraint(str(value), source.value_at(f"{pointer}/enum/{index}")) for index, value in enumerate(values)]


def _read_texts(source: JsonSource, pointer: str) -> list[Constraint]:
    text = _resolve(source, pointer).get("description")
    return [Constraint(text, source.value_at(f"{pointer}/description"))] if isinstance(text, str) else []


def _read_patterns(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> list[list[Constraint]]:
    pattern = schema.get("pattern")
    return [[Constraint(pattern, source.value_at(f"{pointer}/pattern"))]] if isinstance(pattern, str) else []


def _read_length(source: JsonSource, pointer: str, schema: Mapping[str, Any], keyword: str) -> Constraint | None:
    value = schema.get(keyword)
    return Constraint(value, source.at(f"{pointer}/{keyword}")) if isinstance(value, int) else None


def locate_keyword(source: JsonSource, failure: Failure) -> Location:
    """Return the location of the keyword that a structural failure comes from. source: a schema that the engine supports."""
    names = attribute_path(compile_shape(source.tree), failure.pointer or "")
    keyword = next((keyword for keyword, code in KEYWORD_CODES.items() if code == failure.code), "")
    pointer = ""
    for index, name in enumerate(names):
        if index == len(names) - 1 and keyword in {"required", "additionalProperties"}:
            break
        pointer = _follow(source, f"{pointer}/properties/{escape_step(name)}")
    message = f"keyword {keyword!r} rejects it" if keyword else "the schema rejects it here"
    return source.at(f"{pointer}/{keyword}", message)


def _follow(source: JsonSource, pointer: str) -> str:
    """Return the pointer of the schema that describes an attribute, or the items of its list."""
    schema = _resolve(source, pointer)
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix("#")
    return _follow(source, f"{pointer}/items") if schema.get("type") == "array" else pointer
