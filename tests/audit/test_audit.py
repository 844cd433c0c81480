"""The command: exit statuses, continued runs, processes, reference data by date, comparison and messages."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import copyfile, copytree
from threading import Thread
from time import sleep

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.arrow.requests import make_row
from tests.audit.archives import DIRECTORY, TIMES, audit, make_rows, read_output, spoil, write_parquet
from tests.commands import BAD, run, write
from tests.lint.changes.test_release import git
from tests.paths import RATE_ACTIVITY, ROOT
from tests.readme import ARCHIVES, block
from tests.test_acceptance import Source
from tests.test_engine import FAST
from validator import load
from validator.arrow import validate_batch
from validator.audit import run as audit_run
from validator.audit import worker
from validator.audit.parts import Part
from validator.audit.store import AUDIT_KEY, Store
from validator.audit.worker import Outcome, Task
from validator.cli import audit as command

ERROR = "activity-validator: error: "


def list_names(folder: str) -> list[str]:
    """Return the names in a folder, sorted."""
    return sorted(path.name for path in Path(folder).iterdir())


def test_output_has_the_verdicts_of_the_engine() -> None:
    """In the order of the archive, with file, row, time and caller; the metadata have the counts."""
    rows = make_rows(25)
    write_parquet("a.parquet", *rows)
    assert audit("a.parquet", "--output", "o.parquet") == (1, "25 requests, 23 accepted, 2 refused\n400-722: 2\n", "")
    table = pq.read_table("o.parquet")
    assert table.select(["file", "row", "caller"]).to_pylist() == [
        {"file": "a.parquet", "row": number, "caller": "1001"} for number in range(1, 26)
    ]
    batch = pq.read_table("a.parquet").combine_chunks().to_batches()[0]
    verdicts = pa.Table.from_batches([validate_batch(batch, FAST)]).drop_columns(["row"])
    assert table.drop_columns(["file", "row", "time", "caller"]) == verdicts
    summary = json.loads(pq.read_metadata("o.parquet").metadata[AUDIT_KEY])
    assert summary == {"operation": "create-email-response", "damaged": [], "accepted": 23, "refused": 2}
    assert list_names(".") == ["a.parquet", "o.parquet"]


def test_example_of_the_page_prints_what_it_shows() -> None:
    """The page on archives shows an audit."""
    write_parquet("requests.parquet", *({**row, "time": "2026-01-01"} for row in make_rows(1000)), schema=TIMES)
    call, *printed = block("text", "$ activity-validator audit requests", ARCHIVES).splitlines()
    arguments = [DIRECTORY if text == "fixtures/directory.json" else text for text in call.split()[3:]]
    assert run("audit", "--jobs", "1", "--isolated", *arguments) == (1, "\n".join([*printed, ""]), "")
    assert list_names(".") == ["audit.html", "requests.parquet", "verdicts.parquet"]


def test_internal_error_has_its_own_status(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is greater than that of refused requests."""
    write_parquet("a.parquet", *make_rows(10))
    broken = load("create-email-response", Source(None))
    monkeypatch.setattr(worker, "load_engines", lambda *_: worker.DatedEngines(None, [broken], None))
    assert audit("a.parquet") == (3, "10 requests, 9 internal error, 1 refused\n500-100: 9\n400-722: 1\n", "")


def test_interrupted_run_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finished parts are not validated again; the output is that of a run without an interrupt."""
    write_parquet("a.parquet", *make_rows(30))
    expected = audit("a.parquet", "--output", "expected.parquet")
    validate = worker.validate_part

    def stop(part: Part, task: Task) -> Outcome:
        if part.number == 2:
            raise KeyboardInterrupt
        return validate(part, task)

    with monkeypatch.context() as patch:
        patch.setattr(audit_run, "validate_part", stop)
        assert audit("a.parquet", "--output", "o.parquet").exit_code == 130
    assert not Path("o.parquet").exists()
    parts = list_names("o.parquet.parts")
    assert parts == ["00000000.parquet", "00000001.parquet", "audit.json"]
    text = expected.stdout + "continued: 2 of 3 parts were validated by an earlier run\n"
    assert audit("a.parquet", "--output", "o.parquet") == (1, text, "")
    assert read_output("o.parquet") == read_output("expected.parquet")
    assert not Path("o.parquet.parts").exists()


def test_damaged_part_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed after all parts leaves no file for a damaged one."""
    write_parquet("a.parquet", *make_rows(20))
    spoil("a.parquet", 0)
    monkeypatch.setattr(Store, "finish", lambda *_: None)
    for _ in range(2):
        assert audit("a.parquet", "--output", "o.parquet").exit_code == 2
        assert "00000001.parquet" in list_names("o.parquet.parts")
        assert "00000000.parquet" not in list_names("o.parquet.parts")


