"""The shape of a body: an operation's JSON Schema as data, and every fault of a tree against it.

The schema may use a small, portable set of keywords, each of which maps to a code; others are refused at load:

    type (object, array, string, boolean)  400-722      enum                 400-196
    required                               400-720      pattern, minLength   400-152
    additionalProperties (false)           400-721      properties, items, $ref into $defs: the way down

The schema engines judge; this module explains. The tests hold the two to the same verdict.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

from validator.model import common_codes
from validator.model.pointer import ROOT, Path
from validator.model.report import Failure

Found = list[Failure]


class Body(NamedTuple):
    """A body once read: its tree, to be trusted only when nothing was found against it."""

    tree: Any
    found: Sequence[Failure] = ()


Read = Callable[[bytes, int], Body]  # a body without byte order mark, and the most failures wanted


KEYWORDS: Final[Mapping[str, str]] = {
    "type": "400-722",
    "required": "400-720",
    "additionalProperties": "400-721",
    "enum": "400-196",
    "pattern": "400-152",
    "minLength": "400-152",
}
DOWN: Final = frozenset({"properties", "items", "$ref", "$defs"})
PROSE: Final = frozenset({"$schema", "$id", "$comment", "title", "description", "examples"})
FITTING: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset({"required", "additionalProperties", "properties"}),
    "array": frozenset({"items"}),
    "string": frozenset({"enum", "pattern", "minLength"}),
    "boolean": frozenset(),
}
EXPECTED: Final[Mapping[str, str]] = {"object": "an object", "array": "a list", "string": "text", "boolean": "a boolean"}


class SchemaError(ValueError):
    """An operation's schema that this engine cannot take. place: a JSON Pointer in the schema as a URI fragment."""

    def __init__(self, place: str, reason: str) -> None:
        """Word the error."""
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class Repeated(dict[str, Any]):
    """An object with a member supplied more than once: the first values, and where names came again.

    again: name to the number of distinct members that stood before its second occurrence.
    """

    __slots__ = ("again",)

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        """Keep the first value of each name in (name, value) pairs."""
        super().__init__()
        self.again: dict[str, int] = {}
        for name, value in pairs:
            self.add(name, value)

    def add(self, name: str, value: Any) -> None:
        """Add the next member."""
        if name not in self:
            self[name] = value
        else:
            self.again.setdefault(name, len(self))


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value must be. kind: object, array, string or boolean; expected: the form of a string in words.

    pattern: as the schema has it; compiled when a fault is looked for.
    """

    kind: str
    members: Mapping[str, "Shape"] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    items: "Shape | None" = None
    values: tuple[str, ...] = ()
    pattern: str | None = None
    min_length: int = 0
    expected: str = ""

    @property
    def entry(self) -> "Shape":
        """The shape of an array's entries, or this one: what a single XML element holds."""
        return self.items or self

    @property
    def list_name(self) -> str | None:
        """The name of the list when the object is nothing but its wrapper."""
        names = [name for name, shape in self.members.items() if shape.kind == "array"]
        return names[0] if len(names) == len(self.members) == 1 else None


def compile_shape(schema: Mapping[str, Any]) -> Shape:
    """Return the shape that a JSON Schema document describes. Raises SchemaError."""
    return _compile(schema, schema.get("$defs", {}), "#")


def _compile(schema: Mapping[str, Any], definitions: Mapping[str, Any], place: str) -> Shape:
    if not isinstance(schema, dict):
        raise SchemaError(place, "a schema must be an object")
    unknown = schema.keys() - KEYWORDS.keys() - DOWN - PROSE
    if unknown:
        raise SchemaError(place, f"no code is known for the keyword {min(unknown)!r}")
    if "$ref" in schema:
        beside = schema.keys() - PROSE - {"$ref", "$defs"}
        if beside:
            raise SchemaError(place, f"beside $ref only prose may stand, not {min(beside)!r}")
        name = schema["$ref"].removeprefix("#/$defs/")
        if name not in definitions:
            raise SchemaError(place, f"$ref {schema['$ref']!r} does not resolve into $defs")
        return _compile(definitions[name], {}, f"#/$defs/{name}")
    kind = _checked_kind(schema, place)
    members = {
        name: _compile(member, definitions, f"{place}/properties/{name}") for name, member in schema.get("properties", {}).items()
    }
    return Shape(
        kind,
        members,
        tuple(schema.get("required", ())),
        _compile(schema["items"], definitions, f"{place}/items") if kind == "array" else None,
        tuple(schema.get("enum", ())),
        schema.get("pattern"),
        schema.get("minLength", 0),
        schema.get("description", ""),
    )


