"""The sidecar, message by message: checks of original requests, reports, and its other endpoints."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
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
from validator import Caller, Engine, Facts, Keys, Request, load, openapi
from validator.asgi import Message, Scope
from validator.head.route import Endpoint
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
    """Report readiness."""
    return True


async def no() -> bool:
    """Report that the reference data is unavailable."""
    return False


async def close() -> None:
    """Close nothing."""


def sidecar(engine: Any = ENGINE, is_ready: Callable[[], Awaitable[bool]] = yes, **settings: Any) -> Sidecar:
    """Return a sidecar for one operation."""
    return Sidecar([engine], SETTINGS._replace(**settings), is_ready, close)


APP = sidecar()


def expected(request: Request, engine: Any = ENGINE) -> tuple[int, str, bytes]:
    """Return the expected answer of the sidecar to an original request."""
    response = engine.validate(request).response()
    return (200, "text/plain", b"") if response is None else (response.status, response.headers[0][1], response.body)


@pytest.mark.parametrize(("name", "request_", "limit"), fixture_requests())
def test_fixture_is_answered_like_the_library(name: str, request_: Request, limit: int | None) -> None:
    """200 for an accepted request, else the library's answer byte for byte."""
    assert name
    engine = load(OPERATION, TENANT, body_limit=ENGINE.body_limit if limit is None else limit, lazy=True)
    scope = http("/check" + PATH.replace("2001", request_.ids or ""), query=request_.query)
    caller = request_.caller
    caller_headers = [] if caller is None else [("x-customer-id", caller.id or caller.kind)]
    pairs = [(key.lower().encode(), value.encode("latin-1", "replace")) for key, value in (*request_.headers, *caller_headers)]
    scope["headers"] = pairs
    sent_headers = [(key.decode(), value.decode("latin-1")) for key, value in pairs]
    request = request_._replace(headers=sent_headers, ids=request_.ids or "")
    assert answer(ask(sidecar(engine), scope, body(request_.body or b""))) == expected(request, engine)


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
def test_request_to_no_operation_passes(path: str, method: str) -> None:
    """And is counted, so that metrics show a gateway that uses the wrong path."""
    app = sidecar()
    assert answer(ask(app, http(path, method), body(b"{}"))) == (200, "text/plain", b"")
    assert read_metrics(app)["activity_validator_other_requests_total"] == {(): 1.0}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([], "401-101"),
        ([""], "401-101"),
        (["0"], "401-101"),
        (["1001 1"], "401-101"),
        (["1001, 1002"], "401-101"),
        (["1001", "1001"], "401-101"),
        (["other:"], "401-101"),
        (["other:a b"], "401-101"),
        (["other:user"], "403-112"),
        (["9" * 19], "400-702"),
        (["1001"], None),
        (["\t1001 "], None),
    ],
)
def test_caller_is_read_from_one_header(values: list[str], code: str | None) -> None:
    """A repeated header is ignored: one of the two could come from the client."""
    scope = http(CHECK)
    scope["headers"] = [(b"x-customer-id", value.encode()) for value in values]
    status, _, content = answer(ask(APP, scope, body(GOOD)))
    assert (status, json.loads(content)["code"] if content else None) == (int((code or "200")[:3]), code)


def test_name_of_the_caller_header_is_configurable() -> None:
    """Its case does not matter."""
    app = sidecar(caller_header="X-Consumer-ID")
    assert answer(ask(app, http(CHECK), body(GOOD)))[0] == 401
    assert answer(ask(app, http(CHECK, x_consumer_id="1001"), body(GOOD)))[0] == 200


