"""Runs the rules with a directory that answers only the keys that were requested, as a database does."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from validator.lint.catalogue.rule_kinds import KEY_NOT_REQUESTED
from validator.lint.rules.rule_source import RuleSource
from validator.model.directory import Facts, Keys
from validator.operation.loader import Operation
from validator.operation.reports import RuleInput
from validator.output.finding import Finding

_MAX_FAILURES: Final = 100  # of one rule that are compared
_SHOWN: Final = 3  # readers that a message names


class _Reader(NamedTuple):
    """A rule, or the department. needs: the sections that it reads. read: from the view and facts to its result."""

    name: str
    needs: Sequence[str]
    read: Callable[[Any, Facts], Any]


def check_requested_keys(
    operation: Operation, inputs: Sequence[RuleInput], facts: Facts, source: RuleSource
) -> Iterator[Finding]:
    """Yield a finding for each section of reference data of which an entity is read, but not requested.

    inputs: with a valid structure. facts: of the fixtures' directory. Errors of rules have findings of their own.
    """
    readers = [_make_reader(rule) for rule in operation.rules.rules if rule.needs]
    readers.append(_Reader("the department", Keys._fields, operation.rules.department))
    missing: dict[str, list[str]] = {}
    for one in inputs:
        view = _call(operation.rules.read, *one)
        keys = _call(operation.rules.keys, view) if view is not None else None
        for section in Keys._fields if isinstance(keys, Keys) and not _is_complete(facts, keys) else ():
            answer = _answer(facts, section, getattr(keys, section))
            for reader in readers if answer is not None else ():
                is_known = reader.name in missing.get(section, ())
                if section in reader.needs and not is_known and _is_different(reader, view, facts, answer):
                    missing.setdefault(section, []).append(reader.name)
    for section, names in missing.items():
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        readers_shown = f"{', '.join(names[:_SHOWN])}{more} {'reads' if len(names) == 1 else 'read'}"
        message = f"keys does not request every entity of {section!r} that {readers_shown}."
        yield Finding(KEY_NOT_REQUESTED, message, source.locate_function("keys"), identity=section)


def _make_reader(rule: Any) -> _Reader:
    return _Reader(rule.name, rule.needs, lambda view, facts: list(islice(rule.check(view, facts), _MAX_FAILURES)))


def _is_complete(facts: Facts, keys: Keys) -> bool:
    """Return whether every entity is requested."""
    return all(not (section := getattr(facts, name)) or section.keys() <= {*getattr(keys, name)} for name in Keys._fields)


def _answer(facts: Facts, section: str, requested: Sequence[str]) -> Facts | None:
    """Return the facts with the requested entities of one section only; None if that changes nothing."""
    entities = getattr(facts, section)
    if not entities or entities.keys() <= {*requested}:
        return None
    answer: dict[str, Any] = {section: {key: entities[key] for key in requested if key in entities}}
    return Facts(*facts)._replace(**answer)


def _is_different(reader: _Reader, view: Any, facts: Facts, answer: Facts | None) -> bool:
    return bool(_call(reader.read, view, facts) != _call(reader.read, view, answer))


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of a function of the operation; None if it raises an exception."""
    try:
        return function(*arguments)
    except (Exception, SystemExit):  # noqa: BLE001 - the trace reports it
        return None
