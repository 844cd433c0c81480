"""The conformance suite: exported, answered by this package through a second process, and compared with other answers."""

import json
import shutil
import sys
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from tests.commands import Result, run
from tests.paths import ROOT
from validator.conformance import comparison
from validator.conformance.answer import answer_lines
from validator.conformance.suite import make_suite
from validator.errors import UsageError
from validator.operation.home import shipped_schemas

ANSWER: Final = (sys.executable, "-m", "validator", "conformance", "answer")
HOME: Final = str(ROOT / "tests/rate_activity_home")
PORT: Final = ROOT / ".github/examples/port.mjs"
ERROR: Final = "activity-validator: error: "
ONE: Final = "accept/400-801-for-the-other-customer.http#1"


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Export the suite of the small home, and return its file."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    assert run("conformance", "export", "--home", HOME, "--output", "suite.jsonl") == Result(0, "", "")
    return tmp_path / "suite.jsonl"


def read(file: Path) -> list[Any]:
    """Return the documents of a suite."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def ask(program: str, *options: str, suite: str = "suite.jsonl") -> Result:
    """Run the suite against a Python program that has ``lines``, an iterator of the lines, and ``say``, which prints a value."""
    start = "import json, sys, time\nlines = map(json.loads, sys.stdin)\ndef say(x): print(json.dumps(x), flush=True)\n"
    return run("conformance", "run", "--suite", suite, *options, "--", sys.executable, "-c", start + program)


def validate(document: Any, name: str) -> None:
    """Validate a document with a common schema."""
    schema = json.loads((shipped_schemas() / f"{name}.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(document)


@pytest.mark.parametrize("options", [[], ["--engine", "reference"]], ids=["default", "reference"])
def test_package_conforms_to_its_own_suite(monkeypatch: pytest.MonkeyPatch, options: Sequence[str]) -> None:
    """Through a second process; every fixture, in both formats."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    count = len(make_suite("create-email-response", None).cases)
    outcome = run("conformance", "run", "--timeout", "600", "--", *ANSWER, *options)
    assert (outcome, count > 600) == (Result(0, f"{count} cases: {count} as expected, 0 different\n", ""), True)


def test_suite_is_valid_by_its_schemas(suite: Path) -> None:
    """The header has the reference data; a case has the request and the whole report. Standard output has the same lines."""
    header, *cases = read(suite)
    assert {**header, "directory": None, "product": ""} == {
        "format": "activity-validator-conformance",
        "version": 2,
        "product": "",
        "operation": "rate-activity",
        "cases": len(cases),
        "directory": None,
    }
    for document in (header, *cases):
        validate(document, "conformance")
    for case in cases:
        validate(case["request"], "report-request")
        validate(case["report"], "report")
    validate(header["directory"], "directory")
    assert run("conformance", "export", "--home", HOME).stdout == suite.read_text()
    by_id = {case["id"]: case for case in cases}
    assert len(by_id) == len(cases)


def test_case_has_the_request_of_the_fixture() -> None:
    """Its body in Base64, its caller, and the limit of its body."""
    cases = {case.id: case.document for case in make_suite("create-email-response", None).cases}
    callers = {document["request"]["caller"] for document in cases.values()}
    assert callers >= {None, "1001", "other:user"}
    assert any(document["bodyLimit"] for document in cases.values())
    assert any("bodyBase64" not in document["request"] for document in cases.values())
    document = cases["accept/api-example.json#1"]
    file = ROOT / "fixtures/create-email-response/accept/api-example.json"
    assert b64decode(document["request"].pop("bodyBase64")) == file.read_bytes()
    assert document["request"] == {
        "ids": "2001", "query": "", "headers": [["Content-Type", "application/json"]], "caller": "1001"
    }  # fmt: skip


