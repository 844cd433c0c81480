"""The sidecar: an ASGI application that validates requests for gateways in any language (extra ``[server]``).

/check/...                the original request as the client sent it; 200: it passes, anything else is the answer for the client
POST /reports/OPERATION   a request as a JSON object; the answer is the whole report as JSON
GET /openapi.json         the OpenAPI description
GET /health, /ready       whether the sidecar runs, and whether requests can be validated
GET /metrics              metrics as Prometheus text
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from validator import openapi
from validator.asgi import (
    PARTIAL_BODY,
    App,
    Message,
    Middleware,
    Receive,
    Scope,
    Send,
    caller_in,
    send_answer,
)
from validator.enforcement import REPORT_KEY, ObserveSetting, Verdict
from validator.engine import Engine
from validator.head.octets import decode_fields
from validator.model.request import Request
from validator.openapi.sidecar import CHECK_PREFIX
from validator.sidecar.endpoints import Endpoints, make_response
from validator.sidecar.limits import InFlightLimit
from validator.sidecar.logs import REQUEST_HEADERS, log_verdict
from validator.sidecar.metrics import Metrics

if TYPE_CHECKING:
    from validator.model.response import Response

_FRAMING: Final = (b"content-length", b"transfer-encoding")
_PARTIAL: Final = b"x-envoy-auth-partial-body"


class SidecarSettings(NamedTuple):
    """Settings of a sidecar.

    caller_header: name of the header with the caller, a customer's ID or ``other:KIND``; set by the gateway, never by clients.
    observe, headers_merged: see ``validator.enforcement.Enforcer``.
    concurrency: the most requests in flight. seconds: timeout of one request, including its body.
    """

    caller_header: str
    observe: ObserveSetting
    headers_merged: bool
    concurrency: int
    seconds: float


class Sidecar:
    """The ASGI application."""

    def __init__(
        self,
        engines: Sequence[Engine],
        settings: SidecarSettings,
        is_ready: Callable[[], Awaitable[bool]],
        close: Callable[[], Awaitable[None]],
        metrics: Metrics | None = None,
    ) -> None:
        """Serve the operations of these engines, at least one.

        is_ready: whether requests can be validated now. close: called when the server shuts down. metrics: None: new ones.
        Raises ValueError for an observed code that an operation does not have, and for operations that share a name or endpoint.
        """
        self._engines = {engine.operation: engine for engine in engines}
        self._settings = settings
        self._close = close
        self._metrics = metrics or Metrics()
        self._limit = InFlightLimit(settings.concurrency, settings.seconds, self._metrics.in_flight)
        self._check = self._chain(engines)
        description = openapi.describe_operations(engines, openapi.SidecarInterface(settings.caller_header))
        document = json.dumps(description, ensure_ascii=False).encode()
        self._endpoints = Endpoints(self._engines, self._limit, self._metrics, document, is_ready)

    def _chain(self, engines: Sequence[Engine]) -> App:
        """Return the middlewares of all engines, one around the other.

        The path of one operation may end with that of another, which is recognized below any prefix. The operation with the most
        segments is outermost: it recognizes its requests first, and the others do not see these.
        """
        app: App = self._pass
        settings = self._settings
        caller, observe, merged = caller_in(settings.caller_header), settings.observe, settings.headers_merged
        for engine in sorted(engines, key=lambda one: one.endpoint.path.count("/")):
            app = Middleware(self._pass_or(app), engine, caller, observe=observe, on_verdict=self._note, headers_merged=merged)
        return app

    def _note(self, verdict: Verdict) -> None:
        self._metrics.count(verdict)
        log_verdict(verdict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection scope."""
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
        elif scope["type"] == "http":
            path = scope["path"]
            if path.startswith(CHECK_PREFIX) and _is_target(path.removeprefix(CHECK_PREFIX)):
                await self._check_limited(scope, receive, send)
            else:
                await send_answer(send, await self._endpoints.answer(scope["method"], path, receive))
        # A websocket is not accepted, so that the server refuses it.

    async def _run_lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _check_limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Validate an original request within the limits on concurrency and time."""
        if self._limit.is_reached:
            await self._answer_failure(scope, send, "concurrency", OverflowError("too many requests in flight"))
            return
        try:
            async with self._limit.slot():
                messages = await self._check_original(scope, receive)
        except TimeoutError as error:
            await self._answer_failure(scope, send, "time", error)
            return
        for message in messages:  # outside the slot: a client that reads slowly does not hold one
            await send(message)

    async def _check_original(self, scope: Scope, receive: Receive) -> list[Message]:
        """Return the messages that answer an original request; none if the gateway has disconnected.

        Its body is read only if its head passes. A body that is not read does not close the connection: the protocol drops it.
        """
        messages: list[Message] = []
        REQUEST_HEADERS.set(scope["headers"])

        async def store(message: Message) -> None:
            messages.append(message)

        await self._check(_restore_original(scope), receive, store)
        return messages

    async def _answer_failure(self, scope: Scope, send: Send, reason: str, error: Exception) -> None:
        """Answer 500-100, log the error and count the reason."""
        self._metrics.unserved_requests.labels(reason).inc()
        engine = next(iter(self._engines.values()))
        report = engine.failure_report(Request(headers=decode_fields(scope["headers"])), error)
        response = cast("Response", report.response())  # a failure always has one
        await send_answer(send, response, closes=_expects_continue(scope))

    def _pass_or(self, app: App) -> App:
        """Return an application that passes requests that were accepted, and gives others to the next application."""

        async def choose(scope: Scope, receive: Receive, send: Send) -> None:
            await (self._pass if REPORT_KEY in scope else app)(scope, receive, send)

        return choose

    async def _pass(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer 200: the request was accepted, or belongs to no operation."""
        is_other = REPORT_KEY not in scope
        if is_other:
            self._metrics.other_requests.inc()
        await send_answer(send, make_response(200, "text/plain", b""), closes=is_other and _expects_continue(scope))


def _is_target(rest: str) -> bool:
    """Return whether the path after ``/check`` is a request target (RFC 9112, 3.2)."""
    return rest[:1] in {"", "/", "*"} or "://" in rest


def _expects_continue(scope: Scope) -> bool:
    """Return whether the client may not send its body at all after an answer (RFC 9110, 10.1.1)."""
    return any(name == b"expect" for name, _ in scope["headers"])


def _restore_original(scope: Scope) -> Scope:
    """Return the scope of the original request, without the framing of its body, which is the gateway's."""
    headers = [pair for pair in scope["headers"] if pair[0] not in _FRAMING]
    is_partial = any(name == _PARTIAL and value.lower() != b"false" for name, value in headers)
    path = scope["path"].removeprefix(CHECK_PREFIX) or "/"
    raw = scope.get("raw_path", b"").removeprefix(CHECK_PREFIX.encode())
    return {**scope, "path": path, "raw_path": raw, "headers": headers, PARTIAL_BODY: is_partial}
