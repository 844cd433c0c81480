"""Lines of JSON as rows: one request a line, an object with the members of the layout.

    {"ids": "2001", "query": "", "headers": [["Accept", "application/xml"]], "body": "{}", "caller": "1001"}

``headers`` is a list of pairs or an object; ``body`` is text, or ``bodyBase64`` has it as base64. All but ids, headers and caller
may be absent. A line that is not such an object is a row that is not a request. Values in the names of folders stand for members
that a line lacks.
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import pyarrow as pa

from validator.arrow.requests import UnreadableRow, make_request
from validator.audit.rows import BATCH, Chunk, Layout, Row, parse_time
from validator.head.octets import decode_text_field, decode_text_target

_REQUIRED: Final = ("ids", "headers", "caller")
BASE64: Final = "Base64"  # appended to the name of the body


def read_lines(block: bytes, first: int, layout: Layout, folders: Mapping[str, str | None]) -> Iterator[Chunk]:
    """Yield the rows of the lines that are not empty. first: the number of the first line. folders: as of ``read_folders``."""
    rows = (row for row in enumerate(block.split(b"\n"), start=first) if row[1] and not row[1].isspace())
    read = (_read_line(number, line, layout, folders) for number, line in rows)
    while chunk := list(islice(read, BATCH)):
        extras = [pa.array([texts[index] for _, texts in chunk], pa.string()) for index in range(len(layout.extras))]
        yield Chunk([row for row, _ in chunk], extras)


def _read_line(number: int, line: bytes, layout: Layout, folders: Mapping[str, str | None]) -> tuple[Row, list[str | None]]:
    """Return the row of a line, and its other columns as text."""
    members: Mapping[str, Any] = folders
    try:
        document = json.loads(line)
        if not isinstance(document, dict):
            raise ValueError("expected an object")  # noqa: TRY004, TRY301 - the value of a file
        members = {**folders, **document}
        time = None if layout.time is None else parse_time(members.get(layout.time))
        row = Row(number, _read_request(members, layout), time)
    except (ValueError, RecursionError) as error:
        row = Row(number, UnreadableRow(f"invalid line: {str(error)[:120]}"))
    return row, [_to_text(members.get(name)) for name in layout.extras.names]


def _to_text(value: Any) -> str | None:
    """Return a value as text: a string as it is, others as JSON. A lone surrogate, which no text can have, becomes "?"."""
    text = value if isinstance(value, str | None) else json.dumps(value, ensure_ascii=False)
    return None if text is None else text.encode(errors="replace").decode()


def _read_request(document: Mapping[str, Any], layout: Layout) -> Any:
    """Return a request. Raises ValueError with what is wrong."""
    names = layout.columns._asdict()
    for part in _REQUIRED:
        if names[part] is not None and names[part] not in document:
            raise ValueError(f"no member {names[part]!r}")
    ids, query, caller = (_get_text(document, names[part]) for part in ("ids", "query", "caller"))
    headers = [] if names["headers"] is None else _read_headers(document[names["headers"]])
    return make_request(ids, query, headers, _read_body(document, layout.columns.body), caller)


def _get_text(document: Mapping[str, Any], name: str | None) -> str | None:
    value = None if name is None else document.get(name)
    if not isinstance(value, str | None):
        raise ValueError(f"{name!r} must be text or null")  # noqa: TRY004 - the value of a file
    return None if value is None else decode_text_target(value)


def _read_headers(value: Any) -> list[tuple[str, str]]:
    pairs = list(value.items()) if isinstance(value, dict) else value or []
    is_valid = isinstance(pairs, list) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(part, str) for part in pair) for pair in pairs
    )
    if not is_valid:
        raise ValueError("headers must be a list of pairs of text, or an object")
    return [(decode_text_field(name), decode_text_field(text)) for name, text in pairs]


def _read_body(document: Mapping[str, Any], name: str | None) -> bytes | None:
    if name is None:
        return None
    encoded, text = _get_text(document, name + BASE64), document.get(name)
    if encoded is not None:
        return b64decode(encoded, validate=True)
    if not isinstance(text, str | None):
        raise ValueError(f"{name!r} must be text or null")  # noqa: TRY004 - the value of a file
    return None if text is None else text.encode("utf-8", "surrogatepass")
