"""Parts of the linter on small artefacts: what each finds, and near misses that it leaves alone."""

import ast
import json
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import validator
from tests.paths import RATE_ACTIVITY
from validator.body.shape import compile_shape
from validator.engine import RuleInput
from validator.inputs.source import JsonSource, SourceError, read_json
from validator.lint.linter import lint, lint_common_schemas
from validator.lint.rules import declarations, rule_source, trace
from validator.lint.schemas import json_schema, xsd
from validator.lint.schemas.twins import differences
from validator.lint.source import read_python, read_xml
from validator.model import common_codes
from validator.model.report import Failure
from validator.operation.home import Home
from validator.operation.loader import load_operation
from validator.output.finding import Finding

SECOND = RATE_ACTIVITY
NAME = "rate-activity"
PROSE = {"title": "T", "description": "d"}
XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'


def schema(**keywords: Any) -> JsonSource:
    """Return a described schema."""
    return read_json("s.json", json.dumps(PROSE | keywords).encode())


def xml(inside: str, declared: str = XS) -> bytes:
    """Return an XSD."""
    return f"<xs:schema {declared}>{inside}</xs:schema>".encode()


def element(inside: str = "", **attributes: str) -> str:
    """Return a described element."""
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<xs:element{told}><xs:annotation><xs:documentation>d</xs:documentation></xs:annotation>{inside}</xs:element>"


def told(findings: Any) -> list[tuple[str, str]]:
    """Return code and message of each finding."""
    return [(finding.kind.code, finding.message) for finding in findings]


def objects(*inside: str, group: str = "all") -> str:
    """Return a complex type of elements."""
    return f"<xs:complexType><xs:{group}>{''.join(inside)}</xs:{group}></xs:complexType>"


def texts(*facets: tuple[str, str]) -> str:
    """Return a simple type of text."""
    inside = "".join(f'<xs:{name} value="{value}"/>' for name, value in facets)
    return f'<xs:simpleType><xs:restriction base="xs:string">{inside}</xs:restriction></xs:simpleType>'


def compared(members: dict[str, Any], *inside: str, **more: Any) -> list[tuple[str, str]]:
    """Return how an object of a JSON Schema differs from one of an XSD."""
    source = schema(type="object", additionalProperties=False, properties=members, **more)
    found = xsd.tree(read_xml("x.xsd", xml(element(objects(*inside), name="root"))))
    assert found is not None
    assert found[0] == "root"
    undecided: list[str] = []
    return [*told(differences(json_schema.tree(source), found[1], undecided)), *[("undecided", words) for words in undecided]]


TEXT = PROSE | {"type": "string"}
UNKNOWN = [("undecided", "L2: 'a', whose type one of the schemas does not tell")]
BOOL = PROSE | {"type": "boolean"}
FOUR = [("enumeration", value) for value in ("true", "false", "1", "0")]


