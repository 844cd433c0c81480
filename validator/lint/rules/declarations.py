"""Checks of the declared rules and codes: against each other, operation.json and the last release."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Final

from validator.inputs.source import JsonSource
from validator.lint.catalogue import rule_kinds as kinds
from validator.lint.catalogue.schema_kinds import SCHEMA_INVALID
from validator.lint.rules.rule_source import RuleSource
from validator.model import common_codes
from validator.model.code import Code
from validator.model.pointer import escape_step
from validator.operation.loader import Rules
from validator.output.finding import Finding, Location

_CODE: Final = re.compile(r"[1-5][0-9]{2}-[0-9]{3}")


def check_declarations(rules: Rules, source: RuleSource) -> Iterator[Finding]:
    """Yield what is wrong with the declared codes and rules of an operation."""
    yield from _check_codes(rules.codes, source)
    yield from _check_rules(rules, source)
    yield from _check_code_use(rules, source)
    for code in rules.codes:
        if _parse_placeholders(code) is None:
            message = f"The message of {code.code} is not a valid format string; write a literal brace twice."
            yield Finding(kinds.PLACEHOLDER_UNFILLED, message, source.locate_code(code.code), identity=code.code)
    yield from check_parameters({code.code: code for code in rules.codes}, source)


def check_statuses(rules: Rules, source: RuleSource, operation: JsonSource) -> Iterator[Finding]:
    """Yield the codes, including the common ones, whose status operation.json does not list. operation: a valid one."""
    statuses = operation.tree["statuses"]
    for code in (*common_codes.CODES, *rules.codes):
        if _CODE.fullmatch(code.code) and int(code.code[:3]) not in statuses:
            location = source.locate_code(code.code) if code in rules.codes else operation.at("/statuses")
            message = f"The status of {code.code} {code.name} must be one of {', '.join(map(str, statuses))}."
            yield Finding(kinds.STATUS_NOT_LISTED, message, location, identity=code.code)


def _check_codes(codes: Sequence[Code], source: RuleSource) -> Iterator[Finding]:
    """Yield the codes that are malformed or repeated."""
    common = {word for code in common_codes.CODES for word in (code.code, code.name)}
    first: dict[str, Location] = {}
    count: Counter[str] = Counter()
    for code in codes:
        location = source.locate_code(code.code, count[code.code])
        count[code.code] += 1
        if not _CODE.fullmatch(code.code):
            message = f"The code must be a status, a hyphen and three digits, got {code.code!r}."
            yield Finding(kinds.CODE_MALFORMED, message, location)
        for word in (code.code, code.name):
            if word in common:
                yield Finding(kinds.CODE_REPEATED, f"{word!r} is a common code already.", location, identity=word)
            elif word in first:
                related = first[word]._replace(message="the first use")
                message = f"{word!r} stands for two kinds of failure."
                yield Finding(kinds.CODE_REPEATED, message, location, related=(related,), identity=word)
            first.setdefault(word, location)


def _check_rules(rules: Rules, source: RuleSource) -> Iterator[Finding]:
    """Yield the rules that are missing from RULES, repeated there, or without a docstring."""
    listed = {source.find_function(rule) for rule in rules.rules}
    count = Counter(id(rule.check) for rule in rules.rules)  # one function may make several rules
    for rule in {id(rule.check): rule for rule in rules.rules}.values():
        if count[id(rule.check)] > 1:
            message = f"Rule {rule.name} is in RULES {count[id(rule.check)]} times."
            yield Finding(kinds.RULE_NOT_LISTED, message, source.locate_rule(rule))
    for function in source.functions:
        if function not in listed:
            yield Finding(kinds.RULE_NOT_LISTED, f"Rule {function.name} is not in RULES.", function.location)
        if not function.docstring.strip():
            yield Finding(kinds.RULE_UNDESCRIBED, f"Rule {function.name} has no docstring.", function.location)


def _check_code_use(rules: Rules, source: RuleSource) -> Iterator[Finding]:
    """Yield the declared codes without a rule, and the rules whose code is not declared."""
    used, declared = {rule.code.code for rule in rules.rules}, {code.code for code in rules.codes}
    for code in rules.codes:
        if code.code not in used:
            message = f"No rule reports {code.code} {code.name}."
            yield Finding(kinds.CODE_UNREACHABLE, message, source.locate_code(code.code))
    for rule in rules.rules:
        if rule.code.code not in declared:
            message = f"The code {rule.code.code} of rule {rule.name} is not in CODES."
            yield Finding(kinds.CODE_UNDECLARED, message, source.locate_rule(rule))


def check_parameters(codes: Mapping[str, Code], source: RuleSource) -> Iterator[Finding]:
    """Yield the calls that leave a placeholder unfilled or pass other parameters than the first call for their code."""
    first: dict[tuple[str, str], frozenset[str]] = {}
    for call in source.calls:
        code = codes.get(call.code)
        if code is None or call.parameters is None:
            continue
        # ``at`` adds the attribute. ``at`` and ``failure`` of one code may pass different parameters.
        parameters = call.parameters | ({"attribute"} if call.method == "at" else set())
        for name in sorted((_parse_placeholders(code) or set()) - parameters):
            related = source.locate_code(code.code)._replace(message="the message")
            message = f"This call does not fill the placeholder {{{name}}} in the message of {code.code}."
            yield Finding(kinds.PLACEHOLDER_UNFILLED, message, call.location, related=(related,))
        expected = first.setdefault((code.code, call.method), parameters)
        if expected != parameters:
            message = f"This call passes {_join(parameters)} to {code.code}; the first call passes {_join(expected)}."
            yield Finding(kinds.PARAMETERS_DIFFER, message, call.location)


def _parse_placeholders(code: Code) -> set[str] | None:
    """Return the parameters of a message (``a`` for ``{a.b}`` and ``{a[0]}``), or None if it is not a valid format string."""
    try:
        return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(code.message) if name}
    except ValueError:
        return None


def _join(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def check_released_codes(rules: Rules, source: RuleSource, release: JsonSource) -> Iterator[Finding]:
    """Yield the released codes that were removed or renumbered, and the retired ones that are used again.

    release: codes.json, from code to name.
    """
    released, retired = _read_release(release, "codes"), _read_release(release, "retired")
    if released is None or retired is None:
        message = "codes.json must have an object 'codes' that maps codes to names; it may have an object 'retired' that does."
        yield Finding(SCHEMA_INVALID, message, release.at("/codes" if released is None else "/retired"))
        return
    current = {code.code: code.name for code in (*common_codes.CODES, *rules.codes)}
    codes_by_name = {name: code for code, name in current.items()}
    for code, name in released.items():
        location = release.at(f"/codes/{escape_step(code)}")
        new_code, new_name = codes_by_name.get(name, code), current.get(code)
        if new_code != code:
            message = f"{name!r} was released as {code} and is now {new_code}."
            yield _make_renumbered(message, location, source.locate_code(new_code), "its code now")
        elif new_name is None:
            yield Finding(kinds.CODE_REMOVED, f"The released code {code} {name} was removed.", location)
        elif new_name != name:
            message = f"{code} was released as {name!r} and is now {new_name!r}."
            yield _make_renumbered(message, location, source.locate_code(code), "its name now")
    for code, name in retired.items():
        new_code = code if code in current else codes_by_name.get(name, "")
        if new_code in current:
            message = f"The retired code {code} {name} is used again, by {new_code} {current[new_code]}."
            location = release.at(f"/retired/{escape_step(code)}")
            yield _make_renumbered(message, location, source.locate_code(new_code), "its use now")


def _make_renumbered(message: str, location: Location, declaration: Location, label: str) -> Finding:
    return Finding(kinds.CODE_RENUMBERED, message, location, related=(declaration._replace(message=label),))


def _read_release(release: JsonSource, member: str) -> dict[str, str] | None:
    """Return a member of codes.json, which maps codes to names; None for one of another form. Only ``retired`` may be missing."""
    codes = release.tree.get(member, {} if member == "retired" else None) if isinstance(release.tree, dict) else None
    is_valid = isinstance(codes, dict) and all(isinstance(name, str) for name in codes.values())
    return codes if is_valid else None
