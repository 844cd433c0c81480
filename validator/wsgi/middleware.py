"""The middleware in front of a router, and the report in an environ."""

from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from validator.enforcement import (
    REPORT_KEY,
    Arrival,
    Enforcer,
    ObserveSetting,
    OnVerdict,
    SetupError,
    Template,
    check_synchronous,
    find_report,
)
from validator.engine import Engine
from validator.head.caller import check_header_name, read_caller
from validator.head.octets import decode_native_target
from validator.head.route import decode_around_slashes
from validator.model.report import Report
from validator.model.request import Caller
from validator.model.response import Response
from validator.wsgi.body import Environ, read_body, replace_body

StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]
CallerOf = Callable[[Environ], Caller | None]

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}  # an operation may have others
_HEADERS: Final = (
    ("Accept", "HTTP_ACCEPT"),
    ("Accept-Language", "HTTP_ACCEPT_LANGUAGE"),
    ("Content-Type", "CONTENT_TYPE"),
    ("Content-Encoding", "HTTP_CONTENT_ENCODING"),
)


class Middleware:
    """A WSGI application in front of another one: it passes accepted requests on, and those of other operations."""

    def __init__(  # noqa: PLR0913 - all but three are named settings with a default
        self,
        app: App,
        engine: Engine,
        caller: CallerOf,
        template: Template = None,
        *,
        observe: ObserveSetting = False,
        on_verdict: OnVerdict | None = None,
    ) -> None:
        """Put an engine in front of an application.

        caller: returns the authenticated caller of an environ, or None. If it raises, the answer is 500-100.
        template: paths with ``{ids}``, one or several, at which the operation is mounted, besides its own path. Each is
            recognized below any prefix: see ``validator.head.route.Route``.
        observe, on_verdict: see ``validator.enforcement.Enforcer``.

        Raises ValueError for an invalid template, an unknown code, and for an asynchronous directory or caller function.
        """
        check_synchronous(engine, caller)
        self._app = app
        self._caller = caller
        self._enforcer = Enforcer.create(engine, template, observe, on_verdict, headers_merged=True)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        ids = self._enforcer.route.extract_ids(environ["REQUEST_METHOD"], *_paths(environ))
        if ids is None:
            return self._app(environ, start_response)
        answer = check(self._enforcer, self._caller, environ, lambda: ids)
        if answer is None:
            return self._app(environ, start_response)
        start_response(f"{answer.status} {_PHRASES.get(answer.status, 'Refused')}", list(answer.headers))
        return (answer.body,)


def check(enforcer: Enforcer, caller: CallerOf, environ: Environ, ids: Callable[[], str | None]) -> Response | None:
    """Validate the request of an environ, and return the answer to a refused one.

    None: the request passes; the environ then, and in no other case, has its report, and an input that begins with the body
    that was read.
    """
    environ.pop(REPORT_KEY, None)
    arrival = make_arrival(environ, ids, partial(caller, environ))
    outcome = enforcer.check(arrival, partial(read_body, environ))
    if outcome.answer is None:
        replace_body(environ, outcome.body, is_observing=enforcer.is_observing_all)
        environ[REPORT_KEY] = outcome.report
    return outcome.answer


def make_arrival(environ: Environ, ids: Callable[[], str | None], caller: Callable[[], Any]) -> Arrival:
    """Return the request of an environ. An empty Content-Type means an absent one (PEP 3333)."""
    headers = [(name, environ[key]) for name, key in _HEADERS if key in environ and (environ[key] or key != "CONTENT_TYPE")]
    query = decode_native_target(environ.get("QUERY_STRING", ""))
    return Arrival(query, headers, headers_merged=True, ids=ids, caller=caller)


def report(environ: Environ, operation: str | None = None) -> Report:
    """Return the report of a request that was validated. operation: the one that it must belong to; None: any.

    Raises MissingReportError if there is no report: the request has reached the view on a way that no guard or middleware sees.
    The report is of an accepted request, or of one whose failures are only observed.
    """
    return find_report(environ, operation)


def caller_in(header: str) -> Callable[[Environ], Caller | None]:
    """Return a function that reads the caller of an environ from a header: a customer's ID, or ``other:`` and a kind of actor.

    It returns None (no caller is authenticated) if the header is absent, or has any other value, such as two that the server has
    merged; spaces and tabs around the value are ignored.

    The header is only as good as the gateway that sets it, and removes those of clients in every form that becomes the same
    name: granian, cheroot, wsgiref and uWSGI make HTTP_X_CUSTOMER_ID of ``X_Customer_Id`` too, and some keep only one of the two.
    gunicorn, waitress and Werkzeug drop names with ``_``; nginx does so by default. Raises ValueError for an invalid header name.
    """
    key = f"HTTP_{check_header_name(header).upper().replace('-', '_')}"

    def caller(environ: Environ) -> Caller | None:
        if not isinstance(environ, dict) or "headers" in environ:
            raise SetupError("this caller_in reads WSGI environs; use that of the module with the guard or middleware")
        return read_caller([environ[key]] if key in environ else [])

    return caller


def _paths(environ: Environ) -> tuple[str, ...]:
    """Return every path by which an application could route (PEP 3333: octets as characters), without and with its root.

    The target as the client sent it has no standard name; there, a slash that is percent-encoded is a character of the ID.
    """
    paths: tuple[str, ...] = (decode_native_target(environ.get("PATH_INFO", "")),)
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw:
        paths += decode_around_slashes(decode_native_target(raw).partition("?")[0])
    root = environ.get("SCRIPT_NAME")
    return paths + tuple(decode_native_target(root) + path for path in paths) if root else paths
