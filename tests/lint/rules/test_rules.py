"""Findings about the rules of a whole operation, whose rules module is edited."""

import json
import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.lint.artefacts import NAME, summarize
from tests.paths import RATE_ACTIVITY
from validator.inputs.source import SourceError, read_json
from validator.lint.linter import lint
from validator.operation.home import Home
from validator.operation.loader import load_operation

RELEASE_FORM = (
    "codes.json must have an object 'codes' that maps codes to names; it may have an object 'messages' that maps codes to "
    "messages, and an object 'retired' that maps codes to names."
)


def lint_with_rules(folder: Path, rules: str) -> list[tuple[str, str]]:
    """Return the findings of rate-activity with edited rules. folder: of the copy."""
    shutil.copytree(RATE_ACTIVITY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "rules" / "rate_activity.py"
    path.write_text(rules)
    return summarize(lint(NAME, Home.at(folder)).findings)


def test_exception_in_read_is_reported(tmp_path: Path) -> None:
    """Every request with a valid structure is then an internal error."""
    rules = (RATE_ACTIVITY / "rules" / "rate_activity.py").read_text()
    found = lint_with_rules(tmp_path / "a", rules.replace('tree["score"]["value"]', 'tree["scor"]["value"]'))
    assert ("L315", "read raises KeyError: 'scor'.") in found
    assert ("L309", "The rules read 'scor', which is not in the schema.") in found


def test_exception_on_an_invalid_structure_is_not_reported(tmp_path: Path) -> None:
    """Rules are only run on a valid structure; the broken rule has a finding for its fixture."""
    rules = (RATE_ACTIVITY / "rules" / "rate_activity.py").read_text()
    found = lint_with_rules(tmp_path / "a", rules.replace('rating.value != "poor"', '{"good": True, "poor": True}[rating.value]'))
    assert [code for code, _ in found] == ["L402"]


def test_operation_without_rules_is_supported(tmp_path: Path) -> None:
    """The structure check may be all that an operation needs."""
    found = lint_with_rules(tmp_path / "a", "CODES = RULES = ()\ndef read(*given): return given\n")
    assert {code for code, _ in found} == {"L311", "L403"}
    assert load_operation(NAME, home=Home.at(tmp_path / "a")).rules.rules == ()


@pytest.mark.parametrize(
    "codes",
    ["[]", '{"codes": []}', '{"codes": {"400-101": 1}}', '{"codes": {}, "retired": null}', '{"codes": {}, "retired": [1]}'],
)
def test_invalid_release_is_reported(tmp_path: Path, codes: str) -> None:
    """Nothing is compared with it."""
    shutil.copytree(RATE_ACTIVITY, tmp_path / "a", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "a" / "schemas" / NAME / "codes.json").write_text(codes)
    assert summarize(lint(NAME, Home.at(tmp_path / "a")).findings) == [
        (
            "L102",
            RELEASE_FORM,
        )
    ]
    (tmp_path / "a" / "schemas" / NAME / "codes.json").write_text("{")
    assert [code for code, _ in summarize(lint(NAME, Home.at(tmp_path / "a")).findings)] == ["L101"]


@pytest.mark.parametrize(
    ("retired", "messages"),
    [
        ({"400-899": "reason-lost"}, []),
        ({"400-803": "reason-lost"}, ["The retired code 400-803 reason-lost is used again, by 400-803 reason-repeated."]),
        ({"400-899": "reason-repeated"}, ["The retired code 400-899 reason-repeated is used again, by 400-803 reason-repeated."]),
        ({"400-264": "x"}, ["The retired code 400-264 x is used again, by 400-264 body-absent."]),
    ],
)
def test_retired_code_is_not_used_again(tmp_path: Path, retired: dict[str, str], messages: list[str]) -> None:
    """Neither its number nor its name; a retired code need not exist any more."""
    shutil.copytree(RATE_ACTIVITY, tmp_path / "a", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "a" / "schemas" / NAME / "codes.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"retired": retired}))
    assert summarize(lint(NAME, Home.at(tmp_path / "a")).findings) == [("L312", message) for message in messages]


@pytest.mark.parametrize("name", ["0", "", "\u0663", "12", "reason/0"])
def test_member_with_an_odd_name_is_counted_as_unknown(tmp_path: Path, name: str) -> None:
    """A name of digits is not an index, and an empty one is not the root."""
    shutil.copytree(RATE_ACTIVITY, tmp_path / "a", ignore=shutil.ignore_patterns("__pycache__"))
    body = {"score": {"value": "good", name: 1}, name: 1, "reasons": {"reason": ["slow", {name: 1}], name: 1}}
    (tmp_path / "a" / "fixtures" / NAME / "reject" / "400-721-odd.json").write_text(json.dumps(body))
    result = lint(NAME, Home.at(tmp_path / "a"))
    assert (summarize(result.findings), result.coverage is not None) == ([], True)
    rows = {row.attribute: row.keywords for row in result.coverage.schema} if result.coverage else {}
    counts = {attribute: rows[attribute]["additionalProperties"] for attribute in ("body", "score", "reasons")}
    assert counts == {"body": 2, "score": 1, "reasons": 1}  # another fixture has an unknown member too
    assert rows["reasons.reason"]["type"] == 1


def test_invalid_format_string_is_reported(tmp_path: Path) -> None:
    """At the code; its placeholders are unknown."""
    rules = (RATE_ACTIVITY / "rules" / "rate_activity.py").read_text()
    found = lint_with_rules(tmp_path / "a", rules.replace("'{attribute}' repeats", "'{attribute' repeats"))
    expected = "The message of 400-803 is not a valid format string; write a literal brace twice."
    assert [message for code, message in found if code == "L307"] == [expected]


def test_placeholder_may_name_a_part_of_its_parameter(tmp_path: Path) -> None:
    """Format strings allow indices and attributes."""
    rules = (RATE_ACTIVITY / "rules" / "rate_activity.py").read_text()
    found = lint_with_rules(tmp_path / "a", rules.replace("score {score}", "score {score[0]}{score.__len__}"))
    assert [code for code, _ in found] == ["L501"]  # its released message has another placeholder


def test_rules_with_unreadable_source_are_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings could not be located."""
    shutil.copytree(RATE_ACTIVITY, tmp_path / "a", ignore=shutil.ignore_patterns("__pycache__"))
    unreadable = SourceError(read_json("r.py", b"1").locate(), "no")
    monkeypatch.setattr("validator.lint.linter.read_python", Mock(side_effect=unreadable))
    result = lint(NAME, Home.at(tmp_path / "a"))
    assert summarize(result.findings) == [("L101", "no.")]
    assert result.undecided == ["L3, L4: the rules cannot be used"]


def test_byte_order_mark_in_rules_is_supported(tmp_path: Path) -> None:
    """Python supports it too."""
    rules = (RATE_ACTIVITY / "rules" / "rate_activity.py").read_text()
    assert lint_with_rules(tmp_path / "a", "\ufeff" + rules) == []


FACTORY = """
def commented(code, score):
    @rule(code)
    def needs_comment(rating, _facts):
        \"\"\"Some scores do not speak for themselves.\"\"\"
        if rating.value != score or rating.comment is not None:
            return NOTHING
        return (code.at(path=("comment",), score=score),)

    return needs_comment


RULES = (*RULES[:1], commented(POOR_WITHOUT_COMMENT, "poor"), commented(POOR_WITHOUT_COMMENT, "never"), *RULES[2:])
"""


def test_function_may_make_several_rules(tmp_path: Path) -> None:
    """Each is listed once; the rule that they replace is not listed."""
    rules = (RATE_ACTIVITY / "rules" / "rate_activity.py").read_text()
    assert lint_with_rules(tmp_path / "a", rules + FACTORY) == [("L314", "Rule poor_score_has_a_comment is not in RULES.")]
    rules = rules.replace('POOR_WITHOUT_COMMENT.at(("comment",)', 'POOR_WITHOUT_COMMENT.at(path=("comment",)')
    assert lint_with_rules(tmp_path / "b", rules) == []
