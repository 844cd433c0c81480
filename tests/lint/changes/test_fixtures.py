"""The accepted fixtures of a release, validated by the operation as it is now."""

from pathlib import Path

import pytest

from tests.lint.changes.homes import NAME, copy_home, list_changes
from tests.lint.changes.planted import RULES, Edit

ACCEPT = f"fixtures/{NAME}/accept"
MANY = '{"score": {"value": "good"}, ' + ", ".join(f'"{letter}": ""' for letter in "abcdefghijkl") + "}"
MISSING = (
    "L609 schemas/request.schema.json:7:3 Breaking: the release accepts accept/400-802.http:2, which is refused now: 400-720"
    " Required attribute 'score' is missing."
)
REQUEST = "PUT /activities/2001/rating HTTP/1.1\n\n{}\n"
REFUSED = (
    "L609 rules/rate_activity.py:20:5 Breaking: the release accepts accept/400-801-for-the-other-customer.http, which is refused"
    " now:"
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # A rule of the same name that requires more is seen by the fixtures only.
        (
            [],
            [(RULES, 'rating.value != "poor" or rating', "rating")],
            [f"{REFUSED} 400-802 Attribute 'comment' is required with the score good; the same applies to 3 more."],
        ),
        # The line of a request names it in a file of several; one that must be refused is not compared.
        (
            [(f"{ACCEPT}/400-802.http", None, f"### a\n{REQUEST}### b\n# @expect 400-802\n{REQUEST}")],
            [],
            [MISSING],
        ),
        # Ten failures are listed.
        (
            [(f"{ACCEPT}/400-802-a.json", None, MANY)],
            [],
            [
                "L609 schemas/request.schema.json:8:3 Breaking: the release accepts accept/400-802-a.json, which is refused now: "
                + ", ".join(f"400-721 Unknown attribute '{letter}'" for letter in "abcdefghij")
                + ", and 2 more."
            ],
        ),
        # The reference data is that of the release.
        (
            [],
            [("fixtures/directory.json", '"customer": "1002"', '"customer": "1001"')],
            [],
        ),
        ([("fixtures/directory.json", "", None)], [], []),
    ],
    ids=["rule", "line", "many", "reference-data", "no-reference-data"],
)
def test_fixtures_are_compared(
    old: list[Edit], new: list[Edit], expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each group of similar ones is a change, with the failures of the first."""
    monkeypatch.chdir(copy_home(tmp_path / "new", new))
    assert list_changes(copy_home(tmp_path / "old", old)) == expected
