"""The listening socket: a Unix socket belongs to one server, and no other file is ever removed."""

import os
import select
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers.running import HOST
from validator.errors import UsageError
from validator.sidecar.listener import open_listener, open_unix_listener


@pytest.fixture
def place(tmp_path: Path) -> str:
    """Return a path for a socket."""
    return str(tmp_path / "s")


def leave_stale(place: str) -> None:
    """Leave the socket file of a server that has died."""
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(place)
        stale.listen()


def is_live(place: str) -> bool:
    """Return whether a server listens."""
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(place) == 0


def is_queued(listener: socket.socket) -> bool:
    """Return whether a connection waits to be accepted."""
    return bool(select.select([listener], [], [], 0)[0])


def test_listener_listens_at_once_and_is_removed_at_the_end(place: str) -> None:
    """Also where the file of a dead server exists."""
    leave_stale(place)
    assert not is_live(place)
    with open_listener("ignored", 1, place):
        assert is_live(place)
    assert not Path(place).exists()


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_file_that_is_not_a_socket_is_never_removed(place: str, kind: str) -> None:
    """The error says so. A link is not followed, even if it leads to the socket of a dead server."""
    if kind == "folder":
        Path(place).mkdir()
    elif kind == "link":
        leave_stale(place + "2")
        Path(place).symlink_to(place + "2")
    else:
        Path(place).write_text("content")
    message = f"{place}: the file exists and is not a socket; choose another path or remove the file"
    with pytest.raises(UsageError) as caught, open_listener(HOST, 0, place):
        pass
    assert str(caught.value) == message
    assert Path(place).exists()
    assert kind != "file" or Path(place).read_text() == "content"


def test_socket_of_another_server_is_not_replaced(place: str) -> None:
    """Neither while it accepts connections nor when its queue is full."""
    with socket.socket(socket.AF_UNIX) as other, ExitStack() as clients:
        other.bind(place)
        other.listen(0)
        for is_full in (False, True):
            with pytest.raises(UsageError) as caught, open_listener(HOST, 0, place):
                pass
            assert str(caught.value) == f"{place}: Address already in use"
            if not is_full:
                client = clients.enter_context(socket.socket(socket.AF_UNIX))
                client.settimeout(0)
                while client.connect_ex(place) == 0:
                    client = clients.enter_context(socket.socket(socket.AF_UNIX))
                    client.settimeout(0)
        assert is_queued(other)


def test_socket_that_replaced_ours_is_not_removed(place: str) -> None:
    """Nor a file of another kind, nor is an absent folder an error."""
    with open_listener(HOST, 0, place):
        Path(place).unlink()
        other = open_unix_listener(place)
    assert is_live(place)
    other.close()
    with open_listener(HOST, 0, place):
        Path(place).unlink()
        Path(place).write_text("content")
    assert Path(place).read_text() == "content"
    folder = Path(place + "2")
    folder.mkdir()
    with open_listener(HOST, 0, str(folder / "s")):
        (folder / "s").unlink()
        folder.rmdir()


def test_one_of_many_simultaneous_starts_gets_the_socket(place: str) -> None:
    """With the file of a dead server in place, which all of them would remove."""

    def start(_number: int) -> socket.socket | None:
        try:
            return open_unix_listener(place)
        except OSError:
            return None

    with ThreadPoolExecutor(8) as pool:
        for _ in range(50):
            leave_stale(place)
            (winner,) = [listener for listener in pool.map(start, range(8)) if listener is not None]
            assert is_live(place)
            winner.close()
            Path(place).unlink()


def test_path_that_is_too_long_is_reported(place: str) -> None:
    """Python raises an error without a number."""
    with pytest.raises(UsageError, match=r": AF_UNIX path too long$"), open_listener(HOST, 0, place + "s" * 100):
        pass


@pytest.mark.parametrize("mode", [0o600, 0o660, 0o666])
def test_socket_has_its_permissions_from_the_beginning(place: str, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more in between, whatever the umask; files that are created later get those of the umask again."""
    modes = []
    bind = socket.socket.bind

    def bind_and_look(listener: socket.socket, address: str) -> None:
        bind(listener, address)
        modes.append(Path(address).stat().st_mode & 0o777)

    monkeypatch.setattr(socket.socket, "bind", bind_and_look)
    before = os.umask(0o022)
    try:
        with open_listener(HOST, 0, place, mode):
            Path(place + "2").touch()
            assert (modes, Path(place + "2").stat().st_mode & 0o777) == ([mode], 0o644)
    finally:
        os.umask(before)
