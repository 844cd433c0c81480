"""Only portable patterns are loaded, in JSON Schema and XSD alike, in both engines."""

import json
import shutil
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

import pytest

from tests.paths import RATE_ACTIVITY
from validator import load
from validator.body.shape import SchemaError
from validator.operation.loader import EngineName
from validator.operation.xsd_file import read_xsd

NAME: Final = "rate-activity"
AMBIGUOUS: Final = "a text of 64 characters can match in so many ways that engines take more than 100000 steps"
# Pattern, the character and the reason.
UNPORTABLE: Final = {
    r"\d+": "character 1: the escape of 'd' is not portable",
    r"a\w": "character 2: the escape of 'w' is not portable",
    r"\s": "character 1: the escape of 's' is not portable",
    "a.b": "character 2: the dot matches different characters in different engines; use a class",
    r"\p{L}": "character 1: the escape of 'p' is not portable",
    r"\u{61}": "character 1: the escape of 'u' is not portable",
    "(?<n>a)": "character 1: look-around, named groups and flags are not portable; neither is (?: in XSD",
    r"\cA": "character 1: the escape of 'c' is not portable",
    "(?=a)": "character 1: look-around, named groups and flags are not portable; neither is (?: in XSD",
    "(?<!a)": "character 1: look-around, named groups and flags are not portable; neither is (?: in XSD",
    r"(a)\1": "character 4: the escape of '1' is not portable",
    "a+?": "character 3: lazy, possessive and doubled quantifiers are not portable",
    "a++": "character 3: lazy, possessive and doubled quantifiers are not portable",
    "[]": "character 1: an empty character class is not portable",
    "(a": "character 1: unclosed group",
    "a{2,1}": "character 2: the minimum of the quantifier is greater than its maximum",
    r"\x41": "character 1: the escape of 'x' is not portable",
    r"\ba": "character 1: the escape of 'b' is not portable",
    "[a-z-[aeiou]]": "character 5: '-' must be escaped in a character class",
}
# Portable patterns on which engines take too long.
SLOW: Final = ["a?" * 40 + "a{40}", "(a+)+", "(a|b|ab)*c", "(a?){30}", "a*a*a*a*", "(|a){30}"]


SCHEMA: Final = f"schemas/{NAME}/request.schema.json"


def home(folder: Path, json_pattern: str, xsd_pattern: str) -> Path:
    """Return a home of an operation with one attribute of these patterns."""
    shutil.copytree(RATE_ACTIVITY, folder / "home", ignore=shutil.ignore_patterns("__pycache__"))
    schemas = folder / "home" / "schemas" / NAME
    string = {"type": "string", "pattern": json_pattern}
    (schemas / "request.schema.json").write_text(
        json.dumps({"type": "object", "additionalProperties": False, "properties": {"a": string}})
    )
    (schemas / "request.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n<xs:element name="rating"><xs:complexType><xs:all>'
        '<xs:element name="a" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">\n'
        f" <xs:pattern value={quoteattr(xsd_pattern)}/></xs:restriction></xs:simpleType></xs:element>"
        "</xs:all></xs:complexType></xs:element></xs:schema>",
        encoding="utf-8",
    )
    return folder / "home"


@pytest.mark.parametrize("engine", ["fast", "reference"])
@pytest.mark.parametrize(("pattern", "reason"), UNPORTABLE.items())
def test_pattern_that_is_not_portable_is_not_loaded(tmp_path: Path, engine: EngineName, pattern: str, reason: str) -> None:
    """The error has the place, the pattern and the character."""
    place = home(tmp_path, pattern, "a")
    with pytest.raises(SchemaError) as caught:
        load(NAME, engine=engine, home=place)
    assert str(caught.value) == f"{place / SCHEMA}#/properties/a/pattern: pattern {pattern!r}, {reason}"
    place = home(tmp_path / "xsd", "^a$", pattern)
    with pytest.raises(SchemaError) as caught:
        load(NAME, engine=engine, home=place)
    assert str(caught.value) == f"{place / 'schemas' / NAME / 'request.xsd'}:3:2: pattern {pattern!r}, {reason}"


