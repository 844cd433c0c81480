"""Rules run with a directory that answers only the keys that were requested."""

import shutil
from pathlib import Path

import pytest

from tests.lint.artefacts import NAME, summarize
from tests.paths import RATE_ACTIVITY
from validator.lint.linter import lint
from validator.operation.home import Home

RULES = (RATE_ACTIVITY / "rules" / "rate_activity.py").read_text()
KEYS = "Keys(activities=(rating.activity,))"
NOT_REQUESTED = "keys does not request every entity of"


def lint_with(folder: Path, rules: str) -> list[tuple[str, str]]:
    """Return the findings of rate-activity with other rules."""
    shutil.copytree(RATE_ACTIVITY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "rules" / "rate_activity.py").write_text(rules)
    return [one for one in summarize(lint(NAME, Home.at(folder)).findings) if one[0] == "L318"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (KEYS, "Keys()", [f"{NOT_REQUESTED} 'activities' that activity_is_the_customers reads."]),
        (
            KEYS,
            'Keys(activities=(rating.activity + "0",))',
            [f"{NOT_REQUESTED} 'activities' that activity_is_the_customers reads."],
        ),
        (KEYS, "Keys(activities=(rating.activity, rating.activity))", []),
        (KEYS, 'Keys(activities=("2001", "2002", "2003", "2004"), customers=("1001",))', []),
        (KEYS, "None", []),
        ("    return Keys(", '    raise KeyError("no")\n    return Keys(', []),
        (
            "def keys(",
            "def department(rating, facts): return len(facts.activities)\n\n\ndef keys(",
            [f"{NOT_REQUESTED} 'activities' that the department reads."],
        ),
        (
            "    activity = facts.activities.get(rating.activity)",
            "    activity = next((one for one in facts.activities.values() if one.id == rating.activity), None)",
            [],
        ),
        (
            "    activity = facts.activities.get(rating.activity)",
            "    activity = facts.activities.get(rating.activity) if len(facts.activities) > 1 else None",
            [f"{NOT_REQUESTED} 'activities' that activity_is_the_customers reads."],
        ),
    ],
)
def test_reads_are_compared_with_the_keys(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    """By their results: it does not matter how a rule finds an entity. Errors have findings of their own."""
    assert old in RULES
    assert [message for _, message in lint_with(tmp_path / "a", RULES.replace(old, new, 1))] == expected


def test_many_readers_are_counted(tmp_path: Path) -> None:
    """The first three have their names."""
    more = "".join(
        f'@rule(ACTIVITY_UNKNOWN, "activities")\ndef reads_{index}(rating, facts):\n    """It reads."""\n'
        f"    return NOTHING if len(facts.activities) > 1 else (ACTIVITY_UNKNOWN.failure(),)\n\n\n"
        for index in range(4)
    )
    rules = RULES.replace("RULES = (", f"{more}RULES = (reads_0, reads_1, reads_2, reads_3, ")
    ((_, message),) = lint_with(tmp_path / "a", rules)
    assert message == f"{NOT_REQUESTED} 'activities' that reads_0, reads_1, reads_2 and 1 more read."
