"""Codes, messages and rules, in a release and now; those of the release are read without running its code."""

from pathlib import Path

import pytest

from tests.lint.changes.homes import NAME, copy_home, list_changes
from tests.lint.changes.planted import CODES, RULES, Edit
from validator.lint.changes.old_rules import read_old_rules
from validator.operation.home import Home

ORDER = "requests that break both have another first code."
PLACE = "rules/rate_activity.py"
SECOND_RULE = '''@rule(REASON_REPEATED)
def reasons_are_few(rating: Rating, _facts: Any) -> Iterable[Failure]:
    """Ten reasons are enough."""
    return NOTHING


RULES = (reasons_are_few, '''


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # The name of a function is not part of the API.
        (
            [],
            [(RULES, "def reasons_differ(", "def reasons_are_unique("), (RULES, ", reasons_differ)", ", reasons_are_unique)")],
            [],
        ),
        (
            [],
            [(RULES, "RULES = (", SECOND_RULE)],
            [f"L608 {PLACE}:93:1 Breaking: rule reasons_are_few was added, which refuses requests with 400-803."],
        ),
        ([(RULES, "RULES = (", SECOND_RULE)], [], [f"L657 {PLACE}:1:1 Compatible: rule reasons_are_few was removed."]),
        (
            [],
            [(RULES, "@rule(POOR_WITHOUT_COMMENT)", "@rule(REASON_REPEATED)")],
            [f"L606 {PLACE}:73:1 Breaking: rule poor_score_has_a_comment reports 400-803; it reported 400-802."],
        ),
        (
            [],
            [(RULES, "poor_score_has_a_comment, reasons_differ)", "reasons_differ, poor_score_has_a_comment)")],
            [
                f"L606 {PLACE}:92:37 Breaking: rule reasons_differ is checked before poor_score_has_a_comment: {ORDER}",
            ],
        ),
        # The code of a rule that is made in another way is unknown, and its name is enough.
        ([(RULES, "@rule(POOR_WITHOUT_COMMENT)", "@make(POOR_WITHOUT_COMMENT)")], [], []),
        (
            [],
            [(RULES, "POOR_WITHOUT_COMMENT, REASON_REPEATED)", "POOR_WITHOUT_COMMENT)")],
            ["L606 schemas/codes.json:3:3 Breaking: The released code 400-803 reason-repeated was removed."],
        ),
        (
            [],
            [(RULES, "POOR_WITHOUT_COMMENT, REASON_REPEATED)", "POOR_WITHOUT_COMMENT)"), (CODES, "", None)],
            [f"L606 {PLACE}:1:1 Breaking: The released code 400-803 reason-repeated was removed."],
        ),
        (
            [(CODES, '"401-101": "nobody-authenticated",', ""), (CODES, '"401-101": "Nobody is authenticated.",', "")],
            [],
            ["L655 schemas/operation.json:1:1 Compatible: code 401-101 nobody-authenticated was added."],
        ),
    ],
)
def test_rules_are_compared(
    old: list[Edit], new: list[Edit], expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, and under another name by code."""
    monkeypatch.chdir(copy_home(tmp_path / "new", new))
    assert [line for line in list_changes(copy_home(tmp_path / "old", old)) if not line.startswith("L609")] == expected


def test_codes_of_a_release_are_read_from_its_text(tmp_path: Path) -> None:
    """From codes.json, and those and the messages that it lacks from the rules module, which is not run."""
    rules = """raise SystemExit("not run")
A = Code("400-801", "a", "A " "message.")
B = Code(code="400-802", message=MESSAGE)
C = Code("400-803", name="c", message=f"{A}")
@rule()
def a_rule(): ...
@rule(codes.C)
def c_rule(): ...
RULES = [a_rule, other.c_rule]
"""
    home = Home.at(
        copy_home(tmp_path / "old", [(RULES, None, rules), (CODES, None, '{"codes": {"400-100": "x", "400-801": "y"}}')])
    )
    old = read_old_rules(NAME, home)
    assert old.names == {"400-100": "x", "400-801": "a", "400-803": "c"}
    assert (old.messages, old.has_common_codes) == ({"400-801": "A message."}, True)
    assert old.rules == [("a_rule", None), ("c_rule", "400-803")]
    (home.rules / "rate_activity.py").write_text("RULES = ()\n")
    (home.schemas / NAME / "codes.json").unlink()
    assert read_old_rules(NAME, home) == ({}, {}, False, [])
    (home.rules / "rate_activity").mkdir()
    (home.rules / "rate_activity" / "__init__.py").write_text("")
    (home.rules / "rate_activity" / "folder.py").mkdir()
    assert read_old_rules(NAME, home) == ({}, {}, False, None)
