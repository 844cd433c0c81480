"""Conversion of the statement's rows to facts. Rows that break the rules of the tables are rejected, whoever wrote them.

Email addresses are compared as mailboxes, however they are written. One that is not valid matches no request and is logged.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, MessageCenter, Settings
from validator.model.mailbox import normalize_mailbox
from validator.model.pointer import echo
from validator.rare_log import WARNING, RareLog

from .statement import KINDS, SECTION_KIND, SETTINGS_KIND, VERSION_KIND
from .tables import SECTIONS, TYPES, VERSION, describe_difference

Row = Sequence[Any]  # kind, key, two strings, flag: see statement.py
_Entity = TypeVar("_Entity")
_Groups = dict[str, set[str]]
_TYPES: Final = frozenset(TYPES)
_VERSION_LENGTH: Final = 10
_MAX_SEEN: Final = 1000  # addresses of one database
_REPEATED_KEY: Final = "a key occurs more than once"
_NOT_VALID: Final = "%s: %r is not a valid email address, so no request can match it (such addresses: %d)"


class InvalidRowError(Exception):
    """A row that breaks the rules of the tables, refers to a missing entity, or states another version of them."""


class MailboxReader:
    """Reads the email addresses of a database, and logs those that are not valid, each counted once. Thread-safe."""

    def __init__(self, label: str, interval: float | None = None) -> None:
        """Create a reader. label: names the database in the log. interval: seconds between two log lines; None: a minute."""
        self._label = label
        self._seen: dict[str, object] = {}
        self._log = RareLog(WARNING, _NOT_VALID, interval=interval)

    def read(self, value: Any) -> str | None:
        """Return the mailbox of an address, or None for one that is not valid. Raises InvalidRowError unless it is a string."""
        mailbox = normalize_mailbox(_check_string(value))
        if mailbox is None:
            self._note(value)
        return mailbox

    def _note(self, address: str) -> None:
        token = object()
        if len(self._seen) < _MAX_SEEN and self._seen.setdefault(address, token) is token:
            self._log.note(self._label, echo(address))


def read_facts(rows: Iterable[Row], mailboxes: MailboxReader) -> Facts:
    """Return the facts in the statement's rows, in whatever order they come. Raises InvalidRowError."""
    kinds = _split_kinds(rows)
    check_version(read_version(row[2] for row in kinds[VERSION_KIND]))
    names = {row[1] for row in kinds[SECTION_KIND]}
    entities = _read_kinds(kinds, mailboxes)
    sections: list[Any] = [section if name in names else None for name, section in zip(SECTIONS, entities, strict=True)]
    return Facts(read_settings(kinds[SETTINGS_KIND]), *sections)


def read_entities(rows: Iterable[Row], mailboxes: MailboxReader) -> dict[str, dict[str, Any]]:
    """Return the entities in rows, by section and key. The rows have all that belongs to them. Raises InvalidRowError."""
    return dict(zip(SECTIONS, _read_kinds(_split_kinds(rows), mailboxes), strict=True))


def read_settings(rows: Sequence[Row]) -> Settings | None:
    """Return the settings in the row that has them, if there is one. Raises InvalidRowError."""
    return Settings(_check_flag(rows[0][4])) if rows else None


def _split_kinds(rows: Iterable[Row]) -> list[list[Row]]:
    kinds: list[list[Row]] = [[] for _ in range(KINDS)]
    for row in rows:
        kinds[row[0]].append(row)
    return kinds


def _read_kinds(kinds: list[list[Row]], mailboxes: MailboxReader) -> tuple[dict[str, Any], ...]:
    _, _, customers, addresses, others, activities, aliases, centers, issues, attributes, values, _ = kinds
    return (
        _read_customers(customers, _group(addresses, mailboxes.read), _group(others, _check_text)),
        _read_section(activities, _read_activity),
        _read_aliases(aliases, mailboxes),
        _read_message_centers(centers, _group(issues, _check_text)),
        _read_custom_attributes(attributes, _group(values, _check_string)),
    )


