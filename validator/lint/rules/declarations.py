"""Checks of the declared rules and codes: against each other, and against operation.json."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from string import Formatter
from typing import Final

from validator.errors import suggest
from validator.inputs.source import JsonSource
from validator.lint.catalogue import rule_kinds as kinds
from validator.lint.catalogue.release_kinds import TABLE_UNSORTED
from validator.lint.catalogue.schema_kinds import VALUE_REPEATED
from validator.lint.fixes import Change
from validator.lint.rules.rule_source import RuleSource
from validator.model import common_codes
from validator.model.code import Code
from validator.model.report import PLACES
from validator.operation.loader import Rules
from validator.operation.metadata import is_success
from validator.output.finding import Finding, Location

_CODE: Final = re.compile(r"[1-5][0-9]{2}-[0-9]{3}")


def check_declarations(rules: Rules, source: RuleSource) -> Iterator[Finding]:
    """Yield what is wrong with the declared codes and rules of an operation."""
    yield from _check_codes(rules.codes, source)
    yield from _check_rules(rules, source)
    yield from _check_code_use(rules, source)
    yield from _check_order(rules, source)
    for code in rules.codes:
        if _parse_placeholders(code) is None:
            message = f"The message of {code.code} is not a valid format string; write a literal brace twice."
            yield Finding(kinds.PLACEHOLDER_UNFILLED, message, source.locate_code(code.code), identity=code.code)
    yield from check_parameters({code.code: code for code in rules.codes}, source)


def check_operation(rules: Rules, source: RuleSource, operation: JsonSource) -> Iterator[Finding]:
    """Yield what is wrong with the texts and statuses of operation.json. operation: a valid one."""
    for name in ("title", "description"):
        if not operation.tree[name].strip():
            yield Finding(kinds.TEXT_EMPTY, f"The {name} is empty.", operation.value_at(f"/{name}"))
    statuses = operation.tree["statuses"]
    codes = (*common_codes.CODES, *rules.codes)
    for code in codes:
        if _CODE.fullmatch(code.code) and int(code.code[:3]) not in statuses:
            location = source.locate_code(code.code) if code in rules.codes else operation.at("/statuses")
            message = f"The status of {code.code} {code.name} must be one of {', '.join(map(str, statuses))}."
            yield Finding(kinds.STATUS_NOT_LISTED, message, location, identity=code.code)
    used = {code.code[:3] for code in codes}
    for index, status in enumerate(statuses):
        location = operation.value_at(f"/statuses/{index}")
        if status in statuses[:index]:
            yield Finding(VALUE_REPEATED, f"The status {status} is listed more than once.", location, identity=str(status))
        elif not is_success(status) and str(status) not in used:
            yield Finding(kinds.STATUS_UNUSED, f"No code has the status {status}.", location, identity=str(status))
    falling = [index for index, pair in enumerate(pairwise(statuses), 1) if pair[0] > pair[1]]
    for index in falling[:1]:
        message = f"The status {statuses[index]} is listed after {statuses[index - 1]}."
        yield Finding(TABLE_UNSORTED, message, operation.value_at(f"/statuses/{index}"), identity="statuses")


def fix_statuses(operation: JsonSource, path: Path) -> Iterator[Change]:
    """Yield the change that sorts the statuses of operation.json; the rest of the text stays. operation: a valid one."""
    statuses, text = operation.tree["statuses"], operation.text
    if statuses != sorted(statuses):
        for index, status in reversed(list(enumerate(sorted(statuses)))):
            start, stop = operation.spans.lookup(f"/statuses/{index}")[0].opening
            text = f"{text[:start]}{status}{text[stop:]}"
        yield Change(TABLE_UNSORTED, path, text.replace("\r\n", "\n"))


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
        yield from _check_texts(code, location)


def _check_texts(code: Code, location: Location) -> Iterator[Finding]:
    """Yield the texts of a code that are empty, and a place that no failure can have."""
    texts = {name: getattr(code, name) for name in ("name", "message", "requirement", "reason", "fix")}
    texts["sources"] = "" if not all(source.strip() for source in code.sources) else "".join(code.sources)
    for name, text in texts.items():
        if not text.strip():
            message = f"The {name} of {code.code} {'are' if name == 'sources' else 'is'} empty."
            yield Finding(kinds.TEXT_EMPTY, message, location, identity=name)
    if code.where not in PLACES:
        hint = suggest(code.where, PLACES) or f"; expected one of: {', '.join(PLACES)}"
        message = f"{code.code} has the unknown place {code.where!r}{hint}{'' if hint.endswith('?') else '.'}"
        yield Finding(kinds.PLACE_DIFFERS, message, location)


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


def _check_order(rules: Rules, source: RuleSource) -> Iterator[Finding]:
    """Yield the rules that are in another order than their codes, as few as possible, and those with a wrong ``after``."""
    numbers = {code.code: number for number, code in reversed(list(enumerate(rules.codes)))}
    order = [(numbers[rule.code.code], rule) for rule in rules.rules if rule.code.code in numbers]
    in_order = _find_longest_order([number for number, _ in order])
    for index, (_, rule) in enumerate(order):
        if index not in in_order:
            message = f"Rule {rule.name} is not at the place in RULES that its code {rule.code.code} has in CODES."
            yield Finding(kinds.RULES_OUT_OF_ORDER, message, source.locate_entry(rule), identity=rule.name)
    earlier: set[str] = set()
    for rule in rules.rules:
        if rule.after is not None and rule.after.code not in earlier:
            message = f"Rule {rule.name} is skipped after {rule.after.code}, which no earlier rule reports."
            yield Finding(kinds.AFTER_NOT_EARLIER, message, source.locate_rule(rule), identity=rule.name)
        earlier.add(rule.code.code)


def _find_longest_order(numbers: Sequence[int]) -> set[int]:
    """Return the indices of a longest subsequence that never decreases."""
    best: list[list[int]] = []  # for each index, a longest subsequence that ends there
    for index, number in enumerate(numbers):
        longest: list[int] = []
        for one in best:
            if numbers[one[-1]] <= number and len(one) > len(longest):
                longest = one
        best.append([*longest, index])
    lengths = [len(one) for one in best]
    return set(best[lengths.index(max(lengths))]) if best else set()


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
