"""Options of ``serve`` in environment variables."""

import argparse
import os
import re
from typing import Any

import pytest

from tests.commands import run
from validator.cli.environment import PREFIX, name_variable
from validator.cli.main import make_parser


@pytest.fixture(autouse=True)
def _without_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def parse(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Return the options that differ from the defaults."""
    with pytest.MonkeyPatch.context() as patch:
        defaults = vars(make_parser(["serve"]).parse_args(["serve"]))
        for name, value in environment.items():
            patch.setenv(PREFIX + name, value)
        options = vars(make_parser(["serve"]).parse_args(["serve", *arguments]))
    return {name: value for name, value in options.items() if value != defaults[name]}


@pytest.mark.parametrize(
    ("environment", "arguments", "options"),
    [
        ({"PORT": "9"}, [], {"port": 9}),
        ({"PORT": "9"}, ["--port", "10"], {"port": 10}),
        ({"PORT": "9"}, ["--port=10"], {"port": 10}),
        ({"PORT": ""}, [], {}),
        ({"CALLER_HEADER": "X-Me", "SECONDS": "2.5"}, ["--seconds", "3"], {"caller_header": "X-Me", "seconds": 3}),
        ({"HEADERS_INTACT": "true", "ISOLATED": "0"}, [], {"headers_intact": True}),
        ({"HEADERS_INTACT": "FALSE", "ISOLATED": "1"}, [], {"isolated": True}),
        ({"HEADERS_INTACT": "false"}, ["--headers-intact"], {"headers_intact": True}),
        ({"OPERATION": "a,b"}, [], {"operation": ["a", "b"]}),
        ({"OPERATION": "a,b"}, ["--operation", "c"], {"operation": ["c"]}),
        ({"OPERATION": "a"}, ["--operation=b", "--operation", "c"], {"operation": ["b", "c"]}),
        ({"OBSERVE": "400-720,400-721"}, [], {"observe": "400-720,400-721"}),
        ({"DIRECTORY": "--port"}, [], {"directory": "--port"}),
        ({"SOCKET_MODE": "660", "SOCKET": "/run/a b"}, [], {"socket": "/run/a b", "socket_mode": 0o660}),
    ],
)  # fmt: skip
def test_variable_sets_an_option(environment: dict[str, str], arguments: list[str], options: dict[str, Any]) -> None:
    """An option on the command line wins; of a list, it replaces all values."""
    assert parse(environment, *arguments) == options


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "x", "ACTIVITY_VALIDATOR_PORT: --port must be between 0 and 65535, got x"),
        ("HEADERS_INTACT", "yes", "ACTIVITY_VALIDATOR_HEADERS_INTACT must be true or false, got yes"),
        ("DIRECTORY_FAILURE", "x", "ACTIVITY_VALIDATOR_DIRECTORY_FAILURE: --directory-failure: invalid choice: 'x' "),
        ("PRT", "1", "unknown environment variable 'ACTIVITY_VALIDATOR_PRT'; did you mean 'ACTIVITY_VALIDATOR_PORT'?"),
        ("HELP", "1", "unknown environment variable 'ACTIVITY_VALIDATOR_HELP'"),
        ("", "1", "unknown environment variable 'ACTIVITY_VALIDATOR_'"),
        ("SERVICE_HOST", "10.0.0.1", "unknown environment variable 'ACTIVITY_VALIDATOR_SERVICE_HOST'; Kubernetes sets it "),
        ("PORT_8000_TCP", "x", "unknown environment variable 'ACTIVITY_VALIDATOR_PORT_8000_TCP'; Kubernetes sets it "),
    ],
)
def test_unusable_variable_is_reported(name: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line with its name: a mistyped one must not be ignored."""
    monkeypatch.setenv(PREFIX + name, value)
    outcome = run("serve", "--isolated", "--port", "0")
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (2, 1)
    assert outcome.stderr.startswith(f"activity-validator: error: {message}")


def test_other_commands_ignore_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names are those of the options of serve."""
    monkeypatch.setenv("ACTIVITY_VALIDATOR_PRT", "1")
    assert run("explain", "--isolated", "400-722").exit_code == 0


def test_every_option_has_a_variable() -> None:
    """The rule for its name is in the help."""
    parser: Any = make_parser(["serve"])
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    options = [option for option in commands.choices["serve"]._option_string_actions if option.startswith("--")]
    assert len({name_variable(option) for option in options}) == len(options) > 20
    assert name_variable("--socket-mode") == "ACTIVITY_VALIDATOR_SOCKET_MODE"
    assert re.search(r"--port by\s+ACTIVITY_VALIDATOR_PORT", run("serve", "--help").stdout)
