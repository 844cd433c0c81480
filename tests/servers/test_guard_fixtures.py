"""Every fixture through each guard: the answer is that of the library, and accepted requests reach the endpoint unchanged."""

import asyncio
import io
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import fastapi
import flask
import pytest
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

from tests.servers import sites  # noqa: F401 - it configures Django
from tests.servers.parts import ENGINE, OPERATION, TENANT, answer, ask, body, expected, fixture_requests
from validator import Engine, Request, asgi, load
from validator.frameworks import django as django_guards
from validator.frameworks import fastapi as fastapi_guards
from validator.frameworks import flask as flask_guards

Ask = Callable[[Engine, Request], tuple[int, str, bytes]]
FLASK: Final = flask.Flask("tests")
REQUESTS: Final = fixture_requests()


@cache
def engine_of(limit: int | None) -> Engine:
    """Return the engine with a body limit."""
    return ENGINE if limit is None else load(OPERATION, TENANT, body_limit=limit, lazy=True)


def make_scope(request: Request) -> Any:
    """Return the scope of a request, as a router leaves it."""
    return {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/", "query_string": request.query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in request.headers],
        "path_params": {"ids": request.ids}, "root_path": "",
    }  # fmt: skip


def make_environ(request: Request) -> Any:
    """Return the environ of a request, whose repeated headers are joined."""
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        headers.setdefault(key if key == "CONTENT_TYPE" else f"HTTP_{key}", []).append(value)
    content = request.body or b""
    return {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/", "SCRIPT_NAME": "", "QUERY_STRING": request.query, "SERVER_NAME": "test",
        "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(content), "CONTENT_LENGTH": str(len(content)),
        **{name: ",".join(values) for name, values in headers.items()},
    }  # fmt: skip


def through_asgi(engine: Engine, request: Request) -> tuple[int, str, bytes]:
    """Ask an ASGI guard."""

    async def endpoint(_scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        content = (await receive())["body"]
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": content})

    return answer(
        ask(asgi.Guard(endpoint, engine, lambda _scope: request.caller), make_scope(request), body(request.body or b""))
    )


def through_fastapi(engine: Engine, request: Request) -> tuple[int, str, bytes]:
    """Ask an application of FastAPI, whose path may hold anything."""
    router = fastapi.APIRouter(route_class=fastapi_guards.guarded_route(engine, lambda _scope: request.caller))

    @router.post("/{ids:path}")
    async def respond_fastapi(request: fastapi.Request, ids: str) -> fastapi.Response:
        assert ids == request.path_params["ids"]
        return fastapi.Response(await request.body(), 201)

    app = fastapi.FastAPI()
    app.include_router(router)
    return answer(ask(app, {**make_scope(request), "path": f"/{request.ids or ''}"}, body(request.body or b"")))


def through_flask(engine: Engine, request: Request) -> tuple[int, str, bytes]:
    """Ask a view of Flask."""
    view = flask_guards.Guard(engine, lambda _environ: request.caller)(lambda **_: flask.Response(flask.request.get_data(), 201))
    with FLASK.request_context(make_environ(request)):
        response = view(ids=request.ids)
        return response.status_code, response.headers["Content-Type"], response.data


def respond(request: Any, **_: Any) -> HttpResponse:
    """Run a view of Django."""
    return HttpResponse(request.body, status=201)


async def respond_later(request: Any, **_: Any) -> HttpResponse:
    """Run an asynchronous view of Django."""
    return respond(request)


def through_django(engine: Engine, request: Request) -> tuple[int, str, bytes]:
    """Ask a view of Django under WSGI."""
    view = django_guards.Guard(engine, lambda _request: request.caller)(respond)
    response = view(WSGIRequest(make_environ(request)), ids=request.ids)
    return response.status_code, response["Content-Type"], response.content


def through_asynchronous_django(engine: Engine, request: Request) -> tuple[int, str, bytes]:
    """Ask an asynchronous view of Django under ASGI."""

    async def caller(_request: Any) -> Any:
        return request.caller

    view = django_guards.Guard(engine, caller)(respond_later)
    response = asyncio.run(view(ASGIRequest(make_scope(request), io.BytesIO(request.body or b"")), ids=request.ids))
    return response.status_code, response["Content-Type"], response.content


def merge(request: Request) -> Request:
    """Return a request as WSGI presents it: repeated headers are joined, and an empty Content-Type is absent (PEP 3333)."""
    joined: dict[str, str] = {}
    for name, value in request.headers:
        key = name.lower()
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    return request._replace(headers=[pair for pair in joined.items() if pair != ("content-type", "")], headers_merged=True)


@pytest.mark.parametrize("through", [through_asgi, through_fastapi, through_asynchronous_django, through_flask, through_django])
def test_fixtures_are_answered_like_the_library(through: Ask) -> None:
    """Each code occurs, and each near miss passes."""
    statuses = set[int]()
    for name, original, limit in REQUESTS:
        headers = [(key, value.encode("latin-1", "replace").decode("latin-1")) for key, value in original.headers]
        request = original._replace(headers=headers)
        wanted = expected(merge(request) if through in {through_flask, through_django} else request, engine_of(limit))
        given = through(engine_of(limit), request)
        assert given[0] == wanted[0], name
        assert given[1:] == wanted[1:] if given[0] != 201 else given[2] == (request.body or b""), name
        statuses.add(given[0])
    assert statuses >= {201, 400, 401, 403, 406}
