"""Reference data from a file, held in memory (contract, section 6)."""

import json
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from types import MappingProxyType
from typing import Any, ClassVar

from validator.body import json_strict
from validator.body.explain import find_failures
from validator.body.shape import compile_shape
from validator.body.tree import UnreadableBody
from validator.directories.snapshot_format import InvalidStringError, format_facts, parse_facts
from validator.files import read_file
from validator.model.directory import CheckedFacts, Facts, Keys
from validator.model.report import Failure
from validator.operation.home import shipped_schemas


class SnapshotError(ValueError):
    """An invalid snapshot: one line with the file, the location and the reason."""

    def __init__(self, name: str, location: str, reason: str) -> None:
        """Store the parts. location: line:column where the file is not JSON, else a JSON Pointer (RFC 6901), "" as "/"."""
        super().__init__(name, location, reason)  # all, so that the error can be pickled

    def __str__(self) -> str:
        """Return the line."""
        name, location, reason = self.args
        return f"{name}: {location or '/'}: {reason}"


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
        return cls.from_bytes(read_file(path), str(path))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "directory") -> "Snapshot":
        """Parse the content of a snapshot file. Raises SnapshotError, whose message begins with the name."""
        try:
            document = json_strict.parse_json(data.removeprefix(BOM_UTF8))
        except UnreadableBody as unreadable:
            raise _json_error(name, unreadable.failure) from None
        return cls.from_dict(document, name)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], name: str = "directory") -> "Snapshot":
        """Create a snapshot from the parsed JSON of a snapshot file. Raises SnapshotError, whose message begins with the name."""
        # Validated by the same code as bodies: no schema library is imported for it.
        schema = json.loads((shipped_schemas() / "directory.schema.json").read_bytes())
        for failure in find_failures(compile_shape(schema), document, 0)[:1]:
            raise SnapshotError(name, failure.pointer or "", failure.message)
        try:
            return cls(parse_facts(document))
        except InvalidStringError as error:
            raise SnapshotError(name, error.pointer, str(error)) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the facts in the form of a snapshot file, sorted: ``Snapshot.from_dict(one.to_dict())`` has equal facts.

        Addresses are in the form in which they are compared: domains as A-labels, ASCII letters in lower case.
        """
        return format_facts(self.facts)

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


def _json_error(name: str, failure: Failure) -> SnapshotError:
    line, column = failure.parameters["line"], failure.parameters["column"]
    # The position stands in front of the message, and is not repeated in it.
    message = failure.message.replace("The body", "The file", 1).replace(f" line {line}, column {column}:", "", 1)
    return SnapshotError(name, f"{line}:{column}", message)
