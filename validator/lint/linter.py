"""Lints one operation: each artefact by itself, then the artefacts against each other, as far as they can be read."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from validator.body.explain import find_failures
from validator.directories.snapshot import Snapshot, SnapshotError
from validator.inputs.source import JsonSource, SourceText, read_json
from validator.lint.artefacts import locate_start, read_artefact, read_operation_json
from validator.lint.catalogue import fixture_kinds, rule_kinds, schema_kinds
from validator.lint.coverage import Coverage, measure_coverage
from validator.lint.fixes import Change
from validator.lint.fixture_checks import check_expectations, check_twins, find_untested_codes
from validator.lint.fixture_reports import check_reports
from validator.lint.fixtures import run_fixtures
from validator.lint.near_misses import check_near_misses
from validator.lint.patterns.automaton import Budget
from validator.lint.rules.declarations import check_declarations, check_operation, fix_statuses
from validator.lint.rules.release import check_released_codes, fix_release
from validator.lint.rules.request_samples import sample_requests
from validator.lint.rules.requested_keys import check_requested_keys
from validator.lint.rules.rule_source import RuleSource, list_files, read_rule_source
from validator.lint.rules.trace import check_trace, find_unreachable_rules, trace_rules
from validator.lint.schemas import facets, json_schema, json_schema_tree, lengths, xsd, xsd_tree
from validator.lint.schemas.comparison import find_differences
from validator.lint.schemas.schema_tree import SchemaNode, TreeTooLarge
from validator.lint.source import XmlSource, display_path, read_python, read_xml
from validator.model.directory import Facts
from validator.model.pointer import escape_step
from validator.operation import rules_loader
from validator.operation.home import Home
from validator.operation.loader import Operation, Rules, load_operation, load_rules
from validator.operation.reports import RuleInput
from validator.output.finding import Finding, end_sentence

_SHOWN: Final = 10  # undecided lines about one check
DIRECTORY: Final = "directory.json"  # the reference data of the fixtures of all operations, in their folder


@dataclass
class LintResult:
    """The findings of one operation. undecided: the checks that were skipped, and why. coverage: None if not measured.

    changes: of files, which resolve some of the findings.
    """

    operation: str
    findings: list[Finding] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    coverage: Coverage | None = None
    changes: list[Change] = field(default_factory=list)


class _Sources(NamedTuple):
    """The artefacts that findings about rules are located in. json: the JSON Schema, None if it is unreadable or invalid."""

    rules: RuleSource
    json: JsonSource | None


def lint(name: str, home: Home) -> LintResult:
    """Lint one operation."""
    result = LintResult(name)
    with redirect_stdout(sys.stderr):  # the output of rules must not mix with the report
        operation_json, json = _lint_schemas(home.schemas / name, result)
        rules, source = _load_rules(name, home, result)
        if rules is not None and source is not None:
            if operation_json is not None:
                result.findings += check_operation(rules, source, operation_json)
                result.changes += fix_statuses(operation_json, home.schemas / name / "operation.json")
            _lint_declarations(rules, source, home.schemas / name / "codes.json", result)
            _lint_fixtures(name, home, _Sources(source, json), result)
    result.undecided = list(_shorten(result.undecided))
    return result


def _shorten(undecided: Sequence[str]) -> Iterator[str]:
    """Yield the first lines about each check, and how many more there are."""
    count = Counter(line.partition(":")[0] for line in undecided)
    shown: Counter[str] = Counter()
    for line in dict.fromkeys(undecided):
        check = line.partition(":")[0]
        shown[check] += 1
        if shown[check] <= _SHOWN:
            yield line
    yield from (f"{check}: {number - _SHOWN} more" for check, number in count.items() if number > _SHOWN)


def _lint_schemas(folder: Path, result: LintResult) -> tuple[JsonSource | None, JsonSource | None]:
    """Check the artefacts in an operation's folder of schemas; return operation.json and the JSON Schema, None if unusable."""
    findings, budget = result.findings, Budget()
    operation_json = read_operation_json(folder / "operation.json", findings)
    json = read_artefact(folder / "request.schema.json", read_json, findings)
    xml = read_artefact(folder / "request.xsd", read_xml, findings)
    if json is not None:
        findings += json_schema.check_standalone(json, result.undecided, budget)
        findings += json_schema.check_supported(json) if isinstance(json.tree, dict) else ()
    if xml is not None:
        findings += xsd.check_standalone(xml, (folder / "request.xsd").read_bytes(), result.undecided, budget)
        findings += xsd.check_supported(xml)
    if json is not None and any(
        finding.kind is schema_kinds.SCHEMA_INVALID and finding.location.file == json.file for finding in findings
    ):
        json = None  # the meaning of an invalid schema is unknown
    _compare_schemas(json, xml, operation_json, result, budget)
    return operation_json, json