def _checked_kind(schema: Mapping[str, Any], place: str) -> str:
    """Return the type of a schema whose keywords fit it. Raises SchemaError."""
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in EXPECTED:
        raise SchemaError(place, f"type must be one of {', '.join(EXPECTED)}")
    unfit = schema.keys() - FITTING[kind] - PROSE - {"type", "$defs"}
    if unfit:
        raise SchemaError(place, f"the keyword {min(unfit)!r} does not fit the type {kind}")
    if not all(isinstance(value, str) for value in schema.get("enum", ())):
        raise SchemaError(place, "an enum must list texts")
    if kind == "object" and schema.get("additionalProperties") is not False:
        raise SchemaError(place, "an object must have additionalProperties false")
    if kind == "array" and "items" not in schema:
        raise SchemaError(place, "an array must have items")
    if kind == "array" and isinstance(schema["items"], dict) and schema["items"].get("type") == "array":
        raise SchemaError(place, "a list of lists is nothing that XML could say")
    return kind


@cache
def portable(pattern: str) -> re.Pattern[str]:
    """Compile an ECMA-262 pattern of the portable subset: there ``$`` is the very end, for which ``re`` has a sign of its own."""
    before = pattern.removesuffix("$")
    is_anchor = before != pattern and (len(before) - len(before.rstrip("\\"))) % 2 == 0  # else it is escaped
    return re.compile(before + r"\Z" if is_anchor else pattern)


def examine(shape: Shape, tree: Any, limit: int) -> Found:
    """Return every fault of a tree in document order, at most one more than the limit."""
    found: Found = []
    _EXAMINE[shape.kind](shape, tree, ROOT, found, limit)
    return found


def _object(shape: Shape, value: Any, path: Path, found: Found, limit: int) -> None:
    if not isinstance(value, dict):
        found.append(common_codes.TYPE_WRONG.at(path, expected=EXPECTED["object"]))
        return
    for name in shape.required:
        if name not in value:
            found.append(common_codes.ATTRIBUTE_MISSING.at((*path, name)))
    again = iter(value.again.items()) if isinstance(value, Repeated) else iter(())
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
        found.append(common_codes.TYPE_WRONG.at(path, expected=EXPECTED["array"]))
        return
    check = _EXAMINE[shape.entry.kind]
    for index, item in enumerate(value):
        check(shape.entry, item, (*path, index), found, limit)
        if len(found) > limit:
            return


def _leaf(shape: Shape, value: Any, path: Path, found: Found, _limit: int) -> None:
    failure = leaf_fault(shape, value, path)
    if failure is not None:
        found.append(failure)


def leaf_fault(shape: Shape, value: Any, path: Path) -> Failure | None:
    """Return the fault of a text or boolean, if it has one; a value has at most one."""
    if not isinstance(value, str if shape.kind == "string" else bool):
        return common_codes.TYPE_WRONG.at(path, expected=EXPECTED[shape.kind])
    if shape.values and value not in shape.values:
        return common_codes.VALUE_NOT_EXPECTED.at(path, expected=shape.values)
    if isinstance(value, str) and (
        len(value) < shape.min_length or (shape.pattern is not None and not portable(shape.pattern).search(value))
    ):
        return common_codes.VALUE_INVALID.at(path, expected=shape.expected)
    return None


_EXAMINE: Final[Mapping[str, Callable[[Shape, Any, Path, Found, int], None]]] = {
    "object": _object,
    "array": _array,
    "string": _leaf,
    "boolean": _leaf,
}


def document(api: Any, root: str, shape: Shape, tree: Any) -> Any:
    """Return a tree as elements of an ElementTree API (lxml.etree or xml.etree.ElementTree)."""
    element = api.Element(root)
    _fill(api, element, shape, tree)
    return element


def _fill(api: Any, element: Any, shape: Shape, value: Any) -> None:
    if shape.kind == "object":
        for name, item in value.items():
            member = shape.members[name]
            for entry in item if member.items else (item,):
                _fill(api, api.SubElement(element, name), member.entry, entry)
    elif shape.kind == "boolean":
        element.text = "true" if value else "false"
    else:
        element.text = value
