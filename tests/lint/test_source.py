"""Artefacts read as sources: locations in XML and Python, and files that cannot be read."""

import ast
from unittest.mock import Mock

import pytest

from validator.inputs.source import SourceError, read_json
from validator.lint.source import read_python, read_xml


def test_deep_xml_is_rejected() -> None:
    """Like deep JSON."""
    with pytest.raises(SourceError, match="nested deeper than 100 levels"):
        read_xml("x.xsd", b"<a>" * 101 + b"</a>" * 101)
    assert read_xml("x.xsd", b"<a>" * 100 + b"</a>" * 100).root.tag == "a"


def test_python_columns_count_characters() -> None:
    """The syntax tree counts bytes."""
    source = read_python("r.py", "x = 'é', 'y'\n".encode())
    assert isinstance(source.tree.body[0], ast.Assign)
    place = source.at(source.tree.body[0].value.elts[1])  # type: ignore[attr-defined]
    assert place.region == ((1, 10), (1, 13))


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (b"<a", "The file is not well-formed XML: unclosed token.", (1, 1)),
        (b"<!DOCTYPE a><a/>", "The file has a DOCTYPE.", (1, 1)),
        (b"\xff", "The file must be UTF-8: it holds bytes that are not UTF-8.", (1, 1)),
        (b"<a>\n</b>", "The file is not well-formed XML: mismatched tag.", (2, 3)),
    ],
)
def test_unreadable_xml_is_located(data: bytes, reason: str, place: tuple[int, int]) -> None:
    """Parser exceptions are converted."""
    with pytest.raises(SourceError) as caught:
        read_xml("x.xsd", data)
    assert (caught.value.reason, caught.value.location.region.start) == (reason, place)


def test_unreadable_json_is_located() -> None:
    """A repeated member at its first occurrence; an integer of thousands of digits is an ordinary error."""
    for data, reason in (
        (b'{"a": {"b": [1, {"c": 1, "c": 2}]}}', "repeated member 'c'; remove all but one"),
        (b"1" * 5000, "Exceeds the limit (4300 digits) for integer string conversion"),
        (b"{", "The file is not well-formed JSON: a member name"),
    ):
        with pytest.raises(SourceError) as caught:
            read_json("s.json", data)
        assert caught.value.reason.startswith(reason)


def test_unreadable_python_is_located() -> None:
    """With the message of the interpreter."""
    with pytest.raises(SourceError) as caught:
        read_python("r.py", b"x = 1\ny = (\n")
    assert (caught.value.reason, caught.value.location.region.start) == ("SyntaxError: '(' was never closed", (2, 5))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_of_artefacts_end_as_for_their_parsers(end: str) -> None:
    """A lone CR ends a line in JSON, XML and Python."""
    for read, text in ((read_json, "{\n1"), (read_xml, "<a>\n<"), (read_python, "x = 1\n(")):
        with pytest.raises(SourceError) as caught:
            read("file", text.replace("\n", end).encode())
        assert caught.value.location.region.start == (2, 1)
        assert caught.value.location.line_text == text.split("\n")[1]


@pytest.mark.parametrize(("data", "reason"), [(b"a = '\0'", "null"), (b"(" * 3000, "nested|parentheses|memory")])
def test_python_that_cannot_be_parsed_is_an_error(data: bytes, reason: str) -> None:
    """A null character, and nesting that is too deep for the parser."""
    with pytest.raises(SourceError, match=reason):
        read_python("rules.py", data)


@pytest.mark.parametrize("error", [RecursionError(), MemoryError()])
def test_python_that_is_too_deep_is_an_error(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser gives no reason of its own."""
    monkeypatch.setattr("validator.lint.source.ast.parse", Mock(side_effect=error))
    with pytest.raises(SourceError, match="nested too deep"):
        read_python("rules.py", b"")
