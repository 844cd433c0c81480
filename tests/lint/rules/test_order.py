"""The order of rules, their ``after``, and the texts and places of codes."""

import shutil
from pathlib import Path

import pytest

from tests.lint.artefacts import NAME, summarize
from tests.paths import RATE_ACTIVITY
from validator.lint.linter import lint
from validator.lint.rules.declarations import _find_longest_order
from validator.operation.home import Home

RULES = (RATE_ACTIVITY / "rules" / "rate_activity.py").read_text()
LISTED = "RULES = (activity_is_the_customers, poor_score_has_a_comment, reasons_differ)"


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], set()),
        ([3], {0}),
        ([1, 1, 2], {0, 1, 2}),
        ([2, 0, 1, 3], {1, 2, 3}),
        ([1, 2, 3, 0], {0, 1, 2}),
        ([1, 0], {0}),
        ([3, 1, 2, 0, 4], {1, 2, 4}),
    ],
)
def test_fewest_rules_are_out_of_order(numbers: list[int], expected: set[int]) -> None:
    """A rule that was moved is the only one that is reported."""
    assert _find_longest_order(numbers) == expected


def lint_with(folder: Path, rules: str) -> list[tuple[str, str, str]]:
    """Return the findings of rate-activity with other rules: code, message, and the line of source."""
    shutil.copytree(RATE_ACTIVITY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "rules" / "rate_activity.py").write_text(rules)
    findings = lint(NAME, Home.at(folder)).findings
    lines = [finding.location.line_text.strip() for finding in findings]
    return [(*pair, line) for pair, line in zip(summarize(findings), lines, strict=True)]


def test_rule_out_of_order_is_shown_in_the_list(tmp_path: Path) -> None:
    """Or at its function where RULES is not written out."""
    message = "Rule reasons_differ is not at the place in RULES that its code 400-803 has in CODES."
    listed = "RULES = (reasons_differ, activity_is_the_customers, poor_score_has_a_comment)"
    assert lint_with(tmp_path / "a", RULES.replace(LISTED, listed)) == [("L319", message, listed)]
    computed = RULES.replace(LISTED, "RULES = tuple([reasons_differ, activity_is_the_customers, poor_score_has_a_comment])")
    found = lint_with(tmp_path / "b", computed)
    assert [(code, line[:19]) for code, _, line in found] == [("L319", "def reasons_differ(")]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("@rule(REASON_REPEATED)", "@rule(REASON_REPEATED, after=POOR_WITHOUT_COMMENT)", []),
        ("@rule(REASON_REPEATED)", "@rule(REASON_REPEATED, after=REASON_REPEATED)", ["L323"]),
        ("@rule(POOR_WITHOUT_COMMENT)", "@rule(POOR_WITHOUT_COMMENT, after=REASON_REPEATED)", ["L323"]),
        ('requirement="Each reason is given once."', 'requirement="\\t"', ["L322"]),
        ('reason="Reasons are counted."', 'reason=""', ["L322"]),
        ('fix="Remove the repeated reason."', 'fix="\\n"', ["L322"]),
        ('("ours",),\n    requirement="Each', '(),\n    requirement="Each', ["L322"]),
        ('("ours",),\n    requirement="Each', '("ours", " "),\n    requirement="Each', ["L322"]),
        ('"reason-repeated"', '""', ["L312", "L322"]),
        ('"body",\n    ("ours",),\n    requirement="Each', '"bdoy",\n    ("ours",),\n    requirement="Each', ["L320", "L320"]),
        ('"body",\n    ("ours",),\n    requirement="Each', '"xyz",\n    ("ours",),\n    requirement="Each', ["L320", "L320"]),
        ("(ACTIVITY_UNKNOWN.failure(),)", '(ACTIVITY_UNKNOWN.failure("caller"),)', ["L320"]),
    ],
)
def test_declaration_is_checked(tmp_path: Path, old: str, new: str, codes: list[str]) -> None:
    """Every text, every place, and the rule that another one is skipped after."""
    assert old in RULES
    found = lint_with(tmp_path / "a", RULES.replace(old, new))
    assert sorted(code for code, _, _ in found) == codes


def test_place_that_does_not_exist_has_a_suggestion(tmp_path: Path) -> None:
    """Or the list of places."""
    for index, (place, hint) in enumerate([("bdoy", "; did you mean 'body'?"), ("xyz", "; expected one of: body, query, path,")]):
        rules = RULES.replace(
            '"body",\n    ("ours",),\n    requirement="Each', f'"{place}",\n    ("ours",),\n    requirement="Each'
        )
        messages = [message for _, message, _ in lint_with(tmp_path / str(index), rules)]
        assert any(message.startswith(f"400-803 has the unknown place '{place}'{hint}") for message in messages)
