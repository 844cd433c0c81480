"""The home of a release: a folder, or a git revision of the repository that holds the current home.

A revision is read by git's plumbing commands: nothing is checked out, no filter or hook runs, and the network is not used.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from validator.errors import UsageError, set_interrupt
from validator.lint.source import display_path
from validator.operation.home import OPERATION_FILES, Home

# Variables that git sets for hooks: they would name another repository than that of the folder.
_LOCAL: Final = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"})
_OFFLINE: Final = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_REGULAR: Final = b"100"  # with which the modes of regular files begin; links and submodules are not read


class Release(NamedTuple):
    """The home of a release. unread: a clause for each part of it that is not read."""

    home: Home
    unread: Sequence[str] = ()


@contextmanager
def open_release(name: str, home: Home) -> Iterator[Release]:
    """Provide the home of a release, for as long as the context lasts. Raises UsageError.

    name: a folder if there is one, else a revision. home: the current one.
    """
    if name and Path(name).is_dir():
        _check_operations(name, Home.at(name), Home.at(name))
        yield Release(Home.at(name))
        return
    revision = _find_revision(name, home)
    set_interrupt()  # which removes the folder
    with TemporaryDirectory() as place:
        release = Home.at(place)
        unread = [text for source, target in zip(home, release, strict=True) for text in revision.extract(source, target)]
        _check_operations(name, release, home)
        yield Release(release, unread)


def _check_operations(name: str, release: Home, shown: Home) -> None:
    """Raise UsageError for a home without operations. shown: the home whose folder the error names."""
    if release.operations():
        return
    raise UsageError(f"--against {name}: no operation in {shown.schemas}; expected a folder with {OPERATION_FILES[0]} for each")


class _Revision(NamedTuple):
    """A commit. name: as given. root: the absolute folder of the repository. commit: the name of the object."""

    name: str
    root: Path
    commit: str

    def extract(self, source: Path, target: Path) -> list[str]:
        """Write the regular files that the commit has in a folder into another one. Raises UsageError.

        Return a clause for each other file.
        """
        inside = os.path.relpath(os.path.realpath(source), self.root)
        if inside == os.pardir or inside.startswith(os.pardir + os.sep):
            return [f"{display_path(source)} is outside the repository"]
        tree = self._run("ls-tree", "-r", "-z", "--full-tree", self.commit, "--", inside).split(b"\0")
        entries = [entry.partition(b"\t") for entry in tree if entry.startswith(_REGULAR)]
        contents = self._read_objects([head.split()[2] for head, _, _ in entries])
        for (_, _, path), content in zip(entries, contents, strict=True):
            relative = PurePosixPath(os.fsdecode(path)).relative_to(inside)
            if os.pardir not in relative.parts:  # which only a forged commit has
                file = target / relative
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        others = [os.fsdecode(entry.partition(b"\t")[2]) for entry in tree if entry and not entry.startswith(_REGULAR)]
        return [f"{path} is a link or submodule in the release" for path in others]

    def _read_objects(self, objects: Sequence[bytes]) -> Iterator[bytes]:
        """Yield the contents of objects. Raises UsageError, also for one that the clone lacks."""
        data = self._run("cat-file", "--batch", data=b"".join(one + b"\n" for one in objects))
        start = 0
        for _ in objects:
            header, _, _ = data[start:].partition(b"\n")
            if not header.split()[-1].isdigit():
                raise UsageError(f"--against {self.name}: the clone lacks a file of the revision; fetch it first")
            start += len(header) + 1
            yield data[start : start + int(header.split()[-1])]
            start += int(header.split()[-1]) + 1

    def _run(self, *arguments: str, data: bytes = b"") -> bytes:
        done = _run_git(self.name, self.root, *arguments, data=data)
        if done.returncode:
            raise UsageError(f"--against {self.name}: {_first_line(done.stderr)}")
        return done.stdout


def _find_revision(name: str, home: Home) -> _Revision:
    """Return the commit that a revision names in the repository of a home. Raises UsageError."""
    folder = home.schemas.resolve()
    root = _run_git(name, folder, "rev-parse", "--show-toplevel")
    if root.returncode:
        raise UsageError(f"--against {name}: no such folder, and no revision of {folder}: {_first_line(root.stderr)}")
    commit = _run_git(name, folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    place = Path(os.fsdecode(root.stdout.rstrip(b"\n")))
    if commit.returncode:
        is_shallow = _run_git(name, folder, "rev-parse", "--is-shallow-repository").stdout.startswith(b"true")
        hint = "; the clone is shallow, fetch the revision first" if is_shallow else ""
        raise UsageError(f"--against {name}: no such folder, and no such revision of {place}{hint}")
    return _Revision(name, place, commit.stdout.decode().strip())


def _run_git(name: str, folder: Path, *arguments: str, data: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """Run git in a folder. Raises UsageError if it is not installed."""
    program = shutil.which("git")
    if program is None:
        raise UsageError(f"--against {name}: no such folder, and git, which reads revisions, is not installed")
    environment = {key: value for key, value in os.environ.items() if key not in _LOCAL} | _OFFLINE
    command = [program, "-C", str(folder), "-c", "protocol.allow=never", *arguments]
    return subprocess.run(command, input=data, env=environment, capture_output=True, check=False)  # noqa: S603 - no shell


def _first_line(text: bytes) -> str:
    return text.decode("utf-8", "replace").strip().partition("\n")[0] or "git failed"
