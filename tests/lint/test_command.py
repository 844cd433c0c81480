"""The command ``lint``: the folders it accepts, and its output."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.commands import run, write
from tests.paths import RATE_ACTIVITY
from validator.lint import catalogue
from validator.output.finding import FindingKind

XSD = "schemas/rate-activity/request.xsd"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(RATE_ACTIVITY, tmp_path / "home", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path / "home")


def edit(file: str, old: str, new: str) -> None:
    """Edit an artefact."""
    text = Path(file).read_text(encoding="utf-8")
    assert old in text
    write(file, text.replace(old, new, 1))


@pytest.mark.parametrize("folder", [[], ["schemas"], ["schemas/rate-activity"], ["schemas/rate-activity/"], ["./schemas"], ["."]])
def test_custom_operation_has_no_findings(folder: list[str]) -> None:
    """Given the folder of schemas or of an operation, or by default in the current folder."""
    outcome = run("lint", *folder)
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, "1 operation in schemas (rate-activity): 0 findings.\n", "")


def test_current_folder_of_an_operation_is_linted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folders of rules and fixtures are found from there."""
    clean = f"1 operation in {Path('schemas').resolve()} (rate-activity): 0 findings.\n"
    monkeypatch.chdir("schemas/rate-activity")
    assert run("lint", ".").stdout == clean
    assert run("lint", "..").stdout == clean
    Path("deeper").mkdir()
    monkeypatch.chdir("deeper")
    assert run("lint", "..").stdout == clean


def test_home_of_the_configuration_is_linted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Unless --isolated is given."""
    monkeypatch.chdir(tmp_path)
    write("activity-validator.toml", 'home = "home"\n')
    edit("home/" + XSD, '"good"', '"god"')
    assert run("lint").stdout.splitlines()[0].startswith("home/schemas/rate-activity/request.schema.json:21:20: L206 ")
    assert run("lint", "--isolated").stdout == "1 operation in this package (create-email-response): 0 findings.\n"
    write("other.toml", "")
    assert run("lint", "--config", "other.toml").stdout == "1 operation in this package (create-email-response): 0 findings.\n"


def test_every_configured_home_is_linted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also those of configurations below, each once, and with the suppressions of its configuration."""
    monkeypatch.chdir(tmp_path)
    for place in ("b/api", "b/.hidden/api", "c/api"):
        shutil.copytree("home", place)
    edit("home/" + XSD, '"good"', '"god"')
    edit("b/api/" + XSD, '"good"', '"god"')
    write("activity-validator.toml", 'home = "home"\n[[overrides]]\npaths = ["a"]\nhome = "c/api"\n')
    suppress = "".join(f'[[suppress]]\npath = "api"\ncode = "{code}"\nreason = "until May"\n' for code in ("L206", "L403"))
    write("b/activity-validator.toml", f'home = "api"\n{suppress}')
    write("b/.hidden/activity-validator.toml", 'home = "api"\n')
    write("c/pyproject.toml", '[tool.activity-validator]\nhome = "api"\n'), write("d/pyproject.toml", "[tool.other]\n")
    outcome = run("lint", "--format", "json")
    document = json.loads(outcome.stdout)
    assert document["homes"] == [
        {"schemas": f"{home}/schemas", "operations": ["rate-activity"]} for home in ("home", "c/api", "b/api")
    ]
    assert document["operations"] == ["rate-activity"] * 3
    assert {finding["file"].partition("/schemas")[0] for finding in document["findings"] if finding["code"] == "L206"} == {"home"}
    assert {one["file"].partition("/schemas")[0] for one in document["suppressed"] if one["code"] == "L206"} == {"b/api"}
    summary = run("lint").stdout.splitlines()[-1]
    homes = ", ".join(f"{home}/schemas (rate-activity)" for home in ("home", "c/api", "b/api"))
    assert summary.startswith(f"3 operations in {homes}: ")
    assert run("lint", "--config", "c/pyproject.toml").stdout == "1 operation in c/api/schemas (rate-activity): 0 findings.\n"
    folders = re.findall(r'<testcase classname="([^"]+)"', run("lint", "--format", "junit").stdout)
    assert list(dict.fromkeys(folders)) == ["home/schemas", "c/api/schemas", "b/api/schemas"]


