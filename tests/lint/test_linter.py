"""The linter on whole operations: any content of an artefact, any path, any line ends."""

import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.commands import write
from tests.lint.artefacts import NAME, summarize
from tests.paths import RATE_ACTIVITY
from validator.lint import linter
from validator.lint.common_schemas import lint_common_schemas
from validator.lint.fixtures import _locate_reason
from validator.lint.linter import lint
from validator.lint.schemas.schema_tree import TreeTooLarge
from validator.operation.home import Home
from validator.output.finding import Finding, Unreadable

FILES = ["operation.json", "request.schema.json", "request.xsd", "codes.json"]


@given(
    st.sampled_from(FILES),
    st.integers(0, 5000),
    st.integers(0, 40),
    st.sampled_from(["", "{", "}", '"', "[]", "1", "null", "<", "x", "\u2028"]),
)
def test_any_content_of_an_artefact_is_linted(
    tmp_path_factory: pytest.TempPathFactory, file: str, start: int, length: int, other: str
) -> None:
    """Replacing any part of a file leads to findings, never to an exception."""
    folder = tmp_path_factory.mktemp("mutant") / "a"
    shutil.copytree(RATE_ACTIVITY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "schemas" / NAME / file
    text = path.read_text(encoding="utf-8")
    at = start % len(text)
    path.write_text(text[:at] + other + text[at + length :], encoding="utf-8")
    home = Home.at(folder)
    for finding in [*lint(NAME, home).findings, *lint_common_schemas(home, [])]:
        assert isinstance(finding, Finding)
        assert finding.location.region.start <= finding.location.region.end
        assert finding.message.endswith((".", "?", "…"))


def test_artefact_outside_the_current_folder_has_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In all findings."""
    shutil.copytree(RATE_ACTIVITY, tmp_path / "a", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name in ("schemas/rate-activity/codes.json", "fixtures/rate-activity/accept/400-802-good-without-comment.json"):
        (tmp_path / "a" / name).write_text("{")
    findings = lint(NAME, Home.at(Path("..") / "a")).findings
    assert {one.location.file for one in findings} == {
        str(tmp_path / "a" / name)
        for name in ("schemas/rate-activity/codes.json", "fixtures/rate-activity/accept/400-802-good-without-comment.json")
    }


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_any_line_end_is_supported(tmp_path: Path, end: str) -> None:
    """Also after a byte order mark."""
    folder = tmp_path / "a"
    shutil.copytree(RATE_ACTIVITY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*(folder / "schemas" / NAME).iterdir(), folder / "rules" / "rate_activity.py"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", end.encode()))
    assert summarize(lint(NAME, Home.at(folder)).findings) == []
    path = folder / "schemas" / NAME / "request.xsd"
    path.write_bytes(path.read_bytes().replace(b'<xs:enumeration value="good"/>', b'<xs:enumeration value="fine"/>'))
    (location,) = next(one.related for one in lint(NAME, Home.at(folder)).findings if one.kind.code == "L206")
    assert (location.region.start, location.line_text.strip()) == ((24, 21), '<xs:enumeration value="fine"/>')


def test_engine_that_does_not_load_the_operation_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the first line of the exception; fixtures are not run."""
    shutil.copytree(RATE_ACTIVITY, tmp_path / "a", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("validator.lint.linter.load_operation", Mock(side_effect=RuntimeError("no.\nmore")))
    result = lint(NAME, Home.at(tmp_path / "a"))
    assert summarize(result.findings) == [("L116", "The engine does not load the operation: no.")]
    assert result.undecided == ["L309, L310, L4: the engine does not load the operation: no."]


def test_trees_that_are_too_large_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks that need them are reported as undecided, and nothing is found."""
    monkeypatch.setattr("validator.lint.linter.json_schema_tree.read_tree", Mock(side_effect=TreeTooLarge))
    result = linter.lint(NAME, Home.at(RATE_ACTIVITY))
    assert "L107, L115, L2: one of the schemas describes too many or too deeply nested attributes" in result.undecided


def test_undecided_lines_about_one_check_are_limited() -> None:
    """The first ones are shown, each once, and the others are counted."""
    lines = [f"L105: {index}" for index in range(linter._SHOWN + 2)]
    assert list(linter._shorten([*lines, "L2: a"])) == [*lines[: linter._SHOWN], "L2: a", "L105: 2 more"]


@pytest.mark.parametrize(
    ("unreadable", "place"),
    [(Unreadable("a.http", "no request line", 2), (2, 1)), (Unreadable("a.http", "too large"), (1, 1))],
)
def test_reason_of_an_unreadable_fixture_is_located(
    unreadable: Unreadable, place: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its line, where it has one."""
    monkeypatch.chdir(tmp_path)
    location, text = _locate_reason(Path(write("a.http", "x\ny\n")), unreadable)
    assert location.file == "a.http"
    assert (tuple(location.region.start), text) == (place, unreadable.reason)
