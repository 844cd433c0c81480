"""FastAPI (extra ``fastapi``): a router whose endpoints run only for requests that were validated.

>>> router = fastapi.APIRouter(route_class=guarded_route(engine, caller_in("X-Customer-Id")))
>>> @router.post("/activities/{ids}/email-response", status_code=201)
... async def respond(ids: str, report: Annotated[Report, Depends(report)]) -> ...:
>>> app.include_router(router)

The request is validated before FastAPI reads its body, so that the codes are those of the operation. Every route of such a
router is a route of the operation; other routes belong in another router. Only ``add_api_route`` and its decorators make guarded
routes: websockets and mounts of the router are not guarded, and ``report`` raises in them.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from validator import asgi
from validator.asgi import Guard, caller_in, replay_body
from validator.enforcement import ObserveSetting, OnVerdict
from validator.engine import Engine
from validator.model.report import Report

__all__ = ["caller_in", "guarded_route", "report"]

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def guarded_route(  # noqa: PLR0913 - all but two are named settings with a default
    engine: Engine,
    caller: asgi.CallerOf,
    *,
    parameter: str = "ids",
    observe: ObserveSetting = False,
    on_verdict: OnVerdict | None = None,
    headers_merged: bool = False,
) -> type[APIRoute]:
    """Return a class of routes for ``APIRouter(route_class=...)``. Arguments and errors: as for ``validator.asgi.Guard``."""
    guard = Guard(
        _never_called, engine, caller, parameter=parameter, observe=observe, on_verdict=on_verdict, headers_merged=headers_merged
    )

    class GuardedRoute(APIRoute):
        """A route whose endpoint is guarded."""

        def get_route_handler(self) -> Handler:
            return _guard_handler(guard, super().get_route_handler())

    return GuardedRoute


def _guard_handler(guard: Guard, handler: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        outcome = await guard.check(request.scope, request.receive)
        if outcome.answer is not None:
            headers = dict(outcome.answer.headers) | ({"Connection": "close"} if guard.must_close(request.scope, outcome) else {})
            return Response(outcome.answer.body, outcome.answer.status, headers)
        if outcome.report is None:
            return Response(status_code=400)  # the client has gone
        return await handler(Request(request.scope, replay_body(outcome.body, request.receive), request._send))  # noqa: SLF001 - FastAPI's pattern; there is no public name

    return handle


async def _never_called(*_: object) -> None:
    """Stand for the application: routes use ``Guard.check`` only."""


def report(request: Request) -> Report:
    """Return the report of the request, as a dependency. Raises MissingReportError for a route that is not guarded."""
    return asgi.report(request.scope)
