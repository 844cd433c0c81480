"""The parser of every command: no abbreviations, and an error that is one line."""

import argparse
import os
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from validator.cli.environment import read_environment
from validator.errors import UsageError, suggest
from validator.output.printer import print_lines

_WIDTH: Final = 120  # columns of the help
_OPTION_ERROR: Final = re.compile(r"argument ([^:]+): (must )?")  # what argparse puts before the message of an option's type


class CommandParser(argparse.ArgumentParser):
    """A parser that raises UsageError in place of leaving the process. The parsers of its commands are of this class too.

    environment: variables that set options; None: no variable does.
    """

    environment: Mapping[str, str] | None = None

    def __init__(self, **arguments: Any) -> None:
        """Create a parser. Abbreviated options are off: their meaning would change with every new option."""
        super().__init__(**arguments, allow_abbrev=False, formatter_class=_make_formatter)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse. Raises UsageError, also for an unknown option: here the options that it could mean are known."""
        if self.environment is not None:
            check = super().parse_known_args
            args = [*read_environment(self.environment, self._option_string_actions, args, check), *args]
        options, unknown = super().parse_known_args([_mark_file(argument) for argument in args], namespace)
        if unknown:
            option = unknown[0].partition("=")[0]
            kind = "option" if option.startswith("-") else "argument"
            hint = suggest(option, self._option_string_actions) or f"; see {self.prog} --help"
            raise UsageError(f"unknown {kind} {option!r}{hint}")
        return options, unknown

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with a message that begins with the option."""
        option = _OPTION_ERROR.match(message)
        if option is None:
            raise UsageError(f"{message}; see {self.prog} --help")
        raise UsageError(f"{option[1]}{' must ' if option[2] else ': '}{message[option.end() :]}")

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002 - argparse's own signature
        """Print a help text or the version, where argparse ignores errors. Raises UsageError if it cannot be written."""
        print_lines(message.splitlines())


def _mark_file(argument: str) -> str:
    """Return an argument so that a file is no option, such as ``-a.json``: pre-commit passes any name."""
    is_file = argument.startswith("-") and "." in argument and os.path.lexists(argument)
    return f"./{argument}" if is_file else argument


def _make_formatter(prog: str) -> argparse.HelpFormatter:
    # A fixed width: argparse would ask the terminal for its width at each start.
    return argparse.RawDescriptionHelpFormatter(prog, width=_WIDTH)
