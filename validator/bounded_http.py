"""uvicorn's fast HTTP protocol, with a limit that it lacks: the head of a request, and all else that is no body, is bounded."""

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LIMIT: Final = 1 << 16  # bytes of a head, beside what comes in one piece with its beginning
_FRAMING: Final = 16  # bytes that each piece of a chunked body may have besides


class BoundedHttpProtocol(HttpToolsProtocol):
    """Answers 400 and closes when more comes than any head, chunk size or trailer needs.

    The parser keeps a header until it is complete, and there is no end to it otherwise.
    """

    _beside = 0  # bytes since the beginning of the message that were no body

    def on_message_begin(self) -> None:
        """Begin to count anew."""
        self._beside = 0
        super().on_message_begin()

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
