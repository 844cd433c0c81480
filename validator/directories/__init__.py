"""Sources of reference data (contract, section 6): files, databases, and the caches and time limits around them.

>>> from validator import load
>>> from validator.directories import Cached, SqlDirectory, TimeLimited
>>> directory = Cached(TimeLimited(SqlDirectory("sqlite:///tenant.db")))
>>> engine = load("create-email-response", directory)

They can be pickled and copied, as their source and their settings: a copy has connections, threads and a cache of its own.
Pickles of database directories hold the URL with its password.

Names that begin with Async are for ``Engine.validate_async``. Tables are created with ``create_tables``, updated after an older
version of this package with ``migrate_tables``, and filled with ``import_snapshot``. Each name is imported at its first use, so
``Snapshot`` does not import SQLAlchemy (extra ``sql``).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from validator.directories.cache import AsyncCached, Cached, InterruptedFetchError
    from validator.directories.reloading import ReloadingSnapshot, Version
    from validator.directories.snapshot import Snapshot, SnapshotError
    from validator.directories.sql import (
        AsyncSqlDirectory,
        SqlDirectory,
        SqlError,
        create_tables,
        export_lines,
        export_snapshot,
        import_snapshot,
        migrate_tables,
    )
    from validator.directories.time_limit import AsyncTimeLimited, FailurePolicy, StuckError, TimeLimited

_NAMES: Final = {
    "cache": ("AsyncCached", "Cached", "InterruptedFetchError"),
    "reloading": ("ReloadingSnapshot", "Version"),
    "snapshot": ("Snapshot", "SnapshotError"),
    "sql": (
        "AsyncSqlDirectory",
        "SqlDirectory",
        "SqlError",
        "create_tables",
        "export_lines",
        "export_snapshot",
        "import_snapshot",
        "migrate_tables",
    ),
    "time_limit": ("AsyncTimeLimited", "FailurePolicy", "StuckError", "TimeLimited"),
}
_MODULES: Final = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "AsyncCached",
    "AsyncSqlDirectory",
    "AsyncTimeLimited",
    "Cached",
    "FailurePolicy",
    "InterruptedFetchError",
    "ReloadingSnapshot",
    "Snapshot",
    "SnapshotError",
    "SqlDirectory",
    "SqlError",
    "StuckError",
    "TimeLimited",
    "Version",
    "create_tables",
    "export_lines",
    "export_snapshot",
    "import_snapshot",
    "migrate_tables",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'validator.directories' has no attribute {name!r}")
    return getattr(import_module(f"validator.directories.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
