"""Snapshots: their facts, their form as a document, and the errors of invalid files."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.paths import ROOT
from validator.directories import Snapshot, SnapshotError
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


def test_sample_of_the_contract_is_read() -> None:
    """Completely; ASCII letters of addresses are in lower case."""
    assert Snapshot.from_dict(SAMPLE).fetch(Keys()) == FACTS


def test_optional_members_may_be_absent() -> None:
    """They become None or an empty set."""
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


def test_to_dict_is_the_inverse_of_from_dict() -> None:
    """The document of the sample's facts is valid, has equal facts, and differs from the sample only in the case of addresses."""
    document = Snapshot.from_dict(SAMPLE).to_dict()
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document)
    assert Snapshot.from_dict(document).facts == FACTS
    assert document == {
        **SAMPLE,
        "customers": [{**SAMPLE["customers"][0], "emailAddresses": ["jhenry@customer.com"]}],
        "aliases": [{**SAMPLE["aliases"][0], "address": "support@business.com"}],
        "customAttributes": [
            {"name": "note", "type": "text", "allowedCharacters": "123ABC"},
            {"name": "amount", "type": "decimal"},
            {"name": "priority", "type": "text", "values": ["high", "low"]},
        ],
    }


def test_to_dict_is_sorted_and_minimal() -> None:
    """IDs are sorted as numbers; optional members without content are absent, but empty sections and value lists are not."""
    document = {
        "customers": [{"id": "9", "mayActFor": ["3", "10"]}, {"id": "10", "emailAddresses": ["b@c.com", "aa@c.com"]}],
        "activities": [],
        "customAttributes": [{"name": "a", "type": "text", "values": []}],
    }
    snapshot = Snapshot.from_dict({**document, "customers": document["customers"][::-1]})
    assert json.dumps(snapshot.to_dict()) == json.dumps(document)
    assert Snapshot.from_dict({}).to_dict() == {}


def test_absent_sections_are_not_supplied() -> None:
    """An absent section is None, an empty one is empty."""
    assert Snapshot.from_dict({}).fetch(Keys()) == Facts()
    assert Snapshot.from_dict({"aliases": []}).fetch(Keys()) == Facts(aliases={})


def test_fetch_returns_the_same_facts_each_time() -> None:
    """It creates no object."""
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
    """They are the first in the file, or None."""
    snapshot = Snapshot.from_file(home.shipped_fixtures() / "directory.json")
    assert (snapshot.first_customer, snapshot.first_activity) == ("1001", "2001")
    assert (Snapshot.from_dict({}).first_customer, Snapshot.from_dict({"activities": []}).first_activity) == (None, None)


def test_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    """A file may begin with the byte order mark of UTF-8."""
    file = tmp_path / "d.json"
    file.write_bytes(b"\xef\xbb\xbf{}")
    assert Snapshot.from_file(str(file)) == Snapshot(Facts())


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        (b'{\n "settings" 1}', "2:13", "The body is not well-formed JSON: a colon is expected."),
        (b"", "1:1", "The body is not well-formed JSON: a value is expected."),
        (b'{"a":"\xff"}', "1:7", "The body must be UTF-8: it holds bytes that are not UTF-8."),
        (b'{"aliases": [],\n "aliases": []}', "/aliases", "Attribute 'aliases' is supplied more than once."),
    ],
)
def test_file_that_is_not_strict_json_is_rejected(tmp_path: Path, text: bytes, place: str, reason: str) -> None:
    """The error names the file, and once the line and column or the repeated member."""
    file = tmp_path / "d.json"
    file.write_bytes(text)
    with pytest.raises(SnapshotError) as caught:
        Snapshot.from_file(file)
    assert str(caught.value) == f"{file}: {place}: {reason.replace('The body', 'The file')}"


def test_missing_file_raises_os_error(tmp_path: Path) -> None:
    """It is not a SnapshotError."""
    with pytest.raises(FileNotFoundError):
        Snapshot.from_file(tmp_path / "none.json")


