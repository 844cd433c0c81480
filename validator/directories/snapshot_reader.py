"""Reads the reference data in a snapshot file (``schemas/directory.schema.json``), one entity at a time."""

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, BinaryIO, Final, NamedTuple

from validator.body.explain import find_failures
from validator.body.part_tests import compile_test
from validator.body.shape import PartTest, Shape, compile_shape
from validator.body.tree import UnreadableBody
from validator.directories.fact import SECTIONS, Fact
from validator.directories.json_pieces import Piece, read_pieces
from validator.model import common_codes
from validator.model.directory import Activity, Alias, CustomAttribute, Customer, MessageCenter, Settings
from validator.model.mailbox import normalize_mailbox
from validator.model.pointer import echo
from validator.model.report import Failure
from validator.operation.home import shipped_schemas

_Object = dict[str, Any]
_REPEATED: Final = "occurs more than once."
_SAME_MAILBOX: Final = "names a mailbox that occurs more than once."
_NOT_AN_ADDRESS: Final = "is not a valid email address, so no request can match it."


class SnapshotError(ValueError):
    """An invalid snapshot: one line with the file, the location and the reason."""

    def __init__(self, name: str, location: str, reason: str) -> None:
        """Store the parts. location: line:column where the file is not JSON, else a JSON Pointer (RFC 6901), "" as "/"."""
        super().__init__(name, location, reason)  # all, so that the error can be pickled

    def __str__(self) -> str:
        """Return the line."""
        name, location, reason = self.args
        return f"{name}: {location or '/'}: {reason}"


class _InvalidStringError(Exception):
    """A string that must be unique and occurs twice, or an email address that is not valid.

    pointer: the JSON Pointer (RFC 6901) of the string, of a duplicate the second.
    """

    def __init__(self, text: str, problem: str, pointer: str) -> None:
        super().__init__(f"{echo(text)!r} {problem}")
        self.pointer = pointer


def read_facts(pieces: Iterable[Piece], name: str, keys: Mapping[str, Container[str]]) -> Iterator[Fact]:
    """Yield the facts in the pieces of a document. Raises SnapshotError, whose message begins with the name.

    It is raised after the last piece, because the first error is known only then; facts that were yielded before are not to be
    used. keys: by field, the keys of the entities that were yielded, to which the caller adds them. One that does not will not
    know of repeated keys.
    """
    reading = _Reading(keys)
    try:
        for piece in pieces:
            fact = reading.read(piece)
            if fact is not None:
                yield fact
    except UnreadableBody as unreadable:
        raise _make_text_error(name, unreadable.failure) from None
    if reading.failure is not None:
        raise SnapshotError(name, reading.failure.pointer or "", reading.failure.message)
    for error in (reading.problems[field] for field in SECTIONS if field in reading.problems):
        raise SnapshotError(name, error.pointer, str(error))


def read_file(file: BinaryIO, name: str) -> Iterator[Fact]:
    """Yield the facts of a snapshot file as ``read_facts`` does. Memory holds its keys."""
    keys: dict[str, set[str]] = {field: set() for field in SECTIONS}
    for fact in read_facts(read_pieces(file), name, keys):
        if fact.is_entity:
            keys[fact.field].add(fact.value[0])
        yield fact


def read_file_without_keys(file: BinaryIO, name: str) -> Iterator[Fact]:
    """Yield the facts of a snapshot file as ``read_facts`` does, but also entities whose keys are repeated."""
    return read_facts(read_pieces(file), name, dict.fromkeys(SECTIONS, ()))


@cache
def _load_shape() -> Shape:
    # Validated by the same code as bodies: no schema library is imported for it.
    return compile_shape(json.loads((shipped_schemas() / "directory.schema.json").read_bytes()), has_known_patterns=True)


@cache
def _compile_entry_test(name: str) -> PartTest:
    return compile_test(_load_shape().members[name].entry)


