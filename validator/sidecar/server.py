"""``serve``: the sidecar in one process, or in several that share a socket (extra ``[server]``).

It speaks plain HTTP: TLS is the gateway's business. Between hosts, let both sides use a mesh or a tunnel, or let them share a
pod and a Unix socket.
"""

import logging.config
import socket

from validator.engine import load
from validator.errors import EXIT_OK
from validator.openapi.sidecar import CHECK_PREFIX
from validator.sidecar.listener import open_listener
from validator.sidecar.logs import LOG, make_log_config
from validator.sidecar.reference_data import DirectorySource
from validator.sidecar.supervisor import supervise
from validator.sidecar.worker import ServerConfig, run_worker

__all__ = ["DirectorySource", "ServerConfig", "serve"]


def serve(config: ServerConfig) -> int:
    """Serve until a signal ends the server, and return the exit status. Raises UsageError."""
    logging.config.dictConfig(make_log_config(config.log_level, config.log_format))
    with open_listener(config.host, config.port, config.socket, config.socket_mode) as listener:

        def log_start() -> None:
            LOG.info("serving %s at %s", ", ".join(config.operations), _describe_address(listener))
            _log_skips(config)

        if config.workers == 1:
            run_worker(config, listener, log_start)
        else:
            supervise(config, listener, log_start)
    return EXIT_OK


def _describe_address(listener: socket.socket) -> str:
    """Return the address of a listening socket as a URL of requests to check."""
    address = listener.getsockname()
    if isinstance(address, str):
        return f"unix:{address}"
    host, port = address[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{CHECK_PREFIX}"


def _log_skips(config: ServerConfig) -> None:
    """Say once which rules may be skipped."""
    if config.source.location is None:
        reason = "without reference data"
    elif "://" in config.source.location and config.source.on_failure == "skip":
        reason = "while the database is unavailable"
    else:
        return
    operations = [load(name, lazy=True, home=config.home).definition for name in config.operations]
    codes = sorted({rule.code.code for operation in operations for rule in operation.rules.rules if rule.needs})
    LOG.warning("%s, these rules are skipped: %s", reason, ", ".join(codes))
