"""Reports next to fixtures: what differs, and where."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands import run
from tests.paths import RATE_ACTIVITY

REJECT = Path("fixtures/rate-activity/reject")
REPORT = REJECT / "400-802-poor-without-comment.report"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(RATE_ACTIVITY, tmp_path / "home", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path / "home")
    REPORT.write_text("{}")
    run("lint", "--fix")


def edit(change: Callable[[Any], Any]) -> None:
    """Change the content of the report."""
    content = json.loads(REPORT.read_text())
    REPORT.write_text(json.dumps(change(content) or content))


def set_value(*path: Any) -> Callable[[Any], None]:
    """Return a change: the last item of the path is the new value of the one before."""

    def change(content: Any) -> None:
        *steps, last, value = path
        for step in steps:
            content = content[step]
        content[last] = value

    return change


FAILURE = ("reports", 0, "failures", 0)


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (set_value("reports", 0, "status", "400"), "L409", '"400" as reports[0].status; the engine gives 400'),
        (set_value("reports", 0, "accepted", 0), "L409", "0 as reports[0].accepted; the engine gives false"),
        (set_value("reports", 0, "failures", []), "L409", "none as reports[0].failures; the engine gives 400-802"),
        (set_value("reports", 0, "failures", [{"code": 1}] * 2), "L409", "1, 1 as reports[0].failures; the engine gives 400-802"),
        (set_value("reports", 0, "failures", 1), "L409", "1 as reports[0].failures; the engine gives 400-802"),
        (set_value("reports", 0, "skipped", ["x"]), "L409", '["x"] as reports[0].skipped; the engine gives none'),
        (set_value("reports", 0, "skipped", [{"code": "1"}]), "L409", "1 as reports[0].skipped; the engine gives none"),
        (set_value("reports", 0, "more", "x"), "L409", '"x" as reports[0].more; the engine gives false'),
        (set_value("reports", 0, "notes", "x"), "L409", '"x" as reports[0].notes; the engine gives nothing'),
        (
            set_value(*FAILURE, "pointer", "/score"),
            "L408",
            '"/score" as reports[0].failures[0].pointer; the engine gives "/comment"',
        ),
        (set_value(*FAILURE, "where", "path"), "L408", '"path" as reports[0].failures[0].where; the engine gives "body"'),
        (set_value(*FAILURE, "parameters", {}), "L409", None),
        (set_value("positions", ".json", [[[1, 2]]]), "L409", None),
        (set_value("positions", {}), "L409", None),
        (lambda _: [1], "L409", None),
        (lambda content: {"reports": content["reports"]}, "L409", None),
    ],
)
def test_difference_is_reported(change: Callable[[Any], Any], code: str, message: str | None) -> None:
    """At its place in the report, with both values; --fix writes the report, and nothing is left."""
    before = REPORT.read_text()
    edit(change)
    outcome = run("lint", "--select", "L4")
    lines = [line for line in outcome.stdout.splitlines() if line.startswith("fixtures")]
    assert [line.split()[1] for line in lines] == [code]
    assert lines[0].startswith(f"{REPORT}:")
    if message is not None:
        assert f" The report has {message}." in lines[0]
    assert run("lint", "--fix").exit_code == 0
    assert REPORT.read_text() == before


@pytest.mark.parametrize(
    "text", ["{", "", "[" * 1000, '{"reports": [], "reports": []}', "\ud800".encode("utf-8", "surrogatepass")]
)
def test_unreadable_report_is_reported(text: str | bytes) -> None:
    """At the first error; --fix writes it."""
    before = REPORT.read_text()
    REPORT.write_bytes(text if isinstance(text, bytes) else text.encode())
    (line, _) = run("lint").stdout.splitlines()
    assert f"{REPORT}:1:" in line
    assert " L409 The report cannot be read: " in line
    assert run("lint", "--fix").exit_code == 0
    assert REPORT.read_text() == before


def test_folder_in_place_of_a_report_is_reported() -> None:
    """As a report that cannot be read."""
    REPORT.unlink()
    REPORT.mkdir()
    (line, *_) = run("lint").stdout.splitlines()
    assert line.startswith(f"{REPORT}:1:1: L409 ")
    assert "Is a directory" in line


def test_long_value_is_cut() -> None:
    """And of many failures, ten codes are shown."""
    edit(set_value("reports", 0, "stage", "x" * 500))
    assert f'"{"x" * 119}... as reports[0].stage' in run("lint").stdout
    edit(set_value("reports", 0, "failures", [{"code": "400-101"}] * 12))
    assert f"{', '.join(['400-101'] * 10)}, ... as reports[0].failures" in run("lint").stdout


def test_rule_that_is_no_longer_skipped_is_shown() -> None:
    """As a related place."""
    skip = {"code": "400-803", "name": "reasons_differ", "reason": "reference data not supplied: settings"}
    edit(set_value("reports", 0, "skipped", [skip]))
    lines = run("lint").stdout.splitlines()
    assert lines[0].endswith("The report has 400-803 as reports[0].skipped; the engine gives none.")
    source = Path("rules/rate_activity.py").read_text().splitlines()
    assert (
        lines[1]
        == f"  rules/rate_activity.py:{source.index(next(one for one in source if 'def reasons_differ' in one)) + 1}:1: the rule"
    )


def test_twins_with_different_reports_are_not_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One report cannot be that of both, where a parameter of a failure differs."""
    shutil.copytree(".", "../other")  # rules are imported once for each folder
    monkeypatch.chdir("../other")
    rules = Path("rules/rate_activity.py")
    rules.write_text(rules.read_text().replace("score=rating.value)", 'score=rating.value + "".join(rating.reasons))'))
    path = REPORT.with_suffix(".xml")
    path.write_text(path.read_text().replace("</rating>", "<reasons><reason>slow</reason></reasons></rating>"))
    before = REPORT.read_text()
    outcome = run("lint", "--fix")
    assert (outcome.exit_code, outcome.stderr, REPORT.read_text()) == (1, "", before)
    assert "is required with the score poorslow." in outcome.stdout


def test_fixture_with_an_unexpected_result_has_no_second_finding() -> None:
    """Its report is not compared, and not written."""
    edit(set_value("reports", 0, "stage", "x"))
    for suffix in (".json", ".xml"):
        path = REPORT.with_suffix(suffix)
        path.write_text(path.read_text().replace("poor", "good"))
    before = REPORT.read_text()
    codes = [line.split()[1] for line in run("lint", "--fix").stdout.splitlines() if line.startswith("fixtures")]
    assert (set(codes), REPORT.read_text()) == ({"L402"}, before)
