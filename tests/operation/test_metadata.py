"""The requirements of operation.json: the same for ``load``, the linter and the JSON Schema."""

import json
import re
import shutil
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.paths import RATE_ACTIVITY
from validator import load
from validator.lint.linter import lint
from validator.operation.home import Home, shipped_schemas
from validator.operation.metadata import find_problems

NAME: Final = "rate-activity"
VALID: Final[dict[str, Any]] = {
    "title": "T", "description": "D", "method": "PUT", "path": "/a/{ids}", "statuses": [204], "lengths": {"a.b": 1},
}  # fmt: skip
PATH_EXPECTED: Final = "path must start with / and contain {ids} once, and no other brace, ? or #"
MEMBERS: Final = "title, description, method, path, statuses, lengths, namespaces"
CASES: Final[list[tuple[Any, list[tuple[str, str]]]]] = [
    (VALID, []),
    ({name: value for name, value in VALID.items() if name != "lengths"}, []),
    (VALID | {"lengths": {}}, []),
    (VALID | {"statuses": [599, 200]}, []),
    ([], [("", "expected an object, got []")]),
    ({}, [("", f"the member {name!r} is missing") for name in VALID if name != "lengths"]),
    (VALID | {"titel": "x"}, [("", "unknown member 'titel'; did you mean 'title'?")]),
    (VALID | {"x": 1}, [("", f"unknown member 'x'; expected one of: {MEMBERS}")]),
    (VALID | {"": 1}, [("", f"unknown member ''; expected one of: {MEMBERS}")]),
    (VALID | {"title": ""}, [("/title", 'title must be a string that is not empty, got ""')]),
    (VALID | {"description": 1}, [("/description", "description must be a string that is not empty, got 1")]),
    *(
        (VALID | {"method": method}, [("/method", f"method must be one of POST, PUT, PATCH, got {json.dumps(method)}")])
        for method in list[Any](["GET", "patch", "Post", "", None, ["POST"], {}, "POST "])
    ),
    *(
        (VALID | {"path": path}, [("/path", f"{PATH_EXPECTED}, got {json.dumps(path)}")])
        for path in (
            "/cases/{caseId}/activities/{ids}", "/activities/{id}", "/{ids}/{ids}", "/a", "a/{ids}", "{ids}", "/{ids}}",
            "/{{ids}", "/{ids}?x", "/{ids}#x", "/{IDS}", "/{ids }", "", 1, None, ["/{ids}"],
        )
    ),
    (VALID | {"path": "x" * 70}, [("/path", f'{PATH_EXPECTED}, got "{"x" * 63}...')]),
    (VALID | {"statuses": 204}, [("/statuses", "statuses must be an array, got 204")]),
    (VALID | {"statuses": []}, [("/statuses", "statuses must contain a status of success (2xx)")]),
    (VALID | {"statuses": [400]}, [("/statuses", "statuses must contain a status of success (2xx)")]),
    *(
        (VALID | {"statuses": [204, status]}, [("/statuses/1", f"a status must be an integer from 200 to 599, got {status!r}")])
        for status in (199, 600, 0, 204.5)
    ),
    (VALID | {"statuses": [True, 204]}, [("/statuses/0", "a status must be an integer from 200 to 599, got true")]),
    (VALID | {"lengths": []}, [("/lengths", "lengths must be an object, got []")]),
    *(
        (VALID | {"lengths": {"a/b": length}}, [("/lengths/a~1b", f"a length must be an integer of at least 1, got {text}")])
        for length, text in ((0, "0"), (-1, "-1"), ("1", '"1"'), (True, "true"), (None, "null"), (1.5, "1.5"))
    ),
]  # fmt: skip
SCHEMA: Final = json.loads((shipped_schemas() / "operation.schema.json").read_bytes())


@pytest.mark.parametrize(("document", "expected"), CASES)
def test_each_problem_has_its_place_and_message(document: Any, expected: list[tuple[str, str]]) -> None:
    """The JSON Schema rejects the same documents."""
    assert list(find_problems(document)) == expected
    assert Draft202012Validator(SCHEMA).is_valid(document) == (not expected)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.sampled_from([value, "", "POST", "/{ids}", None, 0, [200], [300, 1], {}, {"a": 0}, ["200"], "/{ids}{x}"])
            for name, value in (*VALID.items(), ("x", 1))
        },
    )
)
def test_function_and_schema_agree(document: dict[str, Any]) -> None:
    """On any members and values."""
    assert Draft202012Validator(SCHEMA).is_valid(document) == (not list(find_problems(document)))


def home(folder: Path, operation: str) -> Home:
    """Return a home of the second operation with this operation.json."""
    shutil.copytree(RATE_ACTIVITY, folder / "home", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "home" / "schemas" / NAME / "operation.json").write_text(operation, encoding="utf-8")
    return Home.at(folder / "home")


@pytest.mark.parametrize(
    "operation",
    [
        VALID | {"path": "/cases/{caseId}/activities/{ids}"},
        VALID | {"method": "GET"},
        VALID | {"method": "patch"},
        VALID | {"statuses": [204, "x"]},
        VALID | {"lengths": {"a": 0}},
        VALID | {"verb": "PUT"},
        VALID | {"titel": "x"},
        {name: value for name, value in VALID.items() if name != "title"},
        [],
    ],
)
def test_operation_that_lint_refuses_is_not_loaded(tmp_path: Path, operation: Any) -> None:
    """With the same message, after the file and the JSON Pointer."""
    place = home(tmp_path, json.dumps(operation))
    ((pointer, message),) = find_problems(operation)
    findings = [finding for finding in lint(NAME, place).findings if finding.kind.code == "L102"]
    assert [finding.message for finding in findings] == [
        f"{message[0].upper()}{message[1:]}{'' if message.endswith('?') else '.'}"
    ]
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        load(NAME, home=place.schemas.parent, lazy=True)
    file = place.schemas / NAME / "operation.json"
    assert str(caught.value) == f"{file}: {pointer}: {message}".replace(" : ", " ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"method": "PUT", "method": "PUT"}', "the member 'method' is repeated"),
        ('{"a": NaN}', "NaN is not JSON"),
        ("[" * 100_000, "the file is nested too deep"),
        ('{"a": ' + "1" * 5000 + "}", "Exceeds the limit (4300 digits) for integer string conversion"),
    ],
)
def test_operation_that_is_not_json_is_not_loaded(tmp_path: Path, text: str, reason: str) -> None:
    """In one line that starts with the file."""
    place = home(tmp_path, text)
    with pytest.raises(ValueError, match=re.escape(reason)) as caught:
        load(NAME, home=place.schemas.parent)
    assert str(caught.value).startswith(f"{place.schemas / NAME / 'operation.json'}: {reason}")
