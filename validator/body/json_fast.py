r"""Read JSON bodies with orjson, jiter and jsonschema-rs. The only module that imports these three.

A valid body is decoded and validated, and that is all. A rejected one is explained: from its tree, where it has one without
repeated members, and else by the strict parser.

Two proofs save most of the work. Neither trusts a decoder to refuse anything but malformed JSON. Both need
plain strings: those that hide no character which matters here, a colon or one that XML cannot represent. In a JSON text these
can only stand as the escape ``\b`` or ``\f``, as ``\u`` with their number, or, U+FFFE and U+FFFF, as themselves (RFC 8259,
section 7); a colon also as itself, which hides nothing. One search of the whole text finds all of these, and some harmless
escapes: tabs and line ends by their numbers, and numbers that begin with D or F, as those of surrogates do. An ASCII text
without a backslash need not be searched.

*Repeated members.* orjson keeps the last of several members with one name, so its tree does not show that there were others. The
text that it writes of the tree does: if it is the body itself, it has each member of the body. Else, in a JSON text each colon
separates a member's name from its value or is a character of a string, and a string's colon can only be written as itself or as
the escape ``\u003a`` (RFC 8259, sections 4 and 7). So a body of plain strings has one colon for each member and for each colon in
a string; the other text has as many for the tree. If a member was lost, its colons are missing there. Where the numbers differ,
jiter decodes the body again and refuses repeated members; so it does beyond 8 kB, where that is faster.

*Characters.* The patterns of most strings only exclude characters that XML cannot represent. When all strings are plain, none has
such a character, and a schema that does not exclude them is as strict.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from types import ModuleType
from typing import Any, Final

import jiter
import jsonschema_rs
import orjson

from validator.body.character_ranges import XML_CHARACTERS, complement_ranges
from validator.body.json_spans import compile_excess
from validator.body.large import LARGE_BODY
from validator.body.shape import ANNOTATION_KEYWORDS, PartTest, PartTests, Shape
from validator.body.tree import Body, BodyReader, UnreadableBody

# A string without certain characters: ^[^...]*$
_EXCLUSION: Final = re.compile(r"\^\[\^((?:[^\]\\^-]|\\u[0-9A-Fa-f]{4}|(?<!\^)-(?!\]))+)\]\*\$")
_RANGE: Final = re.compile(r"(\\u[0-9A-Fa-f]{4}|.)(?:-(\\u[0-9A-Fa-f]{4}|.))?")
_CLASS_SIZE: Final = 8  # characters that the regex engine still searches for as literals
_ASCII: Final = 0x80
_SAMPLE_STEP: Final = 251  # bytes; a prime, so that a text with a shorter period has all its characters in the sample
_PATTERN_SIZE: Final = 1 << 27  # bytes of a compiled pattern: 20,000 character classes
_SHORT: Final = 1 << 13  # bytes: a longer text takes longer to write than jiter takes to look for repeated members
_NOT_XML: Final = frozenset(point for low, high in complement_ranges(XML_CHARACTERS) for point in range(low, high + 1))
_BACKSLASH: Final = ord("\\")  # bytes look for a number in a tenth of the time that bytes of length 1 take
_NO_POINTS: Final[AbstractSet[int]] = frozenset()
_new: Final = tuple.__new__


def compile_validator(schema: Mapping[str, Any]) -> "jsonschema_rs.Validator":
    """Return the validator of a JSON Schema."""
    return _compile(_optimize(schema, _NO_POINTS))


def compile_xml_validator(schema: Mapping[str, Any]) -> "jsonschema_rs.Validator":
    """Return a faster validator that is as strict for values without the characters that XML cannot represent.

    schema: supported by ``compile_shape``, with definitions that refer to no others.
    """
    return _compile(_optimize_and_inline(schema, _NOT_XML))


def prepare_part_tests(schema: Mapping[str, Any], shape: Shape) -> Callable[[], PartTests]:
    """Return a function that returns the tests of all parts of the schema. shape: of the schema.

    The tests are compiled at the first call, for the first rejected body: valid bodies need none.
    """

    @cache
    def compile_part_tests() -> PartTests:
        tests: dict[int, PartTest] = {}
        _compile_parts(_optimize_and_inline(schema, _NO_POINTS), shape, tests)
        return tests

    return compile_part_tests


def _compile_parts(schema: Mapping[str, Any], shape: Shape, tests: dict[int, PartTest]) -> None:
    if id(shape) in tests:
        return
    tests[id(shape)] = _compile(schema).is_valid
    for name, member in shape.members.items():
        _compile_parts(schema["properties"][name], member, tests)
    if shape.items is not None:
        _compile_parts(schema["items"], shape.items, tests)


def _compile(schema: Any) -> "jsonschema_rs.Validator":
    # Portable patterns have no look-around and no back-references: the engine hands them to one that takes linear time. Chosen
    # directly, that one lacks the shortcut for searches and takes twice the time.
    options = jsonschema_rs.FancyRegexOptions(size_limit=_PATTERN_SIZE)
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=options)


# The alternatives are a few literals, so that the regex engine searches for all at once.
_are_plain_strings: Final = _compile(
    {"not": {"pattern": r"\\(?:[bf]|u(?:00[01]|003[aA]|[dDfF]))|\uFFFE|\uFFFF"}},
).is_valid


@cache
def compile_character_test() -> Callable[[str], bool]:
    """Return a function that returns whether XML can represent all characters of a string without surrogates."""
    points = sorted(point for point in _NOT_XML if not 0xD800 <= point < 0xE000)
    test: Callable[[str], bool] = _compile({"not": _find_any(points)}).is_valid
    return test


def build_json_reader(schema: Mapping[str, Any], shape: Shape) -> BodyReader:
    """Return the reader of an operation's JSON bodies.

    It raises Disagreement for a rejected body in which no failure is found, so that no body is rejected without a code.
    """
    is_valid = compile_validator(schema).is_valid
    is_valid_xml = compile_xml_validator(schema).is_valid
    get_tests = prepare_part_tests(schema, shape)
    depth = shape.depth

    def read(body: bytes, limit: int) -> Body:
        try:
            is_plain = _has_plain_strings(body)
            if len(body) <= _SHORT:
                tree = orjson.loads(body)
                text = orjson.dumps(tree)
                if text != body and not (is_plain and _have_same_members(text, body)):
                    tree = _decode(body)
            elif len(body) >= LARGE_BODY and _is_dense(body) and _is_deeper(body, depth):
                return _explain(body, shape, limit)  # it is invalid, and is parsed once and not twice
            else:
                tree = _decode(body)
        except (ValueError, TypeError):  # TypeError: nested deeper than orjson writes
            return _explain(body, shape, limit)
        if (is_valid_xml if is_plain else is_valid)(tree):
            return _new(Body, (tree, ()))
        return _explain_tree(body, tree, shape, limit, get_tests())

    return read


def _has_plain_strings(body: bytes) -> bool:
    """Return whether the strings of a body hide no colons, and no characters that XML cannot represent. Raises ValueError."""
    return (_BACKSLASH not in body and body.isascii()) or _are_plain_strings(body.decode())


def _decode(body: bytes) -> Any:
    """Return the value of a JSON text. Raises ValueError for a malformed text and for repeated members."""
    return jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")


def _have_same_members(text: bytes, body: bytes) -> bool:
    """Return whether the text that orjson writes of a body's tree has as many members. Both have plain strings."""
    return text.count(b":") == body.count(b":")