INVALID: list[tuple[Any, str, str]] = [
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


@pytest.mark.parametrize(("document", "place", "reason"), INVALID)
def test_document_is_validated_against_the_schema(document: Any, place: str, reason: str) -> None:
    """The first error is reported with its JSON Pointer; jsonschema rejects the same documents."""
    with pytest.raises(SnapshotError) as caught:
        Snapshot.from_dict(document)
    assert str(caught.value) == f"directory: {place}: {reason}"
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


@pytest.mark.parametrize(
    ("document", "place", "text"),
    [
        ({"customers": [{"id": "1"}, {"id": "2"}, {"id": "1"}]}, "/customers/2/id", "1"),
        ({"customers": [{"id": "1", "mayActFor": ["2", "2"]}]}, "/customers/0/mayActFor/1", "2"),
        ({"activities": [{"id": "1", "customer": "1"}, {"id": "1", "customer": "2"}]}, "/activities/1/id", "1"),
        ({"messageCenters": [{"id": "1", "active": True}, {"id": "1", "active": True}]}, "/messageCenters/1/id", "1"),
        ({"messageCenters": [{"id": "1", "active": True, "issueTypes": ["4", "4"]}]}, "/messageCenters/0/issueTypes/1", "4"),
        ({"customAttributes": [{"name": "a", "type": "text"}, {"name": "a", "type": "date"}]}, "/customAttributes/1/name", "a"),
        ({"customAttributes": [{"name": "a", "type": "text", "values": ["v", "w", "v"]}]}, "/customAttributes/0/values/2", "v"),
    ],
)
def test_duplicate_is_rejected(document: dict[str, Any], place: str, text: str) -> None:
    """The second occurrence is reported with its JSON Pointer."""
    with pytest.raises(SnapshotError) as caught:
        Snapshot.from_dict(document, "tenant")
    assert str(caught.value) == f"tenant: {place}: '{text}' occurs more than once."


def list_addresses(*addresses: str) -> list[tuple[dict[str, Any], str]]:
    """Return documents with these addresses, of a customer and as aliases, and the JSON Pointer of the last one."""
    last = len(addresses) - 1
    return [
        ({"customers": [{"id": "1", "emailAddresses": list(addresses)}]}, f"/customers/0/emailAddresses/{last}"),
        ({"aliases": [{"address": one, "active": True} for one in addresses]}, f"/aliases/{last}/address"),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a@b.com", "a@b.com"),
        ("a@b.com", "A@B.com"),
        ("a@bücher.de", "a@xn--bcher-kva.de"),
        ("a@xn--bcher-kva.de", "A@XN--Bcher-KVA.de"),
        ("a@bücher.de", "a@BÜCHER.de"),
        ("ß@b.com", "ß@B.com"),
    ],
    ids=ascii,
)
def test_mailbox_that_is_given_twice_is_rejected(first: str, second: str) -> None:
    """However it is written; the text of the file is shown."""
    for document, place in list_addresses("x@y.com", first, second):
        with pytest.raises(SnapshotError) as caught:
            Snapshot.from_dict(document)
        assert str(caught.value) == f"directory: {place}: '{second}' names a mailbox that occurs more than once."


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("info@straße.de", "info@strasse.de"),
        ("ß@b.com", "ss@b.com"),
        ("ſ@b.com", "s@b.com"),
        ("é@b.com", "É@b.com"),
        ("a@σας.gr", "a@σασ.gr"),
        ("a+b@c.com", "a@c.com"),
        ("a.b@c.com", "ab@c.com"),
    ],
    ids=ascii,
)
def test_similar_addresses_are_two_mailboxes(first: str, second: str) -> None:
    """Letters beyond ASCII are not made equal by case folding. Writing the facts and reading them again preserves both."""
    for document, _ in list_addresses(first, second):
        snapshot = Snapshot.from_dict(document)
        assert Snapshot.from_dict(snapshot.to_dict()).facts == snapshot.facts
        found = len(snapshot.facts.aliases or ()) or len((snapshot.facts.customers or {})["1"].email_addresses)
        assert found == 2


@pytest.mark.parametrize(
    "address",
    [
        *(
            "a",
            "a@b",
            "a@b.1",
            "A <a@b.com>",
            "a@b.com, c@d.com",
            '"a"@b.com',
            "a@[1.2.3.4]",
            "a@ﬁ.com",
            "a@e\u0301.com",
            "a@b.com ",
        ),
        *("\u212a@\u212a.com", f"{'x' * 65}@b.com", "x" * 100_000),
    ],
    ids=lambda address: ascii(address[:20]),
)
def test_address_that_no_request_can_match_is_rejected(address: str) -> None:
    """With its place: the entry would be lost in silence."""
    for document, place in list_addresses("x@y.com", address):
        with pytest.raises(SnapshotError) as caught:
            Snapshot.from_dict(document)
        reason = f"{address[:64]!r} is not a valid email address, so no request can match it."
        assert str(caught.value) == f"directory: {place}: {reason}"


def test_addresses_are_written_in_the_form_that_is_compared() -> None:
    """Domains as A-labels, ASCII letters in lower case; letters beyond ASCII in a local part are unchanged."""
    (customers, _), (aliases, _) = list_addresses("É.X@BÜCHER.DE")
    assert Snapshot.from_dict(customers).to_dict()["customers"][0]["emailAddresses"] == ["É.x@xn--bcher-kva.de"]
    assert Snapshot.from_dict(aliases).to_dict()["aliases"][0]["address"] == "É.x@xn--bcher-kva.de"


def test_aliases_cannot_be_changed() -> None:
    """They are a mapping by mailbox."""
    aliases = Snapshot.from_dict(SAMPLE).facts.aliases
    assert aliases is not None
    assert list(aliases) == ["support@business.com"]
    with pytest.raises(TypeError):
        aliases["a@b.com"] = Alias("a@b.com", active=True)  # type: ignore[index]


def test_schema_and_its_examples_are_valid() -> None:
    """By jsonschema, like the sample and the directory of the fixtures."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    fixture = json.loads((home.shipped_fixtures() / "directory.json").read_bytes())
    assert [validator.is_valid(document) for document in (*SCHEMA["examples"], SAMPLE, fixture, {})] == [True] * 4


def test_reading_imports_no_schema_library() -> None:
    """Reading common addresses does not import jsonschema, jsonschema_rs, xmlschema or email_validator."""
    program = (
        "import sys; from validator.directories import Snapshot;"
        f"Snapshot.from_dict({SAMPLE!r});"
        "print(sorted({'jsonschema', 'jsonschema_rs', 'xmlschema', 'email_validator'} & set(sys.modules)))"
    )
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert outcome.stdout == "[]\n"
