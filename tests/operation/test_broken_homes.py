"""Operations that are not usable: ``load``, ``check`` and ``lint`` agree, and the place and the reason are one line.

The homes are made from a good one, each with one error: a file that is missing, of another type, cut off or in another encoding,
values of wrong types, schemas that do not compile or disagree, and rules that cannot be imported.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands import Result, process, run, write
from tests.paths import RATE_ACTIVITY
from validator import load

NAME: Final = "rate-activity"
SCHEMAS: Final = f"h/schemas/{NAME}"
OPERATION, SCHEMA, XSD = f"{SCHEMAS}/operation.json", f"{SCHEMAS}/request.schema.json", f"{SCHEMAS}/request.xsd"
RULES: Final = "h/rules/rate_activity.py"
XS: Final = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
UNRESOLVED: Final = (
    "element decl. 'rating', attribute 'type': The QName value 'none' does not resolve to a(n) type definition., line 1"
)
Change = Callable[[], object]


def edit(file: str, change: Callable[[bytes], bytes | str]) -> Change:
    """Return the change of a file."""

    def make() -> None:
        text = change(Path(file).read_bytes())
        Path(file).write_bytes(text if isinstance(text, bytes) else text.encode())

    return make


def put(file: str, text: bytes | str) -> Change:
    """Return the change of a file's whole content."""
    return edit(file, lambda _: text)


def put_json(file: str, **members: Any) -> Change:
    """Return the change of members of a JSON file."""
    return edit(file, lambda old: json.dumps(json.loads(old) | members))


def put_attribute(schema: object) -> Change:
    """Return the addition of the attribute ``z`` to the JSON Schema."""
    return edit(SCHEMA, lambda old: json.dumps((tree := json.loads(old)) | {"properties": tree["properties"] | {"z": schema}}))


def replace_by(file: str, make: Callable[[Path], object]) -> Change:
    """Return the replacement of a file by something else."""

    def replace() -> None:
        Path(file).unlink()
        make(Path(file))

    return replace


