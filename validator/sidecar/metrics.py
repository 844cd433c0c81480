"""What the sidecar counts, as Prometheus text (extra ``[server]``)."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from validator.enforcement import Verdict

MEDIA: Final = CONTENT_TYPE_LATEST
# Seconds: a verdict takes some 20 microseconds, one with a database some milliseconds, and limits end in seconds.
_BUCKETS: Final = (25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """The metrics of one sidecar. ``count`` takes verdicts."""

    def __init__(self, in_flight: Callable[[], int]) -> None:
        """Begin to count. in_flight: how many requests are being judged now."""
        self._registry = CollectorRegistry()
        self._verdicts = Counter(
            "activity_validator_requests",
            "Requests judged, by operation, verdict (accepted, refused, observed) and code of the first failure.",
            ("operation", "verdict", "code"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "activity_validator_judging_seconds",
            "Time that judging took, without waiting for the body.",
            ("operation",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.others = Counter(
            "activity_validator_other_requests",
            "Requests to no guarded operation, which went on unjudged.",
            registry=self._registry,
        )
        self.unserved = Counter(
            "activity_validator_unserved_requests",
            "Requests answered with 500-100 unjudged: too many at a time, or not done in time.",
            ("reason",),
            registry=self._registry,
        )
        Gauge(
            "activity_validator_requests_in_flight", "Requests that are being judged now.", registry=self._registry
        ).set_function(in_flight)

    def count(self, verdict: Verdict) -> None:
        """Count one verdict."""
        self._verdicts.labels(verdict.operation, verdict.verdict, verdict.code or "").inc()
        self._seconds.labels(verdict.operation).observe(verdict.seconds)

    def text(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self._registry)
