"""Metrics of the sidecar: which there are, in one process and in several, and that they follow the conventions."""

import asyncio
import json
import os
import platform
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.values import MultiProcessValue

from tests.commands import run
from tests.servers.parts import ENGINE, GOOD, OPERATION, ask, body, http
from tests.sidecar.test_app import CHECK, SETTINGS, close, sidecar, yes
from validator import Keys, load
from validator._version import VERSION
from validator.operation.home import shipped_fixtures
from validator.sidecar.app import Sidecar
from validator.sidecar.metrics import Metrics
from validator.sidecar.reference_data import DirectorySource, ReferenceData, open_reference_data

DIRECTORY = shipped_fixtures() / "directory.json"
Samples = dict[str, dict[tuple[str, ...], float]]


def read(metrics: Metrics) -> Samples:
    """Return the samples by name and label values."""
    samples: Samples = {}
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            samples.setdefault(sample.name, {})[tuple(value for _, value in sorted(sample.labels.items()))] = sample.value
    return samples


def open_data(location: str, metrics: Metrics, cache_seconds: float = 60) -> ReferenceData:
    """Return open reference data."""
    return open_reference_data(DirectorySource(location, 1.0, "reject", cache_seconds), metrics)


async def finish(data: ReferenceData) -> None:
    """Close reference data."""
    await data.close()


def test_skipped_rules_are_counted() -> None:
    """Each for lack of reference data; the request is marked. That merged headers hide something is not counted."""
    app = sidecar(load(OPERATION))
    ask(app, http(CHECK, content_type="application/json"), body(GOOD))
    samples = read(app._metrics)
    assert samples["activity_validator_requests_total"] == {("", OPERATION, "true", "accepted"): 1}
    skipped = {rule.code.code for rule in ENGINE.definition.rules.rules if rule.needs}
    assert {code for code, _ in samples["activity_validator_skipped_rules_total"]} == skipped
    app = sidecar()
    ask(app, http(CHECK, content_type="application/json"), body(GOOD))
    assert read(app._metrics)["activity_validator_requests_total"] == {("", OPERATION, "false", "accepted"): 1}


def test_snapshot_shows_version_and_age(tmp_path: Path) -> None:
    """And whether the last reload has succeeded."""
    file, metrics = tmp_path / "tenant.json", Metrics()
    file.write_text(DIRECTORY.read_text())
    data = open_data(str(file), metrics)
    names = ("version", "loaded_timestamp_seconds", "last_reload_successful")

    def values() -> list[float]:
        samples = read(metrics)
        return [samples[f"activity_validator_reference_data_{name}"][()] for name in names]

    first = values()
    assert (first[0], first[2]) == (1, 1)
    assert abs(first[1] - file.stat().st_mtime) < 60
    file.write_text("{")
    data.reload()
    assert values() == [1, first[1], 0]
    file.unlink()
    data.reload()
    assert values() == [1, first[1], 0]
    document = json.loads(DIRECTORY.read_text())
    document["activities"] = []
    file.write_text(json.dumps(document))
    data.reload()
    second = values()
    assert (second[0], second[2]) == (2, 1)
    assert second[1] > first[1]
    asyncio.run(finish(data))


def test_database_shows_cache_duration_and_errors(tmp_path: Path) -> None:
    """A hit needs no query. Queries that fail are errors, and are timed too."""
    url = f"sqlite:///{tmp_path / 'tenant.db'}"
    assert run("directory", "create", url).exit_code == 0
    assert run("directory", "import", str(DIRECTORY), url).exit_code == 0

    async def fetch(place: str, times: int, cache_seconds: float = 60) -> Samples:
        metrics = Metrics()
        data = open_data(place, metrics, cache_seconds)
        directory: Any = data.directory
        for _ in range(times):
            with suppress(Exception):  # counted
                await directory.fetch(Keys(customers=("1001",)))
        await data.close()
        return read(metrics)

    samples = asyncio.run(fetch(url, 3))
    assert samples["activity_validator_cache_lookups_total"] == {("hit",): 2, ("miss",): 1}
    assert samples["activity_validator_source_seconds_count"] == {(): 1}
    assert samples["activity_validator_source_errors_total"] == {(): 0}
    assert asyncio.run(fetch(url, 3, 0))["activity_validator_source_seconds_count"] == {(): 3}
    samples = asyncio.run(fetch(f"sqlite:///{tmp_path / 'none.db'}", 2))
    assert samples["activity_validator_source_errors_total"] == samples["activity_validator_source_seconds_count"] == {(): 2}


