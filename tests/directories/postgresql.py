"""A PostgreSQL server for tests, which start, kill, freeze and stop it."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import psycopg

PROGRAMS = ("initdb", "pg_ctl", "postgres")
MISSING = f"PostgreSQL ({', '.join(PROGRAMS)}) is not installed"
PASSWORD = "s3cret"
GUARD = 60  # seconds after which a test that hangs fails


def find_programs() -> Path | None:
    """Return the folder with the server's programs, or None."""
    folders = [Path(path).resolve().parent for path in (shutil.which("initdb"),) if path]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if all((folder / name).exists() for name in PROGRAMS)), None)


class Server:
    """A server on the loopback interface with its data in a temporary folder."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin = bin_folder
        self._user = find_server_user()
        self._folder = Path(tempfile.mkdtemp(prefix="activity-validator-"))
        if self._user:
            shutil.chown(self._folder, self._user)
        self._numbers = count()
        self.port = find_free_port()

    def initialize(self) -> None:
        """Create the data folder."""
        password = self._folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        options = ("-U", "tester", "-A", "scram-sha-256", "--pwfile", str(password), "-E", "UTF8", "--locale=C", "-N")
        self._run("initdb", "-D", self._data, *options)

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        settings = f"-p {self.port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"
        self._run("pg_ctl", "-D", self._data, "-o", settings, "-l", str(self._folder / "log"), "-w", "-t", str(GUARD), "start")

    def restart(self) -> None:
        """Shut the server down in order, so that clients are informed, and start it again."""
        self._run("pg_ctl", "-D", self._data, "-l", str(self._folder / "log"), "-w", "-t", str(GUARD), "-m", "fast", "restart")

    def stop(self) -> None:
        """Kill the server, in whatever state, and remove its data."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill all processes of the server at once, as a machine failure would."""
        processes = self._processes()
        self._signal(processes, signal.SIGKILL)
        psutil.wait_procs(processes, timeout=GUARD)

    def freeze(self) -> None:
        """Suspend the processes; the kernel still accepts connections."""
        self._signal(self._processes(), signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume the processes."""
        self._signal(self._processes(), signal.SIGCONT)

    def create_database(self, encoding: str = "UTF8") -> str:
        """Create an empty database and return its URL."""
        name = f"tenant{next(self._numbers)}"
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0".encode())
        return f"postgresql://tester:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def connect(self, database: str) -> Iterator[psycopg.Connection[Any]]:
        """Connect to a database with autocommit."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="tester", password=PASSWORD, dbname=database, autocommit=True
        ) as connection:
            yield connection

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _processes(self) -> list[psutil.Process]:
        with suppress(OSError, psutil.NoSuchProcess):
            main = psutil.Process(int((Path(self._data) / "postmaster.pid").read_text().split("\n")[0]))
            if main.name().startswith("postgres"):
                return [main, *main.children(recursive=True)]
        return []

    def _signal(self, processes: list[psutil.Process], number: signal.Signals) -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _run(self, program: str, *arguments: str) -> None:
        group = None if self._user is None else _group(self._user)
        # A pipe, inherited by the server, would stay open as long as it runs.
        with (self._folder / "output").open("ab") as output:
            subprocess.run(
                [str(self._bin / program), *arguments],
                check=True,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=2 * GUARD,
                user=self._user,
                group=group,
                extra_groups=None if group is None else [],
            )


@contextmanager
def run_server(bin_folder: Path) -> Iterator[Server]:
    """Run a server with an empty data folder, and remove it in the end."""
    server = Server(bin_folder)
    try:
        server.initialize()
        server.start()
        yield server
    finally:
        server.stop()


def find_server_user() -> str | None:
    """Return the user to run as, or None for the current one: the server refuses to run as root."""
    if os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415 - does not exist on Windows

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415 - does not exist on Windows

    return pwd.getpwnam(user).pw_gid


def find_free_port() -> int:
    """Return a port of the loopback interface that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def count_connections(connection: psycopg.Connection[Any]) -> int:
    """Return how many connections the server has from directories."""
    row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'activity-validator'").fetchone()
    assert row is not None
    number: int = row[0]
    return number


def all_are_closed(connection: psycopg.Connection[Any]) -> bool:
    """Whether all connections from directories get closed; the server notices it a little later than the client."""
    end = time.monotonic() + GUARD
    while count_connections(connection):
        if time.monotonic() > end:
            return False
        connection.execute("SELECT pg_sleep(0.01)")
    return True
