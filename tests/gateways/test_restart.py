"""Behind a gateway, the workers of the sidecar are replaced without a refused request."""

import signal
import threading

from tests.gateways.conftest import Gate
from tests.gateways.exchange import CUSTOMER, PATH, Answer, Case, ask, expected
from tests.gateways.servers import sidecar
from validator import Request

GOOD = Case(
    "", PATH, Request("2001", "", (), b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}', CUSTOMER)
)
CLIENTS = 4


def test_rolling_restart_under_load_refuses_nothing(gate: Gate) -> None:
    """Two workers are replaced while clients send requests through the gateway; each is accepted."""
    stopped = threading.Event()
    answers: set[Answer] = set()
    counts = [0] * CLIENTS

    def load(number: int) -> None:
        while not stopped.is_set():
            answers.add(ask(gate.ports.gateway, GOOD))
            counts[number] += 1

    log = gate.folder / "rolling.log"
    threads = [threading.Thread(target=load, args=(number,)) for number in range(CLIENTS)]
    with sidecar(gate.ports.sidecar, log, "--workers", "2") as process:
        while ask(gate.ports.gateway, GOOD) != expected(GOOD):
            pass
        for thread in threads:
            thread.start()
        process.send_signal(signal.SIGHUP)
        while "workers are replaced" not in log.read_text():
            stopped.wait(0.1)
        stopped.set()
        for thread in threads:
            thread.join()
    assert answers == {expected(GOOD)}
    assert min(counts) > 50
