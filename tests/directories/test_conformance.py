"""Every kind of directory returns the facts of the snapshot, and gives every request the same report."""

import contextlib
from typing import Any

import pytest

from tests.directories.conformance import Case, OpenDirectory, Storage
from tests.directories.sources import select_facts
from tests.test_fixtures import FILES, OPERATION, read_requests
from validator import Keys, Snapshot, load
from validator.engine import BODY_LIMIT
from validator.lint.fixture_reports import encode_report

ALL = Keys(
    ("1001", "1002", "1003", "1004", "9999"),
    ("2001", "2004", "9"),
    ("support@business.com", "old@business.com", "all@business.com", "missing@business.com"),
    ("3001", "3003", "3004", "1"),
    ("priority", "note", "code", "amount", "count", "urgent", "due", "level", "nothing"),
)
NAMES = (
    "it's", '"', "50% %s %(a)s :a ?", "back\\slash", "a\nb", " ", "{}", "[1]", "null", "\u00e9", "e\u0301", "\U0001f600",
    "\u202e", "\ufffe", "Priority", "PRIORITY", "x" * 500, "\u00df", "\u0130", "'; DROP TABLE directory_customers; --",
)  # fmt: skip
ADDRESSES = (
    *(f"{name}@A.com" for name in ("it's", "50%s", "?", "{}", "null", "\u00e9", "\U0001f600", "\u00df", "\u0130", "--", "/*")),
    "`$`@a.com", "\u00e9\u00c9@B\u00dcCHER.de", "a@xn--mnchen-3ya.de", "a@\u03c3\u03b1\u03c2.gr", "a@stra\u00dfe.de",
    "a@strasse.de", "A@b.test",
)  # fmt: skip
ODD: dict[str, Any] = {
    "settings": {"customerDepartmentalization": False},
    "customers": [
        {"id": "1", "department": "it's", "emailAddresses": list(ADDRESSES)},
        {"id": "9999999999999999999", "department": "y" * 100_000, "mayActFor": ["1", "2"]},
    ],
    "activities": [],
    "aliases": [
        {"address": address, "active": True, "department": name} for address, name in zip(ADDRESSES, NAMES, strict=False)
    ],
    "messageCenters": [{"id": "1", "active": True, "department": NAMES[2]}],
    "customAttributes": [
        {"name": name, "type": "text", "values": [name, "", "z" * 10_000], "allowedCharacters": "\U0001f600'\\%"}
        for name in NAMES
    ],
}


def list_keys(snapshot: Snapshot) -> Keys:
    """Return the keys of all entities of a snapshot."""
    return Keys(*(tuple(section or ()) for section in snapshot.facts[1:]))


def test_entities_of_every_kind_are_returned(directory: OpenDirectory, tenant: Snapshot) -> None:
    """They equal those of the snapshot; absent keys are absent."""
    assert select_facts(directory.fetch(ALL), ALL) == select_facts(tenant.facts, ALL)


def test_consecutive_fetches_return_their_own_keys(directory: OpenDirectory, tenant: Snapshot) -> None:
    """Each fetch of a few keys returns their entities, whatever was fetched before."""
    for keys in (
        Keys(customers=("1001",)),
        Keys(aliases=("all@business.com",)),
        Keys(("1002",), ("2002",)),
        Keys(custom_attributes=("level",)),
    ):
        assert select_facts(directory.fetch(keys), keys) == select_facts(tenant.facts, keys)


def test_settings_and_supplied_sections_need_no_keys(directory: OpenDirectory, tenant: Snapshot) -> None:
    """They are returned without any key."""
    assert select_facts(directory.fetch(Keys()), Keys()) == select_facts(tenant.facts, Keys())


def test_repeated_key_is_allowed(directory: OpenDirectory, tenant: Snapshot) -> None:
    """The answer is the same as for one occurrence."""
    keys = Keys(("1001", "1001"), (), (), (), ("level", "note", "level"))
    assert select_facts(directory.fetch(keys), keys) == select_facts(tenant.facts, keys)


def test_keys_are_case_sensitive(directory: OpenDirectory) -> None:
    """Names and mailboxes are compared exactly."""
    keys = Keys(aliases=("Support@business.com",), custom_attributes=("Priority", "priority ", "prioritx"))
    facts = select_facts(directory.fetch(keys), keys)
    assert (facts.aliases, facts.custom_attributes) == ({}, {})


def test_key_that_no_database_can_store_is_absent(directory: OpenDirectory) -> None:
    """Empty, overlong, or with U+0000 or a surrogate: it does not exist."""
    odd = ("", "\0", "a\0b", "\ud800", "x" * 100_000, "priority\0", "\U0010ffff")
    keys = Keys(odd, odd, odd, odd, odd)
    assert select_facts(directory.fetch(keys), keys)[1:] == ({}, {}, {}, {}, {})


def test_thirty_thousand_keys_are_fetched(directory: OpenDirectory, tenant: Snapshot) -> None:
    """A hostile body can name that many custom attributes."""
    keys = Keys(customers=("1001",), custom_attributes=(*(f"attribute {number} '\\%" for number in range(30_000)), "note"))
    assert select_facts(directory.fetch(keys), keys) == select_facts(tenant.facts, keys)


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
    ids=["empty", "settings", "customers", "activities-aliases", "centers-attributes", "no-values", "unusual"],
)
def test_any_snapshot_is_stored_exactly(case: Case, storage: Storage, document: dict[str, Any]) -> None:
    """An absent section is None, an empty one is empty, and unusual strings are unchanged."""
    snapshot = Snapshot.from_dict(document)
    keys = list_keys(snapshot)
    with contextlib.closing(case.open(snapshot, storage)) as directory:
        assert select_facts(directory.fetch(keys), keys) == snapshot.facts


def test_every_fixture_gets_the_same_report(directory: OpenDirectory) -> None:
    """An engine with the directory reports the same as one with the snapshot."""
    tenant = Snapshot.from_file(FILES[0].parents[2] / "directory.json")
    cases = [(path, request, limit or BODY_LIMIT) for path in FILES for request, limit in read_requests(path)]
    limits = {limit for _, _, limit in cases}
    engines = {limit: load(OPERATION, directory.directory, body_limit=limit, lazy=True) for limit in limits}
    others = {limit: load(OPERATION, tenant, body_limit=limit, lazy=True) for limit in limits}
    reports = [(path.name, encode_report(directory.validate(engines[limit], request))) for path, request, limit in cases]
    assert reports == [(path.name, encode_report(others[limit].validate(request))) for path, request, limit in cases]
    assert len(limits) > 1
