"""Options that several commands share, and the types of option values."""

import argparse
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from validator.check.checker import DEFAULT_OPERATION, Checker, CommandLineSettings, FileSettings
from validator.check.config import Config
from validator.check.config_file import find_config, read_config
from validator.output.formats import FORMATS, TEXT
from validator.output.printer import Printer
from validator.output.text import use_color

Options = argparse.Namespace
AddOption = Callable[..., argparse.Action]  # add_argument of a parser or of a group

CALLER_HEADER: Final = "X-Customer-Id"
_LAST_PORT: Final = 65_535
_SECONDS_LIMIT: Final = 1_000_000
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_HOME_HELP: Final = "folder with schemas/, rules/ and fixtures/ of custom operations"
_OPERATION_DEFAULT: Final = f"the configured one, else the only one of the home, without a home {DEFAULT_OPERATION}"
_Value = TypeVar("_Value", int, float, str)


def add_configuration(parser: argparse.ArgumentParser) -> None:
    """Add the options that ``load_configuration`` reads."""
    parser.add_argument("--config", metavar="FILE", help="configuration file; default: the nearest one, from here upwards")
    parser.add_argument("--isolated", action="store_true", help="ignore all configuration files")


def load_configuration(options: Options) -> Config:
    """Return the configuration that applies. Raises UsageError."""
    if options.isolated:
        return Config(None, Path.cwd())
    return find_config(Path.cwd()) if options.config is None else read_config(Path(options.config))


def add_home(parser: argparse.ArgumentParser, default: str = "the operations of this package") -> None:
    """Add the option for the home of the operations. default: the help on what applies without it."""
    parser.add_argument("--home", metavar="FOLDER", help=f"{_HOME_HELP}; default: {default}")


def add_operation(parser: argparse.ArgumentParser) -> None:
    """Add the options for one operation and its home."""
    parser.add_argument("--operation", metavar="NAME", help=f"operation of the requests; default: {_OPERATION_DEFAULT}")
    add_home(parser)


def add_operations(parser: argparse.ArgumentParser) -> None:
    """Add the options that ``resolve_operations`` reads."""
    parser.add_argument(
        "--operation",
        action="append",
        metavar="NAME",
        help=f"operation; repeat the option for several; default: {_OPERATION_DEFAULT}",
    )
    add_home(parser)


def resolve_operations(options: Options, directory: str | None = None) -> tuple[list[str], FileSettings]:
    """Return the names of the operations, each once, and the settings that apply to all. Raises UsageError."""
    names = options.operation or []
    given = CommandLineSettings(names[0] if names else None, options.home, directory)
    settings = Checker(load_configuration(options), given).resolve_settings(".")
    return list(dict.fromkeys(names or [settings.operation])), settings


def add_caller_header(add: AddOption) -> None:
    """Add the option for the header that names the caller."""
    add(
        "--caller-header",
        type=header_name,
        default=CALLER_HEADER,
        metavar="NAME",
        help="header in which the gateway names the caller; default: %(default)s",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the options that ``make_printer`` reads."""
    add = parser.add_argument
    add("--format", default=TEXT, choices=FORMATS, help="output format; default: %(default)s")
    add("--output", metavar="FILE", help="write the output to FILE, and text to the terminal")
    add(
        "--show-source",
        action=argparse.BooleanOptionalAction,
        help="show the source line of each finding and how to fix it; default: on a terminal",
    )
    add(
        "--color",
        default="auto",
        choices=["auto", "always", "never"],
        help="color the text; auto: by NO_COLOR and FORCE_COLOR, else on a terminal; default: auto",
    )
    add("-q", "--quiet", action="store_true", help="print findings only: no summary, no advisories")


def make_printer(options: Options) -> Printer:
    """Return the printer for the output options and the terminal."""
    is_terminal = sys.stdout.isatty()
    show_source = is_terminal if options.show_source is None else options.show_source
    return Printer(options.format, options.output, show_source, use_color(options.color, os.environ, is_terminal), options.quiet)


def positive_int(text: str) -> int:
    """Return an option's whole number above 0. Raises argparse.ArgumentTypeError."""
    return _convert(text, int, lambda number: number >= 1, "a whole number of at least 1")


def port(text: str) -> int:
    """Return an option's TCP port; 0 stands for any that is free. Raises argparse.ArgumentTypeError."""
    return _convert(text, int, lambda number: 0 <= number <= _LAST_PORT, f"between 0 and {_LAST_PORT}")


def seconds(text: str) -> float:
    """Return an option's duration above 0 in seconds. Raises argparse.ArgumentTypeError."""
    return _convert(text, float, lambda number: 0 < number < _SECONDS_LIMIT, f"above 0 and below {_SECONDS_LIMIT} seconds")


def seconds_or_zero(text: str) -> float:
    """Return an option's duration in seconds, or 0. Raises argparse.ArgumentTypeError."""
    return _convert(text, float, lambda number: 0 <= number < _SECONDS_LIMIT, f"at least 0 and below {_SECONDS_LIMIT} seconds")


def socket_mode(text: str) -> int:
    """Return an option's permissions of a file, an octal number. Raises argparse.ArgumentTypeError."""
    return _convert(text, lambda digits: int(digits, 8), lambda mode: 0 <= mode <= 0o777, "an octal number up to 777")


def header_name(text: str) -> str:
    """Return an option's name of an HTTP header. Raises argparse.ArgumentTypeError."""
    return _convert(text, str, lambda name: _TOKEN.fullmatch(name) is not None, "the name of an HTTP header")


def _convert(text: str, convert: Callable[[str], _Value], is_valid: Callable[[_Value], bool], expected: str) -> _Value:
    with suppress(ValueError):
        value = convert(text)
        if is_valid(value):
            return value
    raise argparse.ArgumentTypeError(f"must be {expected}, got {text or 'nothing'}")
