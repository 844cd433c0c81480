"""Validation of a request in a server, shared by middlewares, guards and sidecar: the order of steps, and what follows.

    head      access and negotiation; the body of a request that fails here is not read
    body      read up to the engine's limit
    rest      validated by the engine
    verdict   counted; then the request passes, or is answered

Whatever raises in these steps is reported as 500-100, so that no error lets a request pass.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final, Literal, NamedTuple

from validator.engine import Engine
from validator.errors import InputTypeError, describe_error, raise_if_stopping
from validator.head.route import Route
from validator.model.directory import is_awaited
from validator.model.report import Report, Skip
from validator.model.request import Caller, Request
from validator.model.response import Response
from validator.rare_log import ERROR, log_rarely


class Verdict(NamedTuple):
    """The outcome of one request to an operation, for metrics.

    verdict: "observed" is a request that passed in spite of failures.
    code: of the first failure (of a refused request, the first that is not observed); None: no failure.
    stage: the last one reached.
    seconds: duration of validation, without waiting for the body.
    skipped: rules that were not checked, with the reason.
    """

    operation: str
    verdict: Literal["accepted", "refused", "observed"]
    code: str | None
    stage: str
    seconds: float
    skipped: tuple[Skip, ...] = ()


OnVerdict = Callable[[Verdict], None]
Template = str | Iterable[str] | None  # of the paths at which an operation is mounted
ObserveSetting = bool | Collection[str]
_CheckedHead = tuple[Request, Report | None, float]  # the report of a failure, or None; seconds
# Buckets of durations in seconds: validation needs some 20 microseconds, with a database milliseconds; timeouts are seconds.
BUCKETS: Final = (10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1, 2.5, 5)
REPORT_KEY: Final = "validator.report"  # key of the report in the scope or environ


class SetupError(Exception):
    """The server or the framework does not provide something that validation needs. Its text has no data of a client."""

    may_be_logged = True


class MissingReportError(LookupError):
    """A request that was not validated has reached code that requires a report."""


class Body(NamedTuple):
    """The part of a body that was read.

    is_gone: the client disconnected, or sent less than it declared. is_cut: a gateway forwarded only a part of the body.
    sizes: of the messages in which it has come, in bytes (ASGI).
    """

    content: bytes = b""
    is_complete: bool = False
    is_gone: bool = False
    is_cut: bool = False
    sizes: Sequence[int] = ()


class Arrival(NamedTuple):
    """A request whose head has arrived. headers_merged: as in ``Request``.

    ids, caller: functions that return the path parameter and the authenticated caller (or an awaitable of it).
    """

    query: str
    headers: Iterable[tuple[str, str]]
    headers_merged: bool
    ids: Callable[[], str | None]
    caller: Callable[[], Any]


class Outcome(NamedTuple):
    """The result for one request. answer: to the client; None: the request passes, with its report.

    report: None: the client has gone before its body was complete, so that the request must not pass.
    """

    report: Report | None
    body: Body
    answer: Response | None


_UNREAD: Final = Body()


@dataclass(frozen=True, slots=True)
class Enforcer:
    """An engine with its route and its enforcement settings. Immutable.

    observe: True: every request passes. Codes: failures with these codes do not refuse a request, but still end the run after
        their stage.
    on_verdict: called with the verdict of each validated request; an exception in it is logged.
    headers_merged: servers or proxies may have merged repeated headers.
    """

    engine: Engine
    route: Route
    observe: bool | frozenset[str]
    on_verdict: OnVerdict | None
    headers_merged: bool

    @classmethod
    def create(
        cls, engine: Engine, template: Template, observe: ObserveSetting, on_verdict: OnVerdict | None, *, headers_merged: bool
    ) -> "Enforcer":
        """Create an enforcer. template: paths besides the operation's. Raises ValueError for an invalid one or unknown code."""
        templates = (template,) if isinstance(template, str) else tuple(template or ())
        route = Route(engine.endpoint.method, engine.endpoint.path, *templates)
        codes = observe if isinstance(observe, bool) else frozenset(observe)
        unknown = set() if isinstance(codes, bool) else codes - {code.code for code in engine.codes}
        if unknown:
            raise ValueError(f"{engine.operation} has no code {', '.join(sorted(map(repr, unknown)))}")
        return cls(engine, route, codes, on_verdict, headers_merged)

    @property
    def is_observing_all(self) -> bool:
        """Whether every request passes, whatever its failures."""
        return self.observe is True

    def check(self, arrival: Arrival, read_body: Callable[[int], Body]) -> Outcome:
        """Validate a request. read_body: reads the body up to a limit in bytes."""
        body = _UNREAD
        try:
            request, report, seconds = self._check_head(arrival, arrival.caller())
            if report is None:
                body = read_body(self.engine.body_limit)
        except BaseException as error:  # noqa: BLE001 - a request without a known caller, ID or body must not pass
            request, report, seconds = self._report_error(arrival, error)
        if report is not None:
            return Outcome(report, body, self.enforce(report, seconds))
        if body.is_gone and not self.is_observing_all:
            return Outcome(None, body, self.engine.validate(request).response())
        start = perf_counter()
        report = self.engine.validate(_add_body(request, body))
        return Outcome(report, body, self.enforce(report, seconds + perf_counter() - start))

    async def check_async(self, arrival: Arrival, read_body: Callable[[int], Awaitable[Body]]) -> Outcome:
        """Validate a request. read_body: reads the body up to a limit in bytes. The client that has gone is not answered.

        Raises what ``read_body`` raises: frameworks answer such errors of theirs, for example a body over their own limit.
        """
        body, is_reading = _UNREAD, False
        try:
            caller = arrival.caller()
            request, report, seconds = self._check_head(arrival, await caller if hasattr(caller, "__await__") else caller)
            if report is None:
                is_reading = True
                body = await read_body(self.engine.body_limit)
        except BaseException as error:
            if is_reading and not self.is_observing_all and not isinstance(error, SetupError):
                raise
            request, report, seconds = self._report_error(arrival, error)
        if report is not None:
            return Outcome(report, body, self.enforce(report, seconds))
        if body.is_gone and not self.is_observing_all:
            return Outcome(None, body, None)
        start = perf_counter()
        report = await self.engine.validate_async(_add_body(request, body))
        return Outcome(report, body, self.enforce(report, seconds + perf_counter() - start))

    def _check_head(self, arrival: Arrival, caller: Any) -> _CheckedHead:
        """Check access and negotiation, which need no body."""
        start = perf_counter()
        if caller is not None and not isinstance(caller, Caller):
            raise InputTypeError(f"the caller must be a Caller or None, got {type(caller).__name__}")
        ids, merged = arrival.ids(), arrival.headers_merged
        request = Request(ids, arrival.query, arrival.headers, caller=caller, headers_merged=merged)
        return request, self.engine.validate_head(request), perf_counter() - start

    def _report_error(self, arrival: Arrival, error: BaseException) -> _CheckedHead:
        """Return the report 500-100 for an error of the server, which is logged. Raises an error that stops the program."""
        request = Request(headers=arrival.headers)
        return request, self.engine.failure_report(request, error), 0

    def enforce(self, report: Report, seconds: float) -> Response | None:
        """Count the verdict and return the answer to a refused request; None: the request passes. seconds: see ``Verdict``."""
        refusal = self._select_refusal(report)
        if self.on_verdict is not None:
            verdict: Literal["accepted", "observed", "refused"] = "refused"
            if refusal is None:
                verdict = "accepted" if report.accepted else "observed"
            failures = (refusal or report).failures
            code = failures[0].code if failures else None
            _notify(self.on_verdict, Verdict(report.operation, verdict, code, report.stage, seconds, report.skipped))
        return None if refusal is None else refusal.response()

    def _select_refusal(self, report: Report) -> Report | None:
        """Return the report with only the failures that refuse the request; None: it passes."""
        if report.accepted or self.observe is True:
            return None
        if not self.observe:
            return report
        enforced = tuple(failure for failure in report.failures if failure.code not in self.observe)
        if enforced:
            return report._replace(failures=enforced)
        # One of the failures beyond the limit could refuse it, and a report without any failure says nothing.
        return report if report.more or not report.failures else None


