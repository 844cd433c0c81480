"""uvicorn's httptools protocol with limits on connections, request heads, trailers, chunk framing and pipelined requests.

It extends internals of uvicorn. The import fails with ImportError if they are missing; the ``server`` extra of the project
therefore has an upper bound on uvicorn.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence, Sized
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from validator.sidecar.connections import ConnectionLimits, Connections

LIMIT: Final = 1 << 16  # bytes of a head, in addition to the piece that it begins in
_FRAMING: Final = 16  # bytes allowed for the framing of each piece of a chunked body
_INTERNALS: Final[Mapping[type, Sequence[str]]] = {
    HttpToolsProtocol: (
        "connection_made", "connection_lost", "data_received", "pause_writing", "resume_writing", "on_message_begin", "on_header",
        "on_headers_complete", "on_body", "on_message_complete", "on_response_complete", "send_400_response",
        "timeout_keep_alive_handler", "timeout_keep_alive", "timeout_keep_alive_task", "transport", "flow", "pipeline", "cycle",
        "loop",
    ),
    FlowControl: ("resume_reading",),
    RequestResponseCycle: ("response_complete",),
}  # fmt: skip


def find_missing_internals(internals: Mapping[type, Sequence[str]] = _INTERNALS) -> Iterator[str]:
    """Yield the names of methods, and of attributes set at creation, that a class lacks."""
    for cls, names in internals.items():
        initialized = getattr(getattr(vars(cls).get("__init__"), "__code__", None), "co_names", ())
        yield from (f"{cls.__name__}.{name}" for name in names if not hasattr(cls, name) and name not in initialized)


_MISSING: Final = ", ".join(find_missing_internals())
if _MISSING:
    raise ImportError(f"uvicorn {uvicorn.__version__} lacks {_MISSING}")


class _Flow(FlowControl):
    """Resumes reading only when no pipelined requests wait."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


class BoundedHttpProtocol(HttpToolsProtocol):
    """Closes connections that exceed a limit: of size with the answer 400, of time and number without one.

    The parser stores a header until it is complete, without a limit. The body of a request that was answered before its end is
    read and dropped for a while: the client may be sending it still, and would not see the answer on a closed connection.
    """

    _has_head = False
    _is_complete = False  # the whole message has arrived, and no other has begun
    _framing_size = 0  # bytes since the beginning of the message that do not belong to its body
    _deadline: float | None = None  # of a head, or of the rest of a body, in the loop's time
    _reading: asyncio.TimerHandle | None = None  # of a client that does not receive its answer

    def __init__(self, *arguments: Any, connections: Connections | None = None, **named: Any) -> None:
        """Create the protocol of one connection. connections: all those of the server."""
        super().__init__(*arguments, **named)
        self._connections = connections or Connections(ConnectionLimits())
        self._limits = self._connections.limits
        self.timeout_keep_alive = self._limits.idle_seconds  # type: ignore[assignment]  # the loop accepts fractions too

    def connection_made(self, transport: Any) -> None:
        """Set up a connection."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self.pipeline)
        self._connections.add(self)
        self._wait_for_client()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, and its timers."""
        super().connection_lost(exc)
        self._connections.remove(self)
        self._unset_keepalive_if_required()
        self._stop_reading_timer()

    def abort(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has waited too long, also if the client does not receive its answer."""
        self.abort()

    def on_message_begin(self) -> None:
        """Restart the count of bytes."""
        self._framing_size, self._has_head, self._is_complete = 0, False, False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note the end of the head."""
        self._has_head, self._deadline = True, None
        self._connections.start_request(self)
        super().on_headers_complete()
        if self._connections.is_draining:
            self.cycle.keep_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; drop trailers, which must not be merged into the headers (RFC 9110, 6.5.1)."""
        if not self._has_head:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Subtract a piece of the body and its framing from the count."""
        self._framing_size = max(0, self._framing_size - len(body) - _FRAMING)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note the end of the message."""
        self._is_complete, self._deadline = True, None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin the next request, or wait for it; first for the rest of the body that this answer did not need."""
        has_next = bool(self.pipeline)
        super().on_response_complete()
        if not has_next:
            self._connections.end_request(self)
            if not self._is_complete and not self.transport.is_closing():
                self._wait_for_client()

    def data_received(self, data: Any) -> None:
        """Parse data, and refuse it if the count exceeds the limit."""
        self._framing_size += len(data)
        super().data_received(data)
        is_waiting = self.cycle is None or self.cycle.response_complete
        if self._framing_size > LIMIT + len(data) and not self.transport.is_closing():
            if is_waiting:
                self.send_400_response("The request's head is too large.")
            else:
                self.transport.close()  # an answer is in progress
        elif is_waiting and not self.transport.is_closing():
            self._wait_for_client()

    def pause_writing(self) -> None:
        """Limit the time that the client may take to receive what was written."""
        super().pause_writing()
        self._reading = self.loop.call_later(self._limits.head_seconds, self.abort)

    def resume_writing(self) -> None:
        """Continue to write."""
        super().resume_writing()
        self._stop_reading_timer()

    def _stop_reading_timer(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _wait_for_client(self) -> None:
        """Close the connection unless the client sends what is due: a head, or the rest of a body, by one deadline.

        uvicorn's timer is used, which it stops whenever data arrive.
        """
        self._unset_keepalive_if_required()
        if self._is_complete:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
            return
        if self._deadline is None:
            self._deadline = self.loop.time() + self._limits.head_seconds
        self.timeout_keep_alive_task = self.loop.call_at(self._deadline, self.timeout_keep_alive_handler)
