"""Record batches: the verdicts on each row, bad cells, column types, names, and pickles."""

import pickle
from typing import Any, Final

import pyarrow as pa
import pytest

from tests.arrow.requests import JSON_HEADERS, PAIRS, SCHEMA, make_batch, make_mixed, make_row
from tests.commands import BAD, GOOD
from tests.test_acceptance import LaterSource
from tests.test_engine import FAST, OPERATION, TENANT
from validator import Caller, Request, arrow, load
from validator.arrow import RESULT_FIELDS, VERSION, VERSION_KEY, BatchValidator, Columns, validate_batch
from validator.arrow.batch import make_schema
from validator.errors import InputTypeError

REQUEST: Final = Request("2001", "", JSON_HEADERS, GOOD.encode(), Caller.customer("1001"))
LISTS: Final = ("codes", "pointers", "messages", "lines", "columns", "skipped")
ACCEPTED: Final[dict[str, Any]] = {
    "row": 0,
    "accepted": True,
    "status": 201,
    "stage": "rules",
    **{name: [] for name in LISTS},
    "department": "Service",
    "problem": None,
}
REFUSED: Final = ACCEPTED | {
    "accepted": False,
    "department": None,
    "status": 400,
    "stage": "structure",
    "codes": ["400-722"],
    "pointers": ["/subject"],
    "messages": ["Attribute 'subject' must be text."],
    "lines": [2],
    "columns": [13],
}


def refuse(code: str, stage: str, message: str, pointer: str | None = None) -> dict[str, Any]:
    """Return the verdict with one failure that has no position."""
    lists = {"codes": [code], "pointers": [pointer], "messages": [message], "lines": [None], "columns": [None]}
    return REFUSED | {"status": int(code[:3]), "stage": stage} | lists


def unreadable(problem: str) -> dict[str, Any]:
    """Return the verdict on a row that is not a request."""
    empty: dict[str, Any] = {name: [] for name in LISTS}
    return REFUSED | empty | {"status": None, "stage": None, "problem": problem}


def verdict(row: dict[str, Any]) -> Any:
    """Return the verdict on one row, next to two that are accepted."""
    batch = make_batch(make_row(), row, make_row())
    first, second, third = validate_batch(batch, FAST).to_pylist()
    assert (first, third) == (ACCEPTED, ACCEPTED | {"row": 2})
    return second | {"row": 0}


