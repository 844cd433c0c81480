"""Files that an audit must not overwrite, and archives that cannot be read: one line each, and nothing is lost."""

import errno
import gzip
import os
from pathlib import Path
from shutil import copyfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.arrow.requests import SCHEMA, make_row
from tests.audit.archives import DIRECTORY, audit, make_line, read_output, write_parquet
from tests.commands import run, write
from validator.audit.parts import Part
from validator.audit.reading import read_chunks
from validator.audit.rows import Layout
from validator.head.route import Endpoint

ERROR = "activity-validator: error: "
ACCEPTED = "1 request, 1 accepted\n"
ENDPOINT = Endpoint("POST", "/{ids}")
OVERWRITTEN = {
    "archive": (("--output", "a.parquet"), "--output a.parquet: would overwrite a.parquet"),
    "relative": (("--output", "./b/../a.parquet"), "--output ./b/../a.parquet: would overwrite a.parquet"),
    "link": (("--output", "link.parquet"), "--output link.parquet: would overwrite a.parquet"),
    "hard-link": (("--output", "hard.parquet"), "--output hard.parquet: would overwrite a.parquet"),
    "report": (("--report", "a.parquet"), "--report a.parquet: would overwrite a.parquet"),
    "report-as-output": (("--output", "o.x", "--report", "o.x"), "--report o.x: would overwrite o.x"),
    "changes": (
        ("--output", "o.x", "--against", "b", "--changes", "a.parquet"),
        "--changes a.parquet: would overwrite a.parquet",
    ),
    "reference-data": (("--directory", "d.json", "--output", "d.json"), "--output d.json: would overwrite d.json"),
    "dated-reference-data": (
        ("--directory", "2026-01-01=d.json", "--time", "ids", "--report", "d.json"),
        "--report d.json: would overwrite d.json",
    ),
    "old-output": (("--output", "old.parquet", "--against", "old.parquet"), "--output old.parquet: would overwrite old.parquet"),
    "pipe": (("--output", "pipe"), "--output pipe: not a regular file"),
    "folder": (("--output", "b"), "--output b: not a regular file"),
}


@pytest.mark.parametrize("name", OVERWRITTEN)
def test_files_that_are_read_are_not_overwritten(name: str) -> None:
    """By any name; nor are devices and pipes replaced by a file."""
    write_parquet("a.parquet", make_row())
    Path("b").mkdir()
    copyfile(DIRECTORY, "d.json")
    audit("a.parquet", "--output", "old.parquet")
    Path("link.parquet").symlink_to("a.parquet")
    Path("hard.parquet").hardlink_to("a.parquet")
    os.mkfifo("pipe")
    before = [Path(file).read_bytes() for file in ("a.parquet", "d.json", "old.parquet")]
    arguments, message = OVERWRITTEN[name]
    own = [] if "--directory" in arguments else ["--directory", DIRECTORY]
    assert run("audit", "--isolated", "--jobs", "1", "a.parquet", *own, *arguments) == (2, "", f"{ERROR}{message}\n")
    assert [Path(file).read_bytes() for file in ("a.parquet", "d.json", "old.parquet")] == before
    assert Path("pipe").is_fifo()


def test_verdicts_of_a_release_do_not_overwrite_an_archive() -> None:
    """Their file is named after the output."""
    archive = write_parquet("o.x.against.parquet", make_row())
    message = f"--against {archive}: would overwrite {archive}"
    assert audit(archive, "--output", "o.x", "--against", "v1") == (2, "", f"{ERROR}{message}\n")
    assert pq.read_metadata(archive).num_rows == 1


def test_output_is_not_an_archive() -> None:
    """Neither in a folder of archives nor among others; a link to an output remains one."""
    write_parquet("f/a.parquet", make_row())
    message = "--output f/o.parquet: in the folder f, where the next run would read it"
    assert audit("f", "--output", "f/o.parquet") == (2, "", f"{ERROR}{message}\n")
    Path("link.parquet").symlink_to("o.parquet")
    assert audit("f", "--output", "link.parquet") == (0, ACCEPTED, "")
    assert (Path("link.parquet").is_symlink(), len(read_output("o.parquet"))) == (True, 1)
    Path("o.parquet").rename("f/o.parquet")
    assert audit("f") == (2, "", f"{ERROR}f/o.parquet: the output of an audit is not an archive\n")


