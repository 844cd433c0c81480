"""A snapshot file that is replaced: what is taken, what is refused, and what readers see meanwhile."""

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

from validator.directories import reloading
from validator.directories.reloading import ReloadingSnapshot
from validator.directories.snapshot import Snapshot, SnapshotError
from validator.model.directory import Alias, Customer, Facts, Keys

GUARD = 60  # seconds, after which what hangs is a failure
NEVER = 3600.0  # seconds between two looks, so that only the test looks
OLD = 1_700_000_000  # a time of modification long ago, in seconds since the epoch
STAYS = "the reference data stay as they are: "


def content(version: object) -> bytes:
    """Return a snapshot file whose two sections are of this version."""
    customers = [{"id": "1", "department": f"v{version}"}]
    aliases = [{"address": "a@b.com", "active": True, "department": f"v{version}"}]
    return json.dumps({"customers": customers, "aliases": aliases}).encode()


def facts(version: object) -> Facts:
    """Return what a file of this version says."""
    alias = Alias("a@b.com", active=True, department=f"v{version}")
    return Facts(customers={"1": Customer("1", f"v{version}")}, aliases={"a@b.com": alias})


def write(path: Path, text: bytes, modified: int | None = OLD) -> None:
    """Write a file in place. modified: None: as it comes, so that the file is young."""
    path.write_bytes(text)
    if modified is not None:
        os.utime(path, (modified, modified))


def rename(path: Path, text: bytes) -> None:
    """Replace a file by another one."""
    other = path.with_suffix(".new")
    other.write_bytes(text)
    other.replace(path)


def switch(path: Path, text: bytes) -> None:
    """Replace what a link of a link leads to, as mounted configurations of Kubernetes are replaced."""
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
    """Return the directory over it, which looks only when it is told to."""
    with ReloadingSnapshot(path, NEVER) as directory:
        yield directory


def test_the_file_is_what_is_told(tenant: ReloadingSnapshot) -> None:
    """It is loaded when the directory is made, and not again while it stays the same."""
    first = tenant.fetch(Keys())
    assert first == facts(1)
    assert [tenant.check(), tenant.check()] == [False, False]
    assert tenant.fetch(Keys()) is first
    assert tenant.version.number == 1


