"""``lint``: the artefacts of operations, told and summed up."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from validator.check.config import Config
from validator.check.json_report import serialize_finding
from validator.errors import UsageError
from validator.lint import catalogue
from validator.lint.coverage import coverage_to_dict, format_table
from validator.lint.linter import LintResult, lint, lint_common_schemas
from validator.lint.source import display_path
from validator.operation.home import OPERATION_FILES, Home
from validator.output.finding import Case, Finding, Outcome
from validator.output.printer import Printer, format_count

_CLEAN: Final = 0
_FINDINGS: Final = 1


def run(folder: str | None, config: Config, printer: Printer, *, coverage: bool) -> int:
    """Lint and print; return the exit status: 0 or 1. coverage: tell that too.

    folder: of schemas, or of one operation in it; None: that of the configuration's home, else ``schemas`` here, else the
    shipped one. Raises config.SetupError and OSError.
    """
    home, names = _wanted(folder, config)
    linted = [lint(name, home) for name in names]
    common = list(lint_common_schemas(home)) if names == home.operations() else []
    findings = sorted([*common, *(one for each in linted for one in each.findings)], key=_place)
    printer.print_case(Case(display_path(home.schemas), "all", tuple(findings)))
    outcome = Outcome(list(_cases(findings, home)), catalogue.KINDS, (), list(_summary(linted, findings)))
    tables = [line for each in linted if each.coverage for line in (*format_table(each.coverage), "")] if coverage else []
    printer.finish(outcome, lambda: _as_json(findings, linted, coverage=coverage), tables)
    return _FINDINGS if findings else _CLEAN


def _wanted(folder: str | None, config: Config) -> tuple[Home, list[str]]:
    """Return the home and the names of the operations that are asked for."""
    if folder is None:
        if config.home is not None:
            home = Home.at(config.relative_to_cwd(config.home))
        else:
            home = Home.of_schemas(Path("schemas")) if Home.of_schemas(Path("schemas")).operations() else Home.at(None)
        return home, _some(home)
    place = Path(folder)
    if not place.is_dir():
        raise UsageError(f"{folder}: there is no such folder")
    if any((place / name).is_file() for name in OPERATION_FILES):
        place = place.resolve() if place.name in {"", os.pardir} else Path(os.path.normpath(place))
        return Home.of_schemas(place.parent), [place.resolve().name]
    home = Home.of_schemas(place)
    return home, _some(home)


def _some(home: Home) -> list[str]:
    names = home.operations()
    if not names:
        raise UsageError(f"{home.schemas}: there is no operation in it: no folder with {OPERATION_FILES[0]}")
    return names


def _place(finding: Finding) -> tuple[str, str, int, int, str, str]:
    # By family first: what is wrong with an artefact goes before what that does to others.
    return finding.kind.code[:2], finding.location.file, *finding.location.region.start, finding.kind.code, finding.message


def _cases(findings: Sequence[Finding], home: Home) -> Iterator[Case]:
    """Yield a case for each kind: what was found of it, or that nothing was."""
    for kind in catalogue.KINDS:
        yield Case(display_path(home.schemas), f"{kind.code} {kind.name}", tuple(one for one in findings if one.kind is kind))


def _summary(linted: Sequence[LintResult], findings: Sequence[Finding]) -> Iterator[str]:
    yield f"{format_count(len(linted), 'operation')}: {format_count(len(findings), 'finding')}."
    for each in linted:
        yield from (f"not decided in {each.operation}: {words}" for words in each.undecided)


def _as_json(findings: Sequence[Finding], linted: Sequence[LintResult], *, coverage: bool) -> str:
    document = {
        "operations": [each.operation for each in linted],
        "findings": [serialize_finding(one) for one in findings],
        "undecided": [{"operation": each.operation, "what": words} for each in linted for words in each.undecided],
    }
    told = {"coverage": [coverage_to_dict(each.coverage) for each in linted if each.coverage]} if coverage else {}
    return json.dumps(document | told, ensure_ascii=True, indent=2)
