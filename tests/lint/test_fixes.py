"""Changes of ``lint --fix``: what is written, what is left alone, and that a file is written at once or not at all."""

import json
import shutil
from pathlib import Path

import pytest

from tests.commands import run
from tests.paths import RATE_ACTIVITY
from validator.errors import UsageError
from validator.lint.catalogue.release_kinds import TABLE_UNSORTED
from validator.lint.fixes import Change, apply_changes, format_like

RELEASED = Path("schemas/rate-activity/codes.json")
OPERATION = Path("schemas/rate-activity/operation.json")
REJECT = Path("fixtures/rate-activity/reject")
CLEAN = (0, "1 operation in schemas (rate-activity): 0 findings.\n", "")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(RATE_ACTIVITY, tmp_path / "home", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path / "home")


def snapshot() -> dict[str, bytes]:
    """Return every file of the home."""
    return {str(path): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file() and path.suffix != ".pyc"}


def fixed(*changes: str) -> str:
    """Return the lines that a run prints for its changes."""
    return "".join(f"activity-validator: fixed: {change}\n" for change in changes)


def test_codes_json_gets_its_codes_messages_and_order() -> None:
    """As they were before, in the style of the file; a second run changes nothing."""
    before = snapshot()
    document = json.loads(RELEASED.read_text())
    names, messages = document["codes"], document["messages"]
    codes = {code: names[code] for code in sorted(names) if code != "400-802"}
    RELEASED.write_text(json.dumps(document | {"codes": codes, "messages": {"400-801": messages["400-801"]}}, indent=2))
    changes = [f"{RELEASED} (L503 message-not-listed)"]
    assert [line.split()[1] for line in run("lint").stdout.splitlines()[:-1]].count("L502") == 1
    assert run("lint", "--fix") == (0, CLEAN[1], fixed(*changes))
    assert snapshot() == before
    assert run("lint", "--fix") == CLEAN
    assert snapshot() == before


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"codes": []}',
        '{"codes": {}, "notes": 1}',
        '{"codes": {"400-801": "another-name"}}',
        '{"codes": {"400-899": "activity-unknown"}}',
        '{"codes": {"400-899": "gone"}}',
        '{"codes": {}, "retired": {"400-801": "x"}}',
        '{"codes": {}, "retired": {"400-899": "activity-unknown"}}',
        '{"codes": {}, "messages": {"400-801": "not released"}}',
    ],
)
def test_codes_json_that_needs_a_decision_is_left_alone(text: str) -> None:
    """It is not of the form, or a released code was removed, renumbered, renamed or used again."""
    RELEASED.write_text(text)
    before = snapshot()
    assert run("lint", "--fix").exit_code == 1
    assert snapshot() == before


def test_changed_message_is_left_alone() -> None:
    """Whether the old or the new one is right cannot be known."""
    RELEASED.write_text(RELEASED.read_text().replace("Nobody is authenticated.", "No caller is authenticated."))
    before = snapshot()
    assert run("lint", "--fix").stdout.splitlines()[0].split()[1] == "L501"
    assert snapshot() == before


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_statuses_are_sorted_in_place(end: str) -> None:
    """Everything else in the file stays: its spaces, ends of lines and byte order mark."""
    wrong, right = "[500,401 ,\n 204, 406, 400, 403]", "[204,400 ,\n 401, 403, 406, 500]"
    text = OPERATION.read_text().replace("[204, 400, 401, 403, 406, 500]", wrong)
    assert wrong in text
    OPERATION.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", end).encode())
    assert run("lint", "--fix") == (0, CLEAN[1], fixed(f"{OPERATION} (L504 table-unsorted)"))
    assert OPERATION.read_bytes() == b"\xef\xbb\xbf" + text.replace(wrong, right).replace("\n", end).encode()


def test_reports_are_written_where_one_exists() -> None:
    """Without any report, fixtures have none; a report without a fixture is not removed."""
    assert list(Path("fixtures").rglob("*.report")) == []
    (REJECT / "400-803-a-reason-twice.report").write_text("{}")
    (REJECT / "400-899-gone.report").write_text("{}")
    outcome = run("lint", "--fix")
    assert [line.split()[:2] for line in outcome.stdout.splitlines()[:-1]] == [[f"{REJECT}/400-899-gone.report:1:1:", "L410"]]
    assert f"{REJECT}/400-803-a-reason-twice.report (L409 report-stale)" in outcome.stderr
    assert outcome.stderr.count("L410 report-unpaired") == 7
    assert json.loads((REJECT / "400-803-a-reason-twice.report").read_text())["reports"][0]["failures"][0]["code"] == "400-803"
    before = snapshot()
    (REJECT / "400-899-gone.report").unlink()
    assert run("lint", "--fix") == CLEAN
    assert snapshot().items() <= before.items()


def test_only_selected_kinds_are_fixed() -> None:
    """Neither ignored nor suppressed ones."""
    text = OPERATION.read_text().replace("[204, 400,", "[400, 204,")
    OPERATION.write_text(text)
    assert run("lint", "--fix", "--ignore", "L5") == CLEAN
    assert run("lint", "--fix", "--select", "L4") == CLEAN
    Path("activity-validator.toml").write_text('[[suppress]]\npath = "schemas"\ncode = "L504"\nreason = "an older order"\n')
    assert run("lint", "--fix") == (0, "1 operation in schemas (rate-activity): 0 findings, 1 suppressed.\n", "")
    assert OPERATION.read_text() == text


def test_mode_and_link_of_a_file_stay(tmp_path: Path) -> None:
    """The file that a link leads to is written."""
    real = tmp_path / "real.json"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "link.json").symlink_to(real)
    change = Change(TABLE_UNSORTED, tmp_path / "link.json", "new")
    assert list(apply_changes([change, change])) == [change]
    assert (real.read_text(), real.stat().st_mode & 0o777, (tmp_path / "link.json").is_symlink()) == ("new", 0o640, True)


def test_file_that_cannot_be_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names it, and nothing is left next to it."""
    path = tmp_path / "codes.json"
    path.write_text("old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(UsageError, match=r"codes\.json: Permission denied"):
        list(apply_changes([Change(TABLE_UNSORTED, path, "new")]))
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["codes.json"]
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"a": "ä"}', '{"b": "ö"}'),
        ('{"a": "\\u00e4"}\n', '{"b": "\\u00f6"}\n'),
        ('{\n\t"a": "ä"\n}\n', '{\n\t"b": "ö"\n}\n'),
        ('{\r\n "a": "ä"\r\n}\r\n', '{\n "b": "ö"\n}\n'),
        ('{"a":"ä"}', '{\n  "b": "ö"\n}\n'),
    ],
)
def test_json_keeps_its_style(old: str, new: str) -> None:
    """Its indent, its last line end and its escapes; of another style, two spaces."""
    assert format_like(old, {"b": "ö"}) == new
