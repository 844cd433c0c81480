"""The pause of the garbage collector while a large body is read, and the time that large bodies take."""

import gc
import os
import threading
import time
from collections.abc import Iterator

import pytest

from tests.hostile import expect_linear_time
from validator import Caller, Engine, Report, Request, load
from validator.body import json_fast, large
from validator.body.json_strict import find_excess_depth
from validator.body.large import LARGE_BODY, pause_collector
from validator.body.tree import Body
from validator.model.request import JSON


@pytest.fixture(autouse=True)
def enabled_collector() -> Iterator[None]:
    """Start with an enabled collector, and require that a test ends with it."""
    assert gc.isenabled()
    yield
    assert gc.isenabled()


def test_collector_is_paused_and_enabled_again() -> None:
    """Also after an exception, and not before the outer of two nested pauses ends."""

    def fail() -> None:
        with pause_collector():
            with pause_collector():
                assert not gc.isenabled()
            assert not gc.isenabled()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert gc.isenabled()


def test_collector_disabled_by_the_application_stays_disabled() -> None:
    """It is not enabled for it."""
    gc.disable()
    try:
        with pause_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_overlapping_pauses_end_with_an_enabled_collector() -> None:
    """The first thread to finish ends the pause, so that overlapping bodies cannot disable the collector for ever."""
    inside, may_leave = threading.Event(), threading.Event()

    def read_slowly() -> None:
        with pause_collector():
            inside.set()
            may_leave.wait(10)

    thread = threading.Thread(target=read_slowly)
    thread.start()
    assert inside.wait(10)
    with pause_collector():
        assert not gc.isenabled()
    assert not gc.isenabled()
    may_leave.set()
    thread.join()
    assert gc.isenabled()


def test_many_threads_leave_the_collector_enabled() -> None:
    """Whatever their order is."""

    def pause_often() -> None:
        for _ in range(300):
            with pause_collector():
                time.sleep(0)

    threads = [threading.Thread(target=pause_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gc.isenabled()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_process_forked_during_a_pause_has_a_collector() -> None:
    """It lacks the thread that would end the pause."""
    with pause_collector():
        child = os.fork()
        if child == 0:
            os._exit(0 if gc.isenabled() else 1)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_system_without_fork_registers_nothing() -> None:
    """The module is imported there like elsewhere."""
    large._ignore(after_in_child=gc.enable)


@pytest.mark.parametrize(("size", "expected"), [(LARGE_BODY - 1, True), (LARGE_BODY, False)])
def test_collector_is_paused_for_large_bodies_only(size: int, *, expected: bool) -> None:
    """For others a pause costs more than it saves."""
    seen: list[bool] = []

    def read(_body: bytes, _limit: int) -> Body:
        seen.append(gc.isenabled())
        return Body({})

    definition = load("create-email-response").definition._replace(readers={JSON: lambda: read})
    request = Request("2001", body=b"a" * size, caller=Caller.customer("1001"))
    Engine(definition, None).validate(request)
    assert seen == [expected]


TYPE = '{"type":{"value":"email","subtype":{"value":"general"}},'
UNIT = "[" * 97 + "]" * 97 + ","


def validate(engine: Engine, body: str) -> Report:
    """Return the report of a JSON body."""
    headers = [("Content-Type", "application/json")]
    return engine.validate(Request("2001", "", headers, body.encode(), Caller.customer("1001")))


def make_sawtooth(size: int, tail: str) -> str:
    """Return a body with the units of an unknown list, and a tail."""
    return TYPE + '"a":[' + UNIT * (size // len(UNIT)) + tail


@pytest.mark.parametrize("count", [1, 400])
@pytest.mark.parametrize(
    ("tail", "code", "offset"),
    [
        ("0]}", "400-721", None),
        ("0]", "400-714", 2),
        ('"\\ud800"]}', "400-714", 1),
        ("[" * 99 + "]", "400-718", 98),
        ("[" * 98 + "0", "400-718", 98),
        ("[" * 98 + '"', "400-714", 98),
        ("NaN]}", "400-714", 0),
    ],
)
def test_sawtooth_gives_the_report_of_its_end(engine: Engine, count: int, tail: str, code: str, offset: int | None) -> None:
    """The same for a small and a large body: one is parsed once, the other is searched for excess depth first."""
    head = make_sawtooth(count * len(UNIT), "")
    assert (len(head) >= LARGE_BODY) is (count > 1)
    report = validate(engine, head + tail)
    column = len(head) + offset + 1 if offset is not None else len(TYPE) + 1
    assert [(failure.code, failure.pointer) for failure in report.failures] == [(code, "" if offset is not None else "/a")]
    assert report.positions() == ((1, column),)


@pytest.mark.parametrize("tail", ["0]}", "0]"])
def test_collector_never_visits_the_tree_of_a_refused_body(tail: str) -> None:
    """The tree is freed before the collector is enabled: a visit would take as long as all the rest."""
    engine, body = load("create-email-response", engine="fast"), make_sawtooth(1 << 17, tail)
    validate(engine, body)
    collections: list[str] = []
    gc.collect()
    gc.callbacks.append(lambda phase, _info: collections.append(phase))
    try:
        assert not validate(engine, body).accepted
    finally:
        gc.callbacks.pop()
    assert collections == []


@pytest.mark.parametrize("size", [1 << 17, (1 << 17) + 7, 1 << 20, (1 << 20) - 195, 195 * 21 * 256 + 1])
@pytest.mark.parametrize("unit", ["," + "[" * 97 + "]" * 97, ",[]", ',{"":0}', "0,[[]]", "],[0,["])
def test_brackets_are_seen_whatever_their_period(size: int, unit: str) -> None:
    """A sample of characters at a distance that is a multiple of the period would have the same character again and again."""
    assert json_fast._is_dense((unit * (size // len(unit))).encode())
    assert not json_fast._is_dense((('"abcdefgh",' * 200 + unit) * (size // 2_400)).encode())


def test_large_shallow_body_of_brackets_is_validated() -> None:
    """It may be valid, so it is not refused for its brackets."""
    engine = load("create-email-response", engine="fast")
    head = TYPE + '"attachments":{"attachment":['
    assert validate(engine, head + '{"altId":"a"},' * 6000 + '{"altId":"a"}]}}').accepted
    report = validate(engine, head + "{}," * 30_000 + "{}]}}")
    assert ({failure.code for failure in report.failures}, len(report.failures), report.more) == ({"400-720"}, 100, True)


def test_excess_depth_is_searched_in_linear_time() -> None:
    """Also where a string that does not end follows a text that is exactly at the limit."""
    text = "[" * 100 + "]" * 99 + '"' + '\\"' * 500_000
    with expect_linear_time():
        assert find_excess_depth(text) is None


def test_resuming_twice_changes_nothing() -> None:
    """The second of two threads that overlap has nothing to resume, and leaves a disabled collector alone."""
    gc.disable()
    try:
        large._resume()
        assert not gc.isenabled()
    finally:
        gc.enable()
