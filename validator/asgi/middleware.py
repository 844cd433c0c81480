"""The guard behind a router, the middleware in front of one, and the report in a scope."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from validator.asgi.protocol import App, Receive, Scope, Send, must_close, read_declared_body, replay_body, send_answer
from validator.enforcement import (
    REPORT_KEY,
    Arrival,
    Enforcer,
    ObserveSetting,
    OnVerdict,
    Outcome,
    SetupError,
    Template,
    find_report,
    read_parameter,
)
from validator.engine import Engine
from validator.head.caller import check_header_name, read_caller
from validator.head.octets import decode_field, decode_relevant_fields, decode_target
from validator.head.route import decode_around_slashes
from validator.model.report import Report
from validator.model.request import Caller

CallerOf = Callable[[Scope], "Caller | Awaitable[Caller | None] | None"]


class _Gate(NamedTuple):
    """An application with the validation of its requests."""

    app: App
    caller: CallerOf
    enforcer: Enforcer

    async def check(self, scope: Scope, receive: Receive, ids: Callable[[], str | None]) -> Outcome:
        """Validate the request of a scope. If it passes, its report is in the scope, and in no other case."""
        scope.pop(REPORT_KEY, None)
        scope["headers"] = list(scope["headers"])  # some servers add trailers to their list later
        query, headers = decode_target(scope.get("query_string", b"")), decode_relevant_fields(scope["headers"])
        arrival = Arrival(query, headers, self.enforcer.headers_merged, ids, partial(self.caller, scope))
        outcome = await self.enforcer.check_async(arrival, partial(read_declared_body, scope, receive))
        if outcome.report is not None and outcome.answer is None:
            scope[REPORT_KEY] = outcome.report
        return outcome

    async def serve(self, scope: Scope, receive: Receive, send: Send, ids: Callable[[], str | None]) -> None:
        """Answer a request, or pass it on. If the client has gone, do neither: the application must not see half a body."""
        outcome = await self.check(scope, receive, ids)
        if outcome.answer is not None:
            await send_answer(send, outcome.answer, closes=self.must_close(scope, outcome))
        elif outcome.report is not None:
            await self.app(scope, replay_body(outcome.body, receive), send)

    def must_close(self, scope: Scope, outcome: Outcome) -> bool:
        """Return whether the connection is unusable after the answer, because the body was not read."""
        return not outcome.body.is_complete and must_close(scope, self.enforcer.engine.body_limit)


class Guard:
    """An ASGI application behind a router: it passes accepted requests on to the endpoint.

    Every HTTP request that reaches it is validated, whatever its method and path. A websocket is refused. A scope without
    the path parameter, as in front of a router, is answered with 500-100, and the reason is logged.
    """

    def __init__(  # noqa: PLR0913 - all but three are named settings with a default
        self,
        app: App,
        engine: Engine,
        caller: CallerOf,
        *,
        parameter: str = "ids",
        observe: ObserveSetting = False,
        on_verdict: OnVerdict | None = None,
        headers_merged: bool = False,
    ) -> None:
        """Put an engine around an endpoint.

        caller: returns the authenticated caller of a scope, or None; may be asynchronous. If it raises, the answer is 500-100.
        parameter: name of the path parameter with the activity's ID, in ``scope["path_params"]``.
        observe, on_verdict, headers_merged: see ``validator.enforcement.Enforcer``.

        Raises ValueError for an unknown code.
        """
        self._parameter = parameter
        self._gate = _Gate(app, caller, Enforcer.create(engine, None, observe, on_verdict, headers_merged=headers_merged))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection scope."""
        if scope["type"] == "http":
            await self._gate.serve(scope, receive, send, self._ids_of(scope))
        elif scope["type"] == "lifespan":
            await self._gate.app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the server answers 403

    async def check(self, scope: Scope, receive: Receive) -> Outcome:
        """Validate the request of a scope, without answering it. If it passes, its report is in the scope."""
        return await self._gate.check(scope, receive, self._ids_of(scope))

    def must_close(self, scope: Scope, outcome: Outcome) -> bool:
        """Return whether the connection is unusable after the answer, because the body was not read."""
        return self._gate.must_close(scope, outcome)

    def _ids_of(self, scope: Scope) -> Callable[[], str | None]:
        return partial(read_parameter, scope.get("path_params") or {}, self._parameter)


class Middleware:
    """An ASGI application in front of another one: it passes accepted requests on, and those of other operations."""

    def __init__(  # noqa: PLR0913 - all but three are named settings with a default
        self,
        app: App,
        engine: Engine,
        caller: CallerOf,
        template: Template = None,
        *,
        observe: ObserveSetting = False,
        on_verdict: OnVerdict | None = None,
        headers_merged: bool = False,
    ) -> None:
        """Put an engine in front of an application.

        caller: returns the authenticated caller of a scope, or None; may be asynchronous. If it raises, the answer is 500-100.
        template: paths with ``{ids}``, one or several, at which the operation is mounted, besides its own path. Each is
            recognized below any prefix: see ``validator.head.route.Route``.
        observe, on_verdict, headers_merged: see ``validator.enforcement.Enforcer``.

        Raises ValueError for an invalid template or an unknown code.
        """
        self._gate = _Gate(app, caller, Enforcer.create(engine, template, observe, on_verdict, headers_merged=headers_merged))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection scope."""
        gate = self._gate
        ids = gate.enforcer.route.extract_ids(scope["method"], *_paths(scope)) if scope["type"] == "http" else None
        if ids is None:
            await gate.app(scope, receive, send)
        else:
            await gate.serve(scope, receive, send, lambda: ids)


def report(scope: Scope, operation: str | None = None) -> Report:
    """Return the report of a request that was validated. operation: the one that it must belong to; None: any.

    Raises MissingReportError if there is no report: the request has reached the endpoint on a way that no guard or middleware
    sees. The report is of an accepted request, or of one whose failures are only observed.
    """
    return find_report(scope, operation)


def caller_in(header: str) -> Callable[[Scope], Caller | None]:
    """Return a function that reads the caller of a scope from a header: a customer's ID, or ``other:`` and a kind of actor.

    It returns None (no caller is authenticated) if the header is absent, repeated, merged or has any other value; spaces and
    tabs around the value are ignored. The header is only as good as the gateway that sets it, and removes those of clients:
    in every case, and with ``_`` in place of ``-`` if it forwards to a server that makes one name of both. Raises ValueError
    for an invalid header name.
    """
    name = check_header_name(header).lower().encode()

    def caller(scope: Scope) -> Caller | None:
        try:
            headers = scope["headers"]
        except (KeyError, TypeError):
            raise SetupError("this caller_in reads ASGI scopes; use that of the module with the guard or middleware") from None
        return read_caller([decode_field(value) for key, value in headers if key.lower() == name])

    return caller


def _paths(scope: Scope) -> tuple[str, ...]:
    """Return every path by which an application could route. Servers differ in whether ``path`` includes the root path.

    Some applications route before decoding: then a slash that is percent-encoded is a character of the ID, and not a valid one.
    """
    paths: tuple[str, ...] = (scope["path"],)
    raw = scope.get("raw_path")
    if isinstance(raw, bytes):
        paths += decode_around_slashes(decode_target(raw))
    root = scope.get("root_path", "")
    return paths + tuple(root + path for path in paths) if root else paths
