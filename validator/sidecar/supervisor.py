"""The process that starts and replaces the workers, which accept connections from one socket that it keeps open.

SIGTERM and SIGINT are passed on to the workers. SIGHUP replaces them, one after the other: each new one serves before the old
one stops, so that no request is refused. A worker that ends by itself is replaced too.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, cast

from prometheus_client.multiprocess import mark_process_dead

from validator.errors import UsageError
from validator.sidecar.logs import LOG
from validator.sidecar.metrics import SHARED_FOLDER
from validator.sidecar.worker import ServerConfig, run_supervised

_PAUSE: Final = 1.0  # seconds before another attempt to start a worker


class _Worker(NamedTuple):
    """A worker process, the connection to it, and the event of its end."""

    process: SpawnProcess
    control: Connection
    ended: asyncio.Event

    def retire(self) -> None:
        """Let it stop: another worker serves in its place."""
        with suppress(OSError):  # it has ended
            self.control.send("")


class Supervisor:
    """The workers of one socket. One event loop uses it."""

    def __init__(self, config: ServerConfig, listener: socket.socket) -> None:
        """Start without workers."""
        self._config, self._listener = config, listener
        self._workers: list[_Worker] = []  # those that are to serve
        self._processes: set[SpawnProcess] = set()  # all that run
        self._tasks: set[asyncio.Task[None]] = set()
        self._replacing = asyncio.Lock()
        self._stopping = asyncio.Event()

    async def run(self, started: Callable[[], None]) -> None:
        """Serve until a signal ends the workers. started: called once all of them serve. Raises UsageError."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop, signal.SIGTERM)
        loop.add_signal_handler(signal.SIGINT, self._stop, signal.SIGINT)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._begin(self._replace_all()))
        try:
            for _ in range(self._config.workers):
                self._workers.append(await self._start())
            started()
            await self._stopping.wait()
        except UsageError:
            if not self._stopping.is_set():
                raise
        finally:
            if not self._stopping.is_set():
                self._stop(signal.SIGINT)
            while self._tasks:
                await asyncio.wait(self._tasks)

    def _stop(self, number: int) -> None:
        """Pass a signal on."""
        self._stopping.set()
        for process in filter(SpawnProcess.is_alive, self._processes):
            os.kill(cast("int", process.pid), number)  # that of a process which was started

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start(self) -> _Worker:
        """Start a worker, and return it when it serves. Raises UsageError if it does not."""
        spawn = multiprocessing.get_context("spawn")
        control, remote = spawn.Pipe()
        process = spawn.Process(target=run_supervised, args=(self._config, self._listener, remote))
        process.start()
        remote.close()
        self._processes.add(process)
        worker = _Worker(process, control, asyncio.Event())
        self._begin(self._watch(worker))
        await _wait_readable(control.fileno())
        try:
            problem = control.recv()
        except EOFError:
            problem = "a worker has ended before it served"
        if problem:
            raise UsageError(problem)
        return worker

    async def _watch(self, worker: _Worker) -> None:
        """Wait until a worker has ended, and replace it unless it was to end."""
        process = worker.process
        await _wait_readable(process.sentinel)
        process.join()
        worker.ended.set()
        self._processes.discard(process)
        mark_process_dead(process.pid)  # type: ignore[no-untyped-call]
        while worker in self._workers and not self._stopping.is_set():
            LOG.error("worker %s has ended with status %s; starting another one", process.pid, process.exitcode)
            try:
                self._install(worker, await self._start())
            except UsageError as error:
                LOG.error("%s", error)
                await asyncio.sleep(_PAUSE)

    async def _replace_all(self) -> None:
        """Replace each worker. If a new one does not serve, keep the others."""
        async with self._replacing:
            for old in list(self._workers):
                try:
                    self._install(old, await self._start())
                except UsageError as error:
                    LOG.error("workers are not replaced: %s", error)
                    return
                old.retire()
                await old.ended.wait()
            LOG.info("workers are replaced")

    def _install(self, old: _Worker, new: _Worker) -> None:
        """Put a worker in the place of another, unless that was replaced in the meantime."""
        if old in self._workers:
            self._workers[self._workers.index(old)] = new
            LOG.info("worker %s serves in place of %s", new.process.pid, old.process.pid)
        else:
            new.retire()


async def _wait_readable(descriptor: int) -> None:
    """Wait until a file descriptor can be read; no one else may wait for it."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, event.set)
    try:
        await event.wait()
    finally:
        loop.remove_reader(descriptor)


def supervise(config: ServerConfig, listener: socket.socket, started: Callable[[], None]) -> None:
    """Serve with several workers until a signal ends them. started: called once all of them serve. Raises UsageError."""
    with TemporaryDirectory(prefix="activity-validator-") as folder:
        os.environ[SHARED_FOLDER] = folder  # prometheus_client reads it when a worker imports it
        try:
            asyncio.run(Supervisor(config, listener).run(started))
        finally:
            del os.environ[SHARED_FOLDER]
