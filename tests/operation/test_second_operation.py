"""A custom operation in a folder outside the package: load, check, explain and lint it."""

import json
import pickle
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
def test_custom_operation_validates_both_formats(kind: EngineName) -> None:
    """It has its status of success, root element, rules and codes; optional parts that it omits have defaults."""
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
def a(view, facts): return ()
def read(*given): return given
CODES = (A,)
RULES = (a,)
"""


def test_rules_module_needs_only_codes_rules_and_read(tmp_path: Path) -> None:
    """The other functions have defaults: no keys, no department, no advisories."""
    shutil.copytree(HOME / "schemas", tmp_path / "schemas")
    (tmp_path / "rules" / "rate_activity").mkdir(parents=True)
    (tmp_path / "rules" / "rate_activity" / "__init__.py").write_text("CODES = RULES = ()\ndef read(*given): return given\n")
    engine = load(NAME, TENANT, home=tmp_path)
    report = engine.validate(Request("2001", "", (), GOOD, Caller.customer("1001")))
    assert (report.accepted, report.department, report.advisories) == (True, None, ())


def home(folder: Path, rules: str | None = None, operation: dict[str, object] | None = None) -> Path:
    """Return a copy of the second operation with other rules or another operation.json."""
    shutil.copytree(HOME, folder / "home", ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "home" / "schemas" / NAME / "operation.json"
    if operation:
        file.write_text(json.dumps(json.loads(file.read_text()) | operation))
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
def test_invalid_rules_are_reported_with_their_line(tmp_path: Path, rules: str, line: int, reason: str) -> None:
    """The error is one line, never the traceback of the module."""
    place = home(tmp_path, rules)
    with pytest.raises(RulesError) as caught:
        load(NAME, home=place)
    assert str(caught.value) == f"{place / 'rules' / 'rate_activity.py'}:{line}: {reason}"
    assert run("check", "--isolated", "--operation", NAME, "--home", str(place), write(str(tmp_path / "a.json"), "{}")) == (
        2,
        "",
        f"activity-validator: error: {caught.value}\n",
    )


def test_rules_module_is_imported_again_after_an_error(tmp_path: Path) -> None:
    """A module that failed is not cached."""
    place = home(tmp_path, "1 / 0")
    with pytest.raises(RulesError):
        load(NAME, home=place)
    shutil.copy(HOME / "rules" / "rate_activity.py", place / "rules" / "rate_activity.py")
    assert load(NAME, home=place).operation == NAME


@pytest.mark.parametrize(
    ("name", "reason"),
    [("operation.json", "no such file"), ("request.schema.json", "no such file")],
)
def test_missing_file_is_reported_with_its_path(tmp_path: Path, name: str, reason: str) -> None:
    """A file that is not JSON is reported in the same form."""
    place = home(tmp_path)
    file = place / "schemas" / NAME / name
    file.unlink()
    with pytest.raises(ValueError, match=f"^{re.escape(str(file))}: {reason}$"):
        load(NAME, home=place)
    file.write_text("{")
    with pytest.raises(ValueError, match=f"^{re.escape(str(file))}: Expecting property name"):
        load(NAME, home=place)


def test_operation_without_rules_module_is_unknown(tmp_path: Path) -> None:
    """The message names the folder and the files that were expected."""
    place = home(tmp_path)
    (place / "rules" / "rate_activity.py").unlink()
    reason = f"unknown operation 'rate-activity': {place / 'rules'} has neither rate_activity.py nor rate_activity/__init__.py"
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        load(NAME, home=place)


def test_command_checks_and_explains_a_custom_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Options or the configuration select it; requests in .http files have the URL of the operation."""
    monkeypatch.chdir(HOME)
    options = ["--operation", NAME, "--home", "."]
    outcome = run("check", "--isolated", *options, "--directory", "fixtures/directory.json", "fixtures")
    assert outcome == (0, "0 requests failed, 36 passed, 36 checked\n", "")
    assert run("explain", *options, "400-802").stdout.splitlines()[:2] == [
        "400-802 poor-without-comment (HTTP status 400)",
        "  message: Attribute '{attribute}' is required with the score {score}.",
    ]
    assert "reject/400-802-poor-without-comment.json" in run("explain", *options, "400-802").stdout
    assert run("explain", "400-802").exit_code == 2


def test_only_operation_of_a_home_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every command; of several, one must be chosen, and a home without operations is an error."""
    shutil.copytree(HOME, tmp_path / "api", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    write("a.json", GOOD.decode())
    outcome = run("check", "--home", "api", "a.json")
    assert outcome == (0, "0 requests failed, 1 passed, 1 checked\nskipped (no reference data): 400-801\n", "")
    assert run("explain", "--home", "api", "400-802").stdout.startswith("400-802 poor-without-comment")
    assert "/activities/{ids}/rating" in run("openapi", "--home", "api").stdout
    write("activity-validator.toml", 'home = "api"\n')
    assert run("check", "a.json").exit_code == 0
    assert "  operation:     rate-activity (the only one of the home)\n" in run("check", "--explain-config", "a.json").stdout
    shutil.copytree("api/schemas/rate-activity", "api/schemas/other")
    several = "api/schemas: several operations (other, rate-activity); choose one with --operation"
    none = "none/schemas: no operation found; expected a folder with operation.json for each"
    for home_folder, reason in (("api", several), ("none", none)):
        for command in (["check", "a.json"], ["explain"], ["openapi"], ["serve"]):
            assert run(*command, "--home", home_folder) == (2, "", f"activity-validator: error: {reason}\n")
    assert run("check", "--home", "api", "--operation", "rate-activity", "a.json").exit_code == 0
    unknown = "unknown operation 'rate': api/rules has neither rate.py nor rate/__init__.py; available: other, rate-activity"
    assert run("explain", "--home", "api", "--operation", "rate") == (2, "", f"activity-validator: error: {unknown}\n")


def test_configuration_selects_a_custom_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its home is relative to the configuration."""
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


