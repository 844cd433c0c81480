"""An operation of somebody's own: nothing in the engine, the command or the linter knows the first one by name."""

import json
import re
import shutil
from pathlib import Path

import pytest

import validator
from tests.commands import run, write
from tests.paths import RATE_ACTIVITY
from validator import Caller, Request, Snapshot, load
from validator.errors import UsageError
from validator.operation.home import Home
from validator.operation.loader import EngineName
from validator.operation.rules_loader import RulesError

HOME = RATE_ACTIVITY
NAME = "rate-activity"
TENANT = Snapshot.from_file(HOME / "fixtures" / "directory.json")
GOOD = b'{"score": {"value": "good"}}'
GOOD_XML = b"<rating><score><value>good</value></score></rating>"


@pytest.mark.parametrize("kind", ["fast", "reference"])
def test_it_is_loaded_and_judges_in_both_formats(kind: EngineName) -> None:
    """Its own status of success, root element, rules and codes; all that it leaves out has a default."""
    engine = load(NAME, TENANT, kind, home=HOME)
    assert (engine.operation, engine.endpoint.method, engine.endpoint.path) == (NAME, "PUT", "/activities/{ids}/rating")
    assert [code.code for code in engine.codes[-3:]] == ["400-801", "400-802", "400-803"]
    for media, body in (("application/json", GOOD), ("application/xml", GOOD_XML)):
        report = engine.validate(Request("2001", "", [("Content-Type", media)], body, Caller.customer("1001")))
        assert (report.accepted, report.status, report.department, report.advisories) == (True, 204, None, ())
    report = engine.validate(
        Request("2002", "", (), b'{"score": {"value": "poor"}, "reasons": {"reason": ["slow", "slow"]}}', Caller.customer("1001"))
    )
    assert [(failure.code, failure.pointer, failure.message) for failure in report.failures] == [
        ("400-801", None, "The activity in the path is not one of the customer's."),
        ("400-802", "/comment", "Attribute 'comment' is required with the score poor."),
        ("400-803", "/reasons/reason/1", "Attribute 'reasons.reason[1]' repeats a reason."),
    ]


RULES = """from validator import Code
from validator.rule import rule
A = Code("400-801", "a", "s", "body", ("ours",), "l", "w", "m")
@rule(A)
def a(picked, facts): return ()
def read(*given): return given
CODES = (A,)
RULES = (a,)
"""


def test_a_rules_module_may_say_no_more_than_codes_rules_and_read(tmp_path: Path) -> None:
    """Then the directory is asked for nothing."""
    shutil.copytree(HOME / "schemas", tmp_path / "schemas")
    (tmp_path / "rules" / "rate_activity").mkdir(parents=True)
    (tmp_path / "rules" / "rate_activity" / "__init__.py").write_text("CODES = RULES = ()\ndef read(*given): return given\n")
    engine = load(NAME, TENANT, home=tmp_path)
    report = engine.validate(Request("2001", "", (), GOOD, Caller.customer("1001")))
    assert (report.accepted, report.department, report.advisories) == (True, None, ())


def home(folder: Path, rules: str | None = None, operation: dict[str, object] | None = None) -> Path:
    """Return a copy of the second operation with other rules or another operation.json."""
    shutil.copytree(HOME, folder / "home", ignore=shutil.ignore_patterns("__pycache__"))
    described = folder / "home" / "schemas" / NAME / "operation.json"
    if operation:
        described.write_text(json.dumps(json.loads(described.read_text()) | operation))
    if rules is not None:
        (folder / "home" / "rules" / "rate_activity.py").write_text(rules)
    return folder / "home"


