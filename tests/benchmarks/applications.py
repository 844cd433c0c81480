"""Applications for the gateway benchmarks, bare and behind the middleware."""

from typing import Final

from tests.servers.parts import ENGINE, customer, customer_of, echo, echo_of
from validator import Caller
from validator.asgi import Middleware, Receive, Scope, Send
from validator.wsgi import Middleware as WsgiMiddleware

CALLER: Final = Caller.customer("1001")


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body and answer 201."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


guarded = Middleware(bare, ENGINE, lambda _scope: CALLER)


def bare_of(environ, start_response):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - the usual form of a WSGI application
    """Read the body and answer 201."""
    environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("201 Created", [("Content-Length", "0")])
    return [b""]


guarded_of = WsgiMiddleware(bare_of, ENGINE, lambda _environ: CALLER)

echoing = Middleware(echo, ENGINE, customer)
echoing_of = WsgiMiddleware(echo_of, ENGINE, customer_of)
