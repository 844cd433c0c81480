"""The sidecar, message by message: its one contract, reports, and what it tells of itself."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families

from tests.servers.parts import (
    ENGINE,
    GOOD,
    LIMIT,
    OPERATION,
    PATH,
    SMALL,
    TENANT,
    answer,
    ask,
    body,
    fixture_requests,
    http,
)  # fmt: skip
from validator import Caller, Facts, Keys, Request, load, openapi
from validator.asgi import Message, Scope
from validator.model.request import JSON, XML
from validator.operation.home import shipped_schemas
from validator.output.report_json import serialize_report
from validator.sidecar.app import Sidecar, SidecarSettings

CALLER = Caller.customer("1001")
SETTINGS = SidecarSettings("X-Customer-Id", observe=False, headers_merged=True, concurrency=256, seconds=5.0)
CHECK = "/check" + PATH
PROBLEM = "application/problem+json"
BIG = GOOD + b" " * (LIMIT + 1 - len(GOOD))


async def yes() -> bool:
    """Be ready."""
    return True


async def no() -> bool:
    """Be not ready."""
    return False


async def close() -> None:
    """Close nothing."""


def sidecar(engine: Any = ENGINE, is_ready: Callable[[], Awaitable[bool]] = yes, **settings: Any) -> Sidecar:
    """Return a sidecar for one operation."""
    return Sidecar([engine], SETTINGS._replace(**settings), is_ready, close)


APP = sidecar()


def library(request: Request, engine: Any = ENGINE) -> tuple[int, str, bytes]:
    """Return what the sidecar has to answer an original request with."""
    response = engine.validate(request).response()
    return (200, "text/plain", b"") if response is None else (response.status, response.headers[0][1], response.body)


@pytest.mark.parametrize(("name", "request_", "limit"), fixture_requests())
def test_every_fixture_is_answered_as_the_library_answers_it(name: str, request_: Request, limit: int | None) -> None:
    """200 for what is good, else the library's answer to the byte."""
    assert name
    engine = load(OPERATION, TENANT, body_limit=ENGINE.body_limit if limit is None else limit, lazy=True)
    scope = http("/check" + PATH.replace("2001", request_.ids or ""), query=request_.query)
    caller = request_.caller
    named = [] if caller is None else [("x-customer-id", caller.id or caller.kind)]
    pairs = [(key.lower().encode(), value.encode("latin-1", "replace")) for key, value in (*request_.headers, *named)]
    scope["headers"] = pairs
    sent_headers = [(key.decode(), value.decode("latin-1")) for key, value in pairs]
    request = replace(request_, headers=sent_headers, ids=request_.ids or "")
    assert answer(ask(sidecar(engine), scope, body(request_.body or b""))) == library(request, engine)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/check/other", "POST"),
        ("/check*", "OPTIONS"),
        ("/checkhttp://a/b", "POST"),
        (CHECK, "GET"),
        ("/check", "POST"),
        ("/check/", "DELETE"),
        ("/check//", "POST"),
    ],
)
def test_what_is_not_the_operations_goes_on(path: str, method: str) -> None:
    """And is counted, so that a gateway that asks at the wrong path shows."""
    app = sidecar()
    assert answer(ask(app, http(path, method), body(b"{}"))) == (200, "text/plain", b"")
    assert counted(app)["activity_validator_other_requests_total"] == {(): 1.0}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([], "401-101"),
        ([""], "401-101"),
        (["0"], "401-101"),
        (["1001 "], "401-101"),
        (["1001, 1002"], "401-101"),
        (["1001", "1001"], "401-101"),
        (["other:"], "401-101"),
        (["other:a b"], "401-101"),
        (["other:user"], "403-112"),
        (["9" * 19], "400-702"),
        (["1001"], None),
    ],
)
def test_who_calls_is_told_by_one_header(values: list[str], code: str | None) -> None:
    """Where there are two, one may be the client's: that is nobody."""
    scope = http(CHECK)
    scope["headers"] = [(b"x-customer-id", value.encode()) for value in values]
    status, _, said = answer(ask(APP, scope, body(GOOD)))
    assert (status, json.loads(said)["code"] if said else None) == (int((code or "200")[:3]), code)


