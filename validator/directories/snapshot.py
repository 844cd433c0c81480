"""Reference data from a file, held in memory (contract, section 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from os import PathLike
from types import MappingProxyType
from typing import Any, ClassVar

from validator.body.large import pause_collector
from validator.directories.fact import SECTIONS, list_facts
from validator.directories.json_pieces import Piece, read_pieces, split_document
from validator.directories.snapshot_format import make_document
from validator.directories.snapshot_reader import SnapshotError, read_facts
from validator.files import open_file
from validator.model.directory import CheckedFacts, Facts, Keys, Settings

__all__ = ["Snapshot", "SnapshotError"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A Directory whose facts never change. Thread-safe.

    facts: all facts; a section that is absent in the file is None, which means not supplied.
    """

    facts: Facts
    answers_at_once: ClassVar[bool] = True

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> "Snapshot":
        """Read a regular file. Raises SnapshotError, and OSError when the file cannot be read."""
        with open_file(path) as file:
            return cls._from_pieces(read_pieces(file), str(path))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "directory") -> "Snapshot":
        """Parse the content of a snapshot file. Raises SnapshotError, whose message begins with the name."""
        return cls._from_pieces(read_pieces(BytesIO(data)), name)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], name: str = "directory") -> "Snapshot":
        """Create a snapshot from the parsed JSON of a snapshot file. Raises SnapshotError, whose message begins with the name."""
        return cls._from_pieces(split_document(document), name)

    @classmethod
    def _from_pieces(cls, pieces: Iterable[Piece], name: str) -> "Snapshot":
        settings: Settings | None = None
        supplied: set[str] = set()
        entities: dict[str, dict[str, Any]] = {field: {} for field in SECTIONS}
        with pause_collector():
            for fact in read_facts(pieces, name, entities):
                if fact.field == "settings":
                    settings = fact.value
                elif fact.value is None:
                    supplied.add(fact.field)
                else:
                    entities[fact.field][fact.value[0]] = fact.value
        sections: list[Any] = [MappingProxyType(entities[one]) if one in supplied else None for one in SECTIONS]
        return cls(CheckedFacts(settings, *sections))

    def to_dict(self) -> dict[str, Any]:
        """Return the facts in the form of a snapshot file, sorted: ``Snapshot.from_dict(one.to_dict())`` has equal facts.

        Addresses are in the form in which they are compared: domains as A-labels, ASCII letters in lower case.
        """
        return make_document(list_facts(self.facts))

    @property
    def holds_all_facts(self) -> bool:
        """Whether the types of the facts are checked, as those of a file are, so that ``fetch`` needs no keys."""
        return type(self.facts) is CheckedFacts

    def fetch(self, keys: Keys) -> Facts:  # noqa: ARG002
        """Return all facts; they may include entities that are not in the keys."""
        return self.facts

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy plain dictionaries in place of the read-only views."""
        return _restore, (type(self.facts), *(dict(part) if isinstance(part, Mapping) else part for part in self.facts))

    @property
    def first_customer(self) -> str | None:
        """The ID of the first customer in the file, or None."""
        return next(iter(self.facts.customers or ()), None)

    @property
    def first_activity(self) -> str | None:
        """The ID of the first activity in the file, or None."""
        return next(iter(self.facts.activities or ()), None)


def _restore(kind: type[Facts], *parts: Any) -> Snapshot:
    sections: Any = [MappingProxyType(part) if isinstance(part, dict) else part for part in parts]
    return Snapshot(kind(*sections))
