"""A JSON Schema alone: what is wrong with it, and the tree that it describes."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry

from validator.body.shape import DOWN, EXPECTED, FITTING, KEYWORDS, PROSE
from validator.inputs.source import JsonSource
from validator.lint import catalogue
from validator.lint.schemas.facets import pattern_findings
from validator.lint.schemas.tree import BOOLEAN, OBJECT, TEXT, Branch, Facet, found
from validator.model.pointer import attribute_path, escape_step, split_pointer
from validator.model.pointer import pointer as json_pointer
from validator.model.report import Failure
from validator.output.finding import Finding, Location

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# JSON Schema 2020-12, core and validation, and what they keep from earlier drafts: every keyword there is.
VOCABULARY: Final = frozenset(
    {
        *("$anchor", "$comment", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$ref", "$schema", "$vocabulary"),
        *("additionalProperties", "allOf", "anyOf", "const", "contains", "contentEncoding", "contentMediaType"),
        *("contentSchema", "default", "definitions", "dependencies", "dependentRequired", "dependentSchemas", "deprecated"),
        *("description", "else", "enum", "examples", "exclusiveMaximum", "exclusiveMinimum", "format", "if", "items"),
        *("maxContains", "maxItems", "maxLength", "maxProperties", "maximum", "minContains", "minItems", "minLength"),
        *("minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern", "patternProperties", "prefixItems"),
        *("properties", "propertyNames", "readOnly", "required", "then", "title", "type", "unevaluatedItems"),
        *("unevaluatedProperties", "uniqueItems", "writeOnly"),
    }
)
# The keywords that hold schemas: by name, in a list, or one.
_MAPS: Final = frozenset({"properties", "$defs", "patternProperties", "dependentSchemas", "definitions"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_ONES: Final = frozenset(
    {
        *("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then"),
        *("unevaluatedItems", "unevaluatedProperties"),
    }
)
_KINDS: Final[Mapping[str, str]] = {"string": TEXT, "boolean": BOOLEAN, "object": OBJECT, "array": "array"}


def check_standalone(source: JsonSource) -> Iterator[Finding]:
    """Yield what is wrong with any JSON Schema, an operation's or not."""
    yield from _invalid(source)
    if not isinstance(source.tree, dict):
        yield found(catalogue.NOT_A_SCHEMA, source.at(""), "The schema is no object.")
        return
    yield from _other_dialect(source)
    for pointer, schema in subschemas(source.tree, ""):
        for keyword in schema.keys() - VOCABULARY:
            yield found(
                catalogue.KEYWORD_UNKNOWN,
                source.at(f"{pointer}/{escape_step(keyword)}"),
                f"JSON Schema has no keyword {keyword!r}.",
            )
        yield from _undescribed(source, pointer, schema)
        yield from _unresolved(source, pointer, schema)
        yield from _undescribed_members(source, pointer, schema)
        if isinstance(schema.get("pattern"), str):
            place = source.value_at(f"{pointer}/pattern")
            yield from pattern_findings(schema["pattern"], "json", place)
    yield from _unused(source)
    yield from _wrong_examples(source)


def check_supported(source: JsonSource) -> Iterator[Finding]:
    """Yield what the engine would not take, or could not answer with a code, in the JSON Schema of an operation."""
    for pointer in _no_objects(source.tree, ""):
        yield found(catalogue.NOT_TAKEN, source.value_at(pointer), f"The schema {pointer} is no object.")
    for pointer, schema in subschemas(source.tree, ""):
        for keyword in sorted(schema.keys() & VOCABULARY - KEYWORDS.keys() - DOWN - PROSE):
            place = source.at(f"{pointer}/{escape_step(keyword)}")
            yield found(catalogue.KEYWORD_WITHOUT_CODE, place, f"No code is known for the keyword {keyword!r}.")
        if pointer and "$id" in schema:
            yield found(catalogue.NOT_TAKEN, source.at(f"{pointer}/$id"), "An $id below the root changes what references mean.")
        if "$ref" not in schema:
            yield from _type_not_taken(source, pointer, schema)


