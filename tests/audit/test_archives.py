"""Archives of each kind: their requests, lines that hold no request, and damage."""

import gzip
import json
from base64 import b64encode
from pathlib import Path

import pyarrow as pa
import pytest

from tests.arrow.requests import SCHEMA, make_row
from tests.audit.archives import TIMES, audit, make_har, make_line, make_rows, read_output, spoil, write_parquet
from tests.commands import BAD, GOOD, write
from validator.audit import parts

REFUSED = "1 request, 1 refused\n400-722: 1\n"
ACCEPTED = "1 request, 1 accepted\n"
HTTP = f"""### one
POST /activities/2001/email-response
Content-Type: application/json

{GOOD}
"""


def test_folders_are_searched_and_hidden_files_are_not(tmp_path: Path) -> None:
    """Files of a partitioned folder come in the order of their names; others are omitted."""
    for name in ("b/x=1/p.parquet", "b/x=2/p.parquet", "b/_tmp/p.parquet", "b/.p.parquet"):
        write_parquet(name, make_row())
    write("b/readme.txt", "")
    write("b/x=1/l.jsonl", make_line())
    assert audit("b", "--output", "o.parquet") == (0, "3 requests, 3 accepted\n", "")
    assert [row["file"] for row in read_output("o.parquet")] == ["b/x=1/l.jsonl", "b/x=1/p.parquet", "b/x=2/p.parquet"]
    assert str(tmp_path) not in str(read_output("o.parquet"))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nothing.parquet", "nothing.parquet: no such file or folder"),
        ("a.txt", f"a.txt: not an archive; expected {', '.join((*parts.PARQUET, *parts.LINES, *parts.RECORDINGS))}"),
        ("empty", f"empty: no archive in the folder; expected {', '.join((*parts.PARQUET, *parts.LINES, *parts.RECORDINGS))}"),
    ],
)
def test_path_that_is_no_archive_is_a_usage_error(path: str, message: str) -> None:
    """The message says what is expected."""
    write("a.txt", "")
    Path("empty").mkdir()
    assert audit(path) == (2, "", f"activity-validator: error: {message}\n")


def test_columns_of_parquet_are_checked() -> None:
    """Before anything is validated."""
    write_parquet("a.parquet", make_row(), schema=SCHEMA.remove(3))
    error = "activity-validator: error: a.parquet: no column 'body' for body in the batch\n"
    assert audit("a.parquet") == (2, "", error)
    write_parquet("b.parquet", make_row())
    assert audit("b.parquet", "--time", "times") == (
        2,
        "",
        "activity-validator: error: b.parquet: no column 'times' for the time\n",
    )


def test_columns_of_other_names_are_read() -> None:
    """An empty name stands for a column that the archive does not have."""
    schema = SCHEMA.set(3, pa.field("payload", pa.binary())).remove(1)
    write_parquet("a.parquet", make_row() | {"payload": BAD.encode()}, schema=schema)
    assert audit("a.parquet", "--column", "body=payload", "--column", "query=") == (1, REFUSED, "")
    error = "activity-validator: error: --column {}: expected PART=NAME, PART one of ids, query, headers, body, caller{}\n"
    assert audit("a.parquet", "--column", "bodi=x") == (2, "", error.format("bodi=x", "; did you mean 'body'?"))
    assert audit("a.parquet", "--column", "body") == (2, "", error.format("body", "; did you mean 'body'?"))


@pytest.mark.parametrize("kind", ["string", "timestamp[us, UTC]", "timestamp[ns]", "date32"])
def test_times_of_each_type_are_in_utc(kind: str) -> None:
    """Text as in ISO 8601, timestamps and dates; without an offset in UTC."""
    types = {
        "string": pa.string(),
        "timestamp[us, UTC]": pa.timestamp("us", "UTC"),
        "timestamp[ns]": pa.timestamp("ns"),
        "date32": pa.date32(),
    }
    days = pa.array(["2026-01-01", None]).cast(pa.date32())
    times = pa.array(["2026-01-01T01:00:00+01:00", None]) if kind == "string" else days.cast(types[kind])
    table = pa.Table.from_pylist([make_row(), make_row()], SCHEMA).append_column("time", times)
    pa.parquet.write_table(table, "a.parquet")
    assert audit("a.parquet", "--time", "time", "--output", "o.parquet") == (0, "2 requests, 2 accepted\n", "")
    assert [str(row["time"]) for row in read_output("o.parquet")] == ["2026-01-01 00:00:00+00:00", "None"]


