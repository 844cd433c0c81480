"""``activity-validator serve``: the command, its options, and a real process with its signals."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import uvicorn

from tests.commands import run
from tests.directories import version_1
from tests.directories.conformance import open_file
from tests.paths import RATE_ACTIVITY, ROOT
from tests.servers.parts import ENGINE, GOOD, OPERATION, PATH, answer, body, http, talk
from tests.servers.running import HOST, PATIENCE, listening
from tests.sidecar.processes import post, process
from validator import Facts, Keys, rare_log
from validator.operation.home import shipped_fixtures
from validator.sidecar import server as server_module
from validator.sidecar import worker
from validator.sidecar.logs import make_log_config
from validator.sidecar.reference_data import ReferenceData
from validator.sidecar.worker import ServerConfig

DIRECTORY = str(shipped_fixtures() / "directory.json")
SECOND = str(RATE_ACTIVITY)


RUNS: list[tuple[uvicorn.Config, Any, dict[str, tuple[int, str, bytes]]]] = []


class Server:
    """A replacement for the server that sends some requests to the application."""

    is_leaving = False

    def __init__(self, config: uvicorn.Config, *_: Any) -> None:
        self.config = config

    def run(self, sockets: list[socket.socket]) -> None:
        """Send the requests, then stop."""
        RUNS.append((self.config, sockets[0].getsockname(), asyncio.run(self._send_all(self.config.app))))
        os.kill(os.getpid(), signal.SIGHUP)

    def handle_exit(self, _sig: int, _frame: object) -> None:
        """Ignore the signal."""

    async def _send_all(self, app: Any) -> dict[str, tuple[int, str, bytes]]:
        answers = {name: answer(await talk(app, scope, body(GOOD))) for name, scope in SCOPES.items()}
        await talk(app, {"type": "lifespan"}, [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        return answers


SCOPES = {
    "good": http(f"/check{PATH}"),
    "other customer": http(f"/check{PATH}", x_customer_id="1002"),
    "second": http("/check/activities/2001/rating", "PUT"),
    "ready": http("/ready", "GET"),
}


def run_server(*arguments: str) -> tuple[uvicorn.Config, Any, dict[str, tuple[int, str, bytes]]]:
    """Run the command, and return its configuration of uvicorn, its address, and its answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "Server", Server)
        outcome = run("serve", "--isolated", "--port", "0", *arguments)
    log = logging.getLogger("validator")
    log.handlers.clear()
    log.setLevel(logging.NOTSET)
    assert outcome[:2] == (0, "")
    place = arguments[arguments.index("--socket") + 1] if "--socket" in arguments else None
    assert (" at unix:" + place if place else " at http://127.0.0.1:") in outcome.stderr or "--log-level" in arguments
    return RUNS.pop()


def codes(answers: dict[str, tuple[int, str, bytes]]) -> dict[str, str]:
    """Return the first code, or the status, of each answer."""
    return {
        name: json.loads(content)["code"] if b'"code"' in content else str(status)
        for name, (status, _, content) in answers.items()
    }


def test_without_reference_data_its_rules_are_skipped() -> None:
    """Requests that only these rules refuse are accepted."""
    config, address, answers = run_server()
    assert codes(answers) == {"good": "200", "other customer": "200", "second": "200", "ready": "200"}
    assert address[0] == "127.0.0.1"
    assert (config.access_log, config.server_header, config.timeout_graceful_shutdown) == (False, False, 10)


