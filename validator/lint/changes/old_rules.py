"""The codes and rules of a release, read from the text of its codes.json and rules module: its code is never run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from validator.inputs.source import SourceError, read_json
from validator.lint.rules.release import read_release
from validator.lint.rules.rule_source import RuleSource, list_files, read_rule_source
from validator.lint.source import read_python
from validator.operation.home import Home
from validator.operation.rules_loader import find_rules_file

RuleName = tuple[str, str | None]  # the name of a rule and its code, None if unknown


class OldRules(NamedTuple):
    """The codes and rules of a release.

    names, messages: by code. has_common_codes: whether those are among them; the rules module lists only the others.
    rules: None if the text does not list them.
    """

    names: Mapping[str, str]
    messages: Mapping[str, str]
    has_common_codes: bool
    rules: Sequence[RuleName] | None


def read_old_rules(name: str, home: Home) -> OldRules:
    """Return the codes and rules of an operation of a release."""
    source = _read_source(find_rules_file(name, home))
    table = read_release(_read_tree(home.schemas / name / "codes.json"))
    texts = source.texts if source is not None else {}
    names = {code: one.name for code, one in texts.items() if one.name is not None}
    messages = {code: one.message for code, one in texts.items() if one.message is not None}
    if table is not None:
        names, messages = {**table.names, **names}, {**(table.messages or {}), **messages}
    return OldRules(names, messages, table is not None, source.list_rules() if source is not None else None)


def _read_source(file: Path | None) -> RuleSource | None:
    """Return the text of a rules module; None if there is none, or it cannot be read."""
    try:
        return read_rule_source([read_python(str(path), path.read_bytes()) for path in list_files(file)]) if file else None
    except (SourceError, OSError):
        return None


def _read_tree(file: Path) -> Any:
    """Return the value of a JSON file; None if there is none, or it cannot be read."""
    try:
        return read_json(str(file), file.read_bytes()).tree if file.is_file() else None
    except (SourceError, OSError):
        return None
