"""``python -m tests.benchmarks.soak [MINUTES]``: valid and hostile traffic over real sockets.

Two threads send requests to each of the sidecar, uvicorn with the middleware, and gunicorn with the middleware: the fixtures,
hostile bodies, endless streams, incomplete requests, and bytes that are not HTTP. Every answer to a complete request is compared
with the library's. The numbers of requests and of wrong answers and the memory of the servers are printed every minute. The exit
status is 1 if an answer was wrong or a server has died.
"""

import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Final, NamedTuple
from urllib.parse import quote

import psutil

from tests.benchmarks.gateway import run_server
from tests.hostile import SHAPES
from tests.servers.parts import ENGINE, PATH, describe_body, fixture_requests
from tests.servers.running import HOST, PATIENCE, gunicorn
from validator import Request
from validator.operation.home import shipped_fixtures

SIZE: Final = 100_000  # bytes of a hostile body
HEAD: Final = b"POST %b HTTP/1.1\r\nHost: a\r\nX-Customer-Id: 1001\r\n"


class Exchange(NamedTuple):
    """A complete request, and the library's answer."""

    url: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes


class Server(NamedTuple):
    """A server under test. prefix: of its paths. accepted: its status for an accepted request."""

    name: str
    port: int
    pid: int
    prefix: str = ""
    accepted: int = 201


def make_exchanges(server: Server) -> list[Exchange]:
    """Return the requests of the fixtures and those with hostile bodies, with their answers."""
    requests = [request for _, request, limit in fixture_requests() if limit is None and _can_be_sent(request)]
    caller = requests[0].caller
    for media, make in SHAPES.values():
        requests.append(Request("2001", "", (("Content-Type", media),), make(SIZE), caller))
    return [_make_exchange(server, request) for request in requests]


def _can_be_sent(request: Request) -> bool:
    headers = [(name.lower(), value) for name, value in request.headers]
    plain = all(value.isascii() and value.isprintable() and value == value.strip() != "" for _, value in headers)
    return plain and len(dict(headers)) == len(headers) and bool(request.ids) and request.query.isascii()


def _make_exchange(server: Server, request: Request) -> Exchange:
    caller = request.caller
    headers = {"X-Customer-Id": "" if caller is None else (caller.id or caller.kind), **dict(request.headers)}
    headers.setdefault("Accept", "*/*")
    complete = Request(request.ids, request.query, tuple(headers.items()), request.body, caller)
    report = ENGINE.validate(complete)
    response = report.response()
    url = f"{server.prefix}{PATH.replace('2001', quote(request.ids or '', safe=''))}?{request.query}"
    if response is not None:
        return Exchange(url, headers, request.body or b"", response.status, response.body)
    answer = describe_body(request.body or b"", report) if server.accepted == 201 else b""
    return Exchange(url, headers, request.body or b"", server.accepted, answer)


