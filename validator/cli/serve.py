"""``serve``: check requests for gateways, over HTTP."""

import os
from typing import TYPE_CHECKING, Final

from validator.cli.options import (
    AddOption,
    Options,
    add_caller_header,
    add_configuration,
    add_operations,
    port,
    positive_int,
    resolve_operations,
    seconds,
    seconds_or_zero,
    socket_mode,
)
from validator.cli.parser import CommandParser
from validator.engine import BODY_LIMIT
from validator.errors import UsageError, missing_extra, set_interrupt

if TYPE_CHECKING:
    from validator.sidecar.server import ServerConfig

_DESCRIPTION: Final = """\
Serve the sidecar (extra: activity-validator[server]).

A gateway sends the original request to /check followed by its path. The answer 200 means that the request is accepted; any
other answer is for the client. Further endpoints: POST /reports/OPERATION, GET /openapi.json, /health, /ready and /metrics.
SIGHUP reloads a snapshot file; with several workers, it replaces them without refusing a request.

Each option can also be set by an environment variable: --port by ACTIVITY_VALIDATOR_PORT, and so on. The option wins. Flags are
true or false, and several operations are separated by commas. TLS is the gateway's business: the sidecar speaks plain HTTP."""


# Options that are fields of the configuration as they are.
_SAME: Final = (
    *("body_limit", "host", "port", "socket", "socket_mode"),
    *("workers", "drain_seconds", "graceful_seconds", "log_level", "log_format"),
)


def configure(parser: CommandParser) -> None:
    """Add the options."""
    parser.environment = os.environ
    parser.description = _DESCRIPTION
    add_configuration(parser)
    add_operations(parser)
    _add_directory(parser.add_argument_group("reference data").add_argument)
    _add_requests(parser.add_argument_group("requests").add_argument)
    _add_server(parser.add_argument_group("server").add_argument)
    _add_processes(parser.add_argument_group("processes").add_argument)
    _add_connections(parser.add_argument_group("connections").add_argument)


def _add_directory(add: AddOption) -> None:
    add("--directory", metavar="FILE|URL", help="a snapshot file, which is reloaded when it changes, or a database")
    add(
        "--directory-seconds",
        type=seconds,
        default=1.0,
        metavar="S",
        help="timeout for one database query in seconds; default: %(default)s",
    )
    add(
        "--directory-failure",
        default="reject",
        choices=["reject", "skip"],
        help="while the database is unavailable, reject requests with 500-100, or skip the rules that need it; default: reject",
    )
    add(
        "--cache-seconds",
        type=seconds_or_zero,
        default=60.0,
        metavar="S",
        help="how long answers of the database are cached, in seconds; 0: not at all; default: %(default)s",
    )


def _add_requests(add: AddOption) -> None:
    add_caller_header(add)
    add(
        "--observe",
        metavar="CODES",
        help="let requests through that fail only with these codes (separated by commas), or with any: all",
    )
    add("--headers-intact", action="store_true", help="the gateway forwards repeated headers separately, without merging them")
    add(
        "--body-limit",
        type=positive_int,
        default=BODY_LIMIT,
        metavar="BYTES",
        help="largest body that is accepted; default: %(default)s",
    )
    add(
        "--concurrency",
        type=positive_int,
        default=256,
        metavar="N",
        help="requests handled at a time; further ones are answered with 500-100; default: %(default)s",
    )
    add(
        "--seconds",
        type=seconds,
        default=5.0,
        metavar="S",
        help="timeout for one request, including its body, in seconds; default: %(default)s",
    )


def _add_server(add: AddOption) -> None:
    add("--host", default="127.0.0.1", help="where to listen; default: %(default)s")
    add("--port", type=port, default=8000, help="where to listen; 0: any free port; default: %(default)s")
    add("--socket", metavar="PATH", help="listen on a Unix socket instead of host and port")
    add(
        "--socket-mode",
        type=socket_mode,
        metavar="MODE",
        help="permissions of the Unix socket as an octal number, such as 660: who may write may connect; default: by the umask",
    )
    add("--log-level", default="info", choices=["debug", "info", "warning", "error"], help="default: %(default)s")
    add("--log-format", default="text", choices=["text", "json"], help="of the lines of the log; default: %(default)s")


def _add_processes(add: AddOption) -> None:
    add(
        "--workers",
        type=positive_int,
        default=1,
        metavar="N",
        help="processes that serve; SIGHUP replaces several one after the other; limits are those of each; default: %(default)s",
    )
    add(
        "--drain-seconds",
        type=seconds_or_zero,
        default=0.0,
        metavar="S",
        help="how long after SIGTERM requests are still accepted, while /ready is answered with 503, in seconds; "
        "default: %(default)s",
    )
    add(
        "--graceful-seconds",
        type=positive_int,
        default=10,
        metavar="S",
        help="how long a stopping server waits for in-flight requests, in seconds; default: %(default)s",
    )


def _add_connections(add: AddOption) -> None:
    add(
        "--connections",
        type=positive_int,
        default=1024,
        metavar="N",
        help="open connections; beyond them, the one that has waited longest is closed; default: %(default)s",
    )
    add(
        "--head-seconds",
        type=seconds,
        default=10.0,
        metavar="S",
        help="how long a client may take to send a request head, or to receive an answer, in seconds; default: %(default)s",
    )
    add(
        "--idle-seconds",
        type=seconds,
        default=3660.0,
        metavar="S",
        help="how long a connection stays open between two requests, in seconds; a gateway that does not close it earlier may "
        "send a request on a closed connection; default: %(default)s",
    )


def run(options: Options) -> int:
    """Serve until a signal stops it, and return the exit status. Raises UsageError."""
    try:
        from validator.sidecar import server  # noqa: PLC0415 - needs an extra
    except ImportError:
        raise missing_extra("serve", "server") from None
    if options.graceful_seconds < options.seconds:
        raise UsageError("--graceful-seconds must not be below --seconds: requests would be cut off")
    if options.connections <= options.concurrency:
        raise UsageError("--connections must be above --concurrency: other requests, such as /health, need one too")
    if options.socket == "":
        raise UsageError("--socket must be a path, got nothing")
    set_interrupt()
    if options.socket_mode is not None and options.socket is None:
        raise UsageError("--socket-mode needs --socket")
    return server.serve(_make_config(options))


def _make_config(options: Options) -> "ServerConfig":
    from validator.sidecar.app import SidecarSettings  # noqa: PLC0415 - needs an extra
    from validator.sidecar.connections import ConnectionLimits  # noqa: PLC0415 - imports asyncio
    from validator.sidecar.server import DirectorySource, ServerConfig  # noqa: PLC0415 - needs an extra

    names, settings = resolve_operations(options, options.directory)
    return ServerConfig(
        operations=names,
        home=settings.home,
        source=DirectorySource(settings.directory, options.directory_seconds, options.directory_failure, options.cache_seconds),
        settings=SidecarSettings(
            caller_header=options.caller_header,
            observe=_parse_observed(options.observe),
            headers_merged=not options.headers_intact,
            concurrency=options.concurrency,
            seconds=options.seconds,
        ),
        connections=ConnectionLimits(options.connections, options.head_seconds, options.idle_seconds),
        **{name: getattr(options, name) for name in _SAME},
    )


def _parse_observed(codes: str | None) -> bool | frozenset[str]:
    if codes == "all":
        return True
    return frozenset(codes.split(",")) if codes else False
