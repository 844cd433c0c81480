"""The rules of an operation as a module: a package of ``validator.rules``, or a file or package in somebody's own folder."""

import re
import sys
from contextlib import redirect_stdout
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

from validator.operation.home import Home

_MADE_UP: Final = re.compile(r"_rules_[0-9]+_| \(/[^)]*\)")
_LOADED: Final[dict[Path, ModuleType]] = {}


class RulesError(ValueError):
    """A rules module that cannot be used: one line. line: 1-based, in the file at fault; 1 when it is not known."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        """Word the error."""
        super().__init__(f"{file}:{line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


def load(name: str, home: Home) -> ModuleType:
    """Import the rules of an operation; once, as modules are.

    Raises ValueError where there are none, and its RulesError for what cannot be imported.
    """
    module = module_name(name)
    if home.rules == Home.at(None).rules:
        return _shipped(name, module)
    file = find_rules_file(name, home)
    if file is None:
        raise ValueError(f"no operation is named {name!r}: {home.rules} has neither {module}.py nor {module}/__init__.py")
    # Two homes may have operations of one name.
    file = file.resolve()  # a finder remembers what a relative path meant when it was made
    if file not in _LOADED:
        _LOADED[file] = _imported(f"_rules_{len(_LOADED)}_{module}", file)
    return _LOADED[file]


def module_name(name: str) -> str:
    """Return the name of an operation as that of its module."""
    return name.replace("-", "_")


def find_rules_file(name: str, home: Home) -> Path | None:
    """Return the file that the rules of an operation begin in, or None."""
    module = module_name(name)
    files = (home.rules / module / "__init__.py", home.rules / f"{module}.py")
    return next((file for file in files if file.is_file()), None)


def _shipped(name: str, module: str) -> ModuleType:
    try:
        return import_module(f"validator.rules.{module}")
    except ModuleNotFoundError as error:
        raise ValueError(f"no operation is named {name!r}") from error


def _imported(unique: str, file: Path) -> ModuleType:
    folders = [str(file.parent)] if file.name == "__init__.py" else None
    spec = spec_from_file_location(unique, file, submodule_search_locations=folders)
    if spec is None or spec.loader is None:  # pragma: no cover - never for a file that ends in .py
        raise RulesError(file, 1, "it is no Python file")
    module = sys.modules[unique] = module_from_spec(spec)
    try:
        with redirect_stdout(sys.stderr):  # what it prints is no part of a report
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        for imported in [other for other in sys.modules if other == unique or other.startswith(f"{unique}.")]:
            del sys.modules[imported]
        raise _worded(file, error) from error
    return module


def _worded(file: Path, error: BaseException) -> RulesError:
    """Return the error with the innermost place in the rules' own folder."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_file():
        return RulesError(Path(error.filename), error.lineno or 1, f"{type(error).__name__}: {error.msg}")
    place, trace = (file, 1), error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.parent == file.parent:
            place = (path, trace.tb_lineno)
        trace = trace.tb_next
    # The module's own name is made up, and the path to it is the reader's own.
    words = _MADE_UP.sub("", str(error))
    return RulesError(*place, f"{type(error).__name__}: {words}")
