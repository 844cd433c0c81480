"""``lint --against``: exit statuses, selection, suppressions and every output format."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.commands import run, write
from tests.lint.changes.homes import copy_home
from tests.lint.changes.planted import SCHEMA
from tests.paths import RATE_ACTIVITY

RELEASE = str(RATE_ACTIVITY)
XSD = "schemas/rate-activity/request.xsd"
BREAKING = f"{SCHEMA}:35:7: L604 Breaking: attribute 'comment' no longer accepts strings such as 'a'."
COMPATIBLE = f"{SCHEMA}:52:53: L653 Compatible: attribute 'reasons.reason' now accepts 'late'."
LATE = '                    <xs:enumeration value="late"/>\n'


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Change the home so that a plain run has no finding: one change is breaking, one is compatible."""
    edits = [
        (SCHEMA, '"minLength": 1,', '"minLength": 2,'),
        (XSD, '<xs:minLength value="1"/>', '<xs:minLength value="2"/>'),
        (SCHEMA, '"wrong"]', '"wrong", "late"]'),
        (XSD, '<xs:enumeration value="wrong"/>\n', f'<xs:enumeration value="wrong"/>\n{LATE}'),
    ]
    monkeypatch.chdir(copy_home(tmp_path / "home", edits))


def summarize(breaking: int, compatible: int) -> str:
    """Return the last line of the text."""
    return f"changes since {RELEASE}: {breaking} breaking, {compatible} compatible, 0 not decided."


def test_breaking_change_fails_the_run() -> None:
    """Compatible ones are notes, which the summary counts apart."""
    assert run("lint") == (0, "1 operation in schemas (rate-activity): 0 findings.\n", "")
    lines = [BREAKING, COMPATIBLE, "1 operation in schemas (rate-activity): 1 finding.", summarize(1, 1), ""]
    assert run("lint", "--against", RELEASE) == (1, "\n".join(lines), "")
    assert run("lint", "--against", RELEASE, "--quiet").stdout == f"{BREAKING}\n"


def test_compatible_changes_do_not_fail_the_run() -> None:
    """Nor do suppressed breaking ones."""
    lines = [COMPATIBLE, "1 operation in schemas (rate-activity): 0 findings.", summarize(0, 1), ""]
    assert run("lint", "--against", RELEASE, "--ignore", "L60") == (0, "\n".join(lines), "")
    write("activity-validator.toml", '[[suppress]]\npath = "schemas"\ncode = "L604"\nreason = "announced in May"\n')
    outcome = run("lint", "--against", RELEASE)
    assert (outcome.exit_code, outcome.stdout.splitlines()[1]) == (
        0,
        "1 operation in schemas (rate-activity): 0 findings, 1 suppressed.",
    )
    # A run that compares no release does not know whether the suppression is needed.
    assert run("lint").exit_code == 0
    unused = run("lint", "--against", ".").stdout
    assert unused.startswith("activity-validator.toml:1: C101") or " C101 " in unused


def test_changes_are_selected() -> None:
    """By their codes; alone they need a release."""
    outcome = run("lint", "--against", RELEASE, "--select", "L65")
    assert (outcome.exit_code, outcome.stdout.splitlines()[0]) == (0, COMPATIBLE)
    assert run("lint", "--select", "L601,L65") == (
        2,
        "",
        "activity-validator: error: --select: changes (L6) are reported with --against only\n",
    )


def test_json_has_the_release_and_each_change() -> None:
    """Its level says whether it is breaking."""
    document = json.loads(run("lint", "--against", RELEASE, "--format", "json").stdout)
    assert document["against"] == {"release": RELEASE, "breaking": 1, "compatible": 1, "undecided": 0}
    keys = ("code", "name", "level", "file", "line", "column")
    assert [tuple(finding[key] for key in keys) for finding in document["findings"]] == [
        ("L604", "values-narrowed", "error", SCHEMA, 35, 7),
        ("L653", "values-widened", "note", SCHEMA, 52, 53),
    ]
    assert "against" not in json.loads(run("lint", "--format", "json").stdout)


def test_sarif_has_the_counts_and_each_change() -> None:
    """With its level and its place."""
    (log,) = json.loads(run("lint", "--against", RELEASE, "--format", "sarif").stdout)["runs"]
    assert log["invocations"][0]["properties"] == {"breaking": 1, "compatible": 1, "undecided": 0}
    found = [
        (one["ruleId"], one["level"], one["message"]["text"].partition(":")[0], one["locations"][0]["physicalLocation"])
        for one in log["results"]
    ]
    assert [one[:3] for one in found] == [("L604", "error", "Breaking"), ("L653", "note", "Compatible")]
    assert [(one[3]["region"]["startLine"], one[3]["region"]["startColumn"]) for one in found] == [(35, 7), (52, 53)]


def test_ci_formats_have_each_change() -> None:
    """GitHub, GitLab and JUnit."""
    error, notice, *_ = run("lint", "--against", RELEASE, "--format", "github").stdout.splitlines()
    assert re.match(rf"::error file={SCHEMA},line=35,endLine=35,col=7,endColumn=17,title=L604 values-narrowed::Breaking: ", error)
    assert re.match(rf"::notice file={SCHEMA},line=52,.*,title=L653 values-widened::Compatible: ", notice)
    issues = json.loads(run("lint", "--against", RELEASE, "--format", "gitlab").stdout)
    assert [(one["check_name"], one["severity"], one["location"]["lines"]["begin"]) for one in issues] == [
        ("L604 values-narrowed", "major", 35),
        ("L653 values-widened", "info", 52),
    ]
    suites = ET.fromstring(run("lint", "--against", RELEASE, "--format", "junit").stdout)
    cases = {case.attrib["name"]: case for case in suites.iter("testcase")}
    assert cases["L604 values-narrowed"].find("failure") is not None
    (output,) = cases["L653 values-widened"]
    assert (output.tag, str(output.text).splitlines()[0]) == ("system-out", COMPATIBLE)
    assert suites.attrib["failures"] == "1"


def test_fixes_are_made_before_the_comparison() -> None:
    """The table of codes that --fix writes is the one that is compared."""
    write("schemas/rate-activity/codes.json", '{"codes": {}}')
    outcome = run("lint", "--fix", "--against", RELEASE)
    assert outcome.stdout.splitlines() == [
        BREAKING,
        COMPATIBLE,
        "1 operation in schemas (rate-activity): 1 finding.",
        summarize(1, 1),
    ]
