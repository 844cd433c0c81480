"""The sidecar's own endpoints: reports, health, readiness, metrics, and the OpenAPI description.

Errors of these endpoints, such as an unknown path, are problem details (RFC 9457).
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from validator.asgi import Receive, read_body
from validator.check.report_request import RequestDescriptionError, read_request
from validator.engine import Engine
from validator.model.request import JSON, Request
from validator.model.response import Response
from validator.output import report_json
from validator.sidecar.limits import BODY_MARGIN, InFlightLimit
from validator.sidecar.metrics import MEDIA, Metrics

_REPORTS: Final = "/reports/"
_PROBLEM: Final = "application/problem+json"


class Endpoints:
    """Answers the requests to the sidecar's own endpoints."""

    def __init__(
        self,
        engines: Mapping[str, Engine],
        limit: InFlightLimit,
        metrics: Metrics,
        description: bytes,
        is_ready: Callable[[], Awaitable[bool]],
    ) -> None:
        """Serve these engines, by operation. description: the OpenAPI document. is_ready: whether requests can be validated."""
        self._engines = engines
        self._limit = limit
        self._metrics = metrics
        self._description = description
        self._is_ready = is_ready

    async def answer(self, method: str, path: str, receive: Receive) -> Response:
        """Return the answer to a request. receive: reads its body (ASGI)."""
        if path.startswith(_REPORTS):
            engine = self._engines.get(path.removeprefix(_REPORTS))
            if engine is None:
                return _problem(404, f"unknown operation; available: {', '.join(self._engines)}")
            return await self._report(engine, receive) if method == "POST" else _not_allowed("POST")
        get = {"/health": self._health, "/ready": self._ready, "/metrics": self._counts, "/openapi.json": self._openapi}.get(path)
        if get is None:
            return _problem(404, "unknown path")
        return await get() if method in {"GET", "HEAD"} else _not_allowed("GET, HEAD")

    async def _report(self, engine: Engine, receive: Receive) -> Response:
        """Validate a described request and return its report."""
        size = 2 * engine.body_limit + BODY_MARGIN  # room for the overhead of JSON and Base64
        if self._limit.is_reached:
            return _problem(503, "too many requests in flight")
        try:
            async with self._limit.slot():
                body = await read_body(receive, size)
                if not body.is_complete:
                    return _problem(413, f"the request description is larger than {size} bytes")
                return _json(200, await _describe_report(engine, read_request(body.content)))
        except RequestDescriptionError as error:
            return _problem(400, str(error))
        except TimeoutError:
            return _problem(503, "the request was not validated in time")

    async def _health(self) -> Response:
        return _json(200, {"status": "ok"})

    async def _ready(self) -> Response:
        return _json(200, {"status": "ready"}) if await self._is_ready() else _json(503, {"status": "not ready"})

    async def _counts(self) -> Response:
        return make_response(200, MEDIA, self._metrics.render())

    async def _openapi(self) -> Response:
        return make_response(200, JSON, self._description)


async def _describe_report(engine: Engine, request: Request) -> dict[str, Any]:
    """Return the report on a request as JSON. An operation whose advisories fail gets the report 500-100."""
    try:
        return report_json.serialize_report(await engine.validate_async(request))
    except BaseException as error:  # noqa: BLE001 - a bug of the operation is reported like any other
        return report_json.serialize_report(engine.failure_report(request, error))


def make_response(status: int, media: str, body: bytes, *headers: tuple[str, str]) -> Response:
    """Return a response with Content-Type, Content-Length and more headers."""
    return Response(status, (("Content-Type", media), ("Content-Length", str(len(body))), *headers), body)


def _json(status: int, document: Mapping[str, Any], media: str = JSON, *headers: tuple[str, str]) -> Response:
    return make_response(status, media, json.dumps(document, ensure_ascii=True).encode(), *headers)


def _problem(status: int, detail: str, *headers: tuple[str, str]) -> Response:
    problem = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return _json(status, problem, _PROBLEM, *headers)


def _not_allowed(methods: str) -> Response:
    return _problem(405, f"method not allowed; allowed: {methods}", ("Allow", methods))
