"""The command ``activity-validator``: its options. What is done with them is worked out elsewhere."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from validator._version import VERSION
from validator.check.checker import DEFAULT_OPERATION, Checker, CommandLineSettings
from validator.check.config import Config
from validator.check.config_file import find_config, read_config
from validator.check.runner import EXIT_INTERNAL, EXIT_UNREADABLE, run
from validator.cli import services
from validator.errors import UsageError
from validator.model.request import JSON, XML, Media
from validator.output.printer import Printer, print_error_line, print_lines
from validator.output.text import use_color, visible

NAME: Final = "activity-validator"
INTERRUPTED: Final = 130  # as shells tell SIGINT
_MEDIA: Final[dict[str, Media]] = {"json": JSON, "xml": XML}
_CHECK: Final = """\
Check bodies (.json, .xml) and whole requests (.http, .har).

A file below a folder named "reject" (or among the rejections of the configuration) must be refused, with the code that its
name begins with; a request with "# @expect CODE" with exactly these codes; every other one must be accepted. Anything else
is a finding."""
_CHECK_END: Final = "Exit status: 0 all as expected, 1 findings, 2 usage or unreadable input, 3 internal error."
_EXPLAIN: Final = """\
Explain CODE (or its name), of the API or of the linter: the law, the reason, the source, how to mend it, a request that
breaks it and one that nearly does. Without CODE, list all codes."""
_LINT: Final = """\
Check schemas, rules, codes and fixtures of operations, one by one and against each other.

SCHEMAS_FOLDER holds a folder an operation, or is one; rules/ and fixtures/ stand beside it. Default: the schemas of the
configuration's home, else ./schemas, else those that are shipped."""
_LINT_END: Final = "Exit status: 0 clean, 1 findings, 2 usage, 3 internal error."

Options = argparse.Namespace


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; each command's function is its option ``run``."""
    whole = _parser(argparse.ArgumentParser, prog=NAME, description="Tell whether requests to an API operation are right.")
    whole.add_argument("--version", action="version", version=f"{NAME}, version {VERSION}")
    commands = whole.add_subparsers(prog=NAME, title="commands", required=True, metavar="COMMAND")
    _check(_parser(commands.add_parser, "check", help="judge payloads and requests", description=_CHECK, epilog=_CHECK_END))
    _explain(_parser(commands.add_parser, "explain", help="say what a code means", description=_EXPLAIN))
    _lint(_parser(commands.add_parser, "lint", help="hold artefacts together", description=_LINT, epilog=_LINT_END))
    _services(commands.add_parser)
    return whole


def _services(add: Callable[..., argparse.ArgumentParser]) -> None:
    serve = _parser(add, "serve", help="judge requests for gateways, over HTTP", description=services.SERVE)
    openapi = _parser(add, "openapi", help="describe operations in OpenAPI 3.1", description=services.OPENAPI)
    directory = _parser(add, "directory", help="keep reference data in a database", description=services.DIRECTORY)
    _configuration(serve)
    _configuration(openapi)
    services.add_serve(serve, _config)
    services.add_openapi(openapi, _config)
    services.add_directory(directory, _parser)


def _parser(make: Callable[..., argparse.ArgumentParser], *arguments: str, **words: str) -> argparse.ArgumentParser:
    # Abbreviated options would change their meaning with every new one.
    return make(*arguments, **words, allow_abbrev=False, formatter_class=_formatter)


def _formatter(prog: str) -> argparse.HelpFormatter:
    # With a width of its own, it does not have to ask the terminal for one before any help is wanted.
    return argparse.RawDescriptionHelpFormatter(prog, width=120)


