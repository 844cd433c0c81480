"""``lint``: what it is asked to look at, and how it tells what it finds."""

import json
import shutil
from pathlib import Path

import pytest

from tests.commands import run, write
from tests.paths import RATE_ACTIVITY
from validator.lint import catalogue
from validator.output.finding import FindingKind

SECOND = RATE_ACTIVITY
XSD = "schemas/rate-activity/request.xsd"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SECOND, tmp_path / "home", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path / "home")


def edit(file: str, old: str, new: str) -> None:
    """Edit an artefact."""
    text = Path(file).read_text(encoding="utf-8")
    assert old in text
    write(file, text.replace(old, new, 1))


@pytest.mark.parametrize("folder", [[], ["schemas"], ["schemas/rate-activity"], ["schemas/rate-activity/"], ["./schemas"]])
def test_an_operation_of_ones_own_is_clean(folder: list[str]) -> None:
    """The folder of schemas, or of one operation in it, or what is here."""
    outcome = run("lint", *folder)
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, "1 operation: 0 findings.\n", "")


def test_inside_the_folder_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folders beside are found from there."""
    monkeypatch.chdir("schemas/rate-activity")
    assert run("lint", ".").stdout == "1 operation: 0 findings.\n"
    Path("deeper").mkdir()
    monkeypatch.chdir("deeper")
    assert run("lint", "..").stdout == "1 operation: 0 findings.\n"


def test_the_configuration_says_where_operations_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its home; ``--isolated`` forgets it."""
    monkeypatch.chdir(tmp_path)
    write("activity-validator.toml", 'home = "home"\n')
    edit("home/" + XSD, '"good"', '"god"')
    assert run("lint").stdout.splitlines()[0].startswith("home/schemas/rate-activity/request.schema.json:21:20: L206 ")
    assert run("lint", "--isolated").stdout == "1 operation: 0 findings.\n"
    write("other.toml", "")
    assert run("lint", "--config", "other.toml").stdout == "1 operation: 0 findings.\n"


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("none", "none: no such folder"),
        ("fixtures", "fixtures: no operation found; expected a folder with operation.json for each"),
        ("directory.json", "directory.json: no such folder"),
    ],
)
def test_what_cannot_be_linted_is_a_usage_error(folder: str, words: str) -> None:
    """Exit status 2."""
    assert run("lint", folder) == (2, "", f"activity-validator: error: {words}\n")


def test_a_difference_is_shown_from_both_sides() -> None:
    """With both sources, and how to mend it."""
    edit(XSD, '<xs:enumeration value="unfriendly"/>', '<xs:enumeration value="rude"/>')
    words = "Attribute 'reasons.reason' lists 'unfriendly' in JSON Schema only and 'rude' in XSD only."
    outcome = run("lint", "--show-source", "schemas")
    assert (outcome.exit_code, outcome.stdout.splitlines()) == (
        1,
        [
            f"schemas/rate-activity/request.schema.json:52:30: L206 {words}",
            '  52 |             "enum": ["slow", "unfriendly", "wrong"]',
            "     |                              ^^^^^^^^^^^^",
            "     = fix: List the same values in both.",
            "  schemas/rate-activity/request.xsd:57:21: the XSD says otherwise here",
            '  57 |                     <xs:enumeration value="rude"/>',
            "     |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
            "1 operation: 1 finding.",
        ],
    )


def test_json_has_findings_what_is_undecided_and_the_coverage() -> None:
    """Each finding with both places."""
    edit(XSD, 'name="comment" minOccurs="0"', 'name="comment"')
    Path("schemas/rate-activity/codes.json").unlink()
    told = json.loads(run("lint", "--format", "json", "--coverage").stdout)
    assert told["operations"] == ["rate-activity"]
    required, refused = told["findings"][:2]
    assert (required["code"], required["line"], [place["file"] for place in required["related"]]) == ("L203", 31, [XSD])
    assert (refused["code"], refused["file"]) == ("L401", "fixtures/rate-activity/accept/400-803-two-reasons.xml")
    assert told["undecided"] == [
        {"operation": "rate-activity", "what": "L311, L312: there is no codes.json with the codes of the last release"}
    ]
    (coverage,) = told["coverage"]
    assert coverage["rules"][1] == {"rule": "poor_score_has_a_comment", "code": "400-802", "fired": 1, "near_missed": 3}
    assert coverage["schema"][2] == {
        "attribute": "score.value",
        "accepted": 5,
        "keywords": {"type": 0, "enum": 1, "required": 0},
    }
    assert "coverage" not in json.loads(run("lint", "--format", "json").stdout)


def test_the_coverage_is_a_table() -> None:
    """Codes, rules, attributes, and a line of totals for each."""
    lines = run("lint", "--coverage").stdout.splitlines()
    assert lines[:4] == ["1 operation: 0 findings.", "coverage of rate-activity", "", f"{'code':36}  {'refused':>8}  near misses"]
    assert f"{'400-801 activity_is_the_customers':32}  {1:8}  1" in lines
    assert f"{'score.value':14}  {6:8}  type 0, enum 1, required 0" in lines
    assert lines[-6:] == [
        "codes refused: 28 of 29",
        "rules fired: 3 of 3",
        "rules nearly broken: 3 of 3",
        "attributes accepted: 8 of 8",
        "keywords broken: 5 of 16",
        "",
    ]
    assert run("lint", "--coverage", "--quiet").stdout == ""


def test_every_kind_is_a_case_of_the_report_and_a_rule_of_the_log() -> None:
    """JUnit and SARIF list what was looked at, also where nothing was found."""
    junit = run("lint", "--format", "junit").stdout
    log = json.loads(run("lint", "--format", "sarif").stdout)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [kind.code for kind in catalogue.KINDS]
    assert all(f'name="{kind.code} {kind.name}"' in junit for kind in catalogue.KINDS)
    assert log["runs"][0]["results"] == []


@pytest.mark.parametrize("kind", catalogue.KINDS, ids=lambda kind: kind.code)
def test_every_kind_is_explained(kind: FindingKind) -> None:
    """By its code, whatever its case, or by its name."""
    expected = [
        f"{kind.code} {kind.name}",
        f"  rule:    {kind.requirement}",
        f"  reason:  {kind.reason}",
        f"  fix:     {kind.fix}",
    ]
    for asked in (kind.code, kind.code.lower(), kind.name):
        assert run("explain", asked).stdout.splitlines() == expected


def test_reference_data_may_be_left_out() -> None:
    """Then the rules that need it are not decided, and the report says so."""
    Path("fixtures/directory.json").unlink()
    outcome = run("lint")
    assert outcome.stdout.splitlines()[-1] == (
        "not decided in rate-activity: L4 of rules that need reference data: there is no directory.json among the fixtures"
    )
    assert [line.split()[1] for line in outcome.stdout.splitlines() if line.startswith("fixtures")] == ["L402"]


def test_a_schema_of_another_kind_is_told() -> None:
    """One that is no object is no schema for the engine."""
    write("schemas/rate-activity/request.schema.json", "true")
    outcome = run("lint")
    assert outcome.stdout.splitlines()[0] == "schemas/rate-activity/request.schema.json:1:1: L102 The schema is no object."