@pytest.mark.parametrize("time", ["x", "0001-01-01T00:00:00+10:00"])
def test_invalid_time_is_a_row_that_is_no_request(time: str) -> None:
    """It is counted, and the others are validated."""
    write_parquet("a.parquet", make_row() | {"time": time}, make_row() | {"time": None}, schema=TIMES)
    result = audit("a.parquet", "--time", "time", "--output", "o.parquet", "--report", "r.html")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (2, "2 requests, 1 accepted, 1 not a request")
    assert read_output("o.parquet")[0]["problem"].startswith("invalid time: ")


def test_number_is_no_time() -> None:
    """The unit would be a guess."""
    schema = SCHEMA.append(pa.field("time", pa.int64()))
    write_parquet("a.parquet", make_row() | {"time": 1}, schema=schema)
    audit("a.parquet", "--time", "time", "--output", "o.parquet")
    assert read_output("o.parquet")[0]["problem"] == "invalid time: a time must be text as in ISO 8601"


LINES: dict[str, tuple[str, str | None]] = {
    "pairs": (make_line(), None),
    "object": (make_line(headers={"Content-Type": "application/json"}), None),
    "null-headers": (make_line(headers=None), None),
    "base64": (make_line(body=None, bodyBase64=b64encode(GOOD.encode()).decode()), None),
    "not-json": ("{", "invalid line: Expecting property name"),
    "deep": ("[" * 100_000, "invalid line: maximum recursion depth exceeded"),
    "list": ("[]", "invalid line: expected an object"),
    "no-caller": (json.dumps({"ids": "2001", "headers": []}), "invalid line: no member 'caller'"),
    "ids": (make_line(ids=2001), "invalid line: 'ids' must be text or null"),
    "body": (make_line(body={}), "invalid line: 'body' must be text or null"),
    "not-base64": (make_line(bodyBase64="?"), "invalid line: "),
    "headers": (make_line(headers=[["a"]]), "invalid line: headers must be a list of pairs of text, or an object"),
    "header-number": (make_line(headers=[["a", 1]]), "invalid line: headers must be a list of pairs of text, or an object"),
    "headers-text": (make_line(headers="a"), "invalid line: headers must be a list of pairs of text, or an object"),
    "caller": (make_line(caller="x"), "invalid caller 'x'"),
    "time": (make_line(time=1), "invalid line: a time must be text as in ISO 8601"),
}


@pytest.mark.parametrize("name", LINES)
def test_line_is_a_request_or_says_why_not(name: str) -> None:
    """Its number is that of the line; empty lines count, but are no requests."""
    line, problem = LINES[name]
    write("a.jsonl", f"{make_line(time=None)}\n \n{line}\n")
    result = audit("a.jsonl", "--time", "time", "--output", "o.parquet")
    first, second = read_output("o.parquet")
    assert (first["row"], first["accepted"], second["row"], second["accepted"]) == (1, True, 3, problem is None)
    assert (second["problem"] or "").startswith(problem or "") is True
    assert (second["problem"] is None, result.exit_code) == (problem is None, 0 if problem is None else 2)