def _check(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("paths", nargs="*", metavar="PATH", help="a file, a folder, or - for standard input; default: the configured payloads")
    _whose(command)
    add("--directory", metavar="FILE", help="reference data (JSON); without it the rules that need it are skipped")
    add(
        "--caller",
        metavar="ID",
        help="who sends the requests that do not say: a customer's ID, other:KIND, or nobody; default: the directory's first"
        " customer, else 1",
    )
    add("--activity", metavar="ID", help="the activity that bare bodies answer; default: the directory's first, else 1")
    add("--media", choices=_MEDIA, help="what standard input holds; default: XML if it begins with <")
    add("--engine", choices=["fast", "reference"], help="who judges; default: fast where its packages are installed")
    _configuration(command)
    add("--explain-config", action="store_true", help="say what applies to each PATH, and check nothing")
    add("--fail-fast", action="store_true", help="stop after the first file with a finding")
    add("--max-failures", type=services.positive, metavar="N", help="stop after the file with the Nth finding")
    _telling(command)
    command.set_defaults(run=check)


def _explain(command: argparse.ArgumentParser) -> None:
    command.add_argument("code", nargs="?", metavar="CODE")
    _whose(command)
    _configuration(command)
    command.set_defaults(run=explain)


def _lint(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", nargs="?", metavar="SCHEMAS_FOLDER")
    command.add_argument("--coverage", action="store_true", help="tell how much of codes, rules and schema the fixtures try")
    _configuration(command)
    _telling(command)
    command.set_defaults(run=lint)


def _whose(command: argparse.ArgumentParser) -> None:
    command.add_argument("--operation", metavar="NAME", help=f"what the requests are for; default: {DEFAULT_OPERATION}")
    command.add_argument("--home", metavar="FOLDER", help="folder with schemas/, rules/ and fixtures/ of operations of your own")


def _configuration(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", metavar="FILE", help="the configuration; default: the nearest, from here upwards")
    command.add_argument("--isolated", action="store_true", help="use no configuration")


def _telling(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--format", default="text", choices=["text", "json", "github", "sarif", "junit"], help="how findings are told")
    add("--output", metavar="FILE", help="write the format to FILE; the terminal shows the text")
    add(
        "--show-source",
        action=argparse.BooleanOptionalAction,
        help="show the line with the fault underlined, and how to mend it; default: on a terminal",
    )
    add("--color", default="auto", choices=["auto", "always", "never"], help="default: NO_COLOR, FORCE_COLOR, then the terminal")
    add("-q", "--quiet", action="store_true", help="print findings only: no summary, no advisories")


def _config(options: Options) -> Config:
    if options.isolated:
        return Config(None, Path.cwd())
    return read_config(Path(options.config)) if options.config else find_config(Path.cwd())


def _printer(options: Options) -> Printer:
    terminal = sys.stdout.isatty()
    show_source = terminal if options.show_source is None else options.show_source
    return Printer(options.format, options.output, show_source, use_color(options.color, os.environ, terminal), options.quiet)


def check(options: Options) -> int:
    """Judge files and return the exit status. Raises SetupError and OSError."""
    config = _config(options)
    media = _MEDIA.get(options.media)
    named = (options.operation, options.home, options.directory, options.caller, options.activity)
    checker = Checker(config, CommandLineSettings(*named, media, options.engine))
    paths = options.paths or config.list_payload_folders()
    if not paths:
        raise UsageError("a PATH is needed: no configuration says where payloads are")
    if options.explain_config:
        from validator.check import explain_config  # noqa: PLC0415 - only this option needs it

        print_lines(
            visible(line)
            for file in explain_config.find_explained_files(checker, paths)
            for line in explain_config.explain_file(checker, file)
        )
        return 0
    limit = 1 if options.fail_fast else options.max_failures
    return run(checker, paths, _printer(options), limit, configured=not options.paths)


def explain(options: Options) -> int:
    """Explain a code and return the exit status. Raises SetupError and OSError."""
    from validator.cli import explain  # noqa: PLC0415 - the other commands do not need it

    print_lines(
        explain.explain_lines(Checker(_config(options), CommandLineSettings(options.operation, options.home)), options.code)
    )
    return 0


def lint(options: Options) -> int:
    """Lint artefacts and return the exit status. Raises SetupError and OSError."""
    from validator.cli import lint  # noqa: PLC0415 - the same

    return lint.run(options.folder, _config(options), _printer(options), coverage=options.coverage)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command. What cannot be done is one line and exit status 2, a fault of ours one line and 3."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = parser().parse_args(arguments)
    try:
        status = options.run(options)
    except UsageError as error:
        _say(f"error: {error}")
        status = EXIT_UNREADABLE
    except KeyboardInterrupt:
        status = INTERRUPTED
    except (Exception, SystemExit) as error:  # noqa: BLE001 - no stack trace reaches a user
        _say(f"internal error: {type(error).__name__}: {str(error)[:200]}")
        status = EXIT_INTERNAL
    sys.exit(status)


def _open_streams() -> None:
    """Put the null device in the place of standard streams that were closed: the run goes on, and ends as it would."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - as long as the process


def _say(words: str) -> None:
    print_error_line(f"{NAME}: {visible(words)}")
