"""Guards behind the routers: answers, bodies, settings, and the report."""

import asyncio
import io
from functools import partial
from typing import Annotated, Any, Final

import fastapi
import flask
import pytest
import starlette.applications
import starlette.endpoints
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View
from starlette.middleware import Middleware as StarletteMiddleware
from starlette.routing import Mount, Route

from tests.servers.parts import ENGINE, GOOD, LIMIT, OPERATION, PATH, SMALL, TENANT, answer, ask, body, customer, expected, http
from tests.servers.sites import CALLER, MIDDLEWARE, Post, Site, Urls, call, django_settings, email_response, respond_django, urls
from validator import Caller, Facts, Keys, Report, Request, asgi, load, wsgi
from validator.asgi import MissingReportError
from validator.enforcement import Verdict
from validator.frameworks import django as django_guards
from validator.frameworks import fastapi as fastapi_guards
from validator.frameworks import flask as flask_guards

HEADERS: Final = {CALLER: "1001", "Content-Type": "application/json"}
BIG: Final = GOOD + b" " * LIMIT
DISCONNECT: Final = {"type": "http.disconnect"}


class AsyncTenant:
    """An asynchronous directory."""

    async def fetch(self, _keys: Keys) -> Facts:
        """Return the facts of the tenant."""
        return TENANT.facts


ASYNC_ENGINE: Final = load(OPERATION, AsyncTenant())


def refusal(content: bytes) -> bytes:
    """Return the body of the library's answer."""
    return expected(Request("2001", "", (), content, Caller.customer("1001")))[2]


