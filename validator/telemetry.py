"""Verdicts as OpenTelemetry metrics and attributes of the current span (extra ``[opentelemetry]``).

Middleware(app, engine, caller, on_verdict=telemetry.make_recorder())

Only the API package is needed: without an SDK in the process nothing is recorded.
"""

from opentelemetry import metrics, trace

from validator._version import VERSION
from validator.enforcement import OnVerdict, Verdict

SCOPE = "activity-validator"


def make_recorder(provider: metrics.MeterProvider | None = None) -> OnVerdict:
    """Return what records verdicts. provider: of meters; None: the process's.

    The counter is ``activity_validator.requests``, the histogram ``activity_validator.judging.duration`` in seconds; both have
    the attributes ``operation``, ``verdict``, ``code`` (where there is one) and ``stage`` below ``activity_validator.``.
    """
    meter = metrics.get_meter(SCOPE, VERSION, provider)
    requests = meter.create_counter("activity_validator.requests", "{request}", "Requests judged.")
    duration = meter.create_histogram(
        "activity_validator.judging.duration", "s", "Time that judging took, without waiting for the body."
    )

    def record(verdict: Verdict) -> None:
        told = {"operation": verdict.operation, "verdict": verdict.verdict, "code": verdict.code, "stage": verdict.stage}
        attributes = {f"activity_validator.{name}": value for name, value in told.items() if value is not None}
        requests.add(1, attributes)
        duration.record(verdict.seconds, attributes)
        trace.get_current_span().set_attributes(attributes)

    return record
