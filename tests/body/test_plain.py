"""Bodies that are read in plain Python: when, and what happens to the others. test_twins compares what they give."""

from typing import Any, Final

import pytest

from tests.paths import RATE_ACTIVITY
from validator.body import plain
from validator.body.plain import read_few
from validator.body.shape import compile_shape
from validator.body.tree import Body, BodyReader, Disagreement
from validator.model.request import JSON, XML
from validator.operation.home import shipped_schemas
from validator.operation.loader import load_operation
from validator.operation.xsd_file import read_xsd

NAME: Final = "create-email-response"
FIXED: Final = 256


def make_reader(name: str) -> BodyReader:
    """Return a reader of which the tree is a name."""
    return lambda _body, _limit: Body(name)


@pytest.mark.parametrize(
    ("sizes", "names"),
    [
        ([1000 - FIXED], ["plain"]),
        ([1001 - FIXED], ["compiled"]),
        ([244, 244, 0, 0], ["plain", "plain", "compiled", "compiled"]),  # two take all, with what each takes at least
        ([745, 244, 245, 244, 0], ["compiled", "plain", "compiled", "plain", "compiled"]),
    ],
)
def test_first_bodies_are_read_plainly(sizes: list[int], names: list[str]) -> None:
    """As many as do not exceed the number of bytes together; the compiled reader is made for the first of the others."""
    made: list[int] = []

    def compile_reader() -> BodyReader:
        made.append(1)
        return make_reader("compiled")

    read = read_few(make_reader("plain"), compile_reader, 1000)
    assert [read(b" " * size, 100).tree for size in sizes] == names
    assert len(made) == names.count("compiled")


def test_test_that_knows_more_than_the_explanation_is_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    """No body is rejected without a code, and none is accepted because no failure is found."""
    monkeypatch.setattr("validator.body.plain.compile_test", lambda _shape: lambda _value: False)
    shape = compile_shape({"type": "object", "properties": {}, "additionalProperties": False})
    with pytest.raises(Disagreement):
        plain.build_json_reader(shape)(b"{}", 100)


def test_xsd_that_only_lxml_can_validate_has_no_plain_reader() -> None:
    """It describes other bodies than the JSON Schema."""
    shape = load_operation(NAME).shape
    root, xsd = read_xsd(shipped_schemas() / NAME)
    assert plain.build_xml_reader(shape, root, xsd, ()) is not None
    assert plain.build_xml_reader(shape, root, xsd.replace(b'base="xs:string"', b'base="xs:token"'), ()) is None


@pytest.mark.parametrize(
    ("options", "module"),
    [
        ({"lazy": True}, "plain"),
        ({}, "fast"),
        ({"lazy": True, "engine": "fast"}, "fast"),
        ({"lazy": True, "engine": "reference"}, "reference"),
        ({"lazy": True, "home": RATE_ACTIVITY}, "fast"),
    ],
)
def test_shipped_operation_for_few_requests_is_read_plainly(options: dict[str, Any], module: str) -> None:
    """Unless an engine is named. The schemas of custom operations are compiled at once, to find out whether that is possible."""
    operation = load_operation("rate-activity" if "home" in options else NAME, **options)
    for media, compiled in ((JSON, "json_fast"), (XML, "xml_fast")):
        read = operation.readers[media]()
        assert read is operation.readers[media]()
        place = {"fast": compiled, "plain": "plain", "reference": "reference" if media == JSON else "xml_strict"}[module]
        assert read.__module__ == f"validator.body.{place}"


def test_xml_is_compiled_at_once_where_only_lxml_can_validate_the_xsd(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine for few requests then gives the compiled reader."""
    monkeypatch.setattr("validator.body.plain.build_xml_reader", lambda *_arguments: None)
    assert load_operation(NAME, lazy=True).readers[XML]().__module__ == "validator.body.xml_fast"


def test_bodies_after_the_first_are_read_by_the_default_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is compiled then, and once."""
    monkeypatch.setattr(plain.read_few, "__defaults__", (0,))
    operation = load_operation(NAME, lazy=True)
    body = b'{"type": {"value": "email", "subtype": {"value": "general"}}}'
    made: list[BodyReader] = []

    def make(*_schemas: Any) -> BodyReader:
        made.append(make_reader("fast"))
        return made[-1]

    monkeypatch.setattr("validator.body.json_fast.build_json_reader", make)
    assert [operation.readers[JSON]()(body, 100).tree for _ in range(2)] == ["fast", "fast"]
    assert len(made) == 1


def test_known_patterns_are_not_checked_again() -> None:
    """So it is with shipped schemas where few requests are read; elsewhere each pattern is checked."""
    schema = {"type": "string", "pattern": "(a|aa)*$", "description": "text"}
    assert compile_shape(schema, has_known_patterns=True).pattern == "(a|aa)*$"
    with pytest.raises(ValueError, match="pattern"):
        compile_shape(schema)
    assert load_operation(NAME, lazy=True).shape == load_operation(NAME).shape