@pytest.mark.usefixtures("suite")
def test_differences_are_grouped_by_code() -> None:
    """With the first different value of each; a missing or additional member and entry are different too."""
    program = """
next(lines)
for number, line in enumerate(json.loads(text) for text in open("suite.jsonl").readlines()[1:]):
    next(lines)
    report = line["report"]
    if number == 0: report["accepted"] = 1
    if number == 1: del report["stage"]
    if number == 2: report["more/"] = "\\u00e9"
    if number == 3: report["failures"] = [5]
    results = {"report": report if number != 4 else None, "answer": line["answer"]}
    if number == 5: results["answer"] = {"status": 400}
    if line["id"] == REFUSED: del results["answer"]
    if line["id"] == LAST: results["answer"]["body"] += " "
    say({"id": line["id"], **results})
"""
    documents = read(Path("suite.jsonl"))[1:]
    ids = [document["id"] for document in documents]
    outcome = ask(f"REFUSED, LAST = {ids[-2:]!r}\n{program}")
    lines = outcome.stdout.splitlines()
    assert (outcome.exit_code, outcome.stderr) == (1, "")
    assert f"  {ids[0]}: /report/accepted: expected true, got 1" in lines
    assert f'  {ids[1]}: /report/stage: expected "rules", got nothing' in lines
    assert f'  {ids[2]}: /report/more~1: expected nothing, got "\u00e9"' in lines
    assert any(line.startswith(f"  {ids[3]}: /report/failures/0") for line in lines)
    assert any(line.startswith(f"  {ids[4]}: /report: expected {{") and line.endswith(", got null") for line in lines)
    shown = json.dumps(documents[-2]["answer"], ensure_ascii=False)[:200]
    assert f"  {ids[-2]}: /answer: expected {shown}, got nothing" in lines
    assert f'  {ids[5]}: /answer: expected null, got {{"status": 400}}' in lines
    body = json.dumps(documents[-1]["answer"]["body"])
    assert f'  {ids[-1]}: /answer/body: expected {body}, got {body[:-1]} "' in lines
    groups = [line for line in lines if not line.startswith("  ")]
    assert groups[-1] == f"{len(ids)} cases: {len(ids) - 8} as expected, 8 different"
    assert "accepted: 6 differences" in groups


def test_known_failures_are_no_differences(suite: Path) -> None:
    """One that does not differ any more is a finding."""
    program = "next(lines)\nfor line in lines: say({'id': line['id'], 'report': None})"
    ids = [document["id"] for document in read(suite)[1:]]
    assert ask(program, "--write-known-failures", "known.txt") == Result(0, "", "")
    assert Path("known.txt").read_text().splitlines() == ids
    counts = f"{len(ids)} cases: 0 as expected, 0 different, {len(ids)} known failures\n"
    assert ask(program, "--known-failures", "known.txt") == Result(0, counts, "")
    Path("known.txt").write_text("# a comment\n\n" + "".join(f"{one}\n" for one in [*ids[1:], "other#1"]))
    outcome = ask(program, "--known-failures", "known.txt")
    assert outcome.exit_code == 1
    assert outcome.stdout.splitlines()[2:] == [
        "known.txt: other#1 does not differ",
        f"{len(ids)} cases: 0 as expected, 1 different, {len(ids) - 1} known failures",
    ]


NO_ANSWER: Final = {
    "ends": ("sys.exit(7)", "the command has ended with status 7 before it answered"),
    "closes": ("import os; os.close(1); time.sleep(600)", "the command has closed its output before it answered"),
    "hangs": ("time.sleep(600)", "the command has not answered within 0.2 s"),
    "garbage": ("print('x', flush=True)", f"{ONE}: the answer of the command is not JSON"),
    "deep": ("print('[' * 100000, flush=True)", f"{ONE}: the answer of the command is not JSON"),
    "other-id": (
        "say({'id': 'x', 'report': {}})",
        f'{ONE}: the answer of the command is not {{"id": ..., "report": ..., "answer": ...}} with this id',
    ),
    "no-object": ("say([])", f'{ONE}: the answer of the command is not {{"id": ..., "report": ..., "answer": ...}} with this id'),
    "no-report": (
        f"say({{'id': '{ONE}'}})",
        f'{ONE}: the answer of the command is not {{"id": ..., "report": ..., "answer": ...}} with this id',
    ),
    "no-line": (
        "print('x', end='', flush=True)",
        "an answer of the command is not a complete line, or has more than 16 MiB",
    ),
    "long": (
        "print('x' * (1 << 24) + 'x', flush=True); time.sleep(600)",
        "an answer of the command is not a complete line, or has more than 16 MiB",
    ),
}


@pytest.mark.usefixtures("suite")
@pytest.mark.parametrize(("program", "message"), NO_ANSWER.values(), ids=NO_ANSWER)
def test_command_that_cannot_be_asked_is_an_error(program: str, message: str) -> None:
    """On one line; it is stopped."""
    limit = "0.2" if "sleep(600)" in program and "print" not in program else "60"
    assert ask(program, "--timeout", limit) == Result(2, "", f"{ERROR}{message}\n")


