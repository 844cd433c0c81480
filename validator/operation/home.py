"""Where operations live: their schemas, rules and fixtures, those that come with the package or somebody's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from os import PathLike

OPERATION_FILES: Final = ("operation.json", "request.schema.json", "request.xsd")  # of an operation, in its folder of schemas
_HERE: Final = Path(__file__).parents[1]


class Home(NamedTuple):
    """The folders of schemas and fixtures, with a folder an operation, and the folder of the rules modules."""

    schemas: Path
    fixtures: Path
    rules: Path

    @classmethod
    def at(cls, folder: "str | PathLike[str] | Home | None") -> "Home":
        """Return the home in a folder: ``schemas/``, ``rules/`` and ``fixtures/`` in it. None: the shipped operations."""
        if isinstance(folder, Home):
            return folder
        return cls(*(Path(folder) / name for name in cls._fields)) if folder is not None else _SHIPPED

    @classmethod
    def of_schemas(cls, schemas: Path) -> "Home":
        """Return the home whose folder of schemas this is. Of shipped operations, without rules beside, the rules are shipped."""
        own = cls(schemas, schemas.parent / "fixtures", schemas.parent / "rules")
        is_shipped = not own.rules.is_dir() and {*own.operations()} <= {*_SHIPPED.operations()}
        return own._replace(rules=_SHIPPED.rules) if is_shipped else own

    def operations(self) -> list[str]:
        """Return the names of the operations, in order: the folders of schemas that hold an artefact of one."""
        return sorted({path.parent.name for name in OPERATION_FILES for path in self.schemas.glob(f"*/{name}")})


def _folder(name: str) -> Path:
    # An editable install does not carry what the wheel carries: then the source tree is the place.
    packed = _HERE / f"_{name}"
    return packed if packed.is_dir() else _HERE.parent / name


_SHIPPED: Final = Home(_folder("schemas"), _folder("fixtures"), _HERE / "rules")


def shipped_schemas() -> Path:
    """Return the shipped schemas: one folder an operation, and those of the error body and the directory."""
    return _SHIPPED.schemas


def shipped_fixtures() -> Path:
    """Return the shipped fixtures: one folder an operation, and the directory they are judged with."""
    return _SHIPPED.fixtures
