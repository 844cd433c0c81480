"""Metrics of the sidecar as Prometheus text (extra ``[server]``)."""

import os
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from validator.enforcement import Verdict

MEDIA: Final = CONTENT_TYPE_LATEST
SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"  # environment variable: the folder in which several workers store their metrics
# Seconds: validation needs about 20 microseconds, with a database some milliseconds, and timeouts are seconds.
_BUCKETS: Final = (25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """The metrics of one sidecar; of several workers, each shows the sum of all.

    in_flight: gauge of requests in flight.
    other_requests: counter of requests that belong to no operation.
    unserved_requests: counter of requests answered with 500-100 without validation, by reason.
    """

    def __init__(self) -> None:
        """Start all counters at 0."""
        self._registry = CollectorRegistry()
        self._add_counters()
        self.in_flight = Gauge(
            "activity_validator_requests_in_flight", "Requests in flight.", registry=self._registry, multiprocess_mode="livesum"
        )

    def _add_counters(self) -> None:
        self._verdicts = Counter(
            "activity_validator_requests",
            "Validated requests by operation, verdict (accepted, refused, observed) and code of the first failure.",
            ("operation", "verdict", "code"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "activity_validator_judging_seconds",
            "Duration of validation in seconds, without waiting for the body.",
            ("operation",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.other_requests = Counter(
            "activity_validator_other_requests",
            "Requests that belong to no operation and passed without validation.",
            registry=self._registry,
        )
        self.unserved_requests = Counter(
            "activity_validator_unserved_requests",
            "Requests answered with 500-100 without validation: too many in flight (concurrency), or timeout (time).",
            ("reason",),
            registry=self._registry,
        )

    def count(self, verdict: Verdict) -> None:
        """Count one verdict and its duration."""
        self._verdicts.labels(verdict.operation, verdict.verdict, verdict.code or "").inc()
        self._seconds.labels(verdict.operation).observe(verdict.seconds)

    def render(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        registry = self._registry
        if SHARED_FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
