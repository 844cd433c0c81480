"""Validation in ASGI applications (ASGI 3.0, HTTP 2.4), behind the router or in front of it.

**Behind the router**, a guard stands around the endpoint itself and gets the path parameters that the framework has found, so
that every request that reaches the endpoint has been validated, however it was routed. ``Guard`` is an ASGI application:

>>> Route("/activities/{ids}/email-response", endpoint, methods=["POST"],
...       middleware=[starlette.middleware.Middleware(Guard, engine=engine, caller=caller_in("X-Customer-Id"))])

FastAPI: ``validator.frameworks.fastapi``. Django: ``validator.frameworks.django``.

**In front**, ``Middleware`` stands around any application, and has to guess which requests its router takes for the
operation (``validator.head.route.Route`` says how, and which ones it cannot see). Other routes and methods, lifespan and
websockets pass through unchanged.

>>> app = Middleware(app, engine, caller_in("X-Customer-Id"))

In both ways, an accepted request reaches the application with its body unchanged, and a refused one is answered with its codes.
The application gets the scope of the server itself, not a copy, so that layers outside see what it adds: route, endpoint, path
parameters, and the report.

**Fail closed**: ``report(scope)`` returns the report, and raises where there is none. An endpoint that begins with it cannot run
without validation by mistake.
"""

from validator.asgi.middleware import CallerOf, Guard, Middleware, caller_in, report
from validator.asgi.protocol import (
    PARTIAL_BODY,
    App,
    Message,
    Receive,
    Scope,
    Send,
    read_body,
    replay_body,
    send_answer,
)
from validator.enforcement import MissingReportError

__all__ = [
    "PARTIAL_BODY",
    "App",
    "CallerOf",
    "Guard",
    "Message",
    "Middleware",
    "MissingReportError",
    "Receive",
    "Scope",
    "Send",
    "caller_in",
    "read_body",
    "replay_body",
    "report",
    "send_answer",
]