@pytest.mark.parametrize("folder", ["schemas", "schemas/rate-activity"])
def test_folder_of_schemas_is_linted_from_inside(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    """And not the operations of the package."""
    monkeypatch.chdir(folder)
    outcome = run("lint", "--isolated")
    place = "." if folder == "schemas" else str(Path.cwd().parent)
    assert outcome == (0, f"1 operation in {place} (rate-activity): 0 findings.\n", "")


def test_folder_of_an_operation_is_named_inside_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rules and fixtures stand next to the working directory."""
    monkeypatch.chdir("schemas")
    for folder in ("rate-activity", "./rate-activity/"):
        assert run("lint", "--isolated", folder) == (0, "1 operation in . (rate-activity): 0 findings.\n", "")


def test_schemas_without_an_operation_are_an_error() -> None:
    """The operations of the package are not linted in their place."""
    shutil.rmtree("schemas/rate-activity")
    reason = "schemas: no operation found; expected a folder with operation.json for each"
    assert run("lint", "--isolated") == (2, "", f"activity-validator: error: {reason}\n")


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("none", "none: no such folder"),
        ("fixtures", "fixtures: no operation found; expected a folder with operation.json for each"),
        ("directory.json", "directory.json: no such folder"),
        ("--home=fixtures", "fixtures/schemas: no operation found; expected a folder with operation.json for each"),
        ("schemas --home .", "--home . and the folder schemas exclude each other"),
    ],
)
def test_unusable_folder_is_a_usage_error(folder: str, message: str) -> None:
    """With exit status 2."""
    assert run("lint", *folder.split()) == (2, "", f"activity-validator: error: {message}\n")


def test_difference_is_shown_in_both_schemas() -> None:
    """With both source lines and the fix."""
    edit(XSD, '<xs:enumeration value="unfriendly"/>', '<xs:enumeration value="rude"/>')
    message = "Attribute 'reasons.reason' lists 'unfriendly' in JSON Schema only and 'rude' in XSD only."
    outcome = run("lint", "--show-source", "schemas")
    assert (outcome.exit_code, outcome.stdout.splitlines()) == (
        1,
        [
            f"schemas/rate-activity/request.schema.json:52:30: L206 {message}",
            '  52 |             "enum": ["slow", "unfriendly", "wrong"]',
            "     |                              ^^^^^^^^^^^^",
            "     = fix: List the same values in both schemas.",
            "  schemas/rate-activity/request.xsd:57:21: the XSD differs here",
            '  57 |                     <xs:enumeration value="rude"/>',
            "     |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
            "1 operation in schemas (rate-activity): 1 finding.",
        ],
    )


def test_json_output_has_findings_undecided_checks_and_coverage() -> None:
    """Each finding with its related locations."""
    edit(XSD, 'name="comment" minOccurs="0"', 'name="comment"')
    Path("schemas/rate-activity/codes.json").unlink()
    document = json.loads(run("lint", "--format", "json", "--coverage").stdout)
    assert document["operations"] == ["rate-activity"]
    required, refused = document["findings"][:2]
    assert (required["code"], required["line"], [place["file"] for place in required["related"]]) == ("L203", 31, [XSD])
    assert (refused["code"], refused["file"]) == ("L401", "fixtures/rate-activity/accept/400-803-two-reasons.xml")
    assert document["undecided"] == [
        {"operation": "rate-activity", "what": "L311, L312: there is no codes.json with the codes of the last release"}
    ]
    (coverage,) = document["coverage"]
    assert coverage["rules"][1] == {"rule": "poor_score_has_a_comment", "code": "400-802", "fired": 1, "near_missed": 3}
    assert coverage["schema"][2] == {
        "attribute": "score.value",
        "accepted": 5,
        "keywords": {"type": 0, "enum": 1, "required": 0},
    }
    assert "coverage" not in json.loads(run("lint", "--format", "json").stdout)


def test_coverage_is_printed_as_tables() -> None:
    """For codes, rules and attributes, with totals."""
    lines = run("lint", "--coverage").stdout.splitlines()
    assert lines[:4] == [
        "1 operation in schemas (rate-activity): 0 findings.",
        "coverage of rate-activity",
        "",
        f"{'code':36}  {'refused':>8}  near misses",
    ]
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


@pytest.mark.parametrize("release", [(), ("--against", ".")])
def test_junit_and_sarif_list_every_kind(release: tuple[str, ...]) -> None:
    """Including kinds without a finding; changes only where a release was compared."""
    junit = run("lint", "--format", "junit", *release).stdout
    log = json.loads(run("lint", "--format", "sarif", *release).stdout)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    kinds = [kind for kind in catalogue.KINDS if release or not kind.code.startswith("L6")]
    assert [rule["id"] for rule in rules] == [*(kind.code for kind in kinds), "C101"]
    assert re.findall(r'<testcase classname="schemas" name="(\S+)', junit) == [rule["id"] for rule in rules]
    assert log["runs"][0]["results"] == []


@pytest.mark.parametrize("kind", catalogue.KINDS, ids=lambda kind: kind.code)
def test_explain_shows_a_kind(kind: FindingKind) -> None:
    """By its code, in any case, or by its name."""
    expected = [
        f"{kind.code} {kind.name}",
        f"  rule:    {kind.requirement}",
        f"  reason:  {kind.reason}",
        f"  fix:     {kind.fix}",
        "",
        "example:",
        *(f"    {line}" for line in kind.example.splitlines()),
    ]
    for text in (kind.code, kind.code.lower(), kind.name):
        assert run("explain", text).stdout.splitlines() == expected


def test_missing_reference_data_is_undecided() -> None:
    """Rules that need it are not checked."""
    Path("fixtures/directory.json").unlink()
    outcome = run("lint")
    assert outcome.stdout.splitlines()[-1] == (
        "not decided in rate-activity: L4 of rules that need reference data: there is no directory.json with the fixtures"
    )
    assert [line.split()[1] for line in outcome.stdout.splitlines() if line.startswith("fixtures")] == ["L402"]


def test_boolean_schema_is_reported() -> None:
    """A JSON Schema may be true or false; the engine needs an object."""
    write("schemas/rate-activity/request.schema.json", "true")
    outcome = run("lint")
    assert (
        outcome.stdout.splitlines()[0]
        == "schemas/rate-activity/request.schema.json:1:1: L102 The schema must be an object, not true or false."
    )
