"""The log of the sidecar: as text or as JSON, with one line for each request that fails.

A line names code, stage and request, and never the body, the path or a header other than the request's ID, of which only
harmless characters are logged.
"""

import json
import logging
import re
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, Literal

import uvicorn

from validator.enforcement import Verdict
from validator.head.octets import decode_field
from validator.rare_log import log_rarely

LogFormat = Literal["text", "json"]
LOG_FORMATS: Final = ("text", "json")
LOG: Final = logging.getLogger("validator")
Headers = Iterable[tuple[bytes, bytes]]

# The headers of the request that the current task validates.
REQUEST_HEADERS: Final[ContextVar[Headers]] = ContextVar("REQUEST_HEADERS", default=())
_FIELDS: Final = ("operation", "verdict", "code", "stage", "request")  # of a verdict, in JSON
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._~:+/=@-]{1,128}")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*", re.DOTALL)  # W3C Trace Context
_UNKNOWN: Final = "-"


class JsonFormatter(logging.Formatter):
    """Formats a record as one line with a JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Its members: time (RFC 3339), level, logger, message; of a request, the fields of its verdict."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        members = {"time": time, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        members |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        return json.dumps(members)


def make_log_config(level: str, log_format: LogFormat) -> dict[str, Any]:
    """Return uvicorn's configuration of ``logging``, extended by the log of this package. level: in lower case."""
    config: dict[str, Any] = uvicorn.config.LOGGING_CONFIG
    loggers = {
        **config["loggers"],
        "uvicorn.error": {**config["loggers"]["uvicorn.error"], "filters": ["rare"]},
        LOG.name: {"handlers": ["default"], "level": level.upper()},
    }
    formatters = config["formatters"]
    if log_format == "json":
        formatters = {**formatters, "default": {"()": JsonFormatter}}
    return {**config, "filters": {"rare": {"()": _RareWarnings}}, "formatters": formatters, "loggers": loggers}


class _RareWarnings(logging.Filter):
    """Logs a warning of uvicorn at most once a minute: a client can cause one with each request."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.WARNING:
            return True
        log_rarely(logging.WARNING, record.getMessage())
        return False


def log_verdict(verdict: Verdict) -> None:
    """Log a request that fails, whether it is refused or only observed."""
    if verdict.verdict == "accepted" or not LOG.isEnabledFor(logging.INFO):
        return
    request = identify_request(REQUEST_HEADERS.get())
    values = (verdict.operation, verdict.verdict, verdict.code, verdict.stage, request)
    LOG.info("%s %s: %s at stage %s, request %s", *values, extra=dict(zip(_FIELDS, values, strict=True)))


def identify_request(headers: Headers) -> str:
    """Return the ID of a request: its X-Request-Id, else the trace ID of its traceparent, else ``-``.

    One that has other characters than IDs have, which could forge log lines, or more than 128, counts as absent.
    """
    values = {name: decode_field(value) for name, value in headers if name in {b"x-request-id", b"traceparent"}}
    given = values.get(b"x-request-id", "")
    if _REQUEST_ID.fullmatch(given):
        return given
    trace = _TRACEPARENT.fullmatch(values.get(b"traceparent", ""))
    return trace[1] if trace else _UNKNOWN
