"""The command ``new``: the operation that it creates works with every command, and nothing is overwritten."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import Result, process, run, write
from tests.language import find_offences
from validator import Caller, Request, load

NAME = "rate-activity"
FIXTURES = [
    "accept/400-801-late-without-comment.json",
    "accept/400-801-late-without-comment.report",
    "accept/400-801-late-without-comment.xml",
    "accept/400-801-other-with-comment.json",
    "accept/400-801-other-with-comment.report",
    "accept/400-801-other-with-comment.xml",
    "reject/400-101-protocol.http",
    "reject/400-101-protocol.report",
    "reject/400-801-other-without-comment.json",
    "reject/400-801-other-without-comment.report",
    "reject/400-801-other-without-comment.xml",
]
FILES = [
    "fixtures/directory.json",
    *(f"fixtures/{NAME}/{file}" for file in FIXTURES),
    "rules/rate_activity.py",
    *(f"schemas/{NAME}/{file}" for file in ("codes.json", "operation.json", "request.schema.json", "request.xsd")),
]


def list_files(folder: Path) -> list[str]:
    """Return the files below a folder, without compiled ones."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a new operation in ``my api``."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def created(place: Path) -> Result:
    """Return the outcome of the command that creates it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        return run("new", NAME, "--folder", "my api")


@pytest.fixture
def _there(created: Result, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert created.exit_code == 0
    monkeypatch.chdir(place)


@pytest.mark.usefixtures("_there")
def test_files_and_next_commands_are_printed(created: Result) -> None:
    """Each file is there, and each command runs when it is pasted into a shell."""
    assert (list_files(Path("my api")), created.stderr) == (FILES, "")
    assert created.stdout.splitlines() == [
        *(f"created: my api/{file}" for file in FILES),
        "next: activity-validator lint --home 'my api'",
        f"next: activity-validator check --home 'my api' --operation {NAME} 'my api/fixtures/{NAME}'",
    ]


@pytest.mark.usefixtures("_there")
@pytest.mark.parametrize("arguments", [("--home", "my api"), ("my api",), ("my api/schemas",), (f"my api/schemas/{NAME}",)])
def test_new_operation_has_no_findings(arguments: tuple[str, ...]) -> None:
    """Everything is decided."""
    assert run("lint", *arguments) == (0, "1 operation in my api/schemas (rate-activity): 0 findings.\n", "")


@pytest.mark.usefixtures("_there")
def test_new_operation_is_checked() -> None:
    """Each fixture has the result that its place and name require."""
    outcome = run("check", "--home", "my api", "--operation", NAME, f"my api/fixtures/{NAME}")
    assert outcome == (0, "0 requests failed, 31 passed, 31 checked\n", "")


@pytest.mark.usefixtures("_there")
def test_new_code_is_explained() -> None:
    """With the fixtures as examples."""
    lines = run("explain", "400-801", "--home", "my api", "--operation", NAME).stdout.splitlines()
    assert lines[0] == "400-801 comment-missing (HTTP status 400)"
    assert lines[-2:] == ["a request that nearly breaks it: accept/400-801-late-without-comment.json", '    {"reason": "late"}']


@pytest.mark.usefixtures("_there")
def test_new_operation_is_loaded() -> None:
    """Its rule applies to both formats."""
    engine = load(NAME, home="my api")
    assert (engine.endpoint.method, engine.endpoint.path) == ("POST", f"/activities/{{ids}}/{NAME}")
    for media, body in (("json", b'{"reason": "other"}'), ("xml", b"<request><reason>other</reason></request>")):
        report = engine.validate(Request("1", "", [("Content-Type", f"application/{media}")], body, Caller.customer("1")))
        assert [failure.message for failure in report.failures] == ["Attribute 'comment' is required with the reason 'other'."]


@pytest.mark.usefixtures("_there")
def test_texts_are_in_plain_english_and_name_the_operation() -> None:
    """No word of the template is left, and the rules are laid out as ruff does."""
    texts = {
        path: path.read_text(encoding="utf-8") for path in Path("my api").rglob("*") if path.suffix != ".pyc" and path.is_file()
    }
    assert [path for path, text in texts.items() if re.search("operation.name", text, re.IGNORECASE)] == []
    assert [
        offence for path, text in texts.items() if path.suffix != ".report" for offence in find_offences(str(path), text)
    ] == []
    assert '"title": "Rate activity"' in texts[Path(f"my api/schemas/{NAME}/operation.json")]
    command = [str(Path(sys.executable).parent / "ruff"), "format", "--isolated", "--line-length=130", "--check", "my api"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.usefixtures("_there")
def test_second_operation_joins_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the current folder, by default; the reference data stays as it is."""
    monkeypatch.chdir(tmp_path)
    data = write("fixtures/directory.json", '{"customers": [{"id": "7"}]}')
    assert run("new", "a").stdout.splitlines()[-2:] == [
        "next: activity-validator lint --home .",
        "next: activity-validator check --home . --operation a fixtures/a",
    ]
    assert run("new", "a1-2b").exit_code == 0
    assert Path(data).read_text(encoding="utf-8") == '{"customers": [{"id": "7"}]}'
    assert run("lint") == (0, "2 operations in schemas (a, a1-2b): 0 findings.\n", "")