def _is_dense(body: bytes) -> bool:
    """Return whether a sample of a body is brackets in large part: it is slow to parse, and its depth worth a search."""
    sample = body[::_SAMPLE_STEP]
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
    json_strict, explain = _import_explainers()
    try:
        tree = json_strict.parse_json(body)
    except UnreadableBody as error:
        return Body(None, [error.failure])
    rejected: Body = explain.explain_rejection(shape, tree, limit)
    return rejected


def _explain_tree(body: bytes, tree: Any, shape: Shape, limit: int, tests: PartTests) -> Body:
    """Return the failures of a tree without repeated members."""
    json_strict, explain = _import_explainers()
    if body.count(b"[") + body.count(b"{") >= json_strict.MAX_DEPTH:
        try:
            json_strict.check_depth(body.decode())
        except UnreadableBody as error:
            return Body(None, [error.failure])
    rejected: Body = explain.explain_rejection(shape, tree, limit, tests)
    return rejected


def _optimize(schema: Any, ignored: AbstractSet[int]) -> Any:
    """Return an equivalent schema with patterns that the Rust engine matches faster.

    A search for the few characters that a string must not hold takes a sixth of the time of a match of the whole string.
    ignored: code points that no string has.
    """
    if isinstance(schema, list):
        return [_optimize(item, ignored) for item in schema]
    if not isinstance(schema, dict):
        return schema
    optimized = {name: _optimize(value, ignored) for name, value in schema.items()}
    exclusion = _EXCLUSION.fullmatch(schema["pattern"]) if isinstance(schema.get("pattern"), str) else None
    if exclusion:
        del optimized["pattern"]
        points = [point for point in _list_points(exclusion[1]) if point not in ignored]
        if points:
            optimized["not"] = _find_any(points)
    return optimized


def _find_any(points: list[int]) -> dict[str, Any]:
    """Return a schema for the strings with any of some characters."""
    if len(points) <= _CLASS_SIZE:
        return {"pattern": f"[{''.join(map(_escape_point, points))}]"}
    low = "|".join(_make_classes([point for point in points if point < _ASCII]))
    high = "|".join(_make_classes([point for point in points if point >= _ASCII]))
    return {"anyOf": [{"pattern": pattern} for pattern in (low, high) if pattern]}


def _escape_point(point: int) -> str:
    return f"\\u{point:04X}"


def _optimize_and_inline(schema: Mapping[str, Any], ignored: AbstractSet[int]) -> dict[str, Any]:
    optimized = _optimize(schema, ignored)
    return _inline(optimized, optimized.get("$defs", {}))


def _inline(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return an equivalent schema without $ref and annotations. The definitions contain no $ref."""
    if "$ref" in schema:
        return _inline(definitions[schema["$ref"].removeprefix("#/$defs/")], {})
    inlined = {name: value for name, value in schema.items() if name not in ANNOTATION_KEYWORDS and name != "$defs"}
    if "properties" in schema:
        inlined["properties"] = {name: _inline(member, definitions) for name, member in schema["properties"].items()}
    if "items" in schema:
        inlined["items"] = _inline(schema["items"], definitions)
    return inlined


def _list_points(ranges: str) -> Iterator[int]:
    for first, last in _RANGE.findall(ranges):
        yield from range(_parse_point(first), _parse_point(last or first) + 1)


def _parse_point(character: str) -> int:
    return int(character.removeprefix("\\u"), 16) if len(character) > 1 else ord(character)


def _make_classes(points: list[int]) -> Iterator[str]:
    """Yield small classes, and the last point as a literal: without it the regex engine merges them into one large class."""
    escapes = [_escape_point(point) for point in points]
    for start in range(0, len(escapes) - 1, _CLASS_SIZE):
        yield "[" + "".join(escapes[start : min(start + _CLASS_SIZE, len(escapes) - 1)]) + "]"
    yield from escapes[-1:]
