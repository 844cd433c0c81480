"""``activity-validator serve``: the command, its options, and the real process with its signals."""

import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.commands import run
from tests.paths import RATE_ACTIVITY, ROOT
from tests.servers.parts import GOOD, OPERATION, PATH, answer, body, http, talk
from tests.servers.running import HOST, PATIENCE, listening
from validator.operation.home import shipped_fixtures

DIRECTORY = str(shipped_fixtures() / "directory.json")
SECOND = str(RATE_ACTIVITY)


SERVED: list[tuple[uvicorn.Config, Any, dict[str, tuple[int, str, bytes]]]] = []


class Server:
    """In place of uvicorn's: it asks the application, as long as it runs."""

    def __init__(self, config: uvicorn.Config) -> None:
        self.config = config

    def run(self, sockets: list[socket.socket]) -> None:
        """Ask, and end."""
        SERVED.append((self.config, sockets[0].getsockname(), asyncio.run(self._asked(self.config.app))))
        os.kill(os.getpid(), signal.SIGHUP)

    async def _asked(self, app: Any) -> dict[str, tuple[int, str, bytes]]:
        found = {one: answer(await talk(app, scope, body(GOOD))) for one, scope in SCOPES.items()}
        await talk(app, {"type": "lifespan"}, [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        return found


SCOPES = {
    "good": http(f"/check{PATH}"),
    "other customer": http(f"/check{PATH}", x_customer_id="1002"),
    "second": http("/check/activities/2001/rating", "PUT"),
    "ready": http("/ready", "GET"),
}


def served(*arguments: str) -> tuple[uvicorn.Config, Any, dict[str, tuple[int, str, bytes]]]:
    """Run the command and return what it served, where, and what it answered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uvicorn.Server", Server)
        outcome = run("serve", "--isolated", "--port", "0", *arguments)
    log = logging.getLogger("validator")
    log.handlers.clear()
    log.setLevel(logging.NOTSET)
    assert outcome[:2] == (0, "")
    place = arguments[arguments.index("--socket") + 1] if "--socket" in arguments else None
    assert (" at unix:" + place if place else " at http://127.0.0.1:") in outcome.stderr or "--log-level" in arguments
    return SERVED.pop()


def codes(found: dict[str, tuple[int, str, bytes]]) -> dict[str, str]:
    """Return the codes or statuses by request."""
    told = {name: (status, said) for name, (status, _, said) in found.items()}
    return {name: json.loads(said)["code"] if b'"code"' in said else str(status) for name, (status, said) in told.items()}


def test_without_reference_data_its_rules_are_skipped() -> None:
    """Nothing is said to be wrong that cannot be known."""
    config, address, found = served()
    assert codes(found) == {"good": "200", "other customer": "200", "second": "200", "ready": "200"}
    assert address[0] == "127.0.0.1"
    assert (config.access_log, config.server_header, config.timeout_graceful_shutdown) == (False, False, 10)


def test_a_snapshot() -> None:
    """Is what requests are judged by."""
    found = served("--directory", DIRECTORY)[2]
    assert codes(found) == {"good": "200", "other customer": "400-702", "second": "200", "ready": "200"}


@pytest.mark.parametrize("kept", ["60", "0"])
def test_a_database(tmp_path: Path, kept: str) -> None:
    """The same, asked for asynchronously, with and without a memory."""
    url = f"sqlite:///{tmp_path / 'tenant.db'}"
    assert run("directory", "create", url).exit_code == 0
    assert run("directory", "import", DIRECTORY, url).exit_code == 0
    found = served("--directory", url, "--cache-seconds", kept)[2]
    assert codes(found) == {"good": "200", "other customer": "400-702", "second": "200", "ready": "200"}
    assert json.loads(run("directory", "export", url).stdout)["settings"] == {"customerDepartmentalization": True}


@pytest.mark.parametrize(("policy", "good", "ready"), [("reject", "500-100", "503"), ("skip", "200", "503")])
def test_a_database_that_is_not_there(tmp_path: Path, policy: str, good: str, ready: str) -> None:
    """Is no reason not to start: requests are answered by the policy until it is."""
    found = served("--directory", f"sqlite:///{tmp_path / 'none.db'}", "--directory-failure", policy)[2]
    assert (codes(found)["good"], codes(found)["ready"]) == (good, ready)


def test_all_other_options(tmp_path: Path) -> None:
    """Reach what they are for."""
    place = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(place)
    config, address, found = served(
        "--directory", DIRECTORY, "--socket", place, "--observe", "400-702,400-720", "--caller-header", "X-CUSTOMER-ID",
        "--headers-intact", "--body-limit", "999", "--concurrency", "7", "--seconds", "2.5", "--graceful-seconds", "3",
        "--log-level", "error", "--host", "ignored",
    )  # fmt: skip
    assert codes(found)["other customer"] == "200"
    assert (address, config.timeout_graceful_shutdown, config.log_level) == (place, 3, "error")
    app: Any = config.app
    assert app._settings == ("X-CUSTOMER-ID", {"400-702", "400-720"}, False, 7, 2.5)
    assert app._engines[OPERATION].body_limit == 999
    assert not Path(place).exists()


def test_everything_may_be_observed() -> None:
    """For rolling out."""
    assert codes(served("--directory", DIRECTORY, "--observe", "all")[2])["other customer"] == "200"


def test_several_operations() -> None:
    """Each at its own path; of the shipped ones or of one's own."""
    assert codes(served("--operation", "rate-activity", "--home", SECOND)[2])["second"] == "400-720"
    config: Any = served("--operation", OPERATION, "--operation", OPERATION)[0]
    assert list(config.app._engines) == [OPERATION]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--operation", "nothing"], "no operation is named 'nothing'"),
        (["--directory", "none.json"], "none.json: No such file or directory"),
        (["--directory", "bad.json"], "bad.json: /customer: Unknown attribute 'customer'."),
        (["--directory", "mysql://a/b"], "a directory cannot be kept in 'mysql'; expected: "),
        (["--observe", "400-999"], "create-email-response has no code '400-999'"),
        (["--graceful-seconds", "2"], "--graceful-seconds must not be below --seconds: requests would be cut off"),
        (["--caller-header", "X Y"], "--caller-header must be the name of an HTTP header, got X Y"),
        (["--socket", ""], "--socket must be a path, got nothing"),
        (["--socket", "/nowhere/s"], "/nowhere/s: No such file or directory"),
        (["--host", "256.0.0.1"], "256.0.0.1:0: "),
        (["--host", "::2", "--port", "1"], "::2:1: "),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the exit status is 2."""
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text('{"customer": []}')
    outcome = run("serve", "--isolated", "--port", "0", *arguments)
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"activity-validator: error: {words}")
    assert outcome.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--seconds", "-1"),
        ("--seconds", "nan"),
        ("--port", "65536"),
        ("--seconds", "0"),
        ("--cache-seconds", "-1"),
        ("--concurrency", "0"),
        ("--directory-failure", "x"),
    ],
)
def test_options_that_are_none_are_told(arguments: tuple[str, str]) -> None:
    """As argparse tells them."""
    assert run("serve", *arguments).exit_code == 2


@pytest.mark.parametrize(("missing", "words"), [("prometheus_client", "server"), ("sqlalchemy", "sql")])
def test_the_extra_that_is_needed_is_named(missing: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its packages the command says what to install."""
    for name in [name for name in sys.modules if name.startswith(("validator.sidecar", "validator.directories.sql", missing))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    outcome = run("serve", "--isolated", "--port", "0", "--directory", "sqlite:///x.db")
    assert outcome.exit_code == 2
    assert f"pip install 'activity-validator[{words}]'" in outcome.stderr


@pytest.mark.parametrize("arguments", [[], ["--sidecar", "--caller-header", "X-Me"]])
def test_openapi_is_printed(arguments: list[str]) -> None:
    """As the library describes the operation, or as the sidecar serves it."""
    outcome = run("openapi", "--isolated", *arguments)
    described = json.loads(outcome.stdout)
    assert (outcome.exit_code, described["openapi"][:4]) == (0, "3.1.")
    assert [path for path in described["paths"] if path.endswith("/email-response")] == [
        ("/check" if arguments else "") + "/activities/{ids}/email-response"
    ]
    assert ("X-Me" in outcome.stdout) == bool(arguments)
    assert run("openapi", "--isolated", "--operation", "nothing").exit_code == 2


@contextmanager
def process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the command in a process of its own, and give it and its port."""
    command = [sys.executable, "-m", "validator", "serve", "--isolated", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        try:
            port = next(int(found[1]) for line in started.stderr if (found := re.search(r"at http://.*:(\d+)/check$", line)))
            yield started, port
        finally:
            started.kill()


def post(port: int, content: bytes = GOOD, customer: str = "1001") -> tuple[int, bytes]:
    """Return the answer of the real sidecar."""
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    connection.request("POST", f"/check{PATH}", content, {"X-Customer-Id": customer})
    with connection.getresponse() as response:
        found = response.status, response.read()
    connection.close()
    return found


def test_a_real_process_ends_gracefully() -> None:
    """A request that is under way is answered, new ones are not taken."""
    with (
        process("--directory", DIRECTORY) as (started, port),
        socket.create_connection((HOST, port), timeout=PATIENCE) as under_way,
    ):
        assert post(port) == (200, b"")
        head = f"POST /check{PATH} HTTP/1.1\r\nHost: a\r\nX-Customer-Id: 1001\r\nContent-Length: {len(GOOD)}\r\n\r\n"
        under_way.sendall(head.encode() + GOOD[:9])
        assert post(port) == (200, b"")
        started.terminate()
        with pytest.raises(OSError):  # noqa: PT011, PT012 - as soon as the signal has come
            while True:
                socket.create_connection((HOST, port), timeout=PATIENCE).close()
        under_way.sendall(GOOD[9:])
        assert under_way.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        assert started.wait(PATIENCE) == 0


def test_a_snapshot_is_read_again_when_it_changes_or_at_a_signal(tmp_path: Path) -> None:
    """The process goes on; a file that cannot be used changes nothing."""
    file = tmp_path / "tenant.json"
    document = json.loads(Path(DIRECTORY).read_text())
    file.write_text(json.dumps(document))
    with process("--directory", str(file)) as (started, port):
        assert post(port, customer="1002")[0] == 400
        document["activities"][0]["customer"] = "1002"
        (tmp_path / "new").write_text(json.dumps(document))
        (tmp_path / "new").replace(file)
        started.send_signal(signal.SIGHUP)
        while post(port, customer="1002") != (200, b""):
            pass
        file.write_text("{")
        started.send_signal(signal.SIGHUP)
        assert started.stderr is not None
        assert any("the reference data stay as they are" in line for line in started.stderr)
        assert post(port, customer="1002") == (200, b"")


def test_a_unix_socket_is_removed_at_the_end_or_by_the_next(tmp_path: Path) -> None:
    """SIGTERM ends the server with success; what a killed one has left does not hinder the next, and one in use stays."""
    place = tmp_path / "s"
    command = [sys.executable, "-m", "validator", "serve", "--isolated", "--socket", str(place)]

    def started() -> subprocess.Popen[str]:
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        assert any("startup complete" in line for line in process.stderr)
        return process

    with started() as first:
        first.kill()
    assert place.exists()
    with started() as second:
        assert run("serve", "--isolated", "--socket", str(place)).stderr.endswith(f"{place}: Address already in use\n")
        second.terminate()
        assert second.wait(PATIENCE) == 0
    assert not place.exists()


def test_an_address_that_is_taken_is_told() -> None:
    """In one line."""
    with listening() as (_, port):
        outcome = run("serve", "--isolated", "--port", str(port))
    assert outcome == (2, "", f"activity-validator: error: 127.0.0.1:{port}: Address already in use\n")


def test_threads_and_loops_are_left_as_they_were() -> None:
    """What was opened is closed when the server ends."""
    served("--directory", DIRECTORY)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("validator")] == []
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
