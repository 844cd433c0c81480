"""Verdicts as OpenTelemetry metrics and span attributes, read by the SDK."""

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.servers.parts import ENGINE, GOOD, OPERATION, ask, body, customer, echo, http
from validator.asgi import Middleware
from validator.enforcement import BUCKETS, Verdict
from validator.model.report import Skip
from validator.telemetry import recorder

ACCEPTED = {
    "activity_validator.operation": OPERATION, "activity_validator.verdict": "accepted", "activity_validator.stage": "rules",
    "activity_validator.skipped": False,
}  # fmt: skip
REFUSED = {
    "activity_validator.operation": OPERATION, "activity_validator.verdict": "refused", "activity_validator.code": "400-720",
    "activity_validator.stage": "structure", "activity_validator.skipped": False, "error.type": "400-720",
}  # fmt: skip


def test_verdicts_are_counted_timed_and_added_to_the_span() -> None:
    """By operation, verdict, code and stage."""
    reader, exporter = InMemoryMetricReader(), InMemorySpanExporter()
    meters, traces = MeterProvider([reader]), TracerProvider()
    traces.add_span_processor(SimpleSpanProcessor(exporter))
    app = Middleware(echo, ENGINE, customer, on_verdict=recorder(meters))
    for content in (GOOD, b"{}", b"{}"):
        with traces.get_tracer("tests").start_as_current_span("request"):
            ask(app, http(), body(content))
    data = reader.get_metrics_data()
    assert data is not None
    (scope,) = data.resource_metrics[0].scope_metrics
    points = {metric.name: {str(point.attributes): point for point in metric.data.data_points} for metric in scope.metrics}
    counts = {key: point.value for key, point in points["activity_validator.requests"].items()}  # type: ignore[union-attr]
    durations = {key: point.count for key, point in points["activity_validator.judging.duration"].items()}  # type: ignore[union-attr]
    assert counts == durations == {str(ACCEPTED): 1, str(REFUSED): 2}
    assert [dict(span.attributes or {}) for span in exporter.get_finished_spans()] == [ACCEPTED, REFUSED, REFUSED]
    bounds = {point.explicit_bounds for point in points["activity_validator.judging.duration"].values()}  # type: ignore[union-attr]
    assert bounds == {BUCKETS}
    meters.shutdown()
    traces.shutdown()


def test_without_an_sdk_nothing_is_recorded() -> None:
    """The API package alone accepts verdicts and does nothing."""
    recorder()(Verdict(OPERATION, "accepted", None, "rules", 0.1))


def test_skipped_rules_are_an_attribute() -> None:
    """Those that lack reference data. A refusal without a code has the type that the conventions reserve for it."""
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader])
    record = recorder(meters)
    for reason in ((), ("customers",)):
        record(Verdict(OPERATION, "refused", None, "rules", 0.1, (Skip("400-702", "rule", "reason", reason),)))
    data = reader.get_metrics_data()
    assert data is not None
    counter = next(one for one in data.resource_metrics[0].scope_metrics[0].metrics if one.name == "activity_validator.requests")
    attributes = [dict(point.attributes or {}) for point in counter.data.data_points]
    assert [one["activity_validator.skipped"] for one in attributes] == [False, True]
    assert {one["error.type"] for one in attributes} == {"_OTHER"}
    meters.shutdown()
