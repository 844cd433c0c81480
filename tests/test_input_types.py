"""Types of the values that users pass to an engine: requests and the facts of directories."""

import asyncio
from collections import ChainMap
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

import pytest

from tests.test_acceptance import LaterSource, Source, assert_internal_error
from tests.test_engine import CALLER, FAST, GOOD, GOOD_XML, OPERATION, TENANT, codes_of, post
from validator import Facts, Request, Settings, Snapshot, load
from validator.model import input_types
from validator.model.directory import Keys
from validator.model.request import JSON, XML

TYPE_ERROR: Final = "validator.errors.InputTypeError at "


class Text(str):
    """A subclass, such as frameworks have."""

    __slots__ = ()


FACTS: Final = TENANT.facts
BAD_FACTS: Final[dict[str, tuple[Any, str]]] = {
    "none": (None, "the answer of the directory must be Facts, got None"),
    "mapping": ({}, "the answer of the directory must be Facts, got dict"),
    "tuple": ((None,) * 6, "the answer of the directory must be Facts, got tuple"),
    "settings-none": (
        FACTS._replace(settings=Settings(cast("Any", None))),
        "Settings.customer_departmentalization must be bool, got None",
    ),
    "settings-text": (
        FACTS._replace(settings=Settings(cast("Any", "false"))),
        "Settings.customer_departmentalization must be bool, got str",
    ),
    "settings-flag": (FACTS._replace(settings=cast("Any", 0)), "Facts.settings must be Settings, got int"),
    "customers-list": (FACTS._replace(customers=cast("Any", [])), "Facts.customers must be Mapping, got list"),
    "aliases-text": (FACTS._replace(aliases=cast("Any", "")), "Facts.aliases must be Mapping, got str"),
}


