"""``check``: check files that hold requests."""

import argparse
from typing import Final

from validator.check import runner
from validator.check.checker import Checker, CommandLineSettings
from validator.check.config_file import NearestConfig
from validator.cli.options import (
    Options,
    add_configuration,
    add_operation,
    add_output,
    load_configuration,
    make_printer,
    positive_int,
)
from validator.errors import EXIT_OK, UsageError
from validator.model.request import JSON, XML, Media
from validator.output.printer import print_lines
from validator.output.text import escape_line

_MEDIA: Final[dict[str, Media]] = {"json": JSON, "xml": XML}
_DESCRIPTION: Final = """\
Check request bodies (.json, .xml) and whole requests (.http, .rest, .har).

Each request must be accepted, except: a file below a folder named "reject", or among the rejections of the configuration,
must be refused with the code that its name begins with; a request with "# @expect CODE" must be refused with exactly these
codes. Any other outcome fails the request."""
_EPILOG: Final = (
    "Exit status: 0 no failures, 1 failures or unused suppressions, 2 usage error or unreadable file, 3 internal error."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.description, parser.epilog = _DESCRIPTION, _EPILOG
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="file, folder, or - for standard input; default: the configured payloads")
    add_operation(parser)
    add("--directory", metavar="FILE", help="reference data (JSON); without it, the rules that need it are skipped")
    add(
        "--caller",
        metavar="ID",
        help="caller of requests that name none: a customer's ID, other:KIND, or nobody; default: the directory's first customer,"
        " else 1",
    )
    add(
        "--activity",
        metavar="ID",
        help="activity that bodies without a request line belong to; default: the directory's first, else 1",
    )
    add("--environment", metavar="NAME", help="environment of variables in .http files; default: the only one of their files")
    add("--media", choices=_MEDIA, help="format of standard input; default: XML if it begins with <, else JSON")
    add("--engine", choices=["fast", "reference"], help="validation engine; default: fast if its packages are installed")
    add_configuration(parser)
    add("--configured-only", action="store_true", help="skip named files outside the configured payloads")
    add("--explain-config", action="store_true", help="print the settings that apply to each PATH, and check nothing")
    add("--fail-fast", action="store_true", help="stop after the first file with a failure")
    add("--max-failures", type=positive_int, metavar="N", help="stop after N failures, at the end of the file")
    add_output(parser)


def run(options: Options) -> int:
    """Check the files, print the findings, and return the exit status. Raises UsageError and OSError."""
    config = load_configuration(options)
    named = (options.operation, options.home, options.directory, options.caller, options.activity, options.environment)
    find_config = None if options.isolated or options.config is not None else NearestConfig(config).find
    checker = Checker(config, CommandLineSettings(*named, _MEDIA.get(options.media), options.engine), find_config)
    paths = options.paths or config.list_payload_folders()
    if not paths:
        raise UsageError("a PATH is required: no configuration names the payloads")
    if options.explain_config:
        return _explain_config(checker, paths)
    max_failures = 1 if options.fail_fast else options.max_failures
    run_options = runner.RunOptions(max_failures, options.configured_only, needs_payload=not options.paths)
    return runner.run(checker, paths, make_printer(options), run_options)


def _explain_config(checker: Checker, paths: list[str]) -> int:
    from validator.check.explain_config import explain_file, find_explained_files  # noqa: PLC0415 - only one option needs it

    print_lines(escape_line(line) for file in find_explained_files(checker, paths) for line in explain_file(checker, file))
    return EXIT_OK
