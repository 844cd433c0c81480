"""Email addresses in every kind of directory: they are compared as mailboxes, however they are written."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.directories.conformance import open_file
from tests.directories.postgresql import Server
from validator import Caller, Directory, Facts, Keys, Report, Request, Snapshot, load, rare_log
from validator.directories import (
    AsyncCached,
    AsyncSqlDirectory,
    Cached,
    SnapshotError,
    SqlDirectory,
    create_tables,
    export_snapshot,
    import_snapshot,
)
from validator.directories.sql import rows
from validator.lint.fixture_reports import encode_report
from validator.model.directory import Activity, Alias, Customer

# By mailbox: the ways of writing it in a row or in the facts of a custom directory.
WRITTEN = {
    "support@business.com": ("support@business.com", "Support@Business.com", "SUPPORT@BUSINESS.COM"),
    "kontakt@xn--bcher-kva.de": (
        *("kontakt@bücher.de", "kontakt@BÜCHER.DE", "Kontakt@Bücher.de", "kontakt@xn--bcher-kva.de", "KONTAKT@XN--BCHER-KVA.DE"),
    ),
    "info@xn--strae-oqa.de": ("info@straße.de", "INFO@xn--strae-oqa.DE"),
    "info@strasse.de": ("info@STRASSE.de",),
    "fuß@customer.com": ("fuß@customer.com", "FUß@CUSTOMER.COM"),
    "a@xn--mxa8ab.gr": ("a@σας.gr", "A@xn--mxa8ab.gr", "a@Σας.gr", "A@ΣΑς.gr", "a@σΑς.GR"),
    "a@xn--4ca0b.xn--p1ai": ("a@äö.рф", "a@ÄÖ.РФ", "a@äÖ.рФ", "A@Äö.xn--p1ai", "a@XN--4CA0B.рф"),
}
PAIRS = [(mailbox, address) for mailbox, addresses in WRITTEN.items() for address in addresses]
# Other mailboxes that some comparison would make equal.
SIMILAR = {
    "info@strasse.de": "info@straße.de",
    "info@xn--strae-oqa.de": "info@strasse.de",
    "fuss@customer.com": "fuß@customer.com",
    "s@b.com": "ſ@b.com",
    "é@b.com": "É@b.com",
    "a@xn--mxa9ab.gr": "a@σας.gr",
}
INVALID = ("fuss", "", "A <a@b.com>", "a@b.com, c@d.com", "a@ﬁ.com", "ceo@weiẞ.com", "a@e\u0301.com", f"{'x' * 65}@b.com")
EXECUTE = Callable[[str, tuple[Any, ...]], object]


class Database:
    """A database whose address columns have no constraints: rows that others wrote."""

    def __init__(self, url: str, execute: EXECUTE) -> None:
        self.url = url
        self._execute = execute

    def write(self, *, aliases: tuple[str, ...] = (), addresses: tuple[str, ...] = ()) -> None:
        """Replace the aliases, and the addresses of customer 1."""
        import_snapshot(Snapshot.from_dict({"customers": [{"id": "1"}], "activities": [], "aliases": []}), self.url)
        for number, address in enumerate(aliases):
            self._execute("INSERT INTO directory_aliases VALUES (?, true, ?)", (address, f"department {number}"))
        for address in addresses:
            self._execute("INSERT INTO directory_customer_addresses VALUES ('1', ?)", (address,))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Database]:
    """Return a database of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'directory.db'}"
        create_tables(url)
        with open_file(url) as file:
            file.execute("PRAGMA ignore_check_constraints = ON")
            yield Database(url, file.execute)
        return
    server: Server = request.getfixturevalue("postgresql")
    url = server.create_database()
    create_tables(url)
    with server.connect(url.rpartition("/")[2]) as connection:
        for table in ("aliases", "customer_addresses"):
            connection.execute(f"ALTER TABLE directory_{table} DROP CONSTRAINT directory_{table}_address_check".encode())
        yield Database(url, lambda text, values: connection.execute(text.replace("?", "%s").encode(), values))


def fetch(directory: Any, keys: Keys) -> Facts:
    """Return the answer of a directory of either kind."""
    answer = directory.fetch(keys)

    async def await_answer() -> Any:
        return await answer

    facts: Facts = asyncio.run(await_answer()) if hasattr(answer, "__await__") else answer
    return facts


def test_rows_are_found_however_they_are_written(database: Database) -> None:
    """The key is the mailbox; the facts have it too, whatever the row has."""
    for mailbox, address in PAIRS:
        database.write(aliases=(address, "other@business.com"), addresses=(address,))
        keys = Keys(customers=("1",), aliases=(mailbox,))
        with SqlDirectory(database.url) as directory:
            facts = fetch(directory, keys)
        assert facts.aliases == {mailbox: Alias(mailbox, active=True, department="department 0")}, address
        assert facts.customers == {"1": Customer("1", None, frozenset({mailbox}))}, address


