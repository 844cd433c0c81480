"""A client that keeps a server busy over several connections and counts the answers.

The other benchmarks run it in a separate process: python -m tests.benchmarks.load PORT SECONDS CONNECTIONS < REQUEST
"""

import asyncio
import sys
import time
from typing import Final

HOST: Final = "127.0.0.1"
_LENGTH: Final = b"content-length: "


class Client(asyncio.Protocol):
    """One connection that sends the same request again as soon as it is answered."""

    def __init__(self, request: bytes, until: float, closed: asyncio.Future[None]) -> None:
        self.request = request
        self.until = until
        self.closed = closed
        self.answers: dict[bytes, int] = {}
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Count a complete answer by its status, and send the request again."""
        self.received += data
        head, blank, body = self.received.partition(b"\r\n\r\n")
        if not blank:
            return
        at = head.lower().find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        status = head[9:12]
        self.answers[status] = self.answers.get(status, 0) + 1
        self.received = b""
        if time.perf_counter() < self.until:
            self.transport.write(self.request)
        else:
            self.transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """Complete the future."""
        if not self.closed.done():
            self.closed.set_result(None)


async def run(port: int, seconds: float, connections: int, request: bytes) -> None:
    """Print the answers per second for each status."""
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    clients = [Client(request, start + seconds, loop.create_future()) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, HOST, port)  # type: ignore[misc]
    await asyncio.gather(*(client.closed for client in clients))
    duration = time.perf_counter() - start
    for status in sorted({status for client in clients for status in client.answers}):
        print(status.decode(), sum(client.answers.get(status, 0) for client in clients) / duration)


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.stdin.buffer.read()))
