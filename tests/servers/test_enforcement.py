"""Enforcement of reports: answers, verdicts, and observed codes."""

import logging

import pytest

from tests.servers.parts import ENGINE, GOOD, OPERATION, TENANT
from validator import Caller, Request, load
from validator.enforcement import Enforcer, ObserveSetting, Verdict, parse_content_length

CALLER = Caller.customer("1001")
ACCEPTED = ENGINE.validate(Request("2001", body=GOOD, caller=CALLER))
REFUSED = ENGINE.validate(Request("2001", "x=1", body=b"{}", caller=CALLER))  # 400-101, 400-720


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
    assert verdicts == [(OPERATION, verdict, codes[0] if codes else "400-101", "structure", 0.5)]
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
    assert record.getMessage().startswith("on_verdict failed: builtins.ValueError at ")
    assert "s3cret" not in caplog.text


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
