"""The middleware in Starlette and Flask applications."""

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
from validator import Request as ValidatorRequest
from validator.asgi import Middleware
from validator.wsgi import Middleware as WsgiMiddleware

BY_CUSTOMER = {"X-Customer-Id": "1001"}


async def respond(request: Request) -> JSONResponse:
    """Answer with the report's department and members of the body."""
    report = request.scope["validator.report"]
    body = await request.json()
    return JSONResponse({"ids": request.path_params["ids"], "department": report.department, "subject": body["subject"]}, 201)


def make_routes() -> list[Any]:
    """Return the routes of the application."""
    return [Route("/activities/{ids}/email-response", respond, methods=["POST"]), Route("/", lambda _: JSONResponse({}))]


def wrapped() -> Any:
    """Return an application inside the middleware."""
    app = Starlette(routes=make_routes())
    app.add_middleware(Middleware, engine=ENGINE, caller=customer)
    return app


def mounted() -> Any:
    """Return an application with the middleware in a part that is mounted at /api."""
    return Starlette(routes=[Mount("/api", Middleware(Starlette(routes=make_routes()), ENGINE, customer))])


def post(port: int, path: str, content: bytes, method: str = "POST", headers: dict[str, str] = BY_CUSTOMER) -> tuple[int, bytes]:
    """Return status and body of an answer. The path is sent unchanged."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    connection.request(method, path, content, headers)
    with connection.getresponse() as response:
        result = response.status, response.read()
    connection.close()
    return result


def refusal(content: bytes) -> bytes:
    """Return the library's answer to a body."""
    return expected(ValidatorRequest("2001", "", (), content, Caller.customer("1001")))[2]


@pytest.mark.parametrize(("make", "prefix"), [(wrapped, ""), (mounted, "/api")])
def test_starlette(make: Callable[[], Any], prefix: str) -> None:
    """Accepted requests reach the route with body and report; refused ones do not."""
    with uvicorn_h11(make()) as port:
        status, content = post(port, prefix + PATH, GOOD)
        assert (status, json.loads(content)) == (201, {"ids": "2001", "department": "Service", "subject": "a"})
        assert post(port, prefix + PATH, b"{}") == (400, refusal(b"{}"))
        assert post(port, prefix + PATH, GOOD, headers={})[0] == 401
        assert post(port, prefix + PATH, b"", "GET")[0] == 405
        assert post(port, prefix + "/", b"", "GET") == (200, b"{}")


def test_no_variant_of_the_path_bypasses_validation() -> None:
    """A request that the framework routes to the operation has been validated, whatever the form of its path."""
    paths = [PATH + "/", "/." + PATH, "/x/.." + PATH, "/%61" + PATH[2:], "/" + PATH, "/activities/2001;/email-response"]
    with uvicorn_h11(wrapped()) as port:
        assert [post(port, path, b"{}")[0] for path in paths] == [400] * len(paths)


def flask_app() -> flask.Flask:
    """Return an application inside the middleware."""
    app = flask.Flask("tests")

    @app.post("/activities/<ids>/email-response", strict_slashes=False)
    def respond(ids: str) -> Any:
        report = flask.request.environ["validator.report"]
        subject = flask.request.get_json(force=True)["subject"]
        return {"ids": ids, "department": report.department, "subject": subject}, 201

    app.wsgi_app = WsgiMiddleware(app.wsgi_app, ENGINE, customer_of)  # type: ignore[method-assign]
    return app


def test_flask() -> None:
    """Accepted requests reach the view with body and report; refused ones do not."""
    client = flask_app().test_client()
    accepted = client.post(PATH, data=GOOD, headers=BY_CUSTOMER)
    assert (accepted.status_code, accepted.json) == (201, {"ids": "2001", "department": "Service", "subject": "a"})
    refused = client.post(PATH, data=b"{}", headers=BY_CUSTOMER)
    assert (refused.status_code, refused.data) == (400, refusal(b"{}"))
    assert client.post(PATH, data=GOOD).status_code == 401
    assert client.get(PATH).status_code == 405
    assert client.get("/").status_code == 404
    assert client.open(PATH, method="post", data=b"{}", headers=BY_CUSTOMER).status_code == 400
    assert client.post(PATH + "/", data=b"{}", headers=BY_CUSTOMER).status_code == 400
