"""``lint``: check the schemas, rules, codes and fixtures of operations."""

import argparse
import json
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any, Final, NamedTuple

from validator.check.config import Config, Suppression
from validator.check.json_report import serialize_finding
from validator.cli.lint_targets import Target, find_targets
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
from validator.operation.home import Home
from validator.output.finding import Case, Finding, FindingKind, Outcome
from validator.output.printer import print_error
from validator.output.text import format_count

_DESCRIPTION: Final = """\
Check the schemas, rules, codes and fixtures of operations for consistency, each for itself and with one another; with
--against, also with those of a release.

FOLDER is a home, its folder of schemas, or the schemas of one operation; rules/ and fixtures/ are next to the schemas.
Default: --home, else the homes of the configuration and of those below the working directory, else ./schemas, else the
operations of this package."""
_EPILOG: Final = "Exit status: 0 no findings or compatible changes only, 1 findings, 2 usage error, 3 internal error."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.description, parser.epilog = _DESCRIPTION, _EPILOG
    parser.add_argument("folder", nargs="?", metavar="FOLDER")
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


class _Part(NamedTuple):
    """The outcome for the operations of one home.

    undecided: pairs of an operation, or the folder of schemas, and a check that was skipped.
    """

    target: Target
    results: Sequence[LintResult]
    findings: Findings
    undecided: Sequence[tuple[str, str]]

    @property
    def folder(self) -> str:
        """The folder of schemas."""
        return display_path(self.target.home.schemas)


class _Run(NamedTuple):
    """The outcome of a run. release: the one that was compared, or None."""

    parts: Sequence[_Part]
    release: str | None

    @property
    def reported(self) -> list[Finding]:
        """The findings of all homes, in the order of the output."""
        return [finding for part in self.parts for finding in sorted(part.findings.reported, key=_sort_key)]

    @property
    def suppressed(self) -> list[tuple[Finding, Suppression]]:
        """The findings that are not reported, each with its suppression."""
        return [pair for part in self.parts for pair in part.findings.suppressed]

    @property
    def results(self) -> list[LintResult]:
        """The results of all operations."""
        return [result for part in self.parts for result in part.results]

    def count_changes(self) -> dict[str, int]:
        """Return how many changes since the release are reported, by verdict; nothing if none was compared."""
        return {} if self.release is None else count_changes(self.reported)


def run(options: Options) -> int:
    """Lint the operations, print the findings, and return the exit status. Raises UsageError and OSError."""
    selection, config, printer = Selection.of(options.select, options.ignore), load_configuration(options), make_printer(options)
    targets = find_targets(options, config)
    _check_selection(selection, options.against)
    start = perf_counter()
    done = _Run([_lint_target(target, selection, options) for target in targets], options.against)
    for part in done.parts:
        printer.print_case(Case(part.folder, "all", tuple(sorted(part.findings.reported, key=_sort_key))))
    cases = list(_make_cases(done, perf_counter() - start))
    outcome = Outcome(cases, _list_kinds(options.against), (), list(_summarize(done)), done.count_changes())
    covered = [result.coverage for result in done.results if result.coverage] if options.coverage else []
    tables = [line for coverage in covered for line in (*format_table(coverage), "")]
    printer.finish(outcome, lambda: _format_json(done, coverage=options.coverage), tables)
    return EXIT_FAILURES if any(finding.level == "error" for finding in done.reported) else EXIT_OK


def _check_selection(selection: Selection, release: str | None) -> None:
    """Raise UsageError for a selection of which a run reports nothing."""
    if not any(selection.has(kind) for kind in _list_kinds(release)) and any(map(selection.has, REPORTED)):
        raise UsageError(f"--select: changes ({CHANGES}) are reported with --against only")


def _list_kinds(release: str | None) -> list[FindingKind]:
    """Return the kinds that a run can report. release: the one that it compares, or None."""
    return [kind for kind in REPORTED if release is not None or not kind.code.startswith(CHANGES)]


def _lint_target(target: Target, selection: Selection, options: Options) -> _Part:
    """Return the outcome for the operations of a home. Raises UsageError and OSError."""
    config, home, names = target
    results = [lint(name, home) for name in names]
    if options.fix and _fix(results, selection, config):
        results = [lint(name, home) for name in names]
    changes = [] if options.against is None else find_changes(options.against, home, names)
    skipped: list[str] = []
    findings = [*lint_common_schemas(home, skipped)] if target.is_whole else []
    findings += [finding for result in results for finding in result.findings]
    selected = select_findings([*findings, *changes], selection, config)
    undecided = [(display_path(home.schemas), line) for line in skipped]
    undecided += [(result.operation, line) for result in results for line in result.undecided]
    if target.is_whole:
        unknown = [*(line for _, line in undecided), *([] if options.against is not None else [CHANGES])]
        selected.reported.extend(find_unused(selected, selection, config, home, unknown))
    return _Part(target, results, selected, undecided)


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


def _sort_key(finding: Finding) -> tuple[str, str, int, int, str, str]:
    # By family first: a problem in an artefact goes before its consequences for others.
    return finding.kind.code[:2], finding.location.file, *finding.location.region.start, finding.kind.code, finding.message


def _make_cases(done: _Run, seconds: float) -> Iterator[Case]:
    """Yield a case for each home and kind of finding, with its findings. seconds: of the run, which the cases share."""
    kinds = _list_kinds(done.release)
    for part in done.parts:
        findings = sorted(part.findings.reported, key=_sort_key)
        for kind in kinds:
            of_kind = tuple(finding for finding in findings if finding.kind is kind)
            yield Case(part.folder, f"{kind.code} {kind.name}", of_kind, seconds=seconds / len(kinds) / len(done.parts))


def _summarize(done: _Run) -> Iterator[str]:
    findings = [finding for finding in done.reported if finding.level == "error"]
    more = f", {len(done.suppressed)} suppressed" if done.suppressed else ""
    operations = format_count(len(done.results), "operation")
    yield f"{operations} in {', '.join(map(_name_part, done.parts))}: {format_count(len(findings), 'finding')}{more}."
    if done.release is not None:
        counts = "{breaking} breaking, {compatible} compatible, {undecided} not decided".format_map(done.count_changes())
        yield f"changes since {done.release}: {counts}."
    yield from (f"not decided in {name}: {question}" for part in done.parts for name, question in part.undecided)


def _name_part(part: _Part) -> str:
    folder = "this package" if part.target.home == Home.at(None) else part.folder
    return f"{folder} ({', '.join(part.target.names)})"


def _format_json(done: _Run, *, coverage: bool) -> str:
    document: dict[str, Any] = {
        "homes": [{"schemas": part.folder, "operations": [*part.target.names]} for part in done.parts],
        "operations": [result.operation for result in done.results],
        "findings": [serialize_finding(finding) for finding in done.reported],
        "suppressed": [serialize_finding(finding) | {"reason": one.reason} for finding, one in done.suppressed],
        "undecided": [{"operation": name, "what": question} for part in done.parts for name, question in part.undecided],
    }
    if done.release is not None:
        document["against"] = {"release": done.release, **done.count_changes()}
    if coverage:
        document["coverage"] = [coverage_to_dict(result.coverage) for result in done.results if result.coverage]
    return json.dumps(document, ensure_ascii=True, indent=2)
