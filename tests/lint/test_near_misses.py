"""Near misses: one edit of an accepted request breaks its rule."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.lint.artefacts import NAME, summarize
from tests.paths import RATE_ACTIVITY
from validator.body.shape import compile_shape
from validator.lint import near_misses
from validator.lint.linter import lint
from validator.model.directory import Activity, Customer, Facts
from validator.operation.home import Home
from validator.operation.reports import RuleInput

TEXT = {"type": "string"}
ENTRY = {"type": "object", "additionalProperties": False, "properties": {"name": TEXT, "value": TEXT}}
SHAPE = compile_shape(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "id": {"type": "object", "additionalProperties": False, "properties": {"id": TEXT}},
            "on": {"type": "boolean"},
            "list": {"type": "array", "items": ENTRY},
            "other": {"type": "array", "items": TEXT},
        },
    }
)
FACTS = Facts(customers={"5": Customer("5")}, activities={"6": Activity("6", "5")})


def edit(tree: Any, *broken: Any) -> list[Any]:
    """Return the trees of all edits."""
    one = RuleInput(tree, "1", "2", None)
    edits = near_misses._edit_input(one, [one._replace(tree=other) for other in broken], SHAPE, Facts())
    return [edited.tree for edited in edits if edited.tree is not tree]


def test_ids_are_edited() -> None:
    """With those of rejected requests and of the reference data; the customer may be absent."""
    edits = near_misses._edit_input(RuleInput({}, "1", "2", "3"), [RuleInput({}, "7", "8", "9")], SHAPE, FACTS)
    assert [edited[1:] for edited in edits] == [
        *[("1", "2", customer) for customer in ("9", "5", None)],
        *[("1", activity, "3") for activity in ("8", "6")],
        *[(caller, "2", "3") for caller in ("7", "5")],
    ]


def test_values_are_changed_removed_and_repeated() -> None:
    """Each edit is one value or one entry; the tree itself stays."""
    tree = {"on": True, "other": ["a"]}
    assert edit(tree, {"other": ["b"]}) == [
        {"on": False, "other": ["a"]},
        {"other": ["a"]},
        {"on": True},
        *({"on": True, "other": [text]} for text in ("b", "", "0", "strange", "\n", "-")),
        {"on": True, "other": []},
        {"on": True, "other": ["a", "a"]},
    ]
    assert tree == {"on": True, "other": ["a"]}


def test_missing_value_is_added_with_the_objects_around_it() -> None:
    """Also in each entry of a list; a new entry of a list, or two values, are more than one edit."""
    broken = {"id": {"id": "7"}, "list": [{"name": "n", "value": "v"}], "other": ["x"]}
    added = edit({"list": [{"name": "m"}, {}]}, broken)[:5]
    assert added == [
        {"list": [{"name": "m"}, {}], "id": {"id": "7"}},
        {"list": [{"name": "m"}, {"name": "n"}]},
        {"list": [{"name": "m"}, {"name": "m"}]},
        {"list": [{"name": "m", "value": "v"}, {}]},
        {"list": [{"name": "m"}, {"value": "v"}]},
    ]
    assert edit({}, {"list": [{"name": "n"}], "strange": "x", "id": {"strange": "x"}}) == []


def lint_with(folder: Path, name: str, text: str) -> list[tuple[str, str]]:
    """Return the findings of rate-activity with one accepted fixture more."""
    shutil.copytree(RATE_ACTIVITY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "fixtures" / NAME / "accept" / name).write_text(text)
    return summarize(lint(NAME, Home.at(folder)).findings)


POST = "PUT /activities/2001/rating HTTP/1.1\nContent-Type: application/json\n\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("400-802-near.json", '{"score": {"value": "good"}}', []),
        ("400-803-near.json", '{"score": {"value": "good"}, "reasons": {"reason": ["slow"]}}', []),
        ("400-803-far.json", '{"score": {"value": "good"}}', ["reasons_differ, whose code 400-803"]),
        (
            "400-803-two.http",
            (
                f'{POST}{{"score": {{"value": "good"}}}}\n\n###\n'
                f'{POST}{{"score": {{"value": "good"}}, "reasons": {{"reason": ["slow"]}}}}'
            ),
            [],
        ),
        ("400-802-refused.json", "{}", None),
        ("400-720-any.json", '{"score": {"value": "good"}}', []),
    ],
)
def test_accepted_fixture_is_a_near_miss(tmp_path: Path, name: str, text: str, expected: list[str] | None) -> None:
    """One request of a file is enough; a fixture that is refused has another finding."""
    found = lint_with(tmp_path / "a", name, text)
    if expected is None:
        assert [code for code, _ in found] == ["L401"]
    else:
        assert found == [("L411", f"No single edit of the request breaks {one} is in the name.") for one in expected]


def test_rule_that_cannot_be_tried_is_undecided(tmp_path: Path) -> None:
    """Without a rejected request, or without its reference data, nothing is known; that has findings of its own."""
    shutil.copytree(RATE_ACTIVITY, tmp_path / "a", ignore=shutil.ignore_patterns("__pycache__"))
    fixtures = tmp_path / "a" / "fixtures"
    for path in (fixtures / NAME / "reject").glob("400-803-*"):
        path.unlink()
    (fixtures / NAME / "accept" / "400-803-far.json").write_text('{"score": {"value": "good"}}')
    (fixtures / "directory.json").unlink()
    codes = {code for code, _ in summarize(lint(NAME, Home.at(tmp_path / "a")).findings)}
    assert codes == {"L402", "L404"}
