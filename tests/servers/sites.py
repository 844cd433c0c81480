"""Web sites with one endpoint of the operation, in each framework: bare, guarded behind the router, or with middleware in front.

The endpoint answers 201 and appends the report that it finds to ``RUNS``; None: it has run without one.
"""

import asyncio
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import unquote, unquote_to_bytes

import django
import fastapi
import flask
import starlette.applications
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import clear_url_caches, include, path, re_path
from starlette.middleware import Middleware as StarletteMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tests.servers.parts import ENGINE
from validator import Report, asgi, wsgi
from validator.frameworks import django as django_guards
from validator.frameworks import fastapi as fastapi_guards
from validator.frameworks import flask as flask_guards

Way = Literal["bare", "behind", "front"]
App = Callable[..., Any]
CALLER: Final = "X-Customer-Id"
RUNS: Final[list[Report | None]] = []
TEMPLATE: Final = "/activities/{ids}/email-response"

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="tests", USE_I18N=False)
    django.setup()


class Answer(NamedTuple):
    """An answer, and what the endpoint has found in each of its runs meanwhile."""

    status: int
    body: bytes
    runs: list[Report | None]


class Site(NamedTuple):
    """A way to make an application. prefix: under which it serves the operation."""

    make: Callable[[Way], App]
    interface: Literal["asgi", "wsgi"]
    prefix: str = ""


async def respond(request: Request) -> Response:
    """Run the endpoint in Starlette and FastAPI."""
    RUNS.append(request.scope.get("validator.report"))
    return Response(await request.body(), 201)


def starlette_routes(way: Way) -> list[Any]:
    """Return the endpoint, also with a suffix."""
    guards = [StarletteMiddleware(asgi.Guard, engine=ENGINE, caller=asgi.caller_in(CALLER))] if way == "behind" else []
    paths = (TEMPLATE, TEMPLATE + ".{suffix}")
    return [Route(template, respond, methods=["POST"], middleware=guards) for template in paths]


def in_front(app: Any, way: Way) -> App:
    """Return an ASGI application, with middleware if wanted."""
    return asgi.Middleware(app, ENGINE, asgi.caller_in(CALLER)) if way == "front" else app


def starlette_plain(way: Way) -> App:
    """Return routes at the top."""
    return in_front(starlette.applications.Starlette(routes=starlette_routes(way)), way)


def starlette_mounted(way: Way) -> App:
    """Return routes that are mounted; the middleware is in the mount."""
    app = in_front(starlette.applications.Starlette(routes=starlette_routes(way)), way)
    return starlette.applications.Starlette(routes=[Mount("/api", app)])


def starlette_twice_mounted(way: Way) -> App:
    """Return routes that are mounted in a mount; the middleware is outside."""
    routes = [Mount("/sub", routes=[Mount("/api", routes=starlette_routes(way))])]
    return in_front(starlette.applications.Starlette(routes=routes), way)


def fastapi_router(way: Way) -> fastapi.APIRouter:
    """Return the endpoint, also with a suffix."""
    guarded = fastapi_guards.guarded_route(ENGINE, asgi.caller_in(CALLER))
    router = fastapi.APIRouter(route_class=guarded) if way == "behind" else fastapi.APIRouter()

    @router.post(TEMPLATE + ".{suffix}", status_code=201)
    @router.post(TEMPLATE, status_code=201)
    async def respond_fastapi(request: fastapi.Request) -> fastapi.Response:
        return await respond(request)

    return router


def fastapi_plain(way: Way) -> App:
    """Return a router in an application."""
    app = fastapi.FastAPI()
    app.include_router(fastapi_router(way))
    return in_front(app, way)


def fastapi_with_root_path(way: Way) -> App:
    """Return an application that strips a root path which nothing in front of it sees."""
    with warnings.catch_warnings(action="ignore"):  # newer versions prefer an option of the server
        app = fastapi.FastAPI(root_path="/api")
    app.include_router(fastapi_router(way))
    return in_front(app, way)


