"""Check the rules of an operation on one request: which hold, which fail, and which are skipped (contract, section 3)."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Any

from validator.errors import NoVerdictError
from validator.model.directory import Facts
from validator.model.report import Failure, Skip
from validator.rule import NOTHING, Check, Rule

AllHold = Callable[[Any, Any], bool]


def interpret_rules(rules: Sequence[Rule]) -> AllHold:
    """Return a function as ``compile_rules`` in rule_compiler does, at once: it calls every rule."""
    return partial(hold_in_turn, tuple([rule.check for rule in rules]))


def hold_in_turn(checks: Sequence[Check], view: Any, facts: Any) -> bool:
    """Return whether every rule holds. False where facts are missing."""
    if None in facts:
        return False
    for check in checks:
        result = check(view, facts)
        if result is not NOTHING:
            for _ in result:
                return False
    return True


def find_failures(rules: Sequence[Rule], view: Any, facts: Facts, limit: int) -> tuple[Sequence[Failure], tuple[Skip, ...]]:
    """Return the failures of all rules, and the rules that were skipped, both in the order of the rules.

    view: the value that the operation's ``read`` returned. limit: each rule gives at most one failure more.
    Call it with complete facts only when a rule fails, as ``compile_rules`` decides.
    Raises NoVerdictError for a rule that yields anything but failures, or not the same ones again, and what a rule raises.
    """
    failures: list[Failure] = []
    skipped: list[Skip] = []
    undecided: set[str] = set()  # codes of the rules that failed or were skipped
    for rule in rules:
        skip = _find_skip(rule, facts, undecided)
        if skip is not None:
            skipped.append(skip)
            undecided.add(rule.code.code)
            continue
        result = rule.check(view, facts)
        if result is not NOTHING:
            before = len(failures)
            failures += islice(result, limit + 1)
            undecided.update((rule.code.code,) if len(failures) > before else ())
    if None not in facts and not failures:
        raise NoVerdictError("a rule failed, and reported no failure when it was checked again")
    if not all(isinstance(failure, Failure) for failure in failures):
        raise NoVerdictError("a rule yielded a value that is not a Failure")
    return failures, tuple(skipped)


def _find_skip(rule: Rule, facts: Facts, undecided: set[str]) -> Skip | None:
    """Return a rule that cannot be checked with the reason, or None."""
    missing = tuple(section for section in rule.needs if getattr(facts, section) is None)
    if missing:
        return Skip(rule.code.code, rule.name, f"reference data not supplied: {', '.join(missing)}", missing)
    if rule.after is not None and rule.after.code in undecided:
        return Skip(rule.code.code, rule.name, f"{rule.after.code} is broken or not decided")
    return None
