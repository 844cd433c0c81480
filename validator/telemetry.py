"""OpenTelemetry metrics and span attributes for verdicts (extra ``[opentelemetry]``).

Middleware(app, engine, caller, on_verdict=telemetry.recorder())

Only the API package is required; without an SDK in the process, nothing is recorded.
"""

from opentelemetry import metrics, trace

from validator._version import VERSION
from validator.enforcement import BUCKETS, OnVerdict, Verdict

SCOPE = "activity-validator"
PREFIX = "activity_validator"


def recorder(provider: metrics.MeterProvider | None = None) -> OnVerdict:
    """Return an ``on_verdict`` callback that records verdicts. provider: of meters; None: the global one.

    It adds to the counter ``activity_validator.requests`` and the histogram ``activity_validator.judging.duration`` (seconds; the
    advised buckets begin at 10 microseconds). Both, and the current span, get the attributes ``activity_validator.operation``,
    ``.verdict``, ``.stage``, ``.skipped`` (whether rules were not checked for lack of reference data) and, if there is a failure,
    ``.code``. Of a refused request, the code is ``error.type`` too, as OpenTelemetry's semantic conventions call it.
    """
    meter = metrics.get_meter(SCOPE, VERSION, provider)
    requests = meter.create_counter("activity_validator.requests", "{request}", "Validated requests.")
    duration = meter.create_histogram(
        "activity_validator.judging.duration",
        "s",
        "Duration of validation, without waiting for the body.",
        explicit_bucket_boundaries_advisory=BUCKETS,
    )

    def record(verdict: Verdict) -> None:
        values = {"operation": verdict.operation, "verdict": verdict.verdict, "code": verdict.code, "stage": verdict.stage}
        attributes: dict[str, str | bool] = {f"{PREFIX}.{name}": value for name, value in values.items() if value is not None}
        attributes[f"{PREFIX}.skipped"] = any(skip.missing for skip in verdict.skipped)
        if verdict.verdict == "refused":
            attributes["error.type"] = verdict.code or "_OTHER"
        requests.add(1, attributes)
        duration.record(verdict.seconds, attributes)
        trace.get_current_span().set_attributes(attributes)

    return record
