"""Checks of codes.json, which lists the codes that were released: their names and messages stay as they are."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from validator.errors import suggest
from validator.inputs.source import JsonSource
from validator.lint.catalogue import release_kinds as kinds
from validator.lint.catalogue.rule_kinds import CODE_REMOVED, CODE_RENUMBERED
from validator.lint.catalogue.schema_kinds import SCHEMA_INVALID
from validator.lint.fixes import Change, format_like
from validator.lint.rules.rule_source import RuleSource
from validator.model import common_codes
from validator.model.code import Code
from validator.model.pointer import escape_step
from validator.operation.loader import Rules
from validator.output.finding import Finding, Location

_MEMBERS: Final = ("version", "codes", "messages", "retired")
_FORM: Final = (
    "codes.json must have an object 'codes' that maps codes to names; it may have an object 'messages' that maps codes to "
    "messages, and an object 'retired' that maps codes to names."
)


class Release(NamedTuple):
    """The content of a codes.json. messages: None without the member."""

    names: Mapping[str, str]
    messages: Mapping[str, str] | None
    retired: Mapping[str, str]


def list_codes(rules: Rules) -> list[Code]:
    """Return every code of an operation in report order, each number once."""
    return list({code.code: code for code in (*common_codes.CODES, *rules.codes)}.values())


def check_released_codes(rules: Rules, source: RuleSource, file: JsonSource) -> Iterator[Finding]:
    """Yield the released codes that are removed, renumbered or reworded, codes that are not listed, and a wrong order.

    file: codes.json.
    """
    problems = list(find_problems(file))
    yield from problems
    release = read_release(file.tree)
    if release is None:
        return
    codes = list_codes(rules)
    yield from _check_names(codes, source, file, release)
    yield from _check_messages(codes, source, file, release)
    unlisted = [code for code in codes if code.code not in release.names and code.code not in release.retired]
    for code in unlisted:
        location = source.locate_code(code.code) if code in rules.codes else file.at("/codes")
        yield Finding(kinds.CODE_NOT_LISTED, f"codes.json does not list {code.code} {code.name}.", location, identity=code.code)
    yield from _check_order(codes, file, release)


def find_problems(file: JsonSource) -> Iterator[Finding]:
    """Yield what is wrong with the structure of a codes.json."""
    if isinstance(file.tree, dict):
        for name in [name for name in file.tree if name not in _MEMBERS]:
            hint = suggest(name, _MEMBERS) or f"; expected one of: {', '.join(_MEMBERS)}"
            end = "" if hint.endswith("?") else "."
            message = f"Unknown member {name!r}{hint}{end}"
            yield Finding(SCHEMA_INVALID, message, file.at(f"/{escape_step(name)}"))
        if not isinstance(file.tree.get("version", ""), str):
            yield Finding(SCHEMA_INVALID, "version must be a string.", file.value_at("/version"))
    if read_release(file.tree) is None:
        wrong = next((name for name in _MEMBERS[1:] if _read_member(file.tree, name) is None), "codes")
        yield Finding(SCHEMA_INVALID, _FORM, file.at(f"/{wrong}"))


def read_release(tree: Any) -> Release | None:
    """Return the content of a codes.json, None for one of another form."""
    names, messages, retired = (_read_member(tree, name) for name in ("codes", "messages", "retired"))
    if names is None or messages is None or retired is None:
        return None
    return Release(names, messages if "messages" in tree else None, retired)


def _read_member(tree: Any, member: str) -> dict[str, str] | None:
    """Return an object of strings; None for another value. Only ``codes`` is required."""
    texts = tree.get(member, None if member == "codes" else {}) if isinstance(tree, dict) else None
    is_valid = isinstance(texts, dict) and all(isinstance(text, str) for text in texts.values())
    return texts if is_valid else None


class NameChange(NamedTuple):
    """A released code that has another number or name, or was removed. current: the code with its name or number, or None."""

    code: str
    name: str
    current: Code | None

    def describe(self) -> str:
        """Return the change as a sentence without a full stop."""
        if self.current is None:
            return f"The released code {self.code} {self.name} was removed"
        if self.current.code != self.code:
            return f"{self.name!r} was released as {self.code} and is now {self.current.code}"
        return f"{self.code} was released as {self.name!r} and is now {self.current.name!r}"


def find_name_changes(codes: Sequence[Code], names: Mapping[str, str]) -> Iterator[NameChange]:
    """Yield the changes of released codes. names: those of the release, by code."""
    current = {code.code: code for code in codes}
    codes_by_name = {code.name: code for code in codes}
    for code, name in names.items():
        found = codes_by_name.get(name) or current.get(code)
        if found is None or (found.code, found.name) != (code, name):
            yield NameChange(code, name, found)


def find_message_changes(codes: Sequence[Code], messages: Mapping[str, str]) -> Iterator[tuple[Code, str]]:
    """Yield the codes whose message changed, each with its sentence. messages: those of the release, by code."""
    current = {code.code: code for code in codes}
    for code, message in messages.items():
        if code in current and current[code].message != message:
            now = current[code].message
            yield current[code], f"{code} was released with the message {message!r}, which is now {now!r}"


def _check_names(codes: Sequence[Code], source: RuleSource, file: JsonSource, release: Release) -> Iterator[Finding]:
    for change in find_name_changes(codes, release.names):
        location = file.at(f"/codes/{escape_step(change.code)}")
        if change.current is None:
            yield Finding(CODE_REMOVED, f"{change.describe()}.", location)
        else:
            label = "its name now" if change.current.code == change.code else "its code now"
            yield _make_renumbered(f"{change.describe()}.", location, source.locate_code(change.current.code), label)
    current = {code.code: code.name for code in codes}
    codes_by_name = {name: code for code, name in current.items()}
    for code, name in release.retired.items():
        new_code = code if code in current else codes_by_name.get(name, "")
        if new_code in current:
            message = f"The retired code {code} {name} is used again, by {new_code} {current[new_code]}."
            location = file.at(f"/retired/{escape_step(code)}")
            yield _make_renumbered(message, location, source.locate_code(new_code), "its use now")


def _make_renumbered(message: str, location: Location, declaration: Location, label: str) -> Finding:
    return Finding(CODE_RENUMBERED, message, location, related=(declaration._replace(message=label),))


def _check_messages(codes: Sequence[Code], source: RuleSource, file: JsonSource, release: Release) -> Iterator[Finding]:
    """Yield the released messages that changed, those of unknown codes, and the released codes without one."""
    if release.messages is None:
        yield Finding(kinds.MESSAGE_NOT_LISTED, "codes.json has no object 'messages'.", file.at("/codes"))
        return
    for code in [code for code in release.messages if code not in release.names]:
        location = file.at(f"/messages/{escape_step(code)}")
        yield Finding(kinds.MESSAGE_NOT_LISTED, f"{code} has a message, but is not in 'codes'.", location)
    listed = {code: message for code, message in release.messages.items() if code in release.names}
    for changed, text in find_message_changes(codes, listed):
        related = source.locate_code(changed.code)._replace(message="its message now")
        location = file.at(f"/messages/{escape_step(changed.code)}")
        yield Finding(kinds.MESSAGE_CHANGED, f"{text}.", location, related=(related,), identity=changed.code)
    current = {code.code for code in codes}
    for code in release.names:
        if code in current and code not in release.messages:
            location = file.at(f"/codes/{escape_step(code)}")
            yield Finding(kinds.MESSAGE_NOT_LISTED, f"codes.json has no message of {code}.", location, identity=code)


def _check_order(codes: Sequence[Code], file: JsonSource, release: Release) -> Iterator[Finding]:
    """Yield a finding for each table whose codes are not in report order."""
    numbers = {code.code: number for number, code in enumerate(codes)}
    for member, table in (("codes", release.names), ("messages", release.messages or {})):
        listed = [code for code in table if code in numbers]
        for one, following in pairwise(listed):
            if numbers[one] > numbers[following]:
                message = f"{following} is listed after {one}; it is reported before it."
                location = file.at(f"/{member}/{escape_step(following)}")
                yield Finding(kinds.TABLE_UNSORTED, message, location, identity=member)
                break


def fix_release(rules: Rules, path: Path, file: JsonSource, findings: Sequence[Finding]) -> Iterator[Change]:
    """Yield the changes of a codes.json that are mechanical: missing codes and messages, and the order.

    file: the same one. findings: about it.
    """
    content = update_release(rules, file.tree)
    for kind in dict.fromkeys(finding.kind for finding in findings) if content is not None else ():
        if kind in {kinds.CODE_NOT_LISTED, kinds.MESSAGE_NOT_LISTED, kinds.TABLE_UNSORTED}:
            yield Change(kind, path, format_like(file.text, content))


def update_release(rules: Rules, tree: Any) -> dict[str, Any] | None:
    """Return the content of a codes.json with every code and message in report order; None if that is not mechanical.

    It is not if the structure is not understood, or a released code was removed, renumbered, renamed or used again.
    """
    release, codes = read_release(tree), list_codes(rules)
    current = {code.code: code.name for code in codes}
    if release is None or not tree.keys() <= {*_MEMBERS}:
        return None
    if any(current.get(code) != name for code, name in release.names.items()):
        return None
    if release.retired.keys() & current.keys() or {*release.retired.values()} & {*current.values()}:
        return None
    if release.messages is not None and not release.messages.keys() <= release.names.keys():
        return None
    messages = release.messages or {}
    tables = {
        "codes": {code.code: code.name for code in codes},
        "messages": {code.code: messages.get(code.code, code.message) for code in codes},
    }
    return {name: tables.get(name, value) for name, value in _add_messages(tree).items()}


def _add_messages(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the members with ``messages`` after ``codes`` where it is missing."""
    members: dict[str, Any] = {}
    for name, value in tree.items():
        members[name] = value
        if name == "codes" and "messages" not in tree:
            members["messages"] = {}
    return members