@pytest.mark.parametrize(
    ("rules", "line", "reason"),
    [
        ("import nothing_of_this_name\n", 1, "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("\nCODES = 1 / 0\n", 2, "ZeroDivisionError: division by zero"),
        ("CODES = (\n", 1, "SyntaxError: '(' was never closed"),
        ("CODES = RULES = ()\n", 1, "the function read is missing"),
        ("import sys\nsys.exit(0)\n", 2, "SystemExit: 0"),
        ("import ast\nast.literal_eval('1+')\n", 2, "SyntaxError: invalid syntax (<unknown>, line 1)"),
        (RULES.replace("RULES = (a,)", "RULES = (a)"), 1, "RULES must be a tuple of Rule values"),
        (RULES.replace("RULES = (a,)", "RULES = (read,)"), 1, "RULES must be a tuple of Rule values"),
        (RULES.replace("CODES = (A,)", "CODES = (A)"), 1, "CODES must be a tuple of Code values"),
    ],
)
def test_rules_that_cannot_be_used_are_told_with_their_line(tmp_path: Path, rules: str, line: int, reason: str) -> None:
    """One line, never the exception of the module."""
    place = home(tmp_path, rules)
    with pytest.raises(RulesError) as caught:
        load(NAME, home=place)
    assert str(caught.value) == f"{place / 'rules' / 'rate_activity.py'}:{line}: {reason}"
    assert run("check", "--isolated", "--operation", NAME, "--home", str(place), write(str(tmp_path / "a.json"), "{}")) == (
        2,
        "",
        f"activity-validator: error: {caught.value}\n",
    )


def test_a_rules_module_that_failed_can_be_mended(tmp_path: Path) -> None:
    """Nothing of it is kept."""
    place = home(tmp_path, "1 / 0")
    with pytest.raises(RulesError):
        load(NAME, home=place)
    shutil.copy(HOME / "rules" / "rate_activity.py", place / "rules" / "rate_activity.py")
    assert load(NAME, home=place).operation == NAME


@pytest.mark.parametrize(
    "operation",
    [
        {"path": "/activities/{id}"},
        {"path": "/{ids}/{ids}"},
        {"path": 1},
        {"statuses": [400]},
        {"statuses": 204},
        {"method": None},
    ],
)
def test_a_description_that_cannot_be_used_is_refused(tmp_path: Path, operation: dict[str, object]) -> None:
    """A method, a path with the one variable, and a status of success."""
    place = home(tmp_path, operation=operation)
    with pytest.raises(ValueError, match=r"expected a method, a path with one \{ids\}, and statuses with a success \(2xx\)$"):
        load(NAME, home=place)


@pytest.mark.parametrize(
    ("name", "words"),
    [("operation.json", "no such file"), ("request.schema.json", "no such file")],
)
def test_an_artefact_that_is_not_there_is_told(tmp_path: Path, name: str, words: str) -> None:
    """With its path."""
    place = home(tmp_path)
    file = place / "schemas" / NAME / name
    file.unlink()
    with pytest.raises(ValueError, match=f"^{re.escape(str(file))}: {words}$"):
        load(NAME, home=place)
    file.write_text("{")
    with pytest.raises(ValueError, match=f"^{re.escape(str(file))}: Expecting property name"):
        load(NAME, home=place)


def test_an_operation_without_rules_is_none(tmp_path: Path) -> None:
    """The message says where they were looked for."""
    place = home(tmp_path)
    (place / "rules" / "rate_activity.py").unlink()
    words = f"unknown operation 'rate-activity': {place / 'rules'} has neither rate_activity.py nor rate_activity/__init__.py"
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        load(NAME, home=place)


def test_the_command_checks_and_explains_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """By options, or by the configuration of its folder; also in requests of .http files, whose URL is its own."""
    monkeypatch.chdir(HOME)
    options = ["--operation", NAME, "--home", "."]
    outcome = run("check", "--isolated", *options, "--directory", "fixtures/directory.json", "fixtures")
    assert outcome == (0, "12 files, 36 requests: 36 as expected, 0 findings.\n", "")
    assert run("explain", *options, "400-802").stdout.splitlines()[:2] == [
        "400-802 poor-without-comment (HTTP status 400)",
        "  message: Attribute '{attribute}' is required with the score {score}.",
    ]
    assert "reject/400-802-poor-without-comment.json" in run("explain", *options, "400-802").stdout
    assert run("explain", "400-802").exit_code == 2


def test_one_configuration_holds_for_several_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each payload is judged by the operation that its folder belongs to."""
    home(tmp_path)
    monkeypatch.chdir(tmp_path)
    write(
        "activity-validator.toml",
        'home = "home"\noperation = "rate-activity"\npayloads = ["ratings"]\n'
        '[[overrides]]\npaths = ["ratings/x"]\nactivity = "2"\n',
    )
    write("ratings/a.json", GOOD.decode()), write("ratings/b.xml", "<rating/>")
    outcome = run("check")
    assert outcome.stdout.splitlines()[0] == "ratings/b.xml:1:1: 400-720 Required attribute 'score' is missing."
    assert run("explain", "400-801").exit_code == 0


def test_an_unknown_operation_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 2."""
    monkeypatch.chdir(tmp_path)
    write("a.json", "{}")
    outcome = run("check", "--operation", "nothing", "a.json")
    assert (outcome.exit_code, outcome.stderr) == (2, "activity-validator: error: unknown operation 'nothing'; available: create-email-response\n")


def test_the_shipped_operation_is_named_in_one_place_only() -> None:
    """As the default of the command."""
    root = Path(str(validator.__file__)).parent
    named = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search("create.email.response", path.read_text(encoding="utf-8")) and "rules" not in path.relative_to(root).parts
    }
    assert named == {
        "__init__.py",
        "check/checker.py",
        "check/config_file.py",
    }  # an example in the docstring, the default, and an example


