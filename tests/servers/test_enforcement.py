"""What becomes of a report: the answer, the verdict that is counted, and what is only observed."""

import logging

import pytest

from tests.servers.parts import ENGINE, GOOD, OPERATION, TENANT
from validator import Caller, Request, load
from validator.enforcement import Enforcer, ObserveSetting, Verdict, parse_content_length

CALLER = Caller.customer("1001")
ACCEPTED = ENGINE.validate(Request("2001", body=GOOD, caller=CALLER))
REFUSED = ENGINE.validate(Request("2001", "x=1", body=b"{}", caller=CALLER))  # 400-101, 400-720


def made(observe: ObserveSetting, counted: list[Verdict] | None = None) -> Enforcer:
    """Return a gate that counts into a list."""
    return Enforcer.create(ENGINE, None, observe, None if counted is None else counted.append, headers_merged=False)


@pytest.mark.parametrize(
    ("observe", "verdict", "answered"),
    [
        (False, "refused", ["400-101", "400-720"]),
        ((), "refused", ["400-101", "400-720"]),
        ({"400-101"}, "refused", ["400-720"]),
        ({"400-720"}, "refused", ["400-101"]),
        (["400-101", "400-720"], "observed", []),
        (True, "observed", []),
    ],
)
def test_what_is_observed_does_not_refuse(observe: ObserveSetting, verdict: str, answered: list[str]) -> None:
    """The answer tells what is enforced only; so is what is counted, unless nothing is enforced."""
    counted: list[Verdict] = []
    answer = made(observe, counted).enforce(REFUSED, 0.5)
    assert counted == [(OPERATION, verdict, answered[0] if answered else "400-101", "structure", 0.5)]
    assert (answer is None) == (not answered)
    if answer is not None:
        assert [code for code in ("400-101", "400-720") if code.encode() in answer.body] == answered


def test_an_accepted_request_goes_on() -> None:
    """And is counted without a code."""
    counted: list[Verdict] = []
    assert made((), counted).enforce(ACCEPTED, 0.25) is None
    assert counted == [Verdict(OPERATION, "accepted", None, "rules", 0.25)]
    assert made(()).enforce(ACCEPTED, 0.25) is None


def test_failures_that_are_not_told_may_be_those_that_refuse() -> None:
    """Where there were more than the limit, observing the ones that are told lets nothing pass."""
    engine = load(OPERATION, TENANT, failure_limit=1)
    report = engine.validate(Request("2001", body=GOOD[:-1] + b', "a": 1, "b": 1}', caller=CALLER))
    assert report.more
    for observe, answers in (({"400-721"}, True), (True, False)):
        answer = Enforcer.create(engine, None, observe, None, headers_merged=False).enforce(report, 0)
        assert (answer is not None) == answers


def test_a_callback_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The log tells its kind, not its words."""

    def fail(_verdict: Verdict) -> None:
        raise ValueError("s3cret")

    with caplog.at_level(logging.ERROR, "validator"):
        answer = Enforcer.create(ENGINE, None, False, fail, headers_merged=False).enforce(REFUSED, 0)  # noqa: FBT003 - observe nothing
    assert answer == REFUSED.response()
    (record,) = caplog.records
    assert record.getMessage().startswith("on_verdict failed: builtins.ValueError at ")
    assert "s3cret" not in caplog.text


def test_a_code_that_is_none_cannot_be_observed() -> None:
    """A misspelt one would refuse what was to be let pass."""
    with pytest.raises(ValueError, match=r"^create-email-response has no code '400-999', 'all'$"):
        made({"all", "400-999", "400-101"})


@pytest.mark.parametrize(
    ("text", "length"),
    [("0", 0), ("007", 7), ("9" * 5000, 10**18 - 1), ("", None), ("-1", None), ("1 ", None), ("٣", None), ("1,1", None)],
)
def test_declared_lengths(text: str, length: int | None) -> None:
    """Digits, as many as any body can need; else none is declared."""
    assert parse_content_length(text) == length
