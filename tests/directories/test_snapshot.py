"""Reference data from a file: what it says, and how one that cannot be used is told."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.paths import ROOT
from validator.directories.snapshot import Snapshot, SnapshotError
from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, Keys, MessageCenter, Settings
from validator.operation import home

SCHEMA = json.loads((home.shipped_schemas() / "directory.schema.json").read_bytes())
SAMPLE: dict[str, Any] = {
    "settings": {"customerDepartmentalization": True},
    "customers": [{"id": "1001", "department": "Service", "emailAddresses": ["JHenry@customer.com"], "mayActFor": ["1002"]}],
    "activities": [{"id": "2001", "customer": "1001"}],
    "aliases": [{"address": "Support@business.com", "active": True, "department": "Service"}],
    "messageCenters": [{"id": "3001", "active": True, "department": "Service", "issueTypes": ["4001"]}],
    "customAttributes": [
        {"name": "priority", "type": "text", "values": ["low", "high"]},
        {"name": "note", "type": "text", "allowedCharacters": "ABC123"},
        {"name": "amount", "type": "decimal"},
    ],
}
FACTS = Facts(
    Settings(customer_departmentalization=True),
    {"1001": Customer("1001", "Service", frozenset({"jhenry@customer.com"}), frozenset({"1002"}))},
    {"2001": Activity("2001", "1001")},
    {"support@business.com": Alias("support@business.com", active=True, department="Service")},
    {"3001": MessageCenter("3001", active=True, department="Service", issue_types=frozenset({"4001"}))},
    {
        "priority": CustomAttribute("priority", "text", frozenset({"low", "high"})),
        "note": CustomAttribute("note", "text", None, frozenset("ABC123")),
        "amount": CustomAttribute("amount", "decimal"),
    },
)


def test_sample_of_the_contract() -> None:
    """The sample is read in full; addresses are case-folded."""
    assert Snapshot.from_dict(SAMPLE).fetch(Keys()) == FACTS


def test_what_is_optional() -> None:
    """Members that may be absent leave nothing behind."""
    document = {
        "customers": [{"id": "1"}],
        "messageCenters": [{"id": "1", "active": False}],
        "aliases": [{"address": "a@b.com", "active": False}],
    }
    assert Snapshot.from_dict(document).fetch(Keys()) == Facts(
        customers={"1": Customer("1")},
        message_centers={"1": MessageCenter("1", active=False)},
        aliases={"a@b.com": Alias("a@b.com", active=False)},
    )


def test_absent_sections_are_not_supplied() -> None:
    """An absent section is None, an empty one knows that there is nothing."""
    assert Snapshot.from_dict({}).fetch(Keys()) == Facts()
    assert Snapshot.from_dict({"aliases": []}).fetch(Keys()) == Facts(aliases={})


def test_the_same_facts_are_fetched_each_time() -> None:
    """A fetch makes nothing."""
    snapshot = Snapshot.from_dict(SAMPLE)
    assert snapshot.fetch(Keys(("1",))) is snapshot.fetch(Keys())


def test_snapshot_cannot_be_changed() -> None:
    """Neither the snapshot nor its sections can be changed."""
    snapshot = Snapshot.from_dict(SAMPLE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.facts = Facts()  # type: ignore[misc]
    with pytest.raises(TypeError):
        snapshot.facts.customers["9"] = Customer("9")  # type: ignore[index]


def test_first_customer_and_activity() -> None:
    """They are the first of the file, or None."""
    snapshot = Snapshot.from_file(home.shipped_fixtures() / "directory.json")
    assert (snapshot.first_customer, snapshot.first_activity) == ("1001", "2001")
    assert (Snapshot.from_dict({}).first_customer, Snapshot.from_dict({"activities": []}).first_activity) == (None, None)


def test_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    """A file may begin with the UTF-8 byte order mark."""
    file = tmp_path / "d.json"
    file.write_bytes(b"\xef\xbb\xbf{}")
    assert Snapshot.from_file(str(file)) == Snapshot(Facts())


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        (b'{\n "settings" 1}', "2:13", "The body is not well-formed JSON: line 2, column 13: a colon is expected."),
        (b"", "1:1", "The body is not well-formed JSON: line 1, column 1: a value is expected."),
        (b'{"a":"\xff"}', "1:7", "The body must be UTF-8: it holds bytes that are not UTF-8."),
        (b'{"aliases": [],\n "aliases": []}', "/aliases", "Attribute 'aliases' is supplied more than once."),
    ],
)
def test_file_that_is_not_strict_json(tmp_path: Path, text: bytes, place: str, reason: str) -> None:
    """The error names the file, and the line and column or the repeated member."""
    file = tmp_path / "d.json"
    file.write_bytes(text)
    with pytest.raises(SnapshotError) as caught:
        Snapshot.from_file(file)
    assert str(caught.value) == f"{file}: {place}: {reason.replace('The body', 'The file')}"


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be read is the operating system's error."""
    with pytest.raises(FileNotFoundError):
        Snapshot.from_file(tmp_path / "none.json")


