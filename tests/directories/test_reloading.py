"""Reloading snapshots: replaced, invalid and missing files, and concurrent readers."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from validator.directories import ReloadingSnapshot, Snapshot, SnapshotError, reloading
from validator.model.directory import Alias, Customer, Facts, Keys

GUARD = 60  # seconds after which a test that hangs fails
NEVER = 3600.0  # seconds between two checks, so that only the test checks
OLD = 1_700_000_000  # an old modification time, in seconds since the epoch
NOT_RELOADED = "reference data not reloaded: "


def content(version: object) -> bytes:
    """Return the content of a snapshot file with this version in two sections."""
    customers = [{"id": "1", "department": f"v{version}"}]
    aliases = [{"address": "a@b.com", "active": True, "department": f"v{version}"}]
    return json.dumps({"customers": customers, "aliases": aliases}).encode()


def facts(version: object) -> Facts:
    """Return the facts in a file of this version."""
    alias = Alias("a@b.com", active=True, department=f"v{version}")
    return Facts(customers={"1": Customer("1", f"v{version}")}, aliases={"a@b.com": alias})


def write(path: Path, text: bytes, modified: int | None = OLD) -> None:
    """Write a file in place. modified: its modification time; None: now."""
    path.write_bytes(text)
    if modified is not None:
        os.utime(path, (modified, modified))


def rename(path: Path, text: bytes) -> None:
    """Replace a file by renaming another one."""
    other = path.with_suffix(".new")
    other.write_bytes(text)
    other.replace(path)


def switch(path: Path, text: bytes) -> None:
    """Replace the target of a symbolic link, as Kubernetes does for mounted configurations."""
    folder = path.parent
    fresh = folder / f"..{len(list(folder.iterdir()))}"
    fresh.mkdir()
    (fresh / path.name).write_bytes(text)
    (folder / "..data.new").symlink_to(fresh.name)
    (folder / "..data.new").replace(folder / "..data")
    if not path.is_symlink():
        path.symlink_to(Path("..data") / path.name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a snapshot file of version 1."""
    file = tmp_path / "directory.json"
    write(file, content(1))
    return file


@pytest.fixture
def tenant(path: Path) -> Iterator[ReloadingSnapshot]:
    """Return the directory over the file, which checks it only when the test calls ``check``."""
    with ReloadingSnapshot(path, NEVER) as directory:
        yield directory


def test_unchanged_file_is_loaded_once(tenant: ReloadingSnapshot) -> None:
    """When the directory is created."""
    first = tenant.fetch(Keys())
    assert first == facts(1)
    assert [tenant.check(), tenant.check()] == [False, False]
    assert tenant.fetch(Keys()) is first
    assert tenant.version.number == 1


