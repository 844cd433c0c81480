"""Which operations ``lint`` checks: those of a folder, of a home, of every configured home, or of this package."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from validator.check.config import Config
from validator.check.config_file import find_nested_configs
from validator.cli.options import Options
from validator.errors import UsageError
from validator.operation.home import OPERATION_FILES, Home


class Target(NamedTuple):
    """Operations of a home, by their names. config: the configuration, whose suppressions apply to them."""

    config: Config
    home: Home
    names: Sequence[str]

    @property
    def is_whole(self) -> bool:
        """Whether these are all operations of the home."""
        return self.names == self.home.operations()


def find_targets(options: Options, config: Config) -> list[Target]:
    """Return what to lint, each home once. config: that of the working directory. Raises UsageError.

    The homes of configurations below the working directory count too, unless the options name the configuration.
    """
    if options.folder is not None and options.home is not None:
        raise UsageError(f"--home {options.home} and the folder {options.folder} exclude each other")
    if options.folder is not None:
        return [_find_in_folder(options.folder, config)]
    if options.home is not None:
        return [_make_target(config, Home.at(options.home))]
    nested = () if options.isolated or options.config is not None else find_nested_configs(Path.cwd())
    targets: dict[Path, Target] = {}
    for one in (config, *nested):
        for folder in one.list_homes():
            targets.setdefault(Path(folder).resolve(), _make_target(one, Home.at(folder)))
    return list(targets.values()) or [_make_target(config, _default_home())]


def _find_in_folder(folder: str, config: Config) -> Target:
    """Return the target of a folder: of one operation, of schemas, or a home. Raises UsageError."""
    path = Path(folder)
    if not path.is_dir():
        raise UsageError(f"{folder}: no such folder")
    path = path.resolve() if path.name in {"", os.pardir} else Path(os.path.normpath(path))
    if any((path / name).is_file() for name in OPERATION_FILES):
        schemas = path.parent if path.parent.name else path.parent.resolve()  # rules and fixtures stand next to it
        return Target(config, Home.of_schemas(schemas), [path.resolve().name])
    candidates = [home for home in (Home.of_schemas(path), Home.at(path)) if home.operations()]
    return _make_target(config, candidates[0] if candidates else Home.of_schemas(path))


def _make_target(config: Config, home: Home) -> Target:
    try:
        return Target(config, home, home.require_operations())
    except ValueError as error:
        raise UsageError(str(error)) from None


def _default_home() -> Home:
    """Return the home of ``./schemas``, else the shipped one. Inside a folder of schemas, or of an operation, it is that one."""
    here = Path.cwd()
    for schemas in (here, here.parent):
        if schemas.name == "schemas" and Home.of_schemas(schemas).operations():
            return Home.of_schemas(schemas)
    return Home.of_schemas(Path("schemas")) if Path("schemas").exists() else Home.at(None)
