"""Operations whose XML bodies may be in a namespace: the report is that of the same body without one."""

import json
import re
from functools import cache
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

import validator.rules.create_email_response as shipped_rules
from tests.commands import run
from tests.paths import RATE_ACTIVITY
from tests.test_fixtures import FILES, read_requests
from validator import Caller, Engine, Report, Request, Snapshot, load
from validator.lint.fixture_reports import encode_report, find_positions
from validator.model.request import XML
from validator.openapi import describe_operations
from validator.operation.home import shipped_fixtures, shipped_schemas
from validator.operation.loader import EngineName
from validator.operation.metadata import find_problems

A = "urn:example:ratings"
LISTED = (A, "a name with spaces", "http://example.com/é")
KINDS: tuple[EngineName, ...] = ("fast", "reference")
BODIES = sorted(file for file in FILES if file.suffix == ".xml" and b"xmlns" not in file.read_bytes())
GOOD = "<score><value>good</value></score>"
XSI = "xmlns:x='http://www.w3.org/2001/XMLSchema-instance'"
IN_ANOTHER = "is not in the namespace of the root element"
Found = list[tuple[str, str | None, str]]


def list_namespaces(home: Path, operation: str, *names: object) -> None:
    """Write namespace names to the operation.json of a home."""
    file = home / "schemas" / operation / "operation.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"namespaces": names}))


@pytest.fixture(name="rating_home")
def rating_home_fixture(tmp_path: Path) -> Path:
    """Return a copy of the second operation with namespaces."""
    home = tmp_path / "home"
    copytree(RATE_ACTIVITY, home, ignore=ignore_patterns("__pycache__"))
    list_namespaces(home, "rate-activity", *LISTED)
    return home


