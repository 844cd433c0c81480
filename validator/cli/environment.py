"""Options in environment variables: ACTIVITY_VALIDATOR_PORT stands for ``--port``, and so on.

An option on the command line wins. A variable with the empty text counts as absent.
"""

import argparse
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from validator.errors import UsageError, suggest

PREFIX: Final = "ACTIVITY_VALIDATOR_"
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
# Kubernetes sets such variables in each container for a Service that is called activity-validator.
_SERVICE_LINK: Final = re.compile(r"_SERVICE_(HOST|PORT)|_PORT_\d+_")
_SERVICE_HINT: Final = "; Kubernetes sets it for a Service of this name, unless the pod has enableServiceLinks: false"

Check = Callable[[Sequence[str]], object]


def name_variable(option: str) -> str:
    """Return the name of the variable for an option such as ``--port``."""
    return PREFIX + option.removeprefix("--").replace("-", "_").upper()


def read_environment(
    environment: Mapping[str, str], actions: Mapping[str, argparse.Action], arguments: Sequence[str], check: Check
) -> list[str]:
    """Return arguments that stand for variables, to be put in front of those of the command line.

    actions: by option. check: parses arguments, and raises UsageError for invalid ones. Raises UsageError for unknown variables
    and invalid values.
    """
    variables = {name_variable(option): option for option in actions if option.startswith("--") and option != "--help"}
    for name in sorted(name for name in environment if name.startswith(PREFIX) and name not in variables):
        hint = _SERVICE_HINT if _SERVICE_LINK.search(name) else suggest(name, variables)
        raise UsageError(f"unknown environment variable {name!r}{hint}")
    found = [(name, option) for name, option in variables.items() if environment.get(name)]
    return [
        argument
        for name, option in found
        for argument in _convert(name, environment[name], option, actions[option], check)
        if not (_is_list(actions[option]) and _is_given(option, arguments))
    ]


def _is_list(action: argparse.Action) -> bool:
    return isinstance(action, argparse._AppendAction)  # noqa: SLF001 - argparse has no other name for it


def _is_given(option: str, arguments: Sequence[str]) -> bool:
    return any(argument == option or argument.startswith(f"{option}=") for argument in arguments)


def _convert(name: str, text: str, option: str, action: argparse.Action, check: Check) -> Iterator[str]:
    """Yield the arguments for one variable: of a list, the values are separated by commas."""
    if action.nargs == 0:
        if text.lower() not in _FLAGS:
            raise UsageError(f"{name} must be true or false, got {text}")
        yield from [option] if _FLAGS[text.lower()] else []
        return
    for value in text.split(",") if _is_list(action) else [text]:
        try:
            check([f"{option}={value}"])
        except UsageError as error:
            raise UsageError(f"{name}: {error}") from None
        yield f"{option}={value}"