def _compare_schemas(
    json: JsonSource | None, xml: XmlSource | None, operation_json: JsonSource | None, result: LintResult, budget: Budget
) -> None:
    """Check the trees that the schemas describe, by themselves, against operation.json and against each other."""
    try:
        tree = json_schema_tree.read_tree(json) if json is not None else None
        root = xsd_tree.read_tree(xml) if xml is not None else None
    except TreeTooLarge:
        result.undecided.append("L107, L115, L2: one of the schemas describes too many or too deeply nested attributes")
        return
    if tree is not None:
        result.findings += facets.find_unsatisfiable(tree, result.undecided, budget)
        result.findings += _check_lengths(tree, operation_json, budget) if operation_json is not None else ()
        result.findings += lengths.check_descriptions(tree, "json", budget)
    if root is not None:
        result.findings += lengths.check_descriptions(root[1], "xsd", budget)
    if tree is None or root is None:
        result.undecided.append("L2: one of the schemas cannot be read")
    else:
        result.findings += find_differences(tree, root[1], result.undecided, budget)


def _check_lengths(tree: SchemaNode, operation_json: JsonSource, budget: Budget) -> Iterator[Finding]:
    """Yield the lengths in operation.json that the JSON Schema exceeds or does not describe."""
    for attribute, limit in operation_json.tree.get("lengths", {}).items():
        node: SchemaNode | None = tree
        for name in attribute.split("."):
            node = node.members.get(name) if node is not None else None
        if node is None:
            message = f"operation.json limits {attribute!r}, which is not in the schema."
            yield Finding(schema_kinds.VALUE_UNBOUNDED, message, operation_json.at(f"/lengths/{escape_step(attribute)}"))
        else:
            location = operation_json.value_at(f"/lengths/{escape_step(attribute)}")
            yield from lengths.check_length_bound(node, attribute, limit, budget, location)


def _load_rules(name: str, home: Home, result: LintResult) -> tuple[Rules | None, RuleSource | None]:
    """Return the rules of an operation and their source code; None twice if they cannot be used."""
    file = rules_loader.find_rules_file(name, home)
    try:
        rules = load_rules(name, home)
    except rules_loader.RulesError as error:
        text = SourceText(display_path(error.file), error.file.read_text(encoding="utf-8", errors="replace"))
        start = text.lines.offset(error.line)
        location = text.locate(start, start + len(text.lines.line(error.line)))
        result.findings.append(Finding(rule_kinds.RULES_UNUSABLE, end_sentence(error.reason), location))
    except ValueError as error:
        expected = locate_start(home.rules / f"{rules_loader.module_name(name)}.py")
        result.findings.append(Finding(rule_kinds.RULES_UNUSABLE, end_sentence(str(error)), expected))
    else:
        sources = [read_artefact(path, read_python, result.findings) for path in list_files(file)] if file else []
        readable = [source for source in sources if source is not None]
        if readable:
            return rules, read_rule_source(readable)
    result.undecided.append("L3, L4: the rules cannot be used")
    return None, None


def _lint_declarations(rules: Rules, source: RuleSource, release: Path, result: LintResult) -> None:
    """Check the declared rules and codes. release: codes.json."""
    result.findings += check_declarations(rules, source)
    if release.is_file():
        codes = read_artefact(release, read_json, result.findings)
        if codes is not None:
            findings = list(check_released_codes(rules, source, codes))
            result.findings += findings
            result.changes += fix_release(rules, release, codes, findings)
    else:
        result.undecided.append("L311, L312: there is no codes.json with the codes of the last release")


