"""operation.json, in a release and now."""

import json
from typing import Any

import pytest

from validator.inputs.source import read_json
from validator.lint.changes.endpoint import compare_endpoints

OPERATION = {"title": "T", "description": "d", "method": "PUT", "path": "/a/{ids}", "statuses": [204, 400, 500]}


def compare(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return code, column and message of each change. old, new: members that differ from OPERATION."""
    source = read_json("operation.json", json.dumps(OPERATION | new).encode())
    changes = compare_endpoints(OPERATION | old, source)
    return [f"{one.kind.code} {one.location.region.start.column} {one.message}" for one in changes]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {}, []),
        ({"title": "S", "description": "e"}, {}, []),
        ({"statuses": [500, 400, 204]}, {}, []),
        (
            {"statuses": [201, 204, 400, 500]},
            {},
            ["L605 86 Breaking: an accepted request is answered with status 204; it was 201."],
        ),
        ({"statuses": [204, 200, 400, 500]}, {}, ["L654 85 Compatible: status 200 was removed."]),
        (
            {"namespaces": ["urn:a", "urn:b"]},
            {"namespaces": ["urn:b", "urn:c"]},
            [
                "L605 116 Breaking: elements of XML bodies may no longer be in the namespace 'urn:a'.",
                "L654 126 Compatible: elements of XML bodies may be in the namespace 'urn:c'.",
            ],
        ),
        ({"namespaces": ["urn:a"]}, {}, ["L605 1 Breaking: elements of XML bodies may no longer be in the namespace 'urn:a'."]),
        (
            {"lengths": {"a": 1, "b": 2, "c": 3}},
            {"lengths": {"a": 1, "b": 3, "d": 4}},
            ["L653 127 Compatible: attribute 'b' has at most 3 characters; it had 2."],
        ),
        ({"query": {}}, {}, ["L691 1 Not decided: the member 'query' of operation.json was removed, and is not compared."]),
    ],
)
def test_members_are_compared(old: dict[str, Any], new: dict[str, Any], expected: list[str]) -> None:
    """Prose and the order of statuses are no changes."""
    assert compare(old, new) == expected