async def echo(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
    """Answer 201 with the body; it must have a report."""
    assert asgi.report(scope, OPERATION).accepted
    message = await receive()
    await send({"type": "http.response.start", "status": 201, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


def scope_of(parameters: Any, **headers: str) -> asgi.Scope:
    """Return a scope with path parameters."""
    return {**http("/anything", **headers), "path_params": parameters}


GUARD: Final = asgi.Guard(echo, ENGINE, customer)


@pytest.mark.parametrize("ids", ["2001", 2001])
def test_asgi_guard_validates_with_the_path_parameter(ids: object) -> None:
    """Whatever the path and the method are. A router may have converted it to a number."""
    assert answer(ask(GUARD, scope_of({"ids": ids, "x": "y"}), body(GOOD)))[::2] == (201, GOOD)
    for method in ("GET", "PUT", "QUERY"):
        assert answer(ask(GUARD, {**scope_of({"ids": ids}), "method": method}, body(b"{}")))[::2] == (400, refusal(b"{}"))
    assert answer(ask(GUARD, scope_of({"ids": "02001"}), body(GOOD)))[2].startswith(b'{"code": "400-108"')
    assert answer(ask(GUARD, scope_of({"ids": None}), body(GOOD)))[2].startswith(b'{"code": "400-108"')


@pytest.mark.parametrize("parameters", [{}, {"id": "2001"}, None])
def test_asgi_guard_without_the_path_parameter_fails_closed(parameters: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A guard in front of the router, or with the wrong name. The log says so."""
    assert answer(ask(GUARD, scope_of(parameters)))[0] == 500
    assert "the route of the guarded endpoint has no path parameter 'ids'; its name is a setting of the guard" in caplog.text
    by_name = asgi.Guard(echo, ENGINE, customer, parameter="id")
    assert answer(ask(by_name, scope_of({"id": "2001"}), body(GOOD)))[0] == 201


def test_asgi_guard_serves_http_only() -> None:
    """A websocket would reach the endpoint without a request. Lifespan has no request."""
    assert ask(GUARD, {"type": "websocket", "path": PATH, "path_params": {"ids": "2001"}}) == [
        {"type": "websocket.close", "code": 1008}
    ]
    assert ask(GUARD, {"type": "webtransport"})[0]["type"] == "websocket.close"
    scopes: list[asgi.Scope] = []

    async def app(scope: asgi.Scope, _receive: asgi.Receive, _send: asgi.Send) -> None:
        scopes.append(scope)

    assert ask(asgi.Guard(app, ENGINE, customer), {"type": "lifespan"}) == []
    assert scopes == [{"type": "lifespan"}]


def test_asgi_guard_has_the_settings_of_the_middleware() -> None:
    """Failures are observed, verdicts are counted, unread bodies close the connection."""
    verdicts: list[Verdict] = []

    async def app(scope: asgi.Scope, _receive: asgi.Receive, send: asgi.Send) -> None:
        await send({"type": asgi.report(scope).failures[0].code})

    observing = asgi.Guard(app, ENGINE, customer, observe={"400-720"}, on_verdict=verdicts.append, headers_merged=True)
    assert ask(observing, scope_of({"ids": "2001"}), body(b"{}")) == [{"type": "400-720"}]
    assert [verdict.verdict for verdict in verdicts] == ["observed"]
    messages = ask(asgi.Guard(echo, SMALL, customer), scope_of({"ids": "2001"}, content_length=str(LIMIT + 1)))
    assert (answer(messages)[0], (b"connection", b"close") in messages[0]["headers"]) == (400, True)
    assert ask(GUARD, scope_of({"ids": "2001"}), [DISCONNECT]) == []
    with pytest.raises(ValueError, match="has no code '400-999'"):
        asgi.Guard(echo, ENGINE, customer, observe={"400-999"})


class Metrics:
    """A layer outside that reads what the router has found, once the response starts."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.labels: list[tuple[Any, Any, Any]] = []

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Read the scope after the application."""
        await self.app(scope, receive, send)
        report = scope.get("validator.report")
        self.labels.append((scope["endpoint"].__name__, dict(scope["path_params"]), report and report.accepted))


async def endpoint(request: Any) -> Any:
    """Answer with the body."""
    return starlette.responses.Response(await request.body(), 201)


class Endpoint(starlette.endpoints.HTTPEndpoint):
    """An endpoint with methods."""

    async def post(self, request: Any) -> Any:
        """Answer with the body."""
        return await endpoint(request)


@pytest.mark.parametrize("target", [endpoint, Endpoint])
def test_starlette_route_shows_layers_outside_what_it_has_found(target: Any) -> None:
    """Otherwise metrics have one series for each activity ID. So do endpoints that are classes, with every method."""
    guard = StarletteMiddleware(asgi.Guard, engine=ENGINE, caller=customer)
    route = Route("/{ids}/answer", target, middleware=[guard], methods=["POST", "PUT"])
    app = Metrics(asgi.Middleware(starlette.applications.Starlette(routes=[Mount("/api", routes=[route])]), ENGINE, customer))
    assert answer(ask(app, http("/api/2001/answer"), body(GOOD)))[::2] == (201, GOOD)
    assert answer(ask(app, http("/api/2001/answer"), body(b"{}")))[0] == 400
    assert answer(ask(app, http("/api/2001/answer", method="PUT"), body(b"{}")))[0] == 400
    name, parameters = target.__name__, {"ids": "2001"}
    assert app.labels == [(name, parameters, True), (name, parameters, None), (name, parameters, None)]


@pytest.mark.parametrize("values", [{}, {"validator.report": None}, {"validator.report": True}, {"validator.report": "accepted"}])
def test_report_fails_closed(values: dict[str, Any]) -> None:
    """Also where something else has the name of the report."""
    for find in (asgi.report, wsgi.report):
        with pytest.raises(MissingReportError, match=r"^the request was not validated: no guard or middleware has seen it"):
            find(values)
        accepted = {"validator.report": ENGINE.validate(Request("2001", body=GOOD, caller=Caller.customer("1001")))}
        assert find(accepted) is find(accepted, OPERATION) is accepted["validator.report"]
        with pytest.raises(MissingReportError, match=f"^the request was not validated as 'other', but as '{OPERATION}'$"):
            find(accepted, "other")


def fastapi_app(engine: Any = ENGINE, **settings: Any) -> fastapi.FastAPI:
    """Return an application with a guarded and a plain router, which both require a report."""
    app = fastapi.FastAPI()
    guarded = fastapi.APIRouter(route_class=fastapi_guards.guarded_route(engine, customer, **settings))

    @guarded.post("/activities/{ids}/email-response", status_code=201)
    async def respond(
        ids: str,
        data: dict[str, Any],
        request: fastapi.Request,
        report: Annotated[Report, fastapi.Depends(fastapi_guards.report)],
    ) -> list[Any]:
        return [ids, data["subject"], report.department, len(await request.body())]

    @app.post("/plain/{ids}")
    async def plain(ids: str, report: Annotated[Report, fastapi.Depends(fastapi_guards.report)]) -> str:
        return ids + report.operation

    app.include_router(guarded)
    return app


def test_fastapi_route_validates_before_it_reads() -> None:
    """Malformed JSON has the code of the operation, and not the status of FastAPI. The endpoint gets the body and the report."""
    app = fastapi_app()
    assert answer(ask(app, http(content_type="application/json"), body(GOOD[:9], GOOD[9:])))[::2] == (
        201,
        b'["2001","a","Service",77]',
    )
    for content in (b"{", b"", b"[]", b"\xff"):
        assert answer(ask(app, http(content_type="application/json"), body(content)))[::2] == (400, refusal(content))
    with pytest.raises(MissingReportError):
        ask(app, http("/plain/2001"), body(GOOD))


def test_fastapi_route_has_the_settings_of_the_guard() -> None:
    """A body that is not read closes the connection; a client that has gone is not answered with a failure."""
    messages = ask(fastapi_app(SMALL), http(content_length=str(LIMIT + 1)))
    assert (answer(messages)[0], (b"connection", b"close") in messages[0]["headers"]) == (400, True)
    assert answer(ask(fastapi_app(), http(), [DISCONNECT]))[::2] == (400, b"")
    observed = answer(ask(fastapi_app(observe=True), http(content_type="application/json"), body(b'{"subject": "x"}')))
    assert observed[::2] == (201, b'["2001","x",null,16]')
    assert answer(ask(fastapi_app(parameter="other"), http(), body(GOOD)))[0] == 500


def flask_app(guard: flask_guards.Guard, *, reads: str = "") -> Any:
    """Return an application whose view must have a report. reads: how it reads the body before the view."""
    app = flask.Flask("tests")
    app.testing = True

    @app.before_request
    def read_first() -> None:
        if reads == "data":
            flask.request.get_data()
        elif reads == "json":
            flask.request.get_json(force=True, silent=True)
        elif reads == "stream":
            flask.request.stream.read()

    @app.post("/activities/<ids>/email-response")
    @app.post("/numbers/<int:ids>")
    @guard
    def respond(ids: Any) -> Any:
        data = flask.request.get_data()
        return [str(ids), flask_guards.report().department, len(data), flask.request.environ["wsgi.input"].read(3).decode()], 201

    @app.post("/async/<ids>")
    @guard
    async def respond_later(ids: str) -> Any:
        await asyncio.sleep(0)
        return ids, 201

    @app.post("/plain")
    def plain() -> str:
        return flask_guards.report().operation

    return app


@pytest.mark.parametrize("reads", ["", "data", "json"])
def test_flask_view_gets_the_body(reads: str) -> None:
    """Also if the application has read it before the view."""
    client = flask_app(flask_guards.Guard(ENGINE, wsgi.caller_in(CALLER)), reads=reads).test_client()
    for target in (PATH, "/numbers/2001"):
        answered = client.post(target, data=GOOD, headers=HEADERS)
        assert (answered.status_code, answered.json[:3]) == (201, ["2001", "Service", len(GOOD)])
        refused = client.post(target, data=b"{}", headers=HEADERS)
        assert (refused.status_code, refused.data, refused.content_type) == (400, refusal(b"{}"), "application/json")
    assert client.post(PATH, data=GOOD).status_code == 401


def test_method_override_cannot_avoid_the_guard() -> None:
    """Code in front of the router has changed the method: the guard validates what reaches the view."""
    app = flask_app(flask_guards.Guard(ENGINE, wsgi.caller_in(CALLER)))
    inner = app.wsgi_app

    def override(environ: Any, start_response: Any) -> Any:
        return inner({**environ, "REQUEST_METHOD": environ["HTTP_X_HTTP_METHOD_OVERRIDE"]}, start_response)

    app.wsgi_app = override
    for method in ("GET", "PUT", "QUERY"):
        answered = app.test_client().open(PATH, method=method, data=b"{}", headers={**HEADERS, "X-HTTP-Method-Override": "POST"})
        assert (answered.status_code, answered.data) == (400, refusal(b"{}"))


def test_flask_view_without_its_body_does_not_run() -> None:
    """The application has consumed it before the view."""
    client = flask_app(flask_guards.Guard(ENGINE, wsgi.caller_in(CALLER)), reads="stream").test_client()
    assert client.post(PATH, data=GOOD, headers=HEADERS).json["code"] == "400-264"


def test_flask_views_may_be_asynchronous_and_others_have_no_report() -> None:
    """The wrapped view is called as Flask calls it."""
    client = flask_app(flask_guards.Guard(ENGINE, wsgi.caller_in(CALLER))).test_client()
    assert client.post("/async/2001", data=GOOD, headers=HEADERS).data == b"2001"
    with pytest.raises(MissingReportError):
        client.post("/plain")


def test_flask_guard_has_the_settings_of_the_middleware(caplog: pytest.LogCaptureFixture) -> None:
    """A large body is not read, failures are observed, and the parameter has a name."""
    large = flask_app(flask_guards.Guard(SMALL, wsgi.caller_in(CALLER)), reads="").test_client()
    assert large.post(PATH, data=BIG, headers=HEADERS).json["code"] == "400-713"
    verdicts: list[Verdict] = []
    guard = flask_guards.Guard(SMALL, wsgi.caller_in(CALLER), observe=True, on_verdict=verdicts.append)
    assert flask_app(guard, reads="data").test_client().post(PATH, data=BIG, headers=HEADERS).json[2] == len(BIG)
    assert [verdict.code for verdict in verdicts] == ["400-713"]
    named = flask_app(flask_guards.Guard(ENGINE, wsgi.caller_in(CALLER), parameter="id")).test_client()
    assert named.post(PATH, data=GOOD, headers=HEADERS).status_code == 500
    assert "no path parameter 'id'" in caplog.text


async def asynchronous_caller(_request: Any) -> Caller:
    """Return a customer."""
    return Caller.customer("1001")


class AsynchronousCaller:
    """An object that is called like a function."""

    async def __call__(self, request: Any) -> Caller:
        """Return a customer."""
        return await asynchronous_caller(request)


@pytest.mark.parametrize(
    ("engine", "caller"),
    [
        (ASYNC_ENGINE, wsgi.caller_in(CALLER)),
        (ENGINE, asynchronous_caller),
        (ENGINE, AsynchronousCaller()),
        (ENGINE, partial(asynchronous_caller)),
    ],
)
def test_synchronous_code_refuses_what_it_would_have_to_await(engine: Any, caller: Any) -> None:
    """When the guard or the middleware is made, not at each request."""
    makes: list[Any] = [
        lambda: wsgi.Middleware(lambda *_: [], engine, caller),
        lambda: flask_guards.Guard(engine, caller),
        lambda: django_guards.Guard(engine, caller)(respond_django),
    ]
    for make in makes:
        with pytest.raises(ValueError, match=r"^an asynchronous (directory|caller function) needs ASGI or an asynchronous view"):
            make()
    with pytest.raises(ValueError, match=r"^an asynchronous"), django_settings(ROOT_URLCONF=Urls(tuple(urls(respond_django)))):
        django_guards.Guard(engine, caller).middleware("email-response")(respond_django)


async def echo_django(request: HttpRequest, ids: str) -> HttpResponse:
    """Answer with the body; it must have a report."""
    return HttpResponse(f"{ids} {django_guards.report(request, OPERATION).status} {len(request.body)}", status=201)


@pytest.mark.parametrize(
    ("engine", "caller"),
    [(ASYNC_ENGINE, django_guards.caller_in(CALLER)), (ENGINE, asynchronous_caller), (ENGINE, AsynchronousCaller())],
)
def test_asynchronous_django_view_awaits(engine: Any, caller: Any) -> None:
    """The directory and the caller function may be asynchronous."""
    view = django_guards.Guard(engine, caller)(echo_django)
    request = AsyncRequestFactory().post(PATH, GOOD, "application/json", headers={CALLER: "1001"})
    assert asyncio.run(view(request, ids="2001")).content == b"2001 201 77"
    request = AsyncRequestFactory().post(PATH, b"{}", "application/json", headers={CALLER: "1001"})
    assert asyncio.run(view(request, "2001")).content == refusal(b"{}")


def make_request(content: Any = GOOD, **members: Any) -> Any:
    """Return a WSGI request of Django."""
    return RequestFactory().post(PATH, content, "application/json", headers=HEADERS, **members)


class Bare:
    """A view of Django that records what it reads. read: how."""

    def __init__(self, read: Any = lambda request: request.body) -> None:
        self.read = read
        self.results: list[bytes] = []
        self.reports: list[Report | None] = []

    def __call__(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Read the body."""
        self.reports.append(request.META.get("validator.report"))
        self.results.append(self.read(request))
        return HttpResponse(status=201)


def guarded(view: Any, engine: Any = ENGINE, **settings: Any) -> Any:
    """Return a guarded view."""
    return django_guards.Guard(engine, django_guards.caller_in(CALLER), **settings)(view)


@pytest.mark.parametrize("read", [lambda request: request.body, lambda request: request.read(), b"".join])
def test_django_view_gets_the_body(read: Any) -> None:
    """In each way to read it, also if other middleware has read it before."""
    for prepare in (lambda _request: b"", lambda request: request.body):
        view, request = Bare(read), make_request()
        prepare(request)
        assert guarded(view)(request, ids="2001").status_code == 201
        assert view.results == [GOOD]


def test_django_view_gets_a_chunked_body() -> None:
    """Django itself takes it for absent: it reads no more than a Content-Length."""
    request = make_request()
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    request = type(request)({**request.environ, **chunked, "wsgi.input": io.BytesIO(GOOD), "wsgi.input_terminated": True})
    view = Bare()
    assert guarded(view)(request, ids="2001").status_code == 201
    assert view.results == [GOOD]
    unknown = make_request()
    unknown = type(unknown)({**unknown.environ, **chunked})
    assert guarded(view)(unknown, ids="2001").status_code == 500


@pytest.mark.parametrize("content", [b"", GOOD, BIG])
@pytest.mark.parametrize(
    "members", [{}, {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}]
)
def test_observing_changes_nothing_in_django(content: bytes, members: dict[str, Any]) -> None:
    """A chunked body that Django takes for absent stays absent."""
    bare, observed = Bare(), Bare()
    for view in (bare, guarded(observed, SMALL, observe=True)):
        request = make_request(content)
        view(type(request)({**request.environ, "wsgi.input": io.BytesIO(content), **members}), ids="2001")
    assert observed.results == bare.results
    assert [report is not None for report in observed.reports] == [True]


@pytest.mark.parametrize("size", [LIMIT, 10 * LIMIT])
def test_observing_changes_nothing_in_asynchronous_django(size: int) -> None:
    """The whole body follows the part that was read."""
    request = AsyncRequestFactory().post(PATH, GOOD + b" " * size, "application/json", headers={CALLER: "1001"})
    view = Bare(lambda request: request.read())
    guarded(view, SMALL, observe=True)(request, ids="2001")
    assert view.results == [GOOD + b" " * size]
    assert view.reports[0] is not None
    assert view.reports[0].failures[0].code == "400-713"
    refused = AsyncRequestFactory().post(PATH, GOOD + b" " * size, "application/json", headers={CALLER: "1001"})
    assert b"400-713" in guarded(view, SMALL)(refused, ids="2001").content


def test_django_body_that_was_read_in_part_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """The view would not get what was validated."""
    request = make_request()
    request.read(1)
    assert guarded(Bare())(request, ids="2001").status_code == 500
    assert "guard before any code that reads it" in caplog.text
    large = make_request(BIG)
    assert len(large.body) == len(BIG)
    assert b"400-713" in guarded(Bare(), SMALL)(large, ids="2001").content


@pytest.mark.parametrize("arguments", [((), {"ids": 2001}), (("2001",), {}), (("7", "8"), {"ids": "2001"})])
def test_django_parameters(arguments: tuple[Any, Any]) -> None:
    """By name; a single unnamed one needs none."""
    positional, named = arguments
    assert guarded(Bare())(make_request(), *positional, **named).status_code == 201
    assert guarded(Bare())(make_request(), "7", "8").status_code == 500
    assert guarded(Bare())(make_request(), "2001", other="x").status_code == 500


class ByMethod(View):
    """A view with two methods, of which one is guarded."""

    @method_decorator(django_guards.Guard(ENGINE, django_guards.caller_in(CALLER)))
    def post(self, request: HttpRequest, ids: str) -> HttpResponse:
        """Answer with the ID; it must have a report."""
        return HttpResponse(f"{ids} {django_guards.report(request).status}")

    def get(self, request: HttpRequest, ids: str) -> HttpResponse:
        """Answer without a report."""
        return HttpResponse(f"{ids} {django_guards.report(request).status}")


def test_django_class_view() -> None:
    """The decorator stands around a method; the other one has no report."""
    view: Any = ByMethod.as_view()
    assert view(make_request(), ids="2001").content == b"2001 201"
    assert view(make_request(b"{}"), ids="2001").content == refusal(b"{}")
    with pytest.raises(MissingReportError):
        view(RequestFactory().get(PATH), ids="2001")


class Namespaced(View):
    """A class that two routes use."""

    def post(self, request: HttpRequest, ids: str) -> HttpResponse:
        """Answer with the ID; it must have a report."""
        return HttpResponse(f"{ids} {django_guards.report(request).status}", status=201)


def plain(_request: HttpRequest, ids: str) -> HttpResponse:
    """Answer with the ID, without a report."""
    return HttpResponse(ids)


PATTERNS: Final = Urls(
    (
        path("api/", include(([path("a/<ids>", Namespaced.as_view(), name="answer")], "app"), namespace="v1")),
        path("included/", include([path("<ids>", plain)])),
        path("b/<ids>", Namespaced.as_view()),
        path("c/<ids>", plain, name="plain"),
    )
)
guard_of_asynchronous_site: Final = django_guards.Guard(ASYNC_ENGINE, asynchronous_caller).middleware("v1:answer")
guard_of_class: Final = django_guards.Guard(ENGINE, django_guards.caller_in(CALLER)).middleware("v1:answer")


@pytest.mark.parametrize("handler", [WSGIHandler, ASGIHandler])
def test_django_middleware_guards_every_route_to_a_view(handler: Any) -> None:
    """By its name, also of a class; other views are not concerned."""
    site = Site(handler, "wsgi" if handler is WSGIHandler else "asgi")
    with django_settings(ROOT_URLCONF=PATTERNS, MIDDLEWARE=[f"{__name__}.guard_of_class"]):
        app = handler()
        for target in ("/api/a/2001", "/b/2001"):
            assert call(site, app, Post(target, GOOD, HEADERS))[:2] == (201, b"2001 201")
            assert call(site, app, Post(target, b"{}", HEADERS))[:2] == (400, refusal(b"{}"))
        for target in ("/c/2001", "/included/2001"):
            assert call(site, app, Post(target, b"{}", {}))[:2] == (200, b"2001")


class Wrapped:
    """A request as Django REST framework wraps it: a body, and everything else of the request inside."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self.user = "1001"

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the request inside."""
        return getattr(self._request, name)


def test_django_request_may_be_wrapped() -> None:
    """The caller is read of the wrapper, and the body of the request inside."""

    def by_user(request: Any) -> Caller:
        return Caller.customer(request.user)

    guard = django_guards.Guard(ENGINE, by_user)
    view = Bare()
    request: Any = Wrapped(make_request())
    assert guard(view)(request, ids="2001").status_code == 201
    assert (view.results, django_guards.report(request).status) == ([GOOD], 201)

    async def answer_later(request: Any, ids: str) -> Any:
        return await echo_django(request, ids)

    request = Wrapped(AsyncRequestFactory().post(PATH, GOOD, "application/json"))
    assert asyncio.run(guard(answer_later)(request, ids="2001")).content == b"2001 201 77"


def test_asynchronous_django_middleware_awaits() -> None:
    """The directory and the caller function may be asynchronous. Under WSGI, Django would not start."""
    with django_settings(ROOT_URLCONF=PATTERNS, MIDDLEWARE=[f"{__name__}.guard_of_asynchronous_site"]):
        app = ASGIHandler()
        site = Site(lambda _way: app, "asgi")
        assert call(site, app, Post("/b/2001", GOOD, {}))[:2] == (201, b"2001 201")
        assert call(site, app, Post("/b/2001", b"{}", {}))[:2] == (400, refusal(b"{}"))
        assert call(site, app, Post("/c/2001", b"{}", {}))[:2] == (200, b"2001")
        with pytest.raises(ValueError, match=r"^an asynchronous"):
            WSGIHandler()


def test_django_middleware_with_an_unknown_view_does_not_start() -> None:
    """A mistyped name would guard nothing."""
    guard = django_guards.Guard(ENGINE, django_guards.caller_in(CALLER))
    with django_settings(ROOT_URLCONF=PATTERNS):
        with pytest.raises(ImproperlyConfigured, match=r"^the URL configuration has no view named 'answer', 'v2:answer'$"):
            guard.middleware("answer", "v2:answer", "plain")(respond_django)
        with pytest.raises(ImproperlyConfigured, match=r"^middleware needs the name of at least one view$"):
            guard.middleware()(respond_django)
        with pytest.raises(ImproperlyConfigured, match="'email-response'"):
            email_response(respond_django)
    assert MIDDLEWARE


def test_django_report_in_front() -> None:
    """The middleware of ASGI has put it into the scope."""
    request: Any = AsyncRequestFactory().post(PATH)
    with pytest.raises(MissingReportError):
        django_guards.report(request)
    request.scope["validator.report"] = ENGINE.validate(Request("2001", body=GOOD, caller=Caller.customer("1001")))
    assert django_guards.report(request).accepted
