"""ASGI middleware: validates the requests of one operation before an application sees them (ASGI 3.0, HTTP 2.4).

app = Middleware(app, engine, caller=lambda scope: ...)

An accepted request reaches the application with its body unchanged and with ``scope["validator.report"]``; a refused one is
answered with its codes. Other routes and methods, lifespan and websockets pass through unchanged.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from validator.enforcement import REPORT_KEY, Body, Enforcer, ObserveSetting, OnVerdict, parse_content_length
from validator.engine import Engine
from validator.head.caller import read_caller
from validator.head.octets import decode_field, decode_fields, decode_target
from validator.model.report import Report
from validator.model.request import Caller, Request
from validator.model.response import Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
CallerOf = Callable[[Scope], "Caller | Awaitable[Caller | None] | None"]

_SLASH: Final = re.compile(b"%2f|%5c", re.IGNORECASE)
PARTIAL_BODY: Final = "validator.partial_body"  # scope key; True: the body of the scope is only a part of the client's


class _Framing(NamedTuple):
    """The framing of a body. length: the Content-Length in bytes, or None. is_expected: the client waits for 100 (Continue)."""

    length: int | None
    is_chunked: bool
    is_expected: bool

    def is_larger_than(self, limit: int) -> bool:
        return self.length is not None and self.length > limit


class Middleware:
    """An ASGI application that passes accepted requests on to another one."""

    def __init__(  # noqa: PLR0913 - all but three are named settings with a default
        self,
        app: App,
        engine: Engine,
        caller: CallerOf,
        template: str | None = None,
        *,
        observe: ObserveSetting = False,
        on_verdict: OnVerdict | None = None,
        headers_merged: bool = False,
    ) -> None:
        """Put an engine in front of an application.

        caller: returns the authenticated caller of a scope, or None; may be asynchronous. If it raises, the answer is 500-100.
        template: the path with ``{ids}``, with or without the application's root path; None: the path of the operation.
        observe, on_verdict, headers_merged: see ``validator.enforcement.Enforcer``.

        Raises ValueError for an invalid template or an unknown code.
        """
        self._app = app
        self._caller = caller
        self._enforcer = Enforcer.create(engine, template, observe, on_verdict, headers_merged=headers_merged)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection scope."""
        ids = self._enforcer.route.extract_ids(scope["method"], *_paths(scope)) if scope["type"] == "http" else None
        if ids is None:
            await self._app(scope, receive, send)
            return
        limit = self._enforcer.engine.body_limit
        scope = {**scope, "headers": list(scope["headers"])}  # some servers add trailers to their list later
        start = perf_counter()
        request, report = await self._check_head(scope, ids)
        seconds = perf_counter() - start
        framing, body = _framing(scope), Body()
        if report is None:
            if not framing.is_larger_than(limit):
                body = await read_body(receive, limit)
            if body.is_gone and not self._enforcer.is_observing_all:
                return  # the client has gone, and the application must not see half a body
            start = perf_counter()
            is_oversized = not body.is_complete or scope.get(PARTIAL_BODY, False)
            report = await self._enforcer.engine.validate_async(request.with_body(body.content, oversized=is_oversized))
            seconds += perf_counter() - start
        answer = self._enforcer.enforce(report, seconds)
        if answer is None:
            await self._app({**scope, REPORT_KEY: report}, replay_body(body, receive), send)
        else:
            await send_answer(send, answer, closes=not body.is_complete and _must_close(scope, framing, limit))

    async def _check_head(self, scope: Scope, ids: str) -> tuple[Request, Report | None]:
        """Return the request without its body, and the report if access or negotiation fails, so that the body is not needed."""
        query, headers = decode_target(scope.get("query_string", b"")), decode_fields(scope["headers"])
        try:
            result = self._caller(scope)
            caller = result if result is None or isinstance(result, Caller) else await result
        except BaseException as error:  # noqa: BLE001 - a request without a known caller must not pass
            request = Request(ids, query, headers)
            return request, self._enforcer.engine.failure_report(request, error)
        request = Request(ids, query, headers, None, caller, headers_merged=self._enforcer.headers_merged)
        return request, self._enforcer.engine.validate_head(request)


def caller_in(header: str) -> Callable[[Scope], Caller | None]:
    """Return a function that reads the caller of a scope from a header: a customer's ID, or ``other:`` and a kind of actor.

    It returns None (no caller is authenticated) if the header is absent, repeated or has any other value. A gateway must set this
    header and remove it from client requests.
    """
    name = header.lower().encode()

    def caller(scope: Scope) -> Caller | None:
        return read_caller([decode_field(value) for key, value in scope["headers"] if key == name])

    return caller


def _paths(scope: Scope) -> tuple[str, ...]:
    """Return every path by which an application could route: servers differ in whether ``path`` includes the root path."""
    path, root = scope["path"], scope.get("root_path", "")
    paths: tuple[str, ...] = (path,)
    if root:
        paths += (path.removeprefix(root) if path.startswith(root) else root + path,)
    raw = scope.get("raw_path") or b""
    if _SLASH.search(raw):  # some applications route before decoding: then it is a character of the ID, and not a valid one
        paths += (unquote(decode_target(_SLASH.sub(b"-", raw))),)
    return paths


def _framing(scope: Scope) -> _Framing:
    headers = dict(scope["headers"])
    length = parse_content_length(decode_field(headers.get(b"content-length", b"")))
    return _Framing(length, b"transfer-encoding" in headers, b"expect" in headers)


async def read_body(receive: Receive, limit: int) -> Body:
    """Read a body up to the first message that takes it over the limit. limit: bytes."""
    content = bytearray()  # a list of messages, one per byte, would need hundreds of times the memory
    while len(content) <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return Body(bytes(content), is_gone=True)
        content += message.get("body", b"")
        if not message.get("more_body", False):
            return Body(bytes(content), is_complete=True)
    return Body(bytes(content))


def replay_body(body: Body, receive: Receive) -> Receive:
    """Return a ``receive`` that first returns the part of the body that was read, as one message."""
    messages: list[Message] = [{"type": "http.disconnect"}] if body.is_gone else []
    if body.content or body.is_complete:
        messages.append({"type": "http.request", "body": body.content, "more_body": not body.is_complete})

    async def next_message() -> Message:
        return messages.pop() if messages else await receive()

    return next_message


def _must_close(scope: Scope, framing: _Framing, limit: int) -> bool:
    """Return whether an unread body makes the connection unusable (RFC 9112, 9.3; RFC 9110, 10.1.1)."""
    is_endless = framing.is_chunked or framing.is_larger_than(limit)
    return scope.get("http_version", "1.1").startswith("1") and (is_endless or framing.is_expected)


async def send_answer(send: Send, answer: Response, *, closes: bool = False) -> None:
    """Send a response. closes: announce that the connection is closed after it."""
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
    if closes:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
