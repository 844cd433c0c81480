"""The error body keeps to the JSON Schema and the XSD that ship with it."""

import json
from typing import Any

import jsonschema
import pytest
import xmlschema
from lxml import etree

from validator.model.request import JSON, XML
from validator.model.response import render
from validator.operation import home

SCHEMA = json.loads((home.shipped_schemas() / "error.schema.json").read_bytes())
XSD = home.shipped_schemas() / "error.xsd"
HOSTILE = "<&>\"']]>\r\n\t\x00\x1b\ud800\ufffe\U0001f600 é"
ENTRY = ("400-152", HOSTILE)
CASES = {
    "none": [ENTRY],
    "one": [ENTRY] * 2,
    "thirty": [ENTRY] * 31,
    "more": [ENTRY] * 40,
    "long": [("500-100", "x" * 3000), ("400-720", "\U0001f600" * 300)],
    "empty": [("400-152", ""), ("400-152", "")],
}


@pytest.mark.parametrize("name", CASES)
def test_json_answer(name: str) -> None:
    """Every answer in JSON is valid by the JSON Schema."""
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(render(400, CASES[name], JSON).body))


@pytest.mark.parametrize("name", CASES)
def test_xml_answer(name: str) -> None:
    """Every answer in XML is valid by the XSD, in both engines."""
    body = render(400, CASES[name], XML).body
    etree.XMLSchema(etree.parse(str(XSD))).assertValid(etree.fromstring(body))
    xmlschema.XMLSchema(str(XSD)).validate(body.decode())


def test_schema_is_itself_sound() -> None:
    """The JSON Schema and its example are valid."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert [jsonschema.Draft202012Validator(SCHEMA).is_valid(example) for example in SCHEMA["examples"]] == [True]


DETAIL = {"key": "400-152", "value": "v"}
GOOD: dict[str, Any] = {"code": "400-152", "developerMessage": "m"}


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "400-152"},
        GOOD | {"code": "400152"},
        GOOD | {"more": ""},
        GOOD | {"developerMessage": "x" * 2049},
        GOOD | {"details": []},
        GOOD | {"details": [DETAIL] * 31},
        GOOD | {"details": [DETAIL | {"value": "x" * 256}]},
        GOOD | {"details": [{"key": "400-152"}]},
    ],
)
def test_what_is_no_answer(answer: dict[str, Any]) -> None:
    """The limits of the contract are in both schemas."""
    root = etree.Element("error")
    for name, value in answer.items():
        member = etree.SubElement(root, name)
        if isinstance(value, str):
            member.text = value
        for detail in value if isinstance(value, list) else ():
            row = etree.SubElement(member, "detail")
            for key, text in detail.items():
                etree.SubElement(row, key).text = text
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(answer)
    assert not etree.XMLSchema(etree.parse(str(XSD))).validate(root)
    assert not xmlschema.XMLSchema(str(XSD)).is_valid(etree.tostring(root, encoding="unicode"))