def test_output_that_cannot_be_replaced_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts remain, for the next run."""
    replace = os.replace

    def refuse(source: str, target: str) -> None:
        if Path(target).name == "o.parquet":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), source)
        replace(source, target)

    write_parquet("a.parquet", make_row())
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        assert audit("a.parquet", "--output", "o.parquet") == (2, "", f"{ERROR}o.parquet: Permission denied\n")
    continued = f"{ACCEPTED}continued: 1 of 1 parts were validated by an earlier run\n"
    assert audit("a.parquet", "--output", "o.parquet") == (0, continued, "")


def test_two_runs_do_not_write_one_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one ends with an error; where files cannot be locked, nothing is checked."""
    fcntl = pytest.importorskip("fcntl", reason="files cannot be locked here")
    write_parquet("a.parquet", make_row())
    Path("o.parquet.parts").mkdir()
    descriptor = os.open("o.parquet.parts", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    message = "o.parquet.parts: another run is writing the parts of this output"
    assert audit("a.parquet", "--output", "o.parquet") == (2, "", f"{ERROR}{message}\n")
    monkeypatch.setitem(__import__("sys").modules, "fcntl", None)
    assert audit("a.parquet", "--output", "o.parquet") == (0, ACCEPTED, "")
    os.close(descriptor)


def test_archives_that_cannot_be_read_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes, broken links, links to folders, names that are not UTF-8, and folders that cannot be listed."""
    write("f/a.jsonl", make_line())
    os.mkfifo("pipe.jsonl")
    assert audit("pipe.jsonl") == (2, "", f"{ERROR}pipe.jsonl: not a regular file\n")
    Path("f/b.jsonl").symlink_to("nothing")
    assert audit("f") == (2, "", f"{ERROR}f/b.jsonl: no such file or folder\n")
    Path("f/b.jsonl").unlink()
    Path("f/g").symlink_to("..")
    assert audit("f") == (2, "", f"{ERROR}f/g: a link to a folder is not followed; name the folder itself\n")
    Path("f/g").unlink()
    name = os.fsdecode(b"f/\xff.jsonl")
    write(name, make_line())
    assert audit("f") == (2, "", f"{ERROR}f/\\udcff.jsonl: the name is not UTF-8\n")
    Path(name).unlink()

    scan = os.scandir

    def refuse(path: str) -> object:
        if path == "f":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert audit("f") == (2, "", f"{ERROR}f: Permission denied\n")


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_empty_compressed_file_is_damaged(suffix: str) -> None:
    """An empty file is not what compression makes of no lines."""
    name = write(f"a.jsonl{suffix}", "")
    summary = "0 requests\ndamaged: 1 of 1 parts could not be read\n"
    assert audit(name) == (2, summary, f"{ERROR}{name}:1: from this line on: the file is empty\n")
    Path("b.jsonl.gz").write_bytes(gzip.compress(b""))
    assert audit("b.jsonl.gz") == (0, "0 requests\n", "")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (pa.timestamp("s"), 9_400_000_000_000),
        (pa.timestamp("ms"), 253_402_300_800_000),
        (pa.timestamp("us"), -62_135_596_800_000_001),
        (pa.timestamp("us", "Mars/Olympus"), 0),
    ],
    ids=str,
)
def test_time_that_has_no_date_is_that_of_its_row_only(kind: pa.DataType, value: int) -> None:
    """The row is not a request; one without a time is."""
    table = pa.Table.from_pylist([make_row(), make_row()], SCHEMA)
    pq.write_table(table.append_column("time", pa.array([value, None], pa.int64()).cast(kind)), "a.parquet")
    reason = "invalid time: it is not between the years 1 and 9999, or its time zone is not known"
    summary = "2 requests, 1 accepted, 1 not a request\n"
    assert audit("a.parquet", "--time", "time", "--output", "o.parquet") == (2, summary, "")
    assert [(row["problem"], row["time"]) for row in read_output("o.parquet")] == [(reason, None), (None, None)]


def test_nanoseconds_are_cut() -> None:
    """Times of archives are exact to the microsecond."""
    table = pa.Table.from_pylist([make_row()], SCHEMA)
    pq.write_table(table.append_column("time", pa.array([1_999], pa.timestamp("ns", "UTC"))), "a.parquet")
    assert audit("a.parquet", "--time", "time", "--output", "o.parquet") == (0, ACCEPTED, "")
    assert [row["time"].microsecond for row in read_output("o.parquet")] == [1]


def test_archive_that_changes_during_the_audit_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row groups and columns are those that were listed, and a row group has as many rows as it says."""
    write_parquet("a.parquet", make_row(), make_row())
    for group, layout in ((1, Layout()), (0, Layout(time="when"))):
        with pytest.raises(ValueError, match="the file has changed during the audit"):
            list(read_chunks(Part(0, "a.parquet", 1, 1.0, group), layout, ENDPOINT, None))
    iter_batches = pq.ParquetFile.iter_batches
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda *args, **kwargs: [*iter_batches(*args, **kwargs)][1:])
    summary = "0 requests\ndamaged: 1 of 1 parts could not be read\n"
    message = "a.parquet:1: the row group has 0 rows in place of 2"
    assert audit("a.parquet") == (2, summary, f"{ERROR}{message}\n")
