"""Validate a request of a file. Schemas of a custom operation that are not usable are a usage error, and no internal error."""

from typing import TYPE_CHECKING

from validator.body.tree import BodyReader, Disagreement
from validator.engine import Engine
from validator.errors import UsageError
from validator.model.common_codes import INTERNAL_ERROR
from validator.model.report import Report
from validator.model.request import JSON, XML, Request
from validator.operation.home import Home

if TYPE_CHECKING:
    from logging import Logger, LogRecord

_UNEQUAL = "request.schema.json and request.xsd do not describe the same bodies; lint shows where they differ"


def validate(engine: Engine, request: Request, home: str | None) -> Report:
    """Return the report of a request. home: of custom operations, or None. Raises UsageError for unusable schemas."""
    if home is None:
        return engine.validate(request)  # the shipped schemas are usable
    read_body = _compile_schema(engine, request)
    report, records = _validate_without_log(engine, request)
    if any(failure.code == INTERNAL_ERROR.code for failure in report.failures):
        try:
            read_body(bytes(request.body or b""), engine.failure_limit)
        except Disagreement:
            raise UsageError(f"{Home.at(home).schemas / engine.operation}: {_UNEQUAL}") from None
    for record in records:
        _get_log().handle(record)
    return report


def _compile_schema(engine: Engine, request: Request) -> BodyReader:
    """Compile the schema of the request's format, as the first request would, and return the reader. Raises UsageError."""
    is_xml = any(name.lower() == "content-type" and "xml" in value.lower() for name, value in request.headers)
    try:
        return engine.definition.readers[XML if is_xml else JSON]()
    except ValueError as error:
        raise UsageError(str(error)) from None


def _validate_without_log(engine: Engine, request: Request) -> "tuple[Report, list[LogRecord]]":
    """Return the report, and the records that the validation would have logged."""
    records: list[LogRecord] = []

    def hold(record: "LogRecord") -> bool:
        records.append(record)
        return False

    log = _get_log()
    log.addFilter(hold)
    try:
        return engine.validate(request), records
    finally:
        log.removeFilter(hold)


def _get_log() -> "Logger":
    from logging import getLogger  # noqa: PLC0415 - only custom operations need it

    return getLogger("validator")
