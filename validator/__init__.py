"""Validates requests to an API operation quickly and exactly, and reports each error with the API's own code and message.

>>> from validator import Caller, Request, Snapshot, load
>>> engine = load("create-email-response", Snapshot.from_file("directory.json"))
>>> report = engine.validate(Request(ids="2001", body=b"...", caller=Caller.customer("1001")))
>>> report.accepted, report.failures, report.response()

Each name is imported at its first use, so that a process imports only the modules that it needs. Other public modules:
``validator.asgi`` and ``validator.wsgi`` (middleware), ``validator.directories`` (reference data), ``validator.rule`` (for
authors of rules), ``validator.telemetry``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from validator._version import VERSION

if TYPE_CHECKING:
    from validator.directories.snapshot import Snapshot, SnapshotError
    from validator.engine import Engine, load
    from validator.model.code import Code
    from validator.model.directory import (
        Activity,
        Alias,
        AsyncDirectory,
        CustomAttribute,
        Customer,
        Directory,
        Facts,
        Keys,
        MessageCenter,
        Settings,
    )
    from validator.model.location import Position, Region
    from validator.model.report import Advisory, Failure, Report, Skip
    from validator.model.request import Caller, Request
    from validator.model.response import Response

__version__: Final = VERSION

_NAMES: Final = {
    "model.code": ("Code",),
    "model.directory": (
        "Activity", "Alias", "AsyncDirectory", "CustomAttribute", "Customer",
        "Directory", "Facts", "Keys", "MessageCenter", "Settings",
    ),
    "engine": ("Engine", "load"),
    "model.response": ("Response",),
    "model.location": ("Position", "Region"),
    "model.report": ("Advisory", "Failure", "Report", "Skip"),
    "model.request": ("Caller", "Request"),
    "directories.snapshot": ("Snapshot", "SnapshotError"),
}  # fmt: skip
_MODULES: Final = {name: f"validator.{module}" for module, names in _NAMES.items() for name in names}

__all__ = [
    "Activity",
    "Advisory",
    "Alias",
    "AsyncDirectory",
    "Caller",
    "Code",
    "CustomAttribute",
    "Customer",
    "Directory",
    "Engine",
    "Facts",
    "Failure",
    "Keys",
    "MessageCenter",
    "Position",
    "Region",
    "Report",
    "Request",
    "Response",
    "Settings",
    "Skip",
    "Snapshot",
    "SnapshotError",
    "load",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'validator' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
