"""The middleware inside a Starlette and a Flask application."""

import http.client
import json
from collections.abc import Callable
from typing import Any

import flask
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from tests.servers.parts import ENGINE, GOOD, PATH, customer, customer_of, expected
from tests.servers.running import HOST, PATIENCE, uvicorn_h11
from validator import Caller
from validator import Request as Asked
from validator.asgi import Middleware
from validator.wsgi import Middleware as WsgiMiddleware

BY_CUSTOMER = {"X-Customer-Id": "1001"}


async def respond(request: Request) -> JSONResponse:
    """Create the response, as an application would."""
    report = request.scope["validator.report"]
    body = await request.json()
    return JSONResponse({"ids": request.path_params["ids"], "department": report.department, "subject": body["subject"]}, 201)


def routed() -> list[Any]:
    """Return the application's routes."""
    return [Route("/activities/{ids}/email-response", respond, methods=["POST"]), Route("/", lambda _: JSONResponse({}))]


def top() -> Any:
    """Return an application with the middleware at its top."""
    app = Starlette(routes=routed())
    app.add_middleware(Middleware, engine=ENGINE, caller=customer)
    return app


def mounted() -> Any:
    """Return an application with the middleware in a part of it that is mounted at /api."""
    return Starlette(routes=[Mount("/api", Middleware(Starlette(routes=routed()), ENGINE, customer))])


def post(port: int, path: str, content: bytes, method: str = "POST", headers: dict[str, str] = BY_CUSTOMER) -> tuple[int, bytes]:
    """Return status and body of an answer; the path is sent as it is."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    connection.request(method, path, content, headers)
    with connection.getresponse() as response:
        told = response.status, response.read()
    connection.close()
    return told


def refusal(content: bytes) -> bytes:
    """Return what the library answers."""
    return expected(Asked("2001", "", (), content, Caller.customer("1001")))[2]


@pytest.mark.parametrize(("make", "prefix"), [(top, ""), (mounted, "/api")])
def test_starlette(make: Callable[[], Any], prefix: str) -> None:
    """Good requests reach the route with their body and report; bad ones are answered before it."""
    with uvicorn_h11(make()) as port:
        status, said = post(port, prefix + PATH, GOOD)
        assert (status, json.loads(said)) == (201, {"ids": "2001", "department": "Service", "subject": "a"})
        assert post(port, prefix + PATH, b"{}") == (400, refusal(b"{}"))
        assert post(port, prefix + PATH, GOOD, headers={})[0] == 401
        assert post(port, prefix + PATH, b"", "GET")[0] == 405
        assert post(port, prefix + "/", b"", "GET") == (200, b"{}")


def test_no_spelling_of_the_path_reaches_the_route_unjudged() -> None:
    """Whatever the framework makes of it, what it routes has been judged."""
    paths = [PATH + "/", "/." + PATH, "/x/.." + PATH, "/%61" + PATH[2:], "/" + PATH, "/activities/2001;/email-response"]
    with uvicorn_h11(top()) as port:
        assert [post(port, path, b"{}")[0] for path in paths] == [400] * len(paths)


def flask_app() -> flask.Flask:
    """Return an application with the middleware."""
    app = flask.Flask("tests")

    @app.post("/activities/<ids>/email-response", strict_slashes=False)
    def respond(ids: str) -> Any:
        report = flask.request.environ["validator.report"]
        subject = flask.request.get_json(force=True)["subject"]
        return {"ids": ids, "department": report.department, "subject": subject}, 201

    app.wsgi_app = WsgiMiddleware(app.wsgi_app, ENGINE, customer_of)  # type: ignore[method-assign]
    return app


def test_flask() -> None:
    """Good requests reach the view with their body and report; bad ones are answered before it."""
    client = flask_app().test_client()
    good = client.post(PATH, data=GOOD, headers=BY_CUSTOMER)
    assert (good.status_code, good.json) == (201, {"ids": "2001", "department": "Service", "subject": "a"})
    bad = client.post(PATH, data=b"{}", headers=BY_CUSTOMER)
    assert (bad.status_code, bad.data) == (400, refusal(b"{}"))
    assert client.post(PATH, data=GOOD).status_code == 401
    assert client.get(PATH).status_code == 405
    assert client.get("/").status_code == 404
    assert client.open(PATH, method="post", data=b"{}", headers=BY_CUSTOMER).status_code == 400
    assert client.post(PATH + "/", data=b"{}", headers=BY_CUSTOMER).status_code == 400
