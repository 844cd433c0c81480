"""Columns of archives: values in the names of folders, other columns that the output has, and times of recordings."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

from tests.arrow.requests import SCHEMA, make_row
from tests.audit.archives import DIRECTORY, audit, make_har, make_line, read_output, write_parquet
from tests.commands import BAD, GOOD, run, write
from validator.audit import columns

ERROR = "activity-validator: error: "
NO_CALLER = SCHEMA.remove(SCHEMA.get_field_index("caller"))


def select(output: str, *names: str) -> list[tuple[Any, ...]]:
    """Return columns of an output, row by row."""
    return [tuple(row[name] for name in names) for row in read_output(output)]


def test_names_of_folders_are_columns() -> None:
    """As pyarrow writes a partitioned archive, with values in percent-encoding, and null."""
    rows = [
        make_row() | {"caller": "1001", "date": "2026-01-01", "id": "a"},
        make_row() | {"caller": None, "date": "2026-01-01", "id": "b"},
        make_row() | {"caller": "other:user", "date": "2026-01-02 10:00:00", "id": "c"},
    ]
    schema = pa.schema([*SCHEMA, ("date", pa.string()), ("id", pa.string())])
    partitioning = pyarrow.dataset.partitioning(pa.schema([("date", pa.string()), ("caller", pa.string())]), flavor="hive")
    table = pa.Table.from_pylist(rows, schema)
    pyarrow.dataset.write_dataset(table, "a", format="parquet", partitioning=partitioning)
    assert Path("a/date=2026-01-02%2010%3A00%3A00/caller=other%3Auser/part-0.parquet").is_file()
    arguments = ("--time", "date", "--keep", "id", "--keep", "date", "--output", "o.parquet")
    expected = "3 requests, 1 accepted, 2 refused\n401-101: 1\n403-112: 1\n"
    assert audit("a", *arguments) == (1, expected, "")
    day = datetime(2026, 1, 1, tzinfo=UTC)
    assert sorted(select("o.parquet", "id", "time", "caller", "codes", "date")) == [
        ("a", day, "1001", [], "2026-01-01"),
        ("b", day, "nobody", ["401-101"], "2026-01-01"),
        ("c", datetime(2026, 1, 2, 10, tzinfo=UTC), "other:user", ["403-112"], "2026-01-02 10:00:00"),
    ]


def test_lines_in_folders_have_their_values() -> None:
    """A member of the line itself comes first, also null; so does the outer one of two folders."""
    lines = [json.loads(make_line()) for _ in range(2)]
    del lines[0]["caller"]
    lines[1]["caller"] = None
    Path("a/day=2026-01-01/day=2026-01-02/caller=1001").mkdir(parents=True)
    Path("a/day=2026-01-01/day=2026-01-02/caller=1001/b.jsonl.gz").write_bytes(
        gzip.compress("\n".join(json.dumps(line) for line in lines).encode())
    )
    assert audit("a/day=2026-01-01", "--time", "day", "--output", "o.parquet").exit_code == 1
    day = datetime(2026, 1, 1, tzinfo=UTC)
    assert select("o.parquet", "time", "caller") == [(day, "1001"), (day, "nobody")]


def test_column_of_the_file_comes_before_the_folder() -> None:
    """The file says what was recorded; and all columns of requests may be those of folders."""
    write_parquet("caller=1002/a.parquet", make_row())
    assert audit("caller=1002/a.parquet", "--output", "o.parquet").exit_code == 0
    assert select("o.parquet", "caller") == [("1001",)]
    write_parquet("ids=2001/user=other%3Auser/a.parquet", {"body": b"", "other": 1}, schema=pa.schema({"other": pa.int64()}))
    names = ("--column", "caller=user", "--column", "query=", "--column", "headers=", "--column", "body=")
    assert audit("ids=2001", *names, "--output", "o.parquet").stdout == "1 request, 1 refused\n403-112: 1\n"


def test_folder_that_is_not_utf_8_is_damage() -> None:
    """The other files are validated."""
    write_parquet("a/caller=%FF/a.parquet", make_row(), schema=NO_CALLER)
    write_parquet("a/caller=1001/a.parquet", make_row(), schema=NO_CALLER)
    write("a/caller=%FF/b.jsonl", make_line())
    result = audit("a")
    assert (result.exit_code, result.stdout) == (2, "1 request, 1 accepted\ndamaged: 2 of 3 parts could not be read\n")
    reason = "Partition segment was not valid UTF-8 after URL decoding: %FF\n"
    assert result.stderr == f"{ERROR}a/caller=%FF/a.parquet:1: {reason}{ERROR}a/caller=%FF/b.jsonl:1: {reason}"


KINDS = {
    "text": (["a", None], pa.string(), pa.string()),
    "large-text": (["a", None], pa.large_string(), pa.string()),
    "dictionary": (["a", None], pa.dictionary(pa.int32(), pa.string()), pa.string()),
    "number": ([1, None], pa.int64(), pa.int64()),
    "nanoseconds": ([1234567890123456789, None], pa.timestamp("ns"), pa.timestamp("ns")),
    "lists": ([["a"], None], pa.list_(pa.string()), pa.list_(pa.string())),
    "structs": ([{"a": 1}, None], pa.struct({"a": pa.int8()}), pa.struct({"a": pa.int8()})),
}


@pytest.mark.parametrize("name", KINDS)
def test_kept_column_has_its_type(name: str) -> None:
    """Of Parquet; only text has one type, whatever the file has."""
    values, kind, expected = KINDS[name]
    table = pa.Table.from_pylist([make_row(), make_row(BAD)], SCHEMA).append_column("x", pa.array(values, kind))
    pq.write_table(table, "a.parquet", row_group_size=1)
    assert audit("a.parquet", "--keep", "x", "--keep", "x", "--output", "o.parquet").exit_code == 1
    result = pq.read_table("o.parquet")
    assert result.schema.names[:6] == ["file", "row", "time", "caller", "x", "accepted"]
    assert result["x"].combine_chunks() == pa.array(values, expected)


def test_kept_members_of_lines_are_text() -> None:
    """Others than text are JSON; a line without the member, one that is no request, and a recording have null."""
    values: list[Any] = ["é", "\ud800", 5, {"a": [None]}, None]
    lines = [make_line(x=value) for value in values]
    write("a.jsonl", "\n".join([*lines, make_line(), "{", make_line(ids=5, x="y")]))
    write("b.har", make_har({"name": "Content-Type", "value": "application/json"}, text=GOOD))
    assert audit("a.jsonl", "b.har", "--keep", "x", "--output", "o.parquet").exit_code == 2
    expected = ["é", "?", "5", '{"a": [null]}', None, None, None, "y", None]
    assert [row["x"] for row in read_output("o.parquet")] == expected


USAGE = {
    "no-output": (("a.parquet", "--keep", "row"), "--keep needs --output, which has the columns"),
    "used": (("a.parquet", "--keep", "codes"), "--keep codes: the output has a column of this name already"),
    "parquet": (("a.parquet", "--keep", "requestid"), "a.parquet: no column 'requestid' to keep; did you mean 'request_id'?"),
    "line": (("a.jsonl", "--keep", "idz"), "a.jsonl: no column 'idz' to keep; did you mean 'ids'?"),
    "line-time": (("a.jsonl", "--time", "x"), "a.jsonl: no column 'x' for the time"),
    "recording": (("a.har", "--keep", "x"), "--keep x: recordings have no columns"),
    "types": (
        ("a.parquet", "a.jsonl", "--keep", "n"),
        "--keep n: the type is int64 in a.parquet, and string in a.jsonl",
    ),
    "twice": (("twice.parquet", "--keep", "x"), "twice.parquet: 2 columns have the name 'x'"),
}


@pytest.mark.parametrize("name", USAGE)
def test_column_that_cannot_be_kept_is_a_usage_error(name: str) -> None:
    """Before anything is written."""
    arguments, message = USAGE[name]
    table = pa.Table.from_pylist([make_row()], SCHEMA).append_column("n", pa.array([1]))
    pq.write_table(table.append_column("request_id", pa.array(["a"])), "a.parquet")
    pq.write_table(table.append_column("x", pa.array([1])).append_column("x", pa.array([1])), "twice.parquet")
    write("a.jsonl", f"[]\n{{\n{make_line(n=1)}\n")
    write("a.har", make_har())
    before = sorted(Path().iterdir())
    options = () if name == "no-output" else ("--output", "o.parquet")
    assert audit(*arguments, *options) == (2, "", f"{ERROR}{message}\n")
    assert sorted(Path().iterdir()) == before


def test_only_the_first_block_of_lines_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member may be absent from many lines, and a line may be longer than a piece; a damaged file is reported later."""
    monkeypatch.setattr(columns, "_PIECE", 100)
    lines = [make_line(), make_line(), make_line(x="1")]
    write("a.jsonl", "\n".join(lines))
    assert audit("a.jsonl", "--keep", "x", "--output", "o.parquet").exit_code == 0
    assert [row["x"] for row in read_output("o.parquet")] == [None, None, "1"]
    monkeypatch.setattr(columns, "BLOCK", 400)
    assert audit("a.jsonl", "--keep", "x", "--output", "o.parquet").exit_code == 2
    write("b.jsonl.gz", "x")
    write("c.parquet", "x")
    write("d.jsonl", "5\n")
    result = audit("b.jsonl.gz", "c.parquet", "--time", "x", "--keep", "y", "--output", "o.parquet")
    assert result.stdout == "0 requests\ndamaged: 2 of 2 parts could not be read\n"


