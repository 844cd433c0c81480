"""Several workers on one socket: started, replaced without a refused request, and stopped together."""

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

import psutil
import pytest

from tests.servers.parts import GOOD
from tests.servers.running import HOST, PATIENCE, listening
from tests.sidecar.processes import CHECK, make_config
from validator.errors import UsageError
from validator.operation.home import shipped_fixtures
from validator.sidecar import supervisor
from validator.sidecar.metrics import SHARED_FOLDER
from validator.sidecar.supervisor import Supervisor, supervise

DIRECTORY = shipped_fixtures() / "directory.json"


class Load:
    """Clients that send requests over persistent connections until they are stopped."""

    def __init__(self, port: int, clients: int = 4) -> None:
        self.port = port
        self.count = 0
        self.wrong: list[Any] = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._run) for _ in range(clients)]

    def __enter__(self) -> Self:
        """Start the clients."""
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _run(self) -> None:
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE)
        while not self.stopped.is_set():
            try:
                connection.request("POST", CHECK, GOOD, {"X-Customer-Id": "1001"})
                response = connection.getresponse()
                answer: Any = response.status, response.read()
            except OSError as error:
                answer = repr(error)
                connection.close()
            self.count += 1
            if answer != (200, b""):
                self.wrong.append(answer)
        connection.close()


def workers() -> list[int]:
    """Return the IDs of the worker processes of this process, the oldest first."""
    children = psutil.Process().children()
    spawned = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    return [child.pid for child in sorted(spawned, key=lambda child: child.create_time())]


@contextmanager
def acting(act: Callable[[int], None], port: int) -> Iterator[Callable[[], None]]:
    """Yield a function to call when the workers serve: it starts a thread that acts, and then stops them."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            act(port)
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=run)
    yield thread.start
    if thread.ident is not None:
        thread.join()
    assert errors == []


def wait_for(is_true: Callable[[], bool]) -> None:
    """Wait until a condition is true."""
    end = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_workers_are_replaced_at_a_signal_and_when_they_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With a file that the new workers cannot read, the old ones stay. Afterwards all have ended."""
    file = tmp_path / "tenant.json"
    file.write_text(DIRECTORY.read_text())
    caplog.set_level("INFO", "validator")

    def act(port: int) -> None:
        first = workers()
        assert len(first) == 2
        file.write_text("{")
        os.kill(first[0], signal.SIGKILL)
        wait_for(lambda: "ERROR" in {record.levelname for record in caplog.records if "not well-formed" in record.message})
        os.kill(os.getpid(), signal.SIGHUP)
        wait_for(lambda: "workers are not replaced: " in caplog.text)
        file.write_text(DIRECTORY.read_text())
        wait_for(lambda: f"in place of {first[0]}" in caplog.text)
        second = workers()
        with Load(port) as load:
            os.kill(os.getpid(), signal.SIGHUP)
            wait_for(lambda: "workers are replaced" in caplog.text)
        assert load.wrong == []
        assert load.count > 100
        assert not set(workers()) & {*first, *second}

    with listening() as (listener, port), acting(act, port) as started:
        supervise(make_config(directory=str(file), workers=2), listener, started)
    assert workers() == []
    assert "has ended with status -9; starting another one" in caplog.text
    assert "1:2: The file is not well-formed JSON" in caplog.text
    assert SHARED_FOLDER not in os.environ


def test_worker_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    """The message is that of the worker, and no other worker remains. A worker that is killed is an error too."""
    with listening() as (listener, _), pytest.raises(UsageError, match=r"none.json: No such file or directory$"):
        supervise(make_config(directory=f"{tmp_path}/none.json", workers=2), listener, lambda: None)
    with listening() as (listener, _), pytest.MonkeyPatch.context() as patch:
        patch.setattr(supervisor, "run_supervised", os.abort)
        with pytest.raises(UsageError, match="a worker has ended before it served"):
            supervise(make_config(workers=2), listener, lambda: None)
    assert workers() == []


def test_signal_during_the_start_stops_the_workers() -> None:
    """It is not an error, and the server never counts as started."""

    def stop(_port: int) -> None:
        wait_for(lambda: workers() != [])

    with listening() as (listener, port), acting(stop, port) as start:
        start()
        supervise(make_config(workers=2), listener, lambda: pytest.fail("it has started"))
    assert workers() == []


class Control:
    """A connection to a worker that has ended."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def send(self, message: str) -> None:
        """Note the message and fail."""
        self.messages.append(message)
        raise BrokenPipeError


def test_worker_that_is_not_needed_is_stopped() -> None:
    """Two were started in the place of one; the second may have ended already."""
    controls: list[Any] = [Control() for _ in range(3)]
    nothing: Any = None
    entries = [supervisor._Worker(multiprocessing.get_context("spawn").Process(), control, nothing) for control in controls]

    async def install() -> list[Any]:
        one = Supervisor(make_config(), nothing)
        one._workers.append(entries[0])
        one._install(entries[0], entries[1])
        one._install(entries[0], entries[2])
        return one._workers

    assert asyncio.run(install()) == [entries[1]]
    assert [control.messages for control in controls] == [[], [], [""]]
