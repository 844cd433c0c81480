"""Where the schemas and fixtures are: inside the installed package, or beside it in a source tree."""

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


def _folder(name: str) -> Path:
    # An editable install does not carry what the wheel carries: then the source tree is the place.
    packed = _HERE / f"_{name}"
    return packed if packed.is_dir() else _HERE.parent / name


def schemas() -> Path:
    """Return the folder of schemas: one folder an operation, and those of the error body and the directory."""
    return _folder("schemas")


def fixtures() -> Path:
    """Return the folder of fixtures: one folder an operation, and the directory they are judged with."""
    return _folder("fixtures")
