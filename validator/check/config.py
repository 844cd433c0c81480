"""The configuration of a repository: the settings of each of its files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from validator.check.globs import folder_of, matches, matches_any


class Suppression(NamedTuple):
    """A code that is not reported for some files. line: 1-based, in the configuration file."""

    path: str
    code: str
    reason: str
    line: int = 1


class Override(NamedTuple):
    """Settings of some files; None: the general setting applies."""

    paths: tuple[str, ...]
    operation: str | None = None
    directory: str | None = None
    caller: str | None = None
    activity: str | None = None
    environment: str | None = None
    home: str | None = None


class Config(NamedTuple):
    """The configuration of a repository. file: None if there is none. root: the absolute folder that its paths start from.

    home, directory: relative to the root. payloads None: every file.
    rejections None: the files below a folder named reject.
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
    environment: str | None = None
    suppress: tuple[Suppression, ...] = ()
    overrides: tuple[Override, ...] = ()

    @property
    def name(self) -> str:
        """The configuration file as a path from the working directory, or ""."""
        return self.relative_to_cwd(str(self.file)) if self.file else ""

    def relative_to_root(self, file: str) -> str | None:
        """Return the path of a file from the root, with slashes; None if it is not below the root."""
        for absolute in (os.path.abspath(file), os.path.realpath(file)):  # the latter for a link that leads here
            path = os.path.relpath(absolute, self.root)
            if path != os.pardir and not path.startswith(os.pardir + os.sep):
                return path.replace(os.sep, "/")
        return None

    def relative_to_cwd(self, path: str) -> str:
        """Return a path of the configuration from the working directory, or absolute if it is not below that."""
        absolute = os.path.normpath(self.root / path)
        relative = os.path.relpath(absolute)
        return absolute if relative.startswith(os.pardir) else relative

    def list_homes(self) -> list[str]:
        """Return every home in the configuration once, from the working directory."""
        homes = [self.home, *(override.home for override in self.overrides)]
        return list(dict.fromkeys(self.relative_to_cwd(home) for home in homes if home is not None))

    def list_directories(self) -> list[str]:
        """Return every file of reference data in the configuration, from the working directory."""
        directories = [self.directory, *(override.directory for override in self.overrides)]
        return [self.relative_to_cwd(directory) for directory in directories if directory is not None]

    def find_setting(self, name: str, file: str) -> str | None:
        """Return a setting of a file: from the last override that has it, else the general one. name: of a field of Override."""
        value: str | None = getattr(self, name)
        path = self.relative_to_root(file) if self.overrides else None
        for override in self.overrides if path is not None else ():
            if getattr(override, name) is not None and matches_any(override.paths, path or ""):
                value = getattr(override, name)
        return value

    def list_payload_folders(self) -> list[str]:
        """Return the folders and files that contain all payloads, from the working directory."""
        return [self.relative_to_cwd(folder_of(pattern)) for pattern in self.payloads or ()]

    def is_payload(self, file: str) -> bool:
        """Whether a file is one of the configured payloads."""
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
