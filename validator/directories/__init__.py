"""Directories of reference data (contract, section 6): files, databases, and the caches and time limits around them.

    from validator.directories import Cached, SqlDirectory

    directory = Cached(SqlDirectory("postgresql://validator@db/tenant"))

Each name is imported when it is first used, so a snapshot does not import SQLAlchemy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from validator.directories.cache import AsyncCached, Cached
    from validator.directories.reloading import ReloadingSnapshot
    from validator.directories.snapshot import Snapshot, SnapshotError
    from validator.directories.sql import AsyncSqlDirectory, SqlDirectory, SqlError
    from validator.directories.time_limit import AsyncTimeLimited, TimeLimited

_MODULES: Final = {
    "AsyncCached": "cache",
    "AsyncTimeLimited": "time_limit",
    "AsyncSqlDirectory": "sql",
    "Cached": "cache",
    "TimeLimited": "time_limit",
    "ReloadingSnapshot": "reloading",
    "Snapshot": "snapshot",
    "SnapshotError": "snapshot",
    "SqlDirectory": "sql",
    "SqlError": "sql",
}

__all__ = [
    "AsyncCached",
    "AsyncSqlDirectory",
    "AsyncTimeLimited",
    "Cached",
    "ReloadingSnapshot",
    "Snapshot",
    "SnapshotError",
    "SqlDirectory",
    "SqlError",
    "TimeLimited",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'validator.directories' has no attribute {name!r}")
    return getattr(import_module(f"validator.directories.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
