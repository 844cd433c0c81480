"""Enforcement of reports, shared by the middlewares: count the verdict, then pass the request on or answer it."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from validator.engine import Engine
from validator.errors import describe_error, raise_if_stopping
from validator.head.route import Route
from validator.model.report import Report
from validator.model.response import Response


class Verdict(NamedTuple):
    """The outcome of one request to an operation, for metrics.

    verdict: "observed" is a request that passed in spite of failures.
    code: of the first failure (of a refused request, the first that is not observed); None: no failure.
    stage: the last one reached.
    seconds: duration of validation, without waiting for the body.
    """

    operation: str
    verdict: Literal["accepted", "refused", "observed"]
    code: str | None
    stage: str
    seconds: float


OnVerdict = Callable[[Verdict], None]
ObserveSetting = bool | Collection[str]
REPORT_KEY: Final = "validator.report"  # key of the report in the scope or environ


class Body(NamedTuple):
    """The part of a body that was read. is_gone: the client disconnected, or sent less than it declared."""

    content: bytes = b""
    is_complete: bool = False
    is_gone: bool = False


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
        cls, engine: Engine, template: str | None, observe: ObserveSetting, on_verdict: OnVerdict | None, *, headers_merged: bool
    ) -> "Enforcer":
        """Create an enforcer. template: None: the operation's path. Raises ValueError for an invalid template or unknown code."""
        route = Route(engine.endpoint.method, engine.endpoint.path if template is None else template)
        codes = observe if isinstance(observe, bool) else frozenset(observe)
        unknown = set() if isinstance(codes, bool) else codes - {code.code for code in engine.codes}
        if unknown:
            raise ValueError(f"{engine.operation} has no code {', '.join(sorted(map(repr, unknown)))}")
        return cls(engine, route, codes, on_verdict, headers_merged)

    @property
    def is_observing_all(self) -> bool:
        """Whether every request passes, whatever its failures."""
        return self.observe is True

    def enforce(self, report: Report, seconds: float) -> Response | None:
        """Count the verdict and return the answer to a refused request; None: the request passes. seconds: see ``Verdict``."""
        refusal = self._select_refusal(report)
        if self.on_verdict is not None:
            verdict: Literal["accepted", "observed", "refused"] = "refused"
            if refusal is None:
                verdict = "accepted" if report.accepted else "observed"
            failures = (refusal or report).failures
            code = failures[0].code if failures else None
            _notify(self.on_verdict, Verdict(report.operation, verdict, code, report.stage, seconds))
        return None if refusal is None else refusal.response()

    def _select_refusal(self, report: Report) -> Report | None:
        """Return the report with only the failures that refuse the request; None: it passes."""
        if report.accepted or self.observe is True:
            return None
        if not self.observe:
            return report
        enforced = tuple(failure for failure in report.failures if failure.code not in self.observe)
        if enforced:
            return replace(report, failures=enforced)
        # One of the failures beyond the limit could refuse it, and a report without any failure says nothing.
        return report if report.more or not report.failures else None


def _notify(on_verdict: OnVerdict, verdict: Verdict) -> None:
    try:
        on_verdict(verdict)
    except BaseException as error:  # noqa: BLE001 - a callback must not affect requests
        raise_if_stopping(error)
        logging.getLogger("validator").error("on_verdict failed: %s", describe_error(error))  # noqa: TRY400 - the text could hold a client's data


def parse_content_length(length: str) -> int | None:
    """Return a Content-Length in bytes; None: it is not a number. More than 18 digits are cut, which is larger than any body."""
    return int(length[:18]) if length.isascii() and length.isdecimal() else None
