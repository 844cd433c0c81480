"""``conformance``: the fixtures of an operation as a suite that tests an implementation in any language."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from validator.cli.options import Options, add_configuration, add_home, add_operation, resolve_operations, seconds
from validator.conformance.answer import answer_lines
from validator.conformance.comparison import Difference, compare
from validator.conformance.suite import Suite, format_lines, make_suite, read_suite
from validator.errors import EXIT_FAILURES, EXIT_OK, UsageError
from validator.files import describe_os_error, read_file
from validator.output.printer import print_lines, save_lines
from validator.output.text import escape_line, format_count

_DESCRIPTION: Final = """\
Test an implementation of an operation in any language: it reads requests from its standard input, one JSON object a line, and
writes their reports and answers to its standard output. The first line that it reads is a header with the reference data."""
_EPILOG: Final = """\
Exit status: 0 all is as expected or a known failure, 1 differences, or known failures that do not differ, 2 usage error, or a
command that cannot be started, ends too early, answers too late or with other lines than expected, 3 internal error."""
_TIMEOUT: Final = 10.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions."""
    parser.description = _DESCRIPTION
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    export = actions.add_parser("export", help="write the fixtures with their reports and answers, as JSON Lines")
    export.set_defaults(action=export_suite)
    export.add_argument("--output", metavar="FILE", help="file to write; default: standard output")
    run = actions.add_parser("run", help="ask a command for reports and answers, and show where they differ")
    run.set_defaults(action=run_suite)
    run.epilog = _EPILOG
    run.add_argument("--suite", metavar="FILE", help="exported suite; default: that of the operation")
    run.add_argument("--known-failures", metavar="FILE", help="IDs of cases that may differ, one a line; # begins a comment")
    run.add_argument("--write-known-failures", metavar="FILE", help="write such a file with all cases that differ")
    run.add_argument("--timeout", type=seconds, default=_TIMEOUT, metavar="SECONDS", help="for each answer; default: 10")
    run.add_argument("command", nargs="+", metavar="COMMAND", help="the implementation and its arguments, after --")
    answer = actions.add_parser("answer", help="be an implementation: write the reports and answers of this package")
    answer.set_defaults(action=answer_suite)
    answer.add_argument("--engine", choices=["fast", "reference"], help="default: fast where it is installed")
    add_home(answer)
    for action in (export, run):
        add_configuration(action)
        add_operation(action)


def run(options: Options) -> int:
    """Run the action and return the exit status: 1 if there are differences. Raises UsageError."""
    status: int = options.action(options)
    return status


def export_suite(options: Options) -> int:
    """Write the suite of an operation."""
    lines = format_lines(_make_suite(options))
    if options.output is None:
        print_lines(lines)
    else:
        save_lines(options.output, lines)
    return EXIT_OK


def run_suite(options: Options) -> int:
    """Compare the reports and answers of a command with those of a suite."""
    if options.suite is not None and (options.operation or options.home) is not None:
        raise UsageError("--suite: the file names the operation, so --operation and --home are not allowed with it")
    if options.write_known_failures is not None and options.known_failures is not None:
        raise UsageError(
            "--write-known-failures: the file lists all cases that differ, so --known-failures is not allowed with it"
        )
    suite = _make_suite(options) if options.suite is None else read_suite(options.suite)
    known = _read_known_failures(options.known_failures)
    differences = compare(suite, options.command, options.timeout)
    different = {difference.case.id: None for difference in differences}
    if options.write_known_failures is not None:
        save_lines(options.write_known_failures, different)
        return EXIT_OK
    unused = [one for one in known if one not in different]
    unknown = [difference for difference in differences if difference.case.id not in known]
    print_lines([*_list_differences(unknown), *(f"{options.known_failures}: {one} does not differ" for one in unused)])
    counts = f"{len(suite.cases) - len(differences)} as expected, {len(unknown)} different"
    more = f", {format_count(len(differences) - len(unknown), 'known failure')}" if known else ""
    print_lines([f"{format_count(len(suite.cases), 'case')}: {counts}{more}"])
    return EXIT_FAILURES if unknown or unused else EXIT_OK


def answer_suite(options: Options) -> int:
    """Answer the lines of standard input."""
    for line in answer_lines(sys.stdin, options.home, options.engine):
        print_lines([line])
    return EXIT_OK


def _make_suite(options: Options) -> Suite:
    (name, *_), settings = resolve_operations(argparse.Namespace(**vars(options) | {"operation": _list(options.operation)}))
    return make_suite(name, settings.home)


def _list(operation: str | None) -> list[str]:
    return [] if operation is None else [operation]


def _read_known_failures(file: str | None) -> Sequence[str]:
    if file is None:
        return ()
    try:
        text = read_file(file).decode()
    except OSError as error:
        raise UsageError(f"{file}: {describe_os_error(error)}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: not UTF-8") from None
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _list_differences(differences: Sequence[Difference]) -> Iterator[str]:
    for codes, group in groupby(sorted(differences, key=lambda one: one.codes), lambda one: one.codes):
        members = list(group)
        yield escape_line(f"{codes}: {format_count(len(members), 'difference')}")
        for one in members:
            yield escape_line(f"  {one.case.id}: {one.pointer}: expected {one.expected}, got {one.actual}")