def subschemas(schema: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each schema in a schema with its pointer, in document order."""
    if not isinstance(schema, dict):
        return
    yield pointer, schema
    for keyword, value in schema.items():
        below = f"{pointer}/{escape_step(keyword)}"
        if keyword in _MAPS and isinstance(value, dict):
            for name, member in value.items():
                yield from subschemas(member, f"{below}/{escape_step(name)}")
        elif keyword in _LISTS and isinstance(value, list):
            for index, member in enumerate(value):
                yield from subschemas(member, f"{below}/{index}")
        elif keyword in _ONES:
            yield from subschemas(value, below)


def _no_objects(schema: Any, pointer: str) -> Iterator[str]:
    """Yield the members, definitions and items that are true or false: schemas, but none that the engine takes."""
    for below, inner in subschemas(schema, pointer):
        for keyword in ("properties", "$defs"):
            members = inner.get(keyword)
            for name, member in members.items() if isinstance(members, dict) else ():
                if not isinstance(member, dict):
                    yield f"{below}/{keyword}/{escape_step(name)}"
        if "items" in inner and not isinstance(inner["items"], dict):
            yield f"{below}/items"


def _invalid(source: JsonSource) -> Iterator[Finding]:
    for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(source.tree):
        pointer = pointer_of(error)
        yield found(
            catalogue.NOT_A_SCHEMA, source.value_at(pointer), f"The metaschema refuses {pointer or '/'}: {error.message[:200]}."
        )


def _other_dialect(source: JsonSource) -> Iterator[Finding]:
    dialect = source.tree.get("$schema", _DIALECT)
    if dialect != _DIALECT:
        yield found(catalogue.NOT_A_SCHEMA, source.value_at("/$schema"), f"The dialect must be {_DIALECT}, not {dialect!r}.")


def _undescribed(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    missing = [name for name in ("title", "description") if not isinstance(schema.get(name), str) or not schema[name].strip()]
    if missing:
        yield found(catalogue.UNDESCRIBED, source.at(pointer), f"The schema {pointer or '/'} has no {' and no '.join(missing)}.")


def _unresolved(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    if "$ref" not in schema:
        return
    reference, place = schema["$ref"], source.value_at(f"{pointer}/$ref")
    name = str(reference).removeprefix("#/$defs/")
    definitions = source.tree.get("$defs")
    if not str(reference).startswith("#/$defs/") or not isinstance(definitions, dict) or name not in definitions:
        yield found(catalogue.REFERENCE_UNRESOLVED, place, f"$ref {reference!r} does not resolve into $defs.")
    elif pointer.startswith("/$defs/"):
        yield found(catalogue.REFERENCE_UNRESOLVED, place, "A definition refers to another: only the tree itself may refer.")
    for keyword in sorted(schema.keys() & VOCABULARY - PROSE - {"$ref", "$defs"}):
        beside = source.at(f"{pointer}/{escape_step(keyword)}")
        yield found(catalogue.REFERENCE_UNRESOLVED, beside, f"The keyword {keyword!r} stands beside a $ref.")


def _undescribed_members(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    required, members = schema.get("required"), schema.get("properties", {})
    if not isinstance(required, list) or not isinstance(members, dict):
        return
    for index, name in enumerate(required):
        if isinstance(name, str) and name not in members:
            place = source.value_at(f"{pointer}/required/{index}")
            yield found(catalogue.UNSATISFIABLE, place, f"The required attribute {name!r} is not described.")


def _unused(source: JsonSource) -> Iterator[Finding]:
    definitions = source.tree.get("$defs")
    used = {str(schema["$ref"]).removeprefix("#/$defs/") for _, schema in subschemas(source.tree, "") if "$ref" in schema}
    for name in definitions if isinstance(definitions, dict) else ():
        if name not in used:
            yield found(
                catalogue.DEFINITION_UNUSED,
                source.at(f"/$defs/{escape_step(name)}"),
                f"Nothing refers to the definition {name!r}.",
            )


def _wrong_examples(source: JsonSource) -> Iterator[Finding]:
    root = Draft202012Validator(source.tree, registry=Registry())  # which fetches nothing
    for pointer, schema in subschemas(source.tree, ""):
        examples = schema.get("examples")
        for index, example in enumerate(examples if isinstance(examples, list) else ()):
            at = f"{pointer}/examples/{index}"
            try:
                for error in root.evolve(schema=schema).iter_errors(example):
                    place = source.value_at(f"{at}{pointer_of(error)}")
                    yield found(catalogue.EXAMPLE_INVALID, place, f"The example is refused: {error.message[:200]}.")
            except Exception:  # noqa: BLE001, S110 - a schema that is none, or refers to nothing, is told elsewhere
                pass


def pointer_of(error: ValidationError) -> str:
    """Return the JSON Pointer of the value that jsonschema refuses."""
    return json_pointer(tuple(error.absolute_path))


def _type_not_taken(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in EXPECTED:
        place = source.value_at(f"{pointer}/type")
        yield found(catalogue.NOT_TAKEN, place, f"The type of {pointer or '/'} must be one of {', '.join(EXPECTED)}.")
    elif kind == "object" and schema.get("additionalProperties") is not False:
        place = source.at(f"{pointer}/additionalProperties")
        yield found(catalogue.OPEN, place, f"The object {pointer or '/'} must have additionalProperties false.")
    elif kind == "array" and not isinstance(schema.get("items"), dict):
        yield found(catalogue.NOT_TAKEN, source.at(pointer), f"The list {pointer or '/'} must say its items.")
    elif kind == "array" and schema["items"].get("type") == "array":
        yield found(
            catalogue.NOT_TAKEN,
            source.at(f"{pointer}/items"),
            f"A list of lists, {pointer or '/'}, is nothing that XML could say.",
        )
    if isinstance(kind, str) and kind in FITTING:
        for keyword in sorted(schema.keys() & (KEYWORDS.keys() | DOWN) - FITTING[kind] - {"type", "$defs"}):
            words = f"The keyword {keyword!r} does not fit the type {kind}."
            yield found(catalogue.NOT_TAKEN, source.at(f"{pointer}/{keyword}"), words)
    values = schema.get("enum")
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if not isinstance(value, str):
            words = f"An enum must list texts, and {json.dumps(value)} is none."
            yield found(catalogue.NOT_TAKEN, source.value_at(f"{pointer}/enum/{index}"), words)


def tree(source: JsonSource) -> Branch:
    """Return the tree that the schema of an operation describes, as far as it can be read."""
    return _branch(source, "", Facet("required", source.at("")), Facet("single", source.at("")), ())


def _branch(source: JsonSource, pointer: str, required: Facet, repeatable: Facet, around: tuple[str, ...]) -> Branch:
    """Return the branch of a schema. around: the pointers it stands in, so that a reference to one of them ends."""
    use, schema = pointer, _at(source, pointer)
    if "$ref" in schema:
        pointer = str(schema["$ref"]).removeprefix("#")
        schema = _at(source, pointer)
    if pointer in around:
        schema = {}
    around = (*around, pointer)
    name = str(schema.get("type", ""))
    kind = _KINDS.get(name, name)
    if kind == "array":
        return _branch(source, f"{pointer}/items", required, Facet("a list", source.at(use)), around)
    return Branch(
        kind,
        source.at(use),
        source.at(pointer),
        required,
        repeatable,
        _members(source, pointer, schema, around) if kind == OBJECT else {},
        None,
        _values(source, pointer, schema),
        [[Facet(schema["pattern"], source.value_at(f"{pointer}/pattern"))]] if isinstance(schema.get("pattern"), str) else [],
        _facet(source, pointer, schema, "minLength"),
        _facet(source, pointer, schema, "maxLength"),
    )


def _at(source: JsonSource, pointer: str) -> Mapping[str, Any]:
    schema = source.tree
    for step in split_pointer(pointer):
        schema = schema.get(step, {}) if isinstance(schema, dict) else {}
    return schema if isinstance(schema, dict) else {}


def _members(source: JsonSource, pointer: str, schema: Mapping[str, Any], around: tuple[str, ...]) -> dict[str, Branch]:
    required = schema.get("required", [])
    required = required if isinstance(required, list) else []
    properties = schema.get("properties", {})
    members = {}
    for name in properties if isinstance(properties, dict) else ():
        below = f"{pointer}/properties/{escape_step(name)}"
        says = source.value_at(f"{pointer}/required/{required.index(name)}") if name in required else source.at(below)
        needed = Facet("required" if name in required else "optional", says)
        members[name] = _branch(source, below, needed, Facet("single", source.at(below)), around)
    return members


def _values(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> list[Facet] | None:
    values = schema.get("enum")
    if not isinstance(values, list):
        return None
    return [Facet(str(value), source.value_at(f"{pointer}/enum/{index}")) for index, value in enumerate(values)]


def _facet(source: JsonSource, pointer: str, schema: Mapping[str, Any], keyword: str) -> Facet | None:
    value = schema.get(keyword)
    return Facet(value, source.at(f"{pointer}/{keyword}")) if isinstance(value, int) else None


def keyword_at(source: JsonSource, failure: Failure) -> Location:
    """Return where the keyword stands that refuses a value."""
    names = attribute_path(failure.pointer or "")
    keyword = next((keyword for keyword, code in KEYWORDS.items() if code == failure.code), "")
    pointer = ""
    for index, name in enumerate(names):
        if index == len(names) - 1 and keyword in {"required", "additionalProperties"}:
            break
        pointer = _resolved(source, f"{pointer}/properties/{escape_step(name)}")
    words = f"{keyword} stands here" if keyword else "the schema refuses it here"
    return source.at(f"{pointer}/{keyword}", words)


def _resolved(source: JsonSource, pointer: str) -> str:
    """Return the pointer of the schema that describes an attribute, or the entries of its list."""
    schema = _at(source, pointer)
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix("#")
    return _resolved(source, f"{pointer}/items") if schema.get("type") == "array" else pointer
