"""The codes and rules of an operation, in a release and now."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from validator.inputs.source import JsonSource
from validator.lint.catalogue import change_kinds as kinds
from validator.lint.changes.change import make_change
from validator.lint.changes.old_rules import OldRules, RuleName
from validator.lint.rules.release import find_message_changes, find_name_changes, list_codes, read_release
from validator.lint.rules.rule_source import RuleSource
from validator.model.pointer import escape_step
from validator.operation.loader import Rules
from validator.output.finding import Finding, Location


class NewRules(NamedTuple):
    """The codes and rules now. table: codes.json, None if it cannot be read. common: the location of common codes."""

    rules: Rules
    source: RuleSource
    table: JsonSource | None
    common: Location

    def locate_code(self, code: str) -> Location:
        """Return the location of a code's declaration, or that of the common codes."""
        return self.source.locate_code(code) if code in self.source.codes else self.common

    def locate_rule(self, name: str) -> Location:
        """Return the location of a rule."""
        return next(self.source.locate_rule(rule) for rule in self.rules.rules if rule.name == name)


def compare_codes(old: OldRules, new: NewRules) -> Iterator[Finding]:
    """Yield what changed in codes and their messages."""
    release = read_release(new.table.tree) if new.table is not None else None
    codes = list_codes(new.rules)
    for change in find_name_changes(codes, old.names):
        code = change.code
        if change.current is not None:
            yield make_change(kinds.CODE_CHANGED, change.describe(), new.locate_code(change.current.code), code)
        elif new.table is not None and release is not None and code in release.retired:
            text = f"code {code} {change.name} was retired"
            yield make_change(kinds.CODE_RETIRED, text, new.table.at(f"/retired/{escape_step(code)}"), code)
        else:
            location = new.table.at("/codes") if new.table is not None else new.source.start()
            yield make_change(kinds.CODE_CHANGED, change.describe(), location, code)
    for one, text in find_message_changes(codes, old.messages):
        yield make_change(kinds.MESSAGE_REWORDED, text, new.locate_code(one.code), one.code)
    for one in codes if old.has_common_codes else new.rules.codes:
        if one.code not in old.names and one.name not in old.names.values():
            yield make_change(kinds.CODE_ADDED, f"code {one.code} {one.name} was added", new.locate_code(one.code), one.code)
    if not old.has_common_codes:
        text = "the common codes are not compared, because the release has no readable codes.json"
        yield make_change(kinds.CHANGE_NOT_DECIDED, text, new.common, "codes.json")


def compare_rules(old: OldRules, new: NewRules) -> Iterator[Finding]:
    """Yield which rules were added and removed, and which report another code.

    A rule of another name with the same code is the same rule. The functions of rules are not compared: the fixtures are.
    """
    if old.rules is None:
        text = "the rules are not compared, because the text of the release does not list them"
        yield make_change(kinds.CHANGE_NOT_DECIDED, text, new.source.start(), "rules")
        return
    rules: list[RuleName] = [(rule.name, rule.code.code) for rule in new.rules.rules]
    codes, declared = dict(old.rules), {code.code for code in list_codes(new.rules)}
    for name, code in rules:
        before = codes.get(name, code)
        if before != code and before in declared:  # a code that is gone is reported with the codes
            text = f"rule {name} reports {code}; it reported {before}"
            yield make_change(kinds.CODE_CHANGED, text, new.locate_rule(name), name)
    yield from _compare_order(list(codes), new)
    for name, code in _subtract(rules, old.rules):
        text = f"rule {name} was added, which refuses requests with {code}"
        yield make_change(kinds.RULE_ADDED, text, new.locate_rule(name), name)
    for name, _ in _subtract(old.rules, rules):
        yield make_change(kinds.RULE_REMOVED, f"rule {name} was removed", new.source.start(), name)


def _compare_order(names: Sequence[str], new: NewRules) -> Iterator[Finding]:
    """Yield the first rule that is checked before one that it followed. names: those of the release, in its order."""
    kept = [rule for rule in new.rules.rules if rule.name in names]
    for rule, following in pairwise(kept):
        if names.index(rule.name) > names.index(following.name):
            text = f"rule {rule.name} is checked before {following.name}: requests that break both have another first code"
            yield make_change(kinds.CODE_CHANGED, text, new.source.locate_entry(rule), rule.name)
            break


def _subtract(rules: Sequence[RuleName], others: Sequence[RuleName]) -> list[RuleName]:
    """Return the rules of a list that the other list has neither by name nor, under another name, by code."""
    names, other_names = {name for name, _ in rules}, {name for name, _ in others}
    codes = [code for name, code in others if name not in names]
    rest = []
    for name, code in rules:
        if name in other_names:
            continue
        if code in codes:
            codes.remove(code)
        else:
            rest.append((name, code))
    return rest
