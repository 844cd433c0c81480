"""A TCP proxy that counts the round trips between a client and a server."""

import socket
import threading
from contextlib import suppress


class Proxy:
    """Forwards bytes between clients and a port of the loopback interface.

    exchanges: the number of round trips: how often a client sent first, or after the server.
    """

    def __init__(self, port: int) -> None:
        self.exchanges = 0
        self._port = port
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._sockets: list[socket.socket] = []
        self._threads[0].start()

    def close(self) -> None:
        """Close every connection."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()
        for one in self._sockets:
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self._port))
                self._sockets += [client, server]
                last = [b"server"]
                for source, sink, name in ((client, server, b"client"), (server, client, b"server")):
                    self._threads.append(threading.Thread(target=self._forward, args=(source, sink, name, last)))
                    self._threads[-1].start()

    def _forward(self, source: socket.socket, sink: socket.socket, name: bytes, last: list[bytes]) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                with self._lock:
                    self.exchanges += name == b"client" and last[0] != name
                    last[0] = name
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
