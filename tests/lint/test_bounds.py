"""Lint ends within seconds, with findings or undecided checks, whatever the size and form of the artefacts."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

import pytest

from tests.paths import RATE_ACTIVITY
from validator import load
from validator.body.shape import SchemaError

NAME: Final = "rate-activity"
SECONDS: Final = 60  # a safety net: each takes a few seconds, and without bounds minutes or for ever
ALTERNATIVES: Final = "|".join(f"value{number * 7919 % 100_000}" for number in range(3000))
RANGES: Final = [(0x3000 + 4 * number, 0x3001 + 4 * number) for number in range(8000)]
RANGES_JSON: Final = "".join(f"\\u{low:04X}-\\u{high:04X}" for low, high in RANGES)
RANGES_XSD: Final = "".join(f"{chr(low)}-{chr(high)}" for low, high in RANGES)
Edit = Callable[[Path], None]


def string(**keywords: Any) -> dict[str, Any]:
    """Return the schema of a string."""
    return {"title": "T", "description": "D", "type": "string", **keywords}


def members(properties: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    """Return the schema of an object."""
    return {
        "title": "T", "description": "D", "type": "object", "additionalProperties": False, "properties": properties, **keywords,
    }  # fmt: skip


def facet_element(name: str, *facets: tuple[str, str]) -> str:
    """Return an optional element of a restricted string."""
    inside = "".join(f"<xs:{facet} value={quoteattr(value)}/>" for facet, value in facets)
    documentation = "<xs:annotation><xs:documentation>d</xs:documentation></xs:annotation>"
    return (
        f'<xs:element name="{name}" minOccurs="0">{documentation}<xs:simpleType><xs:restriction base="xs:string">{inside}'
        "</xs:restriction></xs:simpleType></xs:element>"
    )


def xsd(elements: str, types: str = "") -> str:
    """Return an XSD with these elements in its root element."""
    documentation = "<xs:annotation><xs:documentation>d</xs:documentation></xs:annotation>"
    return (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{types}<xs:element name="rating">{documentation}'
        f"<xs:complexType><xs:all>{elements}</xs:all></xs:complexType></xs:element></xs:schema>"
    )


def write_schemas(json_schema: dict[str, Any], xml_schema: str | None = None) -> Edit:
    """Return the edit that replaces the schemas of the operation."""

    def edit(home: Path) -> None:
        folder = home / "schemas" / NAME
        (folder / "request.schema.json").write_text(json.dumps(json_schema, ensure_ascii=False), encoding="utf-8")
        if xml_schema is not None:
            (folder / "request.xsd").write_text(xml_schema, encoding="utf-8")

    return edit


def write_pattern(expression: str, xsd_expression: str | None = None) -> Edit:
    """Return the edit that gives the one attribute of both schemas a pattern."""
    other = expression.removeprefix("^").removesuffix("$") if xsd_expression is None else xsd_expression
    return write_schemas(members({"a": string(pattern=expression)}), xsd(facet_element("a", ("pattern", other))))


def write_file(name: str, text: str) -> Edit:
    """Return the edit that replaces a file of the home."""

    def edit(home: Path) -> None:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")

    return edit


def doubling_references(levels: int) -> dict[str, Any]:
    """Return a schema whose references double the number of attributes at each level."""
    definitions = {f"D{level}": members({name: {"$ref": f"#/$defs/D{level + 1}"} for name in "ab"}) for level in range(levels)}
    return members({"a": {"$ref": "#/$defs/D0"}}, **{"$defs": {**definitions, f"D{levels}": string()}})


def doubling_types(levels: int) -> str:
    """Return an XSD whose types double the number of elements at each level."""
    types = "".join(
        f'<xs:complexType name="T{level}"><xs:all>'
        + "".join(f'<xs:element name="{name}" type="T{level + 1}" minOccurs="0"/>' for name in "ab")
        + "</xs:all></xs:complexType>"
        for level in range(levels)
    )
    last = f'<xs:simpleType name="T{levels}"><xs:restriction base="xs:string"/></xs:simpleType>'
    return xsd('<xs:element name="a" type="T0" minOccurs="0"/>', types + last)


def chained_types(count: int) -> str:
    """Return an XSD with a long chain of types."""
    types = "".join(
        f'<xs:complexType name="T{number}"><xs:all><xs:element name="a" type="T{number + 1}" minOccurs="0"/></xs:all>'
        "</xs:complexType>"
        for number in range(count)
    )
    last = f'<xs:simpleType name="T{count}"><xs:restriction base="xs:string"/></xs:simpleType>'
    return xsd('<xs:element name="a" type="T0" minOccurs="0"/>', types + last)


def chained_restrictions(count: int) -> str:
    """Return an XSD with a long chain of simple types."""
    types = "".join(
        f'<xs:simpleType name="T{number}"><xs:restriction base="T{number + 1}"/></xs:simpleType>' for number in range(count)
    )
    last = f'<xs:simpleType name="T{count}"><xs:restriction base="xs:string"/></xs:simpleType>'
    return xsd('<xs:element name="a" type="T0" minOccurs="0"/>', types + last)


def many_members(count: int, make_pattern: Callable[[int], str]) -> Edit:
    """Return the edit that gives both schemas many attributes with patterns."""
    patterns = [make_pattern(number) for number in range(count)]
    return write_schemas(
        members({f"a{number}": string(pattern=f"^{one}$") for number, one in enumerate(patterns)}),
        xsd("".join(facet_element(f"a{number}", ("pattern", one)) for number, one in enumerate(patterns))),
    )


def enumeration(count: int, other: int) -> Edit:
    """Return the edit that gives the one attribute many values, in one line."""
    return write_schemas(
        members({"a": string(enum=[f"v{number}" for number in range(count)])}),
        xsd(facet_element("a", *(("enumeration", f"v{number}") for number in range(other)))),
    )


def write_fixtures(home: Path, count: int) -> None:
    """Add fixtures of a valid request."""
    for number in range(count):
        write_file(f"fixtures/{NAME}/accept/many-{number}.json", '{"score": {"value": "good"}}')(home)


def restricted_enumeration(count: int) -> Edit:
    """Return the edit that restricts a type of many values to the same values."""
    values = "".join(f'<xs:enumeration value="v{number}"/>' for number in range(count))
    types = (
        f'<xs:simpleType name="B"><xs:restriction base="xs:string">{values}</xs:restriction></xs:simpleType>'
        f'<xs:simpleType name="R"><xs:restriction base="B">{values}</xs:restriction></xs:simpleType>'
    )
    enum = [f"v{number}" for number in range(count)]
    return write_schemas(members({"a": string(enum=enum)}), xsd('<xs:element name="a" minOccurs="0" type="R"/>', types))


EDITS: Final[dict[str, Edit]] = {
    "property": write_pattern("^\\p{L}+$"),
    "optional": write_pattern("^" + "a?" * 40 + "a{40}$"),
    "optional-xsd": write_pattern("^a{40,80}$", "a?" * 40 + "a{40}"),
    "stars": write_pattern("^a*a*a*a*a*a*a*a*$"),
    "three-stars": write_pattern("^a*a*a*$"),
    "unanchored": write_pattern("[a-c]+x[a-c]+y"),
    "alternatives": write_pattern(f"^({ALTERNATIVES})$"),
    "alternatives-repeated": write_pattern(f"^({ALTERNATIVES})*$"),
    "prefixes": write_pattern("^(" + "|".join("a" * length for length in range(1, 400)) + ")$"),
    "ranges": write_pattern(f"^[{RANGES_JSON}]+$", f"[{RANGES_XSD}]+"),
    "ranges-repeated": write_pattern(f"^[{RANGES_JSON}]{{1,500}}$", f"[{RANGES_XSD}]{{1,500}}"),
    "ranges-differ": write_pattern(f"^[{RANGES_JSON}]+$", f"[^{RANGES_XSD}]+"),
    "ranges-in-row": write_pattern("^" + "".join(f"[{chr(low)}-{chr(high)}]?" for low, high in RANGES) + "$"),
    "long": write_pattern("^" + "[a-c]{1,3}x" * 5000 + "$"),
    "long-unportable": write_pattern("^" + "a" * 1_000_000 + "\\d$"),
    "deep": write_pattern("^" + "(" * 50 + "a" + ")?" * 50 + "$"),
    "counts": write_pattern("^[a-z]{0,100000}$"),
    "counts-nested": write_pattern("^(([ab]{0,100}){0,100}){0,100}$"),
    "counts-huge": write_pattern("^(([ab]{999999}){999999}){999999}$"),
    "count-of-many-digits": write_pattern("^a{" + "9" * 5000 + "}$"),
    "enumeration": enumeration(20_000, 20_000),
    "enumeration-differs": enumeration(20_000, 1),
    "enumeration-of-numbers": write_schemas(members({"a": string(enum=list(range(5000)))})),
    "enumeration-restricted": write_schemas(
        members({"a": string(enum=[f"v{number}" for number in range(4000)], pattern="^[a-z0-9]*$")}),
        xsd(
            '<xs:element name="a" minOccurs="0" type="R"/>',
            '<xs:simpleType name="B"><xs:restriction base="xs:string">'
            + "".join(f'<xs:enumeration value="v{number}"/>' for number in range(4000))
            + '</xs:restriction></xs:simpleType><xs:simpleType name="R"><xs:restriction base="B">'
            + "".join(f'<xs:enumeration value="v{number}"/>' for number in range(4000))
            + "</xs:restriction></xs:simpleType>",
        ),
    ),
    "enumeration-restricted-large": restricted_enumeration(20_000),
    "references": write_schemas(doubling_references(22), doubling_types(22)),
    "references-and-example": write_schemas(
        {
            **members({}, examples=[{}]),
            "$defs": {
                **{f"D{n}": {"allOf": [{"$ref": f"#/$defs/D{n + 1}"}] * 2} for n in range(40)},
                "D40": string(),
            },
            "allOf": [{"$ref": "#/$defs/D0"}],
        }
    ),
    "references-to-wide-definition": write_schemas(
        members(
            {f"a{number}": {"$ref": "#/$defs/W", "title": "T", "description": "D"} for number in range(1000)},
            **{"$defs": {"W": members({f"b{number}": string() for number in range(1000)})}},
        )
    ),
    "reference-chain": write_schemas(
        members(
            {"a": {"$ref": "#/$defs/D0"}},
            **{"$defs": {f"D{number}": members({"a": {"$ref": f"#/$defs/D{number + 1}"}}) for number in range(3000)}},
        ),
    ),
    "type-chain": write_schemas(members({"a": string()}), chained_types(3000)),
    "restriction-chain": write_schemas(members({"a": string()}), chained_restrictions(3000)),
    "types-recursive": write_schemas(
        members({"a": string()}),
        xsd(
            '<xs:element name="a" type="T0" minOccurs="0"/>',
            "".join(
                f'<xs:complexType name="T{number}"><xs:all>'
                + "".join(f'<xs:element name="e{other}" type="T{other}" minOccurs="0"/>' for other in range(40))
                + "</xs:all></xs:complexType>"
                for number in range(40)
            ),
        ),
    ),
    "members": many_members(2000, lambda number: f"[a-z]{{1,{number % 60 + 1}}}x{number}"),
    "members-ambiguous": many_members(2000, lambda number: f"[a-z]{{0,30}}[b-y]{{0,30}}x{number}"),
    "members-required": write_schemas(
        members({f"a{number}": string() for number in range(1500)}, required=[f"a{number}" for number in range(1500)]),
        xsd("".join(facet_element(f"a{number}") for number in range(1500))),
    ),
    "required-mixed": write_schemas(members({"a": string()}, required=[*range(1000), *map(str, range(1000))])),
    "required-mixed-large": write_schemas(
        members({"a": string()}, required=[item for number in range(4000) for item in ({"a": number}, str(number))])
    ),
    "lengths": write_schemas(
        members({"a": string(minLength=10**12)}), xsd(facet_element("a", ("minLength", "1" * 4301), ("maxLength", "9" * 30)))
    ),
    "length-of-many-digits": write_file(
        f"schemas/{NAME}/request.schema.json", '{"type": "string", "minLength": ' + "1" * 5000 + "}"
    ),
    "json-nested": write_file(f"schemas/{NAME}/request.schema.json", '{"items": ' * 5000 + "{}" + "}" * 5000),
    "json-brackets": write_file(f"schemas/{NAME}/operation.json", "[" * 1_000_000),
    "xsd-nested": write_file(f"schemas/{NAME}/request.xsd", xsd("<xs:all>" * 3000 + "</xs:all>" * 3000)),
    "xsd-groups": write_file(f"schemas/{NAME}/request.xsd", xsd("<xs:sequence>" * 40 + "</xs:sequence>" * 40)),
    "codes": write_file(
        f"schemas/{NAME}/codes.json",
        json.dumps({"codes": {f"4{number // 1000:02}-{number % 1000:03}": f"n{number}" for number in range(20_000)}}),
    ),
    "fixture": write_file(f"fixtures/{NAME}/reject/400-721-large.json", json.dumps({f"x{n}": n for n in range(200_000)})),
    "fixture-deep": write_file(f"fixtures/{NAME}/reject/400-718-deep.json", "[" * 500_000),
    "fixtures": lambda home: write_fixtures(home, 1000),
    "rules-deep": write_file("rules/rate_activity.py", "x = " + "(" * 150 + "-" * 200_000 + "1" + ")" * 150),
    "rules-brackets": write_file("rules/rate_activity.py", "x = " + "[" * 100_000),
    "rules-zero": write_file("rules/rate_activity.py", "x = 1\0"),
    "rules-number": write_file("rules/rate_activity.py", "x = " + "1" * 5000),
}


@pytest.mark.parametrize("name", EDITS)
def test_lint_is_bounded(tmp_path: Path, name: str) -> None:
    """No internal error, and a summary; the output is bounded too."""
    home = tmp_path / "home"
    shutil.copytree(RATE_ACTIVITY, home, ignore=shutil.ignore_patterns("__pycache__"))
    EDITS[name](home)
    outcome = subprocess.run(
        [sys.executable, "-m", "validator", "lint", "--isolated", str(home / "schemas")],
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert outcome.stderr == ""
    assert outcome.returncode in {0, 1}
    assert re.search(r"^1 operation in .+: [0-9]+ findings?\.$", outcome.stdout, re.MULTILINE)
    assert len(outcome.stdout) < 5_000_000


def test_load_refuses_enumerations_that_take_too_long_to_compile(tmp_path: Path) -> None:
    """Before lxml is asked, and with the file."""
    home = tmp_path / "home"
    shutil.copytree(RATE_ACTIVITY, home, ignore=shutil.ignore_patterns("__pycache__"))
    restricted_enumeration(20_000)(home)
    with pytest.raises(SchemaError, match=r"request\.xsd: the enumerations that restrict other types are too large to compile$"):
        load(NAME, home=home)
