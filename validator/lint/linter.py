"""The linter's way through one operation: each artefact alone, then all against each other, as far as they can be read."""

import json as json_module
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from jsonschema import Draft202012Validator

from validator.body.shape import examine
from validator.directories.snapshot import Snapshot, SnapshotError
from validator.engine import RuleInput
from validator.inputs.source import JsonSource, SourceError, Text, read_json
from validator.lint import catalogue, fixtures
from validator.lint.coverage import Coverage, measure_coverage
from validator.lint.rules import declarations, rule_source, trace
from validator.lint.rules.rule_source import RuleSource
from validator.lint.schemas import facets, json_schema, twins, xsd
from validator.lint.schemas.tree import Branch, found
from validator.lint.source import XmlSource, display_path, read_python, read_xml
from validator.model.directory import Facts
from validator.model.pointer import escape_step
from validator.operation import loader as operations
from validator.operation import rules_loader
from validator.operation.home import Home, shipped_schemas
from validator.operation.loader import Operation, Rules
from validator.output.finding import Finding, Location

DIRECTORY: Final = "directory.json"  # beside the fixtures of all operations


@dataclass
class LintResult:
    """What was found of one operation. undecided: what could not be compared, and why. coverage: None when not known."""

    operation: str
    findings: list[Finding] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    coverage: Coverage | None = None


def lint_common_schemas(home: Home) -> Iterator[Finding]:
    """Yield what is wrong with the schemas that no operation owns, such as the error body's, and the ids that come twice."""
    findings: list[Finding] = []
    for path in sorted(home.schemas.glob("*.schema.json")):
        source = _read(path, read_json, findings)
        findings += json_schema.check_standalone(source) if source is not None else ()
    for path in sorted(home.schemas.glob("*.xsd")):
        xml = _read(path, read_xml, findings)
        findings += xsd.check_standalone(xml, path.read_bytes()) if xml is not None else ()
    yield from findings
    yield from _repeated_ids(sorted(home.schemas.rglob("*.schema.json")))


def _repeated_ids(paths: Sequence[Path]) -> Iterator[Finding]:
    first: dict[str, Location] = {}
    for path in paths:
        source = _read(path, read_json, [])
        for pointer, schema in json_schema.subschemas(source.tree if source else None, ""):
            for keyword in ("$id", "$anchor"):
                if source and keyword in schema:
                    name = f"{keyword} {schema[keyword]}"
                    place = source.value_at(f"{pointer}/{escape_step(keyword)}")
                    if name in first:
                        words = f"The {keyword} {schema[keyword]!r} is there more than once."
                        yield found(catalogue.ID_REPEATED, place, words, first[name]._replace(message="the first"))
                    first.setdefault(name, place)


_Source = TypeVar("_Source", bound=Text)


def _read(path: Path, read: Callable[[str, bytes], _Source], findings: list[Finding]) -> _Source | None:
    """Return a file as a source, or None and a finding."""
    try:
        return read(display_path(path), path.read_bytes())
    except SourceError as error:
        findings.append(found(catalogue.UNREADABLE, error.place, f"{error.reason.rstrip('.')}."))
    except OSError as error:
        findings.append(found(catalogue.UNREADABLE, Text(display_path(path), "").place(), f"{error.strerror}."))
    return None


def lint(name: str, home: Home) -> LintResult:
    """Lint one operation."""
    linted = LintResult(name)
    with redirect_stdout(sys.stderr):  # what rules print is no part of the report
        _lint(name, home, linted)
    return linted


def _lint(name: str, home: Home, linted: LintResult) -> None:
    folder, findings = home.schemas / name, linted.findings
    told = _described(folder / "operation.json", findings)
    json = _read(folder / "request.schema.json", read_json, findings)
    xml = _read(folder / "request.xsd", read_xml, findings)
    if json is not None:
        findings += [
            *json_schema.check_standalone(json),
            *(json_schema.check_supported(json) if isinstance(json.tree, dict) else ()),
        ]
    if xml is not None:
        findings += [*xsd.check_standalone(xml, (folder / "request.xsd").read_bytes()), *xsd.check_supported(xml)]
    if any(one.kind is catalogue.NOT_A_SCHEMA and json and one.location.file == json.file for one in findings):
        json = None  # what it says is not known
    if json is not None:
        findings += _bounded(json, told)
    _twins(json, xml, linted)
    rules, text = _rules(name, home, linted)
    if rules is not None and text is not None:
        findings += declarations.check_statuses(rules, text, told) if told is not None else ()
        _laws(rules, text, folder, linted)
        _fixtures(name, home, text, json, linted)


def _described(path: Path, findings: list[Finding]) -> JsonSource | None:
    """Return operation.json, or None where it cannot be used."""
    source = _read(path, read_json, findings)
    if source is None:
        return None
    document = json_module.loads((shipped_schemas() / "operation.schema.json").read_bytes())
    errors = list(Draft202012Validator(document).iter_errors(source.tree))
    for error in errors:
        pointer = json_schema.pointer_of(error)
        findings.append(found(catalogue.NOT_A_SCHEMA, source.value_at(pointer), f"{pointer or '/'}: {error.message[:200]}."))
    return None if errors else source


def _bounded(json: JsonSource, told: JsonSource | None) -> Iterator[Finding]:
    tree = json_schema.tree(json)
    yield from facets.unsatisfiable(tree, ())
    for attribute, length in (told.tree.get("lengths", {}) if told is not None else {}).items():
        branch: Branch | None = tree
        for name in attribute.split("."):
            branch = branch.members.get(name) if branch is not None else None
        if branch is None:
            words = f"operation.json bounds {attribute!r}, which the schema does not describe."
            yield found(catalogue.UNBOUNDED, told.at(f"/lengths/{escape_step(attribute)}") if told else json.at(""), words)
        else:
            yield from facets.too_long(branch, attribute, length)


