"""Start and stop the servers of a test, on free ports of the loopback interface."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Final, NamedTuple

from tests.readme import GATEWAYS, block
from validator.operation.home import shipped_fixtures

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
_RECIPE: Final = {8080: 0, 8000: 1, 9000: 2}  # the ports that the recipes name
Process = subprocess.Popen[bytes]
_SECONDS: Final = 30.0  # timeout for a server to start or stop
_SBIN: Final = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


class Ports(NamedTuple):
    """The ports of the three servers of a recipe."""

    gateway: int
    sidecar: int
    upstream: int

    def recipe(self, name: str) -> str:
        """Return the text of a recipe with these ports in place of its own; Envoy's is in README.md."""
        text = block("yaml", "static_resources:", GATEWAYS) if name == "envoy.yaml" else (HERE / name).read_text(encoding="utf-8")
        return re.sub(r"(127\.0\.0\.1(?::|, port_value: ))(\d+)", lambda match: f"{match[1]}{self[_RECIPE[int(match[2])]]}", text)


def free_ports() -> Ports:
    """Return ports on which no server listens."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in Ports._fields]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return Ports(*ports)


def program(name: str) -> str | None:
    """Return the path of an installed program, also from the folders for administrators."""
    return shutil.which(name, path=_SBIN)


@contextmanager
def running(command: Sequence[str | Path], log: Path, is_up: Callable[[], bool]) -> Iterator[Process]:
    """Run a server, and yield it when it is up. log: gets its output, which is shown if it does not start."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent)
    try:
        _wait(process, log, is_up)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_SECONDS)
        finally:
            process.kill()
            process.wait()


def _wait(process: Process, log: Path, is_up: Callable[[], bool]) -> None:
    end = time.monotonic() + _SECONDS
    while not is_up():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the server does not start: {log.read_text(errors='replace')}")
        time.sleep(0.02)  # these programs do not report that they are up


def listens(port: int) -> bool:
    """Return whether a server listens on a port."""
    try:
        socket.create_connection(("127.0.0.1", port), _SECONDS).close()
    except ConnectionRefusedError:
        return False
    return True


def _is_healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def sidecar(port: int, log: Path, *options: str) -> AbstractContextManager[Process]:
    """Run the sidecar with the reference data of the fixtures."""
    tenant = str(shipped_fixtures() / "directory.json")
    serve = ["serve", "--isolated", "--directory", tenant, "--port", str(port), "--caller-header", "X-Customer-Id", *options]
    return running([sys.executable, "-m", "validator", *serve], log, lambda: _is_healthy(port))


def upstream(port: int, log: Path) -> AbstractContextManager[Process]:
    """Run the application behind the gateway."""
    where = ["--app-dir", str(HERE), "--host", "127.0.0.1", "--port", str(port)]
    return running(
        [sys.executable, "-m", "uvicorn", "upstream:app", *where, "--log-level", "warning"], log, lambda: listens(port)
    )
