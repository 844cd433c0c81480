"""The shape of a body: an operation's JSON Schema, checked at load and compiled to plain data.

A schema may use a portable subset of keywords, each with a code; other keywords are rejected at load:

    type (object, array, string, boolean)  400-722      enum                             400-196
    required                               400-720      pattern, minLength               400-152
    additionalProperties (false)           400-721      properties, items, $ref, $defs   the schemas inside

The schema engines in json_fast, xml_fast and reference decide whether a body is valid; ``explain`` says why it is not. Tests
compare the two.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from validator.model.pointer import split_pointer

KEYWORD_CODES: Final[Mapping[str, str]] = {
    "type": "400-722",
    "required": "400-720",
    "additionalProperties": "400-721",
    "enum": "400-196",
    "pattern": "400-152",
    "minLength": "400-152",
}
MAX_EFFORT: Final = 3_000_000  # operations to measure all patterns: a few seconds
MAX_SHAPES: Final = 20_000  # of a schema
SUBSCHEMA_KEYWORDS: Final = frozenset({"properties", "items", "$ref", "$defs"})
ANNOTATION_KEYWORDS: Final = frozenset({"$schema", "$id", "$comment", "title", "description", "examples"})
KEYWORDS_OF_TYPE: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset({"required", "additionalProperties", "properties"}),
    "array": frozenset({"items"}),
    "string": frozenset({"enum", "pattern", "minLength"}),
    "boolean": frozenset(),
}
_VALUES: Final[Mapping[str, tuple[type, str]]] = {
    "$defs": (dict, "an object"),
    "properties": (dict, "an object"),
    "required": (list, "an array"),
    "enum": (list, "an array"),
    "$ref": (str, "a string"),
    "pattern": (str, "a string"),
    "description": (str, "a string"),
    "minLength": (int, "an integer of at least 0"),
}
# How messages name the types.
EXPECTED_TYPES: Final[Mapping[str, str]] = {"object": "an object", "array": "a list", "string": "text", "boolean": "a boolean"}


class SchemaError(ValueError):
    """A JSON Schema that the engine does not support. place: where in the schema, a JSON Pointer as a URI fragment."""

    def __init__(self, place: str, reason: str) -> None:
        """Create the error with the message ``place: reason``."""
        super().__init__(place, reason)  # both, so that the error can be pickled
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        """Return the message."""
        return f"{self.place}: {self.reason}"


class Shape(NamedTuple):
    """The structure that a value must have.

    kind: object, array, string or boolean. members, required: of an object, by name. items: of an array.
    values: the allowed strings, () for any. pattern: verbatim from the schema. expected: how messages describe a string.
    """

    kind: str
    members: Mapping[str, "Shape"] = MappingProxyType({})
    required: tuple[str, ...] = ()
    items: "Shape | None" = None
    values: tuple[str, ...] = ()
    pattern: str | None = None
    min_length: int = 0
    expected: str = ""

    @property
    def entry(self) -> "Shape":
        """The shape of an array's items, or this shape: the value of a single XML element."""
        return self.items or self

    @property
    def depth(self) -> int:
        """The number of levels of nested values that a valid value can have, itself the first."""
        inner = [*self.members.values(), *([self.items] if self.items else [])]
        return 1 + max((shape.depth for shape in inner), default=0)

    @property
    def list_name(self) -> str | None:
        """The name of the list when the object's only member is one; an empty element then means an empty list."""
        names = [name for name, shape in self.members.items() if shape.kind == "array"]
        return names[0] if len(names) == len(self.members) == 1 else None


PartTest = Callable[[Any], bool]  # returns whether a value is valid by a shape
PartTests = Mapping[int, PartTest]  # by the identity of the shape


def compile_shape(schema: Any, *, has_known_patterns: bool = False) -> Shape:
    """Return the shape that a JSON Schema document describes. Raises SchemaError, also for an unused definition.

    has_known_patterns: its patterns were checked before, and are not checked again.
    """
    _check_values(schema, "#")
    compiler = _Compiler(has_known_patterns=has_known_patterns)
    definitions = {name: compiler.compile(one, f"#/$defs/{name}") for name, one in schema.get("$defs", {}).items()}
    compiler.definitions = definitions
    shape = compiler.compile(schema, "#")
    if _count(shape, {}) > MAX_SHAPES:
        raise SchemaError("#", f"the schema describes more than {MAX_SHAPES} attributes")
    return shape


def _count(shape: Shape, counts: dict[int, int]) -> int:
    """Return the number of shapes in a shape, those of a reference each time. counts: of the shapes that were counted."""
    if id(shape) not in counts:
        counts[id(shape)] = 1 + sum(_count(inner, counts) for inner in (*shape.members.values(), *filter(None, [shape.items])))
    return counts[id(shape)]


