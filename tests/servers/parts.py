"""An engine, requests, and applications for the tests of middlewares and sidecar."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Final

from tests.gateways.exchange import cases
from validator import Caller, Engine, Request, Snapshot, load
from validator.asgi import App, Message, Receive, Scope, Send
from validator.engine import BODY_LIMIT
from validator.operation.home import shipped_fixtures

OPERATION: Final = "create-email-response"
TENANT: Final = Snapshot.from_file(shipped_fixtures() / "directory.json")
ENGINE: Final = load(OPERATION, TENANT)
PATH: Final = "/activities/2001/email-response"
GOOD: Final = b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}'
GOOD_XML: Final = (
    b"<activity><type><value>email</value><subtype><value>general</value></subtype></type><subject>a</subject></activity>"
)
LIMIT: Final = 2000  # bytes, where a test wants a small one
SMALL: Final = load(OPERATION, TENANT, body_limit=LIMIT)
CALLER_HEADER: Final = "x-customer-id"


def customer(scope: Scope) -> Caller | None:
    """Return the caller that the header of an ASGI scope names."""
    values = [value.decode() for name, value in scope["headers"] if name.decode() == CALLER_HEADER]
    return _caller(values[0] if values else "")


def customer_of(environ: dict[str, Any]) -> Caller | None:
    """Return the caller that the header of a WSGI environ names."""
    return _caller(environ.get("HTTP_X_CUSTOMER_ID", ""))


def _caller(value: str) -> Caller | None:
    if value == "broken":
        raise ValueError("s3cret")
    if value.startswith("other:"):
        return Caller.other(value.removeprefix("other:"))
    return Caller.customer(value) if value else None


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 201 with the length and SHA-256 of the body, and the status of the report if there is one."""
    if scope["type"] == "lifespan":
        while True:
            event = (await receive())["type"].removeprefix("lifespan.")
            await send({"type": f"lifespan.{event}.complete"})
            if event == "shutdown":
                return
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message.get("body", b""), message.get("more_body", False)
    report = scope.get("validator.report")
    content = describe_body(body, report)
    headers = [(b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def echo_of(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer like ``echo``, over WSGI."""
    length = environ.get("CONTENT_LENGTH")
    stream = environ["wsgi.input"]
    body = stream.read(int(length)) if length else b""
    content = describe_body(body, environ.get("validator.report"))
    start_response("201 Created", [("Content-Length", str(len(content)))])
    return [content]


def describe_body(body: bytes, report: Any) -> bytes:
    """Return the content of the applications' answer to a body."""
    status = report.status if report is not None else None
    return f"{len(body)} {hashlib.sha256(body).hexdigest()} {status}".encode()


def expected(request: Request, engine: Engine = ENGINE) -> tuple[int, str, bytes]:
    """Return status, Content-Type and body of the library's answer; for an accepted request, of ``echo``'s."""
    response = engine.validate(request).response()
    if response is None:
        return 201, "", describe_body(request.body or b"", engine.validate(request))
    return response.status, response.headers[0][1], response.body


async def talk(app: App, scope: Scope, messages: Iterable[Message] = ()) -> list[Message]:
    """Return the messages that an ASGI application sends. It must not receive more than the given messages."""
    waiting = list(messages)[::-1]
    responses: list[Message] = []

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        raise AssertionError("the application reads beyond the end of the request")

    async def send(message: Message) -> None:
        responses.append(message)

    await app(scope, receive, send)
    return responses


def ask(app: App, scope: Scope, messages: Iterable[Message] = ()) -> list[Message]:
    """Run ``talk`` in a new event loop."""
    return asyncio.run(talk(app, scope, messages))


def http(path: str = PATH, method: str = "POST", query: str = "", **headers: str) -> Scope:
    """Return the scope of a request by customer 1001. headers: with ``_`` in place of ``-``."""
    values = {"x_customer_id": "1001"} | headers
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in values.items()]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path, "root_path": "",
        "query_string": query.encode(), "headers": pairs,
    }  # fmt: skip


def body(*chunks: bytes) -> list[Message]:
    """Return the messages that carry a body in chunks."""
    last = len(chunks) - 1
    return [{"type": "http.request", "body": chunk, "more_body": at < last} for at, chunk in enumerate(chunks)]


def answer(messages: list[Message]) -> tuple[int, str, bytes]:
    """Return status, Content-Type and body of the messages of a response."""
    start, *bodies = messages
    headers = dict(start["headers"])
    return start["status"], headers.get(b"content-type", b"").decode(), b"".join(message["body"] for message in bodies)


def fixture_requests() -> list[tuple[str, Request, int | None]]:
    """Return (name, request, body limit) of each request of the fixtures. limit: bytes; None: the engine's default."""
    numbered = enumerate(cases())
    return [(f"{at} {case.name}", case.request, None if case.limit == BODY_LIMIT else case.limit) for at, case in numbered]
