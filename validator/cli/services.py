"""The options of the commands for gateways: ``serve``, ``openapi`` and ``directory``. What is done is worked out elsewhere."""

import argparse
import re
from collections.abc import Callable
from typing import Final

from validator.check.checker import Checker, CommandLineSettings, FileSettings
from validator.check.config import Config
from validator.engine import BODY_LIMIT
from validator.errors import UsageError

CALLER_HEADER: Final = "X-Customer-Id"
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_FOR_EVER: Final = 1e6  # seconds
_LAST_PORT: Final = 65_535
OPENAPI: Final = """\
Print the OpenAPI 3.1 description of operations: parameters, bodies, statuses, and every code."""
SERVE: Final = """\
Serve the sidecar (needs the extra: activity-validator[server]).

A gateway sends the original request to /check and its path: 200 means go on, anything else is the answer to give. Besides:
POST /reports/OPERATION, GET /openapi.json, /health, /ready, /metrics. SIGHUP reads a snapshot file again."""
DIRECTORY: Final = """\
Keep reference data in a database (needs the extra: activity-validator[sql]). URL: sqlite:///FILE or postgresql://..."""

Options = argparse.Namespace
ConfigOf = Callable[[Options], Config]


def add_openapi(command: argparse.ArgumentParser, config_of: ConfigOf) -> None:
    """Add the options of ``openapi``."""
    _operations(command)
    command.add_argument("--sidecar", action="store_true", help="as the sidecar serves it")
    command.add_argument("--caller-header", default=CALLER_HEADER, metavar="NAME", help="of the sidecar; default: %(default)s")
    command.set_defaults(run=lambda options: openapi(options, config_of(options)))


def add_serve(command: argparse.ArgumentParser, config_of: ConfigOf) -> None:
    """Add the options of ``serve``."""
    add = command.add_argument
    _operations(command)
    add("--directory", metavar="FILE|URL", help="reference data: a snapshot, which is read again when it changes, or a database")
    add("--directory-seconds", type=_seconds, default=1.0, metavar="S", help="that a database may take; default: %(default)s")
    add(
        "--directory-failure",
        default="reject",
        choices=["reject", "skip"],
        help="what becomes of requests while a database cannot be asked: 500-100, or its rules are skipped; default: reject",
    )
    add(
        "--cache-seconds",
        type=_seconds_or_none,
        default=60.0,
        metavar="S",
        help="that its answers are kept, 0: none; default: %(default)s",
    )
    add(
        "--caller-header", default=CALLER_HEADER, metavar="NAME", help="in which the gateway says who calls; default: %(default)s"
    )
    add("--observe", metavar="CODES", help="codes that do not refuse, separated by commas, or all")
    add("--headers-intact", action="store_true", help="the gateway does not merge repeated headers")
    add("--host", default="127.0.0.1", help="default: %(default)s")
    add("--port", type=_port, default=8000, help="0: any that is free; default: %(default)s")
    add("--socket", metavar="PATH", help="a Unix socket in place of host and port")
    add("--body-limit", type=positive, default=BODY_LIMIT, metavar="BYTES", help="default: %(default)s")
    add(
        "--concurrency",
        type=positive,
        default=256,
        metavar="N",
        help="requests at once; more get 500-100; default: %(default)s",
    )
    add("--seconds", type=_seconds, default=5.0, metavar="S", help="for one request with its body; default: %(default)s")
    add("--graceful-seconds", type=positive, default=10, metavar="S", help="for running requests at the end; default: 10")
    add("--log-level", default="info", choices=["debug", "info", "warning", "error"], help="default: %(default)s")
    command.set_defaults(run=lambda options: serve(options, config_of(options)))