def test_the_header_may_have_another_name() -> None:
    """Its case does not count."""
    app = sidecar(caller_header="X-Consumer-ID")
    assert answer(ask(app, http(CHECK), body(GOOD)))[0] == 401
    assert answer(ask(app, http(CHECK, x_consumer_id="1001"), body(GOOD)))[0] == 200


def test_a_body_beyond_the_limit_is_heard_of() -> None:
    """A little more than the limit is still read, so that the gateway that is sending hears the answer; not all there is."""
    app = sidecar(SMALL)
    refused = library(Request("2001", "", (), BIG, CALLER), SMALL)
    sent = ask(app, http(CHECK, content_length=str(len(BIG))), body(BIG[:50], BIG[50:]))
    assert answer(sent) == refused
    assert (b"connection", b"close") not in sent[0]["headers"]
    endless = [{**message, "more_body": True} for message in body(*[b" " * LIMIT] * (2 + (1 << 16) // LIMIT))]
    assert answer(ask(app, http(CHECK, content_length="9" * 12), endless)) == refused


@pytest.mark.parametrize(("value", "status"), [("true", 400), ("TRUE", 400), ("", 400), ("false", 200), ("False", 200)])
def test_a_body_that_the_gateway_has_cut_is_too_large(value: str, status: int) -> None:
    """Envoy says so; what it says in no way that is known is taken for the worse."""
    answered = answer(ask(APP, http(CHECK, x_envoy_auth_partial_body=value), body(GOOD)))
    assert answered[0] == status
    assert (b"400-713" in answered[2]) == (status == 400)


def test_a_gateway_that_goes_away_is_not_answered() -> None:
    """And nothing is counted."""
    app = sidecar()
    assert ask(app, http(CHECK), [*body(GOOD, b"")[:1], {"type": "http.disconnect"}]) == []
    assert "activity_validator_requests_total" not in counted(app)


def test_what_is_observed_goes_on() -> None:
    """All, or some codes; metrics say what was found."""
    app = sidecar(observe=True)
    assert answer(ask(app, http(CHECK), body(b"{}")))[0] == 200
    assert answer(ask(sidecar(observe=frozenset({"400-720"})), http(CHECK), body(b"{}")))[0] == 200
    assert answer(ask(sidecar(observe=frozenset({"400-721"})), http(CHECK), body(b"{}")))[0] == 400
    assert counted(app)["activity_validator_requests_total"] == {("400-720", OPERATION, "observed"): 1.0}


class Gate:
    """An asynchronous directory that answers when it is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.asked = asyncio.Event()

    async def fetch(self, _keys: Keys) -> Facts:
        """Wait."""
        self.asked.set()
        await self.opened.wait()
        return TENANT.facts


async def send_one(app: Any, scope: Scope, *messages: Message) -> tuple[int, str, bytes]:
    """Return the answer to one request; a client that has said all says nothing more."""
    sent: list[Message] = []
    waiting = list(messages)[::-1]

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return answer(sent)


def test_more_requests_than_there_is_room_for_are_answered_at_once(caplog: pytest.LogCaptureFixture) -> None:
    """With 500-100, in the format they ask for; when there is room again they are judged."""

    async def run() -> tuple[Any, ...]:
        directory = Gate()
        app = sidecar(load(OPERATION, directory), concurrency=1)
        first = asyncio.create_task(send_one(app, http(CHECK), *body(GOOD)))
        await directory.asked.wait()
        second = await send_one(app, http(CHECK, accept=XML), *body(GOOD))
        directory.opened.set()
        return await first, second, await send_one(app, http(CHECK), *body(GOOD)), counted(app)

    first, second, third, metrics = asyncio.run(run())
    assert (first[0], third[0]) == (200, 200)
    assert (second[0], second[1], b"<code>500-100</code>" in second[2]) == (500, XML, True)
    assert metrics["activity_validator_unserved_requests_total"] == {("concurrency",): 1.0}
    assert "builtins.OverflowError" in caplog.text


@pytest.mark.parametrize("messages", [body(GOOD), body(GOOD[:9], b"")[:1]])
def test_what_is_not_done_in_time_is_answered(messages: list[Message]) -> None:
    """With 500-100, whether the directory is slow or the body."""

    async def run() -> tuple[Any, ...]:
        app = sidecar(load(OPERATION, Gate()), seconds=0.05)
        return await send_one(app, http(CHECK), *messages), counted(app)

    (status, media, said), metrics = asyncio.run(run())
    assert (status, media, json.loads(said)["code"]) == (500, JSON, "500-100")
    assert metrics["activity_validator_unserved_requests_total"] == {("time",): 1.0}
    assert metrics["activity_validator_requests_in_flight"] == {(): 0.0}


def counted(app: Sidecar) -> dict[str, dict[tuple[str, ...], float]]:
    """Return the samples of the metrics by their names and the values of their labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(app._metrics.render().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(value for _, value in sorted(sample.labels.items()))] = sample.value
    return found


def test_metrics_count_and_time_verdicts() -> None:
    """By operation, verdict and code; in Prometheus text that its own parser reads."""
    app = sidecar()
    for content in (GOOD, b"{}", b"{}"):
        ask(app, http(CHECK), body(content))
    found = counted(app)
    assert found["activity_validator_requests_total"] == {("", OPERATION, "accepted"): 1, ("400-720", OPERATION, "refused"): 2}
    assert found["activity_validator_judging_seconds_count"] == {(OPERATION,): 3}
    assert 0 < found["activity_validator_judging_seconds_sum"][(OPERATION,)] < 60
    status, media, text = answer(ask(app, http("/metrics", "GET")))
    assert (status, media.split(";")[0], text) == (200, "text/plain", app._metrics.render())


@pytest.mark.parametrize(("path", "told"), [("/health", {"status": "ok"}), ("/ready", {"status": "ready"})])
def test_health_and_readiness(path: str, told: dict[str, str]) -> None:
    """Both have a HEAD; one that cannot judge lives, and is not ready."""
    for method in ("GET", "HEAD"):
        status, media, said = answer(ask(APP, http(path, method)))
        assert (status, media, json.loads(said)) == (200, JSON, told)
    assert answer(ask(sidecar(is_ready=no), http("/health", "GET")))[0] == 200
    assert answer(ask(sidecar(is_ready=no), http("/ready", "GET"))) == (503, JSON, b'{"status": "not ready"}')


def test_the_description_is_told() -> None:
    """As the sidecar serves the operation."""
    status, media, said = answer(ask(APP, http("/openapi.json", "GET")))
    assert (status, media) == (200, JSON)
    assert json.loads(said) == openapi.describe_operations([ENGINE], openapi.SidecarInterface("X-Customer-Id", "/check"))


@pytest.mark.parametrize(
    ("path", "method", "status", "detail", "allow"),
    [
        ("/", "GET", 404, "there is no such path", None),
        ("/checks", "POST", 404, "there is no such path", None),
        ("/reports", "POST", 404, "there is no such path", None),
        ("/reports/x", "POST", 404, "there is no such operation", None),
        (f"/reports/{OPERATION}", "GET", 405, "allowed: POST", "POST"),
        ("/health", "POST", 405, "allowed: GET, HEAD", "GET, HEAD"),
    ],
)
def test_what_the_sidecar_itself_refuses(path: str, method: str, status: int, detail: str, allow: str | None) -> None:
    """Is told as problem details."""
    sent = ask(APP, http(path, method))
    told = {404: "Not Found", 405: "Method Not Allowed"}[status]
    assert answer(sent)[:2] == (status, PROBLEM)
    assert json.loads(answer(sent)[2]) == {"title": told, "status": status, "detail": detail}
    assert dict(sent[0]["headers"]).get(b"allow") == (None if allow is None else allow.encode())


REPORTS = f"/reports/{OPERATION}"
REPORT_SCHEMA = Draft202012Validator(json.loads((shipped_schemas() / "report.schema.json").read_text()))


@pytest.mark.parametrize(("name", "request_", "limit"), [one for one in fixture_requests() if one[2] is None])
def test_reports_are_whole(name: str, request_: Request, limit: int | None) -> None:
    """What the library found, with places; and they are of the form that is described."""
    assert name
    assert limit is None
    caller = request_.caller
    told: dict[str, Any] = {"ids": request_.ids, "query": request_.query, "headers": [list(pair) for pair in request_.headers]}
    told["caller"] = caller and (caller.id or caller.kind)
    if request_.body is not None:
        told["bodyBase64"] = b64encode(request_.body).decode()
    status, media, said = answer(ask(APP, http(REPORTS), body(json.dumps(told).encode())))
    report = json.loads(said)
    assert (status, media) == (200, JSON)
    assert report == json.loads(json.dumps(serialize_report(ENGINE.validate(request_))))
    assert list(REPORT_SCHEMA.iter_errors(report)) == []


def test_a_described_request_may_leave_all_out() -> None:
    """Then there is nothing, from nobody; a body may be text."""
    assert json.loads(answer(ask(APP, http(REPORTS), body(b"{}")))[2])["failures"][0]["code"] == "401-101"
    told = {"caller": "1001", "ids": "2001", "body": GOOD.decode()}
    assert json.loads(answer(ask(APP, http(REPORTS), body(json.dumps(told).encode())))[2])["accepted"]


@pytest.mark.parametrize(
    ("told", "detail"),
    [
        (b"", "The body is not well-formed JSON: line 1, column 1: a value is expected."),
        (b'{"ids": "1", "ids": "2"}', "Attribute 'ids' is supplied more than once."),
        (b"\xff", "The body must be UTF-8: it holds bytes that are not UTF-8."),
        (b"[]", "/: [] is not of type 'object'"),
        (b'{"id": 1}', "/: Additional properties are not allowed ('id' was unexpected)"),
        (b'{"headers": [["a"]]}', "/headers/0: ['a'] is too short"),
        (b'{"bodyBase64": "a"}', "/bodyBase64: "),
        (b'{"bodyBase64": "YQ==", "body": "a"}', "/: "),
        (b'{"caller": "' + b"x" * 5000 + b'"}', "/caller: '" + "x" * 199),
        (b'{"caller": "other:"}', "/caller: "),
        (b'{"headers": [' + b'["", ""],' * 1000 + b'["", ""]]}', "/headers: there are more than 1000"),
    ],
)
def test_a_description_that_is_none_is_told(told: bytes, detail: str) -> None:
    """In one line that is not long, whatever was sent."""
    status, media, said = answer(ask(APP, http(REPORTS), body(told)))
    assert (status, media) == (400, PROBLEM)
    assert json.loads(said)["detail"].startswith(detail)
    assert len(said) < 400


def test_a_description_that_is_too_large_is_not_read_on() -> None:
    """Twice the body's limit and a little is room enough."""
    app = sidecar(SMALL)
    chunks = [{**message, "more_body": True} for message in body(*[b" " * LIMIT] * (3 + (1 << 16) // LIMIT))]
    status, _, said = answer(ask(app, http(REPORTS), chunks))
    assert (status, json.loads(said)["detail"]) == (
        413,
        f"the description of a request is larger than {2 * LIMIT + (1 << 16)} bytes",
    )


def test_reports_take_the_room_of_requests() -> None:
    """Where there is none, that is a problem of the sidecar's own."""

    async def run() -> tuple[Any, ...]:
        directory = Gate()
        app = sidecar(load(OPERATION, directory), concurrency=1)
        told = json.dumps({"caller": "1001", "ids": "2001", "body": GOOD.decode()}).encode()
        first = asyncio.create_task(send_one(app, http(REPORTS), *body(told)))
        await directory.asked.wait()
        second = await send_one(app, http(REPORTS), *body(told))
        directory.opened.set()
        return await first, second

    first, second = asyncio.run(run())
    assert (first[0], second[:2]) == (200, (503, PROBLEM))


def test_a_report_that_is_not_done_in_time_is_told() -> None:
    """A problem of the sidecar's own."""

    async def run() -> tuple[int, str, bytes]:
        app = sidecar(load(OPERATION, Gate()), seconds=0.05)
        told = {"caller": "1001", "ids": "2001", "body": GOOD.decode()}
        return await send_one(app, http(REPORTS), *body(json.dumps(told).encode()))

    assert asyncio.run(run())[:2] == (503, PROBLEM)


def test_the_lifespan_ends_with_what_was_opened() -> None:
    """It is closed once, when the server ends."""
    closed: list[bool] = []

    async def note() -> None:
        closed.append(True)

    app = Sidecar([ENGINE], SETTINGS, yes, note)
    sent = ask(app, {"type": "lifespan"}, [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert closed == [True]
    assert ask(app, {"type": "websocket", "path": CHECK}) == []