@pytest.fixture(scope="module", name="email_home")
def email_home_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the shipped operation with namespaces."""
    home = tmp_path_factory.mktemp("namespaces") / "home"
    copytree(shipped_schemas() / "create-email-response", home / "schemas" / "create-email-response")
    rules = Path(str(shipped_rules.__file__)).parent
    copytree(rules, home / "rules" / "create_email_response", ignore=ignore_patterns("__pycache__"))
    list_namespaces(home, "create-email-response", *LISTED)
    return home


@cache
def make_engine(home: Path, kind: EngineName) -> Engine:
    """Return the engine of the copied operation."""
    return load("create-email-response", Snapshot.from_file(shipped_fixtures() / "directory.json"), kind, home=home, lazy=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", LISTED)
def test_body_in_a_listed_namespace_gives_the_report_of_its_twin(email_home: Path, kind: EngineName, name: str) -> None:
    """Failures, pointers and positions are those of the same body with a declaration of the same length that it does not use."""
    engine = make_engine(email_home, kind)
    for file in BODIES:
        ((request, _),) = read_requests(file)
        reports = [
            engine.validate(request._replace(body=declare(request.body or b"", f"{form}='{name}'")))
            for form in ("xmlns:z", "xmlns  ")
        ]
        plain, twin = ((encode_report(report), find_positions(report)) for report in reports)
        assert plain == twin, file


def declare(body: bytes, declaration: str) -> bytes:
    """Return a body with a namespace declaration in the start tag of its root element."""
    return re.sub(rb"<activity(?=[\s/>])", b"<activity " + declaration.encode(), body, count=1)


def read_failures(home: Path, body: str) -> Found:
    """Return code, pointer and message of the failures of a rating, which are the same from both engines."""
    fast, reference = (validate(home, body, kind) for kind in KINDS)
    assert encode_report(fast) == encode_report(reference)
    assert find_positions(fast) == find_positions(reference)
    return [(failure.code, failure.pointer, failure.message) for failure in fast.failures]


def validate(home: Path, body: str, kind: EngineName) -> Report:
    """Return the report of a rating."""
    directory = Snapshot.from_file(home / "fixtures" / "directory.json")
    engine = load("rate-activity", directory, kind, home=home)
    return engine.validate(Request("2001", "", [("Content-Type", XML)], body.encode(), Caller.customer("1001")))


@pytest.mark.parametrize(
    "body",
    [
        f"<rating>{GOOD}</rating>",
        f"<rating xmlns=''>{GOOD}</rating>",
        f"<rating xmlns='urn:example:ratings'>{GOOD}</rating>",
        f"<rating xmlns='a name with spaces'>{GOOD}</rating>",
        f"<rating xmlns='&#97;\nname\twith spaces'>{GOOD}</rating>",  # normalized as an attribute value
        f"<rating xmlns='http://example.com/é'>{GOOD}</rating>",
        "<p:rating xmlns:p='urn:example:ratings'><p:score><p:value>good</p:value></p:score></p:rating>",
        f"<p:rating xmlns:p='{A}'><q:score xmlns:q='{A}'><q:value>good</q:value></q:score></p:rating>",
        "<p:rating xmlns:p='urn:example:ratings'><score xmlns='urn:example:ratings'><value>good</value></score></p:rating>",
        f"<rating xmlns='{A}' xmlns:q='u'>{GOOD}<!-- a --><reasons><reason>slow</reason></reasons></rating>",
        f"<rating xmlns='urn:example:ratings' {XSI} x:schemaLocation='a b' x:noNamespaceSchemaLocation='c'>{GOOD}</rating>",
    ],
)
def test_prefixes_do_not_matter(rating_home: Path, body: str) -> None:
    """Elements are compared by namespace name and local name."""
    assert read_failures(rating_home, body) == []


WRONG = "<score><value>bad</value><id>0</id></score><foo><bar xmlns='u'/></foo>"
SUPPORTED = (
    "The root element must be 'rating' without a namespace or in 'urn:example:ratings' or in 'a name with spaces' "
    "or in 'http://example.com/é'; "
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<rating xmlns='urn:other'>{GOOD}</rating>", [("400-724", "", SUPPORTED + "it is in another namespace.")]),
        (f"<rating xmlns='urn:example:Ratings'>{GOOD}</rating>", [("400-724", "", SUPPORTED + "it is in another namespace.")]),
        (f"<rating xmlns='urn:example:ratings '>{GOOD}</rating>", [("400-724", "", SUPPORTED + "it is in another namespace.")]),
        (f"<score xmlns='urn:example:ratings'>{GOOD}</score>", [("400-724", "", SUPPORTED + "it is 'score'.")]),
        (f"<score>{GOOD}</score>", [("400-724", "", SUPPORTED + "it is 'score'.")]),
        (
            f"<p:rating xmlns:p='urn:example:ratings'>{GOOD}</p:rating>",
            [("400-724", "/score", f"The element 'score' {IN_ANOTHER}.")],
        ),
        (
            f"<rating xmlns:p='urn:example:ratings'>{GOOD}<p:comment>a</p:comment></rating>",
            [("400-724", "/comment", "The element 'comment' is in a namespace.")],
        ),
        (
            f"<rating xmlns='urn:example:ratings'>{GOOD}<comment xmlns='a name with spaces'>a</comment></rating>",
            [("400-724", "/comment", f"The element 'comment' {IN_ANOTHER}.")],
        ),
        (
            "<rating xmlns='urn:example:ratings'><score><value xmlns=''>good</value></score></rating>",
            [("400-724", "/score/value", f"The element 'score.value' {IN_ANOTHER}.")],
        ),
        (
            f"<p:rating xmlns:p='urn:example:ratings' p:a='b'>{GOOD.replace('<', '<p:').replace('<p:/', '</p:')}</p:rating>",
            [("400-724", "", "The XML attribute 'a' is not allowed on 'body'.")],
        ),
        (
            f"<rating xmlns='urn:example:ratings'>{WRONG}<comment>a<?b?></comment><comment/></rating>",
            [
                ("400-196", "/score/value", "Attribute 'score.value' must be one of: 'good', 'poor'."),
                (
                    "400-152",
                    "/score/id",
                    "Attribute 'score.id' has an invalid value; expected: an ID: 1 to 19 digits without a leading zero, as text.",
                ),
                ("400-721", "/foo", "Unknown attribute 'foo'."),
                ("400-724", "/comment", "Comments and processing instructions are not allowed inside 'comment'."),
                ("400-716", "/comment", "Attribute 'comment' is supplied more than once."),
            ],
        ),
    ],
)
def test_other_and_mixed_namespaces_are_refused(rating_home: Path, body: str, expected: Found) -> None:
    """An element is in the namespace of the root; XML attributes stay refused; other failures are those of the twin."""
    assert read_failures(rating_home, body) == expected


def test_positions_are_those_of_the_elements_in_the_root_namespace(rating_home: Path) -> None:
    """An element of the same name in another namespace has its own position, before and after."""
    foreign = "<score xmlns='urn:other'><value/></score>"
    assert find_lines(rating_home, f"{foreign}\n<p:score/>") == [("400-724", 1), ("400-720", 2)]
    assert find_lines(rating_home, f"<p:score/>\n{foreign}") == [("400-720", 1), ("400-724", 2)]


def find_lines(home: Path, content: str) -> list[tuple[str, int]]:
    """Return code and line of the failures of a rating with this content."""
    report = validate(home, f"<p:rating xmlns:p='urn:example:ratings'>{content}</p:rating>", "fast")
    return [(failure.code, place.line) for failure, place in zip(report.failures, report.positions(), strict=True) if place]


@pytest.mark.parametrize(
    ("namespaces", "reason"),
    [
        ("urn:a", '/namespaces: namespaces must be an array, got "urn:a"'),
        (None, "/namespaces: namespaces must be an array, got null"),
        ([1], "/namespaces/0: a namespace must be a string of 1 to 128 octets, got 1"),
        ([""], '/namespaces/0: a namespace must be a string of 1 to 128 octets, got ""'),
        (["é" * 65], '/namespaces/0: a namespace must be a string of 1 to 128 octets, got "'),
    ],
)
def test_invalid_namespaces_are_refused_at_load(rating_home: Path, namespaces: object, reason: str) -> None:
    """The message names the file."""
    file = rating_home / "schemas" / "rate-activity" / "operation.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"namespaces": namespaces}))
    with pytest.raises(ValueError, match=f"^{re.escape(f'{file}: {reason}')}"):
        load("rate-activity", home=rating_home)


def test_linter_accepts_namespaces(rating_home: Path) -> None:
    """They are part of the format of operation.json, and a repeated or empty one is a finding."""
    assert (
        run("lint", str(rating_home / "schemas")).stdout
        == f"1 operation in {rating_home / 'schemas'} (rate-activity): 0 findings.\n"
    )
    list_namespaces(rating_home, "rate-activity", "urn:a", "urn:a")
    assert "is listed more than once" in run("lint", str(rating_home / "schemas")).stdout


def test_every_problem_of_namespaces_is_reported() -> None:
    """Each at its place in the file."""
    document = json.loads((RATE_ACTIVITY / "schemas" / "rate-activity" / "operation.json").read_bytes())
    assert list(find_problems(document | {"namespaces": 1})) == [("/namespaces", "namespaces must be an array, got 1")]
    assert list(find_problems(document | {"namespaces": ["a", "a"]})) == [
        ("/namespaces/1", 'the namespace "a" is listed more than once')
    ]


def test_openapi_names_the_listed_namespaces(rating_home: Path) -> None:
    """Next to the default, without a namespace."""
    list_namespaces(rating_home, "rate-activity", "urn:a", "urn:b")
    described = json.dumps(describe_operations([load("rate-activity", home=rating_home)]))
    assert "no element is in a namespace, or every element is in one of `urn:a`, `urn:b`" in described