def add_directory(command: argparse.ArgumentParser, parser: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the actions of ``directory``. parser: makes one of its parsers."""
    actions = command.add_subparsers(title="actions", required=True, metavar="ACTION")

    def action(name: str, words: str, run: Callable[[Options], int], *arguments: str) -> argparse.ArgumentParser:
        made = parser(actions.add_parser, name, help=words, description=f"{words.capitalize()}.")
        for argument in arguments:
            made.add_argument(argument, metavar=argument.upper())
        made.set_defaults(run=run)
        return made

    action("create", "make the tables", create, "url")
    action("import", "put what a snapshot file says in place of all that is there", fill, "file", "url")
    export_ = action("export", "write what is there as a snapshot file; without FILE, to standard output", export, "url")
    export_.add_argument("file", nargs="?", metavar="FILE")


def _operations(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--operation", action="append", metavar="NAME", help="may be given several times; default: the configured"
    )
    command.add_argument("--home", metavar="FOLDER", help="folder with schemas/, rules/ and fixtures/ of operations of your own")


def _seconds_or_none(text: str) -> float:
    number = float(text)
    if not 0 <= number < _FOR_EVER:
        raise argparse.ArgumentTypeError("it must be a number of seconds")
    return number


def _seconds(text: str) -> float:
    number = _seconds_or_none(text)
    if not number:
        raise argparse.ArgumentTypeError("it must be above 0")
    return number


def positive(text: str) -> int:
    """Return the whole number above 0 that an option says. Raises argparse.ArgumentTypeError, and ValueError."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _LAST_PORT:
        raise argparse.ArgumentTypeError("it must be a port")
    return number


def _setting(options: Options, config: Config, directory: str | None = None) -> tuple[FileSettings, list[str]]:
    """Return what holds where nothing else is said, and the names of the operations."""
    names = options.operation or []
    setting = Checker(config, CommandLineSettings(names[0] if names else None, options.home, directory)).resolve_settings(".")
    return setting, list(dict.fromkeys(names or [setting.operation]))


def openapi(options: Options, config: Config) -> int:
    """Print the description and return the exit status. Raises SetupError."""
    import json  # noqa: PLC0415 - the other commands start without

    from validator.engine import load  # noqa: PLC0415 - the same
    from validator.openapi import SidecarInterface, describe_operations  # noqa: PLC0415 - the same
    from validator.output.printer import print_lines  # noqa: PLC0415 - the same

    setting, names = _setting(options, config)
    try:
        engines = [load(name, lazy=True, home=setting.home) for name in names]
        document = describe_operations(
            engines, SidecarInterface(caller_header=options.caller_header) if options.sidecar else None
        )
    except ValueError as error:
        raise UsageError(str(error)) from None
    print_lines(json.dumps(document, ensure_ascii=False, indent=2).splitlines())
    return 0


def serve(options: Options, config: Config) -> int:
    """Serve, and return the exit status. Raises SetupError."""
    try:
        from validator.sidecar import server  # noqa: PLC0415 - an extra of its own
        from validator.sidecar.app import SidecarSettings  # noqa: PLC0415 - the same
    except ImportError as error:
        raise UsageError(f"serve needs the extra: pip install 'activity-validator[server]' ({error})") from None
    if options.graceful_seconds < options.seconds:
        raise UsageError("--graceful-seconds must not be below --seconds: requests would be cut off")
    if not _TOKEN.fullmatch(options.caller_header):
        raise UsageError("--caller-header is no name of a header")
    if options.socket == "":
        raise UsageError("--socket needs a path")
    setting, names = _setting(options, config, options.directory)
    source = server.DirectorySource(
        setting.directory, options.directory_seconds, options.directory_failure, options.cache_seconds
    )
    settings = SidecarSettings(
        options.caller_header, _observed(options.observe), not options.headers_intact, options.concurrency, options.seconds
    )
    limits = (options.body_limit, options.host, options.port, options.socket, options.graceful_seconds, options.log_level)
    return server.serve(server.ServerConfig(names, setting.home, source, settings, *limits))


def _observed(codes: str | None) -> bool | frozenset[str]:
    if codes == "all":
        return True
    return frozenset(codes.split(",")) if codes else False


def create(options: Options) -> int:
    """Make the tables, and return the exit status. Raises SetupError."""
    from validator.cli import directory  # noqa: PLC0415 - the other commands start without

    return directory.create(options.url)


def fill(options: Options) -> int:
    """Fill the tables, and return the exit status. Raises SetupError and OSError."""
    from validator.cli import directory  # noqa: PLC0415 - the other commands start without

    return directory.fill(options.file, options.url)


def export(options: Options) -> int:
    """Write down what the tables hold, and return the exit status. Raises SetupError and OSError."""
    from validator.cli import directory  # noqa: PLC0415 - the other commands start without

    return directory.export(options.url, options.file)
