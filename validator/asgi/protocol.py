"""The messages of ASGI: bodies are read and replayed, answers sent."""

from array import array
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any, Final

from validator.enforcement import Body, parse_content_length
from validator.head.octets import decode_field
from validator.model.response import Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PARTIAL_BODY: Final = "validator.partial_body"  # scope key; True: the body of the scope is only a part of the client's


def _is_declared_larger(scope: Scope, limit: int) -> bool:
    """Return whether the Content-Length exceeds a limit in bytes; of several, servers let only equal ones pass."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = parse_content_length(decode_field(value))
            return length is not None and length > limit
    return False


async def read_declared_body(scope: Scope, receive: Receive, limit: int) -> Body:
    """Read the body of a scope, but nothing if its declared length exceeds the limit. limit: bytes."""
    if _is_declared_larger(scope, limit):
        return Body()
    body = await read_body(receive, limit)
    return body._replace(is_cut=True) if scope.get(PARTIAL_BODY) else body


async def read_body(receive: Receive, limit: int) -> Body:
    """Read a body up to the first message that takes it over the limit. limit: bytes."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):  # the usual case: one message
        content = bytes(message.get("body", b""))
        return Body(content, True, sizes=(len(content),))  # noqa: FBT003 - keywords take longer
    return await _read_messages(message, receive, limit)


async def _read_messages(message: Message, receive: Receive, limit: int) -> Body:
    content, sizes = bytearray(), array("L")  # a list of messages, one per byte, would need hundreds of times the memory
    while True:
        if message["type"] == "http.disconnect":
            return Body(bytes(content), is_gone=True, sizes=sizes)
        if message["type"] == "http.request":  # others, of extensions, do not end a body
            chunk = message.get("body", b"")
            content += chunk
            sizes.append(len(chunk))
            if not message.get("more_body", False):
                return Body(bytes(content), is_complete=True, sizes=sizes)
        if len(content) > limit:
            return Body(bytes(content), sizes=sizes)
        message = await receive()


def replay_body(body: Body, receive: Receive) -> Receive:
    """Return a ``receive`` that first returns the part of the body that was read, in the messages in which it has come."""
    messages = _make_messages(body)

    async def next_message() -> Message:
        return next(messages, None) or await receive()

    return next_message


def _make_messages(body: Body) -> Iterator[Message]:
    sizes = body.sizes or ([len(body.content)] if body.content or body.is_complete else [])
    start, last = 0, len(sizes) - 1
    for number, size in enumerate(sizes):
        more = number < last or not body.is_complete
        yield {"type": "http.request", "body": body.content[start : start + size], "more_body": more}
        start += size
    if body.is_gone:
        yield {"type": "http.disconnect"}


def must_close(scope: Scope, limit: int) -> bool:
    """Return whether an unread body makes the connection unusable (RFC 9112, 9.3; RFC 9110, 10.1.1)."""
    names = {name for name, _ in scope["headers"]}
    may_be_endless = b"transfer-encoding" in names or b"expect" in names or _is_declared_larger(scope, limit)
    return scope.get("http_version", "1.1").startswith("1") and may_be_endless


async def send_answer(send: Send, answer: Response, *, closes: bool = False) -> None:
    """Send a response. closes: announce that the connection is closed after it."""
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
    if closes:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
