"""The command ``activity-validator``: its list of commands, and the process around them."""

import argparse
import io
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final, NoReturn

from validator._version import VERSION
from validator.cli.parser import CommandParser
from validator.errors import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, UsageError, suggest
from validator.files import describe_os_error
from validator.output.printer import PROGRAM, print_error

# The modules of this package that are commands, with their lines in --help. A module has configure(parser) and run(options).
COMMANDS: Final[Mapping[str, str]] = {
    "check": "check request bodies and whole requests",
    "lint": "check schemas, rules, codes and fixtures for consistency",
    "new": "create an operation of your own: schemas, a rule, a code and fixtures",
    "explain": "explain a code: its rule, reason, source, fix and examples",
    "serve": "check requests for gateways, over HTTP",
    "openapi": "print the OpenAPI 3.1 description of operations",
    "directory": "store reference data in a database",
    "audit": "check all requests of archives, and report on them",
    "conformance": "test an implementation in another language with the fixtures",
}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit. An error is one line on standard error; the status is 2, or 3 for an internal error."""
    _open_streams()
    try:
        status = _run(sys.argv[1:] if arguments is None else arguments)
    except UsageError as error:
        print_error(str(error))
        status = EXIT_USAGE
    except KeyboardInterrupt:
        status = EXIT_INTERRUPTED
    except OSError as error:  # a folder that cannot be searched, a disk that fails: nothing that the program can fix
        print_error(f"{error.filename or 'the working directory'}: {describe_os_error(error)}")
        status = EXIT_USAGE
    except (Exception, SystemExit) as error:  # noqa: BLE001 - no stack trace reaches a user
        print_error(f"{type(error).__name__}: {str(error)[:200]}", "internal error")
        status = EXIT_INTERNAL
    sys.exit(status)


def _run(arguments: Sequence[str]) -> int:
    """Return the exit status of a command line. Raises UsageError, and whatever the command raises."""
    parser = make_parser(arguments)
    try:
        options = parser.parse_args(arguments)
    except SystemExit:  # after --help or --version
        return EXIT_OK
    status: int = options.run(options)
    return status


def make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of a command line, with the options of its command. Raises UsageError for an unknown command.

    The modules of other commands are not imported.
    """
    parser = CommandParser(prog=PROGRAM, description="Check requests to an API operation, and report what is wrong.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM}, version {VERSION}")
    commands = parser.add_subparsers(prog=PROGRAM, title="commands", required=True, metavar="COMMAND")
    named = next((text for text in arguments if not text.startswith("-")), None)
    if named is not None and named not in COMMANDS:
        raise UsageError(f"unknown command {named!r}{suggest(named, COMMANDS)}")
    # Only options before the command, such as --help, list the others: each parser takes a fifth of a millisecond.
    for name in [named] if named is not None and arguments[0] == named else COMMANDS:
        command = commands.add_parser(name, help=COMMANDS[name])
        if name == named:
            module = import_module(f"{__package__}.{name}")
            module.configure(command)
            command.set_defaults(run=module.run)
    return parser


def _open_streams() -> None:
    """Open the null device in place of standard streams that are closed, and let the output escape what it cannot encode."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - open as long as the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
