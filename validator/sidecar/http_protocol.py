"""uvicorn's fast HTTP protocol, with limits that it lacks: of heads, of all else that is no body, and of waiting requests."""

import asyncio
from collections.abc import Sized
from typing import Any, Final

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LIMIT: Final = 1 << 16  # bytes of a head, beside what comes in one piece with its beginning
_FRAMING: Final = 16  # bytes that each piece of a chunked body may have besides


class _Flow(FlowControl):
    """Reads no further while requests wait that have been read already."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


class BoundedHttpProtocol(HttpToolsProtocol):
    """Answers 400 and closes when more comes than any head, chunk size or trailer needs.

    The parser keeps a header until it is complete, and there is no end to it otherwise.
    """

    _has_head = False
    _beside = 0  # bytes since the beginning of the message that were no body

    def connection_made(self, transport: Any) -> None:
        """Take a connection."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self.pipeline)

    def on_message_begin(self) -> None:
        """Begin to count anew."""
        self._beside, self._has_head = 0, False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End the head."""
        self._has_head = True
        super().on_headers_complete()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head; trailers are no headers (RFC 9110, 6.5.1)."""
        if not self._has_head:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body, and what framed it, out of the count."""
        self._beside = max(0, self._beside - len(body) - _FRAMING)
        super().on_body(body)

    def data_received(self, data: Any) -> None:
        """Count, and parse what is within the limit."""
        self._beside += len(data)
        super().data_received(data)
        if self._beside > LIMIT + len(data) and not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.send_400_response("The request's head is too large.")
            else:
                self.transport.close()  # an answer is on its way