@pytest.mark.parametrize(
    ("members", "inside", "expected"),
    [
        ({"a": TEXT}, [element(name="a", type="xs:string", minOccurs="0")], []),
        (
            {"a": TEXT},
            [element(name="a", type="xs:string", minOccurs="2")],
            [("L203", "Attribute 'a' is optional in JSON Schema and there at least 2 times in XSD.")],
        ),
        (
            {"a": PROSE | {"type": "array", "items": TEXT}},
            [element(name="a", type="xs:string", minOccurs="0", maxOccurs="5")],
            [("L204", "Attribute 'a' is a list in JSON Schema and a list of at most 5 in XSD.")],
        ),
        (
            {"a": PROSE | {"type": "array", "items": TEXT}},
            [element(name="a", type="xs:string", minOccurs="0", maxOccurs="unbounded")],
            [],
        ),
        (
            {"a": TEXT | {"enum": ["x"]}},
            [element(name="a", type="xs:string", minOccurs="0")],
            [("L206", "Attribute 'a' lists 'x' in JSON Schema only and no values in XSD.")],
        ),
        (
            {"a": TEXT},
            [element(texts(("enumeration", "x"), ("enumeration", "y")), name="a", minOccurs="0")],
            [("L206", "Attribute 'a' lists 'x', 'y' in XSD only and no values in JSON Schema.")],
        ),
        (
            {"a": TEXT | {"enum": ["x", "y"]}},
            [element(texts(("enumeration", "y"), ("enumeration", "x")), name="a", minOccurs="0")],
            [],
        ),
        (
            {"a": TEXT | {"maxLength": 3}},
            [element(texts(("length", "3")), name="a", minOccurs="0")],
            [("L208", "Attribute 'a' can be '', which JSON Schema allows and XSD refuses.")],
        ),
        ({"a": TEXT | {"maxLength": 3}}, [element(texts(("maxLength", "3")), name="a", minOccurs="0")], []),
        # What is not portable, or refers to nothing, is told elsewhere.
        ({"a": TEXT | {"pattern": "^.$"}}, [element(name="a", type="xs:string", minOccurs="0")], []),
        (
            {"a": TEXT | {"pattern": "^(?:ab|c)$"}},
            [element(texts(("pattern", "c"), ("pattern", "ab")), name="a", minOccurs="0")],
            [],
        ),
        ({"a": BOOL}, [element(texts(*FOUR), name="a", minOccurs="0")], []),
        ({"a": TEXT | {"enum": ["0", "1", "false", "true"]}}, [element(texts(*FOUR), name="a", minOccurs="0")], []),
        (
            {"a": BOOL},
            [element(texts(*FOUR, ("pattern", "true|1")), name="a", minOccurs="0")],
            [("L202", "Attribute 'a' is boolean in JSON Schema and text in XSD.")],
        ),
        (
            {"a": TEXT},
            [element(name="a", type="xs:string", minOccurs="0", maxOccurs="0")],
            [("L204", "Attribute 'a' is single in JSON Schema and never there in XSD.")],
        ),
        ({"a": TEXT}, [element(texts(("maxLength", "many")), name="a", minOccurs="0")], []),  # does not compile: told elsewhere
        ({"a": PROSE | {"type": "xs:int"}}, [element(name="a", type="xs:int", minOccurs="0")], []),  # no type of JSON: the same
        ({"a": TEXT | {"maxLength": 5}}, [element(texts(("maxLength", " +5 ")), name="a", minOccurs="0")], []),
        (
            {"a": TEXT | {"pattern": "^[a-z]{1,90000}$"}},
            [element(texts(("pattern", "[a-z]{1,90000}")), name="a", minOccurs="0")],
            [("undecided", "L207: all texts of 'a', as they are too many")],
        ),
        ({"a": {"$ref": "#/$defs/none"} | PROSE}, [element(name="a", type="xs:string", minOccurs="0")], UNKNOWN),
        (
            {"a": TEXT},
            [element(name="a", type="xs:anyURI", minOccurs="0")],
            [("L202", "Attribute 'a' is text in JSON Schema and xs:anyURI in XSD.")],
        ),
        ({"a": TEXT}, [element(name="a", minOccurs="0")], UNKNOWN),
    ],
)  # fmt: skip
def test_two_trees_are_compared(members: dict[str, Any], inside: list[str], expected: list[tuple[str, str]]) -> None:
    """Each difference in words; near misses are none."""
    assert compared(members, *inside) == expected


def test_the_prefix_of_xsd_is_the_authors_choice() -> None:
    """Also none at all."""
    for prefix in ("s:", ""):
        bound = f'xmlns{":s" if prefix else ""}="http://www.w3.org/2001/XMLSchema"'
        data = xml(element(objects(element(name="a", type="xs:string")), name="r"), bound).replace(b"xs:", prefix.encode())
        found = xsd.tree(read_xml("x.xsd", data))
        assert found is not None
        assert found[1].members["a"].kind == "text"


