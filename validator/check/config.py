"""The configuration of a repository: the settings that apply to each of its files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from validator.check.globs import folder_of, matches, matches_any


class Suppression(NamedTuple):
    """A code that is not told of some files. line: 1-based, of the configuration file."""

    path: str
    code: str
    reason: str
    line: int = 1


class Override(NamedTuple):
    """Settings of some files; None: what holds otherwise."""

    paths: tuple[str, ...]
    operation: str | None = None
    directory: str | None = None
    caller: str | None = None
    activity: str | None = None


class Config(NamedTuple):
    """The configuration of a repository. file: None when there is none; root: what its paths are relative to, absolute.

    home, directory: from the root. payloads None: every file that is asked for.
    rejections None: what stands below a folder named reject.
    """

    file: Path | None
    root: Path
    operation: str | None = None
    home: str | None = None
    payloads: tuple[str, ...] | None = None
    rejections: tuple[str, ...] | None = None
    directory: str | None = None
    caller: str | None = None
    activity: str | None = None
    suppress: tuple[Suppression, ...] = ()
    overrides: tuple[Override, ...] = ()

    def relative_to_root(self, file: str) -> str | None:
        """Return the path of a file from the root, with slashes; None when it is not below it."""
        for absolute in (os.path.abspath(file), os.path.realpath(file)):  # the latter where a link leads here
            path = os.path.relpath(absolute, self.root)
            if path != os.pardir and not path.startswith(os.pardir + os.sep):
                return path.replace(os.sep, "/")
        return None

    def relative_to_cwd(self, path: str) -> str:
        """Return a path of the configuration as one from the working directory, or absolute when it is not below that."""
        absolute = os.path.normpath(self.root / path)
        relative = os.path.relpath(absolute)
        return absolute if relative.startswith(os.pardir) else relative

    def list_directories(self) -> list[str]:
        """Return every file of reference data that is named, as a path from here."""
        named = [self.directory, *(override.directory for override in self.overrides)]
        return [self.relative_to_cwd(directory) for directory in named if directory is not None]

    def find_setting(self, name: str, file: str) -> str | None:
        """Return operation, directory, caller or activity of a file: of the last override that has it, else the general one."""
        path = self.relative_to_root(file)
        given: str | None = getattr(self, name)
        for override in self.overrides if path is not None else ():
            if getattr(override, name) is not None and matches_any(override.paths, path or ""):
                given = getattr(override, name)
        return given

    def list_payload_folders(self) -> list[str]:
        """Return the folders and files that hold all payloads, as paths from here."""
        return [self.relative_to_cwd(folder_of(pattern)) for pattern in self.payloads or ()]

    def is_payload(self, file: str) -> bool:
        """Whether a file is to be checked."""
        return self.payloads is None or self._is_in(self.payloads, file)

    def is_rejection(self, file: str) -> bool:
        """Whether a file must be refused."""
        if self.rejections is not None:
            return self._is_in(self.rejections, file)
        path = self.relative_to_root(file) or os.path.abspath(file).replace(os.sep, "/")
        return "reject" in path.split("/")[:-1]

    def find_suppressions(self, file: str) -> tuple[Suppression, ...]:
        """Return the suppressions of a file."""
        path = self.relative_to_root(file) if self.suppress else None
        return tuple(one for one in self.suppress if path is not None and matches(one.path, path))

    def _is_in(self, patterns: Sequence[str], file: str) -> bool:
        path = self.relative_to_root(file)
        return path is not None and matches_any(patterns, path)