def test_members_may_be_absent() -> None:
    """Columns without a name are null in each request."""
    write("a.jsonl", '{"headers": []}\n')
    columns = [f"--column={name}=" for name in ("ids", "query", "headers", "body", "caller")]
    assert audit("a.jsonl", *columns) == (1, "1 request, 1 refused\n401-101: 1\n", "")


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "ndjson.zst"])
def test_lines_are_read_in_blocks(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line may be longer than a block, and the last one needs no end."""
    monkeypatch.setattr(parts, "BLOCK", 300)
    lines = [make_line(), make_line(body=BAD), make_line(body=" " * 900 + GOOD), make_line()]
    text = "\n".join(lines).encode()
    file = f"a.{ending}"
    if ending.endswith("zst"):
        with pa.CompressedOutputStream(file, "zstd") as stream:
            stream.write(text)
    else:
        Path(file).write_bytes(gzip.compress(text) if ending.endswith("gz") else text)
    assert audit(file, "--output", "o.parquet") == (1, "4 requests, 3 accepted, 1 refused\n400-722: 1\n", "")
    assert [row["row"] for row in read_output("o.parquet")] == [1, 2, 3, 4]


def test_line_that_is_too_long_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory is bounded: the lines before it are validated, and the rest is reported."""
    monkeypatch.setattr(parts, "BLOCK", 300)
    monkeypatch.setattr(parts, "LONGEST_LINE", 400)
    write("a.jsonl", f"{make_line()}\n{make_line(body=' ' * 900)}\n")
    error = "activity-validator: error: a.jsonl:2: from this line on: a line is longer than 400 bytes\n"
    summary = "1 request, 1 accepted\ndamaged: 1 of 2 parts could not be read\n"
    assert audit("a.jsonl") == (2, summary, error)


def test_truncated_archive_is_damage() -> None:
    """The requests before the end are validated, and the rest is reported."""
    text = "\n".join([make_line(query=f"x={number}") for number in range(100)]).encode()
    Path("a.jsonl.gz").write_bytes(gzip.compress(text)[:-20])
    result = audit("a.jsonl.gz")
    assert result.exit_code == 2
    assert "activity-validator: error: a.jsonl.gz:" in result.stderr
    assert ": from this line on: " in result.stderr


def test_file_that_is_no_parquet_is_damage() -> None:
    """The other files are validated."""
    write("a.parquet", "PAR1")
    write_parquet("b.parquet", make_row())
    result = audit("a.parquet", "b.parquet")
    assert (result.exit_code, result.stdout) == (2, "1 request, 1 accepted\ndamaged: 1 of 2 parts could not be read\n")
    assert result.stderr.startswith("activity-validator: error: a.parquet: ")


def test_row_group_that_cannot_be_read_is_damage() -> None:
    """Nothing of it counts; the others are validated, and a report names it."""
    write_parquet("a.parquet", *make_rows(30))
    spoil("a.parquet", 1)
    result = audit("a.parquet", "--output", "o.parquet", "--report", "r.html")
    assert result.stdout == "20 requests, 18 accepted, 2 refused\n400-722: 2\ndamaged: 1 of 3 parts could not be read\n"
    assert result.stderr.startswith("activity-validator: error: a.parquet:11: ")
    assert result.exit_code == 2
    assert [row["row"] for row in read_output("o.parquet")] == [*range(1, 11), *range(21, 31)]
    assert "<li>a.parquet:11: " in Path("r.html").read_text(encoding="utf-8")


def test_recordings_are_read_by_the_readers_of_check() -> None:
    """A request without a caller has that of the option, else the first customer of the directory."""
    write("a.http", HTTP)
    write("b.har", make_har({"name": "Content-Type", "value": "application/json"}, text=BAD, mimeType="application/json"))
    assert audit("a.http") == (0, ACCEPTED, "")
    assert audit("b.har") == (1, REFUSED, "")
    assert audit("a.http", "--caller", "nobody") == (1, "1 request, 1 refused\n401-101: 1\n", "")
    write("c.http", HTTP.replace("POST", "# @caller other user\nPOST"))
    assert audit("c.http") == (1, "1 request, 1 refused\n403-112: 1\n", "")


def test_recorded_request_without_its_body_is_no_request() -> None:
    """It is counted as such, and not dropped."""
    write("a.har", make_har({"name": "Content-Length", "value": "9"}))
    assert audit("a.har", "--output", "o.parquet").exit_code == 2
    assert read_output("o.parquet")[0]["problem"] == "the body was not recorded: postData is missing"


def test_recording_without_requests_is_damage() -> None:
    """It may be the wrong file."""
    write("a.http", "GET /\n")
    result = audit("a.http")
    assert result.stdout == "0 requests\ndamaged: 1 of 1 parts could not be read\n"
    assert (result.exit_code, result.stderr.count("no request to POST")) == (2, 1)