class _Reading:
    """The reading of one document, piece by piece.

    failure: the first that the schema has. problems: the first invalid string of each section.
    """

    def __init__(self, keys: Mapping[str, Container[str]]) -> None:
        self.failure: Failure | None = None
        self.problems: dict[str, _InvalidStringError] = {}
        self._keys = keys
        self._members: set[str] = set()

    def read(self, piece: Piece) -> Fact | None:
        """Return the fact of a piece, unless something is wrong with it or before it."""
        if self.failure is None and not self._is_valid_entry(piece):
            self.failure = self._find_failure(piece)
        if self.failure is not None or piece.name is None:
            return None  # an error of the text comes first, wherever it is
        section = _SECTIONS[piece.name]
        if piece.position is None:
            return Fact(section.field, section.parse(piece.value, "", ()) if piece.value else None)
        if section.field in self.problems:
            return None
        try:
            return Fact(section.field, section.parse(piece.value, f"/{piece.name}/{piece.position}", self._keys[section.field]))
        except _InvalidStringError as error:
            self.problems[section.field] = error
        return None

    def _is_valid_entry(self, piece: Piece) -> bool:
        """Whether a piece is an entry and valid by the schema, found out quickly."""
        if piece.name is None or piece.position is None or piece.name not in _SECTIONS:
            return False
        return _compile_entry_test(piece.name)(piece.value)

    def _find_failure(self, piece: Piece) -> Failure | None:
        """Return the first failure of a piece by the schema."""
        shape = _load_shape()
        if piece.name is None:
            return find_failures(shape, piece.value, 0)[0]
        member = shape.members.get(piece.name)
        if member is None:
            return common_codes.ATTRIBUTE_UNKNOWN.at((piece.name,))
        if piece.position is not None:
            failures = find_failures(member.entry, piece.value, 0, path=(piece.name, piece.position))
        elif piece.name in self._members:
            return common_codes.ATTRIBUTE_REPEATED.at((piece.name,))
        else:
            self._members.add(piece.name)
            failures = find_failures(member, piece.value, 0, path=(piece.name,))
        return failures[0] if failures else None


def _make_text_error(name: str, failure: Failure) -> SnapshotError:
    line, column = failure.parameters["line"], failure.parameters["column"]
    # The position stands in front of the message, and is not repeated in it.
    message = failure.message.replace("The body", "The file", 1).replace(f" line {line}, column {column}:", "", 1)
    return SnapshotError(name, f"{line}:{column}", message)


def _parse_settings(one: _Object, _pointer: str, _keys: Container[str]) -> Settings:
    return Settings(one["customerDepartmentalization"])


def _parse_customer(one: _Object, pointer: str, keys: Container[str]) -> Customer:
    key = _parse_key(one["id"], f"{pointer}/id", keys)
    addresses = _parse_set(one.get("emailAddresses", ()), f"{pointer}/emailAddresses", _parse_address)
    may_act_for = _parse_set(one.get("mayActFor", ()), f"{pointer}/mayActFor")
    return Customer(key, one.get("department"), addresses, may_act_for)


def _parse_activity(one: _Object, pointer: str, keys: Container[str]) -> Activity:
    return Activity(_parse_key(one["id"], f"{pointer}/id", keys), one["customer"])


def _parse_alias(one: _Object, pointer: str, keys: Container[str]) -> Alias:
    return Alias(_parse_address(one["address"], f"{pointer}/address", keys), one["active"], one.get("department"))


def _parse_message_center(one: _Object, pointer: str, keys: Container[str]) -> MessageCenter:
    key = _parse_key(one["id"], f"{pointer}/id", keys)
    issue_types = _parse_set(one.get("issueTypes", ()), f"{pointer}/issueTypes")
    return MessageCenter(key, one["active"], one.get("department"), issue_types)


def _parse_custom_attribute(one: _Object, pointer: str, keys: Container[str]) -> CustomAttribute:
    key = _parse_key(one["name"], f"{pointer}/name", keys)
    values = _parse_set(one["values"], f"{pointer}/values") if "values" in one else None
    allowed = frozenset(one["allowedCharacters"]) if "allowedCharacters" in one else None
    return CustomAttribute(key, one["type"], values, allowed)


def _parse_key(text: str, pointer: str, keys: Container[str]) -> str:
    if text in keys:
        raise _InvalidStringError(text, _REPEATED, pointer)
    return text


def _parse_address(text: str, pointer: str, mailboxes: Container[str]) -> str:
    """Return the mailbox of an address; one that is not valid could never match a request."""
    mailbox = normalize_mailbox(text)
    if mailbox is None:
        raise _InvalidStringError(text, _NOT_AN_ADDRESS, pointer)
    if mailbox in mailboxes:
        raise _InvalidStringError(text, _SAME_MAILBOX, pointer)
    return mailbox


def _parse_set(
    texts: Iterable[str], pointer: str, parse: Callable[[str, str, Container[str]], str] = _parse_key
) -> frozenset[str]:
    seen: set[str] = set()
    for index, text in enumerate(texts):
        seen.add(parse(text, f"{pointer}/{index}", seen))
    return frozenset(seen)


class _Section(NamedTuple):
    """A member of the document. field: of Facts. parse: returns its value or an entity; it takes a pointer and earlier keys."""

    field: str
    parse: Callable[[_Object, str, Container[str]], Any]


_SECTIONS: Final[Mapping[str, _Section]] = {
    "settings": _Section("settings", _parse_settings),
    "customers": _Section("customers", _parse_customer),
    "activities": _Section("activities", _parse_activity),
    "aliases": _Section("aliases", _parse_alias),
    "messageCenters": _Section("message_centers", _parse_message_center),
    "customAttributes": _Section("custom_attributes", _parse_custom_attribute),
}
