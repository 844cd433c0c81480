"""``lint``: check the schemas, rules, codes and fixtures of operations."""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

from validator.check.config import Config
from validator.check.json_report import serialize_finding
from validator.cli.options import Options, add_configuration, add_output, load_configuration, make_printer
from validator.errors import EXIT_FAILURES, EXIT_OK, UsageError
from validator.lint import catalogue
from validator.lint.common_schemas import lint_common_schemas
from validator.lint.coverage import coverage_to_dict, format_table
from validator.lint.linter import LintResult, lint
from validator.lint.source import display_path
from validator.operation.home import OPERATION_FILES, Home
from validator.output.finding import Case, Finding, Outcome
from validator.output.text import format_count

_DESCRIPTION: Final = """\
Check the schemas, rules, codes and fixtures of operations for consistency, each for itself and with one another.

SCHEMAS_FOLDER holds one folder for each operation, or is the folder of one operation; rules/ and fixtures/ are next to it.
Default: the schemas of the configured home, else ./schemas, else those of this package."""
_EPILOG: Final = "Exit status: 0 no findings, 1 findings, 2 usage error, 3 internal error."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.description, parser.epilog = _DESCRIPTION, _EPILOG
    parser.add_argument("folder", nargs="?", metavar="SCHEMAS_FOLDER")
    parser.add_argument(
        "--coverage", action="store_true", help="print how many codes, rules and schema members the fixtures cover"
    )
    add_configuration(parser)
    add_output(parser)


def run(options: Options) -> int:
    """Lint the operations, print the findings, and return the exit status. Raises UsageError and OSError."""
    home, names = _find_operations(options.folder, load_configuration(options))
    start = perf_counter()
    results = [lint(name, home) for name in names]
    common = list(lint_common_schemas(home)) if names == home.operations() else []
    findings = sorted([*common, *(finding for result in results for finding in result.findings)], key=_sort_key)
    printer = make_printer(options)
    printer.print_case(Case(display_path(home.schemas), "all", tuple(findings)))
    cases = list(_make_cases(findings, home, perf_counter() - start))
    outcome = Outcome(cases, catalogue.KINDS, (), list(_summarize(results, findings)))
    covered = [result.coverage for result in results if result.coverage] if options.coverage else []
    tables = [line for coverage in covered for line in (*format_table(coverage), "")]
    printer.finish(outcome, lambda: _format_json(findings, results, coverage=options.coverage), tables)
    return EXIT_FAILURES if findings else EXIT_OK


def _find_operations(folder: str | None, config: Config) -> tuple[Home, list[str]]:
    """Return the home and the names of the operations to lint. Raises UsageError."""
    if folder is None:
        home = _default_home(config)
        return home, _list_operations(home)
    path = Path(folder)
    if not path.is_dir():
        raise UsageError(f"{folder}: no such folder")
    if any((path / name).is_file() for name in OPERATION_FILES):
        path = path.resolve() if path.name in {"", os.pardir} else Path(os.path.normpath(path))
        return Home.of_schemas(path.parent), [path.resolve().name]
    home = Home.of_schemas(path)
    return home, _list_operations(home)


def _default_home(config: Config) -> Home:
    """Return the configured home, else that of ``./schemas``, else the shipped one."""
    if config.home is not None:
        return Home.at(config.relative_to_cwd(config.home))
    here = Home.of_schemas(Path("schemas"))
    return here if here.operations() else Home.at(None)


def _list_operations(home: Home) -> list[str]:
    names = home.operations()
    if not names:
        raise UsageError(f"{home.schemas}: no operation found; expected a folder with {OPERATION_FILES[0]} for each")
    return names


def _sort_key(finding: Finding) -> tuple[str, str, int, int, str, str]:
    # By family first: a problem in an artefact goes before its consequences for others.
    return finding.kind.code[:2], finding.location.file, *finding.location.region.start, finding.kind.code, finding.message


def _make_cases(findings: Sequence[Finding], home: Home, seconds: float) -> Iterator[Case]:
    """Yield a case for each kind of finding, with its findings. seconds: of the run, which the kinds share."""
    folder, share = display_path(home.schemas), seconds / len(catalogue.KINDS)
    for kind in catalogue.KINDS:
        of_kind = tuple(finding for finding in findings if finding.kind is kind)
        yield Case(folder, f"{kind.code} {kind.name}", of_kind, seconds=share)


def _summarize(results: Sequence[LintResult], findings: Sequence[Finding]) -> Iterator[str]:
    yield f"{format_count(len(results), 'operation')}: {format_count(len(findings), 'finding')}."
    for result in results:
        yield from (f"not decided in {result.operation}: {question}" for question in result.undecided)


def _format_json(findings: Sequence[Finding], results: Sequence[LintResult], *, coverage: bool) -> str:
    document = {
        "operations": [result.operation for result in results],
        "findings": [serialize_finding(finding) for finding in findings],
        "undecided": [{"operation": result.operation, "what": question} for result in results for question in result.undecided],
    }
    if coverage:
        document["coverage"] = [coverage_to_dict(result.coverage) for result in results if result.coverage]
    return json.dumps(document, ensure_ascii=True, indent=2)