def _lint_fixtures(name: str, home: Home, sources: _Sources, result: LintResult) -> None:
    """Run the fixtures; check their results and the rules that ran."""
    operation = _start_engine(name, home, sources, result)
    if operation is None:
        return
    try:
        snapshot = _read_snapshot(home, result)
    except (SnapshotError, OSError) as error:
        location = locate_start(home.fixtures / DIRECTORY)
        result.findings.append(Finding(fixture_kinds.FIXTURE_UNREADABLE, end_sentence(str(error)), location))
        result.undecided.append("L309, L310, L4: the reference data of the fixtures cannot be read")
        return
    fixtures, findings = run_fixtures(home.fixtures / name, operation, snapshot)
    codes = {code.code: code for code in operation.codes}
    # Common codes are not declared in the rules: findings about them are located in operation.json.
    common = locate_start(home.schemas / name / "operation.json")
    locations = {code: sources.rules.locate_code(code) if code in sources.rules.codes else common for code in codes}
    result.findings += [*findings, *check_expectations(fixtures, codes, operation.shape), *check_twins(fixtures)]
    result.findings += find_untested_codes(fixtures, operation, locations)
    facts = snapshot.facts if snapshot else Facts()
    result.findings += check_near_misses(fixtures, operation, facts)
    reports = check_reports(home.fixtures / name, fixtures, operation, sources.rules)
    result.findings += reports.findings
    result.changes += reports.changes
    inputs = [fixture.rule_input for fixture in fixtures if fixture.rule_input is not None]
    _lint_rules(operation, inputs, facts, sources, result)
    result.coverage = measure_coverage(operation, fixtures)


def _start_engine(name: str, home: Home, sources: _Sources, result: LintResult) -> Operation | None:
    """Return the operation with its schemas compiled, or None; a schema without any other finding then gets one."""
    try:
        operation = load_operation(name, None, home)
        for make_reader in operation.readers.values():
            make_reader()
    except Exception as error:  # noqa: BLE001 - schema engines raise various exceptions
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        result.undecided.append(f"L309, L310, L4: the engine does not load the operation: {reason}")
        if not any(finding.kind.code < "L2" or finding.kind is rule_kinds.KEYWORD_WITHOUT_CODE for finding in result.findings):
            location = sources.json.at("") if sources.json is not None else locate_start(home.schemas / name)
            message = end_sentence(f"The engine does not load the operation: {reason[:200]}")
            result.findings.append(Finding(schema_kinds.SCHEMA_NOT_SUPPORTED, message, location))
        return None
    return operation


def _read_snapshot(home: Home, result: LintResult) -> Snapshot | None:
    """Return the reference data of the fixtures, or None if there is none. Raises SnapshotError and OSError."""
    path = home.fixtures / DIRECTORY
    if not path.is_file():
        result.undecided.append("L4 of rules that need reference data: there is no directory.json with the fixtures")
        return None
    return Snapshot.from_file(path)


def _lint_rules(operation: Operation, inputs: Sequence[RuleInput], facts: Facts, sources: _Sources, result: LintResult) -> None:
    """Run the rules on the fixtures and on sample requests, and check what they read and report."""
    valid: list[RuleInput] = []
    invalid: list[RuleInput] = []
    for one in inputs:
        (invalid if find_failures(operation.shape, one.tree, 1) else valid).append(one)
    if not valid:
        result.undecided.append("L309, L310, L315, L316: no fixture has a valid structure")
        return
    samples = sample_requests(operation.shape, valid)
    trace = trace_rules(operation, [*valid, *samples.valid], facts)
    result.findings += check_trace(operation, trace, sources.rules)
    result.findings += check_requested_keys(operation, [*valid, *samples.valid], facts, sources.rules)
    rules = {rule.name: rule for rule in reversed(operation.rules.rules)}  # of several of one name, the first
    unreachable = find_unreachable_rules(operation, [*invalid, *samples.invalid], facts, trace.fired)
    for name, failure in unreachable.items():
        related = (json_schema_tree.locate_keyword(sources.json, failure),) if sources.json is not None else ()
        message = f"The structure check rejects what breaks {name} first: {failure.code} {failure.message}"
        location = sources.rules.locate_rule(rules[name])
        result.findings.append(Finding(rule_kinds.RULE_NEVER_FIRES, message, location, related=related, identity=name))