def test_unknown_operation_is_reported_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit status is 2, and the message lists the shipped operations."""
    monkeypatch.chdir(tmp_path)
    write("a.json", "{}")
    outcome = run("check", "--operation", "nothing", "a.json")
    assert (outcome.exit_code, outcome.stderr) == (
        2,
        "activity-validator: error: unknown operation 'nothing'; available: create-email-response\n",
    )


def test_only_the_command_has_a_default_operation() -> None:
    """Other modules name the shipped operation in examples only."""
    root = Path(str(validator.__file__)).parent
    modules = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search("create.email.response", path.read_text(encoding="utf-8")) and "rules" not in path.relative_to(root).parts
    }
    examples = {"__init__.py", "arrow/__init__.py", "check/config_file.py", "directories/__init__.py"}
    assert modules - examples == {"check/checker.py"}


def test_home_lists_its_operations() -> None:
    """A home may be given in place of its folder."""
    assert (Home.at(HOME).operations(), Home.at(Home.at(HOME))) == ([NAME], Home.at(HOME))
    assert Home.at(None).operations() == ["create-email-response"]
    assert issubclass(UsageError, ValueError)


def test_rule_that_exits_is_an_internal_error_of_the_command(tmp_path: Path) -> None:
    """It never ends as a success. The output of a rules module goes to standard error, not into a report."""
    place = home(
        tmp_path,
        "print('hello')\n" + RULES.replace("def a(view, facts): return ()", "def a(view, facts): raise SystemExit(0)"),
    )
    body = write(str(tmp_path / "a.json"), GOOD.decode())
    outcome = run("check", "--isolated", "--operation", NAME, "--home", str(place), "--format", "json", body)
    assert outcome == (3, "", "hello\nactivity-validator: internal error: SystemExit: 0\n")


def test_shipped_rules_are_used_for_shipped_operations_only(tmp_path: Path) -> None:
    """The rules of a custom operation are expected next to its schemas."""
    shutil.copytree(HOME / "schemas", tmp_path / "schemas")
    outcome = run("lint", "--isolated", str(tmp_path / "schemas"))
    assert f"unknown operation 'rate-activity': {tmp_path / 'rules'} has neither" in outcome.stdout
    shutil.rmtree(tmp_path / "schemas")
    shutil.copytree(Home.at(None).schemas, tmp_path / "schemas")
    assert Home.of_schemas(tmp_path / "schemas").rules == Home.at(None).rules


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"type": "boolean"',
            '"type": "boolean", "$id": "urn:x"',
            "L116 An $id below the root changes what references resolve to.",
        ),
        (
            '"^[^\\\\u0000-\\\\u0008\\\\u000B\\\\u000C\\\\u000E-\\\\u001F\\\\uFFFE\\\\uFFFF]*$"',
            '"^[a-z]{0,900000}$"',
            "the counts expand to more than 20000 characters, which engines do not compile",
        ),
    ],
)
def test_schema_that_only_an_engine_refuses_is_a_finding(tmp_path: Path, old: str, new: str, message: str) -> None:
    """An operation that cannot be loaded never has zero findings."""
    place = home(tmp_path)
    file = place / "schemas" / NAME / "request.schema.json"
    file.write_text(file.read_text().replace(old, new))
    outcome = run("lint", "--isolated", str(place / "schemas"))
    assert outcome.exit_code == 1
    assert message in outcome.stdout


@pytest.mark.parametrize("name", ["line", "column", "attribute_name", "limit", "reason"])
def test_parameters_of_custom_messages_do_not_change_the_location(name: str, tmp_path: Path) -> None:
    """A rule may have a parameter of any name, also one that failures of the parsers use for their position."""
    shutil.copytree(HOME / "schemas", tmp_path / "schemas")
    rules = RULES.replace('"s", "body"', f'"s {{{name}}}", "body"').replace(
        "return ()", f'return (A.at(("score",), {name}="x"),)'
    )
    write(str(tmp_path / "rules" / "rate_activity.py"), rules)
    report = load(NAME, TENANT, home=tmp_path).validate(Request("2001", "", (), GOOD, Caller.customer("1001")))
    assert [(failure.message, failure.pointer) for failure in report.failures] == [("s x", "/score")]
    (region,) = report.regions()
    assert region is not None
    assert GOOD[region.start.column - 1 : region.end.column - 1] == b'{"value": "good"}'


def test_schema_that_cannot_be_compiled_later_is_an_internal_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A lazy engine meets it at the first request of the format, accepts nothing, and raises nothing."""
    shutil.copytree(HOME, tmp_path / "home")
    (xsd,) = (tmp_path / "home" / "schemas").rglob("request.xsd")
    xsd.write_text(xsd.read_text().replace("</xs:schema>", '<xs:element name="x" type="unknown"/></xs:schema>'))
    lazy = load(NAME, TENANT, home=tmp_path / "home", lazy=True)
    for body, headers, expected in ((GOOD_XML, [("Content-Type", "application/xml")], ["500-100"]), (GOOD, [], [])):
        for engine in (lazy, pickle.loads(pickle.dumps(lazy))):  # a copy is as lazy
            report = engine.validate(Request("2001", "", headers, body, Caller.customer("1001")))
            assert ([failure.code for failure in report.failures], report.accepted) == (expected, not expected)
    assert len(caplog.records) == 2
