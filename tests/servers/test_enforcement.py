"""Enforcement of reports: the steps of a check, answers, verdicts, and observed codes."""

import asyncio
import logging
from itertools import count
from typing import Any, Final, NamedTuple, cast

import pytest

from tests.servers.parts import ENGINE, GOOD, LIMIT, OPERATION, SMALL, TENANT
from validator import Caller, Request, enforcement, load
from validator.enforcement import (
    REPORT_KEY,
    Arrival,
    Body,
    Enforcer,
    MissingReportError,
    ObserveSetting,
    Outcome,
    SetupError,
    Verdict,
    check_synchronous,
    find_report,
    parse_content_length,
    read_parameter,
)
from validator.model import common_codes
from validator.model.directory import Facts, Keys

CALLER = Caller.customer("1001")
ACCEPTED = ENGINE.validate(Request("2001", body=GOOD, caller=CALLER))
REFUSED = ENGINE.validate(Request("2001", "x=1", body=b"{}", caller=CALLER))  # 400-101, 400-720


def verdict_of(verdict: Any, code: str | None, stage: str, seconds: float) -> Verdict:
    """Return the verdict on a request for which no rule was skipped."""
    return Verdict(OPERATION, verdict, code, stage, seconds)


def create(observe: ObserveSetting, verdicts: list[Verdict] | None = None) -> Enforcer:
    """Return an enforcer that appends its verdicts to a list."""
    return Enforcer.create(ENGINE, None, observe, None if verdicts is None else verdicts.append, headers_merged=False)


@pytest.mark.parametrize(
    ("observe", "verdict", "codes"),
    [
        (False, "refused", ["400-101", "400-720"]),
        ((), "refused", ["400-101", "400-720"]),
        ({"400-101"}, "refused", ["400-720"]),
        ({"400-720"}, "refused", ["400-101"]),
        (["400-101", "400-720"], "observed", []),
        (True, "observed", []),
    ],
)
def test_observed_codes_do_not_refuse(observe: ObserveSetting, verdict: str, codes: list[str]) -> None:
    """The answer lists enforced failures only. The verdict has the first of them, or the first observed one if there is none."""
    verdicts: list[Verdict] = []
    answer = create(observe, verdicts).enforce(REFUSED, 0.5)
    assert verdicts == [verdict_of(verdict, codes[0] if codes else "400-101", "structure", 0.5)]
    assert (answer is None) == (not codes)
    if answer is not None:
        assert [code for code in ("400-101", "400-720") if code.encode() in answer.body] == codes


def test_accepted_request_passes() -> None:
    """Its verdict has no code."""
    verdicts: list[Verdict] = []
    assert create((), verdicts).enforce(ACCEPTED, 0.25) is None
    assert verdicts == [Verdict(OPERATION, "accepted", None, "rules", 0.25)]
    assert create(()).enforce(ACCEPTED, 0.25) is None


def test_failures_beyond_the_limit_refuse() -> None:
    """A request with more failures than the limit is refused, even if all reported ones are observed."""
    engine = load(OPERATION, TENANT, failure_limit=1)
    report = engine.validate(Request("2001", body=GOOD[:-1] + b', "a": 1, "b": 1}', caller=CALLER))
    assert report.more
    for observe, answers in (({"400-721"}, True), (True, False)):
        answer = Enforcer.create(engine, None, observe, None, headers_merged=False).enforce(report, 0)
        assert (answer is not None) == answers


def test_failing_callback_does_not_affect_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    """The log has the type of the error and not its text, which could hold a client's data."""

    def fail(_verdict: Verdict) -> None:
        raise ValueError("s3cret")

    with caplog.at_level(logging.ERROR, "validator"):
        answer = Enforcer.create(ENGINE, None, False, fail, headers_merged=False).enforce(REFUSED, 0)  # noqa: FBT003 - observe nothing
    assert answer == REFUSED.response()
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("validator", "ERROR")
    assert record.getMessage().startswith("on_verdict failed: builtins.ValueError at ")
    assert "s3cret" not in caplog.text


def test_callback_may_end_the_program() -> None:
    """An interrupt in it is not an error of it."""

    def interrupt(_verdict: Verdict) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Enforcer.create(ENGINE, None, False, interrupt, headers_merged=False).enforce(ACCEPTED, 0)  # noqa: FBT003 - observe nothing


def test_unknown_code_cannot_be_observed() -> None:
    """A mistyped code would refuse requests that should pass."""
    with pytest.raises(ValueError, match=r"^create-email-response has no code '400-999', 'all'$"):
        create({"all", "400-999", "400-101"})


@pytest.mark.parametrize(
    ("text", "length"),
    [("0", 0), ("007", 7), ("9" * 5000, 10**18 - 1), ("", None), ("-1", None), ("1 ", None), ("٣", None), ("1,1", None)],
)
def test_content_length_is_parsed(text: str, length: int | None) -> None:
    """It consists of ASCII digits, of which 18 are enough for any body."""
    assert parse_content_length(text) == length