@pytest.mark.usefixtures("_there")
@pytest.mark.parametrize("part", [f"schemas/{NAME}", f"fixtures/{NAME}", "rules/rate_activity.py", "rules/rate_activity"])
def test_existing_operation_is_not_overwritten(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any part of it is enough, even a link to nothing, and no other part is created."""
    monkeypatch.chdir(tmp_path)
    Path(part).parent.mkdir()
    Path(part).symlink_to("nothing")
    message = f"activity-validator: error: {part}: already exists; choose another NAME or DIR\n"
    assert run("new", NAME) == (2, "", message)
    assert [path.as_posix() for path in Path().rglob("*")] == [Path(part).parent.as_posix(), part]


def test_folder_must_be_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file stays as it is."""
    monkeypatch.chdir(tmp_path)
    write("api", "text")
    assert run("new", NAME, "--folder", "api") == (2, "", "activity-validator: error: api: not a folder\n")


def test_operation_is_written_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files written before an error are removed."""
    monkeypatch.chdir(tmp_path)
    write("schemas", "a file in the way")
    outcome = run("new", NAME)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert re.fullmatch(rf"activity-validator: error: schemas(/{NAME})?: (Not a directory|File exists)\n", outcome.stderr)
    assert list_files(tmp_path) == ["schemas"]


def test_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither files of the operation nor temporary ones."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    code = """
import signal
from pathlib import Path
from validator.__main__ import main
read = Path.read_bytes
def interrupt(path):
    if path.name == "request.xsd" and Path("rules/rate_activity.py").exists():
        signal.raise_signal(signal.SIGINT)
    return read(path)
Path.read_bytes = interrupt
main()
"""
    outcome = process("new", NAME, code=code)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (130, "", "")
    assert (list_files(tmp_path), list(Path("rules").iterdir())) == ([], [])


@pytest.mark.parametrize(
    "name",
    ["", "Rate", "rate_activity", "rate--activity", "-rate", "rate-", "1rate", "../rate", "rate/x", "räte", "a" * 65, "a\n"],
)
def test_name_is_checked(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As load() checks it."""
    monkeypatch.chdir(tmp_path)
    reason = (
        f"{name[:64]!r} cannot be the name of an operation; expected lower-case letters, digits and single hyphens, a letter "
        "first, at most 64 characters"
    )
    with pytest.raises(ValueError, match="cannot be the name") as caught:
        load(name, home=tmp_path)
    assert str(caught.value) == reason
    if not name.startswith("-"):
        assert run("new", name) == (2, "", f"activity-validator: error: {reason}\n")
    assert list(tmp_path.iterdir()) == []


def test_longest_name_is_accepted(tmp_path: Path) -> None:
    """It has 64 characters."""
    assert run("new", "a" * 64, "--folder", str(tmp_path)).exit_code == 0
