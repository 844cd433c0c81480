"""Acceptance is a positive fact: nothing that is empty, absent, of a wrong type or broken opens the gate."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final, cast

import pytest

from tests.test_engine import CALLER, FAST, GOOD, OPERATION, SECRET, TENANT, codes_of, post
from validator import Engine, Failure, Keys, Report, Request, Skip, asgi, load, wsgi
from validator.body import json_fast, reference
from validator.body.shape import compile_shape
from validator.body.tree import Body, BodyReader, Disagreement
from validator.enforcement import Enforcer, Verdict
from validator.head.formats import Formats
from validator.model.request import JSON
from validator.operation.loader import Rules
from validator.rule import Rule

REFUSAL: Final = FAST.validate(post(b"{}"))
RULES: Final[Rules] = FAST.definition.rules


class Panic(BaseException):
    """An error like a panic in Rust code: not an Exception."""


def change(directory: Any = TENANT, **parts: Any) -> Engine:
    """Return an engine with other parts of the rules module."""
    return Engine(FAST.definition._replace(rules=RULES._replace(**parts)), directory)


def check_with(check: Any) -> Engine:
    """Return an engine whose only rule has this function."""
    return change(rules=(Rule("a_rule", check, RULES.rules[2].code),))


def assert_internal_error(engine: Engine, caplog: pytest.LogCaptureFixture, text: str, request: Request | None = None) -> None:
    """Check that a valid request is reported as 500-100 in both kinds of call, each with one line in the log."""
    request = request or post()
    for validate in (engine.validate, lambda one: asyncio.run(engine.validate_async(one))):
        caplog.clear()
        report = validate(request)
        assert (codes_of(report), report.accepted, report.status, report.more) == (["500-100"], False, 500, False)
        response = report.response()
        assert response is not None
        assert b"500-100" in response.body
        (record,) = caplog.records
        assert text in record.getMessage()
        assert SECRET not in record.getMessage()


# Settings


@pytest.mark.parametrize("name", ["body_limit", "failure_limit"])
@pytest.mark.parametrize("value", [0, -5, True, False, 1.0, "100", None, float("inf")])
def test_limit_below_one_is_refused(name: str, value: Any) -> None:
    """With a failure limit of 0 no failure would be listed. Whoever makes an engine has its limits checked."""
    reason = rf"^{name} must be an integer of at least 1, got {value!r}$"
    limits: dict[str, Any] = {name: value}
    makes: list[Callable[[], Engine]] = [
        lambda: load(OPERATION, TENANT, **limits),
        lambda: Engine(FAST.definition, TENANT, **limits),
    ]
    for make in makes:
        with pytest.raises(ValueError, match=reason):
            make()


def test_settings_of_an_engine_cannot_be_changed() -> None:
    """The stages are compiled for them."""
    engine = Engine(FAST.definition, TENANT)
    with pytest.raises(AttributeError, match=r"^an engine is immutable: 'failure_limit' cannot be deleted$"):
        del engine.failure_limit
    with pytest.raises(AttributeError, match=r"^an engine is immutable: 'failure_limit' cannot be set$"):
        engine.failure_limit = 1
    assert engine.failure_limit == FAST.failure_limit


def test_lowest_limits_refuse() -> None:
    """One failure is enough for a refusal."""
    engine = load(OPERATION, TENANT, body_limit=1, failure_limit=1)
    assert codes_of(engine.validate(post(b"{}"))) == ["400-713"]
    report = engine.validate(post(b"{", query="x=1"))
    assert (codes_of(report), report.more, report.accepted) == (["400-101"], True, False)


# The report


def test_report_is_not_accepted_unless_it_says_so() -> None:
    """An empty list of failures is no acceptance: its status and response are those of an internal error."""
    report = Report(OPERATION, "rules")
    assert (report.accepted, report.status) == (False, 500)
    response = report.response()
    assert response is not None
    assert (response.status, b'"code": "500-100"' in response.body) == (500, True)
    assert Report(OPERATION, "rules", success=204, accepted=True).status == 204
    assert Report(OPERATION, "rules", accepted=True).response() is None
    assert (REFUSAL.accepted, REFUSAL._replace(failures=()).accepted) == (False, False)
    assert REFUSAL._replace(failures=()) != REFUSAL._replace(failures=(), stage="rules")
    assert Report(OPERATION, "rules") != Report(OPERATION, "rules", accepted=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"failures": REFUSAL.failures},
        {"more": True},
        {"stage": "access"},
        {"stage": "negotiation"},
        {"stage": "structure"},
        {"accepted": 1},
        {"accepted": None},
        {"accepted": "no"},
    ],
)
def test_accepted_report_has_completed_every_stage(fields: dict[str, Any]) -> None:
    """It is impossible to make one with a failure, or with a stage that was not reached."""
    with pytest.raises(ValueError, match=r"^an accepted report has no failures and has reached every stage$"):
        Report(**{"operation": OPERATION, "stage": "rules", "accepted": True, **fields})
    with pytest.raises(ValueError, match=r"^an accepted report"):
        FAST.validate(post())._replace(**fields)


def test_enforcement_refuses_a_report_that_says_nothing() -> None:
    """An empty list of failures is not a list of observed ones."""
    verdicts: list[Verdict] = []
    for observe, refuses in ((False, True), ({"400-720"}, True), (True, False)):
        enforcer = Enforcer.create(FAST, None, observe, verdicts.append, headers_merged=False)
        for report in (Report(OPERATION, "rules"), REFUSAL._replace(failures=())):
            answer = enforcer.enforce(report, 0)
            assert (answer is not None) == refuses
            assert answer is None or answer.status == 500
    assert {verdict.verdict for verdict in verdicts} == {"refused", "observed"}
    assert {verdict.code for verdict in verdicts} == {None}


# Parts of an operation


def _raise(*_arguments: Any) -> Any:
    raise Panic(SECRET)


def _raise_late(*_arguments: Any) -> Iterator[Failure]:
    yield from ()
    raise Panic(SECRET)


async def _answer_later(*_arguments: Any) -> Any:
    return ()


BAD_RULES: Final[dict[str, tuple[Callable[..., Any], str]]] = {
    "none": (lambda *_: None, "builtins.TypeError"),
    "false": (lambda *_: False, "builtins.TypeError"),
    "zero": (lambda *_: 0, "builtins.TypeError"),
    "raises": (_raise, "Panic"),
    "generator-raises": (_raise_late, "Panic"),
    "coroutine": (_answer_later, "builtins.TypeError"),
    "yields-none": (lambda *_: (None,), "a rule yielded a value that is not a Failure"),
    "yields-code": (lambda *_: [RULES.rules[2].code], "a rule yielded a value that is not a Failure"),
    "text": (lambda *_: "holds", "a rule yielded a value that is not a Failure"),
}


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("directory", [TENANT, None], ids=["facts", "no-facts"])
@pytest.mark.parametrize("name", BAD_RULES)
def test_rule_without_a_verdict_is_an_internal_error(name: str, directory: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A rule returns failures, or NOTHING."""
    check, text = BAD_RULES[name]
    rules = (Rule("a_rule", check, RULES.rules[2].code),)
    assert_internal_error(change(directory, rules=rules), caplog, text)