def test_enforcer_has_the_route_of_its_engine_and_the_given_templates() -> None:
    """A template may be given alone, in a list, or not at all."""
    operation_path = ENGINE.endpoint.path
    for template, templates in ((None, ()), ("/a/{ids}", ("/a/{ids}",)), (["/a/{ids}", "/b/{ids}"], ("/a/{ids}", "/b/{ids}"))):
        enforcer = Enforcer.create(ENGINE, template, ["400-101"], print, headers_merged=True)
        assert (enforcer.route.method, enforcer.route.templates) == ("POST", (operation_path, *templates))
        assert enforcer == Enforcer(ENGINE, enforcer.route, frozenset({"400-101"}), print, headers_merged=True)


HEADERS: Final = (("Content-Type", "application/json"), ("Accept-Language", "en, de"))
UNREAD: Final = Body()
COMPLETE: Final = Body(GOOD, is_complete=True)
GONE: Final = Body(GOOD[:9], is_gone=True)
Checked = tuple[Outcome, list[Verdict], list[int]]


def arrive(query: str = "", *, caller: Any = CALLER, ids: str | None = "2001") -> Arrival:
    """Return a request whose head has arrived. caller: an exception is raised."""
    return Arrival(query, HEADERS, True, lambda: ids, lambda: raise_or_return(caller))  # noqa: FBT003 - merged headers


def raise_or_return(value: Any) -> Any:
    """Raise an exception, or return any other value."""
    if isinstance(value, BaseException):
        raise value
    return value


class Check(NamedTuple):
    """A way to check a request: ``check``, or ``check_async``, which awaits."""

    is_async: bool

    def __call__(self, arrival: Arrival, body: Any = COMPLETE, observe: ObserveSetting = ()) -> Checked:
        """Return the outcome, the verdicts, and the limits with which the body was read. body: an exception is raised."""
        limits, verdicts = list[int](), list[Verdict]()
        enforcer = Enforcer.create(SMALL, None, observe, verdicts.append, headers_merged=False)

        def read(limit: int) -> Body:
            limits.append(limit)
            return cast("Body", raise_or_return(body))

        async def read_async(limit: int) -> Body:
            return read(limit)

        if self.is_async:
            return asyncio.run(enforcer.check_async(arrival, read_async)), verdicts, limits
        return enforcer.check(arrival, read), verdicts, limits


