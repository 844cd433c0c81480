"""The examples for data engines run in the data engines that are installed, and count the same."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import copy, which

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.arrow.requests import make_mixed
from tests.paths import ROOT
from tests.readme import find_engine_example

PACKAGES = {"duckdb": "duckdb", "processes": "pyarrow", "spark": "pyspark", "ray": "ray"}


@pytest.mark.parametrize("name", PACKAGES)
def test_example_counts_the_verdicts(tmp_path: Path, name: str) -> None:
    """Every tenth of 1,000 requests is refused."""
    if find_spec(PACKAGES[name]) is None:
        pytest.skip(f"{PACKAGES[name]} is not installed")
    if name == "spark" and which("java") is None:
        pytest.skip("java, which Spark needs, is not installed")
    table = pa.Table.from_batches([make_mixed(1_000)])
    times = pa.array([0] * len(table)).cast(pa.timestamp("us", "UTC"))
    pq.write_table(table.append_column("time", times), tmp_path / "requests.parquet", row_group_size=200)
    (tmp_path / "fixtures").mkdir()
    copy(ROOT / "fixtures" / "directory.json", tmp_path / "fixtures")
    script = tmp_path / f"with_{name}.py"
    script.write_text(find_engine_example(name), encoding="utf-8")
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 10
    done = subprocess.run([sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == ["(900, 100)"], done.stderr
