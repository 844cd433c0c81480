"""The folders of operations: schemas, rules and fixtures, of the shipped operations or of custom ones."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from os import PathLike

OPERATION_FILES: Final = ("operation.json", "request.schema.json", "request.xsd")  # in an operation's folder of schemas
NAME_LENGTH: Final = 64  # characters: an operation's name is that of folders and, with an ending, of files
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_PACKAGE: Final = Path(__file__).parents[1]


class Home(NamedTuple):
    """The folders of one or several operations. schemas, fixtures: a folder an operation in it. rules: the modules in it."""

    schemas: Path
    fixtures: Path
    rules: Path

    @classmethod
    def at(cls, folder: "str | PathLike[str] | Home | None") -> "Home":
        """Return the home in a folder: its ``schemas/``, ``rules/`` and ``fixtures/``. None: the shipped operations."""
        if isinstance(folder, Home):
            return folder
        return cls(*(Path(folder) / name for name in cls._fields)) if folder is not None else _SHIPPED

    @classmethod
    def of_schemas(cls, schemas: Path) -> "Home":
        """Return the home whose folder of schemas this is, with rules and fixtures next to it.

        Where the operations are shipped ones and no rules stand next to the schemas, the rules are the shipped ones.
        """
        home = cls(schemas, schemas.parent / "fixtures", schemas.parent / "rules")
        is_shipped = not home.rules.is_dir() and {*home.operations()} <= {*_SHIPPED.operations()}
        return home._replace(rules=_SHIPPED.rules) if is_shipped else home

    def resolve(self) -> "Home":
        """Return the home with absolute paths, which stay valid in a process that runs in another folder."""
        return Home(*map(Path.absolute, self))

    def operations(self) -> list[str]:
        """Return the sorted names of the operations: of the folders of schemas that contain one of OPERATION_FILES."""
        return sorted({path.parent.name for name in OPERATION_FILES for path in self.schemas.glob(f"*/{name}")})

    def require_operations(self) -> list[str]:
        """Return the sorted names of the operations. Raises ValueError if there is none."""
        names = self.operations()
        if not names:
            raise ValueError(f"{self.schemas}: no operation found; expected a folder with {OPERATION_FILES[0]} for each")
        return names

    def find_only_operation(self) -> str:
        """Return the name of the only operation. Raises ValueError if there are none or several."""
        name, *others = self.require_operations()
        if others:
            raise ValueError(f"{self.schemas}: several operations ({', '.join([name, *others])}); choose one with --operation")
        return name


def check_name(name: str) -> None:
    """Raise ValueError for a text that no operation can have as its name."""
    if len(name) > NAME_LENGTH or not _NAME.fullmatch(name):
        expected = f"lower-case letters, digits and single hyphens, a letter first, at most {NAME_LENGTH} characters"
        raise ValueError(f"{name[:NAME_LENGTH]!r} cannot be the name of an operation; expected {expected}")


def _data_folder(name: str) -> Path:
    # The wheel contains the folder in the package; an editable install uses the source tree.
    packaged = _PACKAGE / f"_{name}"
    return packaged if packaged.is_dir() else _PACKAGE.parent / name


_SHIPPED: Final = Home(_data_folder("schemas"), _data_folder("fixtures"), _PACKAGE / "rules")


def shipped_schemas() -> Path:
    """Return the folder of the shipped schemas: one folder an operation, and the schemas of error body and directory."""
    return _SHIPPED.schemas


def shipped_fixtures() -> Path:
    """Return the folder of the shipped fixtures: one folder an operation, and the reference data that they use."""
    return _SHIPPED.fixtures