def test_types_that_contain_themselves_end() -> None:
    """A named type inside itself, or restricting itself, is not followed for ever."""
    node = f'<xs:complexType name="N"><xs:all>{element(name="n", type="N", minOccurs="0")}</xs:all></xs:complexType>'
    found = xsd.tree(read_xml("x.xsd", xml(node + element(name="r", type="N"))))
    assert found is not None
    assert found[1].members["n"].kind == ""
    loop = '<xs:simpleType name="S"><xs:restriction base="S"/></xs:simpleType>'
    found = xsd.tree(read_xml("x.xsd", xml(loop + element(name="r", type="S"))))
    assert found is not None
    assert found[1].kind == ""


def test_an_xsd_without_a_root_element_describes_nothing() -> None:
    """It is told, and nothing is compared."""
    source = read_xml("x.xsd", xml(""))
    assert xsd.tree(source) is None
    assert told(xsd.check_supported(source)) == [("L113", "There is no root element.")]


def test_what_xmlschema_alone_refuses_is_told_too() -> None:
    """Whichever is asked first tells it, and the other is then not asked."""
    data = xml(element(texts(("pattern", "[a-\\d]")), name="r"))
    source = read_xml("x.xsd", data)
    found = [finding for finding in xsd.check_standalone(source, data) if finding.kind.code == "L112"]
    assert [finding.message.split(":")[0] for finding in found] in (["xmlschema"], ["lxml"])


def test_both_compilers_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one of them alone refuses stands at the element that it names, or at the beginning when it names none."""
    data = xml(element(name="r", type="xs:string"))
    source = read_xml("x.xsd", data)
    (root,) = source.root.children

    for elem, place in ((etree.fromstring(data)[0], root.span[0]), (etree.Element("other"), 0), (None, 0)):
        error = ValueError("no\n good")
        error.elem = elem  # type: ignore[attr-defined]
        monkeypatch.setattr("xmlschema.XMLSchema", Mock(side_effect=error))
        (finding,) = xsd.check_standalone(source, data)
        assert (finding.kind.code, finding.message, finding.location.region.start) == (
            "L112",
            "xmlschema: no good.",
            source.position(place),
        )


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({"type": "string"}, []),
        ({"type": "array"}, [("L116", "The list / must say its items.")]),
        ({"type": ["string"]}, [("L116", "The type of / must be one of object, array, string, boolean.")]),
        ({}, [("L116", "The type of / must be one of object, array, string, boolean.")]),
        ({"type": "string", "anyOf": [PROSE | {"type": "string"}]}, [("L301", "No code is known for the keyword 'anyOf'.")]),
        ({"$ref": "#"}, []),
        ({"type": "boolean", "enum": ["true"]}, [("L116", "The keyword 'enum' does not fit the type boolean.")]),
        ({"type": "string", "enum": ["1", 1]}, [("L116", "An enum must list texts, and 1 is none.")]),
        (
            {"type": "string", "properties": {"a": True}},
            [
                ("L116", "The schema /properties/a is no object."),
                ("L116", "The keyword 'properties' does not fit the type string."),
            ],
        ),
        (
            {"type": "array", "items": True},
            [("L116", "The schema /items is no object."), ("L116", "The list / must say its items.")],
        ),
        (
            {"type": "array", "items": PROSE | {"type": "array", "items": TEXT}},
            [
                ("L116", "A list of lists, /, is nothing that XML could say."),
            ],
        ),
    ],
)
def test_what_the_engine_does_not_take_is_told(keywords: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Each with a code of its own."""
    assert told(json_schema.check_supported(schema(**keywords))) == expected


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (element(name="a"), [("L108", "xs:element 'a' has no type: it takes anything.")]),
        (element(objects(objects(group="sequence")[16:-17]), name="a"), [("L113", "A group in xs:all is not taken.")]),
        (
            element("<xs:simpleType><xs:restriction><xs:simpleType/></xs:restriction></xs:simpleType>", name="a"),
            [("L113", "xs:restriction without base is not taken.")],
        ),
        (
            f'<xs:complexType name="N"><xs:all>{element(name="n", type="N")}</xs:all></xs:complexType>'
            + element(name="a", type="N"),
            [("L113", "xs:element 'n' holds its own type, and so has no end.")],
        ),
        (
            f'<xs:complexType name="N"><xs:all>{element(name="t", type="xs:string")}{element(name="m", type="M")}</xs:all>'
            "</xs:complexType>"
            f'<xs:complexType name="M"><xs:all>{element(name="n", type="N")}{element(name="s", type="S")}</xs:all>'
            "</xs:complexType>"
            f'<xs:simpleType name="S"><xs:restriction base="xs:string"/></xs:simpleType>' + element(name="a", type="N"),
            [
                ("L113", "xs:element 'm' holds its own type, and so has no end."),
                ("L113", "xs:element 'n' holds its own type, and so has no end."),
            ],
        ),
        (element("<b/>", name="a", type="xs:string"), [("L113", "'b', which is none of XSD, is not taken.")]),
        (
            '<xs:annotation><xs:documentation><p xmlns="u"/></xs:documentation></xs:annotation>'
            + element(name="a", type="xs:string"),
            [],
        ),
    ],
)
def test_what_json_could_not_say_is_told(inside: str, expected: list[tuple[str, str]]) -> None:
    """Documentation may hold what it wants."""
    assert told(xsd.check_supported(read_xml("x.xsd", xml(inside)))) == expected