def _twins(json: JsonSource | None, xml: XmlSource | None, linted: LintResult) -> None:
    xml_tree = xsd.tree(xml) if xml is not None else None
    if json is None or xml_tree is None:
        linted.undecided.append("L2: JSON Schema and XSD, of which one cannot be read")
        return
    linted.findings += twins.differences(json_schema.tree(json), xml_tree[1], linted.undecided)


def _rules(name: str, home: Home, linted: LintResult) -> tuple[Rules | None, RuleSource | None]:
    """Return the rules as they are and as they are written."""
    source = rules_loader.find_rules_file(name, home)
    try:
        rules = operations.load_rules(name, home)
    except rules_loader.RulesError as error:
        text = Text(display_path(error.file), error.file.read_text(encoding="utf-8", errors="replace"))
        start = text.offset(min(error.line, text.text.count("\n") + 1), 1)
        linted.findings.append(
            found(catalogue.RULES_UNUSABLE, text.place(start, start + len(text.line(error.line))), f"{error.reason}.")
        )
    except ValueError as error:
        expected = Text(display_path(home.rules / f"{rules_loader.module_name(name)}.py"), "")
        linted.findings.append(found(catalogue.RULES_UNUSABLE, expected.place(), f"{error}."))
    else:
        files = [_read(file, read_python, linted.findings) for file in rule_source.files_of(source)] if source else []
        readable = [file for file in files if file is not None]
        if readable:
            return rules, rule_source.read(readable)
    linted.undecided.append("L3, L4: rules, codes and fixtures, as the rules cannot be used")
    return None, None


def _laws(rules: Rules, text: RuleSource, folder: Path, linted: LintResult) -> None:
    linted.findings += declarations.declared(rules, text)
    if (folder / "codes.json").is_file():
        source = _read(folder / "codes.json", read_json, linted.findings)
        if source is not None:
            linted.findings += declarations.check_released_codes(rules, text, source)
    else:
        linted.undecided.append("L311, L312: there is no codes.json with the codes of the last release")


def _fixtures(name: str, home: Home, text: RuleSource, json: JsonSource | None, linted: LintResult) -> None:
    try:
        operation = operations.load_operation(name, None, home)
        for make in operation.readers.values():
            make()
    except Exception as error:  # noqa: BLE001 - whatever an engine says against a schema
        words = next(iter(str(error).splitlines()), type(error).__name__)
        linted.undecided.append(f"L309, L310, L4: the fixtures, as the engine does not start: {words}")
        if not any(one.kind.code < "L2" or one.kind is catalogue.KEYWORD_WITHOUT_CODE for one in linted.findings):
            place = json.at("") if json is not None else Text(display_path(home.schemas / name), "").place()
            linted.findings.append(
                found(catalogue.NOT_TAKEN, place, f"The engine does not start with it: {words[:200].rstrip('.')}.")
            )
        return
    try:
        snapshot = _snapshot(home, linted)
    except (SnapshotError, OSError) as error:
        place = Text(display_path(home.fixtures / DIRECTORY), "").place()
        linted.findings.append(found(catalogue.FIXTURE_UNREADABLE, place, f"{str(error).rstrip('.')}."))
        linted.undecided.append("L309, L310, L4: the fixtures, as their reference data cannot be read")
        return
    tried, findings = fixtures.Fixtures(home.fixtures / name, operation, snapshot).try_all()
    codes = {code.code: code for code in operation.codes}
    # Codes of structure and before are declared by no operation: those are told where the operation is.
    start = Text(display_path(home.schemas / name / "operation.json"), "").place()
    places = {code: text.code(code) if code in text.codes else start for code in codes}
    linted.findings += [*findings, *fixtures.placed(tried, codes), *fixtures.twins(tried)]
    linted.findings += fixtures.untried(tried, operation.codes, operation, places)
    picks = [one.picked for one in tried if one.picked is not None]
    sound = [one for one in picks if not examine(operation.shape, one.tree, 1)]
    if sound:
        unsound = [one for one in picks if one not in sound]
        linted.findings += _reached(operation, sound, unsound, snapshot.facts if snapshot else Facts(), text, json)
    else:
        linted.undecided.append("L309, L310, L315, L316: what rules read, as no fixture is sound in structure")
    linted.coverage = measure_coverage(operation, tried)


def _snapshot(home: Home, linted: LintResult) -> Snapshot | None:
    """Return the reference data of the fixtures, or None where there is none. Raises SnapshotError and OSError."""
    path = home.fixtures / DIRECTORY
    if not path.is_file():
        linted.undecided.append("L4 of rules that need reference data: there is no directory.json among the fixtures")
        return None
    return Snapshot.from_file(path)


def _reached(  # noqa: PLR0913, PLR0917 - what rules are, and what they are tried on
    operation: Operation,
    sound: Sequence[RuleInput],
    unsound: Sequence[RuleInput],
    facts: Facts,
    text: RuleSource,
    json: JsonSource | None,
) -> Iterator[Finding]:
    samples = trace.samples(operation.shape, sound)
    seen = trace.watched(operation, [*sound, *samples.sound], facts)
    yield from trace.read_findings(operation, seen, text)
    for rule, failure in trace.find_unreachable_rules(operation, [*unsound, *samples.unsound], facts, seen.fired).items():
        also = [json_schema.keyword_at(json, failure)] if json is not None else []
        words = f"Structure refuses what breaks {rule} first: {failure.code} {failure.message}"
        place = next(text.rule(one) for one in operation.rules.rules if one.name == rule)
        yield found(catalogue.RULE_NEVER_FIRES, place, words, *also, identity=rule)
