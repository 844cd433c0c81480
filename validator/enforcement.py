"""What every face to a server does with a report: record it, and let the request go on or answer it."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from validator.engine import Engine
from validator.errors import describe_error
from validator.head.route import Route
from validator.model.report import Report
from validator.model.response import Response


class Verdict(NamedTuple):
    """What became of one request to an operation, as metrics count it.

    verdict: "observed" is a request with faults that was let pass.
    code: of the first failure, where it is refused of those that refuse; None: there is none. stage: the last that was reached.
    seconds: that judging took, without waiting for the body.
    """

    operation: str
    verdict: Literal["accepted", "refused", "observed"]
    code: str | None
    stage: str
    seconds: float


OnVerdict = Callable[[Verdict], None]
ObserveSetting = bool | Collection[str]
REPORT_KEY: Final = "validator.report"  # under which an application finds it, in the scope or the environ


class Body(NamedTuple):
    """What was read of a body. is_gone: the client has disconnected, or has sent less than it said."""

    content: bytes = b""
    is_complete: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Enforcer:
    """An engine where a gateway has mounted it.

    observe: True: every request goes on, whatever is found. Codes: they do not refuse by themselves, but the stage that
        found one still ends the run.
    on_verdict: is called for each judged request; what it raises is logged.
    headers_merged: servers and proxies on the way may have merged repeated headers.
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
        """Mount an engine. template: None: the operation's own. Raises ValueError for a template or a code that is none."""
        route = Route(engine.endpoint.method, engine.endpoint.path if template is None else template)
        codes = observe if isinstance(observe, bool) else frozenset(observe)
        unknown = set() if isinstance(codes, bool) else codes - {code.code for code in engine.codes}
        if unknown:
            raise ValueError(f"{engine.operation} has no code {', '.join(sorted(map(repr, unknown)))}")
        return cls(engine, route, codes, on_verdict, headers_merged)

    @property
    def is_observing_all(self) -> bool:
        """Whether every request goes on."""
        return self.observe is True

    def enforce(self, report: Report, seconds: float) -> Response | None:
        """Record what was found, and return the answer to give; None: the request goes on."""
        refusal = self._enforced(report)
        if self.on_verdict is not None:
            verdict: Literal["accepted", "observed", "refused"] = "refused"
            if refusal is None:
                verdict = "accepted" if report.accepted else "observed"
            failures = (refusal or report).failures
            code = failures[0].code if failures else None
            _tell(self.on_verdict, Verdict(report.operation, verdict, code, report.stage, seconds))
        return None if refusal is None else refusal.response()

    def _enforced(self, report: Report) -> Report | None:
        """Return the report of what refuses the request, or None."""
        if report.accepted or self.observe is True:
            return None
        if not self.observe:
            return report
        enforced = tuple(failure for failure in report.failures if failure.code not in self.observe)
        if enforced:
            return replace(report, failures=enforced)
        return report if report.more else None  # what was not told may be what refuses


def _tell(on_verdict: OnVerdict, verdict: Verdict) -> None:
    try:
        on_verdict(verdict)
    except Exception as error:  # noqa: BLE001 - who counts must not stop what is counted
        logging.getLogger("validator").error("on_verdict failed: %s", describe_error(error))  # noqa: TRY400 - words may hold what was sent


def parse_content_length(length: str) -> int | None:
    """Return a Content-Length in bytes, or None when it is none; one of more digits than any body has stays as large."""
    return int(length[:18]) if length.isascii() and length.isdecimal() else None
