"""``openapi``: print the OpenAPI description of operations."""

import argparse
import json
from typing import Final

from validator.cli.options import (
    Options,
    add_caller_header,
    add_configuration,
    add_operations,
    resolve_operations,
)
from validator.engine import load
from validator.errors import EXIT_OK, UsageError
from validator.openapi import SidecarInterface, describe_operations
from validator.output.printer import print_lines

_DESCRIPTION: Final = "Print the OpenAPI 3.1 description of operations: parameters, bodies, statuses, and every code."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.description = _DESCRIPTION
    add_configuration(parser)
    add_operations(parser)
    parser.add_argument("--sidecar", action="store_true", help="describe the interface of the sidecar, as serve offers it")
    add_caller_header(parser.add_argument)


def run(options: Options) -> int:
    """Print the description and return the exit status. Raises UsageError."""
    names, settings = resolve_operations(options)
    sidecar = SidecarInterface(caller_header=options.caller_header) if options.sidecar else None
    try:
        document = describe_operations([load(name, lazy=True, home=settings.home) for name in names], sidecar)
    except ValueError as error:
        raise UsageError(str(error)) from None
    print_lines(json.dumps(document, ensure_ascii=False, indent=2).splitlines())
    return EXIT_OK