NOT_AUTHENTICATED: Final = next(code.message for code in FAST.codes if code.code == "401-101")
CELLS: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "good": ({}, ACCEPTED),
    "bad": ({"body": BAD.encode()}, REFUSED),
    "null-query": ({"query": None}, ACCEPTED),
    "null-caller": ({"caller": None}, refuse("401-101", "access", NOT_AUTHENTICATED)),
    "nobody": ({"caller": "nobody"}, refuse("401-101", "access", NOT_AUTHENTICATED)),
    "null-name": ({"headers": [*JSON_HEADERS, (None, "a")]}, unreadable("a header must be a name and a value")),
    "null-value": ({"headers": [("Accept", None), *JSON_HEADERS]}, unreadable("a header must be a name and a value")),
    "null-pair": ({"headers": [*JSON_HEADERS, None]}, unreadable("a header must be a name and a value")),
    "bad-caller": (
        {"caller": "x"},
        unreadable("invalid caller 'x': expected a customer's ID, other:KIND or nobody"),
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_cell_decides_about_its_row_only(name: str) -> None:
    """Each cell has the verdict of its request, or a problem; the rows around it are accepted."""
    changed, expected = CELLS[name]
    assert verdict(make_row(**changed)) == expected


@pytest.mark.parametrize("changed", [{"body": None}, {"ids": None}, {"headers": None}])
def test_null_is_the_absence_of_a_part(changed: dict[str, Any]) -> None:
    """The verdict is that of the engine on a request without this part."""
    row = make_row(**changed)
    parts: dict[str, Any] = {name: () if name == "headers" else None for name in changed}
    report = FAST.validate(REQUEST._replace(**parts))
    result = verdict(row)
    assert (result["status"], result["codes"], result["messages"]) == (
        report.status,
        [failure.code for failure in report.failures],
        [failure.message for failure in report.failures],
    )


BYTES: Final = pa.binary()
HEADER_TYPES: Final = {
    "pairs": PAIRS,
    "pairs-of-bytes": pa.list_(pa.struct({"name": BYTES, "value": BYTES})),
    "large": pa.large_list(pa.struct({"name": pa.large_string(), "value": pa.large_string()})),
    "map": pa.map_(pa.string(), pa.string()),
    "map-of-bytes": pa.map_(BYTES, BYTES),
    "lists": pa.list_(pa.list_(pa.string())),
    "fixed-lists": pa.list_(pa.list_(pa.string(), 2)),
}


@pytest.mark.parametrize("name", HEADER_TYPES)
def test_headers_of_each_type_are_read(name: str) -> None:
    """The Content-Type decides, also in a slice of a batch, and next to null."""
    kind = HEADER_TYPES[name]
    fields: Any = [[(b"Content-Type", b"text/plain")], None, [(b"Content-Type", b"application/json"), (b"Accept", b"*/*")], []]
    if "lists" in name:
        fields = [group and [list(pair) for pair in group] for group in fields]
    elif "map" not in name:
        fields = [group and [{"name": key, "value": value} for key, value in group] for group in fields]
    headers = pa.array(fields, kind)
    batch = make_batch(*[make_row()] * 4).set_column(2, "headers", headers)
    expected = [[failure.code for failure in FAST.validate(REQUEST._replace(headers=pairs)).failures] for pairs in (
        [("Content-Type", "text/plain")], [], JSON_HEADERS, [])]  # fmt: skip
    assert validate_batch(batch, FAST)["codes"].to_pylist() == expected
    assert validate_batch(batch[2:3], FAST)["accepted"].to_pylist() == [True]
    assert validate_batch(batch[:0], FAST).num_rows == 0


@pytest.mark.parametrize("pair", [["Accept"], ["Accept", "*/*", "x"], [], None])
def test_list_that_is_no_pair_is_a_problem(pair: Any) -> None:
    """It belongs to its row only."""
    kind = pa.list_(pa.list_(pa.string()))
    headers = pa.array([[["Content-Type", "application/json"]], [["Content-Type", "application/json"], pair]], kind)
    batch = make_batch(make_row(), make_row()).set_column(2, "headers", headers)
    problems = validate_batch(batch, FAST)["problem"].to_pylist()
    assert problems == [None, "a header must be a name and a value"]


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int8(), pa.string())], ids=str
)
def test_text_of_each_type_is_read(kind: pa.DataType) -> None:
    """The path, the query, the body and the caller may be text or bytes."""
    batch = make_batch(make_row(), make_row(BAD))
    for index, name in enumerate(batch.schema.names):
        if name in {"ids", "query", "body", "caller"}:
            values = [value.decode() if isinstance(value, bytes) else value for value in batch[name].to_pylist()]
            batch = batch.set_column(index, name, pa.array(values).cast(kind))
    assert validate_batch(batch, FAST).to_pylist() == [ACCEPTED, REFUSED | {"row": 1}]


def test_text_that_is_not_utf_8_is_that_of_its_octets() -> None:
    """Arrow does not exclude it: in a query it becomes U+FFFD, in a header each octet is a character."""
    batch = make_batch(make_row(), make_row()).set_column(1, "query", as_text([b"customer=\xff", b""]))
    report = FAST.validate(REQUEST._replace(query="customer=\ufffd"))
    assert validate_batch(batch, FAST)["messages"].to_pylist() == [[failure.message for failure in report.failures], []]


def as_text(values: list[bytes]) -> pa.Array:
    """Return octets as a text array, whatever they are."""
    array = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(array), array.buffers())


@pytest.mark.parametrize("text", ["\u00e9", "caf\u00e9 \u20ac"])
def test_header_text_stands_for_its_octets(text: str) -> None:
    """A Content-Type with other characters is refused as the engine refuses its octets."""
    fields = [("Content-Type", text)]
    report = FAST.validate(REQUEST._replace(headers=[("Content-Type", text.encode().decode("latin-1"))]))
    assert verdict(make_row(headers=fields))["codes"] == [failure.code for failure in report.failures]


def test_columns_of_other_names_are_used_and_absent_ones_are_null() -> None:
    """A batch may lack a column, and have all cells of one null."""
    columns = Columns(ids="path", query=None, headers="fields", body="payload", caller="user")
    batch = make_mixed(10).drop_columns(["query"]).rename_columns(["path", "fields", "payload", "user", "row"])
    expected = validate_batch(make_mixed(10), FAST)
    assert validate_batch(batch, FAST, columns) == expected
    empty = pa.record_batch({"headers": pa.nulls(1), "body": pa.nulls(1), "caller": pa.nulls(1)})
    codes = validate_batch(empty, FAST, Columns(ids=None, query=None))["codes"].to_pylist()
    assert codes == [["401-101"]]


