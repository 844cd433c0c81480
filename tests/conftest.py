"""What all tests share."""

import functools
import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.paths import CORPORA
from validator.directories.snapshot import Snapshot
from validator.engine import Engine, load
from validator.operation.home import shipped_fixtures

# No deadline: how long an example takes is the benchmarks' affair. The campaign is run by hand: HYPOTHESIS_PROFILE=campaign.
# In CI the examples are the same at every run, so that a red run can be repeated.
settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.register_profile("campaign", settings.get_profile("default"), max_examples=20_000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_sessionstart() -> None:
    """Forget what an earlier session in this process remembered: the mutation campaign runs many, each of another code."""
    for found in gc.get_objects():
        if isinstance(found, functools._lru_cache_wrapper) and found.__module__.startswith("validator"):
            found.cache_clear()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the expected reports of the fixtures anew; the difference is then read."""
    parser.addoption("--rewrite-reports", action="store_true", help="write the fixtures' expected reports anew")


@pytest.fixture
def corpora() -> Path:
    """Return the folder of public test suites, or skip: it is not part of the project."""
    if not CORPORA.is_dir():
        pytest.skip("the public test suites (shared/corpora) are not here")
    return CORPORA


@pytest.fixture(scope="session")
def tenant() -> Snapshot:
    """Return the reference data of all fixtures."""
    return Snapshot.from_file(shipped_fixtures() / "directory.json")


@pytest.fixture(scope="session", params=["fast", "reference"])
def engine(request: pytest.FixtureRequest, tenant: Snapshot) -> Engine:
    """Return the engine of create-email-response; once the fast one, once the reference."""
    return load("create-email-response", tenant, request.param)