def fastapi_mounted(way: Way) -> App:
    """Return a router with a prefix, in an application that is mounted in another one."""
    inner, outer = fastapi.FastAPI(), fastapi.FastAPI()
    inner.include_router(fastapi_router(way), prefix="/v1")
    outer.mount("/api", inner)
    return in_front(outer, way)


def flask_app(way: Way) -> flask.Flask:
    """Return the view, also with a suffix."""
    app = flask.Flask("tests")
    guard = flask_guards.Guard(ENGINE, wsgi.caller_in(CALLER))

    def respond_flask(ids: str, suffix: str = "") -> tuple[bytes, int]:  # noqa: ARG001 - parameters of the path
        RUNS.append(flask.request.environ.get("validator.report"))
        return flask.request.get_data(), 201

    view = guard(respond_flask) if way == "behind" else respond_flask
    for number, rule in enumerate(("/activities/<ids>/email-response", "/activities/<ids>/email-response.<suffix>")):
        app.add_url_rule(rule, f"respond{number}", view, methods=["POST"], strict_slashes=False)
    return app


def wsgi_in_front(app: Any, way: Way) -> App:
    """Return a WSGI application, with middleware if wanted."""
    return wsgi.Middleware(app, ENGINE, wsgi.caller_in(CALLER)) if way == "front" else app


def flask_plain(way: Way) -> App:
    """Return the application alone."""
    return wsgi_in_front(flask_app(way), way)


def flask_dispatched(way: Way) -> App:
    """Return the application below a script name that nothing in front of it sees."""
    return wsgi_in_front(DispatcherMiddleware(flask.Flask("empty"), {"/api": flask_app(way)}), way)


def respond_django(request: HttpRequest, ids: str = "", suffix: str = "") -> HttpResponse:  # noqa: ARG001 - parameters of the path
    """Run the view in Django."""
    values = {**getattr(request, "scope", {}), **request.META}
    RUNS.append(values.get("validator.report"))
    return HttpResponse(request.body, status=201)


async def respond_django_async(request: HttpRequest, ids: str = "", suffix: str = "") -> HttpResponse:
    """Run the asynchronous view in Django."""
    return respond_django(request, ids, suffix)


GUARD: Final = django_guards.Guard(ENGINE, django_guards.caller_in(CALLER))
email_response: Final = GUARD.middleware("email-response")  # the dotted name in MIDDLEWARE


def urls(view: Any) -> list[Any]:
    """Return a URL configuration with the view: by a path, a regular expression, and in an included part."""
    return [
        path("activities/<ids>/email-response", view, name="email-response"),
        path("activities/<ids>/email-response.<suffix>", view),
        re_path(r"^activities/(?P<ids>[^/]*)/email-response/+$", view),
        path("sub/", include([path("activities/<int:ids>/email-response", view)])),
    ]


urlpatterns: Final = urls(respond_django)


class Urls(NamedTuple):
    """A URL configuration. urlpatterns: Django's name for its list."""

    urlpatterns: tuple[Any, ...]


def _django_view(way: Way, view: Any) -> Any:
    return GUARD(view) if way == "behind" else view


def make_django(handler: Any, way: Way, view: Any, **options: Any) -> App:
    """Return a handler that applies the options whenever it is called."""
    options = {"ROOT_URLCONF": Urls(tuple(urls(_django_view(way, view)))), **options}
    with django_settings(**options):
        app = handler()

    async def asynchronous(*arguments: Any) -> None:
        with django_settings(**options):
            await app(*arguments)

    def synchronous(*arguments: Any) -> Any:
        with django_settings(**options):
            return app(*arguments)

    return in_front(asynchronous, way) if handler is ASGIHandler else wsgi_in_front(synchronous, way)


@contextmanager
def django_settings(**options: Any) -> Iterator[None]:
    """Apply settings of Django."""
    with override_settings(**options):
        clear_url_caches()
        yield
    clear_url_caches()


