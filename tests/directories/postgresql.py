"""A PostgreSQL server of the tests' own: started, killed, frozen and stopped."""

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
ABSENT = f"the programs of PostgreSQL ({', '.join(PROGRAMS)}) are not installed"
PASSWORD = "s3cret"
GUARD = 60  # seconds after which something hangs


def programs() -> Path | None:
    """Return the folder with the programs, or None."""
    folders = [Path(found).resolve().parent for found in (shutil.which("initdb"),) if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if all((folder / name).exists() for name in PROGRAMS)), None)


class Server:
    """A server on the loopback interface, whose data are in a folder that goes with it."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin = bin_folder
        self._user = _user()
        self._folder = Path(tempfile.mkdtemp(prefix="activity-validator-"))
        if self._user:
            shutil.chown(self._folder, self._user)
        self._numbers = count()
        self.port = _free_port()

    def make(self) -> None:
        """Make the data."""
        password = self._folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        how = ("-U", "tester", "-A", "scram-sha-256", "--pwfile", str(password), "-E", "UTF8", "--locale=C", "-N")
        self._run("initdb", "-D", self._data, *how)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = f"-p {self.port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"
        self._run("pg_ctl", "-D", self._data, "-o", settings, "-l", str(self._folder / "log"), "-w", "-t", str(GUARD), "start")

    def restart(self) -> None:
        """Let the server end in order, telling its clients, and start it again."""
        self._run("pg_ctl", "-D", self._data, "-l", str(self._folder / "log"), "-w", "-t", str(GUARD), "-m", "fast", "restart")

    def stop(self) -> None:
        """Stop the server, in whatever state, and remove its data."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """End all processes of the server at once, as a failing machine would."""
        processes = self._processes()
        self._signal(processes, signal.SIGKILL)
        psutil.wait_procs(processes, timeout=GUARD)

    def freeze(self) -> None:
        """Let the processes stand still; the kernel goes on taking their connections."""
        self._signal(self._processes(), signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(self._processes(), signal.SIGCONT)

    def database(self, encoding: str = "UTF8") -> str:
        """Make an empty database and return its URL."""
        name = f"tenant{next(self._numbers)}"
        with self.connected("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0".encode())
        return f"postgresql://tester:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def connected(self, database: str) -> Iterator[psycopg.Connection[Any]]:
        """Connect to a database, each statement for itself."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="tester", password=PASSWORD, dbname=database, autocommit=True
        ) as connection:
            yield connection

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _processes(self) -> list[psutil.Process]:
        with suppress(OSError, psutil.NoSuchProcess):
            first = psutil.Process(int((Path(self._data) / "postmaster.pid").read_text().split("\n")[0]))
            if first.name().startswith("postgres"):
                return [first, *first.children(recursive=True)]
        return []

    def _signal(self, processes: list[psutil.Process], number: signal.Signals) -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _run(self, program: str, *arguments: str) -> None:
        group = None if self._user is None else _group(self._user)
        # A pipe would stay open as long as the server that inherits it.
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


def _user() -> str | None:
    """Return whom to run as: a server refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415 - not on Windows, which has no root

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415 - the same

    return pwd.getpwnam(user).pw_gid


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def connections(own: psycopg.Connection[Any]) -> int:
    """Return how many connections of directories the server has."""
    row = own.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'activity-validator'").fetchone()
    assert row is not None
    found: int = row[0]
    return found


def none_is_left(own: psycopg.Connection[Any]) -> bool:
    """Whether the server comes to have no connection of a directory's: it sees one go a little later than we."""
    end = time.monotonic() + GUARD
    while connections(own):
        if time.monotonic() > end:
            return False
        own.execute("SELECT pg_sleep(0.01)")
    return True
