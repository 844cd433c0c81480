"""Engines, snapshots and reports can be pickled and copied: for process pools, and for engines of data."""

import copy
import multiprocessing
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pytest

from tests.paths import ROOT
from tests.test_engine import CALLER, FAST, GOOD, GOOD_XML, OPERATION, TENANT, post
from validator import Caller, Engine, Facts, Report, Request, Snapshot, load
from validator.model.directory import CheckedFacts
from validator.model.request import JSON, XML
from validator.output.report_json import serialize_report

HOME: Final = ROOT / "tests" / "rate_activity_home"
ADVISED: Final = GOOD[:-1] + b', "payload": {"email": {"content": {"html": "<img src=\'cid:x\'>"}}}}'
REQUESTS: Final = {
    "accepted": post(),
    "accepted-xml": post(GOOD_XML, headers=[("Content-Type", XML)]),
    "with-advisory": post(ADVISED),
    "access": post(caller=None),
    "negotiation": post(headers=[("Accept", "a")]),
    "structure": post(b'{"type": {},\n "x": 1, "x": 2}', query="x=1&y=2", headers=[("Accept", XML)]),
    "structure-xml": post(b"<activity>\n <x/></activity>", headers=[("Content-Type", XML)]),
    "malformed": post(b"\xef\xbb\xbf{\n"),
    "too-large": post(oversized=True),
    "rules": post(GOOD[:-1] + b', "attachments": {"attachment": [{"altId": "a", "inline": true}]}}'),
    "skipped": post(query="customer=9999", headers_merged=True),
}


def by_pickle(protocol: int) -> Callable[[Any], Any]:
    """Return the function that pickles and unpickles."""
    return lambda value: pickle.loads(pickle.dumps(value, protocol))


COPIES: Final[dict[str, Callable[[Any], Any]]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{f"protocol-{number}": by_pickle(number) for number in range(pickle.HIGHEST_PROTOCOL + 1)},
}


def describe(report: Report) -> tuple[Any, ...]:
    """Return everything that a report says."""
    regions = report.regions(report.advisories)
    return serialize_report(report), report.response(), report.status, report.media, report.positions(), regions, repr(report)


@pytest.fixture(params=COPIES)
def duplicate(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """Return a way to make a copy."""
    return COPIES[request.param]


@pytest.mark.parametrize("name", REQUESTS)
def test_copy_of_a_report_says_the_same(name: str, duplicate: Callable[[Any], Any], engine: Engine) -> None:
    """Positions, advisories and the response included."""
    report = engine.validate(REQUESTS[name])
    other = duplicate(report)
    assert (other == report, hash(other) == hash(report), other.accepted) == (True, True, report.accepted)
    assert describe(other) == describe(report)
    assert describe(duplicate(other)) == describe(report)


@pytest.mark.parametrize("name", REQUESTS)
def test_copy_of_an_engine_gives_the_same_reports(name: str, duplicate: Callable[[Any], Any], engine: Engine) -> None:
    """It has the same limits and reference data, and the same kind of readers."""
    small = Engine(engine.definition, TENANT, body_limit=300, failure_limit=1)
    for original in (engine, small):
        other = duplicate(original)
        assert (other.body_limit, other.failure_limit) == (original.body_limit, original.failure_limit)
        assert other.definition.origin == original.definition.origin
        assert other.definition.readers[JSON]().__module__ == original.definition.readers[JSON]().__module__
        assert describe(other.validate(REQUESTS[name])) == describe(original.validate(REQUESTS[name]))


def test_copy_of_a_snapshot_has_equal_facts(duplicate: Callable[[Any], Any]) -> None:
    """They stay read-only, and their types need no check again; facts that were never checked stay so."""
    other = duplicate(TENANT)
    assert other == TENANT
    assert type(other.facts) is CheckedFacts
    assert {type(section) for section in other.facts[1:]} == {MappingProxyType}
    for facts in (Facts(), Facts(customers={}), TENANT.facts._replace(aliases=None)):
        snapshot = duplicate(Snapshot(facts))
        assert (snapshot.facts, type(snapshot.facts)) == (facts, Facts)


def test_changed_facts_are_not_trusted() -> None:
    """Those of a snapshot file were checked; a part that replaces another was not. They look the same."""
    assert type(TENANT.facts._replace(settings=None)) is Facts
    assert repr(TENANT.facts) == repr(Facts(*TENANT.facts))


def test_engine_of_an_own_operation_is_loaded_from_its_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the same folder, wherever the other process runs."""
    monkeypatch.chdir(HOME.parent)
    engine = load("rate-activity", TENANT, home=HOME.name)
    data = pickle.dumps(engine)
    monkeypatch.chdir(tmp_path)
    other = pickle.loads(data)
    request = Request("2001", "", (), b'{"score": {"value": "poor"}}', CALLER)
    assert describe(other.validate(request)) == describe(engine.validate(request))
    assert describe(copy.deepcopy(engine).validate(request)) == describe(engine.validate(request))


def test_copy_of_an_operation_is_the_operation() -> None:
    """It is immutable, and compiled schemas cannot be copied."""
    assert copy.copy(FAST.definition) is copy.deepcopy(FAST.definition) is FAST.definition


def test_reports_share_the_operation_that_was_loaded_again() -> None:
    """A thousand reports do not load it a thousand times."""
    first, second = (pickle.loads(pickle.dumps(FAST.validate(one))) for one in (post(), post(b"{}")))
    assert first.source.operation is second.source.operation


def test_report_is_pickled_without_its_directory() -> None:
    """Reference data stay where they are, also if they cannot be pickled."""
    directory = type("Local", (), {"fetch": lambda _self, _keys: Facts(*TENANT.facts), "lock": lambda: None})()
    report = load(OPERATION, directory).validate(post())
    assert report.accepted
    assert describe(pickle.loads(pickle.dumps(report))) == describe(report)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_process_pool_validates(method: str) -> None:
    """An engine goes to the processes, requests follow, and reports come back."""
    requests = [one._replace(headers=tuple(one.headers)) for one in REQUESTS.values()]
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        reports = list(pool.map(FAST.validate, requests))
        assert pool.submit(os.getpid).result() != os.getpid()
    assert [describe(one) for one in reports] == [describe(FAST.validate(one)) for one in requests]


def test_requests_and_callers_can_be_pickled(duplicate: Callable[[Any], Any]) -> None:
    """They travel with the engine."""
    for one in REQUESTS.values():
        assert duplicate(one) == one
    assert duplicate(Caller.other("user")) == Caller.other("user")