FILES: Final = (OPERATION, SCHEMA, XSD)
# Each change with the whole message of load and check.
BROKEN: Final[list[tuple[Change, str]]] = [
    *((replace_by(file, lambda _: None), f"{file}: no such file") for file in FILES),
    *((replace_by(file, Path.mkdir), f"{file}: Is a directory") for file in FILES),
    *((replace_by(file, lambda path: path.symlink_to("nowhere")), f"{file}: no such file") for file in FILES),
    *(
        (replace_by(file, lambda path: path.symlink_to(path.name)), f"{file}: Too many levels of symbolic links")
        for file in FILES
    ),
    *((replace_by(file, os.mkfifo), f"{file}: not a regular file") for file in FILES),
    *((put(file, ""), f"{file}: Expecting value: line 1 column 1 (char 0)") for file in (OPERATION, SCHEMA)),
    *(
        (edit(file, lambda old: old[:1]), f"{file}: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")
        for file in (OPERATION, SCHEMA)
    ),
    *(
        (
            edit(file, lambda old: old.decode().encode("utf-16-le")),
            f"{file}: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        )
        for file in (OPERATION, SCHEMA)
    ),
    *(
        (put(file, b'{"a": "\xe9"}'), f"{file}: 'utf-8' codec can't decode byte 0xe9 in position 7: invalid continuation byte")
        for file in (OPERATION, SCHEMA)
    ),
    *((put(file, "[" * 100_000), f"{file}: the file is nested too deep") for file in (OPERATION, SCHEMA)),
    (put(OPERATION, "[]"), f"{OPERATION}: expected an object, got []"),
    (put_json(OPERATION, titel="x"), f"{OPERATION}: unknown member 'titel'; did you mean 'title'?"),
    (put_json(OPERATION, method=None), f"{OPERATION}: /method: method must be one of POST, PUT, PATCH, got null"),
    (put(SCHEMA, "[]"), f"{SCHEMA}#: a schema must be an object"),
    (put_json(SCHEMA, properties=[]), f"{SCHEMA}#/properties: properties must be an object, got []"),
    (put_attribute(None), f"{SCHEMA}#/properties/z: a schema must be an object"),
    (put_attribute({"$ref": "#/properties/z"}), f"{SCHEMA}#/properties/z: $ref '#/properties/z' does not resolve into $defs"),
    (put_attribute({"$ref": "a.json"}), f"{SCHEMA}#/properties/z: $ref 'a.json' does not resolve into $defs"),
    (put_attribute({"$ref": "#"}), f"{SCHEMA}#/properties/z: $ref '#' does not resolve into $defs"),
    (put_attribute({"$ref": "#/$defs/none"}), f"{SCHEMA}#/properties/z: $ref '#/$defs/none' does not resolve into $defs"),
    (
        put_attribute({"type": "string", "pattern": "["}),
        f"{SCHEMA}#/properties/z/pattern: pattern '[', character 1: unclosed character class",
    ),
    (put_attribute({"type": "string", "$id": 5}), f'{SCHEMA}: 5 is not of type "string"'),
    (put_attribute({"type": "string", "$id": "::"}), f"{SCHEMA}: Invalid URI reference '::': unexpected character at index 0"),
    (put_attribute({"type": "objekt"}), f"{SCHEMA}#/properties/z: the type must be one of object, array, string, boolean"),
    (put(XSD, ""), f"{XSD}: no element found: line 1, column 0"),
    (edit(XSD, lambda old: old[:-3]), f"{XSD}: unclosed token: line 71, column 0"),
    (edit(XSD, lambda old: old.decode().encode("utf-16")), f"{XSD}: The file must be UTF-8: it holds bytes that are not UTF-8"),
    (put(XSD, "<html/>"), f"{XSD}: no root element is declared"),
    (put(XSD, "<!DOCTYPE a>" + XS), f"{XSD}: The file has a DOCTYPE (line 1, column 1)"),
    (put(XSD, f'{XS}<xs:import namespace="x"/></xs:schema>'), f"{XSD}:1:56: xs:import is not supported: no other file is read"),
    (put(XSD, f'{XS}<xs:element name="rating" type="none"/></xs:schema>'), f"{XSD}: {UNRESOLVED}"),
    (
        put(
            XSD, f'{XS}<xs:element name="rating"/><xs:simpleType name="q"><xs:restriction base="q"/></xs:simpleType></xs:schema>'
        ),
        f"{XSD}: simple type 'q': The definition is circular., line 1",
    ),
    (put(RULES, "def"), f"{RULES}:1: SyntaxError: invalid syntax"),
    (put(RULES, "\nraise ValueError('boom')"), f"{RULES}:2: ValueError: boom"),
    (put(RULES, "import sys\nsys.exit(0)"), f"{RULES}:2: SystemExit: 0"),
    (put(RULES, "raise GeneratorExit"), f"{RULES}:1: GeneratorExit"),
    (put(RULES, "class Odd(BaseException):\n    pass\nraise Odd('x')"), f"{RULES}:3: Odd: x"),
    (put(RULES, "import no_such_module"), f"{RULES}:1: ModuleNotFoundError: No module named 'no_such_module'"),
    (
        put(RULES, ""),
        f"{RULES}:1: CODES must be a tuple of Code values; RULES must be a tuple of Rule values; the function read is missing",
    ),
    (
        edit(RULES, lambda old: old + b"\nkeys, department, advise = 1, 'x', ()\n"),
        f"{RULES}:1: keys must be a function; department must be a function; advise must be a function",
    ),
    (
        lambda: shutil.rmtree("h/rules"),
        f"unknown operation '{NAME}': h/rules has neither rate_activity.py nor rate_activity/__init__.py",
    ),
    (lambda: shutil.rmtree(SCHEMAS), f"{OPERATION}: no such file"),
    (
        lambda: shutil.rmtree("h"),
        f"unknown operation '{NAME}': h/rules has neither rate_activity.py nor rate_activity/__init__.py",
    ),
]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(RATE_ACTIVITY, "h", ignore=shutil.ignore_patterns("__pycache__"))
    write("good.json", '{"score": {"value": "good"}}')
    write("good.xml", "<rating><score><value>good</value></score></rating>")


def check(*files: str) -> Result:
    """Check files as requests to the operation."""
    return run("check", "--isolated", "--home", "h", "--operation", NAME, *files)


def test_home_is_good_without_an_error() -> None:
    """Otherwise the others would prove nothing."""
    assert load(NAME, home="h").operation == NAME
    assert (check("good.json", "good.xml").exit_code, check("good.json", "good.xml").stderr) == (0, "")


@pytest.mark.parametrize(("change", "message"), BROKEN)
def test_operation_that_is_not_usable(change: Change, message: str) -> None:
    """``load`` raises ValueError with one line, and ``check`` has a usage error with the same line."""
    change()
    with pytest.raises(ValueError, match=r"^") as caught:
        load(NAME, home="h")
    assert relative(str(caught.value)) == message
    assert relative(check("good.xml", "good.json").stderr) == f"activity-validator: error: {message}\n"
    assert check("good.xml", "good.json").exit_code == 2


@pytest.mark.parametrize(("change", "message"), [one for one in BROKEN if one[1].startswith(XSD)][::3])
def test_reference_engine_refuses_it_too(change: Change, message: str) -> None:
    """With the same file."""
    change()
    with pytest.raises(ValueError, match=r"^") as caught:
        load(NAME, engine="reference", home="h")
    assert str(caught.value).split(": ")[0] == message.split(": ", maxsplit=1)[0]


def relative(text: str) -> str:
    """Return a text with file names as they are from the working directory."""
    return text.replace(f"{Path.cwd()}/", "")


@pytest.mark.parametrize(
    ("change", "message"), [one for one in BROKEN if "no such file" in one[1] or "Enc" in one[1] or "z" in one[1]][::2]
)
def test_lint_reports_an_operation_that_is_not_usable(change: Change, message: str) -> None:
    """As a finding in one of its files."""
    change()
    outcome = run("lint", "--isolated", "--home", "h", "--format", "json")
    assert (outcome.exit_code, outcome.stderr) == (1, ""), message
    assert any(finding["file"].startswith("h/") for finding in json.loads(outcome.stdout)["findings"])


DIFFERENT: Final = (
    f'{XS}<xs:element name="rating"><xs:complexType><xs:all><xs:element ref="rating"/></xs:all></xs:complexType></xs:element>'
    "</xs:schema>"
)


def test_schemas_that_disagree() -> None:
    """A body that only one of them accepts is no internal error; one that both refuse has its failures."""
    put(XSD, DIFFERENT)()
    reason = "request.schema.json and request.xsd do not describe the same bodies; lint shows where they differ"
    assert check("good.json", "good.xml") == Result(2, "", f"activity-validator: error: {SCHEMAS}: {reason}\n")
    write("bad.xml", "<rating><scores/></rating>")
    outcome = check("bad.xml")
    codes = ["bad.xml:1:1: 400-720", "bad.xml:1:9: 400-721"]
    assert (outcome.exit_code, [line[:20] for line in outcome.stdout.splitlines()[:2]]) == (1, codes)


def test_error_in_the_rules_stays_an_internal_error(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged once."""
    edit(RULES, lambda old: old + b"\ndef read(*_):\n    raise ZeroDivisionError\n")()
    outcome = check("good.json")
    assert (outcome.exit_code, outcome.stdout.split(" The ")[0]) == (3, "good.json:1:1: 500-100")
    assert [record.message.partition(" at ")[0] for record in caplog.records] == ["internal error: builtins.ZeroDivisionError"]


def test_reason_of_an_internal_error_is_shown() -> None:
    """On standard error, with its place, although such lines are logged once a minute only."""
    edit(RULES, lambda old: old + b"\ndef read(*_):\n    raise ZeroDivisionError\n")()
    outcome = process("check", "--isolated", "--home", "h", "good.json", "good.xml")
    assert outcome.returncode == 3
    place = f"{Path(RULES).resolve()}:{len(Path(RULES).read_text().splitlines())}"
    assert outcome.stderr == f"internal error: builtins.ZeroDivisionError at {place} in read (requests: 1)\n"


def test_interrupt_while_rules_are_imported_stops_the_command() -> None:
    """It is not an error of the rules."""
    put(RULES, "raise KeyboardInterrupt")()
    with pytest.raises(KeyboardInterrupt):
        load(NAME, home="h")