@pytest.mark.parametrize("engine", ["fast", "reference"])
@pytest.mark.parametrize("pattern", SLOW)
def test_pattern_that_engines_take_too_long_for_is_not_loaded(tmp_path: Path, engine: EngineName, pattern: str) -> None:
    """``re`` would not end, and libxml2 answers with an internal error."""
    place = home(tmp_path, f"^{pattern}$", "a")
    with pytest.raises(SchemaError) as caught:
        load(NAME, engine=engine, home=place)
    assert str(caught.value) == f"{place / SCHEMA}#/properties/a/pattern: pattern {f'^{pattern}$'!r}: {AMBIGUOUS}"
    place = home(tmp_path / "xsd", "^a$", pattern)
    with pytest.raises(SchemaError) as caught:
        load(NAME, engine=engine, home=place)
    assert str(caught.value) == f"{place / 'schemas' / NAME / 'request.xsd'}:3:2: pattern {pattern!r}: {AMBIGUOUS}"


@pytest.mark.parametrize("engine", ["fast", "reference"])
@pytest.mark.parametrize(
    ("json_pattern", "xsd_pattern"),
    [
        ("^[0-9]{1,3}(?:,[0-9]{3})*$", "[0-9]{1,3}(,[0-9]{3})*"),
        ("^(red|rose|ruby|rust){1,20}$", "(red|rose|ruby|rust){1,20}"),
        ("^[a-z0-9-]*[a-z0-9]$", "[a-z0-9\\-]*[a-z0-9]"),
        ("^[^\\u0000-\\u001F\\uFFFE]{0,20000}$", "[^&#10;]{0,20000}"),
        ("[a-c]+", "^$"),
        ("a{3,}", "(a|b){3,}"),
    ],
)
def test_near_miss_is_loaded(tmp_path: Path, engine: EngineName, json_pattern: str, xsd_pattern: str) -> None:
    """Portable patterns that each text matches in few ways, or that are as long as engines compile."""
    assert load(NAME, engine=engine, home=home(tmp_path, json_pattern, xsd_pattern)).operation == NAME


def test_long_pattern_is_cut_in_the_message(tmp_path: Path) -> None:
    """With its length."""
    with pytest.raises(SchemaError) as caught:
        load(NAME, home=home(tmp_path, "a" * 300 + ".", "a"))
    assert str(caught.value).partition("character 301")[0] == (
        f"{tmp_path / 'home' / SCHEMA}#/properties/a/pattern: pattern '{'a' * 200}'... (301 characters), "
    )


@pytest.mark.parametrize(
    ("xsd", "reason"),
    [
        ("<!DOCTYPE a><a/>", ": The file has a DOCTYPE"),
        ('<schema xmlns="http://www.w3.org/2001/XMLSchema"><include schemaLocation="a.xsd"/></schema>',
         ":1:50: xs:include is not supported: no other file is read"),
    ],
)  # fmt: skip
def test_xsd_that_reads_other_files_is_not_loaded(tmp_path: Path, xsd: str, reason: str) -> None:
    """Its patterns would not be seen."""
    place = home(tmp_path, "^a$", "a")
    file = place / "schemas" / NAME / "request.xsd"
    file.write_text(xsd)
    with pytest.raises(ValueError, match="xsd") as caught:
        load(NAME, home=place)
    assert str(caught.value).startswith(f"{file}{reason}")


def test_patterns_of_an_xsd_share_one_effort(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each is quick to match, and all together are not."""
    monkeypatch.setattr("validator.operation.xsd_file.MAX_EFFORT", 0)
    folder = RATE_ACTIVITY / "schemas" / "rate-activity"
    shutil.copytree(folder, tmp_path / "rate-activity")
    file = tmp_path / "rate-activity" / "request.xsd"
    text = file.read_text(encoding="utf-8")
    assert "xs:pattern" in text
    with pytest.raises(SchemaError, match="the patterns are too large to decide how long engines take to match them"):
        read_xsd(file.parent)
