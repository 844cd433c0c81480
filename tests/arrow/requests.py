"""Record batches of requests."""

from typing import Any, Final

import pyarrow as pa

from tests.commands import BAD, GOOD, GOOD_XML

JSON_HEADERS: Final = [("Content-Type", "application/json"), ("Accept", "application/xml")]
XML_HEADERS: Final = [("Content-Type", "application/xml")]
PAIRS: Final = pa.list_(pa.struct({"name": pa.string(), "value": pa.string()}))
SCHEMA: Final = pa.schema(
    {"ids": pa.string(), "query": pa.string(), "headers": PAIRS, "body": pa.binary(), "caller": pa.string(), "row": pa.int64()}
)


def make_row(body: str | bytes | None = GOOD, **changed: Any) -> dict[str, Any]:
    """Return a request as a row; by default an accepted one."""
    data = body.encode() if isinstance(body, str) else body
    return {"ids": "2001", "query": "", "headers": JSON_HEADERS, "body": data, "caller": "1001", "row": 0} | changed


def make_batch(*rows: dict[str, Any], schema: pa.Schema = SCHEMA) -> pa.RecordBatch:
    """Return a batch of rows, numbered."""
    return pa.RecordBatch.from_pylist([row | {"row": number} for number, row in enumerate(rows)], schema)


def make_mixed(count: int) -> pa.RecordBatch:
    """Return a batch in which every tenth request is refused."""
    rows = [make_row(GOOD), make_row(GOOD_XML, headers=XML_HEADERS)] * 4 + [make_row(BAD), make_row()]
    return make_batch(*(rows[number % 10] for number in range(count)))
