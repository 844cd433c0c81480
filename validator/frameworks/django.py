"""Django (extra ``django``): a decorator of views, or middleware; under WSGI and ASGI.

>>> guard = Guard(engine, caller_in("X-Customer-Id"))
>>> @csrf_exempt
... @guard
... def respond(request, ids): ...

The view may be asynchronous; then the directory and the caller function may be too. For a class, use
``method_decorator(guard, name="post")``.

Instead, ``MIDDLEWARE`` can hold the dotted name of a guard for views by their names in the URL configuration. It validates in
``process_view``, when Django has resolved the URL, and before any view runs:

>>> email_response = guard.middleware("email-response")  # in guards.py; MIDDLEWARE = [..., "project.guards.email_response"]

Other routes to the same view are guarded too. Every method of a guarded view is one of the operation.

``report(request)`` returns the report of a request, and raises where there is none.
"""

import io
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.decorators import sync_and_async_middleware

from validator import asgi, wsgi
from validator.enforcement import (
    REPORT_KEY,
    Arrival,
    Body,
    Enforcer,
    ObserveSetting,
    OnVerdict,
    Outcome,
    SetupError,
    check_synchronous,
    find_report,
    read_parameter,
)
from validator.engine import Engine
from validator.head.octets import decode_relevant_fields, decode_target
from validator.model.directory import is_awaited
from validator.model.report import Report
from validator.model.request import Caller
from validator.wsgi.body import Rest, read_body, replace_body
from validator.wsgi.middleware import make_arrival

__all__ = ["Guard", "caller_in", "report"]

View = Callable[..., Any]
CallerOf = Callable[[HttpRequest], Any]  # Caller | None, or an awaitable of it