def test_snapshot_and_import_have_the_mailbox(tmp_path: Any) -> None:
    """However the file writes it; a file with two addresses of one mailbox is rejected."""
    url = f"sqlite:///{tmp_path / 'directory.db'}"
    create_tables(url)
    for mailbox, address in PAIRS:
        expected = {mailbox: Alias(mailbox, active=True)}
        alias = {"address": address, "active": True}
        snapshot = Snapshot.from_dict({"aliases": [alias]})
        import_snapshot(snapshot, url)
        with SqlDirectory(url) as directory:
            assert snapshot.facts.aliases == directory.fetch(Keys(aliases=(mailbox,))).aliases == expected, address
        with pytest.raises(SnapshotError, match="names a mailbox that occurs more than once"):
            Snapshot.from_dict({"aliases": [{"address": mailbox, "active": True}, alias]})


def test_rows_are_found_asynchronously(database: Database) -> None:
    """In the same way."""
    database.write(aliases=tuple(addresses[0] for addresses in WRITTEN.values()))

    async def fetch_all() -> Facts:
        async with AsyncSqlDirectory(database.url) as directory:
            return await directory.fetch(Keys(aliases=tuple(WRITTEN)))

    assert set(asyncio.run(fetch_all()).aliases or ()) == set(WRITTEN)


def test_similar_rows_are_not_found(database: Database) -> None:
    """A mailbox is not found by the address of another."""
    for mailbox, address in SIMILAR.items():
        database.write(aliases=(address,), addresses=(address,))
        with SqlDirectory(database.url) as directory:
            facts = fetch(directory, Keys(customers=("1",), aliases=(mailbox,)))
        assert facts.aliases == {}
        assert mailbox not in (facts.customers or {})["1"].email_addresses


@pytest.mark.parametrize("order", [1, -1])
def test_normalized_row_counts_where_a_mailbox_has_several(database: Database, order: int) -> None:
    """Whatever their order; of others the first in the order of their characters."""
    written = WRITTEN["kontakt@xn--bcher-kva.de"][:4][::order]
    database.write(aliases=written)
    with SqlDirectory(database.url) as directory:
        facts = fetch(directory, Keys(aliases=("kontakt@xn--bcher-kva.de",)))
        assert [one.department for one in (facts.aliases or {}).values()] == [
            f"department {written.index('kontakt@xn--bcher-kva.de')}"
        ]
        database.write(aliases=(written := ("kontakt@bücher.de", "kontakt@BÜCHER.DE")[::order]))
        facts = fetch(directory, Keys(aliases=("kontakt@xn--bcher-kva.de",)))
    assert [one.department for one in (facts.aliases or {}).values()] == [f"department {written.index('kontakt@BÜCHER.DE')}"]


