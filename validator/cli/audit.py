"""``audit``: validate all requests of archives."""

import argparse
import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Final

from validator.cli.options import Options, add_configuration, add_operation, positive_int
from validator.errors import missing_extra

_DESCRIPTION: Final = """\
Validate all requests of archives (extra: activity-validator[audit]).

ARCHIVE is a Parquet file, JSON Lines (.jsonl, also .gz and .zst), a recording (.har, .http), a folder of these, or the output of
an audit. With --output, a run that is interrupted continues where it stopped when it is started again."""
_EPILOG: Final = """\
Exit status: 0 all requests are accepted, 1 some are refused, 2 usage error or input that cannot be read, 3 internal error."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.description, parser.epilog = _DESCRIPTION, _EPILOG
    add = parser.add_argument
    add("archives", nargs="+", metavar="ARCHIVE")
    add_operation(parser)
    add_configuration(parser)
    add(
        "--directory",
        action="append",
        metavar="[DATE=]FILE",
        help="reference data; with a date, valid from then on: repeat the option for several, each request has that of its time",
    )
    add("--time", metavar="NAME", help="column with the time of a request; UTC without an offset")
    add(
        "--column",
        action="append",
        default=[],
        metavar="PART=NAME",
        help="column of a part of requests: ids, query, headers, body or caller; by default named like the part; PART= for none",
    )
    add("--keep", action="append", default=[], metavar="NAME", help="other column that the output has too; repeat it for several")
    add("--caller", metavar="ID", help="caller of recorded requests that name none, as in check")
    _add_results(add)


def _add_results(add: Callable[..., object]) -> None:
    """Add the options of results."""
    add("--jobs", type=positive_int, default=os.cpu_count() or 1, metavar="N", help="processes; default: one for each processor")
    add("--output", metavar="FILE", help="write the verdicts to a Parquet file")
    add("--report", metavar="FILE", help="write a report for people: one HTML file")
    add("--no-examples", action="store_true", help="leave out the examples, which quote clients, from the report")
    add(
        "--against",
        metavar="OUTPUT|RELEASE",
        help="compare with another output, or with the verdicts of a release: a folder or git revision; its rules are run",
    )
    add("--changes", metavar="FILE", help="write each request whose verdict has changed as a line of JSON")


def run(options: Options) -> int:
    """Validate the archives, write what is requested, print a summary, and return the exit status. Raises UsageError."""
    if find_spec("pyarrow") is None:
        raise missing_extra("audit", "audit")
    if options.report is not None and find_spec("matplotlib") is None:
        raise missing_extra("audit --report", "audit")
    # Imported when used: pyarrow takes longer to import than the rest of the command.
    from validator.cli.audit_run import run_command  # noqa: PLC0415

    return run_command(options)