@pytest.mark.parametrize("text", ["[ab]{1,3}|[$a]{1,3}", "(-{0,2}){0,0}-", "(a)*|b", "a|a{2}"])
def test_a_pattern_that_lxml_reads_otherwise_is_told(text: str) -> None:
    """The engine judges by lxml."""
    data = xml(element(texts(("pattern", text)), name="a"))
    found = told(xsd.check_standalone(read_xml("x.xsd", data), data))
    assert [(code, message.partition(", for")[0]) for code, message in found] == [
        ("L105", f"Pattern {text!r}: lxml reads it otherwise than XSD says")
    ]


def test_a_pattern_that_lxml_cannot_compile_alone_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the whole does not compile is told."""
    data = xml(element(texts(("pattern", "a")), name="a"))
    source = read_xml("x.xsd", data)
    monkeypatch.setattr("lxml.etree.XMLSchema", Mock(side_effect=etree.XMLSchemaParseError("no")))
    assert [code for code, _ in told(xsd.check_standalone(source, data))] == ["L112"]


def test_a_huge_pattern_is_tried_by_its_syntax() -> None:
    """Without an automaton; and lxml reads it alike."""
    data = xml(element(texts(("pattern", "[ab]{1,9000}")), name="a"))
    assert told(xsd.check_standalone(read_xml("x.xsd", data), data)) == []


def test_nothing_is_fetched() -> None:
    """An import is told, and then not compiled; a reference elsewhere is told, and an example is not judged by it."""
    data = xml('<xs:import namespace="u" schemaLocation="http://localhost:1/x.xsd"/>' + element(name="a", type="xs:string"))
    source = read_xml("x.xsd", data)
    assert told(xsd.check_standalone(source, data)) == []
    assert told(xsd.check_supported(source)) == [("L113", "xs:import is not taken.")]
    reference = "http://localhost:1/s.json"
    found = told(
        json_schema.check_standalone(schema(**{"$ref": reference, "examples": ["a"], "$schema": "http://localhost:1/meta"}))
    )
    assert [code for code, _ in found] == ["L102", "L104"]


def test_references_in_definitions_are_told_and_circles_end() -> None:
    """Only the tree itself may refer."""
    source = schema(
        **{
            "type": "object",
            "properties": {"n": {"$ref": "#/$defs/N"}},
            "$defs": {"N": PROSE | {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}}},
        }
    )
    assert ("L104", "A definition refers to another: only the tree itself may refer.") in told(
        json_schema.check_standalone(source)
    )
    assert json_schema.tree(source).members["n"].members["n"].kind == ""


def test_deep_xml_is_refused() -> None:
    """As deep JSON is."""
    with pytest.raises(SourceError, match="nested deeper than 100 levels"):
        read_xml("x.xsd", b"<a>" * 101 + b"</a>" * 101)
    assert read_xml("x.xsd", b"<a>" * 100 + b"</a>" * 100).root.tag == "a"


def test_every_schema_inside_a_schema_is_looked_at() -> None:
    """Also those of keywords that no operation may use."""
    inside = {"allOf": [{"maxlength": 1}], "not": {"Type": 1}, "patternProperties": {"a": {"Enum": []}}, "items": True}
    assert [message for code, message in told(json_schema.check_standalone(schema(**inside))) if code == "L103"] == [
        "JSON Schema has no keyword 'maxlength'.",
        "JSON Schema has no keyword 'Type'.",
        "JSON Schema has no keyword 'Enum'.",
    ]


@pytest.mark.parametrize(
    ("code", "pointer", "place"),
    [
        ("400-720", "/a", '"required"'),
        ("400-721", "/z", '"additionalProperties"'),
        ("400-196", "/a", '"enum"'),
        ("400-152", "/l/0", '"pattern"'),
        ("400-724", "/a", '"a"'),
    ],
)
def test_the_keyword_that_refuses_a_value_is_shown(code: str, pointer: str, place: str) -> None:
    """Through references and lists; the member itself where no keyword did it."""
    source = schema(
        type="object",
        required=["a"],
        additionalProperties=False,
        properties={"a": TEXT | {"enum": ["x"]}, "l": PROSE | {"type": "array", "items": {"$ref": "#/$defs/I"}}},
        **{"$defs": {"I": TEXT | {"pattern": "^a$"}}},
    )
    at = json_schema.keyword_at(source, Failure(code, "n", "m", "body", pointer))
    (line, start), (_, end) = at.region
    assert (line, source.text[start - 1 : end - 1]) == (1, place)


RULES = '''
from validator.rule import Code
A = Code("400-901", "a", "Say {x}.")
B: Code = Code(code="400-902", name="b", sentence="Say {attribute}.")
C = D = Code(*[])
E = Code(name="e")
F = other("400-903")
def check(facts):
    A.at((), x=1); codes.A.failure(x=1); A.failure(**facts); B.at(()); G.at(()); A.other(); at()
    return B.failure()
class Rules:
    @rule(A)
    def law(self, email): """It has a reason."""
    @rule
    def bare(self): ...
    @other.rule(B)
    def second(email): ...
'''


def test_what_is_written_in_rules_is_read() -> None:
    """Codes that are declared plainly, rules that are decorated, and calls that make failures."""
    text = rule_source.read(
        [read_python("r.py", RULES.encode()), read_python("other.py", b'A = Code("400-904")\nA.at()\nB.at()\n')]
    )
    assert list(text.codes) == ["400-901", "400-902", "400-904"]
    assert [(law.name, law.docstring) for law in text.laws] == [("law", "It has a reason."), ("second", "")]
    assert [(call.code, call.method, call.given) for call in text.calls] == [
        ("400-901", "at", frozenset({"x"})),
        ("400-901", "failure", frozenset({"x"})),
        ("400-901", "failure", None),
        ("400-902", "at", frozenset()),
        ("400-902", "failure", frozenset()),
        ("400-904", "at", frozenset()),
        ("400-902", "at", frozenset()),
    ]
    assert text.code("400-902").line_text.startswith("B: Code")
    assert (text.code("400-999"), text.text("none")) == (text.files[0].place(),) * 2


def test_a_rule_is_found_where_its_function_is_written(tmp_path: Path) -> None:
    """Two of one name in two files are two; one that is put together otherwise stands at the beginning."""
    source = (
        'from validator import Code\nfrom validator.rule import rule\n\n@rule(Code(*"abcdefgh"))\ndef law(e, f):\n    """d"""\n'
    )
    rules = []
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(source)
        space: dict[str, Any] = {}
        exec(compile(source, str(tmp_path / name), "exec"), space)
        rules.append(space["law"])
    text = rule_source.read([read_python(str(path), path.read_bytes()) for path in sorted(tmp_path.glob("*.py"))])
    assert [text.rule(rule).file for rule in rules] == [str(tmp_path / "a.py"), str(tmp_path / "b.py")]
    assert [text.rule(rule).region.start.line for rule in rules] == [5, 5]
    assert text.rule(rules[0]._replace(check=Mock())) == text.files[0].place()


def test_the_engines_own_codes_are_made_with_what_their_sentences_need() -> None:
    """The same law that rules are held to holds for structure and before."""
    folder = Path(str(validator.__file__)).parent
    text = rule_source.read([read_python(str(path), path.read_bytes()) for path in sorted(folder.rglob("*.py"))])
    unfilled = [
        found
        for found in declarations.parameters({code.code: code for code in common_codes.CODES}, text)
        if found.kind.code == "L307"
    ]
    assert {call.code for call in text.calls} >= {"400-720", "400-721", "400-712"}
    assert unfilled == []


def test_python_columns_count_characters() -> None:
    """The syntax tree counts bytes."""
    source = read_python("r.py", "x = 'é', 'y'\n".encode())
    assert isinstance(source.tree.body[0], ast.Assign)
    place = source.at(source.tree.body[0].value.elts[1])  # type: ignore[attr-defined]
    assert place.region == ((1, 10), (1, 13))


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (b"<a", "not well-formed XML: unclosed token", (1, 1)),
        (b"<!DOCTYPE a><a/>", "The file has a DOCTYPE (line 1, column 1).", (1, 1)),
        (b"\xff", "The file must be UTF-8: it holds bytes that are not UTF-8.", (1, 1)),
        (b"<a>\n</b>", "not well-formed XML: mismatched tag", (2, 3)),
    ],
)
def test_xml_that_cannot_be_read_is_told_with_its_place(data: bytes, reason: str, place: tuple[int, int]) -> None:
    """Never a parser's exception."""
    with pytest.raises(SourceError) as caught:
        read_xml("x.xsd", data)
    assert (caught.value.reason, caught.value.place.region.start) == (reason, place)