@pytest.mark.parametrize("kind", ["fast", "reference"])
@pytest.mark.parametrize("name", BAD_FACTS)
def test_facts_of_a_wrong_type_are_an_internal_error(name: str, kind: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The log names the field, before any rule is checked."""
    answer, text = BAD_FACTS[name]
    assert_internal_error(load(OPERATION, Source(answer), kind), caplog, f"the reference data could not be reached: {TYPE_ERROR}")
    assert text in caplog.text
    report = asyncio.run(load(OPERATION, LaterSource(answer), kind).validate_async(post()))
    assert (codes_of(report), report.stage) == (["500-100"], "rules")


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_coroutine_of_a_synchronous_call_is_named(caplog: pytest.LogCaptureFixture) -> None:
    """An asynchronous directory cannot be used by ``validate``."""
    assert codes_of(load(OPERATION, LaterSource(FACTS)).validate(post())) == ["500-100"]
    assert "the answer of the directory must be Facts, got coroutine" in caplog.text


BODY: Final = GOOD[:-1] + (
    b', "payload": {"email": {"emailAddresses": {"receiver": "support@business.com"}, "messageCenter": {"id": "3001"}}},'
    b' "customAttributes": {"customAttribute": [{"name": "priority", "value": "high"}]}}'
)


def _entities() -> Iterator[tuple[str, str, Any, str]]:
    """Yield section, key, an entity of a wrong type, and the text in the log."""
    wrong: dict[str, tuple[str, dict[str, Any]]] = {
        "customers": ("1001", {"id": 1001, "department": 1, "email_addresses": "a@b.co", "may_act_for": "1002"}),
        "activities": ("2001", {"id": 2001, "customer": 1001}),
        "aliases": ("support@business.com", {"address": None, "active": "false", "department": b"Service"}),
        "message_centers": ("3001", {"id": None, "active": 1, "department": 0, "issue_types": ["4001"]}),
        "custom_attributes": ("priority", {"name": b"priority", "type": None, "values": "high", "allowed_characters": "a"}),
    }
    for section, (key, fields) in wrong.items():
        entity = getattr(FACTS, section)[key]
        kind = type(entity).__name__
        for field, value in fields.items():
            yield section, key, entity._replace(**{field: value}), f"Facts.{section}: {kind}.{field} must be "
        yield section, key, None, f"an entity of Facts.{section} must be {kind}, got None"
        yield section, key, tuple(entity), f"an entity of Facts.{section} must be {kind}, got tuple"
        yield section, key, Settings(True), f"an entity of Facts.{section} must be {kind}, got Settings"  # noqa: FBT003 - its only field
        other = entity._replace(**{entity._fields[0]: f"x{entity[0]}"})
        yield section, key, other, f"Facts.{section}: {kind}.{entity._fields[0]} must be the key of the entity"


@pytest.mark.parametrize(("section", "key", "entity", "text"), list(_entities()))
def test_entity_of_a_wrong_type_is_an_internal_error(
    section: str, key: str, entity: Any, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Also in a snapshot that was not read from a file."""
    entities: Any = {**getattr(FACTS, section), key: entity}
    facts = FACTS._replace(**{section: entities})
    assert load(OPERATION, Source(Facts(*FACTS))).validate(post(BODY)).accepted
    for directory in (Source(facts), Snapshot(facts)):
        assert_internal_error(load(OPERATION, directory), caplog, text, post(BODY))


def test_entities_of_subclasses_and_other_forms_are_accepted() -> None:
    """An alias may have its address in another form than its key; sets and strings may be of other classes."""
    alias, customer = (FACTS.aliases or {})["support@business.com"], (FACTS.customers or {})["1001"]
    aliases = {"support@business.com": alias._replace(address="Support@BUSINESS.com")}
    customers = {"1001": customer._replace(id=Text("1001"), may_act_for=cast("Any", {"1002"}))}
    facts = FACTS._replace(aliases=aliases, customers=customers)
    assert load(OPERATION, Source(facts)).validate(post(BODY)).accepted


def test_section_may_be_any_mapping_next_to_one_that_is_not_supplied() -> None:
    """Rules that need the other one are skipped."""
    facts = FACTS._replace(customers=ChainMap(dict(FACTS.customers or {})), message_centers=None)
    report = load(OPERATION, Source(facts)).validate(post(BODY))
    assert report.accepted
    assert {skip.missing for skip in report.skipped} == {("message_centers",)}


def test_entities_of_others_are_not_checked() -> None:
    """A request is not refused because of an entity that it does not refer to."""
    facts = FACTS._replace(customers={**(FACTS.customers or {}), "999": cast("Any", None)})
    assert load(OPERATION, Source(facts)).validate(post(BODY)).accepted


def test_entity_that_can_change_is_checked_for_each_request(caplog: pytest.LogCaptureFixture) -> None:
    """One that cannot change is checked once, but never under another key or in another section."""
    customer: Any = (FACTS.customers or {})["1001"]
    entities: Any = {"1001": customer._replace(may_act_for={"1002"})}
    engine = load(OPERATION, Source(FACTS._replace(customers=entities)))
    assert engine.validate(post(BODY)).accepted
    center: Any = (FACTS.message_centers or {})["3001"]
    for wrong, text in (
        (customer._replace(department=1), "Customer.department must be str or None, got int"),
        ((FACTS.customers or {})["1002"], "Customer.id must be the key of the entity"),
        (center, "an entity of Facts.customers must be Customer, got MessageCenter"),
        (center._replace(id="1001"), "an entity of Facts.customers must be Customer, got MessageCenter"),
    ):
        entities["1001"] = wrong
        caplog.clear()
        assert_internal_error(engine, caplog, text, post(BODY))


def test_number_of_remembered_entities_is_limited() -> None:
    """A directory that creates new entities for each request does not fill the memory."""
    customer: Any = (FACTS.customers or {})["1001"]
    for number in range(2 * input_types._MAX_CHECKED):
        entities = {"1001": customer._replace(department=f"{number}")}
        input_types.check_facts(Facts(*FACTS._replace(customers=entities)), Keys(("1001",), (), (), (), ()))
        assert len(input_types._CHECKED[0]) <= input_types._MAX_CHECKED


BAD_REQUESTS: Final[dict[str, tuple[Any, str]]] = {
    "none": (None, "the request must be Request, got None"),
    "ids-bytes": (post(ids=b"2001"), "Request.ids must be str or None, got bytes"),
    "ids-int": (post(ids=2001), "Request.ids must be str or None, got int"),
    "query-none": (post(query=None), "Request.query must be str, got None"),
    "query-bytes": (post(query=b""), "Request.query must be str, got bytes"),
    "body-text": (post(cast("Any", GOOD.decode())), "Request.body must be bytes or bytearray or memoryview or None, got str"),
    "body-list": (post(cast("Any", [])), "Request.body must be bytes or bytearray or memoryview or None, got list"),
    "caller-text": (post(caller="1001"), "Request.caller must be Caller or None, got str"),
    "caller-false": (post(caller=False), "Request.caller must be Caller or None, got bool"),
    "caller-id": (post(caller=CALLER._replace(id=cast("Any", 1001))), "Caller.id must be str or None, got int"),
    "caller-kind": (post(caller=CALLER._replace(kind=cast("Any", None))), "Caller.kind must be str, got None"),
    "oversized-none": (post(oversized=None), "Request.oversized must be bool, got None"),
    "oversized-text": (post(oversized="false"), "Request.oversized must be bool, got str"),
    "merged-int": (post(headers_merged=0), "Request.headers_merged must be bool, got int"),
}


@pytest.mark.parametrize("kind", ["fast", "reference"])
@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_request_with_a_field_of_a_wrong_type_is_an_internal_error(
    name: str, kind: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It is a mistake of the server's: the log names the field, and a head is refused as the whole request."""
    request, text = BAD_REQUESTS[name]
    engine = load(OPERATION, TENANT, kind)
    for call in (engine.validate, engine.validate_head, lambda one: asyncio.run(engine.validate_async(one))):
        caplog.clear()
        report = call(request)
        assert report is not None
        assert codes_of(report) == ["500-100"]
        (record,) = caplog.records
        assert f"{TYPE_ERROR}" in record.getMessage()
        assert text in record.getMessage()


@pytest.mark.parametrize("kind", ["fast", "reference"])
@pytest.mark.parametrize("media", [JSON, XML])
@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, lambda body: memoryview(bytearray(body))[::1]])
def test_bytes_like_bodies_are_read_alike(wrap: Callable[[bytes], Any], media: str, kind: Any) -> None:
    """A body is the same body whatever holds it, valid or not, empty or not."""
    engine = load(OPERATION, TENANT, kind)
    for body in (GOOD if media == JSON else GOOD_XML, b"{}", b"<a/>", b"", b"\xef\xbb\xbf", b"\xff", b" "):
        headers = [("Content-Type", media)]
        expected = engine.validate(post(body, headers=headers))
        report = engine.validate(post(wrap(body), headers=headers))
        assert report == expected
        assert report.positions() == expected.positions()
        assert engine.read_rule_input(post(wrap(body), headers=headers)) == engine.read_rule_input(post(body, headers=headers))


def test_reversed_memoryview_is_read_in_its_order() -> None:
    """A body need not be contiguous in memory."""
    assert FAST.validate(post(cast("Any", memoryview(GOOD[::-1])[::-1]))).accepted


def test_subclasses_are_accepted() -> None:
    """Of strings, bytes, requests and callers."""
    request = type("Other", (Request,), {})(
        Text("2001"), Text(), (), type("B", (bytes,), {})(GOOD), type(CALLER)("customer", Text("1001"))
    )
    assert FAST.validate(request).accepted


def test_directory_that_holds_all_facts_returns_checked_ones(caplog: pytest.LogCaptureFixture) -> None:
    """Its facts are used as they are: plain ones could have any types."""
    directory = type("All", (), {"holds_all_facts": True, "fetch": lambda _self, _keys: Facts(*TENANT.facts)})()
    report = load(OPERATION, directory).validate(post())
    assert (codes_of(report), report.stage) == (["500-100"], "rules")
    assert "the answer of a directory that holds all facts must be CheckedFacts, got Facts" in caplog.text
