"""Schemas of documents that the service writes: lists, types and order differ from those of requests."""

from pathlib import Path
from typing import Any

import pytest

from tests.lint.artefacts import ANNOTATIONS, make_element, make_object_type, make_schema, make_xsd, summarize
from validator.lint.common_schemas import lint_common_schemas
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas.documents import check_document
from validator.lint.schemas.schema_tree import TreeTooLarge
from validator.lint.source import read_xml
from validator.operation.home import Home

TEXT = ANNOTATIONS | {"type": "string"}
LIST = ANNOTATIONS | {"type": "array", "items": TEXT}


def compare(members: dict[str, Any], *inside: str) -> list[tuple[str, str]]:
    """Return how the schemas of a document differ; the elements are in a fixed order."""
    schema = make_schema(type="object", additionalProperties=False, properties=members)
    xsd = make_xsd(make_element(make_object_type(*inside, group="sequence"), name="root"))
    undecided: list[str] = []
    findings = list(check_document(schema, read_xml("x.xsd", xsd), undecided, Budget()))
    return [*summarize(findings), *[("undecided", reason) for reason in undecided]]


def make_list(**attributes: str) -> str:
    """Return an element around repeated elements."""
    entry = make_element(name="entry", type="xs:string", **attributes)
    return make_element(make_object_type(entry, group="sequence"), name="a", minOccurs="0")


def differs(left: str, right: str) -> list[tuple[str, str]]:
    """Return the finding about the number of entries."""
    return [("L203", f"Attribute 'a' is optional{left} in JSON Schema and optional{right} in XSD.")]


@pytest.mark.parametrize(
    ("members", "inside", "expected"),
    [
        ({"b": TEXT, "a": TEXT}, [make_element(name=name, type="xs:string", minOccurs="0") for name in "ab"], []),
        ({"a": ANNOTATIONS | {"type": "integer"}}, [make_element(name="a", type="xs:long", minOccurs="0")], []),
        ({"a": ANNOTATIONS | {"type": "number"}}, [make_element(name="a", type="xs:decimal", minOccurs="0")], []),
        ({"a": ANNOTATIONS | {"type": "boolean"}}, [make_element(name="a", type="xs:boolean", minOccurs="0")], []),
        (
            {"a": ANNOTATIONS | {"type": "integer"}},
            [make_element(name="a", type="xs:decimal", minOccurs="0")],
            [("L202", "Attribute 'a' is of type 'integer' in JSON Schema and 'xs:decimal' in XSD.")],
        ),
        ({"a": LIST}, [make_list(minOccurs="0", maxOccurs="unbounded")], []),
        ({"a": LIST | {"minItems": 1}}, [make_list(maxOccurs="unbounded")], []),
        ({"a": LIST | {"minItems": 2, "maxItems": 9}}, [make_list(minOccurs="2", maxOccurs="9")], []),
        ({"a": LIST}, [make_list(maxOccurs="unbounded")], differs("", ", with at least 1 entry")),
        (
            {"a": LIST | {"minItems": 2}},
            [make_list(minOccurs="3", maxOccurs="unbounded")],
            differs(", with at least 2 entries", ", with at least 3 entries"),
        ),
        (
            {"a": LIST | {"maxItems": 9}},
            [make_list(minOccurs="0", maxOccurs="8")],
            [("L204", "Attribute 'a' is a list of at most 9 in JSON Schema and a list of at most 8 in XSD.")],
        ),
        (
            {"a": TEXT, "b": TEXT},
            [make_element(name=name, type="xs:string", minOccurs="0") for name in "ac"],
            [
                ("L201", "Attribute 'b' is in JSON Schema but not in XSD."),
                ("L201", "Attribute 'c' is in XSD but not in JSON Schema."),
            ],
        ),
    ],
)
def test_documents_are_compared(members: dict[str, Any], inside: list[str], expected: list[tuple[str, str]]) -> None:
    """Order does not matter; an array is an element around repeated ones."""
    assert compare(members, *inside) == expected


def test_xsd_without_a_root_is_not_compared() -> None:
    """It has no tree; the JSON Schema is checked alone."""
    schema = make_schema(type="string", description="2 digits", maxLength=1)
    assert [one.kind.code for one in check_document(schema, read_xml("x.xsd", make_xsd("")), [], Budget())] == ["L119"]


def test_too_large_document_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says so."""
    monkeypatch.setattr("validator.lint.schemas.documents.xsd_tree.read_tree", lambda *_: (_ for _ in ()).throw(TreeTooLarge))
    assert compare({"a": TEXT}) == [("undecided", "L2: s.json describes too many or too deeply nested attributes")]


def test_every_pair_of_schemas_in_a_home_is_compared(tmp_path: Path) -> None:
    """In the folder of schemas and in that of an operation; not those of requests, and not an invalid or unreadable one."""
    schema = make_schema(type="object", additionalProperties=False, properties={"a": TEXT}).text
    xsd = make_xsd(make_element(make_object_type(make_element(name="b", type="xs:string", minOccurs="0")), name="root"))
    for folder, name in (("", "one"), ("op/", "two"), ("op/", "request"), ("", "invalid"), ("", "broken"), ("", "alone")):
        path = tmp_path / "schemas" / folder
        path.mkdir(parents=True, exist_ok=True)
        (path / f"{name}.schema.json").write_text(schema if name != "invalid" else schema.replace('"object"', '"objekt"'))
        (path / f"{name}.xsd").write_bytes(xsd if name != "broken" else b"<")
    (tmp_path / "schemas" / "alone.xsd").unlink()
    findings = list(lint_common_schemas(Home.at(tmp_path), []))
    pairs = [(Path(one.location.file).name, one.kind.code) for one in findings if one.kind.code[:2] in {"L2", "L1"}]
    assert sorted(pairs) == [
        *[("broken.xsd", "L101"), ("invalid.schema.json", "L102"), ("invalid.schema.json", "L102")][:2],
        *[("one.schema.json", "L201")] * 2,
        *[("two.schema.json", "L201")] * 2,
    ]