def test_json_that_cannot_be_read_is_told_with_its_place() -> None:
    """A repeated member stands at its first occurrence; an integer of thousands of digits is no reason to stop."""
    for data, reason in (
        (b'{"a": {"b": [1, {"c": 1, "c": 2}]}}', "the member 'c' is there more than once"),
        (b"1" * 5000, "Exceeds the limit (4300 digits) for integer string conversion"),
        (b"{", "The file is not well-formed JSON: line 1, column 2"),
    ):
        with pytest.raises(SourceError) as caught:
            read_json("s.json", data)
        assert caught.value.reason.startswith(reason)


def test_python_that_cannot_be_read_is_told_with_its_place() -> None:
    """The interpreter's own words."""
    with pytest.raises(SourceError) as caught:
        read_python("r.py", b"x = 1\ny = (\n")
    assert (caught.value.reason, caught.value.place.region.start) == ("SyntaxError: '(' was never closed", (2, 5))


SHAPE = compile_shape(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["a"],
        "properties": {
            "a": {"type": "string", "pattern": "^[0-9]{2}$"},
            "b": {"type": "string", "minLength": 3},
            "c": {"type": "array", "items": {"type": "string", "enum": ["x"]}},
            "d": {"type": "boolean"},
        },
    }
)


def test_samples_have_every_attribute_and_those_with_a_fault_have_one() -> None:
    """Values are those of fixtures, or what the pattern gives."""
    samples = trace.samples(SHAPE, [])
    assert samples.sound[0].tree == {"a": samples.sound[0].tree["a"], "b": "xxx", "c": ["x", "x"], "d": True}
    assert len(samples.sound[0].tree["a"]) == 2
    assert {"b": "xxx", "c": ["x", "x"], "d": True} in [one.tree for one in samples.unsound]
    model = RuleInput({"a": "42", "b": "long", "c": ["x"]}, "7", "8", "9")
    assert trace.samples(SHAPE, [model]).sound[0] == RuleInput(
        {"a": "42", "b": "long", "c": ["x", "x"], "d": True}, "7", "8", "9"
    )


