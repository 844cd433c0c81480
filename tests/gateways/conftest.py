"""Fixtures: each gateway in front of an application, without and with the sidecar."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from tests.gateways.programs import GATEWAYS
from tests.gateways.servers import Ports, free_ports, sidecar, upstream


class Gate(NamedTuple):
    """A running gateway. folder: for logs."""

    name: str
    ports: Ports
    folder: Path


@pytest.fixture(scope="session", params=GATEWAYS)
def gate(request: pytest.FixtureRequest) -> Iterator[Gate]:
    """Run a gateway and the application behind it; skip a gateway that is not installed."""
    pytest.importorskip("uvicorn")
    ports = free_ports()
    with (
        TemporaryDirectory() as place,
        GATEWAYS[request.param](ports, Path(place)),
        upstream(ports.upstream, Path(place, "up.log")),
    ):
        yield Gate(request.param, ports, Path(place))


@pytest.fixture(scope="module")
def guarded(gate: Gate) -> Iterator[Gate]:
    """Run the sidecar as well."""
    with sidecar(gate.ports.sidecar, gate.folder / "sidecar.log"):
        yield gate
