"""``python -m tests.benchmarks.data_engines FILE.parquet [ENGINE...]``: run the examples for data engines on a file.

For each engine (by default all): the counts that the example prints, the requests per second of the whole process, and
the greatest memory of the process with all that it starts, without what they share (USS).
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import psutil
import pyarrow.parquet as pq

from tests.paths import ROOT
from tests.readme import find_engine_example

ENGINES: Final = ("processes", "duckdb", "spark", "ray")
STEP: Final = 0.5  # seconds between two readings of the memory


def measure_memory(process: psutil.Process) -> int:
    """Return the bytes of a process and all that it has started."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().uss
        except psutil.NoSuchProcess:
            continue
    return total


def run_example(name: str, file: Path, folder: Path) -> str:
    """Run the example of an engine on a file, and return its row of the table."""
    (folder / "requests.parquet").symlink_to(file.absolute())
    (folder / "fixtures").symlink_to(ROOT / "fixtures")
    script = folder / f"with_{name}.py"
    script.write_text(find_engine_example(name), encoding="utf-8")
    start, most = monotonic(), 0
    with (folder / "output").open("w+") as output, subprocess.Popen([sys.executable, script], cwd=folder, stdout=output) as run:
        while run.poll() is None:
            most = max(most, measure_memory(psutil.Process(run.pid)))
            sleep(STEP)
    seconds = monotonic() - start
    count = pq.read_metadata(file).num_rows
    counts = (folder / "output").read_text(encoding="utf-8").splitlines()[-1:]
    return f"| {name} | {' '.join(counts)} | {seconds:,.0f} | {count / seconds:,.0f} | {most / 1e6:,.0f} |"


def main(file: Path, names: list[str]) -> None:
    """Print a table."""
    print("| engine | accepted, refused | seconds | requests/s | memory, MB |\n| --- | --- | --- | --- | --- |")
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            print(run_example(name, file, Path(folder)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(ENGINES))
