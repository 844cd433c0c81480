"""The comparison of schemas agrees with the engine: a request that only the older schema accepts needs a breaking change."""

import json
from random import Random
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from validator.body.explain import find_failures
from validator.body.shape import compile_shape
from validator.inputs.source import read_json
from validator.lint.changes.schemas import SchemaComparison
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema_tree

PATTERNS: Final = ("^[a-c]{1,3}$", "^[a-d]{0,3}$", "^a[bc]?$", "^(ab|ba)*$", "^[^a]*$", "b", "^[abc][abc]?[abc]?$")
WORDS: Final = ("", "a", "b", "c", "d", "ab", "ba", "abc", "abab", "dd", "abcd")
REQUESTS: Final = 40


def make_string(random: Random) -> dict[str, Any]:
    """Return the schema of a string."""
    schema: dict[str, Any] = {"type": "string"}
    if random.random() < 0.4:
        schema["pattern"] = random.choice(PATTERNS)
    if random.random() < 0.3:
        schema["minLength"] = random.randint(0, 3)
    if random.random() < 0.3:
        schema["enum"] = random.sample(WORDS, random.randint(1, 5))
    return schema


def make_object(random: Random, depth: int) -> dict[str, Any]:
    """Return the schema of an object."""
    members = {name: make_schema(random, depth - 1) for name in random.sample("pqrs", random.randint(1, 3))}
    required = random.sample(list(members), random.randint(0, len(members)))
    return {"type": "object", "additionalProperties": False, "properties": members, "required": required}


def make_schema(random: Random, depth: int) -> dict[str, Any]:
    """Return a schema. depth: of the objects in it."""
    choice = random.random()
    if depth and choice < 0.5:
        return make_object(random, depth)
    if choice < 0.6:
        return {"type": "array", "items": make_string(random)}
    return {"type": "boolean"} if choice < 0.7 else make_string(random)


def edit(schema: dict[str, Any], random: Random) -> dict[str, Any]:
    """Return a schema in which some parts are others."""
    if schema["type"] != "object":
        return make_schema(random, 1) if random.random() < 0.3 else schema
    members = {name: edit(one, random) for name, one in schema["properties"].items() if random.random() < 0.9}
    members |= {random.choice("pqrstu"): make_schema(random, 1)} if random.random() < 0.2 else {}
    required = schema["required"] if random.random() < 0.7 else random.sample(list(members), random.randint(0, len(members)))
    return schema | {"properties": members, "required": [name for name in required if name in members]}


def make_value(schema: dict[str, Any], random: Random) -> Any:
    """Return a value that has the types of a schema, and often satisfies it."""
    if schema["type"] == "object":
        names = [name for name in schema["properties"] if name in schema["required"] or random.random() < 0.6]
        return {name: make_value(schema["properties"][name], random) for name in names}
    if schema["type"] == "array":
        return [make_value(schema["items"], random) for _ in range(random.randint(0, 2))]
    return random.random() < 0.5 if schema["type"] == "boolean" else random.choice(schema.get("enum", WORDS))


@given(st.integers(min_value=0, max_value=2**32))
def test_request_that_is_refused_now_needs_a_breaking_change(seed: int) -> None:
    """Whatever changed."""
    random = Random(seed)
    old = make_object(random, 3)
    new = edit(old, random)
    trees = [json_schema_tree.read_tree(read_json("s.json", json.dumps(schema).encode())) for schema in (old, new)]
    changes = list(SchemaComparison("json", Budget()).compare(trees[0], trees[1]))
    before, now = compile_shape(old), compile_shape(new)
    values = [make_value(old, random) for _ in range(REQUESTS)]
    refused = [value for value in values if not find_failures(before, value, 1) and find_failures(now, value, 1)]
    assert not refused or any(change.kind.code < "L65" for change in changes), refused[0]
