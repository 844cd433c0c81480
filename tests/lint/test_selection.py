"""Which kinds of findings are reported: --select, --ignore, and the suppressions of the configuration."""

import shutil
from pathlib import Path

import pytest

from tests.commands import run, write
from tests.paths import RATE_ACTIVITY
from validator.lint.catalogue import KINDS
from validator.lint.selection import Selection

ERROR = "activity-validator: error: "
SCHEMA = "schemas/rate-activity/request.schema.json"
XSD = Path("schemas/rate-activity/request.xsd")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(RATE_ACTIVITY, tmp_path / "home", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path / "home")
    XSD.write_text(XSD.read_text().replace('<xs:enumeration value="unfriendly"/>', '<xs:enumeration value="rude"/>'))


def list_codes(*arguments: str) -> list[str]:
    """Return the codes that a run reports."""
    return [line.split()[1] for line in run("lint", *arguments).stdout.splitlines() if line[:1] not in {" ", "1", "n"}]


def suppress(*tables: tuple[str, str]) -> None:
    """Write a configuration with suppressions. tables: path and code."""
    texts = (f'[[suppress]]\npath = "{path}"\ncode = "{code}"\nreason = "until May"\n' for path, code in tables)
    write("activity-validator.toml", "\n".join(texts))


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (None, None, {"L1", "L2", "L3", "L4", "L5", "L6"}),
        (["L2"], None, {"L2"}),
        (["L2,L4"], None, {"L2", "L4"}),
        (["l2", "L4"], None, {"L2", "L4"}),
        (None, ["L2", "L3"], {"L1", "L4", "L5", "L6"}),
        (["L"], ["L1", "L3, L4"], {"L2", "L5", "L6"}),
        (["L2"], ["L2"], set()),
        (["L2"], ["L"], {"L2"}),
    ],
)
def test_families_are_selected(select: list[str] | None, ignore: list[str] | None, expected: set[str]) -> None:
    """By the longest prefix; of equal ones by ``ignore``."""
    selection = Selection.of(select, ignore)
    assert {kind.code[:2] for kind in KINDS if selection.has(kind)} == expected


def test_longer_prefix_takes_precedence() -> None:
    """Whichever option has it."""
    assert {kind.code for kind in KINDS if Selection.of(["L204"], ["L2"]).has(kind)} == {"L204"}
    assert "L204" not in {kind.code for kind in KINDS if Selection.of(["L2"], ["L204"]).has(kind)}


def test_run_reports_selected_kinds() -> None:
    """Its exit status is that of the selected findings."""
    assert [list_codes(*arguments) for arguments in ([], ["--select", "L2"], ["--ignore", "L206"])] == [["L206"], ["L206"], []]
    assert [run("lint", *arguments).exit_code for arguments in ([], ["--select", "L3"], ["--ignore=L2"])] == [1, 0, 0]


@pytest.mark.parametrize(
    ("option", "text", "rest"),
    [
        ("--select", "L27", "'L27'; did you mean 'L207'?"),
        ("--ignore", "enumeration-differs", "'enumeration-differs'; did you mean 'L206'?"),
        ("--select", "L2,", "''; expected a code such as L204, or the beginning of codes, such as L2"),
        ("--select", "400-722", "'400-722'; expected a code such as L204, or the beginning of codes, such as L2"),
    ],
)
def test_unknown_code_is_a_usage_error(option: str, text: str, rest: str) -> None:
    """With the code that is meant, if one is similar or has the name."""
    assert run("lint", option, text) == (2, "", f"{ERROR}{option}: no finding has the code {rest}\n")


def test_finding_is_suppressed_with_a_reason() -> None:
    """It is counted, and is in the JSON with its reason; other files and kinds are reported."""
    suppress((SCHEMA, "L206"))
    assert run("lint") == (0, "1 operation in schemas (rate-activity): 0 findings, 1 suppressed.\n", "")
    output = run("lint", "--format", "json").stdout
    assert '"suppressed": [\n    {\n      "code": "L206",' in output
    assert '"reason": "until May"' in output
    assert list_codes("--isolated") == ["L206"]


def test_unused_suppression_is_a_finding() -> None:
    """Of a path without the finding, of another code, and of one that does not exist."""
    suppress((SCHEMA, "L206"), (SCHEMA, "L207"), ("fixtures", "L206"), ("**/request.xsd", "L999"), ("other", "L206"))
    lines = run("lint").stdout.splitlines()
    assert lines == [
        f"activity-validator.toml:7:1: C101 The suppression of L207 in '{SCHEMA}' suppresses nothing.",
        "activity-validator.toml:12:1: C101 The suppression of L206 in 'fixtures' suppresses nothing.",
        "activity-validator.toml:17:1: C101 The suppression of L999 in '**/request.xsd' suppresses nothing.",
        "1 operation in schemas (rate-activity): 3 findings, 1 suppressed.",
    ]


def test_suppression_is_unused_only_where_its_kind_is_checked() -> None:
    """Not if the kind is not selected, if its check was skipped, or if not all operations are linted."""
    suppress((SCHEMA, "L207"), ("fixtures", "L401"), (SCHEMA, "400-722"))
    assert list_codes("--ignore", "L206") == ["C101", "C101"]
    assert list_codes("--ignore", "L2,C101") == []
    assert list_codes("--select", "L4,C101") == ["C101"]
    (Path("rules") / "rate_activity.py").unlink()
    assert list_codes("--ignore", "L206,L313") == ["C101"]
    shutil.copytree("schemas/rate-activity", "schemas/other")
    assert list_codes("schemas/rate-activity", "--ignore", "L206,L313") == []


def test_check_leaves_the_suppressions_of_lint_alone() -> None:
    """They are not unused, because it never reports these codes."""
    suppress((SCHEMA, "L207"))
    body = write("one.json", '{"score": {"value": "good"}}')
    outcome = run("check", "--home", ".", "--operation", "rate-activity", body)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
