"""Flask (extra ``flask``): a decorator of views, which run only for requests that were validated.

>>> guard = Guard(engine, caller_in("X-Customer-Id"))
>>> @app.post("/activities/<ids>/email-response")
... @guard
... def respond(ids): ...

The decorator stands below the route, so that Flask calls the guard. Views may be asynchronous, and ``decorators = [guard]``
guards all methods of a class. ``report()`` returns the report of the current request.
"""

import io
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import flask

from validator import wsgi
from validator.enforcement import Enforcer, ObserveSetting, OnVerdict, check_synchronous, read_parameter
from validator.engine import Engine
from validator.model.report import Report
from validator.wsgi import caller_in
from validator.wsgi.middleware import check

__all__ = ["Guard", "caller_in", "report"]

View = Callable[..., Any]


class Guard:
    """A decorator of views. Immutable; one guard may stand around several views of the operation."""

    def __init__(
        self,
        engine: Engine,
        caller: wsgi.CallerOf,
        *,
        parameter: str = "ids",
        observe: ObserveSetting = False,
        on_verdict: OnVerdict | None = None,
    ) -> None:
        """Create a guard.

        caller: returns the authenticated caller of an environ, or None; ``flask.request`` and ``flask.g`` are available. If it
            raises, the answer is 500-100.
        parameter: name of the argument of the view with the activity's ID.
        observe, on_verdict: see ``validator.enforcement.Enforcer``.

        Raises ValueError for an unknown code, and for an asynchronous directory or caller function.
        """
        check_synchronous(engine, caller)
        self._caller = caller
        self._parameter = parameter
        self._enforcer = Enforcer.create(engine, None, observe, on_verdict, headers_merged=True)

    def __call__(self, view: View) -> View:
        """Return the guarded view."""

        @wraps(view)
        def guarded(*arguments: Any, **parameters: Any) -> Any:
            environ = flask.request.environ
            _restore_input(flask.request, self._enforcer.engine.body_limit)
            answer = check(self._enforcer, self._caller, environ, partial(read_parameter, parameters, self._parameter))
            if answer is not None:
                return flask.Response(answer.body, answer.status, dict(answer.headers))
            return flask.current_app.ensure_sync(view)(*arguments, **parameters)

        return guarded


def _restore_input(request: flask.Request, limit: int) -> None:
    """Put a body that the application has read before the view, and that Flask has cached, into the environ again."""
    if "stream" in vars(request) and (request.content_length or 0) <= limit:
        request.environ["wsgi.input"] = io.BytesIO(request.get_data())


def report() -> Report:
    """Return the report of the current request. Raises MissingReportError in a view that is not guarded."""
    return wsgi.report(flask.request.environ)