ENDS: Final = {
    "sleeps": ("time.sleep(600)", 0, ""),
    "closes": ("import os; os.close(1); time.sleep(600)", 0, ""),
    "says-more": ("say(1); time.sleep(600)", 2, f"{ERROR}the command has written more than one line for each case\n"),
    "floods": ("while True: say(1)", 2, f"{ERROR}the command has written more than one line for each case\n"),
    "fails": ("sys.exit(9)", 2, f"{ERROR}the command has ended with status 9 after its last answer\n"),
}


@pytest.mark.usefixtures("suite")
@pytest.mark.parametrize(("program", "status", "message"), ENDS.values(), ids=ENDS)
def test_command_must_end_after_its_last_answer(program: str, status: int, message: str) -> None:
    """One that goes on in silence is stopped; additional lines and a failure are errors."""
    answers = """
next(lines)
for line in open("suite.jsonl").readlines()[1:]:
    next(lines)
    case = json.loads(line)
    say({"id": case["id"], "report": case["report"], "answer": case["answer"]})
"""
    outcome = ask(answers + program, "--timeout", "5" if "sleep" in program and not message else "60")
    assert (outcome.exit_code, outcome.stderr) == (status, message)


@pytest.mark.usefixtures("suite")
def test_output_of_a_command_is_escaped() -> None:
    """It may hold control characters."""
    program = """
next(lines)
for line in lines: say({"id": line["id"], "report": {"operation": "rate-activity", "\\u001b[31m\\n": 1}})
"""
    outcome = ask(program)
    assert outcome.exit_code == 1
    assert "\x1b" not in outcome.stdout


@pytest.mark.usefixtures("suite")
def test_value_that_is_nested_too_deep_is_not_shown() -> None:
    """A JSON reader may accept values that its writer does not."""
    case = make_suite("rate-activity", HOME).cases[0]
    report: Any = []
    for _ in range(100_000):
        report = [report]
    shown = comparison.find_first_difference(case, {"id": case.id, "report": report, "answer": None})
    assert shown is not None
    assert (shown.pointer, shown.actual) == ("/report", "a value that is nested too deep to be shown")


@pytest.mark.usefixtures("suite")
def test_command_that_cannot_be_started_is_an_error() -> None:
    """It is named; so are other results."""
    Path("script").write_text("print(1)\n")
    for command, reason in {
        "./no-such-command": "./no-such-command: No such file or directory",
        "": "the command is an empty text",
        "./script": "./script: Permission denied",
    }.items():
        outcome = run("conformance", "run", "--suite", "suite.jsonl", "--", command)
        assert outcome == Result(2, "", f"{ERROR}{reason}\n")
    Path("script").chmod(0o755)
    assert run("conformance", "run", "--suite", "suite.jsonl", "--", "./script").stderr == f"{ERROR}./script: Exec format error\n"


@pytest.mark.usefixtures("suite")
def test_known_failures_are_not_read_and_written_in_one_run() -> None:
    """The file that is written has all cases that differ."""
    message = "--write-known-failures: the file lists all cases that differ, so --known-failures is not allowed with it"
    outcome = ask("", "--known-failures", "known.txt", "--write-known-failures", "known.txt")
    assert outcome == Result(2, "", f"{ERROR}{message}\n")


def test_invalid_suite_is_an_error(suite: Path) -> None:
    """An incomplete one too: nothing is missing in silence."""
    lines = suite.read_text().splitlines(keepends=True)
    header = "1: not the header of a conformance suite of version 2"
    case = "2: not a case of a conformance suite of version 2"
    counts = f" the header names {len(lines) - 1} cases, and the file has {len(lines) - 2} different ones"
    first = json.loads(lines[1])
    files = {
        "empty": ("", " not a conformance suite"),
        "no-json": ("x\n", " not a conformance suite"),
        "deep": ("[" * 100_000, " not a conformance suite"),
        "no-header": ("".join(lines[1:]), header),
        "no-object": ("[]\n", header),
        "version": (lines[0].replace('"version":2', '"version":1') + lines[1], header),
        "no-report": (lines[0] + json.dumps({**first, "report": 5}), case),
        "no-answer": (lines[0] + json.dumps({name: first[name] for name in first if name != "answer"}), case),
        "no-id": (lines[0] + json.dumps({**first, "id": [1]}), case),
        "incomplete": ("".join(lines[:-1]), counts),
        "repeated": ("".join([*lines[:-1], lines[1]]), counts),
    }
    for name, (text, reason) in files.items():
        Path(name).write_text(text)
        assert ask("", suite=name) == Result(2, "", f"{ERROR}{name}:{reason}\n")
    assert ask("", suite="none") == Result(2, "", f"{ERROR}none: No such file or directory\n")
    message = "--suite: the file names the operation, so --operation and --home are not allowed with it"
    assert ask("", "--home", HOME) == Result(2, "", f"{ERROR}{message}\n")


