"""From bytes to a sound tree: JSON by jiter and jsonschema-rs. The only module that knows these two.

The good path decodes, judges and is done. What was refused is looked at again, thoroughly, to say what is wrong.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any, Final

import jiter
import jsonschema_rs

from validator.body.shape import Shape
from validator.body.tree import Body, BodyReader, UnreadableBody

# A text of anything but some characters: ^[^...]*$
_EXCLUDING: Final = re.compile(r"\^\[\^((?:[^\]\\^-]|\\u[0-9A-Fa-f]{4}|(?<!\^)-(?!\]))+)\]\*\$")
_RANGE: Final = re.compile(r"(\\u[0-9A-Fa-f]{4}|.)(?:-(\\u[0-9A-Fa-f]{4}|.))?")
_AT_ONCE: Final = 8  # characters that the regex engine still takes for literals
_ASCII: Final = 0x80


def compile_validator(schema: Mapping[str, Any]) -> "jsonschema_rs.Validator":
    """Return the compiled JSON Schema."""
    return jsonschema_rs.Draft202012Validator(_searching(schema))


def build_json_reader(schema: Mapping[str, Any], shape: Shape) -> BodyReader:
    """Return the function that reads JSON bodies of an operation."""
    is_valid = compile_validator(schema).is_valid

    def read(body: bytes, limit: int) -> Body:
        try:
            tree = jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True)
        except ValueError:
            return _explain(body, shape, limit)
        return Body(tree) if is_valid(tree) else _explain_tree(body, tree, shape, limit)

    return read


@cache
def _refusal_modules() -> tuple[ModuleType, ModuleType]:
    """Return json_strict and explain, imported on the first rejected body: valid bodies need neither."""
    from validator.body import explain, json_strict  # noqa: PLC0415

    return json_strict, explain


def _explain(body: bytes, shape: Shape, limit: int) -> Body:
    json_strict, explain = _refusal_modules()
    try:
        tree = json_strict.parse_json(body)
    except UnreadableBody as error:
        return Body(None, [error.failure])
    return Body(tree, explain.find_failures(shape, tree, limit))


def _explain_tree(body: bytes, tree: Any, shape: Shape, limit: int) -> Body:
    json_strict, explain = _refusal_modules()
    try:
        json_strict.check_depth(body.decode())
    except UnreadableBody as error:
        return Body(None, [error.failure])
    return Body(tree, explain.find_failures(shape, tree, limit))


def _searching(schema: Any) -> Any:
    """Return the same schema with patterns that the Rust engine judges faster.

    To search a text for the few characters that it must not hold takes a sixth of the time of matching all of it.
    """
    if isinstance(schema, list):
        return [_searching(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    swift = {name: _searching(value) for name, value in schema.items()}
    excluding = _EXCLUDING.fullmatch(schema["pattern"]) if isinstance(schema.get("pattern"), str) else None
    if excluding:
        del swift["pattern"]
        points = list(_points(excluding[1]))
        low = "|".join(_classes([point for point in points if point < _ASCII]))
        high = "|".join(_classes([point for point in points if point >= _ASCII]))
        swift["not"] = {"anyOf": [{"pattern": pattern} for pattern in (low, high) if pattern]}
    return swift


def _points(ranges: str) -> Iterator[int]:
    for first, last in _RANGE.findall(ranges):
        yield from range(_point(first), _point(last or first) + 1)


def _point(character: str) -> int:
    return int(character.removeprefix("\\u"), 16) if len(character) > 1 else ord(character)


def _classes(points: list[int]) -> Iterator[str]:
    """Yield small classes, and the last point bare: without it the regex engine melts them into one large class."""
    words = [f"\\u{point:04X}" for point in points]
    for start in range(0, len(words) - 1, _AT_ONCE):
        yield "[" + "".join(words[start : min(start + _AT_ONCE, len(words) - 1)]) + "]"
    yield from words[-1:]
