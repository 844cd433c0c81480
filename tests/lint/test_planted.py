"""The linter reports each planted error with code and place, and nothing else; the shipped artefacts are clean.

The errors are planted in copies with a part of the fixtures: those that findings or edits name, and one of each code in each
folder. All of them take twice the time and add no findings.
"""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.lint.changes import planted as changes
from tests.lint.planted import ERRORS, NAME, Edit
from tests.lint.planted_drift import DRIFT
from validator.lint import catalogue
from validator.lint.catalogue.comparison_kinds import ENUMERATION_DIFFERS
from validator.lint.common_schemas import lint_common_schemas
from validator.lint.linter import lint
from validator.operation.home import Home
from validator.output.finding import Finding

SHIPPED = Home.at(None)
PLANTED = ERRORS | DRIFT


@pytest.fixture(scope="session")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a part of the fixtures."""
    to = tmp_path_factory.mktemp("fixtures")
    shutil.copy(SHIPPED.fixtures / "directory.json", to)
    named = set(re.findall(r"(?:accept|reject)/[0-9a-z-]+", json.dumps(PLANTED, default=str)))
    for folder in ("accept", "reject"):
        (to / NAME / folder).mkdir(parents=True)
        codes: dict[str, str] = {}
        for file in sorted((SHIPPED.fixtures / NAME / folder).iterdir()):
            stem = file.name.partition(".")[0]
            if codes.setdefault(stem[:7], stem) == stem or f"{folder}/{stem}" in named:
                shutil.copy(file, to / NAME / folder)
    return to


def copy(to: Path, edits: list[Edit], fixtures: Path) -> None:
    """Copy the shipped artefacts, with these fixtures, and edit them."""
    shutil.copytree(SHIPPED.schemas, to / "schemas")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SHIPPED.rules / "create_email_response", to / "rules" / "create_email_response", ignore=ignore)
    if any(file.startswith("fixtures/") for file, _, _ in edits):
        shutil.copytree(fixtures, to / "fixtures")
    else:
        (to / "fixtures").symlink_to(fixtures.resolve())
    for file, old, new in edits:
        if new is None:
            removed = list(to.glob(file))
            assert removed
            for path in removed:
                path.unlink()
        elif old is None:
            (to / file).parent.mkdir(exist_ok=True)
            (to / file).write_text(new, encoding="utf-8")
        else:
            text = (to / file).read_text(encoding="utf-8")
            edited = text.replace(old, new, 1) if isinstance(old, str) else old.sub(new, text, count=1)
            assert edited != text
            (to / file).write_text(edited, encoding="utf-8")


def find(folder: Path, edits: list[Edit], fixtures: Path, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """Return what the linter reports for an edited copy with these fixtures."""
    copy(folder, edits, fixtures)
    monkeypatch.chdir(folder)
    home = Home.of_schemas(Path("schemas"))
    return [*lint(NAME, home).findings, *lint_common_schemas(home, [])]


def format_finding(finding: Finding) -> str:
    """Return code and place."""
    line, column = finding.location.region.start
    return f"{finding.kind.code} {finding.location.file.replace(f'{NAME}/', '')}:{line}:{column}"


def resolve(expected: str, folder: Path) -> str:
    """Return an expected finding with its place as line and column. folder: of the edited copy."""
    head, marker, text = expected.partition("@")
    if not marker:
        return expected
    source = (folder / head.partition(" ")[2]).read_text(encoding="utf-8")
    before, caret, after = text.partition("|")
    searched = before + after
    assert source.count(searched) == 1, f"{searched!r} must occur once"
    start = source.index(searched) + len(before) * bool(caret)
    return f"{head}:{source.count(chr(10), 0, start) + 1}:{start - source.rfind(chr(10), 0, start)}"


@pytest.mark.parametrize("error", PLANTED)
def test_planted_error_is_found(error: str, fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly these findings are reported, each with code and place."""
    edits, expected = PLANTED[error]
    findings = find(tmp_path, edits, fixtures, monkeypatch)
    assert sorted(map(format_finding, findings)) == sorted(resolve(one, tmp_path) for one in expected)


def test_every_kind_of_finding_is_planted() -> None:
    """Every kind is tested."""
    planted = {line.split()[0] for _, expected in (*PLANTED.values(), *changes.PLANTED.values()) for line in expected}
    assert planted == {kind.code for kind in catalogue.KINDS}


def test_shipped_artefacts_have_no_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place and in a copy."""
    result = lint(NAME, SHIPPED)
    assert (result.findings, result.undecided, list(lint_common_schemas(SHIPPED, []))) == ([], [], [])
    assert find(tmp_path, [], SHIPPED.fixtures, monkeypatch) == []


def test_different_enumeration_is_shown_in_both_schemas(fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message lists the values of each schema, and both locations have their line."""
    finding = next(one for one in find(tmp_path, ERRORS["xsd-enum"][0], fixtures, monkeypatch) if one.kind is ENUMERATION_DIFFERS)
    (xsd,) = finding.related
    assert finding.message == "Attribute 'type.subtype.value' lists 'general' in JSON Schema only and 'genral' in XSD only."
    assert (finding.location.file, finding.location.line_text.strip()) == (f"schemas/{NAME}/request.schema.json", '"general"')
    assert (xsd.file, xsd.line_text.strip(), xsd.message) == (
        f"schemas/{NAME}/request.xsd",
        '<xs:enumeration value="genral"/>',
        "the XSD differs here",
    )