@pytest.mark.usefixtures("suite")
def test_file_that_cannot_be_used_is_an_error() -> None:
    """A list of known failures, and files to write."""
    Path("latin.txt").write_bytes(b"\xff\n")
    assert ask("", "--known-failures", "none").stderr == f"{ERROR}none: No such file or directory\n"
    assert ask("", "--known-failures", "latin.txt").stderr == f"{ERROR}latin.txt: not UTF-8\n"
    outcome = run("conformance", "export", "--home", HOME, "--output", "none/a")
    assert outcome == Result(2, "", f"{ERROR}none/a: No such file or directory\n")


def test_fixtures_that_cannot_be_used_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of an unknown operation, invalid reference data, and a fixture that cannot be read."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(HOME, "home")
    with pytest.raises(UsageError, match="unknown operation"):
        make_suite("other", "home")
    folder = Path("home/fixtures/rate-activity/accept")
    (folder / "broken.http").write_text("\nGET\n")
    with pytest.raises(UsageError, match=r"broken\.http: "):
        make_suite("rate-activity", "home")
    (folder / "broken.http").unlink()
    Path("home/fixtures/directory.json").unlink()
    assert make_suite("rate-activity", "home").header["directory"] is None
    Path("home/fixtures/directory.json").write_text("[]")
    with pytest.raises(UsageError, match=r"directory\.json: /: Attribute 'body' must be an object\."):
        make_suite("rate-activity", "home")


HEADER: Final = {"format": "activity-validator-conformance", "version": 2, "operation": "rate-activity", "directory": None}
QUESTION: Final = {"id": "a#1", "request": {"caller": "1"}, "bodyLimit": None}


@pytest.mark.parametrize(
    ("documents", "reason"),
    [
        (["x"], "line 1: JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
        ([HEADER | {"version": 1}], "the first line is not the header of a conformance suite of version 2"),
        ([HEADER | {"operation": 5}], "the first line is not the header of a conformance suite of version 2"),
        ([QUESTION], "line 1: KeyError: 'format'"),
        ([HEADER | {"operation": "other"}, QUESTION], "line 2: ValueError: unknown operation 'other': "),
        ([HEADER, {"id": "a#1"}], "line 2: KeyError: 'bodyLimit'"),
        ([HEADER, QUESTION | {"request": {"x": 1}}], "line 2: RequestDescriptionError: "),
        ([HEADER, QUESTION | {"bodyLimit": 0}], "line 2: ValueError: "),
        ([HEADER | {"directory": []}], "line 1: SnapshotError: directory: /: Attribute 'body' must be an object."),
    ],
)
def test_invalid_question_is_an_error(documents: list[Any], reason: str) -> None:
    """It names the line."""
    lines = [one if isinstance(one, str) else json.dumps(one) for one in documents]
    with pytest.raises(UsageError) as caught:
        list(answer_lines(lines, HOME, None))
    assert str(caught.value).startswith(reason)


def test_each_question_is_answered(suite: Path) -> None:
    """With the ID and the report of the suite."""
    cases = read(suite)[1:]
    outcome = run("conformance", "answer", "--home", HOME, stdin=suite.read_text())
    answers = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert (outcome.exit_code, answers) == (
        0,
        [{"id": case["id"], "report": case["report"], "answer": case["answer"]} for case in cases],
    )


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is absent")
def test_port_in_javascript_passes_the_stage_that_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All other cases are known failures."""
    monkeypatch.chdir(tmp_path)
    cases = make_suite("create-email-response", None).cases
    others = [case.id for case in cases if case.report["stage"] != "access"]
    Path("known.txt").write_text("".join(f"{one}\n" for one in others))
    outcome = run("conformance", "run", "--known-failures", "known.txt", "--timeout", "60", "--", "node", str(PORT))
    passed = len(cases) - len(others)
    line = f"{len(cases)} cases: {passed} as expected, 0 different, {len(others)} known failures\n"
    assert (outcome, passed > 0) == (Result(0, line, ""), True)
