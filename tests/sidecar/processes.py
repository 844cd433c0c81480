"""The sidecar as a real process."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any, Final

from tests.paths import ROOT
from tests.servers.parts import GOOD, OPERATION, PATH
from tests.servers.running import HOST, PATIENCE
from validator.engine import BODY_LIMIT
from validator.sidecar.app import SidecarSettings
from validator.sidecar.connections import ConnectionLimits
from validator.sidecar.reference_data import DirectorySource
from validator.sidecar.worker import ServerConfig

CHECK: Final = f"/check{PATH}"


@contextmanager
def process(*arguments: str, before: Callable[[], object] | None = None) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run ``serve`` in a process; yield it and its port. before: called in the process before it starts."""
    command = [sys.executable, "-m", "validator", "serve", "--isolated", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=before) as server:  # noqa: PLW1509 - no threads run
        assert server.stderr is not None
        try:
            port = next(int(match[1]) for line in server.stderr if (match := re.search(r"at http://.*:(\d+)/check", line)))
            yield server, port
        finally:
            server.kill()


def make_config(directory: str | None = None, workers: int = 1, **changes: Any) -> ServerConfig:
    """Return a configuration without cache and grace."""
    settings = SidecarSettings("X-Customer-Id", observe=False, headers_merged=True, concurrency=64, seconds=5.0)
    source = DirectorySource(directory, 1.0, "reject", 0)
    config = ServerConfig(
        (OPERATION,), None, source, settings, BODY_LIMIT, HOST, 0, None, None, workers, ConnectionLimits(), 0.0, 5, "info", "text"
    )
    return config._replace(**changes)


def post(port: int, content: bytes = GOOD, customer: str = "1001") -> tuple[int, bytes]:
    """Return the answer of the real sidecar."""
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    connection.request("POST", CHECK, content, {"X-Customer-Id": customer})
    with connection.getresponse() as response:
        result = response.status, response.read()
    connection.close()
    return result