def test_rule_that_changes_its_mind_is_an_internal_error(caplog: pytest.LogCaptureFixture) -> None:
    """A failure that is found and then not found again must not vanish."""
    answers = iter([[RULES.rules[2].code.failure()], ()] * 2)
    rules = (Rule("a_rule", lambda *_: next(answers), RULES.rules[2].code),)
    assert_internal_error(change(rules=rules), caplog, "reported no failure when it was checked again")


def test_operation_without_rules_accepts_by_its_structure() -> None:
    """An operation may have none; the stages before are the same."""
    engine = change(rules=())
    assert engine.validate(post()).accepted
    assert codes_of(engine.validate(post(b"{}"))) == ["400-720"]


@pytest.mark.parametrize("part", ["read", "keys", "department"])
def test_part_that_panics_is_an_internal_error(part: str, caplog: pytest.LogCaptureFixture) -> None:
    """In every function of a rules module that a verdict depends on."""
    assert_internal_error(change(Source(TENANT.facts), **{part: _raise}), caplog, "Panic")


def test_read_that_returns_nothing_is_an_internal_error(caplog: pytest.LogCaptureFixture) -> None:
    """Its return statement was forgotten, and rules that look at None could hold by accident."""
    engine = change(read=lambda *_: None, rules=(), keys=lambda _: Keys(), department=lambda *_: None)
    assert_internal_error(engine, caplog, "read must return a value")