def test_body_above_the_limit_is_refused() -> None:
    """A margin above the limit is still read, so that a gateway that is sending receives the answer; the rest is not."""
    app = sidecar(SMALL)
    refused = expected(Request("2001", "", (), BIG, CALLER), SMALL)
    messages = ask(app, http(CHECK, content_length=str(len(BIG))), body(BIG[:50], BIG[50:]))
    assert answer(messages) == refused
    assert (b"connection", b"close") not in messages[0]["headers"]
    endless = [{**message, "more_body": True} for message in body(*[b" " * LIMIT] * (2 + (1 << 16) // LIMIT))]
    assert answer(ask(app, http(CHECK, content_length="9" * 12), endless)) == refused


@pytest.mark.parametrize(("value", "status"), [("true", 400), ("TRUE", 400), ("", 400), ("false", 200), ("False", 200)])
def test_body_cut_by_the_gateway_is_too_large(value: str, status: int) -> None:
    """Envoy marks it in a header; any value but false counts as cut."""
    response = answer(ask(APP, http(CHECK, x_envoy_auth_partial_body=value), body(GOOD)))
    assert response[0] == status
    assert (b"400-713" in response[2]) == (status == 400)


def test_disconnected_gateway_is_not_answered() -> None:
    """And its request is not counted."""
    app = sidecar()
    assert ask(app, http(CHECK), [*body(GOOD, b"")[:1], {"type": "http.disconnect"}]) == []
    assert "activity_validator_requests_total" not in read_metrics(app)


def test_request_with_observed_failures_passes() -> None:
    """All codes or some are observed; metrics show the first failure."""
    app = sidecar(observe=True)
    assert answer(ask(app, http(CHECK), body(b"{}")))[0] == 200
    assert answer(ask(sidecar(observe=frozenset({"400-720"})), http(CHECK), body(b"{}")))[0] == 200
    assert answer(ask(sidecar(observe=frozenset({"400-721"})), http(CHECK), body(b"{}")))[0] == 400
    assert read_metrics(app)["activity_validator_requests_total"] == {("400-720", OPERATION, "false", "observed"): 1.0}


class Gate:
    """An asynchronous directory that does not answer until the test opens it."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.has_request = asyncio.Event()

    async def fetch(self, _keys: Keys) -> Facts:
        """Wait until the test opens the directory."""
        self.has_request.set()
        await self.is_open.wait()
        return TENANT.facts


async def send_one(app: Any, scope: Scope, *messages: Message) -> tuple[int, str, bytes]:
    """Return the answer to one request. After the given messages the client stays silent."""
    responses: list[Message] = []
    waiting = list(messages)[::-1]

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop()

    async def send(message: Message) -> None:
        responses.append(message)

    await app(scope, receive, send)
    return answer(responses)


def test_requests_above_the_concurrency_limit_are_answered_at_once(caplog: pytest.LogCaptureFixture) -> None:
    """With 500-100, in the format that they accept; below the limit, requests are validated again."""

    async def run() -> tuple[Any, ...]:
        directory = Gate()
        app = sidecar(load(OPERATION, directory), concurrency=1)
        first = asyncio.create_task(send_one(app, http(CHECK), *body(GOOD)))
        await directory.has_request.wait()
        second = await send_one(app, http(CHECK, accept=XML), *body(GOOD))
        directory.is_open.set()
        return await first, second, await send_one(app, http(CHECK), *body(GOOD)), read_metrics(app)

    first, second, third, metrics = asyncio.run(run())
    assert (first[0], third[0]) == (200, 200)
    assert (second[0], second[1], b"<code>500-100</code>" in second[2]) == (500, XML, True)
    assert metrics["activity_validator_unserved_requests_total"] == {("concurrency",): 1.0}
    assert "builtins.OverflowError" in caplog.text


@pytest.mark.parametrize("messages", [body(GOOD), body(GOOD[:9], b"")[:1]])
def test_request_beyond_its_timeout_is_answered(messages: list[Message]) -> None:
    """With 500-100, whether the directory or the body is slow."""

    async def run() -> tuple[Any, ...]:
        app = sidecar(load(OPERATION, Gate()), seconds=0.05)
        return await send_one(app, http(CHECK), *messages), read_metrics(app)

    (status, media, content), metrics = asyncio.run(run())
    assert (status, media, json.loads(content)["code"]) == (500, JSON, "500-100")
    assert metrics["activity_validator_unserved_requests_total"] == {("time",): 1.0}
    assert metrics["activity_validator_requests_in_flight"] == {(): 0.0}


def read_metrics(app: Sidecar) -> dict[str, dict[tuple[str, ...], float]]:
    """Return the samples of the metrics by name and label values."""
    samples: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(app._metrics.render().decode()):
        for sample in family.samples:
            samples.setdefault(sample.name, {})[tuple(value for _, value in sorted(sample.labels.items()))] = sample.value
    return samples


def test_metrics_count_and_time_verdicts() -> None:
    """By operation, verdict and code, in text that Prometheus's parser reads."""
    app = sidecar()
    for content in (GOOD, b"{}", b"{}"):
        ask(app, http(CHECK), body(content))
    samples = read_metrics(app)
    assert samples["activity_validator_requests_total"] == {
        ("", OPERATION, "false", "accepted"): 1,
        ("400-720", OPERATION, "false", "refused"): 2,
    }
    assert samples["activity_validator_judging_seconds_count"] == {(OPERATION,): 3}
    assert 0 < samples["activity_validator_judging_seconds_sum"][(OPERATION,)] < 60
    status, media, text = answer(ask(app, http("/metrics", "GET")))
    assert (status, media.split(";")[0]) == (200, "text/plain")
    assert text.split(b"# HELP process")[0] == app._metrics.render().split(b"# HELP process")[0]


@pytest.mark.parametrize(("path", "document"), [("/health", {"status": "ok"}), ("/ready", {"status": "ready"})])
def test_health_and_readiness(path: str, document: dict[str, str]) -> None:
    """Both answer HEAD too; a sidecar without reference data is healthy and not ready."""
    for method in ("GET", "HEAD"):
        status, media, content = answer(ask(APP, http(path, method)))
        assert (status, media, json.loads(content)) == (200, JSON, document)
    assert answer(ask(sidecar(is_ready=no), http("/health", "GET")))[0] == 200
    assert answer(ask(sidecar(is_ready=no), http("/ready", "GET"))) == (503, JSON, b'{"status": "not ready"}')


def test_openapi_description_is_served() -> None:
    """It describes the operation as the sidecar serves it."""
    status, media, content = answer(ask(APP, http("/openapi.json", "GET")))
    assert (status, media) == (200, JSON)
    assert json.loads(content) == openapi.describe_operations([ENGINE], openapi.SidecarInterface("X-Customer-Id", "/check"))


@pytest.mark.parametrize(
    ("path", "method", "status", "detail", "allow"),
    [
        ("/", "GET", 404, "unknown path", None),
        ("/checks", "POST", 404, "unknown path", None),
        ("/reports", "POST", 404, "unknown path", None),
        ("/reports/x", "POST", 404, "unknown operation; available: create-email-response", None),
        (f"/reports/{OPERATION}", "GET", 405, "method not allowed; allowed: POST", "POST"),
        ("/health", "POST", 405, "method not allowed; allowed: GET, HEAD", "GET, HEAD"),
    ],
)
def test_errors_of_endpoints_are_problem_details(path: str, method: str, status: int, detail: str, allow: str | None) -> None:
    """With title, status, detail, and the allowed methods."""
    messages = ask(APP, http(path, method))
    title = {404: "Not Found", 405: "Method Not Allowed"}[status]
    assert answer(messages)[:2] == (status, PROBLEM)
    assert json.loads(answer(messages)[2]) == {"title": title, "status": status, "detail": detail}
    assert dict(messages[0]["headers"]).get(b"allow") == (None if allow is None else allow.encode())


REPORTS = f"/reports/{OPERATION}"
REPORT_SCHEMA = Draft202012Validator(json.loads((shipped_schemas() / "report.schema.json").read_text()))


@pytest.mark.parametrize(("name", "request_", "limit"), [one for one in fixture_requests() if one[2] is None])
def test_report_is_that_of_the_library(name: str, request_: Request, limit: int | None) -> None:
    """With the places of failures, and valid by its JSON Schema."""
    assert name
    assert limit is None
    caller = request_.caller
    description: dict[str, Any] = {
        "ids": request_.ids,
        "query": request_.query,
        "headers": [list(pair) for pair in request_.headers],
    }
    description["caller"] = caller and (caller.id or caller.kind)
    if request_.body is not None:
        description["bodyBase64"] = b64encode(request_.body).decode()
    status, media, content = answer(ask(APP, http(REPORTS), body(json.dumps(description).encode())))
    report = json.loads(content)
    assert (status, media) == (200, JSON)
    assert report == json.loads(json.dumps(serialize_report(ENGINE.validate(request_))))
    assert list(REPORT_SCHEMA.iter_errors(report)) == []


def test_request_description_may_be_empty() -> None:
    """Then nothing is sent and no one is authenticated; a body may be a string."""
    assert json.loads(answer(ask(APP, http(REPORTS), body(b"{}")))[2])["failures"][0]["code"] == "401-101"
    description = {"caller": "1001", "ids": "2001", "body": GOOD.decode()}
    assert json.loads(answer(ask(APP, http(REPORTS), body(json.dumps(description).encode())))[2])["accepted"]


@pytest.mark.parametrize(
    ("description", "detail"),
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
        (b'{"headers": [' + b'["", ""],' * 1000 + b'["", ""]]}', "/headers: at most 1000 headers are supported, got 1001"),
    ],
)
def test_invalid_request_description_is_reported(description: bytes, detail: str) -> None:
    """In one short line, whatever the client sends."""
    status, media, content = answer(ask(APP, http(REPORTS), body(description)))
    assert (status, media) == (400, PROBLEM)
    assert json.loads(content)["detail"].startswith(detail)
    assert len(content) < 400


def test_oversized_request_description_is_refused() -> None:
    """The limit is twice the body limit and a margin; no more is read."""
    app = sidecar(SMALL)
    chunks = [{**message, "more_body": True} for message in body(*[b" " * LIMIT] * (3 + (1 << 16) // LIMIT))]
    status, _, content = answer(ask(app, http(REPORTS), chunks))
    assert (status, json.loads(content)["detail"]) == (
        413,
        f"the request description is larger than {2 * LIMIT + (1 << 16)} bytes",
    )


def test_report_of_an_operation_with_failing_advisories_is_an_internal_error() -> None:
    """They are computed when the report is written."""

    def fail(_view: Any) -> Any:
        raise BaseException  # noqa: TRY002 - a panic is one

    rules = ENGINE.definition.rules._replace(advise=fail)
    app = sidecar(Engine(ENGINE.definition._replace(rules=rules), TENANT))
    description = {"caller": "1001", "ids": "2001", "body": GOOD.decode()}
    status, _, content = answer(ask(app, http(REPORTS), body(json.dumps(description).encode())))
    report = json.loads(content)
    assert (status, report["accepted"], [failure["code"] for failure in report["failures"]]) == (200, False, ["500-100"])


def test_reports_count_as_requests_in_flight() -> None:
    """Above the concurrency limit, the answer is a problem document."""

    async def run() -> tuple[Any, ...]:
        directory = Gate()
        app = sidecar(load(OPERATION, directory), concurrency=1)
        description = json.dumps({"caller": "1001", "ids": "2001", "body": GOOD.decode()}).encode()
        first = asyncio.create_task(send_one(app, http(REPORTS), *body(description)))
        await directory.has_request.wait()
        second = await send_one(app, http(REPORTS), *body(description))
        directory.is_open.set()
        return await first, second

    first, second = asyncio.run(run())
    assert (first[0], second[:2]) == (200, (503, PROBLEM))


def test_report_beyond_its_timeout_is_refused() -> None:
    """With a problem document."""

    async def run() -> tuple[int, str, bytes]:
        app = sidecar(load(OPERATION, Gate()), seconds=0.05)
        description = {"caller": "1001", "ids": "2001", "body": GOOD.decode()}
        return await send_one(app, http(REPORTS), *body(json.dumps(description).encode()))

    assert asyncio.run(run())[:2] == (503, PROBLEM)


def test_lifespan_closes_the_reference_data() -> None:
    """Once, when the server shuts down."""
    calls: list[bool] = []

    async def note() -> None:
        calls.append(True)

    app = Sidecar([ENGINE], SETTINGS, yes, note)
    messages = ask(app, {"type": "lifespan"}, [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    assert [message["type"] for message in messages] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert calls == [True]
    assert ask(app, {"type": "websocket", "path": CHECK}) == []


@pytest.mark.parametrize("is_first", [True, False])
def test_operation_whose_path_ends_with_another_is_recognized(is_first: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """In either order of the operations: its own path is the exact match, any other prefix belongs to the shorter one."""
    longer = Endpoint("POST", "/inbox/activities/{ids}/email-response")
    metadata = ENGINE.definition.metadata._replace(endpoint=longer)
    second = Engine(ENGINE.definition._replace(name="second", metadata=metadata), TENANT)
    app = Sidecar([second, ENGINE] if is_first else [ENGINE, second], SETTINGS, yes, close)
    for prefix in ("/inbox", "", "/outbox", "/outbox/inbox"):
        assert answer(ask(app, http(f"/check{prefix}{PATH}"), body(GOOD)))[0] == 200
    assert read_metrics(app)["activity_validator_requests_total"] == {
        ("", "second", "false", "accepted"): 2.0,
        ("", OPERATION, "false", "accepted"): 2.0,
    }
