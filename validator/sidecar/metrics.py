"""Metrics of the sidecar as Prometheus text (extra ``[server]``).

Several workers store them in a shared folder, and each shows all: the sum of the counters, and the gauges set last.
"""

import os
import platform
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from validator._version import VERSION
from validator.enforcement import BUCKETS, Verdict

MEDIA: Final = CONTENT_TYPE_LATEST
SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"  # environment variable: the folder in which several workers store their metrics
_PREFIX: Final = "activity_validator"
_WORKER_FILE: Final = re.compile(r"gauge_livesum_(\d+)\.db")  # of a worker that runs; the supervisor removes those of others
_SMALLEST: Final = {"process_start_time_seconds", "process_max_fds"}  # of several workers the smallest counts, else the sum


class DataVersion(NamedTuple):
    """The reference data in use. number: counts from 1. time: when they were loaded, in seconds since the epoch.

    is_current: they are those of the file; False: it has changed, and could not be loaded.
    """

    number: int
    time: float
    is_current: bool


class Metrics:
    """The metrics of one process.

    in_flight: gauge of requests in flight. other_requests: counter of requests that belong to no operation.
    unserved_requests: counter of requests answered with 500-100 without validation, by reason.
    cache_lookups: counter by result (hit, miss). source_seconds, source_errors: histogram and counter of database queries.
    """

    def __init__(self) -> None:
        """Start all counters at 0."""
        self._registry = CollectorRegistry()
        self._data_version: Callable[[], DataVersion] | None = None
        self._add_requests()
        self._add_source()
        build = self._gauge("build_info", "Versions of the sidecar and of Python.", "version", "python")
        build.labels(VERSION, platform.python_version()).set(1)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"{_PREFIX}_{name}", text, labels, registry=self._registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"{_PREFIX}_{name}", text, labels, buckets=BUCKETS, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"{_PREFIX}_{name}", text, labels, registry=self._registry, multiprocess_mode="mostrecent")

    def _add_requests(self) -> None:
        self._verdicts = self._counter(
            "requests",
            "Validated requests by operation, verdict (accepted, refused, observed) and code of the first failure; "
            "skipped: whether rules were not checked for lack of reference data.",
            *("operation", "verdict", "code", "skipped"),
        )
        text = "Rules that were not checked for lack of reference data, by code."
        self._skipped = self._counter("skipped_rules", text, "operation", "code")
        text = "Duration of validation in seconds, without waiting for the body."
        self._seconds = self._histogram("judging_seconds", text, "operation")
        text = "Requests that belong to no operation and passed without validation."
        self.other_requests = self._counter("other_requests", text)
        text = "Requests answered with 500-100 without validation: too many in flight (concurrency), or timeout (time)."
        self.unserved_requests = self._counter("unserved_requests", text, "reason")
        name, text = f"{_PREFIX}_requests_in_flight", "Requests in flight."
        self.in_flight = Gauge(name, text, registry=self._registry, multiprocess_mode="livesum")

    def _add_source(self) -> None:
        self.cache_lookups = self._counter("cache_lookups", "Requests by whether the cache had all their facts.", "result")
        self.source_seconds = self._histogram("source_seconds", "Duration of a database query in seconds.")
        self.source_errors = self._counter("source_errors", "Database queries that failed or were not answered in time.")

    def watch_data(self, get_version: Callable[[], DataVersion]) -> None:
        """Show the version of the reference data. get_version: returns that in use."""
        self._data_version = get_version
        name = "reference_data"
        self._number = self._gauge(f"{name}_version", "Number of the version of the reference data, counted from 1.")
        text = "When the reference data in use were loaded, in seconds since the epoch."
        self._loaded = self._gauge(f"{name}_loaded_timestamp_seconds", text)
        text = "Whether the reference data in use are those of the file (1), or it could not be loaded (0)."
        self._is_current = self._gauge(f"{name}_last_reload_successful", text)

    def count(self, verdict: Verdict) -> None:
        """Count one verdict and its duration."""
        missing = [skip for skip in verdict.skipped if skip.missing]
        is_skipped = "true" if missing else "false"
        self._verdicts.labels(verdict.operation, verdict.verdict, verdict.code or "", is_skipped).inc()
        self._seconds.labels(verdict.operation).observe(verdict.seconds)
        for skip in missing:
            self._skipped.labels(verdict.operation, skip.code).inc()

    def render(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        if self._data_version is not None:
            version = self._data_version()
            self._number.set(version.number)
            self._loaded.set(version.time)
            self._is_current.set(version.is_current)
        folder = os.environ.get(SHARED_FOLDER)
        registry = self._registry
        if folder is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        processes = CollectorRegistry()
        processes.register(_Processes([os.getpid()] if folder is None else _find_workers(folder)))
        return generate_latest(registry) + generate_latest(processes)


def _find_workers(folder: str) -> list[int]:
    """Return the process IDs of the workers that run."""
    return [int(match[1]) for path in Path(folder).iterdir() if (match := _WORKER_FILE.fullmatch(path.name))]


class _Processes(Collector):
    """The standard metrics of processes, of several together: memory, processor time and file descriptors."""

    def __init__(self, ids: list[int]) -> None:
        self._ids = ids

    def collect(self) -> Iterator[Metric]:
        """Yield one metric of each name."""
        families: dict[str, list[Metric]] = {}
        for number in self._ids:
            for metric in ProcessCollector(pid=partial(int, number), registry=None).collect():
                families.setdefault(metric.name, []).append(metric)
        for name, metrics in families.items():
            combine = min if name in _SMALLEST else sum
            samples = [metric.samples[0] for metric in metrics]
            metrics[0].samples = [samples[0]._replace(value=combine(sample.value for sample in samples))]
            yield metrics[0]
