"""The sidecar: an ASGI application that judges requests for gateways in any language (extra ``[server]``).

    /check/...                the original request, as the client sent it: 200 means go on, anything else is the answer to give
    POST /reports/OPERATION   a request as a JSON object; the answer is the whole report, as JSON
    GET /openapi.json         the description of all this
    GET /health, /ready       whether it lives, and whether it should get requests
    GET /metrics              Prometheus text

What the sidecar itself refuses (an unknown path, say) is told as RFC 9457 problem details.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final, NamedTuple, cast

from validator import openapi
from validator.asgi import (
    PARTIAL_BODY,
    App,
    Message,
    Middleware,
    Receive,
    Scope,
    Send,
    caller_from_header,
    decode_headers,
    read_body,
    replay_body,
    send_answer,
)
from validator.enforcement import REPORT_KEY, Body, ObserveSetting
from validator.engine import Engine
from validator.model.request import JSON, Request
from validator.model.response import Response
from validator.openapi.sidecar import CHECK
from validator.output import report_json
from validator.sidecar.metrics import MEDIA, Metrics
from validator.sidecar.report_request import DescribedRequestError, read

REPORTS: Final = "/reports/"
_PROBLEM: Final = "application/problem+json"
_MARGIN: Final = 1 << 16  # bytes beyond the limit that are still read, so that the gateway hears the answer
_FRAMING: Final = (b"content-length", b"transfer-encoding", b"expect")
_CUT: Final = b"x-envoy-auth-partial-body"


class SidecarSettings(NamedTuple):
    """How a sidecar serves.

    caller_header: names the caller: a customer's ID, or ``other:KIND``; set by the gateway, never by clients.
    observe, headers_merged: see ``gate.Gate``. concurrency: requests at a time; seconds: for one, with its body.
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
    ) -> None:
        """Serve the operations of these engines, at least one.

        is_ready: whether requests can be judged now. close: is called when the server ends.
        """
        self._engines = {engine.operation: engine for engine in engines}
        self._limit = max(engine.body_limit for engine in engines)
        self._settings = settings
        self._is_ready = is_ready
        self._close = close
        self._in_flight = 0
        self._metrics = Metrics(lambda: self._in_flight)
        self._check = self._chain(engines)
        described = openapi.describe_operations(engines, openapi.SidecarInterface(settings.caller_header))
        self._openapi = json.dumps(described, ensure_ascii=False).encode()

    def _chain(self, engines: Sequence[Engine]) -> App:
        app: App = self._other
        for engine in engines:
            caller, count = caller_from_header(self._settings.caller_header), self._metrics.count
            observe, merged = self._settings.observe, self._settings.headers_merged
            app = Middleware(app, engine, caller, observe=observe, on_verdict=count, headers_merged=merged)
        return app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection scope."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            path = scope["path"]
            if path.startswith(CHECK) and _is_target(path.removeprefix(CHECK)):
                await self._limited(scope, receive, send)
            else:
                await send_answer(send, await self._own(scope, receive))
        # Websockets are not served: the server refuses what is not accepted.

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._close()
        await send({"type": "lifespan.shutdown.complete"})

    def _is_full(self) -> bool:
        return self._in_flight >= self._settings.concurrency

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Take the place and the time of one request. Raises TimeoutError."""
        self._in_flight += 1
        try:
            async with asyncio.timeout(self._settings.seconds):
                yield
        finally:
            self._in_flight -= 1

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge an original request, if there is room and time for it."""
        if self._is_full():
            await self._unserved(scope, send, "concurrency", OverflowError("too many requests at a time"))
            return
        try:
            async with self._place():
                answer = await self._judged(scope, receive)
        except TimeoutError as error:
            await self._unserved(scope, send, "time", error)
            return
        for message in answer:  # who does not read it keeps nobody else out
            await send(message)

    async def _judged(self, scope: Scope, receive: Receive) -> list[Message]:
        """Return the messages that answer an original request; none when the gateway has gone."""
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        body = await read_body(receive, self._limit + _MARGIN)
        if not body.is_gone:
            await self._check(_original(scope, body), replay_body(body, receive), keep)
        return answer

    async def _unserved(self, scope: Scope, send: Send, reason: str, error: Exception) -> None:
        self._metrics.unserved.labels(reason).inc()
        engine = next(iter(self._engines.values()))
        report = engine.failure_report(Request(headers=decode_headers(scope)), error)
        await send_answer(send, cast("Response", report.response()), closes=True)

    async def _other(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Let a request go on: one that was found good, or that is none of the operations'."""
        if REPORT_KEY not in scope:
            self._metrics.others.inc()
        await send_answer(send, _answer(200, "text/plain", b""))

    async def _own(self, scope: Scope, receive: Receive) -> Response:
        """Return the answer of an endpoint of the sidecar's own."""
        method, path = scope["method"], scope["path"]
        if path.startswith(REPORTS):
            engine = self._engines.get(path.removeprefix(REPORTS))
            if engine is None:
                return _problem(404, "there is no such operation")
            return await self._report(engine, receive) if method == "POST" else _not_allowed("POST")
        tell = {
            "/health": self._health, "/ready": self._ready, "/metrics": self._told_metrics, "/openapi.json": self._described,
        }.get(path)  # fmt: skip
        if tell is None:
            return _problem(404, "there is no such path")
        return await tell() if method in {"GET", "HEAD"} else _not_allowed("GET, HEAD")

    async def _report(self, engine: Engine, receive: Receive) -> Response:
        limit = 2 * engine.body_limit + _MARGIN  # room for what JSON and Base64 add
        if self._is_full():
            return _problem(503, "too many requests at a time")
        try:
            async with self._place():
                body = await read_body(receive, limit)
                if not body.is_complete:
                    return _problem(413, f"the description of a request is larger than {limit} bytes")
                report = await engine.validate_async(read(body.content))
                return _json(200, report_json.serialize_report(report))
        except DescribedRequestError as error:
            return _problem(400, str(error))
        except TimeoutError:
            return _problem(503, "the request was not judged in time")

    async def _health(self) -> Response:
        return _json(200, {"status": "ok"})

    async def _ready(self) -> Response:
        return _json(200, {"status": "ready"}) if await self._is_ready() else _json(503, {"status": "not ready"})

    async def _told_metrics(self) -> Response:
        return _answer(200, MEDIA, self._metrics.text())

    async def _described(self) -> Response:
        return _answer(200, JSON, self._openapi)


def _is_target(rest: str) -> bool:
    """Return whether what stands behind CHECK is the target of a request (RFC 9112, 3.2)."""
    return rest[:1] in {"", "/", "*"} or "://" in rest


def _original(scope: Scope, body: Body) -> Scope:
    """Return the scope of the original request."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if body.is_complete:  # what it declares has been read already
        headers = [pair for pair in headers if pair[0] not in _FRAMING]
    is_cut = any(name == _CUT and value.lower() != b"false" for name, value in headers)
    raw = scope.get("raw_path", b"").removeprefix(CHECK.encode())
    return {**scope, "path": scope["path"].removeprefix(CHECK) or "/", "raw_path": raw, "headers": headers, PARTIAL_BODY: is_cut}


def _answer(status: int, media: str, body: bytes, *more: tuple[str, str]) -> Response:
    return Response(status, (("Content-Type", media), ("Content-Length", str(len(body))), *more), body)


def _json(status: int, document: Mapping[str, Any], media: str = JSON, *more: tuple[str, str]) -> Response:
    return _answer(status, media, json.dumps(document, ensure_ascii=True).encode(), *more)


def _problem(status: int, detail: str, *more: tuple[str, str]) -> Response:
    """Return problem details (RFC 9457)."""
    problem = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return _json(status, problem, _PROBLEM, *more)


def _not_allowed(methods: str) -> Response:
    return _problem(405, f"allowed: {methods}", ("Allow", methods))
