"""``lint``: check the schemas, rules, codes and fixtures of operations."""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final, NamedTuple

from validator.check.config import Config
from validator.check.json_report import serialize_finding
from validator.cli.options import Options, add_configuration, add_home, add_output, load_configuration, make_printer
from validator.errors import EXIT_FAILURES, EXIT_OK, UsageError, set_interrupt
from validator.lint.changes.change import CHANGES, count_changes
from validator.lint.changes.comparison import find_changes
from validator.lint.common_schemas import lint_common_schemas
from validator.lint.coverage import coverage_to_dict, format_table
from validator.lint.fixes import apply_changes
from validator.lint.linter import LintResult, lint
from validator.lint.selection import REPORTED, Findings, Selection, find_suppression, find_unused, select_findings
from validator.lint.source import display_path
from validator.operation.home import OPERATION_FILES, Home
from validator.output.finding import Case, Finding, FindingKind, Outcome
from validator.output.printer import print_error
from validator.output.text import format_count

_DESCRIPTION: Final = """\
Check the schemas, rules, codes and fixtures of operations for consistency, each for itself and with one another; with
--against, also with those of a release.

SCHEMAS_FOLDER holds one folder for each operation, or is the folder of one operation; rules/ and fixtures/ are next to it.
Default: the schemas of --home, else of the configured home, else ./schemas, else those of this package."""
_EPILOG: Final = "Exit status: 0 no findings or compatible changes only, 1 findings, 2 usage error, 3 internal error."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.description, parser.epilog = _DESCRIPTION, _EPILOG
    parser.add_argument("folder", nargs="?", metavar="SCHEMAS_FOLDER")
    add_home(parser, "see above")
    parser.add_argument(
        "--coverage", action="store_true", help="print how many codes, rules and schema members the fixtures cover"
    )
    parser.add_argument("--select", action="append", metavar="CODES", help="report only these kinds: L204, or L2 for all of L2")
    parser.add_argument(
        "--ignore", action="append", metavar="CODES", help="do not report these kinds; a longer code takes precedence"
    )
    parser.add_argument(
        "--against",
        metavar="REV|FOLDER",
        help="also report what changed since a release: a git revision, or a folder with its home",
    )
    parser.add_argument("--fix", action="store_true", help="write codes.json, reports and sorted tables as they must be")
    add_configuration(parser)
    add_output(parser)


class _Changes(NamedTuple):
    """The changes since a release."""

    release: str
    findings: Sequence[Finding]


class _Run(NamedTuple):
    """The outcome of a run.

    undecided: pairs of an operation, or the folder of schemas, and a check that was skipped. release: the one that was
    compared, or None.
    """

    home: Home
    results: Sequence[LintResult]
    findings: Findings
    undecided: Sequence[tuple[str, str]]
    release: str | None

    def count_changes(self) -> dict[str, int]:
        """Return how many changes since the release are reported, by verdict; nothing if none was compared."""
        return {} if self.release is None else count_changes(self.findings.reported)


def run(options: Options) -> int:
    """Lint the operations, print the findings, and return the exit status. Raises UsageError and OSError."""
    selection, config, printer = Selection.of(options.select, options.ignore), load_configuration(options), make_printer(options)
    home, names = _find_operations(options.folder, options.home, config)
    _check_selection(selection, options.against)
    start = perf_counter()
    results = [lint(name, home) for name in names]
    if options.fix and _fix(results, selection, config):
        results = [lint(name, home) for name in names]
    changes = None if options.against is None else _Changes(options.against, find_changes(options.against, home, names))
    done = _collect(home, results, changes, selection, config)
    findings = sorted(done.findings.reported, key=_sort_key)
    printer.print_case(Case(display_path(home.schemas), "all", tuple(findings)))
    cases = list(_make_cases(findings, done, perf_counter() - start))
    outcome = Outcome(cases, _list_kinds(options.against), (), list(_summarize(done)), done.count_changes())
    covered = [result.coverage for result in results if result.coverage] if options.coverage else []
    tables = [line for coverage in covered for line in (*format_table(coverage), "")]
    printer.finish(outcome, lambda: _format_json(findings, done, coverage=options.coverage), tables)
    return EXIT_FAILURES if any(finding.level == "error" for finding in findings) else EXIT_OK


def _check_selection(selection: Selection, release: str | None) -> None:
    """Raise UsageError for a selection of which a run reports nothing."""
    if not any(selection.has(kind) for kind in _list_kinds(release)) and any(map(selection.has, REPORTED)):
        raise UsageError(f"--select: changes ({CHANGES}) are reported with --against only")


def _list_kinds(release: str | None) -> list[FindingKind]:
    """Return the kinds that a run can report. release: the one that it compares, or None."""
    return [kind for kind in REPORTED if release is not None or not kind.code.startswith(CHANGES)]