class Guard:
    """A decorator of views, and a maker of middleware. Immutable; one guard may stand around several views of the operation."""

    def __init__(  # noqa: PLR0913 - all but two are named settings with a default
        self,
        engine: Engine,
        caller: CallerOf,
        *,
        parameter: str = "ids",
        observe: ObserveSetting = False,
        on_verdict: OnVerdict | None = None,
        headers_merged: bool = False,
    ) -> None:
        """Create a guard.

        caller: returns the authenticated caller of a request, or None. If it raises, the answer is 500-100. For asynchronous
            views, a synchronous one runs in a thread, as Django does it.
        parameter: name of the argument of the view with the activity's ID; a view with a single unnamed argument needs none.
        observe, on_verdict, headers_merged: see ``validator.enforcement.Enforcer``. WSGI always merges headers.

        Raises ValueError for an unknown code.
        """
        self._caller = caller
        self._parameter = parameter
        self._enforcer = Enforcer.create(engine, None, observe, on_verdict, headers_merged=headers_merged)

    def __call__(self, view: View) -> View:
        """Return the guarded view. Raises ValueError for an asynchronous directory or caller function with a synchronous view."""
        if iscoroutinefunction(view):

            @wraps(view)
            async def guarded_async(request: HttpRequest, *arguments: Any, **parameters: Any) -> Any:
                answer = await self.check_async(request, arguments, parameters)
                return await view(request, *arguments, **parameters) if answer is None else answer

            return guarded_async
        self.check_synchronous()

        @wraps(view)
        def guarded(request: HttpRequest, *arguments: Any, **parameters: Any) -> Any:
            answer = self.check(request, arguments, parameters)
            return view(request, *arguments, **parameters) if answer is None else answer

        return guarded

    def middleware(self, *views: str) -> Callable[[View], "_Middleware"]:
        """Return a factory for ``MIDDLEWARE`` that guards views. views: their names, with namespaces, such as ``api:answer``.

        When Django starts, the factory raises ImproperlyConfigured if the URL configuration does not have one of the names.
        """
        return sync_and_async_middleware(partial(_Middleware, self, frozenset(views)))

    def check_synchronous(self) -> None:
        """Raise ValueError for a directory or a caller function that would have to be awaited."""
        check_synchronous(self._enforcer.engine, self._caller)

    def check(self, request: HttpRequest, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> HttpResponse | None:
        """Validate a request, and return the answer to a refused one; None: the request passes, with its report."""
        inner = _unwrap(request)
        arrival = self._make_arrival(inner, arguments, parameters, partial(self._caller, request))
        return self._conclude(inner, self._enforcer.check(arrival, partial(_read, inner)))

    async def check_async(
        self, request: HttpRequest, arguments: tuple[Any, ...], parameters: dict[str, Any]
    ) -> HttpResponse | None:
        """Validate a request as ``check`` does."""
        inner = _unwrap(request)

        async def read(limit: int) -> Body:
            return _read(inner, limit)

        caller = self._caller if is_awaited(self._caller) else sync_to_async(self._caller)
        arrival = self._make_arrival(inner, arguments, parameters, partial(caller, request))
        return self._conclude(inner, await self._enforcer.check_async(arrival, read))

    def _make_arrival(
        self, request: HttpRequest, arguments: tuple[Any, ...], parameters: dict[str, Any], caller: Callable[[], Any]
    ) -> Arrival:
        values = {self._parameter: arguments[0]} if len(arguments) == 1 and not parameters else parameters
        ids = partial(read_parameter, values, self._parameter)
        scope = getattr(request, "scope", None)
        if scope is None:
            return make_arrival(request.META, ids, caller)
        query = scope.get("query_string", b"")  # Django's request factory has text
        text = decode_target(query) if isinstance(query, bytes) else query
        return Arrival(text, decode_relevant_fields(scope["headers"]), self._enforcer.headers_merged, ids, caller)

    def _conclude(self, request: HttpRequest, outcome: Outcome) -> HttpResponse | None:
        request.META.pop(REPORT_KEY, None)
        if outcome.answer is not None:
            return HttpResponse(outcome.answer.body, status=outcome.answer.status, headers=dict(outcome.answer.headers))
        _replace(request, outcome.body, is_observing=self._enforcer.is_observing_all)
        request.META[REPORT_KEY] = outcome.report
        return None


def _unwrap(request: Any) -> Any:
    """Return the request that has the body: Django REST framework wraps it for its views."""
    return getattr(request, "_request", request)


def _read(request: Any, limit: int) -> Body:
    """Read the body of a request, or take the one that the application has read before. Raises SetupError."""
    if hasattr(request, "_body"):
        return Body(request.body, is_complete=len(request.body) <= limit)
    if getattr(request, "_read_started", False):
        raise SetupError("the body was read before the guard, and not with request.body: guard before any code that reads it")
    environ = getattr(request, "environ", None)
    if environ is not None:
        return read_body(environ, limit)
    content = request._stream.read(limit + 1)  # Django has received all of it before
    return Body(content, is_complete=len(content) <= limit)


def _replace(request: Any, body: Body, *, is_observing: bool) -> None:
    """Let the view read the body that was read from its start."""
    if hasattr(request, "_body"):
        return
    environ = getattr(request, "environ", None)
    if environ is not None:
        has_length = bool(environ.get("CONTENT_LENGTH"))
        replace_body(environ, body, is_observing=is_observing)
        if is_observing and not has_length:
            return  # Django has no body then
    if body.is_complete:
        request._stream = io.BytesIO(body.content)
    elif body.content:
        request._stream = Rest(body.content, request._stream)


class _Middleware:
    """Middleware that validates the requests of some views."""

    def __init__(self, guard: Guard, names: frozenset[str], get_response: View) -> None:
        views = list(_find_views(get_resolver()))
        unknown = names - {name for name, _ in views}
        if not names:
            raise ImproperlyConfigured("middleware needs the name of at least one view")
        if unknown:
            raise ImproperlyConfigured(f"the URL configuration has no view named {', '.join(sorted(map(repr, unknown)))}")
        self._guard = guard
        self._views = [view for name, view in views if name in names]
        self._get_response = get_response
        self.process_view: View = self._process
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)
            self.process_view = self._process_async
        else:
            guard.check_synchronous()

    def __call__(self, request: HttpRequest) -> Any:
        return self._get_response(request)

    def _process(self, request: HttpRequest, view: View, arguments: Any, parameters: Any) -> HttpResponse | None:
        return self._guard.check(request, arguments, parameters) if _identify(view) in self._views else None

    async def _process_async(self, request: HttpRequest, view: View, arguments: Any, parameters: Any) -> HttpResponse | None:
        return await self._guard.check_async(request, arguments, parameters) if _identify(view) in self._views else None


def _find_views(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, object]]:
    """Yield the name of each view in a URL configuration, with its namespaces, and its identity."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _find_views(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", _identify(pattern.callback)


def _identify(view: Any) -> object:
    """Return the class of a view, which each route wraps in a function of its own; or the function."""
    return getattr(view, "view_class", view)


def caller_in(header: str) -> Callable[[HttpRequest], Caller | None]:
    """Return a function that reads the caller of a request from a header, as ``validator.asgi`` and ``validator.wsgi`` do."""
    in_scope, in_environ = asgi.caller_in(header), wsgi.caller_in(header)

    def caller(request: HttpRequest) -> Caller | None:
        scope, environ = getattr(request, "scope", None), getattr(request, "META", None)
        if environ is None:
            raise SetupError("this caller_in reads Django's requests; use that of the module with the guard or middleware")
        return in_environ(environ) if scope is None else in_scope(scope)

    return caller


def report(request: HttpRequest, operation: str | None = None) -> Report:
    """Return the report of a request that was validated, by a guard or in front. Raises MissingReportError."""
    return find_report(request.META if REPORT_KEY in request.META else getattr(request, "scope", {}), operation)
