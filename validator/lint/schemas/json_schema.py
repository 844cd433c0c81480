"""Checks of one JSON Schema: valid, described, portable, and supported by the engine."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from validator.body.shape import ANNOTATION_KEYWORDS, KEYWORD_CODES, SUBSCHEMA_KEYWORDS, find_type_errors
from validator.inputs.source import JsonSource
from validator.lint.catalogue import rule_kinds
from validator.lint.catalogue import schema_kinds as kinds
from validator.lint.patterns.automaton import AutomatonTooLarge, Budget
from validator.lint.schemas.facets import check_pattern
from validator.model.pointer import escape_step
from validator.model.pointer import pointer as json_pointer
from validator.output.finding import Finding

_MAX_ITEMS: Final = 1000  # of a list in an invalid schema that jsonschema explains
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# Every keyword of JSON Schema 2020-12 (core and validation), with those that it retains from earlier drafts.
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
_REFERENCE_STEPS: Final = 50  # that following a reference takes
# Keywords whose value is an object of schemas, a list of schemas, or one schema.
_MAPS: Final = frozenset({"properties", "$defs", "patternProperties", "dependentSchemas", "definitions"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_ONES: Final = frozenset(
    {
        *("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then"),
        *("unevaluatedItems", "unevaluatedProperties"),
    }
)


def check_standalone(source: JsonSource, undecided: list[str], budget: Budget) -> Iterator[Finding]:
    """Yield what is wrong with any JSON Schema, whether an operation's or not.

    undecided: receives a line for everything that is not decided. budget: of the checks of patterns.
    """
    yield from _check_metaschema(source)
    if not isinstance(source.tree, dict):
        yield Finding(kinds.SCHEMA_INVALID, "The schema must be an object, not true or false.", source.at(""))
        return
    yield from _check_dialect(source)
    for pointer, schema in iterate_subschemas(source.tree, ""):
        for keyword in schema.keys() - VOCABULARY:
            location = source.at(f"{pointer}/{escape_step(keyword)}")
            yield Finding(kinds.KEYWORD_UNKNOWN, f"JSON Schema has no keyword {keyword!r}.", location)
        yield from _check_description(source, pointer, schema)
        yield from _check_reference(source, pointer, schema)
        yield from _check_required(source, pointer, schema)
        yield from _check_enumeration(source, pointer, schema)
        if isinstance(schema.get("pattern"), str):
            yield from check_pattern(schema["pattern"], "json", source.value_at(f"{pointer}/pattern"), undecided, budget)
    yield from _find_unused_definitions(source)
    yield from _check_examples(source, undecided, budget)


def check_supported(source: JsonSource) -> Iterator[Finding]:
    """Yield what the engine does not support in the JSON Schema of an operation."""
    for pointer in _find_boolean_schemas(source.tree, ""):
        yield Finding(kinds.SCHEMA_NOT_SUPPORTED, "A schema must be an object here, not true or false.", source.value_at(pointer))
    for pointer, schema in iterate_subschemas(source.tree, ""):
        for keyword in sorted(schema.keys() & VOCABULARY - KEYWORD_CODES.keys() - SUBSCHEMA_KEYWORDS - ANNOTATION_KEYWORDS):
            location = source.at(f"{pointer}/{escape_step(keyword)}")
            yield Finding(rule_kinds.KEYWORD_WITHOUT_CODE, f"No code exists for keyword {keyword!r}.", location)
        if pointer and "$id" in schema:
            message = "An $id below the root changes what references resolve to."
            yield Finding(kinds.SCHEMA_NOT_SUPPORTED, message, source.at(f"{pointer}/$id"))
        if "$ref" not in schema:
            yield from _check_type(source, pointer, schema)


def iterate_subschemas(schema: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a schema and each schema inside it with its JSON Pointer, in document order."""
    if not isinstance(schema, dict):
        return
    yield pointer, schema
    for keyword, value in schema.items():
        below = f"{pointer}/{escape_step(keyword)}"
        if keyword in _MAPS and isinstance(value, dict):
            for name, member in value.items():
                yield from iterate_subschemas(member, f"{below}/{escape_step(name)}")
        elif keyword in _LISTS and isinstance(value, list):
            for index, member in enumerate(value):
                yield from iterate_subschemas(member, f"{below}/{index}")
        elif keyword in _ONES:
            yield from iterate_subschemas(value, below)


def _find_boolean_schemas(schema: Any, pointer: str) -> Iterator[str]:
    """Yield the members, definitions and items that are not objects: JSON Schema allows true and false, the engine does not."""
    for below, inner in iterate_subschemas(schema, pointer):
        for keyword in ("properties", "$defs"):
            members = inner.get(keyword)
            for name, member in members.items() if isinstance(members, dict) else ():
                if not isinstance(member, dict):
                    yield f"{below}/{keyword}/{escape_step(name)}"
        if "items" in inner and not isinstance(inner["items"], dict):
            yield f"{below}/items"


def _has_long_list(value: Any) -> bool:
    """Return whether a value holds a list so long that jsonschema would take minutes to compare its items."""
    if isinstance(value, dict):
        return any(map(_has_long_list, value.values()))
    return isinstance(value, list) and (len(value) > _MAX_ITEMS or any(map(_has_long_list, value)))