def test_source_that_panics_is_not_ready(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the error is; an interrupt passes."""

    class Panicking:
        def __init__(self, error: type[BaseException]) -> None:
            self.error = error

        async def fetch(self, _keys: Keys) -> Facts:
            raise self.error

    async def close() -> None:
        """Close nothing."""

    data = ReferenceData(None, lambda: None, close, Panicking(BaseException))
    assert not asyncio.run(data.is_ready())
    assert "not ready: builtins.BaseException" in caplog.text
    with pytest.raises(GeneratorExit):
        asyncio.run(replace(data, source=Panicking(GeneratorExit)).is_ready())


def test_tables_of_an_older_version_are_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The sidecar is not ready, and its log says what to do."""
    url = f"sqlite:///{tmp_path / 'tenant.db'}"
    with open_file(url) as connection:
        for statement in version_1.list_statements(is_postgresql=False):
            connection.execute(statement)
    answers = run_server("--directory", url)[2]
    assert codes(answers) == {"good": "500-100", "other customer": "500-100", "second": "200", "ready": "503"}
    text = f"{url}: the tables have version 1, not 2; update them with 'activity-validator directory migrate'"
    assert {text in record.getMessage() for record in caplog.records if record.levelname == "ERROR"} == {True}


def test_snapshot_is_reference_data() -> None:
    """Its rules are applied."""
    answers = run_server("--directory", DIRECTORY)[2]
    assert codes(answers) == {"good": "200", "other customer": "400-702", "second": "200", "ready": "200"}


@pytest.mark.parametrize("cache_seconds", ["60", "0"])
def test_database_is_reference_data(tmp_path: Path, cache_seconds: str) -> None:
    """With and without a cache."""
    url = f"sqlite:///{tmp_path / 'tenant.db'}"
    assert run("directory", "create", url).exit_code == 0
    assert run("directory", "import", DIRECTORY, url).exit_code == 0
    answers = run_server("--directory", url, "--cache-seconds", cache_seconds)[2]
    assert codes(answers) == {"good": "200", "other customer": "400-702", "second": "200", "ready": "200"}
    assert json.loads(run("directory", "export", url).stdout)["settings"] == {"customerDepartmentalization": True}


@pytest.mark.parametrize(("policy", "good", "ready"), [("reject", "500-100", "503"), ("skip", "200", "200")])
def test_unavailable_database_does_not_prevent_the_start(tmp_path: Path, policy: str, good: str, ready: str) -> None:
    """Until it is available, requests are answered by the failure policy, which decides whether the server is ready too."""
    answers = run_server("--directory", f"sqlite:///{tmp_path / 'none.db'}", "--directory-failure", policy)[2]
    assert (codes(answers)["good"], codes(answers)["ready"]) == (good, ready)


def test_other_options_are_applied(tmp_path: Path) -> None:
    """Including a socket file that a dead server has left behind."""
    place = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(place)
    config, address, answers = run_server(
        "--directory", DIRECTORY, "--socket", place, "--observe", "400-702,400-720", "--caller-header", "X-CUSTOMER-ID",
        "--headers-intact", "--body-limit", "999", "--concurrency", "7", "--seconds", "2.5", "--graceful-seconds", "3",
        "--log-level", "error", "--host", "ignored",
    )  # fmt: skip
    assert codes(answers)["other customer"] == "200"
    assert (address, config.timeout_graceful_shutdown, config.log_level) == (place, 3, "error")
    app: Any = config.app
    assert app._settings == ("X-CUSTOMER-ID", {"400-702", "400-720"}, False, 7, 2.5)
    assert app._engines[OPERATION].body_limit == 999
    assert not Path(place).exists()


def test_all_codes_can_be_observed() -> None:
    """For a rollout."""
    assert codes(run_server("--directory", DIRECTORY, "--observe", "all")[2])["other customer"] == "200"


def test_several_operations_are_served() -> None:
    """Shipped or custom ones; a repeated name counts once."""
    assert codes(run_server("--operation", "rate-activity", "--home", SECOND)[2])["second"] == "400-720"
    config: Any = run_server("--operation", OPERATION, "--operation", OPERATION)[0]
    assert list(config.app._engines) == [OPERATION]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--operation", "nothing"], "unknown operation 'nothing'; available: create-email-response"),
        (["--directory", "none.json"], "none.json: No such file or directory"),
        (["--directory", "bad.json"], "bad.json: /customer: Unknown attribute 'customer'."),
        (["--directory", "mysql://a/b"], "unsupported database 'mysql'; expected "),
        (["--observe", "400-999"], "create-email-response has no code '400-999'"),
        (["--graceful-seconds", "2"], "--graceful-seconds must not be below --seconds: requests would be cut off"),
        (["--caller-header", "X Y"], "--caller-header must be the name of an HTTP header, got X Y"),
        (["--connections", "256"], "--connections must be above --concurrency: other requests, such as /health, need one too"),
        (["--socket-mode", "660"], "--socket-mode needs --socket"),
        (["--socket", "s", "--socket-mode", "668"], "--socket-mode must be an octal number up to 777, got 668"),
        (["--socket", "s", "--socket-mode", "1777"], "--socket-mode must be an octal number up to 777, got 1777"),
        (["--socket", ""], "--socket must be a path, got nothing"),
        (["--socket", "/nowhere/s"], "/nowhere/s: No such file or directory"),
        (["--host", "256.0.0.1"], "256.0.0.1:0: "),
        (["--host", "::2", "--port", "1"], "::2:1: "),
    ],
)
def test_unusable_option_is_reported_in_one_line(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit status is 2."""
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text('{"customer": []}')
    outcome = run("serve", "--isolated", "--port", "0", *arguments)
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"activity-validator: error: {message}")
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
def test_invalid_option_is_a_usage_error(arguments: tuple[str, str]) -> None:
    """Reported by argparse."""
    assert run("serve", *arguments).exit_code == 2


@pytest.mark.parametrize(("missing", "extra"), [("prometheus_client", "server"), ("sqlalchemy", "sql")])
def test_missing_extra_is_named(missing: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the command that installs it."""
    for name in [name for name in sys.modules if name.startswith(("validator.sidecar", "validator.directories.sql", missing))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    outcome = run("serve", "--isolated", "--port", "0", "--directory", "sqlite:///x.db")
    assert outcome.exit_code == 2
    assert f"pip install 'activity-validator[{extra}]'" in outcome.stderr


@pytest.mark.parametrize("arguments", [[], ["--sidecar", "--caller-header", "X-Me"]])
def test_openapi_command_prints_the_description(arguments: list[str]) -> None:
    """As the API serves the operation, or as the sidecar does."""
    outcome = run("openapi", "--isolated", *arguments)
    described = json.loads(outcome.stdout)
    assert (outcome.exit_code, described["openapi"][:4]) == (0, "3.1.")
    assert [path for path in described["paths"] if path.endswith("/email-response")] == [
        ("/check" if arguments else "") + "/activities/{ids}/email-response"
    ]
    assert ("X-Me" in outcome.stdout) == bool(arguments)
    assert run("openapi", "--isolated", "--operation", "nothing").exit_code == 2


def test_shutdown_is_graceful() -> None:
    """An in-flight request is answered; new connections are refused."""
    with (
        process("--directory", DIRECTORY) as (server, port),
        socket.create_connection((HOST, port), timeout=PATIENCE) as in_flight,
    ):
        assert post(port) == (200, b"")
        head = f"POST /check{PATH} HTTP/1.1\r\nHost: a\r\nX-Customer-Id: 1001\r\nContent-Length: {len(GOOD)}\r\n\r\n"
        in_flight.sendall(head.encode() + GOOD[:9])
        assert post(port) == (200, b"")
        server.terminate()
        with pytest.raises(OSError):  # noqa: PT011, PT012 - as soon as the signal has arrived
            while True:
                socket.create_connection((HOST, port), timeout=PATIENCE).close()
        in_flight.sendall(GOOD[9:])
        assert in_flight.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        assert server.wait(PATIENCE) == 0


def test_snapshot_is_reloaded_when_it_changes_or_at_a_signal(tmp_path: Path) -> None:
    """The server continues; an invalid file is ignored."""
    file = tmp_path / "tenant.json"
    document = json.loads(Path(DIRECTORY).read_text())
    file.write_text(json.dumps(document))
    with process("--directory", str(file)) as (server, port):
        assert post(port, customer="1002")[0] == 400
        document["activities"][0]["customer"] = "1002"
        (tmp_path / "new").write_text(json.dumps(document))
        (tmp_path / "new").replace(file)
        server.send_signal(signal.SIGHUP)
        while post(port, customer="1002") != (200, b""):
            pass
        file.write_text("{")
        server.send_signal(signal.SIGHUP)
        assert server.stderr is not None
        assert any("reference data not reloaded" in line for line in server.stderr)
        assert post(port, customer="1002") == (200, b"")


@contextmanager
def serve_on(place: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command on a Unix socket, and yield its process."""
    command = [sys.executable, "-m", "validator", "serve", "--isolated", "--socket", str(place), *arguments]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
        try:
            yield server
        finally:
            server.kill()


def wait_for(process: subprocess.Popen[str], message: str) -> None:
    """Read the log of a process up to a message."""
    assert process.stderr is not None
    assert any(message in line for line in process.stderr)


def test_unix_socket_is_removed_at_shutdown_or_by_the_next_server(tmp_path: Path) -> None:
    """SIGTERM ends the server with status 0. The file of a killed server is replaced; that of a running one is not."""
    place = tmp_path / "s"
    with serve_on(place) as first:
        wait_for(first, "startup complete")
        first.kill()
    assert place.exists()
    with serve_on(place) as second:
        wait_for(second, "startup complete")
        assert run("serve", "--isolated", "--socket", str(place)).stderr.endswith(f"{place}: Address already in use\n")
        second.terminate()
        assert second.wait(PATIENCE) == 0
    assert not place.exists()


def test_second_server_does_not_replace_one_that_is_starting(tmp_path: Path) -> None:
    """The first listens before it loads its rules, which here takes until the test writes to a pipe."""
    home, place, pipe = tmp_path / "home", tmp_path / "s", tmp_path / "pipe"
    copytree(SECOND, home)
    os.mkfifo(pipe)
    with (home / "rules" / "rate_activity.py").open("a") as rules:
        rules.write(f"\nimport sys\nprint('loading', file=sys.stderr, flush=True)\nopen({str(pipe)!r}).read()\n")
    with serve_on(place, "--operation", "rate-activity", "--home", str(home)) as first:
        wait_for(first, "loading")
        with serve_on(place) as second:
            assert second.communicate(timeout=PATIENCE)[1].endswith(f"{place}: Address already in use\n")
            assert second.returncode == 2
        pipe.write_text("")
        wait_for(first, "startup complete")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(place))
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        first.terminate()
        assert first.wait(PATIENCE) == 0


def test_warnings_of_uvicorn_are_a_line_a_minute(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client can cause one with each request. Other lines pass."""
    monkeypatch.setattr(rare_log, "INTERVAL", 60.0)
    monkeypatch.setattr(rare_log, "_EVENTS", {})
    config = make_log_config("info", "text")
    (name,) = config["loggers"]["uvicorn.error"]["filters"]
    log = logging.getLogger("tests.uvicorn")
    log.setLevel(logging.INFO)
    log.addFilter(config["filters"][name]["()"]())
    for text in ("Invalid HTTP request received.", "Invalid HTTP request received.", "Unsupported upgrade request."):
        log.warning(text)
    log.info("started")
    assert caplog.messages == [
        "Invalid HTTP request received. (requests: 1)",
        "Unsupported upgrade request. (requests: 1)",
        "started",
    ]


def test_missing_limits_are_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The server starts with uvicorn's own protocol."""
    monkeypatch.setattr(worker, "choose_protocol", lambda _: ("auto", "100% without limits"))
    assert run_server()[0].http == "auto"
    assert [record.message for record in caplog.records if "limits" in record.message] == ["100% without limits"]


def test_address_in_use_is_reported() -> None:
    """In one line."""
    with listening() as (_, port):
        outcome = run("serve", "--isolated", "--port", str(port))
    assert outcome == (2, "", f"activity-validator: error: 127.0.0.1:{port}: Address already in use\n")


def test_no_thread_or_loop_remains() -> None:
    """The reference data is closed when the server ends."""
    before = set(threading.enumerate())  # other tests may have left some that are about to end
    run_server("--directory", DIRECTORY)
    assert [one.name for one in threading.enumerate() if one not in before and one.name.startswith("validator")] == []
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


def test_several_workers_are_supervised(monkeypatch: pytest.MonkeyPatch) -> None:
    """They get the listening socket; once they serve, the address is logged."""
    calls: list[Any] = []

    def supervise(config: ServerConfig, listener: socket.socket, started: Callable[[], None]) -> None:
        started()
        calls.append((config.workers, config.drain_seconds, listener.getsockname()[0]))

    monkeypatch.setattr(server_module, "supervise", supervise)
    outcome = run("serve", "--isolated", "--port", "0", "--workers", "2", "--drain-seconds", "3")
    assert (outcome.exit_code, calls) == (0, [(2, 3.0, "127.0.0.1")])
    assert "serving create-email-response at http://127.0.0.1:" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "without reference data"),
        (["--directory", DIRECTORY], None),
        (["--directory", "sqlite:///none.db"], None),
        (["--directory", "sqlite:///none.db", "--directory-failure", "skip"], "while the database is unavailable"),
    ],
)
def test_rules_that_may_be_skipped_are_logged_once(
    arguments: list[str], reason: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """When the server starts, with their codes."""
    run_server(*arguments)
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert [message.split(":")[0] for message in warnings] == ([f"{reason}, these rules are skipped"] if reason else [])
    needs = [rule.code.code for rule in ENGINE.definition.rules.rules if rule.needs]
    assert all(message.split(": ")[1] == ", ".join(sorted(needs)) for message in warnings)