@pytest.mark.parametrize(
    "read",
    [
        lambda *_: None,
        lambda *_: Body(None),
        lambda *_: Body(None, ()),
        lambda *_: Body({}, cast("Any", None)),
        lambda *_: ({},),
        _raise,
    ],
    ids=["none", "no-tree", "no-tree-no-failures", "failures-none", "half", "raises"],
)
def test_reader_without_a_verdict_is_an_internal_error(read: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A reader returns a tree, or failures."""
    assert_internal_error(Engine(FAST.definition._replace(readers={JSON: lambda: read}), TENANT), caplog, "internal error: ")


@pytest.mark.parametrize(
    ("name", "answer"),
    [("read_ids", (None, ())), ("read_formats", Formats(JSON, (), None, (), has_content_type=False))],
    ids=["no-activity", "no-format"],
)
def test_head_without_a_verdict_is_never_accepted(
    name: str, answer: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A value that is absent without a failure is a bug."""
    monkeypatch.setattr(f"validator.operation.stages.{name}", lambda *_: answer)
    assert_internal_error(FAST, caplog, "a refusal must have a failure")


# Bodies on which validators disagree

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"a": {"type": "string", "maxLength": 2}},
    "additionalProperties": False,
}
SHAPE: Final = compile_shape({**SCHEMA, "properties": {"a": {"type": "string"}}})
READERS: Final[dict[str, Callable[..., BodyReader]]] = {
    "fast": json_fast.build_json_reader,
    "reference": reference.build_json_reader,
}


@pytest.mark.parametrize("kind", READERS)
def test_body_that_is_rejected_without_a_failure_is_a_disagreement(kind: str) -> None:
    """The schema has a keyword that the shape does not know."""
    read = READERS[kind](SCHEMA, SHAPE)
    assert not read(b'{"a": "xx"}', 100).failures
    assert [failure.code for failure in read(b'{"b": "xxx"}', 100).failures] == ["400-721"]
    with pytest.raises(Disagreement):
        read(b'{"a": "xxx"}', 100)


def test_stricter_shape_is_a_disagreement_in_the_reference_engine() -> None:
    """It compares both on each body."""
    strict = compile_shape({**SCHEMA, "properties": {"a": {"type": "string", "minLength": 1}}})
    with pytest.raises(Disagreement):
        reference.build_json_reader({**SCHEMA, "properties": {"a": {"type": "string"}}}, strict)(b'{"a": ""}', 100)


def test_body_that_only_the_fast_decoder_rejects_is_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    """The strict parser finds nothing wrong with it."""

    def reject(*_arguments: Any, **_options: Any) -> Any:
        raise ValueError

    monkeypatch.setattr("jiter.from_json", reject)
    with pytest.raises(Disagreement):
        json_fast.build_json_reader(SCHEMA, SHAPE)(b'{"a": "x"}' + b" " * 8192, 100)