def read_version(texts: Iterable[Any]) -> int:
    """Return the version of the tables from the values in the one row that states it. Raises InvalidRowError."""
    match list(texts):
        case [str(text)] if text.isascii() and text.isdecimal() and len(text) < _VERSION_LENGTH:
            return int(text)
    raise InvalidRowError(f"{VERSION.name} must have one row, with a number")


def check_version(version: int) -> None:
    """Raise InvalidRowError for tables of another version."""
    problem = describe_difference(version)
    if problem is not None:
        raise InvalidRowError(problem)


def _read_customers(rows: list[Row], addresses: _Groups, others: _Groups) -> dict[str, Customer]:
    def read_customer(row: Row) -> Customer:
        return Customer(row[1], _check_optional(row[2]), _pop(addresses, row[1]), _pop(others, row[1]))

    return _check_groups(_read_section(rows, read_customer), addresses, others)


def _read_activity(row: Row) -> Activity:
    return Activity(row[1], _check_text(row[2]))


def _read_aliases(rows: list[Row], mailboxes: MailboxReader) -> dict[str, Alias]:
    """Return the aliases by mailbox. Where several rows have a mailbox, the one in the form of the tables counts."""
    aliases: dict[str, Alias] = {}
    for row in sorted(rows, key=lambda row: _check_string(row[1])):
        mailbox = mailboxes.read(row[1])
        if mailbox is not None and (mailbox == row[1] or mailbox not in aliases):
            aliases[mailbox] = Alias(mailbox, _check_flag(row[4]), _check_optional(row[2]))
    if len({row[1] for row in rows}) != len(rows):
        raise InvalidRowError(_REPEATED_KEY)
    return aliases


def _read_message_centers(rows: list[Row], issue_types: _Groups) -> dict[str, MessageCenter]:
    def read_message_center(row: Row) -> MessageCenter:
        return MessageCenter(row[1], _check_flag(row[4]), _check_optional(row[2]), _pop(issue_types, row[1]))

    return _check_groups(_read_section(rows, read_message_center), issue_types)


def _read_custom_attributes(rows: list[Row], values: _Groups) -> dict[str, CustomAttribute]:
    def read_custom_attribute(row: Row) -> CustomAttribute:
        _, name, kind, characters, enumerated = row
        if kind not in _TYPES:
            raise InvalidRowError("a custom attribute has an unknown type")
        allowed = None if characters is None else frozenset(_check_text(characters))
        return CustomAttribute(name, kind, _pop(values, name) if _check_flag(enumerated) else None, allowed)

    return _check_groups(_read_section(rows, read_custom_attribute), values)


def _read_section(rows: list[Row], read: Callable[[Row], _Entity]) -> dict[str, _Entity]:
    entities = {_check_text(row[1]): read(row) for row in rows}
    if len(entities) != len(rows):
        raise InvalidRowError(_REPEATED_KEY)
    return entities


def _group(rows: list[Row], read: Callable[[Any], str | None]) -> _Groups:
    """Return the strings in the rows of each entity, without those that are read as None."""
    groups: _Groups = {}
    for row in rows:
        group = groups.setdefault(row[1], set())
        text = read(row[2])
        if text is not None:
            group.add(text)
    return groups


def _pop(groups: _Groups, key: str) -> frozenset[str]:
    return frozenset(groups.pop(key, ()))


def _check_groups(entities: dict[str, _Entity], *groups: _Groups) -> dict[str, _Entity]:
    """Return the entities, unless a group remains that belongs to none of them."""
    if any(groups):
        raise InvalidRowError("a row refers to an entity that does not exist")
    return entities


def _check_string(value: Any) -> str:
    if type(value) is not str:
        raise InvalidRowError("a value is not a string")
    return value


def _check_text(value: Any) -> str:
    if not _check_string(value):
        raise InvalidRowError("a string is empty")
    return str(value)


def _check_optional(value: Any) -> str | None:
    return None if value is None else _check_text(value)


def _check_flag(value: Any) -> bool:
    if value not in (0, 1):
        raise InvalidRowError("a flag is neither true nor false")
    return bool(value)
