"""The sidecar as a real process."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Final

from tests.paths import ROOT
from tests.servers.parts import GOOD, PATH
from tests.servers.running import HOST, PATIENCE

CHECK: Final = f"/check{PATH}"


@contextmanager
def process(*arguments: str, before: Callable[[], object] | None = None) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run ``serve`` in a process; yield it and its port. before: called in the process before it starts."""
    command = [sys.executable, "-m", "validator", "serve", "--isolated", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=before) as server:  # noqa: PLW1509 - no threads run
        assert server.stderr is not None
        try:
            port = next(int(match[1]) for line in server.stderr if (match := re.search(r"at http://.*:(\d+)/check$", line)))
            yield server, port
        finally:
            server.kill()


def post(port: int, content: bytes = GOOD, customer: str = "1001") -> tuple[int, bytes]:
    """Return the answer of the real sidecar."""
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    connection.request("POST", CHECK, content, {"X-Customer-Id": customer})
    with connection.getresponse() as response:
        result = response.status, response.read()
    connection.close()
    return result
