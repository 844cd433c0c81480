"""``python -m tests.benchmarks.gateway``: the time that validation adds to a request, in process and over sockets, in one run.

In process: an application that reads the body, bare and behind the middleware, and validation alone. Over sockets: the bare
application on uvicorn, the same behind the middleware, and the sidecar; a client in another process keeps each of them busy in
turns. Requests per second are those of one server process.
"""

import io
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from typing import Any, Final

from tests.benchmarks.applications import CALLER, bare, bare_of, guarded, guarded_of
from tests.benchmarks.bodies import SMALL, encode_json
from tests.benchmarks.goals import VALIDATION, Figure
from tests.benchmarks.rows import validation
from tests.benchmarks.timing import measure_interleaved
from tests.servers.parts import ENGINE, PATH, body, http
from validator import Request
from validator.asgi import App, Message
from validator.operation.home import shipped_fixtures

CONTENT: Final = encode_json(SMALL)
TURNS: Final = 5
SECONDS: Final = 2.0  # duration of one turn
CONNECTIONS: Final = 8
HEAD: Final = (
    "POST {path} HTTP/1.1\r\nHost: a\r\nUser-Agent: client/1.0\r\nAccept: application/json\r\nAccept-Language: en-US,en;q=0.9\r\n"
    "Content-Type: application/json\r\nX-Customer-Id: 1001\r\nContent-Length: {length}\r\n\r\n"
)


def asgi(app: App) -> Callable[[], object]:
    """Return a function that calls an application once, like a server."""
    scope = http(content_type="application/json", accept="application/json", accept_language="en-US,en;q=0.9")
    messages = body(CONTENT)

    async def receive() -> Message:
        return messages[0]

    async def send(_message: Message) -> None:
        """Ignore it."""

    def run() -> None:
        coroutine = app(dict(scope), receive, send)
        try:
            coroutine.send(None)  # type: ignore[attr-defined]
        except StopIteration:
            return
        raise SystemExit("the benchmark's application waits for an event")

    return run


def wsgi(app: Any) -> Callable[[], object]:
    """Return a function that calls an application once, like a server."""
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": PATH, "SCRIPT_NAME": "", "QUERY_STRING": "", "CONTENT_TYPE": "application/json",
        "HTTP_ACCEPT": "application/json", "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9", "CONTENT_LENGTH": str(len(CONTENT)),
    }  # fmt: skip
    return lambda: app({**environ, "wsgi.input": io.BytesIO(CONTENT)}, lambda *_: None)


def time_in_process() -> dict[str, float]:
    """Return the seconds of one call of the applications, bare and behind the middleware, and of validation alone."""
    headers = [("content-type", "application/json"), ("accept", "application/json"), ("accept-language", "en-US,en;q=0.9")]
    request = Request("2001", "", headers, CONTENT, CALLER)
    return measure_interleaved(
        {
            "validation alone": validation(ENGINE, request),
            "ASGI bare": asgi(bare),
            "ASGI guarded": asgi(guarded),
            "WSGI bare": wsgi(bare_of),
            "WSGI guarded": wsgi(guarded_of),
        }
    )


def compute_cost(times: Mapping[str, float]) -> list[Figure]:
    """Return the time that the middleware adds to an application, against validation alone."""
    alone = times["validation alone"]
    return [
        Figure(f"{interface} middleware", VALIDATION, (times[f"{interface} guarded"] - times[f"{interface} bare"]) / alone)
        for interface in ("ASGI", "WSGI")
    ]


def measure_middleware() -> list[Figure]:
    """Return the cost of the middleware."""
    return compute_cost(time_in_process())


def in_process() -> None:
    """Print the times of interleaved calls."""
    times = time_in_process()
    print(f"in process, one request of {len(CONTENT)} bytes")
    for name, seconds in times.items():
        print(f"  {name:16} {seconds * 1e6:8.1f} us")
    for figure in compute_cost(times):
        added = figure.value * times["validation alone"]
        print(f"  {figure.row} adds {added * 1e6:.1f} us, {figure.value:.2f} {figure.column}")


@contextmanager
def run_server(*command: str) -> Iterator[tuple[int, int]]:
    """Run a server; yield the port that it logs, and its process ID."""
    with subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            match = re.search(r"http://127.0.0.1:(\d+)", line)
            if match:
                break
        else:
            raise SystemExit("the server did not start")
        # A full pipe would block the server, which logs each refusal.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        try:
            yield int(match[1]), process.pid
        finally:
            process.terminate()


def measure_rate(port: int, path: str) -> float:
    """Return the number of requests per second that are answered with success."""
    head = HEAD.format(path=path, length=len(CONTENT)).encode()
    command = [sys.executable, "-m", "tests.benchmarks.load", str(port), str(SECONDS), str(CONNECTIONS)]
    words = subprocess.run(command, input=head + CONTENT, capture_output=True, check=True).stdout.decode().split()
    if len(words) != 2 or words[0] not in {"200", "201"}:
        raise SystemExit(f"the benchmark's request is answered with {words}")
    return float(words[1])


def over_sockets() -> None:
    """Print the median rates of three servers that run at the same time and are measured in turns."""
    uvicorn = ["-m", "uvicorn", "--port", "0", "--no-access-log"]
    directory = str(shipped_fixtures() / "directory.json")
    with (
        run_server(*uvicorn, "tests.benchmarks.applications:bare") as (one, _),
        run_server(*uvicorn, "tests.benchmarks.applications:guarded") as (two, _),
        run_server("-m", "validator", "serve", "--isolated", "--port", "0", "--directory", directory) as (three, _),
    ):
        servers = {"bare server": (one, PATH), "with middleware": (two, PATH), "sidecar": (three, f"/check{PATH}")}
        turns: dict[str, list[float]] = {name: [] for name in servers}
        for _ in range(TURNS):
            for name, (port, path) in servers.items():
                turns[name].append(measure_rate(port, path))
    rates = {name: median(rates_) for name, rates_ in turns.items()}
    print(f"over sockets, {CONNECTIONS} connections")
    for name, rate in rates.items():
        print(f"  {name:16} {rate:8.0f} requests/s, {rate / rates['bare server']:.2f} x the bare server")


if __name__ == "__main__":
    in_process()
    over_sockets()