class _Compiler:
    """Compiles the schemas of a document. definitions: those that a $ref may name; definitions themselves contain no $ref."""

    def __init__(self, *, has_known_patterns: bool) -> None:
        self.definitions: Mapping[str, Shape] = {}
        self._has_known_patterns = has_known_patterns
        self._patterns: set[str] = set()
        self._effort = 0

    def compile(self, schema: Any, place: str) -> Shape:
        """Return the shape of a schema. Raises SchemaError."""
        _check_values(schema, place)
        unknown = schema.keys() - KEYWORD_CODES.keys() - SUBSCHEMA_KEYWORDS - ANNOTATION_KEYWORDS
        if unknown:
            raise SchemaError(place, f"keyword {min(unknown)!r} has no code; use only {', '.join(KEYWORD_CODES)}")
        if "$ref" in schema:
            return self._resolve(schema, place)
        for _, reason in find_type_errors(schema):
            raise SchemaError(place, reason)
        if "pattern" in schema and not self._has_known_patterns:
            self._check_pattern(schema["pattern"], f"{place}/pattern")
        kind, properties = schema["type"], schema.get("properties", {})
        return Shape(
            kind,
            {name: self.compile(member, f"{place}/properties/{name}") for name, member in properties.items()},
            tuple(schema.get("required", ())),
            self.compile(schema["items"], f"{place}/items") if kind == "array" else None,
            tuple(schema.get("enum", ())),
            schema.get("pattern"),
            schema.get("minLength", 0),
            schema.get("description", ""),
        )

    def _resolve(self, schema: Mapping[str, Any], place: str) -> Shape:
        others = schema.keys() - ANNOTATION_KEYWORDS - {"$ref", "$defs"}
        if others:
            raise SchemaError(place, f"keyword {min(others)!r} is not allowed next to $ref")
        name = schema["$ref"].removeprefix("#/$defs/")
        if name not in self.definitions:
            raise SchemaError(place, f"$ref {schema['$ref']!r} does not resolve into $defs")
        return self.definitions[name]

    def _check_pattern(self, pattern: str, place: str) -> None:
        """Raise SchemaError for a pattern that an operation may not use. Compiles it, so that the first request need not."""
        from validator.body.effort import check_pattern, measure_pattern  # noqa: PLC0415 - patterns that are known do not need it
        from validator.body.pattern import PatternError, describe_pattern_error  # noqa: PLC0415

        try:
            check_pattern(pattern, "json")
        except PatternError as error:
            raise SchemaError(place, describe_pattern_error(pattern, error)) from None
        compile_pattern(pattern)
        self._effort += measure_pattern(pattern, "json").operations if pattern not in self._patterns else 0
        self._patterns.add(pattern)
        if self._effort > MAX_EFFORT:
            raise SchemaError(place, "the patterns of the schema are too large to decide how long engines take to match them")


def _check_values(schema: Any, place: str) -> None:
    """Raise SchemaError for a schema that is not an object, and for a keyword whose value has another type."""
    if not isinstance(schema, dict):
        raise SchemaError(place, "a schema must be an object")
    for keyword, (kind, expected) in _VALUES.items():
        value = schema.get(keyword, kind())
        if not isinstance(value, kind) or isinstance(value, bool):
            raise SchemaError(f"{place}/{keyword}", f"{keyword} must be {expected}, got {json.dumps(value)[:64]}")
    for index, name in enumerate(schema.get("required", ())):
        if not isinstance(name, str):
            raise SchemaError(f"{place}/required/{index}", f"a name must be a string, got {json.dumps(name)[:64]}")
    if schema.get("minLength", 0) < 0:
        raise SchemaError(f"{place}/minLength", f"minLength must be an integer of at least 0, got {schema['minLength']}")


def find_type_errors(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the errors of a schema without $ref that the engine does not support: JSON Pointer below the schema, and reason.

    The schemas inside it are not checked.
    """
    kind, items = schema.get("type"), schema.get("items")
    if not isinstance(kind, str) or kind not in EXPECTED_TYPES:
        yield "/type", f"the type must be one of {', '.join(EXPECTED_TYPES)}"
        return
    if kind == "object" and schema.get("additionalProperties") is not False:
        yield "/additionalProperties", "an object must have additionalProperties false"
    if kind == "array" and "items" not in schema:
        yield "", "an array must have items"
    if kind == "array" and isinstance(items, dict) and items.get("type") == "array":
        yield "/items", "the items of an array must not be arrays: XML cannot express a list of lists"
    for keyword in sorted(
        schema.keys() & (KEYWORD_CODES.keys() | SUBSCHEMA_KEYWORDS) - KEYWORDS_OF_TYPE[kind] - {"type", "$defs"}
    ):
        yield f"/{keyword}", f"keyword {keyword!r} does not apply to type {kind!r}"
    values = schema.get("enum")
    if values == []:
        yield "/enum", "enum must list at least one value"
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if not isinstance(value, str):
            yield f"/enum/{index}", f"enum values must be strings, got {json.dumps(value)}"


def attribute_path(shape: Shape, pointer: str) -> tuple[str, ...]:
    """Return the member names of a JSON Pointer into a body without its list indices: the path of the attribute in the schema.

    A member may have a name of digits: only the shape shows which steps are indices.
    """
    names: list[str] = []
    inner: Shape | None = shape
    for step in split_pointer(pointer):
        if inner is not None and inner.items is not None:
            inner = inner.items
        else:
            names.append(step)
            inner = None if inner is None else inner.members.get(step)
    return tuple(names)


@cache
def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""Compile an ECMA-262 pattern of the portable subset, whose ``$`` matches at the very end only, like ``\Z``."""
    before = pattern.removesuffix("$")
    is_anchor = before != pattern and (len(before) - len(before.rstrip("\\"))) % 2 == 0  # not an escaped sign
    return re.compile(before + r"\Z" if is_anchor else pattern)
