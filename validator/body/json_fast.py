"""Read JSON bodies with jiter and jsonschema-rs. The only module that imports these two.

A valid body is decoded and validated, and that is all. A rejected one is read again by the strict parser, to find the failures.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any, Final

import jiter
import jsonschema_rs

from validator.body.json_spans import compile_excess
from validator.body.large import LARGE_BODY
from validator.body.shape import Shape
from validator.body.tree import Body, BodyReader, Disagreement, UnreadableBody

# A string without certain characters: ^[^...]*$
_EXCLUSION: Final = re.compile(r"\^\[\^((?:[^\]\\^-]|\\u[0-9A-Fa-f]{4}|(?<!\^)-(?!\]))+)\]\*\$")
_RANGE: Final = re.compile(r"(\\u[0-9A-Fa-f]{4}|.)(?:-(\\u[0-9A-Fa-f]{4}|.))?")
_CLASS_SIZE: Final = 8  # characters that the regex engine still searches for as literals
_ASCII: Final = 0x80
_SAMPLE: Final = 61  # every how many bytes one is looked at; a prime, so that few periods of the text escape
_PATTERN_SIZE: Final = 1 << 27  # bytes of a compiled pattern: 20,000 character classes


def compile_validator(schema: Mapping[str, Any]) -> "jsonschema_rs.Validator":
    """Return the validator of a JSON Schema."""
    # Portable patterns have no look-around and no back-references: the engine hands them to one that takes linear time. Chosen
    # directly, that one lacks the shortcut for searches and takes twice the time.
    options = jsonschema_rs.FancyRegexOptions(size_limit=_PATTERN_SIZE)
    return jsonschema_rs.Draft202012Validator(_optimize(schema), pattern_options=options)


def build_json_reader(schema: Mapping[str, Any], shape: Shape) -> BodyReader:
    """Return the reader of an operation's JSON bodies.

    It raises Disagreement for a rejected body in which no failure is found, so that no body is rejected without a code.
    """
    is_valid = compile_validator(schema).is_valid
    depth = shape.depth

    def read(body: bytes, limit: int) -> Body:
        if len(body) >= LARGE_BODY and _is_dense(body) and _is_deeper(body, depth):
            return _explain(body, shape, limit)  # it is invalid, and is parsed once and not twice
        try:
            tree = jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True)
        except ValueError:
            return _explain(body, shape, limit)
        return Body(tree) if is_valid(tree) else _explain_tree(body, tree, shape, limit)

    return read


def _is_dense(body: bytes) -> bool:
    """Return whether a sample of a body is brackets in large part: it is slow to parse, and its depth worth a search."""
    sample = body[::_SAMPLE]
    return (sample.count(b"[") + sample.count(b"{")) * 8 > len(sample)


def _is_deeper(body: bytes, levels: int) -> bool:
    """Return whether a value in a body is nested deeper than a number of levels."""
    match = compile_excess(levels).match(body.decode("utf-8", "replace"))
    return match is not None and match.start("excess") >= 0


@cache
def _import_explainers() -> tuple[ModuleType, ModuleType]:
    """Return json_strict and explain, imported on the first rejected body: valid bodies need neither."""
    from validator.body import explain, json_strict  # noqa: PLC0415

    return json_strict, explain


def _explain(body: bytes, shape: Shape, limit: int) -> Body:
    json_strict, _ = _import_explainers()
    try:
        tree = json_strict.parse_json(body)
    except UnreadableBody as error:
        return Body(None, [error.failure])
    return _find_failures(tree, shape, limit)


def _explain_tree(body: bytes, tree: Any, shape: Shape, limit: int) -> Body:
    json_strict, _ = _import_explainers()
    try:
        json_strict.check_depth(body.decode())
    except UnreadableBody as error:
        return Body(None, [error.failure])
    return _find_failures(tree, shape, limit)


def _find_failures(tree: Any, shape: Shape, limit: int) -> Body:
    _, explain = _import_explainers()
    failures = explain.find_failures(shape, tree, limit)
    if not failures:
        raise Disagreement
    return Body(tree, failures)


def _optimize(schema: Any) -> Any:
    """Return an equivalent schema with patterns that the Rust engine matches faster.

    A search for the few characters that a string must not hold takes a sixth of the time of a match of the whole string.
    """
    if isinstance(schema, list):
        return [_optimize(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    optimized = {name: _optimize(value) for name, value in schema.items()}
    exclusion = _EXCLUSION.fullmatch(schema["pattern"]) if isinstance(schema.get("pattern"), str) else None
    if exclusion:
        del optimized["pattern"]
        points = list(_list_points(exclusion[1]))
        low = "|".join(_make_classes([point for point in points if point < _ASCII]))
        high = "|".join(_make_classes([point for point in points if point >= _ASCII]))
        optimized["not"] = {"anyOf": [{"pattern": pattern} for pattern in (low, high) if pattern]}
    return optimized


def _list_points(ranges: str) -> Iterator[int]:
    for first, last in _RANGE.findall(ranges):
        yield from range(_parse_point(first), _parse_point(last or first) + 1)


def _parse_point(character: str) -> int:
    return int(character.removeprefix("\\u"), 16) if len(character) > 1 else ord(character)


def _make_classes(points: list[int]) -> Iterator[str]:
    """Yield small classes, and the last point as a literal: without it the regex engine merges them into one large class."""
    escapes = [f"\\u{point:04X}" for point in points]
    for start in range(0, len(escapes) - 1, _CLASS_SIZE):
        yield "[" + "".join(escapes[start : min(start + _CLASS_SIZE, len(escapes) - 1)]) + "]"
    yield from escapes[-1:]
