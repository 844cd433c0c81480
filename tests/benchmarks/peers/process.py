"""The processes of peers: where they are installed, how they are asked, and whether they validate what they are asked to.

A peer gets the OpenAPI document that ``activity-validator openapi`` prints, no rules and no reference data. It runs a loop of its
own, and returns the time by its own clock.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.benchmarks.bodies import SMALL, copy_small
from tests.benchmarks.rows import Row, make_request
from tests.benchmarks.timing import Turn, count_warm_up
from tests.paths import ROOT
from validator import Request

FOLDER: Final = ROOT / ".peers"
PYTHON: Final = FOLDER / "venv" / "bin" / "python"
WARM_UP: Final = 0.5  # seconds: until a compiler at run time has compiled what is called
_SCRIPT: Final = Path(__file__).with_name("express_openapi_validator.js")


class Peer(NamedTuple):
    """A validator to compare with. package: its requirement, for pip or npm. marker: exists where it is installed."""

    name: str
    package: str
    marker: str
    command: tuple[str, ...]


EXPRESS: Final = Peer(
    "express-openapi-validator",
    "express-openapi-validator@5.6.2",
    "node_modules/express-openapi-validator",
    ("node", str(_SCRIPT)),
)
PEERS: Final = (
    EXPRESS,
    Peer(
        "connexion",
        "connexion==3.3.0",
        "venv/lib/*/site-packages/connexion",
        (str(PYTHON), "-W", "ignore", "-m", "tests.benchmarks.peers.connexion"),
    ),
    Peer(
        "openapi-core",
        "openapi-core==0.23.1",
        "venv/lib/*/site-packages/openapi_core",
        (str(PYTHON), "-W", "ignore", "-m", "tests.benchmarks.peers.openapi_core"),
    ),
)


class PeerError(Exception):
    """A peer that cannot be asked: its process has ended, or it answers differently than before."""


class PeerProcess:
    """A running peer. version: of its package."""

    def __init__(self, peer: Peer, process: "subprocess.Popen[str]", document: dict[str, Any]) -> None:
        """Give it the document. Raises PeerError when it cannot load it."""
        self.name = peer.name
        self._process = process
        self.version = str(self._ask({"document": document})["version"])

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message and return the reply. Raises PeerError when the process has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
            reply = json.loads(self._process.stdout.readline())
        except (OSError, ValueError) as error:
            raise PeerError(f"{self.name} has ended: {error}") from None
        return dict(reply)

    def validate(self, requests: Sequence[dict[str, Any]], count: int = 1, warm_up: int = 0) -> tuple[float, int, str | None]:
        """Return the seconds of validating requests in turn, how many were accepted, and the answer to the last refused one.

        warm_up: how many are validated before the clock starts.
        """
        reply = self._ask({"requests": list(requests), "count": count, "warmUp": warm_up})
        return float(reply["seconds"]), int(reply["accepted"]), reply["answer"]

    def make_turn(self, row: Row) -> Turn:
        """Return the turns of a row, after a warm-up. A turn raises PeerError when a request is not validated as the row says."""
        requests = [describe_request(make_request(row.write(row.tree), row.media))]

        def turn(count: int) -> float:
            seconds, accepted, _ = self.validate(requests, count, count_warm_up(count))
            if accepted != (0 if row.failures else count):
                raise PeerError(f"{self.name} accepts {accepted} of {count} requests: {row.name}")
            return seconds

        spent = 0.0
        while spent < WARM_UP:
            spent += turn(50)
        return turn


def describe_request(request: Request) -> dict[str, Any]:
    """Return a request as the message for a peer."""
    path, body = f"/activities/{request.ids}/email-response", request.body or b""
    return {"path": path, "query": request.query, "headers": list(request.headers), "body": body.decode()}


def find_gaps(process: PeerProcess, row: Row) -> list[str]:
    """Return how a peer fails to validate the requests of a row: planted errors that it accepts, or a refused valid body."""
    good = describe_request(make_request(row.write(SMALL), row.media))
    if process.validate([good])[1] != 1:
        return ["refuses the valid body"]
    return [name for name, request in _plant_errors(row, good) if process.validate([request])[1] != 0]


def _plant_errors(row: Row, good: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    missing = copy_small()
    del missing["type"]
    bodies = {"a missing attribute": missing, "an unknown attribute": copy_small() | {"foo": "x"}}
    for name, tree in bodies.items():
        yield f"accepts {name}", good | {"body": row.write(tree).decode()}
    yield "accepts a truncated body", good | {"body": good["body"][:-1]}
    yield "accepts an invalid path parameter", good | {"path": good["path"].replace("2002", "02002")}
    yield "accepts an invalid query parameter", good | {"query": "customer=01002"}
    headers = [(name, "!" if name == "Accept-Language" else value) for name, value in good["headers"]]
    yield "accepts an invalid header", good | {"headers": headers}


def is_installed(peer: Peer) -> bool:
    """Return whether a peer is installed."""
    return any(FOLDER.glob(peer.marker))


@contextmanager
def run_peer(peer: Peer, document: dict[str, Any]) -> Iterator[PeerProcess]:
    """Run an installed peer. Raises PeerError when it cannot load the document."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "NODE_PATH": str(FOLDER / "node_modules"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with subprocess.Popen(peer.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield PeerProcess(peer, process, document)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)
