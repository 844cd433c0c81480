"""``python -m tests.benchmarks.soak [MINUTES]``: mixed good and hostile traffic over real sockets, for as long as is wanted.

The sidecar, uvicorn with the middleware and gunicorn with the middleware are each asked by two threads: bodies of the fixtures,
bodies made to hurt, streams without end, halves of requests, bytes that are no HTTP. Every answer to a whole request is held
against the library's. Told are requests, wrong answers, and the memory of the servers, each minute; the exit status is 1 when an
answer was wrong or a server has died.
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

from tests.benchmarks.gateway import served
from tests.hostile import SHAPES
from tests.servers.parts import ENGINE, PATH, fixture_requests, told
from tests.servers.running import HOST, PATIENCE, gunicorn
from validator import Request
from validator.operation.home import shipped_fixtures

SIZE: Final = 100_000  # bytes of a body that is made to hurt
HEAD: Final = b"POST %b HTTP/1.1\r\nHost: a\r\nX-Customer-Id: 1001\r\n"


class Asked(NamedTuple):
    """A whole request, and what the library answers."""

    url: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes


class Server(NamedTuple):
    """A server under test. prefix: of its paths. goes_on: what it answers a good request with."""

    name: str
    port: int
    pid: int
    prefix: str = ""
    goes_on: int = 201


def whole(server: Server) -> list[Asked]:
    """Return the requests of the fixtures, and bodies made to hurt, with their answers."""
    requests = [request for _, request, limit in fixture_requests() if limit is None and _can_be_sent(request)]
    caller = requests[0].caller
    for media, make in SHAPES.values():
        requests.append(Request("2001", "", (("Content-Type", media),), make(SIZE), caller))
    return [_asked(server, request) for request in requests]


def _can_be_sent(request: Request) -> bool:
    headers = [(name.lower(), value) for name, value in request.headers]
    plain = all(value.isascii() and value.isprintable() and value == value.strip() != "" for _, value in headers)
    return plain and len(dict(headers)) == len(headers) and bool(request.ids) and request.query.isascii()


def _asked(server: Server, request: Request) -> Asked:
    caller = request.caller
    headers = {"X-Customer-Id": "" if caller is None else (caller.id or caller.kind), **dict(request.headers)}
    headers.setdefault("Accept", "*/*")
    sent = Request(request.ids, request.query, tuple(headers.items()), request.body, caller)
    report = ENGINE.validate(sent)
    response = report.response()
    url = f"{server.prefix}{PATH.replace('2001', quote(request.ids or '', safe=''))}?{request.query}"
    if response is not None:
        return Asked(url, headers, request.body or b"", response.status, response.body)
    answer = told(request.body or b"", report) if server.goes_on == 201 else b""
    return Asked(url, headers, request.body or b"", server.goes_on, answer)


class Traffic:
    """What one thread sends to one server, until it is told to stop."""

    def __init__(self, server: Server, seed: int, stop: threading.Event) -> None:
        self.server = server
        self.random = random.Random(seed)
        self.stop = stop
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.asked = whole(server)

    def run(self) -> None:
        """Send, mostly whole requests."""
        kinds: tuple[Callable[[], None], ...] = (self.half, self.endless, self.garbage, self.silent)
        while not self.stop.is_set():
            try:
                for _ in range(self.random.randrange(1, 50)):
                    self.ask()
                self.random.choice(kinds)()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is no answer
                self.wrong.append(f"{self.server.name}: {error!r}")
                self.stop.wait(1)

    def ask(self) -> None:
        """Send whole requests over one connection and compare the answers."""
        connection = HTTPConnection(HOST, self.server.port, timeout=PATIENCE)
        for _ in range(self.random.randrange(1, 20)):
            one = self.random.choice(self.asked)
            # Servers may close a connection behind any answer, as gunicorn does with large bodies that were not read.
            connection.request("POST", one.url, one.body, one.headers)
            response = connection.getresponse()
            found = (response.status, response.read())
            self.counts["whole"] += 1
            if found != (one.status, one.answer):
                self.wrong.append(f"{self.server.name}: {one.url} {one.headers} {one.body[:200]!r}: {found}")
        connection.close()

    @contextmanager
    def _connected(self, kind: str) -> Iterator[socket.socket]:
        self.counts[kind] += 1
        with socket.create_connection((HOST, self.server.port), timeout=PATIENCE) as connection:
            yield connection

    def half(self) -> None:
        """Send a part of a request and go away."""
        one = self.random.choice(self.asked)
        head = HEAD % one.url.encode() + b"Content-Length: %d\r\n\r\n" % (len(one.body) + 1)
        sent = head + one.body
        with self._connected("half") as connection:
            connection.sendall(sent[: self.random.randrange(len(sent))])

    def endless(self) -> None:
        """Send chunks until the server has enough."""
        with self._connected("endless") as connection:
            try:
                connection.sendall(HEAD % (self.server.prefix + PATH).encode() + b"Transfer-Encoding: chunked\r\n\r\n")
                for _ in range(1000):
                    connection.sendall(b"8000\r\n" + b" " * 0x8000 + b"\r\n")
            except OSError:
                return

    def garbage(self) -> None:
        """Send bytes that are no HTTP, and read what comes."""
        with self._connected("garbage") as connection:
            try:
                connection.sendall(self.random.randbytes(self.random.randrange(1, 5000)) + b"\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 16):
                    pass
            except OSError:
                return

    def silent(self) -> None:
        """Connect, say nothing, and go."""
        with self._connected("silent"):
            pass


def memory(pid: int) -> float:
    """Return the resident memory of a process and its children in MiB."""
    process = psutil.Process(pid)
    return float(sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))) / (1 << 20)


@contextmanager
def all_servers() -> Iterator[list[Server]]:
    """Run the three servers, and give them."""
    directory = ["--directory", str(shipped_fixtures() / "directory.json")]
    sidecar = ["-m", "validator", "serve", "--isolated", "--port", "0", "--log-level", "info", *directory]
    uvicorn = ["-m", "uvicorn", "--port", "0", "--no-access-log", "tests.benchmarks.applications:echoing"]
    with (
        served(*sidecar) as (one, one_pid),
        served(*uvicorn) as (two, two_pid),
        gunicorn("tests.benchmarks.applications:echoing_of", "--worker-class", "gthread", "--threads", "8") as (three, three_pid),
    ):
        yield [
            Server("sidecar", one, one_pid, "/check", 200),
            Server("uvicorn", two, two_pid),
            Server("gunicorn", three, three_pid),
        ]


def main(minutes: float) -> int:
    """Run, tell, and return the exit status."""
    stop = threading.Event()
    with all_servers() as servers:
        traffic = [Traffic(server, seed, stop) for seed, server in enumerate(servers * 2)]
        threads = [threading.Thread(target=one.run) for one in traffic]
        for thread in threads:
            thread.start()
        end = time.monotonic() + minutes * 60
        while (left := end - time.monotonic()) > 0:
            tell(servers, traffic)
            time.sleep(min(60, left))
        stop.set()
        for thread in threads:
            thread.join()
        tell(servers, traffic)
    wrong = [words for one in traffic for words in one.wrong]
    print(*wrong[:20], sep="\n")
    return 1 if wrong else 0


def tell(servers: list[Server], traffic: list[Traffic]) -> None:
    """Print what was sent so far, and the memory of the servers."""
    counts = sum((one.counts for one in traffic), Counter())
    sizes = ", ".join(f"{server.name} {memory(server.pid):.1f} MiB" for server in servers)
    print(f"{time.strftime('%H:%M:%S')} {dict(counts)}, {sum(len(one.wrong) for one in traffic)} wrong; {sizes}", flush=True)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 5))
