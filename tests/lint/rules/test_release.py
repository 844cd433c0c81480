"""codes.json: its structure, and what it says of codes and messages."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.lint.artefacts import NAME, summarize
from tests.paths import RATE_ACTIVITY
from validator.lint.linter import lint
from validator.operation.home import Home

RELEASED: dict[str, Any] = json.loads((RATE_ACTIVITY / "schemas" / NAME / "codes.json").read_text())


def lint_with(folder: Path, document: Any) -> list[tuple[str, str]]:
    """Return the findings of rate-activity with another codes.json."""
    shutil.copytree(RATE_ACTIVITY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "schemas" / NAME / "codes.json").write_text(json.dumps(document))
    return summarize(lint(NAME, Home.at(folder)).findings)


def without(member: str, *codes: str) -> dict[str, Any]:
    """Return the content without some codes in a member."""
    return RELEASED | {member: {code: text for code, text in RELEASED[member].items() if code not in codes}}


def reverse(member: str) -> dict[str, Any]:
    """Return the content with a member in the reverse order."""
    return RELEASED | {member: dict(reversed(RELEASED[member].items()))}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (RELEASED | {"vresion": "1"}, [("L102", "Unknown member 'vresion'; did you mean 'version'?")]),
        (
            RELEASED | {"notes": "x"},
            [("L102", "Unknown member 'notes'; did you mean 'codes'?")],
        ),
        (RELEASED | {"version": 1}, [("L102", "version must be a string.")]),
        ({name: value for name, value in RELEASED.items() if name != "version"}, []),
        (
            without("codes", "400-803"),
            [
                ("L503", "400-803 has a message, but is not in 'codes'."),
                ("L502", "codes.json does not list 400-803 reason-repeated."),
            ],
        ),
        (
            without("codes", "400-101"),
            [
                ("L503", "400-101 has a message, but is not in 'codes'."),
                ("L502", "codes.json does not list 400-101 unsupported-query-parameters."),
            ],
        ),
        (without("messages", "400-803"), [("L503", "codes.json has no message of 400-803.")]),
        (
            {name: value for name, value in RELEASED.items() if name != "messages"},
            [("L503", "codes.json has no object 'messages'.")],
        ),
        (
            RELEASED | {"codes": RELEASED["codes"] | {"400-899": "gone"}},
            [("L311", "The released code 400-899 gone was removed.")],
        ),
        (
            RELEASED
            | {
                "codes": RELEASED["codes"] | {"400-899": "gone"},
                "messages": RELEASED["messages"] | {"400-899": "Gone."},
                "retired": {},
            },
            [("L311", "The released code 400-899 gone was removed.")],
        ),
        (reverse("codes"), [("L504", "400-802 is listed after 400-803; it is reported before it.")]),
        (reverse("messages"), [("L504", "400-802 is listed after 400-803; it is reported before it.")]),
        (
            RELEASED | {"messages": RELEASED["messages"] | {"400-803": "No."}},
            [
                (
                    "L501",
                    "400-803 was released with the message 'No.', which is now \"Attribute '{attribute}' repeats a reason.\".",
                )
            ],
        ),
    ],
)
def test_codes_json_is_checked(tmp_path: Path, document: Any, expected: list[tuple[str, str]]) -> None:
    """Its members, and each code and message."""
    assert lint_with(tmp_path / "a", document) == expected