@pytest.mark.parametrize("replace", [rename, switch, write])
def test_replacement_is_loaded(tmp_path: Path, replace: Callable[[Path, bytes], None], caplog: pytest.LogCaptureFixture) -> None:
    """The next check puts it in use and logs it."""
    caplog.set_level(logging.INFO, "validator")
    path = tmp_path / "replaced.json"
    replace(path, content(1))
    with ReloadingSnapshot(path, NEVER) as directory:
        for version in (2, 3):
            before = directory.version
            replace(path, content(version))
            assert directory.fetch(Keys()) == facts(version - 1)
            assert [directory.check(), directory.check()] == [True, False]
            assert directory.fetch(Keys()) == facts(version)
            assert directory.version.number == version
            assert directory.version.time >= before.time
    assert caplog.messages == [f"{path}: version {version} of the reference data is in use" for version in (2, 3)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "1:1: The file is not well-formed JSON: a value is expected."),
        (content(2)[:-1], "The file is not well-formed JSON"),
        (b'{"customer": []}', "/customer: Unknown attribute 'customer'."),
    ],
)
def test_invalid_file_is_rejected(
    path: Path, tenant: ReloadingSnapshot, text: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged once, even when its timestamp changes, and the previous version stays until a valid file comes."""
    write(path, text)
    assert [tenant.check(), tenant.check()] == [False, False]
    write(path, text, OLD + 1)
    assert tenant.check() is False
    assert [message.startswith(f"{NOT_RELOADED}{path}: ") and reason in message for message in caplog.messages] == [True]
    assert tenant.fetch(Keys()) == facts(1)
    write(path, content(3))
    assert tenant.check() is True
    assert (tenant.fetch(Keys()), tenant.version.number) == (facts(3), 2)


def test_each_invalid_file_is_logged(path: Path, tenant: ReloadingSnapshot, caplog: pytest.LogCaptureFixture) -> None:
    """Also one that returns after the version in use, which is not loaded again."""
    for text in (b"[]", b"{", content(1), b"{"):
        write(path, text)
        assert tenant.check() is False
    assert [message.partition(f"{path}: ")[2][:20] for message in caplog.messages] == [
        "/: Attribute 'body' ",
        "1:2: The file is not",
        "1:2: The file is not",
    ]
    assert (tenant.fetch(Keys()), tenant.version.number) == (facts(1), 1)


def test_missing_file_is_logged_once(path: Path, tenant: ReloadingSnapshot, caplog: pytest.LogCaptureFixture) -> None:
    """The version in use stays; when the file is back, it is loaded."""
    for version in (2, 3):
        path.unlink()
        assert [tenant.check(), tenant.check()] == [False, False]
        assert tenant.fetch(Keys()) == facts(version - 1)
        write(path, content(version))
        assert tenant.check() is True
        assert tenant.fetch(Keys()) == facts(version)
    assert caplog.messages == [f"{NOT_RELOADED}[Errno 2] No such file or directory: '{path}'"] * 2


def test_folder_or_pipe_is_rejected(path: Path, tenant: ReloadingSnapshot, caplog: pytest.LogCaptureFixture) -> None:
    """Without waiting for a writer of the pipe."""
    path.unlink()
    path.mkdir()
    assert tenant.check() is False
    path.rmdir()
    os.mkfifo(path)
    assert tenant.check() is False
    assert caplog.messages == [f"{NOT_RELOADED}[Errno 22] not a regular file: '{path}'"]


def record_reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list that gets the path at each reading of the file."""
    reads, read = [], reloading._read

    def record_and_read(path: Path) -> Any:
        reads.append(path)
        return read(path)

    monkeypatch.setattr(reloading, "_read", record_and_read)
    return reads


def test_only_a_file_that_may_have_changed_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One modified just now at each check, as it can change without a new timestamp; an old one only when its metadata change."""
    reads = record_reads(monkeypatch)
    write(path, content(1), None)
    with ReloadingSnapshot(path, NEVER) as directory:
        assert [directory.check(), directory.check()] == [False, False]
        assert len(reads) == 3
        write(path, content(1))
        assert [directory.check(), directory.check()] == [False, False]
        assert len(reads) == 4


def test_change_with_same_size_and_modification_time_is_loaded(path: Path, tenant: ReloadingSnapshot) -> None:
    """The change time differs."""
    write(path, content(2))
    assert tenant.check() is True
    assert tenant.fetch(Keys()) == facts(2)


def change_while_reading(monkeypatch: pytest.MonkeyPatch, path: Path, text: bytes) -> None:
    """Change the file once while it is read."""
    calls: list[int] = []
    status = os.fstat

    def fstat(file: int) -> os.stat_result:
        calls.append(file)
        if len(calls) == 2:
            path.write_bytes(text)
        return status(file)

    monkeypatch.setattr("validator.directories.reloading.os.fstat", fstat)


def test_file_that_changes_while_it_is_read_is_left_to_the_next_check(
    path: Path, tenant: ReloadingSnapshot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is logged."""
    write(path, content(2))
    change_while_reading(monkeypatch, path, content(33))
    assert [tenant.check(), tenant.fetch(Keys())] == [False, facts(1)]
    assert [tenant.check(), tenant.fetch(Keys())] == [True, facts(33)]
    assert caplog.messages == []


def test_first_load_must_succeed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The constructor raises for a missing, invalid or changing file and an invalid interval, and starts no thread."""
    before = threading.active_count()
    with pytest.raises(FileNotFoundError):
        ReloadingSnapshot(path.with_name("none.json"))
    with pytest.raises(ValueError, match=r"^interval must be a finite number of seconds above 0, got 0$"):
        ReloadingSnapshot(path, 0)
    with monkeypatch.context() as patched:
        change_while_reading(patched, path, b"{")
        with pytest.raises(SnapshotError, match=r"directory\.json: /: The file changed while it was read\.$"):
            ReloadingSnapshot(path)
    with pytest.raises(SnapshotError, match=r"directory\.json: 1:2: The file is not well-formed JSON"):
        ReloadingSnapshot(str(path))
    assert threading.active_count() == before


def test_byte_order_mark_is_skipped(path: Path, tenant: ReloadingSnapshot) -> None:
    """As in every snapshot file."""
    write(path, b"\xef\xbb\xbf" + content(2))
    assert tenant.check() is True
    assert tenant.fetch(Keys()) == facts(2)


@pytest.mark.parametrize("error", [MemoryError, BaseException])
def test_unexpected_error_is_logged_by_type(
    error: type[BaseException],
    path: Path,
    tenant: ReloadingSnapshot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Once; each check tries again, until the file is loaded."""

    def fail(*_: object) -> Any:
        raise error

    write(path, content(2))
    with monkeypatch.context() as patched:
        patched.setattr(Snapshot, "from_bytes", fail)
        assert [tenant.check(), tenant.check()] == [False, False]
    assert caplog.messages == [f"{NOT_RELOADED}{path}: builtins.{error.__name__}"]
    assert tenant.check() is True
    assert tenant.fetch(Keys()) == facts(2)


def test_signal_handler_may_check_during_a_check(path: Path, tenant: ReloadingSnapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not deadlock, and the content of the file is in use in the end."""
    parse = Snapshot.from_bytes
    handled: list[int] = []

    def parse_interrupted(text: bytes, name: str) -> Any:
        if not handled:
            handled.append(1)
            write(path, content(3))
            handled.append(tenant.check())
        return parse(text, name)

    monkeypatch.setattr(Snapshot, "from_bytes", parse_interrupted)
    write(path, content(2))
    assert [tenant.check(), *handled] == [True, 1, True]
    tenant.check()
    assert tenant.fetch(Keys()) == facts(3)


class SwapHandler(logging.Handler):
    """Sets an event when a version is in use."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.event = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Check the message."""
        if "in use" in record.getMessage():
            self.event.set()


@pytest.fixture
def swapped() -> Iterator[threading.Event]:
    """Return an event that is set when a new version is in use."""
    log, handler = logging.getLogger("validator"), SwapHandler()
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler.event
    log.removeHandler(handler)
    log.setLevel(level)


def test_thread_checks_the_file(path: Path, monkeypatch: pytest.MonkeyPatch, swapped: threading.Event) -> None:
    """It continues after any error of a check, and ends when the directory is closed."""
    failed = threading.Event()
    read = reloading._read

    def fail_once(path: Path) -> Any:
        if threading.current_thread().name == "validator-reload" and not failed.is_set():
            failed.set()
            raise ZeroDivisionError
        return read(path)

    monkeypatch.setattr(reloading, "_read", fail_once)
    directory = ReloadingSnapshot(path, 0.01)
    rename(path, content(2))
    assert failed.wait(GUARD)
    assert swapped.wait(GUARD)
    assert directory.fetch(Keys()) == facts(2)
    directory.close()
    directory.close()
    directory._thread.join(GUARD)
    assert not directory._thread.is_alive()
    assert directory.fetch(Keys()) == facts(2)
    directory._renew()
    assert not directory._thread.is_alive()


@pytest.fixture
def frequent_switches() -> Iterator[None]:
    """Switch threads often, to interleave more in less time."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.parametrize("replace", [rename, switch, write])
def test_readers_see_complete_versions(tmp_path: Path, replace: Callable[[Path, bytes], None]) -> None:
    """While the file is replaced hundreds of times, each answer is of one version, and no older than the one before."""
    path = tmp_path / "replaced.json"
    replace(path, content(0))
    stop = threading.Event()

    def read(directory: ReloadingSnapshot) -> bool:
        last, are_complete = 0, True
        while not stop.is_set():
            answer = directory.fetch(Keys())
            assert answer.customers is not None
            version = int((answer.customers["1"].department or "")[1:])
            are_complete = are_complete and version >= last and answer == facts(version)
            last = version
        return are_complete

    with ReloadingSnapshot(path, 0.0001) as directory, ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read, directory) for _ in range(3)]
        for version in range(1, 301):
            replace(path, content(version))
            if version % 3 == 0:
                directory.check()
        directory.check()
        stop.set()
        assert [reader.result(GUARD) for reader in readers] == [True] * 3
        assert directory.fetch(Keys()) == facts(300)
        assert directory.version.number > 50


FORKED = """
import logging, os, sys, threading
from pathlib import Path
from validator.model.directory import Keys
from validator.directories import ReloadingSnapshot

path = Path(sys.argv[1])
directory = ReloadingSnapshot(path, 0.01)
directory._check_lock.acquire()  # as if the thread were checking now
child = os.fork()
if child == 0:
    swapped = threading.Event()
    log = logging.getLogger("validator")
    log.setLevel(logging.INFO)
    log.addFilter(lambda record: swapped.set() or True)
    Path(sys.argv[2]).replace(path)
    os._exit(0 if swapped.wait(20) and directory.fetch(Keys()).customers["1"].department == "v2" else 1)
print(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_forked_process_checks_the_file(path: Path) -> None:
    """Where a server loads the application and then forks, each worker reloads the file."""
    other = path.with_name("other.json")
    other.write_bytes(content(2))
    arguments = [sys.executable, "-c", FORKED, str(path), str(other)]
    outcome = subprocess.run(arguments, capture_output=True, text=True, timeout=GUARD, check=True)
    assert outcome.stdout == "0\n"
