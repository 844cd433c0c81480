"""Small artefacts for tests of the linter: parts of JSON Schemas and XSDs, and findings as (code, message)."""

import json
from typing import Any, Final

from validator.inputs.source import JsonSource, read_json

NAME: Final = "rate-activity"  # the operation in tests.paths.RATE_ACTIVITY
ANNOTATIONS: Final = {"title": "T", "description": "d"}
XS: Final = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'


def make_schema(**keywords: Any) -> JsonSource:
    """Return a JSON Schema with title and description."""
    return read_json("s.json", json.dumps(ANNOTATIONS | keywords).encode())


def make_xsd(inside: str, namespaces: str = XS) -> bytes:
    """Return an XSD. namespaces: the attributes that declare its prefixes."""
    return f"<xs:schema {namespaces}>{inside}</xs:schema>".encode()


def make_element(inside: str = "", **attributes: str) -> str:
    """Return an element with documentation."""
    xml = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<xs:element{xml}><xs:annotation><xs:documentation>d</xs:documentation></xs:annotation>{inside}</xs:element>"


def summarize(findings: Any) -> list[tuple[str, str]]:
    """Return code and message of each finding."""
    return [(finding.kind.code, finding.message) for finding in findings]


def make_object_type(*inside: str, group: str = "all") -> str:
    """Return a complex type with these elements."""
    return f"<xs:complexType><xs:{group}>{''.join(inside)}</xs:{group}></xs:complexType>"


def make_string_type(*facets: tuple[str, str]) -> str:
    """Return a simple type of strings with these facets."""
    inside = "".join(f'<xs:{name} value="{value}"/>' for name, value in facets)
    return f'<xs:simpleType><xs:restriction base="xs:string">{inside}</xs:restriction></xs:simpleType>'