@pytest.mark.parametrize("kind", READERS)
def test_disagreement_is_an_internal_error(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Never an acceptance, and never an exception."""
    read = READERS[kind](SCHEMA, SHAPE)
    engine = Engine(FAST.definition._replace(readers={JSON: lambda: read}), TENANT)
    assert_internal_error(engine, caplog, "validator.body.tree.Disagreement", post(b'{"a": "%b"}' % SECRET.encode()))
    assert engine.read_rule_input(post(b'{"a": "xxx"}')) is None


# Errors that are not Exceptions


class Sections(dict[str, Any]):
    """A section of facts that raises when it is used."""

    def get(self, *_arguments: Any) -> Any:
        """Raise."""
        raise Panic(SECRET)

    __getitem__ = __contains__ = keys = get


class Source:
    """A directory with any answer. error: raised instead."""

    def __init__(self, answer: Any = None, error: BaseException | None = None) -> None:
        self.answer, self.error = answer, error

    def fetch(self, _keys: Keys) -> Any:
        """Return the answer."""
        if self.error is not None:
            raise self.error
        return self.answer


class LaterSource(Source):
    """The same, asynchronous."""

    async def fetch(self, keys: Keys) -> Any:
        """Return the answer."""
        return super().fetch(keys)


PANICKING: Final = Source(TENANT.facts._replace(activities=Sections()))
RULE_READS: Final = change(
    Source(TENANT.facts._replace(customers=Sections())),
    keys=lambda _: Keys(),
    rules=(Rule("a_rule", lambda _view, facts: facts.customers.get("1"), RULES.rules[2].code),),
)


@pytest.mark.parametrize(
    "engine",
    [load(OPERATION, Source(error=Panic(SECRET))), load(OPERATION, PANICKING), RULE_READS, check_with(_raise)],
    ids=["directory", "mapping", "mapping-in-rule", "rule"],
)
def test_panic_is_an_internal_error(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A Rust panic is a BaseException, and not an Exception."""
    assert_internal_error(engine, caplog, "Panic at ")


def test_panic_of_an_asynchronous_directory_is_an_internal_error() -> None:
    """As of a synchronous one."""
    engine = load(OPERATION, LaterSource(error=Panic()))
    assert codes_of(asyncio.run(engine.validate_async(post()))) == ["500-100"]


STOPS: Final = (KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError)


@pytest.mark.parametrize("stop", STOPS)
def test_stops_pass_through(stop: type[BaseException]) -> None:
    """They end the program or the task: in the directory, in its facts, in rules, in headers."""

    def raise_stop(*_arguments: Any) -> Any:
        raise stop

    with pytest.raises(stop):
        load(OPERATION, Source(error=stop())).validate(post())
    with pytest.raises(stop):
        check_with(raise_stop).validate(post())
    headers = cast("Any", type("Headers", (), {"__iter__": raise_stop})())
    for call in (FAST.validate, FAST.validate_head, FAST.read_rule_input, lambda one: FAST.failure_report(one, ValueError())):
        with pytest.raises(stop):
            call(post(headers=headers))
    with pytest.raises(stop):
        FAST.failure_report(post(), stop())


def test_head_that_panics_is_an_internal_error(caplog: pytest.LogCaptureFixture) -> None:
    """In each call that reads it."""
    headers = cast("Any", type("Headers", (), {"__iter__": _raise})())
    report = FAST.validate_head(post(headers=headers))
    assert report is not None
    assert (codes_of(report), report.stage) == (["500-100"], "access")
    assert codes_of(FAST.validate(post(headers=headers))) == ["500-100"]
    assert FAST.read_rule_input(post(headers=headers)) is None
    assert FAST.failure_report(post(headers=headers), Panic()).media == JSON
    assert len(caplog.records) == 3


# Middlewares


def call_asgi(middleware: asgi.Middleware, body: bytes = GOOD, more: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return the messages that answer a request."""
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {"type": "http", "method": "POST", "path": "/activities/2001/email-response", "query_string": b"", "headers": []}
    asyncio.run(middleware({**scope, **(more or {})}, receive, send))
    return messages


def call_wsgi(middleware: wsgi.Middleware) -> str:
    """Return the status that answers a request without a body."""
    statuses: list[str] = []
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/activities/2001/email-response"}
    list(middleware(environ, lambda status, _headers: statuses.append(status)))
    return statuses[0]


async def unreachable_application(*_arguments: Any) -> None:
    """Fail: no refused request reaches the application."""
    raise AssertionError


def unreachable_wsgi_application(*_arguments: Any) -> Any:
    """Fail: no refused request reaches the application."""
    raise AssertionError


async def _panic_later(_scope: Any) -> Any:
    raise Panic(SECRET)


async def _name_caller_later(_scope: Any) -> Any:
    return "1001"


@pytest.mark.parametrize("caller", [_raise, _panic_later, _name_caller_later, lambda _: "1001"])
def test_caller_function_that_fails_is_an_internal_error(caller: Any, caplog: pytest.LogCaptureFixture) -> None:
    """It raises anything, or returns something that is not a Caller."""
    messages = call_asgi(asgi.Middleware(unreachable_application, FAST, caller))
    assert messages[0]["status"] == 500
    assert b"500-100" in messages[1]["body"]
    assert len(caplog.records) == 1
    assert SECRET not in caplog.text


@pytest.mark.parametrize("caller", [_raise, lambda _: "1001", lambda _: 1001])
def test_wsgi_caller_function_that_fails_is_an_internal_error(caller: Any, caplog: pytest.LogCaptureFixture) -> None:
    """As in ASGI."""
    assert call_wsgi(wsgi.Middleware(unreachable_wsgi_application, FAST, caller)) == "500 Internal Server Error"
    assert len(caplog.records) == 1
    assert SECRET not in caplog.text


@pytest.mark.parametrize("stop", STOPS)
def test_stops_of_a_caller_function_pass_through(stop: type[BaseException]) -> None:
    """They end the program or the task."""

    def raise_stop(_scope: Any) -> Any:
        raise stop

    with pytest.raises(stop):
        call_wsgi(wsgi.Middleware(unreachable_wsgi_application, FAST, raise_stop))
    with pytest.raises(stop):
        call_asgi(asgi.Middleware(unreachable_application, FAST, raise_stop))


def test_callback_that_panics_does_not_affect_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; an interrupt is not caught."""
    enforcer = Enforcer.create(FAST, None, False, _raise, headers_merged=False)  # noqa: FBT003 - observe nothing
    assert enforcer.enforce(REFUSAL, 0) == REFUSAL.response()
    assert "on_verdict failed: " in caplog.text
    assert SECRET not in caplog.text

    def interrupt(_verdict: Verdict) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Enforcer.create(FAST, None, True, interrupt, headers_merged=False).enforce(REFUSAL, 0)  # noqa: FBT003 - observe all


@pytest.mark.parametrize("observe", [False, {"400-720"}])
def test_engine_without_a_verdict_never_reaches_the_application(observe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever report an engine could return, and also if it raises."""

    async def say_nothing(_engine: Engine, _request: Request) -> Report:
        return Report(OPERATION, "rules")

    monkeypatch.setattr(Engine, "validate_async", say_nothing)
    middleware = asgi.Middleware(unreachable_application, FAST, lambda _: CALLER, observe=observe)
    assert call_asgi(middleware)[0]["status"] == 500

    async def fail(_engine: Engine, _request: Request) -> Report:
        raise Panic

    monkeypatch.setattr(Engine, "validate_async", fail)
    with pytest.raises(Panic):
        call_asgi(middleware)


def test_report_in_the_scope_is_the_engines() -> None:
    """One that was there before is replaced."""
    reports: list[Report] = []

    async def application(scope: Any, _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        reports.append(scope["validator.report"])
        await send({"type": "http.response.start", "status": 201, "headers": []})

    forged = Report("forged", "rules", accepted=True)
    middleware = asgi.Middleware(application, FAST, lambda _: CALLER)
    call_asgi(middleware, more={"validator.report": forged})
    assert reports == [FAST.validate(post(headers=[]))]
    assert call_asgi(middleware, b"{}", {"validator.report": forged})[0]["status"] == 400
    assert len(reports) == 1


def test_cycle_of_causes_is_described_once(caplog: pytest.LogCaptureFixture) -> None:
    """A log line has an end."""
    error = ValueError(SECRET)
    error.__cause__ = OSError(SECRET)
    error.__cause__.__cause__ = error
    with caplog.at_level(logging.ERROR, "validator"):
        assert codes_of(load(OPERATION, Source(error=error)).validate(post())) == ["500-100"]
    assert caplog.text.count("ValueError") == 1


def test_skipped_checks_do_not_refuse() -> None:
    """A request whose rules were skipped for want of reference data is accepted, and the report says which."""
    report = load(OPERATION).validate(post())
    assert report.accepted
    assert all(isinstance(skip, Skip) for skip in report.skipped)