SCHEMAS: Final[dict[str, tuple[pa.Schema, Columns, str]]] = {
    "missing": (SCHEMA.remove(3), Columns(), "no column 'body' for body in the batch"),
    "similar": (SCHEMA, Columns(body="bodi"), "no column 'bodi' for body in the batch; did you mean 'body'?"),
    "twice": (SCHEMA.append(SCHEMA.field("body")), Columns(), "2 columns have the name 'body'"),
    "body": (SCHEMA.set(3, pa.field("body", pa.int8())), Columns(), "the column 'body' must be text or bytes, got int8"),
    **{
        f"headers-{kind}": (
            SCHEMA.set(2, pa.field("headers", kind)),
            Columns(),
            f"the column 'headers' must be a list of pairs, or a map, of text or bytes, got {kind}",
        )
        for kind in (
            pa.string(),
            pa.list_(pa.string()),
            pa.list_(pa.list_(pa.int8())),
            pa.map_(pa.string(), pa.int8()),
            pa.list_(pa.struct({"name": pa.string()})),
            pa.list_(pa.struct({"name": pa.string(), "value": pa.bool_()})),
        )
    },
    "result": (
        SCHEMA.append(pa.field("status", pa.int8())),
        Columns(),
        "the column 'status' has the name of a result; rename it, or choose another prefix",
    ),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_wrong_columns_are_named(name: str) -> None:
    """The error says which column and what is expected."""
    schema, columns, message = SCHEMAS[name]
    with pytest.raises(InputTypeError) as raised:
        validate_batch(pa.RecordBatch.from_pylist([], schema), FAST, columns)
    assert str(raised.value) == message


def test_function_has_two_names() -> None:
    """Both are public."""
    assert arrow.judge is validate_batch
    assert {"judge", "validate_batch"} <= set(arrow.__all__)


def test_asynchronous_directory_is_refused() -> None:
    """Each request would be an internal error."""
    with pytest.raises(ValueError, match="asynchronous; batches need a synchronous one"):
        validate_batch(make_mixed(1), load(OPERATION, LaterSource(TENANT.facts)))


def test_schema_is_that_of_version_1() -> None:
    """A change of it needs another version, and a line in the changelog."""
    texts, numbers = pa.list_(pa.string()), pa.list_(pa.int32())
    assert (VERSION, VERSION_KEY) == (1, b"activity-validator.verdicts")
    assert [(field.name, field.type, field.nullable) for field in RESULT_FIELDS] == [
        ("accepted", pa.bool_(), False),
        ("status", pa.int16(), True),
        ("stage", pa.string(), True),
        ("codes", texts, False),
        ("pointers", texts, False),
        ("messages", texts, False),
        ("lines", numbers, False),
        ("columns", numbers, False),
        ("skipped", texts, False),
        ("department", pa.string(), True),
        ("problem", pa.string(), True),
    ]
    schema = make_schema(SCHEMA.with_metadata({"pandas": "{}"}), prefix="verdict_")
    assert schema.names == ["row", *(f"verdict_{field.name}" for field in RESULT_FIELDS)]
    assert schema.metadata == {VERSION_KEY: b"1"}
    assert validate_batch(make_mixed(1), FAST, prefix="verdict_").schema.equals(schema, check_metadata=True)


def test_skipped_rules_are_listed_by_code() -> None:
    """Without reference data, rules that need it are skipped."""
    report = load(OPERATION).validate(REQUEST)
    assert len(report.skipped) > 1
    verdicts = validate_batch(make_batch(make_row(), make_row(caller="x")), load(OPERATION))
    assert verdicts["skipped"].to_pylist() == [[skip.code for skip in report.skipped], []]


def test_validator_is_built_once_in_a_process() -> None:
    """Its copies share an engine; tables, batches and streams have the same verdicts."""
    validate = BatchValidator(FAST, Columns(), "v_")
    first, second = (pickle.loads(pickle.dumps(validate)) for _ in range(2))
    assert first.engine is second.engine is not FAST
    batch = make_mixed(20)
    expected = validate_batch(batch, FAST, prefix="v_")
    assert first(batch) == expected
    assert list(second.stream([batch, batch])) == [expected, expected]
    table = second(pa.Table.from_batches([batch, batch]))
    assert table == pa.Table.from_batches([expected, expected])
    assert first(pa.Table.from_batches([], batch.schema)).schema.equals(first.make_schema(batch.schema), check_metadata=True)
