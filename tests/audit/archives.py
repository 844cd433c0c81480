"""Archives, and audits of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.arrow.requests import SCHEMA, make_row
from tests.commands import BAD, Result, run
from tests.paths import ROOT

DIRECTORY = str(ROOT / "fixtures" / "directory.json")
TIMES = SCHEMA.append(pa.field("time", pa.string()))


def audit(*arguments: str) -> Result:
    """Run the command in this process, with the reference data of the fixtures."""
    return run("audit", "--isolated", "--jobs", "1", "--directory", DIRECTORY, *arguments)


def write_parquet(file: str, *rows: dict[str, Any], group: int = 10, schema: pa.Schema = SCHEMA) -> str:
    """Write rows to a Parquet file and return its name."""
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema), file, row_group_size=group)
    return file


def make_rows(count: int) -> list[dict[str, Any]]:
    """Return requests, every tenth of them refused."""
    return [make_row(BAD if number % 10 == 9 else make_row()["body"]) for number in range(count)]


def make_line(**changed: Any) -> str:
    """Return a request as a line of JSON."""
    row = make_row() | {"body": make_row()["body"].decode()} | changed
    return json.dumps({name: value for name, value in row.items() if name != "row"})


def make_har(*headers: dict[str, str], times: Sequence[str | None] = (None,), **post: Any) -> str:
    """Return a recording of a request at each time."""
    request = {"method": "POST", "url": "https://x/activities/2001/email-response", "headers": list(headers), "bodySize": -1}
    entry = {"request": request | ({"postData": post} if post else {})}
    return json.dumps({"log": {"entries": [entry | ({} if time is None else {"startedDateTime": time}) for time in times]}})


def read_output(file: str) -> list[dict[str, Any]]:
    """Return the rows of an output."""
    rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    return rows


def spoil(file: str, group: int) -> None:
    """Overwrite the data of a row group."""
    column = pq.read_metadata(file).row_group(group).column(3)
    data = bytearray(Path(file).read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    Path(file).write_bytes(data)
