"""Documents that are read in pieces: the same as at once, whatever the size of the pieces, in memory for the longest."""

import io
import json
import tracemalloc
from codecs import BOM_UTF8
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from validator.body.json_strict import parse_json
from validator.body.tree import RepeatedMembers, UnreadableBody
from validator.directories import json_pieces
from validator.directories.json_pieces import Piece, read_pieces, split_document
from validator.model.report import Failure

DOCUMENT = {"a": [{"b": 'c"\\\n\u00e9\U0001f600'}, [], [[1.5e3, -2, True, False, None]], "x"], "d": {"e": [1]}, "f": [], "": ""}
TEXT = json.dumps(DOCUMENT)
MALFORMED: list[bytes] = [
    *(b"", b" ", b"{", b"}", b"[", b"{]", b"[}", b'{"a"', b'{"a":', b'{"a":1', b'{"a":1,', b'{"a":1,}', b'{"a":[1,]}'),
    *(b'{"a":[1 2]}', b'{"a" 1}', b"{a:1}", b"{1:1}", b'{"a":[tru]}', b'{"a":tru}', b"nul", b"-", b"1e", b"1.", b"01", b"[1]x"),
    *(b"{} {}", b"{},", b'{"a":[NaN]}', b'{"NaN":-Infinity}', b"Infinity", b'{"a":["NaN",nan]}', b'"a', b'{"a', b'{"a":["b'),
    *(b'"\\', b'"\\u', b'"\\u12"', b'"\\x"', b'"\t"', b'{"a\n":1}', b'{"a":["\\ud800"]}', b'{"\\udc00":1}', b'{"a":"\\ud800"'),
    *(b'["\\ud83d\\ude00","\\ude00\\ud83d"]', b'{"a":["\\ud800"],"b":["\\udc00"]}', b'{"a":["\\\\ud800"]}', b'{"a":1}\r\n\rx'),
    *(b"\r\n\r\n{\r\r\n\n?", b'["\xff"]', b"[1]\xff", b'{"a" 1}\xc3', b"\xc3\xa9", b"\xe2\x82", b"\xed\xa0\x80", b"\0", b"{\0}"),
    *(BOM_UTF8 + b"{", BOM_UTF8 * 2, BOM_UTF8, BOM_UTF8[:2], b'{"a":1,"a":[2]}', b'{"a":{"b":1,"b":2}}'),
    *(b'{"a":[{"b":1,"b":2}]}', b'{"\\u0061":1,"a":2}', b'[{"a":1,"a":2}]'),
]


def nest(levels: int) -> list[bytes]:
    """Return documents with this many levels, in the places that a piece can have, whole and malformed."""
    inner = [("[" * n + "1" + "]" * n).encode() for n in (levels, levels - 1, levels - 2)]
    whole = [inner[0], b'{"a":%s}' % inner[1], b'{"a":[%s]}' % inner[1], b'{"a":[0,%s]}' % inner[2], b'{"a":{"b":%s}}' % inner[2]]
    cut = [one[: one.index(b"1") + more] for one in whole for more in (0, 1, 2)]
    return [*whole, *cut, *(one.replace(b"1", b"x") for one in whole), *(one + b"x" for one in whole)]


def read(data: bytes, chunk: int) -> tuple[Failure | None, list[Piece]]:
    """Read a document in chunks of some bytes, and return the failure and the pieces before it."""
    pieces: list[Piece] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_pieces, "CHUNK", chunk)
        try:
            pieces.extend(read_pieces(io.BytesIO(data)))
        except UnreadableBody as error:
            return error.failure, []
    return None, pieces


def read_at_once(data: bytes) -> tuple[Failure | None, Any]:
    """Return the failure of a document, or its tree."""
    try:
        return None, parse_json(data.removeprefix(BOM_UTF8))
    except UnreadableBody as error:
        return error.failure, None


def check(data: bytes, chunk: int) -> None:
    """Compare both ways of reading a document."""
    failure, tree = read_at_once(data)
    found, pieces = read(data, chunk)
    assert (found, found and found.parameters) == (failure, failure and failure.parameters)
    if failure is None:
        names = [piece.name for piece in pieces if piece.position is None]
        if isinstance(tree, RepeatedMembers):
            assert list(dict.fromkeys(names)) == list(tree)
            assert len(names) > len(tree)
        else:
            assert repr(pieces) == repr(list(split_document(tree)))  # True and 1 differ


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1 << 20])
def test_document_is_read_in_pieces_as_at_once(chunk: int) -> None:
    """Members and entries, in order; so are documents that are not objects."""
    for data in (
        TEXT.encode(),
        json.dumps(DOCUMENT, indent=1, ensure_ascii=False).encode(),
        b"1",
        b'"a"',
        b"[{}]",
        b"true",
        b" {} ",
    ):
        check(data, chunk)
    assert read(TEXT.encode(), chunk)[1][:4] == [
        Piece("a", None, []),
        Piece("a", 0, {"b": 'c"\\\n\u00e9\U0001f600'}),
        Piece("a", 1, []),
        Piece("a", 2, [[0, 0, True, False, None]]),
    ]


@pytest.mark.parametrize("chunk", [1, 2, 5, 1 << 20])
def test_first_error_is_that_of_the_whole_document(chunk: int) -> None:
    """Bytes that are not UTF-8 come first wherever they are, then text that is not well-formed, then a lone surrogate."""
    for data in MALFORMED:
        check(data, chunk)
        check(b'{"x":[1,\n 2],"y":' + data, chunk)
        check(b"\r\n" + data + b"\r\n", chunk)


@pytest.mark.parametrize("levels", [99, 100, 101, 5_000])
def test_depth_is_that_of_the_whole_document(levels: int) -> None:
    """At most 100 levels, the document being the first."""
    for data in nest(levels):
        check(data, 1 << 20)
        check(data, 64)


@settings(max_examples=300)
@given(st.data())
@example(None)
def test_changed_documents_are_read_as_at_once(data: st.DataObject | None) -> None:
    """Cut, with bytes removed, repeated or replaced; in chunks of any size."""
    text = json.dumps(DOCUMENT, ensure_ascii=False, indent=1).encode()
    if data is None:
        check(text, 4)
        return
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 4)))
        text = (
            text[:start]
            + data.draw(
                st.sampled_from([b"", text[start:end] * 2, *(b'"{}[],:\\\x00\xff01etNu \n'[i : i + 1] for i in range(20))])
            )
            + text[end:]
        )
    check(text, data.draw(st.integers(1, 40)))


@pytest.mark.parametrize(
    "text", ['{"a":[%s]}', '{"a":[%s]', '{"a":[%s}]}', '{"a":[%s],"a":[\xff]}'], ids=["valid", "cut", "wrong", "latin-1"]
)
def test_memory_is_that_of_a_piece(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Not that of the document, also if it is not valid."""
    monkeypatch.setattr(json_pieces, "CHUNK", 1 << 14)
    peaks = []
    for count in (2_000, 40_000):
        file = io.BytesIO((text % ",".join(['{"id":"1","name":"n"}'] * count)).encode("latin-1"))
        tracemalloc.start()
        try:
            assert sum(1 for _ in read_pieces(file)) == count + 1
        except UnreadableBody:
            assert text != '{"a":[%s]}'
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]
