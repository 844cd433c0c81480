"""Quick tests in plain Python: they find valid what ``explain`` finds nothing wrong with."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.body.explain import find_failures
from validator.body.part_tests import compile_test
from validator.body.shape import compile_shape
from validator.body.tree import RepeatedMembers

TEXT = {"title": "T", "description": "text"}
SHAPE = compile_shape(
    {
        "type": "object",
        "required": ["id"],
        "additionalProperties": False,
        "properties": {
            "id": TEXT | {"type": "string", "pattern": "^[1-9][0-9]?$"},
            "kind": TEXT | {"type": "string", "enum": ["a", "b"]},
            "text": TEXT | {"type": "string", "minLength": 2},
            "long": TEXT | {"type": "string", "minLength": 2, "pattern": "a"},
            "any": TEXT | {"type": "string"},
            "flag": TEXT | {"type": "boolean"},
            "list": TEXT | {"type": "array", "items": TEXT | {"type": "string", "enum": ["a"]}},
        },
    }
)
VALUES = st.sampled_from(
    ["", "1", "10", "01", "a", "aa", "ba", "c", True, False, 0, 1, None, [], ["a"], ["a", "b"], {}, {"a": 1}]
)
NAMES = st.sampled_from([*SHAPE.members, "other"])


@given(st.dictionaries(NAMES, VALUES) | VALUES)
def test_valid_is_what_has_no_failure(tree: Any) -> None:
    """Of any type, with members missing, unknown and invalid."""
    assert compile_test(SHAPE)(tree) == (find_failures(SHAPE, tree, 0) == [])


@pytest.mark.parametrize(
    ("tree", "is_valid"),
    [
        ({"id": "10", "kind": "b", "text": "ab", "long": "ba", "any": "", "flag": False, "list": ["a", "a"]}, True),
        ({"id": "100"}, False),
        ({"id": "1", "kind": "c"}, False),
        ({"id": "1", "text": "a"}, False),
        ({"id": "1", "long": "a"}, False),
        ({"id": "1", "long": "bb"}, False),
        ({"id": "1", "any": 1}, False),
        ({"id": "1", "flag": 0}, False),
        ({"id": "1", "list": ("a",)}, False),
        ({"id": "1", "list": ["b"]}, False),
        ({"id": "1", "other": "a"}, False),
        ({}, False),
        (RepeatedMembers([("id", "1"), ("id", "1")]), False),
        (RepeatedMembers([("id", "1")]), False),  # none is repeated, but the parser does not return such an object
    ],
)
def test_each_keyword_is_tested(tree: Any, is_valid: bool) -> None:  # noqa: FBT001
    """Objects with repeated members are never valid."""
    assert compile_test(SHAPE)(tree) is is_valid
