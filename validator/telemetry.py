"""OpenTelemetry metrics and span attributes for verdicts (extra ``[opentelemetry]``).

Middleware(app, engine, caller, on_verdict=telemetry.recorder())

Only the API package is required; without an SDK in the process, nothing is recorded.
"""

from opentelemetry import metrics, trace

from validator._version import VERSION
from validator.enforcement import OnVerdict, Verdict

SCOPE = "activity-validator"


def recorder(provider: metrics.MeterProvider | None = None) -> OnVerdict:
    """Return an ``on_verdict`` callback that records verdicts. provider: of meters; None: the global one.

    It adds to the counter ``activity_validator.requests`` and the histogram ``activity_validator.judging.duration`` (seconds).
    Both, and the current span, get the attributes ``activity_validator.operation``, ``.verdict``, ``.stage`` and, if there is a
    failure, ``.code``.
    """
    meter = metrics.get_meter(SCOPE, VERSION, provider)
    requests = meter.create_counter("activity_validator.requests", "{request}", "Validated requests.")
    duration = meter.create_histogram(
        "activity_validator.judging.duration", "s", "Duration of validation, without waiting for the body."
    )

    def record(verdict: Verdict) -> None:
        values = {"operation": verdict.operation, "verdict": verdict.verdict, "code": verdict.code, "stage": verdict.stage}
        attributes = {f"activity_validator.{name}": value for name, value in values.items() if value is not None}
        requests.add(1, attributes)
        duration.record(verdict.seconds, attributes)
        trace.get_current_span().set_attributes(attributes)

    return record