def test_recorded_request_has_its_time() -> None:
    """An HTTP archive needs no option; a .http file has no times."""
    times = ["2026-01-31T23:59:59.999Z", "2026-02-01T01:00:00+01:00", None, "yesterday"]
    write("a.har", make_har({"name": "Content-Type", "value": "application/json"}, times=times, text=GOOD))
    write("a.http", f"POST /activities/2001/email-response\nContent-Type: application/json\n\n{GOOD}\n")
    write("new.json", json.dumps(json.loads(Path(DIRECTORY).read_text(encoding="utf-8")) | {"activities": []}))
    dated = (f"--directory=2026-01-01={DIRECTORY}", "--directory=2026-02-01=new.json")
    result = run("audit", "--isolated", "--jobs", "1", *dated, "a.har", "a.http", "--output", "o.parquet")
    assert (result.exit_code, result.stderr) == (2, "")
    problem = "no reference data is valid at the time of the request, or it has no time"
    assert select("o.parquet", "file", "row", "time", "accepted", "codes", "problem") == [
        ("a.har", 1, datetime(2026, 1, 31, 23, 59, 59, 999000, UTC), True, [], None),
        ("a.har", 2, datetime(2026, 2, 1, tzinfo=UTC), False, ["400-702"], None),
        ("a.har", 3, None, False, [], problem),
        ("a.har", 4, None, False, [], "invalid time: Invalid isoformat string: 'yesterday'"),
        ("a.http", 1, None, False, [], problem),
    ]
    write_parquet("a.parquet", make_row())
    message = "--directory DATE=FILE needs --time, the column with the times of requests"
    assert run("audit", "--isolated", *dated, "a.har", "a.parquet") == (2, "", f"{ERROR}{message}\n")