def test_parts_of_another_audit_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another archive, or other settings, need another folder."""
    write_parquet("a.parquet", *make_rows(10))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "finish", lambda *_: None)
        audit("a.parquet", "--output", "o.parquet")
    error = f"{ERROR}o.parquet.parts: the parts of another audit, or of archives that have changed; delete the folder\n"
    assert audit("a.parquet", "--output", "o.parquet", "--caller", "1002") == (2, "", error)
    write_parquet("a.parquet", *make_rows(20))
    assert audit("a.parquet", "--output", "o.parquet") == (2, "", error)


def test_parts_of_other_rules_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that has changed between two runs would give other verdicts."""
    copytree(RATE_ACTIVITY, "home")
    write_parquet("a.parquet", *make_rows(10))
    arguments = ("a.parquet", "--operation", "rate-activity", "--home", "home", "--output", "o.parquet")
    with monkeypatch.context() as patch:
        patch.setattr(Store, "finish", lambda *_: None)
        assert audit(*arguments).exit_code == 1
        assert audit(*arguments).exit_code == 1
    rules = Path("home/rules/rate_activity.py")
    rules.write_text(rules.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert audit(*arguments).exit_code == 2


def test_interrupt_stops_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that wait are not validated; the status is that of an interrupt."""
    write_parquet("a.parquet", *make_rows(100))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(audit_run.Audit, "add", stop)
    assert audit("a.parquet", "--output", "o.parquet", "--jobs", "2").exit_code == 130
    assert len(list_names("o.parquet.parts")) < 10


def test_several_processes_give_the_same_output(capfd: pytest.CaptureFixture[str]) -> None:
    """Each part once, in the order of the archive."""
    write_parquet("a.parquet", *make_rows(60))
    expected = audit("a.parquet", "--output", "expected.parquet", "--report", "expected.html")
    assert audit("a.parquet", "--output", "o.parquet", "--report", "o.html", "--jobs", "2") == expected
    assert read_output("o.parquet") == read_output("expected.parquet")
    assert Path("o.html").read_text(encoding="utf-8") == Path("expected.html").read_text(encoding="utf-8")
    assert capfd.readouterr().err == ""


KILLED = """
import sys
from validator.audit import run, worker
from validator.cli.main import main
add = run.Audit.add
def stop(audit, outcome):
    add(audit, outcome)
    print(outcome.part.number, flush=True)
    sys.stdin.read()
run.Audit.add = stop
if __name__ == "__main__":
    main()
"""


def test_killed_run_leaves_no_process_and_continues() -> None:
    """Workers end with the process that has started them."""
    write_parquet("a.parquet", *make_rows(60))
    Path("killed.py").write_text(KILLED, encoding="utf-8")
    arguments = ["audit", "--isolated", "--directory", DIRECTORY, "a.parquet", "--output", "o.parquet", "--jobs", "2"]
    with subprocess.Popen([sys.executable, "killed.py", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        children = list_children(process.pid)
        assert children
        process.send_signal(signal.SIGKILL)
        process.wait()
    for _ in range(600):
        if not any(Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes() for child in children):
            break
        sleep(0.1)
    else:
        pytest.fail("a worker still runs")
    result = audit("a.parquet", "--output", "o.parquet")
    assert "parts were validated by an earlier run" in result.stdout
    assert [row["row"] for row in read_output("o.parquet")] == list(range(1, 61))


def list_children(parent: int) -> list[str]:
    """Return the processes that a process has started."""
    return Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()


def test_worker_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker waits for its parent in a thread, and ignores interrupts; a process without a parent only ignores them."""
    ended: list[int] = []
    handlers: list[object] = []
    monkeypatch.setattr(signal, "signal", lambda *arguments: handlers.append(arguments))
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(worker, "parent_process", lambda: None)
    worker.start_worker()
    assert ended == []

    class Parent:
        """A process that has ended."""

        def join(self) -> None:
            """Return at once."""

    started: list[object] = []

    class SameThread(Thread):
        """Runs in the thread that starts it."""

        def start(self) -> None:
            """Run."""
            started.append(self.daemon)
            self.run()

    monkeypatch.setattr(worker, "parent_process", Parent)
    monkeypatch.setattr(worker, "Thread", SameThread)
    worker.start_worker()
    assert (ended, started) == ([1], [True])
    assert handlers == [(signal.SIGINT, signal.SIG_IGN)] * 2


def snapshot(name: str, customers: dict[str, object]) -> str:
    """Write reference data."""
    document = json.loads(Path(DIRECTORY).read_text(encoding="utf-8")) | customers
    return write(name, json.dumps(document))


def test_each_request_has_the_reference_data_of_its_time() -> None:
    """From the date on; before the first one, and without a time, there is none."""
    snapshot("old.json", {})
    snapshot("new.json", {"activities": []})
    times = ["2025-12-31T23:59:59Z", "2026-01-01", "2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", None]
    write_parquet("a.parquet", *(make_row() | {"time": time} for time in times), schema=TIMES)
    dated = ("--directory", "2026-02-01=new.json", "--directory", "2026-01-01=old.json")
    arguments = ("audit", "--isolated", "--jobs", "1", "a.parquet", "--time", "time", "--output", "o.parquet")
    assert run(*arguments, *dated).exit_code == 2
    problem = "no reference data is valid at the time of the request, or it has no time"
    assert [(row["accepted"], row["codes"], row["problem"]) for row in read_output("o.parquet")] == [
        (False, [], problem),
        (True, [], None),
        (True, [], None),
        (False, ["400-702"], None),
        (False, [], problem),
    ]


DIRECTORIES = {
    "two": (
        ("--directory", "a.json", "--directory", "b.json"),
        "--directory: each of several files needs its own date, from which on it is valid: DATE=FILE",
    ),
    "same-date": (
        ("--directory", "2026-01-01=a.json", "--directory", "2026-01-01=b.json"),
        "--directory: each of several files needs its own date, from which on it is valid: DATE=FILE",
    ),
    "no-time": (
        ("--directory", "2026-01-01=a.json"),
        "--directory DATE=FILE needs --time, the column with the times of requests",
    ),
    "missing": (("--directory", "x=y.json"), "x=y.json: No such file or directory"),
    "invalid": (("--directory", "a.parquet"), "a.parquet: 1:"),
}


@pytest.mark.parametrize("name", DIRECTORIES)
def test_unusable_reference_data_is_a_usage_error(name: str) -> None:
    """The message names the option or the file."""
    arguments, message = DIRECTORIES[name]
    write_parquet("a.parquet", make_row())
    result = run("audit", "--isolated", "--jobs", "1", "a.parquet", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{ERROR}{message}")


def test_reference_data_may_be_absent_or_configured() -> None:
    """Without them, the caller of recordings is 1, and rules are skipped."""
    write_parquet("a.parquet", make_row())
    assert run("audit", "--isolated", "--jobs", "1", "a.parquet", "--output", "o.parquet").exit_code == 0
    assert len(read_output("o.parquet")[0]["skipped"]) > 5
    write("activity-validator.toml", f'directory = "{DIRECTORY}"')
    assert run("audit", "--jobs", "1", "a.parquet", "--output", "o.parquet").exit_code == 0
    assert read_output("o.parquet")[0]["skipped"] == []


def test_two_outputs_are_compared() -> None:
    """By code, with each changed request in a file."""
    write_parquet("a.parquet", make_row(), make_row(BAD), make_row(), make_row(BAD))
    audit("a.parquet", "--output", "old.parquet")
    write_parquet("a.parquet", make_row(), make_row(), make_row(BAD), make_row(BAD.replace("1}", '1, "x": 1}')))
    result = audit("a.parquet", "--output", "new.parquet", "--against", "old.parquet", "--report", "r.html")
    changes = [
        "3 changed verdicts",
        "now refused: 400-722: 1",
        "now accepted: 400-722: 1",
        "other codes: +400-721: 1",
        "a.parquet:2: 400-722 -> accepted",
        "a.parquet:3: accepted -> 400-722",
        "a.parquet:4: 400-722 -> 400-722 400-721",
    ]
    assert result.stdout.splitlines()[-7:] == changes
    assert "<li>now refused: 400-722: 1</li>" in Path("r.html").read_text(encoding="utf-8")
    compared = run("audit", "new.parquet", "--against", "old.parquet", "--changes", "c.jsonl")
    assert compared == (1, "\n".join([*changes, ""]), "")
    lines = [json.loads(line) for line in Path("c.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == [
        {"file": "a.parquet", "row": 2, "old": ["400-722"], "new": []},
        {"file": "a.parquet", "row": 3, "old": [], "new": ["400-722"]},
        {"file": "a.parquet", "row": 4, "old": ["400-722"], "new": ["400-722", "400-721"]},
    ]
    assert run("audit", "new.parquet", "--against", "new.parquet") == (0, "0 changed verdicts\n", "")


def test_many_changes_are_cut() -> None:
    """The first ten are printed."""
    write_parquet("a.parquet", *[make_row()] * 12)
    audit("a.parquet", "--output", "old.parquet")
    result = audit("a.parquet", "--output", "new.parquet", "--against", "old.parquet", "--caller", "1001", "--column", "caller=")
    assert result.stdout.splitlines()[-1] == "and 2 more"
    assert "now refused: 401-101: 12" in result.stdout


def test_home_of_a_release_is_run_in_another_process() -> None:
    """Its verdicts are an output next to the new one."""
    copytree(RATE_ACTIVITY, "old")
    copytree(RATE_ACTIVITY, "new")
    for name in ("request.schema.json", "request.xsd"):
        file = Path("old/schemas/rate-activity", name)
        file.write_text(file.read_text(encoding="utf-8").replace('"good"', '"fine"'), encoding="utf-8")
    body = b'{"score": {"value": "good"}}'
    write_parquet("a.parquet", make_row(body) | {"time": "2026-01-01"}, schema=TIMES)
    arguments = ("audit", "--isolated", "--jobs", "1", "--operation", "rate-activity", "--home", "new", "a.parquet")
    dated = ("--directory", f"2026-01-01={DIRECTORY}", "--time", "time", "--caller", "1001")
    result = run(*arguments, *dated, "--output", "o.parquet", "--against", "old")
    assert result.stdout.splitlines() == [
        "1 request, 1 accepted",
        "1 changed verdict",
        "now accepted: 400-196: 1",
        "a.parquet:1: 400-196 -> accepted",
    ]
    assert read_output("o.parquet.against.parquet")[0]["codes"] == ["400-196"]
    Path("old/schemas/rate-activity/operation.json").unlink()
    failed = run(*arguments, "--output", "o.parquet", "--against", "old", "--caller", "nobody")
    assert (failed.exit_code, failed.stdout) == (2, "")
    assert failed.stderr.startswith(f"{ERROR}--against old: ")


def test_git_revision_is_a_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its home is not checked out; its rules are run, and a run that is interrupted continues."""
    copytree(RATE_ACTIVITY, "r/api")
    files = [Path("r/api/schemas/rate-activity", name) for name in ("request.schema.json", "request.xsd")]
    for file in files:
        file.write_text(file.read_text(encoding="utf-8").replace('"good"', '"fine"'), encoding="utf-8")
    git(Path("r"), "init", "--quiet")
    git(Path("r"), "commit", "--quiet", "--allow-empty", "--message", "nothing")
    git(Path("r"), "tag", "v0")
    git(Path("r"), "add", "--all")
    git(Path("r"), "commit", "--quiet", "--message", "v1")
    git(Path("r"), "tag", "v1")
    for file in files:
        file.write_text(file.read_text(encoding="utf-8").replace('"fine"', '"good"'), encoding="utf-8")
    write_parquet("a.parquet", make_row(b'{"score": {"value": "good"}}'))
    arguments = ("a.parquet", "--operation", "rate-activity", "--home", "r/api", "--output", "o.parquet", "--against")
    with monkeypatch.context() as patch:
        patch.setenv("TMPDIR", str(Path("temporary").absolute()))
        patch.setattr(tempfile, "tempdir", None)
        Path("temporary").mkdir()
        changes = ["1 changed verdict", "now accepted: 400-196: 1", "a.parquet:1: 400-196 -> accepted"]
        assert audit(*arguments, "v1") == (0, "\n".join(["1 request, 1 accepted", *changes, ""]), "")
        assert list_names("temporary") == []
    monkeypatch.setattr(tempfile, "tempdir", None)
    rules = Path("r/api/rules/rate_activity.py")
    rules.write_text("x\n", encoding="utf-8")
    Path("r/api/schemas/link").symlink_to("rate-activity")
    git(Path("r"), "add", "--all")
    git(Path("r"), "commit", "--quiet", "--message", "v2")
    git(Path("r"), "tag", "v2")
    link = "r/api/schemas/link is a link or submodule in the release; check the revision out, and name its folder"
    git(Path("r"), "rm", "--quiet", "--cached", "api/schemas/link")
    git(Path("r"), "commit", "--quiet", "--message", "v3")
    copyfile(RATE_ACTIVITY / "rules" / "rate_activity.py", rules)
    for revision, reason in {
        "v0": "no operation in r/api/schemas; expected a folder with operation.json for each",
        "v2": link.removeprefix("r/"),
        "HEAD": "rules/rate_activity.py:1: NameError: name 'x' is not defined",
        "v9": f"no such folder, and no such revision of {Path('r').absolute()}",
    }.items():
        assert audit(*arguments, revision) == (2, "", f"{ERROR}--against {revision}: {reason}\n")


USAGE = {
    "against-nothing": (("a.parquet", "--output", "o.parquet", "--against", "x.parquet"), "--against x.parquet: no such file"),
    "no-repository": (
        ("a.parquet", "--operation", "rate-activity", "--home", "api", "--output", "o.parquet", "--against", "v1.0"),
        "--against v1.0: no such folder, and no revision of ",
    ),
    "against-archive": (
        ("a.parquet", "--output", "o.parquet", "--against", "a.parquet"),
        "--against a.parquet: not the output of an audit",
    ),
    "against-without-output": (("a.parquet", "--against", "x"), "--against needs --output, whose verdicts are compared"),
    "changes-alone": (("a.parquet", "--changes", "x"), "--changes needs --against"),
    "output-alone": (("done.parquet",), "done.parquet is the output of an audit; compare it with another one: --against OUTPUT"),
    "output-and-output": (
        ("done.parquet", "--against", "done.parquet", "--output", "x"),
        "done.parquet is the output of an audit; compare it with another one: --against OUTPUT",
    ),
    "other-archive": (
        ("done.parquet", "--against", "other.parquet"),
        "other.parquet and done.parquet are audits of different archives: one of them lacks a.parquet:1",
    ),
    "shorter": (
        ("empty.parquet", "--against", "done.parquet"),
        "done.parquet and empty.parquet are audits of different archives: one of them lacks a.parquet:1",
    ),
    "not-parquet": (("done.parquet", "--against", "a.jsonl"), "a.jsonl: "),
    "changes-folder": (("done.parquet", "--against", "done.parquet", "--changes", "no/x"), "no/x: No such file or directory"),
    "output-folder": (("a.parquet", "--output", "a.jsonl/o.parquet"), "a.jsonl/o.parquet.parts: Not a directory"),
    "output-is-folder": (("a.parquet", "--output", "folder"), "--output folder: not a regular file"),
    "report-folder": (("a.parquet", "--report", "no/r.html"), "no/r.html: No such file or directory"),
    "operation": (("a.parquet", "--operation", "x"), "unknown operation 'x'"),
}


@pytest.mark.parametrize("name", USAGE)
def test_usage_error_is_one_line(name: str) -> None:
    """It says what is wrong, and the status is 2."""
    arguments, message = USAGE[name]
    write_parquet("a.parquet", make_row())
    audit("a.parquet", "--output", "done.parquet")
    write_parquet("b.parquet", make_row())
    audit("b.parquet", "--output", "other.parquet")
    write_parquet("b.parquet")
    audit("b.parquet", "--output", "empty.parquet")
    write("a.jsonl", "")
    Path("folder").mkdir()
    copytree(RATE_ACTIVITY, "api")
    result = audit(*arguments)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith(f"{ERROR}{message}")


def test_full_disk_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts that are finished remain."""
    write_parquet("a.parquet", make_row())

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(worker, "_write", fail)
    assert audit("a.parquet", "--output", "o.parquet") == (2, "", f"{ERROR}o.parquet: No space left on device\n")


@pytest.mark.parametrize(("absent", "feature"), [("pyarrow", "audit"), ("matplotlib", "audit --report")])
def test_missing_package_names_the_extra(absent: str, feature: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the report, matplotlib is not needed."""
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == absent else name)
    error = f"{ERROR}{feature} needs the extra 'audit': pip install 'activity-validator[audit]'\n"
    assert audit("a.parquet", "--report", "r.html") == (2, "", error)


def test_other_commands_import_neither_pyarrow_nor_matplotlib() -> None:
    """The start of the command does not take longer."""
    code = (
        "import sys, validator; from validator.cli.main import make_parser; make_parser(['check', 'x']); make_parser(['audit'])"
    )
    printed = "print([name for name in ('pyarrow', 'matplotlib', 'validator.arrow') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"{code}; {printed}"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