@pytest.mark.parametrize("pattern", [r"\d", "^a$"])
def test_without_a_sound_sample_there_is_none(pattern: str) -> None:
    """A pattern that is not portable, or allows nothing, gives no value."""
    shape = compile_shape(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {"a": {"type": "string", "pattern": pattern, "minLength": 2}},
        }
    )
    assert trace.samples(shape, []) == ((), ())


def second(folder: Path, rules: str) -> list[tuple[str, str]]:
    """Return what is found of the second operation with edited rules."""
    shutil.copytree(SECOND, folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "rules" / "rate_activity.py"
    path.write_text(rules)
    return told(lint(NAME, Home.at(folder)).findings)


def test_a_module_whose_read_fails_is_told(tmp_path: Path) -> None:
    """Every sound request is then an internal error."""
    rules = (SECOND / "rules" / "rate_activity.py").read_text()
    found = second(tmp_path / "a", rules.replace('tree["score"]["value"]', 'tree["scor"]["value"]'))
    assert ("L315", "read raises KeyError: 'scor'.") in found
    assert ("L309", "The rules read 'scor', which the schema does not describe.") in found


def test_rules_that_cannot_bear_unsound_trees_are_no_finding(tmp_path: Path) -> None:
    """They are promised sound ones; a rule that is silent on these is told by its missing fixture."""
    rules = (SECOND / "rules" / "rate_activity.py").read_text()
    found = second(tmp_path / "a", rules.replace('rating.value != "poor"', '{"good": True, "poor": True}[rating.value]'))
    assert [code for code, _ in found] == ["L402"]


@pytest.mark.parametrize("codes", ["[]", '{"codes": []}', '{"codes": {"400-101": 1}}'])
def test_a_release_in_another_form_is_told(tmp_path: Path, codes: str) -> None:
    """Nothing is compared with it."""
    shutil.copytree(SECOND, tmp_path / "a", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "a" / "schemas" / NAME / "codes.json").write_text(codes)
    assert told(lint(NAME, Home.at(tmp_path / "a")).findings) == [
        ("L102", "codes.json must have codes: an object from code to name.")
    ]
    (tmp_path / "a" / "schemas" / NAME / "codes.json").write_text("{")
    assert [code for code, _ in told(lint(NAME, Home.at(tmp_path / "a")).findings)] == ["L101"]


def test_rules_that_declare_no_code_of_their_own_are_fine(tmp_path: Path) -> None:
    """Structure may be all that there is to say."""
    found = second(tmp_path / "a", "CODES = RULES = ()\ndef read(*given): return given\n")
    assert {code for code, _ in found} == {"L311", "L403"}
    assert load_operation(NAME, home=Home.at(tmp_path / "a")).rules.rules == ()


FILES = ["operation.json", "request.schema.json", "request.xsd", "codes.json"]


@given(
    st.sampled_from(FILES),
    st.integers(0, 5000),
    st.integers(0, 40),
    st.sampled_from(["", "{", "}", '"', "[]", "1", "null", "<", "x", "\u2028"]),
)
def test_whatever_an_artefact_holds_the_linter_tells_it(
    tmp_path_factory: pytest.TempPathFactory, file: str, start: int, length: int, other: str
) -> None:
    """A part of a file is exchanged: what comes of it is findings, never an exception."""
    folder = tmp_path_factory.mktemp("mutant") / "a"
    shutil.copytree(SECOND, folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "schemas" / NAME / file
    text = path.read_text(encoding="utf-8")
    at = start % len(text)
    path.write_text(text[:at] + other + text[at + length :], encoding="utf-8")
    home = Home.at(folder)
    for finding in [*lint(NAME, home).findings, *lint_common_schemas(home)]:
        assert isinstance(finding, Finding)
        assert finding.location.region.start <= finding.location.region.end
        assert finding.message.endswith((".", "…"))


def test_a_sentence_that_is_no_format_is_told(tmp_path: Path) -> None:
    """At its code; what it needs is then not known."""
    rules = (SECOND / "rules" / "rate_activity.py").read_text()
    found = second(tmp_path / "a", rules.replace("'{attribute}' repeats", "'{attribute' repeats"))
    words = "The sentence of 400-803 is no format: a brace that is none of a placeholder is written twice."
    assert [message for code, message in found if code == "L307"] == [words]


def test_a_placeholder_may_name_a_part_of_its_parameter(tmp_path: Path) -> None:
    """As format strings can."""
    rules = (SECOND / "rules" / "rate_activity.py").read_text()
    assert second(tmp_path / "a", rules.replace("score {score}", "score {score[0]}{score.__len__}")) == []


def test_artefacts_elsewhere_are_shown_by_their_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All alike, wherever the command runs."""
    shutil.copytree(SECOND, tmp_path / "a", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name in ("schemas/rate-activity/codes.json", "fixtures/rate-activity/accept/400-802-good-without-comment.json"):
        (tmp_path / "a" / name).write_text("{")
    found = lint(NAME, Home.at(Path("..") / "a")).findings
    assert {one.location.file for one in found} == {
        str(tmp_path / "a" / name)
        for name in ("schemas/rate-activity/codes.json", "fixtures/rate-activity/accept/400-802-good-without-comment.json")
    }


def test_rules_whose_text_cannot_be_read_are_not_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be shown is not compared."""
    shutil.copytree(SECOND, tmp_path / "a", ignore=shutil.ignore_patterns("__pycache__"))
    unreadable = SourceError(read_json("r.py", b"1").place(), "no")
    monkeypatch.setattr("validator.lint.linter.read_python", Mock(side_effect=unreadable))
    linted = lint(NAME, Home.at(tmp_path / "a"))
    assert told(linted.findings) == [("L101", "no.")]
    assert linted.undecided == ["L3, L4: rules, codes and fixtures, as the rules cannot be used"]


def test_a_file_with_a_byte_order_mark_is_python_too(tmp_path: Path) -> None:
    """As the interpreter takes it."""
    rules = (SECOND / "rules" / "rate_activity.py").read_text()
    assert second(tmp_path / "a", "\ufeff" + rules) == []


FACTORY = """
def commented(code, score):
    @rule(code)
    def needs_comment(rating, _facts):
        \"\"\"Some scores do not speak for themselves.\"\"\"
        if rating.value != score or rating.comment is not None:
            return NOTHING
        return (code.at(path=("comment",), score=score),)

    return needs_comment


RULES = (*RULES[:1], commented(POOR_WITHOUT_COMMENT, "poor"), commented(POOR_WITHOUT_COMMENT, "never"), *RULES[2:])
"""


def test_one_function_may_make_several_rules(tmp_path: Path) -> None:
    """They are listed once each; the one that they replace is listed no more."""
    rules = (SECOND / "rules" / "rate_activity.py").read_text()
    assert second(tmp_path / "a", rules + FACTORY) == [("L314", "The rule poor_score_has_a_comment is not in RULES.")]
    rules = rules.replace('POOR_WITHOUT_COMMENT.at(("comment",)', 'POOR_WITHOUT_COMMENT.at(path=("comment",)')
    assert second(tmp_path / "b", rules) == []


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_artefacts_may_end_their_lines_as_they_like(tmp_path: Path, end: str) -> None:
    """And begin with a byte order mark."""
    folder = tmp_path / "a"
    shutil.copytree(SECOND, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*(folder / "schemas" / NAME).iterdir(), folder / "rules" / "rate_activity.py"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", end.encode()))
    assert told(lint(NAME, Home.at(folder)).findings) == []
    path = folder / "schemas" / NAME / "request.xsd"
    path.write_bytes(path.read_bytes().replace(b'<xs:enumeration value="good"/>', b'<xs:enumeration value="fine"/>'))
    (place,) = next(one.related for one in lint(NAME, Home.at(folder)).findings if one.kind.code == "L206")
    assert (place.region.start, place.line_text.strip()) == ((24, 21), '<xs:enumeration value="fine"/>')