def _add_body(request: Request, body: Body) -> Request:
    return request.with_body(body.content, oversized=not body.is_complete or body.is_cut)


def find_report(values: Mapping[str, Any], operation: str | None) -> Report:
    """Return the report in a scope or environ. operation: of the report; None: any. Raises MissingReportError."""
    report = values.get(REPORT_KEY)
    if not isinstance(report, Report):
        raise MissingReportError("the request was not validated: no guard or middleware has seen it as one of its operation")
    if operation not in {None, report.operation}:
        raise MissingReportError(f"the request was not validated as {operation!r}, but as {report.operation!r}")
    return report


def read_parameter(parameters: Mapping[str, object], name: str) -> str | None:
    """Return a path parameter that a router has found, as text. Raises SetupError if the route does not have it."""
    if name not in parameters:
        raise SetupError(f"the route of the guarded endpoint has no path parameter {name!r}; its name is a setting of the guard")
    value = parameters[name]
    return None if value is None else str(value)


def check_synchronous(engine: Engine, caller: Callable[..., Any]) -> None:
    """Raise ValueError for a directory or a caller function that would have to be awaited, in code that cannot await it."""
    if engine.is_asynchronous:
        raise ValueError("an asynchronous directory needs ASGI or an asynchronous view; give load() a synchronous one")
    if is_awaited(caller):
        raise ValueError("an asynchronous caller function needs ASGI or an asynchronous view; give a synchronous one")


def _notify(on_verdict: OnVerdict, verdict: Verdict) -> None:
    try:
        on_verdict(verdict)
    except BaseException as error:  # noqa: BLE001 - a callback must not affect requests
        raise_if_stopping(error)
        log_rarely(ERROR, f"on_verdict failed: {describe_error(error)}")


def parse_content_length(length: str) -> int | None:
    """Return a Content-Length in bytes; None: it is not a number. More than 18 digits are cut, which is larger than any body."""
    return int(length[:18]) if length.isascii() and length.isdecimal() else None
