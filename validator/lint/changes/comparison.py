"""The changes of the operations of a home since a release."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path

from validator.inputs.source import JsonSource, read_json
from validator.lint.artefacts import locate_start, read_artefact, read_operation_json
from validator.lint.catalogue import change_kinds as kinds
from validator.lint.changes.change import group_by_definition, make_change
from validator.lint.changes.endpoint import compare_endpoints
from validator.lint.changes.fixtures import NewOperation, compare_fixtures
from validator.lint.changes.old_rules import read_old_rules
from validator.lint.changes.release import open_release
from validator.lint.changes.rules import NewRules, compare_codes, compare_rules
from validator.lint.changes.schemas import SchemaComparison
from validator.lint.patterns.automaton import Budget
from validator.lint.rules.rule_source import list_files, read_rule_source
from validator.lint.schemas import json_schema_tree, xsd_tree
from validator.lint.schemas.schema_tree import TreeTooLarge
from validator.lint.source import display_path, read_python, read_xml
from validator.operation.home import Home
from validator.operation.loader import Operation, load_operation
from validator.operation.rules_loader import find_rules_file
from validator.output.finding import Finding


def find_changes(name: str, home: Home, operations: Sequence[str]) -> list[Finding]:
    """Return the changes since a release. Raises UsageError for a release that cannot be read.

    name: of the release, as for ``open_release``. operations: those to compare; if they are all of the home, operations that
    only the release has are reported too.
    """
    with open_release(name, home) as release, redirect_stdout(sys.stderr):  # the output of rules must not mix with the report
        old, start = release.home, locate_start(home.schemas)
        changes = [make_change(kinds.CHANGE_NOT_DECIDED, f"{text}, and is not read", start, text) for text in release.unread]
        changes += _compare_names(old, home, operations)
        for operation in old.operations():
            changes += compare_operation(operation, old, home) if operation in operations else ()
    return changes


def _compare_names(old: Home, new: Home, operations: Sequence[str]) -> Iterator[Finding]:
    """Yield the operations that were added and, if these are all of the home, those that were removed."""
    names, released = new.operations(), old.operations()
    for operation in [operation for operation in operations if operation not in released]:
        start = locate_start(new.schemas / operation / "operation.json")
        yield make_change(kinds.ENDPOINT_EXTENDED, f"operation {operation} was added", start, operation)
    for operation in [operation for operation in released if operation not in names] if [*operations] == names else ():
        yield make_change(kinds.ENDPOINT_CHANGED, f"operation {operation} was removed", locate_start(new.schemas), operation)


def compare_operation(name: str, old: Home, new: Home) -> Iterator[Finding]:
    """Yield the changes of an operation. old: the home of the release."""
    before, now = old.schemas / name, new.schemas / name
    yield from group_by_definition(_compare_schemas(before, now))
    document, source = _read_json(before / "operation.json"), read_operation_json(now / "operation.json", [])
    if document is None or source is None:
        yield _make_undecided("operation.json is not compared", now / "operation.json")
    else:
        yield from compare_endpoints(document.tree, source)
    try:
        operation = load_operation(name, None, new)
        for make_reader in operation.readers.values():
            make_reader()
    except Exception as error:  # noqa: BLE001 - schema engines raise various exceptions
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        text = f"codes, rules and fixtures are not compared, because the operation cannot be loaded: {reason}"
        yield make_change(kinds.CHANGE_NOT_DECIDED, text.rstrip("."), locate_start(now / "operation.json"), "operation")
        return
    yield from _compare_loaded(operation, old, new)


def _compare_loaded(operation: Operation, old: Home, new: Home) -> Iterator[Finding]:
    """Yield the changes of codes, rules and fixtures."""
    folder = new.schemas / operation.name
    file = find_rules_file(operation.name, new)
    sources = [read_artefact(path, read_python, []) for path in list_files(file)] if file else []
    source = read_rule_source([one for one in sources if one is not None])
    rules = NewRules(operation.rules, source, _read_json(folder / "codes.json"), locate_start(folder / "operation.json"))
    released = read_old_rules(operation.name, old)
    yield from compare_codes(released, rules)
    yield from compare_rules(released, rules)
    schema = read_json(display_path(folder / "request.schema.json"), (folder / "request.schema.json").read_bytes())
    yield from compare_fixtures(old, NewOperation(operation, schema, rules))


def _compare_schemas(before: Path, now: Path) -> Iterator[Finding]:
    """Yield the changes of both schemas; of the XSD, those that the JSON Schema does not have."""
    budget = Budget()
    json = list(_compare_json_schemas(before / "request.schema.json", now / "request.schema.json", budget))
    yield from json
    known = {(change.kind.code, change.identity) for change in json}
    for change in _compare_xsds(before / "request.xsd", now / "request.xsd", budget):
        if (change.kind.code, change.identity) not in known:
            yield change


def _compare_json_schemas(before: Path, now: Path, budget: Budget) -> Iterator[Finding]:
    old, new = (_read_json(path) for path in (before, now))
    try:
        if old is None or new is None:
            yield _make_undecided("the JSON Schemas are not compared", now)
        else:
            trees = json_schema_tree.read_tree(old), json_schema_tree.read_tree(new)
            yield from SchemaComparison("json", budget).compare(*trees)
    except TreeTooLarge:
        yield _make_undecided("the JSON Schemas are not compared", now)


def _compare_xsds(before: Path, now: Path, budget: Budget) -> Iterator[Finding]:
    old, new = (read_artefact(path, read_xml, []) for path in (before, now))
    try:
        roots = [xsd_tree.read_tree(source) if source is not None else None for source in (old, new)]
    except TreeTooLarge:
        roots = [None, None]
    if roots[0] is None or roots[1] is None:
        yield _make_undecided("the XSDs are not compared", now)
        return
    (old_name, old_root), (new_name, new_root) = roots[0], roots[1]
    if old_name != new_name:
        text = f"the root element of XML bodies is {new_name!r}; it was {old_name!r}"
        yield make_change(kinds.STRUCTURE_CHANGED, text, new_root.location, "root element")
    yield from SchemaComparison("xsd", budget).compare(old_root, new_root)


def _read_json(path: Path) -> JsonSource | None:
    return read_artefact(path, read_json, []) if path.is_file() else None


def _make_undecided(text: str, path: Path) -> Finding:
    reason = "because one of the two cannot be read or is too large"
    return make_change(kinds.CHANGE_NOT_DECIDED, f"{text}, {reason}", locate_start(path), path.name)
