"""Rules and codes as they are declared: against each other, against the promised statuses, and against the last release."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Final

from validator.inputs.source import JsonSource
from validator.lint import catalogue
from validator.lint.rules.rule_source import RuleSource
from validator.lint.schemas.tree import found
from validator.model import common_codes as common
from validator.model.code import Code
from validator.model.pointer import escape_step
from validator.operation.loader import Rules
from validator.output.finding import Finding, Location

_CODE: Final = re.compile(r"[1-5][0-9]{2}-[0-9]{3}")


def declared(rules: Rules, written: RuleSource) -> Iterator[Finding]:
    """Yield what is wrong with the declared codes and rules of an operation."""
    yield from _codes(rules.codes, written)
    yield from _listed(rules, written)
    answered = {rule.code.code for rule in rules.rules}
    for code in rules.codes:
        if code.code not in answered:
            yield found(catalogue.CODE_UNREACHABLE, written.code(code.code), f"No rule answers {code.code} {code.name}.")
    known = {code.code for code in rules.codes}
    for rule in rules.rules:
        if rule.code.code not in known:
            yield found(
                catalogue.CODE_UNDECLARED, written.rule(rule), f"The code {rule.code.code} of {rule.name} is not in CODES."
            )
    for code in rules.codes:
        if _placeholders(code) is None:
            words = f"The sentence of {code.code} is no format: a brace that is none of a placeholder is written twice."
            yield found(catalogue.PLACEHOLDER_UNFILLED, written.code(code.code), words, identity=code.code)
    yield from parameters({code.code: code for code in rules.codes}, written)


def check_statuses(rules: Rules, written: RuleSource, source: JsonSource) -> Iterator[Finding]:
    """Yield the codes, also those of structure and before, whose status is not promised. source: a valid operation.json."""
    statuses = source.tree["statuses"]
    for code in (*common.CODES, *rules.codes):
        if _CODE.fullmatch(code.code) and int(code.code[:3]) not in statuses:
            place = written.code(code.code) if code in rules.codes else source.at("/statuses")
            words = f"The status of {code.code} {code.name} is not among {', '.join(map(str, statuses))}."
            yield found(catalogue.STATUS_NOT_LISTED, place, words, identity=code.code)


def _codes(codes: Sequence[Code], written: RuleSource) -> Iterator[Finding]:
    ours = {word for code in common.CODES for word in (code.code, code.name)}
    first: dict[str, Location] = {}
    times: Counter[str] = Counter()
    for code in codes:
        place = written.code(code.code, times[code.code])
        times[code.code] += 1
        if not _CODE.fullmatch(code.code):
            yield found(catalogue.CODE_MALFORMED, place, f"{code.code!r} is no code.")
        for word in (code.code, code.name):
            if word in ours:
                yield found(
                    catalogue.CODE_REPEATED, place, f"{word!r} is one of the codes of structure and before.", identity=word
                )
            elif word in first:
                also = first[word]._replace(message="the first")
                yield found(catalogue.CODE_REPEATED, place, f"{word!r} stands for two kinds of fault.", also, identity=word)
            first.setdefault(word, place)


def _listed(rules: Rules, written: RuleSource) -> Iterator[Finding]:
    listed = {written.law(rule) for rule in rules.rules}
    times = Counter(id(rule.check) for rule in rules.rules)  # one function may make several rules
    for rule in {id(rule.check): rule for rule in rules.rules}.values():
        if times[id(rule.check)] > 1:
            words = f"The rule {rule.name} is in RULES {times[id(rule.check)]} times."
            yield found(catalogue.RULE_NOT_LISTED, written.rule(rule), words)
    for law in written.laws:
        if law not in listed:
            yield found(catalogue.RULE_NOT_LISTED, law.place, f"The rule {law.name} is not in RULES.")
        if not law.docstring.strip():
            yield found(catalogue.RULE_UNDESCRIBED, law.place, f"The rule {law.name} has no docstring.")


def parameters(codes: Mapping[str, Code], written: RuleSource) -> Iterator[Finding]:
    """Yield the calls that do not fill their sentence, or hand in other parameters than the first call of their code does."""
    first: dict[tuple[str, str], frozenset[str]] = {}
    for call in written.calls:
        code = codes.get(call.code)
        if code is None or call.given is None:
            continue
        placeholders = _placeholders(code)
        # ``at`` adds the attribute; a code may be found at an attribute or elsewhere, and then says other things.
        given = call.given | ({"attribute"} if call.method == "at" else set())
        for name in sorted((placeholders or set()) - given):
            words = f"The sentence of {code.code} has {{{name}}}, which this call does not fill."
            yield found(
                catalogue.PLACEHOLDER_UNFILLED, call.place, words, written.code(code.code)._replace(message="the sentence")
            )
        before = first.setdefault((code.code, call.method), given)
        if before != given:
            words = f"{code.code} is made here with {_names(given)}, and elsewhere with {_names(before)}."
            yield found(catalogue.PARAMETERS_DIFFER, call.place, words)


def _placeholders(code: Code) -> set[str] | None:
    """Return the names that a sentence needs, or None when it is no format: ``{a.b}`` and ``{a[0]}`` need ``a``."""
    try:
        return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(code.message) if name}
    except ValueError:
        return None


def _names(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def check_released_codes(rules: Rules, written: RuleSource, source: JsonSource) -> Iterator[Finding]:
    """Yield the released codes that were removed or renumbered. source: codes.json, from code to name."""
    codes = source.tree.get("codes") if isinstance(source.tree, dict) else None
    if not isinstance(codes, dict) or not all(isinstance(name, str) for name in codes.values()):
        yield found(catalogue.NOT_A_SCHEMA, source.at("/codes"), "codes.json must have codes: an object from code to name.")
        return
    now = {code.code: code.name for code in (*common.CODES, *rules.codes)}
    numbers = {name: code for code, name in now.items()}
    for code, name in codes.items():
        place = source.at(f"/codes/{escape_step(code)}")
        if name in numbers and numbers[name] != code:
            also = written.code(numbers[name])._replace(message="its code now")
            yield found(catalogue.CODE_RENUMBERED, place, f"{name!r} was released as {code} and is {numbers[name]} now.", also)
        elif code not in now:
            yield found(catalogue.CODE_REMOVED, place, f"The released code {code} {name} is gone.")
        elif now[code] != name:
            also = written.code(code)._replace(message="its name now")
            yield found(catalogue.CODE_RENUMBERED, place, f"{code} was released as {name!r} and is {now[code]!r} now.", also)
