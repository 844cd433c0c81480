"""Reference data from a file, held in memory (contract, section 6)."""

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from validator.body import json_strict
from validator.body.explain import find_failures
from validator.body.shape import compile_shape
from validator.body.tree import UnreadableBody
from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, Keys, MessageCenter, Settings
from validator.model.pointer import echo
from validator.model.report import Failure
from validator.operation.home import shipped_schemas

_Entry = TypeVar("_Entry")


class SnapshotError(ValueError):
    """A snapshot that cannot be used: one line with the file, the place and the reason."""

    def __init__(self, name: str, place: str, reason: str) -> None:
        """Word the error. place: line:column of what is not JSON, else a JSON Pointer (RFC 6901), the root as "/"."""
        super().__init__(f"{name}: {place or '/'}: {reason}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A Directory whose answers never change: safe to share between threads.

    facts: everything it knows. Sections that were not in the file are None: not supplied.
    """

    facts: Facts

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> "Snapshot":
        """Read a snapshot file. Raises SnapshotError, and OSError when the file cannot be read."""
        return cls.from_bytes(Path(path).read_bytes(), str(path))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "directory") -> "Snapshot":
        """Take a snapshot from what a file holds. Raises SnapshotError, which begins with the name."""
        try:
            document = json_strict.parse_json(data.removeprefix(BOM_UTF8))
        except UnreadableBody as unreadable:
            raise _not_json(name, unreadable.failure) from None
        return cls.from_dict(document, name)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], name: str = "directory") -> "Snapshot":
        """Take a snapshot from a document as the file's JSON gives it. Raises SnapshotError, which begins with the name."""
        # Judged by the same means as bodies: no schema library is imported for it.
        schema = json.loads((shipped_schemas() / "directory.schema.json").read_bytes())
        for failure in find_failures(compile_shape(schema), document, 0)[:1]:
            raise SnapshotError(name, failure.pointer or "", failure.message)
        try:
            return cls(_facts(document))
        except _Twice as twice:
            raise SnapshotError(name, twice.pointer, f"{echo(twice.text)!r} is there more than once.") from None

    def fetch(self, keys: Keys) -> Facts:  # noqa: ARG002
        """Return the facts, which hold more than the keys ask for."""
        return self.facts

    @property
    def first_customer(self) -> str | None:
        """The ID of the first customer in the file, or None."""
        return next(iter(self.facts.customers or ()), None)

    @property
    def first_activity(self) -> str | None:
        """The ID of the first activity in the file, or None."""
        return next(iter(self.facts.activities or ()), None)


class _Twice(Exception):  # noqa: N818 - a signal, caught above
    """Something that must be unique comes twice."""

    def __init__(self, text: str, pointer: str) -> None:
        super().__init__(text)
        self.text = text
        self.pointer = pointer


def _not_json(name: str, failure: Failure) -> SnapshotError:
    place = f"{failure.parameters['line']}:{failure.parameters['column']}"
    return SnapshotError(name, place, failure.message.replace("The body", "The file", 1))


def _facts(document: Mapping[str, Any]) -> Facts:
    settings = document.get("settings")
    return Facts(
        Settings(settings["customerDepartmentalization"]) if settings is not None else None,
        _section(document, "customers", "id", _customer),
        _section(document, "activities", "id", _activity),
        _section(document, "aliases", "address", _alias),
        _section(document, "messageCenters", "id", _message_center),
        _section(document, "customAttributes", "name", _custom_attribute),
    )


def _section(
    document: Mapping[str, Any], name: str, key: str, make: Callable[[dict[str, Any], str], _Entry]
) -> Mapping[str, _Entry] | None:
    if name not in document:
        return None
    entries: dict[str, _Entry] = {}
    for index, one in enumerate(document[name]):
        place = f"/{name}/{index}"
        at = _folded(one[key]) if key == "address" else one[key]
        if at in entries:
            raise _Twice(one[key], f"{place}/{key}")
        entries[at] = make(one, place)
    return MappingProxyType(entries)


def _customer(one: dict[str, Any], place: str) -> Customer:
    addresses = _unique(map(_folded, one.get("emailAddresses", ())), f"{place}/emailAddresses")
    may_act_for = _unique(one.get("mayActFor", ()), f"{place}/mayActFor")
    return Customer(one["id"], one.get("department"), addresses, may_act_for)


def _activity(one: dict[str, Any], _place: str) -> Activity:
    return Activity(one["id"], one["customer"])


def _alias(one: dict[str, Any], _place: str) -> Alias:
    return Alias(_folded(one["address"]), one["active"], one.get("department"))


def _message_center(one: dict[str, Any], place: str) -> MessageCenter:
    issue_types = _unique(one.get("issueTypes", ()), f"{place}/issueTypes")
    return MessageCenter(one["id"], one["active"], one.get("department"), issue_types)


def _custom_attribute(one: dict[str, Any], place: str) -> CustomAttribute:
    values = _unique(one["values"], f"{place}/values") if "values" in one else None
    allowed = frozenset(one["allowedCharacters"]) if "allowedCharacters" in one else None
    return CustomAttribute(one["name"], one["type"], values, allowed)


def _unique(texts: Iterable[str], place: str) -> frozenset[str]:
    seen: set[str] = set()
    for index, text in enumerate(texts):
        if text in seen:
            raise _Twice(text, f"{place}/{index}")
        seen.add(text)
    return frozenset(seen)


def _folded(address: str) -> str:
    return address.casefold()
