"""PgBouncer in front of a PostgreSQL server, for tests."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.directories.postgresql import GUARD, PASSWORD, Server, find_free_port, find_server_user

MISSING = "PgBouncer (pgbouncer) is not installed"
POOL_SIZE = 2


def find_program() -> str | None:
    """Return the path of PgBouncer, or None."""
    return shutil.which("pgbouncer", path="/usr/local/bin:/usr/bin:/usr/sbin:/usr/local/sbin")


@contextmanager
def run_pooler(program: str, server: Server, mode: str) -> Iterator[int]:
    """Run PgBouncer with few server connections in a pool mode, and yield its port."""
    user, port = find_server_user(), find_free_port()  # PgBouncer refuses to run as root, too
    folder = Path(tempfile.mkdtemp(prefix="activity-validator-"))
    settings = {
        "listen_addr": "127.0.0.1", "listen_port": port, "unix_socket_dir": "", "auth_type": "scram-sha-256",
        "auth_file": folder / "users", "pool_mode": mode, "default_pool_size": POOL_SIZE if mode == "transaction" else 20,
        "logfile": folder / "log", "server_login_retry": 0.05,
    }  # fmt: skip
    lines = [f"{name} = {value}" for name, value in settings.items()]
    target = f"* = host=127.0.0.1 port={server.port}"
    (folder / "settings").write_text("\n".join(["[databases]", target, "[pgbouncer]", *lines, ""]))
    (folder / "users").write_text(f'"tester" "{PASSWORD}"\n')
    if user:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, user)
    with subprocess.Popen([program, str(folder / "settings")], user=user, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            yield port
        finally:
            process.kill()
    shutil.rmtree(folder)


def wait_for_port(port: int) -> None:
    """Wait until a port accepts connections."""
    end = time.monotonic() + GUARD
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.01)
        else:
            return
