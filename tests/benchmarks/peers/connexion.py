"""connexion as a peer: its routing and request validation around an application that does nothing, without a server."""

import json
import logging
from typing import Any

from connexion import ConnexionMiddleware
from connexion.exceptions import ProblemException
from connexion.middleware.request_validation import RequestValidationMiddleware
from connexion.middleware.routing import RoutingMiddleware

from tests.benchmarks.peers.worker import Prepared, Validate, serve


async def do_nothing(_scope: Any, _receive: Any, _send: Any) -> None:
    """Stand for the application behind the validation."""


async def send(_message: Any) -> None:
    """Ignore it: the application sends nothing."""


def to_3_0(document: dict[str, Any]) -> dict[str, Any]:
    """Return the requests of a document as OpenAPI 3.0, the only version that connexion supports.

    The two versions name the keywords of validation alike; 3.0 has no lists of examples. Responses are left out.
    """
    schemas = {name: schema for name, schema in document["components"]["schemas"].items() if ".error" not in f".{name}"}
    converted = _without_examples(document | {"openapi": "3.0.3", "components": {"schemas": schemas}})
    for path in converted["paths"].values():
        for operation in path.values():
            operation["responses"] = {"201": {"description": "Created."}}
    return dict(converted)


def _without_examples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_examples(item) for name, item in value.items() if name != "examples"}
    return [_without_examples(item) for item in value] if isinstance(value, list) else value


def build(document: dict[str, Any]) -> Validate:
    """Return the validation of a document."""
    logging.disable()  # connexion logs each refusal
    app = ConnexionMiddleware(do_nothing, middlewares=[RoutingMiddleware, RequestValidationMiddleware])
    app.add_api(to_3_0(document), strict_validation=True, resolver=lambda _operation: do_nothing)

    async def validate(request: Prepared) -> str | None:
        headers = [(name.lower().encode(), value.encode()) for name, value in request.headers]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "root_path": "", "path": request.path, "query_string": request.query.encode(), "headers": headers,
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        try:
            await app(scope, receive, send)
        except ProblemException as problem:
            return json.dumps({"title": problem.title, "detail": problem.detail, "status": problem.status})
        return None

    return validate


if __name__ == "__main__":
    serve("connexion", build)