def test_homes_tell_their_operations() -> None:
    """In order; one with a single artefact too."""
    assert (Home.at(HOME).operations(), Home.at(Home.at(HOME))) == ([NAME], Home.at(HOME))
    assert Home.at(None).operations() == ["create-email-response"]
    assert issubclass(UsageError, ValueError)


def test_a_rule_that_ends_the_program_ends_the_command_as_an_internal_error(tmp_path: Path) -> None:
    """Never as a success; what a module prints is no part of a report."""
    place = home(
        tmp_path,
        "print('hello')\n" + RULES.replace("def a(picked, facts): return ()", "def a(picked, facts): raise SystemExit(0)"),
    )
    body = write(str(tmp_path / "a.json"), GOOD.decode())
    outcome = run("check", "--isolated", "--operation", NAME, "--home", str(place), "--format", "json", body)
    assert outcome == (3, "", "hello\nactivity-validator: internal error: SystemExit: 0\n")


def test_shipped_rules_are_for_shipped_operations_only(tmp_path: Path) -> None:
    """Another operation's are looked for beside its schemas."""
    shutil.copytree(HOME / "schemas", tmp_path / "schemas")
    outcome = run("lint", "--isolated", str(tmp_path / "schemas"))
    assert f"unknown operation 'rate-activity': {tmp_path / 'rules'} has neither" in outcome.stdout
    shutil.rmtree(tmp_path / "schemas")
    shutil.copytree(Home.at(None).schemas, tmp_path / "schemas")
    assert Home.of_schemas(tmp_path / "schemas").rules == Home.at(None).rules


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"type": "boolean"', '"type": "boolean", "$id": "urn:x"', "L116 An $id below the root changes what references mean."),
        (
            '"^[^\\\\u0000-\\\\u0008\\\\u000B\\\\u000C\\\\u000E-\\\\u001F\\\\uFFFE\\\\uFFFF]*$"',
            '"^[a-z]{0,900000}$"',
            "L116 The engine does not start with it: ",
        ),
    ],
)
def test_what_only_an_engine_refuses_is_told_too(tmp_path: Path, old: str, new: str, words: str) -> None:
    """It is never zero findings."""
    place = home(tmp_path)
    file = place / "schemas" / NAME / "request.schema.json"
    file.write_text(file.read_text().replace(old, new))
    outcome = run("lint", "--isolated", str(place / "schemas"))
    assert outcome.exit_code == 1
    assert words in outcome.stdout
