"""Validation in WSGI applications (PEP 3333), behind the router or in front of it.

**Behind the router**, a guard stands around the view itself and gets the path parameters that the framework has found, so that
every request that reaches the view has been validated, however it was routed: ``validator.frameworks.flask`` and
``validator.frameworks.django``.

**In front**, ``Middleware`` stands around any application, and has to guess which requests its router takes for the
operation (``validator.head.route.Route`` says how, and which ones it cannot see). Other routes and methods pass through
unchanged.

>>> app = Middleware(app, engine, caller_in("X-Customer-Id"))

In both ways, an accepted request reaches the application with its body unchanged, and a refused one is answered with its codes.
WSGI has one value per header, so that a repeated Content-Type cannot be detected: reports list this check as skipped.

**Fail closed**: ``report(environ)`` returns the report, and raises where there is none.

**Bodies without a length** (chunked, or HTTP/2) can be read only if the server marks their end (``wsgi.input_terminated``).
Others are reported as 500-100, never as an absent body. With ``observe=True``, the application receives what it would receive
without the middleware.
"""

from validator.enforcement import MissingReportError
from validator.wsgi.body import Environ
from validator.wsgi.middleware import App, CallerOf, Middleware, StartResponse, caller_in, report

__all__ = [
    "App",
    "CallerOf",
    "Environ",
    "Middleware",
    "MissingReportError",
    "StartResponse",
    "caller_in",
    "report",
]