def test_invalid_row_is_logged_once_and_matches_nothing(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """The other rows of the customer remain usable: no request ends in 500-100."""
    database.write(aliases=INVALID, addresses=(*INVALID, "jhenry@customer.com"))
    with caplog.at_level(logging.WARNING, "validator"), SqlDirectory(database.url) as directory:
        for _ in range(3):
            facts = fetch(directory, Keys(customers=("1",), aliases=INVALID))
            assert facts.customers == {"1": Customer("1", None, frozenset({"jhenry@customer.com"}))}
            assert facts.aliases == {}
    label = SqlDirectory(database.url)._query.address.label
    reason = "is not a valid email address, so no request can match it (such addresses: 1)"
    assert sorted(caplog.messages) == sorted(f"{label}: {address[:64]!r} {reason}" for address in INVALID)


def test_number_of_logged_addresses_is_limited(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table full of invalid addresses fills neither the log nor the memory."""
    monkeypatch.setattr(rows, "_MAX_SEEN", 2)
    database.write(addresses=INVALID)
    with SqlDirectory(database.url) as directory:
        fetch(directory, Keys(customers=("1",)))
        fetch(directory, Keys(customers=("1",)))
    assert len(caplog.messages) == 2


def test_invalid_rows_are_a_line_a_minute(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While requests find them; an export lists them all."""
    monkeypatch.setattr(rare_log, "INTERVAL", 60.0)
    database.write(addresses=INVALID)
    with SqlDirectory(database.url) as directory:
        fetch(directory, Keys(customers=("1",)))
    assert len(caplog.messages) == 1
    export_snapshot(database.url)
    assert len(caplog.messages) == 1 + len(INVALID)


def test_export_has_one_form_and_no_invalid_address(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """The exported file can be imported again."""
    addresses = ("FUß@customer.com", "a@BÜCHER.de", "nothing")
    database.write(aliases=addresses, addresses=addresses)
    document = export_snapshot(database.url)
    assert document["customers"] == [{"id": "1", "emailAddresses": ["fuß@customer.com", "a@xn--bcher-kva.de"]}]
    assert [one["address"] for one in document["aliases"]] == ["fuß@customer.com", "a@xn--bcher-kva.de"]
    assert len(caplog.messages) == 1
    import_snapshot(Snapshot.from_dict(document), database.url)
    assert export_snapshot(database.url) == document


def test_aliases_are_found_by_an_index(tmp_path: Any) -> None:
    """Creating the tables adds it to older ones."""
    url = f"sqlite:///{tmp_path / 'directory.db'}"
    create_tables(url)
    with open_file(url) as file:
        file.execute("DROP INDEX directory_aliases_lower")
    create_tables(url)
    with SqlDirectory(url) as directory, open_file(url) as file:
        query = directory._query
        plan = file.execute(f"EXPLAIN QUERY PLAN {query.statement}", query.make_parameters(Keys(aliases=("a@b.com",)))).fetchall()
    assert "SEARCH t USING INDEX directory_aliases_lower (<expr>=?)" in [row[3] for row in plan]


BODY = '{{"type": {{"value": "email", "subtype": {{"value": "general"}}}}, "subject": "a", "payload": {{"email": {{"emailAddresses": {{"{}": "{}"}}}}}}}}'  # noqa: E501


def validate(directory: Directory, name: str, address: str) -> Report:
    """Return the report of a request with one address."""
    body = BODY.format(name, address).encode()
    request = Request("11", "", [("Content-Type", "application/json")], body, Caller.customer("1"))
    return load("create-email-response", directory, lazy=True).validate(request)


def make_facts(address: str) -> Facts:
    """Return the facts of a custom directory that writes its addresses in this way."""
    customers = {"1": Customer("1", "Service", frozenset({address}))}
    return Facts(None, customers, {"11": Activity("11", "1")}, {address: Alias(address, active=True, department="Sales")}, {}, {})


@dataclass
class Custom:
    """A Directory that returns all its facts, as a user's own may do."""

    facts: Facts
    calls: int = 0

    def fetch(self, _keys: Keys) -> Facts:
        """Return the facts."""
        self.calls += 1
        return self.facts


@pytest.mark.parametrize("wrap", [lambda source: source, Cached], ids=["custom", "cached"])
@pytest.mark.parametrize(("mailbox", "address"), PAIRS, ids=ascii)
def test_custom_directory_may_write_addresses_in_any_way(
    wrap: Callable[[Directory], Directory], mailbox: str, address: str
) -> None:
    """The report is that of a directory which has the mailbox as the key, also from the cache."""
    expected, directory = Custom(make_facts(mailbox)), wrap(Custom(make_facts(address)))
    for written in WRITTEN[mailbox]:
        for _ in range(2):
            for name in ("from", "receiver"):
                report = validate(directory, name, written)
                assert (report.failures, report.department) == ((), "Service" if name == "from" else "Sales")
                assert encode_report(report) == encode_report(validate(expected, name, written))


@pytest.mark.parametrize(("mailbox", "address"), SIMILAR.items(), ids=ascii)
def test_custom_directory_with_a_similar_address_does_not_match(mailbox: str, address: str) -> None:
    """Neither as a sender nor as a receiver."""
    for name, code in (("from", "400-734"), ("receiver", "400-735")):
        for directory in (Custom(make_facts(address)), Cached(Custom(make_facts(address)))):
            report = validate(directory, name, mailbox)
            assert [failure.code for failure in report.failures] == [code]


def test_cache_has_one_entry_for_a_mailbox() -> None:
    """However requests and the source write it."""
    source = Custom(make_facts("Kontakt@BÜCHER.de"))
    cached = Cached(source)
    for written in WRITTEN["kontakt@xn--bcher-kva.de"]:
        assert validate(cached, "receiver", written).accepted
    assert source.calls == 1


def test_asynchronous_cache_finds_every_form() -> None:
    """In the same way."""

    class AsyncCustom:
        async def fetch(self, _keys: Keys) -> Facts:
            return make_facts("Kontakt@BÜCHER.de")

    facts = fetch(AsyncCached(AsyncCustom()), Keys(aliases=("kontakt@xn--bcher-kva.de", "a@b.com")))
    assert set(facts.aliases or ()) == {"kontakt@xn--bcher-kva.de"}
