"""Operations that were added and removed, and artefacts that cannot be compared: nothing is left out in silence."""

import shutil
from pathlib import Path

import pytest

from tests.lint.changes.homes import NAME, copy_home, format_change, list_changes
from tests.lint.changes.planted import CODES, OPERATION, RULES, SCHEMA, XSD, Edit
from tests.paths import RATE_ACTIVITY
from validator.lint.changes.comparison import find_changes
from validator.lint.schemas import schema_tree
from validator.operation.home import Home

DIRECTORY = "fixtures/directory.json"


def copy_operation(home: Path, name: str) -> None:
    """Add a copy of the operation under another name."""
    shutil.copytree(home / "schemas" / NAME, home / "schemas" / name)
    shutil.copytree(home / "fixtures" / NAME, home / "fixtures" / name)
    shutil.copyfile(home / RULES, home / "rules" / f"{name}.py")


def test_operations_are_added_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A removed one is breaking; it is not reported by a run over a part of the home."""
    old, new = copy_home(tmp_path / "old"), copy_home(tmp_path / "new")
    copy_operation(old, "gone")
    copy_operation(new, "more")
    monkeypatch.chdir(new)
    home = Home.at(".")
    assert [format_change(change) for change in find_changes(str(old), home, ["more"])] == [
        "L654 schemas/more/operation.json:1:1 Compatible: operation more was added.",
    ]
    assert [format_change(change) for change in find_changes(str(old), home, home.operations())] == [
        "L654 schemas/more/operation.json:1:1 Compatible: operation more was added.",
        "L605 schemas:1:1 Breaking: operation gone was removed.",
    ]


OPERATION_LINE = "L691 schemas/operation.json:1:1 Not decided: "
DATA_LINE = f"{OPERATION_LINE}the fixtures of the release are not checked, because their reference data cannot be read:"
SCHEMAS_LINE = (
    "L691 schemas/request.schema.json:1:1 Not decided: the JSON Schemas are not compared, because one of the two cannot be"
)
XSDS_LINE = (
    "L691 schemas/request.xsd:1:1 Not decided: the XSDs are not compared, because one of the two cannot be read or is too large."
)
TABLE_LINE = "L691 schemas/operation.json:1:1 Not decided: the common codes are not compared, because the release has no readable"
RULES_LINE = (
    "L691 rules/rate_activity.py:1:1 Not decided: the rules are not compared, because the text of the release does not list them."
)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ((SCHEMA, "{", "["), [f"{SCHEMAS_LINE} read or is too large."]),
        ((SCHEMA, "", None), [f"{SCHEMAS_LINE} read or is too large."]),
        ((XSD, "<xs:schema", "<xs:schema<"), [XSDS_LINE]),
        (
            (XSD, 'name="rating"', 'nam="rating"'),
            ["L603 schemas/request.xsd:12:3 Breaking: the root element of XML bodies is 'rating'; it was ''."],
        ),
        (
            (OPERATION, "{", "["),
            [f"{OPERATION_LINE}operation.json is not compared, because one of the two cannot be read or is too large."],
        ),
        (
            (OPERATION, '"PUT"', '"GET"'),
            [f"{OPERATION_LINE}operation.json is not compared, because that of the release is invalid."],
        ),
        (
            (OPERATION, None, "1"),
            [f"{OPERATION_LINE}operation.json is not compared, because that of the release is invalid."],
        ),
        (
            (OPERATION, '"lengths"', '"headers": [], "lengths"'),
            [
                f"{OPERATION_LINE}the member 'headers' of operation.json was removed, and is not compared.",
            ],
        ),
        ((CODES, "{", "["), [f"{TABLE_LINE} codes.json."]),
        ((CODES, "", None), [f"{TABLE_LINE} codes.json."]),
        ((CODES, None, '{"codes": []}'), [f"{TABLE_LINE} codes.json."]),
        ((RULES, "def read(", "def read(("), [RULES_LINE]),
        ((RULES, "", None), [RULES_LINE]),
        ((RULES, "RULES = (activity", "RULES = make(activity"), [RULES_LINE]),
        ((RULES, "RULES = (activity", "RULES = (*activity"), [RULES_LINE]),
        (
            (DIRECTORY, "{", "["),
            [f"{DATA_LINE} directory.json: "],
        ),
        (
            (f"fixtures/{NAME}/accept/400-801-for-the-other-customer.http", "PUT", "### a\n# @limit x\nPUT"),
            [
                f"{OPERATION_LINE}a fixture of the release is not checked, because it cannot be read: Invalid",
            ],
        ),
        ((f"fixtures/{NAME}/reject/400-801-of-another-customer.http", "PUT", "### a\n# @limit x\nPUT"), []),
    ],
)
def test_unreadable_release_is_not_decided(
    edit: Edit, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is compared."""
    old = copy_home(tmp_path / "old", [edit])
    monkeypatch.chdir(copy_home(tmp_path / "new"))
    lines = list_changes(old)
    assert [line[: len(start)] for line, start in zip(lines, expected, strict=True)] == expected


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ((SCHEMA, "{", "["), [f"{SCHEMAS_LINE} read or is too large."]),
        ((XSD, "<xs:schema", "<xs:schema<"), [XSDS_LINE]),
    ],
)
def test_unreadable_schema_is_not_decided(
    edit: Edit, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is what needs the engine; a plain run of the linter reports why."""
    monkeypatch.chdir(copy_home(tmp_path / "new", [edit]))
    lines = list_changes(RATE_ACTIVITY)
    start = (
        "L691 schemas/operation.json:1:1 Not decided: codes, rules and fixtures are not compared, because the operation cannot"
    )
    assert lines[0].startswith(start)
    assert lines[1:] == expected


def test_large_schemas_are_not_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In both formats."""
    monkeypatch.chdir(copy_home(tmp_path / "new", [(RULES, "POOR_WITHOUT_COMMENT, REASON_REPEATED)", "POOR_WITHOUT_COMMENT)")]))
    for module in ("json_schema_tree", "xsd_tree"):
        monkeypatch.setattr(f"validator.lint.schemas.{module}.MAX_NODES", 3)
    assert schema_tree.MAX_NODES > 3
    assert list_changes(RATE_ACTIVITY)[-2:] == [f"{SCHEMAS_LINE} read or is too large.", XSDS_LINE]