def _check_metaschema(source: JsonSource) -> Iterator[Finding]:
    fast = jsonschema_rs.Draft202012Validator(Draft202012Validator.META_SCHEMA)
    if fast.is_valid(source.tree):
        return
    if _has_long_list(source.tree):
        for one in fast.iter_errors(source.tree):
            location = source.value_at(json_pointer(tuple(one.instance_path)))
            yield Finding(kinds.SCHEMA_INVALID, f"Invalid JSON Schema: {one.message[:200]}.", location)
        return
    for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(source.tree):
        yield Finding(
            kinds.SCHEMA_INVALID, f"Invalid JSON Schema: {error.message[:200]}.", source.value_at(find_error_pointer(error))
        )


def _check_dialect(source: JsonSource) -> Iterator[Finding]:
    dialect = source.tree.get("$schema", _DIALECT)
    if dialect != _DIALECT:
        yield Finding(kinds.SCHEMA_INVALID, f"$schema must be {_DIALECT!r}, got {dialect!r}.", source.value_at("/$schema"))


def _check_description(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    missing = [name for name in ("title", "description") if not isinstance(schema.get(name), str) or not schema[name].strip()]
    if missing:
        message = f"The schema has no {' and no '.join(missing)}."
        yield Finding(kinds.DESCRIPTION_MISSING, message, source.at(pointer))


def _check_reference(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    if "$ref" not in schema:
        return
    reference, location = schema["$ref"], source.value_at(f"{pointer}/$ref")
    name = str(reference).removeprefix("#/$defs/")
    definitions = source.tree.get("$defs")
    if not str(reference).startswith("#/$defs/") or not isinstance(definitions, dict) or name not in definitions:
        yield Finding(kinds.REFERENCE_UNRESOLVED, f"$ref {reference!r} does not resolve into $defs.", location)
    elif pointer.startswith("/$defs/"):
        yield Finding(kinds.REFERENCE_UNRESOLVED, "A definition must not contain a $ref.", location)
    for keyword in sorted(schema.keys() & VOCABULARY - ANNOTATION_KEYWORDS - {"$ref", "$defs"}):
        message = f"Keyword {keyword!r} is not allowed next to $ref."
        yield Finding(kinds.REFERENCE_UNRESOLVED, message, source.at(f"{pointer}/{escape_step(keyword)}"))


def _check_required(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    required, members = schema.get("required"), schema.get("properties", {})
    if not isinstance(required, list) or not isinstance(members, dict):
        return
    for index, name in enumerate(required):
        if isinstance(name, str) and name not in members:
            location = source.value_at(f"{pointer}/required/{index}")
            yield Finding(kinds.UNSATISFIABLE, f"The required attribute {name!r} is not in properties.", location)


def _check_enumeration(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    values = schema.get("enum")
    first: dict[str, int] = {}
    for index, value in enumerate(values if isinstance(values, list) else ()):
        text = json.dumps(value, sort_keys=True)
        if text in first:
            related = source.value_at(f"{pointer}/enum/{first[text]}", "the first one")
            location = source.value_at(f"{pointer}/enum/{index}")
            yield Finding(kinds.VALUE_REPEATED, f"The value {text[:200]} is listed more than once.", location, related=(related,))
        first.setdefault(text, index)


def _find_unused_definitions(source: JsonSource) -> Iterator[Finding]:
    definitions = source.tree.get("$defs")
    used = {str(schema["$ref"]).removeprefix("#/$defs/") for _, schema in iterate_subschemas(source.tree, "") if "$ref" in schema}
    for name in definitions if isinstance(definitions, dict) else ():
        if name not in used:
            location = source.at(f"/$defs/{escape_step(name)}")
            yield Finding(kinds.DEFINITION_UNUSED, f"The definition {name!r} is not used.", location)


def _check_examples(source: JsonSource, undecided: list[str], budget: Budget) -> Iterator[Finding]:
    def follow(validator: Any, reference: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
        budget.spend(_REFERENCE_STEPS)
        yield from Draft202012Validator.VALIDATORS["$ref"](validator, reference, instance, schema)

    if not isinstance(source.tree.get("$id", ""), str):
        return  # which has a finding of its own, and which no registry can hold
    kind: Any = extend(Draft202012Validator, {"$ref": follow})  # type: ignore[no-untyped-call]
    root = kind(source.tree, registry=Registry())  # an empty registry fetches nothing
    budget.start()
    for pointer, schema in iterate_subschemas(source.tree, ""):
        examples = schema.get("examples")
        for index, example in enumerate(examples if isinstance(examples, list) else ()):
            below = f"{pointer}/examples/{index}"
            try:
                for error in root.evolve(schema=schema).iter_errors(example):
                    location = source.value_at(f"{below}{find_error_pointer(error)}")
                    yield Finding(kinds.EXAMPLE_INVALID, f"The example is invalid: {error.message[:200]}.", location)
            except AutomatonTooLarge:
                undecided.append("L111: the examples are not validated, because the schema has too many references")
                return
            except Exception:  # noqa: BLE001, S110 - an invalid schema or reference has a finding of its own
                pass


def find_error_pointer(error: ValidationError) -> str:
    """Return the JSON Pointer of the value that an error is about."""
    return json_pointer(tuple(error.absolute_path))


def _check_type(source: JsonSource, pointer: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    for below, reason in find_type_errors(schema):
        is_open = below == "/additionalProperties" and schema["type"] == "object"
        kind = kinds.STRUCTURE_OPEN if is_open else kinds.SCHEMA_NOT_SUPPORTED
        locate = source.value_at if below == "/type" else source.at
        yield Finding(kind, f"{reason[0].upper()}{reason[1:]}.", locate(f"{pointer}{below}"))