def test_build_and_process_are_shown() -> None:
    """The versions, and the standard metrics of a process."""
    samples = read(Metrics())
    assert samples["activity_validator_build_info"] == {(platform.python_version(), VERSION): 1}
    assert samples["process_resident_memory_bytes"][()] > 1 << 20
    assert samples["process_open_fds"][()] > 3


def test_metrics_of_several_workers_are_one_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker shows the sum of all, also of those that have ended; of processes, only of those that run."""
    alone = read(Metrics())["process_resident_memory_bytes"][()]
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    apps = []
    for number in (os.getpid(), 1):
        values: Any = MultiProcessValue(lambda number=number: number)  # type: ignore[no-untyped-call]
        monkeypatch.setattr("prometheus_client.values.ValueClass", values)
        apps.append(Sidecar([ENGINE], SETTINGS, yes, close, Metrics()))
        ask(apps[-1], http(CHECK), body(GOOD))
    for app in apps:
        samples = read(app._metrics)
        assert samples["activity_validator_requests_total"] == {("", OPERATION, "false", "accepted"): 2}
        assert samples["activity_validator_requests_in_flight"] == {(): 0}
        assert samples["activity_validator_build_info"] == {(platform.python_version(), VERSION): 1}
        assert samples["process_resident_memory_bytes"][()] > alone / 2
    with_both = read(apps[0]._metrics)["process_start_time_seconds"][()]
    (tmp_path / "gauge_livesum_1.db").unlink()
    assert with_both <= read(apps[0]._metrics)["process_start_time_seconds"][()]


def example(tmp_path: Path) -> bytes:
    """Return metrics with a sample of each kind."""
    metrics = Metrics()
    data = open_data(str(DIRECTORY), metrics)
    app = Sidecar([load(OPERATION)], SETTINGS, yes, close, metrics)
    for content in (GOOD, b"{}"):
        ask(app, http(CHECK), body(content))
    metrics.unserved_requests.labels("time").inc()
    metrics.cache_lookups.labels("hit").inc()
    asyncio.run(finish(data))
    assert tmp_path.exists()
    return metrics.render()


def test_names_follow_the_conventions(tmp_path: Path) -> None:
    """Base units, _total for counters and only for these, help texts that are sentences, one prefix, no colons."""
    families = list(text_string_to_metric_families(example(tmp_path).decode()))
    names = [family.name for family in families]
    assert len(set(names)) == len(names) > 15
    for family in families:
        assert family.documentation.endswith((".", "limit")) or family.name.startswith("process_"), family
        assert family.name.startswith(("activity_validator_", "process_"))
        assert ":" not in family.name
        assert family.type in {"counter", "gauge", "histogram"}
        suffixes = {sample.name.removeprefix(family.name) for sample in family.samples}
        allowed = {"counter": {"_total", "_created"}, "gauge": {""}, "histogram": {"_bucket", "_count", "_sum", "_created"}}
        assert suffixes <= allowed[family.type], family
        assert not family.name.endswith(("_total", "_milliseconds", "_ms", "_count", "_sum", "_bucket"))


def test_promtool_finds_nothing(tmp_path: Path) -> None:
    """Prometheus' own checker, where it is installed."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    done = subprocess.run([promtool, "check", "metrics"], input=example(tmp_path), capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
