"""WSGI middleware: validates the requests of one operation before an application sees them (PEP 3333).

app = Middleware(app, engine, caller=lambda environ: ...)

An accepted request reaches the application with its body unchanged and with ``environ["validator.report"]``; a refused one is
answered with its codes. Other routes and methods pass through unchanged. WSGI has one value per header, so that a repeated
Content-Type cannot be detected: reports list this check as skipped.
"""

import io
from collections.abc import Callable, Iterable
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final, cast

from validator.enforcement import REPORT_KEY, Body, Enforcer, ObserveSetting, OnVerdict, parse_content_length
from validator.engine import Engine
from validator.head.octets import decode_native_target
from validator.model.report import Report
from validator.model.request import Caller, Request
from validator.model.response import Response

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]
CallerOf = Callable[[Environ], Caller | None]

_CHUNK: Final = 1 << 16  # bytes per read
_HEADERS: Final = (
    ("Accept", "HTTP_ACCEPT"),
    ("Accept-Language", "HTTP_ACCEPT_LANGUAGE"),
    ("Content-Type", "CONTENT_TYPE"),
    ("Content-Encoding", "HTTP_CONTENT_ENCODING"),
)


class Middleware:
    """A WSGI application that passes accepted requests on to another one."""

    def __init__(  # noqa: PLR0913 - all but three are named settings with a default
        self,
        app: App,
        engine: Engine,
        caller: CallerOf,
        template: str | None = None,
        *,
        observe: ObserveSetting = False,
        on_verdict: OnVerdict | None = None,
    ) -> None:
        """Put an engine in front of an application.

        caller: returns the authenticated caller of an environ, or None. If it raises, the answer is 500-100.
        template: the path with ``{ids}``, with or without SCRIPT_NAME; None: the path of the operation.
        observe, on_verdict: see ``validator.enforcement.Enforcer``.

        Raises ValueError for an invalid template or an unknown code.
        """
        self._app = app
        self._caller = caller
        self._enforcer = Enforcer.create(engine, template, observe, on_verdict, headers_merged=True)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        ids = self._enforcer.route.extract_ids(environ["REQUEST_METHOD"], *_paths(environ))
        if ids is None:
            return self._app(environ, start_response)
        start = perf_counter()
        request, report = self._check_head(environ, ids)
        seconds = perf_counter() - start
        body = Body()
        if report is None:
            body = _read(environ, self._enforcer.engine.body_limit)
            if body.is_gone and not self._enforcer.is_observing_all:
                return self._answer_incomplete(request, start_response)
            start = perf_counter()
            report = self._enforcer.engine.validate(request.with_body(body.content, oversized=not body.is_complete))
            seconds += perf_counter() - start
        answer = self._enforcer.enforce(report, seconds)
        if answer is None:
            return self._app({**environ, **_replay(environ, body), REPORT_KEY: report}, start_response)
        return _respond(start_response, answer)

    def _answer_incomplete(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request with an incomplete body as one without a body: the missing part could hold anything."""
        return _respond(start_response, cast("Response", self._enforcer.engine.validate(request).response()))

    def _check_head(self, environ: Environ, ids: str) -> tuple[Request, Report | None]:
        """Return the request without its body, and the report if access or negotiation fails, so that the body is not needed."""
        query, headers = decode_native_target(environ.get("QUERY_STRING", "")), _headers(environ)
        try:
            caller = self._caller(environ)
        except BaseException as error:  # noqa: BLE001 - a request without a known caller must not pass
            request = Request(ids, query, headers)
            return request, self._enforcer.engine.failure_report(request, error)
        request = Request(ids, query, headers, None, caller, headers_merged=True)
        return request, self._enforcer.engine.validate_head(request)


def _paths(environ: Environ) -> tuple[str, ...]:
    """Return the path without and with the application's root (PEP 3333: octets as characters)."""
    root, path = (decode_native_target(environ.get(name, "")) for name in ("SCRIPT_NAME", "PATH_INFO"))
    return (path, root + path) if root else (path,)


def _headers(environ: Environ) -> list[tuple[str, str]]:
    """Return the headers that the engine reads. An empty Content-Type means an absent one (PEP 3333)."""
    return [(name, environ[key]) for name, key in _HEADERS if key in environ and (environ[key] or key != "CONTENT_TYPE")]


def _length(environ: Environ) -> int | None:
    """Return the length of the body in bytes; None: it ends where its input ends."""
    length = parse_content_length(environ.get("CONTENT_LENGTH") or "")
    if length is None and not environ.get("wsgi.input_terminated"):
        return 0
    return length


def _read(environ: Environ, limit: int) -> Body:
    """Read a body, but not much further than the limit, and nothing if its declared length exceeds that. limit: bytes."""
    length = _length(environ)
    if length is not None and length > limit:
        return Body()
    wanted = limit + 1 if length is None else length
    chunks: list[bytes] = []
    size = 0
    while size < wanted:
        try:
            chunk = environ["wsgi.input"].read(min(wanted - size, _CHUNK))
        except Exception:  # noqa: BLE001 - servers report a disconnect or wrong framing by various exceptions
            return Body(b"".join(chunks), is_gone=True)
        if not chunk:
            return Body(b"".join(chunks), is_complete=length is None, is_gone=length is not None)
        chunks.append(chunk)
        size += len(chunk)
    return Body(b"".join(chunks), is_complete=size <= limit)


def _replay(environ: Environ, body: Body) -> Environ:
    """Return the environ members that replace the input that was read."""
    if body.is_complete:
        # Applications that do not support chunked bodies rely on the length.
        length_text = environ.get("CONTENT_LENGTH") or str(len(body.content))
        return {"wsgi.input": io.BytesIO(body.content), "wsgi.input_terminated": True, "CONTENT_LENGTH": length_text}
    length = _length(environ)
    rest = None if length is None else length - len(body.content)
    return {"wsgi.input": io.BufferedReader(_Rest(body.content, environ["wsgi.input"], rest))} if body.content else {}


class _Rest(io.RawIOBase):
    """An input stream: the part that was read already, then the rest of the source."""

    def __init__(self, read: bytes, source: Any, rest: int | None) -> None:
        self._read = read
        self._source = source
        self._rest = rest  # bytes; None: until the source ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._read:
            chunk, self._read = self._read[: len(buffer)], self._read[len(buffer) :]
        else:
            wanted = len(buffer) if self._rest is None else min(len(buffer), self._rest)
            chunk = self._source.read(wanted) if wanted else b""
            self._rest = None if self._rest is None else self._rest - len(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _respond(start_response: StartResponse, answer: Response) -> tuple[bytes]:
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(answer.headers))
    return (answer.body,)