class Traffic:
    """The traffic of one thread to one server, until an event stops it."""

    def __init__(self, server: Server, seed: int, stop: threading.Event) -> None:
        self.server = server
        self.random = random.Random(seed)
        self.stop = stop
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.exchanges = make_exchanges(server)

    def run(self) -> None:
        """Send mostly complete requests."""
        kinds: tuple[Callable[[], None], ...] = (self.send_part, self.send_endless, self.send_garbage, self.connect_only)
        while not self.stop.is_set():
            try:
                for _ in range(self.random.randrange(1, 50)):
                    self.send_complete()
                self.random.choice(kinds)()
            except Exception as error:  # noqa: BLE001 - any error counts as a wrong answer
                self.wrong.append(f"{self.server.name}: {error!r}")
                self.stop.wait(1)

    def send_complete(self) -> None:
        """Send complete requests over one connection and compare the answers."""
        connection = HTTPConnection(HOST, self.server.port, timeout=PATIENCE)
        for _ in range(self.random.randrange(1, 20)):
            one = self.random.choice(self.exchanges)
            # Servers may close a connection after any answer, as gunicorn does with large bodies that were not read.
            connection.request("POST", one.url, one.body, one.headers)
            response = connection.getresponse()
            answer = (response.status, response.read())
            self.counts["complete"] += 1
            if answer != (one.status, one.answer):
                self.wrong.append(f"{self.server.name}: {one.url} {one.headers} {one.body[:200]!r}: {answer}")
        connection.close()

    @contextmanager
    def _connect(self, kind: str) -> Iterator[socket.socket]:
        self.counts[kind] += 1
        with socket.create_connection((HOST, self.server.port), timeout=PATIENCE) as connection:
            yield connection

    def send_part(self) -> None:
        """Send a part of a request and disconnect."""
        one = self.random.choice(self.exchanges)
        head = HEAD % one.url.encode() + b"Content-Length: %d\r\n\r\n" % (len(one.body) + 1)
        data = head + one.body
        with self._connect("part") as connection:
            connection.sendall(data[: self.random.randrange(len(data))])

    def send_endless(self) -> None:
        """Send chunks until the server closes the connection."""
        with self._connect("endless") as connection:
            try:
                connection.sendall(HEAD % (self.server.prefix + PATH).encode() + b"Transfer-Encoding: chunked\r\n\r\n")
                for _ in range(1000):
                    connection.sendall(b"8000\r\n" + b" " * 0x8000 + b"\r\n")
            except OSError:
                return

    def send_garbage(self) -> None:
        """Send bytes that are not HTTP, and read the answer."""
        with self._connect("garbage") as connection:
            try:
                connection.sendall(self.random.randbytes(self.random.randrange(1, 5000)) + b"\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 16):
                    pass
            except OSError:
                return

    def connect_only(self) -> None:
        """Connect, send nothing, and disconnect."""
        with self._connect("silent"):
            pass


def measure_memory(pid: int) -> float:
    """Return the resident memory of a process and its children in MiB."""
    process = psutil.Process(pid)
    return float(sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))) / (1 << 20)


@contextmanager
def run_servers() -> Iterator[list[Server]]:
    """Run the three servers, and yield them."""
    directory = ["--directory", str(shipped_fixtures() / "directory.json")]
    sidecar = ["-m", "validator", "serve", "--isolated", "--port", "0", "--log-level", "info", *directory]
    uvicorn = ["-m", "uvicorn", "--port", "0", "--no-access-log", "tests.benchmarks.applications:echoing"]
    with (
        run_server(*sidecar) as (one, one_pid),
        run_server(*uvicorn) as (two, two_pid),
        gunicorn("tests.benchmarks.applications:echoing_of", "--worker-class", "gthread", "--threads", "8") as (three, three_pid),
    ):
        yield [
            Server("sidecar", one, one_pid, "/check", 200),
            Server("uvicorn", two, two_pid),
            Server("gunicorn", three, three_pid),
        ]


def main(minutes: float) -> int:
    """Run, print results, and return the exit status."""
    stop = threading.Event()
    with run_servers() as servers:
        traffic = [Traffic(server, seed, stop) for seed, server in enumerate(servers * 2)]
        threads = [threading.Thread(target=one.run) for one in traffic]
        for thread in threads:
            thread.start()
        end = time.monotonic() + minutes * 60
        while (left := end - time.monotonic()) > 0:
            print_counts(servers, traffic)
            time.sleep(min(60, left))
        stop.set()
        for thread in threads:
            thread.join()
        print_counts(servers, traffic)
    wrong = [message for one in traffic for message in one.wrong]
    print(*wrong[:20], sep="\n")
    return 1 if wrong else 0


def print_counts(servers: list[Server], traffic: list[Traffic]) -> None:
    """Print the numbers of requests and wrong answers so far, and the memory of the servers."""
    counts = sum((one.counts for one in traffic), Counter())
    sizes = ", ".join(f"{server.name} {measure_memory(server.pid):.1f} MiB" for server in servers)
    print(f"{time.strftime('%H:%M:%S')} {dict(counts)}, {sum(len(one.wrong) for one in traffic)} wrong; {sizes}", flush=True)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 5))
