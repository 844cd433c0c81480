"""Every directory gives the facts that the snapshot holds, and every request the same report."""

import contextlib
from typing import Any

import pytest

from tests.directories.conformance import Case, Opened, Place
from tests.test_fixtures import FILES, OPERATION, requests, told
from validator import Facts, Keys, Snapshot, load
from validator.engine import BODY_LIMIT

ALL = Keys(
    ("1001", "1002", "1003", "1004", "9999"),
    ("2001", "2004", "9"),
    ("support@business.com", "old@business.com", "all@business.com", "nobody@business.com"),
    ("3001", "3003", "3004", "1"),
    ("priority", "note", "code", "amount", "count", "urgent", "due", "level", "nothing"),
)
NAMES = (
    "it's", '"', "50% %s %(a)s :a ?", "back\\slash", "a\nb", " ", "{}", "[1]", "null", "\u00e9", "e\u0301", "\U0001f600",
    "\u202e", "\ufffe", "Priority", "PRIORITY", "x" * 500, "\u00df", "\u0130", "'; DROP TABLE directory_customers; --",
)  # fmt: skip
ODD: dict[str, Any] = {
    "settings": {"customerDepartmentalization": False},
    "customers": [
        {"id": "1", "department": "it's", "emailAddresses": [f"{name}@A.com" for name in NAMES[:14]]},
        {"id": "9999999999999999999", "department": "y" * 100_000, "mayActFor": ["1", "2"]},
    ],
    "activities": [],
    "aliases": [{"address": f"{name}\u00df\u0130@A.com", "active": True, "department": name} for name in NAMES[:14]],
    "messageCenters": [{"id": "1", "active": True, "department": NAMES[2]}],
    "customAttributes": [
        {"name": name, "type": "text", "values": [name, "", "z" * 10_000], "allowedCharacters": "\U0001f600'\\%"}
        for name in NAMES
    ],
}


def restricted(facts: Facts, keys: Keys) -> Facts:
    """Return the facts that were asked for: a directory may give more."""
    sections = (
        section if section is None else {key: section[key] for key in asked if key in section}
        for section, asked in zip(facts[1:], keys, strict=True)
    )
    return Facts(facts.settings, *sections)  # type: ignore[arg-type]


def everything(snapshot: Snapshot) -> Keys:
    """Return the keys of all that a snapshot holds."""
    return Keys(*(tuple(section or ()) for section in snapshot.facts[1:]))


def test_every_kind_of_entity(opened: Opened, tenant: Snapshot) -> None:
    """What was asked for is there as the snapshot holds it, and what does not exist is absent."""
    assert restricted(opened.fetch(ALL), ALL) == restricted(tenant.facts, ALL)


def test_one_key_of_each_kind(opened: Opened, tenant: Snapshot) -> None:
    """A fetch of little, and then of other things, gives just that."""
    for keys in (
        Keys(customers=("1001",)),
        Keys(aliases=("all@business.com",)),
        Keys(("1002",), ("2002",)),
        Keys(custom_attributes=("level",)),
    ):
        assert restricted(opened.fetch(keys), keys) == restricted(tenant.facts, keys)


def test_no_keys(opened: Opened, tenant: Snapshot) -> None:
    """Without keys the settings and the supplied sections are still told."""
    assert restricted(opened.fetch(Keys()), Keys()) == restricted(tenant.facts, Keys())


def test_a_key_that_comes_twice(opened: Opened, tenant: Snapshot) -> None:
    """A key may be asked for more than once."""
    keys = Keys(("1001", "1001"), (), (), (), ("level", "note", "level"))
    assert restricted(opened.fetch(keys), keys) == restricted(tenant.facts, keys)


def test_keys_have_case(opened: Opened) -> None:
    """Names and folded addresses are compared to the letter."""
    keys = Keys(aliases=("Support@business.com",), custom_attributes=("Priority", "priority ", "prioritx"))
    facts = restricted(opened.fetch(keys), keys)
    assert (facts.aliases, facts.custom_attributes) == ({}, {})


def test_what_cannot_exist(opened: Opened) -> None:
    """Keys that no database can hold are keys of nothing."""
    odd = ("", "\0", "a\0b", "\ud800", "x" * 100_000, "priority\0", "\U0010ffff")
    keys = Keys(odd, odd, odd, odd, odd)
    assert restricted(opened.fetch(keys), keys)[1:] == ({}, {}, {}, {}, {})


def test_thirty_thousand_keys(opened: Opened, tenant: Snapshot) -> None:
    """A hostile body can name so many custom attributes."""
    keys = Keys(customers=("1001",), custom_attributes=(*(f"attribute {number} '\\%" for number in range(30_000)), "note"))
    assert restricted(opened.fetch(keys), keys) == restricted(tenant.facts, keys)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"settings": {"customerDepartmentalization": False}},
        {"customers": []},
        {"activities": [], "aliases": []},
        {"messageCenters": [], "customAttributes": []},
        {"customAttributes": [{"name": "a", "type": "date", "values": []}, {"name": "b", "type": "boolean"}]},
        ODD,
    ],
    ids=["nothing", "settings", "customers", "two", "other-two", "no-values", "odd"],
)
def test_other_snapshots(case: Case, place: Place, document: dict[str, Any]) -> None:
    """A section that is absent is None, an empty one is empty; odd texts come back as they were."""
    snapshot = Snapshot.from_dict(document)
    keys = everything(snapshot)
    with contextlib.closing(case.open(snapshot, place)) as opened:
        assert restricted(opened.fetch(keys), keys) == snapshot.facts


def test_every_fixture_gives_the_same_report(opened: Opened) -> None:
    """An engine with the directory decides as the reports beside the fixtures say."""
    tenant = Snapshot.from_file(FILES[0].parents[2] / "directory.json")
    asked = [(path, request, limit) for path in FILES for request, limit in requests(path)]
    found, expected = [], []
    for path, request, limit in asked:
        most = BODY_LIMIT if limit is None else limit
        engine = load(OPERATION, opened.directory, body_limit=most, lazy=True)
        found.append((path.name, told(opened.validate(engine, request))))
        expected.append((path.name, told(load(OPERATION, tenant, body_limit=most, lazy=True).validate(request))))
    assert found == expected
