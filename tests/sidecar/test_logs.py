"""The log of the sidecar: one line for each request that fails, as text or JSON, which no client can forge."""

import io
import json
import logging
import logging.config
from datetime import datetime
from typing import Any

import pytest

from tests.servers.parts import GOOD, OPERATION, ask, body, http
from tests.sidecar.processes import post, process
from tests.sidecar.test_app import CHECK, sidecar
from validator.sidecar.logs import JsonFormatter, identify_request, make_log_config

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("headers", "identity"),
    [
        ({"x-request-id": "a1B2-c3_d4.~:+/=@"}, "a1B2-c3_d4.~:+/=@"),
        ({"x-request-id": "a", "traceparent": TRACEPARENT}, "a"),
        ({"traceparent": TRACEPARENT}, TRACE),
        ({"traceparent": TRACEPARENT + "-later"}, TRACE),
        ({"traceparent": "x" + TRACEPARENT}, "-"),
        ({"traceparent": TRACEPARENT.upper()}, "-"),
        ({"x-request-id": "a" * 128}, "a" * 128),
        ({"x-request-id": "a" * 129}, "-"),
        ({"x-request-id": "a\nERROR: b", "traceparent": TRACEPARENT}, TRACE),
        ({"x-request-id": "a\x1b[31m"}, "-"),
        ({"x-request-id": "a b"}, "-"),
        ({"x-request-id": "\u00e9"}, "-"),
        ({"x-request-id": ""}, "-"),
        ({}, "-"),
    ],
)
def test_request_is_identified_by_harmless_characters(headers: dict[str, str], identity: str) -> None:
    """Anything else counts as absent: it could forge or hide lines."""
    assert identify_request([(name.encode(), value.encode("latin-1")) for name, value in headers.items()]) == identity


@pytest.mark.parametrize(("observe", "verdict"), [(False, "refused"), (True, "observed")])
def test_failing_request_is_one_line(observe: bool, verdict: str, caplog: pytest.LogCaptureFixture) -> None:  # noqa: FBT001 - a parameter of the test
    """With code, stage and request. An accepted one is not logged, nor is any below the level info."""
    app = sidecar(observe=observe)
    for level in ("INFO", "WARNING"):
        caplog.set_level(level, "validator")
        for content in (GOOD, b'{"secret": "s3cret"}'):
            ask(app, http(CHECK, x_request_id="r-1"), body(content))
    assert caplog.messages == [f"{OPERATION} {verdict}: 400-720 at stage structure, request r-1"]


def make_record(message: str, **extra: Any) -> logging.LogRecord:
    """Return a record."""
    return logging.makeLogRecord({"name": "validator", "levelname": "INFO", "msg": message, **extra})


def test_json_line_has_one_object() -> None:
    """Whatever the message holds; of a request, with the fields of its verdict, and of an error with its stack."""
    fields = {"operation": "o", "verdict": "refused", "code": None, "stage": "access", "request": "-"}
    line = JsonFormatter().format(make_record("a\n\u2028b %s", args=("c",), **fields))
    document = json.loads(line)
    assert line.isascii()
    assert "\n" not in line
    assert datetime.fromisoformat(document.pop("time")).tzinfo is not None
    assert document == {"level": "info", "logger": "validator", "message": "a\n\u2028b c", **fields}
    failed = JsonFormatter().format(make_record("a", exc_info=(ValueError, ValueError("x"), None)))
    assert json.loads(failed)["exception"].endswith("ValueError: x")


def test_format_is_applied_to_all_loggers() -> None:
    """Those of uvicorn too."""
    config = make_log_config("info", "json")
    stream = io.StringIO()
    config["handlers"] = {name: {**handler, "stream": stream} for name, handler in config["handlers"].items()}
    before = {name: (logging.getLogger(name).handlers[:], logging.getLogger(name).level) for name in config["loggers"]}
    logging.config.dictConfig(config)
    for name in ("validator", "uvicorn.error"):
        logging.getLogger(name).error("a")
    for name, (handlers, level) in before.items():
        logging.getLogger(name).handlers[:] = handlers
        logging.getLogger(name).setLevel(level)
    assert [json.loads(line)["logger"] for line in stream.getvalue().splitlines()] == ["validator", "uvicorn.error"]
    assert make_log_config("error", "text")["formatters"]["default"]["()"] != JsonFormatter


def test_process_logs_json() -> None:
    """Every line of a real process is one object."""
    with process("--log-format", "json") as (server, port):
        assert post(port, b"{}")[0] == 400
        server.terminate()
        assert server.stderr is not None
        lines = [json.loads(line) for line in server.stderr]
    (refused,) = [line for line in lines if "code" in line]
    assert (refused["code"], refused["stage"], refused["request"], refused["level"]) == ("400-720", "structure", "-", "info")
