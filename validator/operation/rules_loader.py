"""Import the rules module of an operation: a package of ``validator.rules``, or a file or package in a custom folder."""

import re
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from validator.files import describe_os_error
from validator.operation.home import Home, check_name

_INTERNAL_NAMES: Final = re.compile(r"_rules_[0-9]+_| \(/[^)]*\)")
_LOADED: Final[dict[Path, ModuleType]] = {}


class RulesError(ValueError):
    """An invalid rules module. file, line: where the error is, 1-based; line 1 when it is unknown. reason: one line."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        """Create the error with the text ``FILE:LINE: REASON``."""
        super().__init__(file, line, reason)  # all, so that the error can be pickled
        self.file = file
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        """Return the text."""
        return f"{self.file}:{self.line}: {self.reason}"


def load(name: str, home: Home) -> ModuleType:
    """Import the rules module of an operation, or return it when it is imported already.

    Raises ValueError for an unknown operation, and its subclass RulesError for a module that cannot be imported.
    """
    module = module_name(name)
    if home.rules == Home.at(None).rules:
        return _import_shipped(name, module)
    check_name(name)
    try:
        file = find_rules_file(name, home)
    except OSError as error:
        raise ValueError(f"{error.filename}: {describe_os_error(error)}") from None
    if file is None:
        others = ", ".join(home.operations())
        available = f"; available: {others}" if others and name not in home.operations() else ""
        raise ValueError(f"unknown operation {name!r}: {home.rules} has neither {module}.py nor {module}/__init__.py{available}")
    # Two homes may have operations of the same name, so that a module is identified by its file.
    file = file.resolve()  # a finder would resolve a relative path against the folder of its creation
    if file not in _LOADED:
        _LOADED[file] = _import_file(f"_rules_{len(_LOADED)}_{module}", file)
    return _LOADED[file]


def module_name(name: str) -> str:
    """Return the name of the rules module of an operation."""
    return name.replace("-", "_")


def find_rules_file(name: str, home: Home) -> Path | None:
    """Return the file of the rules module of an operation, or the ``__init__.py`` of its package; None without one."""
    module = module_name(name)
    files = (home.rules / module / "__init__.py", home.rules / f"{module}.py")
    return next((file for file in files if file.is_file()), None)


def _import_shipped(name: str, module: str) -> ModuleType:
    try:
        return import_module(f"validator.rules.{module}")
    except ModuleNotFoundError as error:
        available = ", ".join(Home.at(None).operations())
        raise ValueError(f"unknown operation {name!r}; available: {available}") from error


def _import_file(unique: str, file: Path) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location  # noqa: PLC0415 - shipped operations do not need it

    folders = [str(file.parent)] if file.name == "__init__.py" else None
    spec = spec_from_file_location(unique, file, submodule_search_locations=folders)
    if spec is None or spec.loader is None:  # pragma: no cover - never for a file that ends in .py
        raise RulesError(file, 1, "not a Python file")
    module = sys.modules[unique] = module_from_spec(spec)
    try:
        with redirect_stdout(sys.stderr):  # its output must not mix with a report
            spec.loader.exec_module(module)
    except BaseException as error:
        for imported in [other for other in sys.modules if other == unique or other.startswith(f"{unique}.")]:
            del sys.modules[imported]
        if isinstance(error, KeyboardInterrupt):
            raise
        raise _rules_error(file, error) from error
    return module


def _rules_error(file: Path, error: BaseException) -> RulesError:
    """Return the error at the innermost line of the traceback that is in the folder of the rules module."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_file():
        return RulesError(Path(error.filename), error.lineno or 1, f"{type(error).__name__}: {error.msg}")
    place, trace = (file, 1), error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.parent == file.parent:
            place = (path, trace.tb_lineno)
        trace = trace.tb_next
    # Remove the internal module name, and the absolute path that Python adds to it.
    text = _INTERNAL_NAMES.sub("", str(error))
    return RulesError(*place, f"{type(error).__name__}: {text}" if text else type(error).__name__)