@pytest.fixture(name="check", params=[False, True], ids=["check", "check_async"])
def check_fixture(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Return a way to check requests, with a clock that shows 1, 2, 4 and so on, so that each difference has one meaning."""
    powers = count()
    monkeypatch.setattr(enforcement, "perf_counter", lambda: 2 ** next(powers))
    return Check(request.param)


def make_request(query: str = "", content: bytes = GOOD, *, oversized: bool = False) -> Request:
    """Return the request that an arrival and its body make."""
    return Request("2001", query, HEADERS, content, CALLER, oversized, headers_merged=True)


@pytest.mark.parametrize(
    ("query", "body", "request_"),
    [
        ("", COMPLETE, make_request()),
        ("", Body(b"{}", is_complete=True), make_request(content=b"{}")),
        ("x=1", COMPLETE, make_request("x=1")),
        ("", Body(GOOD), make_request(oversized=True)),
        ("", Body(GOOD, is_complete=True, is_cut=True), make_request(oversized=True)),
    ],
)
def test_request_gets_the_report_of_the_engine(check: Check, query: str, body: Body, request_: Request) -> None:
    """With the headers, the query, the caller and the body that arrived. The time to read the body is not counted."""
    report = SMALL.validate(request_)
    outcome, verdicts, limits = check(arrive(query), body)
    assert outcome == Outcome(report, body, report.response())
    code, verdict = (report.failures[0].code, "refused") if report.failures else (None, "accepted")
    assert verdicts == [verdict_of(verdict, code, report.stage, (2 - 1) + (8 - 4))._replace(skipped=report.skipped)]
    assert limits == [LIMIT]


@pytest.mark.parametrize(("observe", "verdict"), [(False, "refused"), (True, "observed")])
def test_body_of_a_request_that_its_head_refuses_is_not_read(check: Check, *, observe: bool, verdict: str) -> None:
    """Observed or not."""
    report = SMALL.validate(Request("2001", "", HEADERS, GOOD, None))
    outcome, verdicts, limits = check(arrive(caller=None), observe=observe)
    assert outcome == Outcome(report, UNREAD, None if observe else report.response())
    assert (verdicts, limits) == ([verdict_of(verdict, "401-101", "access", 1)], [])


def test_request_whose_client_has_gone_does_not_pass(check: Check) -> None:
    """Unless every request does. A synchronous server wants an answer: that of the request without a body."""
    outcome, verdicts, _ = check(arrive(), GONE, ["400-264"])
    answer = None if check.is_async else SMALL.validate(make_request(content=b"")).response()
    assert (outcome, verdicts) == (Outcome(None, GONE, answer), [])
    report = SMALL.validate(make_request(content=GONE.content, oversized=True))
    outcome, verdicts, _ = check(arrive(), GONE, observe=True)
    assert outcome == Outcome(report, GONE, None)
    assert [verdict.verdict for verdict in verdicts] == ["observed"]


def test_error_of_the_server_is_an_internal_error(check: Check, caplog: pytest.LogCaptureFixture) -> None:
    """Where the caller cannot be found or is something else: the request has no ID, no caller and no body then."""
    failure = common_codes.INTERNAL_ERROR.failure()
    for caller, logged in (
        (LookupError("s3cret"), "builtins.LookupError at "),
        ("1001", "InputTypeError at "),
        ("1001", "the caller must be a Caller or None, got str"),
    ):
        caplog.clear()
        outcome, verdicts, limits = check(arrive(caller=caller))
        assert outcome.report is not None
        assert (outcome.report.failures, outcome.report.stage, outcome.body) == ((failure,), "access", UNREAD)
        assert outcome.answer == outcome.report.response()
        assert (verdicts, limits) == ([Verdict(OPERATION, "refused", "500-100", "access", 0)], [])
        assert logged in caplog.text
        assert "s3cret" not in caplog.text


def test_error_of_the_server_is_answered_in_the_format_of_the_request(check: Check) -> None:
    """Which its headers name."""
    arrival = arrive(caller=LookupError())._replace(headers=[("Accept", "application/xml")])
    answer = check(arrival)[0].answer
    assert answer is not None
    assert answer.headers[0] == ("Content-Type", "application/xml")


@pytest.mark.parametrize("observe", [False, True])
@pytest.mark.parametrize("error", [OSError(), SetupError("no length")])
def test_error_while_the_body_is_read(check: Check, *, observe: bool, error: Exception) -> None:
    """It is reported, but an asynchronous framework answers its own errors, unless every request passes."""
    if check.is_async and not observe and not isinstance(error, SetupError):
        with pytest.raises(OSError, match=r"^$"):
            check(arrive(), error, observe)
        return
    outcome, verdicts, limits = check(arrive(), error, observe)
    assert outcome.report is not None
    assert [one.code for one in outcome.report.failures] == ["500-100"]
    assert outcome == Outcome(outcome.report, UNREAD, None if observe else outcome.report.response())
    assert (verdicts, limits) == ([Verdict(OPERATION, "observed" if observe else "refused", "500-100", "access", 0)], [LIMIT])


def test_interrupt_ends_the_check(check: Check) -> None:
    """And is not reported as an error of the server."""
    with pytest.raises(KeyboardInterrupt):
        check(arrive(caller=KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        check(arrive(), KeyboardInterrupt())


def test_caller_may_be_awaited() -> None:
    """By an asynchronous server."""

    async def find_caller() -> Caller:
        return CALLER

    async def read(_limit: int) -> Body:
        return COMPLETE

    arrival = Arrival("", HEADERS, True, lambda: "2001", find_caller)  # noqa: FBT003 - merged headers
    outcome = asyncio.run(create(()).check_async(arrival, read))
    assert outcome == Outcome(ENGINE.validate(make_request()), COMPLETE, None)


def test_report_is_found_where_the_request_was_validated() -> None:
    """By any operation, or by a certain one."""
    values = {REPORT_KEY: ACCEPTED}
    assert find_report(values, None) is find_report(values, OPERATION) is ACCEPTED
    with pytest.raises(MissingReportError, match=f"^the request was not validated as 'rate-activity', but as '{OPERATION}'$"):
        find_report(values, "rate-activity")
    for missing in ({}, {REPORT_KEY: None}, {"report": ACCEPTED}):
        with pytest.raises(MissingReportError) as caught:
            find_report(missing, None)
        assert str(caught.value) == ("the request was not validated: no guard or middleware has seen it as one of its operation")


def test_parameter_of_a_route_is_text() -> None:
    """Routers convert some to numbers. None stays None."""
    parameters = {"ids": 2001, "empty": "", "none": None}
    assert [read_parameter(parameters, name) for name in parameters] == ["2001", "", None]
    with pytest.raises(SetupError) as caught:
        read_parameter(parameters, "id")
    assert str(caught.value) == (
        "the route of the guarded endpoint has no path parameter 'id'; its name is a setting of the guard"
    )


class AsyncSource:
    """A directory that must be awaited."""

    async def fetch(self, _keys: Keys) -> Facts:
        """Return nothing."""
        return Facts()


def test_synchronous_server_needs_synchronous_parts() -> None:
    """It could not await the others."""

    async def find_caller() -> None:
        """Return no caller."""

    check_synchronous(ENGINE, lambda: None)
    for engine, caller, message in (
        (
            load(OPERATION, AsyncSource()),
            print,
            "an asynchronous directory needs ASGI or an asynchronous view; give load() a synchronous one",
        ),
        (ENGINE, find_caller, "an asynchronous caller function needs ASGI or an asynchronous view; give a synchronous one"),
    ):
        with pytest.raises(ValueError, match=f"^{message.replace('()', '..')}$"):
            check_synchronous(engine, caller)