def _collect(home: Home, results: Sequence[LintResult], changes: _Changes | None, selection: Selection, config: Config) -> _Run:
    """Return the findings of operations, and of the common schemas and suppressions if these are all operations."""
    is_whole = [result.operation for result in results] == home.operations()
    skipped: list[str] = []
    findings = [*lint_common_schemas(home, skipped)] if is_whole else []
    findings += [finding for result in results for finding in result.findings]
    selected = select_findings([*findings, *(changes.findings if changes is not None else ())], selection, config)
    undecided = [(display_path(home.schemas), line) for line in skipped]
    undecided += [(result.operation, line) for result in results for line in result.undecided]
    if is_whole:
        unknown = [*(line for _, line in undecided), *([] if changes is not None else [CHANGES])]
        selected.reported.extend(find_unused(selected, selection, config, home, unknown))
    return _Run(home, results, selected, undecided, None if changes is None else changes.release)


def _fix(results: Sequence[LintResult], selection: Selection, config: Config) -> bool:
    """Make the changes that resolve findings, print each, and return whether there was one. Raises UsageError."""
    changes = [
        change
        for result in results
        for change in result.changes
        if selection.has(change.kind) and find_suppression(change.kind.code, display_path(change.path), config) is None
    ]
    set_interrupt()
    made = list(apply_changes(changes))
    for change in made:
        print_error(f"{display_path(change.path)} ({change.kind.code} {change.kind.name})", "fixed")
    return bool(made)


def _find_operations(folder: str | None, named_home: str | None, config: Config) -> tuple[Home, list[str]]:
    """Return the home and the names of the operations to lint. Raises UsageError."""
    if folder is not None and named_home is not None:
        raise UsageError(f"--home {named_home} and the folder {folder} exclude each other")
    if folder is None:
        home = Home.at(named_home) if named_home is not None else _default_home(config)
        return home, _list_operations(home)
    path = Path(folder)
    if not path.is_dir():
        raise UsageError(f"{folder}: no such folder")
    path = path.resolve() if path.name in {"", os.pardir} else Path(os.path.normpath(path))
    if any((path / name).is_file() for name in OPERATION_FILES):
        return Home.of_schemas(path.parent), [path.resolve().name]
    home = Home.of_schemas(path)
    return home, _list_operations(home)


def _default_home(config: Config) -> Home:
    """Return the configured home, else that of ``./schemas``, else the shipped one. Raises UsageError.

    Inside a folder of schemas, or of an operation, it is that one.
    """
    homes = config.list_homes()
    if len(homes) > 1:
        raise UsageError(f"{config.name} names several homes ({', '.join(homes)}); choose one with --home")
    if homes:
        return Home.at(homes[0])
    here = Path.cwd()
    for schemas in (here, here.parent):
        if schemas.name == "schemas" and Home.of_schemas(schemas).operations():
            return Home.of_schemas(schemas)
    return Home.of_schemas(Path("schemas")) if Path("schemas").exists() else Home.at(None)


def _list_operations(home: Home) -> list[str]:
    try:
        return home.require_operations()
    except ValueError as error:
        raise UsageError(str(error)) from None


def _sort_key(finding: Finding) -> tuple[str, str, int, int, str, str]:
    # By family first: a problem in an artefact goes before its consequences for others.
    return finding.kind.code[:2], finding.location.file, *finding.location.region.start, finding.kind.code, finding.message


def _make_cases(findings: Sequence[Finding], done: _Run, seconds: float) -> Iterator[Case]:
    """Yield a case for each kind of finding, with its findings. seconds: of the run, which the kinds share."""
    folder, kinds = display_path(done.home.schemas), _list_kinds(done.release)
    for kind in kinds:
        of_kind = tuple(finding for finding in findings if finding.kind is kind)
        yield Case(folder, f"{kind.code} {kind.name}", of_kind, seconds=seconds / len(kinds))


def _summarize(done: _Run) -> Iterator[str]:
    findings = [finding for finding in done.findings.reported if finding.level == "error"]
    more = f", {len(done.findings.suppressed)} suppressed" if done.findings.suppressed else ""
    package = " of this package" if done.home == Home.at(None) else ""
    yield f"{format_count(len(done.results), 'operation')}{package}: {format_count(len(findings), 'finding')}{more}."
    if done.release is not None:
        counts = "{breaking} breaking, {compatible} compatible, {undecided} not decided".format_map(done.count_changes())
        yield f"changes since {done.release}: {counts}."
    yield from (f"not decided in {name}: {question}" for name, question in done.undecided)


def _format_json(findings: Sequence[Finding], done: _Run, *, coverage: bool) -> str:
    document: dict[str, Any] = {
        "operations": [result.operation for result in done.results],
        "findings": [serialize_finding(finding) for finding in findings],
        "suppressed": [serialize_finding(finding) | {"reason": one.reason} for finding, one in done.findings.suppressed],
        "undecided": [{"operation": name, "what": question} for name, question in done.undecided],
    }
    if done.release is not None:
        document["against"] = {"release": done.release, **done.count_changes()}
    if coverage:
        document["coverage"] = [coverage_to_dict(result.coverage) for result in done.results if result.coverage]
    return json.dumps(document, ensure_ascii=True, indent=2)
