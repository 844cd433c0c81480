"""The cells of Arrow arrays as the values of a ``Request``: text, bytes and headers. A cell is never an error of its batch."""

from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from validator.head.octets import decode_field, decode_target, decode_text_field

Headers = list[tuple[str, str]]
_TEXTS: Final = (types.is_null, types.is_string, types.is_large_string, types.is_string_view)
_OCTETS: Final = (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
_LISTS: Final = (types.is_list, types.is_large_list, types.is_fixed_size_list, types.is_list_view, types.is_large_list_view)


def is_text(kind: pa.DataType) -> bool:
    """Return whether the values of a type are text or bytes, or all null."""
    value = kind.value_type if types.is_dictionary(kind) else kind
    return any(has_type(value) for has_type in (*_TEXTS, *_OCTETS))


def is_headers(kind: pa.DataType) -> bool:
    """Return whether the values of a type are lists of pairs or maps, of text or bytes, or all null."""
    if types.is_null(kind):
        return True
    if types.is_map(kind):
        return is_text(kind.key_type) and is_text(kind.item_type)
    if not any(has_type(kind) for has_type in _LISTS):
        return False
    pair = kind.value_type
    if types.is_struct(pair):
        return pair.num_fields == 2 and all(is_text(pair.field(index).type) for index in range(2))
    return any(has_type(pair) for has_type in _LISTS) and is_text(pair.value_type)


def read_targets(cells: pa.Array) -> list[str | None]:
    """Return the text of paths, queries or callers; malformed UTF-8 becomes U+FFFD, as in a request."""
    return _read_texts(cells, str, decode_target)


def read_bodies(cells: pa.Array) -> list[bytes | None]:
    """Return the bytes of bodies."""
    return list[bytes | None](_to_octets(cells).to_pylist())


def read_headers(cells: pa.Array) -> tuple[list[Headers], dict[int, str]]:
    """Return the headers of each request, and the reasons why those of some cannot be read, by row."""
    if types.is_null(cells.type):
        return [[] for _ in range(len(cells))], {}
    if types.is_map(cells.type):
        fields = {"name": cells.type.key_type, "value": cells.type.item_type}
        cells = cells.cast(pa.list_(pa.struct(fields)))
    pairs = cells.flatten()
    names, values = _split_pairs(pairs)
    ends = list(accumulate(pc.list_value_length(cells).fill_null(0).to_pylist(), initial=0))
    rows = list(pairwise(ends))
    problems: dict[int, str] = {}
    if None in names or None in values:
        for row, (start, end) in enumerate(rows):
            if None in names[start:end] or None in values[start:end]:
                problems[row] = "a header must be a name and a value"
    headers: list[Any] = list(zip(names, values, strict=True))
    return [headers[start:end] for start, end in rows], problems


def _split_pairs(pairs: pa.Array) -> tuple[list[str | None], list[str | None]]:
    """Return the names and the values of headers; None in place of those that are missing."""
    if types.is_struct(pairs.type):
        names, values = pairs.flatten()
        return _read_fields(names), _read_fields(values)
    if pc.all(pc.equal(pc.list_value_length(pairs), 2)).as_py() and not pairs.null_count:
        fields = _read_fields(pairs.flatten())
        return fields[::2], fields[1::2]
    lists = [pair if pair is not None and len(pair) == 2 else (None, None) for pair in pairs.to_pylist()]
    names, values = (_read_fields(pa.array([pair[side] for pair in lists], pairs.type.value_type)) for side in range(2))
    return names, values


def _read_fields(cells: pa.Array) -> list[str | None]:
    return _read_texts(cells, decode_text_field, decode_field)


def _read_texts(cells: pa.Array, from_text: Callable[[str], str], from_octets: Callable[[bytes], str]) -> list[str | None]:
    """Return the text of cells. from_octets: decodes bytes, and text that is not UTF-8, which Arrow does not exclude."""
    if any(has_type(cells.type) for has_type in _TEXTS):
        try:
            texts: list[str | None] = cells.to_pylist()
        except UnicodeDecodeError:
            pass
        else:
            if from_text is str or "".join(filter(None, texts)).isascii():
                return texts
            return [None if text is None else from_text(text) for text in texts]
    return [None if octets is None else from_octets(octets) for octets in _to_octets(cells).to_pylist()]


def _to_octets(cells: pa.Array) -> pa.Array:
    return cells.cast(pa.large_binary())