MIDDLEWARE: Final = [f"{__name__}.email_response"]


def django_by_middleware(handler: Any, way: Way, view: Any) -> App:
    """Return a handler that is guarded by ``process_view``."""
    if way != "behind":
        return make_django(handler, way, view)
    return make_django(handler, "bare", view, MIDDLEWARE=MIDDLEWARE)


SITES: Final = {
    "starlette": Site(starlette_plain, "asgi"),
    "starlette mounted": Site(starlette_mounted, "asgi", "/api"),
    "starlette twice mounted": Site(starlette_twice_mounted, "asgi", "/sub/api"),
    "fastapi": Site(fastapi_plain, "asgi"),
    "fastapi with root path": Site(fastapi_with_root_path, "asgi", "/api"),
    "fastapi mounted": Site(fastapi_mounted, "asgi", "/api/v1"),
    "flask": Site(flask_plain, "wsgi"),
    "flask dispatched": Site(flask_dispatched, "wsgi", "/api"),
    "django wsgi": Site(lambda way: make_django(WSGIHandler, way, respond_django), "wsgi"),
    "django wsgi middleware": Site(lambda way: django_by_middleware(WSGIHandler, way, respond_django), "wsgi"),
    "django wsgi async view": Site(lambda way: make_django(WSGIHandler, way, respond_django_async), "wsgi"),
    "django asgi": Site(lambda way: make_django(ASGIHandler, way, respond_django), "asgi"),
    "django asgi middleware": Site(lambda way: django_by_middleware(ASGIHandler, way, respond_django_async), "asgi"),
    "django asgi async view": Site(lambda way: make_django(ASGIHandler, way, respond_django_async), "asgi"),
    "django asgi script name": Site(
        lambda way: make_django(ASGIHandler, way, respond_django, FORCE_SCRIPT_NAME="/api"), "asgi", "/api"
    ),
}


class Post(NamedTuple):
    """A request. target: as sent. root: of the server, which adds it to the path as uvicorn does."""

    target: str
    content: bytes
    headers: dict[str, str]
    root: str = ""


def call(site: Site, app: App, post: Post) -> Answer:
    """Return the answer to a request."""
    RUNS.clear()
    status, body = asyncio.run(_call_asgi(app, post)) if site.interface == "asgi" else _call_wsgi(app, post)
    return Answer(status, body, RUNS.copy())


async def _call_asgi(app: App, post: Post) -> tuple[int, bytes]:
    raw, _, query = post.target.partition("?")
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in post.headers.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "root_path": post.root, "path": post.root + unquote(raw), "raw_path": (post.root + raw).encode(),
        "query_string": query.encode(),
        "headers": [*pairs, (b"host", b"test"), (b"content-length", str(len(post.content)).encode())],
    }  # fmt: skip
    messages = [{"type": "http.request", "body": post.content}]
    responses: list[Any] = []

    async def receive() -> Any:
        if not messages:
            await asyncio.Event().wait()  # until the client disconnects
        return messages.pop()

    async def send(message: Any) -> None:
        responses.append(message)

    await app(scope, receive, send)
    return responses[0]["status"], b"".join(message.get("body", b"") for message in responses[1:])


def _call_wsgi(app: App, post: Post) -> tuple[int, bytes]:
    raw, _, query = post.target.partition("?")
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in post.headers.items()}
    environ = {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": post.root, "PATH_INFO": unquote_to_bytes(raw).decode("latin-1"),
        "RAW_URI": post.target, "QUERY_STRING": query, "SERVER_NAME": "test", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(post.content), "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0),
        "CONTENT_LENGTH": str(len(post.content)), "HTTP_HOST": "test", **headers,
    }  # fmt: skip
    starts: list[str] = []
    result = app(environ, lambda status, _headers, _error=None: starts.append(status))
    body = b"".join(result)
    if hasattr(result, "close"):
        result.close()
    return int(starts[-1].split(" ", 1)[0]), body
