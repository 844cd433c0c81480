"""Fixtures and options that all tests share."""

import functools
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.paths import CORPORA
from validator import rare_log
from validator.directories import Snapshot
from validator.engine import Engine, load
from validator.operation.home import shipped_fixtures

# No deadline: benchmarks measure time. The campaign is run by hand: HYPOTHESIS_PROFILE=campaign.
# In CI the examples are the same in every run, so that a failure can be reproduced.
settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.register_profile("campaign", settings.get_profile("default"), max_examples=20_000, derandomize=False)
# For each mutant; the same examples for all.
settings.register_profile("mutation", settings.get_profile("default"), max_examples=20, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_sessionstart() -> None:
    """Clear the caches: the mutation campaign runs many sessions in one process, each with other code."""
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper) and one.__module__.startswith("validator"):
            one.cache_clear()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that rewrites the expected reports of the fixtures; the difference is then reviewed."""
    parser.addoption("--rewrite-reports", action="store_true", help="rewrite the expected reports of the fixtures")


@pytest.fixture(scope="session", autouse=True)
def _log_each_event() -> Iterator[None]:
    """Log each event of a request, whichever test had one of its kind before; tests of rare lines set the interval."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rare_log, "INTERVAL", 0.0)
        yield


@pytest.fixture
def corpora() -> Path:
    """Return the folder of public test suites, or skip the test: it is not part of the project."""
    if not CORPORA.is_dir():
        pytest.skip("the public test suites are not installed")
    return CORPORA


@pytest.fixture(scope="session")
def tenant() -> Snapshot:
    """Return the reference data of all fixtures."""
    return Snapshot.from_file(shipped_fixtures() / "directory.json")


@pytest.fixture(scope="session", params=["fast", "reference"])
def engine(request: pytest.FixtureRequest, tenant: Snapshot) -> Engine:
    """Return the engine of create-email-response: the fast one and the reference one."""
    return load("create-email-response", tenant, request.param)