BAD: list[tuple[Any, str, str]] = [
    ([], "/", "Attribute 'body' must be an object."),
    ({"customer": []}, "/customer", "Unknown attribute 'customer'."),
    (
        {"settings": {}},
        "/settings/customerDepartmentalization",
        "Required attribute 'settings.customerDepartmentalization' is missing.",
    ),
    ({"customers": [{"id": 1001}]}, "/customers/0/id", "Attribute 'customers[0].id' must be text."),
    (
        {"activities": [{"id": "01", "customer": "1"}]},
        "/activities/0/id",
        "Attribute 'activities[0].id' has an invalid value; expected: an ID: 1 to 19 digits without a leading zero, as text.",
    ),
    (
        {"aliases": [{"address": "", "active": True}]},
        "/aliases/0/address",
        "Attribute 'aliases[0].address' has an invalid value; expected: text that is not empty.",
    ),
    (
        {"messageCenters": [{"id": "1", "active": "true"}]},
        "/messageCenters/0/active",
        "Attribute 'messageCenters[0].active' must be a boolean.",
    ),
    (
        {"customAttributes": [{"name": "a", "type": "number"}]},
        "/customAttributes/0/type",
        "Attribute 'customAttributes[0].type' must be one of: 'text', 'integer', 'decimal', 'boolean', 'date'.",
    ),
]


@pytest.mark.parametrize(("document", "place", "reason"), BAD)
def test_document_against_the_schema(document: Any, place: str, reason: str) -> None:
    """The first fault is told with its JSON Pointer, and jsonschema refuses the document too."""
    with pytest.raises(SnapshotError) as caught:
        Snapshot.from_dict(document)
    assert str(caught.value) == f"directory: {place}: {reason}"
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


@pytest.mark.parametrize(
    ("document", "place", "text"),
    [
        ({"customers": [{"id": "1"}, {"id": "2"}, {"id": "1"}]}, "/customers/2/id", "1"),
        ({"customers": [{"id": "1", "emailAddresses": ["a@b.com", "A@b.com"]}]}, "/customers/0/emailAddresses/1", "a@b.com"),
        ({"customers": [{"id": "1", "mayActFor": ["2", "2"]}]}, "/customers/0/mayActFor/1", "2"),
        ({"activities": [{"id": "1", "customer": "1"}, {"id": "1", "customer": "2"}]}, "/activities/1/id", "1"),
        (
            {"aliases": [{"address": "a@b.com", "active": True}, {"address": "A@b.com", "active": True}]},
            "/aliases/1/address",
            "A@b.com",
        ),
        ({"messageCenters": [{"id": "1", "active": True}, {"id": "1", "active": True}]}, "/messageCenters/1/id", "1"),
        ({"messageCenters": [{"id": "1", "active": True, "issueTypes": ["4", "4"]}]}, "/messageCenters/0/issueTypes/1", "4"),
        ({"customAttributes": [{"name": "a", "type": "text"}, {"name": "a", "type": "date"}]}, "/customAttributes/1/name", "a"),
        ({"customAttributes": [{"name": "a", "type": "text", "values": ["v", "w", "v"]}]}, "/customAttributes/0/values/2", "v"),
    ],
)
def test_what_must_be_unique(document: dict[str, Any], place: str, text: str) -> None:
    """What comes a second time is told at its place; addresses are compared without case."""
    with pytest.raises(SnapshotError) as caught:
        Snapshot.from_dict(document, "tenant")
    assert str(caught.value) == f"tenant: {place}: '{text}' is there more than once."


def test_schema_is_itself_sound() -> None:
    """The schema, its example, the sample and the fixtures' directory are valid by jsonschema."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    fixture = json.loads((home.shipped_fixtures() / "directory.json").read_bytes())
    assert [validator.is_valid(document) for document in (*SCHEMA["examples"], SAMPLE, fixture, {})] == [True] * 4


def test_reading_imports_no_schema_library() -> None:
    """The good path costs no import of jsonschema, jsonschema_rs, xmlschema or email_validator."""
    program = (
        "import sys; from validator.operation import home; from validator.directories.snapshot import Snapshot;"
        "Snapshot.from_file(home.shipped_fixtures() / 'directory.json');"
        "print(sorted({'jsonschema', 'jsonschema_rs', 'xmlschema', 'email_validator'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"