@pytest.mark.parametrize("replace", [rename, switch, write])
def test_every_way_of_replacing(tmp_path: Path, replace: Callable[[Path, bytes], None], caplog: pytest.LogCaptureFixture) -> None:
    """The new file is used from the look that finds it, and the log says so."""
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
        (b"", "1:1: The file is not well-formed JSON: line 1, column 1: a value is expected."),
        (content(2)[:-1], "The file is not well-formed JSON"),
        (b'{"customer": []}', "/customer: Unknown attribute 'customer'."),
    ],
)
def test_a_bad_file_is_refused(
    path: Path, tenant: ReloadingSnapshot, text: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged once, though it is touched, and the old one stays; a good one after it is taken."""
    write(path, text)
    assert [tenant.check(), tenant.check()] == [False, False]
    write(path, text, OLD + 1)
    assert tenant.check() is False
    assert [message.startswith(f"{STAYS}{path}: ") and reason in message for message in caplog.messages] == [True]
    assert tenant.fetch(Keys()) == facts(1)
    write(path, content(3))
    assert tenant.check() is True
    assert (tenant.fetch(Keys()), tenant.version.number) == (facts(3), 2)


def test_each_bad_file_is_logged(path: Path, tenant: ReloadingSnapshot, caplog: pytest.LogCaptureFixture) -> None:
    """Also one that comes again after the one in use, which is not swapped for itself."""
    for text in (b"[]", b"{", content(1), b"{"):
        write(path, text)
        assert tenant.check() is False
    assert [message.partition(f"{path}: ")[2][:20] for message in caplog.messages] == [
        "/: Attribute 'body' ",
        "1:2: The file is not",
        "1:2: The file is not",
    ]
    assert (tenant.fetch(Keys()), tenant.version.number) == (facts(1), 1)


def test_a_file_that_vanishes(path: Path, tenant: ReloadingSnapshot, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged once each time, and what was there stays in use; when it comes back, it is looked at again."""
    for version in (2, 3):
        path.unlink()
        assert [tenant.check(), tenant.check()] == [False, False]
        assert tenant.fetch(Keys()) == facts(version - 1)
        write(path, content(version))
        assert tenant.check() is True
        assert tenant.fetch(Keys()) == facts(version)
    assert caplog.messages == [f"{STAYS}[Errno 2] No such file or directory: '{path}'"] * 2


def test_what_is_no_file(path: Path, tenant: ReloadingSnapshot, caplog: pytest.LogCaptureFixture) -> None:
    """A folder, or a pipe that nobody writes to, is refused, and nobody waits for it."""
    path.unlink()
    path.mkdir()
    assert tenant.check() is False
    path.rmdir()
    os.mkfifo(path)
    assert tenant.check() is False
    assert caplog.messages == [f"{STAYS}[Errno 22] not a regular file: '{path}'"]


def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list that notes when the file is read."""
    noted, read = [], reloading._read

    def noting(path: Path) -> Any:
        noted.append(path)
        return read(path)

    monkeypatch.setattr(reloading, "_read", noting)
    return noted


def test_only_a_file_that_may_have_changed_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A young one at each look, as it may change within the grain of its time; an old one is known by its identity."""
    noted = reads(monkeypatch)
    write(path, content(1), None)
    with ReloadingSnapshot(path, NEVER) as directory:
        assert [directory.check(), directory.check()] == [False, False]
        assert len(noted) == 3
        write(path, content(1))
        assert [directory.check(), directory.check()] == [False, False]
        assert len(noted) == 4


def test_a_change_that_keeps_size_and_time(path: Path, tenant: ReloadingSnapshot) -> None:
    """It is noticed all the same."""
    write(path, content(2))
    assert tenant.check() is True
    assert tenant.fetch(Keys()) == facts(2)


def unsteady(monkeypatch: pytest.MonkeyPatch, path: Path, text: bytes) -> None:
    """Let the file be written to while it is read, once."""
    asked: list[int] = []
    status = os.fstat

    def fstat(file: int) -> os.stat_result:
        asked.append(file)
        if len(asked) == 2:
            path.write_bytes(text)
        return status(file)

    monkeypatch.setattr("validator.directories.reloading.os.fstat", fstat)


def test_a_file_that_changes_while_it_is_read(
    path: Path, tenant: ReloadingSnapshot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is left to the next look, without a word."""
    write(path, content(2))
    unsteady(monkeypatch, path, content(33))
    assert [tenant.check(), tenant.fetch(Keys())] == [False, facts(1)]
    assert [tenant.check(), tenant.fetch(Keys())] == [True, facts(33)]
    assert caplog.messages == []


def test_the_first_load_must_succeed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not there, bad, or being written to, and a time that makes no sense, are told to who makes it."""
    before = threading.active_count()
    with pytest.raises(FileNotFoundError):
        ReloadingSnapshot(path.with_name("none.json"))
    with pytest.raises(ValueError, match="above 0, not 0"):
        ReloadingSnapshot(path, 0)
    with monkeypatch.context() as patched:
        unsteady(patched, path, b"{")
        with pytest.raises(SnapshotError, match=r"directory\.json: /: The file changed while it was read\.$"):
            ReloadingSnapshot(path)
    with pytest.raises(SnapshotError, match=r"directory\.json: 1:2: The file is not well-formed JSON"):
        ReloadingSnapshot(str(path))
    assert threading.active_count() == before


def test_a_byte_order_mark_is_skipped(path: Path, tenant: ReloadingSnapshot) -> None:
    """As for every snapshot file."""
    write(path, b"\xef\xbb\xbf" + content(2))
    assert tenant.check() is True
    assert tenant.fetch(Keys()) == facts(2)


def test_what_nobody_expects_is_logged_by_type(
    path: Path, tenant: ReloadingSnapshot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Once; the file is tried again at each look, and taken when that is over."""

    def fail(*_: object) -> Any:
        raise MemoryError

    write(path, content(2))
    with monkeypatch.context() as patched:
        patched.setattr(Snapshot, "from_bytes", fail)
        assert [tenant.check(), tenant.check()] == [False, False]
    assert caplog.messages == [f"{STAYS}{path}: builtins.MemoryError"]
    assert tenant.check() is True
    assert tenant.fetch(Keys()) == facts(2)


def test_a_signal_handler_may_look_while_a_look_is_interrupted(
    path: Path, tenant: ReloadingSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not wait for itself, and the last word is the file's."""
    parsed = Snapshot.from_bytes
    handled: list[int] = []

    def interrupted(text: bytes, name: str) -> Any:
        if not handled:
            handled.append(1)
            write(path, content(3))
            handled.append(tenant.check())
        return parsed(text, name)

    monkeypatch.setattr(Snapshot, "from_bytes", interrupted)
    write(path, content(2))
    assert [tenant.check(), *handled] == [True, 1, True]
    tenant.check()
    assert tenant.fetch(Keys()) == facts(3)


class Heard(logging.Handler):
    """Sets an event when a version is in use."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.event = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Take note."""
        if "in use" in record.getMessage():
            self.event.set()


@pytest.fixture
def swapped() -> Iterator[threading.Event]:
    """Return an event that is set when a version is swapped in."""
    log, heard = logging.getLogger("validator"), Heard()
    level = log.level
    log.addHandler(heard)
    log.setLevel(logging.INFO)
    yield heard.event
    log.removeHandler(heard)
    log.setLevel(level)


def test_the_thread_looks_by_itself(path: Path, monkeypatch: pytest.MonkeyPatch, swapped: threading.Event) -> None:
    """It goes on whatever happens at a look, and ends when the directory is closed."""
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
def quick_turns() -> Iterator[None]:
    """Let threads take turns often: more is interleaved, in less time."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("quick_turns")
@pytest.mark.parametrize("replace", [rename, switch, write])
def test_readers_never_see_half(tmp_path: Path, replace: Callable[[Path, bytes], None]) -> None:
    """While the file is replaced hundreds of times, each answer is of one version, and versions only go on."""
    path = tmp_path / "replaced.json"
    replace(path, content(0))
    done = threading.Event()

    def read(directory: ReloadingSnapshot) -> bool:
        last, whole = 0, True
        while not done.is_set():
            found = directory.fetch(Keys())
            assert found.customers is not None
            version = int((found.customers["1"].department or "")[1:])
            whole = whole and version >= last and found == facts(version)
            last = version
        return whole

    with ReloadingSnapshot(path, 0.0001) as directory, ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read, directory) for _ in range(3)]
        for version in range(1, 301):
            replace(path, content(version))
            if version % 3 == 0:
                directory.check()
        directory.check()
        done.set()
        assert [reader.result(GUARD) for reader in readers] == [True] * 3
        assert directory.fetch(Keys()) == facts(300)
        assert directory.version.number > 50


FORKED = """
import logging, os, sys, threading
from pathlib import Path
from validator.model.directory import Keys
from validator.directories.reloading import ReloadingSnapshot

path = Path(sys.argv[1])
directory = ReloadingSnapshot(path, 0.01)
directory._looking.acquire()  # as if the thread looked just now
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
def test_a_forked_process_looks_by_itself(path: Path) -> None:
    """Servers load the application and then fork: each worker follows the file."""
    other = path.with_name("other.json")
    other.write_bytes(content(2))
    arguments = [sys.executable, "-c", FORKED, str(path), str(other)]
    outcome = subprocess.run(arguments, capture_output=True, text=True, timeout=GUARD, check=True)
    assert outcome.stdout == "0\n"
