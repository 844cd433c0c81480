"""uvicorn's httptools protocol with limits on request heads, trailers, chunk framing and pipelined requests.

It extends internals of uvicorn. The import fails with ImportError if they are missing; the ``server`` extra of the project
therefore has an upper bound on uvicorn.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence, Sized
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LIMIT: Final = 1 << 16  # bytes of a head, in addition to the piece that it begins in
_FRAMING: Final = 16  # bytes allowed for the framing of each piece of a chunked body
_INTERNALS: Final[Mapping[type, Sequence[str]]] = {
    HttpToolsProtocol: (
        "connection_made", "data_received", "on_message_begin", "on_header", "on_headers_complete", "on_body",
        "send_400_response", "transport", "flow", "pipeline", "cycle",
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
    """Answers 400 and closes the connection when a head, chunk size or trailer section exceeds the limit.

    The parser stores a header until it is complete, without a limit.
    """

    _has_head = False
    _framing_size = 0  # bytes since the beginning of the message that do not belong to its body

    def connection_made(self, transport: Any) -> None:
        """Set up a connection."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self.pipeline)

    def on_message_begin(self) -> None:
        """Restart the count of bytes."""
        self._framing_size, self._has_head = 0, False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note the end of the head."""
        self._has_head = True
        super().on_headers_complete()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; drop trailers, which must not be merged into the headers (RFC 9110, 6.5.1)."""
        if not self._has_head:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Subtract a piece of the body and its framing from the count."""
        self._framing_size = max(0, self._framing_size - len(body) - _FRAMING)
        super().on_body(body)

    def data_received(self, data: Any) -> None:
        """Parse data, and refuse it if the count exceeds the limit."""
        self._framing_size += len(data)
        super().data_received(data)
        if self._framing_size > LIMIT + len(data) and not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.send_400_response("The request's head is too large.")
            else:
                self.transport.close()  # an answer is in progress
